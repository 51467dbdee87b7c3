//! Every screen of the window in every state that looks different.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use likeness::app::{
    AppState, BatchTurn, BatchView, Closing, Evidence, JobState, Load, MissingPhoto, QuestionView, Removal,
    RemovalCounts, Screen, StartFailure,
};
use likeness::types::{BatchId, FaceId, PhotoId};
use likeness::ui::{ModelsTab, TuneTab, UiMemory};

use super::window::Window;
use super::{model_states, tune};

/// A state of the window, and what is pressed in it before it is looked at.
pub struct Case {
    pub name: &'static str,
    pub state: AppState,
    pub memory: UiMemory,
    pub before: fn(&mut Window),
}

fn case(name: &'static str, state: AppState) -> Case {
    Case { name, state, memory: UiMemory::default(), before: |_| {} }
}

fn with(name: &'static str, state: AppState, show: impl FnOnce(&mut UiMemory)) -> Case {
    let mut case = case(name, state);
    show(&mut case.memory);
    case
}

/// A photo with three faces: two have names, the last was found only now.
pub fn open_photo(evidence: Evidence) -> AppState {
    let mut state = super::person_detail(Some(super::person("Ada")));
    if let Some(Load::Ready(photo)) = state.detail.as_mut().map(|detail| &mut detail.photo) {
        photo.faces.push(super::face(Some(7), [20.0, 60.0, 120.0, 180.0], Some("Bob"), None));
        photo.faces.push(super::face(Some(9), [460.0, 60.0, 560.0, 180.0], None, None));
        photo.evidence = evidence;
    }
    state
}

/// Faces of a search photo.
pub fn probe_faces() -> Vec<likeness::app::FaceView> {
    let crops = super::crops(2);
    vec![
        super::face(None, [350.0, 110.0, 560.0, 390.0], None, Some(crops[0].clone())),
        super::face(None, [60.0, 200.0, 160.0, 320.0], None, Some(crops[1].clone())),
    ]
}

pub fn searched(count: usize) -> AppState {
    super::search("/nowhere/probe.jpg", probe_faces(), count)
}

pub fn compared() -> AppState {
    let mut state = searched(24);
    let face = super::face(Some(2_400), [280.0, 120.0, 520.0, 430.0], None, None);
    state.search.compare = Some((0, Load::Ready(super::photo("/nowhere/b.jpg", vec![face]))));
    state
}

/// A full gallery with everything that can be said of it.
pub fn full() -> AppState {
    let mut state = super::gallery(400, 60);
    state.jobs = vec![
        super::job(1, "Enroll A", JobState::Running),
        super::job(2, "Enroll B", JobState::Paused),
        super::job(3, "Enroll C", JobState::Failed("The disk is full.".into())),
    ];
    state.issues = super::issues();
    state.notices = super::notices();
    state.messages = super::notices().into();
    state.record.questions = [1, 2, 3].map(question).to_vec();
    state.record.missing = [1, 2, 3].map(missing).to_vec();
    state.record.missing_counts = RemovalCounts { photos: 3, faces: 5, named: 1 };
    state.record.history = (1..=4).rev().map(change).collect();
    (state.record.undo, state.record.redo) = (Some(change(4)), Some(change(3)));
    state
}

fn question(face: i64) -> QuestionView {
    QuestionView {
        face: FaceId(face),
        old_face: FaceId(face + 100),
        subject: super::person(if face == 2 { "Bob" } else { "Ada" }),
        photo: PathBuf::from(format!("/photos/IMG_{face}.jpg")),
    }
}

fn missing(photo: i64) -> MissingPhoto {
    MissingPhoto {
        photo: PhotoId(photo),
        path: PathBuf::from(format!("/photos/gone_{photo}.jpg")),
        since: 1_700_000_000_000,
    }
}

fn change(id: i64) -> BatchView {
    let state = if id == 3 { BatchTurn::Undone } else { BatchTurn::Done };
    let words = format!("named {id} faces Ada").as_str().into();
    BatchView { id: BatchId(id), at: 1_700_000_000_000 + id, actor: "ana".into(), words, state }
}

pub fn removal() -> AppState {
    let mut state = full();
    let counts = RemovalCounts { photos: 0, faces: 2, named: 1 };
    state.record.removal = Some((Removal::Faces(vec![FaceId(1), FaceId(2)]), Load::Ready(counts)));
    state
}

fn with_issue(screen: Screen) -> AppState {
    AppState { screen, ..full() }
}

/// Every one of them.
pub fn all() -> Vec<Case> {
    let mut cases = enroll();
    cases.extend(search());
    cases.extend(people());
    cases.extend(super::roster::all().into_iter().map(|(name, state)| case(name, state)));
    cases.extend(tuning());
    cases.extend(models());
    cases.extend(everywhere());
    cases
}

fn enroll() -> Vec<Case> {
    let mut starting = super::empty(Screen::Enroll);
    starting.status.starting = true;
    let mut chosen = with("enroll chosen", full(), |_| {});
    chosen.before = |harness| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.run_ok();
    };
    let mut filter = case("enroll filter", full());
    filter.before = |harness| {
        harness
            .get_by(|node| node.label().is_some_and(|name| ["Filter", "\u{7b5b}\u{9009}"].contains(&name.as_str())))
            .click();
        harness.run_ok();
    };
    let mut menu = case("enroll menu", full());
    menu.before = |harness| {
        harness.key_press(Key::Home);
        harness.run_ok();
        harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
        harness.run_ok();
    };
    vec![
        case("enroll empty", super::empty(Screen::Enroll)),
        case("enroll starting", starting),
        case("enroll full", full()),
        chosen,
        filter,
        menu,
        with("issues", full(), UiMemory::show_issues),
        with("questions", full(), UiMemory::show_questions),
        with("missing", full(), UiMemory::show_missing),
        case("detail", open_photo(Evidence::Same)),
        case("detail changed", open_photo(Evidence::Changed)),
        case("detail gone", open_photo(Evidence::Gone("the file is gone".into()))),
        case("detail trial", super::detail("", [200.0, 80.0, 400.0, 330.0], Load::Ready(super::trial()))),
    ]
}

fn search() -> Vec<Case> {
    let mut nothing = super::gallery(10, 10);
    nothing.screen = Screen::Search;
    let mut failed = nothing_searched();
    failed.search.probe = Load::Failed("the file is gone".into());
    let mut no_face = super::search("/nowhere/probe.jpg", Vec::new(), 0);
    no_face.search.candidates = Load::Nothing;
    let mut compare_failed = compared();
    compare_failed.search.compare = Some((1, Load::Failed("the file is gone".into())));
    vec![
        case("search nothing enrolled", super::empty(Screen::Search)),
        case("search nothing", nothing),
        case("search failed", failed),
        case("search no face", no_face),
        case("search no candidate", searched(0)),
        case("search", searched(24)),
        case("compare", compared()),
        case("compare failed", compare_failed),
    ]
}

fn nothing_searched() -> AppState {
    AppState { screen: Screen::Search, ..super::gallery(10, 10) }
}

fn people() -> Vec<Case> {
    let state = open_photo(Evidence::Same);
    let [ada, bob] = [state.subjects[1].clone(), state.subjects[3].clone()];
    let merge = |state| with("merge", state, |memory| memory.merge_person(&ada, None));
    vec![
        with("edit person", open_photo(Evidence::Same), |memory| memory.edit_person(&ada)),
        merge(state),
        with("merge chosen", open_photo(Evidence::Same), |memory| memory.merge_person(&ada, Some(bob.id))),
        case("removal", removal()),
    ]
}

fn tuning() -> Vec<Case> {
    let tab = |name, tab, state| with(name, state, |memory| memory.show_tune(tab));
    let mut cases = vec![
        case("tune nothing", super::empty(Screen::Tune)),
        tab("live ready", TuneTab::Live, tune::ready("IVF2048,PQ64,Refine(f16)")),
        tab("live", TuneTab::Live, tune::measured()),
        tab("sweep empty", TuneTab::Sweep, tune::ready("Flat")),
        tab("sweep", TuneTab::Sweep, tune::measured()),
        tab("sweeping", TuneTab::Sweep, tune::sweeping()),
        tab("autotune", TuneTab::Autotune, tune::measured()),
        tab("tune people", TuneTab::People, tune::measured()),
        tab("index", TuneTab::Index, tune::measured()),
    ];
    for (name, ask) in [("sweep compared", false), ("sweep apply", true)] {
        cases.push(with(name, tune::measured(), |memory| {
            memory.show_tune(TuneTab::Sweep);
            memory.compare_points(tune::run().points[9..12].to_vec());
            if ask {
                memory.ask_to_apply(tune::run().points[12].clone());
            }
        }));
    }
    cases
}

fn models() -> Vec<Case> {
    let mut runs = model_states::some();
    runs.models_view.runs = Some(model_states::runs());
    let mut asks = model_states::proposal();
    asks.asks_to_run = true;
    vec![
        case("models", model_states::some()),
        case("models many", model_states::many()),
        case("models changing", model_states::changing()),
        with("runs", runs, |memory| memory.show_models(ModelsTab::Runs)),
        case("import looking", model_states::importing(Load::Loading)),
        case("import", model_states::importing(Load::Ready(model_states::proposal()))),
        case("import consent", model_states::importing(Load::Ready(asks))),
        case("import failed", model_states::importing(Load::Failed("no network".into()))),
    ]
}

fn everywhere() -> Vec<Case> {
    let mut closing = full();
    closing.closing = Some(Closing::Jobs);
    let mut failed = super::empty(Screen::Enroll);
    failed.start_failed = Some(StartFailure { reason: "the folder is gone".into() });
    let mut read_only = full();
    read_only.status.read_only = Some("another process is working on this data folder".into());
    vec![
        case("settings", with_issue(Screen::Settings)),
        with("help", full(), UiMemory::show_help),
        with("history", full(), UiMemory::show_history),
        with("messages", full(), UiMemory::show_messages),
        case("closing", closing),
        case("start failed", failed),
        case("read only", read_only),
    ]
}
