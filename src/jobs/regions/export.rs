use std::fs::Permissions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::import::photos_of;
use super::photo::{embedded, new_sidecar_path, read_small, sidecars};
use super::summary::{RegionsExported, RegionsTold};
use crate::exchange::{Edited, ExchangeError, FaceRow, NamedFace, edit_sidecar, new_sidecar};
use crate::files::{Part, folder_of, sync_folder};
use crate::jobs::engine::Engine;
use crate::jobs::enroll::file_stat;
use crate::jobs::work::{JobControl, JobError, ProgressMeter};
use crate::store::PhotoRecord;
use crate::tell;
use crate::types::{PhotoId, Tell, Telling};

/// What is told to others.
#[derive(Clone, Debug, Default)]
pub struct ExportRegions {
    /// Photos in this folder and below it; all where none is named.
    pub folder: Option<PathBuf>,
    /// Say what would be written, and write nothing.
    pub dry_run: bool,
}

/// The faces of one photo as rows of a table, those without a name among them.
pub struct NamedFaces {
    pub photo: PhotoId,
    pub path: PathBuf,
    pub rows: Vec<FaceRow>,
}

/// Hands on the faces of every photo, photo by photo in the order of paths.
///
/// # Errors
/// Nothing is enrolled from the folder; the gallery cannot be read; cancellation.
pub fn named_faces(
    engine: &Engine,
    folder: Option<&Path>,
    control: &JobControl,
    take: &mut dyn FnMut(NamedFaces) -> Result<(), JobError>,
) -> Result<(), JobError> {
    let external: std::collections::HashMap<_, _> = engine
        .gallery()
        .subjects()?
        .into_iter()
        .filter_map(|subject| Some((subject.id, subject.external_id?)))
        .collect();
    for (photo, path) in photos_of(engine, folder)? {
        control.checkpoint()?;
        let digest = engine.gallery().photo(photo)?.content_hash;
        let row = |face: &crate::store::FaceRecord| FaceRow {
            face: Some(face.id),
            photo: Some(path.to_string_lossy().into_owned()),
            digest: Some(digest),
            bbox: Some(face.detection.bbox),
            subject: face.subject.as_ref().map(|subject| subject.id),
            name: face.subject.as_ref().map(|subject| subject.name.clone()),
            external_id: face.subject.as_ref().and_then(|subject| external.get(&subject.id).cloned()),
        };
        let rows = engine.gallery().faces_of_photo(photo)?.iter().map(row).collect();
        take(NamedFaces { photo, path, rows })?;
    }
    Ok(())
}

/// Writes the names of faces as MWG regions into the sidecar of each photo that has any: into the one that is there, else
/// into `photo.jpg.xmp`. Photos themselves are read alone.
///
/// # Errors
/// Nothing is enrolled from the folder; the gallery cannot be read; cancellation, after which every sidecar is as it was
/// or as it shall be.
pub fn export_sidecars(
    engine: &Engine,
    request: &ExportRegions,
    control: &JobControl,
    tell: &mut dyn FnMut(RegionsTold),
) -> Result<RegionsExported, JobError> {
    let photos = photos_of(engine, request.folder.as_deref())?;
    let mut summary = RegionsExported { dry_run: request.dry_run, ..RegionsExported::default() };
    let mut meter = ProgressMeter::new("Writing sidecars");
    meter.now.total = Some(photos.len() as u64);
    for (photo, path) in photos {
        control.checkpoint()?;
        let faces = engine.gallery().faces_of_photo(photo)?;
        let named = faces.iter().filter_map(|face| {
            let name = face.subject.as_ref()?.name.clone();
            Some(NamedFace { name, bbox: face.detection.bbox })
        });
        let named: Vec<NamedFace> = named.collect();
        if !named.is_empty() {
            summary.photos += 1;
            let record = engine.gallery().photo(photo)?;
            if let Err((path, reason)) = export_one(&path, &record, &named, &mut summary) {
                summary.issues += 1;
                tell(RegionsTold::Issue { path, reason });
            }
        }
        meter.now.done += 1;
        (meter.now.faces, meter.now.issues) = (summary.added + summary.renamed, summary.issues);
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(RegionsTold::Progress(progress));
        }
    }
    tell(RegionsTold::Progress(meter.finish()));
    Ok(summary)
}

/// `Err` is the file that could not be used, and why.
fn export_one(
    photo: &Path,
    record: &PhotoRecord,
    faces: &[NamedFace],
    summary: &mut RegionsExported,
) -> Result<(), (PathBuf, Telling)> {
    let of_photo = |reason: Telling| (photo.to_path_buf(), reason);
    let stat = photo.metadata().map_err(|error| of_photo(error.telling()))?;
    let now = file_stat(&stat);
    // Boxes are true of the pixels that were enrolled.
    if (now.bytes, now.mtime_millis) != (record.file.bytes, record.file.mtime_millis)
        && !is_content(photo, &record.content_hash).map_err(|error| of_photo(error.telling()))?
    {
        return Err(of_photo(tell!("regions-photo-changed")));
    }
    let orientation = embedded(photo).map_err(|error| of_photo(error.telling()))?.orientation;
    let sidecar = sidecars(photo).into_iter().next();
    let place = sidecar.clone().unwrap_or_else(|| new_sidecar_path(photo));
    let of_sidecar = |reason: Telling| (place.clone(), reason);
    let (edited, before) = match &sidecar {
        None => (new_sidecar(faces, record.size, orientation), None),
        Some(path) => {
            let before = read_small(path).map_err(|error| of_sidecar(error.telling()))?;
            let edited = edit_sidecar(&before, faces, record.size, orientation);
            (edited.map_err(|error| of_sidecar(error.telling()))?, Some(before))
        }
    };
    let Edited { bytes, added, renamed, kept } = edited;
    let is_new = before.is_none();
    let differs = before.is_none_or(|before| before != bytes);
    if differs && !summary.dry_run {
        write_sidecar(&place, &bytes, is_new).map_err(|error| of_sidecar(error.telling()))?;
    }
    summary.written += u64::from(differs);
    summary.new_files += u64::from(is_new);
    summary.added += added as u64;
    summary.renamed += renamed as u64;
    summary.kept += kept as u64;
    Ok(())
}

fn is_content(photo: &Path, digest: &[u8; 32]) -> std::io::Result<bool> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(photo)?)?;
    Ok(hasher.finalize().as_bytes() == digest)
}

/// The sidecar is as it was or as it shall be, also after a power cut. A link stays one, and rights stay as they were.
fn write_sidecar(place: &Path, bytes: &[u8], is_new: bool) -> Result<(), ExchangeError> {
    let place = if is_new { place.to_path_buf() } else { place.canonicalize()? };
    let rights: Option<Permissions> = if is_new { None } else { Some(place.metadata()?.permissions()) };
    let mut part = Part::create(&place)?;
    part.write_all(bytes)?;
    part.finish_export()?;
    if let Some(rights) = rights {
        std::fs::set_permissions(&place, rights)?;
    }
    sync_folder(folder_of(&place))?;
    Ok(())
}
