use crate::words::told;
use egui::{Label, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Command, EnrollSummary, JobKind, JobState, JobView, JobsCommand};
use crate::ui::{Cx, format, theme, widgets};

/// Newest first, so that what was just asked for is in sight.
pub fn jobs_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.jobs.is_empty() {
        return;
    }
    widgets::section_title(ui, "Jobs");
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
        JobState::Running => ("Running", palette.accent, palette.accent_soft),
        JobState::Paused => ("Paused", palette.warn, palette.warn_soft),
        JobState::Cancelling => ("Cancelling", palette.warn, palette.warn_soft),
        JobState::Completed => ("Done", palette.good, palette.good_soft),
        JobState::Cancelled => ("Cancelled", palette.text_soft, palette.well),
        JobState::Failed(_) => ("Failed", palette.bad, palette.bad_soft),
        JobState::Panicked(_) => ("Crashed", palette.bad, palette.bad_soft),
    };
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| widgets::elided(ui, RichText::new(told(&job.title)).font(theme::strong())),
        |ui| widgets::badge(ui, word, color, tint),
    );
    let line = match &job.state {
        JobState::Running => told(&job.stage),
        JobState::Paused => "Paused: nothing is lost, resume when you like".to_owned(),
        JobState::Cancelling => "Finishing what is in work\u{2026}".to_owned(),
        JobState::Completed => format!("Took {}", format::duration(job.elapsed_secs)),
        JobState::Cancelled => match job.kind {
            JobKind::Enroll => "Stopped; what was enrolled stays".to_owned(),
            JobKind::BuildIndex => "Stopped; the live index is as it was".to_owned(),
            JobKind::ChangeModel => "Stopped; the model in use is as it was, and what was embedded is kept".to_owned(),
            JobKind::RemoveModel => "Stopped; what was deleted by then is gone".to_owned(),
            JobKind::Sweep
            | JobKind::Autotune
            | JobKind::People
            | JobKind::ImportModel
            | JobKind::TestModel
            | JobKind::MeasureSpeed => "Stopped".to_owned(),
        },
        JobState::Failed(reason) => told(reason),
        JobState::Panicked(reason) => format!("A fault in the program stopped it: {}", told(reason)),
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
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Progress of {}", told(&job.title)));
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
    let plural = format!("{}{}", job.unit, if job.unit.ends_with("ch") { "es" } else { "s" });
    // Some jobs count nothing.
    let counts = job.kind == JobKind::Enroll || job.done > 0 || job.total.is_some();
    let photos = match job.total {
        Some(total) if !job.state.is_ended() => {
            format!("{} of {}", format::count(job.done), format::counted(total, job.unit, &plural))
        }
        _ => format::counted(job.done, job.unit, &plural),
    };
    let running = job.state == JobState::Running;
    let left = job.secs_left.filter(|_| running).map(|left| format!("{} left", format::duration(left)));
    let mut found = Vec::new();
    if job.kind == JobKind::Enroll {
        found.push(format::counted(job.faces, "face", "faces"));
    }
    if (running || job.state == JobState::Completed) && job.per_sec > 0.0 {
        found.push(format!("{} {plural}/s", format::rate(job.per_sec)));
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
                    ui.label(small(format::counted(job.issues, "issue", "issues"), palette.warn));
                }
                if job.skipped > 0 {
                    let text = format!("{} already enrolled", format::count(job.skipped));
                    ui.label(small(text, palette.text_faint)).on_hover_text("Same content, same parameters: skipped");
                }
            });
        }
    });
}

/// What an enrollment did beside what it counts, once it has ended.
fn summary_ui(ui: &mut Ui, job: &JobView) {
    let Some(summary) = &job.summary else { return };
    let palette = theme::palette(ui);
    let told = [
        (summary.moved, "photo was found in another place", "photos were found in another place"),
        (summary.missing, "photo is missing: its file is gone", "photos are missing: their files are gone"),
        (
            summary.removed,
            "photo was passed over, since you took it out",
            "photos were passed over, since you took them out",
        ),
        (
            summary.raw_beside_photos,
            "raw file was left out: its photo lies beside it",
            "raw files were left out: their photos lie beside them",
        ),
    ];
    for (count, one, many) in told.into_iter().filter(|(count, ..)| *count > 0) {
        let text = RichText::new(format::counted(count, one, many)).font(theme::small()).color(palette.text_soft);
        ui.add(Label::new(text).wrap());
    }
    let words = [(summary.not_photos > 0).then(|| passed_over_words(summary)), left_out_words(summary)];
    for text in words.into_iter().flatten() {
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft)).wrap());
    }
    if summary.passed_over_paths.is_empty() {
        return;
    }
    let copy = widgets::text_button(ui, "Copy the list").accessible_name("Copy the list of files passed over");
    if copy.on_hover_text("Their paths, one a line").clicked() {
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
            "" => format!("{} without an ending", format::count(count)),
            "\u{2026}" => format!("{} others", format::count(count)),
            ending => format!("{} .{ending}", format::count(count)),
        })
        .collect();
    if rest > 0 {
        told.push(format!("{} others", format::count(rest)));
    }
    let files = format::counted(summary.not_photos, "file", "files");
    format!("{files} passed over, no photos: {}", told.join(", "))
}

/// "3 folders of thumbnails, earlier versions or trash left out: 2 @eaDir, 1 .thumbnails".
fn left_out_words(summary: &EnrollSummary) -> Option<String> {
    let count: u64 = summary.left_out_folders.values().sum();
    let names: Vec<String> =
        summary.left_out_folders.iter().map(|(name, count)| format!("{} {name}", format::count(*count))).collect();
    let folders = format::counted(count, "folder", "folders");
    let mut words = format!("{folders} of thumbnails, earlier versions or trash left out: {}", names.join(", "));
    if summary.in_left_out_folders > 0 {
        let photos = format::counted(summary.in_left_out_folders, "photo", "photos");
        words.push_str(&format!(
            "; {photos} of the gallery lie in them: open a face of one, and \u{201c}Its folder\u{2026}\u{201d} takes them out"
        ));
    }
    (count > 0).then_some(words)
}

fn actions_ui(ui: &mut Ui, job: &JobView, commands: &mut Vec<Command>) {
    let mut action = |ui: &mut Ui, text: &str, command: Command| {
        if widgets::button(ui, text).accessible_name(format!("{text} {}", told(&job.title))).clicked() {
            commands.push(command);
        }
    };
    let is_one_step = matches!(job.kind, JobKind::ImportModel | JobKind::TestModel);
    if is_one_step && !job.state.is_ended() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding = vec2(10.0, 3.0);
        ui.spacing_mut().interact_size.y = 24.0;
        match job.state {
            JobState::Running => {
                action(ui, "Pause", Command::Jobs(JobsCommand::Pause(job.id)));
                action(ui, "Cancel", Command::Jobs(JobsCommand::Cancel(job.id)));
            }
            JobState::Paused => {
                action(ui, "Resume", Command::Jobs(JobsCommand::Resume(job.id)));
                action(ui, "Cancel", Command::Jobs(JobsCommand::Cancel(job.id)));
            }
            JobState::Cancelling => {}
            _ => action(ui, "Dismiss", Command::Jobs(JobsCommand::Dismiss(job.id))),
        }
    });
}
