use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::cli::shared::{DetectorArgs, parse_share, parse_three};
use crate::say;
use crate::train::hold_out::HoldOut;
use crate::vision::manifest::Architecture;

#[derive(Debug, clap::Args)]
#[command(
    subcommand_negates_reqs = true,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  likeness train --architecture mobilefacenet --photos people --loss arcface --out runs/first
  likeness train distill --teacher big --student mobilefacenet-fpn --from small --train-part neck \\
      --photos people --masked 0.5 --hold-out pairs.txt:4,5 --out runs/masked
  likeness train --resume runs/masked
  likeness models import runs/masked/model.safetensors

With --hold-out PAIRS.txt:4,5 nobody in folds 4 and 5 is learnt from; the run is measured on fold 4 and keeps the
weights that do best there; fold 5 is left for `likeness eval lfw`. Photos that are near-duplicates of held-out ones (the
same file, or nearly the same embedding) are told and left out, unless --keep-duplicates is given."
)]
pub struct TrainArgs {
    #[command(subcommand)]
    pub distill: Option<TrainWhat>,
    /// Network to train
    #[arg(long, value_name = "NAME", required_unless_present = "resume", value_parser = parse_architecture)]
    pub architecture: Option<Architecture>,
    /// What is made small on labels
    #[arg(long, value_enum, default_value_t = LossArg::Arcface)]
    pub loss: LossArg,
    /// Margin of the loss [default: 0.5 rad for arcface, 0.35 for cosface]
    #[arg(long, value_parser = parse_share)]
    pub margin: Option<f64>,
    /// What cosines are multiplied by in the loss
    #[arg(long, default_value_t = 64.0)]
    pub scale: f64,
    #[command(flatten)]
    pub run: TrainRunArgs,
}

#[derive(Debug, Subcommand)]
pub enum TrainWhat {
    /// Teach a network another one's embeddings; photos need no labels
    ///
    /// With --masked the student sees faces under masks and learns the teacher's embeddings of the bare ones, so that
    /// covered faces are found among bare ones.
    Distill(DistillArgs),
}

#[derive(Debug, clap::Args)]
pub struct DistillArgs {
    /// Model whose embeddings are taught: an installed one, or a file that could be imported
    #[arg(long, value_name = "MODEL", required_unless_present = "resume")]
    pub teacher: Option<String>,
    /// Network that learns
    #[arg(long, value_name = "NAME", required_unless_present = "resume", value_parser = parse_architecture)]
    pub student: Option<Architecture>,
    /// Weight of the difference between the student's and the teacher's cosines within a batch
    #[arg(long, value_name = "WEIGHT", default_value_t = 1.0)]
    pub relational: f64,
    /// Weight of ArcFace on labels beside it
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.0)]
    pub arcface: f64,
    /// Margin of ArcFace, rad
    #[arg(long, default_value_t = 0.5, value_parser = parse_share)]
    pub margin: f64,
    /// What cosines are multiplied by in ArcFace
    #[arg(long, default_value_t = 64.0)]
    pub scale: f64,
    #[command(flatten)]
    pub run: TrainRunArgs,
}

/// What every run is asked.
#[derive(Debug, clap::Args)]
pub struct TrainRunArgs {
    /// Photos, one folder for each person (DIR/person/photo.jpg); any folders where labels do not count
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub photos: Option<PathBuf>,
    /// Folder of the run: checkpoints, log.jsonl, and at last model.safetensors with its manifest.toml
    #[arg(long, value_name = "RUN_DIR", required_unless_present = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with the run in this folder as it was asked for; other flags but --threads and --device do not count
    #[arg(long, value_name = "RUN_DIR")]
    pub resume: Option<PathBuf>,
    /// Weights to begin with: an installed model, or a file; a backbone's weights may begin its FPN
    #[arg(long, value_name = "MODEL|FILE")]
    pub from: Option<String>,
    /// Name of the model that comes out [default: the run's folder's]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Length of the embedding [default: of --from, else of the teacher, else 512]
    #[arg(long)]
    pub d: Option<usize>,
    /// Mean taken from each channel, 0…255, where --from is a file without a manifest [default: 127.5 each]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub mean: Option<[f32; 3]>,
    /// What each channel is then divided by [default: 127.5 each]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub std: Option<[f32; 3]>,
    /// Which part of the network learns
    #[arg(long, value_enum, default_value_t = PartArg::All)]
    pub train_part: PartArg,
    /// Folder of the crops, which runs on the same photos can share [default: crops in the run's folder]
    #[arg(long, value_name = "DIR")]
    pub crops: Option<PathBuf>,
    /// Leave out everyone in these folds of an LFW pairs file, and measure on the first of them after each epoch
    #[arg(long, value_name = "PAIRS.txt:FOLD[,FOLD]", value_parser = parse_hold_out)]
    pub hold_out: Option<HoldOut>,
    /// Learn also from photos that are near-duplicates of held-out ones; they are told in any case
    #[arg(long)]
    pub keep_duplicates: bool,
    /// Cosine above which a photo is a near-duplicate of a held-out one, to the teacher, else to --from, else to the
    /// program's own model [default: three times as far from 1 as the middle photo is from its mirror image]
    #[arg(long, value_name = "C", value_parser = parse_share)]
    pub duplicates_above: Option<f64>,
    /// Leave out people with fewer photos, where labels count
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_photos: usize,
    /// Times that every picture is seen
    #[arg(long, default_value_t = 10)]
    pub epochs: u32,
    /// Pictures of one forward pass
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Forward passes of one step
    #[arg(long, default_value_t = 1)]
    pub accumulate: usize,
    /// At its height
    #[arg(long, default_value_t = 0.001)]
    pub learning_rate: f64,
    /// How weights are changed
    #[arg(long, value_enum, default_value_t = OptimizerArg::Adamw)]
    pub optimizer: OptimizerArg,
    /// Weights shrink by this; biases, norms and slopes do not [default: 0.01 for adamw, 0.0005 for sgd]
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// How the learning rate falls
    #[arg(long, value_enum, default_value_t = ScheduleArg::Cosine)]
    pub schedule: ScheduleArg,
    /// Share of the steps over which the learning rate rises
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = parse_share)]
    pub warm_up: f64,
    /// Numbers that the network computes with; mixed is 16 and 32 bits, on CUDA alone
    #[arg(long, value_enum, default_value_t = PrecisionArg::Fp32)]
    pub precision: PrecisionArg,
    /// The same seed makes the same run, but for rounding
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Colour, blur, JPEG and small sizes; every second picture is mirrored in any case
    #[arg(long, value_enum, default_value_t = AugmentArg::Light)]
    pub augment: AugmentArg,
    /// Share of the pictures that get a mask drawn over nose and mouth
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = parse_share)]
    pub masked: f64,
    /// Folder of transparent pictures of masks: every second mask is one of them, the others are drawn
    #[arg(long, value_name = "DIR")]
    pub mask_pictures: Option<PathBuf>,
    /// Write the model with 16-bit numbers: half the file, each number to three digits
    #[arg(long)]
    pub half: bool,
    /// Threads for one operator [default: one a core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// cpu, cuda or cuda:NUMBER [default: CUDA where there is one]
    #[arg(long)]
    pub device: Option<String>,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LossArg {
    /// Additive angular margin
    Arcface,
    /// Additive cosine margin
    Cosface,
    /// Cross-entropy without a margin
    Softmax,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PartArg {
    All,
    /// What an FPN adds to its backbone
    Neck,
    NeckAndLastStage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OptimizerArg {
    Adamw,
    /// With momentum 0.9 by Nesterov
    Sgd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScheduleArg {
    Constant,
    /// Along half a cosine to a hundredth
    Cosine,
    /// To a tenth after half of the steps, to a hundredth after three quarters
    Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    Fp32,
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AugmentArg {
    None,
    Light,
    Strong,
}

fn parse_hold_out(text: &str) -> Result<HoldOut, String> {
    text.parse().map_err(|_| say!("cli-hold-out"))
}

fn parse_architecture(text: &str) -> Result<Architecture, String> {
    Architecture::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Architecture::ALL.iter().map(|architecture| architecture.name()).collect();
        say!("cli-measure-no-network", names = names.join(", "))
    })
}
