//! What the Models screen remembers.

use std::path::PathBuf;

use crate::app::ImportAnswers;

/// Parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelsTab {
    #[default]
    Models,
    Runs,
}

/// What the models screen remembers.
#[derive(Default)]
pub struct ModelsMemory {
    pub tab: ModelsTab,
    /// Name of the model shown in full; the one in use where that is not there.
    pub chosen: Option<String>,
    /// The chosen card was reached by key and is to come into view.
    pub(super) reveal: bool,
    /// Name of the training run shown; the latest where that is not there.
    pub(super) run: Option<String>,
    /// What is about to happen, once the person says so.
    pub(super) confirm: Option<Question>,
    pub(super) import: ImportMemory,
}

/// What is about to happen with the model of this name.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Use(String),
    Remove(String),
    Forget(String),
}

/// The answers as they stand, of the file that they are about.
#[derive(Default)]
pub struct ImportMemory {
    pub(super) draft: Option<(PathBuf, ImportAnswers)>,
}
