//! Writing what is still to be written, without keeping the window from painting.

use crate::tell;
use std::thread::JoinHandle;

use crate::app::desk::{EventSink, failed};
use crate::app::program::ProgramEvent;

/// Waits, on a thread of its own, for passing work and then for all threads of `open`, and tells when all is written.
///
/// # Errors
/// The system refused a thread; `open` is dropped then, which has waited for its threads.
pub(super) fn spawn_writing<T: Send + 'static>(
    open: T,
    passing: Vec<JoinHandle<()>>,
    sink: EventSink,
) -> std::io::Result<()> {
    let write = move || {
        let _told = Told(&sink);
        for thread in passing {
            // What went wrong in it was told by itself.
            let _ = thread.join();
        }
        // Waits for each worker, and for every change that was taken.
        drop(open);
    };
    std::thread::Builder::new().name("closing".to_owned()).spawn(write).map(drop)
}

/// Says that all is written, also where writing ends in a panic.
struct Told<'a>(&'a EventSink);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = tell!("app-fault-closing");
            self.0.send(failed(text));
        }
        self.0.send(ProgramEvent::Closed);
    }
}
