//! The one way in which work is spread over the cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use super::control::JobControl;
use super::error::JobError;
use super::priority::step_back;
use crate::vision::runtime;

/// Threads that take one piece of work after the other, at low priority and with one libtorch thread each, until there is no
/// more, the job is cancelled, or nobody takes what they bring.
pub(in crate::jobs) struct Pool<'a> {
    /// Of the threads, which are called `name-0`, `name-1`, …
    pub name: &'a str,
    pub threads: usize,
    /// What is made and waits to be taken, at most.
    pub queue: usize,
    pub control: &'a JobControl,
}

/// Feeds the pool from a thread of its own, and may tell on the way what the workers tell.
pub(in crate::jobs) type Feeder<'a, R> = Box<dyn FnOnce(SyncSender<R>) + Send + 'a>;

/// A thread for every core.
pub(in crate::jobs) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Pool<'_> {
    /// Takes pieces by `next` and does `work` on them, which is told its thread's number; `collect` runs on this thread and
    /// gets what they bring until the last thread has ended. Where it returns before, every thread stops after the piece
    /// that it has.
    ///
    /// # Errors
    /// Those of `collect`; the system refused a thread.
    pub(in crate::jobs) fn run<I, R: Send, T>(
        &self,
        next: impl Fn() -> Option<I> + Clone + Send,
        work: impl Fn(usize, I) -> R + Sync,
        feeder: Option<Feeder<'_, R>>,
        collect: impl FnOnce(&Receiver<R>) -> Result<T, JobError>,
    ) -> Result<T, JobError> {
        let (sender, receiver) = sync_channel(self.queue);
        let (work, control) = (&work, self.control);
        std::thread::scope(|scope| {
            // Leaving this closure in any way drops these, at which whoever waits for the other end wakes up and stops.
            let (receiver, next, feeder) = (receiver, next, feeder);
            for number in 0..self.threads {
                let (sender, next) = (sender.clone(), next.clone());
                let take = move || {
                    step_back();
                    runtime::set_threads(1);
                    while control.checkpoint().is_ok() {
                        let Some(piece) = next() else { break };
                        // It may have waited long for its piece.
                        if control.is_cancelled() || sender.send(work(number, piece)).is_err() {
                            break;
                        }
                    }
                };
                spawn(scope, format!("{}-{number}", self.name), take)?;
            }
            drop(next);
            if let Some(feed) = feeder {
                let sender = sender.clone();
                spawn(scope, format!("{}-feed", self.name), move || feed(sender))?;
            }
            drop(sender);
            collect(&receiver)
        })
    }
}

fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: String,
    body: impl FnOnce() + Send + 'scope,
) -> Result<(), JobError> {
    let spawned = std::thread::Builder::new().name(name).spawn_scoped(scope, body);
    spawned.map(|_| ()).map_err(|error| JobError::Worker(error.to_string()))
}

/// Does `work` for chunks of the items, one thread a core, and returns what came of each item in their order. `tell` hears
/// how many are done, of how many.
///
/// # Errors
/// The first error of `work`, which gives one result an item; cancellation.
pub(in crate::jobs) fn on_every_core<T: Sync, R: Send>(
    name: &str,
    items: &[T],
    chunk: usize,
    control: &JobControl,
    mut tell: impl FnMut(usize, usize),
    work: impl Fn(&[T]) -> Result<Vec<R>, JobError> + Sync,
) -> Result<Vec<R>, JobError> {
    let chunks: Vec<&[T]> = items.chunks(chunk.max(1)).collect();
    let place = AtomicUsize::new(0);
    let next = || {
        let at = place.fetch_add(1, Ordering::Relaxed);
        chunks.get(at).map(|chunk| (at, *chunk))
    };
    let pool = Pool { name, threads: cores().min(chunks.len()), queue: cores(), control };
    let mut made: Vec<Vec<R>> = Vec::new();
    made.resize_with(chunks.len(), Vec::new);
    let result = pool.run(
        next,
        |_, (at, chunk)| work(chunk).map(|made| (at, made)),
        None,
        |receiver| {
            let mut done = 0;
            for result in receiver {
                let (at, results) = result?;
                done += chunks[at].len();
                made[at] = results;
                tell(done, items.len());
            }
            Ok(())
        },
    );
    control.checkpoint()?;
    result?;
    let made: Vec<R> = made.into_iter().flatten().collect();
    if made.len() == items.len() { Ok(made) } else { Err(JobError::Worker("work on some items was lost".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubled(items: &[usize], control: &JobControl, fail_at: usize) -> Result<Vec<usize>, JobError> {
        let mut last = 0;
        let tell = |done, _| last = done;
        let result = on_every_core("test", items, 3, control, tell, |chunk| {
            let double = |item: &usize| {
                if *item == fail_at { Err(JobError::Failed("no".into())) } else { Ok(2 * item) }
            };
            chunk.iter().map(double).collect()
        });
        if result.is_ok() {
            assert_eq!(last, items.len());
        }
        result
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        let expected: Vec<usize> = items.iter().map(|item| 2 * item).collect();
        assert_eq!(doubled(&items, &JobControl::default(), usize::MAX).unwrap(), expected);
        assert_eq!(doubled(&[], &JobControl::default(), 0).unwrap(), [0; 0]);
    }

    #[test]
    fn the_first_error_ends_it_and_so_does_cancelling() {
        let items: Vec<usize> = (0..1000).collect();
        assert!(matches!(doubled(&items, &JobControl::default(), 500), Err(JobError::Failed(_))));
        let cancelled = JobControl::default();
        cancelled.cancel();
        assert!(matches!(doubled(&items, &cancelled, usize::MAX), Err(JobError::Cancelled)));
    }

    #[test]
    fn a_collector_that_gives_up_frees_workers_and_feeder() {
        let control = JobControl::default();
        let (fill, queue) = crossbeam_channel::bounded::<usize>(2);
        let feeder: Feeder<'_, usize> = Box::new(move |_| {
            let _ = (0..1_000_000).try_for_each(|n| fill.send(n));
        });
        let pool = Pool { name: "test", threads: 2, queue: 1, control: &control };
        let ended = pool.run(
            move || queue.recv().ok(),
            |_, n| n,
            Some(feeder),
            |receiver| {
                let _ = receiver.recv();
                Err::<(), _>(JobError::NothingToDo)
            },
        );
        assert!(matches!(ended, Err(JobError::NothingToDo)));
    }
}
