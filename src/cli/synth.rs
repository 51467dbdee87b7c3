use clap::ValueEnum;
use std::path::PathBuf;
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::line::FilePath;
use super::output::duration;
use crate::jobs::{JobError, SynthRequest, SynthSummary, write_synth};
use crate::say;
use crate::vectors::synth::SynthSpec;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SynthLike {
    /// EdgeFace-XS: 192 dimensions matter
    Edgeface,
    /// Residual MobileFaceNet: all dimensions matter, the last ones little
    Mbf,
}

#[derive(Debug, clap::Args)]
pub struct SynthArgs {
    /// Vectors, 10 to 30 for each person
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub n: u64,
    /// Length of a vector
    #[arg(long, value_name = "D", default_value_t = 512)]
    pub d: usize,
    /// Network whose embeddings they resemble
    #[arg(long, value_name = "NETWORK", value_enum, default_value_t = SynthLike::Edgeface)]
    pub like: SynthLike,
    /// Dimensions that the vectors really span [default: 192 for edgeface, D for mbf, never more than D]
    #[arg(long, value_name = "R")]
    pub rank: Option<usize>,
    /// Another seed makes other vectors
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Probes: new photos of the people in the file
    #[arg(long, value_name = "Q", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub mated: u32,
    /// Probes: photos of other people
    #[arg(long, value_name = "Q", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub nonmated: u32,
    /// The vectors' file: .npy (float32, a row for each vector) or .fvecs
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Vectors that were made up.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct SynthLine {
    vectors: u64,
    d: usize,
    rank: usize,
    seed: u64,
    persons: u64,
    /// Probes of enrolled people.
    mated: usize,
    /// Probes of people who are not enrolled.
    nonmated: usize,
    secs: f32,
    vectors_per_sec: f64,
    /// What was written.
    files: Vec<FilePath>,
}

impl From<&SynthSummary> for SynthLine {
    fn from(summary: &SynthSummary) -> Self {
        Self {
            vectors: summary.vectors,
            d: summary.d,
            rank: summary.rank,
            seed: summary.seed,
            persons: summary.persons,
            mated: summary.mated,
            nonmated: summary.nonmated,
            secs: summary.secs,
            vectors_per_sec: summary.vectors_per_sec,
            files: summary.files.iter().map(|file| file.as_path().into()).collect(),
        }
    }
}

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
            context.output.count(&say!("cli-measure-writing"), done as usize, total as usize);
        }
    };
    let summary = write_synth(&request, &context.control, &progress);
    context.output.end_live();
    let line = SynthLine::from(&summary?);
    context.output.result(&line, || summary_text(&line));
    Ok(())
}

/// Vectors spread as the network's embeddings are.
pub(super) fn spec_like(like: SynthLike, n: u64, d: usize, seed: u64) -> SynthSpec {
    match like {
        SynthLike::Edgeface => SynthSpec::edgeface_like(n, d, seed),
        SynthLike::Mbf => SynthSpec::mbf_like(n, d, seed),
    }
}

fn summary_text(summary: &SynthLine) -> String {
    let told = say!(
        "cli-measure-synth",
        vectors = say!("cli-measure-vectors", n = summary.vectors),
        values = say!("cli-measure-value-count", n = summary.d),
        rank = summary.rank,
        seed = summary.seed.to_string(),
        people = say!("cli-people", n = summary.persons),
        time = duration(summary.secs),
        rate = format!("{:.0}", summary.vectors_per_sec)
    );
    let files = summary.files.iter().map(|file| format!("  {}", file.file));
    std::iter::once(told).chain(files).collect::<Vec<_>>().join("\n")
}
