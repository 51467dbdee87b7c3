use std::time::Instant;

use super::args::GroupsArgs;
use crate::cli::Context;
use crate::cli::output::padded;
use crate::jobs::evaluate::{GroupFigures, GroupsReport, evaluate_groups};
use crate::jobs::{JobError, Mode};
use crate::say;
use crate::types::Telling;
use crate::words::told;

pub(super) fn run(context: &Context<'_>, args: &GroupsArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let detector = context.detector(&engine, &args.detector)?;
    let begun = Instant::now();
    let tell = |what: &str, done: usize, total: usize| {
        context.output.pace(&told(&Telling::phrase(what)), done, total, begun);
    };
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
        say!(
            "cli-measure-groups",
            groups = say!("cli-measure-groups-of", n = report.figures.groups),
            model = report.model.as_str(),
            faces = say!("faces", n = report.faces),
            people = say!("cli-people", n = report.people),
            judged = report.judged,
            missed = say!("photos", n = report.photos_missed)
        ),
        say!(
            "cli-measure-grouped",
            secs = format!("{:.2}", report.secs),
            score = format!("{:.3}", report.threshold),
            k = report.k,
            neighbours = format!("{:.1}", report.neighbours_secs),
            baseline = format!("{:.3}", report.bcubed_baseline)
        ),
        say!("cli-measure-groups-head"),
        row(&say!("cli-measure-this-program"), report.threshold, &report.figures),
        row(&say!("cli-measure-without-frequent"), report.threshold, &report.without_most_frequent),
        row(&say!("cli-measure-half"), report.halves.threshold, &report.halves.chosen_on),
        row(&say!("cli-measure-other-half"), report.halves.threshold, &report.halves.reported_on),
    ];
    lines.extend(report.peers.iter().map(|peer| row(peer.name, peer.threshold, &peer.figures)));
    lines.join("\n")
}

fn row(name: &str, threshold: f32, figures: &GroupFigures) -> String {
    format!(
        "{} {threshold:>9.3} {:>9.4} {:>6.4} {:>6.4} {:>9.4} {:>6.4} {:>6.4} {:>7}",
        padded(name, 30),
        figures.bcubed_precision,
        figures.bcubed_recall,
        figures.bcubed_f,
        figures.pairwise_precision,
        figures.pairwise_recall,
        figures.pairwise_f,
        figures.groups
    )
}
