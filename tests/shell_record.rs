//! Who is who in the program without its window: changes show at once, are told in words, and are taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod support;

use likeness::app::{
    BatchTurn, EnrollCommand, Evidence, Load, Naming, PeopleCommand, Removal, RemovalCounts, SearchCommand, Shell,
    WindowCommand,
};
use likeness::words::told;
use support::shell::{enroll, start, until, with_album};

fn words(shell: &Shell) -> Vec<String> {
    shell.state().record.history.iter().map(|batch| told(&batch.words)).collect()
}

fn shown_name(shell: &Shell) -> Option<String> {
    let photo = shell.state().detail.as_ref()?.photo.ready()?;
    photo.faces.first()?.subject.as_ref().map(|subject| subject.name.clone())
}

#[test]
fn a_name_is_told_in_words_and_undone_and_redone_after_a_restart_too() {
    let (home, album, mut shell) = with_album(3);
    enroll(&mut shell, &album, false);
    let faces = shell.state().faces.clone();
    shell.dispatch(EnrollCommand::SelectFace(Some(faces[1])));
    until(&mut shell, "the photo is here", |shell| {
        shell.state().detail.as_ref().is_some_and(|detail| detail.photo.ready().is_some())
    });
    shell.dispatch(PeopleCommand::Name { faces: faces.clone(), who: Naming::Name("Ada".into()) });
    until(&mut shell, "the name shows", |shell| shown_name(shell).as_deref() == Some("Ada"));
    until(&mut shell, "the history tells", |shell| words(shell).contains(&"named 3 faces Ada".to_owned()));
    until(&mut shell, "people are read", |shell| shell.state().subjects.len() == 1);
    assert_eq!(
        shell.state().record.undo.as_ref().map(|batch| told(&batch.words)),
        Some("named 3 faces Ada".to_owned())
    );
    shell.dispatch(PeopleCommand::Undo(None));
    until(&mut shell, "the name is gone", |shell| shown_name(shell).is_none());
    until(&mut shell, "it can be redone", |shell| shell.state().record.redo.is_some());
    assert_eq!(words(&shell)[0], "undid: named 3 faces Ada");
    let named = shell.state().record.history.iter().find(|batch| told(&batch.words) == "named 3 faces Ada").unwrap();
    assert_eq!(named.state, BatchTurn::Undone);
    drop(shell);

    let mut shell = start(home.path());
    until(&mut shell, "the history is read", |shell| shell.state().record.redo.is_some());
    shell.dispatch(PeopleCommand::Redo);
    until(&mut shell, "it is done again", |shell| shell.state().record.undo.is_some());
    until(&mut shell, "people are read", |shell| shell.state().subjects.iter().any(|person| person.faces == 3));
}

#[test]
fn what_is_taken_out_leaves_every_view_and_comes_back_in_its_place() {
    let (_home, album, mut shell) = with_album(4);
    enroll(&mut shell, &album, false);
    let faces = shell.state().faces.clone();
    shell.dispatch(SearchCommand::SetThreshold(-1.0));
    shell.dispatch(SearchCommand::File(album.join("photo-000.jpg")));
    until(&mut shell, "candidates are here", |shell| {
        shell.state().search.candidates.ready().is_some_and(|list| list.len() == 4)
    });
    let face = faces[1];
    let removal = Removal::Faces(vec![face]);
    shell.dispatch(PeopleCommand::AskRemoval(removal.clone()));
    until(&mut shell, "it is counted", |shell| {
        let counts = RemovalCounts { photos: 0, faces: 1, named: 0 };
        matches!(&shell.state().record.removal, Some((_, Load::Ready(counted))) if *counted == counts)
    });
    shell.dispatch(PeopleCommand::Remove(removal));
    assert!(shell.state().record.removal.is_none());
    until(&mut shell, "the face is gone", |shell| !shell.state().faces.contains(&face));
    until(&mut shell, "the notice offers the way back", |shell| {
        shell.state().notices.iter().any(|notice| told(&notice.text) == "took out 1 face" && notice.undo.is_some())
    });
    until(&mut shell, "candidates follow", |shell| {
        shell.state().search.candidates.ready().is_some_and(|list| list.len() == 3)
    });
    let batch = shell.state().notices.iter().find_map(|notice| notice.undo).unwrap();
    shell.dispatch(PeopleCommand::Undo(Some(batch)));
    until(&mut shell, "the face is back in its place", |shell| shell.state().faces == faces);
    until(&mut shell, "and among the candidates", |shell| {
        shell.state().search.candidates.ready().is_some_and(|list| list.iter().any(|candidate| candidate.face == face))
    });
    assert!(shell.state().notices.iter().all(|notice| notice.undo != Some(batch)), "what is undone offers nothing");
}

#[test]
fn a_file_that_changed_or_is_gone_is_not_shown_as_what_was_enrolled() {
    let (_home, album, mut shell) = with_album(2);
    enroll(&mut shell, &album, false);
    let evidence = |shell: &mut Shell, face| {
        shell.dispatch(EnrollCommand::SelectFace(Some(face)));
        until(shell, "the photo is here", |shell| {
            shell.state().detail.as_ref().is_some_and(|detail| detail.photo.ready().is_some())
        });
        let photo = shell.state().detail.as_ref().and_then(|detail| detail.photo.ready()).unwrap();
        (photo.evidence.clone(), photo.faces[0].crop.is_some(), photo.path.clone().unwrap())
    };
    let faces = shell.state().faces.clone();
    let (same, has_crop, path) = evidence(&mut shell, faces[0]);
    assert_eq!((same, has_crop), (Evidence::Same, true));
    support::write_small("biden.jpg", 200, 77, &path);
    let (changed, has_crop, _) = evidence(&mut shell, faces[0]);
    assert_eq!((changed, has_crop), (Evidence::Changed, false), "no crop is cut from other pixels");
    std::fs::remove_file(&path).unwrap();
    let (gone, ..) = evidence(&mut shell, faces[0]);
    assert!(matches!(&gone, Evidence::Gone(reason) if told(reason).contains("photo-")), "{gone:?}");
    // The stored picture is there for both, and the face can be searched.
    shell.dispatch(WindowCommand::RequestCrops(vec![faces[0]]));
    until(&mut shell, "the stored picture is here", |shell| shell.state().crops.find(faces[0]).is_some());
    shell.dispatch(SearchCommand::Face(faces[0]));
    until(&mut shell, "it is searched", |shell| shell.state().search.candidates.ready().is_some());
    // A run over the folder finds that it is gone, and lists it.
    enroll(&mut shell, &album, false);
    until(&mut shell, "it is listed as missing", |shell| shell.state().record.missing_counts.photos == 1);
    assert_eq!(shell.state().record.missing.first().map(|photo| photo.path.clone()), Some(path));
    shell.dispatch(PeopleCommand::Remove(Removal::Missing));
    until(&mut shell, "it is taken out", |shell| shell.state().record.missing_counts.photos == 0);
    until(&mut shell, "its face is gone", |shell| !shell.state().faces.contains(&faces[0]));
}
