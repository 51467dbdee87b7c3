use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::answers::answer_of;
use super::sink::{EventSink, notice, refused, tell_messages};
use crate::app::jobs::{JobKind, JobsEvent};
use crate::app::messages::Event;
use crate::app::state::AppState;
use crate::app::window::NoticeLevel;
use crate::jobs::{Engine, JobContext, JobControl, JobError, JobEvent, Outcome, Progress, spawn};
use crate::types::{JobId, Telling};

/// What an executor works at.
pub(in crate::app) struct Desk<'a> {
    pub(in crate::app) state: &'a AppState,
    pub(in crate::app) engine: &'a Arc<Engine>,
    pub(in crate::app) sink: &'a EventSink,
    pub(in crate::app) hands: &'a mut Hands,
}

/// Jobs and threads that are under way.
pub(in crate::app) struct Hands {
    pub(in crate::app) controls: HashMap<JobId, JobControl>,
    /// Threads of passing work, which closing waits for.
    pub(in crate::app) passing: Vec<JoinHandle<()>>,
    /// Tells passing work that takes long to end.
    pub(in crate::app) quit: JobControl,
    next_job: i64,
    /// Events that executors made themselves, which the shell takes in at once.
    told: Vec<Event>,
}

impl Default for Hands {
    fn default() -> Self {
        Self {
            controls: HashMap::new(),
            passing: Vec::new(),
            quit: JobControl::default(),
            next_job: 1,
            told: Vec::new(),
        }
    }
}

impl Hands {
    pub(in crate::app) fn take_told(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.told)
    }
}

impl Desk<'_> {
    /// The state changes by this as soon as the executor is done.
    pub(in crate::app) fn tell(&mut self, event: impl Into<Event>) {
        self.hands.told.push(event.into());
    }

    pub(in crate::app) fn notice(&mut self, level: NoticeLevel, text: impl Into<Telling>) {
        self.tell(notice(level, text));
    }

    /// For what is measured on the model in use now.
    pub(in crate::app) fn sink_of_model(&self) -> EventSink {
        self.sink.of_model(self.state.requests.model)
    }

    /// Whether work may begin that changes the gallery: it can be written to, and nobody closes the program.
    pub(in crate::app) fn can_write(&self) -> bool {
        self.state.closing.is_none() && self.engine.ensure_writable().is_ok()
    }

    pub(in crate::app) fn control(&self, id: JobId, act: impl FnOnce(&JobControl)) {
        if let Some(control) = self.hands.controls.get(&id) {
            act(control);
        }
    }

    /// Runs `body` as a job of its own.
    pub(in crate::app) fn start_job(
        &mut self,
        kind: JobKind,
        title: Telling,
        body: impl FnOnce(&Engine, &JobContext, &EventSink) -> Result<(), JobError> + Send + 'static,
    ) {
        let id = JobId(self.hands.next_job);
        self.hands.next_job += 1;
        let control = JobControl::default();
        let context = JobContext::new(id, control.clone(), self.sink.for_jobs());
        let (engine, sink) = (Arc::clone(self.engine), self.sink_of_model());
        self.tell(JobsEvent::Began { id, kind, title });
        let run = move |context: &JobContext| {
            let ended = body(&engine, context, &sink);
            tell_messages(&engine, &sink);
            ended
        };
        match spawn("job", context, run) {
            Ok(_) => {
                self.hands.controls.insert(id, control);
            }
            Err(error) => {
                let outcome = Outcome::Failed(refused(&error));
                self.tell(JobsEvent::Told(id, JobEvent::Ended(outcome)));
            }
        }
    }

    /// Runs `work` on a thread of its own and sends what comes of it; where nothing does, what `failed` makes of the
    /// reason, so that nobody waits for ever. Either is for the model in use now.
    pub(in crate::app) fn on_thread<M: Into<Event>, F: Into<Event>>(
        &mut self,
        name: &str,
        work: impl FnOnce(&Engine) -> Result<Vec<M>, JobError> + Send + 'static,
        failed: impl Fn(Telling) -> F + Clone + Send + 'static,
    ) {
        let (engine, sink) = (Arc::clone(self.engine), self.sink_of_model());
        let give_up = failed.clone();
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            match answer_of(|| work(&engine)) {
                Ok(events) => sink.send_all(events),
                Err(reason) => sink.send(failed(reason)),
            }
            tell_messages(&engine, &sink);
        });
        self.hands.passing.retain(|thread| !thread.is_finished());
        match started {
            Ok(thread) => self.hands.passing.push(thread),
            Err(error) => self.tell(give_up(refused(&error))),
        }
    }
}

/// Sends a job's progress.
pub(in crate::app) fn progress(context: &JobContext) -> impl Fn(Progress) + '_ {
    |progress| context.send(JobEvent::Progress(progress))
}
