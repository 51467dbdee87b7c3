//! Carries commands out: starts jobs and requests on their own threads and feeds what they tell to the reducer.

mod crop_loader;
mod follow;
mod models;
mod search_log;
mod tune;
mod tune_jobs;
mod views;
mod workers;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::command::Command;
use super::event::Event;
use super::reducer;
use super::state::{AppState, JobKind, JobState, Load, NoticeLevel, Screen};
use crate::jobs::models::RunWatch;
use crate::jobs::tuning::TuneStream;
use crate::jobs::{
    Engine, EnrollRequest, Follower, JobContext, JobControl, JobError, JobEvent, Message, Mode, OpenOptions,
    SearchQuery, enroll, spawn, unfinished_enrollments,
};
use crate::types::{JobId, Settings};
use crop_loader::CropLoader;
use views::opening;
use workers::{EventSink, ProbeSource, Workers};

/// The running program without its window.
pub struct Shell {
    state: AppState,
    events: Receiver<Event>,
    sink: EventSink,
    engine: Option<EngineSide>,
    /// Hands over the engine once it is open.
    opened: Receiver<Arc<Engine>>,
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
    /// Opens the data folder on a thread of its own and returns at once. `wake` is called whenever there is
    /// something to [`Shell::pump`], from any thread.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn start(data_dir: Option<PathBuf>, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        Self::start_with(data_dir, None, wake)
    }

    /// The same with a folder for the person's settings, in the place of the configuration folder.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn start_with(
        data_dir: Option<PathBuf>,
        config_dir: Option<PathBuf>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let (sender, events) = bounded(1024);
        let sink = EventSink::new(sender, wake);
        let (hand_over, opened) = bounded(1);
        let starting = sink.clone();
        std::thread::Builder::new()
            .name("start".to_owned())
            .spawn(move || open(data_dir, config_dir, &starting, &hand_over))?;
        let mut state = AppState::default();
        state.status.starting = true;
        Ok(Self {
            state,
            events,
            sink,
            engine: None,
            opened,
            controls: HashMap::new(),
            stream: None,
            follower: None,
            runs: None,
            next_job: 1,
            settings_saved: Settings::default(),
            settings_changed: None,
            early: Vec::new(),
        })
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes in what happened, for at most `budget`. Returns whether there is more.
    pub fn pump(&mut self, budget: Duration) -> bool {
        let begun = Instant::now();
        self.save_settings_when_due();
        while let Ok(event) = self.events.try_recv() {
            self.take_in(event);
            if begun.elapsed() >= budget {
                return !self.events.is_empty();
            }
        }
        false
    }

    /// Nothing runs and nothing is waited for.
    pub fn is_idle(&self) -> bool {
        let (search, tune, models) = (&self.state.search, &self.state.tune, &self.state.models_view);
        let reads_models = self.engine.is_some() && self.state.screen == Screen::Models;
        let loading =
            self.state.status.starting
                || (reads_models && models.runs.is_none())
                || (reads_models && self.state.models.iter().any(|model| model.embedded.is_none()))
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
        let query_before = self.state.requests.query;
        reducer::command(&mut self.state, &command);
        if self.state.settings != self.settings_saved {
            self.settings_changed = Some(Instant::now());
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
                self.take_over_engine();
            }
            Event::Job(id, JobEvent::Ended(_)) => {
                self.controls.remove(id);
                self.refresh_status();
            }
            Event::GalleryChanged(_) => {
                if let Some(side) = &self.engine {
                    side.workers.read_subjects();
                }
            }
            // The job that changed it has written it into the settings' file, which a save in between may have undone.
            Event::ModelChanged(..) => {
                self.settings_changed = Some(Instant::now());
                self.refresh_status();
            }
            Event::Changed(changed) if changed.subjects_changed => {
                self.refresh_status();
                self.read_subjects();
            }
            Event::Job(_, JobEvent::Faces { .. }) | Event::Changed(_) => {
                self.refresh_status();
            }
            _ => {}
        }
        let started = matches!(event, Event::Started(_));
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
        if followed {
            self.read_view_again();
        }
        if writable {
            self.resume_unfinished();
        }
        if started {
            self.resume_unfinished();
            for command in std::mem::take(&mut self.early) {
                self.dispatch(command);
            }
        }
    }

    fn take_over_engine(&mut self) {
        let Ok(engine) = self.opened.try_recv() else { return };
        let started = Workers::spawn(&engine, &self.sink)
            .and_then(|workers| Ok((workers, CropLoader::spawn(&engine, &self.sink)?)));
        match started {
            Ok((workers, crops)) => {
                match follow::follow(&engine, &self.sink) {
                    Ok(follower) => self.follower = follower,
                    Err(error) => log::warn!("another program's changes will not show: {error}"),
                }
                self.engine = Some(EngineSide { engine, workers, crops });
            }
            Err(error) => {
                self.notice(NoticeLevel::Error, format!("The system refused the threads the program needs: {error}"));
            }
        }
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
            Command::RetryIssues(paths) => self.enroll(paths, false),
            Command::PauseJob(id) => self.control(id, JobControl::pause),
            Command::ResumeJob(id) => self.control(id, JobControl::resume),
            Command::CancelJob(id) => self.control(id, JobControl::cancel),
            Command::ShowInFolder(path) => workers.show_in_folder(path),
            Command::SelectFace(Some(face)) => workers.load_detail(face),
            Command::TryDetector(params) => {
                if let Some(detail) = &self.state.detail {
                    workers.try_detector(detail.face, params);
                }
            }
            Command::NameFace { face, subject } => workers.name_face(face, subject),
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
            | Command::ImportModel { .. }
            | Command::TestModel(_)
            | Command::MeasureSpeed(_)
            | Command::RemoveModel(_)
            | Command::ForgetEmbeddings(_) => self.execute_models(command),
            Command::CloseImport
            | Command::DismissJob(_)
            | Command::SelectFace(None)
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
            | Command::DismissNotice(_) => {}
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
        self.start_enrollment(title, EnrollRequest { sources, subjects_from_folders, detector });
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
        let (engine, sink) = (Arc::clone(&side.engine), self.sink.clone());
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

    /// Searches the chosen face with the k and threshold of now.
    fn send_query(&mut self) {
        let Some(side) = &self.engine else { return };
        let search = &self.state.search;
        let exclude = search.probe.ready().and_then(|probe| probe.faces.get(search.chosen)).and_then(|face| face.id);
        if let Some(embedding) = side.workers.probe_embedding(self.state.requests.probe, search.chosen) {
            let filter = (!search.filter.is_empty()).then(|| search.filter.clone());
            let (k, threshold, range) = (search.k, search.threshold, search.range);
            let query = SearchQuery { embedding, exclude, k, threshold, filter, range };
            side.workers.search(self.state.requests.query, query);
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

impl Drop for Shell {
    /// Stops every job at its next checkpoint and waits for the batch in flight, so that nothing is lost. The next
    /// start takes the jobs up again.
    fn drop(&mut self) {
        if let (Some(_), Some(side)) = (self.settings_changed, &self.engine)
            && let Err(error) = side.engine.save_settings(&self.state.settings)
        {
            log::warn!("the settings could not be saved: {error}");
        }
        (self.stream, self.runs) = (None, None);
        self.controls.values().for_each(JobControl::interrupt);
        let patience = Instant::now();
        while !self.controls.is_empty() && patience.elapsed() < Duration::from_secs(30) {
            if let Ok(Event::Job(id, JobEvent::Ended(_))) = self.events.recv_timeout(Duration::from_millis(100)) {
                self.controls.remove(&id);
            }
        }
        // Workers may be waiting to send: nobody listens any more, and their sends then return at once.
        self.sink.close();
        while self.events.try_recv().is_ok() {}
        self.follower = None;
        self.engine = None;
        for job in &mut self.state.jobs {
            if !job.state.is_ended() {
                job.state = JobState::Cancelled;
            }
        }
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

/// The body of the start thread.
fn open(data_dir: Option<PathBuf>, config_dir: Option<PathBuf>, sink: &EventSink, hand_over: &Sender<Arc<Engine>>) {
    let tell = |message| {
        sink.send(match message {
            Message::Info(text) => Event::Notice(NoticeLevel::Info, text),
            Message::Warning(text) => Event::Notice(NoticeLevel::Warning, text),
        });
    };
    let options = OpenOptions {
        data_dir: data_dir.as_deref(),
        config_dir: config_dir.as_deref(),
        tell: &tell,
        ..OpenOptions::new(Mode::WriteIfFree)
    };
    let opened = Engine::open_with(&options).map(Arc::new);
    let opening = opened.and_then(|engine| Ok((opening(&engine)?, engine)));
    match opening {
        Ok((opening, engine)) => {
            let read_only = engine.ensure_writable().err();
            workers::tell_messages(&engine, sink);
            let _ = hand_over.send(engine);
            sink.send(Event::Started(Box::new(opening)));
            if let Some(reason) = read_only {
                sink.send(Event::Notice(NoticeLevel::Warning, reason.to_string()));
            }
        }
        Err(error) => sink.send(Event::StartFailed(format!("Likeness could not open its data. {error}"))),
    }
}
