use serde_json::json;

use super::Context;
use super::args::CheckArgs;
use crate::jobs::{CheckReport, CheckRequest, JobError, Progress, check, repair};

/// A line for each thing that is off, and one with the counts. Fails where anything is, and with --repair where
/// anything is left.
pub(super) fn run(context: &Context<'_>, args: &CheckArgs) -> Result<(), JobError> {
    let data_dir = context.args.data_dir.as_deref();
    let request = CheckRequest { data_dir, files: args.files };
    let tell = |progress: Progress| context.output.progress(&progress);
    let mut report = check(&request, &context.control, &tell)?;
    let mut repaired = 0;
    if args.repair && report.findings.counts.keys().any(|kind| kind.can_be_repaired()) {
        let found = report.findings.total();
        repair(data_dir, &report.findings, &context.control, &tell)?;
        report = check(&request, &context.control, &tell)?;
        repaired = found.saturating_sub(report.findings.total());
    }
    context.output.end_live();
    for finding in &report.findings.list {
        let repairable = finding.kind.can_be_repaired();
        let object = json!({
            "type": "check_finding", "kind": finding.kind, "text": finding.text, "can_be_repaired": repairable,
        });
        context.output.result(&object, |_| finding.text.clone());
    }
    let found = report.findings.total();
    let object = json!({
        "type": "check", "ok": found == 0, "findings": found, "by_kind": report.findings.counts, "repaired": repaired,
        "photos": report.photos, "faces": report.faces, "not_indexed_yet": report.not_indexed_yet,
    });
    context.output.result(&object, |_| summary(&report, repaired));
    let can_be_repaired = report.findings.counts.keys().any(|kind| kind.can_be_repaired());
    match (found, can_be_repaired && !args.repair) {
        (0, _) => Ok(()),
        (_, true) => {
            Err(JobError::Failed("not all is well; `likeness check --repair` puts right what can be".to_owned()))
        }
        (_, false) => Err(JobError::Failed("not all is well".to_owned())),
    }
}

fn summary(report: &CheckReport, repaired: u64) -> String {
    let things = |n: u64| if n == 1 { "1 thing".to_owned() } else { format!("{n} things") };
    let counted = |n: u64, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let found = match report.findings.total() {
        0 => "all is well".to_owned(),
        n => format!("{} off", things(n)),
    };
    let listed = report.findings.list.len() as u64;
    let more = match report.findings.total() - listed {
        0 => String::new(),
        _ => format!(", of which {listed} are listed"),
    };
    let repaired = if repaired == 0 { String::new() } else { format!("; {} put right", things(repaired)) };
    let (photos, faces) = (counted(report.photos, "photo"), counted(report.faces, "face"));
    format!("{photos}, {faces}: {found}{more}{repaired}")
}
