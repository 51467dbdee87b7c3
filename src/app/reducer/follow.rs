//! What another process did to the gallery, in a window that is open for reading only.

use std::collections::HashSet;

use super::jobs::MAX_ISSUES;
use super::{begin_query, faces};
use crate::app::event::Opening;
use crate::app::state::AppState;
use crate::types::FaceId;

/// The gallery as it is now takes the place of what was known of it; what is on view stays, where it is still there.
pub(super) fn gallery_changed(state: &mut AppState, opening: Opening) {
    state.status = opening.status;
    state.issues = opening.issues;
    state.issues.truncate(MAX_ISSUES);
    let (before, now): (HashSet<FaceId>, HashSet<FaceId>) =
        (state.faces.iter().copied().collect(), opening.faces.iter().copied().collect());
    let added = now.difference(&before).copied().collect();
    faces::enrolled(state, added, before.difference(&now).copied().collect());
    // Names and filters may be others, and candidates gone: the same search again.
    begin_query(state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::Event;
    use crate::app::reducer::reduce;
    use crate::app::state::{DetailView, IssueView, Load, Settings, Status};
    use crate::types::FaceId;

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
        reduce(&mut state, Event::GalleryChanged(Box::new(opening(&[1, 2, 3]))));
        assert!(state.detail.is_some());
        assert_eq!((state.faces.len(), state.issues.len(), state.status.faces), (3, 1, 3));
        assert_eq!((state.search.threshold, state.settings.text_scale), (0.4, 1.0));
        reduce(&mut state, Event::GalleryChanged(Box::new(opening(&[1, 3]))));
        assert!(state.detail.is_none());
    }
}
