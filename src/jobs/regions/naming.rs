//! Names gathered over many photos, given in one change.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::exchange::{Decision, FaceHere, People, Whom};
use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::store::{Change, FaceRecord, Naming, Page};
use crate::types::{BatchId, FaceId, NamedBy, SubjectId, name_key};

/// Who gets faces: somebody known, or somebody new by name and external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Known(SubjectId),
    New(String, Option<String>),
}

/// The faces of each person, and how a new one is written.
#[derive(Debug, Default)]
pub(super) struct Namings(BTreeMap<Key, (String, Vec<FaceId>)>);

/// Faces that are read at once.
const CHUNK: usize = 512;

/// Everybody in the gallery, and what persons said about faces beside names.
pub(super) struct Known {
    pub people: People,
    left_alone: HashSet<FaceId>,
    rejected: HashMap<FaceId, Vec<SubjectId>>,
}

impl Known {
    pub(super) fn read(engine: &Engine) -> Result<Self, JobError> {
        let gallery = engine.gallery();
        let people = People::new(&gallery.subjects()?, gallery.aliases()?);
        let left_alone = gallery.ignored(Page::first(usize::MAX))?.into_iter().map(|face| face.face).collect();
        let mut rejected: HashMap<FaceId, Vec<SubjectId>> = HashMap::new();
        for (face, subject) in gallery.rejections()? {
            rejected.entry(face).or_default().push(subject);
        }
        Ok(Self { people, left_alone, rejected })
    }

    pub(super) fn face(&self, face: &FaceRecord) -> FaceHere {
        let is_said_nobody = face.subject.is_none() && face.named_by == Some(NamedBy::Person);
        FaceHere {
            id: face.id,
            bbox: face.detection.bbox,
            subject: face.subject.clone(),
            is_nobody: is_said_nobody || self.left_alone.contains(&face.id),
            rejected: self.rejected.get(&face.id).cloned().unwrap_or_default(),
        }
    }
}

impl Namings {
    /// What one decision says of faces; `external_id` is a new person's.
    pub(super) fn add(&mut self, decision: &Decision, external_id: Option<&str>) {
        for (face, whom) in &decision.named {
            let (key, name) = match whom {
                Whom::Known(subject) => (Key::Known(*subject), String::new()),
                Whom::New(name) => (Key::New(name_key(name), external_id.map(str::to_owned)), name.clone()),
                Whom::Several => continue, // a remark by now
            };
            self.0.entry(key).or_insert_with(|| (name, Vec::new())).1.push(*face);
        }
    }

    pub(super) fn new_people(&self) -> u64 {
        self.0.keys().filter(|key| matches!(key, Key::New(..))).count() as u64
    }

    /// Names every face that has no name by now either, in one change. Returns its number and how many faces it named.
    ///
    /// # Errors
    /// The gallery is open for reading only, or cannot be written.
    pub(super) fn apply(self, engine: &Engine) -> Result<(Option<BatchId>, u64), JobError> {
        let mut namings = Vec::new();
        for (key, (name, faces)) in self.0 {
            let mut nameless = Vec::new();
            for chunk in faces.chunks(CHUNK) {
                let faces = engine.gallery().faces(chunk)?;
                let is_nameless = |face: &FaceRecord| {
                    !face.is_gone && face.subject.is_none() && face.named_by != Some(NamedBy::Person)
                };
                nameless.extend(faces.iter().filter(|face| is_nameless(face)).map(|face| face.id));
            }
            if !nameless.is_empty() {
                let who = match key {
                    Key::Known(subject) => Naming::Subject(subject),
                    Key::New(_, None) => Naming::New(name),
                    Key::New(_, Some(external_id)) => Naming::NewKnownAs { name, external_id },
                };
                namings.push((nameless, who));
            }
        }
        if namings.is_empty() {
            return Ok((None, 0));
        }
        let changed = engine.change(&Change::NameMany(namings))?;
        Ok((changed.batch, changed.named.len() as u64))
    }
}
