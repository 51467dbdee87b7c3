use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::workers::EventSink;
use crate::app::event::Event;
use crate::jobs::Engine;
use crate::types::FaceId;

/// Reads crops from the gallery, those asked for last first: they are the ones in view.
pub(super) struct CropLoader {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<FaceId>,
    closed: bool,
}

/// Beyond this the oldest requests are dropped: they have long been scrolled out of view.
const MAX_WAITING: usize = 1024;

impl CropLoader {
    pub(super) fn spawn(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let (theirs, engine, sink) = (Arc::clone(&queue), Arc::clone(engine), sink.clone());
        let thread = std::thread::Builder::new().name("crops".to_owned()).spawn(move || {
            while let Some((face, dropped)) = theirs.take() {
                for face in dropped {
                    sink.send(Event::CropMissing(face));
                }
                sink.send(match engine.load_crop(face) {
                    Ok(Some(crop)) => Event::CropLoaded(face, Arc::new(crop)),
                    Ok(None) => Event::CropMissing(face),
                    Err(error) => {
                        log::warn!("{error}");
                        Event::CropMissing(face)
                    }
                });
            }
        })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    pub(super) fn request(&self, faces: &[FaceId]) {
        let mut state = self.queue.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.extend(faces.iter().rev());
        self.queue.filled.notify_one();
    }
}

impl Queue {
    /// The next face, and those given up.
    fn take(&self) -> Option<(FaceId, Vec<FaceId>)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return None;
            }
            if let Some(face) = state.waiting.pop() {
                let surplus = state.waiting.len().saturating_sub(MAX_WAITING);
                return Some((face, state.waiting.drain(..surplus).collect()));
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for CropLoader {
    fn drop(&mut self) {
        self.queue.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.queue.filled.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
