use crate::tell;
use crate::types::Telling;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{SendTimeoutError, Sender};

use crate::app::jobs::JobsEvent;
use crate::app::messages::Event;
use crate::app::window::{NoticeLevel, WindowEvent};
use crate::jobs::{Engine, JobSink, Message};

/// Where every thread sends its events: a bounded channel that wakes the window.
#[derive(Clone)]
pub(in crate::app) struct EventSink {
    sender: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    closed: Arc<AtomicBool>,
    /// What is sent is about the model of this number.
    model: Option<u64>,
}

impl EventSink {
    pub(in crate::app) fn new(sender: Sender<Event>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { sender, wake, closed: Arc::default(), model: None }
    }

    /// For what is measured on one model and means nothing for another.
    pub(in crate::app) fn of_model(&self, model: u64) -> Self {
        Self { model: Some(model), ..self.clone() }
    }

    /// Waits while the window is behind; returns at once when it is gone.
    pub(in crate::app) fn send(&self, event: impl Into<Event>) {
        let mut event = match (self.model, event.into()) {
            // What was said to the person, and what is true whatever the model, is passed on as it is.
            (Some(model), event) if event.is_of_model() => Event::OfModel { model, event: Box::new(event) },
            (_, event) => event,
        };
        while !self.closed.load(Ordering::SeqCst) {
            match self.sender.send_timeout(event, Duration::from_millis(50)) {
                Ok(()) => break,
                Err(SendTimeoutError::Timeout(back)) => event = back,
                Err(SendTimeoutError::Disconnected(_)) => return,
            }
            (self.wake)();
        }
        (self.wake)();
    }

    pub(in crate::app) fn send_all(&self, events: Vec<impl Into<Event>>) {
        events.into_iter().for_each(|event| self.send(event));
    }

    pub(in crate::app) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(in crate::app) fn for_jobs(&self) -> JobSink {
        let sink = self.clone();
        Arc::new(move |id, event| sink.send(JobsEvent::Told(id, event)))
    }
}

/// Passes on what the engine has to tell.
pub(in crate::app) fn tell_messages(engine: &Engine, sink: &EventSink) {
    for message in engine.take_messages() {
        sink.send(notice_of(message));
    }
}

pub(in crate::app) fn notice_of(message: Message) -> Event {
    match message {
        Message::Info(text) => notice(NoticeLevel::Info, text),
        Message::Warning(text) => notice(NoticeLevel::Warning, text),
    }
}

pub(in crate::app) fn notice(level: NoticeLevel, text: impl Into<Telling>) -> Event {
    WindowEvent::Notice(level, text.into()).into()
}

/// What went wrong, before the person, where no view waits for the answer.
pub(in crate::app) fn failed(reason: Telling) -> Event {
    notice(NoticeLevel::Error, reason)
}

/// When the system refuses a thread.
pub(in crate::app) fn refused(error: &std::io::Error) -> Telling {
    tell!("app-thread-refused", reason = error.to_string())
}
