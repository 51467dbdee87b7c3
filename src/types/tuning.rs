use super::telling::Telling;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{IndexSpec, SearchParams};

/// Where the probes of a measurement come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ProbeSet {
    /// Faces of the gallery, each moved by a random vector of length `noise` (0…1) and searched with itself left out.
    GallerySample { nq: usize, noise: f32 },
    /// Faces of subjects with another photo, left out of the answer with their whole photo: as a new photo of an
    /// enrolled person.
    HeldOut { nq: usize },
    /// Vectors of a `.npy` (2-d, float32) or `.fvecs` file, d values each.
    File { path: PathBuf },
    /// The latest searches made in this gallery.
    PastSearches,
}

/// Under what an index is measured, besides being searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// The share of the faces, 0…1, that a filter lets through; `None` without a filter.
    pub filter: Option<f64>,
    /// The share of the faces, 0…1, that came after the index was built and wait in its tail.
    pub tail: f64,
    /// The share of the faces, 0…1, that are gone since it was built.
    pub tombstones: f64,
    /// Faces are enrolled meanwhile: some are added four times a second, and every core is at work.
    pub enrolling: bool,
}

/// A mean with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Estimate {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// Quantiles of the time of single calls of a search, milliseconds: of one probe, or of one batch where probes are handed
/// over together.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Latency {
    pub p50_millis: f32,
    pub p95_millis: f32,
    pub p99_millis: f32,
    /// Searches that were timed.
    pub n: usize,
}

/// One measured point: a spec, the parameters of the search, and what came of them.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct OperatingPoint {
    pub spec: IndexSpec,
    pub params: SearchParams,
    pub ntotal: usize,
    pub d: usize,
    pub k: usize,
    /// Probes measured.
    pub nq: usize,
    /// Probes handed over together; 1 for one at a time.
    pub batch: usize,
    pub threads: usize,
    /// Intersection recall over all probes, ties counted.
    pub recall_at_k: Estimate,
    /// Probes whose true nearest face is the first answer.
    pub one_recall_at_1: Estimate,
    /// Recall over probes of enrolled people, where the set tells them apart.
    pub recall_mated: Option<Estimate>,
    /// Recall over probes of people who are not enrolled.
    pub recall_nonmated: Option<Estimate>,
    /// Probes of enrolled people whose true nearest face is the first answer.
    #[serde(default)]
    pub one_recall_mated: Option<Estimate>,
    /// Searches for enrolled people, without their own photo, that do not bring them at the threshold of the goal or above
    /// it; where it was asked for and the probes are of known people.
    #[serde(default)]
    pub fnir: Option<Estimate>,
    #[serde(default)]
    pub circumstances: Circumstances,
    pub latency: Latency,
    /// Probes a second over the whole measurement.
    pub probes_per_sec: f64,
    /// Memory the index takes, memory-mapped files left out.
    pub ram_bytes: u64,
    pub disk_bytes: u64,
    /// Training and adding.
    pub build_secs: f32,
}

/// A grid of specs and parameters to be measured. Parameters that a spec does not have are passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepRequest {
    pub specs: Vec<IndexSpec>,
    pub nprobe: Vec<u32>,
    pub ef_search: Vec<u32>,
    pub refine_factor: Vec<u32>,
    pub lsh_candidates: Vec<u32>,
    pub templates: Vec<u32>,
    pub probes: ProbeSet,
    pub k: usize,
    pub batch: usize,
    pub threads: usize,
    #[serde(default)]
    pub circumstances: Circumstances,
}

/// A finished or running sweep, as it is kept on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepRun {
    pub request: SweepRequest,
    pub model: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub begun_at: i64,
    /// BLAKE3 of the ids and vectors measured on, hexadecimal.
    pub data_digest: String,
    pub ntotal: usize,
    pub d: usize,
    /// Processor, instruction set and Faiss.
    pub machine: String,
    pub points: Vec<OperatingPoint>,
    /// Specs that could not be built, with the reason.
    pub problems: Vec<(IndexSpec, Telling)>,
}

/// What autotune is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Of no account where people missed are the goal.
    pub min_recall_at_k: f64,
    /// Instead of recall.
    #[serde(default)]
    pub missed: Option<MissedGoal>,
    pub max_p50_millis: f32,
    pub max_ram_bytes: u64,
}

/// How many people a search may miss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissedGoal {
    /// FNIR, 0…1.
    pub max_fnir: f64,
    /// A person counts as found at this score or above.
    pub threshold: f32,
}

/// What the window shows while probes run: everything since the last change of a slider.
#[derive(Clone, Debug, PartialEq)]
pub struct TuneSample {
    /// Number of the request that it answers.
    pub request: u64,
    /// Seconds since the stream began.
    pub at_secs: f32,
    pub recall_at_k: Estimate,
    pub one_recall_at_1: Estimate,
    pub latency: Latency,
    /// Times of the latest searches (at most 2,000), milliseconds, in order.
    pub millis: Vec<f32>,
}

/// What a running stream of probes is set to.
#[derive(Clone, Debug, PartialEq)]
pub struct TuneSettings {
    pub params: SearchParams,
    pub k: usize,
    pub probes: ProbeSet,
}

/// The live index as its screen and `likeness index list` show it.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct IndexOverview {
    pub spec: IndexSpec,
    pub params: SearchParams,
    pub ntotal: usize,
    pub d: usize,
    pub generation: Option<u64>,
    pub ram_bytes: u64,
    pub disk_bytes: u64,
    /// Faces that are searched one by one until they are taken into the trained index.
    pub in_tail: usize,
    /// Faces that are gone and still stand in the trained index.
    pub tombstones: usize,
    /// Faces added since the lists or quantisers were trained, as a share of those then there; 0 for untrained specs.
    pub grown_since_training: f64,
    /// 1 for lists of equal length; the factor by which unequal ones slow a search down.
    pub imbalance: Option<f64>,
    /// Mean squared distance between vectors and their codes, of the training set and of what was added since.
    pub quantisation_error: Option<[f64; 2]>,
    /// Of the latest searches made in this run.
    pub latency: Option<Latency>,
}

/// A published generation.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct GenerationInfo {
    pub number: u64,
    pub spec: IndexSpec,
    pub params: SearchParams,
    pub ntotal: usize,
    /// Milliseconds since 1970-01-01 UTC.
    pub built_at: i64,
    pub build_secs: f32,
    pub disk_bytes: u64,
    /// BLAKE3 of ids and vectors it was made from.
    pub data_digest: String,
    pub is_current: bool,
    /// Why it cannot be used, where it is damaged.
    #[serde(skip)]
    pub problem: Option<Telling>,
}

/// A recommended spec, with the reasons.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Advice {
    pub spec: IndexSpec,
    pub params: SearchParams,
    #[serde(skip)]
    pub reasons: Vec<Telling>,
    pub predicted_ram_bytes: u64,
    pub predicted_disk_bytes: u64,
    pub predicted_build_secs: f32,
    pub predicted_p50_millis: f32,
    /// What it found on a sample of the gallery; `None` where it is exact.
    #[serde(default)]
    pub trial: Option<Box<OperatingPoint>>,
}

/// One threshold of open-set identification (ISO/IEC 19795-1).
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct IdentificationPoint {
    /// Inclusive.
    pub threshold: f32,
    /// Share of searches for enrolled people that do not bring their subject at or above the threshold.
    pub fnir: Estimate,
    /// Share of searches for people who are not enrolled that bring anybody at or above the threshold.
    pub fpir: Estimate,
}

/// Leave-one-out over enrolled subjects with one setting of the search.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct IdentificationCurve {
    pub params: SearchParams,
    /// Searches by exact comparison, for comparison.
    pub is_exact: bool,
    /// Candidates of a search; a person who comes later counts as missed.
    #[serde(default)]
    pub k: usize,
    /// Enrolled people who were searched for.
    #[serde(default)]
    pub people: usize,
    pub mated_searches: usize,
    pub nonmated_searches: usize,
    /// Rising threshold. Intervals draw people, and not searches.
    pub points: Vec<IdentificationPoint>,
    pub latency: Latency,
}
