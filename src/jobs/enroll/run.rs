//! An enrollment from its request to its end.

use crate::tell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::crew::{self, Feed, News};
use super::enrollment::Enrollment;
use super::journal::{Journal, LeftOver};
use super::kinds::{DEADLY, known_issues};
use super::photo::PhotoWorker;
use super::request::{self, EnrollRequest, KIND};
use super::sources::Sources;
use super::summary::EnrollSummary;
use crate::jobs::engine::{Engine, upkeep_index};
use crate::jobs::reembed::catch_up;
use crate::jobs::work::{JobContext, JobError, JobEvent, Progress};

/// A batch is committed when it has this many photos, or its first has waited this long.
const BATCH_PHOTOS: usize = 64;
const BATCH_AGE: Duration = Duration::from_millis(500);

/// Runs an enrollment to its end, its cancellation or its first error that is not of one photo.
///
/// Sources that are away – on a drive that is not mounted, say – are issues, and what was asked for them waits in the
/// gallery for the first start at which they are back.
///
/// # Errors
/// See [`JobError`]; whatever was committed before stays, and is published. Where no source is there, nothing begins.
pub fn enroll(
    engine: &Engine,
    request: &EnrollRequest,
    context: &JobContext<EnrollSummary>,
) -> Result<EnrollSummary, JobError> {
    request.detector.validate()?;
    engine.ensure_writable()?;
    if request.sources.is_empty() {
        return Err(JobError::NothingToDo);
    }
    let request = &request.absolute();
    let known = known_issues(engine)?;
    let sources = Sources::sort(&request.sources, &known.0);
    if let (true, Some(absent)) = (sources.is_all_absent(), sources.absent.first()) {
        return Err(JobError::NoSuchSource(absent.clone()));
    }
    let turn = Turn::begin(engine, request)?;
    let mut work = Enrollment::new(engine, request, context, sources, known);
    let result = work.run(turn.job);
    let to_be_resumed = context.control.is_interrupted() && matches!(result, Err(JobError::Cancelled));
    if !to_be_resumed {
        let outcome = match &result {
            Ok(()) if !work.sources.absent.is_empty() => {
                let waiting = EnrollRequest { sources: work.sources.absent.clone(), ..request.clone() };
                engine.gallery().begin_job_after(&[turn.job], KIND, &waiting.to_json()?)?;
                None
            }
            Ok(()) => Some("completed"),
            Err(JobError::Cancelled) => Some("cancelled"),
            Err(_) => Some("failed"),
        };
        if let Some(outcome) = outcome {
            end(engine, turn.job, outcome)?;
        }
    }
    result.map(|()| work.summary)
}

/// One that was asked for anew meanwhile has been closed already.
fn end(engine: &Engine, job: i64, outcome: &str) -> Result<(), JobError> {
    match engine.gallery().end_job(job, outcome) {
        Err(crate::store::StoreError::NoSuchJob(_)) => Ok(()),
        ended => Ok(ended?),
    }
}

/// An enrollment at work in this process, on record in the gallery.
struct Turn<'a> {
    engine: &'a Engine,
    job: i64,
}

impl<'a> Turn<'a> {
    fn begin(engine: &'a Engine, request: &EnrollRequest) -> Result<Self, JobError> {
        let mut running = engine.enrollments();
        let job = request::begin(engine, request, &running)?;
        running.push(job);
        drop(running);
        Ok(Self { engine, job })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.engine.enrollments().retain(|job| *job != self.job);
    }
}

impl Enrollment<'_> {
    fn run(&mut self, job: i64) -> Result<(), JobError> {
        self.tell();
        self.tell_absent_sources()?;
        self.context.control.checkpoint()?;
        self.meter.enter("Loading the models");
        self.tell();
        let (embedder, index) = self.engine.embedder_and_index()?;
        self.index = index;
        let guard = self.guard(job)?;
        let worker = PhotoWorker::new(self.engine, self.request, &self.context.control, guard, embedder)?;
        self.meter.enter("Detecting and embedding");
        self.tell();
        let worked = self.work(&worker);
        // Cancelled or failed, what was brought in is whole and is kept, and is published.
        let finished = self.finish();
        worked?;
        finished
    }

    /// The run's journal, and the photos to be tried apart before this process takes them: those that were in work when
    /// an earlier one ended, which are put on record as issues until then.
    fn guard(&mut self, job: i64) -> Result<(Option<Journal>, HashSet<PathBuf>), JobError> {
        let left_over = LeftOver::find(self.engine.data_dir());
        for photo in &left_over.photos {
            let reason = tell!("issue-in-work");
            self.engine.gallery().record_issue_from(photo, DEADLY, &reason, self.asked.as_deref())?;
            self.known_issues.insert(photo.clone(), DEADLY.to_owned());
        }
        left_over.forget();
        let deadly = self.known_issues.iter().filter(|(_, kind)| *kind == DEADLY);
        let suspects = deadly.map(|(photo, _)| photo.clone()).collect();
        let journal = Journal::open(self.engine.data_dir(), job);
        if let Err(error) = &journal {
            log::warn!("photos in work cannot be noted, so that one which crashes the program is tried again: {error}");
        }
        Ok((journal.ok(), suspects))
    }

    fn finish(&mut self) -> Result<(), JobError> {
        self.commit()?;
        self.meter.enter("Publishing the index");
        self.tell();
        self.index.publish(self.engine.gallery())?;
        self.engine.gallery().checkpoint()?;
        if self.context.control.checkpoint().is_ok() {
            let settings = self.engine.settings();
            let tell = |progress: Progress| {
                let Progress { faces, skipped, issues, .. } = self.meter.now;
                let now = Progress { faces, skipped, issues, ..progress };
                self.context.send(JobEvent::Progress(now));
            };
            match upkeep_index(self.engine, settings.retrain_share, &self.context.control, &tell) {
                // The photos are in; the index in use serves on, and is looked after the next time.
                Ok(()) | Err(JobError::Cancelled) => {}
                Err(error) => log::warn!("the index could not be brought up to date: {error}"),
            }
        }
        // Another model may have taken over meanwhile, which then has not seen the faces of this job.
        if self.index.model() != self.engine.manifest().name {
            self.meter.enter("Embedding with the new model");
            self.tell();
            catch_up(self.engine, self.context)?;
        }
        let progress = self.meter.finish();
        self.summary.secs = progress.elapsed_secs;
        self.summary.photos_per_sec = progress.per_sec;
        self.context.send(JobEvent::Progress(progress));
        self.context.send(JobEvent::Summary(self.summary.clone()));
        Ok(())
    }

    /// Walks and works side by side; commits what comes of it.
    fn work(&mut self, worker: &PhotoWorker<'_>) -> Result<(), JobError> {
        self.meter.now.counting = true;
        let (sources, control) = (self.sources.present.clone(), self.context.control.clone());
        let walked = crew::run(worker, Feed::Walk(&sources), &control, |news| self.collect(worker, news));
        self.meter.now.counting = false;
        walked?;
        self.commit()?;
        // Whatever moved has its place by now: what is left at a photo's path has taken its place.
        worker.settle();
        let later = std::mem::take(&mut self.later);
        if !later.is_empty() {
            crew::run(worker, Feed::These(later), &control, |news| self.collect(worker, news))?;
        }
        self.context.control.checkpoint()?;
        self.commit()?;
        self.name_from_folders(worker)?;
        self.close_the_walk()
    }

    fn collect(&mut self, worker: &PhotoWorker<'_>, news: &Receiver<News>) -> Result<(), JobError> {
        loop {
            match news.recv_timeout(Duration::from_millis(100)) {
                Ok(News::Met(met)) => self.meet(met)?,
                Ok(News::Walked(walked)) => {
                    walked?;
                    self.meter.now.counting = false;
                }
                Ok(News::Taken(found, taken)) => self.take(worker, found, taken?, false)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let due = self.batch_begun.elapsed() >= BATCH_AGE && !self.batch.is_empty();
            if due || self.batch.len() >= BATCH_PHOTOS {
                self.commit()?;
            }
            self.tell();
        }
    }
}
