//! Reading a probe and searching it.

use crate::tell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::Sender;
use image::RgbImage;

use super::state::{Found, Probe};
use crate::app::parts::{photo_view_from_analysis, photo_view_from_loaded};
use crate::jobs::{AnalyzedFace, Engine, JobError, SearchQuery, SearchResult, main_face};
use crate::store::PastSearch;
use crate::types::{DetectorParams, Embedding, FaceId};

/// What is to be searched.
pub(super) enum ProbeSource {
    File(PathBuf),
    Image(Arc<RgbImage>),
    Face(FaceId),
}

/// A face of the probe as a model sees it.
#[derive(Clone)]
pub(super) struct ProbeEmbedding {
    /// Of a face of the gallery.
    face: Option<FaceId>,
    pub(super) embedding: Embedding,
    /// The model it is by.
    model: String,
}

/// The faces of the latest probe, in the order of its photo, with the number of its request.
#[derive(Clone, Default)]
pub(super) struct Embeddings(Arc<Mutex<(u64, Vec<ProbeEmbedding>)>>);

impl Embeddings {
    pub(super) fn put(&self, request: u64, embeddings: Vec<ProbeEmbedding>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (request, embeddings);
    }

    /// The probe's face at `chosen`, by its id where it is one of the gallery; `None` unless that probe is loaded.
    pub(super) fn find(&self, request: u64, chosen: usize, face: Option<FaceId>) -> Option<ProbeEmbedding> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != request {
            return None;
        }
        // Faces may have left the view since the probe was read.
        match face {
            Some(face) => known.1.iter().find(|embedding| embedding.face == Some(face)).cloned(),
            None => known.1.get(chosen).cloned(),
        }
    }
}

/// Searches, and keeps the search where the model that answered is the one that made the probe.
pub(super) fn search(
    engine: &Engine,
    probe: &ProbeEmbedding,
    query: &SearchQuery,
    past: Option<&Sender<PastSearch>>,
) -> Result<Found, JobError> {
    let result = engine.search(query)?;
    if result.model != probe.model {
        return Err(JobError::Failed(tell!("search-model-changed")));
    }
    if let Some(past) = past {
        // Where the log is full, one probe less is kept.
        let _ = past.try_send(result.past_search(query));
    }
    let SearchResult { candidates, search_millis: millis, cut_at, may_be_incomplete, passing, .. } = result;
    Ok(Found { candidates, millis, cut_at, may_be_incomplete, passing })
}

pub(super) fn load_probe(
    engine: &Engine,
    source: ProbeSource,
    params: &DetectorParams,
) -> Result<(Probe, Vec<ProbeEmbedding>), JobError> {
    let begun = Instant::now();
    let (photo, path) = match source {
        ProbeSource::File(path) => (engine.decode_probe(&path, params)?, Some(path)),
        ProbeSource::Image(image) => (engine.probe_from_pixels(&image, params)?, None),
        ProbeSource::Face(face) => return load_enrolled_probe(engine, face),
    };
    let analysis = engine.analyze(photo, params)?;
    let chosen = main_face(&analysis.faces, analysis.photo.size, |face| face.detection.bbox).map_or(0, |(at, _)| at);
    let made = |face: &AnalyzedFace| ProbeEmbedding {
        face: None,
        embedding: face.embedding.clone(),
        model: analysis.model.clone(),
    };
    let embeddings = analysis.faces.iter().map(made).collect();
    let millis = begun.elapsed().as_secs_f32() * 1e3;
    Ok((Probe { photo: photo_view_from_analysis(analysis, path), chosen, millis }, embeddings))
}

/// A face of the gallery as the probe: its photo with every enrolled face, and their stored embeddings.
fn load_enrolled_probe(engine: &Engine, face: FaceId) -> Result<(Probe, Vec<ProbeEmbedding>), JobError> {
    let begun = Instant::now();
    let photo = photo_view_from_loaded(engine.load_photo(face)?);
    let ids: Vec<FaceId> = photo.faces.iter().filter_map(|view| view.id).collect();
    let stored = |id: &FaceId| {
        let (embedding, model) = engine.embedding_and_model_of(*id)?;
        Ok(ProbeEmbedding { face: Some(*id), embedding, model })
    };
    let embeddings = ids.iter().map(stored).collect::<Result<_, JobError>>()?;
    let chosen = ids.iter().position(|id| *id == face).unwrap_or(0);
    Ok((Probe { photo, chosen, millis: begun.elapsed().as_secs_f32() * 1e3 }, embeddings))
}
