//! What the parts of the Models screen share.

use crate::app::{JobKind, ModelView};
use crate::say;
use crate::ui::Cx;

/// Jobs that this screen starts.
pub const JOBS: [JobKind; 5] =
    [JobKind::ChangeModel, JobKind::ImportModel, JobKind::TestModel, JobKind::MeasureSpeed, JobKind::RemoveModel];

/// The model shown in full.
pub fn chosen_model<'a>(cx: &Cx<'a>) -> Option<&'a ModelView> {
    let models = &cx.state.models;
    let chosen = cx.memory.models.chosen.as_ref();
    chosen
        .and_then(|chosen| models.iter().find(|model| model.name == *chosen))
        .or_else(|| models.iter().find(|model| model.active))
        .or(models.first())
}

/// Why no work on models can be begun now, where it cannot.
pub fn hindrance(cx: &Cx<'_>) -> Option<String> {
    let busy = |kind| cx.state.running_job(kind).is_some();
    match () {
        () if cx.read_only().is_some() => cx.read_only().map(str::to_owned),
        () if busy(JobKind::ChangeModel) => Some(say!("models-changing")),
        () if busy(JobKind::ImportModel) => Some(say!("models-import-busy")),
        () if busy(JobKind::RemoveModel) => Some(say!("models-removing")),
        () => None,
    }
}

/// Faces of the gallery that the model has not embedded; `None` until they are counted.
pub fn missing(cx: &Cx<'_>, model: &ModelView) -> Option<u64> {
    model.embedded.map(|embedded| cx.state.status.faces.saturating_sub(embedded))
}
