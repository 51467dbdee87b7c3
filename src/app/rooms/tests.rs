use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::app::*;
use crate::jobs::{JobEvent, Outcome};
use crate::store::Changed;
use crate::types::{BBox, FaceId, FaceQuery, JobId, Landmarks, Quality, SubjectId, SubjectName};

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
        id: None,
        path: Some(PathBuf::from("probe.jpg")),
        pixels: Arc::new(image::RgbImage::new(1, 1)),
        scale: 1.0,
        size: [1, 1],
        taken_at: None,
        faces: (0..faces).map(face).collect(),
        evidence: Default::default(),
        partly_read: None,
    }
}

fn candidate(face: i64) -> Candidate {
    let photo = PathBuf::from("c.jpg");
    Candidate {
        rank: 1,
        face: FaceId(face),
        score: 0.5,
        quality: 0.8,
        subject: None,
        photo,
        taken_at: None,
        missing: false,
    }
}

fn searched(state: &mut AppState, faces: &[i64]) {
    let ranked = faces.iter().enumerate();
    let candidates = ranked.map(|(at, face)| Candidate { rank: at + 1, ..candidate(*face) }).collect();
    let found = Found { candidates, millis: 1.0, cut_at: None, may_be_incomplete: false, passing: None };
    let request = state.requests.query;
    reduce(state, Event::Search(SearchEvent::Searched { request, found: Ok(found) }));
}

/// A state with a probe of two faces and three candidates.
fn with_search() -> AppState {
    let mut state = AppState::default();
    command(&mut state, &Command::Search(SearchCommand::File("probe.jpg".into())));
    let probe = Probe { photo: photo(2), chosen: 1, millis: 1.0 };
    let request = state.requests.probe;
    reduce(&mut state, Event::Search(SearchEvent::ProbeLoaded { request, probe: Ok(probe) }));
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
    command(&mut state, &Command::Search(SearchCommand::File("other.jpg".into())));
    reduce(&mut state, Event::Search(SearchEvent::ProbeLoaded { request: probe, probe: Err("too late".into()) }));
    assert_eq!(state.search.probe, Load::Loading);
    reduce(&mut state, Event::Search(SearchEvent::Searched { request: query, found: Err("too late".into()) }));
    assert_eq!(state.search.candidates, Load::Nothing);
}

#[test]
fn a_slider_asks_again_and_keeps_the_old_candidates_meanwhile() {
    let mut state = with_search();
    let query = state.requests.query;
    command(&mut state, &Command::Search(SearchCommand::SetThreshold(0.7)));
    command(&mut state, &Command::Search(SearchCommand::SetK(5)));
    assert_eq!(state.requests.query, query + 2);
    assert_eq!(state.search.candidates.ready().map(Vec::len), Some(3));
    command(&mut state, &Command::Search(SearchCommand::SetThreshold(f32::NAN)));
    assert_eq!(state.search.threshold, 0.0);
    command(&mut state, &Command::Search(SearchCommand::SetK(0)));
    assert_eq!(state.search.k, 1);
}

#[test]
fn the_compared_candidate_is_followed_to_its_new_place_or_closed() {
    let mut state = with_search();
    command(&mut state, &Command::Search(SearchCommand::Compare(Some(2))));
    searched(&mut state, &[3, 1]);
    assert_eq!(state.search.compare.as_ref().map(|(at, _)| *at), Some(0));
    searched(&mut state, &[1]);
    assert!(state.search.compare.is_none());
    command(&mut state, &Command::Search(SearchCommand::Compare(Some(9))));
    assert!(state.search.compare.is_none());
}

#[test]
fn a_filter_asks_again_and_a_wrong_or_unchanged_one_does_not() {
    let mut state = with_search();
    let query = state.requests.query;
    let day = |day: &str| FaceQuery { taken_from: Some(day.to_owned()), ..FaceQuery::default() };
    command(&mut state, &Command::Search(SearchCommand::SetFilter(day("2019-02-30"))));
    command(&mut state, &Command::Search(SearchCommand::SetFilter(FaceQuery::default())));
    assert_eq!((state.requests.query, state.search.filter.is_empty()), (query, true));
    command(&mut state, &Command::Search(SearchCommand::SetFilter(day("2019-02-28"))));
    command(&mut state, &Command::Search(SearchCommand::SetRange(true)));
    assert_eq!(state.requests.query, query + 2);
    assert!(state.search.range && state.search.filter == day("2019-02-28"));
    // A name changes what passes a filter that asks for names, and no other.
    let named =
        || Event::People(PeopleEvent::Changed(Changed { named: vec![(FaceId(1), None)], ..Changed::default() }));
    reduce(&mut state, named());
    assert_eq!(state.requests.query, query + 2);
    command(
        &mut state,
        &Command::Search(SearchCommand::SetFilter(FaceQuery { unnamed: true, ..FaceQuery::default() })),
    );
    reduce(&mut state, named());
    assert_eq!(state.requests.query, query + 4);
}

#[test]
fn another_model_ends_the_search() {
    let mut state = with_search();
    let query = state.requests.query;
    reduce(&mut state, Event::Models(ModelsEvent::Changed(Vec::new(), 0.25)));
    assert_eq!(state.search.probe, Load::Nothing);
    assert_eq!(state.search.threshold, 0.25);
    assert!(state.requests.query > query);
}

#[test]
fn a_job_told_to_stop_does_not_run_again() {
    let mut state = AppState::default();
    let id = JobId(1);
    reduce(&mut state, Event::Jobs(JobsEvent::Began { id, kind: JobKind::Enroll, title: "Enroll".into() }));
    command(&mut state, &Command::Jobs(JobsCommand::Cancel(id)));
    command(&mut state, &Command::Jobs(JobsCommand::Resume(id)));
    assert_eq!(state.jobs[0].state, JobState::Cancelling);
    command(&mut state, &Command::Jobs(JobsCommand::Dismiss(id)));
    assert_eq!(state.jobs.len(), 1, "a job that has not ended stays");
    reduce(&mut state, Event::Jobs(JobsEvent::Told(id, JobEvent::Ended(Outcome::Cancelled))));
    command(&mut state, &Command::Jobs(JobsCommand::Pause(id)));
    assert_eq!(state.jobs[0].state, JobState::Cancelled);
    command(&mut state, &Command::Jobs(JobsCommand::Dismiss(id)));
    assert!(state.jobs.is_empty());
}

#[test]
fn faces_and_issues_come_and_go() {
    let mut state = AppState::default();
    let id = JobId(1);
    let faces = |added: &[i64], removed: &[i64]| {
        let ids = |faces: &[i64]| faces.iter().copied().map(FaceId).collect();
        Event::Jobs(JobsEvent::Told(id, JobEvent::Faces { added: ids(added), removed: ids(removed) }))
    };
    reduce(&mut state, faces(&[1, 2, 3], &[]));
    command(&mut state, &Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(2)))));
    reduce(&mut state, faces(&[4], &[2]));
    assert_eq!(state.faces, [FaceId(1), FaceId(3), FaceId(4)]);
    assert!(state.detail.is_none(), "the face on view is gone");
    let issue = |reason: &str| {
        Event::Jobs(JobsEvent::Told(id, JobEvent::Issue { path: "a.jpg".into(), reason: reason.into() }))
    };
    reduce(&mut state, issue("empty"));
    reduce(&mut state, issue("truncated"));
    assert_eq!(state.issues.len(), 1);
    assert_eq!(state.issues[0].reason, "truncated".into());
    reduce(&mut state, Event::Jobs(JobsEvent::Told(id, JobEvent::IssueCleared("a.jpg".into()))));
    assert!(state.issues.is_empty());
}

#[test]
fn notices_are_dismissed_by_number() {
    let mut state = AppState::default();
    for n in 0..3 {
        reduce(&mut state, Event::Window(WindowEvent::Notice(NoticeLevel::Error, format!("note {n}").into())));
    }
    let newest = state.notices.last().map(|notice| notice.id).unwrap_or_default();
    command(&mut state, &Command::Window(WindowCommand::DismissNotice(newest)));
    assert_eq!(state.notices.len(), 2);
    assert!(state.notices.iter().all(|notice| notice.text != "note 2".into()));
    command(&mut state, &Command::Window(WindowCommand::DismissNotices));
    assert!(state.notices.is_empty());
    assert_eq!(state.messages.len(), 3, "what was seen is still listed");
}

#[test]
fn a_name_shows_wherever_the_face_is() {
    let mut state = with_search();
    let ada = Some(SubjectName { id: SubjectId(7), name: "Ada".into() });
    let changed = Changed { named: vec![(FaceId(1), ada.clone())], ..Changed::default() };
    reduce(&mut state, Event::People(PeopleEvent::Changed(changed)));
    assert_eq!(state.search.candidates.ready().unwrap()[0].subject, ada);
    assert_eq!(state.search.probe.ready().unwrap().faces[1].subject, ada);
    assert_eq!(state.search.candidates.ready().unwrap()[1].subject, None);
}

fn gone(faces: &[i64]) -> Event {
    Event::People(PeopleEvent::Changed(Changed {
        gone: faces.iter().copied().map(FaceId).collect(),
        ..Changed::default()
    }))
}

fn faces_of_candidates(state: &AppState) -> Vec<(usize, i64)> {
    state.search.candidates.ready().unwrap().iter().map(|candidate| (candidate.rank, candidate.face.0)).collect()
}

#[test]
fn a_face_that_went_leaves_candidates_and_compare() {
    let mut state = with_search();
    command(&mut state, &Command::Search(SearchCommand::Compare(Some(2))));
    let request = state.requests.compare;
    reduce(&mut state, Event::Search(SearchEvent::CompareLoaded { request, photo: Ok(photo(4)) }));
    let query = state.requests.query;
    // Faces 0…3 are on the compared photo, candidates are 1, 2, 3.
    reduce(&mut state, gone(&[2]));
    assert_eq!(faces_of_candidates(&state), [(1, 1), (2, 3)]);
    let Some((1, Load::Ready(compared))) = &state.search.compare else { panic!("not followed") };
    assert!(compared.faces.iter().all(|face| face.id != Some(FaceId(2))));
    assert!(state.requests.query > query, "another candidate may take the place");
    reduce(&mut state, gone(&[3]));
    assert!(state.search.compare.is_none(), "the compared face itself is gone");
    // The same by an enrollment that no longer finds it.
    searched(&mut state, &[5, 6]);
    let enrolled = JobEvent::Faces { added: Vec::new(), removed: vec![FaceId(5)] };
    reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(1), enrolled)));
    assert_eq!(faces_of_candidates(&state), [(1, 6)]);
}

#[test]
fn a_face_that_went_leaves_the_probe_and_the_searched_one_stays_chosen() {
    let mut state = with_search();
    // Faces 0 and 1 are on the probe, 1 is searched.
    reduce(&mut state, gone(&[0]));
    let probe = state.search.probe.ready().unwrap();
    assert_eq!((probe.faces.len(), state.search.chosen), (1, 0));
    assert_eq!(probe.faces[0].id, Some(FaceId(1)));
    reduce(&mut state, gone(&[1]));
    assert_eq!((&state.search.probe, &state.search.candidates), (&Load::Nothing, &Load::Nothing));
    assert!(state.notices.iter().any(|notice| notice.text == crate::tell!("search-probe-gone")));
}

#[test]
fn a_face_that_comes_back_has_its_place_and_the_search_is_made_anew() {
    let mut state = with_search();
    state.faces = [1, 2, 4].map(FaceId).to_vec();
    state.crops.set_missing(FaceId(3));
    let query = state.requests.query;
    reduce(&mut state, Event::People(PeopleEvent::Changed(Changed { back: vec![FaceId(3)], ..Changed::default() })));
    assert_eq!(state.faces, [1, 2, 3, 4].map(FaceId));
    assert!(state.crops.is_wanted(FaceId(3)), "its picture may be there again");
    assert!(state.requests.query > query);
}

#[test]
fn people_who_are_gone_leave_the_filter_and_renamed_ones_show_their_name() {
    let mut state = with_search();
    let person = |id: i64, name: &str| SubjectName { id: SubjectId(id), name: name.into() };
    let named = vec![(FaceId(1), Some(person(7, "Ada")))];
    reduce(&mut state, Event::People(PeopleEvent::Changed(Changed { named, ..Changed::default() })));
    state.search.filter.subjects = vec![SubjectId(7), SubjectId(8)];
    let query = state.requests.query;
    let record = crate::types::SubjectRecord {
        id: SubjectId(7),
        name: "Ada Lovelace".into(),
        external_id: None,
        note: None,
        faces: 1,
    };
    reduce(&mut state, Event::People(PeopleEvent::SubjectsRead(vec![record])));
    assert_eq!(state.search.filter.subjects, [SubjectId(7)]);
    assert!(state.requests.query > query);
    assert_eq!(state.search.candidates.ready().unwrap()[0].subject, Some(person(7, "Ada Lovelace")));
}

#[test]
fn a_failed_start_is_its_own_state_and_nothing_waits_behind_it() {
    let mut state = AppState::default();
    state.status.starting = true;
    state.settings.text_scale = 1.5;
    command(&mut state, &Command::Search(SearchCommand::File("probe.jpg".into())));
    reduce(&mut state, Event::Program(ProgramEvent::StartFailed("the gallery is damaged".into())));
    assert_eq!(
        state.start_failed.as_ref().map(|failure| failure.reason.clone()),
        Some("the gallery is damaged".into())
    );
    assert!(!state.status.starting && state.search.probe == Load::Nothing);
    assert_eq!(state.settings.text_scale, 1.5);
    command(&mut state, &Command::Program(ProgramCommand::Retry(None)));
    assert!(state.start_failed.is_none());
}

#[test]
fn what_was_measured_on_another_model_is_dropped() {
    let mut state = AppState::default();
    let advice = |model| Event::OfModel {
        model,
        event: Box::new(Event::Tune(TuneEvent::AdviceGiven(Err("measured on the old model".into())))),
    };
    let before = state.requests.model;
    reduce(&mut state, Event::Models(ModelsEvent::Changed(Vec::new(), 0.3)));
    command(&mut state, &Command::Tune(TuneCommand::AskAdvice { max_ram_bytes: 1, max_p50_millis: 1.0 }));
    reduce(&mut state, advice(before));
    assert_eq!(state.tune.advice, Load::Loading, "the answer for the model in use is still to come");
    let now = state.requests.model;
    reduce(&mut state, advice(now));
    assert!(matches!(state.tune.advice, Load::Failed(_)));
}

#[test]
fn issues_and_crops_of_a_large_gallery_are_bounded() {
    let mut state = AppState::default();
    for n in 0..12_000 {
        let issue = JobEvent::Issue { path: format!("{n}.jpg").into(), reason: "empty".into() };
        reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(1), issue)));
    }
    assert_eq!(state.issues.len(), MAX_ISSUES);
}
