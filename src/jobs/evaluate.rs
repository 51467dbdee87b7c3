//! Evaluation of the whole path: the LFW protocol on files, and leave-one-out identification on the gallery.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::control::JobControl;
use super::engine::{Engine, SearchQuery, analyze, decode_params, main_face};
use super::error::JobError;
use crate::eval::interval::wilson_interval;
use crate::eval::leave_one_out::{Probe, rank_report};
use crate::eval::lfw::{self, LfwReport, ScoredPair};
use crate::types::{DetectorParams, Embedding, FaceId, PhotoId};
use crate::vision::decode::decode_file;
use crate::vision::runtime;

/// The report on LFW pairs, with the photos on which no face was found or that could not be read.
#[derive(Debug)]
pub struct LfwOutcome {
    pub report: LfwReport,
    pub missed: Vec<(PathBuf, String)>,
    pub photos: usize,
    pub folds: usize,
    pub secs: f32,
}

/// Embeds the main face of every photo that the pairs name and runs the protocol on their scores.
///
/// `progress` is called with photos done and photos in all, from any thread.
pub fn evaluate_lfw(
    engine: &Engine,
    images: &Path,
    pairs_text: &str,
    params: &DetectorParams,
    control: &JobControl,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<LfwOutcome, JobError> {
    let begun = std::time::Instant::now();
    let set = lfw::parse_pairs(pairs_text)?;
    if !images.is_dir() {
        return Err(JobError::NoSuchSource(images.to_path_buf()));
    }
    let path_of = |(name, number): &(String, u32)| lfw::photo_path(images, name, *number);
    let paths: BTreeSet<PathBuf> =
        set.folds.iter().flatten().flat_map(|pair| [path_of(&pair.a), path_of(&pair.b)]).collect();
    let paths: Vec<PathBuf> = paths.into_iter().collect();
    let embedded = embed_main_faces(engine, &paths, params, control, progress)?;
    let mut embeddings = HashMap::new();
    let mut missed = Vec::new();
    for (path, result) in paths.iter().zip(embedded) {
        match result {
            Ok(embedding) => {
                embeddings.insert(path.clone(), embedding);
            }
            Err(reason) => missed.push((path.clone(), reason)),
        }
    }
    let score = |pair: &lfw::Pair| {
        let (a, b) = (embeddings.get(&path_of(&pair.a)), embeddings.get(&path_of(&pair.b)));
        ScoredPair { score: a.zip(b).map(|(a, b)| a.score(b)), mated: pair.mated }
    };
    let folds: Vec<Vec<ScoredPair>> = set.folds.iter().map(|fold| fold.iter().map(score).collect()).collect();
    Ok(LfwOutcome {
        report: lfw::evaluate(&folds),
        missed,
        photos: paths.len(),
        folds: folds.len(),
        secs: begun.elapsed().as_secs_f32(),
    })
}

/// The main face's embedding of each photo, or why there is none.
fn embed_main_faces(
    engine: &Engine,
    paths: &[PathBuf],
    params: &DetectorParams,
    control: &JobControl,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Result<Embedding, String>>, JobError> {
    let (mtcnn, embedder) = (engine.mtcnn()?, engine.embedder()?);
    let embed = |path: &Path| -> Result<Embedding, String> {
        let photo = decode_file(path, &decode_params(params)).map_err(|error| error.to_string())?;
        let size = photo.size;
        let analysis = analyze(&mtcnn, &*embedder, photo, params).map_err(|error| error.to_string())?;
        main_face(&analysis.faces, size, |face| face.detection.bbox)
            .map(|(_, face)| face.embedding.clone())
            .ok_or_else(|| "no face was found".to_owned())
    };
    let results: Vec<Mutex<Option<Result<Embedding, String>>>> = paths.iter().map(|_| Mutex::new(None)).collect();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for number in 0..workers {
            let work = || {
                runtime::set_threads(1);
                while control.checkpoint().is_ok() {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(path), Some(slot)) = (paths.get(at), results.get(at)) else { break };
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(embed(path));
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, paths.len());
                }
            };
            std::thread::Builder::new()
                .name(format!("eval-{number}"))
                .spawn_scoped(scope, work)
                .map_err(|error| JobError::Worker(error.to_string()))?;
        }
        Ok::<(), JobError>(())
    })?;
    control.checkpoint()?;
    let taken = results.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(taken.map(|result| result.unwrap_or_else(|| Err("it was not reached".to_owned()))).collect())
}

/// Leave-one-out identification over the gallery.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
            let subject = face.subject.as_ref().map(|(id, _)| id.0);
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
    let quantile = |q: f64| millis.get(((millis.len() as f64 * q) as usize).min(millis.len().saturating_sub(1)));
    let ranks = rank_report(&searched);
    Ok(LeaveOneOut {
        subjects: photos_of.len(),
        probes: ranks.probes,
        ntotal: engine.ntotal(),
        rank_1: ranks.rank1,
        rank_1_interval: wilson_interval((ranks.rank1 * ranks.probes as f64).round() as usize, ranks.probes),
        rank_10: ranks.rank10,
        search_millis_p50: quantile(0.5).copied().unwrap_or(0.0),
        search_millis_p99: quantile(0.99).copied().unwrap_or(0.0),
    })
}
