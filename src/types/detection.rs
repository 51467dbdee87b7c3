use super::telling::{Tell, Telling};
use crate::tell;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{BBox, Landmarks};

/// A face as the detector found it, in pixels of the upright photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    pub bbox: BBox,
    /// Probability of a face by the last stage, 0…1.
    pub confidence: f32,
    pub landmarks: Landmarks,
}

/// A proposal of one detector stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredBox {
    pub bbox: BBox,
    pub confidence: f32,
}

/// What each MTCNN stage let through, after its own suppression and regression, in pixels of the upright photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectionTrace {
    pub pnet: Vec<ScoredBox>,
    pub rnet: Vec<ScoredBox>,
    pub onet: Vec<ScoredBox>,
    pub detections: Vec<Detection>,
}

/// How closely large photos are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Scaled down to `max_image_side`: quick, but small faces on large photos are missed.
    #[default]
    Fast,
    /// Scaled down only as far as leaves the smallest faces looked for [`Effort::SMALLEST_SEEN`] pixels.
    Thorough,
}

impl Effort {
    pub const ALL: [Self; 2] = [Self::Fast, Self::Thorough];

    /// Pixels of a face's side that the last stages need to tell it from what is none.
    pub const SMALLEST_SEEN: f32 = 24.0;

    /// The word that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Thorough => "thorough",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.name() == name)
    }

    /// Requests and digests from before there was a choice have no word for it.
    fn is_fast(&self) -> bool {
        *self == Self::Fast
    }
}

/// What the user sets on the detector.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorParams {
    /// Smallest face looked for, as its side in pixels of the photo; 12 or more.
    pub min_face_size: f32,
    /// Step between pyramid levels, above 0.1 and below 0.95. Zhang et al. 2016 use 0.709, half the area.
    pub scale_factor: f32,
    /// Confidence that P-, R- and O-Net ask for, each 0…1.
    pub thresholds: [f32; 3],
    /// Photos whose longer side has more pixels are scaled down to this before detection; 0 leaves them as they are.
    pub max_image_side: u32,
    #[serde(default = "fast", skip_serializing_if = "Effort::is_fast")]
    pub effort: Effort,
}

fn fast() -> Effort {
    Effort::Fast
}

impl Default for DetectorParams {
    fn default() -> Self {
        Self {
            min_face_size: 40.0,
            scale_factor: 0.709,
            thresholds: [0.6, 0.7, 0.7],
            max_image_side: 1600,
            effort: Effort::Thorough,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum ParamsError {
    #[error("min_face_size is {0}; it must be between 12 and 10000 pixels")]
    MinFaceSize(f32),
    #[error("scale_factor is {0}; it must be above 0.1 and below 0.95")]
    ScaleFactor(f32),
    #[error("threshold {index} is {value}; it must lie between 0 and 1")]
    Threshold { index: usize, value: f32 },
    #[error("max_image_side is {0}; it must be 0 (no limit) or between 64 and 20000 pixels")]
    MaxImageSide(u32),
}

impl DetectorParams {
    /// Refuses values outside the ranges that the fields name, NaN among them.
    pub fn validate(&self) -> Result<(), ParamsError> {
        if !(12.0..=10_000.0).contains(&self.min_face_size) {
            return Err(ParamsError::MinFaceSize(self.min_face_size));
        }
        if !(self.scale_factor > 0.1 && self.scale_factor < 0.95) {
            return Err(ParamsError::ScaleFactor(self.scale_factor));
        }
        for (index, &value) in self.thresholds.iter().enumerate() {
            if !(0.0..=1.0).contains(&value) {
                return Err(ParamsError::Threshold { index, value });
            }
        }
        if self.max_image_side != 0 && !(64..=20_000).contains(&self.max_image_side) {
            return Err(ParamsError::MaxImageSide(self.max_image_side));
        }
        Ok(())
    }

    /// Pixels that are looked at for each pixel of the photo, at least, 0…1; 0 leaves it to `max_image_side`.
    pub fn min_scale(&self) -> f32 {
        match self.effort {
            Effort::Fast => 0.0,
            Effort::Thorough => (Effort::SMALLEST_SEEN / self.min_face_size).min(1.0),
        }
    }
}

impl Tell for ParamsError {
    fn telling(&self) -> Telling {
        match self {
            Self::MinFaceSize(value) => tell!("types-min-face-size", value = *value),
            Self::ScaleFactor(value) => tell!("types-scale-factor", value = *value),
            Self::Threshold { index, value } => tell!("types-threshold", index = *index, value = *value),
            Self::MaxImageSide(value) => tell!("types-max-image-side", value = *value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_nan_is_not() {
        let default = DetectorParams::default();
        assert_eq!(default.validate(), Ok(()));
        assert!(DetectorParams { scale_factor: f32::NAN, ..default }.validate().is_err());
        assert!(DetectorParams { min_face_size: 11.0, ..default }.validate().is_err());
        assert!(DetectorParams { thresholds: [0.6, 1.1, 0.7], ..default }.validate().is_err());
        assert!(DetectorParams { max_image_side: 63, ..default }.validate().is_err());
    }

    #[test]
    fn what_was_written_before_there_was_a_choice_was_fast() {
        let old = r#"{"min_face_size":40.0,"scale_factor":0.709,"thresholds":[0.6,0.7,0.7],"max_image_side":1600}"#;
        let read: DetectorParams = serde_json::from_str(old).unwrap();
        assert_eq!(read.effort, Effort::Fast);
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let thorough = DetectorParams { effort: Effort::Thorough, ..read };
        let again: DetectorParams = serde_json::from_str(&serde_json::to_string(&thorough).unwrap()).unwrap();
        assert_eq!(again, thorough);
    }

    #[test]
    fn thorough_leaves_the_smallest_faces_their_pixels() {
        let thorough = DetectorParams { effort: Effort::Thorough, ..DetectorParams::default() };
        assert!((thorough.min_scale() - 24.0 / 40.0).abs() < 1e-6);
        assert_eq!(DetectorParams { min_face_size: 12.0, ..thorough }.min_scale(), 1.0);
        assert_eq!(DetectorParams { effort: Effort::Fast, ..thorough }.min_scale(), 0.0);
    }
}
