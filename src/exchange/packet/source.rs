use std::io::{Read, Seek, SeekFrom};

use crate::exchange::ExchangeError;
use crate::exchange::xml::MOST_BYTES;

/// A file read in places, none beyond its end.
pub(super) struct Source<R> {
    file: R,
    len: u64,
}

impl<R: Read + Seek> Source<R> {
    pub(super) fn new(mut file: R) -> Result<Self, ExchangeError> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, len })
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Exactly so many bytes.
    ///
    /// # Errors
    /// [`ExchangeError::Cut`] where the file ends before, [`ExchangeError::TooLarge`] above the bound on a packet.
    pub(super) fn whole(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>, ExchangeError> {
        if bytes > MOST_BYTES {
            return Err(ExchangeError::TooLarge { limit: MOST_BYTES });
        }
        if at.checked_add(bytes).is_none_or(|end| end > self.len) {
            return Err(ExchangeError::Cut);
        }
        let read = self.some(at, bytes)?;
        if read.len() as u64 == bytes { Ok(read) } else { Err(ExchangeError::Cut) }
    }

    /// So many bytes, or fewer where the file ends before.
    pub(super) fn some(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>, ExchangeError> {
        let mut read = Vec::new();
        self.file.seek(SeekFrom::Start(at))?;
        (&mut self.file).take(bytes.min(MOST_BYTES)).read_to_end(&mut read)?;
        Ok(read)
    }
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?)))
}

/// A big-endian number of so many bytes, 0 to 8.
pub(super) fn be(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    (length <= 8).then(|| digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}
