//! How long a person waits at the sizes that the program is made for. Not a test: prints figures.
//!
//! ```text
//! cargo run --example fill_gallery -- DATA_DIR 1000000
//! LIKENESS_MEASURE_DATA=DATA_DIR cargo test --test measure_window -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, RawInput, Rect, pos2, vec2};
use likeness::app::{Naming, PeopleCommand, Screen, Shell, WindowCommand};
use likeness::ui::{UiMemory, install_theme, root_ui};

/// A window without a display: the shell, and frames that are laid out and tessellated.
struct Window {
    shell: Shell,
    ctx: Context,
    memory: UiMemory,
    longest: Duration,
}

impl Window {
    fn open(data: &Path, config: &Path) -> Self {
        let ctx = Context::default();
        install_theme(&ctx);
        let shell = Shell::start_with(Some(data.to_path_buf()), Some(config.to_path_buf()), Arc::new(|| {})).unwrap();
        Self { shell, ctx, memory: UiMemory::default(), longest: Duration::ZERO }
    }

    fn frame(&mut self) {
        let begun = Instant::now();
        self.shell.pump(Duration::from_millis(4));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0))),
            max_texture_side: Some(8192),
            ..RawInput::default()
        };
        let mut commands = Vec::new();
        let mut output = self.ctx.run_ui(input, |ui| root_ui(ui, self.shell.state(), &mut self.memory, &mut commands));
        output.textures_delta.clear();
        let _ = self.ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        for command in commands {
            self.shell.dispatch(command);
        }
        self.longest = self.longest.max(begun.elapsed());
    }

    /// Frames at 60 Hz until `done`, which the last of them has drawn.
    fn until(&mut self, done: impl Fn(&Shell) -> bool) -> Duration {
        let begun = Instant::now();
        self.longest = Duration::ZERO;
        loop {
            let is_done = done(&self.shell);
            self.frame();
            if is_done {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < Duration::from_secs(600), "waited in vain; {:?}", self.shell.state().notices);
            std::thread::sleep(Duration::from_millis(16).saturating_sub(self.longest));
        }
    }
}

#[test]
#[ignore = "prints figures of a gallery that is filled by hand"]
fn from_the_start_to_a_usable_frame_and_from_undo_to_the_screen() {
    let Some(data) = std::env::var_os("LIKENESS_MEASURE_DATA").map(PathBuf::from) else {
        println!("skipped: LIKENESS_MEASURE_DATA names no gallery");
        return;
    };
    let config = tempfile::tempdir().unwrap();
    let mut window = Window::open(&data, config.path());
    let usable = window.until(|shell| !shell.state().status.starting && !shell.state().faces.is_empty());
    let faces = window.shell.state().faces.clone();
    println!(
        "{} faces: usable after {:.2} s; longest frame {:.0} ms",
        faces.len(),
        usable.as_secs_f64(),
        window.longest.as_secs_f64() * 1e3
    );
    window.shell.dispatch(WindowCommand::ShowScreen(Screen::Enroll));
    for many in [1, 1_000, 100_000.min(faces.len())] {
        let named = faces[..many].to_vec();
        let name = format!("Ada {many}");
        window.shell.dispatch(PeopleCommand::Name { faces: named, who: Naming::New(name.clone()) });
        let is_there = |shell: &Shell| shell.state().subjects.iter().any(|person| person.name == name);
        let named = window.until(|shell| is_there(shell) && shell.state().record.undo.is_some());
        window.shell.dispatch(PeopleCommand::Undo(None));
        let undone = window.until(|shell| !is_there(shell) && shell.state().record.redo.is_some());
        println!(
            "{many} faces named: {:.3} s to the screen; undone: {:.3} s, longest frame {:.0} ms",
            named.as_secs_f64(),
            undone.as_secs_f64(),
            window.longest.as_secs_f64() * 1e3
        );
    }
    window.until(|shell| shell.state().jobs.iter().all(|job| job.state.is_ended()));
}
