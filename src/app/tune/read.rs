//! What stands behind the Tune screen, as the engine knows it.

use super::event::TuneEvent;
use super::state::{PresetView, SavedSweep};
use crate::app::messages::Event;
use crate::jobs::tuning::{PRESETS, Preset, saved_sweeps};
use crate::jobs::{Engine, JobError};
use crate::types::IndexOverview;

/// What stands behind the screen.
pub(super) fn read(engine: &Engine) -> Result<Vec<Event>, JobError> {
    let overview = engine.index_overview();
    let presets = PRESETS.iter().filter_map(|preset| preset_view(preset, &overview)).collect();
    let generations = engine.generations(false)?;
    Ok(vec![
        TuneEvent::PresetsRead(presets).into(),
        TuneEvent::IndexRead(overview, generations).into(),
        TuneEvent::SweepsListed(saved_sweeps(engine).into_iter().map(saved_view).collect()).into(),
    ])
}

pub(super) fn saved_view(saved: crate::jobs::tuning::SavedSweep) -> SavedSweep {
    SavedSweep { name: saved.name, begun_at: saved.begun_at, points: saved.points }
}

/// `None` for what cannot be built with embeddings of this length.
fn preset_view(preset: &Preset, overview: &IndexOverview) -> Option<PresetView> {
    let (spec, params) = preset.recipe(overview.d, overview.ntotal)?;
    Some(PresetView {
        name: preset.name.to_owned(),
        spec,
        params,
        useful_for: preset.useful_for.to_owned(),
        not_useful_for: preset.not_useful_for.to_owned(),
    })
}
