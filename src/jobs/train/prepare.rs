//! From photos to a crop set: each is decoded and searched for its main face once.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::UNIX_EPOCH;

use image::RgbImage;

use super::{Told, TrainEvent};
use crate::jobs::budget::take_memory;
use crate::jobs::enroll::file_stat;
use crate::jobs::pipeline::{decode_params, main_face, params_for_scale};
use crate::jobs::walk::walk;
use crate::jobs::work::{JobControl, JobError, Pool, cores, panic_message};
use crate::train::TrainError;
use crate::train::crops::{CropList, CropPack, Cutting, PackWriter, PhotoEntry};
use crate::types::{DetectorParams, Landmarks};
use crate::vision::align::{AlignError, Template};
use crate::vision::decode::{DecodeError, OpenPhoto, open_photo, read_photo_file};
use crate::vision::minify::Minify;
use crate::vision::mtcnn::Mtcnn;

/// A crop set with the crops for each template that was asked for, in that order.
pub(super) struct CropSet {
    pub list: CropList,
    pub packs: Vec<CropPack>,
}

/// What a worker makes of one photo.
struct Cut {
    entry: PhotoEntry,
    /// One for each way of cutting; none where there is an issue.
    crops: Vec<RgbImage>,
}

/// Why a photo has no crops.
struct Trouble {
    reason: String,
    /// See [`PhotoEntry::may_pass`].
    may_pass: bool,
}

impl Trouble {
    /// Of the photo itself.
    fn lasting(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), may_pass: false }
    }

    fn passing(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), may_pass: true }
    }

    fn of_decoding(error: &DecodeError) -> Self {
        Self { reason: error.to_string(), may_pass: error.is_of_machine() }
    }
}

/// The crops of the main faces of all photos below `photos`, cut in each way of `cuttings`.
///
/// What `folder` holds already is used where photos and detector are the same; of changed sets, photos that are as
/// they were are not searched again, only cut. Photos without a usable face are told as issues, each time; those whose
/// issue lies with the machine are tried again each time.
///
/// # Errors
/// A folder that is not there or cannot be written; cancellation. Nothing half is left under its name then.
pub(super) fn crop_set(
    mtcnn: &Mtcnn,
    photos: &Path,
    folder: &Path,
    detector: &DetectorParams,
    cuttings: &[Cutting],
    control: &JobControl,
    told: &Told<'_>,
) -> Result<CropSet, JobError> {
    detector.validate()?;
    let root = photos.canonicalize().map_err(|_| JobError::NoSuchSource(photos.to_path_buf()))?;
    std::fs::create_dir_all(folder).map_err(TrainError::io("the folder of the crops cannot be made", folder))?;
    let found = walk(std::slice::from_ref(&root), control)?;
    for (path, reason) in found.unreadable {
        told.event(TrainEvent::Issue { path, reason });
    }
    let photos: Vec<PhotoEntry> = found.photos.iter().map(|path| unseen(&root, path)).collect();
    let known = CropList::read(folder).filter(|list| list.detector == *detector);
    let is_same = |list: &CropList| {
        list.photos.len() == photos.len() && list.photos.iter().zip(&photos).all(|(a, b)| is_unchanged(a, b))
    };
    let current = known.clone().filter(is_same);
    let known = known.map(|list| list.photos).unwrap_or_default();
    let known = known.into_iter().map(|photo| (photo.path.clone(), photo)).collect();
    let mut work = Work { mtcnn, paths: &found.photos, photos: &photos, known, detector, cuttings, control };
    let current = current.filter(|list| !work.is_overcome(list));
    control.checkpoint()?;
    let missing: Vec<Cutting> = match &current {
        Some(list) => {
            cuttings.iter().filter(|cutting| CropPack::open(folder, list, cutting).is_err()).copied().collect()
        }
        None => cuttings.to_vec(),
    };
    let list = match current {
        Some(list) if missing.is_empty() => list,
        current => {
            work.cuttings = &missing;
            work.write(folder, current, told)?
        }
    };
    for photo in &list.photos {
        if let Some(reason) = &photo.issue {
            told.event(TrainEvent::Issue { path: root.join(&photo.path), reason: reason.as_str().into() });
        }
    }
    let packs = cuttings.iter().map(|cutting| CropPack::open(folder, &list, cutting));
    Ok(CropSet { packs: packs.collect::<Result<_, _>>()?, list })
}

/// Whether a photo is as it was when it was searched. Older sets do not tell the time of a change that keeps the date.
fn is_unchanged(then: &PhotoEntry, now: &PhotoEntry) -> bool {
    let stamp = |photo: &PhotoEntry| (photo.bytes, photo.mtime_millis);
    then.path == now.path
        && stamp(then) == stamp(now)
        && (then.ctime_millis.is_none() || then.ctime_millis == now.ctime_millis)
}

fn unseen(root: &Path, path: &Path) -> PhotoEntry {
    let metadata = std::fs::metadata(path).ok();
    let modified = metadata.as_ref().and_then(|m| m.modified().ok()).and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let ctime_millis = metadata.as_ref().and_then(|metadata| file_stat(metadata).ctime_millis);
    PhotoEntry {
        // A link leads out of the folder: such a photo goes by its whole path.
        path: path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/"),
        bytes: metadata.map_or(0, |m| m.len()),
        mtime_millis: modified.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0)),
        ctime_millis,
        landmarks: None,
        issue: None,
        may_pass: false,
    }
}

struct Work<'a> {
    mtcnn: &'a Mtcnn,
    paths: &'a [PathBuf],
    photos: &'a [PhotoEntry],
    /// By their paths.
    known: HashMap<String, PhotoEntry>,
    detector: &'a DetectorParams,
    cuttings: &'a [Cutting],
    control: &'a JobControl,
}

impl Work<'_> {
    /// Whether a photo of an otherwise unchanged list has crops now that had none for a reason that has passed.
    fn is_overcome(&self, list: &CropList) -> bool {
        // What many have in common is seen on a few.
        const TRIED: usize = 64;
        let photos = list.photos.iter().zip(self.paths.iter().zip(self.photos));
        photos.filter(|(then, _)| then.may_pass).take(TRIED).any(|(_, (path, now))| self.cut_guarded(path, now).is_ok())
    }

    /// Cuts all crops with a thread a core; `current` is the list that they belong to, where it is known already.
    fn write(&self, folder: &Path, current: Option<CropList>, told: &Told<'_>) -> Result<CropList, JobError> {
        let mut writers = Vec::with_capacity(self.cuttings.len());
        for cutting in self.cuttings {
            writers.push(PackWriter::create(folder, cutting)?);
        }
        let place = AtomicUsize::new(0);
        let next = || {
            let at = place.fetch_add(1, Ordering::Relaxed);
            Some((at, self.paths.get(at)?, self.photos.get(at)?))
        };
        let pool = Pool { name: "crops", threads: cores(), queue: 4 * cores(), control: self.control };
        let collect = |receiver: &Receiver<(usize, Cut)>| self.collect(receiver, &mut writers, told);
        let entries = pool.run(next, |_, (at, path, photo)| (at, self.work(path, photo)), None, collect)?;
        self.control.checkpoint()?;
        let list = match current {
            // Were a photo changed meanwhile, its crops would be those of another list.
            Some(list) if list.photos == entries => list,
            _ => CropList::write(folder, *self.detector, entries)?,
        };
        writers.into_iter().try_for_each(|writer| writer.finish(&list))?;
        Ok(list)
    }

    fn work(&self, path: &Path, photo: &PhotoEntry) -> Cut {
        self.cut_guarded(path, photo).unwrap_or_else(|Trouble { reason, may_pass }| Cut {
            entry: PhotoEntry { landmarks: None, issue: Some(reason), may_pass, ..photo.clone() },
            crops: Vec::new(),
        })
    }

    /// Takes what the workers bring, in the order of the photos.
    fn collect(
        &self,
        receiver: &Receiver<(usize, Cut)>,
        writers: &mut [PackWriter],
        told: &Told<'_>,
    ) -> Result<Vec<PhotoEntry>, JobError> {
        let mut entries = Vec::with_capacity(self.photos.len());
        let mut early = BTreeMap::new();
        told.stage("Preparing crops", "photo");
        for (at, cut) in receiver {
            early.insert(at, cut);
            while let Some(cut) = early.remove(&entries.len()) {
                for (writer, crop) in writers.iter_mut().zip(&cut.crops) {
                    writer.push(crop)?;
                }
                entries.push(cut.entry);
                told.count(entries.len() as u64, self.photos.len() as u64);
            }
        }
        Ok(entries)
    }

    fn cut_guarded(&self, path: &Path, photo: &PhotoEntry) -> Result<Cut, Trouble> {
        let fault = |panic: Box<dyn std::any::Any + Send>| {
            Err(Trouble::passing(format!("a fault of the program: {}", panic_message(panic.as_ref()))))
        };
        catch_unwind(AssertUnwindSafe(|| self.cut(path, photo))).unwrap_or_else(fault)
    }

    /// # Errors
    /// Why the photo has no crops.
    fn cut(&self, path: &Path, photo: &PhotoEntry) -> Result<Cut, Trouble> {
        let known = self.known.get(&photo.path).filter(|known| is_unchanged(known, photo) && !known.may_pass);
        if let Some(reason) = known.and_then(|known| known.issue.as_ref()) {
            return Err(Trouble::lasting(reason));
        }
        let params = decode_params(self.detector);
        let _share = take_memory(path, &params, Some(self.detector), self.control)
            .map_err(|cancelled| Trouble::passing(JobError::from(cancelled)))?;
        let bytes = read_photo_file(path, params.max_file_bytes).map_err(|error| Trouble::of_decoding(&error))?;
        let mut open = open_photo(bytes, &params).map_err(|error| Trouble::of_decoding(&error))?;
        let landmarks = match known.and_then(|known| known.landmarks) {
            Some(landmarks) => {
                self.sharpen(&mut open, &landmarks)?;
                landmarks
            }
            None => self.landmarks(&mut open)?,
        };
        let crops = self.crops(&open, &landmarks).map_err(Trouble::lasting)?;
        Ok(Cut { entry: PhotoEntry { landmarks: Some(landmarks), ..photo.clone() }, crops })
    }

    fn sharpen(&self, open: &mut OpenPhoto, landmarks: &Landmarks) -> Result<(), Trouble> {
        let templates: Vec<Template> = self.cuttings.iter().map(|cutting| cutting.template).collect();
        open.sharpen_for(&[*landmarks], &templates).map_err(|error| Trouble::of_decoding(&error))
    }

    /// Those of the photo's main face, in pixels of the photo, by pixels fine enough for the templates.
    fn landmarks(&self, open: &mut OpenPhoto) -> Result<Landmarks, Trouble> {
        let none = || Trouble::lasting("no face was found");
        let scale = open.photo.scale;
        let params = params_for_scale(self.detector, scale);
        let found = self.mtcnn.detect(&open.photo.pixels, &params).map_err(Trouble::passing)?;
        let size = [open.photo.pixels.width(), open.photo.pixels.height()];
        let (_, face) = main_face(&found, size, |face| face.bbox).ok_or_else(none)?;
        self.sharpen(open, &face.landmarks.scaled(1.0 / scale))?;
        let threshold = self.detector.thresholds[2];
        let faces = open.settle(self.mtcnn, &[*face], threshold).map_err(Trouble::passing)?;
        faces.first().map(|face| face.landmarks).ok_or_else(none)
    }

    fn crops(&self, open: &OpenPhoto, landmarks: &Landmarks) -> Result<Vec<RgbImage>, AlignError> {
        // Whether landmarks give a crop at all does not hang on who asks: every set has the same faces.
        open.crop(landmarks, &Template::ARCFACE, Minify::Mip)?;
        self.cuttings.iter().map(|cutting| open.crop(landmarks, &cutting.template, cutting.minify)).collect()
    }
}
