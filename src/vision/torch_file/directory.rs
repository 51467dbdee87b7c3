//! What a zip archive lists at its end, without a look at its entries: enough to tell a program from arrays.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of a list that is read; PyTorch's own have a hundred bytes an entry.
const MAX_LIST: u64 = 64 << 20;

/// Whether the archive at `path` holds a TorchScript program. Nothing of it is unpacked, built or run.
///
/// # Errors
/// Why it is no archive that can tell, in words.
pub(in crate::vision) fn holds_program(path: &Path) -> Result<bool, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    Ok(names_in(&mut file)?.iter().any(|name| is_of_program(name)))
}

/// All entries of an archive of PyTorch are in one folder.
fn is_of_program(path: &str) -> bool {
    let inner = path.split_once('/').map_or(path, |(_, inner)| inner);
    inner == "constants.pkl" || inner.starts_with("code/")
}

fn names_in(file: &mut (impl Read + Seek)) -> Result<Vec<String>, String> {
    const END: usize = 22;
    let io = |error: std::io::Error| error.to_string();
    let length = file.seek(SeekFrom::End(0)).map_err(io)?;
    // Behind the last record may stand a comment of at most 65535 bytes, and before it the place of a longer record.
    let tail = read_at(file, length.saturating_sub(0xffff + END as u64 + 20), length)?;
    let at = tail.windows(4).rposition(|window| window == b"PK\x05\x06");
    let at = at.filter(|at| at + END <= tail.len());
    let at = at.ok_or("a zip archive has a list at its end, this file has none; perhaps it is cut short")?;
    let (mut size, mut from) = (number::<4>(&tail, at + 12)?, number::<4>(&tail, at + 16)?);
    if size == u64::from(u32::MAX) || from == u64::from(u32::MAX) {
        let locator = at.checked_sub(20).filter(|&at| tail[at..].starts_with(b"PK\x06\x07"));
        let record = number::<8>(&tail, locator.ok_or("the archive's list is damaged")? + 8)?;
        let record = read_at(file, record, record.saturating_add(56))?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err("the archive's list is damaged".to_owned());
        }
        (size, from) = (number::<8>(&record, 40)?, number::<8>(&record, 48)?);
    }
    if size > MAX_LIST {
        return Err(format!("the archive's list has {size} bytes"));
    }
    let list = read_at(file, from, from.saturating_add(size))?;
    let (mut names, mut at) = (Vec::new(), 0);
    while at < list.len() {
        if !list[at..].starts_with(b"PK\x01\x02") {
            return Err("the archive's list is damaged".to_owned());
        }
        let field = |field: usize| number::<2>(&list, at + field).map(|n| n as usize);
        let (name, extra, comment) = (field(28)?, field(30)?, field(32)?);
        let bytes = list.get(at + 46..at + 46 + name).ok_or("the archive's list is damaged")?;
        names.push(String::from_utf8_lossy(bytes).into_owned());
        at += 46 + name + extra + comment;
    }
    Ok(names)
}

fn read_at(file: &mut (impl Read + Seek), from: u64, to: u64) -> Result<Vec<u8>, String> {
    let io = |error: std::io::Error| error.to_string();
    file.seek(SeekFrom::Start(from)).map_err(io)?;
    let wanted = to.saturating_sub(from);
    let mut bytes = Vec::new();
    file.take(wanted).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 == wanted { Ok(bytes) } else { Err("the archive ends too early".to_owned()) }
}

/// A number of N bytes at `at`, little end first.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Result<u64, String> {
    let digits = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).ok_or("the archive ends too early")?;
    Ok(digits.iter().rev().fold(0, |n, &digit| n << 8 | u64::from(digit)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An archive of empty entries; with `long`, its list is where only the longer record says.
    fn archive(names: &[&str], long: bool) -> Vec<u8> {
        let mut bytes = b"some entries".to_vec();
        let from = bytes.len() as u64;
        for name in names {
            bytes.extend(b"PK\x01\x02");
            bytes.extend([0; 24]);
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend([0; 16]);
            bytes.extend(name.as_bytes());
        }
        let size = bytes.len() as u64 - from;
        if long {
            let record = bytes.len() as u64;
            bytes.extend(b"PK\x06\x06");
            bytes.extend([0; 36]);
            bytes.extend(size.to_le_bytes());
            bytes.extend(from.to_le_bytes());
            bytes.extend(b"PK\x06\x07");
            bytes.extend([0; 4]);
            bytes.extend(record.to_le_bytes());
            bytes.extend([0; 4]);
        }
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 8]);
        let [size, from] = [size, from].map(|n| if long { u32::MAX } else { n as u32 });
        bytes.extend(size.to_le_bytes());
        bytes.extend(from.to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    fn tells(bytes: &[u8]) -> Result<bool, String> {
        Ok(names_in(&mut Cursor::new(bytes))?.iter().any(|name| is_of_program(name)))
    }

    #[test]
    fn a_program_is_known_by_the_names_of_its_entries() {
        for long in [false, true] {
            assert_eq!(tells(&archive(&["net/data.pkl", "net/code/__torch__/net.py"], long)), Ok(true));
            assert_eq!(tells(&archive(&["net/data.pkl", "net/constants.pkl"], long)), Ok(true));
            assert_eq!(tells(&archive(&["net/data.pkl", "net/data/0", "net/version"], long)), Ok(false));
        }
        assert_eq!(tells(&archive(&[], false)), Ok(false));
    }

    #[test]
    fn damage_is_refused() {
        let whole = archive(&["net/code/a", "net/constants.pkl"], true);
        for length in 0..whole.len() {
            assert!(tells(&whole[..length]).is_err(), "cut to {length}");
        }
        let mut odd = archive(&["net/code/a"], false);
        odd[12] = b'X';
        assert!(tells(&odd).is_err());
        assert!(tells(b"Dear reader").is_err());
    }
}
