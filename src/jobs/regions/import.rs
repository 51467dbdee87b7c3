use std::path::{Path, PathBuf};

use super::naming::{Known, Namings};
use super::photo::{Reader, read_small};
use super::summary::{RegionsImported, RegionsTold};
use crate::exchange::{Contacts, Decision, FaceHere, Whom, decide, read_contacts};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, ProgressMeter};
use crate::store::StoreError;
use crate::tell;
use crate::types::PhotoId;

/// What is taken over.
#[derive(Clone, Debug, Default)]
pub struct ImportRegions {
    /// Photos in this folder and below it; all where none is named.
    pub folder: Option<PathBuf>,
    /// Picasa's `contacts.xml`.
    pub contacts: Option<PathBuf>,
    /// Say what would be named, and change nothing.
    pub dry_run: bool,
}

/// Reads the face regions in and beside every enrolled photo and names the faces under them that have no name, in one
/// change.
///
/// # Errors
/// Nothing is enrolled from the folder; `contacts.xml` cannot be read; the gallery is open for reading only; cancellation,
/// which leaves everything as it was.
pub fn import_regions(
    engine: &Engine,
    request: &ImportRegions,
    control: &JobControl,
    tell: &mut dyn FnMut(RegionsTold),
) -> Result<RegionsImported, JobError> {
    if !request.dry_run {
        engine.ensure_writable()?;
    }
    let contacts = request.contacts.as_deref().map(contacts).transpose()?.unwrap_or_default();
    let photos = photos_of(engine, request.folder.as_deref())?;
    let known = Known::read(engine)?;
    let mut reader = Reader::new(contacts);
    let mut summary = RegionsImported { dry_run: request.dry_run, ..RegionsImported::default() };
    let mut namings = Namings::default();
    let mut meter = ProgressMeter::new("Reading face regions");
    meter.now.total = Some(photos.len() as u64);
    for (photo, path) in photos {
        control.checkpoint()?;
        let found = reader.read(&path);
        summary.looked_at += 1;
        summary.issues += found.issues.len() as u64;
        found.issues.into_iter().for_each(|(path, reason)| tell(RegionsTold::Issue { path, reason }));
        if !found.sets.is_empty() {
            summary.with_regions += 1;
            let upright = engine.gallery().photo(photo)?.size;
            let faces: Vec<FaceHere> =
                engine.gallery().faces_of_photo(photo)?.iter().map(|face| known.face(face)).collect();
            let decision = decide(&found.sets, upright, found.orientation, &faces, &known.people);
            namings.add(&decision, None);
            report(engine, &path, decision, &mut summary, tell)?;
        }
        meter.now.done += 1;
        (meter.now.faces, meter.now.issues) = (summary.named, summary.issues);
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(RegionsTold::Progress(progress));
        }
    }
    tell(RegionsTold::Progress(meter.finish()));
    finish(engine, namings, control, summary)
}

fn contacts(path: &Path) -> Result<Contacts, JobError> {
    read_small(path)
        .and_then(|bytes| read_contacts(&bytes))
        .map_err(|error| JobError::Failed(tell!("jobs-about-path", reason = &error, path = path)))
}

/// The photos of a folder, or all, in the order of their paths; those whose files are gone are left out.
///
/// # Errors
/// Nothing is enrolled from the folder.
pub(super) fn photos_of(engine: &Engine, folder: Option<&Path>) -> Result<Vec<(PhotoId, PathBuf)>, JobError> {
    let whole = |folder: &Path| folder.canonicalize().or_else(|_| std::path::absolute(folder));
    let named = folder.map(|folder| whole(folder).unwrap_or_else(|_| folder.to_path_buf()));
    let places = engine.gallery().places_under(named.as_deref().unwrap_or(Path::new("")))?;
    if let Some(folder) = named.filter(|_| places.is_empty()) {
        return Err(StoreError::NoPhotoInFolder(folder).into());
    }
    let mut photos: Vec<(PhotoId, PathBuf)> = places.into_iter().map(|(photo, path, _)| (photo, path)).collect();
    photos.sort_unstable_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)));
    Ok(photos)
}

/// Counts and tells what one decision says.
pub(super) fn report(
    engine: &Engine,
    path: &Path,
    decision: Decision,
    summary: &mut RegionsImported,
    tell: &mut dyn FnMut(RegionsTold),
) -> Result<(), JobError> {
    summary.named += decision.named.len() as u64;
    summary.already_named += decision.already as u64;
    for (face, whom) in decision.named {
        let name = match &whom {
            Whom::Known(subject) => engine.gallery().subject(*subject)?.name,
            Whom::New(name) => name.clone(),
            Whom::Several => continue,
        };
        tell(RegionsTold::Named { path: path.to_path_buf(), face, whom, name });
    }
    for remark in decision.remarks {
        summary.count(&remark);
        tell(RegionsTold::Remark { path: path.to_path_buf(), remark });
    }
    Ok(())
}

/// Makes the change, where one is asked for.
pub(super) fn finish(
    engine: &Engine,
    namings: Namings,
    control: &JobControl,
    mut summary: RegionsImported,
) -> Result<RegionsImported, JobError> {
    summary.new_people = namings.new_people();
    control.checkpoint()?;
    if !summary.dry_run {
        (summary.batch, summary.named) = namings.apply(engine)?;
    }
    Ok(summary)
}
