//! A window that is open for reading only: it shows what the other process does, and takes over when that one ends.

use crate::tell;
use crate::types::Tell;
use std::sync::Arc;

use super::event::ProgramEvent;
use super::views::{opening, status};
use crate::app::desk::{EventSink, notice, tell_messages};
use crate::app::messages::Event;
use crate::app::models::{ModelsEvent, models};
use crate::app::window::NoticeLevel;
use crate::jobs::{Engine, Followed, Follower, JobError};

/// `None` where this process writes itself.
///
/// # Errors
/// The system refused a thread.
pub(super) fn follow(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Option<Follower>> {
    let (followed, sink) = (Arc::downgrade(engine), sink.clone());
    Follower::spawn(engine, move |what| {
        let Some(engine) = followed.upgrade() else { return };
        match events(&engine, what) {
            Ok(events) => sink.send_all(events),
            Err(error) => sink.send(notice(NoticeLevel::Warning, error.telling())),
        }
        tell_messages(&engine, &sink);
    })
}

fn events(engine: &Engine, what: Followed) -> Result<Vec<Event>, JobError> {
    let changed = ProgramEvent::GalleryChanged(Box::new(opening(engine)?)).into();
    Ok(match what {
        Followed::Changed => vec![changed],
        Followed::ModelChanged => {
            vec![ModelsEvent::Changed(models(engine), engine.manifest().threshold).into(), changed]
        }
        Followed::Writable => {
            let text = tell!("program-writable");
            vec![changed, ProgramEvent::BecameWritable(status(engine)?).into(), notice(NoticeLevel::Info, text)]
        }
    })
}
