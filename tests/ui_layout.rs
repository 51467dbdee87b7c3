//! What surrounds every screen keeps its order in windows of any width, and with text of any size.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use egui::{Rect, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{AppState, Command, PeopleCommand};
use likeness::types::Language;
use likeness::ui::UiMemory;
use ui_support as made_up;
use ui_support::window::{Window, assert_commands, click, is_shown, window_of};

/// With an error that nobody has seen, which the bar counts.
fn window(width: f32, language: Language) -> Window {
    let mut state = AppState { notices: made_up::notices(), ..made_up::gallery(40, 4) };
    state.settings.language = Some(language);
    state.status.device = "CPU, 128 cores, AVX-512".into();
    state.status.model = "a-model-with-a-name-that-says-it-all".to_owned();
    window_of(state, UiMemory::default(), [width, 500.0])
}

/// Names and places of these within `area`, from the left.
fn places(window: &Window, roles: &[Role], area: Rect) -> Vec<(String, Rect)> {
    let nodes = roles.iter().flat_map(|role| window.query_all_by_role(*role));
    let mut places: Vec<(String, Rect)> = nodes
        .filter(|node| area.contains(node.rect().center()))
        .map(|node| (node.accesskit_node().label().or(node.accesskit_node().value()).unwrap_or_default(), node.rect()))
        .collect();
    places.sort_by(|(_, a), (_, b)| a.left().total_cmp(&b.left()));
    places
}

#[test]
fn nothing_lies_over_something_else_in_the_bars() {
    // The smallest window with the largest text is 380 points wide.
    let tabs = [
        (Language::English, ["Enroll", "People", "Search", "Tune", "Models", "Settings"]),
        (Language::Chinese, ["入库", "人物", "检索", "调优", "模型", "设置"]),
    ];
    for (width, (language, tabs)) in (380..1300).step_by(15).flat_map(|width| tabs.map(|tabs| (width, tabs))) {
        let width = width as f32;
        let harness = window(width, language);
        let top = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(width, 48.0));
        let bottom = Rect::from_min_max(egui::pos2(0.0, 472.0), egui::pos2(width, 500.0));
        let bars =
            [(places(&harness, &[Role::Tab, Role::Button], top), 5), (places(&harness, &[Role::Label], bottom), 2)];
        for (places, least) in bars {
            assert!(places.len() >= least, "{width}: {places:?}");
            for pair in places.windows(2) {
                assert!(pair[0].1.right() <= pair[1].1.left() + 0.5, "{width}: {pair:?}");
            }
            let (first, last) = (places.first().unwrap(), places.last().unwrap());
            assert!(first.1.left() >= 0.0 && last.1.right() <= width, "{width}: {first:?} … {last:?}");
        }
        // Where there is no room for all, the last ones stand under “More”.
        let always = if width < 560.0 { 4 } else { tabs.len() };
        for tab in &tabs[..always] {
            assert!(harness.query_by_role_and_label(Role::Tab, tab).is_some(), "{width}: {tab}");
        }
    }
}

#[test]
fn what_has_no_room_is_in_a_menu() {
    let mut harness = window(600.0, Language::English);
    assert!(harness.query_by_label("Messages").is_none());
    click(&mut harness, "More (1)");
    for label in ["Undo", "Redo", "History", "Messages", "Keyboard shortcuts"] {
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
    click(&mut harness, "History");
    assert!(is_shown(&harness, "can be taken back"));
    let mut harness = window(600.0, Language::English);
    harness.state_mut().state.record.undo = Some(likeness::app::BatchView {
        id: likeness::types::BatchId(3),
        at: 0,
        actor: "ana".into(),
        words: "named 34 faces Ada".into(),
        state: likeness::app::BatchTurn::Done,
    });
    click(&mut harness, "More (1)");
    click(&mut harness, "Undo");
    assert_commands!(harness, [Command::People(PeopleCommand::Undo(None))]);
}

#[test]
fn a_column_keeps_its_width_while_nothing_is_done() {
    let mut harness = window_of(made_up::person_detail(None), UiMemory::default(), [1280.0, 820.0]);
    let width = |harness: &Window| harness.get_by_label("Save name").rect().right();
    let field = |harness: &Window| harness.get_by_role_and_label(Role::TextInput, "Subject").rect().width();
    let before = (width(&harness), field(&harness));
    for _ in 0..60 {
        harness.step();
    }
    assert_eq!((width(&harness), field(&harness)), before);
    harness.state_mut().state.detail.as_mut().unwrap().photo = likeness::app::Load::Loading;
    harness.run_ok();
    harness.state_mut().state.detail = made_up::person_detail(None).detail;
    for _ in 0..60 {
        harness.step();
    }
    assert_eq!((width(&harness), field(&harness)), before, "after another photo was loaded");
    assert!(before.1 > 150.0, "{before:?}");
}
