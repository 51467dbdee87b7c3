//! The main job of each screen with the keyboard alone.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use likeness::app::{
    Command, EnrollCommand, Evidence, Load, ModelsCommand, Naming, PeopleCommand, Removal, Screen, SearchCommand,
    SettingsCommand, TuneCommand, WindowCommand,
};
use likeness::types::{FaceId, Language, SubjectId};
use likeness::ui::{DialogKind, TuneTab, UiMemory};
use ui_support as made_up;
use ui_support::access::focused;
use ui_support::screens;
use ui_support::tune;
use ui_support::window::{SIZE, Window, assert_commands, chord, press, tab_to, type_text, wait_for, window, window_of};

fn answering(path: &'static str) -> UiMemory {
    UiMemory::default().with_picker(Arc::new(move |_: DialogKind| Ok(vec![PathBuf::from(path)])))
}

fn focused_name(harness: &Window) -> String {
    focused(harness).map(|node| node.name).unwrap_or_default()
}

#[test]
fn a_folder_is_enrolled_and_a_face_is_named_taken_out_and_brought_back() {
    let mut harness = window_of(made_up::empty(Screen::Enroll), answering("/photos"), SIZE);
    tab_to(&mut harness, "Add folders\u{2026}");
    press(&mut harness, Key::Enter);
    wait_for(
        &mut harness,
        |command| matches!(command, Command::Enroll(EnrollCommand::Start { sources, .. }) if sources == &[PathBuf::from("/photos")]),
    );
    harness.state_mut().state = made_up::gallery(30, 30);
    harness.run_ok();
    tab_to(&mut harness, "Faces, 30");
    press(&mut harness, Key::Home);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(29))))]);

    harness.state_mut().state = screens::open_photo(Evidence::Same);
    harness.run_ok();
    tab_to(&mut harness, "Subject");
    chord(&mut harness, Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "Eve");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::Name(name), .. })] if name == "Eve");
    tab_to(&mut harness, "This face\u{2026}");
    press(&mut harness, Key::Space);
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(Removal::Faces(faces)))] if faces == &[FaceId(2_400)]);
    harness.state_mut().state.record.removal = screens::removal().record.removal;
    harness.run_ok();
    tab_to(&mut harness, "Take out");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Remove(_))]);
    harness.state_mut().state = screens::full();
    harness.run_ok();
    chord(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(None))]);
}

#[test]
fn faces_are_chosen_and_their_menu_is_opened() {
    let mut harness = window(made_up::gallery(30, 30));
    press(&mut harness, Key::Home);
    assert_eq!(focused_name(&harness), "Face 30, 1 of 30", "arrow keys speak");
    press(&mut harness, Key::ArrowRight);
    let now = focused(&harness).unwrap();
    assert_eq!((now.name.as_str(), now.place), ("Face 29, 2 of 30", Some((2, 30))));
    chord(&mut harness, Modifiers::COMMAND, Key::Space);
    assert!(harness.query_by_label_contains("1 face chosen").is_some());
    for (modifiers, key) in [(Modifiers::SHIFT, Key::F10), (Modifiers::NONE, Key::Menu)] {
        chord(&mut harness, modifiers, key);
        assert_eq!(focused_name(&harness), "Open its photo", "the menu has the keyboard");
        press(&mut harness, Key::ArrowDown);
        assert_eq!(focused_name(&harness), "Search this face");
        press(&mut harness, Key::Escape);
        assert_eq!(focused_name(&harness), "Face 29, 2 of 30", "the keyboard is back after {key:?}");
    }
    chord(&mut harness, Modifiers::SHIFT, Key::F10);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_commands!(
        harness,
        [Command::Window(WindowCommand::ShowScreen(Screen::Search)), Command::Search(SearchCommand::Face(FaceId(29)))]
    );
}

#[test]
fn a_photo_is_moved_and_zoomed_and_another_face_on_it_is_opened() {
    let mut harness = window(screens::open_photo(Evidence::Same));
    let place = |harness: &Window| harness.get_by_label("Open Bob").rect();
    let before = place(&harness);
    tab_to(&mut harness, "the photo");
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::ArrowUp);
    let moved = place(&harness);
    assert!(moved.left() > before.left() && moved.top() > before.top(), "{before:?} {moved:?}");
    assert_eq!(focused_name(&harness), "the photo", "arrow keys stay on the photo");
    press(&mut harness, Key::Minus);
    assert!(place(&harness).width() < moved.width());
    press(&mut harness, Key::Num0);
    assert_eq!(place(&harness), before);
    tab_to(&mut harness, "Open Bob");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(7))))]);
}

#[test]
fn a_face_is_searched_and_a_candidate_compared_and_opened() {
    let mut state = made_up::gallery(10, 10);
    state.screen = Screen::Search;
    let mut harness = window_of(state, answering("/photos/ada.jpg"), SIZE);
    tab_to(&mut harness, "Choose photo\u{2026}");
    press(&mut harness, Key::Enter);
    wait_for(
        &mut harness,
        |command| matches!(command, Command::Search(SearchCommand::File(path)) if path == Path::new("/photos/ada.jpg")),
    );
    harness.state_mut().state = screens::searched(24);
    harness.run_ok();
    press(&mut harness, Key::Num2);
    assert_commands!(harness, [Command::Search(SearchCommand::ChooseFace(1))]);
    tab_to(&mut harness, "rank 1 of 24");
    press(&mut harness, Key::ArrowDown);
    assert!(focused_name(&harness).contains("rank 2 of 24"), "{}", focused_name(&harness));
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(1)))]);
    harness.state_mut().state = screens::compared();
    harness.run_ok();
    press(&mut harness, Key::ArrowRight);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(1)))]);
    tab_to(&mut harness, "Open in Enroll");
    press(&mut harness, Key::Enter);
    assert_commands!(
        harness,
        [
            Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(2_400)))),
            Command::Window(WindowCommand::ShowScreen(Screen::Enroll))
        ]
    );
}

#[test]
fn a_person_is_renamed_and_merged_and_that_is_taken_back() {
    let mut state = screens::open_photo(Evidence::Same);
    let who = state.subjects[1].clone();
    if let Some(Load::Ready(photo)) = state.detail.as_mut().map(|detail| &mut detail.photo) {
        photo.faces[0].subject = Some(who.subject_name());
    }
    state.record.undo = screens::full().record.undo;
    let mut harness = window(state);
    press(&mut harness, Key::F2);
    harness.run_ok();
    assert_eq!(focused_name(&harness), "Name");
    chord(&mut harness, Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "Ada Lovelace");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Describe { subject: SubjectId(2), name, .. })] if name == "Ada Lovelace");
    chord(&mut harness, Modifiers::SHIFT, Key::F2);
    type_text(&mut harness, "Bob");
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Merge { from: SubjectId(2), into: SubjectId(4) })]);
    chord(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(None))]);
}

#[test]
fn a_sweep_is_run_and_one_of_its_points_is_applied() {
    let mut harness = window(tune::ready("Flat"));
    tab_to(&mut harness, TuneTab::Sweep.title().as_str());
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "Start sweep");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Tune(TuneCommand::StartSweep(_))]);
    harness.state_mut().state = tune::measured();
    harness.run_ok();
    tab_to(&mut harness, "Recall@k");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    let point = focused(&harness).unwrap();
    assert!(point.name.contains("Recall@k") && point.place.unwrap().0 == 3, "{point:?}");
    press(&mut harness, Key::Enter);
    assert!(focused_name(&harness).starts_with("Pin "), "{}", focused_name(&harness));
    press(&mut harness, Key::Tab);
    assert!(focused_name(&harness).starts_with("Apply "), "{}", focused_name(&harness));
    press(&mut harness, Key::Enter);
    harness.run_ok();
    chord(&mut harness, Modifiers::COMMAND, Key::Enter);
    assert_commands!(harness, [Command::Tune(TuneCommand::ApplyPoint(_))]);
}

#[test]
fn a_model_is_chosen_and_another_imported() {
    let memory = answering("/models/net.onnx");
    let mut harness = window_of(made_up::model_states::some(), memory, SIZE);
    press(&mut harness, Key::ArrowDown);
    tab_to(&mut harness, "Use EdgeFace-XS");
    press(&mut harness, Key::Enter);
    harness.run_ok();
    tab_to(&mut harness, "Embed and change");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Models(ModelsCommand::Use(name))] if name == "edgeface-xs");
    chord(&mut harness, Modifiers::COMMAND, Key::O);
    wait_for(&mut harness, |command| matches!(command, Command::Models(ModelsCommand::InspectWeights(_))));
    let proposal = made_up::model_states::proposal();
    harness.state_mut().state = made_up::model_states::importing(Load::Ready(proposal));
    harness.run_ok();
    tab_to(&mut harness, "Test and import");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Models(ModelsCommand::Import { .. })]);
}

#[test]
fn the_language_and_the_size_of_text_are_changed() {
    let mut state = made_up::empty(Screen::Settings);
    state.settings.language = Some(Language::English);
    let mut harness = window(state);
    tab_to(&mut harness, Language::Chinese.own_name());
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Settings(SettingsCommand::SetLanguage(Some(Language::Chinese)))]);
    tab_to(&mut harness, "Text size");
    press(&mut harness, Key::ArrowRight);
    assert_commands!(harness, [Command::Settings(SettingsCommand::SetTextScale(scale))] if *scale > 1.0);
}

#[test]
fn rows_with_buttons_are_reached_and_used() {
    let mut memory = UiMemory::default();
    memory.show_issues();
    let mut harness = window_of(screens::full(), memory, SIZE);
    tab_to(&mut harness, "DSC_0192.jpg");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    let row = focused(&harness).unwrap();
    assert!(row.name.starts_with("notes.jpg: ") && row.place == Some((3, 4)), "{row:?}");
    press(&mut harness, Key::Enter);
    assert_eq!(focused_name(&harness), "Retry notes.jpg");
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::RetryIssues(paths))] if paths == &[PathBuf::from("/home/ana/Pictures/notes.jpg")]);
}
