//! The part of the zip format that PyTorch writes: entries that are stored and not compressed.

use std::collections::HashMap;

/// An archive's entries by name, without the folder that all of them are in.
pub(super) struct Archive<'a> {
    files: HashMap<String, &'a [u8]>,
}

/// A number of N bytes at `at`, little end first.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Result<usize, String> {
    let digits = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).ok_or("the archive ends too early")?;
    Ok(digits.iter().rev().fold(0, |n, &digit| n << 8 | usize::from(digit)))
}

fn part(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], String> {
    let end = at.checked_add(length).ok_or("an impossible length")?;
    bytes.get(at..end).ok_or_else(|| "the archive ends too early".to_owned())
}

impl<'a> Archive<'a> {
    /// Looks through the list at the end of the archive.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        // Behind the last record may stand a comment of at most 65535 bytes.
        let from = bytes.len().saturating_sub(22 + 0xffff);
        let end = bytes[from..].windows(4).rposition(|window| window == b"PK\x05\x06");
        let end = from + end.ok_or("a zip archive without its list; perhaps the file is cut short")?;
        let (count, mut at) = (number::<2>(bytes, end + 10)?, number::<4>(bytes, end + 16)?);
        part(bytes, end, 22)?;
        let mut files = HashMap::new();
        for _ in 0..count {
            if part(bytes, at, 4)? != b"PK\x01\x02" {
                return Err("the archive's list is damaged".into());
            }
            let [name, extra, comment] = [28, 30, 32].map(|field| number::<2>(bytes, at + field));
            let (name, extra, comment) = (name?, extra?, comment?);
            let (stored, length, local) =
                (number::<4>(bytes, at + 20)?, number::<4>(bytes, at + 24)?, number::<4>(bytes, at + 42)?);
            let path = String::from_utf8_lossy(part(bytes, at + 46, name)?).into_owned();
            if number::<2>(bytes, at + 10)? != 0 || stored != length {
                return Err(format!("its entry {path} is compressed, which PyTorch does not write"));
            }
            if part(bytes, local, 4)? != b"PK\x03\x04" {
                return Err("the archive's list is damaged".into());
            }
            // The entry's own header may be longer than the list's, since PyTorch fills it up to a round place.
            let data = local + 30 + number::<2>(bytes, local + 26)? + number::<2>(bytes, local + 28)?;
            let inner = path.split_once('/').map_or(path.as_str(), |(_, inner)| inner);
            files.insert(inner.to_owned(), part(bytes, data, length)?);
            at += 46 + name + extra + comment;
        }
        Ok(Self { files })
    }

    pub(super) fn file(&self, name: &str) -> Option<&'a [u8]> {
        self.files.get(name).copied()
    }

    /// Whether this is a TorchScript program.
    pub(super) fn is_script(&self) -> bool {
        self.files.contains_key("constants.pkl") || self.files.keys().any(|name| name.starts_with("code/"))
    }
}
