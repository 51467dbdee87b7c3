//! The filter of a search by label: what a person types, chooses and clears, and pictures of it. With
//! `LIKENESS_UI_PICTURES` the pictures are kept in that folder.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{
    AppState, CandidateOrder, Command, FaceQuery, PeopleCommand, Removal, Screen, SearchCommand, WindowCommand,
};
use likeness::types::FaceOrder;
use likeness::ui::{DialogKind, UiMemory, render_picture, root_ui};
use ui_support as made_up;
use ui_support::window::{SIZE, Window, World, assert_commands, click, press, window as plain_window, window_drawn_by};

/// Takes over what the filter commands change, as the reducer does.
fn frame(ui: &mut egui::Ui, world: &mut World) {
    let before = world.commands.len();
    root_ui(ui, &world.state, &mut world.memory, &mut world.commands);
    for command in &world.commands[before..] {
        match command {
            Command::Search(SearchCommand::SetFilter(filter)) => world.state.search.filter = filter.clone(),
            Command::Search(SearchCommand::SetRange(range)) => world.state.search.range = *range,
            _ => {}
        }
    }
}

fn window(state: AppState) -> Window {
    window_of(state, UiMemory::default(), SIZE)
}

fn window_of(state: AppState, memory: UiMemory, size: [f32; 2]) -> Window {
    window_drawn_by(frame, World { state, memory, commands: Vec::new() }, size)
}

/// A search with three candidates among four known people.
fn searched() -> AppState {
    let mut state = made_up::search("", vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, None)], 3);
    state.subjects = made_up::people(&["Ada Berg", "Barack Obama", "Bernadette", "Joe Biden", LONG_NAME]);
    state
}

const LONG_NAME: &str = "Maximiliane Schmidt-Oberhuber von der Hohen Warte";

fn full_filter() -> FaceQuery {
    FaceQuery {
        subjects: vec![made_up::person("Barack Obama").id, made_up::person(LONG_NAME).id],
        taken_from: Some("2019-07-03".to_owned()),
        taken_to: Some("2019-12-31".to_owned()),
        folder: Some(PathBuf::from("/home/ana/Pictures/2019/Summer")),
        ..FaceQuery::default()
    }
}

/// The one filter that was asked for since the last call.
fn asked(harness: &mut Window) -> FaceQuery {
    harness.run_ok();
    let mut commands = std::mem::take(&mut harness.state_mut().commands);
    commands.retain(|command| !matches!(command, Command::Window(WindowCommand::RequestCrops(_))));
    match commands.as_slice() {
        [Command::Search(SearchCommand::SetFilter(filter))] => filter.clone(),
        other => panic!("got {other:?}"),
    }
}

fn asked_nothing(harness: &mut Window) -> bool {
    harness.run_ok();
    harness.state().commands.iter().all(|command| matches!(command, Command::Window(WindowCommand::RequestCrops(_))))
}

/// Puts a text into a field in place of what it held.
fn type_into(harness: &mut Window, label: &str, text: &str) {
    harness.get_by_label(label).focus();
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_ok();
    harness.key_press(Key::Delete);
    harness.run_ok();
    harness.state_mut().commands.clear();
    if !text.is_empty() {
        harness.get_by_label(label).type_text(text);
        harness.run_ok();
    }
}

#[test]
fn people_are_suggested_chosen_and_cleared() {
    let mut harness = window(searched());
    type_into(&mut harness, "Subject", "ber");
    assert!(harness.query_by_label("Only faces of Joe Biden").is_none());
    click(&mut harness, "Only faces of Bernadette");
    assert_eq!(asked(&mut harness).subjects, [made_up::person("Bernadette").id]);
    assert!(harness.query_by_label("Only faces of Ada Berg").is_none(), "the suggestions go when one is chosen");

    // Enter takes the first one; people add up.
    type_into(&mut harness, "Subject", "joe");
    harness.key_press(Key::Enter);
    assert_eq!(asked(&mut harness).subjects, ["Bernadette", "Joe Biden"].map(|name| made_up::person(name).id));
    type_into(&mut harness, "Subject", "xyz");
    harness.key_press(Key::Enter);
    assert!(asked_nothing(&mut harness));
    assert!(harness.query_by_label_contains("Nobody in the gallery is called").is_some());

    click(&mut harness, "Clear filter: Bernadette");
    assert_eq!(asked(&mut harness).subjects, [made_up::person("Joe Biden").id]);
    click(&mut harness, "Clear filter: Joe Biden");
    assert!(asked(&mut harness).is_empty());
    assert!(harness.query_by_label_contains("Clear filter").is_none());
}

#[test]
fn named_and_unnamed_exclude_people_and_each_other() {
    let mut state = searched();
    state.search.filter = full_filter();
    let mut harness = window(state);
    click(&mut harness, "Not named");
    let filter = asked(&mut harness);
    assert!(filter.unnamed && !filter.named && filter.subjects.is_empty());
    assert_eq!(filter.folder, full_filter().folder, "the rest stays");
    click(&mut harness, "Named");
    let filter = asked(&mut harness);
    assert!(filter.named && !filter.unnamed);
    type_into(&mut harness, "Subject", "ada");
    harness.key_press(Key::Enter);
    let filter = asked(&mut harness);
    assert!(!filter.named && filter.subjects == [made_up::person("Ada Berg").id]);
    click(&mut harness, "Clear the filter");
    assert!(asked(&mut harness).is_empty());
}

#[test]
fn days_count_once_they_are_days_and_mistakes_are_told() {
    let mut harness = window(searched());
    type_into(&mut harness, "Taken from", "2019-02-3");
    assert!(asked_nothing(&mut harness));
    assert!(harness.query_by_label_contains("Year, month and day").is_some());
    assert!(harness.query_by_label_contains("do not count yet").is_none(), "nobody is told off while typing");
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert!(harness.query_by_label_contains("do not count yet").is_some());
    type_into(&mut harness, "Taken from", "2019-02-28");
    assert_eq!(asked(&mut harness).taken_from.as_deref(), Some("2019-02-28"));
    assert!(harness.query_by_label("Clear filter: from 2019-02-28").is_some());

    type_into(&mut harness, "Taken to", "2018-01-01");
    assert!(asked_nothing(&mut harness));
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert!(harness.query_by_label_contains("is after the last one").is_some());
    type_into(&mut harness, "Taken to", "2019-03-01");
    let filter = asked(&mut harness);
    assert_eq!((filter.taken_from.as_deref(), filter.taken_to.as_deref()), (Some("2019-02-28"), Some("2019-03-01")));

    // Cleared by its chip, the field is empty; emptied by hand, the chip is gone.
    click(&mut harness, "Clear filter: from 2019-02-28");
    assert_eq!(asked(&mut harness).taken_from, None);
    assert_eq!(harness.get_by_label("Taken from").accesskit_node().value().unwrap_or_default(), "");
    harness.get_by_label("Taken to").focus();
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.key_press(Key::Delete);
    assert!(asked(&mut harness).is_empty());
}

#[test]
fn a_folder_is_chosen_in_a_dialog() {
    let picker = Arc::new(|kind| {
        assert_eq!(kind, DialogKind::FilterFolder);
        Ok(vec![PathBuf::from("/photos/2019")])
    });
    let memory = UiMemory::default().with_picker(picker);
    let mut harness = window_of(searched(), memory, [1280.0, 900.0]);
    harness.get_by_label("Folder\u{2026}").click();
    for _ in 0..200 {
        harness.step();
        if !harness.state().state.search.filter.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(asked(&mut harness).folder.as_deref(), Some(Path::new("/photos/2019")));
    click(&mut harness, "Clear filter: in 2019");
    assert!(asked(&mut harness).is_empty());
}

#[test]
fn all_above_the_threshold_takes_the_place_of_k() {
    let mut state = searched();
    state.search.cut_at = Some(10_000);
    state.search.passing = Some(1_203);
    let mut harness = window(state);
    assert!(harness.query_by_label_contains("among 1,203 filtered faces").is_some());
    assert!(harness.query_by_label_contains("there are more").is_some());
    click(&mut harness, "All above the threshold");
    assert!(matches!(harness.state().commands.as_slice(), [.., Command::Search(SearchCommand::SetRange(true))]));
    assert!(harness.get_by_label("Number of candidates").accesskit_node().is_disabled());
}

#[test]
fn a_filter_that_nothing_passes_says_so_and_offers_a_way_out() {
    let mut state = made_up::search("", vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, None)], 0);
    state.search.filter = full_filter();
    state.search.passing = Some(0);
    let mut harness = window(state);
    assert!(harness.query_by_label("No face passes the filter").is_some());
    click(&mut harness, "Search all faces");
    assert!(asked(&mut harness).is_empty());
    harness.state_mut().state.search.passing = Some(7);
    harness.run_ok();
    assert!(harness.query_by_label_contains("None of the 7 faces").is_some());
}

#[test]
fn the_row_is_there_with_a_probe_or_a_filter_and_fits_small_windows() {
    let harness = window(made_up::empty(Screen::Search));
    assert!(harness.query_by_label("Subject").is_none());
    for size in [[760.0, 480.0], [1280.0, 820.0], [1920.0, 1080.0]] {
        let mut state = searched();
        state.search.filter = full_filter();
        let harness = window_of(state, UiMemory::default(), size);
        harness.check_accessibility();
        for label in ["Subject", "Taken from", "Taken to", "Folder\u{2026}", "Clear filter: in Summer"] {
            let rect = harness.get_by_label(label).rect();
            assert!(rect.right() <= size[0] && rect.bottom() <= size[1], "{label} at {rect:?} of {size:?}");
        }
    }
}

#[test]
fn filters_can_be_drawn_in_both_themes() {
    let folder = std::env::var_os("LIKENESS_UI_PICTURES").map(PathBuf::from);
    let sample = directories::ProjectDirs::from("", "", "likeness")
        .map(|dirs| dirs.data_dir().join("assets/samples/obama.jpg").display().to_string())
        .unwrap_or_default();
    let searched = |count| {
        let crop = made_up::crops(1).remove(0);
        made_up::search(&sample, vec![made_up::face(None, [350.0, 110.0, 560.0, 390.0], None, Some(crop))], count)
    };
    let mut filtered = searched(24);
    filtered.search.filter = full_filter();
    filtered.search.passing = Some(412);
    filtered.search.range = true;
    filtered.subjects = made_up::people(&["Ada Berg", "Barack Obama", "Bernadette", "Joe Biden", LONG_NAME]);
    let mut unnamed = searched(12);
    unnamed.search.filter = FaceQuery { unnamed: true, ..FaceQuery::default() };
    unnamed.search.passing = Some(38_112);
    let mut nothing = searched(0);
    nothing.search.filter = full_filter();
    nothing.subjects = filtered.subjects.clone();
    nothing.search.passing = Some(0);
    for (name, state) in [("filter", &filtered), ("filter-unnamed", &unnamed), ("filter-nothing", &nothing)] {
        for (theme, dark) in [("light", false), ("dark", true)] {
            for size in [[1280, 820], [800, 600]] {
                let picture = render_picture(state, size, 1.0, dark);
                let mut colours: Vec<[u8; 4]> = picture.pixels().map(|pixel| pixel.0).collect();
                colours.sort_unstable();
                colours.dedup();
                assert!(colours.len() > 100, "{name}: nothing to see, {} colours", colours.len());
                if let Some(folder) = &folder {
                    std::fs::create_dir_all(folder).unwrap();
                    picture.save(folder.join(format!("{name}-{}-{theme}.png", size[0]))).unwrap();
                }
            }
        }
    }
}

#[test]
fn all_faces_of_the_list_are_chosen_by_key_and_named_at_once() {
    let mut harness = plain_window(made_up::gallery(30, 30));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_ok();
    harness.get_by_label("30 faces chosen");
    harness.get_by_label("Name of all chosen faces").focus();
    harness.run_ok();
    harness.event(Event::Text("Ana 3".to_owned()));
    harness.run_ok();
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Name { faces, .. })] if faces.len() == 30);
    assert!(harness.query_by_label("30 faces chosen").is_none(), "what is done is let go");
}

#[test]
fn candidates_are_chosen_by_key_named_at_once_and_sorted() {
    let mut state = made_up::search("", vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, None)], 5);
    state.subjects = made_up::people(&["Ada Berg"]);
    let faces: Vec<_> = state.search.candidates.ready().unwrap().iter().map(|candidate| candidate.face).collect();
    let mut harness = plain_window(state);
    press(&mut harness, Key::ArrowDown);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Space);
    harness.run_ok();
    harness.get_by_label("1 face chosen");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Space);
    harness.run_ok();
    harness.get_by_label("3 faces chosen");
    click(&mut harness, "Take out…");
    let removed = Removal::Faces(vec![faces[3], faces[2], faces[1]]);
    assert_commands!(harness, [Command::People(PeopleCommand::AskRemoval(what))] if *what == removed);

    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_ok();
    harness.get_by_label("5 faces chosen");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("5 faces chosen").is_none(), "Esc lets go of them");

    click(&mut harness, "Sorted by: Score, best first");
    click(&mut harness, "Quality, worst first");
    let order = CandidateOrder::Faces(FaceOrder::Quality);
    assert_commands!(
        harness,
        [Command::Search(SearchCommand::Sort { order: asked, is_turned: false })] if *asked == order
    );
}
