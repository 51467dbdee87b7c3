//! `log.jsonl`: what a run tells, a line at a time, for curves and for scripts.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::TrainError;
use super::files::write_whole;
use crate::types::TrainRecord;

/// The log's name in a run's folder.
pub const LOG_FILE: &str = "log.jsonl";

/// A log that is being written.
pub struct TrainLog {
    path: PathBuf,
    file: File,
}

impl TrainLog {
    /// Opens the log of a run that goes on after `step`: later lines, of work that was lost, are dropped.
    pub fn open(folder: &Path, step: u64) -> Result<Self, TrainError> {
        let path = folder.join(LOG_FILE);
        let kept: Vec<TrainRecord> = read_log(folder)?.into_iter().filter(|record| record.step <= step).collect();
        let mut text = String::new();
        for record in &kept {
            text += &line(record, &path)?;
        }
        write_whole(&path, text.as_bytes())?;
        let file = OpenOptions::new().append(true).open(&path);
        Ok(Self { file: file.map_err(TrainError::io("the log cannot be opened", &path))?, path })
    }

    pub fn write(&mut self, record: &TrainRecord) -> Result<(), TrainError> {
        let line = line(record, &self.path)?;
        self.file.write_all(line.as_bytes()).map_err(TrainError::io("the log cannot be written", &self.path))
    }
}

fn line(record: &TrainRecord, path: &Path) -> Result<String, TrainError> {
    let text = serde_json::to_string(record);
    text.map(|text| text + "\n").map_err(|e| TrainError::io("the log cannot be written", path)(e.into()))
}

/// All whole lines of a run's log; none where it has not begun.
pub fn read_log(folder: &Path) -> Result<Vec<TrainRecord>, TrainError> {
    let path = folder.join(LOG_FILE);
    match std::fs::read_to_string(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        // A last line without its end is being written, or was when the program was killed.
        text => {
            let text = text.map_err(TrainError::io("the log cannot be read", &path))?;
            Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_on_where_its_run_does() {
        let folder = tempfile::tempdir().unwrap();
        let record = |step| TrainRecord {
            step,
            steps_total: 9,
            epoch: 0.5,
            loss: 1.0 / step as f32,
            learning_rate: 0.1,
            images_per_second: 3.0,
            validation: if step == 2 { vec![("accuracy".to_owned(), 0.9)] } else { Vec::new() },
        };
        assert!(read_log(folder.path()).unwrap().is_empty());
        let mut log = TrainLog::open(folder.path(), 0).unwrap();
        (1..=4).for_each(|step| log.write(&record(step)).unwrap());
        drop(log);
        std::fs::OpenOptions::new()
            .append(true)
            .open(folder.path().join(LOG_FILE))
            .and_then(|mut file| file.write_all(b"{\"step\":5,"))
            .unwrap();
        assert_eq!(read_log(folder.path()).unwrap().len(), 4);
        let mut log = TrainLog::open(folder.path(), 2).unwrap();
        log.write(&record(3)).unwrap();
        assert_eq!(read_log(folder.path()).unwrap(), [record(1), record(2), record(3)]);
    }
}
