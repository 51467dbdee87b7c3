//! Which faces of a crop set are learnt from, and which are measured on.

use crate::tell;
use std::collections::{BTreeMap, BTreeSet};

use super::crops::{CropList, landmarks_in_crop};
use super::error::TrainError;
use super::hold_out::HeldOut;
use super::loader::Face;
use super::spec::RunSpec;
use super::validate::Validation;
use crate::types::Landmarks;

/// A crop set, divided.
pub struct Split {
    pub faces: Vec<Face>,
    /// Different labels among them; 1 where labels do not count.
    pub people: usize,
    pub validation: Option<Validation>,
    /// Faces left out because their people are held out.
    pub held_out: usize,
    /// Changes with the faces, their labels and their division.
    pub digest: String,
}

/// The faces of a crop set by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Of people who may be learnt from.
    pub open: Vec<usize>,
    /// Of people held out.
    pub held_out: Vec<usize>,
}

/// Who is held out and who is not.
pub fn divide(list: &CropList, held_out: Option<&HeldOut>) -> Division {
    let mut division = Division { open: Vec::new(), held_out: Vec::new() };
    for (at, (photo, _)) in list.faces().enumerate() {
        let is_held_out = held_out.is_some_and(|held| held.has(photo.person()));
        if is_held_out { &mut division.held_out } else { &mut division.open }.push(at);
    }
    division
}

/// Divides `list` as `spec` asks; the crops in `left_out` are learnt by nobody. With a loss on labels a person is a folder of photos.
///
/// # Errors
/// Too few faces or people to learn from, in words; held-out pairs that this folder does not have.
pub fn split(
    list: &CropList,
    spec: &RunSpec,
    held_out: Option<&HeldOut>,
    left_out: &BTreeSet<usize>,
) -> Result<Split, TrainError> {
    let template = &spec.input.template;
    let landmarks: Vec<Landmarks> =
        list.faces().map(|(_, landmarks)| landmarks_in_crop(&landmarks, template)).collect();
    let photos = &spec.photos;
    if landmarks.is_empty() {
        let found = match list.photos.len() {
            0 => tell!("train-no-photos"),
            n => tell!("train-no-faces", n = n),
        };
        return Err(TrainError::refused(tell!("train-nothing", path = photos, found = found)));
    }
    let division = divide(list, held_out);
    let held = division.held_out.len();
    let people: Vec<Option<&str>> = list.faces().map(|(photo, _)| photo.person()).collect();
    let open: Vec<(usize, Option<&str>)> =
        division.open.into_iter().filter(|at| !left_out.contains(at)).map(|at| (at, people[at])).collect();
    let labels = if spec.objective.class_weight > 0.0 { Some(labels(&open, spec)?) } else { None };
    let mut faces = Vec::with_capacity(open.len());
    for (crop, person) in open {
        let label = match (&labels, person) {
            (None, _) => Some(0),
            (Some(labels), Some(person)) => labels.get(person).copied(),
            (Some(_), None) => None,
        };
        faces.extend(label.map(|label| Face { crop, landmarks: landmarks[crop], label }));
    }
    if faces.len() < 2 {
        let (n, twins) = (faces.len(), left_out.len());
        return Err(TrainError::refused(tell!(
            "train-too-few-faces",
            path = photos,
            n = n,
            held = held,
            twins = twins
        )));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(list.digest_text().as_bytes());
    for face in &faces {
        hasher.update(&(face.crop as u64).to_le_bytes()).update(&face.label.to_le_bytes());
    }
    let validation = held_out.map(|held| validation(list, held, landmarks)).transpose()?;
    Ok(Split {
        people: labels.map_or(1, |labels| labels.len()),
        faces,
        validation,
        held_out: held,
        digest: hasher.finalize().to_hex()[..16].to_owned(),
    })
}

/// A number for each person with enough photos, in the order of their names.
fn labels(open: &[(usize, Option<&str>)], spec: &RunSpec) -> Result<BTreeMap<String, i64>, TrainError> {
    let photos = &spec.photos;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for person in open.iter().filter_map(|(_, person)| *person) {
        *counts.entry(person).or_default() += 1;
    }
    let found: BTreeSet<&str> = counts.keys().copied().collect();
    let people = counts.iter().filter(|(_, n)| **n >= spec.min_photos).map(|(person, _)| (*person).to_owned());
    let labels: BTreeMap<String, i64> = people.zip(0..).collect();
    let least = spec.min_photos;
    match (found.len(), labels.len()) {
        (_, 2..) => Ok(labels),
        (0, _) => Err(TrainError::refused(tell!("train-nobody", path = photos))),
        (1, _) => {
            let person = found.first().copied().unwrap_or_default();
            Err(TrainError::refused(tell!("train-one-person", path = photos, name = person)))
        }
        (n, kept) => {
            Err(TrainError::refused(tell!("train-few-people", n = n, path = photos, kept = kept, least = least)))
        }
    }
}

fn validation(list: &CropList, held: &HeldOut, landmarks: Vec<Landmarks>) -> Result<Validation, TrainError> {
    let places: BTreeMap<String, usize> =
        list.faces().enumerate().map(|(at, (photo, _))| (photo.path.clone(), at)).collect();
    Validation::new(held.places(&places), landmarks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::sample;
    use std::path::Path;

    fn list(folder: &Path, people: usize, views: usize, change: impl FnOnce(&mut CropList)) -> CropList {
        let mut list = CropList::write(folder, Default::default(), sample::photo_entries(people, views)).unwrap();
        change(&mut list);
        list
    }

    fn held_out(people: &[&str]) -> HeldOut {
        let pairs = "1\t2\nP3\t1\t2\nP3\t2\t3\nP3\t1\tP4\t1\nP4\t2\tP3\t3\n";
        let pairs = crate::eval::lfw::parse_pairs(pairs).unwrap().folds.remove(0);
        HeldOut { people: people.iter().map(ToString::to_string).collect(), pairs }
    }

    #[test]
    fn people_held_out_are_not_learnt_from() {
        let folder = tempfile::tempdir().unwrap();
        let spec = sample::spec(folder.path());
        let list = list(folder.path(), 6, 3, |_| {});
        let split = split(&list, &spec, Some(&held_out(&["P3", "P4"])), &BTreeSet::new()).unwrap();
        assert_eq!((split.faces.len(), split.people, split.held_out), (12, 4, 6));
        assert!(split.faces.iter().all(|face| !(9..15).contains(&face.crop)));
        assert_eq!(split.faces.iter().map(|face| face.label).max(), Some(3));
        assert_eq!(split.validation.unwrap().len(), 5 + 4);
        let all = super::split(&list, &spec, None, &BTreeSet::new()).unwrap();
        assert_eq!((all.faces.len(), all.people), (18, 6));
        assert_ne!(all.digest, split.digest);
        let fewer = super::split(&list, &spec, Some(&held_out(&["P3", "P4"])), &BTreeSet::from([1, 2, 5])).unwrap();
        assert_eq!((fewer.faces.len(), fewer.people, fewer.held_out), (9, 4, 6));
        assert_ne!(fewer.digest, split.digest);
    }

    #[test]
    fn too_little_to_learn_from_is_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let spec = sample::spec(folder.path());
        let told =
            |list: &CropList, spec: &RunSpec| split(list, spec, None, &BTreeSet::new()).err().unwrap().to_string();
        assert!(told(&list(folder.path(), 1, 4, |_| {}), &spec).contains("train-one-person"));
        let flat = |list: &mut CropList| list.photos.iter_mut().for_each(|p| p.path = p.path.replace('/', "-"));
        assert!(told(&list(folder.path(), 2, 2, flat), &spec).contains("train-nobody"));
        assert!(told(&list(folder.path(), 0, 0, |_| {}), &spec).contains("train-no-photos"));
        let blind = |list: &mut CropList| list.photos.iter_mut().for_each(|p| p.landmarks = None);
        assert!(told(&list(folder.path(), 2, 2, blind), &spec).contains("train-no-faces"));
        let picky = RunSpec { min_photos: 3, ..spec.clone() };
        assert!(told(&list(folder.path(), 4, 2, |_| {}), &picky).contains("kept 0, least 3"));
        let everyone = held_out(&["P0", "P1", "P2", "P3", "P4"]);
        let none = BTreeSet::new();
        let message =
            split(&list(folder.path(), 5, 3, |_| {}), &spec, Some(&everyone), &none).err().unwrap().to_string();
        assert!(message.contains("nobody"), "{message}");

        // Without labels one person will do, and one face will not.
        let mut unlabelled = spec;
        unlabelled.objective.class_weight = 0.0;
        assert_eq!(split(&list(folder.path(), 1, 4, |_| {}), &unlabelled, None, &none).unwrap().faces.len(), 4);
        assert!(told(&list(folder.path(), 1, 1, |_| {}), &unlabelled).contains("train-too-few-faces"));
    }
}
