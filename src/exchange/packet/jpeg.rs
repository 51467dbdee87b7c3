use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::embedded::Embedded;
use super::source::{Source, be16, be32};
use super::tiff;
use crate::exchange::ExchangeError;
use crate::exchange::xml::MOST_BYTES;

const STANDARD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF: &[u8] = b"Exif\0\0";

/// Segments looked at before the picture begins; each has 64 KiB at most.
const MOST_SEGMENTS: usize = 4096;

/// The parts of an extended packet by their place in it, and the length of the whole.
#[derive(Default)]
struct Parts {
    length: u64,
    parts: BTreeMap<u64, Vec<u8>>,
    held: u64,
}

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Embedded, ExchangeError> {
    let mut found = Embedded::default();
    let mut is_oriented = false;
    let mut extended: BTreeMap<Vec<u8>, Parts> = BTreeMap::new();
    let mut at = 2;
    for _ in 0..MOST_SEGMENTS {
        let head = source.some(at, 4)?;
        let Some(marker) = head.get(1).filter(|_| head[0] == 0xFF) else { break };
        match marker {
            0xFF => at += 1,               // filling
            0x01 | 0xD0..=0xD8 => at += 2, // no body
            0xD9 | 0xDA => break,          // the end, the picture
            _ => {
                let Some(length) = be16(&head, 2).filter(|length| *length >= 2) else { break };
                if *marker == 0xE1 {
                    let body = source.some(at + 4, length - 2)?;
                    let is_whole = body.len() as u64 == length - 2;
                    if let Some(packet) = body.strip_prefix(STANDARD).filter(|_| found.xmp.is_none()) {
                        found.xmp = Some(if is_whole { packet.to_vec() } else { return Err(ExchangeError::Cut) });
                    } else if let Some(part) = body.strip_prefix(EXTENSION) {
                        keep_part(&mut extended, if is_whole { part } else { return Err(ExchangeError::Cut) })?;
                    } else if let Some(block) = body.strip_prefix(EXIF).filter(|_| !is_oriented) {
                        let told = tiff::orientation(block);
                        is_oriented = told.is_some();
                        found.orientation = told.unwrap_or(1);
                    }
                }
                at += 2 + length;
            }
        }
    }
    found.extended = whole_of(extended, found.xmp.as_deref())?;
    Ok(found)
}

/// A part is the packet's digest in 32 letters, the length of the whole, its own place, and what stands there.
fn keep_part(extended: &mut BTreeMap<Vec<u8>, Parts>, part: &[u8]) -> Result<(), ExchangeError> {
    let (Some(id), Some(length), Some(place), Some(text)) =
        (part.get(..32), be32(part, 32), be32(part, 36), part.get(40..))
    else {
        return Err(ExchangeError::Cut);
    };
    let whole = extended.entry(id.to_vec()).or_default();
    whole.length = length;
    whole.held += text.len() as u64;
    if length > MOST_BYTES || whole.held > MOST_BYTES {
        return Err(ExchangeError::TooLarge { limit: MOST_BYTES });
    }
    whole.parts.insert(place, text.to_vec());
    Ok(())
}

/// The extended packet that the packet names; another one was left there by a program that did not know it.
fn whole_of(extended: BTreeMap<Vec<u8>, Parts>, xmp: Option<&[u8]>) -> Result<Option<Vec<u8>>, ExchangeError> {
    let Some(xmp) = xmp else { return Ok(None) };
    let named = |id: &[u8]| xmp.windows(id.len()).any(|window| window == id);
    let Some((_, whole)) = extended.into_iter().find(|(id, _)| named(id)) else { return Ok(None) };
    let mut bytes = Vec::new();
    for (place, part) in whole.parts {
        if place != bytes.len() as u64 {
            return Err(ExchangeError::Cut);
        }
        bytes.extend(part);
    }
    if bytes.len() as u64 == whole.length { Ok(Some(bytes)) } else { Err(ExchangeError::Cut) }
}
