//! The keys that work everywhere. Keys of one view stand with that view; [`list`] names them all.

use egui::{Context, Key, Modifiers};

use super::keys::{keys_are_free, nothing_is_focused, pressed};
use super::screens::{self, Takes};
use super::{Cx, DialogKind, theme};
use crate::app::{Command, JobState, JobsCommand, PeopleCommand, Screen, SettingsCommand, WindowCommand};
use crate::say;

/// A group of the list of shortcuts: its title, then keys and what they do.
pub type Group = (String, Vec<(String, String)>);

/// What F1 shows.
pub fn list() -> Vec<Group> {
    vec![
        (say!("shortcuts-everywhere"), everywhere()),
        (say!("window-screen-enroll"), enroll()),
        (say!("window-screen-people"), people()),
        (say!("window-screen-search"), search()),
        (say!("window-screen-tune"), tune()),
        (say!("window-screen-models"), models()),
        (say!("shortcuts-photos"), photos()),
    ]
}

fn everywhere() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-keys-screens"), say!("shortcuts-screens")),
        ("Ctrl O".to_owned(), say!("shortcuts-open")),
        (say!("shortcuts-keys-open-photos"), say!("shortcuts-open-photos")),
        ("Ctrl V".to_owned(), say!("shortcuts-paste")),
        (say!("shortcuts-keys-undo"), say!("shortcuts-undo")),
        (say!("shortcuts-keys-person"), say!("shortcuts-person")),
        (say!("shortcuts-keys-text-size"), say!("shortcuts-text-size")),
        (say!("shortcuts-tab"), say!("shortcuts-next-control")),
        (say!("shortcuts-keys-menu"), say!("shortcuts-menu")),
        (say!("shortcuts-esc"), say!("shortcuts-esc-do")),
        ("F1".to_owned(), say!("shortcuts-this-list")),
        ("Ctrl Q".to_owned(), say!("shortcuts-quit")),
    ]
}

fn enroll() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-space"), say!("shortcuts-pause")),
        (say!("shortcuts-arrows"), say!("shortcuts-arrows-do")),
        (say!("shortcuts-keys-choose"), say!("shortcuts-choose-many")),
        (say!("shortcuts-enter"), say!("shortcuts-open-face")),
        (say!("shortcuts-left-right"), say!("shortcuts-next-face")),
    ]
}

fn people() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-up-down"), say!("shortcuts-people-move")),
        (say!("shortcuts-enter"), say!("shortcuts-people-open")),
        ("R".to_owned(), say!("shortcuts-people-review")),
        ("Y, N".to_owned(), say!("review-keys-answer")),
        ("I, X".to_owned(), say!("review-keys-ignore")),
        ("O".to_owned(), say!("review-keys-other")),
        (say!("shortcuts-left-right"), say!("review-keys-turn")),
    ]
}

fn search() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-digits"), say!("shortcuts-choose-face")),
        (say!("shortcuts-up-down"), say!("shortcuts-up-down-do")),
        (say!("shortcuts-keys-choose"), say!("shortcuts-choose-many")),
        (say!("shortcuts-enter"), say!("shortcuts-compare")),
        (say!("shortcuts-left-right"), say!("shortcuts-next-candidate")),
    ]
}

fn tune() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-space"), say!("shortcuts-probes")),
        (say!("shortcuts-double-click"), say!("shortcuts-double-click-do")),
        (say!("shortcuts-click"), say!("shortcuts-click-do")),
    ]
}

fn models() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-up-down"), say!("shortcuts-next-model")),
        (say!("shortcuts-drop-weights"), say!("shortcuts-drop-weights-do")),
    ]
}

fn photos() -> Vec<(String, String)> {
    vec![
        (say!("shortcuts-wheel"), say!("shortcuts-wheel-do")),
        (say!("shortcuts-drag"), say!("shortcuts-drag-do")),
        (say!("shortcuts-whole"), say!("shortcuts-whole-do")),
        (say!("shortcuts-keys-arrows"), say!("shortcuts-arrows-photo")),
    ]
}

pub(super) fn handle(ctx: &Context, cx: &mut Cx<'_>) {
    if pressed(ctx, Modifiers::NONE, Key::F1) {
        cx.memory.help_open = !cx.memory.help_open;
    }
    for (key, screen) in screens::by_key() {
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
        let kind = match screens::about(cx.state.screen).1 {
            Takes::Probe => DialogKind::ProbePhoto,
            Takes::Weights => DialogKind::ImportModel,
            Takes::Photos => DialogKind::EnrollFolders,
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
        DialogKind::EnrollFolders | DialogKind::EnrollPhotos => cx.can_change(&say!("intake-nothing-enrolled")),
        DialogKind::ImportModel => cx.can_change(&say!("intake-nothing-imported")),
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
