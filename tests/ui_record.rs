//! Names, the history and what is taken out, by label: what a person clicks and types, and which commands come of it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{
    AppState, BatchTurn, BatchView, Closing, Command, Evidence, Load, MissingPhoto, Naming, Notice, NoticeLevel,
    PeopleCommand, ProgramCommand, QuestionView, Removal, RemovalCounts, Screen, SearchCommand, StartFailure,
    WindowCommand,
};
use likeness::types::{BatchId, FaceId, PhotoId, SubjectId, SubjectName};
use likeness::ui::{UiMemory, render_with_memory};
use ui_support as made_up;
use ui_support::window::{SIZE, Window, assert_commands, click, is_shown, replace_text, window, window_of};

fn batch(id: i64, words: &str, state: BatchTurn) -> BatchView {
    BatchView { id: BatchId(id), at: 1_700_000_000_000 + id, actor: "ana".into(), words: words.into(), state }
}

fn with_history() -> AppState {
    let mut state = made_up::gallery(400, 40);
    let named = batch(3, "named 34 faces Ada", BatchTurn::Done);
    let undone = batch(2, "took out 1 photo with 2 faces", BatchTurn::Undone);
    state.record.history = vec![
        batch(4, "undid change 2", BatchTurn::Final),
        named.clone(),
        undone.clone(),
        batch(1, "named 1 face Maximiliane Schmidt-Oberhuber von der Hohen Warte zu Bergkirchen", BatchTurn::Purged),
    ];
    (state.record.undo, state.record.redo) = (Some(named), Some(undone));
    state
}

#[test]
fn undo_and_redo_by_key_and_button_say_what_they_do() {
    let mut harness = window(with_history());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(None))]);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_commands!(harness, [Command::People(PeopleCommand::Redo)]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    assert_commands!(harness, [Command::People(PeopleCommand::Redo)]);
    click(&mut harness, "Undo");
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(None))]);
    click(&mut harness, "Redo");
    assert_commands!(harness, [Command::People(PeopleCommand::Redo)]);
    harness.get_by_label("Undo").hover();
    harness.run_ok();
    assert!(harness.query_by_label_contains("Undo: named 34 faces Ada (Ctrl Z)").is_some());
    // Nothing to undo, and a gallery that cannot be changed.
    harness.state_mut().state.record.undo = None;
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, []);
    assert!(harness.get_by_label("Undo").accesskit_node().is_disabled());
    harness.state_mut().state = with_history();
    harness.state_mut().state.status.read_only = Some("another process is working on this data folder".into());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, []);
    assert!(harness.get_by_label("Redo").accesskit_node().is_disabled());
}

#[test]
fn a_text_field_keeps_its_own_undo() {
    let mut state = made_up::person_detail(None);
    let history = with_history().record;
    state.record = history;
    let mut harness = window(state);
    replace_text(&mut harness, "Subject", "Eve");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, []);
}

#[test]
fn the_history_tells_in_words_and_undoes_each_change() {
    let mut harness = window(with_history());
    click(&mut harness, "History");
    assert!(harness.query_by_label_contains("Named 34 faces Ada").is_some());
    assert!(harness.query_by_label_contains("undone").is_some());
    assert!(harness.query_by_label_contains("deleted for ever").is_some());
    assert!(harness.query_by_label("Undo: took out 1 photo with 2 faces").is_none(), "it is undone already");
    click(&mut harness, "Undo: named 34 faces Ada");
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(Some(BatchId(3))))]);
    click(&mut harness, "Close the history");
    assert!(harness.query_by_label_contains("Named 34 faces Ada").is_none());
    let mut harness = window(made_up::gallery(4, 4));
    click(&mut harness, "History");
    assert!(harness.query_by_label_contains("can be taken back").is_some());
}

#[test]
fn a_name_that_one_person_has_is_that_person_and_a_new_one_is_new() {
    let mut harness = window(made_up::person_detail(None));
    replace_text(&mut harness, "Subject", "bob");
    harness.key_press(Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Name { faces, who: Naming::Subject(SubjectId(4)) })] if faces == &[FaceId(2_400)]);
    replace_text(&mut harness, "Subject", "Carla");
    click(&mut harness, "Save name");
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::Name(name), .. })] if name == "Carla");
}

#[test]
fn two_people_of_one_name_are_told_apart() {
    let mut harness = window(made_up::person_detail(None));
    replace_text(&mut harness, "Subject", "ada");
    for label in ["It is Ada (A-7)", "It is Ada (the aunt)", "It is Ada Berg", "A new person of that name"] {
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
    harness.key_press(Key::Enter);
    assert_commands!(harness, []);
    assert!(harness.query_by_label_contains("Several people have this name").is_some());
    click(&mut harness, "It is Ada (the aunt)");
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::Subject(SubjectId(3)), .. })]);
    click(&mut harness, "A new person of that name");
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::New(name), .. })] if name == "ada");
    // On view it says which.
    let harness = window(made_up::person_detail(Some(SubjectName { id: SubjectId(3), name: "Ada".into() })));
    assert!(harness.query_by_label("Ada (the aunt)").is_some());
}

#[test]
fn taking_out_asks_with_counts_and_the_notice_undoes_it() {
    let mut harness = window(made_up::person_detail(Some(SubjectName { id: SubjectId(2), name: "Ada".into() })));
    click(&mut harness, "This face\u{2026}");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Faces(faces)))] if faces == &[FaceId(2_400)]);
    click(&mut harness, "This photo\u{2026}");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Photos(photos)))] if photos == &[PhotoId(77)]);
    click(&mut harness, "Its folder\u{2026}");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Folder(folder)))] if folder == &PathBuf::from("/nowhere"));
    click(&mut harness, "Everything of Ada (A-7)\u{2026}");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::FacesOf(SubjectId(2))))]);

    let removal = Removal::FacesOf(SubjectId(2));
    harness.state_mut().state.record.removal = Some((removal.clone(), Load::Loading));
    harness.run_ok();
    assert!(is_shown(&harness, "Counting"));
    assert!(harness.get_by_label("Take out").accesskit_node().is_disabled());
    let counts = RemovalCounts { photos: 0, faces: 12, named: 12 };
    harness.state_mut().state.record.removal = Some((removal, Load::Ready(counts)));
    harness.run_ok();
    assert!(is_shown(&harness, "Take out everything of Ada (A-7)?"));
    assert!(harness.query_by_label_contains("12 faces, named, will leave the gallery").is_some());
    click(&mut harness, "Keep");
    assert_commands!(harness, [Command::People(PeopleCommand::CancelRemoval)]);
    click(&mut harness, "Take out");
    assert_commands!(harness, [Command::People(PeopleCommand::Remove(Removal::FacesOf(SubjectId(2))))]);

    let state = &mut harness.state_mut().state;
    state.record.removal = None;
    state.notices.push(Notice { text: "Took out 12 faces.".into(), undo: Some(BatchId(9)), ..Notice::default() });
    harness.run_ok();
    click(&mut harness, "Undo what this tells of");
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(Some(BatchId(9))))]);
}

fn with_questions() -> AppState {
    let mut state = made_up::gallery(60, 60);
    let long = "Maximiliane Schmidt-Oberhuber von der Hohen Warte zu Bergkirchen";
    state.record.questions = [(5, 50, "Ada"), (6, 51, long)]
        .map(|(face, old, name)| QuestionView {
            face: FaceId(face),
            old_face: FaceId(old),
            subject: made_up::person(name),
            photo: PathBuf::from(format!("/photos/people/{face}.jpg")),
        })
        .to_vec();
    state
}

#[test]
fn questions_show_both_faces_and_are_answered() {
    let mut memory = UiMemory::default();
    memory.show_questions();
    let mut harness = window_of(with_questions(), memory, SIZE);
    assert!(harness.query_by_label("Is this still Ada?").is_some());
    assert!(harness.query_by_label("Ada, before").is_some());
    assert_eq!(harness.get_all_by_label("The face now").count(), 2);
    click(&mut harness, "Yes, 5.jpg is Ada");
    assert_commands!(harness, [Command::People(PeopleCommand::Answer { face: FaceId(5), same: true })]);
    click(&mut harness, "No, 5.jpg is not Ada");
    assert_commands!(harness, [Command::People(PeopleCommand::Answer { face: FaceId(5), same: false })]);
    harness.state_mut().state.record.questions.clear();
    harness.run_ok();
    assert!(harness.query_by_label_contains("No open question").is_some());
}

fn with_missing() -> AppState {
    let mut state = made_up::gallery(60, 60);
    state.record.missing = (0..3)
        .map(|n| MissingPhoto {
            photo: PhotoId(n),
            path: PathBuf::from(format!("/home/ana/Pictures/Holiday/DSC_{n}.jpg")),
            since: 1_700_000_000_000,
        })
        .collect();
    state.record.missing_counts = RemovalCounts { photos: 3, faces: 8, named: 2 };
    state
}

#[test]
fn missing_photos_are_counted_listed_and_taken_out_together() {
    let mut harness = window(with_missing());
    click(&mut harness, "Missing  3");
    assert!(harness.query_by_label_contains("with 8 faces").is_some());
    click(&mut harness, "Take them out\u{2026}");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Missing))]);
    click(&mut harness, "Take out DSC_1.jpg");
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Photos(photos)))] if photos == &[PhotoId(1)]);
    harness.state_mut().state.status.read_only = Some("the media can only be read".into());
    harness.run_ok();
    assert!(harness.get_by_label("Take them out\u{2026}").accesskit_node().is_disabled());
    assert!(harness.query_by_label("Read only").is_some());
    assert!(harness.get_all_by_label_contains("the media can only be read").count() >= 1);
}

fn with_evidence(evidence: Evidence) -> AppState {
    let mut state = made_up::person_detail(None);
    let Some(Load::Ready(photo)) = state.detail.as_mut().map(|detail| &mut detail.photo) else { panic!("no photo") };
    photo.evidence = evidence;
    let second = made_up::face(Some(2_399), [20.0, 20.0, 120.0, 140.0], Some("Bob"), None);
    photo.faces.push(second);
    state
}

#[test]
fn a_changed_file_shows_the_stored_face_and_no_box() {
    let harness = window(with_evidence(Evidence::Same));
    assert!(harness.query_by_label("Open Bob").is_some());
    let harness = window(with_evidence(Evidence::Changed));
    assert!(harness.query_by_label_contains("another picture than was enrolled").is_some());
    assert!(harness.query_by_label("As it was enrolled").is_some());
    assert!(harness.query_by_label("Open Bob").is_none(), "its box belongs to the old picture");
    let harness = window(with_evidence(Evidence::Gone("there is no such file".into())));
    assert!(harness.query_by_label("The photo cannot be shown").is_some());
    assert!(harness.query_by_label_contains("There is no such file").is_some());
    assert!(harness.query_by_label("As it was enrolled").is_some());
    assert!(harness.query_by_label_contains("Overall 0.74").is_some(), "what is known of the face stays on view");
}

#[test]
fn compare_and_candidates_say_what_the_file_is_now() {
    let probe = vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, Some(made_up::drawn_crop(1)))];
    let mut state = made_up::search("/nowhere/a.jpg", probe, 5);
    if let Load::Ready(candidates) = &mut state.search.candidates {
        candidates[1].missing = true;
    }
    let mut harness = window(state);
    assert_eq!(harness.get_all_by_label("file is gone").count(), 1);
    let mut photo =
        made_up::photo("/nowhere/b.jpg", vec![made_up::face(Some(2_400), [9.0, 9.0, 99.0, 99.0], None, None)]);
    photo.evidence = Evidence::Changed;
    harness.state_mut().state.search.compare = Some((0, Load::Ready(photo.clone())));
    harness.run_ok();
    assert!(harness.query_by_label_contains("another picture than was enrolled").is_some());
    photo.evidence = Evidence::Gone("there is no such file".into());
    harness.state_mut().state.search.compare = Some((0, Load::Ready(photo)));
    harness.run_ok();
    assert!(harness.query_by_label("As it was enrolled").is_some());
    assert!(harness.query_by_label("The photo cannot be shown").is_some());
}

#[test]
fn a_new_search_opens_at_its_best_candidate() {
    let probe = || vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, Some(made_up::drawn_crop(1)))];
    let mut harness = window(made_up::search("/nowhere/a.jpg", probe(), 200));
    harness.key_press(Key::End);
    harness.run_ok();
    let best = |harness: &Window| harness.query_by_label_contains(", rank 1 of ").is_some();
    assert!(!best(&harness), "scrolled to the end");
    // The same search with other candidates stays where it is.
    harness.state_mut().state.requests.query += 1;
    harness.run_ok();
    assert!(!best(&harness));
    harness.state_mut().state.requests.probe += 1;
    harness.run_ok();
    assert!(best(&harness));
    harness.key_press(Key::Enter);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(0)))]);
}

#[test]
fn a_failed_start_is_a_screen_of_its_own() {
    let failure = StartFailure { reason: "the gallery is damaged: /data/gallery.db".into() };
    let mut harness = window(AppState { start_failed: Some(failure), ..AppState::default() });
    assert!(harness.query_by_label_contains("The gallery is damaged").is_some());
    assert!(harness.query_by_label_contains("Enroll your first photos").is_none());
    assert!(harness.query_by_label("Search").is_none(), "no screen that cannot work");
    click(&mut harness, "Try again");
    assert_commands!(harness, [Command::Program(ProgramCommand::Retry(None))]);
    let picker = std::sync::Arc::new(|_| Ok(vec![PathBuf::from("/other")]));
    let failure = StartFailure { reason: "damaged".into() };
    let state = AppState { start_failed: Some(failure), ..AppState::default() };
    let mut harness = window_of(state, UiMemory::default().with_picker(picker), SIZE);
    click(&mut harness, "Open another folder\u{2026}");
    for _ in 0..200 {
        harness.step();
        if let [Command::Program(ProgramCommand::Retry(Some(folder))), ..] = harness.state().commands.as_slice() {
            assert_eq!(folder, &PathBuf::from("/other"));
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the folder was not opened: {:?}", harness.state().commands);
}

#[test]
fn closing_paints_and_can_be_cut_short() {
    let mut state = made_up::gallery(4, 4);
    state.jobs = vec![made_up::job(1, "Enroll Holiday", likeness::app::JobState::Cancelling)];
    state.closing = Some(Closing::Jobs);
    let mut harness = window(state);
    assert!(is_shown(&harness, "Finishing"));
    assert!(harness.query_by_label_contains("Enroll Holiday").is_some());
    harness.state_mut().state.closing = Some(Closing::Writing);
    harness.run_ok();
    assert!(harness.query_by_label_contains("The last changes are being written").is_some());
    click(&mut harness, "Close now");
    assert_commands!(harness, [Command::Program(ProgramCommand::CloseNow)]);
}

#[test]
fn a_job_says_what_it_passed_over_by_ending() {
    let mut state = made_up::gallery(4, 4);
    let mut job = made_up::job(1, "Enroll Holiday", likeness::app::JobState::Completed);
    let endings = [("cr2", 1_100), ("txt", 15), ("", 5), ("a", 4), ("b", 3), ("c", 2), ("d", 1)];
    job.summary = Some(likeness::app::EnrollSummary {
        moved: 1,
        missing: 2,
        not_photos: 1_130,
        passed_over: endings.map(|(ending, count)| (ending.to_owned(), count)).into(),
        raw_beside_photos: 2,
        left_out_folders: [("@eaDir", 2), (".thumbnails", 1)].map(|(name, count)| (name.to_owned(), count)).into(),
        passed_over_paths: vec!["/photos/a.cr2".into(), "/photos/b.txt".into()],
        ..Default::default()
    });
    state.jobs = vec![job];
    let mut harness = window(state);
    let words = "1,130 files passed over, no photos: 1,100 .cr2, 15 .txt, 5 without an ending, 4 .a, 3 .b, 3 others";
    let folders = "3 folders of thumbnails, earlier versions or trash left out: 1 .thumbnails, 2 @eaDir";
    let raw = "2 raw files were left out: their photos lie beside them";
    for text in
        [words, folders, raw, "1 photo was found in another place", "2 photos are missing: their files are gone"]
    {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
    harness.get_by_label("Copy the list of files passed over").click();
    harness.step();
    let copied = harness.output().platform_output.commands.iter().any(
        |command| matches!(command, egui::OutputCommand::CopyText(text) if text == "/photos/a.cr2\n/photos/b.txt"),
    );
    assert!(copied);
}

#[test]
fn messages_are_listed_and_errors_counted() {
    let mut state = made_up::gallery(4, 4);
    let note =
        |id, level, text: &str| Notice { id, level, text: text.into(), at: 1_700_000_000_000, times: 1, undo: None };
    let error = Notice { times: 7, ..note(2, NoticeLevel::Error, "The disk is full.") };
    state.notices = vec![error.clone()];
    state.messages = [note(1, NoticeLevel::Info, "Edge is in use now."), error].into();
    let mut harness = window(state);
    assert!(harness.query_by_label_contains("The disk is full. (7 times)").is_some());
    click(&mut harness, "Messages");
    assert!(harness.query_by_label_contains("Edge is in use now.").is_some());
    click(&mut harness, "Dismiss all");
    assert_commands!(harness, [Command::Window(WindowCommand::DismissNotices)]);
}

#[test]
fn everything_can_be_drawn_in_both_themes_and_sizes() {
    let folder = std::env::var_os("LIKENESS_UI_PICTURES").map(PathBuf::from);
    let starting = StartFailure { reason: "the gallery is damaged (database disk image is malformed): /data".into() };
    let mut removal = made_up::person_detail(Some(SubjectName { id: SubjectId(2), name: "Ada".into() }));
    let counts = RemovalCounts { photos: 3, faces: 12, named: 5 };
    removal.record.removal = Some((Removal::Missing, Load::Ready(counts)));
    let closing = AppState { closing: Some(Closing::Writing), ..AppState::default() };
    let failed = AppState { start_failed: Some(starting), ..AppState::default() };
    let mut read_only = with_history();
    read_only.status.read_only = Some("another process (1234) is working on this data folder: /home/ana".into());
    read_only.screen = Screen::Enroll;
    let probe = || vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, Some(made_up::drawn_crop(1)))];
    let candidates = || {
        let mut state = made_up::search("/nowhere/a.jpg", probe(), 12);
        if let Load::Ready(candidates) = &mut state.search.candidates {
            candidates.iter_mut().skip(1).step_by(2).for_each(|candidate| candidate.missing = true);
        }
        state
    };
    let compared = |evidence| {
        let mut state = candidates();
        let mut photo =
            made_up::photo("/nowhere/b.jpg", vec![made_up::face(Some(2_400), [9.0, 9.0, 99.0, 99.0], None, None)]);
        photo.evidence = evidence;
        state.search.compare = Some((0, Load::Ready(photo)));
        state
    };
    type Case = (&'static str, AppState, fn(&mut UiMemory));
    let cases: [Case; 12] = [
        ("record-history", with_history(), UiMemory::show_history),
        ("record-read-only", read_only, UiMemory::show_history),
        ("record-questions", with_questions(), UiMemory::show_questions),
        ("record-missing", with_missing(), UiMemory::show_missing),
        ("record-changed", with_evidence(Evidence::Changed), |_| {}),
        ("record-gone", with_evidence(Evidence::Gone("there is no such file".into())), |_| {}),
        ("record-candidates", candidates(), |_| {}),
        ("record-compare-changed", compared(Evidence::Changed), |_| {}),
        ("record-compare-gone", compared(Evidence::Gone("there is no such file".into())), |_| {}),
        ("record-removal", removal, |_| {}),
        ("record-start-failed", failed, |_| {}),
        ("record-closing", closing, |_| {}),
    ];
    for (name, mut state, prepare) in cases {
        for (size, scale) in [([1280, 820], 1.0), ([760, 480], 1.0), ([1000, 760], 1.6)] {
            state.settings.text_scale = scale;
            let mut means = Vec::new();
            for dark in [false, true] {
                let mut memory = UiMemory::offscreen();
                prepare(&mut memory);
                let picture = render_with_memory(&state, &mut memory, size, 1.0, dark);
                assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "{name}: the window has holes");
                let sum: u64 = picture.pixels().map(|pixel| u64::from(pixel.0[1])).sum();
                means.push(sum / u64::from(size[0] * size[1]));
                if let Some(folder) = &folder {
                    std::fs::create_dir_all(folder).unwrap();
                    let theme = if dark { "dark" } else { "light" };
                    picture.save(folder.join(format!("{name}-{}-{theme}.png", size[0]))).unwrap();
                }
            }
            assert!(means[0] > means[1] + 30, "{name}: light {} and dark {} look alike", means[0], means[1]);
        }
    }
}
