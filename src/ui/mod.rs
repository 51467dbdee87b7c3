//! The window: screens that draw from the state and push commands. Nothing here touches a file, a model or the
//! gallery; the one thread is that of a file dialog.

mod answers;
mod app;
mod chrome;
mod closing;
mod cx;
mod dialogs;
mod enroll;
mod faces;
mod focus;
mod fonts;
mod format;
pub mod frame_meter;
mod help;
mod history;
mod icon;
mod intake;
mod keys;
mod memory;
mod messages;
mod models;
mod people;
pub mod raster;
mod removal;
mod roster;
mod screens;
mod search;
mod settings;
mod shortcuts;
mod start;
mod textures;
mod theme;
mod tune;
mod widgets;

pub use app::{App, Driver, native_options};
pub use dialogs::{DialogKind, Picker};
pub use memory::{Preferences, UiMemory};
pub use models::ModelsTab;
pub use raster::{render_picture, render_with_commands, render_with_memory};
pub use theme::{apply as apply_settings, install as install_theme};
pub use tune::TuneTab;

use crate::app::{AppState, Command, Screen};
use crate::words;
use crate::words::told;
use cx::Cx;

/// Draws the entire window into `ui` and pushes what the person asked for.
///
/// `ui` is the root, without margin. The first frame of a fresh context may stay empty: it installs the fonts.
pub fn root_ui(ui: &mut egui::Ui, state: &AppState, memory: &mut UiMemory, commands: &mut Vec<Command>) {
    words::speak(state.settings.language);
    fonts::follow(ui.ctx(), words::spoken());
    if theme::install(ui.ctx()) {
        ui.ctx().request_discard("the fonts count from the next pass");
        ui.ctx().request_repaint();
        return;
    }
    memory.textures.begin_frame();
    memory.wanted_crops.clear();
    let read_only = state.status.read_only.as_ref().map(told);
    let mut cx = Cx { state, memory, commands, read_only: read_only.as_deref() };
    answers::poll(ui.ctx(), &mut cx);
    if state.closing.is_some() {
        closing::closing_ui(ui, &mut cx);
        cx.memory.textures.end_frame();
        return;
    }
    if let Some(failure) = &state.start_failed {
        start::failed_ui(ui, &mut cx, failure);
        messages::notices_ui(ui, &mut cx);
        cx.memory.textures.end_frame();
        return;
    }
    intake::take_drops_and_pastes(ui.ctx(), &mut cx);
    shortcuts::handle(ui.ctx(), &mut cx);

    chrome::navigation_ui(ui, &mut cx);
    fonts::missing_ui(ui, &mut cx);
    chrome::read_only_ui(ui, state);
    chrome::status_bar_ui(ui, state);
    history::beside_ui(ui, &mut cx, |ui, cx| match state.screen {
        Screen::Enroll => enroll::screen_ui(ui, cx),
        Screen::People => roster::screen_ui(ui, cx),
        Screen::Search => search::screen_ui(ui, cx),
        Screen::Tune => tune::screen_ui(ui, cx),
        Screen::Models => models::screen_ui(ui, cx),
        Screen::Settings => settings::screen_ui(ui, cx),
    });
    messages::notices_ui(ui, &mut cx);
    messages::list_ui(ui, &mut cx);
    removal::confirm_ui(ui, &mut cx);
    people::dialog_ui(ui, &mut cx);
    help::help_ui(ui.ctx(), &mut cx);
    intake::drop_overlay_ui(ui, state.screen);

    cx.memory.focus.follow(ui.ctx(), state);
    keys::remember_menus(ui.ctx());
    cx.memory.textures.end_frame();
    if let Some(request) = cx.memory.take_crop_request() {
        commands.push(request);
    }
}
