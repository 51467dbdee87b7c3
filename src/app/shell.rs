//! Carries commands out: starts jobs and requests on their own threads and feeds what they tell to the reducer.

mod answers;
mod closing;
mod crop_loader;
mod edits;
mod follow;
mod models;
mod opening;
mod search_log;
mod tune;
mod tune_jobs;
mod views;
mod workers;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::command::Command;
use super::event::Event;
use super::reducer;
use super::state::{AppState, JobKind, Load, NoticeLevel, Screen};
use crate::jobs::models::RunWatch;
use crate::jobs::tuning::TuneStream;
use crate::jobs::{
    Engine, EnrollRequest, Follower, JobContext, JobControl, JobError, JobEvent, SearchQuery, enroll, retries, spawn,
    unfinished_enrollments,
};
use crate::store::Change;
use crate::types::{JobId, Settings};
use crop_loader::CropLoader;
use edits::Edit;
use opening::Places;
use workers::{EventSink, ProbeSource, Workers};

/// The running program without its window.
pub struct Shell {
    state: AppState,
    events: Receiver<Event>,
    sink: EventSink,
    engine: Option<EngineSide>,
    /// Hands over the engine once it is open.
    opened: Receiver<Arc<Engine>>,
    places: Places,
    /// Threads of passing work, which closing waits for.
    passing: Vec<JoinHandle<()>>,
    /// Tells passing work that takes long to end.
    quit: JobControl,
    controls: HashMap<JobId, JobControl>,
    /// The running stream of probes.
    stream: Option<TuneStream>,
    /// Follows another process's changes while the gallery is open for reading only.
    follower: Option<Follower>,
    /// Reads training runs while the Models screen is shown.
    runs: Option<RunWatch>,
    next_job: i64,
    settings_saved: Settings,
    settings_changed: Option<Instant>,
    /// Commands that came before the engine was open.
    early: Vec<Command>,
}

struct EngineSide {
    engine: Arc<Engine>,
    workers: Workers,
    crops: CropLoader,
}

/// Settings are written this long after the last change, so that dragging a slider writes once.
const SETTINGS_DELAY: Duration = Duration::from_millis(600);

impl Shell {
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes in what happened, for at most `budget`. Returns whether there is more.
    pub fn pump(&mut self, budget: Duration) -> bool {
        let begun = Instant::now();
        self.state.clock = now_millis();
        self.save_settings_when_due();
        while let Ok(event) = self.events.try_recv() {
            self.take_in(event);
            if begun.elapsed() >= budget {
                break;
            }
        }
        self.close_further();
        !self.events.is_empty()
    }

    /// Nothing runs and nothing is waited for.
    pub fn is_idle(&self) -> bool {
        let (search, tune, models) = (&self.state.search, &self.state.tune, &self.state.models_view);
        let reads_models = self.engine.is_some() && self.state.screen == Screen::Models;
        let loading =
            self.state.status.starting
                || (reads_models && models.runs.is_none())
                || (reads_models
                    && models.problem.is_none()
                    && self.state.models.iter().any(|model| model.embedded.is_none()))
                || models.import.as_ref().is_some_and(|import| matches!(import.proposal, Load::Loading))
                || matches!(tune.advice, Load::Loading)
                || matches!(tune.autotune, Load::Loading)
                || matches!(tune.people, Load::Loading)
                || matches!(search.probe, Load::Loading)
                || matches!(search.candidates, Load::Loading)
                || matches!(search.compare, Some((_, Load::Loading)))
                || self.state.detail.as_ref().is_some_and(|detail| {
                    matches!(detail.photo, Load::Loading) || matches!(detail.trial, Load::Loading)
                });
        !loading && self.events.is_empty() && self.state.jobs.iter().all(|job| job.state.is_ended())
    }

    pub fn dispatch(&mut self, command: Command) {
        match command {
            Command::Close => return self.begin_closing(),
            Command::CloseNow => return self.close_now(),
            // What is asked for now would be lost.
            _ if self.state.closing.is_some() => return,
            _ => {}
        }
        let query_before = self.state.requests.query;
        reducer::command(&mut self.state, &command);
        if self.state.settings != self.settings_saved {
            self.settings_changed = Some(Instant::now());
        }
        if let Command::Retry(other) = command {
            return self.restart(other);
        }
        if self.engine.is_none() {
            self.early.push(command);
            return;
        }
        self.execute(command);
        if self.state.requests.query != query_before {
            self.send_query();
        }
    }

    fn take_in(&mut self, event: Event) {
        match &event {
            Event::Started(opening) => {
                self.settings_saved = opening.settings.clone();
                if let Err(reason) = self.take_over_engine() {
                    return self.take_in(Event::StartFailed(reason));
                }
            }
            Event::StartFailed(_) => self.early.clear(),
            Event::Job(id, JobEvent::Ended(_)) => {
                self.controls.remove(id);
                self.refresh_status();
            }
            Event::GalleryChanged(_) => {
                self.refresh_status();
                self.read_subjects();
            }
            // The job that changed it has written it into the settings' file, which a save in between may have undone.
            Event::ModelChanged(..) => {
                self.settings_changed = Some(Instant::now());
                // What it measured on is put aside.
                self.stream = None;
                self.refresh_status();
            }
            Event::Changed(changed) if changed.subjects_changed => {
                self.refresh_status();
                self.read_subjects();
            }
            Event::Job(_, JobEvent::Changed(changed)) if changed.subjects_changed => {
                self.refresh_status();
                self.read_subjects();
            }
            Event::Job(_, JobEvent::Faces { .. } | JobEvent::Changed(_))
            | Event::Changed(_)
            | Event::BecameWritable(_) => self.refresh_status(),
            _ => {}
        }
        let started = matches!(event, Event::Started(_));
        let renewed = self.renews_view(&event);
        let other_model = matches!(event, Event::ModelChanged(..));
        let (followed, writable) =
            (matches!(event, Event::GalleryChanged(_)), matches!(event, Event::BecameWritable(_)));
        let counted = started || matches!(event, Event::StatusRead(_));
        let query_before = self.state.requests.query;
        reducer::reduce(&mut self.state, event);
        if self.state.requests.query != query_before {
            self.send_query();
        }
        // An enrollment names people after folders.
        if counted && self.state.subjects.len() as u64 != self.state.status.subjects {
            self.read_subjects();
        }
        if followed || renewed {
            self.read_view_again();
        }
        if other_model && self.state.screen == Screen::Tune {
            self.execute_tune(Command::ReadIndex);
        }
        if writable && self.state.closing.is_none() {
            self.resume_unfinished();
        }
        if started && self.state.closing.is_none() {
            self.resume_unfinished();
            self.refresh_status();
            for command in std::mem::take(&mut self.early) {
                self.dispatch(command);
            }
        }
    }

    /// A photo on view was enrolled again, or changed its place.
    fn renews_view(&self, event: &Event) -> bool {
        let (Event::Job(_, JobEvent::Changed(changed)) | Event::Changed(changed)) = event else {
            let Event::Job(_, JobEvent::Faces { added, .. }) = event else { return false };
            return self.state.detail.as_ref().is_some_and(|detail| added.contains(&detail.face));
        };
        let on_view = self.state.detail.as_ref().and_then(|detail| detail.photo.ready()?.id);
        on_view.is_some_and(|photo| changed.photos.contains(&photo))
    }

    /// What is on view may have changed behind it.
    fn read_view_again(&self) {
        let Some(side) = &self.engine else { return };
        if let Some(detail) = &self.state.detail {
            side.workers.load_detail(detail.face);
        }
        let compared = self.state.search.compare.as_ref().map(|(at, _)| *at);
        let candidates = self.state.search.candidates.ready();
        if let Some(candidate) = candidates.and_then(|candidates| candidates.get(compared?)) {
            side.workers.load_compare(self.state.requests.compare, candidate.face);
        }
    }

    fn execute(&mut self, command: Command) {
        let Some(side) = &self.engine else { return };
        let workers = &side.workers;
        match command {
            Command::Enroll { sources, subjects_from_folders } => self.enroll(sources, subjects_from_folders),
            Command::RetryIssues(paths) => self.retry_issues(&paths),
            Command::PauseJob(id) => self.control(id, JobControl::pause),
            Command::ResumeJob(id) => self.control(id, JobControl::resume),
            Command::CancelJob(id) => self.control(id, JobControl::cancel),
            Command::ShowInFolder(path) => self.edit(Edit::ShowInFolder(path)),
            Command::SelectFace(Some(face)) => workers.load_detail(face),
            Command::TryDetector(params) => {
                if let Some(detail) = &self.state.detail {
                    workers.try_detector(detail.face, params);
                }
            }
            Command::Name { faces, who } => self.edit(Edit::Change(Change::Name { faces, who })),
            Command::Describe { subject, name, external_id, note } => {
                self.edit(Edit::Change(Change::Describe { subject, name, external_id, note }));
            }
            Command::Merge { from, into } => self.edit(Edit::Change(Change::Merge { from: vec![from], into })),
            Command::Answer { face, same } => self.edit(Edit::Change(Change::Answer { face, same })),
            Command::AskRemoval(removal) => workers.count_removal(removal),
            Command::Remove(removal) => self.edit(Edit::Remove(removal)),
            Command::Undo(batch) => self.edit(Edit::Undo(batch)),
            Command::Redo => self.edit(Edit::Redo),
            Command::ReadRecord => workers.read_record(),
            Command::SearchFile(path) => self.load_probe(ProbeSource::File(path)),
            Command::SearchImage(image) => self.load_probe(ProbeSource::Image(image)),
            Command::SearchFace(face) => self.load_probe(ProbeSource::Face(face)),
            Command::Compare(Some(at)) => {
                let candidate = self.state.search.candidates.ready().and_then(|candidates| candidates.get(at));
                if let Some(candidate) = candidate {
                    workers.load_compare(self.state.requests.compare, candidate.face);
                }
            }
            Command::RequestCrops(faces) => side.crops.request(&faces),
            Command::ShowScreen(screen) => self.open_screen(screen),
            Command::UseModel(_)
            | Command::ReadModels
            | Command::InspectWeights(_)
            | Command::RunWeights(_)
            | Command::ImportModel { .. }
            | Command::TestModel(_)
            | Command::MeasureSpeed(_)
            | Command::RemoveModel(_)
            | Command::ForgetEmbeddings(_) => self.execute_models(command),
            Command::CloseImport
            | Command::DismissJob(_)
            | Command::SelectFace(None)
            | Command::CancelRemoval
            | Command::SetDetectorParams(_)
            | Command::ChooseProbeFace(_)
            | Command::ClearSearch
            | Command::SetThreshold(_)
            | Command::SetK(_)
            | Command::SetFilter(_)
            | Command::SetRange(_)
            | Command::Compare(None)
            | Command::SetTheme(_)
            | Command::SetTextScale(_)
            | Command::DismissNotice(_)
            | Command::DismissNotices
            | Command::Retry(_)
            | Command::Close
            | Command::CloseNow => {}
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
            | Command::AskAdvice { .. } => self.execute_tune(command),
        }
    }

    /// Reads what the screen shows, for as long as it is shown.
    fn open_screen(&mut self, screen: Screen) {
        self.runs = None;
        match screen {
            Screen::Tune => self.execute_tune(Command::ReadIndex),
            Screen::Models => self.open_models(),
            Screen::Enroll | Screen::Search | Screen::Settings => {}
        }
    }

    fn enroll(&mut self, sources: Vec<PathBuf>, subjects_from_folders: bool) {
        if sources.is_empty() {
            return;
        }
        let detector = self.state.settings.detector;
        let title = enroll_title(&sources, "Enroll");
        self.start_enrollment(title, EnrollRequest { sources, subjects_from_folders, detector, is_retry: false });
    }

    /// Asks for what was asked when the issues came up.
    fn retry_issues(&mut self, paths: &[PathBuf]) {
        let Some(side) = &self.engine else { return };
        let detector = self.state.settings.detector;
        let otherwise = EnrollRequest { sources: Vec::new(), subjects_from_folders: false, detector, is_retry: true };
        match retries(&side.engine, paths, &otherwise) {
            Ok(requests) => {
                for request in requests {
                    self.start_enrollment(enroll_title(&request.sources, "Enroll"), request);
                }
            }
            Err(error) => self.notice(NoticeLevel::Warning, error.to_string()),
        }
    }

    fn resume_unfinished(&mut self) {
        let Some(side) = &self.engine else { return };
        if side.engine.ensure_writable().is_err() {
            return;
        }
        match unfinished_enrollments(&side.engine) {
            Ok(requests) => {
                for request in requests {
                    self.start_enrollment(enroll_title(&request.sources, "Resume"), request);
                }
            }
            Err(error) => self.notice(NoticeLevel::Warning, error.to_string()),
        }
        self.resume_change();
    }

    fn start_enrollment(&mut self, title: String, request: EnrollRequest) {
        self.start_job(JobKind::Enroll, title, move |engine, context, _| enroll(engine, &request, context).map(|_| ()));
    }

    /// Runs `body` as a job of its own.
    fn start_job(
        &mut self,
        kind: JobKind,
        title: String,
        body: impl FnOnce(&Engine, &JobContext, &EventSink) -> Result<(), JobError> + Send + 'static,
    ) {
        let Some(side) = &self.engine else { return };
        let id = JobId(self.next_job);
        self.next_job += 1;
        let control = JobControl::default();
        let context = JobContext::new(id, control.clone(), self.sink.for_jobs());
        let (engine, sink) = (Arc::clone(&side.engine), self.sink.of_model(self.state.requests.model));
        reducer::reduce(&mut self.state, Event::JobBegan { id, kind, title });
        let run = move |context: &JobContext| {
            let ended = body(&engine, context, &sink);
            workers::tell_messages(&engine, &sink);
            ended
        };
        match spawn("job", context, run) {
            Ok(_) => {
                self.controls.insert(id, control);
            }
            Err(error) => {
                let outcome = crate::jobs::Outcome::Failed(format!("the system refused a thread: {error}"));
                reducer::reduce(&mut self.state, Event::Job(id, JobEvent::Ended(outcome)));
            }
        }
    }

    fn control(&self, id: JobId, act: impl FnOnce(&JobControl)) {
        if let Some(control) = self.controls.get(&id) {
            act(control);
        }
    }

    fn load_probe(&mut self, source: ProbeSource) {
        if let Some(side) = &self.engine {
            side.workers.load_probe(self.state.requests.probe, source, self.state.settings.detector);
        }
    }

    /// Searches the chosen face with the k and threshold of now, where there is a probe.
    fn send_query(&mut self) {
        let Some(side) = &self.engine else { return };
        let search = &self.state.search;
        let Some(probe) = search.probe.ready() else { return };
        let exclude = probe.faces.get(search.chosen).and_then(|face| face.id);
        let request = self.state.requests.query;
        match side.workers.probe_embedding(self.state.requests.probe, search.chosen, exclude) {
            Some(probe) => {
                let filter = (!search.filter.is_empty()).then(|| search.filter.clone());
                let (k, threshold, range) = (search.k, search.threshold, search.range);
                let embedding = probe.embedding.clone();
                let query = SearchQuery { embedding, exclude, k, threshold, filter, range };
                side.workers.search(request, probe, query);
            }
            // Nobody else would answer.
            None => {
                let found = Err("This face is not at hand any more: search the photo again.".to_owned());
                reducer::reduce(&mut self.state, Event::Searched { request, found });
            }
        }
    }

    /// Hands in a change; one that is not taken is told.
    fn edit(&mut self, edit: Edit) {
        let Some(side) = &self.engine else { return };
        if let Err(reason) = side.workers.edit(edit) {
            self.notice(NoticeLevel::Error, reason);
        }
    }

    fn read_subjects(&self) {
        if let Some(side) = &self.engine {
            side.workers.read_subjects();
        }
    }

    fn refresh_status(&self) {
        if let Some(side) = &self.engine {
            side.workers.read_status();
            side.workers.read_record();
        }
    }

    fn notice(&mut self, level: NoticeLevel, text: String) {
        reducer::reduce(&mut self.state, Event::Notice(level, text));
    }

    fn save_settings_when_due(&mut self) {
        if self.settings_changed.is_some_and(|changed| changed.elapsed() >= SETTINGS_DELAY) {
            self.save_settings();
        }
    }

    fn save_settings(&mut self) {
        let Some(side) = &self.engine else { return };
        self.settings_changed = None;
        self.settings_saved = self.state.settings.clone();
        side.workers.save_settings(self.settings_saved.clone());
    }
}

fn enroll_title(sources: &[PathBuf], verb: &str) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    match sources {
        [one] => format!("{verb} {}", name(one)),
        [first, ..] => format!("{verb} {} and {} more", name(first), sources.len() - 1),
        [] => verb.to_owned(),
    }
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
