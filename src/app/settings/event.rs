use crate::types::Telling;

/// What is told of the settings.
#[derive(Debug)]
pub enum SettingsEvent {
    /// Why they could not be saved.
    Unsaved(Telling),
}
