//! Draws every screen without a display. With `LIKENESS_UI_PICTURES` the pictures are kept in that folder.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::PathBuf;

use likeness::app::{AppState, JobState, Load, Screen};
use likeness::types::{Language, Settings};
use likeness::ui::{UiMemory, render_picture, render_with_memory};
use ui_support as made_up;

fn sample(name: &str) -> String {
    directories::ProjectDirs::from("", "", "likeness")
        .map(|dirs| dirs.data_dir().join("assets/samples").join(name).display().to_string())
        .unwrap_or_default()
}

fn busy() -> AppState {
    let mut state = made_up::gallery(112_903, 400);
    state.jobs = vec![
        made_up::job(1, "Enroll Holiday 2019", JobState::Completed),
        made_up::job(2, "Enroll The complete archive of the Bergkirchen municipal press office", JobState::Running),
        made_up::job(3, "Enroll Scans", JobState::Paused),
        made_up::job(4, "Enroll USB stick", JobState::Failed("The folder /media/usb is no longer there.".into())),
    ];
    state.jobs[1].issues = 0;
    state.jobs.push({
        let mut job = made_up::job(5, "Enroll Downloads", JobState::Running);
        job.total = None;
        job.secs_left = None;
        job.stage = "Looking for photos".into();
        job
    });
    state.issues = made_up::issues();
    state.notices = made_up::notices();
    state
}

fn states() -> Vec<(&'static str, AppState)> {
    let obama = sample("obama.jpg");
    let bbox = [350.0, 110.0, 560.0, 390.0];
    let faces = || {
        let crops = made_up::crops(3);
        vec![
            made_up::face(None, bbox, None, Some(crops[0].clone())),
            made_up::face(None, [60.0, 200.0, 160.0, 320.0], None, Some(crops[1].clone())),
        ]
    };
    let compared = |photo| {
        let mut state = made_up::search(&obama, faces(), 24);
        state.search.compare = Some((0, photo));
        state
    };
    let candidate = made_up::photo(
        &sample("obama2.jpg"),
        vec![made_up::face(Some(2_400), [280.0, 120.0, 520.0, 430.0], None, None)],
    );
    let mut starting = made_up::empty(Screen::Enroll);
    starting.status.starting = true;
    let mut settings = busy();
    settings.screen = Screen::Settings;
    settings.notices.clear();
    let mut no_face = made_up::search(&obama, Vec::new(), 0);
    no_face.search.candidates = Load::Nothing;
    let mut large = made_up::search(&obama, faces(), 24);
    large.settings.text_scale = 1.5;
    vec![
        ("enroll-empty", made_up::empty(Screen::Enroll)),
        ("enroll-starting", starting),
        ("enroll-busy", busy()),
        ("detail", made_up::detail(&obama, bbox, Load::Nothing)),
        ("detail-trial", made_up::detail(&obama, bbox, Load::Ready(made_up::trial()))),
        ("search-nothing-enrolled", made_up::empty(Screen::Search)),
        ("search-empty", {
            let mut s = made_up::gallery(10, 10);
            s.screen = Screen::Search;
            s
        }),
        ("search", made_up::search(&obama, faces(), 24)),
        ("search-large-text", large),
        ("search-no-face", no_face),
        ("search-no-candidate", made_up::search(&obama, faces(), 0)),
        ("compare", compared(Load::Ready(candidate))),
        ("compare-failed", compared(Load::Failed("The file /a.jpg is no longer there.".into()))),
        ("settings", settings),
    ]
}

#[test]
fn every_screen_can_be_drawn_in_both_themes() {
    for (name, state) in states() {
        let mut means = Vec::new();
        for dark in [false, true] {
            let begun = std::time::Instant::now();
            let picture = render_picture(&state, [1280, 820], 1.0, dark);
            println!("{name} {} {:?}", if dark { "dark" } else { "light" }, begun.elapsed());
            assert_eq!(picture.dimensions(), (1280, 820));
            assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "{name}: the window has holes");
            let mut colours: Vec<[u8; 4]> = picture.pixels().map(|pixel| pixel.0).collect();
            let sum: u64 = colours.iter().map(|c| u64::from(c[1])).sum();
            means.push(sum / colours.len() as u64);
            colours.sort_unstable();
            colours.dedup();
            assert!(colours.len() > 100, "{name}: nothing to see, {} colours", colours.len());
            keep(&picture, &format!("{name}-{}", if dark { "dark" } else { "light" }));
        }
        assert!(means[0] > means[1] + 50, "{name}: light {} and dark {} look alike", means[0], means[1]);
    }
}

/// As wide words and as narrow ones: what a picture looks like is for a person to judge.
#[test]
fn every_screen_can_be_drawn_in_chinese() {
    for (name, mut state) in states() {
        state.settings.language = Some(Language::Chinese);
        let picture = render_picture(&state, [1280, 820], 1.0, name.len() % 2 == 0);
        let english = AppState { settings: Settings { language: Some(Language::English), ..state.settings }, ..state };
        let differs = picture != render_picture(&english, [1280, 820], 1.0, name.len() % 2 == 0);
        assert!(differs, "{name} is the same in both languages");
        keep(&picture, &format!("{name}-zh-CN"));
    }
}

/// Keeps a picture where somebody wants to look at it.
fn keep(picture: &image::RgbaImage, name: &str) {
    if let Some(folder) = std::env::var_os("LIKENESS_UI_PICTURES").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).unwrap();
        picture.save(folder.join(format!("{name}.png"))).unwrap();
    }
}

/// What opens within a screen.
#[test]
fn issues_shortcuts_and_tall_windows_can_be_drawn() {
    let mut issues = UiMemory::offscreen();
    issues.show_issues();
    let mut help = UiMemory::offscreen();
    help.show_help();
    let tall = made_up::detail(&sample("obama.jpg"), [350.0, 110.0, 560.0, 390.0], Load::Ready(made_up::trial()));
    let cases = [
        ("issues", busy(), issues, [1280, 820], 1.0),
        ("help", busy(), help, [1280, 820], 1.0),
        ("detail-tall", tall, UiMemory::offscreen(), [1280, 1500], 1.0),
        ("enroll-fine", busy(), UiMemory::offscreen(), [1920, 1230], 1.5),
        ("enroll-small", busy(), UiMemory::offscreen(), [760, 480], 1.0),
    ];
    for (name, state, mut memory, size, pixels_per_point) in cases {
        let picture = render_with_memory(&state, &mut memory, size, pixels_per_point, name == "help");
        assert_eq!(picture.dimensions(), (size[0], size[1]));
        keep(&picture, name);
        let mut state = state;
        state.settings.language = Some(Language::Chinese);
        keep(&render_with_memory(&state, &mut memory, size, pixels_per_point, false), &format!("{name}-zh-CN"));
    }
}

/// Every screen in every state as people with large text have it; only where somebody wants to look at them.
#[test]
fn every_state_can_be_looked_at_in_both_languages_at_twice_the_size() {
    if std::env::var_os("LIKENESS_UI_PICTURES").is_none() {
        println!("skipped: LIKENESS_UI_PICTURES is not set");
        return;
    }
    let only = std::env::var("LIKENESS_UI_PICTURES_OF").unwrap_or_default();
    for (language, scale, dark) in [
        (Language::English, 1.0, false),
        (Language::Chinese, 1.0, true),
        (Language::English, 2.0, true),
        (Language::Chinese, 2.0, false),
    ] {
        for mut case in made_up::screens::all().into_iter().filter(|case| case.name.contains(&only)) {
            case.state.settings.language = Some(language);
            let picture = render_with_memory(&case.state, &mut case.memory, [1280, 800], scale, dark);
            assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "{}: the window has holes", case.name);
            let name = case.name.replace(' ', "-");
            keep(&picture, &format!("state-{name}-{}-{}", language.tag(), (scale * 100.0) as u32));
        }
    }
}
