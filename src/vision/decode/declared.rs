//! What decoding a file will take, from its header alone, so that memory can be shared out before any is taken.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use image::{ImageDecoder, ImageReader};

use super::file::open;
use super::open::MAX_FINER_PIXELS;
use super::raster::library_format;
use super::{DecodeParams, PhotoFormat, raw as raw_file};

/// What taking a photo through the decoder and cutting crops from it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Memory at the height of decoding, fitting and cutting crops: the file, what the decoder holds, the picture and the
    /// finer one that small faces are cut from.
    pub bytes: u64,
    /// Pixels of the photo, and of the fitted picture; 0 where it will not be decoded.
    pub pixels: u64,
    pub fitted: u64,
}

/// Estimated from above from the declared pixels. A header that does not tell is answered by what the limits allow at most,
/// a file that is refused anyway by its own length.
pub fn decoding_need(path: &Path, params: &DecodeParams) -> Need {
    let Ok(file) = open(path) else { return Need::default() };
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    if bytes > params.max_file_bytes {
        return Need::default();
    }
    let mut reader = BufReader::new(file);
    let mut start = [0; 512];
    let read = read_up_to(&mut reader, &mut start);
    let refused = Need { bytes, ..Need::default() };
    let Ok(mut format) = PhotoFormat::sniff(&start[..read]) else { return refused };
    let head = if matches!(format, PhotoFormat::Tiff | PhotoFormat::Raw) { head(&mut reader) } else { Vec::new() };
    if format == PhotoFormat::Tiff && raw_file::is_raw(&head) {
        format = PhotoFormat::Raw;
    }
    let declared = match format {
        PhotoFormat::Jpeg => jpeg(&mut reader),
        PhotoFormat::Heic | PhotoFormat::Avif => heif(&mut reader),
        PhotoFormat::Raw => Some(raw(&head, params)),
        PhotoFormat::Tiff => raster(reader, format).map(|declared| declared.at_least(&head, bytes)),
        _ => raster(reader, format),
    };
    let declared = declared.unwrap_or(Declared { pixels: params.max_pixels, decoder: 16, picture: 3 });
    if declared.pixels > params.max_pixels {
        return refused;
    }
    let fitted = declared.fitted(params);
    Need { bytes: bytes + declared.memory(format, fitted), pixels: declared.pixels, fitted }
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Declared {
    pixels: u64,
    /// Bytes that the decoder holds for each pixel besides the picture.
    decoder: u64,
    /// Bytes of each pixel of the picture that the decoder gives.
    picture: u64,
}

impl Declared {
    /// A TIFF's photo may be another page than the first; then a copy is made of the file.
    fn at_least(self, head: &[u8], bytes: u64) -> Self {
        let largest =
            raw_file::largest_declared(head).map_or(0, |[width, height]| u64::from(width) * u64::from(height));
        let pixels = self.pixels.max(largest);
        Self { pixels, decoder: self.decoder + bytes.div_ceil(pixels.max(1)), ..self }
    }

    /// Pixels of the fitted picture, at most.
    fn fitted(&self, params: &DecodeParams) -> u64 {
        let share = f64::from(params.min_scale.clamp(0.0, 1.0)).powi(2);
        match u64::from(params.max_image_side) {
            0 => self.pixels,
            side => self.pixels.min((side * side).max((self.pixels as f64 * share) as u64)),
        }
    }

    fn memory(&self, format: PhotoFormat, fitted: u64) -> u64 {
        // A JPEG is scaled while it is decoded, to less than twice the side that is wanted; but small faces are cut from a
        // finer picture, for which it is decoded again, up to its full size.
        let finer = if self.pixels <= MAX_FINER_PIXELS { self.pixels } else { MAX_FINER_PIXELS };
        let picture = if matches!(format, PhotoFormat::Jpeg | PhotoFormat::Raw) {
            self.pixels.min(finer.max(4 * fitted))
        } else {
            self.pixels
        };
        // Turned and scaled copies of the fitted picture besides.
        self.pixels * self.decoder + picture * self.picture + 2 * 3 * fitted
    }
}

/// Finds the frame header (ITU-T T.81, B.2.2). Progressive files keep the coefficients of every component, two bytes
/// each; other files a few rows.
fn jpeg(reader: &mut (impl Read + Seek)) -> Option<Declared> {
    reader.seek(SeekFrom::Start(2)).ok()?;
    loop {
        let mut marker = [0; 1];
        while marker[0] != 0xFF {
            reader.read_exact(&mut marker).ok()?;
        }
        while marker[0] == 0xFF {
            reader.read_exact(&mut marker).ok()?;
        }
        if matches!(marker[0], 0x00 | 0x01 | 0xD0..=0xD8) {
            continue;
        }
        let mut length = [0; 2];
        reader.read_exact(&mut length).ok()?;
        let length = i64::from(u16::from_be_bytes(length)).max(2);
        let is_frame = matches!(marker[0], 0xC0..=0xCF) && ![0xC4, 0xC8, 0xCC].contains(&marker[0]);
        if is_frame {
            let mut frame = [0; 6];
            reader.read_exact(&mut frame).ok()?;
            let side = |at: usize| u64::from(u16::from_be_bytes([frame[at], frame[at + 1]]));
            let components = u64::from(frame[5]).clamp(1, 4);
            let is_sequential = matches!(marker[0], 0xC0 | 0xC1 | 0xC9);
            let decoder = if is_sequential { 0 } else { 2 * components };
            return Some(Declared { pixels: side(1) * side(3), decoder, picture: if components == 4 { 7 } else { 3 } });
        }
        reader.seek(SeekFrom::Current(length - 2)).ok()?;
    }
}

/// The largest picture that the file declares (`ispe`, ISO/IEC 23008-12, 6.5.3): tiles are smaller than what they make.
/// The library holds planes and tiles of up to 16 bits, then the interleaved picture, of which a copy is made, and two more on the way from another process.
fn heif(reader: &mut (impl Read + Seek)) -> Option<Declared> {
    const HEAD: usize = 1 << 20;
    reader.seek(SeekFrom::Start(0)).ok()?;
    let mut head = Vec::new();
    reader.take(HEAD as u64).read_to_end(&mut head).ok()?;
    let number = |at: usize| head.get(at..at + 4).map(|b| u64::from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])));
    let found = head.windows(4).enumerate().filter(|(_, name)| name == b"ispe");
    let pixels = found.filter_map(|(at, _)| Some(number(at + 8)? * number(at + 12)?)).max()?;
    Some(Declared { pixels, decoder: 16, picture: 4 })
}

/// The JPEG inside is no larger than what the directories declare.
fn raw(head: &[u8], params: &DecodeParams) -> Declared {
    let largest = raw_file::largest_declared(head).map(|[width, height]| u64::from(width) * u64::from(height));
    Declared { pixels: largest.unwrap_or(params.max_pixels).min(params.max_pixels), decoder: 0, picture: 3 }
}

/// Where directories stand that describe the pictures of a raw file.
fn head(reader: &mut (impl Read + Seek)) -> Vec<u8> {
    const HEAD: u64 = 1 << 20;
    let mut head = Vec::new();
    let read = reader.seek(SeekFrom::Start(0)).and_then(|_| reader.take(HEAD).read_to_end(&mut head));
    if let Err(error) = read {
        log::debug!("the head of a file cannot be read: {error}");
    }
    head
}

fn raster(reader: BufReader<File>, format: PhotoFormat) -> Option<Declared> {
    let mut reader = reader;
    reader.seek(SeekFrom::Start(0)).ok()?;
    let decoder = ImageReader::with_format(reader, library_format(format)).into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // The samples as they are stored, and their copy as 8-bit RGB by way of RGBA.
    Some(Declared { pixels, decoder: decoder.total_bytes().div_ceil(pixels.max(1)) + 4, picture: 3 })
}

fn read_up_to(reader: &mut impl Read, into: &mut [u8]) -> usize {
    let mut filled = 0;
    while filled < into.len() {
        match reader.read(&mut into[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(read) => filled += read,
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn jpeg_header(frame: u8, width: u16, height: u16) -> Vec<u8> {
        let mut bytes = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xFF".to_vec();
        bytes.extend([frame, 0, 17, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes
    }

    #[test]
    fn a_frame_header_tells_pixels_and_whether_coefficients_are_kept() {
        let read = |frame: u8| jpeg(&mut Cursor::new(jpeg_header(frame, 10_000, 8_000))).unwrap();
        assert_eq!(read(0xC0), Declared { pixels: 80_000_000, decoder: 0, picture: 3 });
        assert_eq!(read(0xC2), Declared { pixels: 80_000_000, decoder: 6, picture: 3 });
        assert_eq!(jpeg(&mut Cursor::new(b"\xFF\xD8\xFF".to_vec())), None);
    }

    #[test]
    fn real_files_declare_what_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let params = DecodeParams::default();
        for name in ["drawing.heic", "drawing.avif", "drawing_alpha.heic", "drawing_cmyk.jpg"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
            let need = decoding_need(&path, &params).bytes;
            let pixels = u64::from(super::super::decode_file(&path, &params).unwrap().size.iter().product::<u32>());
            assert!(need >= 6 * pixels && need < 40 * pixels + (1 << 20), "{name}: {need} for {pixels} pixels");
        }
        let png = dir.path().join("a.png");
        image::RgbaImage::new(700, 500).save(&png).unwrap();
        assert!(decoding_need(&png, &params).bytes >= 700 * 500 * (4 + 3));
        let big = dir.path().join("big.jpg");
        std::fs::write(&big, jpeg_header(0xC2, 10_000, 10_000)).unwrap();
        let need = decoding_need(&big, &params).bytes;
        // The coefficients, and the whole picture for the sake of small faces.
        assert!((900_000_000..1_000_000_000).contains(&need), "{need}");
        std::fs::write(&big, jpeg_header(0xC2, 40_000, 40_000)).unwrap();
        assert!(decoding_need(&big, &params).bytes < 1_000, "it is refused before anything is decoded");
        assert_eq!(decoding_need(Path::new("/no/such.jpg"), &params), Need::default());
    }
}
