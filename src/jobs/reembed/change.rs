use serde::{Deserialize, Serialize};

use super::embedding::{ChangeSummary, Embedding};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobContext, JobError, ProgressMeter, step_back};

/// How a change of the model is called in the gallery's table of jobs.
const KIND: &str = "change-model";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ChangeRequest {
    model: String,
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
pub fn change_model<S>(engine: &Engine, model: &str, context: &JobContext<S>) -> Result<ChangeSummary, JobError> {
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
pub(in crate::jobs) fn catch_up<S>(engine: &Engine, context: &JobContext<S>) -> Result<(), JobError> {
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
