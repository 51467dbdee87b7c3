//! Opening the data folder.

use crate::types::Tell;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::app::desk::{EventSink, answer_of, notice, notice_of, tell_messages};
use crate::app::program::{Opening, ProgramEvent, opening};
use crate::app::window::NoticeLevel;
use crate::jobs::{Engine, JobError, Mode, OpenOptions};

/// The folders that were asked for.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) config_dir: Option<PathBuf>,
}

/// Opens the data folder on a thread of its own, which hands the engine over and tells how it went.
///
/// # Errors
/// The system refused a thread.
pub(super) fn spawn_opening(places: Places, sink: &EventSink) -> std::io::Result<Receiver<Arc<Engine>>> {
    let (hand_over, opened) = bounded(1);
    let (sink, told) = (sink.clone(), sink.clone());
    let open = move || {
        let options = OpenOptions {
            data_dir: places.data_dir.as_deref(),
            config_dir: places.config_dir.as_deref(),
            tell: &|message| told.send(notice_of(message)),
            ..OpenOptions::new(Mode::WriteIfFree)
        };
        let engine = Engine::open_with(&options).map(Arc::new)?;
        Ok((opening(&engine)?, engine))
    };
    std::thread::Builder::new().name("start".to_owned()).spawn(move || tell_opened(open, &sink, &hand_over))?;
    Ok(opened)
}

/// The body of the start thread: it ends with `Started` or `StartFailed`, whatever happens in `open`.
fn tell_opened(
    open: impl FnOnce() -> Result<(Opening, Arc<Engine>), JobError>,
    sink: &EventSink,
    hand_over: &Sender<Arc<Engine>>,
) {
    match answer_of(open) {
        Ok((opening, engine)) => {
            let read_only = engine.ensure_writable().err();
            tell_messages(&engine, sink);
            let offer = engine.take_offer();
            let _ = hand_over.send(engine);
            sink.send(ProgramEvent::Started(Box::new(opening)));
            match offer {
                Ok(None) => {}
                Ok(Some(text)) => sink.send(notice(NoticeLevel::Info, text)),
                Err(error) => log::warn!("a better model is not offered: {error}"),
            }
            if let Some(reason) = read_only {
                sink.send(notice(NoticeLevel::Warning, reason.telling()));
            }
        }
        Err(reason) => sink.send(ProgramEvent::StartFailed(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::messages::Event;

    #[test]
    fn a_panic_while_opening_is_a_failed_start() {
        let (sender, events) = bounded(4);
        let (hand_over, _opened) = bounded(1);
        tell_opened(|| panic!("injected"), &EventSink::new(sender, Arc::new(|| {})), &hand_over);
        let Ok(Event::Program(ProgramEvent::StartFailed(reason))) = events.try_recv() else { panic!("no answer") };
        assert_eq!(reason, crate::tell!("app-fault", reason = "injected"));
    }
}
