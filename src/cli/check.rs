use crate::tell;
use crate::words::{english, told};
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::output::told_together;
use crate::jobs::{CheckReport, CheckRequest, JobError, Progress, check, repair};
use crate::say;
use crate::types::FindingKind;

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Read every photo's file through and compare it with what was enrolled; else it is only looked for
    #[arg(long)]
    pub files: bool,
    /// Put right what can be worked out from the rest: counts, the index, pictures and vectors of no face
    #[arg(long)]
    pub repair: bool,
}

/// One thing that is off.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct FindingLine {
    kind: FindingKind,
    /// In words: which row or file, and what is wrong with it.
    text: String,
    /// By `--repair`.
    can_be_repaired: bool,
}

/// What a check came to.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct CheckLine {
    ok: bool,
    findings: u64,
    by_kind: BTreeMap<FindingKind, u64>,
    /// How many findings fewer there are after the repair.
    repaired: u64,
    photos: u64,
    faces: u64,
    /// Faces that the published index has not taken in yet: the next start adds them, and nothing is wrong with that.
    not_indexed_yet: u64,
}

/// A line for each thing that is off, and one with the counts. Fails where anything is, and with --repair where
/// anything is left.
pub(super) fn run(context: &Context<'_>, args: &CheckArgs) -> Result<(), JobError> {
    let data_dir = context.data_dir;
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
        let line = FindingLine {
            kind: finding.kind,
            text: english(&finding.text),
            can_be_repaired: finding.kind.can_be_repaired(),
        };
        context.output.result(&line, || told(&finding.text));
    }
    let found = report.findings.total();
    let line = CheckLine {
        ok: found == 0,
        findings: found,
        by_kind: report.findings.counts.clone(),
        repaired,
        photos: report.photos,
        faces: report.faces,
        not_indexed_yet: report.not_indexed_yet,
    };
    context.output.result(&line, || summary(&report, repaired));
    let can_be_repaired = report.findings.counts.keys().any(|kind| kind.can_be_repaired());
    match (found, can_be_repaired && !args.repair) {
        (0, _) => Ok(()),
        (_, true) => Err(JobError::Failed(tell!("cli-not-well-repair"))),
        (_, false) => Err(JobError::Failed(tell!("cli-not-well"))),
    }
}

fn summary(report: &CheckReport, repaired: u64) -> String {
    let listed = report.findings.list.len() as u64;
    let found = match report.findings.total() {
        0 => say!("cli-check-well"),
        n if n == listed => say!("cli-things-off", n = n),
        n => say!("cli-things-off-listed", n = n, listed = listed),
    };
    let mut told = vec![found];
    if repaired > 0 {
        told.push(say!("cli-things-put-right", n = repaired));
    }
    let (photos, faces) = (say!("photos", n = report.photos), say!("faces", n = report.faces));
    say!("cli-check", photos = photos, faces = faces, found = told_together(&told))
}
