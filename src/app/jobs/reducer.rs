use super::command::JobsCommand;
use super::event::JobsEvent;
use super::state::{JobKind, JobState, JobView};
use crate::app::enroll::{IssueView, MAX_ISSUES};
use crate::app::state::AppState;
use crate::app::{models, people, tune};
use crate::jobs::{JobEvent, Outcome, Progress};
use crate::tell;
use crate::types::{JobId, Telling};

/// Ended jobs that stay on the list; beyond it the oldest go.
const MAX_ENDED: usize = 40;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &JobsCommand) {
    match command {
        JobsCommand::Pause(id) => set_job_state(state, *id, JobState::Paused),
        JobsCommand::Resume(id) => set_job_state(state, *id, JobState::Running),
        JobsCommand::Cancel(id) => set_job_state(state, *id, JobState::Cancelling),
        JobsCommand::Dismiss(id) => state.jobs.retain(|job| job.id != *id || !job.state.is_ended()),
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: JobsEvent) {
    match event {
        JobsEvent::Began { id, kind, title } => began(state, new_job(id, kind, title)),
        JobsEvent::Told(id, event) => job_event(state, id, event),
    }
}

fn began(state: &mut AppState, job: JobView) {
    state.jobs.push(job);
    let ended = state.jobs.iter().filter(|job| job.state.is_ended()).count();
    let mut surplus = ended.saturating_sub(MAX_ENDED);
    state.jobs.retain(|job| {
        let goes = surplus > 0 && job.state.is_ended();
        surplus -= usize::from(goes);
        !goes
    });
}

fn new_job(id: JobId, kind: JobKind, title: Telling) -> JobView {
    JobView {
        id,
        kind,
        title,
        stage: tell!("jobs-starting"),
        unit: "photo",
        done: 0,
        total: None,
        faces: 0,
        skipped: 0,
        issues: 0,
        per_sec: 0.0,
        elapsed_secs: 0.0,
        secs_left: None,
        state: JobState::Running,
        summary: None,
    }
}

fn set_job_state(state: &mut AppState, id: JobId, to: JobState) {
    if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id && !job.state.is_ended()) {
        // Who asked to stop is not to see it running again.
        if job.state != JobState::Cancelling {
            job.state = to;
        }
    }
}

fn job_event(state: &mut AppState, id: JobId, event: JobEvent) {
    match event {
        JobEvent::Progress(progress) => {
            if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
                show_progress(job, &progress);
            }
        }
        JobEvent::Faces { added, removed } => people::enrolled(state, added, removed),
        JobEvent::Changed(changed) => people::changed(state, &changed),
        JobEvent::Issue { path, reason } => {
            state.issues.retain(|issue| issue.path != path);
            state.issues.insert(0, IssueView { path, reason });
            state.issues.truncate(MAX_ISSUES);
        }
        JobEvent::IssueCleared(path) => state.issues.retain(|issue| issue.path != path),
        JobEvent::Summary(summary) => {
            if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
                job.summary = Some(summary);
            }
        }
        JobEvent::Ended(outcome) => {
            if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
                job.secs_left = None;
                job.state = match outcome {
                    Outcome::Completed => JobState::Completed,
                    Outcome::Cancelled => JobState::Cancelled,
                    Outcome::Failed(reason) => JobState::Failed(reason),
                    Outcome::Panicked(reason) => JobState::Panicked(reason),
                };
                let (kind, ended) = (job.kind, job.state.clone());
                tune::job_ended(state, kind, &ended);
                models::job_ended(state, kind, &ended);
            }
        }
    }
}

fn show_progress(job: &mut JobView, progress: &Progress) {
    job.stage = Telling::phrase(progress.stage);
    job.unit = progress.unit;
    job.done = progress.done;
    job.total = progress.total;
    job.faces = progress.faces;
    job.skipped = progress.skipped;
    job.issues = progress.issues;
    job.per_sec = progress.per_sec;
    job.elapsed_secs = progress.elapsed_secs;
    job.secs_left = progress.secs_left;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_jobs_do_not_pile_up_and_running_ones_stay() {
        let mut state = AppState::default();
        began(&mut state, new_job(JobId(0), JobKind::Enroll, "runs".into()));
        for id in 1..200 {
            began(&mut state, new_job(JobId(id), JobKind::TestModel, "test".into()));
            job_event(&mut state, JobId(id), JobEvent::Ended(Outcome::Completed));
        }
        assert!(state.jobs.len() <= MAX_ENDED + 2, "{}", state.jobs.len());
        assert_eq!(state.jobs.first().map(|job| job.id), Some(JobId(0)));
        assert_eq!(state.jobs.last().map(|job| job.id), Some(JobId(199)));
    }
}
