//! Work on many items at once, for measuring.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::control::JobControl;
use super::error::JobError;
use crate::vision::runtime;

/// Does `work` for chunks of the items, one thread a core, and returns what came of each item in their order.
///
/// # Errors
/// The first error of `work`, which gives one result an item; cancellation.
pub(in crate::jobs) fn on_every_core<T: Sync, R: Send>(
    items: &[T],
    chunk: usize,
    control: &JobControl,
    tell: &(dyn Fn(&'static str, usize, usize) + Sync),
    work: impl Fn(&[T]) -> Result<Vec<R>, JobError> + Sync,
) -> Result<Vec<R>, JobError> {
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    let failure: Mutex<Option<JobError>> = Mutex::new(None);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let go_on = || {
        runtime::set_threads(1);
        while control.checkpoint().is_ok() {
            let from = next.fetch_add(chunk, Ordering::Relaxed);
            if from >= items.len() {
                break;
            }
            let chunk = &items[from..items.len().min(from + chunk)];
            match work(chunk) {
                Ok(made) => {
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results[from..].iter_mut().zip(made).for_each(|(slot, made)| *slot = Some(made));
                }
                Err(error) => {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    break;
                }
            }
            let done = done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
            tell("Embedding", done, items.len());
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for number in 0..workers {
            let name = format!("eval-{number}");
            let spawned = std::thread::Builder::new().name(name).spawn_scoped(scope, go_on);
            spawned.map_err(|error| JobError::Worker(error.to_string()))?;
        }
        Ok::<(), JobError>(())
    })?;
    control.checkpoint()?;
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let missing = || JobError::Worker("work on some items was lost".to_owned());
    results.into_iter().collect::<Option<Vec<R>>>().ok_or_else(missing)
}
