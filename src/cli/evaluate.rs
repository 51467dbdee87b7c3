mod args;
mod groups;
mod table;

use crate::tell;
use std::path::Path;
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::output::told_together;
use super::shared::{DetectorArgs, params_text};
use crate::chart::{png_from_svg, svg_from_report};
use crate::eval::recognition::{
    Choice, Condition, FnirPoint, Identification, RecognitionReport, TarPoint, Verification,
};
use crate::jobs::evaluate::{
    EvalSetup, GalleryChoice, LeaveOneOut, LfwSetup, MaskSource, SearchSetup, evaluate_lfw, evaluate_search,
    leave_one_out,
};
use crate::jobs::{Engine, JobError, Mode};
use crate::say;
use crate::types::{Estimate, Telling};
use crate::words::told;
pub use args::EvalWhat;
use args::{EvalArgs, GalleryArg, LfwArgs, SearchEvalArgs};

/// Width and height of the picture.
const PICTURE: [u32; 2] = [1280, 800];

pub(super) fn run(context: &Context<'_>, what: &EvalWhat) -> Result<(), JobError> {
    match what {
        EvalWhat::Lfw(args) => lfw(context, args),
        EvalWhat::Search(args) => search(context, args),
        EvalWhat::Missed { nprobe, ef_search, searches, miss_one_in, k } => {
            super::tune::missed(context, [nprobe, ef_search], *searches, *miss_one_in, *k as usize)
        }
        EvalWhat::Groups(args) => groups::run(context, args),
        EvalWhat::LeaveOneOut => {
            let engine = context.open(Mode::Read)?;
            let progress = |done: usize, total: usize| {
                if done.is_multiple_of(64) {
                    context.output.count(&say!("cli-measure-searching"), done, total);
                }
            };
            let report = leave_one_out(&engine, &context.control, &progress)?;
            context.output.end_live();
            context.output.result(&report, || leave_one_out_text(&report));
            Ok(())
        }
    }
}

fn lfw(context: &Context<'_>, args: &LfwArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let setup = setup(context, &engine, &args.common, &args.detector)?;
    let lfw = LfwSetup {
        images: args.images.clone(),
        pairs: args.pairs.clone(),
        folds: args.folds.clone(),
        choose: args.choose.clone(),
        all_pairs: args.all_pairs,
    };
    let begun = Instant::now();
    let tell = |what: &str, done: usize, total: usize| {
        context.output.pace(&told(&Telling::phrase(what)), done, total, begun);
    };
    let report = evaluate_lfw(&engine, &setup, &lfw, &context.control, &tell)?;
    tell_report(context, &args.common, &report)
}

fn search(context: &Context<'_>, args: &SearchEvalArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let setup = setup(context, &engine, &args.common, &args.detector)?;
    let search = SearchSetup {
        images: args.images.clone(),
        pairs: args.pairs.clone(),
        folds: args.folds.clone(),
        gallery: match args.gallery {
            GalleryArg::Others => GalleryChoice::Others,
            GalleryArg::First => GalleryChoice::First,
        },
        people: args.people,
        distractors: args.distractors,
        probes: args.probes,
    };
    let begun = Instant::now();
    let tell = |what: &str, done: usize, total: usize| {
        context.output.pace(&told(&Telling::phrase(what)), done, total, begun);
    };
    let report = evaluate_search(&engine, &setup, &search, &context.control, &tell)?;
    tell_report(context, &args.common, &report)
}

fn setup(
    context: &Context<'_>,
    engine: &Engine,
    args: &EvalArgs,
    detector: &DetectorArgs,
) -> Result<EvalSetup, JobError> {
    if let Some(path) = &args.picture {
        picture_kind(path)?;
    }
    // A run of minutes is not to end with a file that cannot be written.
    for path in [&args.report, &args.picture, &args.sheet].into_iter().flatten() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(JobError::NoSuchSource(folder.to_path_buf()));
        }
    }
    Ok(EvalSetup {
        models: args.models.clone(),
        detector: context.detector(engine, detector)?,
        masks: args.masks.as_ref().map(|masks| match masks.to_str() {
            Some("drawn") => MaskSource::Drawn,
            _ => MaskSource::Folder(masks.clone()),
        }),
        seed: args.seed,
        redetect: args.redetect,
        sheet: args.sheet.clone(),
        command: command_line(),
    })
}

/// As typed, without the program's folder.
fn command_line() -> String {
    let quoted = |word: &String| if word.contains(' ') { format!("'{word}'") } else { word.clone() };
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<String> = words.iter().map(quoted).collect();
    format!("likeness {}", words.join(" "))
}

/// Writes the files and prints the issues, a line a result as JSON, or the table.
fn tell_report(context: &Context<'_>, args: &EvalArgs, report: &RecognitionReport) -> Result<(), JobError> {
    context.output.end_live();
    let write = |path: &Path, bytes: &[u8]| {
        crate::files::write_export(path, bytes).map_err(|reason| JobError::Io { reason, path: path.to_path_buf() })
    };
    if let Some(path) = &args.report {
        let json = serde_json::to_vec_pretty(report).map_err(|error| JobError::Failed(error.to_string().into()))?;
        write(path, &json)?;
    }
    if let Some(path) = &args.picture {
        let svg = svg_from_report(report, false, PICTURE);
        match picture_kind(path)? {
            PictureKind::Svg => write(path, svg.as_bytes())?,
            PictureKind::Png => write(path, &png_from_svg(&svg, 2.0)?)?,
        }
    }
    for (path, reason) in &report.issues {
        context.output.issue(path, reason);
    }
    context.output.text(|| report_text(report));
    for result in report.verification.iter().filter(|_| context.output.is_json()) {
        context.output.result(&VerificationLine::new(report, result), String::new);
    }
    for result in report.identification.iter().filter(|_| context.output.is_json()) {
        context.output.result(&IdentificationLine::new(report, result), String::new);
    }
    Ok(())
}

fn report_text(report: &RecognitionReport) -> String {
    let data = &report.data;
    let (people, photos) = (say!("cli-people", n = data.people), say!("photos", n = data.photos));
    let mut told = vec![say!("cli-measure-data", people = people, photos = photos, missed = data.photos_missed)];
    let lost = data.photos_missed_covered.map(|[lost, covered]| say!("cli-measure-lost", lost = lost, n = covered));
    told.extend(lost);
    told.push(say!("cli-measure-secs", secs = format!("{:.0}", report.secs)));
    format!("{}\n{}\n{}", table::table_from_report(report), report.method, told_together(&told))
}

enum PictureKind {
    Svg,
    Png,
}

fn picture_kind(path: &Path) -> Result<PictureKind, JobError> {
    match path.extension().map(|kind| kind.to_string_lossy().to_lowercase()).as_deref() {
        Some("svg") => Ok(PictureKind::Svg),
        Some("png") => Ok(PictureKind::Png),
        _ => Err(JobError::Failed(tell!("cli-picture-ending"))),
    }
}

/// 1:1 with one network under one condition.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct VerificationLine<'a> {
    model: &'a str,
    /// What was done to the probe.
    condition: Condition,
    pairs: usize,
    mated_pairs: usize,
    nonmated_pairs: usize,
    folds: usize,
    /// Folds of the pairs file, from 1.
    folds_reported: &'a [usize],
    folds_chosen: &'a [usize],
    accuracy: f64,
    /// Over folds; none where one set of pairs was judged.
    std: Option<f64>,
    threshold: f32,
    /// True accept rates at two false match rates.
    tar_at_fmr_1e2: Option<f64>,
    tar_at_fmr_1e3: Option<f64>,
    tar: &'a [TarPoint],
    at_bare_thresholds: &'a [TarPoint],
    /// By thresholds that were chosen on other pairs.
    chosen: Option<&'a Choice>,
    all_pairs: Option<AllPairsLine<'a>>,
    mated_mean: Option<f64>,
    nonmated_mean: Option<f64>,
    /// Pairs in which a face was not found; they count as rejected.
    failures: usize,
    photos: usize,
    photos_missed: usize,
    /// Covered photos on which the face was not found again; of those that were covered.
    photos_missed_covered: Option<[usize; 2]>,
    secs: f32,
}

/// Every photo of the reported people compared with every other of its fold.
#[derive(Debug, JsonSchema, Serialize)]
struct AllPairsLine<'a> {
    mated_pairs: usize,
    nonmated_pairs: usize,
    tar: &'a [TarPoint],
    at_bare_thresholds: &'a [TarPoint],
}

impl<'a> VerificationLine<'a> {
    fn new(report: &'a RecognitionReport, result: &'a Verification) -> Self {
        let tar = |fmr: f64| result.tar.iter().find(|point| point.fmr_target == fmr).map(|point| point.at.tar.mean);
        Self {
            model: &result.model,
            condition: result.condition,
            pairs: result.mated_pairs + result.nonmated_pairs,
            mated_pairs: result.mated_pairs,
            nonmated_pairs: result.nonmated_pairs,
            folds: report.folds_reported.len(),
            folds_reported: &report.folds_reported,
            folds_chosen: &report.folds_chosen,
            accuracy: result.accuracy,
            std: result.accuracy_std,
            threshold: result.threshold,
            tar_at_fmr_1e2: tar(1e-2),
            tar_at_fmr_1e3: tar(1e-3),
            tar: &result.tar,
            at_bare_thresholds: &result.at_bare_thresholds,
            chosen: result.chosen.as_ref(),
            all_pairs: result.all_pairs.as_ref().map(|all| AllPairsLine {
                mated_pairs: all.mated_pairs,
                nonmated_pairs: all.nonmated_pairs,
                tar: &all.tar,
                at_bare_thresholds: &all.at_bare_thresholds,
            }),
            mated_mean: result.mated_mean,
            nonmated_mean: result.nonmated_mean,
            failures: result.failures,
            photos: report.data.photos,
            photos_missed: report.data.photos_missed,
            photos_missed_covered: report.data.photos_missed_covered,
            secs: report.secs,
        }
    }
}

/// 1:N with one network under one condition.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct IdentificationLine<'a> {
    model: &'a str,
    /// What was done to the probe.
    condition: Condition,
    /// Enrolled faces; the probe's own photo is left out of each search.
    ntotal: usize,
    /// Searches for people with another photo enrolled.
    mated_searches: usize,
    /// Searches for people without.
    nonmated_searches: usize,
    /// Searches that were not made, since no face was found on the probe; they count as missed.
    failures: usize,
    rank_1: Estimate,
    rank_10: Estimate,
    at_fpir: &'a [FnirPoint],
    people: usize,
    photos: usize,
    photos_missed: usize,
    /// Covered photos on which the face was not found again; of those that were covered.
    photos_missed_covered: Option<[usize; 2]>,
    secs: f32,
}

impl<'a> IdentificationLine<'a> {
    fn new(report: &'a RecognitionReport, result: &'a Identification) -> Self {
        Self {
            model: &result.model,
            condition: result.condition,
            ntotal: result.ntotal,
            mated_searches: result.mated_searches,
            nonmated_searches: result.nonmated_searches,
            failures: result.failures,
            rank_1: result.rank_1,
            rank_10: result.rank_10,
            at_fpir: &result.at_fpir,
            people: report.data.people,
            photos: report.data.photos,
            photos_missed: report.data.photos_missed,
            photos_missed_covered: report.data.photos_missed_covered,
            secs: report.secs,
        }
    }
}

fn leave_one_out_text(report: &LeaveOneOut) -> String {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    let millis = |millis: f32| format!("{millis:.2}");
    let index = [report.index.to_string(), params_text(&report.index, &report.params)].join(" ");
    let index = index.trim_end().to_owned();
    let by = match report.generation {
        Some(generation) => say!("cli-measure-by-generation", index = index, generation = generation.to_string()),
        None => index,
    };
    say!(
        "cli-measure-leave-one-out",
        index = by,
        probes = say!("tune-probes", n = report.probes),
        subjects = say!("subjects", n = report.subjects),
        faces = say!("faces", n = report.ntotal),
        first = percent(report.rank_1),
        low = percent(report.rank_1_interval[0]),
        high = percent(report.rank_1_interval[1]),
        tenth = percent(report.rank_10),
        p50 = millis(report.search_millis_p50),
        p99 = millis(report.search_millis_p99)
    )
}
