use serde_json::{Value, json};

use super::args::SearchArgs;
use super::photos::{analyze_file, face_json};
use super::{Context, lossy};
use crate::jobs::{JobError, Mode, SearchQuery};

/// One object for each face on the probe, best candidates first.
pub(super) fn run(context: &Context<'_>, args: &SearchArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::ReadIfLocked)?;
    let params = context.detector(&engine, &args.detector)?;
    let manifest = engine.manifest();
    let analysis = analyze_file(&engine, &args.photo, &params)?;
    if analysis.faces.is_empty() {
        eprintln!("no face was found on {}", args.photo.display());
    }
    let probe_path = args.photo.canonicalize().unwrap_or_else(|_| args.photo.clone());
    for (at, face) in analysis.faces.iter().enumerate() {
        let query = SearchQuery {
            embedding: face.embedding.clone(),
            exclude: None,
            k: args.k as usize,
            threshold: args.threshold.unwrap_or(-1.0),
        };
        let found = engine.search(&query)?;
        let candidates: Vec<Value> = found
            .candidates
            .iter()
            .map(|candidate| {
                json!({
                    "rank": candidate.rank,
                    "face": candidate.face,
                    "subject": candidate.subject,
                    "score": candidate.score,
                    "above_threshold": candidate.score >= args.threshold.unwrap_or(manifest.threshold),
                    "photo": lossy(&candidate.photo),
                    "taken_at": candidate.taken_at,
                    "is_probe_photo": candidate.photo == probe_path,
                })
            })
            .collect();
        let mut object = json!({
            "probe": lossy(&args.photo),
            "probe_face": at,
            "model": manifest.name,
            "threshold": args.threshold.unwrap_or(manifest.threshold),
            "ntotal": engine.ntotal(),
            "search_millis": found.search_millis,
            "candidates": candidates,
        });
        if let (Value::Object(object), Value::Object(face)) = (&mut object, face_json(face)) {
            object.extend(face);
        }
        context.output.result(&object, face_text);
    }
    Ok(())
}

fn face_text(object: &Value) -> String {
    let edge = |at: usize| object["bbox"][at].as_f64().unwrap_or_default();
    let mut text = format!(
        "Face {} at {:.0},{:.0}, searched among {} faces in {:.2} ms; threshold {:.3}",
        object["probe_face"].as_u64().unwrap_or_default() + 1,
        edge(0),
        edge(1),
        object["ntotal"],
        object["search_millis"].as_f64().unwrap_or_default(),
        object["threshold"].as_f64().unwrap_or_default(),
    );
    let candidates = object["candidates"].as_array().map(Vec::as_slice).unwrap_or_default();
    if candidates.is_empty() {
        text.push_str("\n  no candidates");
    }
    for candidate in candidates {
        let mark = if candidate["above_threshold"] == true { ' ' } else { '-' };
        text.push_str(&format!(
            "\n{mark} {:>3}  {:.3}  {:<24} {}{}",
            candidate["rank"],
            candidate["score"].as_f64().unwrap_or_default(),
            candidate["subject"].as_str().unwrap_or("(no name)"),
            candidate["photo"].as_str().unwrap_or_default(),
            if candidate["is_probe_photo"] == true { "  (the probe itself)" } else { "" },
        ));
    }
    text
}
