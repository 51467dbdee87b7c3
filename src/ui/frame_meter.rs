//! How long frames take, so that "no frame waits for work" is a figure and not a hope.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::app::nearest_rank;

/// Names the file that the window writes its frame times to when it closes.
pub const FRAME_LOG_VARIABLE: &str = "LIKENESS_FRAME_LOG";

/// A frame longer than this misses the next picture of a 60 Hz screen.
pub const FRAME_LIMIT_MILLIS: f32 = 16.0;

/// Millions of frames fit; past that (a day at 60 Hz) the oldest are overwritten.
const CAPACITY: usize = 4 << 20;

/// Times of frames in the order they were drawn.
#[derive(Debug, Default)]
pub struct FrameMeter {
    millis: Vec<f32>,
    next: usize,
    frames: u64,
    over: u64,
    longest: Vec<LongFrame>,
}

/// One of the frames that took longest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LongFrame {
    /// From 0, the window's first.
    pub frame: u64,
    pub millis: f32,
}

/// The times of all frames in a few numbers, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FrameStatistics {
    pub frames: u64,
    pub p50_millis: f32,
    pub p99_millis: f32,
    pub max_millis: f32,
    /// Frames longer than [`FRAME_LIMIT_MILLIS`].
    pub over_16_millis: u64,
    /// The five longest, longest first.
    pub longest: Vec<LongFrame>,
}

impl FrameMeter {
    pub fn record(&mut self, time: Duration) {
        let millis = time.as_secs_f32() * 1000.0;
        if self.millis.len() < CAPACITY {
            self.millis.push(millis);
        } else {
            self.millis[self.next] = millis;
            self.next = (self.next + 1) % CAPACITY;
        }
        self.over += u64::from(millis > FRAME_LIMIT_MILLIS);
        let at = self.longest.partition_point(|long| long.millis >= millis);
        if at < 5 {
            self.longest.insert(at, LongFrame { frame: self.frames, millis });
            self.longest.truncate(5);
        }
        self.frames += 1;
    }

    pub fn statistics(&self) -> FrameStatistics {
        let mut sorted = self.millis.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let rank = |share| nearest_rank(&sorted, share).unwrap_or_default();
        FrameStatistics {
            frames: self.frames,
            p50_millis: rank(0.5),
            p99_millis: rank(0.99),
            max_millis: self.longest.first().map_or(0.0, |long| long.millis),
            over_16_millis: self.over,
            longest: self.longest.clone(),
        }
    }
}

/// What the window writes when it closes.
#[derive(Debug, Serialize)]
pub struct FrameReport {
    /// Draining work, building the window and tessellating it, painting included, without waiting for the screen.
    pub frame: FrameStatistics,
    /// Draining commands and results alone.
    pub logic: FrameStatistics,
    /// Building the window alone.
    pub ui: FrameStatistics,
}

impl FrameReport {
    /// Errors carry what the file system said; the caller names the path.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        std::fs::write(path, json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_known_frames() {
        let mut meter = FrameMeter::default();
        for millis in (1..=100u64).rev() {
            meter.record(Duration::from_millis(millis));
        }
        let s = meter.statistics();
        assert_eq!((s.frames, s.over_16_millis), (100, 84));
        assert!((s.p50_millis - 50.0).abs() < 0.01 && (s.p99_millis - 99.0).abs() < 0.01);
        assert!((s.max_millis - 100.0).abs() < 0.01);
        assert_eq!(s.longest.iter().map(|l| l.frame).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn no_frames_are_no_error_and_a_report_can_be_read_back() {
        let report = FrameReport {
            frame: FrameMeter::default().statistics(),
            logic: FrameStatistics::default(),
            ui: FrameStatistics::default(),
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("frames.json");
        report.write(&path).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(value["frame"]["frames"], 0);
        assert_eq!(value["ui"]["over_16_millis"], 0);
    }
}
