use std::path::Path;

use serde_json::{Value, json};

use super::args::{PhotoArgs, TryPhotoArgs};
use super::{Context, lossy};
use crate::jobs::{Analysis, AnalyzedFace, Engine, JobError, Mode, probe_photo};
use crate::types::DetectorParams;

pub(super) fn detect(context: &Context<'_>, args: &PhotoArgs) -> Result<(), JobError> {
    each_photo(context, args, |_, face| face_json(face))
}

pub(super) fn embed(context: &Context<'_>, args: &PhotoArgs) -> Result<(), JobError> {
    each_photo(context, args, |model, face| {
        let mut object = face_json(face);
        object["model"] = json!(model);
        object["embedding"] = json!(face.embedding.as_slice());
        object
    })
}

/// One object for each photo, with its faces; a bad photo's object says why instead.
fn each_photo(
    context: &Context<'_>,
    args: &PhotoArgs,
    face_object: impl Fn(&str, &AnalyzedFace) -> Value,
) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let params = context.detector(&engine, &args.detector)?;
    let model = engine.manifest().name;
    for path in &args.photos {
        context.control.checkpoint()?;
        let object = match analyze_file(&engine, path, &params) {
            Ok(analysis) => {
                let faces: Vec<Value> = analysis.faces.iter().map(|face| face_object(&model, face)).collect();
                json!({
                    "photo": lossy(path), "size": analysis.photo.size, "faces": faces,
                    "detect_millis": analysis.detect_millis, "embed_millis": analysis.embed_millis,
                })
            }
            Err(JobError::Photo { reason, .. }) => json!({ "photo": lossy(path), "issue": reason.to_string() }),
            Err(error) => return Err(error),
        };
        context.output.result(&object, photo_text);
    }
    Ok(())
}

/// The hidden command that the program tries a photo by, which may crash it.
pub(super) fn try_photo(args: &TryPhotoArgs) -> Result<(), JobError> {
    let detector: DetectorParams = serde_json::from_str(&args.detector)
        .map_err(|error| JobError::Failed(format!("the detector parameters cannot be read: {error}")))?;
    probe_photo(&args.photo, &detector);
    Ok(())
}

pub(super) fn analyze_file(engine: &Engine, path: &Path, params: &DetectorParams) -> Result<Analysis, JobError> {
    engine.analyze(engine.decode_probe(path, params)?, params)
}

pub(super) fn face_json(face: &AnalyzedFace) -> Value {
    let bbox = &face.detection.bbox;
    json!({
        "bbox": [bbox.x1, bbox.y1, bbox.x2, bbox.y2],
        "confidence": face.detection.confidence,
        "landmarks": face.detection.landmarks,
        "quality": face.quality,
    })
}

fn photo_text(object: &Value) -> String {
    let photo = object["photo"].as_str().unwrap_or_default();
    if let Some(issue) = object["issue"].as_str() {
        return format!("{photo}: issue: {issue}");
    }
    let faces = object["faces"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = format!("{photo}: {} faces", faces.len());
    for face in faces {
        let edge = |at: usize| face["bbox"][at].as_f64().unwrap_or_default();
        text.push_str(&format!(
            "\n  box {:.0},{:.0} to {:.0},{:.0}  confidence {:.3}  quality {:.2}",
            edge(0),
            edge(1),
            edge(2),
            edge(3),
            face["confidence"].as_f64().unwrap_or_default(),
            face["quality"]["score"].as_f64().unwrap_or_default(),
        ));
        if let Some(embedding) = face["embedding"].as_array() {
            let values: Vec<String> =
                embedding.iter().map(|v| format!("{:.5}", v.as_f64().unwrap_or_default())).collect();
            text.push_str(&format!("\n  embedding {}", values.join(" ")));
        }
    }
    text
}
