use super::event::ModelsEvent;
use super::state::ModelView;
use crate::jobs::models::{load_speeds, stored_by_models};
use crate::jobs::{Engine, JobError};
use crate::vision::manifest::{ChannelOrder, ModelEntry, ModelManifest};

/// The models, without a count of what is stored for them.
pub(in crate::app) fn models(engine: &Engine) -> Vec<ModelView> {
    let active = engine.manifest().name;
    let speeds = load_speeds(engine);
    let entries = engine.models();
    let imported: Vec<bool> =
        engine.with_models(|models| entries.iter().map(|entry| models.is_imported(entry)).collect());
    let view = |(entry, imported): (ModelEntry, bool)| {
        let files = entry.files();
        let bytes = files.iter().filter_map(|file| Some(std::fs::metadata(file).ok()?.len())).sum();
        let manifest = entry.manifest.to_toml().unwrap_or_default();
        let ModelManifest { name, title, architecture, sha256, d, threshold, licence, source, notes, input, .. } =
            entry.manifest;
        ModelView {
            active: name == active,
            // Other weights have another speed.
            speed: speeds.get(&name).filter(|speed| speed.sha256 == sha256).cloned(),
            architecture: architecture.name().to_owned(),
            size: input.template.size,
            bgr: input.channel_order == ChannelOrder::Bgr,
            mean: input.mean,
            std: input.std,
            template: input.template.points,
            digest: sha256,
            weights: entry.weights_path,
            problem: entry.problem,
            embedded: None,
            stored_bytes: 0,
            name,
            title,
            d,
            licence,
            source,
            notes,
            threshold,
            bytes,
            imported,
            manifest,
        }
    };
    entries.into_iter().zip(imported).map(view).collect()
}

/// The models with what is stored for them, which takes a look at every embedding's key.
pub(in crate::app) fn model_list(engine: &Engine) -> Result<ModelsEvent, JobError> {
    let mut models = models(engine);
    let mut left_over = stored_by_models(engine)?;
    for model in &mut models {
        let stored = left_over.iter().position(|stored| stored.name == model.name).map(|at| left_over.remove(at));
        model.embedded = Some(stored.as_ref().map_or(0, |stored| stored.faces));
        model.stored_bytes = stored.map_or(0, |stored| stored.bytes);
    }
    Ok(ModelsEvent::Read { models, unreadable: engine.unreadable_models(), left_over })
}
