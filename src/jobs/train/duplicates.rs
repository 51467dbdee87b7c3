//! Looks for photos that would be learnt and are near-duplicates of held-out ones, and tells what it found.

use crate::tell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::teacher;
use super::{CropSet, Told, TrainEvent};
use crate::jobs::engine::Engine;
use crate::jobs::work::JobControl;
use crate::jobs::work::JobError;
use crate::train::TrainError;
use crate::train::data::Division;
use crate::train::duplicates::{DuplicatePair, DuplicateRule, Duplicates, REPORT_FILE, alike, usual_threshold};
use crate::train::nets::Network;
use crate::train::spec::RunSpec;
use crate::train::targets::Targets;
use crate::types::Telling;
use crate::vision::manifest::{ModelEntry, ModelRegistry};

/// Pairs that are told; the report holds them all.
const EXAMPLES: usize = 3;

/// What a run found between the photos that would be learnt and those held out.
#[derive(Clone, Debug, PartialEq)]
pub struct NearDuplicates {
    /// All that were found.
    pub report: PathBuf,
    /// See [`Duplicates::judge`].
    pub judge: Option<String>,
    pub above: Option<f32>,
    /// Photos that would be learnt and are near-duplicates.
    pub found: usize,
    /// Those of them whose file is that of a held-out photo to the byte.
    pub same_files: usize,
    /// They were not learnt.
    pub left_out: bool,
    /// The first few.
    pub examples: Vec<DuplicatePair>,
}

/// Whose embeddings are compared.
pub(super) enum Judge {
    /// Nobody is held out, or the run began before near-duplicates were looked for.
    NotAsked,
    Teacher,
    /// The network that the run begins with.
    Start,
    /// The program's own model, where the network that learns knows nothing yet.
    Usual(Box<ModelEntry>),
    /// There is no model at all.
    FilesAlone,
}

impl Judge {
    pub(super) fn of(engine: &Engine, spec: &RunSpec) -> Self {
        if spec.hold_out.is_none() || spec.duplicates.is_none() {
            return Self::NotAsked;
        }
        if spec.teacher.is_some() {
            return Self::Teacher;
        }
        if spec.from.is_some() {
            return Self::Start;
        }
        let usual = engine.with_models(|models| models.find(ModelRegistry::default_name()).cloned());
        match usual {
            Ok(entry) if entry.files().iter().all(|file| file.is_file()) => Self::Usual(Box::new(entry)),
            _ => Self::FilesAlone,
        }
    }

    /// The model whose crops have to be cut beside those of the run.
    pub(super) fn entry(&self) -> Option<&ModelEntry> {
        if let Self::Usual(entry) = self { Some(entry) } else { None }
    }
}

/// What a search for near-duplicates takes.
pub(super) struct Search<'a> {
    pub spec: &'a RunSpec,
    /// Folder of the run.
    pub out: &'a Path,
    pub judge: &'a Judge,
    pub set: &'a CropSet,
    pub division: &'a Division,
    /// As the run begins with it; `None` where it goes on.
    pub network: Option<&'a Network>,
    /// The teacher's, where there is a teacher.
    pub targets: Option<&'a Targets>,
    pub control: &'a JobControl,
    pub told: &'a Told<'a>,
}

impl Search<'_> {
    /// What is found, told and written into the run's folder; `None` where nobody asked. A run that goes on has what it
    /// found when it began.
    ///
    /// # Errors
    /// A judge that cannot be loaded or fails; a report that cannot be written; cancellation.
    pub(super) fn run(&self) -> Result<Option<Duplicates>, JobError> {
        let Some(rule) = self.spec.duplicates.filter(|_| !matches!(self.judge, Judge::NotAsked)) else {
            if self.spec.hold_out.is_some() {
                self.told.note(tell!("train-twins-not-looked-for"));
            }
            return Ok(None);
        };
        let data = self.data();
        let found = match Duplicates::read(self.out, &data) {
            Some(found) => found,
            None => self.compare(rule, data)?,
        };
        found.write(self.out)?;
        self.told.note(sentence(&found, rule));
        Ok(Some(found))
    }

    fn data(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.set.list.digest_text().as_bytes());
        for &at in &self.division.held_out {
            hasher.update(&(at as u64).to_le_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    fn compare(&self, rule: DuplicateRule, data: String) -> Result<Duplicates, JobError> {
        let Division { open, held_out } = self.division;
        let same = self.same_files()?;
        let rows = self.rows()?;
        let rows = self.targets.filter(|_| matches!(self.judge, Judge::Teacher)).or(rows.as_ref());
        let above = rows.map(|rows| rule.above.map_or_else(|| usual_threshold(rows), |above| above as f32));
        let mut twins = match rows.zip(above) {
            Some((rows, above)) => alike(rows, open, held_out, above).map_err(TrainError::from)?,
            None => BTreeMap::new(),
        };
        let paths: Vec<&str> = self.set.list.faces().map(|(photo, _)| photo.path.as_str()).collect();
        let pair = |learnt: usize| {
            let (twin, alike) = (same.get(&learnt).copied(), twins.remove(&learnt));
            Some(DuplicatePair {
                learnt: paths[learnt].to_owned(),
                held_out: paths[twin.or(alike.map(|(held, _)| held))?].to_owned(),
                same_file: twin.is_some(),
                cosine: alike.map(|(_, cosine)| cosine),
            })
        };
        let pairs = open.iter().copied().filter_map(pair).collect();
        Ok(Duplicates { data, judge: self.judge_name(), above, pairs })
    }

    fn judge_name(&self) -> Option<String> {
        match self.judge {
            Judge::Teacher => self.spec.teacher.as_ref().map(|teacher| teacher.name.clone()),
            Judge::Start => self.spec.from.as_ref().map(|from| from.name.clone()),
            Judge::Usual(entry) => Some(entry.manifest.name.clone()),
            Judge::NotAsked | Judge::FilesAlone => None,
        }
    }

    /// Embeddings of all crops, where the teacher's are not at hand.
    fn rows(&self) -> Result<Option<Targets>, JobError> {
        const STAGE: &str = "Looking for near-duplicates";
        let Self { spec, set, control, told, .. } = self;
        match self.judge {
            Judge::NotAsked | Judge::Teacher | Judge::FilesAlone => Ok(None),
            Judge::Usual(entry) => {
                let Some(crops) = set.packs.last() else { return Ok(None) };
                teacher::targets(entry, &set.list, crops, &spec.crops, STAGE, control, told).map(Some)
            }
            Judge::Start => {
                let Some(crops) = set.packs.first() else { return Ok(None) };
                let network = self
                    .network
                    .ok_or_else(|| TrainError::refused(tell!("train-twins-report-missing", file = REPORT_FILE)))?;
                told.stage(STAGE, "crop");
                let tell = |done| {
                    told.count(done, crops.len() as u64);
                    control.checkpoint().map_err(|_| TrainError::Stopped)
                };
                Ok(Some(Targets::by_network(network, &spec.input, crops, tell)?))
            }
        }
    }

    /// For each face that would be learnt from the file of a held-out one: that one.
    fn same_files(&self) -> Result<HashMap<usize, usize>, JobError> {
        let photos: Vec<_> = self.set.list.faces().map(|(photo, _)| photo).collect();
        let mut by_length: HashMap<u64, Vec<usize>> = HashMap::new();
        for &at in &self.division.held_out {
            by_length.entry(photos[at].bytes).or_default().push(at);
        }
        let mut digests: HashMap<usize, Option<blake3::Hash>> = HashMap::new();
        let mut digest = |at: usize| *digests.entry(at).or_insert_with(|| self.file_digest(&photos[at].path));
        let mut same = HashMap::new();
        for &at in &self.division.open {
            let Some(held) = by_length.get(&photos[at].bytes) else { continue };
            self.control.checkpoint()?;
            let Some(own) = digest(at) else { continue };
            if let Some(&twin) = held.iter().find(|&&held| digest(held) == Some(own)) {
                same.insert(at, twin);
            }
        }
        Ok(same)
    }

    /// `None`, and an issue, where the file cannot be read any more.
    fn file_digest(&self, photo: &str) -> Option<blake3::Hash> {
        let path = self.spec.photos.join(photo);
        let mut hasher = blake3::Hasher::new();
        match std::fs::File::open(&path).and_then(|mut file| std::io::copy(&mut file, &mut hasher)) {
            Ok(_) => Some(hasher.finalize()),
            Err(error) => {
                let reason = tell!("train-twins-not-compared", reason = &error);
                self.told.event(TrainEvent::Issue { path, reason });
                None
            }
        }
    }
}

/// What the run's summary tells.
pub(super) fn summary(found: Duplicates, rule: Option<DuplicateRule>, out: &Path) -> NearDuplicates {
    NearDuplicates {
        report: out.join(REPORT_FILE),
        found: found.pairs.len(),
        same_files: found.same_files(),
        left_out: !rule.unwrap_or_default().keep,
        judge: found.judge,
        above: found.above,
        examples: found.pairs.into_iter().take(EXAMPLES).collect(),
    }
}

/// For the person who waits.
fn sentence(found: &Duplicates, rule: DuplicateRule) -> Telling {
    let how = match (&found.judge, found.above) {
        (Some(judge), Some(above)) => tell!("train-twins-by", cosine = format!("{above:.3}"), judge = judge),
        _ => tell!("train-twins-by-files"),
    };
    let n = found.pairs.len();
    if n == 0 {
        return tell!("train-twins-none", how = how);
    }
    let listed = found.pairs.iter().take(EXAMPLES).map(example);
    let examples = listed.reduce(|first, next| tell!("several", first = first, next = next)).unwrap_or_default();
    let fate = if rule.keep { tell!("train-twins-kept") } else { tell!("train-twins-left-out") };
    let same = tell!("train-twins-same-files", n = found.same_files());
    tell!("train-twins", n = n, how = how, same = same, fate = fate, examples = examples, file = REPORT_FILE)
}

fn example(pair: &DuplicatePair) -> Telling {
    let (learnt, held) = (&pair.learnt, &pair.held_out);
    match pair.cosine {
        Some(cosine) => tell!("train-twins-alike", learnt = learnt, held = held, cosine = format!("{cosine:.3}")),
        None => tell!("train-twins-same-file", learnt = learnt, held = held),
    }
}
