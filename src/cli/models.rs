mod change;

use schemars::JsonSchema;
use serde::Serialize;

pub(super) use change::{RemovedLine, SpeedLine};

use super::Context;
use super::args::{ImportArgs, ModelsAction};
use super::line::{Line, WeightsPath};
use crate::jobs::{Engine, JobError, Mode};
use crate::vision::manifest::{Architecture, ChannelOrder, ImportRequest, ModelEntry, ModelRegistry, Precision};

pub(super) fn run(context: &Context<'_>, action: &ModelsAction) -> Result<(), JobError> {
    match action {
        ModelsAction::List => {
            let engine = context.open(Mode::Read)?;
            let active = engine.manifest().name;
            for entry in engine.models() {
                let line = ModelLine::new(&entry, &active);
                context.output.result(Line::Model(&line), || entry_text(&line));
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
        let result = ModelRegistry::verify(&entry);
        let line = VerifiedLine {
            name: entry.manifest.name.clone(),
            ok: result.is_ok(),
            problem: result.as_ref().err().map(ToString::to_string),
        };
        context.output.result(Line::ModelVerified(&line), || {
            format!("{}: {}", line.name, line.problem.as_deref().unwrap_or("in order"))
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
    context.output.result(Line::Model(&line), || entry_text(&line));
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
            problem: entry.problem.clone(),
        }
    }
}

fn entry_text(model: &ModelLine) -> String {
    let mut text = format!(
        "{} {:<24} {:>4}-d  threshold {:.3}  {}\n    licence: {}",
        if model.active { '*' } else { ' ' },
        model.name,
        model.d,
        model.threshold,
        model.title,
        model.licence,
    );
    if let Some(problem) = &model.problem {
        text.push_str(&format!("\n    cannot be used: {problem}"));
    }
    text
}
