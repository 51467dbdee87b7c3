//! Memory shared out among workers, so that many large photos at a time do not ask for more than the machine has.
//!
//! Each photo takes a share before its file is read: what decoding needs by its header, the finer picture that small faces
//! are cut from among it, and what the detector needs of the fitted picture. The bound, for all jobs of the process together: the shares that are out come to no more than
//! the limit, a quarter of the machine's memory (1.5 GB where it does not tell), and no more than 4 GB or 256 MB for each
//! core; a photo that needs more than that runs
//! alone. Shares are given out in the order in which they are asked for, so that no large photo waits for ever.

use std::collections::VecDeque;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::jobs::work::{Cancelled, JobControl};
use crate::types::DetectorParams;
use crate::vision::decode::{DecodeParams, Need, decoding_need};

/// Every job of this process that takes photos in bulk takes from this one.
pub(super) static BUDGET: LazyLock<Budget> =
    LazyLock::new(|| Budget::new(limit(machine_memory(), std::thread::available_parallelism().map_or(1, usize::from))));

const UNKNOWN: u64 = 3 << 29;

/// More than this is not taken on any machine with up to sixteen cores, bytes.
const MOST: u64 = 4 << 30;
const MOST_PER_CORE: u64 = 256 << 20;

fn limit(memory: Option<u64>, cores: usize) -> u64 {
    memory.map_or(UNKNOWN, |bytes| (bytes / 4).min(MOST.max(cores as u64 * MOST_PER_CORE)))
}

/// Working memory of the networks that does not depend on the photo, bytes.
const NETWORKS: u64 = 32 << 20;

/// Memory that the detector takes for each pixel of its largest pyramid level, bytes: the level as floats and the maps of
/// P-Net's first layer, with the copies that libtorch makes of them.
const DETECTOR_BYTES: f64 = 160.0;

/// What the detector takes at most beside what decoding needs, bytes.
pub(super) fn detection_memory(detector: &DetectorParams, need: &Need) -> u64 {
    // The first level shrinks the smallest face to P-Net's window of 12 pixels.
    let shrink = (12.0 / f64::from(detector.min_face_size)).min(1.0);
    let level = (need.pixels as f64 * shrink * shrink).min(need.fitted as f64);
    NETWORKS + need.fitted * 12 + (level * DETECTOR_BYTES) as u64
}

/// Waits for the share of a photo that is about to be decoded, and to be searched for faces where there is a `detector`. To
/// be kept until its crops are cut.
pub(super) fn take_memory(
    photo: &Path,
    params: &DecodeParams,
    detector: Option<&DetectorParams>,
    control: &JobControl,
) -> Result<Share<'static>, Cancelled> {
    // A header at which a decoder gives up is told when the photo is decoded.
    let need = catch_unwind(AssertUnwindSafe(|| decoding_need(photo, params))).unwrap_or_default();
    BUDGET.take(need.bytes + detector.map_or(0, |detector| detection_memory(detector, &need)), control)
}

#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    shares: usize,
    next_ticket: u64,
    waiting: VecDeque<u64>,
}

/// Given back when dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until there is room for `bytes`, or nobody else has a share.
    pub(super) fn take(&self, bytes: u64, control: &JobControl) -> Result<Share<'_>, Cancelled> {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(ticket);
        loop {
            if control.is_cancelled() {
                state.waiting.retain(|other| *other != ticket);
                self.changed.notify_all();
                return Err(Cancelled);
            }
            let fits = state.used.saturating_add(bytes) <= self.limit;
            if state.waiting.front() == Some(&ticket) && (fits || state.shares == 0) {
                state.waiting.pop_front();
                state.used = state.used.saturating_add(bytes);
                state.shares += 1;
                self.changed.notify_all();
                return Ok(Share { budget: self, bytes });
            }
            // Cancelling wakes nobody here: look again now and then.
            state = match self.changed.wait_timeout(state, Duration::from_millis(100)) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.lock();
        state.used = state.used.saturating_sub(self.bytes);
        state.shares -= 1;
        self.budget.changed.notify_all();
    }
}

/// What this process may use, bytes: the machine's memory, or the control group's where that is less.
fn machine_memory() -> Option<u64> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let total = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? << 10;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse::<u64>().ok());
    Some(group.map_or(total, |group| group.min(total)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    /// Runs photos of these needs on so many workers; returns the most that was out at once, and how many shares were
    /// out beside one above the limit.
    fn run(limit: u64, workers: usize, needs: &[u64]) -> (u64, usize) {
        let budget = Budget::new(limit);
        let control = JobControl::default();
        let (out, most, next) = (AtomicU64::new(0), AtomicU64::new(0), AtomicUsize::new(0));
        let (shares, beside) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(&need) = needs.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let share = budget.take(need, &control).unwrap();
                        most.fetch_max(out.fetch_add(need, Ordering::SeqCst) + need, Ordering::SeqCst);
                        let others = shares.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(2));
                        if need > limit {
                            beside.fetch_max(others.max(shares.load(Ordering::SeqCst) - 1), Ordering::SeqCst);
                        }
                        shares.fetch_sub(1, Ordering::SeqCst);
                        out.fetch_sub(need, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert_eq!(budget.lock().used, 0);
        (most.into_inner(), beside.into_inner())
    }

    #[test]
    fn sixteen_large_scans_on_sixteen_workers_stay_within_the_bound() {
        // Progressive scans of 100 megapixels, 680 MB each, and a bound of 1.5 GB: two at a time.
        let (most, _) = run(1_500, 16, &[680; 16]);
        assert_eq!(most, 1_360);
    }

    #[test]
    fn the_bound_follows_memory_and_cores() {
        let gb = |n: u64| n << 30;
        assert_eq!(limit(None, 8), UNKNOWN);
        assert_eq!(limit(Some(gb(8)), 8), gb(2));
        assert_eq!(limit(Some(gb(128)), 16), gb(4));
        assert_eq!(limit(Some(gb(512)), 64), gb(16));
    }

    #[test]
    fn a_photo_above_the_bound_runs_alone_and_is_not_passed_by() {
        let needs: Vec<u64> = (0..60).map(|n| if n % 10 == 5 { 5_000 } else { 100 }).collect();
        let (most, beside) = run(1_000, 8, &needs);
        assert_eq!((most, beside), (5_000, 0));
    }

    #[test]
    fn who_waits_is_freed_when_the_job_ends_and_others_go_on() {
        let budget = Budget::new(10);
        let (cancelled, other) = (JobControl::default(), JobControl::default());
        let first = budget.take(10, &other).unwrap();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| budget.take(5, &cancelled).map(|_| ()));
            let behind = scope.spawn(|| budget.take(5, &other).map(|_| ()));
            std::thread::sleep(Duration::from_millis(20));
            cancelled.cancel();
            assert_eq!(waits.join().unwrap(), Err(Cancelled));
            drop(first);
            assert_eq!(behind.join().unwrap(), Ok(()));
        });
    }

    #[test]
    fn the_detector_takes_more_for_smaller_faces_and_larger_pictures() {
        let usual = DetectorParams::default();
        let memory = |min_face_size: f32, fitted: u64| {
            let need = Need { bytes: 0, pixels: 24_000_000, fitted };
            detection_memory(&DetectorParams { min_face_size, ..usual }, &need)
        };
        assert!(memory(12.0, 8_640_000) > memory(40.0, 8_640_000));
        assert!(memory(40.0, 8_640_000) > memory(40.0, 1_700_000));
        assert!(memory(40.0, 8_640_000) < 600 << 20, "{}", memory(40.0, 8_640_000));
        assert_eq!(detection_memory(&usual, &Need::default()), NETWORKS);
    }
}
