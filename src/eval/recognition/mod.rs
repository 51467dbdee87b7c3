//! How well faces are recognised, bare and covered: the figures of 1:1 and 1:N, and the report that carries them.

mod bootstrap;
mod report;
mod tar;

pub use bootstrap::{CrossPairs, PersonPair, tar_over_people};
pub use report::{
    AllPairs, Choice, Condition, DataSummary, DetSample, FnirPoint, Identification, MaskSummary, ModelSummary,
    RecognitionReport, Verification,
};
pub use tar::{FMR_TARGETS, Scores, TarPoint, ThresholdPoint, tar_points};
