//! One vector for every enrolled subject, the mean of its faces, searched ahead of the faces themselves: the faces of
//! the best subjects are then scored exactly.
//!
//! Faces without a subject are searched as if there were no templates. A subject whose faces changed since the index
//! was built gets its template anew; the old one is dead.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use super::IndexError;
use super::build::build;
use super::face_index::SearchOptions;
use super::files::{corrupt, missing_or_io, write_synced};
use super::hit::{Hit, by_rank};
use super::layered::Layered;
use super::names::MEMBERS_FILE;
use super::raw::RawVectors;
use super::rows::RowSet;
use super::trained::TrainedIndex;
use super::watch::BuildWatch;
use crate::types::{Codes, Embedding, FaceId, IndexSpec, Refine, SearchParams, Structure, SubjectId};

/// Which subject each face belongs to, for the faces that have one.
pub type Labels = [(FaceId, SubjectId)];

/// Templates up to which they are all compared.
const FEW: usize = 4096;

/// Times the subjects wanted that are scored from their exact templates.
const REFINE: u32 = 8;

/// With which the templates themselves are searched.
fn params_of_templates() -> SearchParams {
    SearchParams { refine_factor: REFINE, ..SearchParams::default() }
}

/// The templates of one trained index.
#[derive(Debug)]
pub struct Templates {
    /// Subjects instead of faces.
    index: Layered,
    /// Subjects of the build, rising, and where their rows begin.
    subjects: Vec<i64>,
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// Held while a template is made anew, so that no search misses its subject.
    now: RwLock<Now>,
}

/// What has changed since the build.
#[derive(Debug)]
struct Now {
    /// The rows of subjects that have changed.
    changed: HashMap<i64, Vec<u32>>,
    /// Rows that have another subject than at the build, or none.
    owners: HashMap<u32, Option<i64>>,
    /// Rows whose face has no subject with a template.
    unlabelled: RowSet,
}

impl Templates {
    /// How the templates themselves are indexed.
    fn spec(n: usize, d: usize) -> IndexSpec {
        let pq_m = (1..=d / 4).rev().find(|pq_m| d.is_multiple_of(*pq_m)).unwrap_or(1) as u32;
        if n <= FEW {
            return IndexSpec { refine: Refine::F32, ..IndexSpec::FLAT };
        }
        IndexSpec {
            structure: Structure::Flat,
            codes: Codes::PqFastScan { pq_m, by_residual: false },
            refine: Refine::F32,
            ..IndexSpec::FLAT
        }
    }

    /// Builds the templates of all subjects into `dir`; `read` appends the vector of a face, or nothing for a face that
    /// it does not know.
    pub(super) fn build(
        labels: &Labels,
        d: usize,
        read: &dyn Fn(FaceId, &mut Vec<f32>),
        dir: &Path,
        threads: usize,
        watch: &dyn BuildWatch,
    ) -> Result<(), IndexError> {
        std::fs::create_dir_all(dir).map_err(IndexError::io("create the index folder", dir))?;
        let members = members_from_labels(labels);
        let mut stored = Vec::new();
        let templates = RawVectors::create(&dir.join("templates.raw"), d, |push| {
            let mut vectors = Vec::new();
            for (number, (subject, faces)) in members.iter().enumerate() {
                if number.is_multiple_of(4096) {
                    watch.checkpoint()?;
                    watch.progress("Averaging subjects", number, members.len());
                }
                vectors.clear();
                faces.iter().for_each(|face| read(*face, &mut vectors));
                if let Some(mean) = mean_of(d, vectors.chunks_exact(d)) {
                    push(FaceId(*subject), mean.as_slice())?;
                    stored.extend(subject.to_le_bytes());
                    stored.extend(digest_of(faces).to_le_bytes());
                }
            }
            Ok::<(), IndexError>(())
        })?;
        write_synced(&dir.join(MEMBERS_FILE), &stored)?;
        build(&templates, None, &Self::spec(templates.len(), d), dir, threads, watch)?;
        Ok(())
    }

    /// Opens what [`Templates::build`] wrote beside `faces` and makes anew what has changed since, according to the
    /// labels of now.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`].
    pub fn open(dir: &Path, faces: &TrainedIndex, labels: &Labels) -> Result<Self, IndexError> {
        let members_path = dir.join(MEMBERS_FILE);
        let stored = std::fs::read(&members_path).map_err(|e| missing_or_io(&members_path, e))?;
        let (records, rest) = stored.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(corrupt(&members_path, "its length is no multiple of 16"));
        }
        let half = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let known: HashMap<i64, u64> = records.iter().map(|r| (half(&r[..8]) as i64, half(&r[8..]))).collect();
        let spec = Self::spec(known.len(), faces.d());
        let trained = TrainedIndex::open(dir, &spec, faces.d(), known.len(), false)?;
        let members = members_from_labels(labels);
        let index = Layered::from_trained(trained)?;
        let gone: Vec<FaceId> =
            known.keys().filter(|subject| !members.contains_key(subject)).copied().map(FaceId).collect();
        index.remove(&gone)?;
        let mut templates = Self {
            index,
            subjects: Vec::with_capacity(members.len()),
            starts: vec![0],
            rows: Vec::new(),
            now: RwLock::new(Now {
                changed: HashMap::new(),
                owners: HashMap::new(),
                unlabelled: RowSet::empty(faces.ntotal()),
            }),
        };
        let mut labelled = RowSet::empty(faces.ntotal());
        let mut changed = Vec::new();
        for (subject, members) in &members {
            templates.subjects.push(*subject);
            for row in members.iter().filter_map(|face| faces.row(*face)) {
                templates.rows.push(row as u32);
                labelled.insert(row);
            }
            templates.starts.push(templates.rows.len() as u32);
            if known.get(subject) != Some(&digest_of(members)) {
                changed.push(*subject);
            }
        }
        let mut unlabelled = RowSet::empty(faces.ntotal());
        (0..faces.ntotal()).filter(|row| !labelled.contains(*row)).for_each(|row| unlabelled.insert(row));
        templates.now_mut().unlabelled = unlabelled;
        for subject in changed {
            templates.set_subject(subject, &members[&subject], faces)?;
        }
        Ok(templates)
    }

    /// How many subjects have a template.
    pub fn len(&self) -> usize {
        self.index.ntotal()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes a subject's template anew from its faces; without any it has none. Faces whose mean has no direction are
    /// searched like those without a subject.
    pub(super) fn set_subject(&self, subject: i64, faces: &[FaceId], trained: &TrainedIndex) -> Result<(), IndexError> {
        let mut rows: Vec<u32> = faces.iter().filter_map(|face| trained.row(*face)).map(|row| row as u32).collect();
        let mut vectors = Vec::new();
        if let Some(store) = trained.store() {
            rows.iter().for_each(|row| store.read_row(*row as usize, &mut vectors));
        }
        let mean = mean_of(trained.d(), vectors.chunks_exact(trained.d()));
        if mean.is_none() {
            rows.clear();
        }
        let mut now = self.now_mut();
        let template = FaceId(subject);
        match mean {
            Some(mean) => self.index.replace(&[], &[template], &[mean])?,
            None => self.index.replace(&[template], &[], &[])?,
        }
        for row in self.rows_of(subject, &now) {
            now.owners.insert(row, None);
            now.unlabelled.insert(row as usize);
        }
        for row in &rows {
            now.owners.insert(*row, Some(subject));
            now.unlabelled.remove(*row as usize);
        }
        now.changed.insert(subject, rows);
        Ok(())
    }

    /// Memory it takes.
    pub fn ram_bytes(&self) -> u64 {
        let lists = self.subjects.len() * 8 + self.starts.len() * 4 + self.rows.len() * 4;
        self.index.ram_bytes() + lists as u64
    }

    /// The `k` nearest faces to each probe: those of the best subjects, and those without a subject. Faces that are left out
    /// have no part in their subject's template either.
    pub(super) fn search(
        &self,
        trained: &TrainedIndex,
        probes: &[f32],
        k: usize,
        params: &SearchParams,
        dead: &RowSet,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let search = |(at, probe)| {
            self.search_one(trained, probe, k, params, dead, options.exclude.get(at..=at).unwrap_or_default())
        };
        probes.chunks_exact(trained.d()).enumerate().map(search).collect()
    }

    fn search_one(
        &self,
        trained: &TrainedIndex,
        probe: &[f32],
        k: usize,
        params: &SearchParams,
        dead: &RowSet,
        exclude: &[Vec<FaceId>],
    ) -> Result<Vec<Hit>, IndexError> {
        let Ok(embedding) = Embedding::try_from_raw(probe.to_vec()) else { return Ok(Vec::new()) };
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        let mut others = match now.unlabelled.count() {
            0 => Vec::new(),
            _ => {
                trained.search_within(probe, k, params, Some(&now.unlabelled), dead, exclude)?.pop().unwrap_or_default()
            }
        };
        let out: Vec<usize> = exclude.iter().flatten().filter_map(|face| trained.row(*face)).collect();
        let is_answer = |row: &usize| !dead.contains(*row) && !out.contains(row);
        let mut wanted = params.templates as usize;
        loop {
            let subjects = self.nearest_subjects(trained, &embedding, wanted, &out, &now)?;
            let rows = subjects.iter().flat_map(|subject| self.rows_of(*subject, &now)).map(|row| row as usize);
            let mut hits = trained.score_rows(probe, rows.filter(is_answer), k);
            // A handful of subjects may have too few faces for a long list.
            if hits.len() + others.len() < k && subjects.len() == wanted {
                wanted *= 4;
                continue;
            }
            hits.append(&mut others);
            hits.sort_unstable_by(by_rank);
            hits.truncate(k);
            return Ok(hits);
        }
    }

    /// The `wanted` subjects whose templates are nearest, best first, as if the rows `out` had never been theirs.
    fn nearest_subjects(
        &self,
        trained: &TrainedIndex,
        probe: &Embedding,
        wanted: usize,
        out: &[usize],
        now: &Now,
    ) -> Result<Vec<i64>, IndexError> {
        let search = |n| -> Result<Vec<Hit>, IndexError> {
            let only = std::slice::from_ref(probe);
            let found = self.index.search(only, n, &params_of_templates(), SearchOptions::default())?;
            Ok(found.into_iter().next().unwrap_or_default())
        };
        let mut hits = search(wanted)?;
        if out.is_empty() {
            return Ok(hits.into_iter().map(|hit| hit.face.0).collect());
        }
        let loses = |hit: &Hit| self.rows_of(hit.face.0, now).iter().any(|row| out.contains(&(*row as usize)));
        // Those behind move up where one falls back or goes, and may go themselves.
        let mut asked = wanted;
        let mut losing = hits.iter().filter(|hit| loses(hit)).count();
        while losing > 0 {
            asked += losing;
            let all = search(asked)?;
            let (is_end, lost) = (all.len() < asked, all.iter().filter(|hit| loses(hit)).count());
            hits = all
                .into_iter()
                .filter_map(|hit| if loses(&hit) { self.without(trained, probe, hit, out, now) } else { Some(hit) })
                .collect();
            // Each that fell back may stand before one that was not looked at, and each that went leaves a place.
            losing = if is_end { 0 } else { (wanted + lost).saturating_sub(asked) };
        }
        hits.sort_unstable_by(by_rank);
        hits.truncate(wanted);
        Ok(hits.into_iter().map(|hit| hit.face.0).collect())
    }

    /// A subject scored by its template without some of its rows; `None` where no other is left.
    fn without(&self, trained: &TrainedIndex, probe: &Embedding, hit: Hit, out: &[usize], now: &Now) -> Option<Hit> {
        let mut vectors = Vec::new();
        let store = trained.store()?;
        let rows = self.rows_of(hit.face.0, now).into_iter().map(|row| row as usize);
        rows.filter(|row| !out.contains(row)).for_each(|row| store.read_row(row, &mut vectors));
        let mean = mean_of(trained.d(), vectors.chunks_exact(trained.d()))?;
        Some(Hit { score: mean.score(probe), ..hit })
    }

    /// The rows of a subject's faces; those in the tail have none. One that another subject has taken over is that one's.
    fn rows_of(&self, subject: i64, now: &Now) -> Vec<u32> {
        let rows = match (now.changed.get(&subject), self.subjects.binary_search(&subject)) {
            (Some(rows), _) => rows.as_slice(),
            (None, Ok(at)) => &self.rows[self.starts[at] as usize..self.starts[at + 1] as usize],
            (None, Err(_)) => &[],
        };
        let is_its = |row: &&u32| now.owners.get(*row).is_none_or(|owner| *owner == Some(subject));
        rows.iter().filter(is_its).copied().collect()
    }

    fn now_mut(&self) -> RwLockWriteGuard<'_, Now> {
        self.now.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The faces of every subject, both rising.
fn members_from_labels(labels: &Labels) -> std::collections::BTreeMap<i64, Vec<FaceId>> {
    let mut members = std::collections::BTreeMap::<i64, Vec<FaceId>>::new();
    for (face, subject) in labels {
        members.entry(subject.0).or_default().push(*face);
    }
    members.values_mut().for_each(|faces| faces.sort_unstable());
    members
}

/// Tells whether a subject still has the faces it had.
fn digest_of(faces: &[FaceId]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    faces.iter().for_each(|face| {
        hasher.update(&face.0.to_le_bytes());
    });
    let bytes = hasher.finalize();
    u64::from_le_bytes(bytes.as_bytes()[..8].try_into().unwrap_or_default())
}

/// The direction of the mean; `None` without rows, or where they cancel out.
fn mean_of<'a>(d: usize, rows: impl Iterator<Item = &'a [f32]>) -> Option<Embedding> {
    let mut sum = vec![0.0f32; d];
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    Embedding::try_from_raw(sum).ok()
}
