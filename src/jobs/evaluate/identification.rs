//! 1:N: photos searched among enrolled ones, people from folders.

use crate::tell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use super::faces::{PhotoFaces, WantedPhoto, data_digest, embed_photos};
use super::verification::{issues, people_of};
use super::{EvalSetup, Tell, Tools, machine_text, now_text, sheet};
use crate::eval::identification::{identification_points, point_at_fpir};
use crate::eval::leave_one_out::{Probe, rank_of_mate};
use crate::eval::lfw;
use crate::eval::people::{PersonScore, REPLICATES, share_over_people};
use crate::eval::recognition::{Condition, DataSummary, FnirPoint, Identification, RecognitionReport};
use crate::index::{FaceIndex, ReferenceIndex};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError};
use crate::types::{FaceId, count};

/// Which photos of a person are enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GalleryChoice {
    /// All but the probe itself.
    Others,
    /// The first by name; the others are probes.
    First,
}

/// Who is searched among whom.
#[derive(Clone, Debug)]
pub struct SearchSetup {
    /// A folder for each person.
    pub images: PathBuf,
    /// Only the people of these folds of a pairs file.
    pub pairs: Option<PathBuf>,
    pub folds: Vec<usize>,
    pub gallery: GalleryChoice,
    /// People with several photos, at most; 0 for all.
    pub people: usize,
    /// People with one photo, at most; 0 for all. They are enrolled, and searched as people who are not.
    pub distractors: usize,
    /// Probes of each person with several photos, at most; 0 for all.
    pub probes: usize,
}

/// FPIRs at which FNIR is told, where there are searches enough.
const FPIR_TARGETS: [f64; 2] = [1e-1, 1e-2];
/// Candidates that are looked at: a person who comes later counts as not found.
const CANDIDATES: usize = 100;
const CURVE_POINTS: usize = 400;
/// Searches handed over together.
const BATCH: usize = 64;

/// Searches every probe exactly among the enrolled faces, its own photo left out: probes of people with another photo
/// enrolled are mated, photos of people who have no other are nonmated.
///
/// # Errors
/// A folder, a pairs file or masks that cannot be used; nobody with two photos; a network that fails; cancellation.
pub fn evaluate_search(
    engine: &Engine,
    setup: &EvalSetup,
    search: &SearchSetup,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<RecognitionReport, JobError> {
    let (begun, begun_at) = (Instant::now(), now_text());
    if !search.images.is_dir() {
        return Err(JobError::NoSuchSource(search.images.clone()));
    }
    let listed = listed_people(search)?;
    let photos: Vec<WantedPhoto> = listed
        .iter()
        .map(|photo| WantedPhoto { path: photo.path.clone(), covered: photo.is_probe && setup.masks.is_some() })
        .collect();
    let tools = Tools::load(engine, setup)?;
    let faces = embed_photos(&tools, setup, &search.images, &photos, sheet::wanted(setup), control, tell)?;
    sheet::write(setup, &faces)?;
    let mut identification = Vec::new();
    for (number, model) in tools.models.iter().enumerate() {
        let gallery = Gallery::enroll(&listed, &faces, number, model.d)?;
        for condition in setup.conditions() {
            identification.push(gallery.search(&model.name, number, condition, &listed, &faces, control, tell)?);
        }
    }
    let people: BTreeSet<usize> = listed.iter().map(|photo| photo.person).collect();
    let lost = faces.iter().filter(|faces| faces.lost_when_covered).count();
    let covered = photos.iter().zip(&faces).filter(|(photo, faces)| photo.covered && faces.problem.is_none()).count();
    Ok(RecognitionReport {
        command: setup.command.clone(),
        begun_at,
        secs: begun.elapsed().as_secs_f32(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: machine_text(),
        method: method(search),
        data: DataSummary {
            images: search.images.clone(),
            pairs_file: search.pairs.clone(),
            digest: data_digest(&search.images, &photos, &faces, &[]),
            people: people.len(),
            photos: photos.len(),
            photos_missed: faces.iter().filter(|faces| faces.problem.is_some()).count(),
            photos_missed_covered: (setup.masks.is_some() && setup.redetect).then_some([lost, covered]),
        },
        masks: tools.mask_summary,
        folds_reported: search.folds.clone(),
        folds_chosen: Vec::new(),
        models: tools.models,
        verification: Vec::new(),
        identification,
        issues: issues(&photos, &faces),
    })
}

fn method(search: &SearchSetup) -> String {
    let enrolled = match search.gallery {
        GalleryChoice::Others => "every photo but the probe is enrolled",
        GalleryChoice::First => "the first photo of each person is enrolled, the others are probes",
    };
    let probes = match search.probes {
        0 => String::new(),
        n => format!(", at most {} a person", count(n as u64, "probe")),
    };
    format!(
        "{enrolled}{probes}; people with one photo are enrolled, too, and searched with it left out as nonmated probes; exact \
         search, {CANDIDATES} candidates; 95 % intervals over {REPLICATES} draws of people"
    )
}

/// A photo of the measurement.
struct Listed {
    path: PathBuf,
    person: usize,
    is_enrolled: bool,
    is_probe: bool,
    /// Its person has another enrolled photo.
    is_mated: bool,
}

fn listed_people(search: &SearchSetup) -> Result<Vec<Listed>, JobError> {
    let mut people = people_of(&search.images)?;
    if let Some(allowed) = people_of_folds(search)? {
        people.retain(|name, _| allowed.contains(name));
    }
    let limit = |n: usize| if n == 0 { usize::MAX } else { n };
    let (several, single): (BTreeMap<_, _>, BTreeMap<_, _>) =
        people.into_iter().partition(|(_, photos)| photos.len() > 1);
    if several.is_empty() {
        return Err(JobError::Failed(tell!("eval-nobody-twice", folder = &search.images)));
    }
    let several = several.into_iter().take(limit(search.people));
    let single = single.into_iter().take(limit(search.distractors));
    let mut listed = Vec::new();
    for (person, (_, photos)) in several.chain(single).enumerate() {
        let is_mated = photos.len() > 1;
        for (at, path) in photos.into_iter().enumerate() {
            let is_first = at == 0;
            let enrolls_all = search.gallery == GalleryChoice::Others;
            // The first photo is no probe where it alone is enrolled.
            let probes_before = if enrolls_all { at } else { at.saturating_sub(1) };
            let is_left_out = is_mated && probes_before >= limit(search.probes);
            let is_probe = (enrolls_all || !is_first || !is_mated) && !is_left_out;
            let is_enrolled = enrolls_all || is_first;
            if !is_probe && !is_enrolled {
                continue;
            }
            listed.push(Listed { path, person, is_enrolled, is_probe, is_mated });
        }
    }
    Ok(listed)
}

/// `None` for everybody.
fn people_of_folds(search: &SearchSetup) -> Result<Option<BTreeSet<String>>, JobError> {
    let Some(path) = &search.pairs else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|reason| JobError::Io { reason, path: path.clone() })?;
    let set = lfw::parse_pairs(&text)?;
    let mut names = BTreeSet::new();
    for (at, fold) in set.folds.iter().enumerate() {
        if search.folds.is_empty() || search.folds.contains(&(at + 1)) {
            names.extend(fold.iter().flat_map(|pair| [pair.a.0.clone(), pair.b.0.clone()]));
        }
    }
    match search.folds.iter().find(|fold| !(1..=set.folds.len()).contains(*fold)) {
        Some(fold) => Err(JobError::Failed(tell!("eval-no-fold", fold = *fold, known = set.folds.len()))),
        None => Ok(Some(names)),
    }
}

/// The enrolled faces of one network; a face's id is the photo's place in the list.
struct Gallery {
    index: ReferenceIndex,
}

impl Gallery {
    fn enroll(listed: &[Listed], faces: &[PhotoFaces], model: usize, d: usize) -> Result<Self, JobError> {
        let index = ReferenceIndex::new(d)?;
        let (mut ids, mut embeddings) = (Vec::new(), Vec::new());
        for (at, (photo, faces)) in listed.iter().zip(faces).enumerate() {
            if let Some(embedding) = faces.embedding(model, Condition::Bare).filter(|_| photo.is_enrolled) {
                ids.push(FaceId(at as i64));
                embeddings.push(embedding.clone());
            }
        }
        index.add(&ids, &embeddings)?;
        Ok(Self { index })
    }

    #[allow(clippy::too_many_arguments, reason = "one call, all of it what a search needs")]
    fn search(
        &self,
        name: &str,
        model: usize,
        condition: Condition,
        listed: &[Listed],
        faces: &[PhotoFaces],
        control: &JobControl,
        tell: Tell<'_>,
    ) -> Result<Identification, JobError> {
        let places: Vec<usize> = (0..listed.len()).filter(|&at| listed[at].is_probe).collect();
        let mut probes = Vec::new();
        let (mut mated, mut nonmated, mut failures) = (Vec::new(), Vec::new(), 0);
        for (done, batch) in places.chunks(BATCH).enumerate() {
            control.checkpoint()?;
            tell("Searching", done * BATCH, places.len());
            let found: Vec<usize> =
                batch.iter().copied().filter(|&at| faces[at].embedding(model, condition).is_some()).collect();
            let embeddings: Vec<_> =
                found.iter().filter_map(|&at| faces[at].embedding(model, condition).cloned()).collect();
            let mut hits = self.index.search_batch(&embeddings, CANDIDATES + 1)?.into_iter();
            for &at in batch {
                let hits = if found.contains(&at) { hits.next().unwrap_or_default() } else { Vec::new() };
                failures += usize::from(!found.contains(&at));
                let others = || hits.iter().filter(|hit| hit.face != FaceId(at as i64)).take(CANDIDATES);
                let person_of = |face: FaceId| listed[face.0 as usize].person;
                let person = listed[at].person as u64;
                if listed[at].is_mated {
                    let right = others().find(|hit| person_of(hit.face) == listed[at].person);
                    mated.push(PersonScore { person, score: right.map(|hit| hit.score) });
                    let candidates = others().map(|hit| person_of(hit.face)).collect();
                    probes.push(Probe { subject: listed[at].person, candidates });
                } else {
                    nonmated.push(PersonScore { person, score: others().next().map(|hit| hit.score) });
                }
            }
        }
        let within = |n: usize| {
            let is_within = |probe: &Probe<usize>| rank_of_mate(probe).is_some_and(|rank| rank <= n);
            share_over_people(probes.iter().map(|probe| (probe.subject as u64, is_within(probe))))
        };
        let has_enough = |fpir: &f64| fpir * nonmated.len() as f64 >= 1.0 - 1e-9;
        let at_fpir = FPIR_TARGETS
            .into_iter()
            .filter(has_enough)
            .filter_map(|fpir| Some(FnirPoint { fpir_target: fpir, at: point_at_fpir(&mated, &nonmated, fpir)? }));
        Ok(Identification {
            model: name.to_owned(),
            condition,
            ntotal: self.index.ntotal(),
            mated_searches: mated.len(),
            nonmated_searches: nonmated.len(),
            failures,
            rank_1: within(1),
            rank_10: within(10),
            at_fpir: at_fpir.collect(),
            curve: identification_points(&mated, &nonmated, CURVE_POINTS),
        })
    }
}
