use super::state::ThemeChoice;

/// What the Settings screen asks for.
#[derive(Clone, Copy, Debug)]
pub enum SettingsCommand {
    SetTheme(ThemeChoice),
    /// 0.75…2.
    SetTextScale(f32),
}
