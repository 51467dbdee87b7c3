//! The Models screen by label, and drawn: what a person clicks, types and drops, and which commands come of it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use likeness::app::{
    AppState, Command, EnrollCommand, ImportView, JobKind, JobState, JobsCommand, Load, ModelsCommand, Screen,
    WindowCommand,
};
use likeness::types::Language;
use likeness::ui::{DialogKind, ModelsTab, UiMemory, render_with_memory};
use ui_support as made_up;
use ui_support::model_states as models;
use ui_support::window::{assert_commands, click, commands, drop_files, is_shown, replace_text, window, window_of};

#[test]
fn the_screen_is_reached_by_tab_and_key() {
    let mut harness = window(made_up::empty(Screen::Enroll));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Models))]);
    click(&mut harness, "Models");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Models))]);
}

#[test]
fn a_model_is_chosen_tested_measured_and_used() {
    let mut harness = window(models::some());
    assert!(harness.query_by_label("Use EdgeFace-XS").is_none(), "the one in use is shown first");
    click(&mut harness, "Show EdgeFace-XS");
    click(&mut harness, "Test EdgeFace-XS");
    assert_commands!(harness, [Command::Models(ModelsCommand::Test(name))] if name == "edgeface-xs");
    click(&mut harness, "Measure the speed of EdgeFace-XS");
    assert_commands!(harness, [Command::Models(ModelsCommand::MeasureSpeed(name))] if name == "edgeface-xs");
    // Faces are missing: the person is told what it takes, and may think better of it.
    click(&mut harness, "Use EdgeFace-XS");
    assert_commands!(harness, []);
    assert!(harness.query_by_label_contains("112,903 faces are embedded by it").is_some());
    click(&mut harness, "Keep the model in use");
    assert_commands!(harness, []);
    click(&mut harness, "Use EdgeFace-XS");
    click(&mut harness, "Embed and change");
    assert_commands!(harness, [Command::Models(ModelsCommand::Use(name))] if name == "edgeface-xs");
    // Nothing is missing: it takes over at once.
    harness.state_mut().state.models[1].embedded = Some(112_903);
    click(&mut harness, "Use EdgeFace-XS");
    assert_commands!(harness, [Command::Models(ModelsCommand::Use(name))] if name == "edgeface-xs");
    // Keys go through the list.
    harness.key_press(Key::ArrowDown);
    harness.run_ok();
    assert!(harness.query_by_label_contains("import a .safetensors file").is_some(), "the problem and what to do");
    assert!(harness.query_by_label("Use ArcFace IR-ResNet-50").is_some_and(|button| {
        use egui_kittest::kittest::NodeT;
        button.accesskit_node().is_disabled()
    }));
}

#[test]
fn removing_and_freeing_are_asked_and_not_offered_for_the_one_in_use() {
    let mut harness = window(models::some());
    assert!(harness.query_by_label("Remove dlib ResNet, 29 convolutions").is_none(), "it comes with the program");
    assert!(harness.query_by_label_contains("Delete the embeddings").is_none(), "it is in use");
    click(&mut harness, "Show EdgeFace-XS");
    click(&mut harness, "Remove EdgeFace-XS");
    assert_commands!(harness, []);
    click(&mut harness, "Remove it");
    assert_commands!(harness, [Command::Models(ModelsCommand::Remove(name))] if name == "edgeface-xs");
    harness.state_mut().state.models[1].embedded = Some(5);
    harness.state_mut().state.models[1].stored_bytes = 1_200_000_000;
    harness.run_ok();
    click(&mut harness, "Delete the embeddings by EdgeFace-XS");
    assert!(harness.query_by_label_contains("frees 1.2 GB").is_some());
    click(&mut harness, "Delete them");
    assert_commands!(harness, [Command::Models(ModelsCommand::ForgetEmbeddings(name))] if name == "edgeface-xs");
    // Not while the model is being changed.
    let mut job = made_up::job(1, "Change to EdgeFace-XS", JobState::Running);
    job.kind = JobKind::ChangeModel;
    harness.state_mut().state.jobs.push(job);
    harness.run_ok();
    harness.get_by_label("Remove EdgeFace-XS").click();
    assert_commands!(harness, []);
    click(&mut harness, "Cancel Change to EdgeFace-XS");
    assert_commands!(harness, [Command::Jobs(JobsCommand::Cancel(_))]);
}

#[test]
fn a_file_is_imported_by_dialog_or_drop_and_photos_are_not_taken() {
    let picker = Arc::new(|kind| match kind {
        DialogKind::ImportModel => Ok(vec![PathBuf::from("/models/net.onnx")]),
        other => Err(format!("{other:?}")),
    });
    let mut harness = window_of(models::some(), UiMemory::default().with_picker(picker), [1280.0, 1400.0]);
    click(&mut harness, "Import\u{2026}");
    let mut got = Vec::new();
    for _ in 0..200 {
        harness.step();
        got.append(&mut harness.state_mut().commands);
        if !got.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(
        matches!(got.as_slice(), [Command::Models(ModelsCommand::InspectWeights(path))] if path == Path::new("/models/net.onnx"))
    );
    drop_files(&mut harness, &["/models/Net.ONNX"]);
    assert_commands!(harness, [Command::Models(ModelsCommand::InspectWeights(path))] if path == Path::new("/models/Net.ONNX"));
    drop_files(&mut harness, &["/photos/a.jpg"]);
    assert_commands!(harness, []);
    assert!(harness.query_by_label_contains("no weights file").is_some());
    // Elsewhere a drop means photos, whatever it is called.
    harness.state_mut().state.screen = Screen::Enroll;
    drop_files(&mut harness, &["/photos/pictures.dat"]);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::Start { .. })]);
}

#[test]
fn the_import_dialog_shows_what_was_found_and_asks_the_rest() {
    let mut harness = window(models::importing(Load::Loading));
    assert!(is_shown(&harness, "Looking at the file"));
    click(&mut harness, "Cancel");
    assert_commands!(harness, [Command::Models(ModelsCommand::CloseImport)]);

    harness.state_mut().state = models::importing(Load::Failed("no ONNX file".into()));
    harness.run_ok();
    assert!(harness.query_by_label_contains("no ONNX file").is_some());

    harness.state_mut().state = models::importing(Load::Ready(models::proposal()));
    harness.run_ok();
    assert!(harness.query_by_label_contains("Found: onnx, 512 numbers an embedding").is_some());
    assert!(harness.query_by_label_contains("The file does not say").is_some());
    replace_text(&mut harness, "Name", "edgeface-xs");
    assert!(harness.query_by_label_contains("there already").is_some());
    harness.get_by_label("Test and import").click();
    assert_commands!(harness, []);
    replace_text(&mut harness, "Name", "my-net");
    replace_text(&mut harness, "Licence", "MIT");
    click(&mut harness, "BGR");
    click(&mut harness, "0 \u{2026} 1");
    click(&mut harness, "Test and import");
    let got = commands(&mut harness);
    let [Command::Models(ModelsCommand::Import { file, architecture, answers })] = got.as_slice() else {
        panic!("got {got:?}")
    };
    assert_eq!((file.as_path(), architecture.as_str()), (Path::new("/models/net.onnx"), "onnx"));
    assert_eq!((answers.name.as_str(), answers.licence.as_str(), answers.bgr), ("my-net", "MIT", true));
    assert_eq!((answers.mean, answers.std), ([0.0; 3], [255.0; 3]));

    // It failed: the reason shows, and what was typed is still there.
    if let Some(import) = &mut harness.state_mut().state.models_view.import {
        import.problem = Some("its vectors are not finite".into());
    }
    harness.run_ok();
    assert!(harness.query_by_label_contains("not finite").is_some());
    click(&mut harness, "Test and import");
    assert_commands!(harness, [Command::Models(ModelsCommand::Import { answers, .. })] if answers.name == "my-net");
}

#[test]
fn a_program_runs_only_after_the_person_said_so() {
    let proposal = likeness::app::ImportProposal { asks_to_run: true, d: 0, ..models::proposal() };
    let mut harness = window(models::importing(Load::Ready(proposal)));
    assert!(harness.query_by_label_contains("This file is a program").is_some());
    assert!(harness.query_by_label("Test and import").is_none(), "nothing of it runs yet");
    click(&mut harness, "I trust it: run it");
    assert_commands!(harness, [Command::Models(ModelsCommand::RunWeights(_))]);
    click(&mut harness, "Do not run it");
    assert_commands!(harness, [Command::Models(ModelsCommand::CloseImport)]);
}

#[test]
fn training_runs_are_shown_and_their_model_is_imported() {
    let mut memory = UiMemory::default();
    memory.show_models(ModelsTab::Runs);
    let mut harness = window_of(models::some(), memory, [1280.0, 1400.0]);
    assert!(harness.query_by_label_contains("No training run yet").is_some());
    assert!(harness.query_by_label_contains("likeness train").is_some());

    harness.state_mut().state.models_view.runs = Some(models::runs());
    harness.run_ok();
    for label in ["Loss over steps", "Learning rate over steps", "Measures over steps"] {
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
    assert!(harness.query_by_label_contains("3 lines of the log are no records").is_some());
    assert!(harness.query_by_label_contains("images/s").is_some());
    assert!(harness.query_by_label("Import the model\u{2026}").is_none(), "it has none yet");
    click(&mut harness, "Show the run finished-one");
    click(&mut harness, "Import the model\u{2026}");
    assert_commands!(harness, [Command::Models(ModelsCommand::InspectWeights(path))] if path.ends_with("finished-one/model.safetensors"));
}

#[test]
fn the_screen_can_be_drawn_in_both_themes_and_sizes() {
    let folder = std::env::var_os("LIKENESS_UI_PICTURES").map(PathBuf::from);
    let import = |proposal| models::importing(proposal);
    let mut failed = import(Load::Ready(models::proposal()));
    if let Some(ImportView { problem, .. }) = &mut failed.models_view.import {
        *problem = Some("model “net” gave no usable embedding: different pictures get the same vector".into());
    }
    let mut runs = models::some();
    runs.models_view.runs = Some(models::runs());
    let cases = [
        ("models-starting", AppState { screen: Screen::Models, ..AppState::default() }, ModelsTab::Models, None),
        ("models", models::some(), ModelsTab::Models, None),
        ("models-many", models::many(), ModelsTab::Models, Some("model-3")),
        ("models-changing", models::changing(), ModelsTab::Models, Some("edgeface-xs")),
        ("models-problem", models::some(), ModelsTab::Models, Some("arcface-r50")),
        ("models-import", failed, ModelsTab::Models, None),
        ("runs-empty", models::some(), ModelsTab::Runs, None),
        ("runs", runs, ModelsTab::Runs, None),
    ];
    let languages =
        [(Language::English, [1280, 820]), (Language::English, [760, 480]), (Language::Chinese, [1000, 700])];
    for (name, mut state, tab, chosen) in cases {
        for (language, size) in languages {
            state.settings.language = Some(language);
            let mut means = Vec::new();
            for dark in [false, true] {
                let mut memory = UiMemory::offscreen();
                memory.show_models(tab);
                if let Some(chosen) = chosen {
                    memory.choose_model(chosen);
                }
                let picture = render_with_memory(&state, &mut memory, size, 1.0, dark);
                assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "{name}: the window has holes");
                let sum: u64 = picture.pixels().map(|pixel| u64::from(pixel.0[1])).sum();
                means.push(sum / u64::from(size[0] * size[1]));
                if let Some(folder) = &folder {
                    std::fs::create_dir_all(folder).unwrap();
                    let theme = if dark { "dark" } else { "light" };
                    picture.save(folder.join(format!("{name}-{}-{}-{theme}.png", language.tag(), size[0]))).unwrap();
                }
            }
            assert!(means[0] > means[1] + 40, "{name}: light {} and dark {} look alike", means[0], means[1]);
        }
    }
}
