//! Closing without losing anything and without keeping the window from painting.

use std::time::{Duration, Instant};

use super::Shell;
use super::workers::EventSink;
use crate::app::event::Event;
use crate::app::state::{Closing, NoticeLevel};
use crate::jobs::JobControl;

/// A program without a window waits this long for what is under way.
const PATIENCE: Duration = Duration::from_secs(30);

impl Shell {
    /// Stops every job at its next checkpoint, and then writes what is still to be written, in the background. The next
    /// start takes the jobs up again. [`crate::app::AppState::closing`] says how far it is.
    pub fn begin_closing(&mut self) {
        if self.state.closing.is_some() {
            return;
        }
        if self.settings_changed.is_some() {
            self.save_settings();
        }
        (self.stream, self.runs) = (None, None);
        self.early.clear();
        self.quit.interrupt();
        self.controls.values().for_each(JobControl::interrupt);
        self.state.closing = Some(Closing::Jobs);
        self.close_further();
    }

    /// The window may go.
    pub fn is_closed(&self) -> bool {
        self.state.closing == Some(Closing::Done)
    }

    /// Leaves everything as it is: what is not on the disk by now is not waited for.
    pub fn close_now(&mut self) {
        self.begin_closing();
        self.sink.close();
        // Dropping these would wait for their threads; they end with the process.
        std::mem::forget((self.engine.take(), self.follower.take()));
        self.controls.clear();
        self.passing.clear();
        self.state.closing = Some(Closing::Done);
    }

    /// Goes on from jobs to writing once no job runs any more.
    pub(super) fn close_further(&mut self) {
        if self.state.closing != Some(Closing::Jobs) || !self.controls.is_empty() {
            return;
        }
        let Some(side) = self.engine.take() else {
            // Nothing was changed yet; opening can be cut short at any moment.
            self.state.closing = Some(Closing::Done);
            return;
        };
        self.state.closing = Some(Closing::Writing);
        let (passing, follower) = (std::mem::take(&mut self.passing), self.follower.take());
        let sink = self.sink.clone();
        let write = move || {
            let _told = Told(&sink);
            drop(follower);
            for thread in passing {
                // What went wrong in it was told by itself.
                let _ = thread.join();
            }
            // Waits for each worker, and for every change that was taken.
            drop(side);
        };
        if let Err(error) = std::thread::Builder::new().name("closing".to_owned()).spawn(write) {
            // The closure, and with it the engine, was dropped here.
            log::warn!("the system refused a thread: {error}");
            self.state.closing = Some(Closing::Done);
        }
    }
}

/// Says that all is written, also where writing ends in a panic.
struct Told<'a>(&'a EventSink);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = "A fault of the program while closing; see the log.".to_owned();
            self.0.send(Event::Notice(NoticeLevel::Error, text));
        }
        self.0.send(Event::Closed);
    }
}

impl Drop for Shell {
    /// Closes, waiting for what is under way, unless that has been done.
    fn drop(&mut self) {
        self.begin_closing();
        let begun = Instant::now();
        while !self.is_closed() && begun.elapsed() < PATIENCE {
            if let Ok(event) = self.events.recv_timeout(Duration::from_millis(50)) {
                self.take_in(event);
            }
            self.close_further();
        }
        // Workers may be waiting to send: nobody listens any more, and their sends then return at once.
        self.sink.close();
        while self.events.try_recv().is_ok() {}
        if let Some(side) = self.engine.take() {
            log::warn!("a job did not stop in time; the next start takes it up again");
            std::mem::forget(side);
        }
    }
}
