//! Grouping on a gallery of made-up vectors.

use std::path::Path;
use std::time::Instant;

use super::*;
use crate::eval::groups::{bcubed, pairwise};
use crate::jobs::Mode;
use crate::jobs::engine::{Engine, OpenOptions};
use crate::jobs::work::{JobControl, JobError};
use crate::store::*;
use crate::types::{BBox, Detection, Embedding, FaceId, GroupId, Ignored, Landmarks, Quality};
use crate::vectors::synth::{Synth, SynthSpec};
use crate::vision::manifest::ModelRegistry;

const WHO: &str = "test";

/// Faces as the default model sees them: mated cosines of .74 in the mean, nonmated of .01. Vectors and their people.
fn made_up(n: u64, seed: u64, faces_per_person: [u32; 2]) -> (Vec<Embedding>, Vec<u32>) {
    let spec = SynthSpec {
        faces_per_person,
        q_median: 0.33,
        q_face_spread: 0.55,
        centre_norm: 0.1,
        ..SynthSpec::mbf_like(n, model().1, seed)
    };
    let d = spec.d;
    let (mut vectors, mut people) = (Vec::new(), Vec::new());
    Synth::new(spec).unwrap().next_chunk(n as usize, &mut vectors, &mut people);
    let embeddings = vectors.chunks_exact(d).map(|row| Embedding::try_from_raw(row.to_vec()).unwrap()).collect();
    (embeddings, people.into_iter().map(|person| person as u32).collect())
}

/// Name, length and threshold of the default model.
fn model() -> (String, usize, f32) {
    let models = ModelRegistry::open(Path::new("none")).unwrap();
    let manifest = models.find(ModelRegistry::default_name()).unwrap().manifest.clone();
    (manifest.name, manifest.d, manifest.threshold)
}

fn face(embedding: Embedding, quality: f32, x: f32) -> EnrolledFace {
    EnrolledFace {
        detection: Detection {
            bbox: BBox { x1: x, y1: 10.0, x2: x + 100.0, y2: 110.0 },
            confidence: 0.99,
            landmarks: Landmarks([[30.0, 30.0], [70.0, 30.0], [50.0, 50.0], [35.0, 70.0], [65.0, 70.0]]),
        },
        quality: Quality { score: quality, ..Quality::default() },
        crop_jpeg: vec![1; 8],
        embedding,
        subject: None,
    }
}

fn photo(number: usize, faces: Vec<EnrolledFace>) -> EnrolledPhoto {
    let (model, _, threshold) = model();
    EnrolledPhoto {
        path: format!("/photos/{number}.jpg").into(),
        content_hash: *blake3::hash(&number.to_le_bytes()).as_bytes(),
        file: FileStat::default(),
        size: [4000, 3000],
        taken_at: None,
        params_digest: "digest".to_owned(),
        model,
        threshold,
        faces,
        issue: None,
    }
}

/// A data folder with one face a photo, and who each is.
fn gallery_of(dir: &Path, embeddings: Vec<Embedding>) -> Vec<FaceId> {
    let gallery = Gallery::open(&dir.join("gallery.sqlite")).unwrap();
    let photos: Vec<_> =
        embeddings.into_iter().enumerate().map(|(at, embedding)| photo(at, vec![face(embedding, 0.8, 10.0)])).collect();
    let run = Run::enrollment(WHO);
    photos.chunks(2000).flat_map(|batch| gallery.commit(&run, batch).unwrap().0).map(|photo| photo.ids()[0]).collect()
}

fn open(dir: &Path) -> Engine {
    let mode = OpenOptions::new(Mode::Write);
    Engine::open_with(&OpenOptions { data_dir: Some(dir), config_dir: Some(dir), ..mode }).unwrap()
}

fn group_all(engine: &Engine) -> GroupSummary {
    group_people(engine, &JobControl::default(), &|_| {}).unwrap().0
}

/// A number for each face, equal where they share a group.
fn labels(engine: &Engine) -> Vec<u32> {
    let faces = engine.gallery().unknown_faces().unwrap();
    faces.iter().map(|face| face.group.map_or(1_000_000 + face.id.0 as u32, |group| group.0 as u32)).collect()
}

#[test]
fn unknown_faces_are_grouped_under_ids_that_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (embeddings, people) = made_up(600, 3, [1, 9]);
    let faces = gallery_of(dir.path(), embeddings);
    let engine = open(dir.path());
    let summary = group_all(&engine);
    let quality = (bcubed(&labels(&engine), &people), pairwise(&labels(&engine), &people));
    assert!(quality.0.f > 0.95 && quality.1.precision > 0.99, "{quality:?}");
    assert_eq!((summary.faces, summary.moved, summary.suggestions), (600, summary.grouped, 0));
    // Founded the largest first, which is the order of the review.
    let sizes: Vec<u64> = (engine.gallery().review(None, 9999).unwrap().iter())
        .filter_map(|item| match item.kind {
            ReviewKind::Group { faces, .. } => Some(faces),
            ReviewKind::Suggestion(_) => None,
        })
        .collect();
    assert_eq!(sizes.len(), summary.groups);
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let again = group_all(&engine);
    assert_eq!((again.moved, again.batch), (0, None));
    // What a person said binds, and a name that is taken back leaves the group as it was.
    let before = labels(&engine);
    let group = GroupId(i64::from(before[0]));
    let member = engine.gallery().faces_of_group(group).unwrap()[0];
    engine.change(&Change::LeaveGroup(vec![member])).unwrap();
    group_all(&engine);
    assert!(!engine.gallery().faces_of_group(group).unwrap().contains(&member));
    let left = engine.gallery().faces_of_group(group).unwrap();
    engine.change(&Change::NameGroup { group, who: Naming::New("Ada".into()) }).unwrap();
    let suggested = group_all(&engine);
    assert!(suggested.suggestions >= 1 && suggested.subjects == 1, "{suggested:?}");
    assert_eq!(engine.gallery().suggestion_for(member).unwrap().unwrap().subject.unwrap().name, "Ada");
    assert_eq!(faces.len(), 600);
    engine.undo(None).unwrap();
    assert_eq!(engine.gallery().faces_of_group(group).unwrap(), left);
}

#[test]
fn one_photo_and_weak_faces_are_minded_and_nothing_is_done_when_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let (embeddings, _) = made_up(40, 5, [10, 10]);
    let gallery = Gallery::open(&dir.path().join("gallery.sqlite")).unwrap();
    // The first person twice on one photo; all of the second person's photos are poor.
    let mut photos =
        vec![photo(0, vec![face(embeddings[0].clone(), 0.8, 10.0), face(embeddings[1].clone(), 0.8, 500.0)])];
    photos.extend((2..20).map(|at| {
        let quality = if at >= 10 { 0.2 } else { 0.8 };
        photo(at, vec![face(embeddings[at].clone(), quality, 10.0)])
    }));
    let run = Run::enrollment(WHO);
    gallery.commit(&run, &photos).unwrap();
    drop(gallery);
    let engine = open(dir.path());
    let control = JobControl::default();
    control.cancel();
    assert!(matches!(group_people(&engine, &control, &|_| {}), Err(JobError::Cancelled)));
    assert_eq!(engine.gallery().people_counts().unwrap().groups, 0);
    group_all(&engine);
    let faces = engine.gallery().unknown_faces().unwrap();
    assert!(faces[0].group != faces[1].group);
    assert!(faces[10..].iter().all(|face| face.group.is_none()), "poor faces found no group");
}

#[test]
fn faces_that_arrive_join_groups_and_found_them() {
    let dir = tempfile::tempdir().unwrap();
    let (embeddings, people) = made_up(400, 7, [4, 8]);
    let faces = gallery_of(dir.path(), embeddings[..200].to_vec());
    let engine = open(dir.path());
    group_all(&engine);
    let name = engine.gallery().name_face(WHO, faces[0], Some("Ada")).unwrap();
    assert_eq!(name.named.len(), 1);
    engine.change(&Change::Ignore { faces: vec![faces[30]], why: Ignored::Statue }).unwrap();
    let run = Run::enrollment(WHO);
    let (model, _, threshold) = model();
    for batch in (200..400).collect::<Vec<_>>().chunks(64) {
        let photos: Vec<_> =
            batch.iter().map(|at| photo(*at, vec![face(embeddings[*at].clone(), 0.8, 10.0)])).collect();
        let committed = engine.gallery().commit(&run, &photos).unwrap().0;
        let ids: Vec<FaceId> = committed.iter().map(|photo| photo.ids()[0]).collect();
        let vectors: Vec<Embedding> = batch.iter().map(|at| embeddings[*at].clone()).collect();
        engine.follow_with(&Changed::default(), &ids);
        let arrived: Vec<_> = ids.iter().copied().zip(&vectors).collect();
        place_arrivals(engine.gallery(), &engine.index().faces(), (&model, threshold), &run, &arrived).unwrap();
    }
    let known: Vec<u32> =
        engine.gallery().unknown_faces().unwrap().iter().map(|face| people[face.id.0 as usize - 1]).collect();
    let quality = bcubed(&labels(&engine), &known);
    let whole = group_all(&engine);
    let quality_of_whole = bcubed(&labels(&engine), &known);
    assert!(
        quality.precision > 0.99 && quality.f > quality_of_whole.f - 0.03,
        "{quality:?}, {quality_of_whole:?}, {whole:?}"
    );
    assert_eq!(engine.gallery().check(&mut Look { is_picture: &|_| true, go_on: &mut |_| true }).unwrap().list, []);
}

#[test]
fn a_person_is_grouped_anew_and_keeps_what_was_confirmed() {
    let dir = tempfile::tempdir().unwrap();
    let (embeddings, people) = made_up(60, 9, [12, 12]);
    let faces = gallery_of(dir.path(), embeddings);
    let engine = open(dir.path());
    let of = |person: u32| {
        faces.iter().zip(&people).filter(move |(_, p)| **p == person).map(|(face, _)| *face).collect::<Vec<_>>()
    };
    let (first, second, third) = (of(people[0]), of(people[12]), of(people[24]));
    engine
        .gallery()
        .group_faces(
            WHO,
            &[&first[..], &second, &third]
                .concat()
                .iter()
                .map(|face| GroupMove { face: *face, to: Target::New(1) })
                .collect::<Vec<_>>(),
        )
        .unwrap();
    engine.change(&Change::NameGroup { group: GroupId(1), who: Naming::New("Ada".into()) }).unwrap();
    let ada = engine.gallery().subject_by_name("Ada").unwrap().id;
    // Two people under her name are told, with the smaller sets to be split off.
    group_all(&engine);
    let alarms = engine.gallery().alarms(Some(ada), Page::first(9)).unwrap();
    assert_eq!(alarms.iter().filter(|alarm| alarm.kind == AlarmKind::Modes).count(), 2, "{alarms:?}");
    // One of the second's is confirmed: the largest group does not matter then, and one that is wrong stays, too.
    engine.change(&Change::Name { faces: vec![second[0], third[0]], who: Naming::Subject(ada) }).unwrap();
    let regrouped = regroup_person(&engine, ada, &JobControl::default()).unwrap();
    let left: Vec<FaceId> = engine.gallery().faces_of_subject(ada).unwrap();
    assert!(left.contains(&second[0]) && left.contains(&third[0]) && !left.contains(&first[3]), "{regrouped:?}");
    assert_eq!(regrouped.stay, left.len());
    engine.undo(None).unwrap();
    assert_eq!(engine.gallery().faces_of_subject(ada).unwrap().len(), 36);
}

/// Not a test: prints figures.
///
/// ```text
/// cargo test --lib jobs::people -- --ignored --nocapture
/// ```
#[test]
#[ignore = "measures; prints figures"]
fn measure_grouping() {
    let n: u64 = std::env::var("LIKENESS_MEASURED_FACES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().unwrap();
    let (embeddings, people) = made_up(n, 11, [1, 30]);
    let (mut mated, mut nonmated) = ((0.0, 0), (0.0, 0));
    for at in (1..embeddings.len()).step_by(37) {
        let sum = if people[at] == people[at - 1] { &mut mated } else { &mut nonmated };
        *sum = (sum.0 + f64::from(embeddings[at].score(&embeddings[at - 1])), sum.1 + 1);
    }
    println!("mated {:.3}, nonmated {:.3}", mated.0 / f64::from(mated.1), nonmated.0 / f64::from(nonmated.1.max(1)));
    let arriving = embeddings[..50].to_vec();
    gallery_of(dir.path(), embeddings);
    let engine = open(dir.path());
    let summary = group_all(&engine);
    println!("{summary:?}");
    println!("{:?}\n{:?}", bcubed(&labels(&engine), &people), pairwise(&labels(&engine), &people));
    let timed = |what: &str, f: &mut dyn FnMut()| {
        let begun = Instant::now();
        f();
        println!("{what}: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    };
    let groups = engine.gallery().review(None, 5000).unwrap();
    for (at, item) in groups.iter().enumerate().filter(|(at, _)| at % 2 == 0) {
        if let ReviewKind::Group { group, .. } = item.kind {
            engine.change(&Change::NameGroup { group, who: Naming::New(format!("Person {at}")) }).unwrap();
        }
    }
    println!("{:?}", group_all(&engine));
    for order in [PeopleOrder::Name, PeopleOrder::Faces, PeopleOrder::Suggestions, PeopleOrder::LastSeen] {
        let query = PeopleQuery { order, ..PeopleQuery::default() };
        timed(&format!("people by {order:?}"), &mut || {
            drop(engine.gallery().people(&query, Page { offset: 1000, limit: 50 }).unwrap())
        });
    }
    for filter in [PeopleFilter::Groups, PeopleFilter::ToReview, PeopleFilter::Flagged] {
        let query = PeopleQuery { filter, ..PeopleQuery::default() };
        timed(&format!("{filter:?}"), &mut || {
            drop(engine.gallery().people(&query, Page { offset: 500, limit: 50 }).unwrap())
        });
    }
    let search = PeopleQuery { search: "person 12".into(), ..PeopleQuery::default() };
    timed("search", &mut || drop(engine.gallery().people(&search, Page::first(50)).unwrap()));
    timed("counts", &mut || println!("{:?}", engine.gallery().people_counts().unwrap()));
    timed("review", &mut || drop(engine.gallery().review(None, 20).unwrap()));
    timed("review in the middle", &mut || {
        drop(engine.gallery().review(Some(groups[groups.len() / 2].key), 20).unwrap())
    });
    timed("suggestions", &mut || drop(engine.gallery().suggestions(None, Page::first(50)).unwrap()));
    timed("alarms", &mut || drop(engine.gallery().alarms(None, Page::first(50)).unwrap()));
    let ada = engine.gallery().subjects().unwrap()[0].id;
    timed("a person by oddness", &mut || drop(engine.gallery().faces_by_oddness(ada, &model().0).unwrap()));
    let (model, _, threshold) = model();
    let run = Run::enrollment(WHO);
    let photos: Vec<_> =
        arriving.iter().enumerate().map(|(at, e)| photo(n as usize + at, vec![face(e.clone(), 0.8, 10.0)])).collect();
    let committed = engine.gallery().commit(&run, &photos).unwrap().0;
    let ids: Vec<FaceId> = committed.iter().map(|photo| photo.ids()[0]).collect();
    engine.follow_with(&Changed::default(), &ids);
    let arrived: Vec<_> = ids.iter().copied().zip(&arriving).collect();
    timed("50 faces that arrive", &mut || {
        place_arrivals(engine.gallery(), &engine.index().faces(), (&model, threshold), &run, &arrived).unwrap();
    });
}
