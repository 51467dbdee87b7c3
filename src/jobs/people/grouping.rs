//! Grouping every face that nobody named.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::neighbours::search;
use super::suggested::best_of_each;
use super::weak::is_weak;
use super::{alarms, keep_ids};
use crate::groups::{Bonds, Graph, Item, Parameters, group_piece, pieces};
use crate::jobs::actor::actor;
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter, on_every_core, step_back};
use crate::store::{Changed, NewSuggestion, Page, UnknownFace};
use crate::types::{Embedding, FaceId, SubjectId};

/// Faces in a piece that is grouped at once, at most: beyond, only what is still nearer hangs together.
const CAP: usize = 20_000;

/// What a grouping came to.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct GroupSummary {
    /// Faces that nobody named or ignored.
    pub faces: usize,
    /// Groups of at least two.
    pub groups: usize,
    /// Faces in them.
    pub grouped: usize,
    /// Faces whose group is another one than before.
    pub moved: usize,
    /// Faces that resemble somebody who has a name, or who is ignored.
    pub suggestions: usize,
    /// Subjects that were looked through for what is odd, those whose faces have changed.
    pub subjects: usize,
    /// The batch that `undo` takes back; none where nothing changed.
    pub batch: Option<crate::types::BatchId>,
    /// To find the neighbours, and for the whole.
    pub neighbours_secs: f32,
    pub secs: f32,
}

/// Groups every face that nobody named or ignored, suggests names, and looks for what is odd about those who have one. What
/// persons said binds; groups that go on keep their ids. Nothing is changed before the end.
///
/// # Errors
/// The gallery is open for reading only; [`JobError::Cancelled`]; a full disk.
pub fn group_people(
    engine: &Engine,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(GroupSummary, Changed), JobError> {
    engine.ensure_writable()?;
    step_back();
    let begun = Instant::now();
    let manifest = engine.manifest();
    let parameters = Parameters::for_threshold(manifest.threshold);
    let unknown = Unknown::read(engine, &manifest.name, control)?;
    let mut near = Near::read(engine, &unknown, manifest.threshold)?;
    let probes: Vec<(FaceId, Embedding)> =
        unknown.faces.iter().zip(&unknown.embeddings).map(|(face, embedding)| (face.id, embedding.clone())).collect();
    let least = parameters.threshold.min(manifest.threshold);
    search(engine, &probes, parameters.k + 1, least, control, tell, |at, hits| {
        near.take(at, &hits, parameters.threshold)
    })?;
    drop(probes);
    let neighbours_secs = begun.elapsed().as_secs_f32();
    let (lists, suggestions) = (near.lists, near.suggestions);
    let bonds = bonds(engine, &unknown)?;
    let groups = unknown.group(&Graph::new(lists), &bonds, &parameters, control, tell)?;
    let groups: Vec<Vec<FaceId>> =
        groups.iter().map(|group| group.iter().map(|at| unknown.faces[*at as usize].id).collect()).collect();
    control.checkpoint()?;
    let before: Vec<_> = unknown.all.iter().map(|face| (face.id, face.group)).collect();
    let moves = keep_ids::moves(&before, &groups);
    let changed = engine.gallery().group_faces(&actor(), &moves)?;
    engine.gallery().put_suggestions(&manifest.name, None, &suggestions)?;
    let subjects = alarms::look(engine, &manifest, control, tell)?;
    let summary = GroupSummary {
        faces: unknown.all.len(),
        groups: groups.len(),
        grouped: groups.iter().map(Vec::len).sum(),
        moved: moves.len(),
        suggestions: suggestions.iter().map(|found| found.face).collect::<HashSet<_>>().len(),
        subjects,
        batch: changed.batch,
        neighbours_secs,
        secs: begun.elapsed().as_secs_f32(),
    };
    Ok((summary, changed))
}

/// The faces to group.
struct Unknown {
    /// Those without an embedding by the model in use among them.
    all: Vec<UnknownFace>,
    faces: Vec<UnknownFace>,
    embeddings: Vec<Embedding>,
}

impl Unknown {
    fn read(engine: &Engine, model: &str, control: &JobControl) -> Result<Self, JobError> {
        let all = engine.gallery().unknown_faces()?;
        let place: HashMap<FaceId, usize> = all.iter().enumerate().map(|(at, face)| (face.id, at)).collect();
        let (mut faces, mut embeddings, mut read) = (Vec::new(), Vec::new(), 0usize);
        engine.gallery().for_each_embedding(model, |face, vector| -> Result<(), JobError> {
            if read.is_multiple_of(8192) {
                control.checkpoint()?;
            }
            read += 1;
            // A damaged vector is left out, as it is from the index.
            if let (Some(at), Ok(embedding)) = (place.get(&face), Embedding::try_from_raw(vector.to_vec())) {
                faces.push(all[*at].clone());
                embeddings.push(embedding);
            }
            Ok(())
        })?;
        Ok(Self { all, faces, embeddings })
    }

    /// Groups of at least two, as places among the faces.
    fn group(
        &self,
        graph: &Graph,
        bonds: &Bonds,
        parameters: &Parameters,
        control: &JobControl,
        tell: &dyn Fn(Progress),
    ) -> Result<Vec<Vec<u32>>, JobError> {
        let items: Vec<Item<'_>> = self
            .faces
            .iter()
            .zip(&self.embeddings)
            .map(|(face, embedding)| Item {
                vector: embedding.as_slice(),
                photo: face.photo.0,
                subject: None,
                is_weak: is_weak(face),
            })
            .collect();
        let pieces = pieces(graph, parameters.threshold, CAP);
        let meter = RefCell::new(ProgressMeter::counting("Grouping", "face"));
        let (mut done, mut at, total) = (0, 0, pieces.iter().map(Vec::len).sum::<usize>());
        let told = |pieces_done: usize, _| {
            // Pieces end in any order, and the sizes fall: what is told is near enough.
            done += pieces[at..pieces_done.max(at)].iter().map(Vec::len).sum::<usize>();
            at = pieces_done.max(at);
            let mut meter = meter.borrow_mut();
            meter.count_stage("Grouping", done as u64, Some(total as u64));
            if let Some(progress) = meter.tick(control.is_paused()) {
                tell(progress);
            }
        };
        let grouped = on_every_core("group", &pieces, 16, control, told, |pieces| {
            Ok(pieces.iter().map(|piece| group_piece(&items, graph, bonds, parameters, piece)).collect())
        })?;
        Ok(grouped.into_iter().flatten().collect())
    }
}

/// What the neighbours tell of each face.
struct Near {
    place: HashMap<FaceId, u32>,
    ids: Vec<FaceId>,
    named: HashMap<FaceId, SubjectId>,
    ignored: HashSet<FaceId>,
    threshold: f32,
    lists: Vec<Vec<(u32, f32)>>,
    suggestions: Vec<NewSuggestion>,
}

impl Near {
    fn read(engine: &Engine, unknown: &Unknown, threshold: f32) -> Result<Self, JobError> {
        let gallery = engine.gallery();
        let ids: Vec<FaceId> = unknown.faces.iter().map(|face| face.id).collect();
        let ignored = gallery.ignored(Page::first(usize::MAX))?;
        Ok(Self {
            place: ids.iter().copied().zip(0..).collect(),
            lists: vec![Vec::new(); ids.len()],
            ids,
            named: gallery.labels()?.into_iter().collect(),
            ignored: ignored.iter().map(|face| face.face).collect(),
            threshold,
            suggestions: Vec::new(),
        })
    }

    /// The hits of a face, best first.
    fn take(&mut self, at: usize, hits: &[(FaceId, f32)], group_threshold: f32) {
        let face = self.ids[at];
        let near = hits.iter().filter(|(other, score)| *score >= group_threshold && *other != face);
        self.lists[at] = near.filter_map(|(other, score)| Some((*self.place.get(other)?, *score))).collect();
        self.suggestions.extend(self.suggested(face, hits));
    }

    fn suggested(&self, face: FaceId, hits: &[(FaceId, f32)]) -> Vec<NewSuggestion> {
        let told = |other: &FaceId| match self.named.get(other) {
            Some(subject) => Some(Some(*subject)),
            None => self.ignored.contains(other).then_some(None),
        };
        best_of_each(face, hits.iter().filter(|(_, score)| *score >= self.threshold).copied(), told)
    }
}

fn bonds(engine: &Engine, unknown: &Unknown) -> Result<Bonds, JobError> {
    let place: HashMap<FaceId, u32> = unknown.faces.iter().map(|face| face.id).zip(0..).collect();
    let mut bonds = Bonds::default();
    for (a, b) in engine.gallery().kept_apart()? {
        if let (Some(a), Some(b)) = (place.get(&a), place.get(&b)) {
            bonds.keep_apart(*a, *b);
        }
    }
    Ok(bonds)
}
