//! Changing the model: every face of the gallery is embedded by the next one while the one in use serves, then the
//! next one's index is built beside, and both take over in one step. Embeddings of two models never meet in one index.
//!
//! What is embedded is in the gallery at once, under the name of its model, so a change that is cancelled or killed goes
//! on where it stopped, and a model that was used before takes over without any work.

mod book;
mod crops;
mod embed;

use crate::tell;
use crate::types::{Tell, Telling};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build_index::build_index_of;
use super::engine::{Engine, LiveIndex, Message, NextModel};
use super::error::JobError;
use super::priority::step_back;
use super::progress::{Progress, ProgressMeter};
use super::runner::{JobContext, JobEvent};
use crate::types::FaceId;
use book::DetectorBook;

/// How a change of the model is called in the gallery's table of jobs.
const KIND: &str = "change-model";

/// Issues of photos whose faces were embedded from their stored pictures.
const STORED_PICTURE: &str = "stored-picture";

/// Passes over the gallery for faces that enrollments bring meanwhile; what comes after the last is taken in after the
/// change.
const MAX_PASSES: usize = 16;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ChangeRequest {
    model: String,
}

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

/// The model that a kill or a crash kept from taking over. It stays on record until [`change_model`] has put its
/// successor there.
///
/// # Errors
/// The gallery cannot be read.
pub fn unfinished_change(engine: &Engine) -> Result<Option<String>, JobError> {
    Ok(earlier_changes(engine)?.pop().map(|(_, model)| model))
}

/// Changes without an end, oldest first; of a process only one is at work at a time. Ones that cannot be read are closed.
fn earlier_changes(engine: &Engine) -> Result<Vec<(i64, String)>, JobError> {
    let mut changes = Vec::new();
    for job in engine.gallery().unfinished_jobs()?.into_iter().filter(|job| job.kind == KIND) {
        match serde_json::from_str::<ChangeRequest>(&job.request_json) {
            Ok(request) => changes.push((job.id, request.model)),
            Err(error) => {
                log::warn!("an unfinished change of the model cannot be read and is dropped: {error}");
                engine.gallery().end_job(job.id, "unreadable")?;
            }
        }
    }
    Ok(changes)
}

/// Embeds what the model has not seen and makes it the active one. Cancelled or failed, the model in use stays, and
/// what was embedded is kept for the next time.
///
/// # Errors
/// The model is unknown or its weights are not sound; the gallery is open for reading only; another change is under
/// way; [`JobError::Cancelled`]; a full disk.
pub fn change_model(engine: &Engine, model: &str, context: &JobContext) -> Result<ChangeSummary, JobError> {
    engine.ensure_writable()?;
    let _turn = engine.begin_change(model)?;
    step_back();
    let mut meter = ProgressMeter::counting("Loading the model", "face");
    context.send_progress(&mut meter);
    let earlier = earlier_changes(engine)?;
    let next = match engine.load_model(model) {
        Ok(next) => next,
        Err(error) => {
            // A model that cannot be opened is not asked for at every start.
            for (job, _) in earlier.iter().filter(|(_, asked)| asked == model) {
                engine.gallery().end_job(*job, "failed")?;
            }
            return Err(error);
        }
    };
    let request = serde_json::to_string(&ChangeRequest { model: model.to_owned() }).unwrap_or_default();
    let earlier: Vec<i64> = earlier.into_iter().map(|(job, _)| job).collect();
    let job = engine.gallery().begin_job_after(&earlier, KIND, &request)?;
    let result = Embedding::new(engine, &next, context, meter).and_then(Embedding::change);
    let to_be_resumed = context.control.is_interrupted() && matches!(result, Err(JobError::Cancelled));
    if !to_be_resumed {
        let outcome = match &result {
            Ok(_) => "completed",
            Err(JobError::Cancelled) => "cancelled",
            Err(_) => "failed",
        };
        engine.gallery().end_job(job, outcome)?;
    }
    result
}

/// Embeds what the active model has not seen: faces that an enrollment brought which began with another one.
pub(super) fn catch_up(engine: &Engine, context: &JobContext) -> Result<(), JobError> {
    let name = engine.manifest().name;
    if engine.gallery().faces_without_embedding(&name)?.is_empty() {
        return engine.index().level(engine.gallery()).map(|_| ());
    }
    let next = engine.load_model(&name)?;
    let meter = ProgressMeter::counting("Embedding with the new model", "face");
    let mut work = Embedding::new(engine, &next, context, meter)?;
    work.pass()?;
    engine.open_index(&next.entry.manifest)?.level(engine.gallery())?;
    work.restate()
}

/// The work of embedding the gallery by one model.
struct Embedding<'a> {
    engine: &'a Engine,
    next: &'a NextModel,
    context: &'a JobContext,
    meter: ProgressMeter,
    book: Arc<DetectorBook>,
    summary: ChangeSummary,
    /// Faces that cannot be embedded; they are not tried again in this run.
    given_up: HashSet<FaceId>,
}

impl<'a> Embedding<'a> {
    fn new(
        engine: &'a Engine,
        next: &'a NextModel,
        context: &'a JobContext,
        meter: ProgressMeter,
    ) -> Result<Self, JobError> {
        let summary = ChangeSummary { model: next.name().to_owned(), ..ChangeSummary::default() };
        let book = Arc::new(DetectorBook::read(engine)?);
        Ok(Self { engine, next, context, meter, book, summary, given_up: HashSet::new() })
    }

    fn change(mut self) -> Result<ChangeSummary, JobError> {
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
    fn pass(&mut self) -> Result<usize, JobError> {
        let mut missing = self.engine.gallery().faces_without_embedding(self.next.name())?;
        missing.retain(|(_, face)| !self.given_up.contains(face));
        if !missing.is_empty() {
            self.meter.now.photos_total = Some(self.meter.now.photos_done + missing.len() as u64);
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
            Ok(()) => build_index_of(self.engine, &index, &spec, params, control, &tell),
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
    fn restate(&self) -> Result<(), JobError> {
        for (before, after) in self.book.restated(&self.next.entry.manifest) {
            self.engine.gallery().restate_photos(&before, &after, self.next.name(), STORED_PICTURE)?;
        }
        Ok(())
    }

    fn issue(&self, path: &Path, reason: Telling) -> Result<(), JobError> {
        self.engine.gallery().record_issue_of_kind(path, STORED_PICTURE, &reason)?;
        self.context.send(JobEvent::Issue { path: path.to_path_buf(), reason });
        Ok(())
    }

    fn enter(&mut self, stage: &'static str) {
        self.meter.enter(stage);
        self.tell();
    }

    fn tell(&mut self) {
        self.context.send_progress(&mut self.meter);
    }
}
