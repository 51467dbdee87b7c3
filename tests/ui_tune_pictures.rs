//! Draws every part of the Tune screen without a display. With `LIKENESS_UI_PICTURES` the pictures are kept in that
//! folder.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::PathBuf;

use likeness::app::{AppState, Load, Screen};
use likeness::ui::{TuneTab, UiMemory, render_with_memory};
use ui_support as made_up;
use ui_support::tune;

fn cases() -> Vec<(&'static str, TuneTab, AppState)> {
    let mut failed = tune::ready("IVF2048,PQ64,Refine(f16)");
    failed.tune.autotune =
        Load::Failed("The nearest point misses it by 0.0042 of recall; ask for 7 ms or 0.985.".into());
    failed.tune.live.problem = Some("The vectors have 128 dimensions, the gallery's 512: probes.npy".into());
    vec![
        ("nothing", TuneTab::Live, made_up::empty(Screen::Tune)),
        ("live-flat", TuneTab::Live, tune::ready("Flat")),
        ("live", TuneTab::Live, tune::measured()),
        ("live-failed", TuneTab::Live, failed.clone_for_picture()),
        ("sweep-empty", TuneTab::Sweep, tune::ready("IVF2048,PQ64,Refine(f16)")),
        ("sweep", TuneTab::Sweep, tune::measured()),
        ("sweep-running", TuneTab::Sweep, tune::sweeping()),
        ("sweep-compared", TuneTab::Sweep, tune::measured()),
        ("sweep-apply", TuneTab::Sweep, tune::measured()),
        ("autotune-empty", TuneTab::Autotune, tune::ready("IVF2048,PQ64,Refine(f16)")),
        ("autotune-failed", TuneTab::Autotune, failed),
        ("autotune", TuneTab::Autotune, tune::measured()),
        ("people-empty", TuneTab::People, tune::ready("Flat")),
        ("people", TuneTab::People, tune::measured()),
        ("index", TuneTab::Index, tune::measured()),
    ]
}

trait ForPicture {
    fn clone_for_picture(&self) -> AppState;
}

impl ForPicture for AppState {
    fn clone_for_picture(&self) -> AppState {
        AppState {
            screen: self.screen,
            status: self.status.clone(),
            models: self.models.clone(),
            tune: self.tune.clone(),
            ..AppState::default()
        }
    }
}

#[test]
fn every_part_can_be_drawn_in_both_themes_and_in_small_windows() {
    let folder = std::env::var_os("LIKENESS_UI_PICTURES").map(PathBuf::from);
    for (name, tab, state) in cases() {
        for size in [[1280, 800], [1000, 700]] {
            let mut means = Vec::new();
            for dark in [false, true] {
                let mut memory = UiMemory::offscreen();
                memory.show_tune(tab);
                match name {
                    "sweep-compared" => memory.compare_points(tune::run().points[9..12].to_vec()),
                    "sweep-apply" => memory.ask_to_apply(tune::run().points[12].clone()),
                    _ => {}
                }
                let picture = render_with_memory(&state, &mut memory, size, 1.0, dark);
                assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "{name}: the window has holes");
                let sum: u64 = picture.pixels().map(|pixel| u64::from(pixel.0[1])).sum();
                means.push(sum / u64::from(size[0] * size[1]));
                if let Some(folder) = &folder {
                    std::fs::create_dir_all(folder).unwrap();
                    let theme = if dark { "dark" } else { "light" };
                    picture.save(folder.join(format!("{name}-{}-{theme}.png", size[0]))).unwrap();
                }
            }
            assert!(means[0] > means[1] + 50, "{name}: light {} and dark {} look alike", means[0], means[1]);
        }
    }
}
