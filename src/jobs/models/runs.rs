//! Training runs as they go: their folders and logs, read once a second by a thread of its own.

mod log_reader;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::jobs::work::panic_message;
use crate::types::{RunState, TrainingRun};
use log_reader::LogReader;

const INTERVAL: Duration = Duration::from_secs(1);

/// A run whose log has not grown for longer has stopped: slow machines still log every few seconds.
const SILENCE: Duration = Duration::from_secs(120);

/// Reads the runs in a folder until it is dropped.
#[derive(Debug)]
pub struct RunWatch(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl RunWatch {
    /// `send` gets the runs in `folder`, the latest first, at once and whenever they have changed; a fault of the program
    /// ends the watch, and is told.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn spawn(
        folder: PathBuf,
        send: impl Fn(Result<Vec<TrainingRun>, String>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let theirs = Arc::clone(&stop);
        std::thread::Builder::new().name("training runs".to_owned()).spawn(move || {
            let mut reader = RunsReader::new(folder);
            let mut sent = None;
            while !theirs.is_stopped() {
                let runs = match catch_unwind(AssertUnwindSafe(|| reader.read())) {
                    Ok(runs) => runs,
                    Err(panic) => return send(Err(panic_message(panic.as_ref()))),
                };
                if sent.as_ref() != Some(&runs) {
                    send(Ok(runs.clone()));
                    sent = Some(runs);
                }
                theirs.wait(INTERVAL);
            }
        })?;
        Ok(Self(stop))
    }
}

impl Drop for RunWatch {
    /// Does not wait: what is being read is read to its end, and not sent to anybody who has gone.
    fn drop(&mut self) {
        *self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

impl Stop {
    fn is_stopped(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, time: Duration) {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if !*stopped {
            drop(self.changed.wait_timeout(stopped, time));
        }
    }
}

struct RunsReader {
    folder: PathBuf,
    runs: BTreeMap<String, RunReader>,
}

#[derive(Default)]
struct RunReader {
    log: LogReader,
    /// The steps first seen, and when: the pace of now.
    watched_from: Option<(Instant, u64)>,
}

impl RunsReader {
    fn new(folder: PathBuf) -> Self {
        Self { folder, runs: BTreeMap::new() }
    }

    /// A folder that is not there holds no runs.
    fn read(&mut self) -> Vec<TrainingRun> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let names: Vec<String> = entries
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        self.runs.retain(|name, _| names.contains(name));
        let mut runs: Vec<(Option<SystemTime>, TrainingRun)> = names
            .into_iter()
            .map(|name| {
                let folder = self.folder.join(&name);
                self.runs.entry(name.clone()).or_default().read(name, &folder)
            })
            .collect();
        runs.sort_by(|(a, run_a), (b, run_b)| b.cmp(a).then_with(|| run_a.name.cmp(&run_b.name)));
        runs.into_iter().map(|(_, run)| run).collect()
    }
}

impl RunReader {
    /// The run, and when its log last grew.
    fn read(&mut self, name: String, folder: &Path) -> (Option<SystemTime>, TrainingRun) {
        let log = folder.join("log.jsonl");
        let problem = self.log.read_on(&log).err().map(|error| format!("its log cannot be read: {error}"));
        let grown = modified(&log).or_else(|| modified(folder));
        let model = folder.join("model.safetensors");
        let is_whole = model.is_file() && folder.join("manifest.toml").is_file();
        let last = self.log.last();
        let is_through = last.is_some_and(|record| record.step >= record.steps_total);
        let is_fresh = grown.is_some_and(|at| at.elapsed().unwrap_or_default() < SILENCE);
        let state = match (is_whole || is_through, is_fresh) {
            (true, _) => RunState::Finished,
            (false, true) => RunState::Running,
            (false, false) => RunState::Stopped,
        };
        let secs_left = if state == RunState::Running { self.secs_left(folder, &log) } else { None };
        let run = TrainingRun {
            name,
            state,
            records: self.log.records(),
            bad_lines: self.log.bad_lines(),
            secs_left,
            request: request(&folder.join("run.toml")),
            model: is_whole.then_some(model),
            problem,
            folder: folder.to_path_buf(),
        };
        (grown, run)
    }

    /// From the steps seen while watching; before that, from the time since the run was asked for.
    fn secs_left(&mut self, folder: &Path, log: &Path) -> Option<f32> {
        let last = self.log.last()?;
        let (since, from) = *self.watched_from.get_or_insert((Instant::now(), last.step));
        let left = last.steps_total.saturating_sub(last.step) as f32;
        if last.step > from && since.elapsed() > Duration::from_secs(5) {
            return Some(left * since.elapsed().as_secs_f32() / (last.step - from) as f32);
        }
        let begun = modified(&folder.join("run.toml"))?;
        let passed = modified(log)?.duration_since(begun).ok()?.as_secs_f32();
        (last.step > 0 && passed > 0.0).then(|| left * passed / last.step as f32)
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// What the run was asked to do, a value a line; nothing where that cannot be read.
fn request(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut lines = Vec::new();
    match toml::from_str::<toml::Table>(&text) {
        Ok(table) => flatten("", &table, &mut lines),
        Err(error) => log::debug!("{error}: {}", path.display()),
    }
    lines
}

fn flatten(before: &str, table: &toml::Table, lines: &mut Vec<(String, String)>) {
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => flatten(&format!("{before}{key}."), inner, lines),
            toml::Value::String(text) => lines.push((format!("{before}{key}"), text.clone())),
            other => lines.push((format!("{before}{key}"), other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::mpsc::sync_channel;

    fn line(step: u64) -> String {
        format!(
            r#"{{"step":{step},"steps_total":100,"epoch":0.5,"loss":{},"learning_rate":0.1,"images_per_second":40.0}}"#,
            20.0 / (step + 1) as f32
        ) + "\n"
    }

    #[test]
    fn a_run_is_followed_while_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("student");
        let (sender, runs) = sync_channel(64);
        let watch = RunWatch::spawn(folder.path().join("none"), move |runs| drop(sender.send(runs.unwrap()))).unwrap();
        assert_eq!(runs.recv_timeout(Duration::from_secs(5)).unwrap(), []);
        drop(watch);

        fs::create_dir(&run).unwrap();
        fs::write(run.join("run.toml"), "kind = \"distill\"\n[optimizer]\nrate = 0.1\n").unwrap();
        let mut log = fs::File::create(run.join("log.jsonl")).unwrap();
        log.write_all((line(1) + "{\"step\": \n" + &line(2) + "{\"step\":3,").as_bytes()).unwrap();
        let (sender, runs) = sync_channel(64);
        let _watch = RunWatch::spawn(folder.path().to_owned(), move |runs| drop(sender.send(runs.unwrap()))).unwrap();
        let next = |what: &str| runs.recv_timeout(Duration::from_secs(10)).expect(what).remove(0);
        let seen = next("the first look");
        assert_eq!((seen.records.len(), seen.bad_lines, seen.state), (2, 1, RunState::Running));
        let request = [("kind", "distill"), ("optimizer.rate", "0.1")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(seen.request, request);
        // The half line is completed, and another comes.
        let rest = line(3).split_once("\"step\":3,").unwrap().1.to_owned();
        log.write_all((rest + &line(100)).as_bytes()).unwrap();
        let mut seen = next("the log has grown");
        while seen.records.len() < 4 {
            seen = next("the log has grown");
        }
        assert_eq!((seen.records[2].step, seen.bad_lines, seen.state), (3, 1, RunState::Finished));
        assert_eq!(seen.model, None);
    }

    #[test]
    fn a_silent_run_has_stopped_and_a_whole_one_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("old");
        fs::create_dir(&run).unwrap();
        let log = fs::File::create(run.join("log.jsonl")).unwrap();
        (&log).write_all(line(5).as_bytes()).unwrap();
        log.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
        let mut reader = RunsReader::new(folder.path().to_owned());
        assert_eq!(reader.read()[0].state, RunState::Stopped);
        assert_eq!(reader.read()[0].secs_left, None);
        for file in ["model.safetensors", "manifest.toml"] {
            fs::write(run.join(file), "x").unwrap();
        }
        let seen = reader.read().remove(0);
        assert_eq!((seen.state, seen.model), (RunState::Finished, Some(run.join("model.safetensors"))));
    }
}
