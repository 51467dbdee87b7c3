use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::types::TrainRecord;

/// Records kept of one log; more would not be seen on any screen.
const KEPT: usize = 2000;
/// A longer line is no record.
const LONGEST_LINE: usize = 64 << 10;

/// Reads a log that grows, each byte once.
pub(super) struct LogReader {
    offset: u64,
    /// A line that has no end yet.
    partial: Vec<u8>,
    records: Vec<TrainRecord>,
    /// Every so many records are kept.
    stride: u64,
    seen: u64,
    last: Option<TrainRecord>,
    bad_lines: usize,
}

impl Default for LogReader {
    fn default() -> Self {
        Self { offset: 0, partial: Vec::new(), records: Vec::new(), stride: 1, seen: 0, last: None, bad_lines: 0 }
    }
}

impl LogReader {
    /// Takes in what came since the last time. A log that is not there yet is an empty one; one that has become shorter
    /// is read anew.
    pub(super) fn read_on(&mut self, path: &Path) -> io::Result<()> {
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                *self = Self::default();
                return Ok(());
            }
            other => other?,
        };
        if file.metadata()?.len() < self.offset {
            *self = Self::default();
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(());
            }
            self.offset += n as u64;
            self.take(&buffer[..n]);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = lines.next() {
            // What is too long is remembered as too long, not kept.
            let room = (LONGEST_LINE + 1).saturating_sub(self.partial.len());
            self.partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if lines.peek().is_some() {
                let line = std::mem::take(&mut self.partial);
                self.take_line(&line);
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let record = (line.len() <= LONGEST_LINE).then(|| serde_json::from_slice::<TrainRecord>(line).ok()).flatten();
        let Some(record) = record.filter(|record| record.loss.is_finite() && record.learning_rate.is_finite()) else {
            self.bad_lines += 1;
            return;
        };
        if self.seen.is_multiple_of(self.stride) || !record.validation.is_empty() {
            self.records.push(record.clone());
        }
        self.seen += 1;
        self.last = Some(record);
        if self.records.len() > KEPT {
            self.thin();
        }
    }

    /// Every other record goes; what was measured on held-out people goes last.
    fn thin(&mut self) {
        let plain = self.records.iter().filter(|record| record.validation.is_empty()).count();
        let spare_measured = plain > KEPT / 4;
        let mut place = 0;
        self.records.retain(|record| {
            if spare_measured && !record.validation.is_empty() {
                return true;
            }
            place += 1;
            place % 2 == 1
        });
        self.stride = self.stride.saturating_mul(2);
    }

    pub(super) fn last(&self) -> Option<&TrainRecord> {
        self.last.as_ref()
    }

    pub(super) fn bad_lines(&self) -> usize {
        self.bad_lines
    }

    /// In the order of the log; the latest is among them.
    pub(super) fn records(&self) -> Vec<TrainRecord> {
        let is_there = self.records.last() == self.last.as_ref();
        self.records.iter().chain(self.last.iter().filter(|_| !is_there)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_thinned_and_keeps_its_measurements() {
        let mut reader = LogReader::default();
        for step in 0..20_001u64 {
            let measured = if step % 1000 == 500 { r#","validation":[["accuracy",0.9]]"# } else { "" };
            let text = format!(
                "{{\"step\":{step},\"steps_total\":30000,\"epoch\":0,\"loss\":1,\"learning_rate\":0.1,\
                 \"images_per_second\":9{measured}}}\n"
            );
            // In pieces that end anywhere.
            let (a, b) = text.as_bytes().split_at(step as usize % text.len());
            reader.take(a);
            reader.take(b);
        }
        reader.take(&[b'x'; 3 * LONGEST_LINE]);
        reader.take(b"\n\n");
        let records = reader.records();
        assert!((500..=KEPT + 1).contains(&records.len()), "{}", records.len());
        assert_eq!(records.iter().filter(|record| !record.validation.is_empty()).count(), 20);
        assert!(records.windows(2).all(|pair| pair[0].step < pair[1].step));
        assert_eq!(records.last().map(|record| record.step), Some(20_000));
        assert_eq!(reader.bad_lines(), 1);
    }
}
