//! The Tune screen by label: what a person clicks, types and drags, and which commands come of it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, pos2};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{
    AppState, Command, JobsCommand, Load, Screen, SearchCommand, SweepFormat, TuneCommand, WindowCommand,
};
use likeness::types::{IdentificationCurve, JobId, ProbeSet};
use likeness::ui::{DialogKind, TuneTab, UiMemory};
use ui_support as made_up;
use ui_support::tune;
use ui_support::window::{SIZE, Window, assert_commands, click, commands, is_disabled, is_shown, replace_text};

fn window_of(state: AppState, tab: TuneTab, mut memory: UiMemory, size: [f32; 2]) -> Window {
    memory.show_tune(tab);
    ui_support::window::window_of(state, memory, size)
}

fn window(state: AppState, tab: TuneTab) -> Window {
    window_of(state, tab, UiMemory::default(), SIZE)
}

const IVF: &str = "IVF2048,PQ64,Refine(f16)";

#[test]
fn the_screen_stands_between_search_and_settings() {
    let mut harness = window(made_up::empty(Screen::Enroll), TuneTab::Live);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Tune))]);
    click(&mut harness, "Tune");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Tune))]);
    harness.state_mut().state.screen = Screen::Tune;
    harness.run_ok();
    assert!(is_shown(&harness, "No faces to tune with"));
    click(&mut harness, "Go to Enroll");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Enroll))]);
}

#[test]
fn sliders_change_the_stream_and_only_those_of_the_index_can_be_moved() {
    let mut harness = window(tune::ready(IVF), TuneTab::Live);
    click(&mut harness, "Start");
    assert_commands!(harness, [Command::Tune(TuneCommand::Start(settings))] if settings.params.nprobe == 64 && settings.k == 10);
    harness.key_press(Key::Space);
    assert_commands!(harness, [Command::Tune(TuneCommand::Start(_))]);
    harness.get_by_label("nprobe").set_value_accesskit(256.0);
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))] if settings.params.nprobe == 256);
    harness.get_by_label("k").set_value_accesskit(20.0);
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))] if settings.k == 20);
    for (label, disabled) in
        [("nprobe", false), ("Refine factor", false), ("efSearch", true), ("LSH candidates", true), ("Templates", true)]
    {
        assert_eq!(is_disabled(&harness, label), disabled, "{label}");
    }
    assert!(is_disabled(&harness, "Use these for searches"), "they are in use");
    harness.state_mut().state.tune.live.settings.params.nprobe = 128;
    harness.run_ok();
    click(&mut harness, "Use these for searches");
    assert_commands!(harness, [Command::Tune(TuneCommand::ApplyParams(params))] if params.nprobe == 128);
}

#[test]
fn the_prefilter_is_limited_by_number_or_by_distance() {
    let mut harness = window(tune::ready("LSH1024,Flat,Refine(f16)"), TuneTab::Live);
    click(&mut harness, "Limit by distance instead");
    let got = commands(&mut harness);
    let [Command::Tune(TuneCommand::Change(settings))] = got.as_slice() else { panic!("got {got:?}") };
    assert_eq!(settings.params.lsh_radius, Some(341));
    harness.state_mut().state.tune.live.settings = settings.clone();
    harness.run_ok();
    harness.get_by_label("LSH radius").set_value_accesskit(300.0);
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))] if settings.params.lsh_radius == Some(300));
    click(&mut harness, "Limit by number instead");
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))] if settings.params.lsh_radius.is_none());
}

#[test]
fn a_running_stream_says_what_is_missed_and_what_it_measures_on() {
    let mut harness = window(tune::measured(), TuneTab::Live);
    for text in [
        "misses 1 in 15 of the true 10 nearest",
        "1 in 51 probes does not get its nearest face first",
        "Exact search: 13 ms",
        "1,000 probes",
        "1 thread",
        "data 4f1d09c2b7aa",
        "Recall over time",
        "Latency over time",
        "Histogram of latencies",
    ] {
        assert!(is_shown(&harness, text), "{text} is not shown");
    }
    click(&mut harness, "Log axis");
    harness.step();
    click(&mut harness, "Stop");
    assert_commands!(harness, [Command::Tune(TuneCommand::Stop)]);
    let mut failed = tune::ready(IVF);
    failed.tune.live.problem = Some("The file is gone.".into());
    assert!(is_shown(&window(failed, TuneTab::Live), "The file is gone."));
    assert!(is_shown(&window(tune::ready("Flat"), TuneTab::Live), "there is nothing to tune but k"));
}

#[test]
fn probes_are_chosen_and_read_from_files() {
    let picker = Arc::new(|kind: DialogKind| match kind {
        DialogKind::ProbeVectors => Ok(vec![PathBuf::from("/data/probes.fvecs")]),
        _ => Err("not asked for".to_owned()),
    });
    let memory = UiMemory::default().with_picker(picker);
    let mut harness = window_of(tune::ready(IVF), TuneTab::Live, memory, [1280.0, 1400.0]);
    harness.get_by_label("Noise").set_value_accesskit(0.6);
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))]
        if matches!(settings.probes, ProbeSet::GallerySample { noise, .. } if (noise - 0.6).abs() < 1e-6));
    click(&mut harness, "Probe set");
    click(&mut harness, "Held-out photos of people");
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))]
        if settings.probes == ProbeSet::HeldOut { nq: 1000 });
    click(&mut harness, "Probe set");
    click(&mut harness, "Past searches");
    assert_commands!(harness, [Command::Tune(TuneCommand::Change(settings))] if settings.probes == ProbeSet::PastSearches);
    click(&mut harness, "Probe set");
    click(&mut harness, "Vectors from a file\u{2026}");
    for _ in 0..200 {
        harness.step();
        if let Some(Command::Tune(TuneCommand::Change(settings))) = harness.state().commands.first() {
            assert_eq!(settings.probes, ProbeSet::File { path: PathBuf::from("/data/probes.fvecs") });
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the file was not taken: {:?}", harness.state().commands);
}

#[test]
fn a_sweep_is_composed_and_started() {
    let mut harness = window(tune::ready(IVF), TuneTab::Sweep);
    assert!(is_shown(&harness, "15 points; 1 index built"));
    click(&mut harness, "Exact");
    click(&mut harness, "Graph");
    replace_text(&mut harness, "efSearch values", "32 64");
    assert!(is_shown(&harness, "22 points; 3 indexes built"));
    replace_text(&mut harness, "Your own, with ; between", "IVF64,PQ7");
    assert!(is_shown(&harness, "pq_m must divide the number of dimensions"));
    assert!(is_disabled(&harness, "Start sweep"));
    replace_text(&mut harness, "Your own, with ; between", "IVF64,PQ8; SQ8");
    replace_text(&mut harness, "nprobe values", "4, x");
    assert!(is_shown(&harness, "is no whole number") && is_disabled(&harness, "Start sweep"));
    replace_text(&mut harness, "nprobe values", "4, 8");
    commands(&mut harness);
    click(&mut harness, "Start sweep");
    let got = commands(&mut harness);
    let [Command::Tune(TuneCommand::StartSweep(request))] = got.as_slice() else { panic!("got {got:?}") };
    let specs: Vec<String> = request.specs.iter().map(ToString::to_string).collect();
    assert_eq!(specs, [IVF, "Flat", "PCA192,HNSW32,SQfp16,Refine(f16)", "IVF64,PQ8", "SQ8"]);
    assert_eq!((request.nprobe.as_slice(), request.ef_search.as_slice()), (&[4, 8][..], &[32, 64][..]));
    assert_eq!((request.k, request.batch, request.threads), (10, 1, 1));
    click(&mut harness, "The live index");
    click(&mut harness, "Exact");
    click(&mut harness, "Graph");
    replace_text(&mut harness, "Your own, with ; between", " ");
    assert!(is_shown(&harness, "Choose at least one index") && is_disabled(&harness, "Start sweep"));
}

#[test]
fn a_running_sweep_can_be_paused_and_cancelled_and_is_not_replaced() {
    let mut harness = window(tune::sweeping(), TuneTab::Sweep);
    assert!(is_shown(&harness, "12 of 42 points") && is_disabled(&harness, "Start sweep"));
    click(&mut harness, "Pause Sweep of 5 indexes");
    assert_commands!(harness, [Command::Jobs(JobsCommand::Pause(JobId(7)))]);
    click(&mut harness, "Cancel Sweep of 5 indexes");
    assert_commands!(harness, [Command::Jobs(JobsCommand::Cancel(JobId(7)))]);
    let open: Vec<bool> = harness
        .query_all_by_label_contains("Open the sweep of")
        .map(|button| button.accesskit_node().is_disabled())
        .collect();
    assert_eq!(open, [true, true]);
}

#[test]
fn points_are_filtered_pinned_compared_and_applied_only_after_a_question() {
    let mut harness = window(tune::measured(), TuneTab::Sweep);
    assert!(is_shown(&harness, "1 index could not be built"));
    assert!(is_shown(&harness, "Points  18"));
    replace_text(&mut harness, "Filter points", "hnsw 256");
    assert!(is_shown(&harness, "Points  1"));
    let point = "PCA192,HNSW32,SQfp16,Refine(f16), efSearch 256, refine \u{d7}4";
    click(&mut harness, &format!("Pin {point}"));
    replace_text(&mut harness, "Filter points", " ");
    click(&mut harness, "HNSW");
    assert!(is_shown(&harness, "Points  15"), "a family is left out");
    click(&mut harness, "Compared  1");
    for text in ["Recall, strangers", "699 bytes", "k 10, 1,000 probes, batch 1, 1 thread"] {
        assert!(is_shown(&harness, text), "{text} is not shown");
    }
    click(&mut harness, &format!("Apply {point}"));
    assert_commands!(harness, []);
    assert!(is_shown(&harness, "Change the live index?") && is_shown(&harness, IVF));
    click(&mut harness, "Keep the live index");
    assert_commands!(harness, []);
    assert!(!is_shown(&harness, "Change the live index?"));
    click(&mut harness, &format!("Apply {point}"));
    click(&mut harness, "Build and use");
    assert_commands!(harness, [Command::Tune(TuneCommand::ApplyPoint(point))] if point.params.ef_search == 256);
    click(&mut harness, &format!("Take {point} out"));
    assert!(is_shown(&harness, "Compared  0"));
}

#[test]
fn points_of_the_chart_are_pinned_by_a_click() {
    let mut harness = window(tune::measured(), TuneTab::Sweep);
    let chart = harness.get_by_label_contains("Recall over Latency p50").rect();
    // The pointer goes over the chart until it meets a point; a click there pins it.
    'search: for y in (chart.top() as i32 + 4..chart.bottom() as i32).step_by(12) {
        for x in (chart.left() as i32 + 4..chart.right() as i32).step_by(12) {
            let at = pos2(x as f32, y as f32);
            harness.event(Event::PointerMoved(at));
            for pressed in [true, false] {
                harness.event(Event::PointerButton {
                    pos: at,
                    button: PointerButton::Primary,
                    pressed,
                    modifiers: Modifiers::NONE,
                });
                harness.step();
            }
            harness.step();
            if is_shown(&harness, "Compared  1") {
                break 'search;
            }
        }
    }
    assert!(is_shown(&harness, "Compared  1"));
    click(&mut harness, "Unpin all");
    assert!(is_shown(&harness, "Compared  0"));
}

#[test]
fn sweeps_are_exported_and_reopened() {
    let picker = Arc::new(|kind: DialogKind| match kind {
        DialogKind::SaveSweep(..) => Ok(vec![PathBuf::from("/tmp/mine")]),
        _ => Err("not asked for".to_owned()),
    });
    let memory = UiMemory::default().with_picker(picker);
    let mut harness = window_of(tune::measured(), TuneTab::Sweep, memory, [1280.0, 1600.0]);
    click(&mut harness, "RAM");
    click(&mut harness, "Export SVG");
    let mut exported = false;
    for _ in 0..200 {
        harness.step();
        if let Some(Command::Tune(TuneCommand::ExportSweep { path, format, axes })) = harness.state().commands.first() {
            assert_eq!((path.as_path(), *format), (Path::new("/tmp/mine.svg"), SweepFormat::Svg));
            assert_eq!(axes.cost, likeness::app::Cost::Ram);
            exported = true;
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(exported);
    commands(&mut harness);
    let older: Vec<_> = harness.query_all_by_label_contains("Open the sweep of").collect();
    assert_eq!(older.len(), 2);
    older[1].click();
    harness.run_ok();
    assert_commands!(harness, [Command::Tune(TuneCommand::OpenSweep(name))] if name == "sweep-20251002");
    let mut state = tune::measured();
    state.tune.sweep.problem = Some("The file sweep.json is damaged.".into());
    assert!(is_shown(&window(state, TuneTab::Sweep), "is damaged"));
}

#[test]
fn autotune_asks_for_a_goal_and_applies_on_confirmation() {
    let mut harness = window(tune::ready(IVF), TuneTab::Autotune);
    assert!(is_shown(&harness, "At most 1 in 100 of the true 10 nearest may be missed"));
    click(&mut harness, "Find a point");
    assert_commands!(harness, [Command::Tune(TuneCommand::Autotune(goal, ProbeSet::GallerySample { .. }))]
        if goal.max_ram_bytes == 4_000_000_000 && goal.min_recall_at_k == 0.99 && goal.max_p50_millis == 5.0);
    harness.state_mut().state.tune.autotune = Load::Loading;
    harness.step();
    assert!(is_disabled(&harness, "Find a point"));
    harness.state_mut().state.tune.autotune = Load::Failed("The nearest point misses 0.004.".into());
    harness.run_ok();
    assert!(is_shown(&harness, "No point meets the goal") && is_shown(&harness, "misses 0.004"));
    let mut found = tune::point(IVF, tune::params(), 0.994, 2.1, 9_000_000);
    found.params.nprobe = 512;
    harness.state_mut().state.tune.autotune = Load::Ready(found.clone());
    harness.run_ok();
    click(&mut harness, "Apply\u{2026}");
    assert_commands!(harness, []);
    assert!(is_shown(&harness, "Nothing is built") && is_shown(&harness, "nprobe 512, refine \u{d7}4"));
    harness.key_press(Key::Escape);
    harness.run_ok();
    assert!(!is_shown(&harness, "Nothing is built"));
    click(&mut harness, "Apply\u{2026}");
    click(&mut harness, "Change the search");
    assert_commands!(harness, [Command::Tune(TuneCommand::ApplyPoint(point))] if **point == found);
    found.params = tune::params();
    harness.state_mut().state.tune.autotune = Load::Ready(found);
    harness.run_ok();
    assert!(is_disabled(&harness, "Apply\u{2026}"), "it is searched like this already");
}

#[test]
fn people_missed_are_measured_and_give_a_threshold() {
    let mut harness = window(tune::ready(IVF), TuneTab::People);
    replace_text(&mut harness, "With nprobe of", "16, 0");
    assert!(is_shown(&harness, "is no whole number") && is_disabled(&harness, "Measure people missed"));
    replace_text(&mut harness, "With nprobe of", "16, 64");
    commands(&mut harness);
    click(&mut harness, "Measure people missed");
    assert_commands!(harness, [Command::Tune(TuneCommand::MeasurePeopleMissed(params))]
        if params.iter().map(|params| params.nprobe).collect::<Vec<_>>() == [16, 64]);

    let mut harness = window(tune::measured(), TuneTab::People);
    assert!(is_shown(&harness, "looks better than that of exact search"));
    // Nothing was measured with the live nprobe 64, so thresholds are read from exact search.
    assert!(is_shown(&harness, "With Exact search: a threshold of 0.277"));
    click(&mut harness, "Mark 0.277");
    click(&mut harness, "Use 0.277 as operating threshold");
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.277).abs() < 1e-3);
    click(&mut harness, "Read thresholds from nprobe 8, refine \u{d7}4");
    assert!(is_shown(&harness, "even the lowest threshold misses 1 in 6"));
    harness.get_by_label("Operating threshold").set_value_accesskit(0.5);
    harness.run_ok();
    assert!(
        is_shown(&harness, "At a threshold of 0.500")
            || harness.query_by_label("Use 0.500 as operating threshold").is_some()
    );
    click(&mut harness, "Use 0.500 as operating threshold");
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.5).abs() < 1e-3);
}

#[test]
fn a_click_on_a_curve_sets_the_threshold() {
    let mut harness = window(tune::measured(), TuneTab::People);
    let chart = harness.get_by_label("People missed over strangers that match").rect();
    // Along a line through the middle the curves are met somewhere.
    for step in 0..40 {
        let at = pos2(chart.center().x, chart.top() + 4.0 + chart.height() * step as f32 / 40.0);
        harness.event(Event::PointerMoved(at));
        for pressed in [true, false] {
            harness.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
            harness.step();
        }
    }
    harness.run_ok();
    let button = harness.get_by_label_contains("as operating threshold");
    assert!(!button.accesskit_node().is_disabled(), "the threshold is another than the one in force");
}

#[test]
fn people_missed_need_names() {
    let mut state = tune::ready(IVF);
    state.status.subjects = 0;
    assert!(is_shown(&window(state, TuneTab::People), "No person has a name yet"));
    let mut state = tune::ready(IVF);
    let empty = IdentificationCurve { points: Vec::new(), ..tune::curve(8, false, 0.1, 0.5) };
    state.tune.people = Load::Ready(vec![empty]);
    assert!(is_shown(&window(state, TuneTab::People), "Nobody has two photos with a name"));
}

#[test]
fn the_index_is_shown_built_retrained_and_rolled_back() {
    let mut harness = window(tune::measured(), TuneTab::Index);
    for text in
        ["112,903 \u{d7} 512 dimensions", "1,204 faces", "0.92 ms, 1.6 ms, 2.7 ms", "1.21e-1 then, 1.30e-1 since"]
    {
        assert!(is_shown(&harness, text), "{text} is not shown");
    }
    click(&mut harness, "Roll back to 16");
    assert_commands!(harness, [Command::Tune(TuneCommand::RollBack(16))]);
    assert!(harness.query_by_label("Roll back to 15").is_none() && is_shown(&harness, "12 bytes short"));
    click(&mut harness, "Train anew now");
    assert_commands!(harness, [Command::Tune(TuneCommand::Retrain)]);
    harness.get_by_label("Train anew from").set_value_accesskit(25.0);
    assert_commands!(harness, [Command::Tune(TuneCommand::SetRetrainShare(share))] if (share - 0.25).abs() < 1e-9);
    click(&mut harness, "Build Honest impostors");
    assert_commands!(harness, [Command::Tune(TuneCommand::BuildIndex(spec))] if spec.to_string() == "LSH1024,Flat,Refine(f16)");
    assert!(is_disabled(&harness, "Build your own spec"));
    replace_text(&mut harness, "Your own spec", "HNSW32,Flop");
    assert!(is_shown(&harness, "Flop") && is_disabled(&harness, "Build your own spec"));
    replace_text(&mut harness, "Your own spec", "HNSW32,SQ8");
    click(&mut harness, "Build your own spec");
    assert_commands!(harness, [Command::Tune(TuneCommand::BuildIndex(spec))] if spec.to_string() == "HNSW32,SQ8");
    click(&mut harness, "Ask for advice");
    assert_commands!(harness, [Command::Tune(TuneCommand::AskAdvice { max_ram_bytes: 4_000_000_000, max_p50_millis })]
        if *max_p50_millis == 5.0);
    click(&mut harness, "Build the advised PCA192,HNSW32,SQfp16,Refine(f16)");
    assert_commands!(harness, [Command::Tune(TuneCommand::BuildIndex(_))]);
}

#[test]
fn every_control_has_a_name_in_small_and_large_windows() {
    for tab in TuneTab::ALL {
        for size in [[760.0, 480.0], [1280.0, 800.0], [2560.0, 1440.0]] {
            for state in [tune::ready("Flat"), tune::measured(), tune::sweeping()] {
                let harness = window_of(state, tab, UiMemory::default(), size);
                harness.check_accessibility();
            }
        }
    }
}
