use crate::types::Telling;
use std::collections::HashSet;

use super::command::ProgramCommand;
use super::event::ProgramEvent;
use super::state::{Closing, Opening, StartFailure};
use crate::app::enroll::MAX_ISSUES;
use crate::app::jobs::JobState;
use crate::app::people;
use crate::app::search::{MAX_K, begin_query};
use crate::app::state::{AppState, Requests};
use crate::types::FaceId;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &ProgramCommand) {
    match command {
        ProgramCommand::Retry(_) => state.start_failed = None,
        ProgramCommand::Close | ProgramCommand::CloseNow => {}
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: ProgramEvent) {
    match event {
        ProgramEvent::Started(opening) => started(state, *opening),
        ProgramEvent::StartFailed(reason) => start_failed(state, reason),
        ProgramEvent::StatusRead(status) | ProgramEvent::BecameWritable(status) => state.status = status,
        ProgramEvent::GalleryChanged(opening) => gallery_changed(state, *opening),
        ProgramEvent::Closed => {
            for job in &mut state.jobs {
                if !job.state.is_ended() {
                    job.state = JobState::Cancelled;
                }
            }
            state.closing = Some(Closing::Done);
        }
    }
}

fn started(state: &mut AppState, opening: Opening) {
    state.status = opening.status;
    state.search.k = opening.settings.k.clamp(1, MAX_K);
    state.search.threshold = opening.threshold;
    state.settings = opening.settings;
    state.models = opening.models;
    state.faces = opening.faces;
    state.issues = opening.issues;
    state.issues.truncate(MAX_ISSUES);
    state.start_failed = None;
}

/// What was asked for meanwhile is answered by nobody.
fn start_failed(state: &mut AppState, reason: Telling) {
    let Requests { notice, .. } = state.requests;
    *state = AppState {
        start_failed: Some(StartFailure { reason }),
        settings: std::mem::take(&mut state.settings),
        notices: std::mem::take(&mut state.notices),
        messages: std::mem::take(&mut state.messages),
        clock: state.clock,
        requests: Requests { notice, ..Requests::default() },
        closing: state.closing,
        ..AppState::default()
    };
}

/// Another process changed the gallery: what it is now takes the place of what was known of it; what is on view stays,
/// where it is still there.
fn gallery_changed(state: &mut AppState, opening: Opening) {
    state.status = opening.status;
    state.issues = opening.issues;
    state.issues.truncate(MAX_ISSUES);
    let (before, now): (HashSet<FaceId>, HashSet<FaceId>) =
        (state.faces.iter().copied().collect(), opening.faces.iter().copied().collect());
    let added = now.difference(&before).copied().collect();
    people::enrolled(state, added, before.difference(&now).copied().collect());
    state.crops.forget_labels();
    // Names and filters may be others, and candidates gone: the same search again.
    begin_query(state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::*;

    fn opening(faces: &[i64]) -> Opening {
        Opening {
            status: Status { faces: faces.len() as u64, read_only: Some("another".into()), ..Status::default() },
            settings: Settings { text_scale: 3.0, ..Settings::default() },
            models: Vec::new(),
            threshold: 0.9,
            faces: faces.iter().copied().map(FaceId).collect(),
            issues: vec![IssueView { path: "/a".into(), reason: "no photo".into() }],
        }
    }

    #[test]
    fn what_is_gone_leaves_and_the_persons_choices_stay() {
        let detail = |face| DetailView { face: FaceId(face), photo: Load::Nothing, trial: Load::Nothing };
        let mut state = AppState { detail: Some(detail(2)), ..AppState::default() };
        state.search.threshold = 0.4;
        reduce(&mut state, ProgramEvent::GalleryChanged(Box::new(opening(&[1, 2, 3]))));
        assert!(state.detail.is_some());
        assert_eq!((state.faces.len(), state.issues.len(), state.status.faces), (3, 1, 3));
        assert_eq!((state.search.threshold, state.settings.text_scale), (0.4, 1.0));
        reduce(&mut state, ProgramEvent::GalleryChanged(Box::new(opening(&[1, 3]))));
        assert!(state.detail.is_none());
    }
}
