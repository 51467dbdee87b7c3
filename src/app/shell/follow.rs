//! A window that is open for reading only: it shows what the other process does, and takes over when that one ends.

use std::sync::Arc;

use super::views::{models, opening, status};
use super::workers::{EventSink, tell_messages};
use crate::app::event::Event;
use crate::app::state::NoticeLevel;
use crate::jobs::{Engine, Followed, Follower, JobError};

/// `None` where this process writes itself.
///
/// # Errors
/// The system refused a thread.
pub(super) fn follow(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Option<Follower>> {
    let (followed, sink) = (Arc::downgrade(engine), sink.clone());
    Follower::spawn(engine, move |what| {
        let Some(engine) = followed.upgrade() else { return };
        let events = events(&engine, what);
        events
            .unwrap_or_else(|error| vec![Event::Notice(NoticeLevel::Warning, error.to_string())])
            .into_iter()
            .for_each(|event| sink.send(event));
        tell_messages(&engine, &sink);
    })
}

fn events(engine: &Engine, what: Followed) -> Result<Vec<Event>, JobError> {
    let changed = Event::GalleryChanged(Box::new(opening(engine)?));
    Ok(match what {
        Followed::Changed => vec![changed],
        Followed::ModelChanged => vec![Event::ModelChanged(models(engine), engine.manifest().threshold), changed],
        Followed::Writable => {
            let text = "The other program has let go of this gallery: it can be changed here now.".to_owned();
            vec![changed, Event::BecameWritable(status(engine)?), Event::Notice(NoticeLevel::Info, text)]
        }
    })
}
