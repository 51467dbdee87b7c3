//! Choosing an index and measuring it: presets, advice, recall against exact search, latency, and people missed.

mod advice;
mod advisor;
mod autotune;
mod bench;
mod building;
mod circumstances;
mod measure;
mod missed;
mod prepare;
mod presets;
mod probes;
mod runs;
mod stream;
mod sweep;

pub use advice::advice;
pub use autotune::autotune;
pub use bench::{BenchRequest, BenchSummary, bench_search};
pub(super) use missed::search_people;
pub use missed::{MissedRequest, people_missed};
pub use presets::{PRESETS, Preset};
pub(super) use probes::held_out;
pub use runs::{SavedSweep, SweepEvent, load_sweep, saved_sweeps};
pub use stream::{StreamEvent, TuneStream};
pub use sweep::{params_of_grid, sweep};

#[cfg(test)]
mod tests;
