//! What is wrong with a command line, in another language than clap's own.

use std::error::Error;
use std::num::{ParseFloatError, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::say;

/// What is wrong, what may help, and how the command is used.
pub(super) fn text(error: &clap::Error) -> String {
    let mut lines = vec![reason(error)];
    lines.extend(hints(error));
    if let Some(usage) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        lines.push(String::new());
        lines.push(say!("usage-line", usage = usage));
    }
    lines.push(String::new());
    lines.push(say!("usage-try-help"));
    lines.join("\n")
}

fn reason(error: &clap::Error) -> String {
    let arg = told(error, ContextKind::InvalidArg);
    let value = told(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => say!("usage-unknown-argument", arg = arg),
        ErrorKind::InvalidSubcommand => {
            say!("usage-unknown-command", command = told(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => {
            say!("usage-missing-command", command = told(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => say!("usage-missing-argument", args = arg),
        ErrorKind::ArgumentConflict => {
            let other = told(error, ContextKind::PriorArg);
            if other == arg { say!("usage-twice", arg = arg) } else { say!("usage-conflict", arg = arg, other = other) }
        }
        ErrorKind::InvalidValue if value.is_empty() => say!("usage-missing-value", arg = arg),
        ErrorKind::InvalidValue => {
            let values = told(error, ContextKind::ValidValue);
            say!("usage-invalid-value", value = value, arg = arg, reason = say!("usage-one-of", values = values))
        }
        ErrorKind::ValueValidation => {
            say!("usage-invalid-value", value = value, arg = arg, reason = why(error.source()))
        }
        ErrorKind::NoEquals => say!("usage-no-equals", arg = arg),
        ErrorKind::TooManyValues => say!("usage-too-many-values", value = value, arg = arg),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => say!("usage-number-of-values", arg = arg),
        ErrorKind::InvalidUtf8 => say!("usage-not-utf8"),
        _ => error.to_string(),
    }
}

/// Why a value is refused: our own readers say it in words already, those of numbers speak English.
fn why(source: Option<&(dyn Error + 'static)>) -> String {
    let Some(source) = source else { return say!("usage-not-understood") };
    if source.is::<ParseIntError>() {
        return say!("usage-no-whole-number");
    }
    if source.is::<ParseFloatError>() {
        return say!("usage-no-number");
    }
    let text = source.to_string();
    match text.split_once(" is not in ") {
        Some((_, range)) => say!("usage-not-in-range", range = range),
        None if text.contains("digit") || text.contains("integer") => say!("usage-no-whole-number"),
        None => text,
    }
}

fn hints(error: &clap::Error) -> Vec<String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let meant = kinds.iter().map(|kind| told(error, *kind)).filter(|meant| !meant.is_empty());
    meant.map(|meant| say!("usage-meant", meant = meant)).collect()
}

fn told(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        None | Some(ContextValue::None) => String::new(),
        Some(ContextValue::Strings(several)) => several.join(&say!("usage-comma")),
        Some(one) => one.to_string(),
    }
}
