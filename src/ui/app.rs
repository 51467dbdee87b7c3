use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::ViewportBuilder;

use super::frame_meter::{FRAME_LOG_VARIABLE, FrameMeter, FrameReport};
use super::memory::{Preferences, UiMemory};
use super::{root_ui, theme};
use crate::app::{AppState, Closing, Command, ProgramCommand, Shell};
use crate::say;

/// What the window needs of the program behind it.
pub trait Driver {
    /// Takes in results of jobs and acts on commands, for at most `budget`. True where the state has changed or more
    /// is waiting.
    fn pump(&mut self, budget: Duration) -> bool;
    fn state(&self) -> &AppState;
    /// Must return at once; what takes time becomes a job.
    fn dispatch(&mut self, command: Command);
}

impl Driver for Shell {
    fn pump(&mut self, budget: Duration) -> bool {
        self.pump(budget)
    }

    fn state(&self) -> &AppState {
        self.state()
    }

    fn dispatch(&mut self, command: Command) {
        self.dispatch(command);
    }
}

/// Of a frame's 16 ms, this much may go into taking in results.
const PUMP_BUDGET: Duration = Duration::from_millis(4);
const PREFERENCES_KEY: &str = concat!("likeness", " window");

/// The window: pumps the driver, draws its state, dispatches what the person asked for.
pub struct App<D: Driver> {
    driver: D,
    memory: UiMemory,
    commands: Vec<Command>,
    frames: FrameMeter,
    logic: FrameMeter,
    ui: FrameMeter,
    logic_time: Duration,
}

impl<D: Driver> App<D> {
    /// Call from the creator that eframe is given.
    pub fn new(cc: &eframe::CreationContext<'_>, driver: D) -> Self {
        theme::install(&cc.egui_ctx);
        theme::apply(&cc.egui_ctx, &driver.state().settings);
        let mut memory = UiMemory::default();
        if let Some(preferences) = cc.storage.and_then(|s| eframe::get_value::<Preferences>(s, PREFERENCES_KEY)) {
            memory.set_preferences(&preferences);
        }
        Self {
            driver,
            memory,
            commands: Vec::new(),
            frames: FrameMeter::default(),
            logic: FrameMeter::default(),
            ui: FrameMeter::default(),
            logic_time: Duration::ZERO,
        }
    }

    /// The window stays, and paints, until what is under way is finished.
    fn close_when_finished(&mut self, ctx: &egui::Context) {
        let is_done = self.driver.state().closing == Some(Closing::Done);
        let is_asked = ctx.input(|input| input.viewport().close_requested());
        match (is_done, is_asked) {
            (true, false) => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            (false, true) => {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
                self.driver.dispatch(Command::Program(ProgramCommand::Close));
                ctx.request_repaint();
            }
            _ => {}
        }
    }

    pub fn frame_report(&self) -> FrameReport {
        FrameReport { frame: self.frames.statistics(), logic: self.logic.statistics(), ui: self.ui.statistics() }
    }
}

impl<D: Driver> eframe::App for App<D> {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let begun = Instant::now();
        self.close_when_finished(ctx);
        if self.driver.pump(PUMP_BUDGET) {
            ctx.request_repaint();
        }
        theme::apply(ctx, &self.driver.state().settings);
        self.logic_time = begun.elapsed();
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        // What eframe reports is the frame before: logic, building, tessellating and painting, without the wait for
        // the screen.
        if let Some(secs) = frame.info().cpu_usage
            && ui.ctx().current_pass_index() == 0
        {
            self.frames.record(Duration::from_secs_f32(secs.max(0.0)));
        }
        let begun = Instant::now();
        root_ui(ui, self.driver.state(), &mut self.memory, &mut self.commands);
        for command in self.commands.drain(..) {
            self.driver.dispatch(command);
            ui.ctx().request_repaint();
        }
        self.logic.record(std::mem::take(&mut self.logic_time));
        self.ui.record(begun.elapsed());
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, PREFERENCES_KEY, &self.memory.preferences());
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let Some(path) = std::env::var_os(FRAME_LOG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from) else {
            return;
        };
        if let Err(error) = self.frame_report().write(&path) {
            log::error!("the frame times could not be written to {}: {error}", path.display());
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        theme::palette_of(visuals.dark_mode).ground.to_normalized_gamma_f32()
    }
}

/// The window's title, size and memory of its place.
pub fn native_options() -> eframe::NativeOptions {
    eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id("likeness")
            .with_title(say!("likeness"))
            .with_icon(super::icon::icon())
            .with_inner_size([1280.0, 820.0])
            .with_min_inner_size([760.0, 480.0])
            .with_drag_and_drop(true),
        persist_window: true,
        ..eframe::NativeOptions::default()
    }
}
