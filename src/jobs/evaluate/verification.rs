//! 1:1: the pairs of an LFW file, and every pair among the photos of their people.

use crate::tell;
use crate::types::Telling;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::faces::{PhotoFaces, WantedPhoto, data_digest, embed_photos};
use super::{EvalSetup, Tell, Tools, machine_text, now_text, sheet};
use crate::eval::lfw::{self, Pair, PairSet, ScoredPair};
use crate::eval::recognition::{
    AllPairs, Choice, Condition, CrossPairs, DataSummary, DetSample, FMR_TARGETS, PersonPair, RecognitionReport,
    Scores, TarPoint, Verification, tar_over_people, tar_points,
};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError};

/// Which pairs are measured.
#[derive(Clone, Debug)]
pub struct LfwSetup {
    pub images: PathBuf,
    pub pairs: PathBuf,
    /// Folds that are reported, from 1; empty for all, each judged at the threshold of the others.
    pub folds: Vec<usize>,
    /// Folds on which thresholds are chosen; empty for all that are not reported.
    pub choose: Vec<usize>,
    /// Compares every photo of the reported people with every other of its fold as well.
    pub all_pairs: bool,
}

/// Where a photo stands in the list of those that are embedded.
type Places = HashMap<(String, u32), usize>;

/// Embeds the main face of every photo that the pairs name, by every network, bare and, where asked for, covered, and
/// reports the errors. In covered comparisons the second photo of each pair is the covered one.
///
/// # Errors
/// A folder, a pairs file or a mask that cannot be used, folds that are not in the file or both reported and chosen on,
/// a network that fails, cancellation. Photos that cannot be used are issues of the report.
pub fn evaluate_lfw(
    engine: &Engine,
    setup: &EvalSetup,
    lfw: &LfwSetup,
    control: &JobControl,
    tell: Tell<'_>,
) -> Result<RecognitionReport, JobError> {
    let (begun, begun_at) = (Instant::now(), now_text());
    let text =
        std::fs::read_to_string(&lfw.pairs).map_err(|reason| JobError::Io { reason, path: lfw.pairs.clone() })?;
    let set = lfw::parse_pairs(&text)?;
    let folds = Folds::new(&set, &lfw.folds, &lfw.choose)?;
    if !lfw.images.is_dir() {
        return Err(JobError::NoSuchSource(lfw.images.clone()));
    }
    let tools = Tools::load(engine, setup)?;
    let (photos, places) = photos_of(&set, &folds, lfw);
    let faces = embed_photos(&tools, setup, &lfw.images, &photos, sheet::wanted(setup), control, tell)?;
    sheet::write(setup, &faces)?;
    let measured = Measured { set: &set, folds: &folds, places: &places, faces: &faces };
    let mut verification = Vec::new();
    for (number, model) in tools.models.iter().enumerate() {
        let mut bare: Option<Verification> = None;
        for condition in setup.conditions() {
            control.checkpoint()?;
            tell("Comparing", verification.len(), tools.models.len() * setup.conditions().len());
            let mut result = measured.verification(&model.name, number, condition, bare.as_ref());
            if lfw.all_pairs {
                result.all_pairs = Some(measured.all_pairs(number, condition, bare.as_ref()));
            }
            if condition == Condition::Bare {
                bare = Some(result.clone());
            }
            verification.push(result);
        }
    }
    let people: BTreeSet<&String> = places.keys().map(|(name, _)| name).collect();
    let lost = faces.iter().filter(|faces| faces.lost_when_covered).count();
    let covered = photos.iter().zip(&faces).filter(|(photo, faces)| photo.covered && faces.problem.is_none()).count();
    Ok(RecognitionReport {
        command: setup.command.clone(),
        begun_at,
        secs: begun.elapsed().as_secs_f32(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: machine_text(),
        method: folds.method(lfw.all_pairs),
        data: DataSummary {
            images: lfw.images.clone(),
            pairs_file: Some(lfw.pairs.clone()),
            digest: data_digest(&lfw.images, &photos, &faces, text.as_bytes()),
            people: people.len(),
            photos: photos.len(),
            photos_missed: faces.iter().filter(|faces| faces.problem.is_some()).count(),
            photos_missed_covered: (setup.masks.is_some() && setup.redetect).then_some([lost, covered]),
        },
        masks: tools.mask_summary,
        folds_reported: folds.reported.iter().map(|fold| fold + 1).collect(),
        folds_chosen: folds.chosen.iter().map(|fold| fold + 1).collect(),
        models: tools.models,
        verification,
        identification: Vec::new(),
        issues: issues(&photos, &faces),
    })
}

pub(super) fn issues(photos: &[WantedPhoto], faces: &[PhotoFaces]) -> Vec<(PathBuf, Telling)> {
    let issue = |(photo, faces): (&WantedPhoto, &PhotoFaces)| Some((photo.path.clone(), faces.problem.clone()?));
    photos.iter().zip(faces).filter_map(issue).collect()
}

/// Folds from 0, those of `reported` and of `chosen` apart from each other.
#[derive(Debug, PartialEq, Eq)]
struct Folds {
    reported: Vec<usize>,
    /// Empty: each reported fold is judged at the threshold of the others.
    chosen: Vec<usize>,
}

impl Folds {
    fn new(set: &PairSet, reported: &[usize], chosen: &[usize]) -> Result<Self, JobError> {
        let known = set.folds.len();
        let checked = |folds: &[usize]| -> Result<Vec<usize>, JobError> {
            let folds: BTreeSet<usize> = folds.iter().copied().collect();
            match folds.iter().find(|fold| !(1..=known).contains(*fold)) {
                Some(fold) => Err(JobError::Failed(tell!("eval-no-fold", fold = *fold, known = known))),
                None => Ok(folds.into_iter().map(|fold| fold - 1).collect()),
            }
        };
        let (mut reported, mut chosen) = (checked(reported)?, checked(chosen)?);
        if let Some(fold) = reported.iter().find(|fold| chosen.contains(fold)) {
            let fold = fold + 1;
            return Err(JobError::Failed(tell!("eval-fold-twice", fold = fold)));
        }
        if reported.is_empty() {
            reported = (0..known).filter(|fold| !chosen.contains(fold)).collect();
        } else if chosen.is_empty() {
            chosen = (0..known).filter(|fold| !reported.contains(fold)).collect();
        }
        for &fold in reported.iter().chain(&chosen) {
            let pairs = &set.folds[fold];
            if !pairs.iter().any(|pair| pair.mated) || pairs.iter().all(|pair| pair.mated) {
                let fold = fold + 1;
                return Err(JobError::Failed(tell!("eval-fold-one-sided", fold = fold)));
            }
        }
        if reported.is_empty() {
            return Err(JobError::Failed(tell!("eval-no-fold-left")));
        }
        Ok(Self { reported, chosen })
    }

    fn method(&self, all_pairs: bool) -> String {
        let named = |folds: &[usize]| {
            let names: Vec<String> = folds.iter().map(|fold| (fold + 1).to_string()).collect();
            format!("fold{} {}", if folds.len() == 1 { "" } else { "s" }, names.join(", "))
        };
        let choice = match (self.chosen.as_slice(), self.reported.len()) {
            ([], 1) => "threshold chosen on the reported fold itself: an upper bound".to_owned(),
            ([], _) => {
                "each fold at the threshold of the others; ± is the standard deviation over the folds".to_owned()
            }
            (chosen, _) => format!("threshold chosen on {}", named(chosen)),
        };
        let all = if all_pairs { "; all pairs: 95 % by drawing people anew 2,000 times" } else { "" };
        format!(
            "reported on {}, {choice}; TAR at the lowest threshold that keeps the FMR on the reported pairs, \
             95 % intervals by Wilson over pairs{all}",
            named(&self.reported)
        )
    }
}

/// The photos of the pairs (and with `all_pairs` nothing more: the people's photos that stand in pairs).
fn photos_of(set: &PairSet, folds: &Folds, lfw: &LfwSetup) -> (Vec<WantedPhoto>, Places) {
    let mut wanted: BTreeMap<(String, u32), bool> = BTreeMap::new();
    for &fold in folds.reported.iter().chain(&folds.chosen) {
        let is_reported = folds.reported.contains(&fold);
        for pair in &set.folds[fold] {
            *wanted.entry(pair.a.clone()).or_default() |= lfw.all_pairs && is_reported;
            *wanted.entry(pair.b.clone()).or_default() = true;
        }
    }
    let path = |(name, number): &(String, u32)| lfw::photo_path(&lfw.images, name, *number);
    let photos = wanted.iter().map(|(photo, &covered)| WantedPhoto { path: path(photo), covered }).collect();
    (photos, wanted.into_keys().enumerate().map(|(at, photo)| (photo, at)).collect())
}

/// Pairs and the embeddings of their photos.
struct Measured<'a> {
    set: &'a PairSet,
    folds: &'a Folds,
    places: &'a Places,
    faces: &'a [PhotoFaces],
}

impl Measured<'_> {
    fn score(&self, model: usize, condition: Condition, a: usize, b: usize) -> Option<f32> {
        let first = self.faces[a].embedding(model, Condition::Bare)?;
        Some(first.score(self.faces[b].embedding(model, condition)?))
    }

    fn fold(&self, model: usize, condition: Condition, fold: usize) -> Vec<ScoredPair> {
        let scored = |pair: &Pair| {
            let (a, b) = (self.places[&pair.a], self.places[&pair.b]);
            ScoredPair { score: self.score(model, condition, a, b), mated: pair.mated }
        };
        self.set.folds[fold].iter().map(scored).collect()
    }

    fn verification(
        &self,
        name: &str,
        model: usize,
        condition: Condition,
        bare: Option<&Verification>,
    ) -> Verification {
        let folds = |folds: &[usize]| -> Vec<Vec<ScoredPair>> {
            folds.iter().map(|&fold| self.fold(model, condition, fold)).collect()
        };
        let (reported, chosen) = (folds(&self.folds.reported), folds(&self.folds.chosen));
        let scores = Scores::from_pairs(reported.iter().flatten());
        let protocol = lfw::evaluate(&reported);
        let choice = (!chosen.is_empty()).then(|| {
            let choosing = Scores::from_pairs(chosen.iter().flatten());
            let at_fmr = |fmr: f64| Some(TarPoint { fmr_target: fmr, at: scores.at(choosing.threshold_at_fmr(fmr)?) });
            Choice {
                best_accuracy: scores.at(lfw::best_threshold(&chosen.concat())),
                at_fmr: FMR_TARGETS.into_iter().filter_map(at_fmr).collect(),
            }
        });
        let best = choice.as_ref().map(|choice| choice.best_accuracy);
        let finite = |value: f64| value.is_finite().then_some(value);
        Verification {
            model: name.to_owned(),
            condition,
            mated_pairs: scores.mated.len(),
            nonmated_pairs: scores.nonmated.len(),
            failures: protocol.failures,
            accuracy: best.map_or(protocol.accuracy, |best| best.accuracy.mean),
            accuracy_std: best.is_none().then_some(protocol.std),
            threshold: best.map_or(protocol.threshold, |best| best.threshold),
            mated_mean: finite(protocol.mated_mean),
            nonmated_mean: finite(protocol.nonmated_mean),
            tar: tar_points(&scores),
            chosen: choice,
            at_bare_thresholds: bare.map(|bare| at_thresholds(&scores, &bare.tar)).unwrap_or_default(),
            det: DetSample::curve(&scores),
            all_pairs: None,
        }
    }

    /// Bare photos are compared once, and otherwise each with the covered form of every other.
    fn all_pairs(&self, model: usize, condition: Condition, bare: Option<&Verification>) -> AllPairs {
        let mut pairs = CrossPairs::default();
        let mut people: BTreeMap<&str, u32> = BTreeMap::new();
        for &fold in &self.folds.reported {
            let photos: BTreeSet<&(String, u32)> =
                self.set.folds[fold].iter().flat_map(|pair| [&pair.a, &pair.b]).collect();
            let mut listed = Vec::with_capacity(photos.len());
            for photo in photos {
                let next = people.len() as u32;
                listed.push((self.places[photo], *people.entry(&photo.0).or_insert(next)));
            }
            for (i, &(a, person_a)) in listed.iter().enumerate() {
                for (j, &(b, person_b)) in listed.iter().enumerate() {
                    if i == j || (condition == Condition::Bare && i > j) {
                        continue;
                    }
                    let score = self.score(model, condition, a, b).unwrap_or(f32::NEG_INFINITY);
                    let pair = PersonPair { score, people: [person_a, person_b] };
                    if person_a == person_b { pairs.mated.push(pair) } else { pairs.nonmated.push(pair) }
                }
            }
        }
        let scores = pairs.scores();
        let bare = bare.and_then(|bare| bare.all_pairs.as_ref());
        AllPairs {
            mated_pairs: scores.mated.len(),
            nonmated_pairs: scores.nonmated.len(),
            tar: tar_over_people(&pairs, people.len()),
            at_bare_thresholds: bare.map(|bare| at_thresholds(&scores, &bare.tar)).unwrap_or_default(),
            det: DetSample::curve(&scores),
        }
    }
}

fn at_thresholds(scores: &Scores, points: &[TarPoint]) -> Vec<TarPoint> {
    points.iter().map(|point| TarPoint { at: scores.at(point.at.threshold), ..*point }).collect()
}

/// Every photo file below `folder`, by person: the folders in it are people.
pub(super) fn people_of(folder: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>, JobError> {
    let io = |reason, path: &Path| JobError::Io { reason, path: path.to_path_buf() };
    let mut people = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(|reason| io(reason, folder))? {
        let path = entry.map_err(|reason| io(reason, folder))?.path();
        if !path.is_dir() {
            continue;
        }
        let mut photos = Vec::new();
        for photo in std::fs::read_dir(&path).map_err(|reason| io(reason, &path))? {
            let photo = photo.map_err(|reason| io(reason, &path))?.path();
            if photo.is_file() && crate::vision::decode::is_photo_name(&photo) {
                photos.push(photo);
            }
        }
        photos.sort();
        if let Some(name) = path.file_name().filter(|_| !photos.is_empty()) {
            people.insert(name.to_string_lossy().into_owned(), photos);
        }
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Tell as _;

    fn set() -> PairSet {
        lfw::parse_pairs("3\t1\nA\t1\t2\nA\t1\tB\t1\nC\t1\t2\nC\t1\tD\t1\nE\t1\t2\nE\t1\tF\t1\n").unwrap()
    }

    #[test]
    fn folds_are_reported_or_chosen_on_but_never_both() {
        let folds = |reported: &[usize], chosen: &[usize]| Folds::new(&set(), reported, chosen);
        let is = |reported: &[usize], chosen: &[usize]| Folds { reported: reported.into(), chosen: chosen.into() };
        assert_eq!(folds(&[], &[]).unwrap(), is(&[0, 1, 2], &[]));
        assert_eq!(folds(&[3], &[2]).unwrap(), is(&[2], &[1]));
        assert_eq!(folds(&[3, 3], &[]).unwrap(), is(&[2], &[0, 1]));
        assert_eq!(folds(&[], &[1]).unwrap(), is(&[1, 2], &[0]));
        assert!(folds(&[4], &[]).unwrap_err().telling().code == "eval-no-fold");
        assert!(folds(&[0], &[]).is_err());
        assert!(folds(&[2], &[2]).unwrap_err().telling().code == "eval-fold-twice");
        assert!(folds(&[], &[1, 2, 3]).is_err());
        assert!(folds(&[3], &[2]).unwrap().method(false).contains("threshold chosen on fold 2"));
    }
}
