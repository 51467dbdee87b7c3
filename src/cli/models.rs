mod change;

use serde_json::{Value, json};

use super::args::{ImportArgs, ModelsAction};
use super::{Context, lossy};
use crate::jobs::{Engine, JobError, Mode};
use crate::vision::manifest::{ChannelOrder, ImportRequest, ModelEntry, ModelRegistry};

pub(super) fn run(context: &Context<'_>, action: &ModelsAction) -> Result<(), JobError> {
    match action {
        ModelsAction::List => {
            let engine = context.open(Mode::Read)?;
            let active = engine.manifest().name;
            for entry in engine.models() {
                context.output.result(&entry_json(&entry, &active), entry_text);
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
    let mut first_failure = None;
    for entry in entries {
        let result = ModelRegistry::verify(&entry);
        let problem = result.as_ref().err().map(ToString::to_string);
        let object = json!({ "name": entry.manifest.name, "ok": result.is_ok(), "problem": problem });
        context.output.result(&object, |_| match &problem {
            None => format!("{}: in order", entry.manifest.name),
            Some(problem) => format!("{}: {problem}", entry.manifest.name),
        });
        first_failure = first_failure.or(result.err());
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
    context.output.result(&entry_json(&entry, &engine.manifest().name), entry_text);
    Ok(())
}

fn entry_json(entry: &ModelEntry, active: &str) -> Value {
    let manifest = &entry.manifest;
    json!({
        "name": manifest.name, "title": manifest.title, "architecture": manifest.architecture,
        "precision": manifest.precision, "d": manifest.d, "input": manifest.input.template.size,
        "threshold": manifest.threshold, "licence": manifest.licence, "source": manifest.source, "notes": manifest.notes,
        "weights": lossy(&entry.weights_path), "active": manifest.name == active, "problem": entry.problem,
    })
}

fn entry_text(object: &Value) -> String {
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    let mut line = format!(
        "{} {:<24} {:>4}-d  threshold {:.3}  {}\n    licence: {}",
        if object["active"] == true { '*' } else { ' ' },
        text("name"),
        object["d"],
        object["threshold"].as_f64().unwrap_or_default(),
        text("title"),
        text("licence"),
    );
    if let Some(problem) = object["problem"].as_str() {
        line.push_str(&format!("\n    cannot be used: {problem}"));
    }
    line
}
