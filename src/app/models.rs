//! What the Models screen shows beside the list of models.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::state::Load;
pub use crate::jobs::models::StoredByModel;
pub use crate::types::{ImportAnswers, ImportProposal, ModelSpeed, RunState, SpeedOfThreads, TrainRecord, TrainingRun};

/// Imports, self-tests and training runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelsView {
    /// The weights file that is about to become a model.
    pub import: Option<ImportView>,
    /// Self-tests of this run of the program, by the model's name.
    pub tests: BTreeMap<String, Load<()>>,
    /// Folders among the models that hold no usable one, each with its reason.
    pub unreadable: Vec<String>,
    /// Embeddings by models that are not there any more.
    pub left_over: Vec<StoredByModel>,
    /// The latest first; `None` until they have been read.
    pub runs: Option<Vec<TrainingRun>>,
    /// Why the models, or what is stored for them, could not be read.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ImportView {
    pub file: PathBuf,
    /// The person has consented to run the program in it.
    pub may_run: bool,
    /// What the file seems to be.
    pub proposal: Load<ImportProposal>,
    /// It is being tested and copied.
    pub running: bool,
    /// Why it was not imported.
    pub problem: Option<String>,
}

impl ImportView {
    pub fn looking_at(file: PathBuf, may_run: bool) -> Self {
        Self { file, may_run, proposal: Load::Loading, running: false, problem: None }
    }
}

/// What a model's name may be, where this one is not it.
pub fn model_name_problem(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    match name.chars().next() {
        None => Some("A name is needed."),
        Some(first) if !(first.is_ascii_lowercase() || first.is_ascii_digit()) => {
            Some("It begins with a small letter or a digit.")
        }
        _ if name.len() > 64 => Some("It has at most 64 characters."),
        _ if !name.chars().all(allowed) => Some("Small letters, digits, and - _ . only, without spaces."),
        _ => None,
    }
}

/// The first digits of a digest, enough to tell two apart.
pub fn short_digest(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_the_manifest_does() {
        for good in ["a", "edgeface-xs", "0net_1.0"] {
            assert_eq!(model_name_problem(good), None, "{good}");
        }
        for bad in ["", "-a", ".a", "A", "a b", "a/b", "aä", &"a".repeat(65)] {
            assert!(model_name_problem(bad).is_some(), "{bad}");
        }
    }
}
