//! The command line: the same engine without a window.

mod args;
mod check;
mod enroll;
mod evaluate;
mod identity;
mod index;
mod models;
mod output;
mod photos;
mod search;
mod status;
mod synth;
mod train;
mod tune;

use std::path::Path;

pub use args::{Args, Command, ScreenName, ScreenshotArgs};
use output::Output;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::jobs::{Engine, JobControl, JobError, Message, Mode, OpenOptions};
use crate::types::DetectorParams;

/// Runs one command to its end. Results go to standard output, everything else to standard error.
///
/// # Errors
/// What ended the whole run; bad photos are listed instead.
pub fn run(args: &Args, command: &Command) -> Result<(), JobError> {
    let output = Output::new(args.json);
    let control = JobControl::default();
    stop_on_signal(&control);
    let context = Context { args, output, control };
    match command {
        Command::Enroll(enroll) => enroll::run(&context, enroll),
        Command::Detect(photos) => photos::detect(&context, photos),
        Command::Embed(photos) => photos::embed(&context, photos),
        Command::Search(search) => search::run(&context, search),
        Command::Status => status::run(&context),
        Command::Check(check) => check::run(&context, check),
        Command::Identity(command) => identity::run(&context, command),
        Command::Models { action } => models::run(&context, action),
        Command::Synth(synth) => synth::run(&context, synth),
        Command::Index { action } => index::run(&context, action),
        Command::Tune(tune) => tune::run(&context, tune),
        Command::Bench { what: args::BenchWhat::Search(bench) } => tune::bench(&context, bench),
        Command::Train(train) => train::run(&context, train),
        Command::Eval { what } => evaluate::run(&context, what),
        Command::TryPhoto(photo) => photos::try_photo(photo),
        // The window's side of the program draws pictures; `main` sends this there.
        Command::Screenshot(_) => Err(JobError::NothingToDo),
    }
}

struct Context<'a> {
    args: &'a Args,
    output: Output,
    control: JobControl,
}

impl Context<'_> {
    fn open(&self, mode: Mode) -> Result<Engine, JobError> {
        let tell = |message| match message {
            Message::Info(text) | Message::Warning(text) => eprintln!("{text}"),
        };
        let engine = Engine::open_with(&OpenOptions {
            data_dir: self.args.data_dir.as_deref(),
            model: self.args.model.as_deref(),
            tell: &tell,
            ..OpenOptions::new(mode)
        })?;
        engine.take_messages().into_iter().for_each(tell);
        Ok(engine)
    }

    /// The detector parameters of the settings, with what the command line says in their place.
    fn detector(&self, engine: &Engine, flags: &args::DetectorArgs) -> Result<DetectorParams, JobError> {
        let set = engine.settings().detector;
        let params = DetectorParams {
            min_face_size: flags.min_face_size.unwrap_or(set.min_face_size),
            scale_factor: flags.scale_factor.unwrap_or(set.scale_factor),
            thresholds: flags.thresholds.unwrap_or(set.thresholds),
            max_image_side: flags.max_image_side.unwrap_or(set.max_image_side),
        };
        params.validate()?;
        Ok(params)
    }
}

/// The first signal stops the job at its next checkpoint, a second one the program. Ctrl-C ends the job: who sits there
/// wants it to end. SIGTERM and SIGHUP come from a system that goes down or a session that closes, and interrupt it as
/// `kill -9` does: the next start takes it up again.
fn stop_on_signal(control: &JobControl) {
    let control = control.clone();
    let listen = move |mut signals: Signals| {
        for signal in signals.forever() {
            if control.is_cancelled() {
                #[allow(clippy::disallowed_methods)] // asked for twice; what is committed stays whole
                std::process::exit(128 + signal);
            }
            eprintln!("stopping after what is in flight (once more to stop at once)");
            if signal == SIGINT { control.cancel() } else { control.interrupt() }
        }
    };
    let listening = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .and_then(|signals| std::thread::Builder::new().name("signals".to_owned()).spawn(move || listen(signals)));
    if let Err(error) = listening {
        log::warn!("Ctrl-C will stop the program at once: {error}");
    }
}

fn lossy(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
