use crate::types::Telling;
use std::collections::VecDeque;

use crate::app::parts::Load;
pub use crate::eval::identification::threshold_for_fnir;
pub use crate::eval::pareto::{Cost, pareto_front};
use crate::types::{
    Advice, GenerationInfo, IdentificationCurve, IdentificationPoint, IndexOverview, IndexSpec, Latency,
    OperatingPoint, ProbeSet, SearchParams, SweepRun, TuneSample, TuneSettings,
};

/// Everything behind the Tune screen.
#[derive(Clone, Debug, Default)]
pub struct TuneView {
    /// `None` until the live index has been read.
    pub overview: Option<IndexOverview>,
    /// Why it could not be read.
    pub problem: Option<Telling>,
    /// Newest first.
    pub generations: Vec<GenerationInfo>,
    pub presets: Vec<PresetView>,
    pub advice: Load<Advice>,
    pub live: LiveStream,
    pub sweep: SweepView,
    /// The point that meets the goal, or why none does.
    pub autotune: Load<OperatingPoint>,
    pub people: Load<Vec<IdentificationCurve>>,
}

/// A named recipe with what it is good for.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetView {
    pub name: String,
    pub spec: IndexSpec,
    pub params: SearchParams,
    pub useful_for: String,
    pub not_useful_for: String,
}

/// Probes that are searched over and over while a person moves the sliders.
#[derive(Clone, Debug)]
pub struct LiveStream {
    pub settings: TuneSettings,
    pub running: bool,
    /// Number of the request that started it; what older streams still tell is dropped.
    pub began: u64,
    /// What the stream measures on; `None` until it has told.
    pub info: Option<StreamInfo>,
    /// Oldest first, at most [`LiveStream::HISTORY`]; times of single searches stand with the newest alone.
    pub history: VecDeque<TuneSample>,
    /// Why it ended by itself.
    pub problem: Option<Telling>,
}

/// What a stream of probes measures on.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// Number of the request that began it.
    pub request: u64,
    /// Different probes in the set.
    pub nq: usize,
    pub threads: usize,
    /// BLAKE3 of the ids and vectors measured on, hexadecimal.
    pub data_digest: String,
    /// Of the same probes by exact comparison.
    pub exact: Option<Latency>,
}

impl Default for LiveStream {
    fn default() -> Self {
        let probes = ProbeSet::GallerySample { nq: 1000, noise: 0.3 };
        let settings = TuneSettings { params: SearchParams::default(), k: 10, probes };
        Self { settings, running: false, began: 0, info: None, history: VecDeque::new(), problem: None }
    }
}

impl LiveStream {
    /// Samples kept; a stream that tells five times a second fills it in two minutes.
    pub const HISTORY: usize = 600;

    /// Appends a sample and drops what is too old.
    pub fn push(&mut self, sample: TuneSample) {
        if let Some(last) = self.history.back_mut() {
            last.millis = Vec::new();
        }
        self.history.push_back(sample);
        while self.history.len() > Self::HISTORY {
            self.history.pop_front();
        }
    }

    pub fn newest(&self) -> Option<&TuneSample> {
        self.history.back()
    }

    /// Seconds at which a slider was moved: the first sample of every request but the first.
    pub fn changes(&self) -> Vec<f32> {
        let pairs = self.history.iter().zip(self.history.iter().skip(1));
        pairs.filter(|(before, after)| before.request != after.request).map(|(_, after)| after.at_secs).collect()
    }
}

/// The sweep on view and those that are kept.
#[derive(Clone, Debug, Default)]
pub struct SweepView {
    pub run: Option<SweepRun>,
    /// What the run on view is kept under; `None` while it is measured.
    pub name: Option<String>,
    /// Newest first.
    pub saved: Vec<SavedSweep>,
    /// Why a kept run could not be opened.
    pub problem: Option<Telling>,
}

/// A sweep on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedSweep {
    pub name: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub begun_at: i64,
    pub points: usize,
}

/// The point whose threshold is nearest.
pub fn point_at_threshold(points: &[IdentificationPoint], threshold: f32) -> Option<IdentificationPoint> {
    let away = |point: &&IdentificationPoint| (point.threshold - threshold).abs();
    points.iter().filter(|point| !point.threshold.is_nan()).min_by(|a, b| away(a).total_cmp(&away(b))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Estimate;

    #[test]
    fn the_nearest_threshold_is_found() {
        let estimate = Estimate::default();
        let point = |threshold| IdentificationPoint { threshold, fnir: estimate, fpir: estimate };
        let points = [point(0.1), point(f32::NAN), point(0.3)];
        assert_eq!(point_at_threshold(&points, 0.26).map(|point| point.threshold), Some(0.3));
        assert_eq!(point_at_threshold(&points, -9.0).map(|point| point.threshold), Some(0.1));
        assert_eq!(point_at_threshold(&[], 0.3), None);
    }

    fn sample(request: u64, at_secs: f32) -> TuneSample {
        let recall = Estimate { mean: 0.9, low: 0.8, high: 0.95 };
        let latency = Latency { p50_millis: 1.0, p95_millis: 2.0, p99_millis: 3.0, n: 10 };
        TuneSample { request, at_secs, recall_at_k: recall, one_recall_at_1: recall, latency, millis: vec![1.0; 10] }
    }

    #[test]
    fn history_is_bounded_and_only_the_newest_keeps_its_times() {
        let mut live = LiveStream::default();
        for i in 0..LiveStream::HISTORY + 50 {
            live.push(sample(1, i as f32));
        }
        assert_eq!(live.history.len(), LiveStream::HISTORY);
        assert_eq!(live.history[0].at_secs, 50.0);
        assert_eq!(live.newest().map(|newest| newest.millis.len()), Some(10));
        assert!(live.history.iter().rev().skip(1).all(|sample| sample.millis.is_empty()));
    }

    #[test]
    fn changes_are_where_the_request_changes() {
        let mut live = LiveStream::default();
        for (request, at) in [(1, 0.0), (1, 0.2), (2, 0.4), (2, 0.6), (5, 0.8)] {
            live.push(sample(request, at));
        }
        assert_eq!(live.changes(), [0.4, 0.8]);
    }
}
