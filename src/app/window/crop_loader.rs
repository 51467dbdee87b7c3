use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use image::RgbImage;

use super::event::WindowEvent;
use crate::app::desk::{EventSink, answer_of};
use crate::app::parts::FaceLabel;
use crate::jobs::{Engine, JobError};
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
        let engine = Arc::clone(engine);
        let load = move |face| {
            let Some(crop) = engine.load_crop(face)? else { return Ok(None) };
            let record = engine.gallery().face_or_tombstone(face)?;
            Ok(Some((crop, FaceLabel { subject: record.subject, quality: record.quality.score })))
        };
        Self::loading(sink, load)
    }

    /// Each face asked for gets one answer, whatever becomes of `load`.
    fn loading(
        sink: &EventSink,
        load: impl Fn(FaceId) -> Result<Option<(RgbImage, FaceLabel)>, JobError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let (theirs, sink) = (Arc::clone(&queue), sink.clone());
        let thread = std::thread::Builder::new().name("crops".to_owned()).spawn(move || {
            while let Some((face, passed_over)) = theirs.take() {
                for face in passed_over {
                    sink.send(WindowEvent::CropPassedOver(face));
                }
                sink.send(match answer_of(|| load(face)) {
                    Ok(Some((crop, label))) => WindowEvent::CropLoaded(face, Arc::new(crop), label),
                    Ok(None) => WindowEvent::CropMissing(face),
                    Err(reason) => {
                        log::warn!("no picture of face {face}: {}", reason.plain());
                        WindowEvent::CropMissing(face)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossbeam_channel::bounded;

    use super::*;
    use crate::app::messages::Event;

    #[test]
    fn a_panic_in_a_decoder_is_a_missing_crop_and_the_next_one_loads() {
        let (sender, events) = bounded(16);
        let sink = EventSink::new(sender, Arc::new(|| {}));
        let load = |face: FaceId| {
            assert!(face != FaceId(1), "injected");
            Ok((face != FaceId(2)).then(|| (RgbImage::new(1, 1), FaceLabel::default())))
        };
        let loader = CropLoader::loading(&sink, load).unwrap();
        let mut answers = Vec::new();
        for face in 1..=3 {
            loader.request(&[FaceId(face)]);
            let Event::Window(answer) = events.recv_timeout(Duration::from_secs(20)).unwrap() else { panic!() };
            answers.push(answer);
        }
        assert!(
            matches!(
                answers.as_slice(),
                [
                    WindowEvent::CropMissing(FaceId(1)),
                    WindowEvent::CropMissing(FaceId(2)),
                    WindowEvent::CropLoaded(FaceId(3), _, _)
                ]
            ),
            "{answers:?}"
        );
    }
}
