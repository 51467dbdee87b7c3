use crate::words::told;
use egui::{Label, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Command, EnrollSummary, JobKind, JobState, JobView, JobsCommand};
use crate::ui::{Cx, format, theme, widgets};
use crate::{say, words};

/// Newest first, so that what was just asked for is in sight.
pub fn jobs_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.jobs.is_empty() {
        return;
    }
    widgets::section_title(ui, &say!("jobs"));
    for job in cx.state.jobs.iter().rev() {
        job_ui(ui, job, cx.commands);
    }
}

/// One job as a card.
pub fn job_ui(ui: &mut Ui, job: &JobView, commands: &mut Vec<Command>) {
    ui.push_id(("job", job.id.0), |ui| {
        widgets::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 6.0;
            head_ui(ui, job);
            progress_ui(ui, job);
            figures_ui(ui, job);
            summary_ui(ui, job);
            actions_ui(ui, job, commands);
        });
    });
}

fn head_ui(ui: &mut Ui, job: &JobView) {
    let palette = theme::palette(ui);
    let (word, color, tint) = match &job.state {
        JobState::Running => (say!("job-running"), palette.accent, palette.accent_soft),
        JobState::Paused => (say!("job-paused"), palette.warn, palette.warn_soft),
        JobState::Cancelling => (say!("job-cancelling"), palette.warn, palette.warn_soft),
        JobState::Completed => (say!("job-done"), palette.good, palette.good_soft),
        JobState::Cancelled => (say!("job-cancelled"), palette.text_soft, palette.well),
        JobState::Failed(_) => (say!("job-failed"), palette.bad, palette.bad_soft),
        JobState::Panicked(_) => (say!("job-crashed"), palette.bad, palette.bad_soft),
    };
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| widgets::elided(ui, RichText::new(told(&job.title)).font(theme::strong())),
        |ui| widgets::badge(ui, &word, color, tint),
    );
    let line = match &job.state {
        JobState::Running => told(&job.stage),
        JobState::Paused => say!("job-paused-about"),
        JobState::Cancelling => say!("job-cancelling-about"),
        JobState::Completed => say!("job-took", time = format::duration(job.elapsed_secs)),
        JobState::Cancelled => match job.kind {
            JobKind::Enroll => say!("job-stopped-enroll"),
            JobKind::BuildIndex => say!("job-stopped-build"),
            JobKind::ChangeModel => say!("job-stopped-change"),
            JobKind::RemoveModel => say!("job-stopped-remove"),
            JobKind::Sweep
            | JobKind::Autotune
            | JobKind::People
            | JobKind::ImportModel
            | JobKind::TestModel
            | JobKind::MeasureSpeed
            | JobKind::Group => say!("job-stopped"),
        },
        JobState::Failed(reason) => told(reason),
        JobState::Panicked(reason) => say!("job-crashed-about", reason = reason),
    };
    let color =
        if matches!(job.state, JobState::Failed(_) | JobState::Panicked(_)) { palette.bad } else { palette.text_soft };
    let text = RichText::new(line).font(theme::small()).color(color);
    ui.add(Label::new(text).wrap().selectable(job.state.is_ended()));
}

fn progress_ui(ui: &mut Ui, job: &JobView) {
    if job.state.is_ended() {
        return;
    }
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    let share = job.total.filter(|&total| total > 0).map(|total| job.done as f32 / total as f32);
    let fill = if job.state == JobState::Running { palette.accent } else { palette.text_faint };
    match share {
        Some(share) => widgets::track(ui.painter(), rect, share, fill, palette.well),
        None => {
            // Still counting: a piece that wanders with the job's own clock.
            widgets::track(ui.painter(), rect, 0.0, fill, palette.well);
            let width = rect.width() * 0.25;
            let place = 0.5 - 0.5 * (job.elapsed_secs * 1.6).cos();
            let piece = egui::Rect::from_min_size(
                rect.min + vec2((rect.width() - width) * place, 0.0),
                vec2(width, rect.height()),
            );
            ui.painter().rect_filled(piece, 3.0, fill);
        }
    }
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, say!("job-progress", title = &job.title));
        info.value = share.map(|share| f64::from(share * 100.0));
        info
    });
}

/// Work of a step or a few, whose count and pace say nothing to a person.
fn is_short(job: &JobView) -> bool {
    matches!(job.kind, JobKind::ImportModel | JobKind::TestModel | JobKind::MeasureSpeed)
}

fn figures_ui(ui: &mut Ui, job: &JobView) {
    if is_short(job) {
        return;
    }
    let palette = theme::palette(ui);
    // Some jobs count nothing.
    let counts = job.kind == JobKind::Enroll || job.done > 0 || job.total.is_some();
    let photos = match job.total {
        Some(total) if !job.state.is_ended() => {
            say!("job-done-of", done = job.done, total = counted(job.unit, total.into()))
        }
        _ => counted(job.unit, job.done.into()),
    };
    let running = job.state == JobState::Running;
    let left = job.secs_left.filter(|_| running).map(|left| say!("job-left", time = format::duration(left)));
    let mut found = Vec::new();
    if job.kind == JobKind::Enroll {
        found.push(say!("faces", n = job.faces));
    }
    if (running || job.state == JobState::Completed) && job.per_sec > 0.0 {
        let rate = format::rate(job.per_sec);
        found.push(say!("job-pace", counted = counted(job.unit, rate.into())));
    }
    let small = |text: String, color| RichText::new(text).font(theme::small()).color(color);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().interact_size.y = 16.0;
        if counts {
            egui::Sides::new().shrink_left().truncate().show(
                ui,
                |ui| widgets::elided(ui, small(photos, palette.text)),
                |ui| left.map(|left| ui.label(small(left, palette.text_soft))),
            );
        }
        if !found.is_empty() {
            ui.add(Label::new(small(found.join("  \u{b7}  "), palette.text_soft)).wrap());
        }
        if job.skipped + job.issues > 0 {
            ui.horizontal_wrapped(|ui| {
                if job.issues > 0 {
                    ui.label(small(say!("job-issues", n = job.issues), palette.warn));
                }
                if job.skipped > 0 {
                    let text = say!("job-already-enrolled", n = job.skipped);
                    let hint = say!("job-already-enrolled-hint");
                    ui.label(small(text, palette.text_faint)).on_hover_text(hint);
                }
            });
        }
    });
}

/// What a job counts, by its unit; the number may be written already.
fn counted(unit: &str, n: words::Arg<'_>) -> String {
    match unit {
        "photo" => say!("photos", n = n),
        "face" => say!("faces", n = n),
        "search" => say!("job-searches", n = n),
        "measurement" => say!("job-measurements", n = n),
        "megabyte" => say!("job-megabytes", n = n),
        "model" => say!("job-models", n = n),
        "point" => say!("job-points", n = n),
        "crop" => say!("job-crops", n = n),
        _ => say!("job-steps", n = n),
    }
}

/// What an enrollment did beside what it counts, once it has ended.
fn summary_ui(ui: &mut Ui, job: &JobView) {
    let Some(summary) = &job.summary else { return };
    let palette = theme::palette(ui);
    let told = [
        (summary.moved > 0).then(|| say!("job-moved", n = summary.moved)),
        (summary.missing > 0).then(|| say!("job-missing", n = summary.missing)),
        (summary.removed > 0).then(|| say!("job-removed", n = summary.removed)),
        (summary.raw_beside_photos > 0).then(|| say!("job-raw-beside", n = summary.raw_beside_photos)),
        (summary.not_photos > 0).then(|| passed_over_words(summary)),
        left_out_words(summary),
    ];
    for text in told.into_iter().flatten() {
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft)).wrap());
    }
    if summary.passed_over_paths.is_empty() {
        return;
    }
    let copy = widgets::text_button(ui, &say!("job-copy-passed-over"));
    let copy = copy.accessible_name(say!("job-copy-passed-over-name"));
    if copy.on_hover_text(say!("job-copy-passed-over-hint")).clicked() {
        let paths: Vec<String> = summary.passed_over_paths.iter().map(|path| path.display().to_string()).collect();
        ui.ctx().copy_text(paths.join("\n"));
    }
}

/// "120 files passed over, no photos: 100 .cr2, 15 .txt, 5 without an ending".
fn passed_over_words(summary: &EnrollSummary) -> String {
    /// The most frequent ones; a card is no list.
    const ENDINGS: usize = 5;
    let mut endings: Vec<(&str, u64)> =
        summary.passed_over.iter().map(|(ending, count)| (ending.as_str(), *count)).collect();
    // Stable: of those that are as many the alphabet decides.
    endings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest: u64 = endings.iter().skip(ENDINGS).map(|(_, count)| count).sum();
    let mut told: Vec<String> = endings
        .into_iter()
        .take(ENDINGS)
        .map(|(ending, count)| match ending {
            "" => say!("job-passed-over-no-ending", n = count),
            "\u{2026}" => say!("job-passed-over-others", n = count),
            ending => format!("{} .{ending}", format::count(count)),
        })
        .collect();
    if rest > 0 {
        told.push(say!("job-passed-over-others", n = rest));
    }
    say!("job-passed-over", n = summary.not_photos, endings = told.join(", "))
}

/// "3 folders of thumbnails, earlier versions or trash left out: 2 @eaDir, 1 .thumbnails".
fn left_out_words(summary: &EnrollSummary) -> Option<String> {
    let count: u64 = summary.left_out_folders.values().sum();
    let names: Vec<String> =
        summary.left_out_folders.iter().map(|(name, count)| format!("{} {name}", format::count(*count))).collect();
    let names = names.join(", ");
    (count > 0).then(|| match summary.in_left_out_folders {
        0 => say!("job-left-out", n = count, names = names),
        inside => say!("job-left-out-with-photos", n = count, names = names, photos = say!("photos", n = inside)),
    })
}

fn actions_ui(ui: &mut Ui, job: &JobView, commands: &mut Vec<Command>) {
    let mut action = |ui: &mut Ui, text: String, name: String, command: JobsCommand| {
        if widgets::button(ui, &text).accessible_name(name).clicked() {
            commands.push(Command::Jobs(command));
        }
    };
    let (id, title) = (job.id, &job.title);
    let is_one_step = matches!(job.kind, JobKind::ImportModel | JobKind::TestModel);
    if is_one_step && !job.state.is_ended() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding = vec2(10.0, 3.0);
        ui.spacing_mut().interact_size.y = 24.0;
        match job.state {
            JobState::Running => {
                action(ui, say!("job-pause"), say!("job-pause-title", title = title), JobsCommand::Pause(id));
                action(ui, say!("cancel"), say!("job-cancel", title = title), JobsCommand::Cancel(id));
            }
            JobState::Paused => {
                action(ui, say!("job-resume"), say!("job-resume-title", title = title), JobsCommand::Resume(id));
                action(ui, say!("cancel"), say!("job-cancel", title = title), JobsCommand::Cancel(id));
            }
            JobState::Cancelling => {}
            _ => action(ui, say!("job-dismiss"), say!("job-dismiss-title", title = title), JobsCommand::Dismiss(id)),
        }
    });
}
