use std::io::{IsTerminal, Write};
use std::time::Instant;

use serde::Serialize;

use crate::jobs::Progress;

/// Prints results: lines for a person, or one JSON object a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
    live: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json, live: std::io::stderr().is_terminal() }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// One result: `object` as JSON, or `text` made from it.
    pub(super) fn result<T: Serialize>(&self, object: &T, text: impl FnOnce(&T) -> String) {
        let line = if self.json {
            serde_json::to_string(object).unwrap_or_else(|error| format!("{{\"error\":{:?}}}", error.to_string()))
        } else {
            text(object)
        };
        print_line(&line);
    }

    /// How far a job is: a line that rewrites itself on a terminal, JSON lines for scripts, else nothing.
    pub(super) fn progress(&self, progress: &Progress) {
        if self.json {
            let object = serde_json::json!({
                "progress": progress.stage, "photos_done": progress.photos_done, "photos_total": progress.photos_total,
                "faces": progress.faces, "skipped": progress.skipped, "issues": progress.issues,
                "photos_per_sec": progress.photos_per_sec, "secs_left": progress.secs_left,
            });
            print_line(&object.to_string());
        } else if self.live {
            let total = progress.photos_total.map_or_else(|| "?".to_owned(), |total| total.to_string());
            let left = progress.secs_left.map_or_else(String::new, |secs| format!(", {} left", duration(secs)));
            let faces = if progress.unit == "photo" { format!(", {} faces", progress.faces) } else { String::new() };
            self.live_line(&format!(
                "{}: {} of {total} {unit}s{faces}, {:.1} {unit}s/s{left}",
                progress.stage,
                progress.photos_done,
                progress.photos_per_sec,
                unit = progress.unit,
            ));
        }
    }

    /// Counts, for work without a job of its own.
    pub(super) fn count(&self, what: &str, done: usize, total: usize) {
        if self.live && !self.json {
            self.live_line(&format!("{what}: {done} of {total}"));
        }
    }

    /// Counts with the pace since `begun` and the time left.
    pub(super) fn pace(&self, what: &str, done: usize, total: usize, begun: Instant) {
        if self.live && !self.json {
            let per_sec = done as f32 / begun.elapsed().as_secs_f32().max(1e-3);
            let left = duration(total.saturating_sub(done) as f32 / per_sec.max(1e-3));
            self.live_line(&format!("{what}: {done} of {total}, {per_sec:.1}/s, {left} left"));
        }
    }

    pub(super) fn end_live(&self) {
        if self.live && !self.json {
            eprint!("\r\x1b[K");
        }
    }

    fn live_line(&self, text: &str) {
        eprint!("\r\x1b[K{text}");
        let _ = std::io::stderr().flush();
    }
}

/// A reader that has gone away, `head` say, ends the program quietly.
fn print_line(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        #[allow(clippy::disallowed_methods)] // nobody reads on (`likeness status | head`): every line would fail alike
        std::process::exit(0);
    }
}

/// "45 s", "3 min", "2 h 5 min".
pub(super) fn duration(secs: f32) -> String {
    let secs = secs.max(0.0).round() as u64;
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min {} s", secs / 60, secs % 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}
