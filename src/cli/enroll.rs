use super::shared::DetectorArgs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::Context;
use super::output::duration;
use crate::jobs::{
    EnrollRequest, EnrollSummary, JobContext, JobError, JobEvent, Mode, Outcome, enroll, spawn, unfinished_enrollments,
};
use crate::types::{JobId, count};

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

pub(super) fn run(context: &Context<'_>, args: &EnrollArgs) -> Result<(), JobError> {
    let engine = Arc::new(context.open(Mode::Write)?);
    let mut requests = unfinished_enrollments(&engine)?;
    if args.sources.is_empty() {
        if requests.is_empty() {
            return Err(JobError::NothingToDo);
        }
    } else {
        let asked = EnrollRequest {
            sources: args.sources.clone(),
            subjects_from_folders: args.subjects_from_folders,
            is_retry: false,
            detector: context.detector(&engine, &args.detector)?,
        };
        requests.retain(|request| !is_covered(request, &asked));
        requests.push(asked);
    }
    let mut total = EnrollSummary::default();
    for request in requests {
        total.add(&run_one(context, &engine, request)?);
    }
    context.output.result(&total, || summary_text(&total));
    Ok(())
}

/// An enrollment that was cut short and asked for again is run once.
fn is_covered(unfinished: &EnrollRequest, asked: &EnrollRequest) -> bool {
    let absolute = |request: &EnrollRequest| -> Vec<_> {
        request.sources.iter().map(|source| std::path::absolute(source).unwrap_or_else(|_| source.clone())).collect()
    };
    let asked_sources = absolute(asked);
    absolute(unfinished).iter().all(|source| asked_sources.contains(source))
}

fn run_one(
    context: &Context<'_>,
    engine: &Arc<crate::jobs::Engine>,
    request: EnrollRequest,
) -> Result<EnrollSummary, JobError> {
    let (sender, events) = sync_channel(256);
    let sink = Arc::new(move |_: JobId, event: JobEvent| {
        let _ = sender.send(event);
    });
    let job = JobContext::new(JobId(1), context.control.clone(), sink);
    let engine = Arc::clone(engine);
    let thread = spawn("enroll", job, move |job| enroll(&engine, &request, job).map(|_| ()))
        .map_err(|error| JobError::Worker(error.to_string()))?;
    let mut summary = EnrollSummary::default();
    let mut outcome = None;
    for event in events {
        match event {
            JobEvent::Progress(progress) => context.output.progress(&progress),
            JobEvent::Issue { path, reason } => context.output.issue(&path, &reason),
            JobEvent::Faces { .. } | JobEvent::Changed(_) | JobEvent::IssueCleared(_) => {}
            JobEvent::Summary(told) => summary = told,
            JobEvent::Ended(ended) => outcome = Some(ended),
        }
    }
    context.output.end_live();
    let _ = thread.join();
    match outcome {
        Some(Outcome::Completed) => Ok(summary),
        Some(Outcome::Cancelled) => {
            context.output.result(&summary, || summary_text(&summary));
            Err(JobError::Cancelled)
        }
        Some(Outcome::Failed(reason)) => Err(JobError::Failed(reason)),
        Some(Outcome::Panicked(reason)) => Err(JobError::Failed(reason)),
        None => Err(JobError::Worker("the job ended without a word".to_owned())),
    }
}

fn summary_text(summary: &EnrollSummary) -> String {
    let mut text = format!(
        "{} enrolled with {} in {} ({:.1} photos/s)",
        count(summary.photos, "photo"),
        count(summary.faces, "face"),
        duration(summary.secs),
        summary.photos_per_sec
    );
    let mut more = |n: u64, what: &str| {
        if n > 0 {
            text.push_str(&format!("; {n} {what}"));
        }
    };
    more(summary.skipped, "skipped as unchanged");
    more(summary.moved, "of them moved");
    more(summary.removed, "of them taken out before");
    more(summary.issues, "with issues");
    match summary.missing {
        0 => {}
        1 => text.push_str("; 1 photo is missing: its file is gone"),
        n => text.push_str(&format!("; {n} photos are missing: their files are gone")),
    }
    match summary.not_photos {
        0 => {}
        1 => text.push_str("; 1 file that is no photo"),
        n => text.push_str(&format!("; {n} files that are no photos")),
    }
    match summary.raw_beside_photos {
        0 => {}
        1 => text.push_str("; 1 raw file left out: its photo lies beside it"),
        n => text.push_str(&format!("; {n} raw files left out: their photos lie beside them")),
    }
    match summary.left_out_folders.values().sum() {
        0u64 => {}
        1 => text.push_str("; 1 folder of thumbnails, earlier versions or trash left out"),
        n => text.push_str(&format!("; {n} folders of thumbnails, earlier versions or trash left out")),
    }
    let take_out = "`likeness remove folder FOLDER` takes them out";
    match summary.in_left_out_folders {
        0 => {}
        1 => text.push_str(&format!("; 1 photo of the gallery lies in such a folder: {take_out}")),
        n => text.push_str(&format!("; {n} photos of the gallery lie in such folders: {take_out}")),
    }
    text
}
