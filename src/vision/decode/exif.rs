mod date;

use exif::{Exif, In, Reader, Tag, Value};
use image::metadata::Orientation;

pub(super) use date::iso_time;

/// What the program takes from a photo's EXIF blocks. A damaged block gives the defaults: it never spoils the photo.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ExifFacts {
    pub orientation: Orientation,
    /// Local time as `2019-07-03T14:05:00`.
    pub taken_at: Option<String>,
    /// The camera says that the samples are Adobe RGB: "uncalibrated", with the interoperability index R03 (DCF 2.0).
    pub is_adobe_rgb: bool,
}

impl Default for ExifFacts {
    fn default() -> Self {
        Self { orientation: Orientation::NoTransforms, taken_at: None, is_adobe_rgb: false }
    }
}

/// What one block tells.
#[derive(Default)]
pub(super) struct Told {
    pub orientation: Option<Orientation>,
    pub taken_at: Option<String>,
    pub is_adobe_rgb: Option<bool>,
}

impl ExifFacts {
    /// Each block is a TIFF structure: what follows `Exif\0\0` in a JPEG (with it or without), or a whole TIFF file.
    ///
    /// Of several blocks each fact is taken from the first that tells it: programs that turn a photo write a block of
    /// their own before the camera's, and a block that is damaged or bare takes nothing away from the next.
    pub fn gather(blocks: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut told = Told::default();
        for block in blocks {
            let next = Told::parse(block);
            told.orientation = told.orientation.or(next.orientation);
            told.taken_at = told.taken_at.or(next.taken_at);
            told.is_adobe_rgb = told.is_adobe_rgb.or(next.is_adobe_rgb);
        }
        Self {
            orientation: told.orientation.unwrap_or(Orientation::NoTransforms),
            taken_at: told.taken_at,
            is_adobe_rgb: told.is_adobe_rgb.unwrap_or(false),
        }
    }

    /// One block alone.
    pub fn parse(block: Vec<u8>) -> Self {
        Self::gather([block])
    }
}

impl Told {
    fn parse(mut block: Vec<u8>) -> Self {
        // The prefix of JPEG is met in WebP, PNG and HEIC, too.
        if block.starts_with(b"Exif\0") {
            block.drain(..block.len().min(6));
        }
        let mut reader = Reader::new();
        let parsed = reader.continue_on_error(true).read_raw(block).or_else(|e| e.distill_partial_result(|_| ()));
        let Ok(exif) = parsed else { return Self::default() };
        let number = |tag| exif.get_field(tag, In::PRIMARY).and_then(|field| field.value.get_uint(0));
        Self {
            orientation: number(Tag::Orientation).and_then(|value| Orientation::from_exif(u8::try_from(value).ok()?)),
            taken_at: [Tag::DateTimeOriginal, Tag::DateTimeDigitized].into_iter().find_map(|tag| time(&exif, tag)),
            is_adobe_rgb: number(Tag::ColorSpace).map(|space| space == 0xFFFF && is_r03(&exif)),
        }
    }
}

fn time(exif: &Exif, tag: Tag) -> Option<String> {
    iso_time(text(&exif.get_field(tag, In::PRIMARY)?.value)?)
}

fn is_r03(exif: &Exif) -> bool {
    let index = exif.get_field(Tag::InteroperabilityIndex, In::PRIMARY);
    index.and_then(|field| text(&field.value)).is_some_and(|index| index.starts_with(b"R03"))
}

/// Text is written under other types, too.
fn text(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Ascii(lines) => lines.first().map(Vec::as_slice),
        Value::Byte(bytes) | Value::Undefined(bytes, _) => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use exif::Field;
    use exif::experimental::Writer;

    fn field(tag: Tag, value: Value) -> Field {
        Field { tag, ifd_num: In::PRIMARY, value }
    }

    fn ascii(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    pub fn block_of(fields: &[Field], little_endian: bool) -> Vec<u8> {
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut block = std::io::Cursor::new(Vec::new());
        writer.write(&mut block, little_endian).unwrap();
        block.into_inner()
    }

    /// A TIFF block with an orientation and a time, as cameras write it.
    pub fn exif_block(orientation: u16, taken_at: &str) -> Vec<u8> {
        block_of(&oriented(orientation, taken_at), false)
    }

    pub fn oriented(orientation: u16, taken_at: &str) -> [Field; 2] {
        let orientation = field(Tag::Orientation, Value::Short(vec![orientation]));
        [orientation, field(Tag::DateTimeOriginal, ascii(taken_at))]
    }

    /// What a camera set to Adobe RGB writes.
    pub fn adobe_rgb_block() -> Vec<u8> {
        let fields =
            [field(Tag::ColorSpace, Value::Short(vec![0xFFFF])), field(Tag::InteroperabilityIndex, ascii("R03"))];
        block_of(&fields, true)
    }

    #[test]
    fn reads_orientation_and_time() {
        let facts = ExifFacts::parse(exif_block(6, "2019:07:03 14:05:00"));
        assert_eq!(facts.orientation, Orientation::Rotate90);
        assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
        assert!(!facts.is_adobe_rgb);
        let prefixed = [b"Exif\0\0".to_vec(), exif_block(6, "2019:07:03 14:05:00")].concat();
        assert_eq!(ExifFacts::parse(prefixed), facts);
        assert!(ExifFacts::parse(adobe_rgb_block()).is_adobe_rgb);
    }

    #[test]
    fn times_under_other_types_and_of_either_tag_are_read() {
        let digitized = field(Tag::DateTimeDigitized, Value::Undefined(b"2019/07/03  9:05:00".to_vec(), 0));
        let blank = field(Tag::DateTimeOriginal, ascii("    :  :     :  :  "));
        for little_endian in [false, true] {
            let facts = ExifFacts::parse(block_of(&[digitized.clone(), blank.clone()], little_endian));
            assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T09:05:00"));
        }
    }

    #[test]
    fn each_fact_comes_from_the_first_block_that_tells_it() {
        let turned = block_of(&[field(Tag::Orientation, Value::Short(vec![6]))], true);
        let camera = exif_block(3, "2019:07:03 14:05:00");
        let facts = ExifFacts::gather([b"damaged".to_vec(), turned, camera.clone()]);
        assert_eq!(facts.orientation, Orientation::Rotate90);
        assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
        let odd = exif_block(0, "2018:01:01 00:00:01");
        let facts = ExifFacts::gather([odd, camera]);
        assert_eq!(facts.orientation, Orientation::Rotate180, "0 says nothing");
        assert_eq!(facts.taken_at.as_deref(), Some("2018-01-01T00:00:01"));
    }

    #[test]
    fn odd_orientations_and_damage_leave_the_photo_as_it_is() {
        assert_eq!(ExifFacts::parse(exif_block(9, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(exif_block(300, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(vec![]), ExifFacts::default());
        assert_eq!(ExifFacts::parse(b"Exif\0".to_vec()), ExifFacts::default());
        let block = exif_block(6, "2019:07:03 14:05:00");
        for cut in 0..block.len() {
            ExifFacts::parse(block[..cut].to_vec());
        }
    }
}
