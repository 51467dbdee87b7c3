//! Enrollment: every photo of some folders into the gallery and the index.
//!
//! Workers, one a core, each take a photo through decode, detect, align and embed; the job's own thread commits
//! what they bring in batches. A kill loses at most the batch in flight, and the next run skips what is there.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::actor::actor;
use super::build_index::upkeep_index;
use super::engine::{Engine, LiveIndex, main_face};
use super::error::JobError;
use super::priority::step_back;
use super::progress::{Progress, ProgressMeter};
use super::reembed::catch_up;
use super::runner::{JobContext, JobEvent, panic_message};
use super::walk::{Walk, walk};
use crate::store::{Change, CommittedFace, EnrolledPhoto, FileStat, FolderNaming, Run};
use crate::types::{DetectorParams, PhotoId};
use crate::vision::runtime;

mod moves;
mod photo;

use moves::gone_below;
pub(super) use photo::params_digest;
use photo::{PhotoWorker, Taken};

/// What a person asks for when enrolling. Kept in the gallery while the job runs, so that it can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrollRequest {
    pub sources: Vec<PathBuf>,
    /// The main face of each photo gets the name of the photo's folder as its subject.
    pub subjects_from_folders: bool,
    pub detector: DetectorParams,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EnrollSummary {
    /// Photos enrolled in this run.
    pub photos: u64,
    /// Faces found on them.
    pub faces: u64,
    /// Photos that were enrolled already with the same content and parameters.
    pub skipped: u64,
    /// Photos that were enrolled already and have been moved; counted in `skipped` too.
    pub moved: u64,
    /// Photos that a person has taken out of the gallery and that were passed over; counted in `skipped` too.
    pub removed: u64,
    /// Photos of the gallery whose files were found to be gone.
    pub missing: u64,
    /// Photos and folders that could not be enrolled.
    pub issues: u64,
    /// Files passed over because their names are not those of photos.
    pub not_photos: u64,
    pub secs: f32,
    /// Photos looked at, skipped ones among them, a second.
    pub photos_per_sec: f32,
}

/// A batch is committed when it has this many photos, or its first has waited this long.
const BATCH_PHOTOS: usize = 64;
const BATCH_AGE: Duration = Duration::from_millis(500);

/// How enrollments are called in the gallery's table of jobs.
pub(super) const KIND: &str = "enroll";

/// The enrollments that a kill or a crash cut short, oldest first. Ones that can no longer be read are closed.
pub fn unfinished_enrollments(engine: &Engine) -> Result<Vec<EnrollRequest>, JobError> {
    let mut requests: Vec<EnrollRequest> = Vec::new();
    for job in engine.gallery().unfinished_jobs()?.into_iter().filter(|job| job.kind == KIND) {
        // Taken up again or not, the old record has done its work: a resumed run writes its own.
        engine.gallery().end_job(job.id, "superseded")?;
        match serde_json::from_str::<EnrollRequest>(&job.request_json) {
            Ok(request) if !requests.contains(&request) => requests.push(request),
            Ok(_) => {}
            Err(error) => log::warn!("an unfinished enrollment cannot be read and is dropped: {error}"),
        }
    }
    Ok(requests)
}

/// Runs an enrollment to its end, its cancellation or its first error that is not of one photo.
///
/// # Errors
/// See [`JobError`]; whatever was committed before stays, and is published.
pub fn enroll(engine: &Engine, request: &EnrollRequest, context: &JobContext) -> Result<EnrollSummary, JobError> {
    request.detector.validate()?;
    engine.ensure_writable()?;
    if request.sources.is_empty() {
        return Err(JobError::NothingToDo);
    }
    let absolute = request.sources.iter().map(|s| std::path::absolute(s).unwrap_or_else(|_| s.clone())).collect();
    let request = &EnrollRequest { sources: absolute, ..request.clone() };
    // Serialising fails on a path that is not UTF-8: such a job runs, and cannot be resumed after a kill.
    let record = serde_json::to_string(request).ok();
    let job = record.map(|json| engine.gallery().begin_job(KIND, &json)).transpose()?;
    let result = Enrollment::new(engine, request, context).run();
    let to_be_resumed = context.control.is_interrupted() && matches!(result, Err(JobError::Cancelled));
    if let Some(job) = job.filter(|_| !to_be_resumed) {
        let outcome = match &result {
            Ok(_) => "completed",
            Err(JobError::Cancelled) => "cancelled",
            Err(_) => "failed",
        };
        engine.gallery().end_job(job, outcome)?;
    }
    result
}

struct Enrollment<'a> {
    engine: &'a Engine,
    request: &'a EnrollRequest,
    context: &'a JobContext,
    meter: ProgressMeter,
    summary: EnrollSummary,
    /// Paths with an issue from an earlier run, to tell when they are cleared.
    known_issues: HashSet<PathBuf>,
    moved: HashSet<PhotoId>,
    /// Of the model that the job began with.
    index: Arc<LiveIndex>,
    /// What it changes in the record of who is who is one batch.
    run: Run,
    batch: Vec<EnrolledPhoto>,
    batch_begun: Instant,
}

impl<'a> Enrollment<'a> {
    fn new(engine: &'a Engine, request: &'a EnrollRequest, context: &'a JobContext) -> Self {
        Self {
            engine,
            request,
            context,
            meter: ProgressMeter::new("Looking for photos"),
            summary: EnrollSummary::default(),
            known_issues: HashSet::new(),
            moved: HashSet::new(),
            index: engine.index(),
            run: Run::enrollment(&actor()),
            batch: Vec::new(),
            batch_begun: Instant::now(),
        }
    }

    fn run(mut self) -> Result<EnrollSummary, JobError> {
        self.tell();
        self.known_issues = self.engine.gallery().issues()?.into_iter().map(|issue| issue.path).collect();
        let sources = self.present_sources()?;
        let walk = walk(&sources, &self.context.control)?;
        self.summary.not_photos = walk.not_photos;
        for folder in &walk.folders {
            self.clear_issue(folder)?;
        }
        for (path, reason) in &walk.unreadable {
            self.record_issue(path.clone(), reason.clone())?;
        }
        self.meter.now.photos_total = Some(walk.photos.len() as u64);
        self.meter.enter("Loading the models");
        self.tell();
        let (embedder, index) = self.engine.embedder_and_index()?;
        self.index = index;
        let worker = PhotoWorker::new(self.engine, self.request, embedder)?;
        self.meter.enter("Detecting and embedding");
        self.tell();
        let worked = self.work(&worker, &walk.photos).and_then(|()| self.mark_missing(&sources, &walk));
        // Cancelled or failed, what was brought in is whole and is kept, and is published.
        let finished = self.finish();
        worked?;
        finished?;
        Ok(self.summary)
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

    /// Hands the photos to workers and commits what they bring.
    fn work(&mut self, worker: &PhotoWorker<'_>, photos: &[PathBuf]) -> Result<(), JobError> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(photos.len().max(1));
        let next = AtomicUsize::new(0);
        let (sender, receiver) = sync_channel(2 * workers);
        std::thread::scope(|scope| {
            for number in 0..workers {
                let (sender, next, control) = (sender.clone(), &next, &self.context.control);
                let take = move || {
                    step_back();
                    runtime::set_threads(1);
                    while control.checkpoint().is_ok() {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(path) = photos.get(at) else { break };
                        if !bring(worker, path, &sender) {
                            break;
                        }
                    }
                };
                std::thread::Builder::new()
                    .name(format!("enroll-{number}"))
                    .spawn_scoped(scope, take)
                    .map_err(|error| JobError::Worker(error.to_string()))?;
            }
            drop(sender);
            // Leaving this closure in any way drops the receiver, at which every worker stops after its photo.
            let receiver = receiver;
            self.collect(worker, &receiver)
        })?;
        self.context.control.checkpoint()?;
        Ok(())
    }

    fn collect(
        &mut self,
        worker: &PhotoWorker<'_>,
        receiver: &Receiver<(PathBuf, Result<Taken, JobError>)>,
    ) -> Result<(), JobError> {
        loop {
            match receiver.recv_timeout(Duration::from_millis(100)) {
                Ok((path, taken)) => self.take(worker, path, taken?)?,
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

    fn take(&mut self, worker: &PhotoWorker<'_>, path: PathBuf, taken: Taken) -> Result<(), JobError> {
        match taken {
            Taken::Known { photo, touched } => {
                if let Some(file) = touched {
                    self.engine.gallery().update_file(photo, &file)?;
                }
                self.name_from_folder(worker, photo, &path, false)?;
                self.skip(&path)?;
            }
            Taken::SameFile(photo) => {
                self.name_from_folder(worker, photo, &path, true)?;
                self.skip(&path)?;
            }
            // Two copies of a moved photo: the first took its place, the other is a photo of its own.
            Taken::Moved { photo, .. } | Taken::Photo { follows: Some(photo), .. } if !self.moved.insert(photo) => {
                let taken = or_issue(|| worker.take(&path))?;
                return self.take(worker, path, taken);
            }
            Taken::Moved { photo, file } => {
                self.place(photo, &path, &file)?;
                self.name_from_folder(worker, photo, &path, false)?;
                self.summary.moved += 1;
                self.skip(&path)?;
            }
            Taken::Removed(photo) if self.request.sources.contains(&path) => {
                // Who names a photo outright wants it.
                let changed = self.engine.change(&Change::RestorePhotos(vec![photo]))?;
                self.context.send(JobEvent::Changed(changed));
                let taken = or_issue(|| worker.take(&path))?;
                return self.take(worker, path, taken);
            }
            Taken::Removed(_) => {
                self.summary.removed += 1;
                self.skip(&path)?;
            }
            Taken::Photo { photo, follows } => {
                if let Some(old) = follows {
                    self.place(old, &path, &photo.file)?;
                    self.summary.moved += 1;
                }
                if self.batch.is_empty() {
                    self.batch_begun = Instant::now();
                }
                self.batch.push(*photo);
            }
            Taken::Issue(reason) => self.record_issue(path, reason)?,
        }
        self.meter.now.photos_done += 1;
        Ok(())
    }

    fn skip(&mut self, path: &Path) -> Result<(), JobError> {
        self.summary.skipped += 1;
        self.meter.now.skipped += 1;
        self.clear_issue(path)
    }

    fn clear_issue(&mut self, path: &Path) -> Result<(), JobError> {
        if self.known_issues.remove(path) {
            self.engine.gallery().clear_issue(path)?;
            self.context.send(JobEvent::IssueCleared(path.to_path_buf()));
        }
        Ok(())
    }

    /// The sources without those that had an issue and are gone since: with the file goes its issue.
    fn present_sources(&mut self) -> Result<Vec<PathBuf>, JobError> {
        let mut present = Vec::new();
        for source in &self.request.sources {
            if self.known_issues.contains(source) && !source.exists() {
                self.clear_issue(source)?;
            } else {
                present.push(source.clone());
            }
        }
        Ok(present)
    }

    fn place(&self, photo: PhotoId, path: &Path, file: &FileStat) -> Result<(), JobError> {
        let changed = self.engine.gallery().place_photo(&self.run, photo, path, file)?;
        self.context.send(JobEvent::Changed(changed));
        Ok(())
    }

    /// The photos that the walk should have met and that are no more.
    fn mark_missing(&mut self, sources: &[PathBuf], walk: &Walk) -> Result<(), JobError> {
        let seen: HashSet<PathBuf> = walk.photos.iter().cloned().collect();
        let unreadable: Vec<PathBuf> = walk.unreadable.iter().map(|(path, _)| path.clone()).collect();
        let roots: Vec<PathBuf> =
            sources.iter().flat_map(|root| [Some(root.clone()), root.canonicalize().ok()]).flatten().collect();
        let gone = gone_below(self.engine, &roots, &unreadable, &seen)?;
        if !gone.is_empty() {
            let changed = self.engine.gallery().mark_missing(&self.run, &gone)?;
            self.summary.missing += changed.photos.len() as u64;
            self.context.send(JobEvent::Changed(changed));
        }
        Ok(())
    }

    /// The main face of a photo that was enrolled before gets its folder's name now, if that is asked for and no person
    /// has spoken; with `only_unnamed` no other folder has, either.
    fn name_from_folder(
        &mut self,
        worker: &PhotoWorker<'_>,
        photo: PhotoId,
        path: &Path,
        only_unnamed: bool,
    ) -> Result<(), JobError> {
        let Some(subject) = worker.folder_subject(path) else { return Ok(()) };
        let faces = self.engine.gallery().faces_of_photo(photo)?;
        let Some(size) = faces.first().map(|face| face.photo_size) else { return Ok(()) };
        let main = main_face(&faces, size, |face| face.detection.bbox).map(|(_, face)| face);
        if let Some(face) = main.filter(|face| !only_unnamed || face.subject.is_none()) {
            let (naming, changed) = self.engine.gallery().name_by_folder(&self.run, face.id, &subject)?;
            self.engine.follow(&changed);
            self.context.send(JobEvent::Changed(changed));
            if let FolderNaming::Ambiguous(name) = naming {
                self.record_issue(path.to_path_buf(), ambiguous(&name))?;
            }
        }
        Ok(())
    }

    fn record_issue(&mut self, path: PathBuf, reason: String) -> Result<(), JobError> {
        self.engine.gallery().record_issue(&path, &reason)?;
        self.summary.issues += 1;
        self.meter.now.issues += 1;
        self.context.send(JobEvent::Issue { path, reason });
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
        self.context.send(JobEvent::Changed(changed));
        self.summary.photos += batch.len() as u64;
        self.summary.faces += added.len() as u64;
        self.meter.now.faces += added.len() as u64;
        for photo in &batch {
            if self.known_issues.remove(&photo.path) {
                self.context.send(JobEvent::IssueCleared(photo.path.clone()));
            }
        }
        for (photo, committed) in batch.iter().zip(committed) {
            if let Some(name) = committed.ambiguous {
                self.record_issue(photo.path.clone(), ambiguous(&name))?;
            }
        }
        if !added.is_empty() || !removed.is_empty() {
            self.context.send(JobEvent::Faces { added, removed });
        }
        Ok(())
    }

    fn tell(&mut self) {
        if let Some(progress) = self.meter.tick(self.context.control.is_paused()) {
            self.context.send(JobEvent::Progress(progress));
        }
    }
}

fn ambiguous(name: &str) -> String {
    format!("it was given no name: several people are called {name}, like its folder")
}

/// Takes one photo through the pipeline and hands it in. Returns whether anyone still listens.
fn bring(worker: &PhotoWorker<'_>, path: &Path, sender: &SyncSender<(PathBuf, Result<Taken, JobError>)>) -> bool {
    let taken = or_issue(|| worker.take(path));
    sender.send((path.to_path_buf(), taken)).is_ok()
}

/// A panic on the way of one photo, in a decoder say, is that photo's issue and nobody else's.
fn or_issue(take: impl FnOnce() -> Result<Taken, JobError>) -> Result<Taken, JobError> {
    catch_unwind(AssertUnwindSafe(take))
        .unwrap_or_else(|panic| Ok(Taken::Issue(format!("a fault of the program: {}", panic_message(panic.as_ref())))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_a_photo_is_its_issue() {
        let taken = or_issue(|| panic!("decoder gave up"));
        assert!(matches!(taken, Ok(Taken::Issue(reason)) if reason.contains("decoder gave up")));
        assert!(matches!(or_issue(|| Err(JobError::Cancelled)), Err(JobError::Cancelled)));
    }
}
