use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Context;
use crate::say;
use crate::store::Changed;
use crate::types::{BatchId, Telling};
use crate::words::{english, told};

/// What a command changed.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct ChangeLine {
    /// The change's number, by which `undo` takes it back; none where it was so already.
    batch: Option<BatchId>,
    /// For people.
    words: String,
    /// Faces whose name changed.
    named: usize,
    /// Faces that went out of the gallery.
    gone: usize,
    /// Faces that came back.
    back: usize,
    /// Photos that went or came back.
    photos: usize,
}

/// Tells what a change did: its number, by which it can be undone, and how much it touched.
pub(super) fn tell_change(context: &Context<'_>, words: &Telling, changed: &Changed) {
    let line = ChangeLine {
        batch: changed.batch,
        words: english(words),
        named: changed.named.len(),
        gone: changed.gone.len(),
        back: changed.back.len(),
        photos: changed.photos.len(),
    };
    context.output.result(&line, || match changed.batch {
        Some(batch) => say!("cli-identity-change", words = told(words), batch = batch.to_string()),
        None => say!("cli-identity-no-change"),
    });
}
