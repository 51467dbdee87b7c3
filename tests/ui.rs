//! The window by label: what a person clicks, types, drops and presses, and which commands come of it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{
    AppState, Command, EnrollCommand, JobState, JobsCommand, Load, Naming, PeopleCommand, Screen, SearchCommand,
    SettingsCommand, ThemeChoice, WindowCommand,
};
use likeness::types::{DetectorParams, FaceId, JobId};
use likeness::ui::{DialogKind, UiMemory, install_theme};
use ui_support as made_up;
use ui_support::window::{assert_commands, click, commands, drop_files, is_shown, press, wait_for, window, window_of};

fn debug(commands: &[Command]) -> String {
    format!("{commands:?}")
}

#[test]
fn tabs_and_keys_change_the_screen() {
    let mut harness = window(made_up::empty(Screen::Enroll));
    click(&mut harness, "Search");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Search))]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num6);
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Settings))]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    assert_commands!(harness, []);
}

#[test]
fn what_is_dropped_is_enrolled_or_searched_as_the_screen_says() {
    let mut harness = window(made_up::empty(Screen::Enroll));
    click(&mut harness, "Subjects from folder names");
    drop_files(&mut harness, &["/photos/a", "/photos/b.jpg"]);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::Start { sources, subjects_from_folders: true })]
        if sources == &[PathBuf::from("/photos/a"), PathBuf::from("/photos/b.jpg")]);
    harness.state_mut().state.screen = Screen::Search;
    drop_files(&mut harness, &["/photos/b.jpg"]);
    assert_commands!(harness, [Command::Search(SearchCommand::File(path))] if path == Path::new("/photos/b.jpg"));
    harness.state_mut().state.screen = Screen::Settings;
    drop_files(&mut harness, &["/photos/c"]);
    assert_commands!(
        harness,
        [Command::Enroll(EnrollCommand::Start { .. }), Command::Window(WindowCommand::ShowScreen(Screen::Enroll))]
    );
}

#[test]
fn pictures_and_paths_are_pasted_but_not_into_a_text_field() {
    let mut harness = window(made_up::empty(Screen::Search));
    harness.event(Event::Paste("file:///photos/my%20cat.jpg".to_owned()));
    assert_commands!(harness, [Command::Search(SearchCommand::File(path))] if path == Path::new("/photos/my cat.jpg"));
    harness.event(Event::Paste("not a path".to_owned()));
    assert_commands!(harness, []);
    assert!(harness.query_by_label_contains("not the path of a photo").is_some());
    let image = egui::ColorImage::filled([4, 3], egui::Color32::from_rgb(1, 2, 3));
    harness.event(Event::PasteImage(Arc::new(image)));
    let searched = wait_for(&mut harness, |command| matches!(command, Command::Search(SearchCommand::Image(_))));
    let Command::Search(SearchCommand::Image(image)) = searched else { unreachable!() };
    assert_eq!((image.dimensions(), image.get_pixel(3, 2).0), ((4, 3), [1, 2, 3]));

    let mut harness = window(made_up::detail("", [200.0, 80.0, 400.0, 330.0], Load::Nothing));
    harness.get_by_label("Subject").focus();
    harness.run_ok();
    harness.event(Event::Paste("/tmp/name".to_owned()));
    assert_commands!(harness, []);
}

#[test]
fn file_dialogs_answer_as_commands_and_their_failure_is_told() {
    let picker = Arc::new(|kind: DialogKind| match kind {
        DialogKind::EnrollFolders => Ok(vec![PathBuf::from("/photos")]),
        DialogKind::EnrollPhotos => Ok(Vec::new()),
        _ => panic!("no portal"),
    });
    let memory = UiMemory::default().with_picker(picker);
    let mut harness = window_of(made_up::empty(Screen::Enroll), memory, [1280.0, 800.0]);
    click(&mut harness, "Add folders\u{2026}");
    let command = wait_for(&mut harness, |command| matches!(command, Command::Enroll(EnrollCommand::Start { .. })));
    assert!(
        matches!(command, Command::Enroll(EnrollCommand::Start { sources, subjects_from_folders: false }) if sources == ["/photos"].map(PathBuf::from))
    );
    harness.state_mut().state.screen = Screen::Search;
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::O);
    for _ in 0..100 {
        harness.step();
        if harness.query_by_label_contains("no portal").is_some() {
            click(&mut harness, "Dismiss error");
            assert!(harness.query_by_label_contains("no portal").is_none());
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the failed dialog was not told");
}

#[test]
fn jobs_are_paused_resumed_cancelled_and_dismissed() {
    let mut state = made_up::empty(Screen::Enroll);
    state.jobs = vec![
        made_up::job(1, "Enroll A", JobState::Running),
        made_up::job(2, "Enroll B", JobState::Paused),
        made_up::job(3, "Enroll C", JobState::Completed),
        made_up::job(4, "Enroll D", JobState::Failed("The disk is full.".into())),
        made_up::job(5, "Enroll E", JobState::Cancelling),
    ];
    let mut harness = window(state);
    for (label, expected) in [
        ("Pause Enroll A", Command::Jobs(JobsCommand::Pause(JobId(1)))),
        ("Cancel Enroll A", Command::Jobs(JobsCommand::Cancel(JobId(1)))),
        ("Resume Enroll B", Command::Jobs(JobsCommand::Resume(JobId(2)))),
        ("Dismiss Enroll C", Command::Jobs(JobsCommand::Dismiss(JobId(3)))),
        ("Dismiss Enroll D", Command::Jobs(JobsCommand::Dismiss(JobId(4)))),
    ] {
        click(&mut harness, label);
        let got = commands(&mut harness);
        assert_eq!(debug(&got), debug(&[expected]), "{label}");
    }
    for text in ["1,204 of 3,000 photos", "1 min 39 s left", "The disk is full.", "Cancelling"] {
        assert!(harness.query_all_by_label_contains(text).next().is_some(), "{text} is not shown");
    }
    assert!(harness.query_by_label("Pause Enroll E").is_none());
}

#[test]
fn space_pauses_the_running_job_unless_a_control_has_the_focus() {
    let mut state = made_up::empty(Screen::Enroll);
    state.jobs = vec![made_up::job(1, "Enroll A", JobState::Running)];
    let mut harness = window(state);
    press(&mut harness, Key::Space);
    assert_commands!(harness, [Command::Jobs(JobsCommand::Pause(JobId(1)))]);
    harness.get_by_label("Subjects from folder names").focus();
    harness.run_ok();
    press(&mut harness, Key::Space);
    assert_commands!(harness, []);
}

#[test]
fn of_a_million_faces_only_those_in_view_are_laid_out_and_asked_for() {
    let mut harness = window_of(made_up::gallery(1_000_000, 0), UiMemory::default(), [1280.0, 800.0]);
    harness.step();
    let requests = std::mem::take(&mut harness.state_mut().commands);
    let [Command::Window(WindowCommand::RequestCrops(wanted))] = requests.as_slice() else {
        panic!("got {}", debug(&requests))
    };
    assert!((40..120).contains(&wanted.len()), "{} crops were asked for", wanted.len());
    assert_eq!(wanted[0], FaceId(1_000_000), "the newest comes first");
    assert!(wanted.iter().all(|face| face.0 > 1_000_000 - 120));

    // At the far end the rows still stand where they belong, to the pixel.
    press(&mut harness, Key::End);
    harness.state_mut().commands.clear();
    harness.step();
    let far = std::mem::take(&mut harness.state_mut().commands);
    let [Command::Window(WindowCommand::RequestCrops(wanted))] = far.as_slice() else { panic!("got {}", debug(&far)) };
    assert!((40..120).contains(&wanted.len()) && wanted.iter().all(|face| face.0 < 121), "{wanted:?}");
    let oldest = harness.get_by_label("Face 1, 1,000,000 of 1,000,000").rect();
    assert!(oldest.bottom() <= 792.0 && oldest.bottom() > 740.0, "{oldest:?}");

    let begun = std::time::Instant::now();
    harness.run_steps(20);
    let frame = begun.elapsed() / 20;
    assert!(frame.as_millis() < 100, "a frame of a million faces took {frame:?}");
}

#[test]
fn crops_on_their_way_are_not_asked_for_again() {
    let mut state = made_up::gallery(30, 0);
    for face in state.faces.clone() {
        state.crops.request(face);
    }
    let mut harness = window(state);
    harness.step();
    assert!(harness.state().commands.is_empty(), "{:?}", harness.state().commands);
}

#[test]
fn faces_are_opened_by_click_and_by_keys() {
    let mut harness = window(made_up::gallery(300, 300));
    click(&mut harness, "Face 298, 3 of 300");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(298))))]);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(297))))]);
    press(&mut harness, Key::Home);
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(300))))]);
    press(&mut harness, Key::End);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(1))))]);
}

#[test]
fn an_open_face_is_named_searched_shown_and_closed() {
    let mut harness = window(made_up::detail("/nowhere/a.jpg", [200.0, 80.0, 400.0, 330.0], Load::Nothing));
    click(&mut harness, "Search this face");
    assert_commands!(
        harness,
        [
            Command::Search(SearchCommand::Face(FaceId(2_400))),
            Command::Window(WindowCommand::ShowScreen(Screen::Search))
        ]
    );
    click(&mut harness, "Show in folder");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowInFolder(path))] if path == Path::new("/nowhere/a.jpg"));
    click(&mut harness, "Remove name");
    assert_commands!(harness, [Command::People(PeopleCommand::Name { faces, who: Naming::Nobody })] if faces == &[FaceId(2_400)]);
    harness.get_by_label("Subject").focus();
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("  Ana 3 ".to_owned()));
    harness.run_ok();
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::Name(name), .. })] if name == "Ana 3");
    click(&mut harness, "Save name");
    assert_commands!(harness, [Command::People(PeopleCommand::Name { who: Naming::Name(name), .. })] if name == "Ana 3");
    press(&mut harness, Key::ArrowRight);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(2_399))))]);
    press(&mut harness, Key::Escape);
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SelectFace(None))]);
    for part in ["Overall 0.74", "Size 0.90", "Sharpness 0.62", "Pose 0.47", "Exposure 0.81", "Detector 1.00"] {
        assert!(harness.query_by_label(part).is_some(), "{part} is not shown");
    }
}

#[test]
fn detector_parameters_are_tried_and_kept() {
    let state = made_up::detail("", [200.0, 80.0, 400.0, 330.0], Load::Ready(made_up::trial()));
    let mut harness = window_of(state, UiMemory::default(), [1280.0, 2000.0]);
    harness.get_by_label("Smallest face").set_value_accesskit(25.0);
    harness.run_ok();
    click(&mut harness, "Try on this photo");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::TryDetector(params))]
        if *params == DetectorParams { min_face_size: 25.0, ..DetectorParams::default() });
    click(&mut harness, "Use for later enrollments");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SetDetectorParams(params))] if params.min_face_size == 25.0);
    assert!(harness.query_by_label("1 face in 184 ms").is_some());
    click(&mut harness, "P-Net boxes");
    assert!(harness.get_by_label("P-Net boxes").accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
    harness.state_mut().state.detail.as_mut().unwrap().trial = Load::Failed("P-Net broke".into());
    harness.run_ok();
    assert!(harness.query_by_label_contains("P-Net broke").is_some());
}

#[test]
fn issues_are_retried_shown_and_copied() {
    let mut state = made_up::gallery(5, 5);
    state.issues = made_up::issues();
    let mut harness = window(state);
    click(&mut harness, "Issues  4");
    click(&mut harness, "Retry notes.jpg");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::RetryIssues(paths))] if paths == &[PathBuf::from("/home/ana/Pictures/notes.jpg")]);
    click(&mut harness, "Retry all");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::RetryIssues(paths))] if paths.len() == 4);
    click(&mut harness, "Show empty.png in folder");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowInFolder(path))] if path == Path::new("/home/ana/Pictures/empty.png"));
    harness.get_by_label("Copy notes.jpg and its reason").click();
    let mut copied = None;
    for _ in 0..6 {
        harness.step();
        for command in &harness.output().platform_output.commands {
            if let egui::OutputCommand::CopyText(text) = command {
                copied = Some(text.clone());
            }
        }
    }
    assert_eq!(copied.as_deref(), Some("/home/ana/Pictures/notes.jpg\tThis is no picture: the file holds text."));
}

fn two_faces() -> Vec<likeness::app::FaceView> {
    vec![
        made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, Some(made_up::drawn_crop(1))),
        made_up::face(None, [450.0, 100.0, 540.0, 220.0], None, Some(made_up::drawn_crop(2))),
    ]
}

#[test]
fn a_probe_face_is_chosen_by_click_or_number() {
    let mut harness = window(made_up::search("", two_faces(), 5));
    click(&mut harness, "Face 2 of 2");
    assert_commands!(harness, [Command::Search(SearchCommand::ChooseFace(1))]);
    click(&mut harness, "Face 2 of 2 on the photo");
    assert_commands!(harness, [Command::Search(SearchCommand::ChooseFace(1))]);
    press(&mut harness, Key::Num2);
    assert_commands!(harness, [Command::Search(SearchCommand::ChooseFace(1))]);
    press(&mut harness, Key::Num1);
    press(&mut harness, Key::Num3);
    assert_commands!(harness, []);
    click(&mut harness, "Clear");
    assert_commands!(harness, [Command::Search(SearchCommand::Clear)]);
}

#[test]
fn a_probe_that_was_read_in_part_says_so() {
    assert!(!is_shown(&window(made_up::search("", two_faces(), 5)), "Read in part"));
    let mut state = made_up::search("", two_faces(), 5);
    if let Load::Ready(photo) = &mut state.search.probe {
        photo.partly_read = Some("page 1 of 2 was read".into());
    }
    assert!(is_shown(&window(state), "Read in part: page 1 of 2 was read"));
}

#[test]
fn threshold_and_k_take_effect_at_once() {
    let mut harness = window(made_up::search("", two_faces(), 5));
    harness.get_by_label("Threshold").set_value_accesskit(0.45);
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.45).abs() < 1e-6);
    harness.get_by_label("Number of candidates").set_value_accesskit(50.0);
    assert_commands!(harness, [Command::Search(SearchCommand::SetK(50))]);
    click(&mut harness, "Use the model\u{2019}s 0.900");
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.9).abs() < 1e-6);
}

#[test]
fn candidates_are_walked_and_compared_by_keys() {
    let mut harness = window(made_up::search("", two_faces(), 24));
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(1)))]);
    click(&mut harness, "Compare candidate 4");
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(3)))]);
    click(&mut harness, "Search the face of candidate 2");
    assert_commands!(harness, [Command::Search(SearchCommand::Face(FaceId(2_399)))]);

    let photo = made_up::photo("", vec![made_up::face(Some(2_397), [100.0, 80.0, 300.0, 330.0], None, None)]);
    harness.state_mut().state.search.compare = Some((3, Load::Ready(photo)));
    harness.run_ok();
    press(&mut harness, Key::ArrowRight);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(4)))]);
    press(&mut harness, Key::ArrowLeft);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(2)))]);
    click(&mut harness, "Next candidate");
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(Some(4)))]);
    click(&mut harness, "Open in Enroll");
    assert_commands!(
        harness,
        [
            Command::Enroll(EnrollCommand::SelectFace(Some(FaceId(2_397)))),
            Command::Window(WindowCommand::ShowScreen(Screen::Enroll))
        ]
    );
    assert!(harness.query_by_label_contains("no proof").is_some());
    assert!(harness.query_by_label("Reaches the threshold of 0.600").is_some());
    press(&mut harness, Key::Escape);
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(None))]);
}

#[test]
fn zooming_one_photo_of_a_comparison_zooms_both() {
    let mut state = made_up::search("", two_faces(), 3);
    let photo = made_up::photo("", vec![made_up::face(Some(2_400), [100.0, 80.0, 300.0, 330.0], None, None)]);
    state.search.compare = Some((0, Load::Ready(photo)));
    let mut harness = window(state);
    assert!(harness.query_by_label("Reset view of the probe").is_none());
    click(&mut harness, "Zoom in on the candidate");
    assert!(harness.query_by_label("Reset view of the probe").is_some());
    click(&mut harness, "Reset view of the probe");
    assert!(harness.query_by_label("Reset view of the candidate").is_none());
}

#[test]
fn a_candidate_that_left_the_list_is_no_dead_end() {
    let mut state = made_up::search("", two_faces(), 3);
    state.search.compare = Some((7, Load::Loading));
    let mut harness = window(state);
    click(&mut harness, "Back to the candidates");
    assert_commands!(harness, [Command::Search(SearchCommand::Compare(None))]);
}

#[test]
fn empty_states_say_what_to_do() {
    let mut harness = window(made_up::empty(Screen::Search));
    click(&mut harness, "Go to Enroll");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Enroll))]);
    let mut harness = window(made_up::search("", two_faces(), 0));
    click(&mut harness, "Lower the threshold to 0.550");
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.55).abs() < 1e-6);
    let mut state = made_up::search("", Vec::new(), 0);
    state.search.candidates = Load::Nothing;
    let harness = window(state);
    assert!(harness.query_by_label("No face was found on this photo").is_some());
}

#[test]
fn settings_change_theme_text_model_and_detector() {
    let mut state = made_up::empty(Screen::Settings);
    state.settings.detector.min_face_size = 30.0;
    let mut harness = window(state);
    click(&mut harness, "Dark");
    assert_commands!(harness, [Command::Settings(SettingsCommand::SetTheme(ThemeChoice::Dark))]);
    harness.get_by_label("Text size").set_value_accesskit(150.0);
    assert_commands!(harness, [Command::Settings(SettingsCommand::SetTextScale(scale))] if (scale - 1.5).abs() < 1e-6);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
    assert_commands!(harness, [Command::Settings(SettingsCommand::SetTextScale(scale))] if (scale - 1.1).abs() < 1e-6);
    click(&mut harness, "Show all models");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowScreen(Screen::Models))]);
    click(&mut harness, "Restore the usual values");
    assert_commands!(harness, [Command::Enroll(EnrollCommand::SetDetectorParams(params))] if *params == DetectorParams::default());
    click(&mut harness, "Show data folder");
    assert_commands!(harness, [Command::Window(WindowCommand::ShowInFolder(path))] if path.ends_with("gallery"));
}

#[test]
fn shortcuts_are_listed_and_the_list_closes() {
    let mut harness = window(made_up::empty(Screen::Enroll));
    press(&mut harness, Key::F1);
    assert!(harness.query_all_by_label("Keyboard shortcuts").count() > 1);
    assert!(harness.query_by_label("Pause or resume the running job").is_some());
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Pause or resume the running job").is_none());
    assert_commands!(harness, []);
}

#[test]
fn notices_are_taken_away() {
    let mut state = made_up::empty(Screen::Enroll);
    state.notices = made_up::notices();
    let mut harness = window(state);
    click(&mut harness, "Dismiss error");
    assert_commands!(harness, [Command::Window(WindowCommand::DismissNotice(1))]);
}

#[test]
fn settings_reach_the_window() {
    let ctx = egui::Context::default();
    let mut settings = likeness::app::Settings { text_scale: 1.5, theme: ThemeChoice::Light, ..Default::default() };
    install_theme(&ctx);
    likeness::ui::apply_settings(&ctx, &settings);
    ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
    assert_eq!((ctx.zoom_factor(), ctx.theme()), (1.5, egui::Theme::Light));
    settings.theme = ThemeChoice::Dark;
    settings.text_scale = f32::NAN;
    likeness::ui::apply_settings(&ctx, &settings);
    ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
    assert_eq!((ctx.zoom_factor(), ctx.theme()), (1.0, egui::Theme::Dark));
}

#[test]
fn the_status_bar_tells_where_the_gallery_stands() {
    let mut harness = window(made_up::gallery(3, 3));
    for text in ["48,210 photos", "112,903 faces", "3,554 subjects", "Index 17", "CPU, 2 cores, AVX-512", "812 MB"] {
        assert!(harness.query_by_label(text).is_some(), "{text} is not shown");
    }
    harness.state_mut().state.status.starting = true;
    harness.run_ok();
    assert!(is_shown(&harness, "Loading models and index"));
}

#[test]
fn every_control_has_a_name_in_small_windows_too() {
    // The harness checks names whenever it has settled; panics are what would show here.
    for state in [
        made_up::gallery(50, 10),
        made_up::detail("", [200.0, 80.0, 400.0, 330.0], Load::Ready(made_up::trial())),
        made_up::search("", two_faces(), 12),
        made_up::empty(Screen::Models),
        made_up::empty(Screen::Settings),
    ] {
        for size in [[760.0, 480.0], [1920.0, 1080.0]] {
            let mut state = AppState {
                screen: state.screen,
                status: state.status.clone(),
                faces: state.faces.clone(),
                detail: state.detail.clone(),
                search: state.search.clone(),
                models: state.models.clone(),
                ..AppState::default()
            };
            state.issues = made_up::issues();
            let harness = window_of(state, UiMemory::default(), size);
            harness.check_accessibility();
        }
    }
}

#[test]
fn a_threshold_between_two_steps_stays_until_it_is_moved() {
    let mut state = made_up::search("", vec![made_up::face(None, [200.0, 80.0, 400.0, 330.0], None, None)], 3);
    state.search.threshold = 0.90715;
    let mut harness = window(state);
    assert_commands!(harness, []);
    harness.get_by_label("Threshold").set_value_accesskit(0.5);
    assert_commands!(harness, [Command::Search(SearchCommand::SetThreshold(threshold))] if (threshold - 0.5).abs() < 1e-6);
}
