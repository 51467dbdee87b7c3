use std::path::PathBuf;

use super::export::{SweepAxes, SweepFormat};
use crate::types::{Goal, IndexSpec, OperatingPoint, ProbeSet, SearchParams, SweepRequest, TuneSettings};

/// What the Tune screen asks for.
#[derive(Clone, Debug)]
pub enum TuneCommand {
    /// Read what stands behind the Tune screen: the live index, its generations, kept sweeps.
    Read,
    /// Search these probes over and over and tell how many neighbours are found and how fast.
    Start(TuneSettings),
    /// A slider was moved; the latest wins.
    Change(TuneSettings),
    Stop,
    /// Make these the parameters that the live index is searched with.
    ApplyParams(SearchParams),
    /// Build an index beside the live one and swap it in.
    BuildIndex(IndexSpec),
    /// Make the generation of this number the live one.
    RollBack(u64),
    /// Train the live index anew, now.
    Retrain,
    /// Train anew by itself when this share has been added since training, 0.01…1.
    SetRetrainShare(f64),
    StartSweep(SweepRequest),
    /// Put a kept sweep on view.
    OpenSweep(String),
    /// Write the sweep on view to a file.
    ExportSweep {
        path: PathBuf,
        format: SweepFormat,
        axes: SweepAxes,
    },
    Autotune(Goal, ProbeSet),
    /// Make a measured point the live index: its spec, built where it is another, and its parameters. Asked and
    /// confirmed.
    ApplyPoint(Box<OperatingPoint>),
    /// FNIR and FPIR by leave-one-out with each of these settings, and by exact search.
    MeasurePeopleMissed(Vec<SearchParams>),
    AskAdvice {
        max_ram_bytes: u64,
        max_p50_millis: f32,
    },
}
