use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::jobs::Engine;
use crate::store::PastSearch;

/// Keeps answered searches, on a thread of its own so that no search waits for the disk.
pub(super) struct SearchLog {
    sender: Option<Sender<PastSearch>>,
    thread: Option<JoinHandle<()>>,
}

/// Searches that come this soon after each other are written together: moving a slider makes many.
const GATHER: Duration = Duration::from_millis(300);
/// Beyond this a search is not kept: the disk is behind, and one probe more or less does not matter.
const MAX_WAITING: usize = 256;

impl SearchLog {
    /// # Errors
    /// The system refused a thread.
    pub(super) fn spawn(engine: &Arc<Engine>) -> std::io::Result<Self> {
        let (sender, searches) = bounded(MAX_WAITING);
        let engine = Arc::clone(engine);
        let thread = std::thread::Builder::new()
            .name("past searches".to_owned())
            .spawn(move || write_all(&engine, &searches))?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// For the thread that searches. All of these must be gone when the log is dropped.
    pub(super) fn sender(&self) -> Option<Sender<PastSearch>> {
        self.sender.clone()
    }
}

fn write_all(engine: &Engine, searches: &Receiver<PastSearch>) {
    while let Ok(first) = searches.recv() {
        let until = Instant::now() + GATHER;
        let mut batch = vec![first];
        while let Ok(search) = searches.recv_deadline(until) {
            batch.push(search);
        }
        engine.record_searches(&batch);
    }
}

impl Drop for SearchLog {
    /// Waits for the last ones to be written.
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the latest searches were not kept, by a fault of the program");
        }
    }
}
