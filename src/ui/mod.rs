//! The window: screens that draw from the state and push commands. Nothing here touches a file, a model or the
//! gallery; the one thread is that of a file dialog.

mod app;
mod chrome;
mod closing;
mod dialogs;
mod enroll;
mod fonts;
mod format;
pub mod frame_meter;
mod help;
mod history;
mod icon;
mod intake;
mod memory;
mod messages;
mod models;
mod people;
pub mod raster;
mod removal;
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

use crate::app::{AppState, Command, NoticeLevel, Screen};
use crate::types::SubjectName;
use crate::words;

/// What a screen draws from and writes to.
struct Cx<'a> {
    state: &'a AppState,
    memory: &'a mut UiMemory,
    commands: &'a mut Vec<Command>,
}

impl<'a> Cx<'a> {
    /// Why nothing can be changed here, where it cannot.
    fn read_only(&self) -> Option<&'a str> {
        self.state.status.read_only.as_deref()
    }

    /// Whether the gallery can be changed; where not, the person is told that `what` was not done, and why.
    fn can_change(&mut self, what: &str) -> bool {
        let Some(reason) = self.read_only() else { return true };
        self.notify(NoticeLevel::Warning, format!("{what}: {reason}"));
        false
    }

    fn push(&mut self, command: impl Into<Command>) {
        self.commands.push(command.into());
    }

    /// The name of a person, with what tells them from others of that name.
    fn title_of(&mut self, subject: &SubjectName) -> String {
        self.memory.people.title(self.state, subject)
    }

    /// Tells the person something of the window itself.
    fn notify(&mut self, level: NoticeLevel, text: String) {
        self.memory.notify(level, text, self.state.clock);
    }
}

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
    let mut cx = Cx { state, memory, commands };
    dialogs::poll(ui.ctx(), &mut cx);
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
    chrome::read_only_ui(ui, state);
    chrome::status_bar_ui(ui, state);
    history::panel_ui(ui, &mut cx);
    match state.screen {
        Screen::Enroll => enroll::screen_ui(ui, &mut cx),
        Screen::Search => search::screen_ui(ui, &mut cx),
        Screen::Tune => tune::screen_ui(ui, &mut cx),
        Screen::Models => models::screen_ui(ui, &mut cx),
        Screen::Settings => settings::screen_ui(ui, &mut cx),
    }
    messages::notices_ui(ui, &mut cx);
    messages::list_ui(ui, &mut cx);
    removal::confirm_ui(ui, &mut cx);
    people::dialog_ui(ui, &mut cx);
    help::help_ui(ui.ctx(), &mut cx);
    intake::drop_overlay_ui(ui, state.screen);

    cx.memory.textures.end_frame();
    if let Some(request) = cx.memory.take_crop_request() {
        commands.push(request);
    }
}
