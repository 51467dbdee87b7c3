//! Every screen as assistive technology and the keyboard find it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use likeness::types::Language;
use ui_support::access::{faults, told};
use ui_support::screens;
use ui_support::window::{SIZE, window_of};

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
