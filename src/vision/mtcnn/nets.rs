//! The three networks of Zhang et al. 2016, “Joint face detection and alignment using multi-task cascaded
//! convolutional networks”, with the layer sizes of the published weights.

use std::path::Path;

use super::layers::{Area, Conv, Dense, FeatureMap, Prelu, pooled_side};
use super::simd;
use super::state_dict::StateDict;
use crate::vision::VisionError;

/// Probability of the second of two classes whose outputs differ by `difference`.
fn sigmoid(difference: f32) -> f32 {
    1.0 / (1.0 + (-difference).exp())
}

/// The proposal network: fully convolutional, it judges every 12×12 window in steps of two pixels.
pub struct PNet {
    conv1: Conv,
    prelu1: Prelu,
    conv2: Conv,
    prelu2: Prelu,
    conv3: Conv,
    /// Slopes of the last layer, then both 1×1 convolutions that follow it, only evaluated where needed.
    slopes3: [f32; 32],
    face_weight: [f32; 32],
    face_bias: f32,
    offset_weight: Vec<f32>,
    offset_bias: Vec<f32>,
}

/// A window that P-Net takes for a face: its column and row, counted in steps of two pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub column: usize,
    pub row: usize,
    pub confidence: f32,
    /// Shifts of left, top, right and bottom edge, in shares of the window's side.
    pub offsets: [f32; 4],
}

impl PNet {
    pub fn load(path: &Path) -> Result<Self, VisionError> {
        let dict = StateDict::read(path)?;
        let classes = dict.floats("conv4_1.weight", &[2, 32, 1, 1])?;
        let class_bias = dict.floats("conv4_1.bias", &[2])?;
        let mut face_weight = [0.0; 32];
        for (weight, (no, yes)) in face_weight.iter_mut().zip(classes[..32].iter().zip(&classes[32..])) {
            *weight = yes - no;
        }
        let mut slopes3 = [0.0; 32];
        slopes3.copy_from_slice(dict.floats("prelu3.weight", &[32])?);
        Ok(Self {
            conv1: Conv::load(&dict, "conv1", [10, 3, 3])?,
            prelu1: Prelu::load(&dict, "prelu1", 10)?,
            conv2: Conv::load(&dict, "conv2", [16, 10, 3])?,
            prelu2: Prelu::load(&dict, "prelu2", 16)?,
            conv3: Conv::load(&dict, "conv3", [32, 16, 3])?,
            slopes3,
            face_weight,
            face_bias: class_bias[1] - class_bias[0],
            offset_weight: dict.floats("conv4_2.weight", &[4, 32, 1, 1])?.to_vec(),
            offset_bias: dict.floats("conv4_2.bias", &[4])?.to_vec(),
        })
    }

    /// Judges the pictures that lie at `areas` of a canvas (1×h×w×3, sides even). Areas start at even pixels, do not
    /// overlap and have sides of 12 or more. Gives the windows of each with a confidence of `threshold` or more, row
    /// by row.
    pub fn forward(&self, canvas: &FeatureMap, areas: &[Area], threshold: f32) -> Result<Vec<Vec<Hit>>, VisionError> {
        let map = self.conv1.forward(canvas)?;
        // What lies between the areas is never read for a window inside one; it only has to be finite.
        let mut pooled = FeatureMap::zeros(1, pooled_side(map.height, 2), pooled_side(map.width, 2), map.channels)?;
        let mut scratch = Vec::new();
        for area in areas {
            let valid = Area { width: area.width - 2, height: area.height - 2, ..*area };
            let to = [area.x / 2, area.y / 2];
            self.prelu1.max_pool_area((&map, 0, valid), 2, (&mut pooled, to), &mut scratch);
        }
        let mut map = self.conv2.forward(&pooled)?;
        self.prelu2.apply(map.as_mut_slice());
        let map = self.conv3.forward(&map)?;
        Ok(areas.iter().map(|area| self.hits(&map, *area, threshold)).collect())
    }

    fn hits(&self, map: &FeatureMap, area: Area, threshold: f32) -> Vec<Hit> {
        let columns = pooled_side(area.width - 2, 2) - 4;
        let rows = pooled_side(area.height - 2, 2) - 4;
        // No exponential is needed to see that most windows are far below the threshold.
        let cautious = threshold.clamp(1e-6, 1.0 - 1e-6);
        let floor = (cautious / (1.0 - cautious)).ln() - 1e-2;
        let floor = if threshold < 1e-5 { f32::NEG_INFINITY } else { floor };
        let mut differences = vec![0.0; columns];
        let mut hits = Vec::new();
        for row in 0..rows {
            let start = (area.y / 2 + row) * map.row_len() + area.x / 2 * 32;
            let pixels = &map.as_slice()[start..start + columns * 32];
            simd::prelu_dot(&mut differences, pixels, &self.slopes3, &self.face_weight, self.face_bias);
            for (column, &difference) in differences.iter().enumerate() {
                if difference < floor {
                    continue;
                }
                let confidence = sigmoid(difference);
                if confidence >= threshold {
                    let offsets = self.offsets(&pixels[column * 32..][..32]);
                    hits.push(Hit { column, row, confidence, offsets });
                }
            }
        }
        hits
    }

    fn offsets(&self, pixel: &[f32]) -> [f32; 4] {
        std::array::from_fn(|i| {
            let weights = &self.offset_weight[i * 32..][..32];
            let terms = pixel.iter().zip(&self.slopes3).zip(weights);
            terms.map(|((&x, &slope), &w)| if x > 0.0 { x * w } else { slope * x * w }).sum::<f32>()
                + self.offset_bias[i]
        })
    }
}

/// What R-Net and O-Net say about one crop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    pub confidence: f32,
    /// Shifts of left, top, right and bottom edge, in shares of the box's side.
    pub offsets: [f32; 4],
    /// O-Net's five points (x, y) in shares of the box's side; zeros from R-Net.
    pub points: [[f32; 2]; 5],
}

impl Verdict {
    /// From the outputs in a row: two classes, four offsets, then, if any, five x and five y.
    fn from_outputs(outputs: &[f32]) -> Self {
        let mut points = [[0.0; 2]; 5];
        if let Some((xs, ys)) = outputs.get(6..16).map(|p| p.split_at(5)) {
            points = std::array::from_fn(|i| [xs[i], ys[i]]);
        }
        let offsets = [outputs[2], outputs[3], outputs[4], outputs[5]];
        Self { confidence: sigmoid(outputs[1] - outputs[0]), offsets, points }
    }
}

/// A network that judges square crops, many at a time.
pub trait CropNet {
    /// Pixels of a crop's side.
    const SIDE: usize;
    /// Crops that one pass takes at most: as many as keep the largest map in the processor's cache.
    const BATCH: usize;

    /// A verdict for each crop of `crops` (n×SIDE×SIDE×3).
    fn forward(&self, crops: &FeatureMap) -> Result<Vec<Verdict>, VisionError>;
}

/// The refinement network.
pub struct RNet {
    conv1: Conv,
    prelu1: Prelu,
    conv2: Conv,
    prelu2: Prelu,
    conv3: Conv,
    prelu3: Prelu,
    dense4: Dense,
    prelu4: Prelu,
    heads: Dense,
}

impl RNet {
    pub fn load(path: &Path) -> Result<Self, VisionError> {
        let dict = StateDict::read(path)?;
        Ok(Self {
            conv1: Conv::load(&dict, "conv1", [28, 3, 3])?,
            prelu1: Prelu::load(&dict, "prelu1", 28)?,
            conv2: Conv::load(&dict, "conv2", [48, 28, 3])?,
            prelu2: Prelu::load(&dict, "prelu2", 48)?,
            conv3: Conv::load(&dict, "conv3", [64, 48, 2])?,
            prelu3: Prelu::load(&dict, "prelu3", 64)?,
            dense4: Dense::load_on_map(&dict, "dense4", 128, 64, 3)?,
            prelu4: Prelu::load(&dict, "prelu4", 128)?,
            heads: Dense::load_together(&dict, &[("dense5_1", 2), ("dense5_2", 4)], 128)?,
        })
    }
}

impl CropNet for RNet {
    const SIDE: usize = 24;
    const BATCH: usize = 32;

    fn forward(&self, crops: &FeatureMap) -> Result<Vec<Verdict>, VisionError> {
        let map = self.prelu1.max_pool(&self.conv1.forward(crops)?, 3)?;
        let map = self.prelu2.max_pool(&self.conv2.forward(&map)?, 3)?;
        let mut map = self.conv3.forward(&map)?;
        self.prelu3.apply(map.as_mut_slice());
        let mut map = self.dense4.forward(&map)?;
        self.prelu4.apply(map.as_mut_slice());
        let outputs = self.heads.forward(&map)?;
        Ok(outputs.as_slice().chunks_exact(6).map(Verdict::from_outputs).collect())
    }
}

/// The output network, which also finds the landmarks.
pub struct ONet {
    conv1: Conv,
    prelu1: Prelu,
    conv2: Conv,
    prelu2: Prelu,
    conv3: Conv,
    prelu3: Prelu,
    conv4: Conv,
    prelu4: Prelu,
    dense5: Dense,
    prelu5: Prelu,
    heads: Dense,
}

impl ONet {
    pub fn load(path: &Path) -> Result<Self, VisionError> {
        let dict = StateDict::read(path)?;
        Ok(Self {
            conv1: Conv::load(&dict, "conv1", [32, 3, 3])?,
            prelu1: Prelu::load(&dict, "prelu1", 32)?,
            conv2: Conv::load(&dict, "conv2", [64, 32, 3])?,
            prelu2: Prelu::load(&dict, "prelu2", 64)?,
            conv3: Conv::load(&dict, "conv3", [64, 64, 3])?,
            prelu3: Prelu::load(&dict, "prelu3", 64)?,
            conv4: Conv::load(&dict, "conv4", [128, 64, 2])?,
            prelu4: Prelu::load(&dict, "prelu4", 128)?,
            dense5: Dense::load_on_map(&dict, "dense5", 256, 128, 3)?,
            prelu5: Prelu::load(&dict, "prelu5", 256)?,
            heads: Dense::load_together(&dict, &[("dense6_1", 2), ("dense6_2", 4), ("dense6_3", 10)], 256)?,
        })
    }
}

impl CropNet for ONet {
    const SIDE: usize = 48;
    const BATCH: usize = 8;

    fn forward(&self, crops: &FeatureMap) -> Result<Vec<Verdict>, VisionError> {
        let map = self.prelu1.max_pool(&self.conv1.forward(crops)?, 3)?;
        let map = self.prelu2.max_pool(&self.conv2.forward(&map)?, 3)?;
        let map = self.prelu3.max_pool(&self.conv3.forward(&map)?, 2)?;
        let mut map = self.conv4.forward(&map)?;
        self.prelu4.apply(map.as_mut_slice());
        let mut map = self.dense5.forward(&map)?;
        self.prelu5.apply(map.as_mut_slice());
        let outputs = self.heads.forward(&map)?;
        Ok(outputs.as_slice().chunks_exact(16).map(Verdict::from_outputs).collect())
    }
}
