use super::command::EnrollCommand;
use super::event::EnrollEvent;
use super::state::DetailView;
use crate::app::parts::{FaceList, Load, load_from};
use crate::app::state::AppState;
use crate::app::window::Screen;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &EnrollCommand) {
    match command {
        EnrollCommand::Start { .. } | EnrollCommand::RetryIssues(_) => state.screen = Screen::Enroll,
        EnrollCommand::List(listing) => {
            state.requests.list += 1;
            let faces = if listing.is_usual() { Load::Nothing } else { Load::Loading };
            state.list = FaceList { listing: listing.clone(), faces };
        }
        EnrollCommand::SelectFace(None) => state.detail = None,
        EnrollCommand::SelectFace(Some(face)) => {
            state.detail = Some(DetailView { face: *face, photo: Load::Loading, trial: Load::Nothing });
        }
        EnrollCommand::TryDetector(_) => {
            if let Some(detail) = &mut state.detail {
                detail.trial = Load::Loading;
            }
        }
        EnrollCommand::SetDetectorParams(params) => {
            if params.validate().is_ok() {
                state.settings.detector = *params;
            }
        }
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: EnrollEvent) {
    match event {
        EnrollEvent::DetailLoaded { face, photo } => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.face == face) {
                detail.photo = load_from(photo);
            }
        }
        EnrollEvent::Listed { request, faces } => {
            if request == state.requests.list {
                state.list.faces = load_from(faces);
            }
        }
        EnrollEvent::TrialRun { face, trial } => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.face == face) {
                detail.trial = load_from(trial);
            }
        }
    }
}
