//! A sweep as a file: CSV and JSON for programs, SVG and PNG for papers.

use crate::tell;
use crate::types::Telling;
use std::path::Path;

use super::state::Cost;
use crate::chart::{ChartOptions, RecallScale, Scale, png_from_svg, svg_from_run};
use crate::eval::latency::Spacing;
use crate::eval::report::{csv_from_run, json_from_run};
use crate::types::SweepRun;

/// Pixels of the PNG for each unit of the SVG.
const PNG_SCALE: f32 = 2.0;

/// What a sweep is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepFormat {
    /// One point a line, every number.
    Csv,
    /// The whole run as it is kept.
    Json,
    /// The chart.
    Svg,
    /// The chart, at twice its size.
    Png,
}

impl SweepFormat {
    pub const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::Svg, Self::Png];

    /// Also the file name's ending.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Svg => "SVG",
            Self::Png => "PNG",
        }
    }
}

/// What the chart of a sweep shows, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepAxes {
    /// Across.
    pub cost: Cost,
    pub log_cost: bool,
    /// Recall by the share missed: 0.9, 0.99 and 0.999 equally far apart.
    pub log_missed: bool,
}

impl Default for SweepAxes {
    fn default() -> Self {
        Self { cost: Cost::P50, log_cost: true, log_missed: true }
    }
}

impl SweepAxes {
    pub fn cost_scale(self) -> Scale {
        if self.log_cost { Scale::Log } else { Scale::Linear }
    }

    pub fn recall_scale(self) -> Scale {
        if self.log_missed { Scale::Nines } else { Scale::Linear }
    }
}

impl From<SweepAxes> for ChartOptions {
    fn from(axes: SweepAxes) -> Self {
        Self {
            cost: axes.cost,
            cost_spacing: if axes.log_cost { Spacing::Log } else { Spacing::Linear },
            recall_scale: if axes.log_missed { RecallScale::Misses } else { RecallScale::Linear },
            ..Self::default()
        }
    }
}

/// Writes the run to `path`; a chart on white as on paper.
///
/// # Errors
/// In words, with the path.
pub fn export_sweep(run: &SweepRun, axes: SweepAxes, format: SweepFormat, path: &Path) -> Result<(), Telling> {
    let svg = || svg_from_run(run, &axes.into());
    let bytes = match format {
        SweepFormat::Csv => csv_from_run(run).map_err(|error| Telling::from(error.to_string()))?.into_bytes(),
        SweepFormat::Json => json_from_run(run).map_err(|error| Telling::from(error.to_string()))?.into_bytes(),
        SweepFormat::Svg => svg().into_bytes(),
        SweepFormat::Png => png_from_svg(&svg(), PNG_SCALE).map_err(|error| Telling::from(error.to_string()))?,
    };
    crate::files::write_export(path, &bytes).map_err(|error| tell!("tune-not-exported", reason = &error, path = path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::report::run_from_json;
    use crate::types::{Circumstances, IndexSpec, ProbeSet, SweepRequest};

    fn run() -> SweepRun {
        SweepRun {
            request: SweepRequest {
                specs: vec![IndexSpec::FLAT],
                nprobe: vec![8],
                ef_search: Vec::new(),
                refine_factor: Vec::new(),
                lsh_candidates: Vec::new(),
                templates: Vec::new(),
                probes: ProbeSet::HeldOut { nq: 100 },
                k: 10,
                batch: 1,
                threads: 1,
                circumstances: Circumstances::default(),
            },
            model: "edgeface-xs".to_owned(),
            begun_at: 1_700_000_000_000,
            data_digest: "0f".repeat(32),
            ntotal: 1000,
            d: 512,
            machine: "2 cores".to_owned(),
            points: Vec::new(),
            problems: Vec::new(),
        }
    }

    #[test]
    fn every_format_is_written_and_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let run = run();
        let axes = SweepAxes { cost: Cost::Build, log_cost: false, log_missed: true };
        for format in SweepFormat::ALL {
            let path = dir.path().join(format!("sweep.{}", format.extension()));
            export_sweep(&run, axes, format, &path).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            match format {
                SweepFormat::Csv => assert!(String::from_utf8(bytes).unwrap().starts_with("spec,")),
                SweepFormat::Json => assert_eq!(run_from_json(&String::from_utf8(bytes).unwrap()).unwrap(), run),
                SweepFormat::Svg => assert!(String::from_utf8(bytes).unwrap().contains("</svg>")),
                SweepFormat::Png => assert!(image::load_from_memory(&bytes).unwrap().width() >= 1280),
            }
        }
        let nowhere = dir.path().join("no such folder/sweep.csv");
        let error = export_sweep(&run, axes, SweepFormat::Csv, &nowhere).unwrap_err();
        assert!(error.plain().contains("no such folder"), "{error:?}");
    }

    #[test]
    fn the_chart_follows_the_axes_on_view() {
        let axes = SweepAxes { cost: Cost::Ram, log_cost: true, log_missed: false };
        let options = ChartOptions::from(axes);
        assert_eq!((options.cost, options.cost_spacing), (Cost::Ram, Spacing::Log));
        assert_eq!(options.recall_scale, RecallScale::Linear);
        assert_eq!((axes.cost_scale(), axes.recall_scale()), (Scale::Log, Scale::Linear));
    }
}
