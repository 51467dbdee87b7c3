use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

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

Exit status: 0 when the run went through, photos with issues among it; 1 when it could not; 2 for a wrong
command line; 130 when it was stopped with Ctrl-C."
)]
pub struct Args {
    /// Folder of the gallery, its index and settings [default: the user data folder; env: LIKENESS_DATA_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Print one JSON object a line, for scripts
    #[arg(long, global = true)]
    pub json: bool,

    /// Use this model instead of the one in the settings (see `likeness models list`)
    #[arg(long, value_name = "NAME", global = true)]
    pub model: Option<String>,

    #[command(subcommand)]
    pub command: Option<Command>,
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
    /// Search the gallery for the faces on a photo
    Search(SearchArgs),
    /// Show what the gallery holds
    Status,
    /// List, check and import models
    Models {
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Measure accuracy
    Eval {
        #[command(subcommand)]
        what: EvalWhat,
    },
    /// Draw a screen with the current data into a PNG; needs no display
    Screenshot(ScreenshotArgs),
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
pub struct PhotoArgs {
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    #[arg(value_name = "PHOTO")]
    pub photo: PathBuf,
    /// Candidates for each face, at most
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub k: u32,
    /// Leave out candidates that score below this (inclusive, −1…1); without it the k best are shown, and those
    /// below the model's own threshold are marked
    #[arg(long, allow_negative_numbers = true, value_parser = parse_score)]
    pub threshold: Option<f32>,
    #[command(flatten)]
    pub detector: DetectorArgs,
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
}

#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// List the models with their licence and threshold
    List,
    /// Check the weights of a model, or of all: digest, loading, a trial run
    Verify {
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Add a model from a weights file: TorchScript (.pt), IR-ResNet-50 (.safetensors), dlib ResNet (.dat)
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Name to use it by [default: the file's name]
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Licence of the weights, as their owner states it
    #[arg(long)]
    pub licence: Option<String>,
    /// Cosine similarity from which two faces are taken for one person [default: 0.25; measure it with `eval lfw`]
    #[arg(long, allow_negative_numbers = true, value_parser = parse_score)]
    pub threshold: Option<f32>,
    /// The network expects BGR instead of RGB
    #[arg(long)]
    pub bgr: bool,
    /// Mean taken from each channel, 0…255 [default: 127.5 each]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub mean: Option<[f32; 3]>,
    /// What each channel is then divided by [default: 127.5 each]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub std: Option<[f32; 3]>,
}

#[derive(Debug, Subcommand)]
pub enum EvalWhat {
    /// The LFW verification protocol: accuracy over the folds of a pairs file
    Lfw {
        /// Folder with one folder of photos for each person
        #[arg(long, value_name = "DIR")]
        images: PathBuf,
        /// The pairs file, with however many folds it has
        #[arg(long, value_name = "FILE")]
        pairs: PathBuf,
        #[command(flatten)]
        detector: DetectorArgs,
    },
    /// Search every labelled face of the gallery with its own photo left out
    LeaveOneOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScreenName {
    Enroll,
    /// The newest face with its photo
    Detail,
    Search,
    /// A search with the first candidate side by side
    Compare,
    Settings,
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

fn parse_score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (-1.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score lies between -1 and 1".to_owned()),
    }
}

fn parse_three(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse::<f32>()).collect();
    let three = numbers.ok().and_then(|numbers| <[f32; 3]>::try_from(numbers).ok());
    three.ok_or_else(|| "write three numbers with commas between them".to_owned())
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
        assert!(Args::try_parse_from(["likeness", "search", "p.jpg", "--threshold", "1.5"]).is_err());
        assert!(Args::try_parse_from(["likeness", "search", "p.jpg", "--threshold", "-0.5"]).is_ok());
        assert!(Args::try_parse_from(["likeness", "detect", "p.jpg", "--thresholds", "0.6,0.7"]).is_err());
        assert!(Args::try_parse_from(["likeness", "detect", "p.jpg", "--thresholds", "0.6,0.7,0.7"]).is_ok());
    }
}
