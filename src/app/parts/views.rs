//! From photos as the engine reads them to photos as screens show them.

use std::path::PathBuf;
use std::sync::Arc;

use super::photo::{Evidence, FaceView, PhotoView};
use crate::jobs::{Analysis, AnalyzedFace, LoadedPhoto};

pub(in crate::app) fn photo_view_from_loaded(loaded: LoadedPhoto) -> PhotoView {
    let faces = loaded.faces.into_iter().map(|(face, crop)| FaceView {
        id: Some(face.id),
        bbox: face.detection.bbox,
        landmarks: face.detection.landmarks,
        quality: face.quality,
        subject: face.subject,
        crop: crop.map(Arc::new),
    });
    let faces = faces.collect();
    match loaded.photo {
        Ok(photo) => PhotoView {
            id: Some(loaded.id),
            path: Some(loaded.path),
            scale: photo.scale,
            size: photo.size,
            taken_at: photo.taken_at,
            partly_read: photo.notice,
            faces,
            pixels: Arc::new(photo.pixels),
            evidence: if loaded.changed { Evidence::Changed } else { Evidence::Same },
        },
        Err(reason) => PhotoView {
            id: Some(loaded.id),
            path: Some(loaded.path),
            scale: 1.0,
            size: loaded.size,
            taken_at: loaded.taken_at,
            faces,
            pixels: Arc::new(loaded.stored.unwrap_or_else(|| image::RgbImage::new(1, 1))),
            evidence: Evidence::Gone(reason),
            partly_read: None,
        },
    }
}

pub(in crate::app) fn photo_view_from_analysis(analysis: Analysis, path: Option<PathBuf>) -> PhotoView {
    let view = |face: AnalyzedFace| FaceView {
        id: None,
        bbox: face.detection.bbox,
        landmarks: face.detection.landmarks,
        quality: face.quality,
        subject: None,
        crop: Some(Arc::new(face.aligned_crop)),
    };
    PhotoView {
        id: None,
        path,
        scale: analysis.photo.scale,
        size: analysis.photo.size,
        taken_at: analysis.photo.taken_at,
        faces: analysis.faces.into_iter().map(view).collect(),
        evidence: Evidence::Same,
        partly_read: analysis.photo.notice,
        pixels: Arc::new(analysis.photo.pixels),
    }
}
