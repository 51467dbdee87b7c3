use crate::tell;
use crate::types::{Tell, Telling};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::book::DetectorBook;
use crate::jobs::engine::{Engine, NextModel};
use crate::jobs::live::{self, LiveIndex, Recipe};
use crate::jobs::work::{JobContext, JobError, JobEvent, Message, Progress, ProgressMeter};
use crate::types::FaceId;

/// Issues of photos whose faces were embedded from their stored pictures.
const STORED_PICTURE: &str = "stored-picture";

/// Passes over the gallery for faces that enrollments bring meanwhile; what comes after the last is taken in after the
/// change.
const MAX_PASSES: usize = 16;

/// What a change of the model did.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct ChangeSummary {
    pub model: String,
    /// Faces embedded in this run; the others had their embeddings.
    pub embedded: u64,
    /// Of these, from their stored pictures, because the photo is gone or another one.
    pub from_stored_pictures: u64,
    /// Faces that could not be embedded and are not found with this model.
    pub failed: u64,
    pub secs: f32,
    pub faces_per_sec: f32,
}

/// The work of embedding the gallery by one model.
pub(super) struct Embedding<'a, S> {
    pub(super) engine: &'a Engine,
    pub(super) next: &'a NextModel,
    pub(super) context: &'a JobContext<S>,
    pub(super) meter: ProgressMeter,
    pub(super) book: Arc<DetectorBook>,
    pub(super) summary: ChangeSummary,
    /// Faces that cannot be embedded; they are not tried again in this run.
    pub(super) given_up: HashSet<FaceId>,
}

impl<'a, S> Embedding<'a, S> {
    pub(super) fn new(
        engine: &'a Engine,
        next: &'a NextModel,
        context: &'a JobContext<S>,
        meter: ProgressMeter,
    ) -> Result<Self, JobError> {
        let summary = ChangeSummary { model: next.name().to_owned(), ..ChangeSummary::default() };
        let book = Arc::new(DetectorBook::read(engine)?);
        Ok(Self { engine, next, context, meter, book, summary, given_up: HashSet::new() })
    }

    pub(super) fn change(mut self) -> Result<ChangeSummary, JobError> {
        for _ in 0..MAX_PASSES {
            if self.pass()? == 0 {
                break;
            }
        }
        let index = self.index()?;
        // The last way back: from here on it is a moment's work.
        self.context.control.checkpoint()?;
        self.enter("Changing over");
        index.level(self.engine.gallery())?;
        self.engine.activate(self.next, &index)?;
        // It has taken over: what goes wrong from here on does not take that back.
        match self.follow(&index) {
            Ok(()) | Err(JobError::Cancelled) => {}
            Err(error) => self.engine.tell(Message::Warning(tell!(
                "engine-change-unfinished",
                title = &self.next.entry.manifest.title,
                reason = &error
            ))),
        }
        let progress = self.meter.finish();
        self.summary.secs = progress.elapsed_secs;
        self.summary.faces_per_sec = self.summary.embedded as f32 / progress.elapsed_secs.max(1e-3);
        self.context.send(JobEvent::Progress(progress));
        Ok(self.summary)
    }

    /// Takes in faces that came by the old model between the last look and the change. An enrollment that goes on with
    /// the old model looks after its own faces when it ends.
    fn follow(&mut self, index: &LiveIndex) -> Result<(), JobError> {
        if self.pass()? > 0 {
            index.level(self.engine.gallery())?;
        }
        self.restate()?;
        Ok(self.engine.gallery().checkpoint()?)
    }

    /// Embeds every face that has no embedding of the model yet; returns how many there were.
    pub(super) fn pass(&mut self) -> Result<usize, JobError> {
        let mut missing = self.engine.gallery().faces_without_embedding(self.next.name())?;
        missing.retain(|(_, face)| !self.given_up.contains(face));
        if !missing.is_empty() {
            self.meter.now.total = Some(self.meter.now.done + missing.len() as u64);
            self.enter("Embedding");
            self.embed(&missing)?;
        }
        Ok(missing.len())
    }

    /// The index of the model's embeddings, published, to the same spec as the one in use. A generation that was built
    /// for this model before is taken as it is.
    fn index(&mut self) -> Result<Arc<LiveIndex>, JobError> {
        self.enter("Building the index");
        let index = self.engine.open_index(&self.next.entry.manifest)?;
        let live = self.engine.index();
        let (spec, params) = (live.faces().spec(), live.faces().params());
        let is_own = live.model() == index.model();
        if is_own || spec.is_exact() || index.faces().trained().is_some() {
            index.publish(self.engine.gallery())?;
            return Ok(index);
        }
        let control = &self.context.control;
        let tell = |progress: Progress| self.context.send(JobEvent::Progress(progress));
        let built = match spec.validate(index.faces_d()) {
            Ok(()) => live::build(self.engine.gallery(), &index, Recipe::Given(&spec, params), control, &tell),
            Err(error) => Err(JobError::Failed(error.telling())),
        };
        match built {
            Ok(()) => {}
            Err(JobError::Cancelled) => return Err(JobError::Cancelled),
            Err(error) => self.engine.tell(Message::Warning(tell!(
                "engine-index-not-built",
                spec = spec.to_string(),
                title = &self.next.entry.manifest.title,
                reason = &error
            ))),
        }
        index.publish(self.engine.gallery())?;
        Ok(index)
    }

    /// Photos whose faces all have an embedding of the model count as enrolled with it.
    pub(super) fn restate(&self) -> Result<(), JobError> {
        for (before, after) in self.book.restated(&self.next.entry.manifest) {
            self.engine.gallery().restate_photos(&before, &after, self.next.name(), STORED_PICTURE)?;
        }
        Ok(())
    }

    pub(super) fn issue(&self, path: &Path, reason: Telling) -> Result<(), JobError> {
        self.engine.gallery().record_issue_of_kind(path, STORED_PICTURE, &reason)?;
        self.context.send(JobEvent::Issue { path: path.to_path_buf(), reason });
        Ok(())
    }

    fn enter(&mut self, stage: &'static str) {
        self.meter.enter(stage);
        self.tell();
    }

    pub(super) fn tell(&mut self) {
        self.context.send_progress(&mut self.meter);
    }
}
