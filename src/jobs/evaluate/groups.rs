//! Groups of unknown faces against the people that are there: a folder for each person, hidden from the grouping.

use crate::tell;
use crate::types::{Tell as _, Telling};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::Tell;
use super::verification::people_of;
use crate::eval::groups::{Agreement, bcubed, pairwise};
use crate::groups::{Bonds, Graph, Grouping, Item, Parameters, group, peers};
use crate::index::{FaceIndex, FlatIndex};
use crate::jobs::budget::take_memory;
use crate::jobs::engine::Engine;
use crate::jobs::pipeline::{analyze, decode_params, main_face};
use crate::jobs::work::{JobControl, JobError, on_every_core};
use crate::types::{DetectorParams, Embedding, FaceId};
use crate::vision::decode::{open_photo, read_photo_file};

/// Searches handed to the index together.
const BATCH: usize = 256;
/// Thresholds that one half of the people chooses from.
const TRIED: [f32; 13] = [0.40, 0.44, 0.48, 0.50, 0.52, 0.54, 0.56, 0.58, 0.60, 0.62, 0.64, 0.68, 0.72];

/// How well faces are grouped.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct GroupsReport {
    pub model: String,
    /// Found on the photos, bystanders among them: all of them are grouped.
    pub faces: usize,
    /// The main face of each photo: these are judged.
    pub judged: usize,
    pub people: usize,
    /// Photos on which no face was found, or that could not be read.
    pub photos_missed: usize,
    /// Why, of each.
    #[serde(skip)]
    pub issues: Vec<(PathBuf, Telling)>,
    pub k: usize,
    pub threshold: f32,
    #[serde(flatten)]
    pub figures: GroupFigures,
    /// BCubed F of "every face alone".
    pub bcubed_baseline: f64,
    /// The same judged without the person of whom there are most photos.
    pub without_most_frequent: GroupFigures,
    /// Seconds to find the neighbours, exactly, and to group by them.
    pub neighbours_secs: f32,
    pub secs: f32,
    /// The threshold chosen by BCubed F on every other person, and what it comes to on the rest.
    pub halves: GroupHalves,
    /// Known methods on the same neighbours, each at the threshold that is best for it on all of the people.
    pub peers: Vec<GroupPeer>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct GroupFigures {
    pub bcubed_precision: f64,
    pub bcubed_recall: f64,
    pub bcubed_f: f64,
    pub pairwise_precision: f64,
    pub pairwise_recall: f64,
    pub pairwise_f: f64,
    /// Groups that hold a judged face.
    pub groups: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct GroupHalves {
    pub threshold: f32,
    pub chosen_on: GroupFigures,
    pub reported_on: GroupFigures,
}

#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct GroupPeer {
    pub name: &'static str,
    pub threshold: f32,
    #[serde(flatten)]
    pub figures: GroupFigures,
    pub secs: f32,
}

/// A face of a photo.
struct Found {
    embedding: Embedding,
    quality: f32,
    is_main: bool,
}

/// Groups every face on the photos of `folder` with what the program ships: the model in use, its groups' threshold.
///
/// # Errors
/// A folder without people; a network that fails; cancellation.
pub fn evaluate_groups(
    engine: &Engine,
    folder: &Path,
    detector: &DetectorParams,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<GroupsReport, JobError> {
    if !folder.is_dir() {
        return Err(JobError::NoSuchSource(folder.to_path_buf()));
    }
    let people = people_of(folder)?;
    let (mut photos, mut person_of) = (Vec::new(), Vec::new());
    for (person, (_, list)) in people.into_iter().enumerate() {
        person_of.extend(list.iter().map(|_| person as u32));
        photos.extend(list);
    }
    let (mut found, mut issues) = (Vec::new(), Vec::new());
    for (photo, faces) in faces(engine, &photos, detector, control, tell)?.into_iter().enumerate() {
        match faces {
            Ok(faces) => found.extend(faces.into_iter().map(|face| (photo, face))),
            Err(reason) => issues.push((photos[photo].clone(), reason)),
        }
    }
    let judged = Judged::new(&found, &person_of);
    if judged.people.is_empty() {
        return Err(JobError::Failed(tell!("eval-no-face", folder = folder)));
    }
    let manifest = engine.manifest();
    let parameters = Parameters::for_threshold(manifest.threshold);
    let begun = Instant::now();
    let graph = neighbours(&found, manifest.d, parameters.k, control, tell)?;
    let neighbours_secs = begun.elapsed().as_secs_f32();
    let items: Vec<Item<'_>> = found
        .iter()
        .map(|(photo, face)| Item {
            vector: face.embedding.as_slice(),
            photo: *photo as i64,
            subject: None,
            is_weak: face.quality < Parameters::SOUND_QUALITY,
        })
        .collect();
    let grouped = |threshold: f32| group(&items, &graph, &Bonds::default(), &Parameters { threshold, ..parameters });
    let begun = Instant::now();
    let shipped = grouped(parameters.threshold);
    let secs = begun.elapsed().as_secs_f32();
    control.checkpoint()?;
    let most_frequent = judged.most_frequent();
    let alone: Vec<u32> = (0..judged.people.len() as u32).collect();
    Ok(GroupsReport {
        model: manifest.name,
        faces: found.len(),
        judged: judged.people.len(),
        people: judged.people.iter().collect::<std::collections::HashSet<_>>().len(),
        photos_missed: issues.len(),
        issues,
        k: parameters.k,
        threshold: parameters.threshold,
        figures: judged.figures(&shipped, |_| true),
        bcubed_baseline: bcubed(&alone, &judged.people).f,
        without_most_frequent: judged.figures(&shipped, |person| Some(person) != most_frequent),
        neighbours_secs,
        secs,
        halves: halves(&judged, &grouped),
        peers: compared(&judged, &graph, control)?,
    })
}

/// The faces that are judged, and whose they are.
struct Judged {
    /// Places among all faces.
    faces: Vec<usize>,
    people: Vec<u32>,
}

impl Judged {
    fn new(found: &[(usize, Found)], person_of: &[u32]) -> Self {
        let faces: Vec<usize> = (0..found.len()).filter(|at| found[*at].1.is_main).collect();
        let people = faces.iter().map(|at| person_of[found[*at].0]).collect();
        Self { faces, people }
    }

    fn most_frequent(&self) -> Option<u32> {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        self.people.iter().for_each(|person| *counts.entry(*person).or_default() += 1);
        counts.into_iter().max_by_key(|(person, n)| (*n, std::cmp::Reverse(*person))).map(|(person, _)| person)
    }

    fn figures(&self, grouping: &Grouping, is_counted: impl Fn(u32) -> bool) -> GroupFigures {
        let counted = self.faces.iter().zip(&self.people).filter(|(_, person)| is_counted(**person));
        let (groups, people): (Vec<u32>, Vec<u32>) =
            counted.map(|(at, person)| (grouping.labels[*at], *person)).unzip();
        let (b, p): (Agreement, Agreement) = (bcubed(&groups, &people), pairwise(&groups, &people));
        GroupFigures {
            bcubed_precision: b.precision,
            bcubed_recall: b.recall,
            bcubed_f: b.f,
            pairwise_precision: p.precision,
            pairwise_recall: p.recall,
            pairwise_f: p.f,
            groups: groups.iter().collect::<std::collections::HashSet<_>>().len(),
        }
    }
}

fn halves(judged: &Judged, grouped: &dyn Fn(f32) -> Grouping) -> GroupHalves {
    let of = |half: u32, grouping: &Grouping| judged.figures(grouping, |person| person % 2 == half);
    let mut best =
        GroupHalves { threshold: 0.0, chosen_on: GroupFigures::default(), reported_on: GroupFigures::default() };
    for threshold in TRIED {
        let grouping = grouped(threshold);
        let chosen_on = of(0, &grouping);
        if chosen_on.bcubed_f > best.chosen_on.bcubed_f {
            best = GroupHalves { threshold, chosen_on, reported_on: of(1, &grouping) };
        }
    }
    best
}

/// Each known method, at its best.
fn compared(judged: &Judged, graph: &Graph, control: &JobControl) -> Result<Vec<GroupPeer>, JobError> {
    type Method = fn(&Graph, f32) -> Grouping;
    let methods: [(&'static str, Method); 4] = [
        ("connected components", peers::components),
        ("Chinese Whispers", |graph, threshold| peers::chinese_whispers(graph, threshold, 20, 1)),
        ("DBSCAN", |graph, threshold| peers::dbscan(graph, threshold, 2)),
        ("consensus-driven propagation", |graph, threshold| peers::propagation(graph, threshold, 0.3, 300, 0.02)),
    ];
    let mut peers = Vec::new();
    for (name, method) in methods {
        let mut best: Option<GroupPeer> = None;
        for threshold in TRIED {
            control.checkpoint()?;
            let begun = Instant::now();
            let grouping = method(graph, threshold);
            let secs = begun.elapsed().as_secs_f32();
            let figures = judged.figures(&grouping, |_| true);
            if best.as_ref().is_none_or(|best| figures.bcubed_f > best.figures.bcubed_f) {
                best = Some(GroupPeer { name, threshold, figures, secs });
            }
        }
        peers.extend(best);
    }
    Ok(peers)
}

fn neighbours(
    found: &[(usize, Found)],
    d: usize,
    k: usize,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<Graph, JobError> {
    let index = FlatIndex::new(d)?;
    let ids: Vec<FaceId> = (0..found.len() as i64).map(FaceId).collect();
    let embeddings: Vec<Embedding> = found.iter().map(|(_, face)| face.embedding.clone()).collect();
    index.add(&ids, &embeddings)?;
    let mut lists = Vec::with_capacity(found.len());
    for probes in embeddings.chunks(BATCH) {
        control.checkpoint()?;
        tell("Searching", lists.len(), found.len());
        for hits in index.search_batch(probes, k + 1)? {
            lists.push(hits.iter().map(|hit| (hit.face.0 as u32, hit.score)).collect());
        }
    }
    Ok(Graph::new(lists))
}

/// Every face on each photo, or why there is none.
fn faces(
    engine: &Engine,
    photos: &[PathBuf],
    detector: &DetectorParams,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<Vec<Result<Vec<Found>, Telling>>, JobError> {
    let (mtcnn, embedder) = (engine.mtcnn()?, engine.embedder()?);
    let decode = decode_params(detector);
    let told = |done, total| tell("Embedding", done, total);
    on_every_core("eval", photos, 1, control, told, |chunk| {
        let of_photo = |path: &PathBuf| {
            let _share = take_memory(path, &decode, Some(detector), control)?;
            let open = read_photo_file(path, decode.max_file_bytes).and_then(|bytes| open_photo(bytes, &decode));
            let open = match open {
                Ok(open) => open,
                Err(reason) => return Ok(Err(reason.telling())),
            };
            let analysis = analyze(&mtcnn, &*embedder, open, detector, false)?;
            let Some((main, _)) = main_face(&analysis.faces, analysis.photo.size, |face| face.detection.bbox) else {
                return Ok(Err(tell!("issue-no-face")));
            };
            let found = analysis.faces.into_iter().enumerate().map(|(place, face)| Found {
                embedding: face.embedding,
                quality: face.quality.score,
                is_main: place == main,
            });
            Ok(Ok(found.collect()))
        };
        chunk.iter().map(of_photo).collect()
    })
}
