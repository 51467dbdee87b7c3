//! The one place where the state changes: commands and events in, state out. No file, thread or clock.

mod faces;
mod follow;
mod jobs;
mod models;
mod notices;
mod tune;

use super::command::Command;
use super::event::Event;
use super::record::RecordView;
use super::state::{AppState, Closing, DetailView, JobState, Load, Requests, Screen, StartFailure};
use jobs::{MAX_ISSUES, set_job_state};
use notices::notify;

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
        Command::SetLanguage(language) => state.settings.language = *language,
        Command::SetTextScale(scale) if scale.is_finite() => state.settings.text_scale = scale.clamp(0.75, 2.0),
        Command::DismissNotice(id) => state.notices.retain(|notice| notice.id != *id),
        Command::Undo(Some(batch)) => state.notices.retain(|notice| notice.undo != Some(*batch)),
        Command::DismissNotices => state.notices.clear(),
        Command::Retry(_) => state.start_failed = None,
        Command::Close | Command::CloseNow => {}
        Command::AskRemoval(removal) => state.record.removal = Some((removal.clone(), Load::Loading)),
        Command::CancelRemoval | Command::Remove(_) => state.record.removal = None,
        // Answered once: the list follows when it is read again.
        Command::Answer { face, .. } => state.record.questions.retain(|question| question.face != *face),
        Command::SetTextScale(_)
        | Command::ShowInFolder(_)
        | Command::Name { .. }
        | Command::Describe { .. }
        | Command::Merge { .. }
        | Command::Undo(None)
        | Command::Redo
        | Command::ReadRecord => {}
        Command::UseModel(_)
        | Command::ReadModels
        | Command::InspectWeights(_)
        | Command::RunWeights(_)
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
            state.issues.truncate(MAX_ISSUES);
            state.start_failed = None;
        }
        Event::StartFailed(reason) => {
            // What was asked for meanwhile is answered by nobody.
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
        Event::StatusRead(status) | Event::BecameWritable(status) => state.status = status,
        Event::GalleryChanged(opening) => follow::gallery_changed(state, *opening),
        Event::SubjectsRead(subjects) => {
            state.subjects = subjects;
            state.subjects_version += 1;
            faces::subjects_read(state);
        }
        Event::ModelChanged(models, threshold) => {
            state.settings.model = models.iter().find(|model| model.active).map(|model| model.name.clone());
            state.models = models;
            state.search.threshold = threshold;
            // Embeddings of one model say nothing in the space of another, and measures of one nothing about another.
            state.requests.model += 1;
            clear_search(state);
            tune::forget(state);
        }
        Event::OfModel { model, event } => {
            if model == state.requests.model {
                reduce(state, *event);
            }
        }
        Event::JobBegan { id, kind, title } => jobs::began(state, jobs::new_job(id, kind, title)),
        Event::Job(id, event) => jobs::job_event(state, id, event),
        Event::CropLoaded(face, crop) => state.crops.insert(face, crop),
        Event::CropMissing(face) => state.crops.set_missing(face),
        Event::CropPassedOver(face) => state.crops.give_up(face),
        Event::Changed(changed) => faces::changed(state, &changed),
        Event::Made { text, undo } => notices::notify_made(state, text, undo),
        Event::RecordRead(record) => {
            let removal = state.record.removal.take();
            state.record = RecordView { removal, ..*record };
            notices::follow_record(state);
        }
        Event::RecordUnread(reason) => state.record.problem = Some(reason),
        Event::RemovalCounted { removal, counts } => {
            if let Some((asked, counted)) = &mut state.record.removal
                && *asked == removal
            {
                *counted = load_from(counts);
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
        Event::Closed => {
            for job in &mut state.jobs {
                if !job.state.is_ended() {
                    job.state = JobState::Cancelled;
                }
            }
            state.closing = Some(Closing::Done);
        }
        Event::ModelsRead { .. }
        | Event::ModelsUnread(_)
        | Event::WeightsInspected { .. }
        | Event::ModelImported { .. }
        | Event::ModelTested { .. }
        | Event::RunsRead(_) => models::reduce(state, event),
        Event::IndexRead(..)
        | Event::IndexUnread(_)
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

#[cfg(test)]
mod tests;
