//! MTCNN: finds faces and their five landmarks through a cascade of three small networks.
//!
//! P-Net proposes boxes at every size of the photo, R-Net refuses most of them, O-Net settles the rest and places
//! the landmarks (Zhang et al. 2016). Weights are those of the Python package `facenet-pytorch` 2.6.0, and results
//! agree with its detector for the same pixels.
//!
//! The detector always runs on the CPU: its inputs are many and tiny, and enrollment detects on every core at once.

use std::path::Path;

use image::RgbImage;

use super::{VisionError, runtime};
use crate::types::{BBox, Detection, DetectionTrace, DetectorParams, Landmarks};

mod boxes;
mod cascade;
mod layers;
mod nets;
mod pyramid;
mod resample;
mod simd;
mod state_dict;

pub(in crate::vision) use boxes::squared;
use nets::{ONet, PNet, RNet};

/// The detector with its weights. One serves any number of threads at once.
pub struct Mtcnn {
    pnet: PNet,
    rnet: RNet,
    onet: ONet,
}

impl Mtcnn {
    /// Reads `pnet.pt`, `rnet.pt` and `onet.pt` from the folder `weights`.
    ///
    /// # Errors
    /// A file that is missing, unreadable, damaged or of another shape; each says which.
    pub fn load(weights: &Path) -> Result<Self, VisionError> {
        Ok(Self {
            pnet: PNet::load(&weights.join("pnet.pt"))?,
            rnet: RNet::load(&weights.join("rnet.pt"))?,
            onet: ONet::load(&weights.join("onet.pt"))?,
        })
    }

    /// Faces in pixels of `image`, most confident first; none in an image smaller than `params.min_face_size`.
    ///
    /// `params.max_image_side` is not looked at: whoever decoded the photo has applied it.
    ///
    /// # Errors
    /// Parameters out of range, and failures of the network library, such as too little memory.
    pub fn detect(&self, image: &RgbImage, params: &DetectorParams) -> Result<Vec<Detection>, VisionError> {
        Ok(self.detect_traced(image, params)?.detections)
    }

    /// The same, with what each stage let through. P- and R-Net's boxes are the squares that the next stage saw.
    pub fn detect_traced(&self, image: &RgbImage, params: &DetectorParams) -> Result<DetectionTrace, VisionError> {
        params.validate()?;
        runtime::adopt_thread_budget();
        let _guard = tch::no_grad_guard();
        let proposals = cascade::propose(&self.pnet, image, params)?;
        let refined = cascade::refine(&self.rnet, image, &proposals, params.thresholds[1])?;
        let detections = cascade::settle(&self.onet, image, &refined, params.thresholds[2])?;
        Ok(DetectionTrace {
            pnet: proposals,
            rnet: refined,
            onet: detections.iter().map(Into::into).collect(),
            detections,
        })
    }

    /// What the last stage makes of each square, which has a picture of its own: how sure it is of a face, 0…1, and the
    /// landmarks in pixels of the picture. `None` for a square beside its picture.
    ///
    /// # Errors
    /// Failures of the network library.
    pub fn look_again(&self, squares: &[(RgbImage, BBox)]) -> Result<Vec<Option<(f32, Landmarks)>>, VisionError> {
        runtime::adopt_thread_budget();
        let _guard = tch::no_grad_guard();
        cascade::verdicts_on(&self.onet, squares)
    }

    /// How sure the last stage is that each of these pictures, squeezed to a square, shows one upright face: 0…1.
    ///
    /// # Errors
    /// Failures of the network library.
    pub fn confidences(&self, crops: &[RgbImage]) -> Result<Vec<f32>, VisionError> {
        runtime::adopt_thread_budget();
        let _guard = tch::no_grad_guard();
        cascade::confidences(&self.onet, crops)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::weights_dir;
    use image::Rgb;

    fn mtcnn() -> Mtcnn {
        Mtcnn::load(&weights_dir().join("mtcnn")).unwrap()
    }

    #[test]
    fn the_detector_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Mtcnn>();
    }

    #[test]
    fn photos_too_small_for_a_face_have_none() {
        let mtcnn = mtcnn();
        for (width, height) in [(0, 0), (0, 50), (1, 1), (11, 11), (12, 12), (39, 39), (40, 40), (41, 2000)] {
            let image = RgbImage::from_pixel(width, height, Rgb([200, 150, 120]));
            let faces = mtcnn.detect(&image, &DetectorParams::default()).unwrap();
            assert!(faces.is_empty(), "{width}×{height}");
        }
    }

    #[test]
    fn every_threshold_is_survived() {
        let mtcnn = mtcnn();
        let image = RgbImage::from_fn(70, 50, |x, y| Rgb([(x * y) as u8, (x * 3) as u8, (y * 5) as u8]));
        for thresholds in [[0.0; 3], [1.0; 3], [0.0, 0.0, 1.0]] {
            let params = DetectorParams { min_face_size: 12.0, thresholds, ..Default::default() };
            let trace = mtcnn.detect_traced(&image, &params).unwrap();
            assert_eq!(trace.pnet.is_empty(), thresholds[0] == 1.0);
            assert_eq!(trace.detections.is_empty(), thresholds[2] == 1.0);
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let params = DetectorParams { scale_factor: 1.0, ..Default::default() };
        let result = mtcnn().detect(&RgbImage::new(50, 50), &params);
        assert!(matches!(result, Err(VisionError::Params(_))));
    }

    #[test]
    fn missing_and_damaged_weights_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Mtcnn::load(folder.path()).err().unwrap();
        assert!(matches!(&error, VisionError::MissingWeights { path } if path.ends_with("pnet.pt")), "{error}");

        let whole = std::fs::read(weights_dir().join("mtcnn/pnet.pt")).unwrap();
        std::fs::write(folder.path().join("pnet.pt"), &whole[..whole.len() - 1]).unwrap();
        let error = Mtcnn::load(folder.path()).err().unwrap();
        assert!(error.to_string().contains("ends too early"), "{error}");

        // A sound file of another network.
        let rnet = std::fs::read(weights_dir().join("mtcnn/rnet.pt")).unwrap();
        std::fs::write(folder.path().join("pnet.pt"), rnet).unwrap();
        let error = Mtcnn::load(folder.path()).err().unwrap();
        assert!(matches!(error, VisionError::CorruptWeights { .. }), "{error}");
    }
}
