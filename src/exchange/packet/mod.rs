//! The XMP packet and the orientation in a photo's file. Only heads of segments and what is asked for are read.

mod embedded;
mod heif;
mod jpeg;
mod png;
mod source;
mod tiff;
mod webp;

use std::io::{Read, Seek};

use super::ExchangeError;
use source::Source;

pub use embedded::Embedded;

/// Told by the first bytes: JPEG, PNG, TIFF and the raw files that are built so, WebP, HEIC and AVIF. Of any other file
/// nothing is known.
///
/// # Errors
/// [`ExchangeError::Cut`] where the packet itself is cut or damaged, [`ExchangeError::TooLarge`], reading.
pub fn read_embedded(file: impl Read + Seek) -> Result<Embedded, ExchangeError> {
    let mut source = Source::new(file)?;
    let head = source.some(0, 12)?;
    match head.as_slice() {
        [0xFF, 0xD8, ..] => jpeg::read(&mut source),
        [0x89, b'P', b'N', b'G', ..] => png::read(&mut source),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => tiff::read(&mut source),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => webp::read(&mut source),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => heif::read(&mut source),
        _ => Ok(Embedded::default()),
    }
}

#[cfg(test)]
mod tests;
