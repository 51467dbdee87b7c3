use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::identity::IdentityCommand;
use crate::jobs::TRY_PHOTO;
use crate::types::{Effort, Language};
use crate::vision::decode::DECODE_APART;
use crate::vision::manifest::Precision;

mod index;
mod models;
pub mod train;

pub use index::{BenchSearchArgs, BenchWhat, GridArgs, IndexAction, ParamArgs, TuneArgs};
pub use models::{ImportArgs, ModelsAction, RemoveArgs};

/// Find faces in photo archives, and find a face again. Everything stays on this machine.
///
/// Without a command the window opens.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  likeness                                           open the window
  likeness enroll ~/Photos                           enroll a folder, with all folders in it
  likeness enroll staff --subjects-from-folders      staff/Ada/1.jpg becomes a photo of the subject Ada
  likeness search unknown.jpg --k 5                  the five most similar faces
  likeness --data-dir /tmp/trial --json status       another gallery, answers as JSON
  likeness --schema                                  what the answers look like

Exit status: 0 when the run went through, photos with issues among it; 1 when it could not, or what it did could not be
told because standard output takes no more; 2 for a wrong command line; 130 when it was stopped with Ctrl-C."
)]
pub struct Args {
    /// Folder of the gallery, its index and settings [default: the user data folder; env: LIKENESS_DATA_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Print one JSON object a line, for scripts; each has its "type", errors among them
    #[arg(long, global = true)]
    pub json: bool,

    /// Language of what is said, en or zh-CN [default: the system's, in the window that of its settings]
    #[arg(long, value_name = "TAG", global = true)]
    pub lang: Option<Language>,

    /// Use this model instead of the one in the settings (see `likeness models list`)
    #[arg(long, value_name = "NAME", global = true)]
    pub model: Option<String>,

    /// Print the JSON Schema of the lines that --json prints, and nothing else
    #[arg(long, exclusive = true)]
    pub schema: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Command {
    /// Only tells something: nothing is changed and nothing written, and it does not matter who reads how much of it.
    pub fn only_reads(&self) -> bool {
        match self {
            Self::Detect(_) | Self::Embed(_) | Self::Search(_) | Self::Status => true,
            Self::Check(check) => !check.repair,
            Self::Identity(identity) => identity.only_reads(),
            Self::Models { action } => matches!(action, ModelsAction::List | ModelsAction::Verify { .. }),
            Self::Index { action } => matches!(action, IndexAction::List { .. } | IndexAction::Presets),
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Enroll every photo in files and folders; photos enrolled before and unchanged are skipped
    ///
    /// Without FILE or DIR it takes up enrollments that were cut short. Photos that cannot be enrolled are listed
    /// with the reason and kept as issues. The last JSON object is the summary.
    Enroll(EnrollArgs),
    /// Show the faces on photos, without enrolling them
    Detect(PhotoArgs),
    /// Print the embedding of every face on photos, without enrolling them
    Embed(PhotoArgs),
    /// Search the gallery for the faces on photos
    ///
    /// What the filter flags ask for must all be met; the candidates are then the best among the faces that pass. The
    /// latest 2,000 searches are kept in the gallery, as probes to tune the index by.
    Search(SearchArgs),
    /// Show what the gallery holds
    Status,
    /// Look gallery, index and files through and list what is off; writes nothing without --repair
    ///
    /// Exit status 1 where anything is off, with --repair where anything is left.
    Check(CheckArgs),
    #[command(flatten)]
    Identity(IdentityCommand),
    /// List, check, import, choose, measure and remove models
    Models {
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Show, build and change the search index
    Index {
        #[command(subcommand)]
        action: IndexAction,
    },
    /// Measure recall and latency of indexes on this gallery, one point a line
    ///
    /// Every spec is built beside the index in use, measured with every combination of the parameters, and deleted
    /// again. Runs are saved and can be opened in the window.
    Tune(TuneArgs),
    /// Measure speed
    Bench {
        #[command(subcommand)]
        what: BenchWhat,
    },
    /// Measure accuracy
    Eval {
        #[command(subcommand)]
        what: EvalWhat,
    },
    /// Make vectors that are spread as faces are, for measuring indexes at any size
    ///
    /// Beside FILE.npy it writes FILE.persons.npy, the person of each vector, and, where probes are asked for,
    /// FILE.mated.npy with FILE.mated.persons.npy and FILE.nonmated.npy. The same flags give the same vectors.
    Synth(SynthArgs),
    /// Train a network on photos, or distil one from another
    ///
    /// The same photos are decoded and searched for faces once; runs can be stopped with Ctrl-C and go on with --resume.
    Train(Box<train::TrainArgs>),
    /// Draw a screen with the current data into a PNG; needs no display
    Screenshot(ScreenshotArgs),
    /// Decode one photo and look for faces on it, to see whether the process outlives that
    #[command(hide = true, name = TRY_PHOTO)]
    TryPhoto(TryPhotoArgs),
    /// Decode photos that come on standard input, for another process of the program
    #[command(hide = true, name = DECODE_APART)]
    DecodeApart,
}

#[derive(Debug, clap::Args)]
pub struct EnrollArgs {
    /// Photos, and folders that are looked through with all folders in them
    #[arg(value_name = "FILE|DIR")]
    pub sources: Vec<PathBuf>,
    /// Name the main face of each photo after the photo's folder
    #[arg(long)]
    pub subjects_from_folders: bool,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Read every photo's file through and compare it with what was enrolled; else it is only looked for
    #[arg(long)]
    pub files: bool,
    /// Put right what can be worked out from the rest: counts, the index, pictures and vectors of no face
    #[arg(long)]
    pub repair: bool,
}

#[derive(Debug, clap::Args)]
pub struct PhotoArgs {
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Several photos are searched together, which is quicker than one after the other
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    /// Candidates for each face, at most
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub k: u32,
    /// Leave out candidates that score below this (inclusive, −1…1); without it the k best are shown, and those
    /// below the model's own threshold are marked
    #[arg(long, allow_negative_numbers = true, value_parser = parse_score)]
    pub threshold: Option<f32>,
    /// All faces at or above the threshold instead of the k best, at most 10,000 for each face searched; without
    /// --threshold the model's own holds
    #[arg(long, conflicts_with = "k")]
    pub range: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

/// Which faces may be candidates.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Filter")]
pub struct FilterArgs {
    /// Only faces of this person; may be given several times
    #[arg(long, value_name = "NAME")]
    pub subject: Vec<String>,
    /// Only faces that have a name
    #[arg(long)]
    pub named: bool,
    /// Only faces that have no name; with --subject those as well
    #[arg(long)]
    pub unnamed: bool,
    /// Only photos taken on this day or later, as in 2019-07-03; photos that do not tell their day are left out
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Only photos taken on this day or earlier
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Only photos in this folder or below it
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Detector parameters; those not given are the ones of the settings.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Detector")]
pub struct DetectorArgs {
    /// Smallest face looked for, pixels of the photo
    #[arg(long, value_name = "PIXELS")]
    pub min_face_size: Option<f32>,
    /// Step between pyramid levels
    #[arg(long, value_name = "FACTOR")]
    pub scale_factor: Option<f32>,
    /// Confidence asked for by P-, R- and O-Net
    #[arg(long, value_name = "P,R,O", value_parser = parse_three)]
    pub thresholds: Option<[f32; 3]>,
    /// Scale larger photos down to this many pixels on their longer side; 0 for never
    #[arg(long, value_name = "PIXELS")]
    pub max_image_side: Option<u32>,
    /// fast: large photos are scaled down to --max-image-side, where small faces are missed; thorough: only as far as
    /// leaves the smallest faces looked for 24 pixels
    #[arg(long, value_name = "EFFORT", value_parser = parse_effort)]
    pub effort: Option<Effort>,
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScreenName {
    Enroll,
    /// The newest face with its photo
    Detail,
    Search,
    /// A search with the first candidate side by side
    Compare,
    Tune,
    Models,
    Settings,
}

#[derive(Debug, clap::Args)]
pub struct TryPhotoArgs {
    /// Detector parameters, as JSON
    #[arg(long)]
    pub detector: String,
    pub photo: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct ScreenshotArgs {
    pub screen: ScreenName,
    /// Where the picture is written
    #[arg(long, value_name = "PNG")]
    pub out: PathBuf,
    /// Photo to search on the screens `search` and `compare`
    #[arg(long, value_name = "PHOTO")]
    pub probe: Option<PathBuf>,
    #[arg(long)]
    pub dark: bool,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = parse_size)]
    pub size: [u32; 2],
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share lies between 0 and 1".to_owned()),
    }
}

fn parse_score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (-1.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score lies between -1 and 1".to_owned()),
    }
}

fn parse_precision(text: &str) -> Result<Precision, String> {
    [Precision::Fp32, Precision::Bf16].into_iter().find(|p| p.name() == text).ok_or_else(|| "fp32 or bf16".to_owned())
}

fn parse_three(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse::<f32>()).collect();
    let three = numbers.ok().and_then(|numbers| <[f32; 3]>::try_from(numbers).ok());
    three.ok_or_else(|| "write three numbers with commas between them".to_owned())
}

fn parse_effort(text: &str) -> Result<Effort, String> {
    Effort::from_name(text).ok_or_else(|| "write fast or thorough".to_owned())
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    match parsed {
        Some(size) if size.iter().all(|side| (320..=8192).contains(side)) => Ok(size),
        _ => Err("write it as WIDTHxHEIGHT, each 320 to 8192".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn flags_stand_before_and_after_the_command() {
        for line in
            ["likeness --data-dir d --json search p.jpg --k 3", "likeness search p.jpg --k 3 --json --data-dir d"]
        {
            let args = Args::try_parse_from(line.split(' ')).unwrap();
            assert!(args.json);
            assert_eq!(args.data_dir, Some("d".into()));
            let Some(Command::Search(search)) = args.command else { panic!("not a search") };
            assert_eq!(search.k, 3);
        }
        assert!(Args::try_parse_from(["likeness", "search", "p.jpg", "--range", "--k", "5"]).is_err());
        assert!(Args::try_parse_from(["likeness", "search", "--range"]).is_err(), "a search needs a photo");
        assert!(Args::try_parse_from(["likeness", "search", "p.jpg", "--threshold", "1.5"]).is_err());
        assert!(Args::try_parse_from(["likeness", "search", "p.jpg", "--threshold", "-0.5"]).is_ok());
        assert!(Args::try_parse_from(["likeness", "detect", "p.jpg", "--thresholds", "0.6,0.7"]).is_err());
        assert!(Args::try_parse_from(["likeness", "detect", "p.jpg", "--thresholds", "0.6,0.7,0.7"]).is_ok());
    }
}
