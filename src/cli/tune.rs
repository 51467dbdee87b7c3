use super::shared::{params_text, parse_score, parse_share};
use crate::tell;
use crate::words::{english, told};
use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::index::spec_from_text;
use super::output::note;
use crate::chart::{ChartOptions, png_from_svg, svg_from_run};
use crate::eval::report::{csv_from_run, json_from_run};
use crate::jobs::tuning::{MissedRequest, SweepEvent, autotune, people_missed, sweep};
use crate::jobs::{JobError, Mode, Progress, build_index};
use crate::say;
use crate::types::{
    Circumstances, Estimate, Goal, IdentificationCurve, IdentificationPoint, IndexSpec, MissedGoal, OperatingPoint,
    ProbeSet, SearchParams, SweepRequest, SweepRun,
};

/// Specs and lists of parameters; parameters that a spec does not have are passed over.
#[derive(Clone, Debug, clap::Args)]
pub struct GridArgs {
    /// Presets or specs, with spaces between
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    pub specs: Vec<String>,
    /// Values of nprobe: lists looked into
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub nprobe: Vec<u32>,
    /// Values of efSearch: breadth of the walk through a graph
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub ef_search: Vec<u32>,
    /// Values of the refine factor: times k candidates are scored exactly
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub refine_factor: Vec<u32>,
    /// Candidates that the LSH prefilter lets through
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub lsh_candidates: Vec<u32>,
    /// Subjects whose faces are scored exactly, for specs with templates
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub templates: Vec<u32>,
    /// Neighbours that are looked for
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub k: u32,
    /// Probes handed over together
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub batch: u32,
    /// Threads for one batch
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub threads: u32,
    /// Search under a filter that lets this share of the faces through, 0…1
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub under_filter: Option<f64>,
    /// Let this share of the faces come after the index was built, 0…1: they are searched one by one
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = parse_share)]
    pub tail: f64,
    /// Let this share of the faces be gone since the index was built, 0…1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = parse_share)]
    pub tombstones: f64,
    /// Measure while faces are added and every core is at work, as during an enrollment
    #[arg(long)]
    pub while_enrolling: bool,
}

#[derive(Debug, clap::Args)]
pub struct TuneArgs {
    #[command(flatten)]
    pub grid: GridArgs,
    /// Where probes come from: `gallery`, `held-out`, `past`, or a .npy or .fvecs file
    #[arg(long, value_name = "SET", default_value = "gallery")]
    pub probes: String,
    /// Probes taken from the gallery
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub nq: u32,
    /// Length of the random vector by which probes of the gallery are moved
    #[arg(long, default_value_t = 0.3)]
    pub noise: f32,
    /// Instead of a grid: look for the quickest point with this recall (see the two options below)
    #[arg(long, value_name = "RECALL", value_parser = parse_share, group = "goal")]
    pub goal_recall: Option<f64>,
    /// Instead of a grid: look for the quickest point that misses no more than this share of the people enrolled (FNIR)
    #[arg(long, value_name = "SHARE", value_parser = parse_share, group = "goal")]
    pub goal_fnir: Option<f64>,
    /// With --goal-fnir: the score from which on a person counts as found; without it the model's own threshold
    #[arg(long, value_name = "SCORE", requires = "goal_fnir", allow_negative_numbers = true, value_parser = parse_score)]
    pub goal_threshold: Option<f32>,
    /// With a goal: milliseconds that a search may take
    #[arg(long, value_name = "MS", default_value_t = 5.0)]
    pub goal_millis: f32,
    /// With a goal: gigabytes that the index may take
    #[arg(long, value_name = "GB", default_value_t = 4.0)]
    pub goal_ram: f64,
    /// Build and use the point that was found
    #[arg(long, requires = "goal")]
    pub apply: bool,
    /// Write the points as a table (.csv), a picture (.svg, .png) or the whole run (.json)
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
}

/// The point that reaches a goal.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct FoundLine {
    found: OperatingPoint,
}

/// A spec that could not be built.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct SpecIssueLine {
    spec: IndexSpec,
    /// Why, in words.
    issue: String,
}

/// Open-set errors over the threshold, with one setting of the search.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct MissedLine<'a> {
    curve: &'a IdentificationCurve,
    /// One in this many known people may be missed at the operating point.
    miss_one_in: u32,
    /// The highest threshold that misses no more; none where every threshold does.
    operating_point: Option<IdentificationPoint>,
}

/// One operating point a line.
pub(super) fn run(context: &Context<'_>, args: &TuneArgs) -> Result<(), JobError> {
    let tell = |progress: Progress| context.output.progress(&progress);
    let probes = match args.probes.as_str() {
        "gallery" => ProbeSet::GallerySample { nq: args.nq as usize, noise: args.noise },
        "held-out" => ProbeSet::HeldOut { nq: args.nq as usize },
        "past" => ProbeSet::PastSearches,
        path => ProbeSet::File { path: path.into() },
    };
    let point = |point: &OperatingPoint| {
        context.output.end_live();
        context.output.result(point, || point_text(point));
    };
    let send = |event: SweepEvent| match event {
        SweepEvent::Point(measured) => point(&measured),
        SweepEvent::Problem(spec, reason) => {
            context.output.end_live();
            let line = SpecIssueLine { spec, issue: english(&reason) };
            context.output.result(&line, || format!("{}: {}", line.spec, told(&reason)));
        }
        SweepEvent::Began(_) | SweepEvent::Saved(_) => {}
    };
    if args.goal_recall.is_some() || args.goal_fnir.is_some() {
        if args.grid.circumstances() != Circumstances::default() {
            return Err(JobError::Failed(tell!("cli-goal-circumstances")));
        }
        let engine = context.open(if args.apply { Mode::Write } else { Mode::Read })?;
        let goal = Goal {
            min_recall_at_k: args.goal_recall.unwrap_or_default(),
            missed: args.goal_fnir.map(|max_fnir| MissedGoal {
                max_fnir,
                threshold: args.goal_threshold.unwrap_or_else(|| engine.manifest().threshold),
            }),
            max_p50_millis: args.goal_millis,
            max_ram_bytes: (args.goal_ram.max(0.0) * 1e9) as u64,
        };
        let found = autotune(&engine, &goal, &probes, args.grid.k as usize, &context.control, &tell, &send)?;
        context.output.end_live();
        let line = FoundLine { found };
        context.output.result(&line, || say!("cli-measure-found", point = point_text(&line.found)));
        if args.apply {
            build_index(&engine, &line.found.spec, line.found.params, &context.control, &tell)?;
            context.output.end_live();
            note(&say!("cli-measure-built"));
        }
        return Ok(());
    }
    let engine = context.open(Mode::WriteIfFree)?;
    if let Some(reason) = engine.read_only_reason() {
        note(&say!("cli-measure-not-saved", reason = told(&reason)));
    }
    let request = request_from_grid(&args.grid, probes, engine.manifest().d, engine.ntotal())?;
    let run = sweep(&engine, &request, &context.control, &tell, &send)?;
    context.output.end_live();
    match &args.export {
        Some(path) => export(&run, path),
        None => Ok(()),
    }
}

/// FNIR and FPIR over the threshold, for exact search and each setting.
pub(super) fn missed(
    context: &Context<'_>,
    [nprobe, ef_search]: [&[u32]; 2],
    max_searches: usize,
    miss_one_in: u32,
    k: usize,
) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let overview = engine.index_overview();
    let live = overview.params;
    let mut params: Vec<SearchParams> = nprobe.iter().map(|&nprobe| SearchParams { nprobe, ..live }).collect();
    params.extend(ef_search.iter().map(|&ef_search| SearchParams { ef_search, ..live }));
    if params.is_empty() {
        params.push(live);
    }
    let tell = RefCell::new(|progress: Progress| context.output.progress(&progress));
    let request = MissedRequest { params, max_searches, k };
    let curves = people_missed(&engine, &request, &context.control, &|progress| (tell.borrow_mut())(progress))?;
    context.output.end_live();
    for curve in &curves {
        let wanted =
            crate::eval::identification::threshold_for_fnir(&curve.points, 1.0 / f64::from(miss_one_in.max(1)));
        let line = MissedLine { curve, miss_one_in, operating_point: wanted };
        context.output.result(&line, || missed_text(&line, &overview.spec));
    }
    Ok(())
}

fn missed_text(line: &MissedLine<'_>, spec: &IndexSpec) -> String {
    let MissedLine { curve, miss_one_in, operating_point } = line;
    let name = if curve.is_exact { say!("cli-measure-exact") } else { params_text(spec, &curve.params) };
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    let found = match operating_point {
        Some(point) => say!(
            "cli-measure-at-threshold",
            threshold = format!("{:.3}", point.threshold),
            missed = percent(point.fnir.mean),
            missed_low = percent(point.fnir.low),
            missed_high = percent(point.fnir.high),
            alarms = percent(point.fpir.mean),
            alarms_low = percent(point.fpir.low),
            alarms_high = percent(point.fpir.high)
        ),
        None => say!("cli-measure-never", n = *miss_one_in),
    };
    let searches = say!(
        "cli-measure-missed-searches",
        mated = say!("cli-measure-mated-searches", n = curve.mated_searches),
        nonmated = say!("cli-measure-nonmated-searches", n = curve.nonmated_searches),
        people = say!("subjects", n = curve.people),
        k = curve.k,
        millis = format!("{:.2}", curve.latency.p50_millis)
    );
    format!("{}\n    {searches}", say!("cli-measure-missed", name = name, found = found))
}

pub(super) fn request_from_grid(
    grid: &GridArgs,
    probes: ProbeSet,
    d: usize,
    ntotal: usize,
) -> Result<SweepRequest, JobError> {
    if grid.specs.is_empty() {
        return Err(JobError::Failed(tell!("cli-no-specs")));
    }
    let specs = grid.specs.iter().map(|text| spec_from_text(text, d, ntotal).map(|(spec, _)| spec));
    Ok(SweepRequest {
        specs: specs.collect::<Result<_, _>>()?,
        nprobe: grid.nprobe.clone(),
        ef_search: grid.ef_search.clone(),
        refine_factor: grid.refine_factor.clone(),
        lsh_candidates: grid.lsh_candidates.clone(),
        templates: grid.templates.clone(),
        probes,
        k: grid.k as usize,
        batch: grid.batch as usize,
        threads: grid.threads as usize,
        circumstances: grid.circumstances(),
    })
}

impl GridArgs {
    fn circumstances(&self) -> Circumstances {
        let Self { under_filter: filter, tail, tombstones, while_enrolling: enrolling, .. } = *self;
        Circumstances { filter, tail, tombstones, enrolling }
    }
}

/// Under what it was measured, besides being searched.
fn circumstances_text(circumstances: &Circumstances) -> Option<String> {
    let Circumstances { filter, tail, tombstones, enrolling } = *circumstances;
    let parts = [
        filter.map(|share| say!("cli-measure-under-filter", share = share.to_string())),
        (tail > 0.0).then(|| say!("cli-measure-under-tail", share = tail.to_string())),
        (tombstones > 0.0).then(|| say!("cli-measure-under-tombstones", share = tombstones.to_string())),
        enrolling.then(|| say!("cli-measure-under-enrolling")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("({})", parts.join(", ")))
}

pub(super) fn point_text(point: &OperatingPoint) -> String {
    let share = |share: f64| format!("{share:.4}");
    let mated = |estimate: Estimate| say!("cli-measure-mated", share = share(estimate.mean));
    let nonmated = |estimate: Estimate| say!("cli-measure-nonmated", share = share(estimate.mean));
    let batches = (point.batch != 1)
        .then(|| say!("cli-measure-batches", batch = point.batch, threads = say!("tune-threads", n = point.threads)));
    let under = circumstances_text(&point.circumstances);
    let search = [Some(point.spec.to_string()), Some(params_text(&point.spec, &point.params)), batches, under];
    let recall = point.recall_at_k;
    let (low, high) = (share(recall.low), share(recall.high));
    let recalls = [
        Some(say!("cli-measure-recall", k = point.k, recall = share(recall.mean), low = low, high = high)),
        point.recall_mated.map(mated),
        point.recall_nonmated.map(nonmated),
        point.fnir.map(|fnir| {
            let percent = |share: f64| format!("{:.2}", 100.0 * share);
            let (missed, low, high) = (percent(fnir.mean), percent(fnir.low), percent(fnir.high));
            say!("cli-measure-fnir", missed = missed, low = low, high = high)
        }),
    ];
    let one_recall = format!("one-recall@1 {}", share(point.one_recall_at_1.mean));
    let one_recalls = [Some(one_recall), point.one_recall_mated.map(mated), None, None];
    let together = |parts: [Option<String>; 4]| parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let millis = |millis: f32| format!("{millis:.3}");
    let [p50, p95, p99] = [point.latency.p50_millis, point.latency.p95_millis, point.latency.p99_millis].map(millis);
    let (search, recalls, one_recalls) = (together(search), together(recalls), together(one_recalls));
    let rate = format!("{:.0}", point.probes_per_sec);
    let bytes = format!("{:.0}", point.ram_bytes as f64 / point.ntotal.max(1) as f64);
    let time = super::output::duration(point.build_secs);
    let latency = match point.batch {
        1 => say!("cli-measure-latency", p50 = p50, p95 = p95, p99 = p99),
        // What is timed is a call with many probes.
        _ => say!("cli-measure-latency-of-batches", p50 = p50, p95 = p95, p99 = p99),
    };
    say!(
        "cli-measure-point",
        search = search,
        recalls = recalls,
        one_recalls = one_recalls,
        latency = latency,
        rate = rate,
        bytes = bytes,
        time = time
    )
}

fn export(run: &SweepRun, path: &Path) -> Result<(), JobError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let svg = || svg_from_run(run, &ChartOptions::default());
    let bytes = match ending {
        "csv" => csv_from_run(run).map_err(|error| JobError::Failed(error.to_string().into()))?.into_bytes(),
        "json" => json_from_run(run).map_err(|error| JobError::Failed(error.to_string().into()))?.into_bytes(),
        "svg" => svg().into_bytes(),
        "png" => png_from_svg(&svg(), 2.0)?,
        _ => return Err(JobError::Failed(tell!("cli-export-ending"))),
    };
    crate::files::write_export(path, &bytes).map_err(|reason| JobError::Io { reason, path: path.to_path_buf() })
}
