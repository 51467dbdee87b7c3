//! Leave-one-out identification on the gallery.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use crate::eval::interval::wilson_interval;
use crate::eval::latency::nearest_rank;
use crate::eval::leave_one_out::{Probe, rank_report};
use crate::jobs::engine::{Engine, SearchQuery};
use crate::jobs::work::{JobControl, JobError};
use crate::types::{FaceId, PhotoId};

/// Leave-one-out identification over the gallery.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LeaveOneOut {
    /// Enrolled subjects with two photos or more.
    pub subjects: usize,
    /// Faces of those subjects, each searched once with its own photo left out.
    pub probes: usize,
    /// Faces that each probe was searched among.
    pub ntotal: usize,
    /// Share of probes whose best candidate is another photo of the same subject.
    pub rank_1: f64,
    /// 95 % interval of `rank_1` (Wilson).
    pub rank_1_interval: [f64; 2],
    /// Share of probes with such a photo among the ten best candidates.
    pub rank_10: f64,
    pub search_millis_p50: f32,
    pub search_millis_p99: f32,
}

/// Searches every labelled face whose subject has another photo, with the faces of its own photo left out.
pub fn leave_one_out(
    engine: &Engine,
    control: &JobControl,
    progress: &dyn Fn(usize, usize),
) -> Result<LeaveOneOut, JobError> {
    let ids = engine.gallery().face_ids()?;
    let mut of_face: HashMap<FaceId, (PhotoId, Option<i64>)> = HashMap::new();
    let mut photos_of: BTreeMap<i64, BTreeSet<PhotoId>> = BTreeMap::new();
    for chunk in ids.chunks(512) {
        for face in engine.gallery().faces(chunk)? {
            let subject = face.subject.as_ref().map(|subject| subject.id.0);
            if let Some(subject) = subject {
                photos_of.entry(subject).or_default().insert(face.photo);
            }
            of_face.insert(face.id, (face.photo, subject));
        }
    }
    photos_of.retain(|_, photos| photos.len() >= 2);
    let is_probe = |id: &&FaceId| {
        of_face.get(id).and_then(|(_, subject)| *subject).is_some_and(|subject| photos_of.contains_key(&subject))
    };
    let probes: Vec<FaceId> = ids.iter().filter(is_probe).copied().collect();
    let (mut searched, mut millis) = (Vec::with_capacity(probes.len()), Vec::with_capacity(probes.len()));
    for (done, id) in probes.iter().enumerate() {
        control.checkpoint()?;
        progress(done, probes.len());
        let (photo, subject) = of_face[id];
        let embedding = engine.embedding_of(*id)?;
        let query = SearchQuery { embedding, exclude: Some(*id), k: 64, threshold: -1.0, filter: None, range: false };
        let (hits, took) = engine.search_ids(&query)?;
        millis.push(took);
        let others = hits.iter().filter_map(|hit| of_face.get(&hit.face)).filter(|(other, _)| *other != photo);
        searched.push(Probe { subject, candidates: others.map(|(_, subject)| *subject).take(10).collect() });
    }
    millis.sort_by(f32::total_cmp);
    let quantile = |q: f64| nearest_rank(&millis, q).unwrap_or_default();
    let ranks = rank_report(&searched);
    Ok(LeaveOneOut {
        subjects: photos_of.len(),
        probes: ranks.probes,
        ntotal: engine.ntotal(),
        rank_1: ranks.rank1,
        rank_1_interval: wilson_interval((ranks.rank1 * ranks.probes as f64).round() as usize, ranks.probes),
        rank_10: ranks.rank10,
        search_millis_p50: quantile(0.5),
        search_millis_p99: quantile(0.99),
    })
}
