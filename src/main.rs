//! The program: arguments, logging, and then the window or one command.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use likeness::app::{EnrollCommand, Screen, SearchCommand, Shell, WindowCommand};
use likeness::cli::{self, Args, Command, ScreenName, ScreenshotArgs};
use likeness::jobs::JobError;
use likeness::tell;
use likeness::types::{Tell, Telling};
use likeness::ui;

fn main() -> ExitCode {
    // First of all: there is one thread, and no file has been made.
    likeness::files::keep_files_private();
    let args = match cli::read_command_line() {
        Ok(args) => args,
        Err(status) => return ExitCode::from(status),
    };
    if args.schema {
        return match cli::print_schema() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => end(true, &error.telling()),
        };
    }
    if matches!(args.command, Some(Command::DecodeApart)) {
        return if likeness::vision::decode::serve_apart().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,winit=error,egui_system_font_provider=error,likeness=info"),
    )
    .format_target(false)
    .init();
    // Photos are worked on side by side, one thread each; more threads for one photo would only get in their way.
    likeness::vision::runtime::set_threads(1);
    log::debug!("{}; {}", likeness::vision::runtime::describe(), likeness::index::describe());
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Cancelled) => {
            cli::tell_error_line(args.json, &JobError::Cancelled.telling(), 130);
            ExitCode::from(130)
        }
        Err(Failure::Told(reason)) => end(args.json, &reason),
    }
}

fn end(json: bool, reason: &Telling) -> ExitCode {
    cli::tell_error(json, reason, 1);
    ExitCode::FAILURE
}

enum Failure {
    Cancelled,
    Told(Telling),
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Cancelled => Self::Cancelled,
            other => Self::Told(other.telling()),
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    // What tries a photo is a process apart already.
    if !matches!(args.command, Some(Command::TryPhoto(_)))
        && let Some(program) = likeness::jobs::own_program()
    {
        likeness::vision::decode::decode_apart_by(program);
    }
    match &args.command {
        None => open_window(args),
        Some(Command::Screenshot(screenshot)) => draw_screen(args, screenshot),
        Some(command) => Ok(cli::run(args, command)?),
    }
}

fn open_window(args: &Args) -> Result<(), Failure> {
    let data_dir = args.data_dir.clone();
    let create = move |cc: &eframe::CreationContext<'_>| {
        close_on_signal(&cc.egui_ctx);
        let ctx = cc.egui_ctx.clone();
        let shell = Shell::start(data_dir, Arc::new(move || ctx.request_repaint()))?;
        Ok(Box::new(ui::App::new(cc, shell)) as Box<dyn eframe::App>)
    };
    eframe::run_native("likeness", ui::native_options(), Box::new(create))
        .map_err(|error| Failure::Told(tell!("cli-no-window", reason = error.to_string())))
}

/// A request to end – Ctrl+C, SIGTERM, SIGHUP, the end of the session – closes the window as its own button does; a second
/// one does not wait.
fn close_on_signal(ctx: &egui::Context) {
    let (ctx, asked) = (ctx.clone(), AtomicBool::new(false));
    let handler = move || {
        if asked.swap(true, Ordering::SeqCst) {
            #[allow(clippy::disallowed_methods, reason = "who asks twice does not want to wait for ends and releases")]
            std::process::exit(130);
        }
        ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        ctx.request_repaint();
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::warn!("signals end the program without closing the window first: {error}");
    }
}

/// Drawings of a screen before its picture, at most: a large window has room for some hundred crops.
const MAX_DRAWINGS: usize = 40;

/// Brings the program to the screen asked for and draws it, without a display.
fn draw_screen(args: &Args, screenshot: &ScreenshotArgs) -> Result<(), Failure> {
    let told = |error: &dyn std::fmt::Display| Failure::Told(error.to_string().into());
    let mut shell = Shell::start(args.data_dir.clone(), Arc::new(|| {})).map_err(|error| told(&error))?;
    settle(&mut shell)?;
    let newest = shell.state().faces.last().copied();
    match screenshot.screen {
        ScreenName::Enroll => shell.dispatch(WindowCommand::ShowScreen(Screen::Enroll)),
        ScreenName::People => shell.dispatch(WindowCommand::ShowScreen(Screen::People)),
        ScreenName::Tune => shell.dispatch(WindowCommand::ShowScreen(Screen::Tune)),
        ScreenName::Models => shell.dispatch(WindowCommand::ShowScreen(Screen::Models)),
        ScreenName::Settings => shell.dispatch(WindowCommand::ShowScreen(Screen::Settings)),
        ScreenName::Detail => {
            shell.dispatch(WindowCommand::ShowScreen(Screen::Enroll));
            shell.dispatch(EnrollCommand::SelectFace(newest));
            let detector = shell.state().settings.detector;
            shell.dispatch(EnrollCommand::TryDetector(detector));
        }
        ScreenName::Search | ScreenName::Compare => {
            shell.dispatch(WindowCommand::ShowScreen(Screen::Search));
            match (&screenshot.probe, newest) {
                (Some(probe), _) => shell.dispatch(SearchCommand::File(probe.clone())),
                (None, Some(face)) => shell.dispatch(SearchCommand::Face(face)),
                (None, None) => {}
            }
        }
    }
    settle(&mut shell)?;
    if screenshot.screen == ScreenName::Compare {
        shell.dispatch(SearchCommand::Compare(Some(0)));
        settle(&mut shell)?;
    }
    // Drawing tells which crops are in view, some at a time; they are then loaded and drawn.
    let mut memory = ui::UiMemory::offscreen();
    let scale = f32::from(screenshot.text_size) / 100.0;
    for _ in 0..MAX_DRAWINGS {
        let mut wanted = Vec::new();
        ui::render_with_commands(shell.state(), &mut memory, screenshot.size, scale, screenshot.dark, &mut wanted);
        if wanted.is_empty() {
            break;
        }
        for command in wanted {
            shell.dispatch(command);
        }
        settle(&mut shell)?;
    }
    let picture = ui::render_picture(shell.state(), screenshot.size, scale, screenshot.dark);
    let out = &screenshot.out;
    let failed =
        |error: &dyn std::fmt::Display| Failure::Told(tell!("jobs-about-path", reason = error.to_string(), path = out));
    let mut bytes = std::io::Cursor::new(Vec::new());
    let format = image::ImageFormat::from_path(out).map_err(|error| failed(&error))?;
    picture.write_to(&mut bytes, format).map_err(|error| failed(&error))?;
    likeness::files::write_export(out, bytes.get_ref()).map_err(|error| failed(&error))?;
    cli::tell_written(args.json, out).map_err(|error| told(&error))
}

/// Pumps until nothing is being loaded any more.
fn settle(shell: &mut Shell) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut quiet = Instant::now();
    while quiet.elapsed() < Duration::from_millis(150) {
        shell.pump(Duration::from_millis(50));
        if !shell.is_idle() {
            quiet = Instant::now();
        }
        if let Some(failure) = &shell.state().start_failed {
            return Err(Failure::Told(failure.reason.clone()));
        }
        if begun.elapsed() > Duration::from_secs(120) {
            return Err(Failure::Told(tell!("cli-screen-not-loaded")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
