use std::path::PathBuf;

/// What is asked of the program as a whole. The shell carries these out itself: they are about having an engine or none.
#[derive(Clone, Debug)]
pub enum ProgramCommand {
    /// Start once more after a failed start: with the data folder asked for, or with another one.
    Retry(Option<PathBuf>),
    /// The window is to close: finish what is under way first.
    Close,
    /// Close without waiting for anything.
    CloseNow,
}
