use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::kinds::PHOTO;
use super::request::EnrollRequest;
use super::sources::Sources;
use super::summary::EnrollSummary;
use crate::jobs::actor::actor;
use crate::jobs::engine::Engine;
use crate::jobs::live::LiveIndex;
use crate::jobs::people::place_arrivals;
use crate::jobs::walk::{Found, Met};
use crate::jobs::work::{JobContext, JobError, JobEvent, ProgressMeter};
use crate::store::{Changed, CommittedFace, EnrolledPhoto, Run};
use crate::types::{Embedding, FaceId, PhotoId, Telling};

/// An enrollment at work.
pub(super) struct Enrollment<'a> {
    pub(super) engine: &'a Engine,
    pub(super) request: &'a EnrollRequest,
    pub(super) context: &'a JobContext<EnrollSummary>,
    pub(super) meter: ProgressMeter,
    pub(super) summary: EnrollSummary,
    pub(super) sources: Sources,
    /// Paths with an issue from an earlier run and its kind, to tell when they are cleared.
    pub(super) known_issues: HashMap<PathBuf, String>,
    /// What was not read of photos that were read in part, by where they lay when the run began.
    pub(super) partly: HashMap<PathBuf, Telling>,
    /// Photos that the walk has met.
    pub(super) seen: HashSet<PathBuf>,
    /// Folders and links that could not be read.
    pub(super) unreadable: Vec<PathBuf>,
    /// Folders that were not looked through.
    pub(super) left_out: Vec<PathBuf>,
    /// Photos that are seen in other folders than theirs, too: the first such place, which names them.
    pub(super) linked: HashMap<PathBuf, PathBuf>,
    /// Photos enrolled before whose folder may name them, unless a link is met that does.
    pub(super) to_name: Vec<(PhotoId, PathBuf)>,
    /// What an issue keeps of the request.
    pub(super) asked: Option<String>,
    pub(super) moved: HashSet<PhotoId>,
    /// Photos that wait for the end of the walk.
    pub(super) later: Vec<Found>,
    /// Of the model that the job began with.
    pub(super) index: Arc<LiveIndex>,
    /// What it changes in the record of who is who is one batch.
    pub(super) run: Run,
    pub(super) batch: Vec<EnrolledPhoto>,
    pub(super) batch_begun: Instant,
}

impl<'a> Enrollment<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        request: &'a EnrollRequest,
        context: &'a JobContext<EnrollSummary>,
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

    pub(super) fn meet(&mut self, met: Met) -> Result<(), JobError> {
        match met {
            Met::Photo(found) => {
                *self.meter.now.total.get_or_insert(0) += 1;
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
    pub(super) fn commit(&mut self) -> Result<(), JobError> {
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
        self.engine.follow_with(&changed, &ids);
        self.tell_change(changed);
        if let Err(error) = self.group(&ids, &embeddings) {
            log::warn!("faces without a name were not grouped: {error}");
        }
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

    /// Puts faces that nobody has named into groups. Where that fails they stand alone until the next grouping.
    fn group(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), JobError> {
        let manifest = self.engine.manifest();
        // After a change of the model the groups are by another one than this job's.
        if manifest.name != self.index.model() {
            return Ok(());
        }
        let arrived: Vec<_> = ids.iter().copied().zip(embeddings).collect();
        let model = (manifest.name.as_str(), manifest.threshold);
        let mut changes = place_arrivals(self.engine.gallery(), &self.index.faces(), model, &self.run, &arrived)?;
        // They say the same, that groups have changed.
        self.tell_change(changes.pop().unwrap_or_default());
        Ok(())
    }

    pub(super) fn tell_change(&self, changed: Changed) {
        if !changed.is_empty() {
            self.context.send(JobEvent::Changed(changed));
        }
    }

    pub(super) fn tell(&mut self) {
        if let Some(progress) = self.meter.tick(self.context.control.is_paused()) {
            self.context.send(JobEvent::Progress(progress));
        }
    }
}
