//! What a measurement found, with everything that it depends on.

use crate::types::Telling;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::tar::{Scores, TarPoint, ThresholdPoint};
use crate::eval::det::DetPoint;
use crate::types::{Estimate, IdentificationPoint};

/// What was done to the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Bare,
    /// Nose to chin covered; the crop is cut by the landmarks of the bare photo.
    Masked,
    /// The same, with the face found again on the covered photo.
    MaskedRedetected,
}

impl Condition {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Masked => "masked",
            Self::MaskedRedetected => "masked, found again",
        }
    }
}

/// A network that was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelSummary {
    pub name: String,
    pub title: String,
    pub architecture: String,
    pub d: usize,
    pub licence: String,
    pub source: String,
    /// SHA-256 of the weights, where the manifest states it.
    pub sha256: Option<String>,
}

/// The photos that were used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataSummary {
    pub images: PathBuf,
    pub pairs_file: Option<PathBuf>,
    /// BLAKE3 over the relative paths and contents of the photos, in the order of their names, and the pairs file.
    pub digest: String,
    pub people: usize,
    pub photos: usize,
    /// Photos on which no face was found, or that could not be read.
    pub photos_missed: usize,
    /// Covered photos on which the face was not found again; of those that were covered.
    pub photos_missed_covered: Option<[usize; 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MaskSummary {
    /// `drawn`, or the folder of the pictures.
    pub source: String,
    /// Masks in the folder.
    pub count: Option<usize>,
    pub seed: u64,
}

/// A threshold that was chosen on other pairs than those it is judged on.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Choice {
    /// The highest accuracy on the pairs for choosing: errors at that threshold.
    pub best_accuracy: ThresholdPoint,
    /// Thresholds for the false match rates, each judged on the pairs for reporting.
    pub at_fmr: Vec<TarPoint>,
}

/// 1:1 with one network under one condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    pub model: String,
    pub condition: Condition,
    pub mated_pairs: usize,
    pub nonmated_pairs: usize,
    /// Pairs in which a face was not found; they count as rejected.
    pub failures: usize,
    /// With folds to choose on: the accuracy of the reported folds at the threshold chosen there. Otherwise the mean
    /// over folds, each at the threshold of the others.
    pub accuracy: f64,
    /// Over folds; absent where one set of pairs was judged.
    pub accuracy_std: Option<f64>,
    /// With the highest accuracy on the pairs for choosing, or on all pairs.
    pub threshold: f32,
    pub mated_mean: Option<f64>,
    pub nonmated_mean: Option<f64>,
    /// Threshold found on the reported pairs themselves.
    pub tar: Vec<TarPoint>,
    pub chosen: Option<Choice>,
    /// At the thresholds of the bare photos: what a gallery with one threshold for all sees.
    pub at_bare_thresholds: Vec<TarPoint>,
    pub det: Vec<DetSample>,
    pub all_pairs: Option<AllPairs>,
}

/// Every photo of the reported people compared with every other of its fold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AllPairs {
    pub mated_pairs: usize,
    pub nonmated_pairs: usize,
    /// Intervals by drawing people anew.
    pub tar: Vec<TarPoint>,
    pub at_bare_thresholds: Vec<TarPoint>,
    pub det: Vec<DetSample>,
}

/// A point of the error curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DetSample {
    pub threshold: f32,
    pub fmr: f64,
    pub fnmr: f64,
}

impl From<DetPoint> for DetSample {
    fn from(point: DetPoint) -> Self {
        Self { threshold: point.threshold, fmr: point.fmr, fnmr: point.fnmr }
    }
}

impl DetSample {
    /// At most 400 points of the curve.
    pub fn curve(scores: &Scores) -> Vec<Self> {
        scores.det(400).into_iter().map(Self::from).collect()
    }
}

/// 1:N with one network under one condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Identification {
    pub model: String,
    pub condition: Condition,
    /// Enrolled faces; the probe's own photo is left out of each search.
    pub ntotal: usize,
    /// Searches for people with another photo enrolled.
    pub mated_searches: usize,
    /// Searches for people without.
    pub nonmated_searches: usize,
    /// Searches that were not made, since no face was found on the probe; they count as missed.
    pub failures: usize,
    pub rank_1: Estimate,
    pub rank_10: Estimate,
    /// FNIR at an FPIR of 1e-1 and 1e-2, where there are searches enough.
    pub at_fpir: Vec<FnirPoint>,
    pub curve: Vec<IdentificationPoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct FnirPoint {
    pub fpir_target: f64,
    pub at: IdentificationPoint,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecognitionReport {
    /// As typed.
    pub command: String,
    /// UTC.
    pub begun_at: String,
    pub secs: f32,
    pub version: String,
    pub machine: String,
    /// How thresholds and intervals come about, in words.
    pub method: String,
    pub data: DataSummary,
    pub masks: Option<MaskSummary>,
    /// Folds of the pairs file, from 1.
    pub folds_reported: Vec<usize>,
    pub folds_chosen: Vec<usize>,
    pub models: Vec<ModelSummary>,
    pub verification: Vec<Verification>,
    pub identification: Vec<Identification>,
    /// Photos with what was wrong.
    pub issues: Vec<(PathBuf, Telling)>,
}
