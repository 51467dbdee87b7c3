use super::*;
use crate::exchange::regions::Region;
use crate::types::SubjectRecord;

const SIZE: [u32; 2] = [400, 300];

fn bbox(at: f32) -> BBox {
    BBox { x1: at, y1: 100.0, x2: at + 50.0, y2: 150.0 }
}

fn set(form: Form, regions: &[(&str, f32)]) -> RegionSet {
    let mut set = RegionSet::new(form, None);
    for (name, at) in regions {
        let bbox = bbox(*at);
        let area = [bbox.x1 / 400.0, bbox.y1 / 300.0, bbox.x2 / 400.0, bbox.y2 / 300.0].map(f64::from);
        set.regions.push(Region { name: Some((*name).to_owned()).filter(|name| !name.is_empty()), area });
    }
    set
}

fn face(id: i64, at: f32, has: Option<(i64, &str)>) -> FaceHere {
    let subject = has.map(|(id, name)| SubjectName { id: SubjectId(id), name: name.to_owned() });
    FaceHere { id: FaceId(id), bbox: bbox(at), subject, is_nobody: false, rejected: Vec::new() }
}

fn people() -> People {
    let subject = |id, name: &str| SubjectRecord {
        id: SubjectId(id),
        name: name.to_owned(),
        external_id: None,
        note: None,
        faces: 1,
    };
    let all = [subject(1, "Ada"), subject(2, "Bob"), subject(3, "Cy"), subject(4, "cy")];
    People::new(&all, vec![(name_key("Ada Old"), SubjectId(1))])
}

fn decided(sets: &[RegionSet], faces: &[FaceHere]) -> Decision {
    decide(sets, SIZE, 1, faces, &people())
}

#[test]
fn only_faces_without_a_name_get_one() {
    let faces = [face(10, 0.0, None), face(11, 100.0, Some((1, "Ada"))), face(12, 200.0, Some((2, "Bob")))];
    let nobody = FaceHere { is_nobody: true, ..face(13, 300.0, None) };
    let faces = [faces.as_slice(), &[nobody]].concat();
    let regions = [("ada old", 0.0), ("ADA", 100.0), ("Eve", 200.0), ("Dan", 300.0)];
    let decision = decided(&[set(Form::Mwg, &regions)], &faces);
    assert_eq!(decision.named, [(FaceId(10), Whom::Known(SubjectId(1)))]);
    assert_eq!(decision.already, 1);
    let conflict = |face, name: &str, has: Option<&str>| Remark::Conflict {
        face: FaceId(face),
        name: name.to_owned(),
        has: has.map(str::to_owned),
    };
    assert_eq!(decision.remarks, [conflict(12, "Eve", Some("Bob")), conflict(13, "Dan", None)]);
}

#[test]
fn names_of_two_people_and_faces_that_are_not_there_are_listed() {
    let regions = [("Cy", 0.0), ("Zoe", 100.0), ("", 200.0), ("Gone", 300.0)];
    let decision = decided(&[set(Form::Mwg, &regions)], &[face(10, 0.0, None), face(11, 100.0, None)]);
    assert_eq!(decision.named, [(FaceId(11), Whom::New("Zoe".to_owned()))]);
    assert_eq!(decision.remarks[0], Remark::Ambiguous { face: FaceId(10), name: "Cy".to_owned() });
    assert!(matches!(&decision.remarks[1], Remark::NoFace { name, .. } if name == "Gone"));
    assert_eq!(decision.remarks.len(), 2, "a face without a name that is not found is nobody's loss");
    let has_it = decided(&[set(Form::Mwg, &regions[..1])], &[face(10, 0.0, Some((4, "cy")))]);
    assert_eq!((has_it.already, has_it.remarks.len()), (1, 0));
}

#[test]
fn several_programs_add_up_and_contradictions_are_left_to_a_person() {
    let faces = [face(10, 0.0, None), face(11, 100.0, None), face(12, 200.0, None)];
    let sets = [
        set(Form::Mwg, &[("Ada", 0.0), ("Bob", 100.0)]),
        set(Form::Picasa, &[("ADA", 0.0), ("Eve", 100.0), ("Dan", 200.0), ("Bob", 300.0)]),
    ];
    let decision = decided(&sets, &faces);
    let dan = (FaceId(12), Whom::New("Dan".to_owned()));
    assert_eq!(decision.named, [(FaceId(10), Whom::Known(SubjectId(1))), dan]);
    let names = vec!["Bob".to_owned(), "Eve".to_owned()];
    assert_eq!(decision.remarks, [Remark::Contested { face: FaceId(11), names }], "Bob was found elsewhere");
}

#[test]
fn who_it_is_not_by_a_persons_word_it_does_not_become() {
    let face = FaceHere { rejected: vec![SubjectId(1)], ..face(10, 0.0, None) };
    let decision = decided(&[set(Form::Mwg, &[("ada old", 0.0)])], std::slice::from_ref(&face));
    assert_eq!(decision.remarks, [Remark::Rejected { face: FaceId(10), name: "ada old".to_owned() }]);
    assert_eq!(decision.named, []);
    let other = decided(&[set(Form::Mwg, &[("Bob", 0.0)])], &[face]);
    assert_eq!(other.named, [(FaceId(10), Whom::Known(SubjectId(2)))]);
}

#[test]
fn regions_of_another_picture_name_nobody() {
    let mut cropped = set(Form::Mwg, &[("Ada", 0.0)]);
    cropped.applied = Some([300.0, 300.0]);
    let decision = decided(&[cropped], &[face(10, 0.0, None)]);
    assert_eq!(decision.named, []);
    assert_eq!(decision.remarks, [Remark::OtherPicture { form: Form::Mwg, applied: [300.0, 300.0] }]);
}
