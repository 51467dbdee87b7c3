use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A worker with one slot: what is put in replaces what still waits there.
///
/// For work driven by sliders and clicks, where only the last request matters. A request that has begun runs to
/// its end; its answer is stale by then and whoever receives it drops it by its number.
#[derive(Debug)]
pub struct LatestWorker<T> {
    slot: Arc<Slot<T>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Slot<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: Option<T>,
    closed: bool,
}

impl<T: Send + 'static> LatestWorker<T> {
    /// # Errors
    /// The system refused a thread.
    pub fn spawn(name: &str, mut work: impl FnMut(T) + Send + 'static) -> std::io::Result<Self> {
        let slot = Arc::new(Slot { state: Mutex::new(State { waiting: None, closed: false }), filled: Condvar::new() });
        let theirs = Arc::clone(&slot);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Some(request) = theirs.take() {
                // Whoever has to answer for a panic does so in `work`; later requests are served all the same.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(request))) {
                    log::error!("a fault of the program: {}", super::runner::panic_message(panic.as_ref()));
                }
            }
        })?;
        Ok(Self { slot, thread: Some(thread) })
    }

    /// Hands in a request; returns the one it replaced.
    pub fn put(&self, request: T) -> Option<T> {
        let mut state = self.slot.state.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = state.waiting.replace(request);
        self.slot.filled.notify_one();
        replaced
    }
}

impl<T> Slot<T> {
    fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return None;
            }
            if let Some(request) = state.waiting.take() {
                return Some(request);
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Drop for LatestWorker<T> {
    /// Drops what waits, lets what runs finish.
    fn drop(&mut self) {
        self.slot.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.slot.filled.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn only_the_last_waiting_request_is_served() {
        let (begun_tx, begun) = mpsc::sync_channel(0);
        let (go, go_rx) = mpsc::sync_channel::<()>(0);
        let worker = LatestWorker::spawn("test", move |n: u32| {
            begun_tx.send(n).unwrap();
            go_rx.recv().unwrap();
        })
        .unwrap();
        worker.put(1);
        assert_eq!(begun.recv(), Ok(1));
        assert_eq!(worker.put(2), None);
        assert_eq!(worker.put(3), Some(2));
        go.send(()).unwrap();
        assert_eq!(begun.recv(), Ok(3));
        go.send(()).unwrap();
        drop(worker);
        assert!(begun.recv().is_err());
    }
    #[test]
    fn a_panic_does_not_end_the_worker() {
        let (sender, served) = mpsc::sync_channel(4);
        let worker = LatestWorker::spawn("test", move |n: u32| {
            sender.send(n).unwrap();
            assert!(n != 1, "injected");
        })
        .unwrap();
        for n in [1, 2] {
            worker.put(n);
            assert_eq!(served.recv(), Ok(n));
        }
    }
}
