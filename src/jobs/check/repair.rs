//! `likeness check --repair`.

use std::path::Path;

use super::index::{read_all, store_of};
use crate::jobs::engine::{Engine, Mode, build_index};
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::store::{DataDir, Gallery};
use crate::types::{FindingKind, Findings, IndexSpec, SearchParams};

/// Puts right what can be worked out from the rest: see [`FindingKind::can_be_repaired`]. A damaged index is built
/// anew from the gallery, to the spec it had where that can still be read.
///
/// # Errors
/// Another process holds the data folder; the gallery is damaged beyond repair; a full disk.
pub fn repair(
    data_dir: Option<&Path>,
    findings: &Findings,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    let data = DataDir::resolve(data_dir)?;
    let lost = {
        let _lock = data.try_lock()?;
        let gallery = Gallery::open(&data.gallery_path())?;
        gallery.repair()?;
        control.checkpoint()?;
        if findings.has(FindingKind::IndexFile) || findings.has(FindingKind::IndexContent) {
            discard_damaged(&data, findings.has(FindingKind::IndexContent))?
        } else {
            Vec::new()
        }
    };
    // Opening it makes the index of the model in use again from the gallery.
    let engine = Engine::open(data_dir, Mode::Write, None)?;
    let active = engine.manifest().name;
    if let Some((_, spec, params)) = lost.into_iter().find(|(model, spec, _)| *model == active && !spec.is_exact()) {
        build_index(&engine, &spec, params, control, tell)?;
    }
    Ok(())
}

/// Throws away what is damaged; returns the specs of indexes that were in use.
fn discard_damaged(data: &DataDir, contents_too: bool) -> Result<Vec<(String, IndexSpec, SearchParams)>, JobError> {
    let mut lost = Vec::new();
    for index in read_all(data)? {
        let store = store_of(data, &index.model);
        store.allow_writing()?;
        let before: Vec<_> = store.generations(false)?.into_iter().filter(|info| info.is_current).collect();
        let mut was_current = false;
        for problem in &index.check.problems {
            was_current |= problem.is_current;
            match problem.is_note {
                true => store.discard_notes()?,
                false => store.discard(problem.generation)?,
            }
        }
        if let Some(content) = index.check.current.as_ref().filter(|_| contents_too) {
            was_current = true;
            store.discard(Some(content.generation.manifest.number))?;
        }
        if was_current {
            lost.extend(before.into_iter().map(|info| (index.model.clone(), info.spec, info.params)));
        }
    }
    Ok(lost)
}
