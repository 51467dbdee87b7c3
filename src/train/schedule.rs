use serde::{Deserialize, Serialize};

/// How the learning rate goes on after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// Stays as it is.
    Constant,
    /// Falls along half a cosine to a hundredth.
    #[default]
    Cosine,
    /// A tenth after half of the way, a hundredth after three quarters.
    Step,
}

/// The learning rate of every step: a straight rise over `warm_up` steps, then `decay`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Reached at the end of the warm-up; above 0.
    pub peak: f64,
    /// Steps of the rise.
    pub warm_up: u64,
    /// All steps of the run.
    pub steps: u64,
    pub decay: Decay,
}

/// What a cosine ends at, as part of the peak.
const FLOOR: f64 = 0.01;

impl Schedule {
    /// The rate for `step`, counted from 0. The first step already learns.
    pub fn rate(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / (self.warm_up + 1) as f64;
        }
        let rest = self.steps.saturating_sub(self.warm_up).max(1);
        let way = ((step - self.warm_up) as f64 / rest as f64).min(1.0);
        self.peak
            * match self.decay {
                Decay::Constant => 1.0,
                Decay::Cosine => FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + (std::f64::consts::PI * way).cos()),
                Decay::Step if way < 0.5 => 1.0,
                Decay::Step if way < 0.75 => 0.1,
                Decay::Step => 0.01,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_then_falls_as_named() {
        let schedule = |decay| Schedule { peak: 0.1, warm_up: 4, steps: 104, decay };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        let cosine = schedule(Decay::Cosine);
        close(cosine.rate(0), 0.02);
        close(cosine.rate(3), 0.08);
        close(cosine.rate(4), 0.1);
        close(cosine.rate(54), 0.1 * (0.01 + 0.99 / 2.0)); // halfway
        close(cosine.rate(104), 0.001);
        close(cosine.rate(1_000_000), 0.001);
        assert!((4..104).all(|step| cosine.rate(step) > cosine.rate(step + 1)));
        let step = schedule(Decay::Step);
        close(step.rate(53), 0.1);
        close(step.rate(54), 0.01);
        close(step.rate(79), 0.001);
        close(schedule(Decay::Constant).rate(103), 0.1);
        close(Schedule { peak: 0.1, warm_up: 0, steps: 0, decay: Decay::Cosine }.rate(0), 0.1);
    }
}
