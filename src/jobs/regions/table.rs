use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::import::{finish, report};
use super::naming::{Known, Namings};
use super::summary::{RegionsImported, RegionsTold};
use crate::exchange::{Decision, FaceRow, Remark, Whom, read_table};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, ProgressMeter};
use crate::store::FaceRecord;
use crate::tell;
use crate::types::{BBox, FaceId};

/// Boxes of one face, found twice by the same detector or written with fewer digits, overlap by more.
const SAME_BOX: f32 = 0.5;

/// A face and everybody that rows say it is: name, person, external id.
type Said = (FaceRecord, Vec<(String, Whom, Option<String>)>);

/// Names faces by a table as `regions export` writes it: by the face's number where photo and box agree with it, else by
/// the photo's digest and the box. One change.
///
/// # Errors
/// The table cannot be read, with the row; the gallery is open for reading only; cancellation, which leaves everything as
/// it was.
pub fn import_table(
    engine: &Engine,
    table: &Path,
    dry_run: bool,
    control: &JobControl,
    tell: &mut dyn FnMut(RegionsTold),
) -> Result<RegionsImported, JobError> {
    if !dry_run {
        engine.ensure_writable()?;
    }
    let bytes = std::fs::read(table).map_err(|reason| JobError::Io { reason, path: table.to_path_buf() })?;
    let rows = read_table(&bytes)
        .map_err(|error| JobError::Failed(tell!("jobs-about-path", reason = &error, path = table)))?;
    let known = Known::read(engine)?;
    let mut summary = RegionsImported { dry_run, ..RegionsImported::default() };
    let mut meter = ProgressMeter::counting("Reading names", "row");
    meter.now.total = Some(rows.len() as u64);
    let mut said: BTreeMap<FaceId, Said> = BTreeMap::new();
    for row in &rows {
        control.checkpoint()?;
        summary.looked_at += 1;
        if let Some(name) = row.name.as_deref() {
            summary.with_regions += 1;
            let whom = known.people.whom_told(row.subject, name, row.external_id.as_deref());
            let faces = faces_of(engine, row)?;
            if faces.is_empty() {
                let remark = Remark::NoFace { name: name.to_owned(), area: row.bbox.unwrap_or_default() };
                summary.count(&remark);
                tell(RegionsTold::Remark { path: PathBuf::from(row.photo.clone().unwrap_or_default()), remark });
            }
            for face in faces {
                let told = &mut said.entry(face.id).or_insert_with(|| (face, Vec::new())).1;
                let one = (name.to_owned(), whom.clone(), row.external_id.clone());
                if !told.iter().any(|other| other.1 == one.1 && other.2 == one.2) {
                    told.push(one);
                }
            }
        }
        meter.now.done += 1;
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(RegionsTold::Progress(progress));
        }
    }
    let mut namings = Namings::default();
    for (face, told) in said.into_values() {
        let mut decision = Decision::default();
        let mut external = None;
        match told.as_slice() {
            [(name, whom, external_id)] => {
                decision.name(&known.face(&face), name, whom.clone());
                external = external_id.as_deref();
            }
            several => {
                let names = several.iter().map(|(name, ..)| name.clone()).collect();
                decision.remarks.push(Remark::Contested { face: face.id, names });
            }
        }
        namings.add(&decision, external);
        report(engine, &face.path, decision, &mut summary, tell)?;
    }
    finish(engine, namings, control, summary)
}

/// The faces that a row speaks of: one by its number, or one on each photo of that content.
fn faces_of(engine: &Engine, row: &FaceRow) -> Result<Vec<FaceRecord>, JobError> {
    let gallery = engine.gallery();
    if let Some(face) = row.face
        && let Some(face) = gallery.faces(&[face])?.pop().filter(|face| !face.is_gone)
    {
        let is_its_photo = match &row.digest {
            Some(digest) => gallery.photo(face.photo)?.content_hash == *digest,
            None => true,
        };
        if is_its_photo && row.bbox.is_none_or(|bbox| bbox.iou(&face.detection.bbox) >= SAME_BOX) {
            return Ok(vec![face]);
        }
    }
    let (Some(digest), Some(bbox)) = (&row.digest, &row.bbox) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for photo in gallery.photos_by_hash(digest)? {
        found.extend(nearest(gallery.faces_of_photo(photo.id)?, bbox));
    }
    Ok(found)
}

fn nearest(faces: Vec<FaceRecord>, bbox: &BBox) -> Option<FaceRecord> {
    let iou = |face: &FaceRecord| face.detection.bbox.iou(bbox);
    faces.into_iter().filter(|face| iou(face) >= SAME_BOX).max_by(|one, other| iou(one).total_cmp(&iou(other)))
}
