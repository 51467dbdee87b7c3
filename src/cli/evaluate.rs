use std::path::Path;

use serde_json::{Value, json};

use super::args::{DetectorArgs, EvalWhat};
use super::output::duration;
use super::{Context, lossy};
use crate::jobs::evaluate::{LeaveOneOut, evaluate_lfw, leave_one_out};
use crate::jobs::{JobError, Mode};

pub(super) fn run(context: &Context<'_>, what: &EvalWhat) -> Result<(), JobError> {
    match what {
        EvalWhat::Lfw { images, pairs, detector } => lfw(context, images, pairs, detector),
        EvalWhat::Missed { nprobe, ef_search, searches, miss_one_in } => {
            super::tune::missed(context, nprobe, ef_search, *searches, *miss_one_in)
        }
        EvalWhat::LeaveOneOut => {
            let engine = context.open(Mode::ReadIfLocked)?;
            let progress = |done: usize, total: usize| {
                if done.is_multiple_of(64) {
                    context.output.count("Searching", done, total);
                }
            };
            let report = leave_one_out(&engine, &context.control, &progress)?;
            context.output.end_live();
            context.output.result(&report, leave_one_out_text);
            Ok(())
        }
    }
}

fn lfw(context: &Context<'_>, images: &Path, pairs: &Path, flags: &DetectorArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::ReadIfLocked)?;
    let params = context.detector(&engine, flags)?;
    let text = std::fs::read_to_string(pairs).map_err(|reason| JobError::Io { reason, path: pairs.to_path_buf() })?;
    let progress = |done: usize, total: usize| {
        if done.is_multiple_of(16) {
            context.output.count("Embedding", done, total);
        }
    };
    let outcome = evaluate_lfw(&engine, images, &text, &params, &context.control, &progress)?;
    context.output.end_live();
    for (path, reason) in &outcome.missed {
        context.output.result(&json!({ "photo": lossy(path), "issue": reason }), |_| {
            format!("issue: {reason}: {}", path.display())
        });
    }
    let report = &outcome.report;
    let object = json!({
        "model": engine.manifest().name, "pairs": report.pairs, "folds": outcome.folds,
        "accuracy": report.accuracy, "std": report.std, "threshold": report.threshold,
        "tar_at_fmr_1e2": report.tar_at_fmr_1e2, "tar_at_fmr_1e3": report.tar_at_fmr_1e3,
        "mated_mean": report.mated_mean, "nonmated_mean": report.nonmated_mean,
        "failures": report.failures, "photos": outcome.photos, "photos_missed": outcome.missed.len(),
        "secs": outcome.secs,
    });
    context.output.result(&object, lfw_text);
    Ok(())
}

fn lfw_text(object: &Value) -> String {
    let number = |key: &str| object[key].as_f64().unwrap_or_default();
    format!(
        "{}: accuracy {:.2} ± {:.2} % over {} pairs in {} folds; best threshold {:.3}\n\
         TAR {:.2} % at FMR 1e-2, {:.2} % at FMR 1e-3\n\
         {} photos, {} without a face or unreadable; {} pairs could not be compared; {}",
        object["model"].as_str().unwrap_or_default(),
        100.0 * number("accuracy"),
        100.0 * number("std"),
        object["pairs"],
        object["folds"],
        number("threshold"),
        100.0 * number("tar_at_fmr_1e2"),
        100.0 * number("tar_at_fmr_1e3"),
        object["photos"],
        object["photos_missed"],
        object["failures"],
        duration(number("secs") as f32),
    )
}

fn leave_one_out_text(report: &LeaveOneOut) -> String {
    format!(
        "{} probes of {} subjects with two photos or more, each among {} faces:\n\
         another photo of the same subject at rank 1 for {:.2} % (95 % interval {:.2} to {:.2} %), \
         within rank 10 for {:.2} %\n\
         search {:.2} ms at the median, {:.2} ms at the 99th percentile",
        report.probes,
        report.subjects,
        report.ntotal,
        100.0 * report.rank_1,
        100.0 * report.rank_1_interval[0],
        100.0 * report.rank_1_interval[1],
        100.0 * report.rank_10,
        report.search_millis_p50,
        report.search_millis_p99,
    )
}
