//! Enrollment: every photo of some folders into the gallery and the index.
//!
//! Workers, one a core, each take a photo through decode, detect, align and embed; the job's own thread commits
//! what they bring in batches. A kill loses at most the batch in flight, and the next run skips what is there.

use crate::tell;
use crate::types::Telling;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::actor::actor;
use super::build_index::upkeep_index;
use super::engine::{Engine, LiveIndex};
use super::error::JobError;
use super::progress::{Progress, ProgressMeter};
use super::reembed::catch_up;
use super::runner::{JobContext, JobEvent};
use super::walk::{Found, Met};
use crate::store::{Changed, CommittedFace, EnrolledPhoto, Run};
use crate::types::PhotoId;

mod child;
mod crew;
mod issues;
mod journal;
mod moves;
mod naming;
mod photo;
mod request;
mod sources;
mod summary;
mod take;

pub use child::{TRY_PHOTO, own_program, probe_photo};
use crew::{Feed, News};
use issues::{ABSENT, DEADLY, PHOTO, known_issues};
use journal::{Journal, LeftOver};
pub(super) use moves::file_stat;
use photo::PhotoWorker;
pub(super) use photo::{PIPELINE_VERSIONS, params_digest_of};
pub use request::{EnrollRequest, retries, unfinished_enrollments};
use sources::Sources;
pub use summary::{EnrollSummary, PASSED_OVER_LISTED};

/// A batch is committed when it has this many photos, or its first has waited this long.
const BATCH_PHOTOS: usize = 64;
const BATCH_AGE: Duration = Duration::from_millis(500);

/// How enrollments are called in the gallery's table of jobs.
pub(super) const KIND: &str = "enroll";

/// Runs an enrollment to its end, its cancellation or its first error that is not of one photo.
///
/// Sources that are away – on a drive that is not mounted, say – are issues, and what was asked for them waits in the
/// gallery for the first start at which they are back.
///
/// # Errors
/// See [`JobError`]; whatever was committed before stays, and is published. Where no source is there, nothing begins.
pub fn enroll(engine: &Engine, request: &EnrollRequest, context: &JobContext) -> Result<EnrollSummary, JobError> {
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

struct Enrollment<'a> {
    engine: &'a Engine,
    request: &'a EnrollRequest,
    context: &'a JobContext,
    meter: ProgressMeter,
    summary: EnrollSummary,
    sources: Sources,
    /// Paths with an issue from an earlier run and its kind, to tell when they are cleared.
    known_issues: HashMap<PathBuf, String>,
    /// What was not read of photos that were read in part, by where they lay when the run began.
    partly: HashMap<PathBuf, Telling>,
    /// Photos that the walk has met.
    seen: HashSet<PathBuf>,
    /// Folders and links that could not be read.
    unreadable: Vec<PathBuf>,
    /// Folders that were not looked through.
    left_out: Vec<PathBuf>,
    /// Photos that are seen in other folders than theirs, too: the first such place, which names them.
    linked: HashMap<PathBuf, PathBuf>,
    /// Photos enrolled before whose folder may name them, unless a link is met that does.
    to_name: Vec<(PhotoId, PathBuf)>,
    /// What an issue keeps of the request.
    asked: Option<String>,
    moved: HashSet<PhotoId>,
    /// Photos that wait for the end of the walk.
    later: Vec<Found>,
    /// Of the model that the job began with.
    index: Arc<LiveIndex>,
    /// What it changes in the record of who is who is one batch.
    run: Run,
    batch: Vec<EnrolledPhoto>,
    batch_begun: Instant,
}

impl<'a> Enrollment<'a> {
    fn new(
        engine: &'a Engine,
        request: &'a EnrollRequest,
        context: &'a JobContext,
        sources: Sources,
        (known_issues, partly): (HashMap<PathBuf, String>, HashMap<PathBuf, Telling>),
    ) -> Self {
        Self {
            asked: EnrollRequest { sources: Vec::new(), is_retry: false, ..request.clone() }.to_json().ok(),
            sources,
            engine,
            request,
            context,
            meter: ProgressMeter::new("Looking for photos"),
            summary: EnrollSummary::default(),
            known_issues,
            partly,
            seen: HashSet::new(),
            unreadable: Vec::new(),
            left_out: Vec::new(),
            linked: HashMap::new(),
            to_name: Vec::new(),
            moved: HashSet::new(),
            later: Vec::new(),
            index: engine.index(),
            run: Run::enrollment(&actor()),
            batch: Vec::new(),
            batch_begun: Instant::now(),
        }
    }

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
                let now = Progress { stage: progress.stage, ..self.meter.now.clone() };
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
        self.summary.photos_per_sec = progress.photos_per_sec;
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

    fn meet(&mut self, met: Met) -> Result<(), JobError> {
        match met {
            Met::Photo(found) => {
                *self.meter.now.photos_total.get_or_insert(0) += 1;
                self.seen.insert(found.path.clone());
                self.keep_link(found);
            }
            Met::Again(found) => self.keep_link(found),
            Met::Folder(folder) => self.clear_issue(&folder)?,
            Met::Unreadable(path, reason) => {
                self.record_issue(path.clone(), PHOTO, reason)?;
                self.unreadable.push(path);
            }
            Met::PassedOver(path) => self.summary.pass_over(path),
            Met::RawBesidePhoto(path) => {
                self.clear_issue(&path)?;
                self.summary.leave_raw(path);
            }
            Met::LeftOut(path) => {
                self.left_out.push(path.clone());
                self.summary.leave_folder(path);
            }
        }
        Ok(())
    }

    /// Writes the batch to the gallery, then makes its faces searchable.
    fn commit(&mut self) -> Result<(), JobError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        let (committed, changed) = self.engine.gallery().commit(&self.run, &batch)?;
        let (mut ids, mut embeddings, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for (photo, committed) in batch.iter().zip(&committed) {
            for (face, became) in photo.faces.iter().zip(&committed.faces) {
                match became {
                    CommittedFace::New(id) => added.push(*id),
                    CommittedFace::Renewed(_) => {}
                    CommittedFace::Kept(_) | CommittedFace::StaysOut(_) => continue,
                }
                ids.push(became.id());
                embeddings.push(face.embedding.clone());
            }
        }
        added.extend(&changed.back);
        let removed = changed.gone.clone();
        self.index.replace(&removed, &ids, &embeddings)?;
        self.engine.follow(&changed);
        self.tell_change(changed);
        self.summary.photos += batch.len() as u64;
        self.summary.faces += added.len() as u64;
        self.meter.now.faces += added.len() as u64;
        for photo in &batch {
            self.told_anew(photo);
        }
        for (photo, committed) in batch.iter().zip(committed) {
            if let Some(name) = committed.ambiguous {
                self.tell_ambiguous(&photo.path, &name)?;
            }
        }
        if !added.is_empty() || !removed.is_empty() {
            self.context.send(JobEvent::Faces { added, removed });
        }
        Ok(())
    }

    fn tell_change(&self, changed: Changed) {
        if !changed.is_empty() {
            self.context.send(JobEvent::Changed(changed));
        }
    }

    fn tell(&mut self) {
        if let Some(progress) = self.meter.tick(self.context.control.is_paused()) {
            self.context.send(JobEvent::Progress(progress));
        }
    }
}
