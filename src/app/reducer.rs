//! The one place where the state changes: commands and events in, state out. No file, thread or clock.

mod follow;
mod models;
mod tune;

use std::collections::{HashMap, HashSet};

use super::command::Command;
use super::event::Event;
use super::state::{
    AppState, DetailView, IssueView, JobKind, JobState, JobView, Load, Notice, NoticeLevel, PhotoView, Screen,
};
use crate::jobs::{JobEvent, Outcome, Progress};
use crate::store::Changed;
use crate::types::{FaceId, JobId, SubjectName};

/// Notices beyond these make room for new ones.
const MAX_NOTICES: usize = 6;
/// Issues listed in the window; the gallery keeps them all.
const MAX_ISSUES: usize = 10_000;
/// More candidates than anyone looks through.
pub const MAX_K: usize = 1000;

/// What a command changes at once, before any work it starts has an answer.
pub fn command(state: &mut AppState, command: &Command) {
    match command {
        Command::ShowScreen(screen) => state.screen = *screen,
        Command::Enroll { .. } | Command::RetryIssues(_) => state.screen = Screen::Enroll,
        Command::PauseJob(id) => set_job_state(state, *id, JobState::Paused),
        Command::ResumeJob(id) => set_job_state(state, *id, JobState::Running),
        Command::CancelJob(id) => set_job_state(state, *id, JobState::Cancelling),
        Command::DismissJob(id) => state.jobs.retain(|job| job.id != *id || !job.state.is_ended()),
        Command::SelectFace(None) => state.detail = None,
        Command::SelectFace(Some(face)) => {
            state.detail = Some(DetailView { face: *face, photo: Load::Loading, trial: Load::Nothing });
        }
        Command::TryDetector(_) => {
            if let Some(detail) = &mut state.detail {
                detail.trial = Load::Loading;
            }
        }
        Command::SetDetectorParams(params) => {
            if params.validate().is_ok() {
                state.settings.detector = *params;
            }
        }
        Command::SearchFile(_) | Command::SearchImage(_) | Command::SearchFace(_) => begin_search(state),
        Command::ChooseProbeFace(at) => {
            if state.search.probe.ready().is_some_and(|probe| *at < probe.faces.len()) {
                state.search.chosen = *at;
                begin_query(state);
            }
        }
        Command::ClearSearch => clear_search(state),
        Command::SetThreshold(threshold) => {
            state.search.threshold = if threshold.is_nan() { 0.0 } else { threshold.clamp(-1.0, 1.0) };
            begin_query(state);
        }
        Command::SetK(k) => {
            state.search.k = (*k).clamp(1, MAX_K);
            state.settings.k = state.search.k;
            begin_query(state);
        }
        Command::SetFilter(filter) => {
            if filter.validate().is_ok() && *filter != state.search.filter {
                state.search.filter = filter.clone();
                begin_query(state);
            }
        }
        Command::SetRange(range) => {
            state.search.range = *range;
            begin_query(state);
        }
        Command::Compare(Some(at)) => {
            if state.search.candidates.ready().is_some_and(|candidates| *at < candidates.len()) {
                state.requests.compare += 1;
                state.search.compare = Some((*at, Load::Loading));
            }
        }
        Command::Compare(None) => close_compare(state),
        Command::RequestCrops(faces) => faces.iter().for_each(|face| state.crops.request(*face)),
        Command::SetTheme(theme) => state.settings.theme = *theme,
        Command::SetTextScale(scale) if scale.is_finite() => state.settings.text_scale = scale.clamp(0.75, 2.0),
        Command::DismissNotice(id) => state.notices.retain(|notice| notice.id != *id),
        Command::SetTextScale(_) | Command::ShowInFolder(_) | Command::NameFace { .. } => {}
        Command::UseModel(_)
        | Command::ReadModels
        | Command::InspectWeights(_)
        | Command::CloseImport
        | Command::ImportModel { .. }
        | Command::TestModel(_)
        | Command::MeasureSpeed(_)
        | Command::RemoveModel(_)
        | Command::ForgetEmbeddings(_) => models::command(state, command),
        Command::ReadIndex
        | Command::TuneStart(_)
        | Command::TuneChange(_)
        | Command::TuneStop
        | Command::ApplyParams(_)
        | Command::BuildIndex(_)
        | Command::RollBack(_)
        | Command::RetrainNow
        | Command::SetRetrainShare(_)
        | Command::StartSweep(_)
        | Command::OpenSweep(_)
        | Command::ExportSweep { .. }
        | Command::Autotune(..)
        | Command::ApplyPoint(_)
        | Command::MeasurePeopleMissed(_)
        | Command::AskAdvice { .. } => tune::command(state, command),
    }
}

/// What an event changes.
pub fn reduce(state: &mut AppState, event: Event) {
    match event {
        Event::Started(opening) => {
            state.status = opening.status;
            state.search.k = opening.settings.k.clamp(1, MAX_K);
            state.search.threshold = opening.threshold;
            state.settings = opening.settings;
            state.models = opening.models;
            state.faces = opening.faces;
            state.issues = opening.issues;
        }
        Event::StartFailed(reason) => {
            state.status.starting = false;
            notify(state, NoticeLevel::Error, reason);
        }
        Event::StatusRead(status) | Event::BecameWritable(status) => state.status = status,
        Event::GalleryChanged(opening) => follow::gallery_changed(state, *opening),
        Event::SubjectsRead(subjects) => {
            state.subjects = subjects;
            state.subjects_version += 1;
        }
        Event::ModelChanged(models, threshold) => {
            state.settings.model = models.iter().find(|model| model.active).map(|model| model.name.clone());
            state.models = models;
            state.search.threshold = threshold;
            // Embeddings of one model say nothing in the space of another.
            clear_search(state);
            tune::forget(state);
        }
        Event::JobBegan { id, kind, title } => state.jobs.push(new_job(id, kind, title)),
        Event::Job(id, event) => job_event(state, id, event),
        Event::CropLoaded(face, crop) => state.crops.insert(face, crop),
        Event::CropMissing(face) => state.crops.give_up(face),
        Event::Changed(changed) => {
            show_change(state, &changed);
            // It may pass the filter now, or no longer.
            if state.search.filter.asks_for_names() {
                begin_query(state);
            }
        }
        Event::DetailLoaded { face, photo } => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.face == face) {
                detail.photo = load_from(photo);
            }
        }
        Event::TrialRun { face, trial } => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.face == face) {
                detail.trial = load_from(trial);
            }
        }
        Event::ProbeLoaded { request, probe } if request == state.requests.probe => match probe {
            Ok(probe) => {
                state.search.chosen = probe.chosen;
                state.search.probe_millis = probe.millis;
                let has_face = !probe.photo.faces.is_empty();
                state.search.probe = Load::Ready(probe.photo);
                state.search.candidates = Load::Nothing;
                if has_face {
                    begin_query(state);
                }
            }
            Err(reason) => {
                state.search.probe = Load::Failed(reason);
                state.search.candidates = Load::Nothing;
            }
        },
        Event::Searched { request, found } if request == state.requests.query => match found {
            Ok(found) => {
                state.search.search_millis = found.millis;
                state.search.cut_at = found.cut_at;
                state.search.passing = found.passing;
                keep_compared(state, &found.candidates);
                state.search.candidates = Load::Ready(found.candidates);
            }
            Err(reason) => {
                close_compare(state);
                state.search.candidates = Load::Failed(reason);
            }
        },
        Event::CompareLoaded { request, photo } if request == state.requests.compare => {
            if let Some((_, compared)) = &mut state.search.compare {
                *compared = load_from(photo);
            }
        }
        Event::ProbeLoaded { .. } | Event::Searched { .. } | Event::CompareLoaded { .. } => {}
        Event::Notice(level, text) => notify(state, level, text),
        Event::ModelsRead { .. }
        | Event::WeightsInspected { .. }
        | Event::ModelImported { .. }
        | Event::ModelTested { .. }
        | Event::RunsRead(_) => models::reduce(state, event),
        Event::IndexRead(..)
        | Event::PresetsRead(_)
        | Event::ParamsApplied(_)
        | Event::TuneBegan(_)
        | Event::TuneSampled(_)
        | Event::TuneEnded { .. }
        | Event::AdviceGiven(_)
        | Event::SweepsListed(_)
        | Event::SweepBegan(_)
        | Event::SweepPoint(_)
        | Event::SweepProblem(..)
        | Event::SweepSaved(_)
        | Event::SweepOpened { .. }
        | Event::AutotuneEnded(_)
        | Event::IdentificationMeasured(_) => tune::reduce(state, event),
    }
}

fn load_from<T>(result: Result<T, String>) -> Load<T> {
    match result {
        Ok(value) => Load::Ready(value),
        Err(reason) => Load::Failed(reason),
    }
}

fn clear_search(state: &mut AppState) {
    state.requests.probe += 1;
    state.requests.query += 1;
    state.search.probe = Load::Nothing;
    state.search.candidates = Load::Nothing;
    close_compare(state);
}

fn begin_search(state: &mut AppState) {
    state.screen = Screen::Search;
    state.requests.probe += 1;
    state.requests.query += 1;
    state.search.probe = Load::Loading;
    state.search.candidates = Load::Nothing;
    close_compare(state);
}

/// Candidates on view stay until the new ones come, so that dragging a slider does not flicker.
fn begin_query(state: &mut AppState) {
    if state.search.probe.ready().is_none_or(|probe| probe.faces.is_empty()) {
        return;
    }
    state.requests.query += 1;
    if state.search.candidates.ready().is_none() {
        state.search.candidates = Load::Loading;
    }
}

fn close_compare(state: &mut AppState) {
    state.requests.compare += 1;
    state.search.compare = None;
}

/// The compared candidate may have another place in the new list, or none.
fn keep_compared(state: &mut AppState, new: &[super::state::Candidate]) {
    let Some((at, _)) = &state.search.compare else { return };
    let face = state.search.candidates.ready().and_then(|old| old.get(*at)).map(|candidate| candidate.face);
    match new.iter().position(|candidate| Some(candidate.face) == face) {
        Some(place) => {
            if let Some((at, _)) = &mut state.search.compare {
                *at = place;
            }
        }
        None => close_compare(state),
    }
}

fn new_job(id: JobId, kind: JobKind, title: String) -> JobView {
    JobView {
        id,
        kind,
        title,
        stage: "Starting".to_owned(),
        unit: "photo",
        photos_done: 0,
        photos_total: None,
        faces: 0,
        skipped: 0,
        issues: 0,
        photos_per_sec: 0.0,
        elapsed_secs: 0.0,
        secs_left: None,
        state: JobState::Running,
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
        JobEvent::Faces { added, removed } => change_faces(state, added, removed),
        JobEvent::Changed(changed) => show_change(state, &changed),
        JobEvent::Issue { path, reason } => {
            state.issues.retain(|issue| issue.path != path);
            state.issues.insert(0, IssueView { path, reason });
            state.issues.truncate(MAX_ISSUES);
        }
        JobEvent::IssueCleared(path) => state.issues.retain(|issue| issue.path != path),
        JobEvent::Summary(_) => {}
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

fn change_faces(state: &mut AppState, added: Vec<FaceId>, removed: Vec<FaceId>) {
    if !removed.is_empty() {
        let removed: HashSet<FaceId> = removed.into_iter().collect();
        state.faces.retain(|face| !removed.contains(face));
        if state.detail.as_ref().is_some_and(|detail| removed.contains(&detail.face)) {
            state.detail = None;
        }
    }
    if !added.is_empty() {
        // A face that comes back has its old place.
        state.faces.extend(added);
        state.faces.sort_unstable();
        state.faces.dedup();
    }
}

fn show_progress(job: &mut JobView, progress: &Progress) {
    job.stage = progress.stage.to_owned();
    job.unit = progress.unit;
    job.photos_done = progress.photos_done;
    job.photos_total = progress.photos_total;
    job.faces = progress.faces;
    job.skipped = progress.skipped;
    job.issues = progress.issues;
    job.photos_per_sec = progress.photos_per_sec;
    job.elapsed_secs = progress.elapsed_secs;
    job.secs_left = progress.secs_left;
}

/// A change of who is who shows wherever the faces are on view.
fn show_change(state: &mut AppState, changed: &Changed) {
    if !changed.gone.is_empty() || !changed.back.is_empty() {
        change_faces(state, changed.back.clone(), changed.gone.clone());
    }
    let named: HashMap<FaceId, &Option<SubjectName>> = changed.named.iter().map(|(face, name)| (*face, name)).collect();
    let rename = |photo: &mut PhotoView| {
        for view in &mut photo.faces {
            if let Some(name) = view.id.and_then(|id| named.get(&id)) {
                view.subject = (*name).clone();
            }
        }
    };
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

fn notify(state: &mut AppState, level: NoticeLevel, text: String) {
    let id = state.requests.notice;
    state.requests.notice += 1;
    state.notices.push(Notice { id, level, text });
    if state.notices.len() > MAX_NOTICES {
        state.notices.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::super::event::{Found, Probe};
    use super::super::state::{Candidate, FaceView};
    use super::*;
    use crate::types::{BBox, FaceQuery, Landmarks, Quality, SubjectId};

    fn photo(faces: usize) -> PhotoView {
        let face = |id| FaceView {
            id: Some(FaceId(id as i64)),
            bbox: BBox::default(),
            landmarks: Landmarks::default(),
            quality: Quality::default(),
            subject: None,
            crop: None,
        };
        PhotoView {
            path: Some(PathBuf::from("probe.jpg")),
            pixels: Arc::new(image::RgbImage::new(1, 1)),
            scale: 1.0,
            size: [1, 1],
            taken_at: None,
            faces: (0..faces).map(face).collect(),
        }
    }

    fn candidate(face: i64) -> Candidate {
        let photo = PathBuf::from("c.jpg");
        Candidate { rank: 1, face: FaceId(face), score: 0.5, subject: None, photo, taken_at: None, missing: false }
    }

    fn searched(state: &mut AppState, faces: &[i64]) {
        let candidates = faces.iter().map(|face| candidate(*face)).collect();
        let found = Found { candidates, millis: 1.0, cut_at: None, passing: None };
        let request = state.requests.query;
        reduce(state, Event::Searched { request, found: Ok(found) });
    }

    /// A state with a probe of two faces and three candidates.
    fn with_search() -> AppState {
        let mut state = AppState::default();
        command(&mut state, &Command::SearchFile("probe.jpg".into()));
        let probe = Probe { photo: photo(2), chosen: 1, millis: 1.0 };
        let request = state.requests.probe;
        reduce(&mut state, Event::ProbeLoaded { request, probe: Ok(probe) });
        searched(&mut state, &[1, 2, 3]);
        state
    }

    #[test]
    fn a_probe_leads_to_a_query_and_its_candidates() {
        let state = with_search();
        assert_eq!(state.screen, Screen::Search);
        assert_eq!(state.search.chosen, 1);
        assert_eq!(state.search.candidates.ready().map(Vec::len), Some(3));
    }

    #[test]
    fn stale_answers_are_dropped() {
        let mut state = with_search();
        let (probe, query) = (state.requests.probe, state.requests.query);
        command(&mut state, &Command::SearchFile("other.jpg".into()));
        reduce(&mut state, Event::ProbeLoaded { request: probe, probe: Err("too late".into()) });
        assert_eq!(state.search.probe, Load::Loading);
        reduce(&mut state, Event::Searched { request: query, found: Err("too late".into()) });
        assert_eq!(state.search.candidates, Load::Nothing);
    }

    #[test]
    fn a_slider_asks_again_and_keeps_the_old_candidates_meanwhile() {
        let mut state = with_search();
        let query = state.requests.query;
        command(&mut state, &Command::SetThreshold(0.7));
        command(&mut state, &Command::SetK(5));
        assert_eq!(state.requests.query, query + 2);
        assert_eq!(state.search.candidates.ready().map(Vec::len), Some(3));
        command(&mut state, &Command::SetThreshold(f32::NAN));
        assert_eq!(state.search.threshold, 0.0);
        command(&mut state, &Command::SetK(0));
        assert_eq!(state.search.k, 1);
    }

    #[test]
    fn the_compared_candidate_is_followed_to_its_new_place_or_closed() {
        let mut state = with_search();
        command(&mut state, &Command::Compare(Some(2)));
        searched(&mut state, &[3, 1]);
        assert_eq!(state.search.compare.as_ref().map(|(at, _)| *at), Some(0));
        searched(&mut state, &[1]);
        assert!(state.search.compare.is_none());
        command(&mut state, &Command::Compare(Some(9)));
        assert!(state.search.compare.is_none());
    }

    #[test]
    fn a_filter_asks_again_and_a_wrong_or_unchanged_one_does_not() {
        let mut state = with_search();
        let query = state.requests.query;
        let day = |day: &str| FaceQuery { taken_from: Some(day.to_owned()), ..FaceQuery::default() };
        command(&mut state, &Command::SetFilter(day("2019-02-30")));
        command(&mut state, &Command::SetFilter(FaceQuery::default()));
        assert_eq!((state.requests.query, state.search.filter.is_empty()), (query, true));
        command(&mut state, &Command::SetFilter(day("2019-02-28")));
        command(&mut state, &Command::SetRange(true));
        assert_eq!(state.requests.query, query + 2);
        assert!(state.search.range && state.search.filter == day("2019-02-28"));
        // A name changes what passes a filter that asks for names, and no other.
        let named = || Event::Changed(Changed { named: vec![(FaceId(1), None)], ..Changed::default() });
        reduce(&mut state, named());
        assert_eq!(state.requests.query, query + 2);
        command(&mut state, &Command::SetFilter(FaceQuery { unnamed: true, ..FaceQuery::default() }));
        reduce(&mut state, named());
        assert_eq!(state.requests.query, query + 4);
    }

    #[test]
    fn another_model_ends_the_search() {
        let mut state = with_search();
        let query = state.requests.query;
        reduce(&mut state, Event::ModelChanged(Vec::new(), 0.25));
        assert_eq!(state.search.probe, Load::Nothing);
        assert_eq!(state.search.threshold, 0.25);
        assert!(state.requests.query > query);
    }

    #[test]
    fn a_job_told_to_stop_does_not_run_again() {
        let mut state = AppState::default();
        let id = JobId(1);
        reduce(&mut state, Event::JobBegan { id, kind: JobKind::Enroll, title: "Enroll".into() });
        command(&mut state, &Command::CancelJob(id));
        command(&mut state, &Command::ResumeJob(id));
        assert_eq!(state.jobs[0].state, JobState::Cancelling);
        command(&mut state, &Command::DismissJob(id));
        assert_eq!(state.jobs.len(), 1, "a job that has not ended stays");
        reduce(&mut state, Event::Job(id, JobEvent::Ended(Outcome::Cancelled)));
        command(&mut state, &Command::PauseJob(id));
        assert_eq!(state.jobs[0].state, JobState::Cancelled);
        command(&mut state, &Command::DismissJob(id));
        assert!(state.jobs.is_empty());
    }

    #[test]
    fn faces_and_issues_come_and_go() {
        let mut state = AppState::default();
        let id = JobId(1);
        let faces = |added: &[i64], removed: &[i64]| {
            let ids = |faces: &[i64]| faces.iter().copied().map(FaceId).collect();
            Event::Job(id, JobEvent::Faces { added: ids(added), removed: ids(removed) })
        };
        reduce(&mut state, faces(&[1, 2, 3], &[]));
        command(&mut state, &Command::SelectFace(Some(FaceId(2))));
        reduce(&mut state, faces(&[4], &[2]));
        assert_eq!(state.faces, [FaceId(1), FaceId(3), FaceId(4)]);
        assert!(state.detail.is_none(), "the face on view is gone");
        let issue = |reason: &str| Event::Job(id, JobEvent::Issue { path: "a.jpg".into(), reason: reason.into() });
        reduce(&mut state, issue("empty"));
        reduce(&mut state, issue("truncated"));
        assert_eq!(state.issues.len(), 1);
        assert_eq!(state.issues[0].reason, "truncated");
        reduce(&mut state, Event::Job(id, JobEvent::IssueCleared("a.jpg".into())));
        assert!(state.issues.is_empty());
    }

    #[test]
    fn notices_are_few_and_dismissed_by_number() {
        let mut state = AppState::default();
        for n in 0..10 {
            reduce(&mut state, Event::Notice(NoticeLevel::Info, format!("note {n}")));
        }
        assert_eq!(state.notices.len(), MAX_NOTICES);
        let newest = state.notices.last().map(|notice| notice.id).unwrap_or_default();
        command(&mut state, &Command::DismissNotice(newest));
        assert_eq!(state.notices.len(), MAX_NOTICES - 1);
        assert!(state.notices.iter().all(|notice| notice.text != "note 9"));
    }

    #[test]
    fn a_name_shows_wherever_the_face_is() {
        let mut state = with_search();
        let ada = Some(SubjectName { id: SubjectId(7), name: "Ada".into() });
        let changed = Changed { named: vec![(FaceId(1), ada.clone())], ..Changed::default() };
        reduce(&mut state, Event::Changed(changed));
        assert_eq!(state.search.candidates.ready().unwrap()[0].subject, ada);
        assert_eq!(state.search.probe.ready().unwrap().faces[1].subject, ada);
        assert_eq!(state.search.candidates.ready().unwrap()[1].subject, None);
    }
}
