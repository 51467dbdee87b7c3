//! The command line: the same engine without a window.

// Standard streams may be closed or full, and then `println!` and `eprintln!` panic: `Output` and `note` do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod bench;
mod check;
mod context;
mod enroll;
mod evaluate;
mod help;
mod identity;
mod index;
mod line;
mod lines;
mod models;
mod output;
mod photos;
mod regions;
mod screenshot;
mod search;
mod shared;
mod status;
mod synth;
mod train;
mod tune;

use crate::tell;
use crate::types::Telling;
use crate::words::{english, told};
use std::io::{self, Write};
use std::path::Path;

pub use args::{Args, Command};
use context::Context;
pub use help::read_command_line;
use line::{ErrorLine, FilePath};
use output::{Output, note};
pub use screenshot::{ScreenName, ScreenshotArgs};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::jobs::{JobControl, JobError};
use crate::say;

/// Runs one command to its end. Results go to standard output, everything else to standard error.
///
/// # Errors
/// What ended the whole run; bad photos are listed instead.
pub fn run(args: &Args, command: &Command) -> Result<(), JobError> {
    let control = JobControl::default();
    stop_on_signal(&control);
    let output = Output::new(args.json, control.clone());
    let context = Context { data_dir: args.data_dir.as_deref(), model: args.model.as_deref(), output, control };
    let result = dispatch(&context, command);
    match context.output.take_failure() {
        Some(reason) => unheard(command, result, reason),
        None => result,
    }
}

/// What came of a command whose results could not all be told. A listing that nobody reads to its end, as in
/// `likeness faces | head`, is none the worse for it.
fn unheard(command: &Command, result: Result<(), JobError>, reason: io::Error) -> Result<(), JobError> {
    match result {
        Ok(()) | Err(JobError::Cancelled) if reason.kind() == io::ErrorKind::BrokenPipe && command.only_reads() => {
            Ok(())
        }
        Ok(()) | Err(JobError::Cancelled) => Err(JobError::Failed(tell!("cli-no-output", reason = &reason))),
        Err(other) => Err(other),
    }
}

fn dispatch(context: &Context<'_>, command: &Command) -> Result<(), JobError> {
    match command {
        Command::Enroll(enroll) => enroll::run(context, enroll),
        Command::Detect(photos) => photos::detect(context, photos),
        Command::Embed(photos) => photos::embed(context, photos),
        Command::Search(search) => search::run(context, search),
        Command::Status => status::run(context),
        Command::Check(check) => check::run(context, check),
        Command::Identity(command) => identity::run(context, command),
        Command::Regions { action } => regions::run(context, action),
        Command::Models { action } => models::run(context, action),
        Command::Synth(synth) => synth::run(context, synth),
        Command::Index { action } => index::run(context, action),
        Command::Tune(tune) => tune::run(context, tune),
        Command::Bench { what } => bench::run(context, what),
        Command::Train(train) => train::run(context, train),
        Command::Eval { what } => evaluate::run(context, what),
        Command::TryPhoto(photo) => photos::try_photo(photo),
        // `main` sees to these.
        Command::Screenshot(_) | Command::DecodeApart => Err(JobError::NothingToDo),
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
            note(&say!("cli-stopping"));
            if signal == SIGINT { control.cancel() } else { control.interrupt() }
        }
    };
    let listening = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .and_then(|signals| std::thread::Builder::new().name("signals".to_owned()).spawn(move || listen(signals)));
    if let Err(error) = listening {
        log::warn!("Ctrl-C will stop the program at once: {error}");
    }
}

/// Prints the JSON Schema of every line that `--json` prints.
///
/// # Errors
/// Standard output takes no more.
pub fn print_schema() -> io::Result<()> {
    writeln!(io::stdout(), "{:#}", lines::schema())
}

/// Says, where lines are JSON, why the program ends with the status `exit`.
pub fn tell_error_line(json: bool, error: &Telling, exit: u8) {
    if json {
        let line = ErrorLine { error: english(error), code: error.code.to_string(), exit };
        Output::new(true, JobControl::default()).result(&line, String::new);
    }
}

/// Likewise, and for people on standard error.
pub fn tell_error(json: bool, error: &Telling, exit: u8) {
    tell_error_line(json, error, exit);
    note(&say!("cli-error", error = told(error)));
}

/// Tells of a file that was written.
///
/// # Errors
/// Standard output takes no more.
pub fn tell_written(json: bool, path: &Path) -> io::Result<()> {
    let output = Output::new(json, JobControl::default());
    output.result(&FilePath::from(path), || path.display().to_string());
    output.take_failure().map_or(Ok(()), Err)
}
