use std::path::{Path, PathBuf};

use image::RgbImage;

use super::Engine;
use crate::jobs::error::JobError;
use crate::store::FaceRecord;
use crate::types::{DetectionTrace, DetectorParams, FaceId};
use crate::vision::align::{Template, aligned_crop};
use crate::vision::decode::{
    DecodeParams, DecodedPhoto, decode_bytes, decode_crop, decode_file, photo_from_pixels, read_photo_file,
};

use super::analyze::{decode_params, params_for_scale};

/// An enrolled photo, read again for looking at.
#[derive(Debug)]
pub struct LoadedPhoto {
    pub path: PathBuf,
    pub photo: DecodedPhoto,
    /// Every enrolled face of the photo with its aligned crop, 112×112.
    pub faces: Vec<(FaceRecord, Option<RgbImage>)>,
    /// The file's content is no longer what was enrolled, so that boxes may not fit.
    pub changed: bool,
}

/// Longer side of photos shown in the window, pixels.
const VIEW_SIDE: u32 = 2048;

impl Engine {
    /// # Errors
    /// The face is not enrolled, or its photo can no longer be read.
    pub fn load_photo(&self, face: FaceId) -> Result<LoadedPhoto, JobError> {
        let record = self.gallery().face(face)?;
        let path = record.path;
        let failed = |reason| JobError::Photo { reason, path: path.clone() };
        let params = DecodeParams { max_image_side: VIEW_SIDE, ..DecodeParams::default() };
        let bytes = read_photo_file(&path, params.max_file_bytes).map_err(failed)?;
        let enrolled = self.gallery().find_photo_by_path(&path)?;
        let changed = enrolled.is_some_and(|photo| photo.content_hash != *blake3::hash(&bytes).as_bytes());
        let photo = decode_bytes(&bytes, &params).map_err(failed)?;
        let faces = self.gallery().faces_of_photo(record.photo)?.into_iter().map(|face| {
            let landmarks = face.detection.landmarks.scaled(photo.scale);
            let crop = aligned_crop(&photo.pixels, &landmarks, &Template::ARCFACE).ok();
            (face, crop)
        });
        Ok(LoadedPhoto { faces: faces.collect(), changed, photo, path })
    }

    /// A probe read from a file, for a detector with these parameters.
    pub fn decode_probe(&self, path: &Path, params: &DetectorParams) -> Result<DecodedPhoto, JobError> {
        decode_file(path, &decode_params(params)).map_err(|reason| JobError::Photo { reason, path: path.to_path_buf() })
    }

    /// A probe that has no file, from the clipboard say.
    pub fn probe_from_pixels(&self, pixels: &RgbImage, params: &DetectorParams) -> Result<DecodedPhoto, JobError> {
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
