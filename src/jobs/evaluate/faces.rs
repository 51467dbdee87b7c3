//! From photo files to the embeddings of their main faces, bare and covered, by every network at once: each photo is
//! decoded and searched for faces once.

use crate::tell;
use crate::types::{Tell as _, Telling};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use image::RgbImage;

use super::{EvalSetup, Tell, Tools, relative};
use crate::eval::recognition::Condition;
use crate::jobs::budget::take_memory;
use crate::jobs::pipeline::{decode_params, main_face, params_for_scale};
use crate::jobs::work::{JobControl, JobError, on_every_core};
use crate::types::{Detection, DetectorParams, Embedding, Landmarks};
use crate::vision::align::Template;
use crate::vision::decode::{OpenPhoto, open_photo, read_photo_file};
use crate::vision::manifest::InputSpec;
use crate::vision::minify::Minify;
use crate::vision::mtcnn::Mtcnn;
use crate::vision::sharp::Patch;
use crate::vision::sharp_landmarks::Place;

/// Photos that one worker takes at a time, so that the networks see several crops at once.
const CHUNK: usize = 8;
/// Least overlap (IoU) of the box found on the covered photo with that of the bare face.
const SAME_FACE: f32 = 0.25;

/// A photo and whether its face is needed covered, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedPhoto {
    pub path: PathBuf,
    pub covered: bool,
}

/// What came of a photo.
#[derive(Clone, Debug, Default)]
pub(super) struct PhotoFaces {
    /// For each network, in the order of the tools.
    bare: Vec<Option<Embedding>>,
    masked: Vec<Option<Embedding>>,
    redetected: Vec<Option<Embedding>>,
    /// Why there is no bare face.
    pub problem: Option<Telling>,
    /// The face was looked for on the covered photo and not found.
    pub lost_when_covered: bool,
    /// BLAKE3 of the file.
    pub digest: Option<[u8; 32]>,
    /// 112×112, bare and covered, of the photos that a sheet shows.
    pub shown: Option<[RgbImage; 2]>,
}

impl PhotoFaces {
    pub(super) fn embedding(&self, model: usize, condition: Condition) -> Option<&Embedding> {
        let list = match condition {
            Condition::Bare => &self.bare,
            Condition::Masked => &self.masked,
            Condition::MaskedRedetected => &self.redetected,
        };
        list.get(model).and_then(Option::as_ref)
    }
}

/// The crops of one photo for every template, until they are embedded.
#[derive(Default)]
struct Crops {
    bare: Option<Vec<RgbImage>>,
    masked: Option<Vec<RgbImage>>,
    redetected: Option<Vec<RgbImage>>,
}

/// Embeds the main face of every photo. `shown` photos that are covered keep their crops.
pub(super) fn embed_photos(
    tools: &Tools,
    setup: &EvalSetup,
    root: &Path,
    photos: &[WantedPhoto],
    shown: usize,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<Vec<PhotoFaces>, JobError> {
    let worker = Worker { tools, setup, root, control, inputs: inputs(tools), to_show: AtomicUsize::new(shown) };
    let told = |done, total| tell("Embedding", done, total);
    on_every_core("eval", photos, CHUNK, control, told, |chunk| worker.faces(chunk))
}

/// BLAKE3 over names and contents of the photos that could be read, and over `more`.
pub(super) fn data_digest(root: &Path, photos: &[WantedPhoto], faces: &[PhotoFaces], more: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (photo, faces) in photos.iter().zip(faces) {
        hasher.update(relative(root, &photo.path).as_bytes());
        hasher.update(&[0]);
        hasher.update(&faces.digest.unwrap_or_default());
    }
    hasher.update(more);
    hasher.finalize().to_hex().to_string()
}

/// Each way of cutting once; networks that share one share the crops.
fn inputs(tools: &Tools) -> Vec<InputSpec> {
    let mut inputs: Vec<InputSpec> = Vec::new();
    for embedder in &tools.embedders {
        let input = embedder.manifest().input;
        if !inputs.iter().any(|known| is_cut_alike(known, &input)) {
            inputs.push(input);
        }
    }
    inputs
}

fn is_cut_alike(a: &InputSpec, b: &InputSpec) -> bool {
    (a.template, a.minify) == (b.template, b.minify)
}

struct Worker<'a> {
    tools: &'a Tools,
    setup: &'a EvalSetup,
    root: &'a Path,
    control: &'a JobControl,
    inputs: Vec<InputSpec>,
    to_show: AtomicUsize,
}

impl Worker<'_> {
    fn faces(&self, photos: &[WantedPhoto]) -> Result<Vec<PhotoFaces>, JobError> {
        let mut faces = vec![PhotoFaces::default(); photos.len()];
        let mut crops: Vec<Crops> = Vec::with_capacity(photos.len());
        for (photo, faces) in photos.iter().zip(&mut faces) {
            crops.push(self.crops(photo, faces).unwrap_or_else(|problem| {
                faces.problem = Some(problem);
                Crops::default()
            }));
        }
        let embed = |of: fn(&Crops) -> Option<&Vec<RgbImage>>| self.embed_all(&crops, of);
        let bare = embed(|crops| crops.bare.as_ref())?;
        let masked = embed(|crops| crops.masked.as_ref())?;
        let redetected = embed(|crops| crops.redetected.as_ref())?;
        for (((faces, bare), masked), redetected) in faces.iter_mut().zip(bare).zip(masked).zip(redetected) {
            (faces.bare, faces.masked, faces.redetected) = (bare, masked, redetected);
        }
        Ok(faces)
    }

    /// What is wrong with the photo as an error in words; what is wrong with the networks shows when they embed.
    fn crops(&self, photo: &WantedPhoto, faces: &mut PhotoFaces) -> Result<Crops, Telling> {
        let params = &self.setup.detector;
        let decode = decode_params(params);
        // Cancelled meanwhile, the whole of it comes to nothing.
        let share = take_memory(&photo.path, &decode, Some(params), self.control);
        let _share = share.map_err(|cancelled| JobError::from(cancelled).telling())?;
        let bytes = read_photo_file(&photo.path, decode.max_file_bytes).map_err(|error| error.telling())?;
        faces.digest = Some(blake3::hash(&bytes).into());
        let mut open = open_photo(bytes, &decode).map_err(|error| error.telling())?;
        let scale = open.photo.scale;
        let detector = params_for_scale(params, scale);
        let Some(face) = main_face_on(&self.tools.mtcnn, &open.photo.pixels, &detector)? else {
            return Err(tell!("issue-no-face"));
        };
        let templates: Vec<Template> = self.inputs.iter().map(|input| input.template).collect();
        let landmarks = face.landmarks.scaled(1.0 / scale);
        open.sharpen_for(&[landmarks], &templates).map_err(|error| error.telling())?;
        let landmarks = settled(&open, &self.tools.mtcnn, face, params)?;
        let patches = templates.iter().map(|template| open.patch(&landmarks, template));
        let patches = patches.collect::<Result<Vec<_>, _>>().map_err(|error| error.telling())?;
        let mut crops = Crops { bare: Some(self.cut(&patches)?), ..Crops::default() };
        let Some(masks) = self.tools.masks.as_ref().filter(|_| photo.covered) else { return Ok(crops) };
        let name = blake3::hash(relative(self.root, &photo.path).as_bytes());
        let (first, _) = name.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let seed = u64::from_le_bytes(*first) ^ self.setup.seed;
        // The same mask for each of the pictures that crops are cut from.
        let cover = |picture: &mut RgbImage, landmarks: &Landmarks| masks.cover(seed, picture, landmarks);
        let covered: Vec<Patch<'_>> = patches.iter().map(|patch| patch.changed(cover)).collect();
        crops.masked = Some(self.cut(&covered)?);
        if self.to_show.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
            let bare = open.patch(&landmarks, &Template::ARCFACE);
            let shown = bare.and_then(|bare| Ok([bare.crop(Minify::Mip)?, bare.changed(cover).crop(Minify::Mip)?]));
            faces.shown = shown.ok();
        }
        if self.setup.redetect {
            let mut picture = open.photo.pixels.clone();
            cover(&mut picture, &landmarks.scaled(scale));
            let again = main_face_on(&self.tools.mtcnn, &picture, &detector)?;
            let same = again.filter(|again| again.bbox.iou(&face.bbox) >= SAME_FACE);
            faces.lost_when_covered = same.is_none();
            // As enrollment finds landmarks, on the photo's own pixels under the same mask.
            let bare = landmarks.scaled(scale);
            let finer = |picture: &mut RgbImage, place: &Place| cover(picture, &place.of_fitted(&bare));
            crops.redetected = match same {
                Some(face) => {
                    let found = open.settle_changed(&self.tools.mtcnn, &[face], params.thresholds[2], finer);
                    let found = found.map_err(|error| error.to_string())?;
                    let fitted = found.first().map_or(face.landmarks, |face| face.landmarks.scaled(scale));
                    let moved: Vec<_> = covered.iter().map(|patch| patch.for_fitted(&fitted)).collect();
                    self.cut(&moved).ok()
                }
                None => None,
            };
        }
        Ok(crops)
    }

    /// `patches` are in the order of the inputs.
    fn cut(&self, patches: &[Patch<'_>]) -> Result<Vec<RgbImage>, Telling> {
        let cut = |(patch, input): (&Patch<'_>, &InputSpec)| patch.crop(input.minify);
        patches.iter().zip(&self.inputs).map(cut).collect::<Result<_, _>>().map_err(|error| error.telling())
    }

    /// For each photo the embedding by each network, where there is a crop.
    fn embed_all(
        &self,
        crops: &[Crops],
        of: fn(&Crops) -> Option<&Vec<RgbImage>>,
    ) -> Result<Vec<Vec<Option<Embedding>>>, JobError> {
        let mut all = vec![Vec::new(); crops.len()];
        for embedder in &self.tools.embedders {
            let input = &embedder.manifest().input;
            let at = self.inputs.iter().position(|known| is_cut_alike(known, input)).unwrap_or_default();
            let inputs: Vec<RgbImage> = crops.iter().filter_map(|c| of(c).map(|list| list[at].clone())).collect();
            let mut embeddings = embedder.embed(&inputs)?.into_iter();
            for (list, crops) in all.iter_mut().zip(crops) {
                list.push(of(crops).and_then(|_| embeddings.next()));
            }
        }
        Ok(all)
    }
}

fn main_face_on(mtcnn: &Mtcnn, picture: &RgbImage, params: &DetectorParams) -> Result<Option<Detection>, Telling> {
    let found = mtcnn.detect(picture, params).map_err(|error| error.telling())?;
    let size = [picture.width(), picture.height()];
    Ok(main_face(&found, size, |face| face.bbox).map(|(_, face)| *face))
}

/// Its landmarks in pixels of the photo, by the finest pixels that are at hand.
fn settled(open: &OpenPhoto, mtcnn: &Mtcnn, face: Detection, params: &DetectorParams) -> Result<Landmarks, Telling> {
    let faces = open.settle(mtcnn, &[face], params.thresholds[2]).map_err(|error| error.telling())?;
    faces.first().map(|face| face.landmarks).ok_or_else(|| tell!("issue-no-face"))
}
