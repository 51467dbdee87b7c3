use std::time::{Duration, Instant};

/// Where a job stands. Counts are of this run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    pub stage: &'static str,
    /// What is counted, in the singular: "photo", "face", "point" and the like.
    pub unit: &'static str,
    pub done: u64,
    /// Those found so far; `None` before the first.
    pub total: Option<u64>,
    /// More photos may be found, so that the total still grows.
    pub counting: bool,
    pub faces: u64,
    pub skipped: u64,
    pub issues: u64,
    /// Over the last seconds, so that it follows a change of pace.
    pub per_sec: f32,
    /// Time spent working; pauses do not count.
    pub elapsed_secs: f32,
    pub secs_left: Option<f32>,
}

/// Keeps the counts of a job and says when they are worth telling: at most five times a second.
#[derive(Debug)]
pub struct ProgressMeter {
    pub now: Progress,
    working_secs: f32,
    last_tick: Instant,
    last_told: Option<Instant>,
    /// (working seconds, photos done), about one a second, the last ten.
    history: Vec<(f32, u64)>,
}

impl ProgressMeter {
    const INTERVAL: Duration = Duration::from_millis(200);
    const HISTORY: usize = 10;

    pub fn new(stage: &'static str) -> Self {
        Self::counting(stage, "photo")
    }

    /// Of work that counts something else; `unit` in the singular.
    pub fn counting(stage: &'static str, unit: &'static str) -> Self {
        Self {
            now: Progress { stage, unit, ..Progress::default() },
            working_secs: 0.0,
            last_tick: Instant::now(),
            last_told: None,
            history: vec![(0.0, 0)],
        }
    }

    /// A new stage is always worth telling.
    pub fn enter(&mut self, stage: &'static str) {
        self.now.stage = stage;
        self.last_told = None;
    }

    /// Counts of a stage that counts for itself: the pace begins anew with it.
    pub fn count_stage(&mut self, stage: &'static str, done: u64, total: Option<u64>) {
        if self.now.stage != stage {
            self.enter(stage);
            self.history = vec![(self.working_secs, done)];
            self.now.per_sec = 0.0;
        }
        (self.now.done, self.now.total) = (done, total);
    }

    /// Work that was done before does not count into the pace.
    pub fn begin_at(&mut self, done: u64) {
        self.history = vec![(self.working_secs, done)];
    }

    /// The progress, if the last one told is old enough.
    pub fn tick(&mut self, paused: bool) -> Option<Progress> {
        self.update(Instant::now(), paused);
        if self.last_told.is_some_and(|told| told.elapsed() < Self::INTERVAL) {
            return None;
        }
        self.last_told = Some(Instant::now());
        Some(self.now.clone())
    }

    pub fn finish(&mut self) -> Progress {
        self.update(Instant::now(), false);
        self.now.per_sec = self.now.done as f32 / self.working_secs.max(1e-3);
        self.now.secs_left = Some(0.0);
        self.now.clone()
    }

    fn update(&mut self, at: Instant, paused: bool) {
        let passed = at.duration_since(self.last_tick).as_secs_f32();
        self.last_tick = at;
        if paused {
            return;
        }
        self.working_secs += passed;
        let done = self.now.done;
        let (oldest_secs, oldest_done) = self.history[0];
        let span = self.working_secs - oldest_secs;
        if span > 0.2 {
            self.now.per_sec = done.saturating_sub(oldest_done) as f32 / span;
        }
        if self.history.last().is_some_and(|(secs, _)| self.working_secs - secs >= 1.0) {
            self.history.push((self.working_secs, done));
            if self.history.len() > Self::HISTORY {
                self.history.remove(0);
            }
        }
        self.now.elapsed_secs = self.working_secs;
        self.now.secs_left = match self.now.total {
            Some(total) if self.now.per_sec > 0.0 && !self.now.counting => {
                Some(total.saturating_sub(done) as f32 / self.now.per_sec)
            }
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_follow_the_pace_and_ignore_pauses() {
        let mut meter = ProgressMeter::new("test");
        meter.now.total = Some(300);
        let start = meter.last_tick;
        for second in 1..=10 {
            meter.now.done = second * 10;
            meter.update(start + Duration::from_secs(second), false);
        }
        assert!((meter.now.per_sec - 10.0).abs() < 0.1, "{}", meter.now.per_sec);
        assert!((meter.now.secs_left.unwrap() - 20.0).abs() < 0.5);
        meter.update(start + Duration::from_secs(1000), true);
        assert!((meter.now.per_sec - 10.0).abs() < 0.1);
        assert!((meter.now.elapsed_secs - 10.0).abs() < 0.1);
    }

    #[test]
    fn tells_at_most_every_interval() {
        let mut meter = ProgressMeter::new("test");
        assert!(meter.tick(false).is_some());
        assert!(meter.tick(false).is_none());
        meter.enter("next");
        assert!(meter.tick(false).is_some());
    }
}
