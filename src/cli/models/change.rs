//! Choosing, measuring and removing models.

use crate::words::told;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Context;
use super::super::output::{duration, note, told_together};
use crate::jobs::models::{forget_embeddings, measure_speed, remove_model};
use crate::jobs::{ChangeSummary, JobContext, JobError, JobEvent, Mode, Progress, change_model};
use crate::say;
use crate::types::{JobId, ModelSpeed, SpeedOfThreads};

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Name of the model, as `models list` shows it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Keep the model and delete only the embeddings by it and their index
    #[arg(long)]
    pub embeddings_only: bool,
}

/// A model that was removed, or whose embeddings were.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct RemovedLine {
    name: String,
    /// The model is gone as well; else only its embeddings.
    removed: bool,
    /// How many were deleted.
    embeddings: u64,
}

/// How fast a model makes embeddings on this machine.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct SpeedLine {
    name: String,
    #[serde(flatten)]
    speed: ModelSpeed,
}

/// Embeds what the model has not seen, with progress, then changes to it.
pub(super) fn use_model(context: &Context<'_>, name: &str) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let output = context.output.clone();
    let sink = Arc::new(move |_: JobId, event: JobEvent| match event {
        JobEvent::Progress(progress) => output.progress(&progress),
        JobEvent::Issue { path, reason } => output.issue(&path, &reason),
        _ => {}
    });
    let job = JobContext::new(JobId(1), context.control.clone(), sink);
    let changed = change_model(&engine, name, &job);
    context.output.end_live();
    for message in engine.take_messages() {
        let (crate::jobs::Message::Info(text) | crate::jobs::Message::Warning(text)) = message;
        note(&told(&text));
    }
    let changed = changed?;
    context.output.result(&changed, || change_text(&changed));
    Ok(())
}

fn change_text(summary: &ChangeSummary) -> String {
    let embedded = match summary.embedded {
        0 => say!("cli-model-all-embedded"),
        n => say!(
            "cli-model-embedded",
            faces = say!("faces", n = n),
            time = duration(summary.secs),
            rate = format!("{:.1}", summary.faces_per_sec)
        ),
    };
    let mut told = vec![say!("cli-model-in-use", model = summary.model.as_str(), how = embedded)];
    if summary.from_stored_pictures > 0 {
        told.push(say!("cli-model-from-stored", n = summary.from_stored_pictures));
    }
    if summary.failed > 0 {
        told.push(say!("cli-model-failed", n = summary.failed));
    }
    told_together(&told)
}

pub(super) fn remove(context: &Context<'_>, args: &RemoveArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let tell = |progress: Progress| context.output.progress(&progress);
    let faces = if args.embeddings_only {
        forget_embeddings(&engine, &args.name, &context.control, &tell)
    } else {
        remove_model(&engine, &args.name, &context.control, &tell)
    };
    context.output.end_live();
    let line = RemovedLine { name: args.name.clone(), removed: !args.embeddings_only, embeddings: faces? };
    context.output.result(&line, || {
        let (model, embeddings) = (line.name.as_str(), say!("models-embeddings", n = line.embeddings));
        match line.removed {
            true => say!("cli-model-removed", model = model, embeddings = embeddings),
            false => say!("cli-model-stays", model = model, embeddings = embeddings),
        }
    });
    Ok(())
}

/// Measures one model, or every one that can be used.
pub(super) fn speed(context: &Context<'_>, name: Option<&str>) -> Result<(), JobError> {
    let engine = context.open(Mode::WriteIfFree)?;
    let names: Vec<String> = match name {
        Some(name) => vec![engine.with_models(|models| models.find(name).map(|entry| entry.manifest.name.clone()))?],
        None => engine.models().into_iter().filter(|e| e.problem.is_none()).map(|e| e.manifest.name).collect(),
    };
    for name in names {
        let tell = |progress: Progress| context.output.progress(&progress);
        let speed = measure_speed(&engine, &name, &context.control, &tell);
        context.output.end_live();
        let line = SpeedLine { name, speed: speed? };
        context.output.result(&line, || speed_text(&line.name, &line.speed));
    }
    Ok(())
}

fn speed_text(name: &str, speed: &ModelSpeed) -> String {
    let mut text = say!("cli-model-on", name = name, device = speed.device.as_str());
    let mut rows = vec![speed.one_thread];
    if speed.all_threads.threads != 1 {
        rows.push(speed.all_threads);
    }
    for row in rows {
        let one = |value: f32| format!("{value:.1}");
        let speed = say!(
            "cli-model-speed",
            threads = say!("tune-threads", n = row.threads),
            single = one(row.single_per_sec()),
            single_millis = one(row.single_millis),
            batched = one(row.batched_per_sec()),
            batch = SpeedOfThreads::BATCH,
            batched_millis = one(row.batched_millis)
        );
        text.push_str(&format!("\n    {speed}"));
    }
    text
}
