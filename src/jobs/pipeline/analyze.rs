use std::time::Instant;

use image::RgbImage;
use image::imageops::rotate180;

use crate::jobs::work::JobError;
use crate::types::{BBox, Detection, DetectorParams, Embedding, Landmarks, Quality};
use crate::vision::align::{AlignError, Template};
use crate::vision::decode::{DecodeParams, DecodedPhoto, OpenPhoto};
use crate::vision::embed::Embedder;
use crate::vision::manifest::InputSpec;
use crate::vision::minify::Minify;
use crate::vision::mtcnn::Mtcnn;
use crate::vision::quality::{quality_from_face, uprightness};
use crate::vision::sharp::Grounds;

/// A face of a photo with everything the pipeline makes of it.
#[derive(Clone, Debug)]
pub struct AnalyzedFace {
    /// In pixels of the upright photo at full size.
    pub detection: Detection,
    pub quality: Quality,
    /// 112×112, aligned to the ArcFace template.
    pub aligned_crop: RgbImage,
    pub embedding: Embedding,
    /// The picture that is stored of it, see [`chip_template`]; only where it was asked for.
    pub chip: Option<RgbImage>,
}

/// A photo, its faces, and how long each step took.
#[derive(Debug)]
pub struct Analysis {
    pub photo: DecodedPhoto,
    pub faces: Vec<AnalyzedFace>,
    /// By which the faces were embedded.
    pub model: String,
    pub detect_millis: f32,
    pub embed_millis: f32,
}

/// Detects, aligns and embeds every face of a decoded photo; `chips` for enrolling.
pub(in crate::jobs) fn analyze(
    mtcnn: &Mtcnn,
    embedder: &dyn Embedder,
    mut open: OpenPhoto,
    params: &DetectorParams,
    chips: bool,
) -> Result<Analysis, JobError> {
    let begun = Instant::now();
    let scale = open.photo.scale;
    let found = mtcnn.detect(&open.photo.pixels, &params_for_scale(params, scale))?;
    let detect_millis = millis_since(begun);
    let begun = Instant::now();
    let input = &embedder.manifest().input;
    let landmarks: Vec<Landmarks> = found.iter().map(|face| face.landmarks.scaled(1.0 / scale)).collect();
    let templates = [Template::ARCFACE, input.template, chip_template()];
    open.sharpen_for(&landmarks, if chips { &templates } else { &templates[..2] })?;
    let detections = open.settle(mtcnn, &found, params.thresholds[2])?;
    let mut located = Vec::with_capacity(detections.len());
    let mut inputs = Vec::with_capacity(detections.len());
    for detection in detections {
        // Landmarks from which no crop can be cut are no face that could be enrolled or searched.
        if let Ok((cut, crop)) = Cut::of(&open, &detection, input, chips) {
            located.push((detection, cut));
            inputs.push(crop);
        }
    }
    let upright = uprightness_of(mtcnn, located.iter().map(|(_, cut)| &cut.aligned))?;
    let embeddings = embedder.embed(&inputs)?;
    let faces = located
        .into_iter()
        .zip(embeddings)
        .zip(upright)
        .map(|(((detection, cut), embedding), upright)| {
            let quality = quality_from_face(&cut.aligned, &detection, cut.grounds, upright);
            AnalyzedFace { detection, quality, aligned_crop: cut.aligned, embedding, chip: cut.chip }
        })
        .collect();
    let model = embedder.manifest().name.clone();
    Ok(Analysis { faces, model, detect_millis, embed_millis: millis_since(begun), photo: open.photo })
}

/// Of each aligned crop, by what the detector makes of it and of the same upside down.
fn uprightness_of<'a>(mtcnn: &Mtcnn, crops: impl Iterator<Item = &'a RgbImage>) -> Result<Vec<f32>, JobError> {
    let both: Vec<RgbImage> = crops.flat_map(|crop| [crop.clone(), rotate180(crop)]).collect();
    let sure = mtcnn.confidences(&both)?;
    Ok(sure.as_chunks::<2>().0.iter().map(|&[own, turned]| uprightness(own, turned)).collect())
}

/// What is cut of a face beside the crop that is embedded.
struct Cut {
    aligned: RgbImage,
    grounds: Grounds,
    chip: Option<RgbImage>,
}

impl Cut {
    /// With the crop that is embedded.
    fn of(open: &OpenPhoto, face: &Detection, input: &InputSpec, chip: bool) -> Result<(Self, RgbImage), AlignError> {
        let landmarks = &face.landmarks;
        let aligned = open.crop(landmarks, &Template::ARCFACE, Minify::Mip)?;
        let grounds = open.grounds(landmarks, &Template::ARCFACE)?;
        let chip = if chip { Some(open.crop(landmarks, &chip_template(), Minify::Mip)?) } else { None };
        // Most models take the very crop that is shown.
        let crop = if input.template == Template::ARCFACE && input.minify == Minify::Mip {
            aligned.clone()
        } else {
            open.crop(landmarks, &input.template, input.minify)?
        };
        Ok((Self { aligned, grounds, chip }, crop))
    }
}

/// A face's stored picture: the ArcFace crop enlarged by a quarter with a margin around it, 176×176, so that a
/// person sees the whole head and other crops can be cut from it.
pub(in crate::jobs) fn chip_template() -> Template {
    Template { size: [176, 176], points: Template::ARCFACE.points.map(|[x, y]| [1.25 * x + 18.0, 1.25 * y + 18.0]) }
}

/// How a photo is decoded for a detector with these parameters.
pub(in crate::jobs) fn decode_params(params: &DetectorParams) -> DecodeParams {
    DecodeParams { max_image_side: params.max_image_side, min_scale: params.min_scale(), ..DecodeParams::default() }
}

/// `min_face_size` is meant in pixels of the photo; the detector sees the photo scaled.
pub(in crate::jobs) fn params_for_scale(params: &DetectorParams, scale: f32) -> DetectorParams {
    DetectorParams { min_face_size: (params.min_face_size * scale).max(12.0), ..*params }
}

pub(in crate::jobs) fn millis_since(begun: Instant) -> f32 {
    begun.elapsed().as_secs_f32() * 1e3
}

/// The face a photo of one person is about: large and central. The area of the box less twice the squared
/// distance of its middle from the photo's middle decides.
pub fn main_face<T>(faces: &[T], size: [u32; 2], bbox: impl Fn(&T) -> BBox) -> Option<(usize, &T)> {
    let middle = [size[0] as f32 / 2.0, size[1] as f32 / 2.0];
    let weight = |face: &T| {
        let bbox = bbox(face);
        let [x, y] = bbox.center();
        bbox.area() - 2.0 * ((x - middle[0]).powi(2) + (y - middle[1]).powi(2))
    };
    faces.iter().enumerate().max_by(|(_, a), (_, b)| weight(a).total_cmp(&weight(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_face_is_large_and_central() {
        let square = |x: f32, y: f32, side: f32| BBox { x1: x, y1: y, x2: x + side, y2: y + side };
        let central = [square(0.0, 0.0, 60.0), square(80.0, 80.0, 60.0)];
        assert_eq!(main_face(&central, [220, 220], |b| *b).unwrap().0, 1);
        let large = [square(60.0, 60.0, 100.0), square(105.0, 105.0, 10.0)];
        assert_eq!(main_face(&large, [220, 220], |b| *b).unwrap().0, 0);
        assert!(main_face(&[] as &[BBox], [220, 220], |b| *b).is_none());
    }

    #[test]
    fn the_smallest_face_follows_the_scale() {
        let params = DetectorParams { min_face_size: 80.0, ..DetectorParams::default() };
        assert_eq!(params_for_scale(&params, 0.5).min_face_size, 40.0);
        assert_eq!(params_for_scale(&params, 0.05).min_face_size, 12.0);
    }
}
