use crate::types::{Tell, Telling};
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::Engine;
use crate::jobs::pipeline::{Analysis, analyze, decode_params, params_for_scale};
use crate::jobs::work::JobError;
use crate::store::FaceRecord;
use crate::types::{DetectionTrace, DetectorParams, FaceId, Landmarks, PhotoId};
use crate::vision::align::Template;
use crate::vision::decode::{
    DecodeParams, DecodedPhoto, OpenPhoto, decode_crop, decode_file, open_photo, photo_from_pixels, read_photo_file,
};
use crate::vision::minify::Minify;

/// An enrolled photo, read again for looking at.
#[derive(Debug)]
pub struct LoadedPhoto {
    pub id: PhotoId,
    pub path: PathBuf,
    /// Width and height when it was enrolled, upright.
    pub size: [u32; 2],
    /// As it was enrolled.
    pub taken_at: Option<String>,
    /// The file as it is now, or why it cannot be read.
    pub photo: Result<DecodedPhoto, Telling>,
    /// Every enrolled face of the photo with its aligned crop, 112×112; `None` where the file no longer shows it: the
    /// stored picture does.
    pub faces: Vec<(FaceRecord, Option<RgbImage>)>,
    /// The file's content is no longer what was enrolled: boxes and landmarks belong to the old picture.
    pub changed: bool,
    /// The stored picture of the face asked for, where the file cannot be read.
    pub stored: Option<RgbImage>,
}

/// Longer side of photos shown in the window, pixels.
const VIEW_SIDE: u32 = 2048;

impl Engine {
    /// Detects, aligns and embeds every face of a decoded photo.
    pub fn analyze(&self, photo: OpenPhoto, params: &DetectorParams) -> Result<Analysis, JobError> {
        analyze(&*self.mtcnn()?, &*self.embedder()?, photo, params, false)
    }

    /// The photo that a face was found on, as its file is now.
    ///
    /// # Errors
    /// The face is not enrolled.
    pub fn load_photo(&self, face: FaceId) -> Result<LoadedPhoto, JobError> {
        let record = self.gallery().face(face)?;
        let faces = self.gallery().faces_of_photo(record.photo)?;
        let enrolled = self.gallery().photo(record.photo)?.content_hash;
        let read = read_now(&record.path).and_then(|(mut photo, hash)| {
            let landmarks: Vec<Landmarks> = faces.iter().map(|face| face.detection.landmarks).collect();
            photo.sharpen_for(&landmarks, &[Template::ARCFACE])?;
            Ok((photo, hash != enrolled))
        });
        // From other pixels would come other people's faces.
        let crop = |face: &FaceRecord| {
            let (photo, _) = read.as_ref().ok().filter(|(_, changed)| !changed)?;
            photo.crop(&face.detection.landmarks, &Template::ARCFACE, Minify::Mip).ok()
        };
        let faces = faces.into_iter().map(|face| (crop(&face), face)).map(|(crop, face)| (face, crop)).collect();
        let (photo, changed) = match read {
            Ok((photo, changed)) => (Ok(photo.photo), changed),
            Err(error) => (Err(error.telling()), false),
        };
        let stored = if photo.is_err() { self.load_crop(face)? } else { None };
        let FaceRecord { photo: id, path, photo_size: size, taken_at, .. } = record;
        Ok(LoadedPhoto { id, path, size, taken_at, photo, faces, changed, stored })
    }

    /// A probe read from a file, for a detector with these parameters.
    pub fn decode_probe(&self, path: &Path, params: &DetectorParams) -> Result<OpenPhoto, JobError> {
        let params = decode_params(params);
        let open = read_photo_file(path, params.max_file_bytes).and_then(|bytes| open_photo(bytes, &params));
        open.map_err(|reason| JobError::Photo { reason, path: path.to_path_buf() })
    }

    /// A probe that has no file, from the clipboard say.
    pub fn probe_from_pixels(&self, pixels: &RgbImage, params: &DetectorParams) -> Result<OpenPhoto, JobError> {
        photo_from_pixels(pixels.clone(), &decode_params(params))
            .map_err(|reason| JobError::Photo { reason, path: PathBuf::from("the picture from the clipboard") })
    }

    /// The stored picture of a face, 176×176; `None` where the face is gone.
    ///
    /// # Errors
    /// The gallery cannot be read, or the stored picture is damaged.
    pub fn load_crop(&self, face: FaceId) -> Result<Option<RgbImage>, JobError> {
        let Some(jpeg) = self.gallery().crop(face)? else { return Ok(None) };
        let crop = decode_crop(&jpeg);
        crop.map(Some).map_err(|reason| JobError::Photo { reason, path: PathBuf::from(format!("crop of face {face}")) })
    }

    /// Runs the detector on an enrolled face's photo and keeps what each stage let through. Stores nothing.
    pub fn try_detector(&self, face: FaceId, params: &DetectorParams) -> Result<DetectionTrace, JobError> {
        params.validate()?;
        let path = self.gallery().face(face)?.path;
        let photo = decode_file(&path, &decode_params(params)).map_err(|reason| JobError::Photo { reason, path })?;
        let trace = self.mtcnn()?.detect_traced(&photo.pixels, &params_for_scale(params, photo.scale))?;
        Ok(at_full_size(trace, 1.0 / photo.scale))
    }
}

/// A photo for looking at, and the BLAKE3 of its file.
fn read_now(path: &Path) -> Result<(OpenPhoto, [u8; 32]), JobError> {
    let failed = |reason| JobError::Photo { reason, path: path.to_path_buf() };
    let params = DecodeParams { max_image_side: VIEW_SIDE, ..DecodeParams::default() };
    let bytes = read_photo_file(path, params.max_file_bytes).map_err(failed)?;
    let hash = *blake3::hash(&bytes).as_bytes();
    Ok((open_photo(bytes, &params).map_err(failed)?, hash))
}

fn at_full_size(mut trace: DetectionTrace, up: f32) -> DetectionTrace {
    for scored in [&mut trace.pnet, &mut trace.rnet, &mut trace.onet].into_iter().flatten() {
        scored.bbox = scored.bbox.scaled(up);
    }
    for detection in &mut trace.detections {
        detection.bbox = detection.bbox.scaled(up);
        detection.landmarks = detection.landmarks.scaled(up);
    }
    trace
}
