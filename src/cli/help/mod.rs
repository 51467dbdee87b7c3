//! The command line as a person reads it: help and what is wrong with a line, in their language.
//!
//! The English help stands in the doc comments of the arguments, where clap finds it. Other languages say it by the names
//! of commands and arguments, in `assets/help`; a test walks all of them and fails on one that is missing.

mod refused;
mod translated;
mod wrapped;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::{Args, note, tell_error_line};
use crate::tell;
use crate::types::Language;
use crate::words::{begin, in_english, spoken};

/// What the program was started with; from now on it speaks the language that was asked for. Where there is only help to
/// give, or nothing that could be run, that is told and the exit status returned.
///
/// # Errors
/// The exit status: 0 after help and version, 1 where these could not be told, 2 for a wrong command line.
pub fn read_command_line() -> Result<Args, u8> {
    let words: Vec<OsString> = std::env::args_os().collect();
    begin(language_asked(&words));
    parse(spoken(), &words).map_err(|unread| tell_unread(&unread, &words))
}

fn parse(language: Language, words: &[OsString]) -> Result<Args, clap::Error> {
    let mut command = match language {
        Language::English => Args::command(),
        other => translated::command(other),
    };
    let matches = command.try_get_matches_from_mut(words)?;
    Args::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The language of `--lang`, which has to be known before the line is read: what is wrong with it is told in it.
fn language_asked(words: &[OsString]) -> Option<Language> {
    let mut words = words.iter().skip(1).take_while(|word| *word != "--").map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        match word.strip_prefix("--lang") {
            Some("") => return Language::from_locale(&words.next()?),
            Some(tag) if tag.starts_with('=') => return Language::from_locale(&tag[1..]),
            _ => {}
        }
    }
    None
}

/// Tells help and version, or what is wrong with the command line. Returns the exit status.
fn tell_unread(unread: &clap::Error, words: &[OsString]) -> u8 {
    let is_help = matches!(unread.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    let printed = match spoken() {
        language if language == Language::English || is_help || !unread.use_stderr() => unread.print(),
        _ => {
            note(&refused::text(unread));
            Ok(())
        }
    };
    if !unread.use_stderr() {
        return u8::from(printed.is_err());
    }
    // What the command line asks for is not known where it cannot be read; the flag itself can be seen.
    let json = words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    // Scripts read English, whatever is spoken.
    let in_english = in_english(|| parse(Language::English, words).err());
    let reason = in_english.map_or_else(|| unread.to_string(), |error| error.to_string());
    tell_error_line(json, &tell!("cli-usage", reason = reason.trim()), 2);
    2
}

#[cfg(test)]
mod tests;
