//! Published indexes: their files, and what they hold against what the gallery holds.
//!
//! An index may be behind the gallery, which is put right at every start, and so is a template that a subject has
//! outgrown. What is told is what no start puts right, or what a start would have to build anew.

use std::collections::{HashMap, HashSet};
use std::io;

use super::report::CheckReport;
use crate::index::{CurrentContent, HEAD, IndexCheck, IndexStore};
use crate::jobs::work::JobError;
use crate::store::{DataDir, Gallery};
use crate::tell;
use crate::types::{FaceId, FindingKind, Findings};

/// Numbers that differ by more are not those of one vector.
const TOLERANCE: f32 = 1e-3;

/// One model's index folder.
pub(super) struct ModelIndex {
    pub(super) model: String,
    pub(super) check: IndexCheck,
}

pub(super) fn store_of(data: &DataDir, model: &str) -> IndexStore {
    IndexStore::open_to_read(&data.index_dir().join(model))
}

/// Reads all that is published.
///
/// # Errors
/// A folder cannot be listed.
pub(super) fn read_all(data: &DataDir) -> Result<Vec<ModelIndex>, JobError> {
    let dir = data.index_dir();
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(reason) => return Err(JobError::Io { reason, path: dir }),
    };
    let mut models: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    models.sort();
    models
        .into_iter()
        .map(|model| Ok(ModelIndex { check: store_of(data, &model).check()?, model }))
        .collect::<Result<_, JobError>>()
}

pub(super) fn compare_files(indexes: &[ModelIndex], findings: &mut Findings) {
    for index in indexes {
        for problem in &index.check.problems {
            findings.add(FindingKind::IndexFile, problem.text.clone());
        }
    }
}

pub(super) fn compare(indexes: &[ModelIndex], gallery: &Gallery, report: &mut CheckReport) -> Result<(), JobError> {
    compare_files(indexes, &mut report.findings);
    for index in indexes {
        if let Some(content) = &index.check.current {
            compare_content(&index.model, content, gallery, report)?;
        }
    }
    Ok(())
}

fn compare_content(
    model: &str,
    content: &CurrentContent,
    gallery: &Gallery,
    report: &mut CheckReport,
) -> Result<(), JobError> {
    let (path, manifest) = (&content.generation.dir, &content.generation.manifest);
    if manifest.model != model {
        let text = tell!("check-index-model", found = &manifest.model, model = model, path = path);
        report.findings.add(FindingKind::IndexContent, text);
        return Ok(());
    }
    let last = gallery.last_face_id()?;
    let mut seen = HashSet::with_capacity(content.ids.len());
    for face in &content.ids {
        if !seen.insert(*face) {
            let text = tell!("check-index-twice", face = face.to_string(), path = path);
            report.findings.add(FindingKind::IndexContent, text);
        }
        if face.0 <= 0 || *face > last {
            let text = tell!("check-index-unknown", face = face.to_string(), path = path);
            report.findings.add(FindingKind::IndexContent, text);
        }
    }
    let in_gallery = gallery.embedding_ids(model)?;
    report.not_indexed_yet += in_gallery.iter().filter(|face| !seen.contains(face)).count() as u64;
    if content.heads.is_empty() {
        return Ok(());
    }
    // Faces that got another vector since are known to whoever loads the index.
    let (renewed, _) = gallery.renewals(model, gallery.index_mark(&content.generation.checksum)?)?;
    let renewed: HashSet<FaceId> = renewed.into_iter().collect();
    let heads: HashMap<FaceId, &[f32; HEAD]> = content.heads.iter().map(|(face, head)| (*face, head)).collect();
    gallery.for_each_stored_vector(model, |face, bytes| {
        let (numbers, _) = bytes.as_chunks::<4>();
        let differs = |head: &[f32; HEAD]| {
            let same = |(a, b): (&f32, &[u8; 4])| (a - f32::from_le_bytes(*b)).abs() <= TOLERANCE;
            !head.iter().zip(numbers).all(same)
        };
        if !renewed.contains(&face) && heads.get(&face).is_some_and(|head| differs(head)) {
            let text = tell!("check-index-vector", face = face.to_string(), path = path);
            report.findings.add(FindingKind::IndexContent, text);
        }
    })?;
    Ok(())
}
