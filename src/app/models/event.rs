use crate::types::Telling;
use std::path::PathBuf;

use super::state::{ImportProposal, ModelView, StoredByModel, TrainingRun};

/// What is told of models.
#[derive(Debug)]
pub enum ModelsEvent {
    /// Another model is in use, with this threshold.
    Changed(Vec<ModelView>, f32),
    /// The models as they are now, and what is beside them.
    Read {
        models: Vec<ModelView>,
        unreadable: Vec<Telling>,
        left_over: Vec<StoredByModel>,
    },
    /// Why the models could not be read.
    Unread(Telling),
    WeightsInspected {
        file: PathBuf,
        /// With the person's consent to run the program in it.
        may_run: bool,
        proposal: Result<ImportProposal, Telling>,
    },
    Imported {
        name: String,
        title: String,
    },
    Tested {
        name: String,
        result: Result<(), Telling>,
    },
    RunsRead(Vec<TrainingRun>),
}
