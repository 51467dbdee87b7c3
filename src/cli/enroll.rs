use super::shared::DetectorArgs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::Context;
use super::output::{duration, told_together};
use crate::jobs::{
    EnrollRequest, EnrollSummary, JobContext, JobError, JobEvent, Mode, Outcome, enroll, spawn, unfinished_enrollments,
};
use crate::say;
use crate::types::JobId;

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
        None => Err(JobError::Worker(say!("cli-no-word"))),
    }
}

/// Words for a number.
type Counted = fn(u64) -> String;

fn summary_text(summary: &EnrollSummary) -> String {
    let enrolled = say!(
        "cli-enrolled",
        photos = say!("photos", n = summary.photos),
        faces = say!("faces", n = summary.faces),
        time = duration(summary.secs),
        rate = format!("{:.1}", summary.photos_per_sec)
    );
    let more: [(u64, Counted); 9] = [
        (summary.skipped, |n| say!("cli-enroll-skipped", n = n)),
        (summary.moved, |n| say!("cli-enroll-moved", n = n)),
        (summary.removed, |n| say!("cli-enroll-removed", n = n)),
        (summary.issues, |n| say!("cli-enroll-issues", n = n)),
        (summary.missing, |n| say!("cli-enroll-missing", n = n)),
        (summary.not_photos, |n| say!("cli-enroll-not-photos", n = n)),
        (summary.raw_beside_photos, |n| say!("cli-enroll-raw", n = n)),
        (summary.left_out_folders.values().sum(), |n| say!("cli-enroll-folders", n = n)),
        (summary.in_left_out_folders, |n| say!("cli-enroll-in-folders", n = n)),
    ];
    let more = more.into_iter().filter(|(n, _)| *n > 0).map(|(n, told)| told(n));
    told_together(&std::iter::once(enrolled).chain(more).collect::<Vec<_>>())
}
