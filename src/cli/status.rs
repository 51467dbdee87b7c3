use serde_json::{Value, json};

use super::{Context, lossy};
use crate::jobs::{JobError, Mode};
use crate::vision::runtime;

pub(super) fn run(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let counts = engine.gallery().counts()?;
    let manifest = engine.manifest();
    let object = json!({
        "photos": counts.photos, "faces": counts.faces, "subjects": counts.subjects, "issues": counts.issues,
        "indexed": engine.ntotal(), "generation": engine.generation(),
        "model": manifest.name, "d": manifest.d,
        "data_dir": lossy(engine.data_dir()), "device": runtime::describe(), "index": crate::index::describe(),
        "writable": engine.ensure_writable().is_ok(),
    });
    context.output.result(&object, status_text);
    Ok(())
}

fn status_text(object: &Value) -> String {
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    let generation =
        object["generation"].as_u64().map_or_else(|| "none published".to_owned(), |number| format!("{number}"));
    format!(
        "Gallery   {} photos, {} faces, {} subjects, {} issues\n\
         Index     {} faces, generation {generation}; {}\n\
         Model     {} ({}-d)\n\
         Device    {}\n\
         Data      {}",
        object["photos"],
        object["faces"],
        object["subjects"],
        object["issues"],
        object["indexed"],
        text("index"),
        text("model"),
        object["d"],
        text("device"),
        text("data_dir"),
    )
}
