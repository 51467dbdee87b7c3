//! Faces that come and go, and their names, wherever they are on view.

use crate::tell;
use std::collections::{HashMap, HashSet};

use crate::app::enroll::DetailView;
use crate::app::parts::{Load, PhotoView};
use crate::app::search::{begin_query, clear_search, close_compare};
use crate::app::state::AppState;
use crate::app::window::{NoticeLevel, notify};
use crate::store::Changed;
use crate::types::{FaceId, SubjectName};

/// An enrollment brought faces, or looked at them again, and no longer found others.
pub(in crate::app) fn enrolled(state: &mut AppState, added: Vec<FaceId>, removed: Vec<FaceId>) {
    let left_list = remove(state, &removed);
    // A face whose photo was enrolled again may look different now.
    renew(state, &added);
    add(state, added);
    if left_list {
        begin_query(state);
    }
}

/// The record of who is who was changed.
pub(in crate::app) fn changed(state: &mut AppState, changed: &Changed) {
    remove(state, &changed.gone);
    renew(state, &changed.back);
    add(state, changed.back.clone());
    rename(state, changed);
    state.issues.retain(|issue| !changed.cleared.contains(&issue.path));
    let (gone, back) = (!changed.gone.is_empty(), !changed.back.is_empty());
    // Others take the places of those that went; those that came back may belong among the candidates, and a face with
    // another name may pass the filter now, or no longer.
    let names = state.search.filter.asks_for_names() && !changed.named.is_empty();
    // Candidates show where their photos lie, and whether they are there.
    if gone || back || names || !changed.photos.is_empty() {
        begin_query(state);
    }
}

fn add(state: &mut AppState, added: Vec<FaceId>) {
    if added.is_empty() {
        return;
    }
    // A face that comes back has its old place.
    state.faces.extend(added);
    state.faces.sort_unstable();
    state.faces.dedup();
}

/// What was read of these faces may not be true any more.
fn renew(state: &mut AppState, faces: &[FaceId]) {
    state.crops.forget(faces);
}

/// Takes faces off everything on view; returns whether a candidate was among them.
fn remove(state: &mut AppState, removed: &[FaceId]) -> bool {
    if removed.is_empty() {
        return false;
    }
    state.crops.forget(removed);
    let removed: HashSet<FaceId> = removed.iter().copied().collect();
    state.faces.retain(|face| !removed.contains(face));
    state.list.drop_faces(&removed);
    match &mut state.detail {
        Some(detail) if removed.contains(&detail.face) => state.detail = None,
        Some(DetailView { photo: Load::Ready(photo), .. }) => drop_faces(photo, &removed),
        _ => {}
    }
    remove_from_search(state, &removed)
}

fn remove_from_search(state: &mut AppState, removed: &HashSet<FaceId>) -> bool {
    let mut probe_is_gone = false;
    if let Load::Ready(probe) = &mut state.search.probe {
        let chosen = state.search.chosen;
        let is_gone = |at: &usize| probe.faces[*at].id.is_some_and(|id| removed.contains(&id));
        probe_is_gone = chosen < probe.faces.len() && is_gone(&chosen);
        let before = (0..chosen.min(probe.faces.len())).filter(is_gone).count();
        state.search.chosen -= before;
        drop_faces(probe, removed);
    }
    if probe_is_gone {
        clear_search(state);
        notify(state, NoticeLevel::Info, tell!("search-probe-gone"));
        return false;
    }
    if let Load::Ready(candidates) = &mut state.search.candidates {
        let compared = state.search.compare.as_ref().and_then(|(at, _)| candidates.get(*at)).map(|c| c.face);
        let before = candidates.len();
        candidates.retain(|candidate| !removed.contains(&candidate.face));
        for (at, candidate) in candidates.iter_mut().enumerate() {
            candidate.rank = at + 1;
        }
        let left = candidates.len() < before;
        let place = candidates.iter().position(|candidate| Some(candidate.face) == compared);
        match (&mut state.search.compare, place) {
            (Some((at, photo)), Some(place)) => {
                *at = place;
                if let Load::Ready(photo) = photo {
                    drop_faces(photo, removed);
                }
            }
            (Some(_), None) => close_compare(state),
            (None, _) => {}
        }
        return left;
    }
    false
}

fn drop_faces(photo: &mut PhotoView, removed: &HashSet<FaceId>) {
    photo.faces.retain(|face| !face.id.is_some_and(|id| removed.contains(&id)));
}

/// A name shows wherever its face is on view.
fn rename(state: &mut AppState, changed: &Changed) {
    if changed.named.is_empty() {
        return;
    }
    let named: HashMap<FaceId, &Option<SubjectName>> = changed.named.iter().map(|(face, name)| (*face, name)).collect();
    let rename = |photo: &mut PhotoView| {
        for view in &mut photo.faces {
            if let Some(name) = view.id.and_then(|id| named.get(&id)) {
                view.subject = (*name).clone();
            }
        }
    };
    for (face, name) in &changed.named {
        state.crops.rename(*face, name);
    }
    if let Some(DetailView { photo: Load::Ready(photo), .. }) = &mut state.detail {
        rename(photo);
    }
    if let Load::Ready(photo) = &mut state.search.probe {
        rename(photo);
    }
    if let Some((_, Load::Ready(photo))) = &mut state.search.compare {
        rename(photo);
    }
    if let Load::Ready(candidates) = &mut state.search.candidates {
        for candidate in candidates {
            if let Some(name) = named.get(&candidate.face) {
                candidate.subject = (*name).clone();
            }
        }
    }
}

/// Names may have changed with everybody's list: what was renamed or merged away shows under its new name.
pub(in crate::app) fn subjects_read(state: &mut AppState) {
    let known: HashMap<_, _> = state.subjects.iter().map(|subject| (subject.id, subject.name.as_str())).collect();
    let follow = |subject: &mut Option<SubjectName>| {
        if let Some(named) = subject {
            match known.get(&named.id) {
                Some(name) if **name != named.name => named.name = (*name).to_owned(),
                _ => {}
            }
        }
    };
    let photos = [
        state.detail.as_mut().and_then(|detail| loaded(&mut detail.photo)),
        loaded(&mut state.search.probe),
        state.search.compare.as_mut().and_then(|(_, photo)| loaded(photo)),
    ];
    for photo in photos.into_iter().flatten() {
        photo.faces.iter_mut().for_each(|face| follow(&mut face.subject));
    }
    if let Load::Ready(candidates) = &mut state.search.candidates {
        candidates.iter_mut().for_each(|candidate| follow(&mut candidate.subject));
    }
    let before = state.search.filter.subjects.len();
    let filter = &mut state.search.filter;
    filter.subjects.retain(|subject| known.contains_key(subject));
    if filter.subjects.len() != before {
        begin_query(state);
    }
}

fn loaded(photo: &mut Load<PhotoView>) -> Option<&mut PhotoView> {
    match photo {
        Load::Ready(photo) => Some(photo),
        _ => None,
    }
}
