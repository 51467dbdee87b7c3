//! One clear line a step, with its time.

use std::time::{Duration, Instant};

/// Prints what begins; `done` prints how long it took.
pub struct Step {
    begun: Instant,
}

impl Step {
    pub fn begin(name: impl Into<String>) -> Self {
        eprintln!("==> {}", name.into());
        Self { begun: Instant::now() }
    }

    pub fn done(self) {
        eprintln!("    done in {}", seconds(self.begun.elapsed()));
    }
}

/// `0.4 s`, `12.3 s`, `4 min 05 s`.
pub fn seconds(elapsed: Duration) -> String {
    let secs = elapsed.as_secs_f64();
    if secs < 60.0 { format!("{secs:.1} s") } else { format!("{} min {:02} s", secs as u64 / 60, secs as u64 % 60) }
}

/// Decimal megabytes, as package registries and disks count them.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
