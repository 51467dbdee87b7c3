use std::path::PathBuf;

use clap::Subcommand;

use super::{SynthLike, parse_share};

#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// Show the index in use and the generations that are kept
    List {
        /// Read all files through and compare their checksums
        #[arg(long)]
        verify: bool,
    },
    /// List named specs with what each is and is not useful for
    Presets,
    /// Recommend a spec for this gallery
    Advise {
        /// Memory the index may take, gigabytes
        #[arg(long, value_name = "GB", default_value_t = 4.0)]
        max_ram: f64,
        /// Time a search may take, milliseconds
        #[arg(long, value_name = "MS", default_value_t = 10.0)]
        max_millis: f32,
    },
    /// Build an index to a spec and use it from then on; the one in use serves meanwhile
    Build {
        /// A preset's name or a spec: Flat, IVF1024,Flat, PCA192,HNSW32,SQfp16,Refine(f16) …
        #[arg(value_name = "SPEC")]
        spec: String,
        #[command(flatten)]
        params: ParamArgs,
    },
    /// Use an earlier generation again
    Rollback {
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
    /// Set the parameters of searches with the index in use
    Set {
        #[command(flatten)]
        params: ParamArgs,
    },
    /// Take later faces into the trained index, or train it anew where much has changed
    Upkeep,
}

/// Parameters of searches; those not given stay as they are.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Search parameters")]
pub struct ParamArgs {
    /// Lists looked into
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub nprobe: Option<u32>,
    /// Breadth of the walk through a graph
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub ef_search: Option<u32>,
    /// Times k candidates are scored exactly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub refine_factor: Option<u32>,
    /// Candidates that the LSH prefilter lets through
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub lsh_candidates: Option<u32>,
    /// Hamming distance up to which the prefilter lets candidates through, instead of their number
    #[arg(long, value_name = "BITS")]
    pub lsh_radius: Option<u32>,
    /// Subjects whose faces are scored exactly, for specs with templates
    #[arg(long, value_name = "N")]
    pub templates: Option<u32>,
}

/// Specs and lists of parameters; parameters that a spec does not have are passed over.
#[derive(Clone, Debug, clap::Args)]
pub struct GridArgs {
    /// Presets or specs, with spaces between
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    pub specs: Vec<String>,
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub nprobe: Vec<u32>,
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub ef_search: Vec<u32>,
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub refine_factor: Vec<u32>,
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub lsh_candidates: Vec<u32>,
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub templates: Vec<u32>,
    /// Neighbours that are looked for
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub k: u32,
    /// Probes handed over together
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub batch: u32,
    /// Threads for one batch
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub threads: u32,
}

#[derive(Debug, clap::Args)]
pub struct TuneArgs {
    #[command(flatten)]
    pub grid: GridArgs,
    /// Where probes come from: `gallery`, `held-out`, `past`, or a .npy or .fvecs file
    #[arg(long, value_name = "SET", default_value = "gallery")]
    pub probes: String,
    /// Probes taken from the gallery
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub nq: u32,
    /// Length of the random vector by which probes of the gallery are moved
    #[arg(long, default_value_t = 0.3)]
    pub noise: f32,
    /// Instead of a grid: look for the quickest point with this recall (see the two options below)
    #[arg(long, value_name = "RECALL", value_parser = parse_share)]
    pub goal_recall: Option<f64>,
    /// With --goal-recall: milliseconds that a search may take
    #[arg(long, value_name = "MS", default_value_t = 5.0)]
    pub goal_millis: f32,
    /// With --goal-recall: gigabytes that the index may take
    #[arg(long, value_name = "GB", default_value_t = 4.0)]
    pub goal_ram: f64,
    /// Build and use the point that was found
    #[arg(long, requires = "goal_recall")]
    pub apply: bool,
    /// Write the points as a table (.csv), a picture (.svg, .png) or the whole run (.json)
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
}

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
