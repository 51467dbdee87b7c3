//! An index with the templates of its subjects: the only place that knows how both are made and opened.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use super::IndexError;
use super::build::{self, build};
use super::names::TEMPLATES_DIR;
use super::raw::RawVectors;
use super::record::Built;
use super::rows::RowSet;
use super::templates::{Labels, Templates};
use super::tiered::TieredIndex;
use super::trained::TrainedIndex;
use super::watch::BuildWatch;
use crate::types::{FaceId, IndexSpec, SearchParams};

/// Builds an index of `raw` in `dir`, which must exist and be empty, with templates of the subjects in `labels` where
/// the spec asks for them. `threads` are used for training and adding.
///
/// # Errors
/// As [`build`].
pub fn build_with_templates(
    raw: &RawVectors,
    labels: &Labels,
    spec: &IndexSpec,
    dir: &Path,
    threads: usize,
    watch: &dyn BuildWatch,
) -> Result<Built, IndexError> {
    let begun = Instant::now();
    if !spec.templates {
        return build(raw, None, spec, dir, threads, watch);
    }
    let row_of = raw.rows_by_face();
    let mut built = build(raw, Some(order_by_subject(raw.len(), &row_of, labels)), spec, dir, threads, watch)?;
    let read = |face: FaceId, out: &mut Vec<f32>| {
        row_of.get(&face).into_iter().for_each(|row| out.extend_from_slice(raw.row(*row)));
    };
    Templates::build(labels, raw.d(), &read, &dir.join(TEMPLATES_DIR), threads, watch)?;
    built.record.build_secs = begun.elapsed().as_secs_f32();
    Ok(built)
}

/// Takes the faces of `later` into a copy of an index, without training anything anew, in `dir`, with templates of the
/// subjects in `labels` where it has any. Faces that are gone stay in it. `built` says how and where `old` was built.
///
/// # Errors
/// As [`build_with_templates`].
pub fn extend(
    old: &TrainedIndex,
    built: &Built,
    later: &RawVectors,
    labels: &Labels,
    dir: &Path,
    threads: usize,
    watch: &dyn BuildWatch,
) -> Result<Built, IndexError> {
    let begun = Instant::now();
    let mut extended = build::extend(old, built, later, dir, threads, watch)?;
    if old.spec().templates {
        let row_of = later.rows_by_face();
        let read = |face: FaceId, out: &mut Vec<f32>| match (row_of.get(&face), old.row(face), old.store()) {
            (Some(row), _, _) => out.extend_from_slice(later.row(*row)),
            (None, Some(row), Some(store)) => store.read_row(row, out),
            _ => {}
        };
        Templates::build(labels, old.d(), &read, &dir.join(TEMPLATES_DIR), threads, watch)?;
    }
    extended.record.build_secs = built.record.build_secs + begun.elapsed().as_secs_f32();
    Ok(extended)
}

/// A trained part as it is searched, with templates of the subjects in `labels` where it was built with any. `built` says
/// where its files lie.
///
/// # Errors
/// As [`Templates::open`].
pub fn assemble(
    trained: TrainedIndex,
    built: &Built,
    labels: &Labels,
    params: SearchParams,
) -> Result<TieredIndex, IndexError> {
    let templates = match built.templates_dir() {
        Some(dir) => Some(Templates::open(&dir, &trained, labels)?),
        None => None,
    };
    TieredIndex::from_trained(trained, templates, params)
}

impl Built {
    /// Loads what was built as it is searched, with templates of the subjects in `labels`.
    ///
    /// # Errors
    /// As [`Built::open`].
    pub fn open_tiered(&self, labels: &Labels) -> Result<TieredIndex, IndexError> {
        assemble(self.open(false)?, self, labels, SearchParams::default())
    }
}

/// Subjects one after the other, each with its faces together; then the faces without a subject.
fn order_by_subject(rows: usize, row_of: &HashMap<FaceId, usize>, labels: &Labels) -> Vec<u32> {
    let mut labels: Vec<_> = labels.iter().map(|&(face, subject)| (subject, face)).collect();
    labels.sort_unstable();
    let mut is_placed = RowSet::empty(rows);
    let mut order = Vec::with_capacity(rows);
    for row in labels.iter().filter_map(|(_, face)| row_of.get(face).copied()) {
        if !is_placed.contains(row) {
            is_placed.insert(row);
            order.push(row as u32);
        }
    }
    order.extend((0..rows).filter(|row| !is_placed.contains(*row)).map(|row| row as u32));
    order
}
