//! What is changed about a person as a whole, in the window: how they are called, and that two are one. By label and by
//! key, and once with the program itself behind the window.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;
mod ui_support;

use likeness::words::told;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, PointerButton, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use likeness::app::{AppState, Command, EnrollCommand, Load, Naming, PeopleCommand, Screen, Shell, WindowCommand};
use likeness::types::{SubjectId, SubjectName};
use likeness::ui::{UiMemory, install_theme, render_with_memory, root_ui};
use support::shell::{enroll, until, with_album};
use ui_support as made_up;
use ui_support::window::{Window, assert_commands, click, is_disabled, is_shown, press, replace_text, window};

const LONG_NAME: &str = "Maximiliane Schmidt-Oberhuber von der Hohen Warte zu Bergkirchen";

fn named(id: i64, name: &str) -> Option<SubjectName> {
    Some(SubjectName { id: SubjectId(id), name: name.to_owned() })
}

/// An open face of Ada Berg.
fn of_ada_berg() -> Window {
    window(made_up::person_detail(named(1, "Ada Berg")))
}

fn nothing_is_asked(harness: &Window) -> bool {
    harness.query_by_label("Save").is_none() && harness.query_by_label("Merge").is_none()
}

#[test]
fn a_person_is_renamed_and_described() {
    let mut harness = of_ada_berg();
    click(&mut harness, "Edit Ada Berg");
    assert!(is_shown(&harness, "7 faces") && is_disabled(&harness, "Save"), "nothing has been changed");
    replace_text(&mut harness, "Name", "  Ada Bergmann ");
    replace_text(&mut harness, "External id", "B-12");
    replace_text(&mut harness, "Note", "  ");
    click(&mut harness, "Save");
    assert_commands!(harness, [Command::People(PeopleCommand::Describe { subject: SubjectId(1), name, external_id, note: None })]
        if name == "Ada Bergmann" && external_id.as_deref() == Some("B-12"));
    assert!(nothing_is_asked(&harness));
    // What is there is taken away by emptying its field, and stays where it is left alone.
    let mut harness = window(made_up::person_detail(named(2, "Ada")));
    click(&mut harness, "Edit Ada (A-7)");
    replace_text(&mut harness, "External id", "");
    click(&mut harness, "Save");
    assert_commands!(harness, [Command::People(PeopleCommand::Describe { subject: SubjectId(2), name, external_id: None, note: None })]
        if name == "Ada");
}

#[test]
fn a_person_is_renamed_by_keys_alone() {
    let mut harness = of_ada_berg();
    press(&mut harness, Key::F2);
    // The field for the name has the keyboard.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("Ada Bergmann".to_owned()));
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Describe { subject: SubjectId(1), name, .. })] if name == "Ada Bergmann");
    assert!(nothing_is_asked(&harness));
    // Enter changes nothing where nothing was typed, and Escape leaves.
    press(&mut harness, Key::F2);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, []);
    assert!(is_disabled(&harness, "Save"));
    press(&mut harness, Key::Escape);
    assert_commands!(harness, []);
    assert!(nothing_is_asked(&harness));
}

#[test]
fn a_name_that_others_have_is_told_and_may_stay() {
    let mut harness = of_ada_berg();
    click(&mut harness, "Edit Ada Berg");
    replace_text(&mut harness, "Name", "bob");
    assert!(is_shown(&harness, "Bob has this name too. That may stay: an external id or a note tells them apart."));
    replace_text(&mut harness, "Name", "ADA");
    assert!(is_shown(&harness, "2 other people have this name too."));
    replace_text(&mut harness, "External id", "A-7");
    assert!(is_shown(&harness, "Ada (A-7) has this external id too."));
    assert!(!is_disabled(&harness, "Save"));
    replace_text(&mut harness, "Name", " \t ");
    assert!(is_shown(&harness, "A person has a name.") && is_disabled(&harness, "Save"));
    press(&mut harness, Key::Enter);
    assert_commands!(harness, []);
    click(&mut harness, "Cancel");
    assert_commands!(harness, []);
    assert!(nothing_is_asked(&harness));
}

#[test]
fn two_people_are_merged_after_their_faces_were_told() {
    let mut harness = of_ada_berg();
    click(&mut harness, "Merge Ada Berg into another person");
    assert!(is_disabled(&harness, "Merge"), "nobody is chosen");
    replace_text(&mut harness, "The other person", "ada");
    assert!(harness.query_by_label("Merge into Ada Berg").is_none(), "nobody is merged into themselves");
    assert!(harness.query_by_label("Merge into Ada (the aunt)").is_some());
    click(&mut harness, "Merge into Ada (A-7)");
    assert_commands!(harness, []);
    for text in ["7 faces", "12 faces", "Ada (A-7) will have 19 faces.", "Ada Berg leaves the list of people"] {
        assert!(is_shown(&harness, text), "{text}");
    }
    click(&mut harness, "Merge");
    assert_commands!(harness, [Command::People(PeopleCommand::Merge { from: SubjectId(1), into: SubjectId(2) })]);
    assert!(nothing_is_asked(&harness));
}

#[test]
fn two_people_are_merged_by_keys_alone() {
    let mut harness = of_ada_berg();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F2);
    harness.run_ok();
    harness.event(egui::Event::Text("nobody so called".to_owned()));
    harness.run_ok();
    assert!(is_shown(&harness, "Nobody else in the gallery is called"));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("bo".to_owned()));
    press(&mut harness, Key::Enter);
    assert!(is_shown(&harness, "Bob will have 10 faces."));
    assert_commands!(harness, []);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Merge { from: SubjectId(1), into: SubjectId(4) })]);
    // Somebody of the same name is offered before anything is typed.
    let mut harness = window(made_up::person_detail(named(3, "Ada")));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F2);
    harness.run_ok();
    assert!(harness.query_by_label("Merge into Ada (A-7)").is_some());
    press(&mut harness, Key::Escape);
    assert_commands!(harness, []);
    assert!(nothing_is_asked(&harness));
}

#[test]
fn a_person_who_is_gone_meanwhile_closes_the_question() {
    for label in ["Edit Ada Berg", "Merge Ada Berg into another person"] {
        let mut harness = of_ada_berg();
        click(&mut harness, label);
        assert!(!nothing_is_asked(&harness));
        let state = &mut harness.state_mut().state;
        state.subjects.retain(|person| person.id != SubjectId(1));
        state.subjects_version += 1;
        harness.run_ok();
        assert!(nothing_is_asked(&harness), "{label}");
    }
    // The other one goes: there is nothing to confirm any more.
    let mut harness = of_ada_berg();
    click(&mut harness, "Merge Ada Berg into another person");
    replace_text(&mut harness, "The other person", "bob");
    click(&mut harness, "Merge into Bob");
    let state = &mut harness.state_mut().state;
    state.subjects.retain(|person| person.id != SubjectId(4));
    state.subjects_version += 1;
    harness.run_ok();
    assert!(is_disabled(&harness, "Merge"));
}

#[test]
fn candidates_and_comparison_reach_the_person_too() {
    let probe = vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, Some(made_up::drawn_crop(1)))];
    let mut state = made_up::search("/nowhere/a.jpg", probe, 5);
    state.subjects = made_up::people(&["Barack Obama", "Joe Biden", LONG_NAME]);
    state.subjects_version = 1;
    let obama = made_up::person("Barack Obama").id;
    let mut harness = window(state);
    // The cursor stands on the best one.
    press(&mut harness, Key::F2);
    replace_text(&mut harness, "Note", "44th");
    click(&mut harness, "Save");
    assert_commands!(harness, [Command::People(PeopleCommand::Describe { subject, note, .. })] if *subject == obama && note.as_deref() == Some("44th"));
    let row = harness.get_by_label_contains(", rank 2 of ").rect().left_center() + egui::vec2(16.0, 0.0);
    harness.event(egui::Event::PointerMoved(row));
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
        harness.event(egui::Event::PointerButton { pos: row, button, pressed, modifiers });
        harness.step();
    }
    harness.run_ok();
    click(&mut harness, "Merge Joe Biden into another person");
    assert!(is_shown(&harness, "Who else is Joe Biden?"));
    press(&mut harness, Key::Escape);
    // Nobody is edited at a candidate without a name.
    harness.state_mut().commands.clear();
    for _ in 0..3 {
        press(&mut harness, Key::ArrowDown);
    }
    press(&mut harness, Key::F2);
    assert!(nothing_is_asked(&harness));
}

#[test]
fn a_window_that_can_only_read_says_why() {
    let reason = "another process is working on this data folder";
    let mut state = made_up::person_detail(named(1, "Ada Berg"));
    state.status.read_only = Some(reason.into());
    let mut harness = window(state);
    for label in ["Edit Ada Berg", "Merge Ada Berg into another person"] {
        assert!(is_disabled(&harness, label));
    }
    press(&mut harness, Key::F2);
    assert!(nothing_is_asked(&harness));
    // The lock is lost while the question is open.
    harness.state_mut().state.status.read_only = None;
    press(&mut harness, Key::F2);
    replace_text(&mut harness, "Name", "Eve");
    harness.state_mut().state.status.read_only = Some(reason.into());
    harness.run_ok();
    assert!(is_disabled(&harness, "Save"));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    assert_commands!(harness, []);
}

#[test]
fn the_dialogs_can_be_drawn_in_both_themes_and_sizes() {
    let folder = std::env::var_os("LIKENESS_UI_PICTURES").map(std::path::PathBuf::from);
    let mut state = made_up::person_detail(named(5, LONG_NAME));
    state.subjects.push(made_up::record(5, LONG_NAME, Some("2019/4711-B"), Some("seen at the harbour"), 1_204));
    let person = |at: usize| state.subjects[at].clone();
    type Open = Box<dyn Fn(&mut UiMemory)>;
    let (ada, long) = (person(1), person(4));
    let (a, b, c, d) = (long.clone(), ada.clone(), long.clone(), ada.clone());
    let cases: [(&str, Open); 4] = [
        ("edit-person", Box::new(move |memory| memory.edit_person(&a))),
        ("edit-person-short", Box::new(move |memory| memory.edit_person(&b))),
        ("merge-person", Box::new(move |memory| memory.merge_person(&c, Some(SubjectId(2))))),
        ("merge-person-choice", Box::new(move |memory| memory.merge_person(&d, None))),
    ];
    for (name, open) in cases {
        for (theme, dark, scale, size) in
            [("light", false, 1.0, [1280, 820]), ("dark", true, 1.0, [1280, 820]), ("large", false, 1.6, [900, 760])]
        {
            let mut memory = UiMemory::offscreen();
            open(&mut memory);
            state.settings.text_scale = scale;
            let picture = render_with_memory(&state, &mut memory, size, 1.0, dark);
            assert_eq!(picture.dimensions(), (size[0], size[1]));
            if let Some(folder) = &folder {
                std::fs::create_dir_all(folder).unwrap();
                picture.save(folder.join(format!("{name}-{theme}.png"))).unwrap();
            }
        }
    }
}

/// The window with the program behind it.
struct Live {
    shell: Shell,
    memory: UiMemory,
}

fn frame(ui: &mut Ui, live: &mut Live) {
    live.shell.pump(Duration::from_millis(4));
    let mut commands = Vec::new();
    root_ui(ui, live.shell.state(), &mut live.memory, &mut commands);
    commands.into_iter().for_each(|command| live.shell.dispatch(command));
}

fn until_shown(harness: &mut Harness<'static, Live>, what: &str, done: impl Fn(&AppState) -> bool) {
    let begun = Instant::now();
    while !done(harness.state().shell.state()) {
        harness.step();
        assert!(begun.elapsed() < Duration::from_secs(120), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
    harness.run_ok();
}

fn people(state: &AppState) -> Vec<(&str, u64)> {
    state.subjects.iter().map(|person| (&*person.name, person.faces)).collect()
}

#[test]
fn what_is_renamed_and_merged_in_the_window_is_undone_and_redone_by_key() {
    let (_home, album, mut shell) = with_album(4);
    enroll(&mut shell, &album, false);
    let faces = shell.state().faces.clone();
    for (faces, name) in [(faces[..1].to_vec(), "Ada"), (faces[1..].to_vec(), "Bob")] {
        shell.dispatch(PeopleCommand::Name { faces, who: Naming::Name(name.into()) });
    }
    until(&mut shell, "both are known", |shell| people(shell.state()) == [("Ada", 1), ("Bob", 3)]);
    shell.dispatch(WindowCommand::ShowScreen(Screen::Enroll));
    shell.dispatch(EnrollCommand::SelectFace(Some(faces[0])));
    until(&mut shell, "the photo is here", |shell| {
        shell.state().detail.as_ref().is_some_and(|detail| detail.photo.ready().is_some())
    });
    let shown = |state: &AppState| {
        let photo = state.detail.as_ref()?.photo.ready()?;
        photo.faces.first()?.subject.as_ref().map(|subject| subject.name.clone())
    };
    let context = |ctx: &egui::Context| {
        install_theme(ctx);
    };
    let builder = Harness::builder().with_size(ui_support::window::SIZE).with_max_steps(8).with_context_setup(context);
    let mut harness = builder.build_ui_state(frame, Live { shell, memory: UiMemory::default() });
    harness.run_ok();

    harness.key_press(Key::F2);
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("Ada Berg".to_owned()));
    harness.run_ok();
    harness.key_press(Key::Enter);
    until_shown(&mut harness, "she has the new name", |state| shown(state).as_deref() == Some("Ada Berg"));
    until_shown(&mut harness, "it can be undone", |state| {
        state.record.undo.as_ref().is_some_and(|batch| told(&batch.words).contains("Ada Berg"))
    });
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_shown(&mut harness, "she has her old name", |state| shown(state).as_deref() == Some("Ada"));
    until_shown(&mut harness, "it can be redone", |state| state.record.redo.is_some());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    until_shown(&mut harness, "she has the new name again", |state| people(state) == [("Ada Berg", 1), ("Bob", 3)]);

    harness.get_by_label("Merge Ada Berg into another person").click();
    harness.run_ok();
    harness.event(egui::Event::Text("bob".to_owned()));
    harness.run_ok();
    harness.get_by_label("Merge into Bob").click();
    harness.run_ok();
    assert!(harness.query_by_label("Bob will have 4 faces.").is_some());
    harness.get_by_label("Merge").click();
    until_shown(&mut harness, "they are one", |state| {
        people(state) == [("Bob", 4)] && shown(state).as_deref() == Some("Bob")
    });
    until_shown(&mut harness, "it is told with the way back", |state| {
        state
            .notices
            .iter()
            .any(|notice| told(&notice.text) == "merged Ada Berg into Bob (1 face)" && notice.undo.is_some())
    });
    until_shown(&mut harness, "it can be undone", |state| {
        state.record.undo.as_ref().is_some_and(|batch| told(&batch.words).starts_with("merged"))
    });
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_shown(&mut harness, "they are two", |state| {
        people(state) == [("Ada Berg", 1), ("Bob", 3)] && shown(state).as_deref() == Some("Ada Berg")
    });
    assert!(matches!(harness.state().shell.state().search.probe, Load::Nothing));
}
