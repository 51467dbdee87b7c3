//! Leave-one-out over enrolled subjects: who is missed, and who raises a false alarm, over the threshold.

use crate::tell;
use std::collections::HashSet;
use std::time::Instant;

use super::prepare::People;
use crate::eval::identification::identification_points;
use crate::eval::latency::latency_from_millis;
use crate::index::{FaceIndex, SearchOptions};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::types::{FaceId, IdentificationCurve, SearchParams};

/// Points of a curve.
const POINTS: usize = 400;

/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub struct MissedRequest {
    /// Settings of the live index; exact search is measured beside them.
    pub params: Vec<SearchParams>,
    /// Searches at most; they are spread over all subjects.
    pub max_searches: usize,
    /// Candidates of a search.
    pub k: usize,
}

/// Searches labelled faces as new photos of their subjects (mated: without the faces of their own photo) and as
/// strangers (nonmated: without any face of their subject), with the live index and with exact search.
///
/// # Errors
/// No subject has two photos; [`JobError::Cancelled`].
pub fn people_missed(
    engine: &Engine,
    request: &MissedRequest,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<Vec<IdentificationCurve>, JobError> {
    let people = People::read(engine)?;
    let known: Vec<FaceId> = people.with_mates().collect();
    if known.is_empty() {
        return Err(JobError::Failed(tell!("tuning-nobody-twice")));
    }
    let n = request.max_searches.clamp(1, known.len());
    let chosen: Vec<FaceId> = (0..n).map(|at| known[at * known.len() / n]).collect();
    let mut meter = ProgressMeter::counting("Comparing exactly", "search");
    meter.now.total = Some((n * (request.params.len() + 1)) as u64);
    let live = engine.index().faces();
    // Where the live index compares with every face, it is exact itself.
    let copy = match live.trained() {
        Some(_) => Some(engine.index().flat_from_gallery(engine.gallery())?),
        None => None,
    };
    let exact: &dyn FaceIndex = copy.as_ref().map_or(&*live, |flat| flat);
    let mut curves = Vec::new();
    let settings = std::iter::once(None).chain(request.params.iter().map(Some));
    for params in settings {
        let index: &dyn FaceIndex = if params.is_some() { &*live } else { exact };
        if params.is_some() {
            meter.enter("Searching");
        }
        let (mut mated, mut nonmated, mut millis) = (Vec::new(), Vec::new(), Vec::new());
        for face in &chosen {
            control.checkpoint()?;
            let Some(subject) = people.subject_of.get(face) else { continue };
            let embedding = match engine.embedding_of(*face) {
                Ok(embedding) => embedding,
                // Not every face has an embedding by every model.
                Err(JobError::NoEmbedding { .. }) => continue,
                Err(error) => return Err(error),
            };
            let own_photo: HashSet<FaceId> = people.photo_mates(*face).into_iter().collect();
            let own: HashSet<FaceId> = people.faces_of[subject].iter().copied().collect();
            let options = SearchOptions { params, ..SearchOptions::default() };
            // One search serves as both: with room for every face that is left out of either.
            let k = request.k + own.len() + own_photo.len();
            let begun = Instant::now();
            let hits = index.search_with(std::slice::from_ref(&embedding), k, options)?.pop().unwrap_or_default();
            millis.push(begun.elapsed().as_secs_f32() * 1e3);
            let others = hits.iter().filter(|hit| !own_photo.contains(&hit.face)).take(request.k);
            mated.push(others.filter(|hit| own.contains(&hit.face)).map(|hit| hit.score).next());
            let strangers = hits.iter().filter(|hit| !own.contains(&hit.face) && !own_photo.contains(&hit.face));
            nonmated.push(strangers.map(|hit| hit.score).next());
            meter.now.done += 1;
            if let Some(progress) = meter.tick(control.is_paused()) {
                tell(progress);
            }
        }
        curves.push(IdentificationCurve {
            params: params.copied().unwrap_or_default(),
            is_exact: params.is_none(),
            mated_searches: mated.len(),
            nonmated_searches: nonmated.len(),
            points: identification_points(&mated, &nonmated, POINTS),
            latency: latency_from_millis(&millis),
        });
    }
    Ok(curves)
}
