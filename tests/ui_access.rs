//! Every screen as assistive technology and the keyboard find it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use egui::{Key, Modifiers};
use likeness::app::{Evidence, Screen};
use likeness::types::Language;
use likeness::ui::UiMemory;
use ui_support as made_up;
use ui_support::access::{against_reading_order, faults, focused, out_of_window, over_each_other, told};
use ui_support::screens;
use ui_support::window::{SIZE, Window, chord, press, tab_to, window, window_of};

#[test]
fn whatever_can_be_focused_has_a_role_and_a_name_of_its_own() {
    let mut wrong = Vec::new();
    for language in Language::ALL {
        likeness::words::speak(Some(language));
        for mut case in screens::all() {
            case.state.settings.language = Some(language);
            let mut harness = window_of(case.state, case.memory, SIZE);
            (case.before)(&mut harness);
            let all = told(&harness);
            assert!(!all.is_empty(), "{}: nothing is told", case.name);
            wrong.extend(faults(&all).into_iter().map(|fault| format!("{} {}: {fault}", language.tag(), case.name)));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_focus_goes_in_the_reading_order() {
    let mut wrong = Vec::new();
    for case in screens::all() {
        let mut harness = window_of(case.state, case.memory, SIZE);
        (case.before)(&mut harness);
        let steps = against_reading_order(&told(&harness));
        wrong.extend(steps.into_iter().map(|step| format!("{}: {step}", case.name)));
    }
    assert!(wrong.is_empty(), "{} steps:\n{}", wrong.len(), wrong.join("\n"));
}

/// A window of 1280 × 800 pixels at 200 %, and the same at 100 %.
#[test]
fn nothing_reaches_out_of_the_window_or_lies_over_another_control_with_large_text() {
    let mut wrong = Vec::new();
    for (size, language) in [[640.0, 400.0], [1280.0, 800.0]].iter().flat_map(|size| Language::ALL.map(|l| (*size, l)))
    {
        for mut case in screens::all() {
            case.state.settings.language = Some(language);
            // Messages lie over everything else until they are put aside.
            case.state.notices.clear();
            let harness = window_of(case.state, case.memory, size);
            let all = told(&harness);
            let faults = out_of_window(&all, size[0]).into_iter().chain(over_each_other(&all));
            wrong.extend(faults.map(|fault| format!("{} {} {}: {fault}", size[0], language.tag(), case.name)));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

fn name(harness: &Window) -> String {
    focused(harness).map(|node| node.name).unwrap_or_default()
}

#[test]
fn the_focus_comes_back_when_a_dialog_closes() {
    // By its own button, by Esc, and where it was opened by a key that works everywhere.
    let mut harness = window(screens::full());
    for (opener, closer) in [("Keyboard shortcuts", "Close"), ("Messages", "Close")] {
        tab_to(&mut harness, opener);
        press(&mut harness, Key::Enter);
        tab_to(&mut harness, closer);
        press(&mut harness, Key::Enter);
        harness.run_ok();
        assert_eq!(name(&harness), opener, "after {closer}");
        press(&mut harness, Key::Enter);
        harness.run_ok();
        press(&mut harness, Key::Escape);
        harness.run_ok();
        assert_eq!(name(&harness), opener, "after Esc");
    }
}

#[test]
fn the_focus_comes_back_to_what_asked_for_a_removal() {
    let mut harness = window(screens::open_photo(Evidence::Same));
    tab_to(&mut harness, "This face\u{2026}");
    press(&mut harness, Key::Enter);
    harness.state_mut().state.record.removal = screens::removal().record.removal;
    harness.run_ok();
    tab_to(&mut harness, "Keep");
    press(&mut harness, Key::Enter);
    harness.state_mut().state.record.removal = None;
    harness.run_ok();
    assert_eq!(name(&harness), "This face\u{2026}");
}

#[test]
fn the_focus_comes_back_to_the_face_whose_photo_was_open() {
    let mut harness = window(made_up::gallery(30, 30));
    press(&mut harness, Key::End);
    assert_eq!(name(&harness), "Face 1, 30 of 30");
    let open = screens::open_photo(Evidence::Same);
    harness.state_mut().state.detail = open.detail;
    harness.run_ok();
    press(&mut harness, Key::Tab);
    press(&mut harness, Key::Tab);
    harness.state_mut().state.detail = None;
    harness.run_ok();
    assert_eq!(name(&harness), "Face 1, 30 of 30");
}

#[test]
fn the_focus_comes_back_to_the_box_whose_list_was_open() {
    let mut harness = window(made_up::gallery(30, 30));
    let order = "Sorted by: Newest";
    tab_to(&mut harness, order);
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Escape);
    harness.run_ok();
    assert_eq!(name(&harness), order);
    // On another screen nothing of this one has it.
    harness.state_mut().state.screen = Screen::Settings;
    harness.run_ok();
    assert_ne!(name(&harness), order);
}

#[test]
fn what_has_the_focus_is_scrolled_into_view() {
    let mut memory = UiMemory::default();
    memory.show_tune(likeness::ui::TuneTab::Index);
    for (case, memory) in [
        (AppStateOf::Settings, UiMemory::default()),
        (AppStateOf::Detail, UiMemory::default()),
        (AppStateOf::Index, memory),
    ] {
        let mut harness = window_of(case.state(), memory, [900.0, 420.0]);
        for _ in 0..60 {
            press(&mut harness, Key::Tab);
            harness.run_steps(12);
            let Some(now) = focused(&harness) else { continue };
            // What scrolls lies between the bars above and below.
            let window = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(900.0, 420.0));
            assert!(window.intersects(now.rect) && now.rect.bottom() <= 424.0, "{now:?} is out of view");
        }
    }
}

#[derive(Clone, Copy)]
enum AppStateOf {
    Settings,
    Detail,
    Index,
}

impl AppStateOf {
    fn state(self) -> likeness::app::AppState {
        match self {
            Self::Settings => likeness::app::AppState { screen: Screen::Settings, ..screens::full() },
            Self::Detail => screens::open_photo(Evidence::Same),
            Self::Index => made_up::tune::measured(),
        }
    }
}

#[test]
fn text_that_is_longer_than_its_dialog_is_scrolled_by_key() {
    let mut memory = UiMemory::default();
    memory.show_help();
    let mut harness = window_of(screens::full(), memory, [900.0, 480.0]);
    let place = |harness: &Window| {
        told(harness)
            .into_iter()
            .find(|node| node.value.starts_with("Undo, redo"))
            .map(|node| node.rect.top())
            .unwrap_or(f32::NEG_INFINITY)
    };
    let before = place(&harness);
    press(&mut harness, Key::PageDown);
    harness.run_steps(30);
    let after = place(&harness);
    assert!(after < before - 50.0, "{before} {after}");
    chord(&mut harness, Modifiers::NONE, Key::Escape);
}
