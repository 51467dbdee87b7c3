//! The threads of an enrollment: one walks, one a core takes photos, and what they bring goes to the job's own thread.
//!
//! The walker gives each photo to the workers as soon as it is met, through a short queue, so that work begins with the
//! first photo and a walk over millions of files waits for the work instead of filling memory.

use crate::tell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender};

use super::photo::{PhotoWorker, Taken};
use crate::jobs::walk::{Found, Met, walk_each};
use crate::jobs::work::{JobControl, JobError, Pool, cores, panic_message};

/// What the threads tell.
pub(super) enum News {
    /// A photo is told before it is worked on.
    Met(Met),
    /// Everything has been met; or why not.
    Walked(Result<(), JobError>),
    Taken(Found, Result<Taken, JobError>),
}

/// Where the photos come from.
pub(super) enum Feed<'a> {
    Walk(&'a [PathBuf]),
    /// Met before.
    These(Vec<Found>),
}

/// Photos that were met and wait for a worker.
const QUEUE: usize = 256;

/// Walks, or takes what it is given, and works until everything is done, the job is cancelled or `collect` returns; gives back what it returned.
/// `collect` runs on this thread and gets the news until the last thread has ended.
pub(super) fn run<T>(
    worker: &PhotoWorker<'_>,
    feed: Feed<'_>,
    control: &JobControl,
    collect: impl FnOnce(&Receiver<News>) -> Result<T, JobError>,
) -> Result<T, JobError> {
    let (photos, queue) = crossbeam_channel::bounded::<Found>(QUEUE);
    let pool = Pool { name: "enroll", threads: cores(), queue: QUEUE, control };
    let feeder = move |news: SyncSender<News>| match feed {
        Feed::Walk(sources) => walk_on(sources, control, &photos, &news),
        // Where nobody takes them any more the job has ended.
        Feed::These(found) => drop(found.into_iter().try_for_each(|found| photos.send(found))),
    };
    let take = |slot, found: Found| {
        let taken = or_issue(|| worker.take(&found, slot));
        News::Taken(found, taken)
    };
    pool.run(move || queue.recv().ok(), take, Some(Box::new(feeder)), collect)
}

fn walk_on(
    sources: &[PathBuf],
    control: &JobControl,
    photos: &crossbeam_channel::Sender<Found>,
    news: &SyncSender<News>,
) {
    let mut tell = |met: Met| {
        let photo = if let Met::Photo(found) = &met { Some(found.clone()) } else { None };
        news.send(News::Met(met)).map_err(|_| JobError::Cancelled)?;
        photo.map_or(Ok(()), |found| photos.send(found).map_err(|_| JobError::Cancelled))
    };
    let walked = catch_unwind(AssertUnwindSafe(|| walk_each(sources, control, &mut tell)))
        .unwrap_or_else(|panic| Err(JobError::Worker(panic_message(panic.as_ref()))));
    // Where nobody listens any more the job has ended already.
    let _ = news.send(News::Walked(walked));
}

/// A panic on the way of one photo, in a decoder say, is that photo's issue and nobody else's.
pub(super) fn or_issue(take: impl FnOnce() -> Result<Taken, JobError>) -> Result<Taken, JobError> {
    catch_unwind(AssertUnwindSafe(take))
        .unwrap_or_else(|panic| Ok(Taken::Issue(tell!("issue-fault", reason = panic_message(panic.as_ref())))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_a_photo_is_its_issue() {
        let taken = or_issue(|| panic!("decoder gave up"));
        assert!(matches!(taken, Ok(Taken::Issue(reason)) if reason.plain().contains("decoder gave up")));
        assert!(matches!(or_issue(|| Err(JobError::Cancelled)), Err(JobError::Cancelled)));
    }
}
