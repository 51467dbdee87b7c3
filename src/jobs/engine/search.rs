use std::path::PathBuf;
use std::time::Instant;

use super::Engine;
use super::analyze::millis_since;
use crate::index::{FaceIndex, Hit};
use crate::jobs::error::JobError;
use crate::types::{Embedding, FaceId};

/// What is searched for, and how much of it is wanted.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    pub embedding: Embedding,
    /// Left out of the candidates: the enrolled face the embedding was taken from.
    pub exclude: Option<FaceId>,
    pub k: usize,
    /// Inclusive; candidates that score below it are left out.
    pub threshold: f32,
}

/// A face of the gallery that resembles the probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// From 1.
    pub rank: usize,
    pub face: FaceId,
    /// Cosine similarity, −1…1.
    pub score: f32,
    pub subject: Option<String>,
    pub photo: PathBuf,
    pub taken_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SearchResult {
    /// Best first.
    pub candidates: Vec<Candidate>,
    /// Time of the index search alone.
    pub search_millis: f32,
}

impl Engine {
    /// Searches the index alone: the hits, best first, and the milliseconds it took.
    pub(in crate::jobs) fn search_ids(&self, query: &SearchQuery) -> Result<(Vec<Hit>, f32), JobError> {
        let index = self.index();
        let begun = Instant::now();
        let spare = usize::from(query.exclude.is_some());
        let mut hits = index.faces().search(&query.embedding, query.k.saturating_add(spare))?;
        let millis = millis_since(begun);
        hits.retain(|hit| hit.score >= query.threshold && Some(hit.face) != query.exclude);
        hits.truncate(query.k);
        Ok((hits, millis))
    }

    /// The `k` faces of the gallery that resemble the probe most, at or above the threshold.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchResult, JobError> {
        let (hits, search_millis) = self.search_ids(query)?;
        let ids: Vec<FaceId> = hits.iter().map(|hit| hit.face).collect();
        let faces = self.gallery().faces(&ids)?;
        // A face can leave the gallery between the two look-ups; it is then no candidate.
        let candidates = hits
            .iter()
            .filter_map(|hit| faces.iter().find(|face| face.id == hit.face).map(|face| (hit, face)))
            .enumerate()
            .map(|(at, (hit, face))| Candidate {
                rank: at + 1,
                face: hit.face,
                score: hit.score,
                subject: face.subject.as_ref().map(|(_, name)| name.clone()),
                photo: face.path.clone(),
                taken_at: face.taken_at.clone(),
            })
            .collect();
        Ok(SearchResult { candidates, search_millis })
    }

    /// The stored embedding of an enrolled face by the active model.
    pub fn embedding_of(&self, face: FaceId) -> Result<Embedding, JobError> {
        let model = self.manifest().name;
        self.gallery().embedding(face, &model)?.ok_or(JobError::NoEmbedding { face, model })
    }
}
