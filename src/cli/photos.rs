use super::shared::DetectorArgs;
use crate::tell;
use crate::words::{english, told};
use std::path::Path;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::line::PhotoPath;
use super::output::note;
use crate::jobs::{Analysis, AnalyzedFace, Engine, JobError, Mode, probe_photo};
use crate::say;
use crate::types::{DetectorParams, Landmarks, Quality};

#[derive(Debug, clap::Args)]
pub struct PhotoArgs {
    /// Photos to look for faces on
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

#[derive(Debug, clap::Args)]
pub struct TryPhotoArgs {
    /// Detector parameters, as JSON
    #[arg(long)]
    pub detector: String,
    pub photo: PathBuf,
}

/// The faces on a photo.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct AnalysisLine {
    #[serde(flatten)]
    photo: PhotoPath,
    /// Width and height of the upright photo, pixels.
    size: [u32; 2],
    /// What of the file was not read, or not as it should be.
    partly_read: Option<String>,
    faces: Vec<AnalyzedFaceLine>,
    detect_millis: f32,
    embed_millis: f32,
}

#[derive(Debug, JsonSchema, Serialize)]
struct AnalyzedFaceLine {
    #[serde(flatten)]
    found: FoundFace,
    /// `embed` only.
    #[serde(flatten)]
    embedded: Option<Embedded>,
}

/// Where a face is on its photo, in pixels of the upright photo.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct FoundFace {
    /// Left, top, right, bottom.
    pub bbox: [f32; 4],
    /// Probability of a face, 0…1.
    confidence: f32,
    landmarks: Landmarks,
    quality: Quality,
}

/// `embed` only.
#[derive(Debug, JsonSchema, Serialize)]
struct Embedded {
    /// By which the face was embedded.
    model: String,
    /// Of length 1.
    embedding: Vec<f32>,
}

impl From<&AnalyzedFace> for FoundFace {
    fn from(face: &AnalyzedFace) -> Self {
        let bbox = &face.detection.bbox;
        Self {
            bbox: [bbox.x1, bbox.y1, bbox.x2, bbox.y2],
            confidence: face.detection.confidence,
            landmarks: face.detection.landmarks,
            quality: face.quality,
        }
    }
}

pub(super) fn detect(context: &Context<'_>, args: &PhotoArgs) -> Result<(), JobError> {
    each_photo(context, args, false)
}

pub(super) fn embed(context: &Context<'_>, args: &PhotoArgs) -> Result<(), JobError> {
    each_photo(context, args, true)
}

/// One line for each photo, with its faces; a bad photo is an issue.
fn each_photo(context: &Context<'_>, args: &PhotoArgs, with_embeddings: bool) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let params = context.detector(&engine, &args.detector)?;
    for path in &args.photos {
        context.control.checkpoint()?;
        match analyze_file(&engine, path, &params) {
            Ok(analysis) => {
                let line = analysis_line(path, &analysis, with_embeddings);
                context.output.result(&line, || photo_text(&line));
            }
            Err(JobError::Photo { reason, .. }) => context.output.issue(path, &reason),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn analysis_line(path: &Path, analysis: &Analysis, with_embeddings: bool) -> AnalysisLine {
    let face = |face: &AnalyzedFace| AnalyzedFaceLine {
        found: face.into(),
        embedded: with_embeddings
            .then(|| Embedded { model: analysis.model.clone(), embedding: face.embedding.as_slice().to_vec() }),
    };
    AnalysisLine {
        photo: path.into(),
        size: analysis.photo.size,
        partly_read: analysis.photo.notice.as_ref().map(english),
        faces: analysis.faces.iter().map(face).collect(),
        detect_millis: analysis.detect_millis,
        embed_millis: analysis.embed_millis,
    }
}

/// The hidden command that the program tries a photo by, which may crash it.
pub(super) fn try_photo(args: &TryPhotoArgs) -> Result<(), JobError> {
    let detector: DetectorParams = serde_json::from_str(&args.detector)
        .map_err(|error| JobError::Failed(tell!("cli-no-detector", reason = error.to_string())))?;
    probe_photo(&args.photo, &detector);
    Ok(())
}

/// What of the file was not read is noted.
pub(super) fn analyze_file(engine: &Engine, path: &Path, params: &DetectorParams) -> Result<Analysis, JobError> {
    let analysis = engine.analyze(engine.decode_probe(path, params)?, params)?;
    if let Some(notice) = &analysis.photo.notice {
        note(&say!("cli-read-in-part", path = path.display().to_string(), notice = told(notice)));
    }
    Ok(analysis)
}

fn photo_text(line: &AnalysisLine) -> String {
    let mut text = format!("{}: {}", line.photo.photo, say!("faces", n = line.faces.len()));
    for AnalyzedFaceLine { found, embedded } in &line.faces {
        let [left, top, right, bottom] = found.bbox;
        let told = say!(
            "cli-face-box",
            start = format!("{left:.0},{top:.0}"),
            corner = format!("{right:.0},{bottom:.0}"),
            confidence = format!("{:.3}", found.confidence),
            quality = format!("{:.2}", found.quality.score)
        );
        text.push_str(&format!("\n  {told}"));
        if let Some(Embedded { embedding, .. }) = embedded {
            let values: Vec<String> = embedding.iter().map(|value| format!("{value:.5}")).collect();
            text.push_str(&format!("\n  {}", say!("cli-embedding", values = values.join(" "))));
        }
    }
    text
}
