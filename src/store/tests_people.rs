//! What persons say about faces beside names, groups of faces without a name, and what a screen asks.

use super::tests::{commit, face, gallery, photo};
use super::tests_ledger::seen;
use super::tests_rows::{off, rows};
use super::*;
use crate::types::{FaceId, GroupId, Ignored, NamedBy, PhotoId, SubjectId};

const WHO: &str = "test";
const MODEL: &str = "tiny";

fn change(gallery: &Gallery, change: Change) -> Changed {
    gallery.change(WHO, &change).unwrap()
}

fn new_subject(gallery: &Gallery, faces: &[FaceId], name: &str) -> SubjectId {
    change(gallery, Change::Name { faces: faces.to_vec(), who: Naming::New(name.to_owned()) });
    gallery.face(faces[0]).unwrap().subject.unwrap().id
}

fn subject_of(gallery: &Gallery, face: FaceId) -> Option<SubjectId> {
    gallery.face(face).unwrap().subject.map(|subject| subject.id)
}

fn group(gallery: &Gallery, faces: &[FaceId], to: Target) -> Changed {
    let moves: Vec<_> = faces.iter().map(|face| GroupMove { face: *face, to }).collect();
    gallery.group_faces(WHO, &moves).unwrap()
}

/// Five photos with a face each.
fn five() -> (tempfile::TempDir, Gallery, Vec<FaceId>) {
    let (dir, gallery) = gallery();
    let photos: Vec<_> = (0..5).map(|i| photo(&format!("/{i}"), vec![face(i as f32 * 10.0, None)])).collect();
    let faces = commit(&gallery, &photos).unwrap().iter().map(|photo| photo.ids()[0]).collect();
    (dir, gallery, faces)
}

#[test]
fn a_rejection_is_remembered_until_the_person_says_otherwise() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f[..3], "Ada");
    let before = rows(&gallery);
    let changed = change(&gallery, Change::Reject { faces: vec![f[2], f[3]], subject: ada });
    assert_eq!((changed.named.len(), changed.people_changed), (1, true));
    assert_eq!(subject_of(&gallery, f[2]), None);
    assert_eq!(gallery.rejections().unwrap(), [(f[2], ada), (f[3], ada)]);
    assert!(change(&gallery, Change::Reject { faces: vec![f[2]], subject: ada }).is_empty(), "it is so already");
    gallery.undo(WHO, None).unwrap();
    assert_eq!(rows(&gallery), before);
    gallery.redo(WHO).unwrap();
    // Named so after all, it is no longer rejected; merged, who was not the one is not the other.
    change(&gallery, Change::Name { faces: vec![f[2]], who: Naming::Subject(ada) });
    let bob = new_subject(&gallery, &f[4..], "Bob");
    change(&gallery, Change::Merge { from: vec![ada], into: bob });
    assert_eq!(gallery.rejections().unwrap(), [(f[3], bob)]);
    change(&gallery, Change::RemoveSubject(bob));
    assert_eq!(gallery.rejections().unwrap(), []);
    assert_eq!(off(&gallery), []);
}

#[test]
fn what_was_said_of_a_face_survives_a_new_detection_and_another_model() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f[..1], "Ada");
    change(&gallery, Change::Reject { faces: vec![f[1]], subject: ada });
    change(&gallery, Change::Ignore { faces: vec![f[2]], why: Ignored::Statue });
    group(&gallery, &f[3..], Target::New(0));
    // Another model, in the same place: the id stays.
    let other_model = |path: &str, faces| EnrolledPhoto { model: "other".into(), ..photo(path, faces) };
    commit(&gallery, &[other_model("/1", vec![seen(12.0, 99)]), other_model("/2", vec![seen(22.0, 98)])]).unwrap();
    assert_eq!(gallery.rejections().unwrap(), [(f[1], ada)]);
    assert_eq!(gallery.ignored(Page::first(9)).unwrap()[0].why, Ignored::Statue);
    // Other parameters cut it so differently that it is another face, which looks the same.
    let ids: Vec<_> = (1..4)
        .map(|at| {
            let moved = EnrolledFace {
                embedding: face(at as f32 * 10.0, None).embedding,
                ..face(at as f32 * 10.0 + 45.0, None)
            };
            commit(&gallery, &[photo(&format!("/{at}"), vec![moved])]).unwrap().remove(0).ids()[0]
        })
        .collect();
    assert!(ids.iter().all(|id| !f.contains(id)), "{ids:?}");
    assert!(gallery.rejections().unwrap().contains(&(ids[0], ada)));
    assert_eq!(
        gallery.ignored(Page::first(9)).unwrap(),
        [IgnoredFace { face: ids[1], photo: PhotoId(3), why: Ignored::Statue }]
    );
    let group = gallery.unknown_among(&f[4..]).unwrap()[0].group.unwrap();
    assert_eq!(gallery.faces_of_group(group).unwrap(), [f[4], ids[2]]);
    assert_eq!(off(&gallery), []);
}

#[test]
fn ignored_faces_lose_their_name_and_are_taken_back() {
    let (_dir, gallery, f) = five();
    new_subject(&gallery, &f[..2], "Ada");
    let before = rows(&gallery);
    let changed = change(&gallery, Change::Ignore { faces: f[1..3].to_vec(), why: Ignored::Stranger });
    assert_eq!((changed.named.len(), changed.gone.len()), (1, 0));
    let no_face = change(&gallery, Change::Ignore { faces: vec![f[3]], why: Ignored::NotAFace });
    assert_eq!(no_face.gone, [f[3]]);
    assert_eq!(gallery.people_counts().unwrap().ignored, 3);
    // Found again, it stays out; a folder names nobody who is ignored.
    let again =
        commit(&gallery, &[photo("/3", vec![face(30.0, Some("Ada"))]), photo("/2", vec![face(20.0, Some("Eve"))])])
            .unwrap();
    assert_eq!(again[0].faces, [CommittedFace::StaysOut(f[3])]);
    assert_eq!(subject_of(&gallery, f[2]), None);
    let ignored: Vec<_> = gallery.ignored(Page::first(9)).unwrap().iter().map(|face| (face.face, face.why)).collect();
    assert_eq!(ignored, [(f[3], Ignored::NotAFace), (f[2], Ignored::Stranger), (f[1], Ignored::Stranger)]);
    let back = change(&gallery, Change::Notice(vec![f[1], f[3]]));
    assert_eq!((back.back, gallery.people_counts().unwrap().ignored), (vec![f[3]], 1));
    change(&gallery, Change::Name { faces: vec![f[2]], who: Naming::Name("Ada".into()) });
    assert_eq!(gallery.people_counts().unwrap().ignored, 0, "who has a name is not ignored");
    for _ in 0..4 {
        gallery.undo(WHO, None).unwrap();
    }
    assert_eq!(rows(&gallery), before);
    // Brought back like any face that was taken out, it is one.
    change(&gallery, Change::Ignore { faces: vec![f[3]], why: Ignored::NotAFace });
    change(&gallery, Change::RestoreFaces(vec![f[3]]));
    assert_eq!(gallery.people_counts().unwrap().ignored, 0);
    assert_eq!(off(&gallery), []);
}

#[test]
fn the_rest_of_a_photo_is_ignored_at_once() {
    let (_dir, gallery) = gallery();
    let ids =
        commit(&gallery, &[photo("/a", (0..4).map(|i| face(i as f32 * 200.0, None)).collect())]).unwrap().remove(0);
    let f = ids.ids();
    new_subject(&gallery, &f[..1], "Ada");
    change(&gallery, Change::Ignore { faces: vec![f[1]], why: Ignored::Poster });
    change(&gallery, Change::IgnoreRest { photo: ids.photo, why: Ignored::Stranger });
    let why: Vec<_> = gallery.ignored(Page::first(9)).unwrap().iter().map(|face| face.why).collect();
    assert_eq!(why, [Ignored::Stranger, Ignored::Stranger, Ignored::Poster]);
    let none = gallery.change(WHO, &Change::IgnoreRest { photo: PhotoId(99), why: Ignored::Stranger });
    assert!(matches!(none, Err(StoreError::NoSuchPhoto(_))));
}

#[test]
fn a_group_becomes_a_person_and_a_group_again() {
    let (_dir, gallery, f) = five();
    group(&gallery, &f[..3], Target::New(0));
    group(&gallery, &f[3..], Target::New(7));
    assert!(group(&gallery, &f[..1], Target::Group(GroupId(99))).is_empty(), "such a group is passed over");
    let (list, total) = gallery
        .people(&PeopleQuery { filter: PeopleFilter::Groups, ..PeopleQuery::default() }, Page::first(9))
        .unwrap();
    let PeopleRow::Group { group: first, faces: 3, .. } = list[0] else { panic!("{list:?}") };
    assert_eq!((total, gallery.people_counts().unwrap().groups), (2, 2));
    let before = rows(&gallery);
    change(&gallery, Change::NameGroup { group: first, who: Naming::New("Ada".into()) });
    let ada = subject_of(&gallery, f[0]).unwrap();
    assert_eq!(gallery.face(f[0]).unwrap().named_by, Some(NamedBy::Group));
    assert_eq!(gallery.people_counts().unwrap().groups, 1);
    assert!(matches!(
        gallery.change(WHO, &Change::NameGroup { group: first, who: Naming::Nobody }),
        Err(StoreError::NoSuchGroup(_))
    ));
    // Looked at alone, a face is confirmed, and the next grouping by name does not take that back.
    change(&gallery, Change::Name { faces: vec![f[1]], who: Naming::Subject(ada) });
    assert_eq!(gallery.person(ada).unwrap().confirmed, 1);
    // Grouped again by a job, the person keeps what was confirmed.
    change(&gallery, Change::Regroup { subject: ada, leave: vec![vec![f[0], f[2]]] });
    assert_eq!(gallery.person(ada).unwrap().faces, 1);
    let unknown = gallery.unknown_among(&[f[0], f[2]]).unwrap();
    assert!(unknown[0].group.is_some() && unknown[0].group == unknown[1].group && unknown[0].group != Some(first));
    for _ in 0..3 {
        gallery.undo(WHO, None).unwrap();
    }
    assert_eq!(rows(&gallery), before);
    assert_eq!(gallery.faces_of_group(first).unwrap(), f[..3]);
    assert_eq!(off(&gallery), []);
}

#[test]
fn faces_that_leave_a_group_are_kept_apart_from_it() {
    let (_dir, gallery, f) = five();
    group(&gallery, &f, Target::New(0));
    change(&gallery, Change::LeaveGroup(vec![f[1], f[3]]));
    let pairs = gallery.kept_apart().unwrap();
    assert_eq!(pairs.len(), 6);
    assert!(!pairs.contains(&(f[1], f[3])), "nobody said that these two differ");
    assert_eq!(gallery.apart_from(f[1]).unwrap(), [f[0], f[2], f[4]]);
    assert!(matches!(gallery.change(WHO, &Change::LeaveGroup(vec![f[1]])), Err(StoreError::NotInGroup(_))));
    // The last of a group that go take it with them.
    change(&gallery, Change::LeaveGroup(vec![f[0], f[2], f[4]]));
    assert!(!rows(&gallery).iter().any(|row| row.contains("Text(\"group\")")), "{:?}", rows(&gallery));
    assert_eq!(off(&gallery), []);
}

#[test]
fn faces_are_split_off_a_person_and_not_suggested_to_it_again() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f, "Ada");
    let before = rows(&gallery);
    // Another person of the same name.
    change(&gallery, Change::Split { subject: ada, faces: vec![f[1]], who: Naming::New("Ada".into()) });
    change(&gallery, Change::Split { subject: ada, faces: vec![f[2]], who: Naming::Nobody });
    assert_eq!(gallery.rejections().unwrap(), [(f[1], ada), (f[2], ada)]);
    assert_eq!(gallery.subjects_named("ada").unwrap().len(), 2);
    for (faces, who) in [(vec![f[2]], Naming::Nobody), (vec![f[3]], Naming::Subject(ada))] {
        assert!(gallery.change(WHO, &Change::Split { subject: ada, faces, who }).is_err());
    }
    gallery.undo(WHO, None).unwrap();
    gallery.undo(WHO, None).unwrap();
    assert_eq!(rows(&gallery), before);
}

#[test]
fn many_are_named_in_one_batch() {
    let (_dir, gallery, f) = five();
    let namings = vec![
        (vec![f[0]], Naming::Name("Ada".into())),
        (vec![f[1], f[2]], Naming::Name("Bob".into())),
        (vec![f[3]], Naming::Name("ada".into())),
    ];
    change(&gallery, Change::NameMany(namings));
    assert_eq!(gallery.subjects().unwrap().iter().map(|s| s.faces).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(gallery.history(1, None).unwrap()[0].args.name.as_deref(), Some("Ada, Bob"));
    gallery.undo(WHO, None).unwrap();
    assert_eq!(gallery.counts().unwrap().subjects, 0);
}

#[test]
fn a_cover_and_tags_are_a_persons_word() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f[..3], "Ada");
    let adorn = |cover, tags: &[&str]| Change::Adorn {
        subject: ada,
        cover,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    change(&gallery, adorn(Some(f[2]), &[" choir", "1843", "choir", ""]));
    let person = gallery.person(ada).unwrap();
    assert_eq!(
        (person.cover, person.cover_is_chosen, person.tags),
        (Some(f[2]), true, vec!["1843".to_owned(), "choir".into()])
    );
    assert!(matches!(gallery.change(WHO, &adorn(Some(f[4]), &[])), Err(StoreError::NotOfSubject { .. })));
    // Another's by now, the best of those left stands for her.
    change(&gallery, Change::Name { faces: vec![f[2]], who: Naming::New("Bob".into()) });
    let person = gallery.person(ada).unwrap();
    assert_eq!((person.cover, person.cover_is_chosen), (Some(f[0]), false));
    let found = |search: &str| {
        gallery.people(&PeopleQuery { search: search.into(), ..PeopleQuery::default() }, Page::first(9)).unwrap().1
    };
    assert_eq!((found("CHO"), found("ob"), found("eve"), found(" ")), (1, 1, 0, 2));
}

#[test]
fn suggestions_follow_what_is_said_meanwhile() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f[..1], "Ada");
    change(&gallery, Change::Ignore { faces: vec![f[1]], why: Ignored::Poster });
    let to = |face, nearest, score| NewSuggestion { face, nearest, score };
    gallery.put_suggestions(MODEL, None, &[to(f[2], f[0], 0.5), to(f[3], f[0], 0.75), to(f[4], f[1], 0.6)]).unwrap();
    let all = |gallery: &Gallery| gallery.suggestions(None, Page::first(9)).unwrap();
    let told: Vec<_> =
        all(&gallery).iter().map(|s| (s.face, s.subject.as_ref().map(|s| s.id), s.ignored, s.score)).collect();
    assert_eq!(
        told,
        [(f[3], Some(ada), None, 0.75), (f[4], None, Some(Ignored::Poster), 0.6), (f[2], Some(ada), None, 0.5)]
    );
    let items = gallery.review(None, 2).unwrap();
    assert_eq!(gallery.review(Some(items[1].key), 9).unwrap().len(), 1);
    change(&gallery, Change::Reject { faces: vec![f[3]], subject: ada });
    assert_eq!(all(&gallery).len(), 2);
    assert_eq!(
        gallery.review(Some(items[1].key), 9).unwrap().len(),
        1,
        "the place stays when what was there is decided"
    );
    gallery.undo(WHO, None).unwrap();
    assert_eq!(gallery.review(None, 2).unwrap(), items, "undone, it is back in its place");
    // Merged, they are for whoever the nearest face is now.
    let bob = new_subject(&gallery, &[f[2]], "Bob");
    change(&gallery, Change::Merge { from: vec![ada], into: bob });
    assert_eq!(gallery.suggestions(Some(bob), Page::first(9)).unwrap()[0].face, f[3]);
    assert_eq!(gallery.person(bob).unwrap().suggestions, 1);
    let to_review = gallery
        .people(&PeopleQuery { filter: PeopleFilter::ToReview, ..PeopleQuery::default() }, Page::first(9))
        .unwrap();
    assert_eq!(to_review.1, 1);
    // Who is rejected makes room for the next.
    let eve = new_subject(&gallery, &[f[1]], "Eve");
    gallery.put_suggestions(MODEL, None, &[to(f[3], f[0], 0.75), to(f[3], f[1], 0.7)]).unwrap();
    let who = |gallery: &Gallery| all(gallery).iter().map(|s| s.subject.as_ref().unwrap().id).collect::<Vec<_>>();
    assert_eq!(who(&gallery), [bob]);
    change(&gallery, Change::Reject { faces: vec![f[3]], subject: bob });
    assert_eq!((who(&gallery), gallery.people_counts().unwrap().suggestions), (vec![eve], 1));
    gallery.undo(WHO, None).unwrap();
    assert_eq!(who(&gallery), [bob]);
    gallery.put_suggestions(MODEL, Some(&[f[3]]), &[]).unwrap();
    assert!(all(&gallery).is_empty());
}

#[test]
fn an_alarm_is_shown_until_it_is_put_right_or_settled() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f, "Ada");
    let alarm = NewAlarm { kind: AlarmKind::Modes, score: 0.1, photo: None, faces: vec![f[4], f[3]] };
    gallery.put_alarms(ada, "1", std::slice::from_ref(&alarm)).unwrap();
    let flagged = |gallery: &Gallery| {
        let query = PeopleQuery { filter: PeopleFilter::Flagged, ..PeopleQuery::default() };
        (gallery.alarms(None, Page::first(9)).unwrap(), gallery.people(&query, Page::first(9)).unwrap().1)
    };
    let (alarms, people) = flagged(&gallery);
    assert_eq!((alarms[0].split.clone(), alarms[0].kind, people), (vec![f[3], f[4]], AlarmKind::Modes, 1));
    change(&gallery, Change::Settle { subject: ada, kind: AlarmKind::Modes, faces: alarms[0].split.clone() });
    assert_eq!(flagged(&gallery), (vec![], 0));
    // Worked out again with a face more it is still settled; undone, it is back.
    let more = NewAlarm { faces: vec![f[2], f[3], f[4]], ..alarm };
    gallery.put_alarms(ada, "2", &[more]).unwrap();
    assert_eq!(flagged(&gallery).1, 0);
    gallery
        .put_alarms(ada, "1", &[NewAlarm { kind: AlarmKind::Modes, score: 0.1, photo: None, faces: vec![f[3], f[4]] }])
        .unwrap();
    gallery.undo(WHO, None).unwrap();
    assert_eq!(flagged(&gallery).1, 1);
    change(&gallery, Change::Split { subject: ada, faces: f[3..].to_vec(), who: Naming::Nobody });
    assert_eq!(flagged(&gallery), (vec![], 0));
    assert_eq!(gallery.alarmed().unwrap(), [(ada, "1".to_owned())]);
}

#[test]
fn the_odd_face_of_a_person_comes_first() {
    let (_dir, gallery) = gallery();
    let like = |path: &str, person| photo(path, vec![seen(0.0, person)]);
    let f: Vec<_> = commit(&gallery, &[like("/a", 1), like("/b", 1), like("/c", 5), like("/d", 1)])
        .unwrap()
        .iter()
        .map(|p| p.ids()[0])
        .collect();
    let ada = new_subject(&gallery, &f[..2], "Ada");
    group(&gallery, &f[2..], Target::New(0));
    change(&gallery, Change::NameGroup { group: GroupId(1), who: Naming::Subject(ada) });
    let faces = gallery.faces_by_oddness(ada, MODEL).unwrap();
    assert_eq!(faces[0].face, f[2]);
    let by_hand =
        gallery.embedding(f[2], MODEL).unwrap().unwrap().score(&gallery.embedding(f[0], MODEL).unwrap().unwrap());
    assert!((faces[0].likeness.unwrap() - by_hand).abs() < 1e-5);
    assert!(faces[1..].iter().all(|face| (face.likeness.unwrap() - 1.0).abs() < 1e-5));
    assert!(gallery.faces_by_oddness(ada, "no model").unwrap().iter().all(|face| face.likeness.is_none()));
}

#[test]
fn a_purged_face_leaves_nothing_behind() {
    let (_dir, gallery, f) = five();
    let ada = new_subject(&gallery, &f[..1], "Ada");
    group(&gallery, &f[1..], Target::New(0));
    change(&gallery, Change::LeaveGroup(vec![f[1]]));
    change(&gallery, Change::Reject { faces: vec![f[2]], subject: ada });
    change(&gallery, Change::RemoveFaces(f[1..3].to_vec()));
    let run = Run::purge(WHO);
    while gallery.purge(&run, 100).unwrap() != RemovalCounts::default() {}
    assert_eq!((gallery.rejections().unwrap(), gallery.kept_apart().unwrap()), (vec![], vec![]));
    assert_eq!(off(&gallery), []);
}
