use std::time::Instant;

use super::args::GroupsArgs;
use crate::cli::Context;
use crate::jobs::evaluate::{GroupFigures, GroupsReport, evaluate_groups};
use crate::jobs::{JobError, Mode};
use crate::types::count;

pub(super) fn run(context: &Context<'_>, args: &GroupsArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let detector = context.detector(&engine, &args.detector)?;
    let begun = Instant::now();
    let tell = |what: &str, done: usize, total: usize| context.output.pace(what, done, total, begun);
    let report = evaluate_groups(&engine, &args.images, &detector, &context.control, &tell)?;
    context.output.end_live();
    for (path, reason) in &report.issues {
        context.output.issue(path, reason);
    }
    context.output.result(&report, || text(&report));
    Ok(())
}

fn text(report: &GroupsReport) -> String {
    let mut lines = vec![
        format!(
            "{} by {}: {} on the photos of {}, {} judged, {} without a face",
            count(report.figures.groups as u64, "group"),
            report.model,
            count(report.faces as u64, "face"),
            count(report.people as u64, "person"),
            report.judged,
            count(report.photos_missed as u64, "photo"),
        ),
        format!(
            "grouped in {:.2} s at a mean score of {:.3} among {} neighbours, which took {:.1} s to find; every face alone: \
             BCubed F {:.3}",
            report.secs, report.threshold, report.k, report.neighbours_secs, report.bcubed_baseline
        ),
        "method                         threshold  BCubed P      R      F   pairs P      R      F  groups".to_owned(),
        row("this program", report.threshold, &report.figures),
        row("without the most frequent", report.threshold, &report.without_most_frequent),
        row("threshold of half the people", report.halves.threshold, &report.halves.chosen_on),
        row("on the other half", report.halves.threshold, &report.halves.reported_on),
    ];
    lines.extend(report.peers.iter().map(|peer| row(peer.name, peer.threshold, &peer.figures)));
    lines.join("\n")
}

fn row(name: &str, threshold: f32, figures: &GroupFigures) -> String {
    format!(
        "{name:<30} {threshold:>9.3} {:>9.4} {:>6.4} {:>6.4} {:>9.4} {:>6.4} {:>6.4} {:>7}",
        figures.bcubed_precision,
        figures.bcubed_recall,
        figures.bcubed_f,
        figures.pairwise_precision,
        figures.pairwise_recall,
        figures.pairwise_f,
        figures.groups
    )
}
