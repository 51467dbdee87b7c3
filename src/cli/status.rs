use crate::types::Telling;
use crate::words::told;
use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::line::DataPath;
use super::output::{listed, padded};
use crate::jobs::{JobError, Mode};
use crate::say;
use crate::vision::manifest::BetterModel;
use crate::vision::runtime;

/// What the gallery holds.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct StatusLine {
    photos: u64,
    faces: u64,
    /// People that were ever named, also those without a face at present.
    subjects: u64,
    /// Photos and folders that could not be enrolled.
    issues: u64,
    /// Photos and single faces that were taken out and can be brought back.
    gone: u64,
    /// Photos whose files were found to be gone.
    missing: u64,
    /// Faces of which it is not certain that they are still who stood there before.
    questions: u64,
    /// Faces that a search compares with.
    indexed: usize,
    /// The published generation of the index, where there is one.
    generation: Option<u64>,
    model: String,
    /// A model that does better than this one, by its name; none where none is known.
    better_model: Option<&'static str>,
    /// Length of an embedding.
    d: usize,
    #[serde(flatten)]
    data_dir: DataPath,
    /// What computes, for people.
    device: String,
    /// What searches, for people.
    index: String,
    /// No other window or command writes to the gallery.
    writable: bool,
}

pub(super) fn run(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let gallery = engine.gallery();
    let counts = gallery.counts()?;
    let pending = gallery.pending_counts()?;
    let manifest = engine.manifest();
    let better = engine.better_model();
    let line = StatusLine {
        photos: counts.photos,
        faces: counts.faces,
        subjects: counts.subjects,
        issues: counts.issues,
        gone: pending.gone,
        missing: pending.missing,
        questions: pending.questions,
        indexed: engine.ntotal(),
        generation: engine.generation(),
        model: manifest.name,
        better_model: better.map(|better| better.name),
        d: manifest.d,
        data_dir: engine.data_dir().into(),
        device: runtime::describe(),
        index: crate::index::describe(),
        writable: engine.ensure_writable().is_ok(),
    };
    context.output.result(&line, || status_text(&line, better));
    Ok(())
}

fn status_text(line: &StatusLine, better: Option<BetterModel>) -> String {
    let generation = line.generation.map_or_else(|| say!("cli-status-unpublished"), |number| number.to_string());
    let mut gallery = vec![
        say!("photos", n = line.photos),
        say!("faces", n = line.faces),
        say!("subjects", n = line.subjects),
        say!("cli-issues", n = line.issues),
    ];
    if line.gone > 0 {
        gallery.push(say!("cli-status-gone", n = line.gone));
    }
    if line.missing > 0 {
        gallery.push(say!("cli-status-missing", n = line.missing));
    }
    if line.questions > 0 {
        gallery.push(say!("cli-questions", n = line.questions));
    }
    let better = better.map_or_else(String::new, |better| {
        let BetterModel { name, figures } = better;
        format!("\n          {}", say!("cli-status-better", name = name, figures = told(&Telling::phrase(figures))))
    });
    let index = say!(
        "cli-status-index",
        faces = say!("faces", n = line.indexed),
        generation = generation,
        index = line.index.as_str()
    );
    let lines = [
        (say!("cli-status-gallery"), listed(&gallery)),
        (say!("cli-status-index-title"), index),
        (say!("cli-status-model"), format!("{} ({}-d){better}", line.model, line.d)),
        (say!("cli-status-device"), told(&runtime::described())),
        (say!("cli-status-data"), line.data_dir.data_dir.clone()),
    ];
    lines.map(|(name, value)| format!("{}{value}", padded(&name, 10))).join("\n")
}
