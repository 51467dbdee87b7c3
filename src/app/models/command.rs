use std::path::PathBuf;

use super::state::ImportAnswers;

/// What the Models screen asks for.
#[derive(Clone, Debug)]
pub enum ModelsCommand {
    /// Embed the gallery by the model of this name where that is missing, then make it the active one.
    Use(String),
    /// Read the models and what is stored for each.
    Read,
    /// See what model a weights file holds.
    InspectWeights(PathBuf),
    /// Run the program in a weights file to see what model it is. Asked and confirmed.
    RunWeights(PathBuf),
    /// Put the file that was looked at aside.
    CloseImport,
    /// Test a weights file and take it over.
    Import { file: PathBuf, architecture: String, answers: Box<ImportAnswers> },
    /// Check a model's weights and run them.
    Test(String),
    /// Measure how fast a model embeds on this machine.
    MeasureSpeed(String),
    /// Delete an imported model with its embeddings. Asked and confirmed.
    Remove(String),
    /// Delete the embeddings by a model that is not in use. Asked and confirmed.
    ForgetEmbeddings(String),
}
