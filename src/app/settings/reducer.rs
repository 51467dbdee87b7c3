use super::command::SettingsCommand;
use super::event::SettingsEvent;
use crate::app::state::AppState;
use crate::app::window::{NoticeLevel, notify};
use crate::tell;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &SettingsCommand) {
    match command {
        SettingsCommand::SetTheme(theme) => state.settings.theme = *theme,
        SettingsCommand::SetLanguage(language) => state.settings.language = *language,
        SettingsCommand::SetTextScale(scale) => {
            if scale.is_finite() {
                state.settings.text_scale = scale.clamp(0.75, 2.0);
            }
        }
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: SettingsEvent) {
    match event {
        SettingsEvent::Unsaved(reason) => {
            notify(state, NoticeLevel::Warning, tell!("settings-unsaved", reason = reason));
        }
    }
}
