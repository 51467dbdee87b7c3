//! What a PNG says beside its pixels, wherever it stands: the decoder reads only what comes before them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;

/// Text longer than this is no EXIF block written as text: a block has 64 KiB at most, as hexadecimal digits twice that.
const LONGEST_TEXT: u64 = 1 << 20;

/// Texts that are unpacked at most. A file has one; each of them may unpack to a thousand times its length.
const MOST_TEXTS: usize = 16;

/// The EXIF blocks: those of their own chunk first, then those in text, as ImageMagick writes them. Each is unpacked when
/// it is asked for.
pub(super) fn exif_blocks(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let own = chunks(bytes).filter(|(name, _)| name == b"eXIf").map(|(_, body)| Cow::Borrowed(body));
    let texts = chunks(bytes).filter_map(|(name, body)| Some((name, exif_text(&name, body)?))).take(MOST_TEXTS);
    own.chain(texts.filter_map(|(name, rest)| raw_profile(&text(&name, rest)?).map(Cow::Owned)))
}

/// Primaries and transfer function by the numbers of ITU-T H.273, which go before a profile (PNG 3, 4.3).
pub(super) fn coded_colour(bytes: &[u8]) -> Option<(u16, u16)> {
    let (_, code) = chunks(bytes).take_while(|(name, _)| name != b"IDAT").find(|(name, _)| name == b"cICP")?;
    Some((u16::from(*code.first()?), u16::from(*code.get(1)?)))
}

/// Names and bodies of the chunks up to the end or to a chunk that is cut.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = [head[4], head[5], head[6], head[7]];
        let body = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
        at += length + 12; // name, length and checksum
        Some((name, body))
    })
}

/// What follows the keyword of a text chunk that says that it holds EXIF.
fn exif_text<'a>(name: &[u8; 4], body: &'a [u8]) -> Option<&'a [u8]> {
    let (keyword, rest) = [b"tEXt", b"zTXt", b"iTXt"].contains(&name).then(|| split(body))??;
    let is_exif = [&b"Raw profile type exif"[..], b"Raw profile type APP1"]
        .iter()
        .any(|known| keyword.eq_ignore_ascii_case(known));
    is_exif.then_some(rest)
}

/// The text that begins there.
fn text(name: &[u8; 4], rest: &[u8]) -> Option<Vec<u8>> {
    match name {
        b"tEXt" => Some(rest.to_vec()),
        b"zTXt" => inflate(rest.strip_prefix(&[0])?),
        b"iTXt" => {
            let (is_compressed, rest) = (*rest.first()? == 1, rest.get(2..)?);
            let (_language, rest) = split(rest)?;
            let (_translated, text) = split(rest)?;
            if is_compressed { inflate(text) } else { Some(text.to_vec()) }
        }
        _ => None,
    }
}

/// What stands before the first zero byte, and behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    ZlibDecoder::new(packed).take(LONGEST_TEXT).read_to_end(&mut text).ok()?;
    Some(text)
}

/// A line with the profile's name, one with its length, then hexadecimal digits. An APP1 profile may be XMP instead.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.trim_ascii_start().splitn(3, |&byte| byte == b'\n');
    let (_name, length, digits) = (lines.next()?, lines.next()?, lines.next()?);
    let length: usize = std::str::from_utf8(length.trim_ascii()).ok()?.parse().ok()?;
    let digits: Vec<u8> = digits.iter().filter_map(|&digit| (digit as char).to_digit(16)).map(|d| d as u8).collect();
    let block: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).take(length).collect();
    block.starts_with(b"Exif\0\0").then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_chunks_and_profiles_are_survived() {
        assert_eq!(exif_blocks(b"").count(), 0);
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x03eXIfabc----".to_vec();
        file.extend(b"\xFF\xFF\xFF\xFFIDAT");
        assert_eq!(exif_blocks(&file).collect::<Vec<_>>(), [&b"abc"[..]]);
        for text in ["", "\nexif\n", "\nexif\n  x\n00", "\nexif\n 99999999999999999999\n00", "\nexif\n  6\n0g"] {
            assert_eq!(raw_profile(text.as_bytes()), None, "{text}");
        }
        let xmp = b"\nAPP1\n      12\n687474703a2f2f6e732e6164";
        assert_eq!(raw_profile(xmp), None);
        let exif = b"\nexif\n      8\n457869660000\n4d4d\n";
        assert_eq!(raw_profile(exif).unwrap(), b"Exif\0\0MM");
    }
}
