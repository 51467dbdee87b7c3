//! The keys that work everywhere. Keys of one view stand with that view; [`LIST`] names them all.

use egui::{Context, Key, Modifiers};

use super::keys::{keys_are_free, nothing_is_focused, pressed};
use super::{Cx, DialogKind, theme};
use crate::app::{Command, JobState, JobsCommand, PeopleCommand, Screen, SettingsCommand, WindowCommand};

/// A group of the list of shortcuts: its title, then keys and what they do.
pub type Group = (&'static str, &'static [(&'static str, &'static str)]);

/// What F1 shows.
pub const LIST: [Group; 6] = [
    (
        "Everywhere",
        &[
            ("Ctrl 1, 2, 3, 4, 5", "Enroll, Search, Tune, Models, Settings"),
            ("Ctrl O", "Add folders; choose the photo to search, the model to import"),
            ("Ctrl Shift O", "Add photos"),
            ("Ctrl V", "Paste a picture or a path"),
            ("Ctrl Z, Ctrl Shift Z", "Undo, redo a change of names, people or photos"),
            ("F2, Shift F2", "Edit, merge the person on view"),
            ("Ctrl +, \u{2212}, 0", "Larger, smaller, usual text"),
            ("Tab, Shift Tab", "Next, previous control"),
            ("Esc", "Back or close"),
            ("F1", "This list"),
            ("Ctrl Q", "Quit"),
        ],
    ),
    (
        "Enroll",
        &[
            ("Space", "Pause or resume the running job"),
            ("Arrows, Page Up, Page Down, Home, End", "Move among the faces"),
            ("Enter", "Open the face"),
            ("Left, Right", "Previous, next face (while one is open)"),
        ],
    ),
    (
        "Search",
        &[
            ("1 to 9", "Choose the face to search"),
            ("Up, Down", "Move among the candidates"),
            ("Enter", "Compare with the candidate"),
            ("Left, Right", "Previous, next candidate (while comparing)"),
        ],
    ),
    (
        "Tune",
        &[
            ("Space", "Start or stop the live probes"),
            ("Drag, double click", "Move, show all of a chart"),
            ("Click on a point", "Pin it for comparison"),
        ],
    ),
    ("Models", &[("Up, Down", "Previous, next model or training run"), ("Drop a weights file", "Import it")]),
    ("Photos", &[("Wheel, +, \u{2212}", "Zoom"), ("Drag", "Move"), ("0, double click", "Whole photo")]),
];

pub(super) fn handle(ctx: &Context, cx: &mut Cx<'_>) {
    if pressed(ctx, Modifiers::NONE, Key::F1) {
        cx.memory.help_open = !cx.memory.help_open;
    }
    for (key, &screen) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5].into_iter().zip(Screen::ALL) {
        if pressed(ctx, Modifiers::COMMAND, key) && cx.state.screen != screen {
            cx.push(WindowCommand::ShowScreen(screen));
        }
    }
    if pressed(ctx, Modifiers::COMMAND, Key::Q) {
        ctx.send_viewport_cmd(egui::ViewportCommand::Close);
    }
    text_scale(ctx, cx);
    undo_and_redo(ctx, cx);
    // The more specific one first: consuming a key ignores an extra Shift.
    if pressed(ctx, Modifiers::COMMAND | Modifiers::SHIFT, Key::O) {
        ask_for_files(ctx, cx, DialogKind::EnrollPhotos);
    } else if pressed(ctx, Modifiers::COMMAND, Key::O) {
        let kind = match cx.state.screen {
            Screen::Search => DialogKind::ProbePhoto,
            Screen::Models => DialogKind::ImportModel,
            Screen::Enroll | Screen::Tune | Screen::Settings => DialogKind::EnrollFolders,
        };
        ask_for_files(ctx, cx, kind);
    }
    let pauses = cx.state.screen == Screen::Enroll && keys_are_free(ctx);
    if pauses && nothing_is_focused(ctx) && pressed(ctx, Modifiers::NONE, Key::Space) {
        pause_or_resume(cx);
    }
}

/// Nobody chooses files with which nothing can be done.
fn ask_for_files(ctx: &Context, cx: &mut Cx<'_>, kind: DialogKind) {
    let can = match kind {
        DialogKind::EnrollFolders | DialogKind::EnrollPhotos => cx.can_change("Nothing can be enrolled"),
        DialogKind::ImportModel => cx.can_change("No model can be imported"),
        _ => true,
    };
    if can {
        cx.memory.dialogs.open(ctx, kind);
    }
}

/// A text field has its own.
fn undo_and_redo(ctx: &Context, cx: &mut Cx<'_>) {
    if !keys_are_free(ctx) {
        return;
    }
    // The more specific one first: consuming a key ignores an extra Shift.
    let redo = pressed(ctx, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(ctx, Modifiers::COMMAND, Key::Y);
    let undo = !redo && pressed(ctx, Modifiers::COMMAND, Key::Z);
    if cx.read_only().is_some() {
        return;
    }
    if redo && cx.state.record.redo.is_some() {
        cx.push(PeopleCommand::Redo);
    }
    if undo && cx.state.record.undo.is_some() {
        cx.push(PeopleCommand::Undo(None));
    }
}

fn pause_or_resume(cx: &mut Cx<'_>) {
    let command = cx.state.jobs.iter().find_map(|job| match job.state {
        JobState::Running => Some(Command::Jobs(JobsCommand::Pause(job.id))),
        JobState::Paused => Some(Command::Jobs(JobsCommand::Resume(job.id))),
        _ => None,
    });
    if let Some(command) = command {
        cx.push(command);
    }
}

fn text_scale(ctx: &Context, cx: &mut Cx<'_>) {
    const STEP: f32 = 0.1;
    let now = theme::text_scale(&cx.state.settings);
    let larger = pressed(ctx, Modifiers::COMMAND, Key::Plus) || pressed(ctx, Modifiers::COMMAND, Key::Equals);
    let smaller = pressed(ctx, Modifiers::COMMAND, Key::Minus);
    let usual = pressed(ctx, Modifiers::COMMAND, Key::Num0);
    let wanted = match (larger, smaller, usual) {
        (true, ..) => now + STEP,
        (_, true, _) => now - STEP,
        (_, _, true) => 1.0,
        _ => return,
    };
    let wanted = ((wanted * 20.0).round() / 20.0).clamp(0.75, 2.0);
    if (wanted - now).abs() > 1e-3 {
        cx.push(SettingsCommand::SetTextScale(wanted));
    }
}
