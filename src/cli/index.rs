use crate::tell;
use crate::types::{Tell, Telling};
use crate::words::{english, told};
use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::output::{duration, padded_left};
use super::shared::params_text;
use crate::jobs::tuning::{PRESETS, Preset, advice};
use crate::jobs::{Engine, JobError, Mode, Progress, build_index, roll_back_index, upkeep_index};
use crate::say;
use crate::types::{Advice, GenerationInfo, IndexOverview, IndexSpec, SearchParams};

#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// Show the index in use and the generations that are kept
    List {
        /// Read all files through and compare their checksums
        #[arg(long)]
        verify: bool,
    },
    /// List named specs with what each is and is not useful for
    Presets,
    /// Recommend a spec for this gallery
    Advise {
        /// Memory the index may take, gigabytes
        #[arg(long, value_name = "GB", default_value_t = 4.0)]
        max_ram: f64,
        /// Time a search may take, milliseconds
        #[arg(long, value_name = "MS", default_value_t = 10.0)]
        max_millis: f32,
    },
    /// Build an index to a spec and use it from then on; the one in use serves meanwhile
    Build {
        /// A preset's name or a spec: Flat, IVF1024,Flat, PCA192,HNSW32,SQfp16,Refine(f16) …
        #[arg(value_name = "SPEC")]
        spec: String,
        #[command(flatten)]
        params: ParamArgs,
    },
    /// Use an earlier generation again
    Rollback {
        /// Number of the generation, as `index list` shows it
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
    /// Set the parameters of searches with the index in use
    Set {
        #[command(flatten)]
        params: ParamArgs,
    },
    /// Take later faces into the trained index, or train it anew where much has changed
    Upkeep,
}

/// Parameters of searches; those not given stay as they are.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Search parameters")]
pub struct ParamArgs {
    /// Lists looked into
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub nprobe: Option<u32>,
    /// Breadth of the walk through a graph
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub ef_search: Option<u32>,
    /// Times k candidates are scored exactly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub refine_factor: Option<u32>,
    /// Candidates that the LSH prefilter lets through
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub lsh_candidates: Option<u32>,
    /// Hamming distance up to which the prefilter lets candidates through, instead of their number
    #[arg(long, value_name = "BITS")]
    pub lsh_radius: Option<u32>,
    /// Subjects whose faces are scored exactly, for specs with templates
    #[arg(long, value_name = "N")]
    pub templates: Option<u32>,
}

impl IndexAction {
    /// Only lists something, and changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::List { .. } | Self::Presets => true,
            Self::Advise { .. } | Self::Build { .. } | Self::Rollback { .. } | Self::Set { .. } | Self::Upkeep => false,
        }
    }
}

/// A recommended spec, with the reasons.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct AdviceLine<'a> {
    #[serde(flatten)]
    advice: &'a Advice,
    reasons: Vec<String>,
}

/// A published generation.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct GenerationLine<'a> {
    #[serde(flatten)]
    generation: &'a GenerationInfo,
    /// Why it cannot be used, where it is damaged.
    problem: Option<String>,
}

/// A named recipe of an index.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct PresetLine {
    name: &'static str,
    spec: IndexSpec,
    params: SearchParams,
    useful_for: &'static str,
    not_useful_for: &'static str,
}

pub(super) fn run(context: &Context<'_>, action: &IndexAction) -> Result<(), JobError> {
    let tell = |progress: Progress| context.output.progress(&progress);
    match action {
        IndexAction::List { verify } => {
            let engine = context.open(Mode::Read)?;
            tell_overview(context, &engine);
            for generation in engine.generations(*verify)? {
                let line =
                    GenerationLine { problem: generation.problem.as_ref().map(english), generation: &generation };
                context.output.result(&line, || generation_text(&generation));
            }
        }
        IndexAction::Presets => {
            let engine = context.open(Mode::Read)?;
            for preset in &PRESETS {
                let Some((spec, params)) = preset.recipe(engine.manifest().d, engine.ntotal()) else { continue };
                let line = PresetLine {
                    name: preset.name,
                    spec,
                    params,
                    useful_for: preset.useful_for,
                    not_useful_for: preset.not_useful_for,
                };
                context.output.result(&line, || preset_text(&line));
            }
        }
        IndexAction::Advise { max_ram, max_millis } => {
            let engine = context.open(Mode::Read)?;
            let max_ram_bytes = (max_ram.max(0.0) * 1e9) as u64;
            let advice = advice(&engine, max_ram_bytes, *max_millis, &context.control, &tell)?;
            context.output.end_live();
            let reasons = advice.reasons.iter().map(english).collect();
            context.output.result(&AdviceLine { advice: &advice, reasons }, || advice_text(&advice));
        }
        IndexAction::Build { spec, params } => {
            let engine = context.open(Mode::Write)?;
            let (spec, defaults) = spec_from_text(spec, engine.manifest().d, engine.ntotal())?;
            build_index(&engine, &spec, with_params(defaults, params), &context.control, &tell)?;
            context.output.end_live();
            tell_overview(context, &engine);
        }
        IndexAction::Rollback { number } => {
            let engine = context.open(Mode::Write)?;
            roll_back_index(&engine, *number, &context.control, &tell)?;
            context.output.end_live();
            tell_overview(context, &engine);
        }
        IndexAction::Set { params } => {
            let engine = context.open(Mode::Write)?;
            engine.set_search_params(with_params(engine.index_overview().params, params), true)?;
            tell_overview(context, &engine);
        }
        IndexAction::Upkeep => {
            let engine = context.open(Mode::Write)?;
            let settings = engine.settings();
            upkeep_index(&engine, settings.retrain_share, &context.control, &tell)?;
            context.output.end_live();
            tell_overview(context, &engine);
        }
    }
    Ok(())
}

fn tell_overview(context: &Context<'_>, engine: &Engine) {
    let overview = engine.index_overview();
    context.output.result(&overview, || overview_text(&overview));
}

/// A preset by name, or a spec, with the parameters that go with it.
pub(super) fn spec_from_text(text: &str, d: usize, ntotal: usize) -> Result<(IndexSpec, SearchParams), JobError> {
    if let Some(preset) = Preset::find(text) {
        let unsuited = || JobError::Failed(tell!("cli-preset-unsuited", preset = text, d = d));
        return preset.recipe(d, ntotal).ok_or_else(unsuited);
    }
    let wrong = |error: crate::types::SpecError| JobError::Failed(error.telling());
    let spec: IndexSpec = text.parse().map_err(wrong)?;
    spec.validate(d).map_err(wrong)?;
    Ok((spec, SearchParams::default()))
}

fn with_params(params: SearchParams, given: &ParamArgs) -> SearchParams {
    SearchParams {
        nprobe: given.nprobe.unwrap_or(params.nprobe),
        ef_search: given.ef_search.unwrap_or(params.ef_search),
        refine_factor: given.refine_factor.unwrap_or(params.refine_factor),
        lsh_candidates: given.lsh_candidates.unwrap_or(params.lsh_candidates),
        lsh_radius: given.lsh_radius.or(params.lsh_radius.filter(|_| given.lsh_candidates.is_none())),
        templates: given.templates.unwrap_or(params.templates),
    }
}

fn overview_text(index: &IndexOverview) -> String {
    let generation = index.generation.map_or_else(|| say!("cli-not-published"), |n| say!("cli-generation", n = n));
    let mut lines = vec![
        say!(
            "cli-index",
            spec = index.spec.to_string(),
            faces = say!("faces", n = index.ntotal),
            d = index.d,
            generation = generation,
            memory = format!("{:.1}", index.ram_bytes as f64 / 1e6),
            disk = format!("{:.1}", index.disk_bytes as f64 / 1e6)
        ),
        params_text(&index.spec, &index.params),
    ];
    if !index.spec.is_exact() {
        lines.push(say!(
            "cli-index-tail",
            tail = say!("faces", n = index.in_tail),
            gone = index.tombstones,
            grown = format!("{:.1}", 100.0 * index.grown_since_training)
        ));
    }
    lines.extend(index.imbalance.map(|ratio| say!("cli-index-imbalance", imbalance = format!("{ratio:.2}"))));
    if let Some([trained, now]) = index.quantisation_error.map(|errors| errors.map(|error| format!("{error:.2e}"))) {
        lines.push(say!("cli-index-quantisation", trained = trained, now = now));
    }
    lines.join("\n")
}

fn generation_text(generation: &GenerationInfo) -> String {
    let mark = if generation.is_current { '*' } else { ' ' };
    let built =
        jiff::Timestamp::from_millisecond(generation.built_at).map_or_else(|_| String::new(), |at| at.to_string());
    let problem = generation
        .problem
        .as_ref()
        .map_or_else(String::new, |problem| format!("  {}", say!("cli-damaged", problem = problem)));
    format!(
        "{mark} {:>4}  {:<44} {}  {:>8.1} MB  {}  {built}{problem}",
        generation.number,
        generation.spec.to_string(),
        padded_left(&say!("faces", n = generation.ntotal), 15),
        generation.disk_bytes as f64 / 1e6,
        duration(generation.build_secs),
    )
}

fn preset_text(preset: &PresetLine) -> String {
    let PresetLine { name, spec, useful_for, not_useful_for, .. } = preset;
    let useful = say!("cli-preset-useful", what = told(&Telling::phrase(useful_for)));
    let not_useful = say!("cli-preset-not-useful", what = told(&Telling::phrase(not_useful_for)));
    format!("{name:<18} {spec}\n    {useful}\n    {not_useful}")
}

fn advice_text(advice: &Advice) -> String {
    let predicted = say!(
        "cli-predicted",
        memory = format!("{:.0}", advice.predicted_ram_bytes as f64 / 1e6),
        disk = format!("{:.0}", advice.predicted_disk_bytes as f64 / 1e6),
        time = duration(advice.predicted_build_secs),
        millis = format!("{:.2}", advice.predicted_p50_millis)
    );
    let params = params_text(&advice.spec, &advice.params);
    format!(
        "{}\n{params}\n{}\n{predicted}",
        advice.spec,
        advice.reasons.iter().map(told).collect::<Vec<_>>().join("\n")
    )
}
