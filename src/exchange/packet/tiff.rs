use std::io::{Cursor, Read, Seek};

use super::embedded::Embedded;
use super::source::Source;
use crate::exchange::ExchangeError;
use crate::exchange::place::is_orientation;

const ORIENTATION: u64 = 0x0112;
const XMP: u64 = 700;

/// What the first directory holds of both.
struct Directory {
    orientation: Option<u8>,
    /// Place and length.
    xmp: Option<(u64, u64)>,
}

/// A TIFF file, or a raw file that is built as one.
pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Embedded, ExchangeError> {
    let directory = directory(source)?;
    let xmp = directory.xmp.map(|(at, length)| source.whole(at, length)).transpose()?;
    Ok(Embedded { xmp, extended: None, orientation: directory.orientation.unwrap_or(1) })
}

/// The orientation that a block of EXIF tells; a damaged one tells none.
pub(super) fn orientation(block: &[u8]) -> Option<u8> {
    let mut source = Source::new(Cursor::new(block)).ok()?;
    directory(&mut source).ok()?.orientation
}

fn directory<R: Read + Seek>(source: &mut Source<R>) -> Result<Directory, ExchangeError> {
    let head = source.whole(0, 8)?;
    let is_little = match head.as_slice() {
        [b'I', b'I', 42, 0, ..] => true,
        [b'M', b'M', 0, 42, ..] => false,
        _ => return Err(ExchangeError::Cut),
    };
    let number = |bytes: &[u8]| {
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if is_little { bytes.iter().rev().fold(0, digit) } else { bytes.iter().fold(0, digit) }
    };
    let at = number(&head[4..8]);
    let entries = number(&source.whole(at, 2)?);
    // A directory that is cut tells what is left of it.
    let table = source.some(at + 2, entries * 12)?;
    let mut found = Directory { orientation: None, xmp: None };
    for entry in table.as_chunks::<12>().0 {
        let (tag, kind, count) = (number(&entry[..2]), number(&entry[2..4]), number(&entry[4..8]));
        match (tag, kind) {
            (ORIENTATION, 3) => {
                let told = u8::try_from(number(&entry[8..10])).ok();
                found.orientation = found.orientation.or(told.filter(|told| is_orientation(*told)));
            }
            // Bytes, or undefined ones; four of them would stand in the entry itself, and are no packet.
            (XMP, 1 | 7) if count > 4 => found.xmp = Some((number(&entry[8..12]), count)),
            _ => {}
        }
    }
    Ok(found)
}
