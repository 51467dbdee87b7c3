//! Choosing, measuring and removing models.

use crate::words::told;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Context;
use super::super::output::{duration, note};
use crate::jobs::models::{forget_embeddings, measure_speed, remove_model};
use crate::jobs::{ChangeSummary, JobContext, JobError, JobEvent, Mode, Progress, change_model};
use crate::types::{JobId, ModelSpeed, SpeedOfThreads, count};

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
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
    let mut text = format!("{} is in use; ", summary.model);
    match summary.embedded {
        0 => text.push_str("every face had its embedding"),
        n => text.push_str(&format!(
            "{} embedded in {} ({:.1} faces/s)",
            count(n, "face"),
            duration(summary.secs),
            summary.faces_per_sec
        )),
    }
    if summary.from_stored_pictures > 0 {
        text.push_str(&format!("; {} of them from stored pictures", summary.from_stored_pictures));
    }
    if summary.failed > 0 {
        text.push_str(&format!("; {} could not be embedded", summary.failed));
    }
    text
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
        let what = if line.removed { "is removed, and with it" } else { "stays without" };
        format!("{} {what} {}", line.name, count(line.embeddings, "embedding"))
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
    let mut text = format!("{name} on {}", speed.device);
    let mut rows = vec![speed.one_thread];
    if speed.all_threads.threads != 1 {
        rows.push(speed.all_threads);
    }
    for row in rows {
        text.push_str(&format!(
            "\n    {}: {:.1} faces/s one by one ({:.1} ms each), {:.1} faces/s in batches of {} ({:.1} ms each)",
            count(row.threads as u64, "thread"),
            row.single_per_sec(),
            row.single_millis,
            row.batched_per_sec(),
            SpeedOfThreads::BATCH,
            row.batched_millis
        ));
    }
    text
}
