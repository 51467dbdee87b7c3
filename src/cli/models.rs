mod change;

use super::shared::{parse_score, parse_three};
use crate::words::english;
use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

pub(super) use change::{RemovedLine, SpeedLine};

use super::Context;
use super::line::WeightsPath;
use crate::jobs::{Engine, JobError, Mode};
use crate::say;
use crate::vision::manifest::{Architecture, ChannelOrder, ImportRequest, ModelEntry, Precision};
use change::RemoveArgs;

#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// List the models with their licence and threshold
    List,
    /// Check the weights of a model, or of all: digest, loading, a trial run
    Verify {
        /// Name of the model; without it all
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Add a model from a weights file: ONNX (.onnx), TorchScript (.pt), dlib (.dat), or the tensors
    /// (.safetensors, .pth) of an IR-ResNet-50, a ResNet-50, a MobileFaceNet or dlib's network, with a feature pyramid or without
    ///
    /// It is tried before it is taken over: finite vectors, the same for a picture alone and among others, and two
    /// views of one drawn face nearer to each other than to another. Weights in files beside an ONNX file come along.
    Import(ImportArgs),
    /// Make a model the one in use, now and in the window
    ///
    /// First every face that it has not seen is embedded by it, from the photos; the model in use stays until all is
    /// done, and so does what it made. Cut short, the same command goes on where it stopped. Where a photo is gone, the
    /// face's stored picture is used and the photo listed.
    Use {
        /// Name of the model, as `models list` shows it
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Delete an imported model, with its embeddings and its index
    Remove(RemoveArgs),
    /// Measure how many faces a model, or each, embeds in a second on this machine; about ten seconds each
    Speed {
        /// Name of the model; without it all
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The weights file
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
    /// Numbers to keep the weights in and to compute with: fp32, or bf16 for half the memory; not for ONNX and
    /// TorchScript [default: fp32]
    #[arg(long, value_parser = parse_precision)]
    pub precision: Option<Precision>,
    /// The network expects BGR instead of RGB
    #[arg(long)]
    pub bgr: bool,
    /// Run the program that a TorchScript file is: with your rights, and only to be said of files from where you trust
    #[arg(long)]
    pub run_code: bool,
    /// Mean taken from each channel, 0…255 [default: 127.5 each; ONNX: by its first layers]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub mean: Option<[f32; 3]>,
    /// What each channel is then divided by [default: 127.5 each; ONNX: by its first layers]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub std: Option<[f32; 3]>,
}

fn parse_precision(text: &str) -> Result<Precision, String> {
    [Precision::Fp32, Precision::Bf16].into_iter().find(|p| p.name() == text).ok_or_else(|| say!("cli-fp32-or-bf16"))
}

impl ModelsAction {
    /// Only lists or checks something, and changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::List | Self::Verify { .. } => true,
            Self::Import(_) | Self::Use { .. } | Self::Remove(_) | Self::Speed { .. } => false,
        }
    }
}

pub(super) fn run(context: &Context<'_>, action: &ModelsAction) -> Result<(), JobError> {
    match action {
        ModelsAction::List => {
            let engine = context.open(Mode::Read)?;
            let active = engine.manifest().name;
            for entry in engine.models() {
                let line = ModelLine::new(&entry, &active);
                context.output.result(&line, || entry_text(&line));
            }
            Ok(())
        }
        ModelsAction::Verify { name } => verify(context, &context.open(Mode::Read)?, name.as_deref()),
        ModelsAction::Import(import) => run_import(context, import),
        ModelsAction::Use { name } => change::use_model(context, name),
        ModelsAction::Remove(args) => change::remove(context, args),
        ModelsAction::Speed { name } => change::speed(context, name.as_deref()),
    }
}

/// Checks every model asked for; the first failure ends the run with an error once all are reported.
fn verify(context: &Context<'_>, engine: &Engine, name: Option<&str>) -> Result<(), JobError> {
    let entries = match name {
        Some(name) => vec![engine.with_models(|models| models.find(name).cloned())?],
        None => engine.models(),
    };
    let in_use = engine.manifest().name;
    let mut first_failure = None;
    for entry in entries {
        // Weights that nobody asked for are told to be missing and are no failure.
        let may_be_missing =
            name.is_none() && entry.is_extra && entry.problem.is_some() && entry.manifest.name != in_use;
        let result = entry.verify();
        let line = VerifiedLine {
            name: entry.manifest.name.clone(),
            ok: result.is_ok(),
            problem: result.as_ref().err().map(ToString::to_string),
        };
        context.output.result(&line, || {
            let told = line.problem.clone().unwrap_or_else(|| say!("cli-in-order"));
            format!("{}: {told}", line.name)
        });
        first_failure = first_failure.or(result.err().filter(|_| !may_be_missing));
    }
    first_failure.map_or(Ok(()), |error| Err(error.into()))
}

fn run_import(context: &Context<'_>, args: &ImportArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let known = ImportRequest::from_file(&args.file);
    let request = ImportRequest {
        name: args.name.clone().unwrap_or(known.name),
        licence: args.licence.clone().or(known.licence),
        threshold: args.threshold.or(known.threshold),
        channel_order: args.bgr.then_some(ChannelOrder::Bgr).or(known.channel_order),
        mean: args.mean.or(known.mean),
        std: args.std.or(known.std),
        precision: args.precision.or(known.precision),
        may_run_code: args.run_code,
        ..known
    };
    let entry = engine.with_models(|models| models.import(&args.file, &request).cloned())?;
    let line = ModelLine::new(&entry, &engine.manifest().name);
    context.output.result(&line, || entry_text(&line));
    Ok(())
}

/// A model that is known.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct ModelLine {
    name: String,
    title: String,
    architecture: Architecture,
    precision: Precision,
    /// Length of an embedding.
    d: usize,
    /// Width and height of its input, pixels.
    input: [u32; 2],
    /// From which on two faces count as one person's.
    threshold: f32,
    licence: String,
    source: String,
    notes: Option<String>,
    #[serde(flatten)]
    weights: WeightsPath,
    /// It is in use.
    active: bool,
    /// Why it cannot be used, where it cannot.
    problem: Option<String>,
}

/// Whether a model's weights are sound.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct VerifiedLine {
    name: String,
    ok: bool,
    problem: Option<String>,
}

impl ModelLine {
    fn new(entry: &ModelEntry, active: &str) -> Self {
        let manifest = entry.manifest.clone();
        Self {
            active: manifest.name == active,
            name: manifest.name,
            title: manifest.title,
            architecture: manifest.architecture,
            precision: manifest.precision,
            d: manifest.d,
            input: manifest.input.template.size,
            threshold: manifest.threshold,
            licence: manifest.licence,
            source: manifest.source,
            notes: manifest.notes,
            weights: entry.weights_path.as_path().into(),
            problem: entry.problem.as_ref().map(english),
        }
    }
}

fn entry_text(model: &ModelLine) -> String {
    let mut text = format!(
        "{} {:<24} {:>4}-d  {}  {}\n    {}",
        if model.active { '*' } else { ' ' },
        model.name,
        model.d,
        say!("cli-model-threshold", threshold = format!("{:.3}", model.threshold)),
        model.title,
        say!("cli-model-licence", licence = model.licence.as_str()),
    );
    if let Some(problem) = &model.problem {
        text.push_str(&format!("\n    {}", say!("cli-model-unusable", problem = problem.as_str())));
    }
    text
}
