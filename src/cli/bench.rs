//! `bench`: recall and latency of specs on made-up vectors.

use std::path::PathBuf;

use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::shared::parse_share;
use super::synth::{SynthLike, spec_like};
use super::tune::{GridArgs, point_text, request_from_grid};
use crate::jobs::tuning::{BenchRequest, bench_search};
use crate::jobs::{JobError, Progress};
use crate::say;
use crate::types::{OperatingPoint, ProbeSet};

#[derive(Debug, Subcommand)]
pub enum BenchWhat {
    /// Recall and latency of specs on made-up vectors
    Search(BenchSearchArgs),
}

#[derive(Debug, clap::Args)]
pub struct BenchSearchArgs {
    /// Enrolled faces
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub n: u64,
    /// Length of the vectors
    #[arg(long, default_value_t = 512)]
    pub d: usize,
    /// Another seed makes other vectors
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub grid: GridArgs,
    /// Whose embeddings the vectors are spread like
    #[arg(long, value_name = "NETWORK", value_enum, default_value_t = SynthLike::Edgeface)]
    pub like: SynthLike,
    /// Measure every point once more with so many probes handed over together, on one thread and on all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=4096))]
    pub also_batch: Option<u32>,
    /// Probes of enrolled people
    #[arg(long, default_value_t = 1000)]
    pub mated: usize,
    /// Probes of people who are not enrolled
    #[arg(long, default_value_t = 500)]
    pub nonmated: usize,
    /// Share of the faces without a subject
    #[arg(long, default_value_t = 0.0, value_parser = parse_share)]
    pub unlabelled: f64,
    /// Folder in which vectors and built indexes are kept for the next run
    #[arg(long, value_name = "DIR")]
    pub work_dir: PathBuf,
}

/// A point measured on made-up vectors.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct BenchPointLine<'a> {
    #[serde(flatten)]
    point: &'a OperatingPoint,
    /// The same search as a bare call into Faiss, the median, where there is one.
    bare_p50_millis: Option<f32>,
}

/// Recall and latency on made-up vectors.
pub(super) fn run(context: &Context<'_>, what: &BenchWhat) -> Result<(), JobError> {
    let BenchWhat::Search(args) = what;
    let tell = |progress: Progress| context.output.progress(&progress);
    let unused = ProbeSet::PastSearches;
    let request = BenchRequest {
        synth: spec_like(args.like, args.n, args.d, args.seed),
        sweep: request_from_grid(&args.grid, unused, args.d, args.n as usize)?,
        mated: args.mated,
        nonmated: args.nonmated,
        unlabelled: args.unlabelled,
        also_batch: args.also_batch.map(|batch| batch as usize),
        work_dir: args.work_dir.clone(),
    };
    let summary = bench_search(&request, &context.control, &tell, &mut |point, bare| {
        context.output.end_live();
        let line = BenchPointLine { point, bare_p50_millis: bare };
        context.output.result(&line, || {
            let point = point_text(point);
            match bare {
                Some(bare) => say!("cli-measure-faiss", point = point, millis = format!("{bare:.3}")),
                None => point,
            }
        });
    })?;
    context.output.end_live();
    context.output.result(&summary, || {
        say!(
            "cli-measure-made-up",
            vectors = say!("cli-made-up-vectors", n = summary.n),
            d = summary.d,
            rank = summary.rank,
            seed = summary.seed.to_string(),
            mated = say!("cli-mated-probes", n = summary.mated),
            nonmated = say!("cli-nonmated-probes", n = summary.nonmated),
            machine = summary.machine.as_str()
        )
    });
    Ok(())
}
