use crate::types::Telling;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::app::parts::Load;
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
    pub unreadable: Vec<Telling>,
    /// Embeddings by models that are not there any more.
    pub left_over: Vec<StoredByModel>,
    /// The latest first; `None` until they have been read.
    pub runs: Option<Vec<TrainingRun>>,
    /// Why the models, or what is stored for them, could not be read.
    pub problem: Option<Telling>,
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
    pub problem: Option<Telling>,
}

impl ImportView {
    pub fn looking_at(file: PathBuf, may_run: bool) -> Self {
        Self { file, may_run, proposal: Load::Loading, running: false, problem: None }
    }
}

/// A model as its screen shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelView {
    pub name: String,
    pub title: String,
    /// How its weights are read and run, such as "onnx".
    pub architecture: String,
    pub d: usize,
    /// Width and height of its input, pixels.
    pub size: [u32; 2],
    /// The planes are blue, green, red.
    pub bgr: bool,
    pub mean: [f32; 3],
    pub std: [f32; 3],
    /// Where the five landmarks lie in its input, pixels.
    pub template: [[f32; 2]; 5],
    /// SHA-256 of its weights.
    pub digest: Option<String>,
    pub weights: PathBuf,
    /// Of its weights on disk; 0 where they are missing.
    pub bytes: u64,
    /// It came from a file of the person's and can be removed.
    pub imported: bool,
    /// The manifest as TOML.
    pub manifest: String,
    pub speed: Option<ModelSpeed>,
    /// Faces of the gallery that it has embedded; `None` until they are counted.
    pub embedded: Option<u64>,
    /// Its embeddings and index on disk.
    pub stored_bytes: u64,
    pub licence: String,
    pub source: String,
    /// What was measured with it, and its limits.
    pub notes: Option<String>,
    /// Score from which two faces are taken for one person.
    pub threshold: f32,
    pub active: bool,
    /// Why it cannot be used, where it cannot.
    pub problem: Option<Telling>,
}
