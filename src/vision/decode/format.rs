use std::fmt;

use serde::{Deserialize, Serialize};

/// A photo format that the program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhotoFormat {
    Jpeg,
    Png,
    WebP,
    Tiff,
    Bmp,
    Gif,
    Heic,
    Avif,
    /// A camera's raw file, of which the JPEG inside is read.
    Raw,
}

impl PhotoFormat {
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Raw => "raw",
        }
    }

    /// Tells the format by the first bytes, or says what the content looks like instead.
    pub fn sniff(bytes: &[u8]) -> Result<Self, &'static str> {
        let four_at = |at: usize| bytes.get(at..at + 4);
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Ok(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Ok(Self::Png)
        } else if bytes.starts_with(b"RIFF") && four_at(8) == Some(b"WEBP") {
            Ok(Self::WebP)
        } else if is_raw(bytes) {
            Ok(Self::Raw)
        } else if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic)) {
            Ok(Self::Tiff)
        } else if is_bmp(bytes) {
            Ok(Self::Bmp)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Ok(Self::Gif)
        } else if four_at(4) == Some(b"ftyp") {
            iso_media(bytes).ok_or("a video or another ISO media file")
        } else {
            Err(guess_content(bytes))
        }
    }
}

impl fmt::Display for PhotoFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Raw files that tell it at once: Fujifilm, Panasonic, Olympus, Canon's CR2 and CR3. Others begin as TIFF and are told
/// by their directories ([`raw::is_raw`](super::raw::is_raw)).
fn is_raw(bytes: &[u8]) -> bool {
    const STARTS: [&[u8]; 5] = [b"FUJIFILMCCD-RAW ", b"IIU\0", b"IIRO", b"IIRS", b"MMOR"];
    STARTS.iter().any(|start| bytes.starts_with(start))
        || bytes.starts_with(b"II*\0") && bytes.get(8..10) == Some(b"CR")
        || bytes.get(4..12) == Some(b"ftypcrx ")
}

/// Two letters are a weak sign, so the size of the second header must be one that exists.
fn is_bmp(bytes: &[u8]) -> bool {
    let header_size = bytes.get(14..18).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    bytes.starts_with(b"BM") && header_size.is_some_and(|size| [12, 16, 40, 52, 56, 64, 108, 124].contains(&size))
}

/// Reads the brands of the `ftyp` box (ISO/IEC 14496-12, 4.3): the major one, then the compatible ones.
fn iso_media(bytes: &[u8]) -> Option<PhotoFormat> {
    let length = bytes.get(..4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)?;
    let brands = bytes.get(8..length.clamp(12, 256).min(bytes.len()))?;
    // The minor version stands between the major brand and the compatible ones; it names no brand.
    let brands = || brands.chunks_exact(4);
    let codec = brands().find_map(|brand| match brand {
        b"avif" | b"avis" => Some(PhotoFormat::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(PhotoFormat::Heic),
        _ => None,
    });
    // The structural brands say "an image" without its codec; HEVC is by far the likeliest.
    codec.or_else(|| brands().any(|brand| brand == b"mif1" || brand == b"msf1").then_some(PhotoFormat::Heic))
}

fn guess_content(bytes: &[u8]) -> &'static str {
    let start = &bytes[..bytes.len().min(512)];
    if start.starts_with(b"%PDF") {
        "a PDF document"
    } else if start.starts_with(b"PK\x03\x04") {
        "a ZIP archive or an office document"
    } else if start.starts_with(b"8BPS") {
        "a Photoshop document"
    } else if start.starts_with(b"\xFF\x0A") || start.starts_with(b"\0\0\0\x0CJXL ") {
        "a JPEG XL image"
    } else if start.iter().all(|&b| b == 0) {
        "nothing but zero bytes"
    } else if is_text(start) {
        "text"
    } else {
        "of an unknown kind"
    }
}

fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The cut at 512 bytes may fall into a character.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&start[..e.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|c| !c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ftyp(major: &[u8; 4], compatible: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = ((16 + 4 * compatible.len()) as u32).to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(major);
        bytes.extend([0, 0, 0, 0]);
        compatible.iter().for_each(|brand| bytes.extend(*brand));
        bytes
    }

    #[test]
    fn brands_decide_between_photo_and_video() {
        assert_eq!(PhotoFormat::sniff(&ftyp(b"heic", &[b"mif1"])), Ok(PhotoFormat::Heic));
        assert_eq!(PhotoFormat::sniff(&ftyp(b"mif1", &[b"mif1", b"heic"])), Ok(PhotoFormat::Heic));
        assert_eq!(PhotoFormat::sniff(&ftyp(b"mif1", &[b"avif"])), Ok(PhotoFormat::Avif));
        assert!(PhotoFormat::sniff(&ftyp(b"isom", &[b"mp42"])).is_err());
        assert!(PhotoFormat::sniff(b"\0\0\0\x20ftyp").is_err());
    }

    #[test]
    fn text_is_called_text_and_two_letters_are_no_bitmap() {
        assert_eq!(PhotoFormat::sniff(b"BMW and other cars, a list\n"), Err("text"));
        assert_eq!(PhotoFormat::sniff("Grüße".as_bytes()), Err("text"));
        assert_eq!(PhotoFormat::sniff(&[0; 40]), Err("nothing but zero bytes"));
        assert_eq!(PhotoFormat::sniff(&[1, 2, 3, 200]), Err("of an unknown kind"));
        assert!(PhotoFormat::sniff(b"").is_err());
    }
}
