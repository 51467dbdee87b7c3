use std::path::PathBuf;
use std::time::Instant;

use super::Engine;
use crate::index::{FaceIndex, Hit, SearchOptions, search_range};
use crate::jobs::pipeline::millis_since;
use crate::jobs::work::JobError;
use crate::store::PastSearch;
use crate::types::{Embedding, FaceId, FaceQuery, SubjectName};

/// What is searched for, and how much of it is wanted.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    pub embedding: Embedding,
    /// Left out of the candidates: the enrolled face the embedding was taken from.
    pub exclude: Option<FaceId>,
    /// Of no account for a range search.
    pub k: usize,
    /// Inclusive; candidates that score below it are left out.
    pub threshold: f32,
    /// Only these faces are candidates.
    pub filter: Option<FaceQuery>,
    /// All faces at or above the threshold, at most [`MAX_IN_RANGE`], in the place of the `k` best.
    pub range: bool,
}

/// Candidates of a range search, at most.
pub const MAX_IN_RANGE: usize = 10_000;

/// A face of the gallery that resembles the probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// From 1.
    pub rank: usize,
    pub face: FaceId,
    /// Cosine similarity, −1…1.
    pub score: f32,
    /// Of the crop, 0 to 1.
    pub quality: f32,
    pub subject: Option<SubjectName>,
    pub photo: PathBuf,
    pub taken_at: Option<String>,
    /// The photo's file was found to be gone.
    pub missing: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SearchResult {
    /// The model whose embeddings were searched.
    pub model: String,
    /// Best first.
    pub candidates: Vec<Candidate>,
    /// Time of the index search alone; of a batch, the probe's share.
    pub search_millis: f32,
    /// A range search found more than these best ones.
    pub cut_at: Option<usize>,
    /// A range search by an index that does not compare every face: some above the threshold may not be among these.
    pub may_be_incomplete: bool,
    /// Faces of the gallery that pass the filter, where there is one.
    pub passing: Option<usize>,
}

impl SearchResult {
    /// The search as it is kept: under the model that answered it, whatever model is in use by now.
    pub fn past_search(&self, query: &SearchQuery) -> PastSearch {
        PastSearch {
            model: self.model.clone(),
            embedding: query.embedding.clone(),
            k: query.k,
            threshold: query.threshold,
            candidates: self.candidates.len(),
            search_millis: self.search_millis,
        }
    }
}

/// What the index answered to a probe.
#[derive(Debug, Default)]
struct Found {
    hits: Vec<Hit>,
    cut_at: Option<usize>,
}

/// What the index answered to probes of one kind.
#[derive(Debug)]
struct FoundBatch {
    /// One for each probe.
    found: Vec<Found>,
    passing: Option<usize>,
    may_be_incomplete: bool,
    /// Of the whole batch.
    millis: f32,
    /// Whose index answered.
    model: String,
}

impl Engine {
    /// The `k` faces of the gallery that resemble the probe most, at or above the threshold; for a range search all
    /// that are. Faces that the filter leaves out take no place of those that pass.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchResult, JobError> {
        let mut results = self.search_batch(std::slice::from_ref(query))?;
        results.pop().ok_or_else(|| JobError::Worker("a search had no answer".to_owned()))
    }

    /// One result for each query. Neighbours with the same k and filter are one call of the index, which is quicker
    /// than one each.
    pub fn search_batch(&self, queries: &[SearchQuery]) -> Result<Vec<SearchResult>, JobError> {
        let mut results = Vec::with_capacity(queries.len());
        let alike = |a: &SearchQuery, b: &SearchQuery| a.range == b.range && a.k == b.k && a.filter == b.filter;
        for queries in queries.chunk_by(alike) {
            let batch = self.find_batch(queries)?;
            let search_millis = batch.millis / queries.len() as f32;
            for found in batch.found {
                let candidates = self.candidates(&found.hits)?;
                results.push(SearchResult {
                    model: batch.model.clone(),
                    candidates,
                    search_millis,
                    cut_at: found.cut_at,
                    may_be_incomplete: batch.may_be_incomplete,
                    passing: batch.passing,
                });
            }
        }
        Ok(results)
    }

    /// `queries` are alike but for their probes, thresholds and faces left out; there is at least one.
    fn find_batch(&self, queries: &[SearchQuery]) -> Result<FoundBatch, JobError> {
        let index = self.index();
        let model = index.model().to_owned();
        let Some(SearchQuery { range, k, filter, .. }) = queries.first() else {
            return Ok(FoundBatch { found: Vec::new(), passing: None, may_be_incomplete: false, millis: 0.0, model });
        };
        let filter = match filter {
            Some(query) => self.filter(query)?,
            None => None,
        };
        let passing = filter.as_ref().map(|filter| filter.faces().len());
        let mut found: Vec<Found> = queries.iter().map(|_| Found::default()).collect();
        if passing == Some(0) {
            return Ok(FoundBatch { found, passing, may_be_incomplete: false, millis: 0.0, model });
        }
        let faces = index.faces();
        let exclude: Vec<Vec<FaceId>> = match queries.iter().any(|query| query.exclude.is_some()) {
            true => queries.iter().map(|query| query.exclude.into_iter().collect()).collect(),
            false => Vec::new(),
        };
        let options = SearchOptions { filter: filter.as_deref(), exclude: &exclude, ..SearchOptions::default() };
        let limit = if *range { MAX_IN_RANGE } else { *k };
        let may_be_incomplete = *range && !faces.finds_all(options.filter, None);
        let begun = Instant::now();
        let lists = if *range {
            // One more tells whether there are more.
            let probes: Vec<_> = queries.iter().map(|query| (&query.embedding, query.threshold)).collect();
            search_range(&*faces, &probes, limit + 1, options)?
        } else {
            let probes: Vec<Embedding> = queries.iter().map(|query| query.embedding.clone()).collect();
            faces.search_with(&probes, limit, options)?
        };
        let millis = millis_since(begun);
        if queries.len() == 1 {
            index.latencies().record(millis);
        }
        for ((query, found), mut hits) in queries.iter().zip(&mut found).zip(lists) {
            hits.retain(|hit| hit.score >= query.threshold);
            found.cut_at = (*range && hits.len() > limit).then_some(limit);
            hits.truncate(limit);
            found.hits = hits;
        }
        Ok(FoundBatch { found, passing, may_be_incomplete, millis, model })
    }

    fn candidates(&self, hits: &[Hit]) -> Result<Vec<Candidate>, JobError> {
        let ids: Vec<FaceId> = hits.iter().map(|hit| hit.face).collect();
        // In the order of the hits. A face can leave the gallery between the two look-ups; it is then no candidate.
        let mut hits = hits.iter();
        let faces = self.gallery().faces(&ids)?.into_iter();
        let found = faces.filter_map(|face| Some((hits.find(|hit| hit.face == face.id)?.score, face)));
        let candidate = |(at, (score, face)): (usize, (f32, crate::store::FaceRecord))| Candidate {
            rank: at + 1,
            face: face.id,
            score,
            quality: face.quality.score,
            subject: face.subject,
            photo: face.path,
            taken_at: face.taken_at,
            missing: face.missing_at.is_some(),
        };
        Ok(found.enumerate().map(candidate).collect())
    }

    /// Keeps answered searches as probes to tune an index by. Nobody waits for it and nothing depends on it: a window
    /// that is open for reading only keeps none, a command keeps them where nobody else is writing, and what goes wrong
    /// is logged.
    pub fn record_searches(&self, searches: &[PastSearch]) {
        let kept = if self.ensure_writable().is_ok() {
            self.gallery().record_searches(searches)
        } else {
            self.access.write_in_passing(&self.data, |gallery| gallery.record_searches(searches))
        };
        if let Err(error) = kept {
            log::warn!("the latest searches were not kept: {error}");
        }
    }

    /// The stored embedding of an enrolled face by the active model.
    pub fn embedding_of(&self, face: FaceId) -> Result<Embedding, JobError> {
        self.embedding_and_model_of(face).map(|(embedding, _)| embedding)
    }

    /// [`Engine::embedding_of`] with the model's name.
    pub fn embedding_and_model_of(&self, face: FaceId) -> Result<(Embedding, String), JobError> {
        let model = self.manifest().name;
        match self.gallery().embedding(face, &model)? {
            Some(embedding) => Ok((embedding, model)),
            None => Err(JobError::NoEmbedding { face, model }),
        }
    }
}
