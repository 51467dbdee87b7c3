use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::bench::BenchWhat;
use super::check::CheckArgs;
use super::enroll::EnrollArgs;
use super::evaluate::EvalWhat;
use super::identity::IdentityCommand;
use super::index::IndexAction;
use super::models::ModelsAction;
use super::photos::{PhotoArgs, TryPhotoArgs};
use super::regions::RegionsAction;
use super::screenshot::ScreenshotArgs;
use super::search::SearchArgs;
use super::shared::parse_language;
use super::synth::SynthArgs;
use super::train::TrainArgs;
use super::tune::TuneArgs;
use crate::jobs::TRY_PHOTO;
use crate::types::Language;
use crate::vision::decode::DECODE_APART;

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
    #[arg(long, value_name = "TAG", global = true, value_parser = parse_language)]
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
            Self::Models { action } => action.only_reads(),
            Self::Regions { action } => action.only_reads(),
            Self::Index { action } => action.only_reads(),
            Self::Enroll(_)
            | Self::Tune(_)
            | Self::Bench { .. }
            | Self::Eval { .. }
            | Self::Synth(_)
            | Self::Train(_)
            | Self::Screenshot(_)
            | Self::TryPhoto(_)
            | Self::DecodeApart => false,
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
    /// Take over the face regions that other programs wrote, and tell them names
    Regions {
        #[command(subcommand)]
        action: RegionsAction,
    },
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
    Train(Box<TrainArgs>),
    /// Draw a screen with the current data into a PNG; needs no display
    Screenshot(ScreenshotArgs),
    /// Decode one photo and look for faces on it, to see whether the process outlives that
    #[command(hide = true, name = TRY_PHOTO)]
    TryPhoto(TryPhotoArgs),
    /// Decode photos that come on standard input, for another process of the program
    #[command(hide = true, name = DECODE_APART)]
    DecodeApart,
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
