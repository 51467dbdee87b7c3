//! A window that can only read: nothing in it asks for a change, and what is off says why.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{
    AppState, Command, EnrollCommand, Load, MissingPhoto, ModelsCommand, PeopleCommand, QuestionView, RemovalCounts,
    Screen, SearchCommand, TuneCommand,
};
use likeness::types::{FaceId, PhotoId, SubjectId, SubjectName};
use likeness::ui::{ModelsTab, Picker, TuneTab, UiMemory};
use ui_support as made_up;
use ui_support::window::{SIZE, Window, click, commands, drop_files, is_disabled, is_shown, press, window_of};
use ui_support::{model_states as models, tune};

const REASON: &str = "Another program is working on this data folder";

fn read_only(mut state: AppState) -> AppState {
    state.status.read_only = Some(REASON.into());
    state
}

/// What the lock's holder alone can do.
fn is_change(command: &Command) -> bool {
    matches!(
        command,
        Command::Enroll(EnrollCommand::Start { .. })
            | Command::Enroll(EnrollCommand::RetryIssues(_))
            | Command::People(PeopleCommand::Name { .. })
            | Command::People(PeopleCommand::Describe { .. })
            | Command::People(PeopleCommand::Merge { .. })
            | Command::People(PeopleCommand::Answer { .. })
            | Command::People(PeopleCommand::AskRemoval(_))
            | Command::People(PeopleCommand::Remove(_))
            | Command::People(PeopleCommand::Undo(_))
            | Command::People(PeopleCommand::Redo)
            | Command::Models(ModelsCommand::Use(_))
            | Command::Models(ModelsCommand::InspectWeights(_))
            | Command::Models(ModelsCommand::RunWeights(_))
            | Command::Models(ModelsCommand::Import { .. })
            | Command::Models(ModelsCommand::Remove(_))
            | Command::Models(ModelsCommand::ForgetEmbeddings(_))
            | Command::Tune(TuneCommand::ApplyParams(_))
            | Command::Tune(TuneCommand::BuildIndex(_))
            | Command::Tune(TuneCommand::RollBack(_))
            | Command::Tune(TuneCommand::Retrain)
            | Command::Tune(TuneCommand::SetRetrainShare(_))
            | Command::Tune(TuneCommand::ApplyPoint(_))
    )
}

/// A part of the window: its name, a state in which it has something to show, and the way to it.
type Part = (&'static str, fn() -> AppState, fn(&mut UiMemory));

fn record() -> AppState {
    let mut state = made_up::gallery(60, 20);
    state.issues = made_up::issues();
    state.record.questions = vec![QuestionView {
        face: FaceId(5),
        old_face: FaceId(50),
        subject: made_up::person("Ada"),
        photo: PathBuf::from("/photos/people/5.jpg"),
    }];
    let path = PathBuf::from("/photos/people/6.jpg");
    state.record.missing = vec![MissingPhoto { photo: PhotoId(6), path, since: 1_700_000_000_000 }];
    state.record.missing_counts = RemovalCounts { photos: 1, faces: 1, named: 0 };
    state
}

fn person() -> AppState {
    made_up::person_detail(Some(SubjectName { id: SubjectId(1), name: "Ada Berg".into() }))
}

fn with_runs() -> AppState {
    let mut state = models::some();
    let mut runs = models::runs();
    runs.retain(|run| run.model.is_some());
    state.models_view.runs = Some(runs);
    state.models[1].embedded = Some(900);
    state.models[1].stored_bytes = 1_000_000;
    state
}

/// A slider was moved.
fn moved() -> AppState {
    let mut state = tune::measured();
    state.tune.live.settings.params.nprobe += 1;
    state
}

fn advised() -> AppState {
    let mut state = tune::measured();
    state.tune.advice = Load::Ready(tune::advice());
    state
}

fn settings() -> AppState {
    AppState { screen: Screen::Settings, ..made_up::gallery(4, 4) }
}

fn enroll() -> AppState {
    AppState { jobs: Vec::new(), ..made_up::gallery(60, 20) }
}

const PARTS: [Part; 15] = [
    ("enroll", enroll, |_| {}),
    ("detail", person, |_| {}),
    ("issues", record, UiMemory::show_issues),
    ("questions", record, UiMemory::show_questions),
    ("missing", record, UiMemory::show_missing),
    ("models", with_runs, |_| {}),
    ("another model", with_runs, |memory| memory.choose_model("edgeface-xs")),
    ("runs", with_runs, |memory| memory.show_models(ModelsTab::Runs)),
    ("live", moved, |_| {}),
    ("sweep", tune::measured, |memory| memory.show_tune(TuneTab::Sweep)),
    ("pinned", tune::measured, |memory| memory.compare_points(tune::run().points[..2].to_vec())),
    ("autotune", tune::measured, |memory| memory.show_tune(TuneTab::Autotune)),
    ("people missed", tune::measured, |memory| memory.show_tune(TuneTab::People)),
    ("index", advised, |memory| memory.show_tune(TuneTab::Index)),
    ("settings", settings, |_| {}),
];

fn open((_, state, show): Part, is_read_only: bool) -> Window {
    let picker: Picker = Arc::new(|_| Ok(Vec::new()));
    let mut memory = UiMemory::default().with_picker(picker);
    show(&mut memory);
    let state = if is_read_only { read_only(state()) } else { state() };
    window_of(state, memory, SIZE)
}

fn buttons(window: &Window) -> Vec<String> {
    let nodes = window.query_all_by_role(Role::Button);
    nodes.filter(|node| !node.accesskit_node().is_disabled()).filter_map(|node| node.accesskit_node().label()).collect()
}

/// Clicks every button that is on, one after the other, and gathers what is asked for with each.
fn click_all(part: Part, is_read_only: bool) -> Vec<(String, Command)> {
    let mut harness = open(part, is_read_only);
    let mut asked = Vec::new();
    for label in buttons(&harness) {
        let is_there = |harness: &Window| buttons(harness).contains(&label);
        if !is_there(&harness) {
            // The click before led elsewhere.
            harness = open(part, is_read_only);
        }
        let Some(button) = harness.query_all_by_label(&label).next() else { continue };
        button.click();
        asked.extend(commands(&mut harness).into_iter().map(|command| (label.clone(), command)));
        if harness.query_by_label("Cancel").is_some() || harness.ctx.memory(|memory| memory.top_modal_layer().is_some())
        {
            harness = open(part, is_read_only);
        }
    }
    asked
}

#[test]
fn no_button_asks_for_a_change_and_those_that_would_are_off() {
    let mut changes = 0;
    for part in PARTS {
        let asked: Vec<_> = click_all(part, true).into_iter().filter(|(_, command)| is_change(command)).collect();
        assert!(asked.is_empty(), "{}: {asked:?}", part.0);
        let on = buttons(&open(part, true));
        let mut off = buttons(&open(part, false));
        off.retain(|label| !on.contains(label));
        println!("{}: off where nothing can be changed: {off:?}", part.0);
        changes += off.len();
    }
    assert!(changes >= 40, "{changes} buttons are off");
}

#[test]
fn what_is_off_says_why() {
    let cases: [(usize, &[&str]); 5] = [
        (5, &["Import\u{2026}"]),
        (6, &["Use EdgeFace-XS", "Remove EdgeFace-XS", "Delete the embeddings by EdgeFace-XS"]),
        (7, &["Import the model\u{2026}"]),
        (8, &["Use these for searches"]),
        (13, &["Roll back to 16", "Train anew now", "Train anew from"]),
    ];
    for (part, labels) in cases {
        for label in labels {
            let mut harness = open(PARTS[part], true);
            assert!(is_disabled(&harness, label), "{label}");
            let banner = harness.query_all_by_label_contains(REASON).count();
            harness.get_by_label(label).hover();
            harness.run_ok();
            harness.run_ok();
            let told = harness.query_all_by_label_contains(REASON).count();
            assert!(told > banner, "{label} does not say why it is off");
        }
    }
}

#[test]
fn what_is_dropped_and_asked_for_by_key_is_told_instead_of_tried() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&opened);
    let picker: Picker = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Vec::new())
    });
    for (state, files, text) in [
        (enroll(), ["/photos/a.jpg"], "Nothing was enrolled"),
        (models::some(), ["/models/a.onnx"], "No model was imported"),
    ] {
        let mut harness = window_of(read_only(state), UiMemory::default().with_picker(Arc::clone(&picker)), SIZE);
        drop_files(&mut harness, &files);
        assert!(!commands(&mut harness).iter().any(is_change));
        assert!(is_shown(&harness, &format!("{text}: {REASON}")), "{text}");
        harness.key_press_modifiers(Modifiers::COMMAND, Key::O);
        harness.run_ok();
        assert!(!commands(&mut harness).iter().any(is_change));
        assert!(is_shown(&harness, "can be "), "it is told at once, and not after a file was chosen");
    }
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(opened.load(Ordering::SeqCst), 0, "no dialog was opened");
    // Searching is not changing.
    let state = AppState { screen: Screen::Search, ..made_up::gallery(4, 4) };
    let mut harness = window_of(read_only(state), UiMemory::default(), SIZE);
    drop_files(&mut harness, &["/photos/a.jpg"]);
    assert!(matches!(commands(&mut harness).as_slice(), [Command::Search(SearchCommand::File(_))]));
}

#[test]
fn a_question_that_is_open_when_the_lock_is_lost_cannot_be_answered_with_yes() {
    let mut harness = open(PARTS[6], false);
    click(&mut harness, "Remove EdgeFace-XS");
    assert!(!is_disabled(&harness, "Remove it"));
    harness.state_mut().state.status.read_only = Some(REASON.into());
    harness.run_ok();
    assert!(is_disabled(&harness, "Remove it"));
    click(&mut harness, "Keep it");
    let mut memory = UiMemory::default();
    memory.show_tune(TuneTab::Sweep);
    memory.ask_to_apply(tune::run().points[0].clone());
    let mut harness = window_of(read_only(tune::measured()), memory, SIZE);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    assert!(!commands(&mut harness).iter().any(is_change));
    press(&mut harness, Key::Escape);
    assert!(!is_shown(&harness, "Change the live index?"));
}
