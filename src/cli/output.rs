use crate::types::{Tell, Telling};
pub(super) use crate::words::duration;
use crate::words::{english, told};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use unicode_width::UnicodeWidthStr;

use super::line::{IssueLine, ProgressLine};
use crate::jobs::{JobControl, Progress};
use crate::say;
use crate::types::plural;

/// What `--json` prints as one line.
pub(super) trait Told {
    /// One object with its `type`.
    ///
    /// # Errors
    /// Its numbers or texts have no form in JSON.
    fn to_json(&self) -> serde_json::Result<String>;
}

/// Prints results: lines for a person, or one JSON object a line. Every clone prints to the same place.
///
/// Where standard output takes no more, the work is interrupted at its next checkpoint, as by SIGTERM, and what else is
/// said is dropped; [`Output::take_failure`] then tells why.
#[derive(Clone, Debug)]
pub(super) struct Output {
    json: bool,
    live: bool,
    control: JobControl,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Output {
    pub(super) fn new(json: bool, control: JobControl) -> Self {
        Self { json, live: io::stderr().is_terminal(), control, failure: Arc::default() }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// One result: `line` as JSON, or `text`.
    pub(super) fn result(&self, line: &impl Told, text: impl FnOnce() -> String) {
        if !self.json {
            return self.print_line(&text());
        }
        match line.to_json() {
            Ok(line) => self.print_line(&line),
            Err(error) => self.fail(error.into()),
        }
    }

    /// Something for people, where its lines are others.
    pub(super) fn text(&self, text: impl FnOnce() -> String) {
        if !self.json {
            self.print_line(&text());
        }
    }

    /// A photo or folder that cannot be worked on.
    pub(super) fn issue(&self, path: &Path, reason: &impl Tell) {
        self.end_live();
        let line = IssueLine { photo: path.into(), issue: english(&reason.telling()) };
        let told = || say!("cli-issue", reason = told(&reason.telling()), path = path.display().to_string());
        self.result(&line, told);
    }

    /// How far a job is: a line that rewrites itself on a terminal, JSON lines for scripts, else nothing.
    pub(super) fn progress(&self, progress: &Progress) {
        if self.json {
            self.result(&ProgressLine::from(progress), String::new);
        } else if self.live {
            self.live_line(&progress_text(progress));
        }
    }

    /// Counts, for work without a job of its own.
    pub(super) fn count(&self, what: &str, done: usize, total: usize) {
        if self.live && !self.json {
            self.live_line(&say!("cli-count", what = what, done = done, total = total));
        }
    }

    /// Counts with the pace since `begun` and the time left.
    pub(super) fn pace(&self, what: &str, done: usize, total: usize, begun: Instant) {
        if self.live && !self.json {
            let per_sec = done as f32 / begun.elapsed().as_secs_f32().max(1e-3);
            let left = duration(total.saturating_sub(done) as f32 / per_sec.max(1e-3));
            self.live_line(&say!(
                "cli-pace",
                what = what,
                done = done,
                total = total,
                rate = format!("{per_sec:.1}"),
                left = left
            ));
        }
    }

    pub(super) fn end_live(&self) {
        if self.live && !self.json {
            note_part("\r\x1b[K");
        }
    }

    /// Why standard output took no more, if it did.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn print_line(&self, line: &str) {
        if self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return;
        }
        if let Err(error) = writeln!(io::stdout(), "{line}") {
            self.fail(error);
        }
    }

    fn fail(&self, error: io::Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.control.interrupt();
    }

    fn live_line(&self, text: &str) {
        note_part(&format!("\r\x1b[K{text}"));
    }
}

/// Says something beside the results. Where nobody can hear it, the work goes on.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Likewise, without ending the line.
pub(super) fn note_part(text: &str) {
    let mut stderr = io::stderr();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn progress_text(progress: &Progress) -> String {
    let unit = progress.unit;
    let of = match progress.total {
        Some(total) => say!("cli-done-of", done = progress.done, total = counted(total, unit)),
        None => say!("cli-done-so-far", done = progress.done, units = units(unit)),
    };
    let rate = format!("{:.1}", progress.per_sec);
    let mut parts = vec![of];
    if unit == "photo" {
        parts.push(say!("faces", n = progress.faces));
    }
    parts.push(say!("cli-rate", rate = rate, units = units(unit)));
    parts.extend(progress.secs_left.map(|secs| say!("cli-left", time = duration(secs))));
    say!("cli-progress", stage = told(&Telling::phrase(progress.stage)), parts = listed(&parts))
}

/// "3 photos", of what a job counts.
fn counted(n: u64, unit: &str) -> String {
    say!("cli-counted", n = n, unit = unit, units = plural(unit))
}

fn units(unit: &str) -> String {
    say!("cli-units", unit = unit, units = plural(unit))
}

/// With commas between.
pub(super) fn listed(parts: &[String]) -> String {
    parts.join(&say!("cli-comma"))
}

/// With semicolons between.
pub(super) fn told_together(parts: &[String]) -> String {
    parts.join(&say!("cli-semicolon"))
}

/// Filled up with spaces to this width, in which letters of Chinese are two wide.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text:<width$}", width = width.saturating_sub(wide_letters(text)))
}

/// The same with the text at the right.
pub(super) fn padded_left(text: &str, width: usize) -> String {
    format!("{text:>width$}", width = width.saturating_sub(wide_letters(text)))
}

/// Columns that it takes beyond one a letter.
fn wide_letters(text: &str) -> usize {
    text.width().saturating_sub(text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_right_for_one_and_many() {
        let told = |done, total, faces, unit| {
            progress_text(&Progress { stage: "Reading", unit, done, total, faces, ..Progress::default() })
        };
        assert_eq!(told(0, Some(1), 1, "photo"), "Reading: 0 of 1 photo, 1 face, 0.0 photos/s");
        assert_eq!(told(1, Some(2), 0, "photo"), "Reading: 1 of 2 photos, 0 faces, 0.0 photos/s");
        assert_eq!(told(1, None, 2, "photo"), "Reading: 1 of ? photos, 2 faces, 0.0 photos/s");
        assert_eq!(told(2, Some(2), 0, "search"), "Reading: 2 of 2 searches, 0.0 searches/s");
    }
}
