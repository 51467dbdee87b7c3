//! Changes that must all happen, in the order in which they were asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, TrySendError, bounded};

use super::event::PeopleEvent;
use crate::app::desk::{EventSink, failed, fault, tell_messages};
use crate::app::messages::Event;
use crate::jobs::history::words;
use crate::jobs::{Engine, JobError};
use crate::store::{Change, Changed, Removal};
use crate::tell;
use crate::types::{BatchId, Tell, Telling};

/// What a person changes.
#[derive(Debug)]
pub(super) enum Edit {
    Change(Change),
    /// Take back a batch; without a number the latest one.
    Undo(Option<BatchId>),
    Redo,
    Remove(Removal),
}

/// Changes waiting at most; at one a click nobody comes near it.
const MAX_WAITING: usize = 256;

/// The thread that makes changes. Dropping it waits until all of them are made.
pub(super) struct Edits {
    sender: Option<Sender<Edit>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Edits {
    /// # Errors
    /// The system refused a thread.
    pub(super) fn spawn(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Self> {
        let (engine, messages) = (Arc::clone(engine), sink.clone());
        let make = move |edit| {
            let events = make_edit(&engine, edit);
            tell_messages(&engine, &messages);
            events
        };
        Self::making(sink, MAX_WAITING, make)
    }

    fn making(
        sink: &EventSink,
        most: usize,
        mut make: impl FnMut(Edit) -> Vec<Event> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, edits) = bounded::<Edit>(most);
        let (sink, waiting) = (sink.clone(), Arc::new(AtomicUsize::new(0)));
        let left = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("edits".to_owned()).spawn(move || {
            for edit in edits {
                let events = catch_unwind(AssertUnwindSafe(|| make(edit)));
                left.fetch_sub(1, Ordering::SeqCst);
                let events = events.unwrap_or_else(|panic| vec![failed(fault(panic.as_ref()))]);
                events.into_iter().for_each(|event| sink.send(event));
            }
        })?;
        Ok(Self { sender: Some(sender), waiting, thread: Some(thread) })
    }

    /// # Errors
    /// It was not taken; why, in words.
    pub(super) fn put(&self, edit: Edit) -> Result<(), Telling> {
        let Some(sender) = &self.sender else { return Err(tell!("people-closing")) };
        self.waiting.fetch_add(1, Ordering::SeqCst);
        sender.try_send(edit).map_err(|error| {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            match error {
                TrySendError::Full(_) => tell!("people-too-many-changes"),
                TrySendError::Disconnected(_) => tell!("people-no-changes"),
            }
        })
    }
}

impl Drop for Edits {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the latest changes were not made, by a fault of the program");
        }
    }
}

/// Takes out photos and faces, and tells of it with the way back.
fn remove(engine: &Engine, removal: &Removal) -> Result<Vec<Event>, JobError> {
    let (photos, faces) = engine.gallery().to_remove(removal)?;
    let change = if photos.is_empty() { Change::RemoveFaces(faces) } else { Change::RemovePhotos(photos) };
    change_and_tell(engine, &change)
}

/// Makes a change that does not show where it was asked for, and tells of it with the way back.
fn change_and_tell(engine: &Engine, change: &Change) -> Result<Vec<Event>, JobError> {
    let changed = engine.change(change)?;
    let made = changed.batch.map(|batch| made(engine, batch)).transpose()?.flatten();
    Ok([PeopleEvent::Changed(changed).into()].into_iter().chain(made).collect())
}

/// A batch in words, as a message.
fn made(engine: &Engine, batch: BatchId) -> Result<Option<Event>, JobError> {
    let after = Some(BatchId(batch.0.saturating_add(1)));
    let record = engine.gallery().history(1, after)?.pop().filter(|record| record.id == batch);
    Ok(record.map(|record| PeopleEvent::Made { text: words(&record), undo: batch }.into()))
}

/// Whether what was changed is seen where it was asked for.
fn shows_itself(change: &Change) -> bool {
    !matches!(
        change,
        Change::Merge { .. }
            | Change::Split { .. }
            | Change::IgnoreRest { .. }
            | Change::LeaveGroup(_)
            | Change::Regroup { .. }
    )
}

fn make_edit(engine: &Engine, edit: Edit) -> Vec<Event> {
    let changed = |changed: Result<Changed, JobError>| match changed {
        Ok(changed) => vec![PeopleEvent::Changed(changed).into()],
        Err(error) => vec![failed(error.telling())],
    };
    match edit {
        Edit::Remove(removal) => remove(engine, &removal).unwrap_or_else(|error| vec![failed(error.telling())]),
        Edit::Change(change) if !shows_itself(&change) => {
            change_and_tell(engine, &change).unwrap_or_else(|error| vec![failed(error.telling())])
        }
        Edit::Change(change) => changed(engine.change(&change)),
        Edit::Undo(batch) => changed(engine.undo(batch).map(|(_, changed)| changed)),
        Edit::Redo => changed(engine.redo().map(|(_, changed)| changed)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::window::{NoticeLevel, WindowEvent};

    fn some_edit() -> Edit {
        Edit::Undo(None)
    }

    #[test]
    fn closing_waits_for_every_change_that_was_taken() {
        let (sender, _events) = bounded(64);
        let sink = EventSink::new(sender, Arc::new(|| {}));
        let (made, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let theirs = Arc::clone(&made);
        let make = move |_| {
            std::thread::sleep(Duration::from_millis(20));
            theirs.fetch_add(1, Ordering::SeqCst);
            Vec::new()
        };
        let edits = Edits::making(&sink, 8, make).unwrap();
        for _ in 0..5 {
            edits.put(some_edit()).unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
        }
        drop(edits);
        assert_eq!(made.load(Ordering::SeqCst), counted.load(Ordering::SeqCst));
    }

    #[test]
    fn what_is_not_taken_is_said_and_a_panic_is_answered() {
        let (sender, events) = bounded(64);
        let sink = EventSink::new(sender, Arc::new(|| {}));
        let (go, wait) = bounded::<()>(0);
        let make = move |_| {
            let _ = wait.recv();
            panic!("injected")
        };
        let edits = Edits::making(&sink, 1, make).unwrap();
        // One is being made, one waits; at the latest the third finds no place.
        let refused = (0..3).filter_map(|_| edits.put(some_edit()).err()).count();
        assert!(refused >= 1);
        drop(go);
        drop(edits);
        let told: Vec<Event> = events.try_iter().collect();
        assert_eq!(told.len(), 3 - refused, "one answer for each that was taken");
        let is_fault = |event: &Event| matches!(event, Event::Window(WindowEvent::Notice(NoticeLevel::Error, text)) if *text == tell!("app-fault", reason = "injected"));
        assert!(told.iter().all(is_fault), "{told:?}");
    }
}
