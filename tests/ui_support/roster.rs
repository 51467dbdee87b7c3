//! Made-up people for the People screen.

use likeness::app::{
    Alarm, AlarmKind, AppState, ListedRows, Listing, Load, Page, Part, PeopleCounts, PeopleFilter, PeopleRow, Person,
    PersonFace, Queue, ReviewItem, ReviewKind, Rows, Screen, Suggestion, Who,
};
use likeness::store::ReviewKey;
use likeness::types::{FaceId, GroupId, Ignored, NamedBy, PhotoId, SubjectId, SubjectName};

const LONG_NAME: &str = "Maximiliane Schmidt-Oberhuber von der Hohen Warte zu Bergkirchen";

fn person(id: i64, name: &str) -> Person {
    Person {
        id: SubjectId(id),
        name: name.to_owned(),
        external_id: (id % 3 == 0).then(|| format!("A-{id}")),
        note: None,
        tags: if id % 4 == 0 { vec!["family".to_owned(), "summer".to_owned()] } else { Vec::new() },
        cover: Some(FaceId(2_400 - id)),
        cover_is_chosen: false,
        faces: 3 + 7 * id as u64,
        confirmed: 3,
        suggestions: (id % 2 * 5) as u64,
        alarms: u64::from(id == 2),
        last_seen: Some("2019-07-03T10:00:00".to_owned()),
    }
}

fn suggestion(face: i64, name: Option<&str>) -> Suggestion {
    let subject = name.map(|name| SubjectName { id: SubjectId(7), name: name.to_owned() });
    let ignored = name.is_none().then_some(Ignored::Statue);
    Suggestion { face: FaceId(face), subject, ignored, score: 0.83, nearest: FaceId(face - 9) }
}

fn roster() -> AppState {
    let mut state = super::gallery(2_400, 200);
    state.screen = Screen::People;
    state.roster.counts =
        PeopleCounts { named: 100_000, groups: 812, suggestions: 340, alarms: 3, ignored: 57, unknown: 9_120 };
    state
}

pub fn named() -> AppState {
    let mut state = roster();
    let names = ["Ada Lovelace", "Barack Obama", LONG_NAME, "李雷"];
    let rows = (1..60).map(|id| PeopleRow::Person(person(id, names[id as usize % names.len()]))).collect();
    state.roster.rows = Load::Ready(Rows { from: 0, rows: ListedRows::People(rows), total: 100_000 });
    state
}

pub fn groups() -> AppState {
    let mut state = roster();
    state.roster.listing = Listing { part: Part::People(PeopleFilter::Groups), ..Listing::default() };
    let rows = (1..30)
        .map(|id| PeopleRow::Group {
            group: GroupId(id),
            cover: FaceId(2_400 - id),
            faces: 40 - id as u64,
            suggestion: (id % 3 == 0).then(|| suggestion(2_300, Some("Ada Lovelace"))),
        })
        .collect();
    state.roster.rows = Load::Ready(Rows { from: 0, rows: ListedRows::People(rows), total: 29 });
    state
}

pub fn person_page() -> AppState {
    let mut state = named();
    let faces = (0..40).map(|i| PersonFace {
        face: FaceId(2_400 - i),
        photo: PhotoId(i),
        named_by: Some(if i % 2 == 0 { NamedBy::Person } else { NamedBy::Group }),
        quality: 0.9,
        likeness: Some(0.2 + 0.01 * i as f32),
    });
    let alarm = Alarm {
        subject: SubjectName { id: SubjectId(2), name: "Ada Lovelace".to_owned() },
        kind: AlarmKind::Modes,
        score: 0.21,
        photo: None,
        split: (0..7).map(|i| FaceId(2_380 - i)).collect(),
    };
    let page = Page::Person {
        person: Box::new(person(2, "Ada Lovelace")),
        faces: faces.collect(),
        suggestions: (0..12).map(|i| suggestion(2_350 - i, Some("Ada Lovelace"))).collect(),
        alarms: vec![alarm],
    };
    state.roster.opened = Some((Who::Subject(SubjectId(2)), Load::Ready(page)));
    state
}

pub fn queued(items: Vec<ReviewItem>) -> AppState {
    let mut state = roster();
    let mut queue = Queue::default();
    queue.read(None, items, true, 0);
    for group in [1, 2] {
        queue.set_members(GroupId(group), (0..9).map(|i| FaceId(2_390 - i)).collect());
    }
    state.roster.queue = Some(queue);
    state
}

pub fn group_item(id: i64, name: Option<&str>) -> ReviewItem {
    let suggestion = name.map(|name| suggestion(2_390, Some(name)));
    let kind = ReviewKind::Group { group: GroupId(id), cover: FaceId(2_390), faces: 9, suggestion };
    ReviewItem { kind, key: ReviewKey::of_group(GroupId(id)) }
}

pub fn face_item(face: i64, name: Option<&str>) -> ReviewItem {
    let suggestion = suggestion(face, name);
    ReviewItem { key: ReviewKey::of_face(suggestion.face, suggestion.score), kind: ReviewKind::Suggestion(suggestion) }
}

/// Every state that looks different.
pub fn all() -> Vec<(&'static str, AppState)> {
    vec![
        ("named", named()),
        ("groups", groups()),
        ("person", person_page()),
        ("review-face", queued(vec![face_item(2_390, Some("Ada Lovelace")), face_item(2_388, None)])),
        ("review-group", queued(vec![group_item(1, Some("Ada Lovelace")), group_item(2, None)])),
        ("review-unknown", queued(vec![group_item(2, None)])),
        ("nobody", {
            let mut state = roster();
            state.roster.counts = PeopleCounts::default();
            let rows = ListedRows::People(Vec::new());
            state.roster.rows = Load::Ready(Rows { from: 0, rows, total: 0 });
            state
        }),
    ]
}
