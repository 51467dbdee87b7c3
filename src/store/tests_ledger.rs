//! The record of who is who as a person changes it, takes it back and brings it back.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{commit, face, gallery, photo};
use super::tests_rows::{off, rows};
use super::*;
use crate::types::{BatchId, Embedding, FaceId, NamedBy, SubjectId};

const WHO: &str = "test";

fn name(gallery: &Gallery, face: FaceId, name: Option<&str>) -> Changed {
    gallery.name_face(WHO, face, name).unwrap()
}

fn name_of(gallery: &Gallery, face: FaceId) -> Option<String> {
    gallery.face(face).unwrap().subject.map(|subject| subject.name)
}

/// The same face as seen on another photo: other pixels, so another vector where `person` is another.
pub(super) fn seen(x: f32, person: u32) -> EnrolledFace {
    EnrolledFace { embedding: face(person as f32, None).embedding, ..face(x, None) }
}

pub(super) fn edited(path: &str, content: &str, faces: Vec<EnrolledFace>) -> EnrolledPhoto {
    EnrolledPhoto { content_hash: *blake3::hash(content.as_bytes()).as_bytes(), ..photo(path, faces) }
}

#[test]
fn a_face_keeps_its_id_and_name_when_its_photo_is_enrolled_again() {
    let (_dir, gallery) = gallery();
    let first =
        commit(&gallery, &[photo("/a", vec![face(0.0, Some("Ada")), face(300.0, Some("Bob")), face(600.0, None)])]);
    let first = first.unwrap().remove(0);
    name(&gallery, first.ids()[0], Some("Corrected"));
    // Another order, the first moved a little, the second gone, a new one; the folder still says Ada.
    let again = vec![
        face(900.0, Some("Ada")),
        seen(605.0, 600),
        EnrolledFace { subject: Some(FolderName("Ada".into())), ..seen(10.0, 0) },
    ];
    let second = commit(&gallery, &[photo("/a", again)]).unwrap().remove(0);
    assert_eq!(second.photo, first.photo);
    assert_eq!(second.removed, [first.ids()[1]]);
    assert_eq!(second.ids()[1..], [first.ids()[2], first.ids()[0]]);
    assert!(matches!(second.faces[0], CommittedFace::New(_)));
    assert_eq!(name_of(&gallery, first.ids()[0]).as_deref(), Some("Corrected"), "a person's word wins over a folder's");
    assert_eq!(gallery.face(first.ids()[0]).unwrap().detection.bbox.x1, 10.0);
    assert_eq!(gallery.crop(first.ids()[1]).unwrap().as_deref(), Some(&*face(300.0, None).crop_jpeg), "a tombstone");
    assert_eq!(gallery.embedding_ids("tiny").unwrap(), gallery.face_ids().unwrap());
    assert_eq!(gallery.counts().unwrap(), Counts { photos: 1, faces: 3, subjects: 3, issues: 0 });
}

#[test]
fn another_person_in_the_same_place_does_not_get_the_name() {
    let (_dir, gallery) = gallery();
    let first = commit(&gallery, &[photo("/1.jpg", vec![face(0.0, None)])]).unwrap().remove(0);
    name(&gallery, first.ids()[0], Some("Ada"));
    // The file was replaced by a portrait of somebody else, who looks out of the same place.
    let second = commit(&gallery, &[edited("/1.jpg", "other", vec![seen(0.0, 77)])]).unwrap().remove(0);
    let CommittedFace::New(new) = second.faces[0] else { panic!("{second:?}") };
    assert_eq!(name_of(&gallery, new), None);
    let question = gallery.questions().unwrap().remove(0);
    assert_eq!((question.face.id, question.old_face, &*question.subject.name), (new, first.ids()[0], "Ada"));
    assert!(matches!(gallery.face(first.ids()[0]), Err(StoreError::NoSuchFace(_))));
    assert_eq!(gallery.face_or_tombstone(first.ids()[0]).unwrap().subject.unwrap().name, "Ada");

    // "No" closes the question; undone it is open again; "yes" gives the name.
    gallery.change(WHO, &Change::Answer { face: new, same: false }).unwrap();
    assert_eq!(gallery.questions().unwrap(), []);
    assert_eq!(name_of(&gallery, new), None);
    gallery.undo(WHO, None).unwrap();
    assert_eq!(gallery.questions().unwrap().len(), 1);
    assert_eq!(gallery.pending_counts().unwrap().questions, 1);
    gallery.change(WHO, &Change::Answer { face: new, same: true }).unwrap();
    assert_eq!(name_of(&gallery, new).as_deref(), Some("Ada"));
    assert!(matches!(gallery.change(WHO, &Change::Answer { face: new, same: true }), Err(StoreError::NoQuestion(_))));

    // Put back, the first picture's face is found again under its id.
    let third = commit(&gallery, &[photo("/1.jpg", vec![face(0.0, None)])]).unwrap().remove(0);
    assert_eq!(third.ids(), first.ids());
    assert_eq!(name_of(&gallery, first.ids()[0]).as_deref(), Some("Ada"));
    assert_eq!(third.removed, [new]);
}

#[test]
fn a_renewed_vector_is_told_to_indexes_made_before() {
    let (_dir, gallery) = gallery();
    let first = commit(&gallery, &[photo("/a", vec![face(0.0, None)]), photo("/b", vec![face(0.0, None)])]).unwrap();
    assert_eq!(gallery.renewals("tiny", 0).unwrap(), (vec![], 0));
    // The same face with slightly other pixels.
    let mut values = face(0.0, None).embedding.as_slice().to_vec();
    values[0] += 0.2;
    let other = EnrolledFace { embedding: Embedding::try_from_raw(values).unwrap(), ..face(0.0, None) };
    let second = commit(&gallery, &[edited("/a", "brighter", vec![other.clone()])]).unwrap().remove(0);
    assert_eq!(second.faces, [CommittedFace::Renewed(first[0].ids()[0])]);
    assert_eq!(gallery.renewals("tiny", 0).unwrap(), (vec![first[0].ids()[0]], 1));
    assert_eq!(gallery.renewals("tiny", 1).unwrap(), (vec![], 1));
    assert!(gallery.embedding(first[0].ids()[0], "tiny").unwrap().unwrap().score(&other.embedding) > 0.999_999);
    gallery.mark_index("abc", 1).unwrap();
    assert_eq!((gallery.index_mark("abc").unwrap(), gallery.index_mark("other").unwrap()), (1, 0));
    // What is as it was is no renewal.
    let third = commit(&gallery, &[photo("/b", vec![face(0.0, None)])]).unwrap().remove(0);
    assert_eq!(third.faces, [CommittedFace::Kept(first[1].ids()[0])]);
    assert_eq!(gallery.renewals("tiny", 0).unwrap().1, 1);
}

#[test]
fn nobody_said_by_a_person_is_remembered() {
    let (_dir, gallery) = gallery();
    let enrolled = photo("/Ada/1.jpg", vec![face(0.0, Some("Ada"))]);
    let id = commit(&gallery, std::slice::from_ref(&enrolled)).unwrap()[0].ids()[0];
    assert_eq!(gallery.face(id).unwrap().named_by, Some(NamedBy::Folder));
    name(&gallery, id, None);
    commit(&gallery, &[enrolled]).unwrap();
    let (naming, _) = gallery.name_by_folder(&Run::enrollment(WHO), id, &FolderName("Ada".into())).unwrap();
    assert_eq!((name_of(&gallery, id), naming), (None, FolderNaming::Same));
    // Taken back, the folder's word holds.
    gallery.undo(WHO, None).unwrap();
    assert_eq!(name_of(&gallery, id).as_deref(), Some("Ada"));
    // And follows the photo to another folder.
    let (naming, changed) = gallery.name_by_folder(&Run::enrollment(WHO), id, &FolderName("Bob".into())).unwrap();
    assert_eq!((naming, changed.subjects.len()), (FolderNaming::Named, 2));
    assert_eq!(name_of(&gallery, id).as_deref(), Some("Bob"));
}

#[test]
fn naming_says_what_changed_and_repeats_nothing() {
    let (_dir, gallery) = gallery();
    let id = commit(&gallery, &[photo("/a", vec![face(0.0, Some("Ada"))])]).unwrap()[0].ids()[0];
    let changed = name(&gallery, id, Some("Bob"));
    assert_eq!(changed.named, [(id, gallery.face(id).unwrap().subject)]);
    assert_eq!((changed.subjects, changed.subjects_changed), (vec![SubjectId(1), SubjectId(2)], true));
    assert!(name(&gallery, id, Some(" BOB ")).is_empty(), "the same subject is no change");
    assert_eq!(gallery.history(10, None).unwrap().len(), 2);
    let subjects = gallery.subjects().unwrap();
    assert_eq!(subjects.iter().map(|s| (&*s.name, s.faces)).collect::<Vec<_>>(), [("Ada", 0), ("Bob", 1)]);
    assert!(matches!(gallery.name_face(WHO, id, Some(" \n")), Err(StoreError::EmptySubjectName)));
    assert!(matches!(gallery.name_face(WHO, FaceId(999), Some("Eve")), Err(StoreError::NoSuchFace(_))));
    assert_eq!(gallery.counts().unwrap().subjects, 2, "a refused naming leaves no subject behind");
}

#[test]
fn two_people_may_have_one_name() {
    let (_dir, gallery) = gallery();
    let ids =
        commit(&gallery, &[photo("/a", vec![face(0.0, None), face(300.0, None), face(600.0, None)])]).unwrap()[0].ids();
    let new = |face: FaceId, text: &str| {
        gallery.change(WHO, &Change::Name { faces: vec![face], who: Naming::New(text.to_owned()) }).unwrap();
        gallery.face(face).unwrap().subject.unwrap().id
    };
    let (first, second) = (new(ids[0], "Ren\u{e9}"), new(ids[1], "RENE\u{301}"));
    assert_ne!(first, second);
    let refusal = gallery.name_face(WHO, ids[2], Some("rené")).unwrap_err();
    let told = format!(
        "several people are named rené: #{first} Ren\u{e9}, 1 face; #{second} RENE\u{301}, 1 face; say which one"
    );
    assert!(refusal.to_string().starts_with(&told), "{refusal}");
    assert_eq!(gallery.subject_by_name("Ren\u{e9}").unwrap().id, first);
    assert!(matches!(gallery.subject_by_name("nobody"), Err(StoreError::NoSuchSubject(_))));
    // Spelt exactly so, it is that one.
    name(&gallery, ids[2], Some("Ren\u{e9}"));
    assert_eq!(gallery.face(ids[2]).unwrap().subject.unwrap().id, first);
    // A folder of a name that is not one person's names nobody.
    let run = Run::enrollment(WHO);
    let other = commit(&gallery, &[photo("/b", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    let (naming, _) = gallery.name_by_folder(&run, other, &FolderName("rené".into())).unwrap();
    assert_eq!(naming, FolderNaming::Ambiguous("rené".to_owned()));
    assert_eq!(name_of(&gallery, other), None);
}

#[test]
fn a_renamed_or_merged_person_is_still_meant_by_the_old_folder() {
    let (_dir, gallery) = gallery();
    let enroll =
        |path: &str, folder: &str| commit(&gallery, &[photo(path, vec![face(0.0, Some(folder))])]).unwrap()[0].ids()[0];
    let (ada, augusta) = (enroll("/1", "Ada"), enroll("/2", "Augusta"));
    let subject = |face: FaceId| gallery.face(face).unwrap().subject.unwrap();
    let describe = Change::Describe {
        subject: subject(ada).id,
        name: "Ada Lovelace".to_owned(),
        external_id: Some(" 1815 ".to_owned()),
        note: None,
    };
    gallery.change(WHO, &describe).unwrap();
    assert_eq!(gallery.subject(subject(ada).id).unwrap().title(), "Ada Lovelace (1815)");
    gallery.change(WHO, &Change::Merge { from: vec![subject(augusta).id], into: subject(ada).id }).unwrap();
    assert_eq!(gallery.faces_of_subject(subject(ada).id).unwrap(), [ada, augusta]);
    assert_eq!(subject(enroll("/3", "ada")), subject(ada));
    assert_eq!(subject(enroll("/4", "Augusta")), subject(ada));
    assert_eq!(gallery.counts().unwrap().subjects, 1);
}

#[test]
fn what_is_taken_out_stays_out_and_comes_back() {
    let (_dir, gallery) = gallery();
    let enrolled = photo("/a", vec![face(0.0, Some("Ada")), face(300.0, None)]);
    let first = commit(&gallery, std::slice::from_ref(&enrolled)).unwrap().remove(0);
    let ids = first.ids();
    let counts = gallery.removal_counts(&Removal::Faces(vec![ids[0]])).unwrap();
    assert_eq!(counts, RemovalCounts { photos: 0, faces: 1, named: 1 });
    let changed = gallery.change(WHO, &Change::RemoveFaces(vec![ids[0]])).unwrap();
    assert_eq!((changed.gone, changed.subjects.len()), (vec![ids[0]], 1));
    assert_eq!(gallery.embedding_ids("tiny").unwrap(), [ids[1]]);
    let again = commit(&gallery, &[enrolled]).unwrap().remove(0);
    assert_eq!(again.faces, [CommittedFace::StaysOut(ids[0]), CommittedFace::Kept(ids[1])]);
    assert_eq!(gallery.face_ids().unwrap(), [ids[1]]);

    gallery.change(WHO, &Change::RemovePhotos(vec![first.photo])).unwrap();
    assert_eq!(gallery.counts().unwrap(), Counts { photos: 0, faces: 0, subjects: 1, issues: 0 });
    assert!(gallery.find_photo_by_path(Path::new("/a")).unwrap().is_none());
    assert_eq!(gallery.gone(10).unwrap().len(), 1, "its faces went with it");
    assert_eq!(gallery.pending_counts().unwrap().gone, 1);
    assert!(matches!(gallery.change(WHO, &Change::RestoreFaces(vec![ids[1]])), Err(StoreError::PhotoIsGone { .. })));
    gallery.change(WHO, &Change::RestorePhotos(vec![first.photo])).unwrap();
    assert_eq!(gallery.face_ids().unwrap(), [ids[1]], "what was taken out before stays out");
    gallery.change(WHO, &Change::RestoreFaces(vec![ids[0]])).unwrap();
    assert_eq!(gallery.face_ids().unwrap(), ids);
    assert_eq!(name_of(&gallery, ids[0]).as_deref(), Some("Ada"));
}

#[test]
fn a_photo_that_comes_back_onto_a_taken_path_comes_as_missing() {
    let (_dir, gallery) = gallery();
    let old = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].photo;
    gallery.change(WHO, &Change::RemovePhotos(vec![old])).unwrap();
    let new = commit(&gallery, &[edited("/a", "other", vec![])]).unwrap()[0].photo;
    assert_ne!(old, new);
    gallery.undo(WHO, None).unwrap();
    assert!(gallery.photo(old).unwrap().missing_at.is_some());
    assert_eq!(gallery.find_photo_by_path(Path::new("/a")).unwrap().unwrap().id, new);
}

#[test]
fn a_purge_is_for_ever_and_says_what_can_no_longer_be_undone() {
    let (_dir, gallery) = gallery();
    let committed =
        commit(&gallery, &[photo("/a", vec![face(0.0, None)]), photo("/b", vec![face(0.0, None)])]).unwrap();
    let [a, b] = [committed[0].ids()[0], committed[1].ids()[0]];
    name(&gallery, b, Some("Bob"));
    gallery.change(WHO, &Change::RemovePhotos(vec![committed[0].photo])).unwrap();
    assert_eq!(gallery.purge_counts().unwrap(), RemovalCounts { photos: 1, faces: 1, named: 0 });
    let run = Run::purge(WHO);
    while gallery.purge(&run, 1).unwrap() != RemovalCounts::default() {}
    assert!(matches!(gallery.face_or_tombstone(a), Err(StoreError::NoSuchFace(_))));
    assert_eq!(gallery.crop(a).unwrap(), None);
    let removal = gallery.history(10, None).unwrap()[1].id;
    assert!(matches!(gallery.undo(WHO, Some(removal)), Err(StoreError::Purged(batch)) if batch == removal));
    // What it did not touch can still be undone.
    let (record, _) = gallery.undo(WHO, None).unwrap();
    assert_eq!(record.kind, BatchKind::Name);
    let newest = gallery.history(2, None).unwrap();
    assert_eq!((newest[1].kind, newest[1].args.faces_gone, newest[1].args.photos_gone), (BatchKind::Purge, 1, 1));
    let next = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    assert!(next > b, "ids are never used again");
    assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
}

#[test]
fn an_undo_that_something_builds_on_is_refused_and_changes_nothing() {
    let (_dir, gallery) = gallery();
    let id = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    let first = name(&gallery, id, Some("Ada")).batch.unwrap();
    let second = name(&gallery, id, Some("Bob")).batch.unwrap();
    let before = rows(&gallery);
    let refusal = gallery.undo(WHO, Some(first)).unwrap_err();
    assert!(matches!(&refusal, StoreError::UndoConflict { by: Some(by), .. } if *by == second), "{refusal}");
    assert_eq!(rows(&gallery), before);
    gallery.undo(WHO, Some(second)).unwrap();
    gallery.undo(WHO, Some(first)).unwrap();
    assert_eq!(name_of(&gallery, id), None);
    assert!(matches!(gallery.undo(WHO, Some(first)), Err(StoreError::NothingToUndo)));
    assert!(matches!(gallery.undo(WHO, Some(BatchId(99))), Err(StoreError::NoSuchBatch(_))));
    assert!(matches!(gallery.undo(WHO, None), Err(StoreError::NothingToUndo)));
}

#[test]
fn a_subject_that_others_have_by_another_word_outlives_the_undo_of_its_making() {
    let (_dir, gallery) = gallery();
    let enrolled = [photo("/a", vec![face(0.0, None)]), photo("/Ada/1", vec![face(0.0, None)])];
    let ids: Vec<FaceId> = commit(&gallery, &enrolled).unwrap().iter().map(|photo| photo.ids()[0]).collect();
    name(&gallery, ids[0], Some("Ada"));
    gallery.name_by_folder(&Run::enrollment(WHO), ids[1], &FolderName("Ada".into())).unwrap();
    gallery.undo(WHO, None).unwrap();
    assert_eq!((name_of(&gallery, ids[0]), name_of(&gallery, ids[1]).as_deref()), (None, Some("Ada")));
    gallery.redo(WHO).unwrap();
    assert_eq!(name_of(&gallery, ids[0]).as_deref(), Some("Ada"));
    assert_eq!(gallery.subjects().unwrap().len(), 1);
}

#[test]
fn a_face_does_not_come_back_by_number_while_its_photo_is_out() {
    let (_dir, gallery) = gallery();
    let committed = commit(&gallery, &[photo("/a", vec![face(0.0, None), face(300.0, None)])]).unwrap().remove(0);
    let first = gallery.change(WHO, &Change::RemoveFaces(vec![committed.ids()[0]])).unwrap().batch;
    let second = gallery.change(WHO, &Change::RemovePhotos(vec![committed.photo])).unwrap().batch;
    let refusal = gallery.undo(WHO, first).unwrap_err();
    assert!(matches!(&refusal, StoreError::UndoConflict { by, .. } if *by == second), "{refusal}");
    gallery.undo(WHO, None).unwrap();
    gallery.undo(WHO, first).unwrap();
    assert_eq!(gallery.face_ids().unwrap(), committed.ids());
    // What was undone last is done again first, whatever its number.
    assert_eq!(gallery.redo(WHO).unwrap().0.id, first.unwrap());
}

#[test]
fn an_answer_whose_question_is_purged_blocks_no_undo() {
    let (_dir, gallery) = gallery();
    let first = commit(&gallery, &[photo("/1.jpg", vec![face(0.0, None)])]).unwrap().remove(0);
    name(&gallery, first.ids()[0], Some("Ada"));
    let second = commit(&gallery, &[edited("/1.jpg", "other", vec![seen(0.0, 77)])]).unwrap().remove(0);
    let other = commit(&gallery, &[photo("/2.jpg", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    name(&gallery, other, Some("Bob"));
    gallery.change(WHO, &Change::Answer { face: second.ids()[0], same: true }).unwrap();
    let run = Run::purge(WHO);
    while gallery.purge(&run, 100).unwrap() != RemovalCounts::default() {}
    let (record, _) = gallery.undo(WHO, None).unwrap();
    assert_eq!(record.args.name.as_deref(), Some("Bob"), "the answer can no longer be undone");
}

#[test]
fn a_face_taken_out_stays_out_through_models_and_parameters() {
    let (_dir, gallery) = gallery();
    let enrolled = photo("/a", vec![face(0.0, None), face(300.0, None)]);
    let ids = commit(&gallery, std::slice::from_ref(&enrolled)).unwrap()[0].ids();
    gallery.change(WHO, &Change::RemoveFaces(vec![ids[0]])).unwrap();
    for model in ["second", "third", "tiny"] {
        let mut again = EnrolledPhoto { model: model.to_owned(), ..enrolled.clone() };
        for (at, face) in again.faces.iter_mut().enumerate() {
            face.embedding = seen(0.0, 1000 + at as u32 + model.len() as u32).embedding;
        }
        let committed = commit(&gallery, &[again]).unwrap().remove(0);
        assert_eq!(committed.faces[0], CommittedFace::StaysOut(ids[0]), "{model}");
        assert_eq!(committed.ids(), ids);
    }
    assert_eq!(gallery.face_ids().unwrap(), ids[1..]);
}

#[test]
fn a_face_brought_back_onto_other_pixels_is_not_taken_for_who_stands_there() {
    let (_dir, gallery) = gallery();
    let ada = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    name(&gallery, ada, Some("Ada"));
    let removal = gallery.change(WHO, &Change::RemoveFaces(vec![ada])).unwrap().batch;
    let bob = edited("/a", "bob", vec![seen(0.0, 77)]);
    commit(&gallery, std::slice::from_ref(&bob)).unwrap();
    gallery.undo(WHO, removal).unwrap();
    let again = commit(&gallery, &[bob]).unwrap().remove(0);
    assert_ne!(again.ids(), [ada]);
    assert_eq!(name_of(&gallery, again.ids()[0]), None);
}

#[test]
fn undo_and_redo_go_on_after_a_restart_until_something_else_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    let id = {
        let gallery = Gallery::open(&path).unwrap();
        let id = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
        for text in ["Ada", "Bob", "Cleo"] {
            name(&gallery, id, Some(text));
        }
        gallery.undo(WHO, None).unwrap();
        id
    };
    let gallery = Gallery::open(&path).unwrap();
    let [undo, redo] = gallery.undoable().unwrap().map(|record| record.unwrap().args.name.unwrap());
    assert_eq!((&*undo, &*redo), ("Bob", "Cleo"));
    gallery.undo(WHO, None).unwrap();
    gallery.redo(WHO).unwrap();
    assert_eq!(name_of(&gallery, id).as_deref(), Some("Bob"));
    name(&gallery, id, Some("Dora"));
    assert!(matches!(gallery.redo(WHO), Err(StoreError::NothingToRedo)));
    let states: Vec<_> = gallery.history(10, None).unwrap().iter().map(|record| (record.kind, record.state)).collect();
    assert_eq!(states.iter().filter(|(_, state)| *state == BatchState::Dead).count(), 1, "{states:?}");
}

/// What a property test does next. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Name(usize, usize),
    New(usize),
    Nobody(usize),
    Describe(usize, usize),
    Merge(usize, usize),
    RemoveFace(usize),
    RemovePhoto(usize),
    RemoveSubject(usize),
    Restore(usize),
    Answer(usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0usize..100;
    prop_oneof![
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Name(a, b)),
        n.clone().prop_map(Step::New),
        n.clone().prop_map(Step::Nobody),
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Describe(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        n.clone().prop_map(Step::RemoveFace),
        n.clone().prop_map(Step::RemovePhoto),
        n.clone().prop_map(Step::RemoveSubject),
        n.clone().prop_map(Step::Restore),
        (n, any::<bool>()).prop_map(|(a, b)| Step::Answer(a, b)),
    ]
}

const NAMES: [&str; 4] = ["Ada", "ada", "René", "Bob Strauß"];

/// `None` where there is nothing to do it with.
fn change(gallery: &Gallery, step: &Step) -> Option<Change> {
    let face = |n: usize| {
        let faces = gallery.face_ids().unwrap();
        (!faces.is_empty()).then(|| faces[n % faces.len()])
    };
    let subject = |n: usize| {
        let subjects = gallery.subjects().unwrap();
        (!subjects.is_empty()).then(|| subjects[n % subjects.len()].id)
    };
    Some(match *step {
        Step::Name(f, s) => Change::Name { faces: vec![face(f)?, face(f + 1)?], who: Naming::Subject(subject(s)?) },
        Step::New(f) => Change::Name { faces: vec![face(f)?], who: Naming::New(NAMES[f % 4].to_owned()) },
        Step::Nobody(f) => Change::Name { faces: vec![face(f)?], who: Naming::Nobody },
        Step::Describe(s, n) => Change::Describe {
            subject: subject(s)?,
            name: NAMES[n % 4].to_owned(),
            external_id: (n % 2 == 0).then(|| n.to_string()),
            note: None,
        },
        Step::Merge(a, b) => Change::Merge { from: vec![subject(a)?], into: subject(b)? },
        Step::RemoveFace(f) => Change::RemoveFaces(vec![face(f)?]),
        Step::RemovePhoto(f) => Change::RemovePhotos(vec![gallery.face(face(f)?).unwrap().photo]),
        Step::RemoveSubject(s) => Change::RemoveSubject(subject(s)?),
        Step::Restore(n) => {
            let gone = gallery.gone(100).unwrap();
            let gone = (!gone.is_empty()).then(|| gone[n % gone.len()].clone())?;
            gone.face.map_or(Change::RestorePhotos(vec![gone.photo]), |face| Change::RestoreFaces(vec![face]))
        }
        Step::Answer(n, same) => {
            let open = gallery.questions().unwrap();
            Change::Answer { face: (!open.is_empty()).then(|| open[n % open.len()].face.id)?, same }
        }
    })
}

/// Who is who as a mirror of [`Changed`] would have it.
fn mirror(gallery: &Gallery) -> BTreeMap<FaceId, Option<SubjectId>> {
    let faces = gallery.faces(&gallery.face_ids().unwrap()).unwrap();
    faces.into_iter().map(|face| (face.id, face.subject.map(|subject| subject.id))).collect()
}

fn follow(mirror: &mut BTreeMap<FaceId, Option<SubjectId>>, gallery: &Gallery, changed: &Changed) {
    for face in &changed.gone {
        mirror.remove(face);
    }
    for face in gallery.faces(&changed.back).unwrap() {
        mirror.insert(face.id, face.subject.map(|subject| subject.id));
    }
    for (face, name) in &changed.named {
        if let Some(known) = mirror.get_mut(face) {
            *known = name.as_ref().map(|name| name.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any sequence of changes, undone, gives the same rows; redone, the same again. What is told of each change is all
    /// that a window needs to keep up.
    #[test]
    fn changes_can_be_taken_back_and_made_again(steps in proptest::collection::vec(step(), 1..24)) {
        let (_dir, gallery) = gallery();
        commit(&gallery, &[
            photo("/a", vec![face(0.0, Some("Ada")), face(300.0, None)]),
            photo("/b", vec![face(0.0, Some("Bob"))]),
            photo("/c", vec![face(0.0, None), face(300.0, Some("Ada")), face(600.0, None)]),
        ]).unwrap();
        name(&gallery, FaceId(3), Some("Bob"));
        // Somebody else stands there now: a tombstone and a question.
        commit(&gallery, &[edited("/b", "other", vec![seen(0.0, 77)])]).unwrap();
        let mut states = vec![rows(&gallery)];
        let mut faces = mirror(&gallery);
        for step in &steps {
            let Some(change) = change(&gallery, step) else { continue };
            let Ok(changed) = gallery.change(WHO, &change) else { continue };
            follow(&mut faces, &gallery, &changed);
            prop_assert_eq!(&faces, &mirror(&gallery), "{:?}", change);
            if changed.is_empty() {
                prop_assert_eq!(states.last().unwrap(), &rows(&gallery));
            } else {
                states.push(rows(&gallery));
            }
        }
        prop_assert_eq!(off(&gallery), []);
        for expected in states.iter().rev().skip(1) {
            let (_, changed) = gallery.undo(WHO, None).unwrap();
            follow(&mut faces, &gallery, &changed);
            prop_assert_eq!(expected, &rows(&gallery));
            prop_assert_eq!(&faces, &mirror(&gallery));
        }
        prop_assert_eq!(off(&gallery), []);
        for expected in states.iter().skip(1) {
            let (_, changed) = gallery.redo(WHO).unwrap();
            follow(&mut faces, &gallery, &changed);
            prop_assert_eq!(expected, &rows(&gallery));
            prop_assert_eq!(&faces, &mirror(&gallery));
        }
        prop_assert_eq!(off(&gallery), []);
    }
}
