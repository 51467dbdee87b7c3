//! What is odd about those who have a name: two people under one name, or one person twice on a photo.

use std::collections::HashMap;

use super::regroup::{neighbours, person};
use crate::groups::{Bonds, Graph, Item, Parameters, group};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::store::{AlarmKind, NewAlarm, PersonFace};
use crate::types::{Embedding, FaceId, PhotoId, SubjectId};
use crate::vision::manifest::ModelManifest;

/// Two sets of faces whose mean cosine is below this share of the model's threshold are taken for two people: sets of one
/// person in other light or at another age are less alike than its photos of one day, and more than strangers, whose mean is
/// near 0.
const APART: f32 = 0.5;
/// Faces of a set that raises an alarm, at least.
const LEAST: usize = 2;

/// Looks at every subject whose faces are others than when it was last looked at; returns how many.
pub(super) fn look(
    engine: &Engine,
    manifest: &ModelManifest,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<usize, JobError> {
    let gallery = engine.gallery();
    gallery.forget_alarms_of_none()?;
    let known: HashMap<SubjectId, String> = gallery.alarmed()?.into_iter().collect();
    let mut faces: Vec<(SubjectId, Vec<FaceId>)> = Vec::new();
    for (face, subject) in gallery.labels()? {
        match faces.last_mut() {
            Some((last, list)) if *last == subject => list.push(face),
            _ => faces.push((subject, vec![face])),
        }
    }
    let digested = faces.iter().map(|(subject, faces)| (*subject, digest(&manifest.name, faces)));
    let due: Vec<(SubjectId, String)> =
        digested.filter(|(subject, digest)| known.get(subject) != Some(digest)).collect();
    let mut meter = ProgressMeter::counting("Looking for two people under one name", "person");
    for (done, (subject, digest)) in due.iter().enumerate() {
        control.checkpoint()?;
        let alarms = of_subject(engine, *subject, manifest, control)?;
        gallery.put_alarms(*subject, digest, &alarms)?;
        meter.count_stage("Looking for two people under one name", done as u64, Some(due.len() as u64));
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(progress);
        }
    }
    Ok(due.len())
}

fn digest(model: &str, faces: &[FaceId]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(model.as_bytes());
    faces.iter().for_each(|face| {
        hasher.update(&face.0.to_le_bytes());
    });
    hasher.finalize().to_hex()[..16].to_owned()
}

fn of_subject(
    engine: &Engine,
    subject: SubjectId,
    manifest: &ModelManifest,
    control: &JobControl,
) -> Result<Vec<NewAlarm>, JobError> {
    let (faces, embeddings) = person(engine, subject, &manifest.name)?;
    if faces.len() < LEAST {
        return Ok(Vec::new());
    }
    let graph = neighbours(&embeddings, manifest.d, Parameters::for_threshold(manifest.threshold).k, control)?;
    let mut alarms = twice(&faces, &embeddings);
    alarms.extend(modes(&faces, &embeddings, &graph, manifest.threshold));
    Ok(alarms)
}

/// Of the faces on one photo that one stays which resembles the subject's others most.
fn twice(faces: &[PersonFace], embeddings: &[Embedding]) -> Vec<NewAlarm> {
    let mut photos: HashMap<PhotoId, Vec<usize>> = HashMap::new();
    for (at, face) in faces.iter().enumerate() {
        photos.entry(face.photo).or_default().push(at);
    }
    let mut photos: Vec<_> = photos.into_iter().filter(|(_, list)| list.len() > 1).collect();
    photos.sort_unstable();
    let alarm = |(photo, list): (PhotoId, Vec<usize>)| {
        let others: Vec<usize> = (0..faces.len()).filter(|at| faces[*at].photo != photo).collect();
        let likeness = |at: &usize| mean(embeddings, &[*at], &others);
        let stays = list.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then(b.cmp(a)));
        let leave: Vec<usize> = list.into_iter().filter(|at| Some(*at) != stays).collect();
        let rest: Vec<usize> = (0..faces.len()).filter(|at| !leave.contains(at)).collect();
        NewAlarm {
            kind: AlarmKind::Twice,
            score: mean(embeddings, &leave, &rest),
            photo: Some(photo),
            faces: leave.iter().map(|at| faces[*at].face).collect(),
        }
    };
    photos.into_iter().map(alarm).collect()
}

/// Sets that the faces fall into at the model's threshold: one that does not resemble the largest at all is somebody else.
fn modes(faces: &[PersonFace], embeddings: &[Embedding], graph: &Graph, threshold: f32) -> Vec<NewAlarm> {
    // Photos do not matter here: the same person twice is another alarm.
    let items: Vec<Item<'_>> = embeddings
        .iter()
        .zip(0..)
        .map(|(embedding, photo)| Item { vector: embedding.as_slice(), photo, subject: None, is_weak: false })
        .collect();
    let grouping =
        group(&items, graph, &Bonds::default(), &Parameters { threshold, ..Parameters::for_threshold(threshold) });
    let mut sets: Vec<Vec<usize>> = vec![Vec::new(); grouping.groups];
    for (at, label) in grouping.labels.iter().enumerate() {
        sets[*label as usize].push(at);
    }
    sets.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    let Some((largest, others)) = sets.split_first() else { return Vec::new() };
    let alarm = |set: &Vec<usize>| {
        let score = mean(embeddings, set, largest);
        (set.len() >= LEAST && score < APART * threshold).then(|| NewAlarm {
            kind: AlarmKind::Modes,
            score,
            photo: None,
            faces: set.iter().map(|at| faces[*at].face).collect(),
        })
    };
    others.iter().filter_map(alarm).collect()
}

/// Mean cosine between two sets; 0 where one is empty.
fn mean(embeddings: &[Embedding], a: &[usize], b: &[usize]) -> f32 {
    let sum = |set: &[usize]| {
        let mut sum = vec![0.0f32; embeddings.first().map_or(0, Embedding::d)];
        for at in set {
            sum.iter_mut().zip(embeddings[*at].as_slice()).for_each(|(sum, value)| *sum += value);
        }
        sum
    };
    let product: f32 = sum(a).iter().zip(&sum(b)).map(|(a, b)| a * b).sum();
    product / (a.len() * b.len()).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(photos: &[i64]) -> Vec<PersonFace> {
        let face = |(at, photo): (usize, &i64)| PersonFace {
            face: FaceId(at as i64),
            photo: PhotoId(*photo),
            named_by: None,
            quality: 0.9,
            likeness: None,
        };
        photos.iter().enumerate().map(face).collect()
    }

    fn at(degrees: &[f32]) -> Vec<Embedding> {
        let unit = |angle: &f32| vec![angle.to_radians().cos(), angle.to_radians().sin()];
        degrees.iter().map(|angle| Embedding::try_from_raw(unit(angle)).unwrap()).collect()
    }

    #[test]
    fn two_people_under_one_name_are_told_apart() {
        let embeddings = at(&[0.0, 10.0, 5.0, 95.0, 100.0, 50.0]);
        let graph = neighbours(&embeddings, 2, 8, &JobControl::default()).unwrap();
        let found = modes(&faces(&[1, 2, 3, 4, 5, 6]), &embeddings, &graph, 0.7);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, &*found[0].faces), (AlarmKind::Modes, &[FaceId(3), FaceId(4)][..]));
        assert!(found[0].score < 0.35);
        // One person in two sets that resemble each other, and a single odd face, are no alarm.
        let embeddings = at(&[0.0, 5.0, 60.0, 62.0, 120.0]);
        let graph = neighbours(&embeddings, 2, 8, &JobControl::default()).unwrap();
        assert_eq!(modes(&faces(&[1, 2, 3, 4, 5]), &embeddings, &graph, 0.7), []);
    }

    #[test]
    fn who_stands_twice_on_a_photo_is_told_with_the_odd_one() {
        let found = twice(&faces(&[1, 2, 2, 3]), &at(&[0.0, 80.0, 5.0, 10.0]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].photo, &*found[0].faces), (Some(PhotoId(2)), &[FaceId(1)][..]));
        assert_eq!(twice(&faces(&[1, 2]), &at(&[0.0, 1.0])), []);
    }
}
