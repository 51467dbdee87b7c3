use super::state::ThemeChoice;
use crate::types::Language;

/// What the Settings screen asks for.
#[derive(Clone, Copy, Debug)]
pub enum SettingsCommand {
    SetTheme(ThemeChoice),
    /// 0.75…2.
    SetTextScale(f32),
    /// `None` for the system's.
    SetLanguage(Option<Language>),
}
