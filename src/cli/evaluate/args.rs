use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::cli::shared::DetectorArgs;

#[derive(Debug, Subcommand)]
pub enum EvalWhat {
    /// Search labelled faces with their own photo left out, and as strangers: FNIR and FPIR over the threshold
    Missed {
        /// Values of nprobe, with commas between
        #[arg(long, value_name = "N,…", value_delimiter = ',')]
        nprobe: Vec<u32>,
        /// Values of efSearch, with commas between
        #[arg(long, value_name = "N,…", value_delimiter = ',')]
        ef_search: Vec<u32>,
        /// Searches at most
        #[arg(long, default_value_t = 2000)]
        searches: usize,
        /// Show the threshold at which at most 1 in N known people is missed
        #[arg(long, value_name = "N", default_value_t = 200)]
        miss_one_in: u32,
        /// Candidates of a search, as many as `search` is asked for: a person who comes later counts as missed
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        k: u32,
    },
    /// 1:1 on the pairs of a file in the form of LFW's: accuracy, and the true accept rate at false match rates
    ///
    /// Every network of --models is measured on the bare photos and, with --masks, on the same pairs with the second
    /// face covered from nose to chin. A pair in which a face is not found counts as refused.
    Lfw(LfwArgs),
    /// 1:N on a folder of people: rank 1 and 10, and misses at rates of false alarms
    ///
    /// Photos are searched exactly among the enrolled ones with themselves left out. Those of people with another photo
    /// enrolled are mated searches; people with one photo are enrolled, too, and are the nonmated ones.
    Search(SearchEvalArgs),
    /// Search every labelled face of the gallery with its own photo left out
    LeaveOneOut,
    /// Group the faces on a folder of people without their names, and compare the groups with the people
    ///
    /// Every face on every photo is grouped by the model in use, the main face of each photo is judged. Known methods are
    /// measured on the same faces beside it.
    Groups(GroupsArgs),
}

#[derive(Debug, clap::Args)]
pub struct LfwArgs {
    /// Folder with one folder of photos for each person
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// The pairs file, with however many folds it has
    #[arg(long, value_name = "FILE")]
    pub pairs: PathBuf,
    /// Report these folds only, from 1; without it all, each at the threshold of the others
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub folds: Vec<usize>,
    /// Choose thresholds on these folds [default: all that are not reported]
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub choose: Vec<usize>,
    /// Also compare every photo of the reported people with every other of its fold
    #[arg(long)]
    pub all_pairs: bool,
    #[command(flatten)]
    pub common: EvalArgs,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GalleryArg {
    /// All photos but the probe
    Others,
    /// The first photo of each person
    First,
}

#[derive(Debug, clap::Args)]
pub struct SearchEvalArgs {
    /// Folder with one folder of photos for each person
    #[arg(value_name = "DIR")]
    pub images: PathBuf,
    /// What is enrolled
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = GalleryArg::Others)]
    pub gallery: GalleryArg,
    /// Only the people of this pairs file
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Only the people of these folds of it, from 1
    #[arg(long, value_name = "N,…", value_delimiter = ',', requires = "pairs")]
    pub folds: Vec<usize>,
    /// People with several photos, at most; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub people: usize,
    /// People with one photo, at most; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub distractors: usize,
    /// Probes of each person with several photos, at most, by name; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub probes: usize,
    #[command(flatten)]
    pub common: EvalArgs,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

/// What both measurements take.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Measurement")]
pub struct EvalArgs {
    /// Networks to compare, by name [default: the active one]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub models: Vec<String>,
    /// Measure with covered faces, too: `drawn`, or a folder of transparent pictures of masks
    #[arg(long, value_name = "drawn|DIR")]
    pub masks: Option<PathBuf>,
    /// Another seed deals the masks otherwise
    #[arg(long, value_name = "S", default_value_t = 0, requires = "masks")]
    pub seed: u64,
    /// Also look for the covered faces again, as it happens in the field
    #[arg(long, requires = "masks")]
    pub redetect: bool,
    /// Write everything that was measured, with curves and intervals
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Draw the error curves (.svg, .png)
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Write sixty of the covered crops under their bare ones (.png, .jpg)
    #[arg(long, value_name = "FILE", requires = "masks")]
    pub sheet: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct GroupsArgs {
    /// Folder with one folder of photos for each person
    #[arg(value_name = "DIR")]
    pub images: PathBuf,
    #[command(flatten)]
    pub detector: DetectorArgs,
}
