//! The People screen without its window: lists follow the record, groups are named and taken back, nothing jumps.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod support;

use likeness::app::{
    Change, ListedRows, Listing, Load, Naming, Page, Part, PeopleCommand, PeopleFilter, PeopleRow, ReviewKind,
    RosterCommand, Screen, Shell, Who, WindowCommand,
};
use likeness::types::{GroupId, Ignored};
use support::shell::{enroll, until, with_album};

fn rows(shell: &Shell) -> Vec<PeopleRow> {
    match shell.state().roster.rows.ready().map(|rows| &rows.rows) {
        Some(ListedRows::People(rows)) => rows.clone(),
        _ => Vec::new(),
    }
}

fn open_group(shell: &Shell) -> Option<(GroupId, u64)> {
    match &shell.state().roster.queue.as_ref()?.current()?.item.kind {
        ReviewKind::Group { group, faces, .. } => Some((*group, *faces)),
        ReviewKind::Suggestion(_) => None,
    }
}

/// Three faces of one person, grouped.
fn grouped() -> (tempfile::TempDir, Shell) {
    let (home, album, mut shell) = with_album(3);
    enroll(&mut shell, &album, false);
    shell.dispatch(WindowCommand::ShowScreen(Screen::People));
    until(&mut shell, "nobody is listed", |shell| {
        shell.state().roster.rows.ready().is_some_and(|rows| rows.total == 0)
    });
    shell.dispatch(RosterCommand::Group);
    until(&mut shell, "the group is counted", |shell| shell.state().roster.counts.groups == 1);
    (home, shell)
}

#[test]
fn a_group_is_named_in_the_review_and_comes_back_when_that_is_undone() {
    let (_home, mut shell) = grouped();
    shell.dispatch(RosterCommand::Review(true));
    until(&mut shell, "the group is on view", |shell| open_group(shell).is_some());
    let (group, faces) = open_group(&shell).unwrap();
    assert!(faces >= 2, "a weak face may stand alone: {faces}");
    until(&mut shell, "its faces are read", |shell| {
        shell
            .state()
            .roster
            .queue
            .as_ref()
            .is_some_and(|queue| queue.members(group).is_some_and(|read| read.len() as u64 == faces))
    });
    let who = Naming::Name("Ada".into());
    shell.dispatch(PeopleCommand::Change(Change::NameGroup { group, who }));
    shell.dispatch(RosterCommand::Decided);
    assert_eq!(open_group(&shell), None, "the next item comes at once");
    until(&mut shell, "somebody has a name", |shell| shell.state().roster.counts.named == 1);
    assert_eq!(open_group(&shell), None, "and nothing jumps when it is written");
    shell.dispatch(PeopleCommand::Undo(None));
    until(&mut shell, "it is on view again", |shell| open_group(shell) == Some((group, faces)));
    shell.dispatch(RosterCommand::Review(false));
    until(&mut shell, "nobody has a name", |shell| shell.state().roster.counts.named == 0);
}

#[test]
fn a_person_is_shown_in_full_and_follows_what_is_said() {
    let (_home, mut shell) = grouped();
    let faces = shell.state().faces.clone();
    shell.dispatch(PeopleCommand::Name { faces: faces.clone(), who: Naming::Name("Ada".into()) });
    until(&mut shell, "Ada is listed", |shell| matches!(rows(shell)[..], [PeopleRow::Person(_)]));
    let PeopleRow::Person(ada) = rows(&shell).remove(0) else { unreachable!() };
    assert_eq!((ada.name.as_str(), ada.faces, ada.confirmed), ("Ada", 3, 3));
    shell.dispatch(RosterCommand::Open(Some(Who::Subject(ada.id))));
    let shown = |shell: &Shell| match &shell.state().roster.opened {
        Some((_, Load::Ready(Page::Person { faces, .. }))) => Some(faces.len()),
        _ => None,
    };
    until(&mut shell, "she is shown", |shell| shown(shell) == Some(3));
    let split = Change::Split { subject: ada.id, faces: vec![faces[0]], who: Naming::Nobody };
    shell.dispatch(PeopleCommand::Change(split));
    until(&mut shell, "the face is split off", |shell| shown(shell) == Some(2));
    let tags = vec!["family".to_owned()];
    shell.dispatch(PeopleCommand::Change(Change::Adorn { subject: ada.id, cover: Some(faces[1]), tags: tags.clone() }));
    until(&mut shell, "the tags are read", |shell| match &shell.state().roster.opened {
        Some((_, Load::Ready(Page::Person { person, .. }))) => person.tags == tags && person.cover == Some(faces[1]),
        _ => false,
    });
    shell.dispatch(RosterCommand::Open(None));
    let flagged = Listing { part: Part::People(PeopleFilter::Named), search: "fam".into(), ..Listing::default() };
    shell.dispatch(RosterCommand::List(flagged));
    until(&mut shell, "found by a tag", |shell| rows(shell).len() == 1);
}

#[test]
fn an_ignored_face_is_listed_and_taken_back() {
    let (_home, mut shell) = grouped();
    let faces = shell.state().faces.clone();
    shell.dispatch(RosterCommand::List(Listing { part: Part::Ignored, ..Listing::default() }));
    shell.dispatch(PeopleCommand::Change(Change::Ignore { faces: vec![faces[0]], why: Ignored::Stranger }));
    let ignored = |shell: &Shell| match shell.state().roster.rows.ready().map(|rows| &rows.rows) {
        Some(ListedRows::Ignored { faces, .. }) => faces.len(),
        _ => 0,
    };
    until(&mut shell, "it is listed", |shell| ignored(shell) == 1);
    shell.dispatch(PeopleCommand::Change(Change::Notice(vec![faces[0]])));
    until(&mut shell, "it is back", |shell| ignored(shell) == 0);
}
