//! The manifest of a model that was trained: what it is, whose it is, and what it was made of.

use std::path::Path;

use super::NearDuplicates;
use crate::jobs::work::JobError;
use crate::train::TrainError;
use crate::train::spec::RunSpec;
use crate::train::trainer::{Finished, MODEL_FILE};
use crate::vision::manifest::ModelManifest;

/// Threshold where no pairs were held out to choose one on; three networks had their best between 0.19 and 0.27.
const DEFAULT_THRESHOLD: f32 = 0.25;
/// Longest text that a manifest takes, in bytes.
const LONGEST: usize = 2000;

/// Writes `manifest.toml` beside the model's weights.
pub(super) fn write_manifest(
    folder: &Path,
    spec: &RunSpec,
    faces: usize,
    duplicates: Option<&NearDuplicates>,
    finished: &Finished,
) -> Result<ModelManifest, JobError> {
    let manifest = ModelManifest {
        name: spec.name.clone(),
        title: title(spec),
        architecture: spec.architecture,
        weights: MODEL_FILE.to_owned(),
        data_files: Vec::new(),
        sha256: None,
        d: spec.d,
        threshold: finished.measured.as_ref().map_or(DEFAULT_THRESHOLD, |m| m.threshold.clamp(-1.0, 1.0)),
        licence: cut(licence(spec)),
        source: cut(source(spec, faces, duplicates, finished)),
        notes: None,
        input: spec.input,
        precision: Default::default(),
    };
    let path = folder.join("manifest.toml");
    let text = manifest.to_toml()?;
    ModelManifest::parse(&text, &path.display().to_string())?;
    std::fs::write(&path, text).map_err(TrainError::io("the manifest cannot be written", &path))?;
    Ok(manifest)
}

fn title(spec: &RunSpec) -> String {
    let what = match (&spec.teacher, spec.augment.masked > 0.0) {
        (Some(teacher), true) => format!("distilled from {} for covered faces", teacher.name),
        (Some(teacher), false) => format!("distilled from {}", teacher.name),
        (None, _) => "trained on labels".to_owned(),
    };
    format!("{} ({}, {what})", spec.name, spec.architecture)
}

/// What was made from other people's weights stands under their terms.
fn licence(spec: &RunSpec) -> String {
    let mut terms: Vec<String> = Vec::new();
    for (role, origin) in [("weights it began with", &spec.from), ("teacher", &spec.teacher)] {
        if let Some(origin) = origin {
            let term = format!("{role}: {} – {}", origin.name, origin.licence);
            terms.push(term);
        }
    }
    match terms.is_empty() {
        true => "of whoever trained it; no other model's weights went in".to_owned(),
        false => format!("as what it was made from ({})", terms.join("; ")),
    }
}

fn source(spec: &RunSpec, faces: usize, duplicates: Option<&NearDuplicates>, finished: &Finished) -> String {
    let photos = spec.photos.file_name().unwrap_or_default().to_string_lossy();
    let held = spec.hold_out.as_ref().map_or_else(String::new, |held| {
        let folds: Vec<String> = held.folds.iter().map(ToString::to_string).collect();
        let pairs = held.pairs.file_name().unwrap_or_default().to_string_lossy();
        format!(", without the people of folds {} of {pairs}", folds.join(" and "))
    });
    let twins = duplicates.filter(|twins| twins.found > 0).map_or_else(String::new, |twins| {
        let fate = if twins.left_out { "and without" } else { "with" };
        format!(", {fate} {} of theirs", crate::types::count(twins.found as u64, "near-duplicate"))
    });
    let measured = finished.measured.as_ref().map_or_else(String::new, |measured| {
        let values: Vec<String> = measured.values.iter().map(|(name, v)| format!("{name} {v:.4}")).collect();
        let fold = spec.hold_out.as_ref().and_then(|held| held.folds.first()).copied().unwrap_or_default();
        format!(" Step {} was chosen on fold {fold}: {}.", finished.kept_step, values.join(", "))
    });
    let space = match &spec.teacher {
        Some(teacher) if spec.objective.regression > 0.0 && spec.d == teacher_d(spec) => {
            format!(" Its embeddings are made to lie where {}'s lie.", teacher.name)
        }
        _ => String::new(),
    };
    format!(
        "Trained with Likeness on {} of “{photos}”{held}{twins}, {}.{measured}{space} Command: {}",
        crate::types::count(faces as u64, "face"),
        crate::types::count(finished.steps, "step"),
        spec.command()
    )
}

fn teacher_d(spec: &RunSpec) -> usize {
    spec.teacher.as_ref().map_or(0, |teacher| teacher.d)
}

fn cut(mut text: String) -> String {
    while text.len() > LONGEST {
        text.pop();
    }
    text
}
