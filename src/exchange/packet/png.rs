use std::io::{Read, Seek};

use flate2::read::ZlibDecoder;

use super::embedded::Embedded;
use super::source::{Source, be32};
use super::tiff;
use crate::exchange::ExchangeError;
use crate::exchange::xml::MOST_BYTES;

const KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";

/// Chunks looked at: a picture in small pieces has thousands.
const MOST_CHUNKS: usize = 1 << 20;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Embedded, ExchangeError> {
    let mut found = Embedded::default();
    let mut at = 8;
    for _ in 0..MOST_CHUNKS {
        let head = source.some(at, 8)?;
        let (Some(length), Some(name)) = (be32(&head, 0), head.get(4..8)) else { break };
        match name {
            b"IEND" => break,
            b"eXIf" => found.orientation = tiff::orientation(&source.some(at + 8, length)?).unwrap_or(1),
            b"iTXt" if found.xmp.is_none() && source.some(at + 8, KEYWORD.len() as u64)? == KEYWORD => {
                let body = source.whole(at + 8, length)?;
                found.xmp = Some(text(body.get(KEYWORD.len()..).ok_or(ExchangeError::Cut)?)?);
            }
            _ => {}
        }
        at += 12 + length; // with length, name and checksum
    }
    Ok(found)
}

/// What follows the keyword: whether it is packed, how, a language and a translated keyword, each ended by a zero.
fn text(body: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let [packed, _method, rest @ ..] = body else { return Err(ExchangeError::Cut) };
    let mut rest = rest;
    for _ in 0..2 {
        let end = rest.iter().position(|byte| *byte == 0).ok_or(ExchangeError::Cut)?;
        rest = &rest[end + 1..];
    }
    if *packed == 0 {
        return Ok(rest.to_vec());
    }
    let mut text = Vec::new();
    ZlibDecoder::new(rest).take(MOST_BYTES + 1).read_to_end(&mut text).map_err(|_| ExchangeError::Cut)?;
    if text.len() as u64 > MOST_BYTES { Err(ExchangeError::TooLarge { limit: MOST_BYTES }) } else { Ok(text) }
}
