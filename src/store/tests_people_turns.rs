//! Any sequence of people operations, with enrollments and groupings in between, taken back.

use proptest::prelude::*;

use super::tests::{commit, gallery, photo};
use super::tests_ledger::{edited, seen};
use super::tests_rows::{off, rows};
use super::*;
use crate::types::{BatchId, GroupId, Ignored};

const WHO: &str = "test";

#[derive(Clone, Debug)]
enum Step {
    Name(usize, usize),
    New(usize),
    Nobody(usize),
    NameGroup(usize, usize),
    Reject(usize, usize),
    Ignore(usize, usize),
    IgnoreRest(usize),
    Notice(usize),
    Leave(usize),
    Split(usize, usize),
    Regroup(usize),
    Merge(usize, usize),
    Adorn(usize, usize),
    Settle(usize),
    RemoveFace(usize),
    RemoveSubject(usize),
    /// A grouping as a job does it.
    Group(Vec<u32>),
    /// A photo is enrolled, or enrolled anew.
    Enroll {
        at: usize,
        person: u32,
        x: usize,
        named: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..64usize;
    let m = 0..64usize;
    prop_oneof![
        2 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::Name(a, b)),
        2 => n.clone().prop_map(Step::New),
        1 => n.clone().prop_map(Step::Nobody),
        2 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::NameGroup(a, b)),
        2 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::Reject(a, b)),
        2 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::Ignore(a, b)),
        1 => n.clone().prop_map(Step::IgnoreRest),
        1 => n.clone().prop_map(Step::Notice),
        1 => n.clone().prop_map(Step::Leave),
        2 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::Split(a, b)),
        1 => n.clone().prop_map(Step::Regroup),
        1 => (n.clone(), m.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        1 => (n.clone(), m).prop_map(|(a, b)| Step::Adorn(a, b)),
        1 => n.clone().prop_map(Step::Settle),
        1 => n.clone().prop_map(Step::RemoveFace),
        1 => n.prop_map(Step::RemoveSubject),
        2 => proptest::collection::vec(0..4u32, 12).prop_map(Step::Group),
        3 => (0..6usize, 0..5u32, 0..4usize, any::<bool>())
            .prop_map(|(at, person, x, named)| Step::Enroll { at, person, x, named }),
    ]
}

fn pick<T: Clone>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()].clone())
}

fn groups(gallery: &Gallery) -> Vec<GroupId> {
    let mut groups: Vec<_> = gallery.unknown_faces().unwrap().iter().filter_map(|face| face.group).collect();
    groups.dedup();
    groups
}

/// Does a step; what came of it, and `None` where it cannot be done.
fn take(gallery: &Gallery, step: &Step) -> Option<Changed> {
    let face = |n| pick(&gallery.face_ids().unwrap(), n);
    let subject = |n| pick(&gallery.subjects().unwrap().iter().map(|s| s.id).collect::<Vec<_>>(), n);
    let of = |subject| gallery.faces_of_subject(subject).unwrap();
    let change = match *step {
        Step::Name(f, s) => Change::Name { faces: vec![face(f)?, face(f + 1)?], who: Naming::Subject(subject(s)?) },
        Step::New(f) => Change::Name { faces: vec![face(f)?], who: Naming::New(["Ada", "Bob"][f % 2].into()) },
        Step::Nobody(f) => Change::Name { faces: vec![face(f)?], who: Naming::Nobody },
        Step::NameGroup(g, s) => {
            let who = subject(s).map_or(Naming::New("Eve".into()), Naming::Subject);
            Change::NameGroup { group: pick(&groups(gallery), g)?, who }
        }
        Step::Reject(f, s) => Change::Reject { faces: vec![face(f)?], subject: subject(s)? },
        Step::Ignore(f, why) => Change::Ignore { faces: vec![face(f)?], why: Ignored::ALL[why % 4] },
        Step::IgnoreRest(f) => {
            Change::IgnoreRest { photo: gallery.face(face(f)?).unwrap().photo, why: Ignored::Stranger }
        }
        Step::Notice(n) => Change::Notice(vec![pick(&gallery.ignored(Page::first(99)).unwrap(), n)?.face]),
        Step::Leave(g) => {
            Change::LeaveGroup(vec![pick(&gallery.faces_of_group(pick(&groups(gallery), g)?).unwrap(), g)?])
        }
        Step::Split(s, f) => {
            let who = if f % 3 == 0 { Naming::Nobody } else { Naming::New("Ada".into()) };
            Change::Split { subject: subject(s)?, faces: vec![pick(&of(subject(s)?), f)?], who }
        }
        Step::Regroup(s) => Change::Regroup {
            subject: subject(s)?,
            leave: vec![of(subject(s)?).split_off(1.min(of(subject(s)?).len()))],
        },
        Step::Merge(a, b) => Change::Merge { from: vec![subject(a)?], into: subject(b)? },
        Step::Adorn(s, f) => {
            Change::Adorn { subject: subject(s)?, cover: pick(&of(subject(s)?), f), tags: vec![f.to_string()] }
        }
        Step::Settle(s) => Change::Settle { subject: subject(s)?, kind: AlarmKind::Modes, faces: of(subject(s)?) },
        Step::RemoveFace(f) => Change::RemoveFaces(vec![face(f)?]),
        Step::RemoveSubject(s) => Change::RemoveSubject(subject(s)?),
        Step::Group(ref labels) => {
            let known = groups(gallery);
            let moves = gallery.unknown_faces().unwrap().into_iter().zip(labels).map(|(face, label)| {
                let old = pick(&known, *label as usize).filter(|_| label % 2 == 0).map(Target::Group);
                let to = if *label == 0 { Target::Alone } else { old.unwrap_or(Target::New(*label)) };
                GroupMove { face: face.id, to }
            });
            return gallery.group_faces(WHO, &moves.collect::<Vec<_>>()).ok();
        }
        Step::Enroll { at, person, x, named } => {
            let subject = named.then(|| FolderName(["Ada", "Folder"][at % 2].into()));
            let found = EnrolledFace { subject, ..seen([0.0, 30.0, 70.0, 300.0][x], person) };
            let photo = edited(&format!("/{at}"), &format!("{at} {x}"), vec![found]);
            return Some(gallery.commit(&Run::enrollment(WHO), &[photo]).unwrap().1);
        }
    };
    gallery.change(WHO, &change).ok()
}

/// The rows of the faces and photos that there were; those that came since have to be bare.
fn rows_of(gallery: &Gallery, faces: usize, photos: usize) -> Vec<String> {
    let number =
        |row: &str| row.split("Integer(").nth(1).and_then(|text| text.split(')').next()?.parse::<usize>().ok());
    rows(gallery)
        .into_iter()
        .filter(|row| {
            let later = number(row).unwrap_or(0);
            if row.contains("Text(\"face\")") && later > faces {
                assert!(row.ends_with("Ok(Null) Ok(Null) Ok(Null) Ok(Null) Ok(Null)"), "{row}");
                return false;
            }
            !(row.contains("\"tally\"") || row.contains("Text(\"photo\")") && later > photos)
        })
        .map(|row| if row.contains("Text(\"photo\")") { row.replace("missing", "") } else { row })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Any sequence of people operations with enrollments and groupings in between, all undone by batch, gives the same
    /// rows again at every step.
    #[test]
    fn people_operations_between_enrollments_can_be_taken_back(steps in proptest::collection::vec(step(), 1..40)) {
        let (_dir, gallery) = gallery();
        commit(&gallery, &[
            photo("/0", vec![seen(0.0, 0), seen(300.0, 1)]),
            photo("/1", vec![seen(0.0, 0)]),
            photo("/2", vec![seen(0.0, 2), seen(300.0, 0), seen(600.0, 3)]),
        ]).unwrap();
        let size = |gallery: &Gallery| (gallery.last_face_id().unwrap().0 as usize, gallery.counts().unwrap().photos as usize);
        // The batch, what the check found, and the rows after it.
        type State = (Option<BatchId>, (usize, usize), Vec<String>);
        let mut states: Vec<State> = Vec::new();
        for step in &steps {
            let (before, rows) = (size(&gallery), rows(&gallery));
            if let Some(batch) = take(&gallery, step).and_then(|changed| changed.batch) {
                states.push((Some(batch), before, rows));
            }
        }
        prop_assert_eq!(off(&gallery), []);
        for (batch, (faces, photos), before) in states.iter().rev() {
            gallery.undo(WHO, *batch).unwrap();
            let before: Vec<_> = before.iter().filter(|row| !row.contains("\"tally\"")).cloned().collect();
            prop_assert_eq!(&before, &rows_of(&gallery, *faces, *photos));
        }
        prop_assert_eq!(off(&gallery), []);
    }
}
