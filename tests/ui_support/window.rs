//! The window without a display, driven by label: what a person clicks, types, drops and presses.

#![allow(unused_macros, unused_imports, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Event, Key, Modifiers, Role, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use likeness::app::{AppState, Command, WindowCommand};
use likeness::ui::{UiMemory, install_theme, root_ui};

pub struct World {
    pub state: AppState,
    pub memory: UiMemory,
    /// What was asked for and not looked at yet.
    pub commands: Vec<Command>,
}

pub type Window = Harness<'static, World>;

/// Of most tests: everything of a screen is in it.
pub const SIZE: [f32; 2] = [1280.0, 1800.0];

/// A state that stays as it is, whatever is asked for.
pub fn window_of(state: AppState, memory: UiMemory, size: [f32; 2]) -> Window {
    let frame = |ui: &mut Ui, world: &mut World| root_ui(ui, &world.state, &mut world.memory, &mut world.commands);
    window_drawn_by(frame, World { state, memory, commands: Vec::new() }, size)
}

/// With frames of the test's own.
pub fn window_drawn_by(frame: impl FnMut(&mut Ui, &mut World) + 'static, world: World, size: [f32; 2]) -> Window {
    let context = |ctx: &egui::Context| {
        install_theme(ctx);
    };
    let harness = Harness::builder().with_size(size).with_max_steps(8).with_context_setup(context);
    let mut harness = harness.build_ui_state(frame, world);
    harness.run_ok();
    harness.state_mut().commands.clear();
    harness
}

pub fn window(state: AppState) -> Window {
    window_of(state, UiMemory::default(), SIZE)
}

/// What was asked for since the last call, requests for crops left out.
pub fn commands(harness: &mut Window) -> Vec<Command> {
    harness.run_ok();
    let mut commands = std::mem::take(&mut harness.state_mut().commands);
    commands.retain(|command| !matches!(command, Command::Window(WindowCommand::RequestCrops(_))));
    commands
}

/// Runs the window and compares what was asked for with a pattern, as `matches!` does.
macro_rules! assert_commands {
    ($harness:expr, $pattern:pat $(if $guard:expr)?) => {{
        let got = $crate::ui_support::window::commands(&mut $harness);
        assert!(matches!(got.as_slice(), $pattern $(if $guard)?), "got {got:?}");
    }};
}
pub(crate) use assert_commands;

pub fn click(harness: &mut Window, label: &str) {
    harness.get_by_label(label).click();
    harness.run_ok();
}

pub fn press(harness: &mut Window, key: Key) {
    harness.key_press(key);
    harness.run_ok();
}

/// A key with others held.
pub fn chord(harness: &mut Window, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_ok();
}

pub fn type_text(harness: &mut Window, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run_ok();
}

/// Presses Tab until the control of this name has the keyboard: of the name alone, or one that begins with it and a
/// comma, or an item of a list that has it in its name.
pub fn tab_to(harness: &mut Window, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..200 {
        press(harness, Key::Tab);
        let Some(now) = super::access::focused(harness) else { continue };
        let is_item = now.place.is_some() && now.name.contains(name);
        if is_item || now.name == name || now.name.starts_with(&format!("{name}, ")) {
            return;
        }
        passed.push(now.name);
    }
    panic!("Tab does not come to {name}, but to {passed:?}");
}

/// Puts `text` in the place of what stands in a field.
pub fn replace_text(harness: &mut Window, label: &str, text: &str) {
    harness.get_by_role_and_label(Role::TextInput, label).focus();
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    // What is marked goes, also where nothing comes in its place.
    harness.key_press(Key::Backspace);
    harness.event(Event::Text(text.to_owned()));
    harness.run_ok();
}

pub fn is_shown(harness: &Window, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

pub fn is_disabled(harness: &Window, label: &str) -> bool {
    harness.get_by_label(label).accesskit_node().is_disabled()
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window must not read files".to_owned())
    }
}

pub fn drop_files(harness: &mut Window, paths: &[&str]) {
    for path in paths {
        harness.input_mut().dropped_files.push(Arc::new(Dropped(PathBuf::from(path))));
    }
    harness.step();
}

/// Seconds at most for what a thread of the window does.
pub fn wait_for(harness: &mut Window, what: impl Fn(&Command) -> bool) -> Command {
    for _ in 0..200 {
        harness.step();
        if let Some(at) = harness.state().commands.iter().position(&what) {
            return harness.state_mut().commands.remove(at);
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the command did not come: {:?}", harness.state().commands);
}
