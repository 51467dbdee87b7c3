//! Changing the model: every face of the gallery is embedded by the next one while the one in use serves, then the
//! next one's index is built beside, and both take over in one step. Embeddings of two models never meet in one index.
//!
//! What is embedded is in the gallery at once, under the name of its model, so a change that is cancelled or killed goes
//! on where it stopped, and a model that was used before takes over without any work.

mod book;
mod change;
mod crops;
mod embed;
mod embedding;

pub(super) use change::catch_up;
pub use change::{change_model, unfinished_change};
pub use embedding::ChangeSummary;
