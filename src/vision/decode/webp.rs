//! Whether all of a WebP picture is there: its decoders take zeros for codes and go on to the last pixel.

use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, Limits};

use super::params::MAX_DECODER_MEMORY;
use super::zeros::{SUSPICIOUS, trailing_zeros};

/// Whether the first picture ends in zeros that it does not need.
///
/// Flat pictures do end in zeros. Those are part of the code, so that without some of them decoding fails; zeros in the
/// place of lost data are the shortest codes, of which there are too many.
pub(super) fn breaks_off(bytes: &[u8]) -> bool {
    let Some((name, data)) = picture(bytes.get(12..).unwrap_or_default()) else { return false };
    if trailing_zeros(data) < SUSPICIOUS {
        return false;
    }
    let shorter = &data[..data.len() - SUSPICIOUS / 2];
    let chunk = [&name[..], &(shorter.len() as u32).to_le_bytes(), shorter, &vec![0; shorter.len() % 2]].concat();
    let file = [b"RIFF", &(chunk.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunk].concat();
    let decoded = WebPDecoder::new(std::io::Cursor::new(file)).and_then(|mut decoder| {
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODER_MEMORY);
        image::ImageDecoder::set_limits(&mut decoder, limits)?;
        DynamicImage::from_decoder(decoder)
    });
    decoded.is_ok()
}

/// Name and data of the first chunk with pixels; an animation's stand within its first frame.
fn picture(mut chunks: &[u8]) -> Option<([u8; 4], &[u8])> {
    const FRAME_HEAD: usize = 16;
    loop {
        let head = chunks.get(..8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let data = chunks.get(8..8usize.checked_add(length)?)?;
        match &head[..4] {
            b"VP8 " | b"VP8L" => return Some(([head[0], head[1], head[2], head[3]], data)),
            b"ANMF" => return picture(data.get(FRAME_HEAD..)?),
            _ => chunks = chunks.get(8 + length + length % 2..)?,
        }
    }
}
