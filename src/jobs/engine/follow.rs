//! Following what another process does to the gallery, for as long as it holds the data folder's lock.

use crate::types::{Tell, Telling};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{Active, Engine};
use crate::jobs::work::{JobError, Message};
use crate::store::{ChangeWatch, StoreError};

/// What has become of a gallery that is open for reading only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Photos, faces or names are others, and the index is level with them.
    Changed,
    /// Another model is in use.
    ModelChanged,
    /// The lock was free and is this process's now: it may write. Nothing is followed any more.
    Writable,
}

/// A thread that looks once a second whether somebody else has written, and whether the lock is free.
pub struct Follower {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

const EVERY: Duration = Duration::from_secs(1);

impl Follower {
    /// `None` where this process writes itself. `tell` is called from the follower's thread.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn spawn(engine: &Arc<Engine>, tell: impl Fn(Followed) + Send + 'static) -> std::io::Result<Option<Self>> {
        if engine.read_only_reason().is_none() {
            return Ok(None);
        }
        let (stop, stopped) = bounded(1);
        let engine = Arc::clone(engine);
        let thread =
            std::thread::Builder::new().name("follow".to_owned()).spawn(move || follow(&engine, &stopped, &tell))?;
        Ok(Some(Self { stop: Some(stop), thread: Some(thread) }))
    }
}

impl Drop for Follower {
    /// Waits for the look that is being taken.
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the other process's changes were not followed, by a fault of the program");
        }
    }
}

fn follow(engine: &Engine, stopped: &Receiver<()>, tell: &dyn Fn(Followed)) {
    let begun = engine.watch.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut watch: Result<ChangeWatch, StoreError> = begun.map_or_else(|| engine.gallery.watch(), Ok);
    let mut settings = settings_stamp(engine);
    let mut last_error = Telling::default();
    let mut report = |error: JobError| {
        // A file that is away for a minute is told once.
        let text = error.telling();
        if text != last_error {
            engine.tell(Message::Warning(text.clone()));
            last_error = text;
        }
    };
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let has_changed = match &mut watch {
            Ok(watch) => watch.has_changed(),
            Err(_) => {
                watch = engine.gallery.watch();
                // What happened in between is not known.
                Ok(watch.is_ok())
            }
        };
        match has_changed
            .map_err(JobError::from)
            .and_then(|changed| if changed { engine.catch_up() } else { Ok(false) })
        {
            Ok(true) => tell(Followed::Changed),
            Ok(false) => {}
            Err(error) => report(error),
        }
        let stamp = settings_stamp(engine);
        if stamp != settings {
            settings = stamp;
            match engine.follow_model() {
                Ok(true) => tell(Followed::ModelChanged),
                Ok(false) => {}
                Err(error) => report(error),
            }
        }
        match engine.try_to_write() {
            Ok(true) => return tell(Followed::Writable),
            Ok(false) => {}
            Err(error) => report(error),
        }
    }
}

fn settings_stamp(engine: &Engine) -> Option<SystemTime> {
    std::fs::metadata(engine.settings_path()).ok()?.modified().ok()
}

impl Engine {
    /// Takes in what another process has written.
    fn catch_up(&self) -> Result<bool, JobError> {
        self.gallery.note_change();
        self.index().catch_up(&self.gallery)?;
        Ok(true)
    }

    /// Uses the model that the settings name by now; false where that is the one in use.
    fn follow_model(&self) -> Result<bool, JobError> {
        let Some(name) = self.settings().model else { return Ok(false) };
        if name == self.manifest().name {
            return Ok(false);
        }
        self.reload_models()?;
        let entry = self.with_models(|models| models.find(&name).cloned())?;
        let index = self.open_index(&entry.manifest)?;
        let active = Active { entry, embedder: None, index };
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = active;
        Ok(true)
    }
}
