//! The program without its window: commands go in, the state tells what came of them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod support;

use likeness::words::told;
use std::time::{Duration, Instant};

use likeness::app::{
    EnrollCommand, JobState, Load, ModelsCommand, Naming, PeopleCommand, ProgramCommand, SearchCommand,
    SettingsCommand, Shell, ThemeChoice, WindowCommand,
};
use likeness::jobs::SettingsFiles;
use support::shell::{begin, enroll, start, until, with_album};

#[test]
fn photos_are_enrolled_searched_compared_and_named() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    support::write_small("obama.jpg", 300, 1, &album.join("Ada/one.jpg"));
    support::write_small("obama2.jpg", 300, 2, &album.join("Ada/two.jpg"));
    support::write_small("biden.jpg", 300, 3, &album.join("Bob/three.jpg"));
    std::fs::write(album.join("bad.jpg"), b"").unwrap();

    let mut shell = start(home.path());
    enroll(&mut shell, &album, true);
    assert_eq!(shell.state().jobs[0].state, JobState::Completed);
    assert_eq!(shell.state().faces.len(), 3);
    assert_eq!(shell.state().issues.len(), 1);
    until(&mut shell, "the status bar follows", |shell| shell.state().status.faces == 3);
    assert_eq!(shell.state().status.subjects, 2);
    until(&mut shell, "the index is published", |shell| shell.state().status.generation == Some(1));

    let face = shell.state().faces[0];
    shell.dispatch(WindowCommand::RequestCrops(vec![face]));
    until(&mut shell, "the crop is here", |shell| shell.state().crops.find(face).is_some());

    shell.dispatch(SearchCommand::SetThreshold(-1.0));
    shell.dispatch(SearchCommand::File(album.join("Ada/one.jpg")));
    until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    let candidates = shell.state().search.candidates.ready().unwrap();
    assert_eq!(candidates.len(), 3);
    assert_eq!(candidates[1].subject.as_ref().map(|subject| &*subject.name), Some("Ada"));
    assert_eq!(candidates[2].subject.as_ref().map(|subject| &*subject.name), Some("Bob"));

    shell.dispatch(SearchCommand::Compare(Some(2)));
    until(
        &mut shell,
        "the other photo is here",
        |shell| matches!(&shell.state().search.compare, Some((2, Load::Ready(photo))) if photo.faces.len() == 1),
    );
    let other = shell.state().search.candidates.ready().unwrap()[2].face;
    shell.dispatch(PeopleCommand::Name { faces: vec![other], who: Naming::Name("Joe".into()) });
    until(&mut shell, "the new name shows", |shell| {
        shell
            .state()
            .search
            .candidates
            .ready()
            .is_some_and(|list| list[2].subject.as_ref().is_some_and(|subject| subject.name == "Joe"))
    });

    // A face of the gallery does not find itself.
    shell.dispatch(SearchCommand::Face(face));
    until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    assert!(shell.state().search.candidates.ready().unwrap().iter().all(|candidate| candidate.face != face));

    shell.dispatch(EnrollCommand::SelectFace(Some(face)));
    until(&mut shell, "the photo is here", |shell| {
        shell.state().detail.as_ref().is_some_and(|detail| detail.photo.ready().is_some())
    });
    let params = shell.state().settings.detector;
    shell.dispatch(EnrollCommand::TryDetector(params));
    until(&mut shell, "the stages are here", |shell| {
        shell.state().detail.as_ref().and_then(|detail| detail.trial.ready()).is_some_and(|trial| {
            !trial.trace.pnet.is_empty() && !trial.trace.rnet.is_empty() && trial.trace.detections.len() == 1
        })
    });

    // The bad photo is deleted; trying it again forgets it.
    std::fs::remove_file(album.join("bad.jpg")).unwrap();
    let path = shell.state().issues[0].path.clone();
    shell.dispatch(EnrollCommand::RetryIssues(vec![path]));
    until(&mut shell, "the issue is gone", |shell| shell.state().issues.is_empty());
}

#[test]
fn a_bad_probe_says_why_and_settings_survive() {
    let home = tempfile::tempdir().unwrap();
    let bad = home.path().join("bad.jpg");
    std::fs::write(&bad, b"no photo").unwrap();
    let mut shell = start(home.path());
    shell.dispatch(SearchCommand::File(bad));
    until(&mut shell, "the reason shows", |shell| matches!(shell.state().search.probe, Load::Failed(_)));
    shell.dispatch(SettingsCommand::SetTheme(ThemeChoice::Dark));
    shell.dispatch(ModelsCommand::Use("no-such-model".into()));
    until(&mut shell, "the error shows", |shell| {
        let names_it =
            |state: &JobState| matches!(state, JobState::Failed(reason) if told(reason).contains("no-such-model"));
        shell.state().jobs.iter().any(|job| names_it(&job.state))
    });
    drop(shell);
    let files = SettingsFiles::new(Some(&home.path().join("config")), &home.path().join("settings.json"));
    let (settings, warnings) = files.load();
    assert_eq!((settings.theme, warnings), (ThemeChoice::Dark, Vec::new()));
}

#[test]
fn a_failed_start_is_told_and_another_try_or_another_folder_starts() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    // Where the folder should be, a file is.
    std::fs::write(&data, b"no folder").unwrap();
    let mut shell = begin(home.path(), &data);
    let failed = |shell: &Shell| shell.state().start_failed.is_some();
    until(&mut shell, "the failure is told", failed);
    assert!(shell.state().start_failed.as_ref().is_some_and(|failure| told(&failure.reason).contains("data")));
    assert!(!shell.state().status.starting && shell.is_idle());
    shell.dispatch(ProgramCommand::Retry(None));
    assert!(shell.state().status.starting && !failed(&shell));
    until(&mut shell, "it failed again", failed);
    // What is asked for meanwhile has an answer all the same.
    std::fs::remove_file(&data).unwrap();
    shell.dispatch(ProgramCommand::Retry(None));
    shell.dispatch(SearchCommand::File(home.path().join("none.jpg")));
    until(&mut shell, "the program is open", |shell| !shell.state().status.starting);
    until(&mut shell, "the probe has an answer", |shell| matches!(shell.state().search.probe, Load::Failed(_)));
    drop(shell);

    std::fs::remove_dir_all(&data).unwrap();
    std::fs::write(&data, b"no folder").unwrap();
    let mut shell = begin(home.path(), &data);
    until(&mut shell, "the failure is told", failed);
    let other = home.path().join("other");
    shell.dispatch(ProgramCommand::Retry(Some(other.clone())));
    until(&mut shell, "the other folder is open", |shell| !shell.state().status.starting && !failed(shell));
    assert_eq!(shell.state().status.data_dir, other);
}

#[test]
fn closing_keeps_the_last_changes_and_never_blocks_a_frame() {
    let (home, album, mut shell) = with_album(30);
    enroll(&mut shell, &album, true);
    let faces = shell.state().faces.clone();
    shell.dispatch(EnrollCommand::Start { sources: vec![album], subjects_from_folders: false });
    for (n, face) in faces.iter().enumerate() {
        shell.dispatch(PeopleCommand::Name { faces: vec![*face], who: Naming::Name(format!("Person {n}")) });
    }
    shell.dispatch(SettingsCommand::SetTheme(ThemeChoice::Dark));
    let slowest = |slowest: Duration, begun: Instant| slowest.max(begun.elapsed());
    let begun = Instant::now();
    shell.dispatch(ProgramCommand::Close);
    let mut longest = slowest(Duration::ZERO, begun);
    assert!(shell.state().closing.is_some());
    shell.dispatch(PeopleCommand::Name { faces: vec![faces[0]], who: Naming::Name("Too late".into()) });
    let closing = Instant::now();
    while !shell.is_closed() {
        let begun = Instant::now();
        shell.pump(Duration::from_millis(4));
        longest = slowest(longest, begun);
        assert!(closing.elapsed() < Duration::from_secs(60), "it never closed: {:?}", shell.state().closing);
        std::thread::sleep(Duration::from_millis(2));
    }
    // Measured 1 ms on two busy cores; a frame that waits for a thread takes a hundred.
    assert!(longest < Duration::from_millis(60), "a frame took {longest:?}");
    drop(shell);
    let mut shell = start(home.path());
    until(&mut shell, "names are read", |shell| !shell.state().subjects.is_empty());
    let made = shell.state().subjects.iter().filter(|subject| subject.name.starts_with("Person ")).count();
    assert_eq!(made, faces.len(), "every change that was taken is kept");
    assert!(shell.state().subjects.iter().all(|subject| subject.name != "Too late"));
    assert_eq!(shell.state().settings.theme, ThemeChoice::Dark);
}

#[test]
fn close_now_waits_for_nothing() {
    let (_home, album, mut shell) = with_album(60);
    shell.dispatch(EnrollCommand::Start { sources: vec![album], subjects_from_folders: false });
    until(&mut shell, "the first faces are in", |shell| !shell.state().faces.is_empty());
    let begun = Instant::now();
    shell.dispatch(ProgramCommand::CloseNow);
    assert!(shell.is_closed());
    drop(shell);
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
}

#[test]
fn closing_in_the_middle_keeps_what_was_enrolled_and_the_next_start_is_whole() {
    let (home, album, mut shell) = with_album(400);
    shell.dispatch(EnrollCommand::Start { sources: vec![album.clone()], subjects_from_folders: false });
    until(&mut shell, "the first faces are in", |shell| !shell.state().faces.is_empty());
    drop(shell);
    let mut shell = start(home.path());
    let kept = shell.state().faces.len();
    assert!(kept > 0);
    assert_eq!(shell.state().jobs.len(), 1, "the job is taken up again");
    until(&mut shell, "the job has ended", |shell| shell.state().jobs.iter().all(|job| job.state.is_ended()));
    assert_eq!(shell.state().faces.len(), 400);
}

#[test]
fn a_second_window_reads_follows_and_takes_over() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    // Two of each, so that every face finds another one.
    support::write_album(&album, 4);
    let mut first = start(home.path());
    assert_eq!(first.state().status.read_only, None);
    let mut second = start(home.path());
    let reason = second.state().status.read_only.clone().unwrap();
    assert!(told(&reason).contains("is working on this data folder"), "{reason:?}");

    enroll(&mut first, &album, true);
    until(&mut second, "the other window's faces are here", |shell| shell.state().faces.len() == 4);
    assert_eq!(second.state().status.faces, 4);
    second.dispatch(SearchCommand::Face(second.state().faces[0]));
    until(&mut second, "candidates are here", |shell| {
        shell.state().search.candidates.ready().is_some_and(|list| !list.is_empty())
    });
    // The person's own settings are kept all the same, the gallery's are not.
    let before = std::fs::read(home.path().join("settings.json")).ok();
    second.dispatch(SettingsCommand::SetTheme(ThemeChoice::Light));
    second.dispatch(SearchCommand::SetK(7));
    let person = home.path().join("config/settings.json");
    until(&mut second, "the theme is kept", |_| {
        std::fs::read_to_string(&person).is_ok_and(|text| text.contains("Light"))
    });
    assert_eq!(std::fs::read(home.path().join("settings.json")).ok(), before);

    drop(first);
    until(&mut second, "it can be changed here", |shell| shell.state().status.read_only.is_none());
    support::write_small("biden.jpg", 300, 99, &album.join("new.jpg"));
    enroll(&mut second, &album, true);
    assert_eq!(second.state().faces.len(), 5);
}

#[test]
fn faces_are_listed_as_asked_and_the_list_follows_names_and_what_is_taken_out() {
    use likeness::app::{Naming, PeopleCommand, Removal};
    use likeness::types::{FaceListing, FaceOrder, FaceQuery};
    let (_home, album, mut shell) = support::shell::with_album(4);
    support::shell::enroll(&mut shell, &album, false);
    let faces = shell.state().faces.clone();
    let newest: Vec<_> = faces.iter().rev().copied().collect();
    assert_eq!(shell.state().listed().iter().collect::<Vec<_>>(), newest);
    let unnamed = FaceListing {
        query: FaceQuery { unnamed: true, ..FaceQuery::default() },
        order: FaceOrder::Folder,
        is_turned: false,
    };
    shell.dispatch(EnrollCommand::List(unnamed));
    assert!(shell.state().listed().is_empty(), "none while they are found");
    let listed = |shell: &Shell| shell.state().listed().iter().collect::<Vec<_>>();
    until(&mut shell, "all are listed by their paths", |shell| listed(shell).len() == faces.len());
    let first = listed(&shell)[0];
    shell.dispatch(PeopleCommand::Name { faces: vec![first], who: Naming::Name("Ada".into()) });
    until(&mut shell, "who has a name leaves the list", |shell| !listed(shell).contains(&first));
    let second = listed(&shell)[0];
    shell.dispatch(PeopleCommand::Remove(Removal::Faces(vec![second])));
    until(&mut shell, "what is taken out leaves the list", |shell| listed(shell).len() + 2 == faces.len());
    shell.dispatch(EnrollCommand::List(FaceListing::default()));
    assert_eq!(shell.state().listed().len(), faces.len() - 1);
}
