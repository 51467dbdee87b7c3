use std::io::{Read, Seek};

use super::embedded::Embedded;
use super::source::Source;
use super::tiff;
use crate::exchange::ExchangeError;

/// Chunks looked at: an animation has one a frame.
const MOST_CHUNKS: usize = 1 << 16;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Embedded, ExchangeError> {
    let mut found = Embedded::default();
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        let head = source.some(at, 8)?;
        let Some(length) = head.get(4..8).and_then(|length| <[u8; 4]>::try_from(length).ok()) else { break };
        let length = u64::from(u32::from_le_bytes(length));
        match &head[..4] {
            b"XMP " if found.xmp.is_none() => found.xmp = Some(source.whole(at + 8, length)?),
            b"EXIF" => {
                let block = source.some(at + 8, length)?;
                let block = block.strip_prefix(b"Exif\0\0").unwrap_or(&block);
                found.orientation = tiff::orientation(block).unwrap_or(1);
            }
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    Ok(found)
}
