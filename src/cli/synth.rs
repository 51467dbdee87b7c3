use std::time::Instant;

use super::args::{SynthArgs, SynthLike};
use super::output::duration;
use super::{Context, lossy};
use crate::eval::synth::SynthSpec;
use crate::jobs::{JobError, SynthRequest, SynthSummary, write_synth};

pub(super) fn run(context: &Context<'_>, args: &SynthArgs) -> Result<(), JobError> {
    let mut spec = spec_like(args.like, args.n, args.d, args.seed);
    if let Some(rank) = args.rank {
        spec.rank = rank;
    }
    let request =
        SynthRequest { spec, mated: args.mated as usize, nonmated: args.nonmated as usize, out: args.out.clone() };
    let told = std::sync::Mutex::new(Instant::now());
    let progress = |done: u64, total: u64| {
        let Ok(mut told) = told.lock() else { return };
        if told.elapsed().as_millis() >= 200 {
            *told = Instant::now();
            context.output.count("Writing vectors", done as usize, total as usize);
        }
    };
    let summary = write_synth(&request, &context.control, &progress);
    context.output.end_live();
    context.output.result(&summary?, summary_text);
    Ok(())
}

/// Vectors spread as the network's embeddings are.
pub(super) fn spec_like(like: SynthLike, n: u64, d: usize, seed: u64) -> SynthSpec {
    match like {
        SynthLike::Edgeface => SynthSpec::edgeface_like(n, d, seed),
        SynthLike::Mbf => SynthSpec::mbf_like(n, d, seed),
    }
}

fn summary_text(summary: &SynthSummary) -> String {
    let files: Vec<String> = summary.files.iter().map(|file| format!("  {}", lossy(file))).collect();
    format!(
        "{} vectors of {} values (rank {}, seed {}), faces of {} people, in {} ({:.0} a second):\n{}",
        summary.vectors,
        summary.d,
        summary.rank,
        summary.seed,
        summary.persons,
        duration(summary.secs),
        summary.vectors_per_sec,
        files.join("\n"),
    )
}
