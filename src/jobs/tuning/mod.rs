//! Choosing an index and measuring it: presets, advice, recall against exact search, latency, and people missed.

mod advice;
mod advisor;
mod autotune;
mod bench;
mod measure;
mod missed;
mod prepare;
mod presets;
mod stream;
mod sweep;

pub use advice::advice;
pub use autotune::autotune;
pub use bench::{BenchRequest, BenchSummary, bench_search};
pub use missed::{MissedRequest, people_missed};
pub use presets::{PRESETS, Preset};
pub use stream::{StreamEvent, TuneStream};
pub use sweep::{SavedSweep, SweepEvent, load_sweep, params_of_grid, saved_sweeps, sweep};
