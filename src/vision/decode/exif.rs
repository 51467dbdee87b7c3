mod date;

use image::metadata::Orientation;

use self::date::iso_time;
use super::tiff::{Directory, Tiff, tag};

/// Blocks of a file that are looked at; files have one or two.
const MOST_BLOCKS: usize = 16;

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
    pub fn gather<B: AsRef<[u8]>>(blocks: impl IntoIterator<Item = B>) -> Self {
        let mut told = Told::default();
        for block in blocks.into_iter().take(MOST_BLOCKS) {
            let next = Told::parse(block.as_ref());
            told.orientation = told.orientation.or(next.orientation);
            told.taken_at = told.taken_at.or(next.taken_at);
            told.is_adobe_rgb = told.is_adobe_rgb.or(next.is_adobe_rgb);
            if told.is_all() {
                break;
            }
        }
        Self {
            orientation: told.orientation.unwrap_or(Orientation::NoTransforms),
            taken_at: told.taken_at,
            is_adobe_rgb: told.is_adobe_rgb.unwrap_or(false),
        }
    }

    /// One block alone.
    pub fn parse(block: &[u8]) -> Self {
        Self::gather([block])
    }
}

impl Told {
    fn parse(block: &[u8]) -> Self {
        // The prefix of JPEG is met in WebP, PNG and HEIC, too.
        let block = if block.starts_with(b"Exif\0") { block.get(6..).unwrap_or_default() } else { block };
        Tiff::new(block).map(|tiff| Self::of(&tiff)).unwrap_or_default()
    }

    /// What the first directory of a TIFF structure tells, and the one of EXIF below it.
    pub fn of(tiff: &Tiff<'_>) -> Self {
        let Some(first) = tiff.first_page() else { return Self::default() };
        let exif = tiff.below(&first, tag::EXIF_IFD).unwrap_or_default();
        Self {
            orientation: orientation(tiff, &first),
            taken_at: taken_at(tiff, &exif),
            is_adobe_rgb: tiff.first(&exif, tag::COLOUR_SPACE).map(|space| space == 0xFFFF && is_r03(tiff, &exif)),
        }
    }

    fn is_all(&self) -> bool {
        self.orientation.is_some() && self.taken_at.is_some() && self.is_adobe_rgb.is_some()
    }
}

pub(super) fn orientation(tiff: &Tiff<'_>, directory: &Directory) -> Option<Orientation> {
    Orientation::from_exif(u8::try_from(tiff.first(directory, tag::ORIENTATION)?).ok()?)
}

pub(super) fn taken_at(tiff: &Tiff<'_>, exif: &Directory) -> Option<String> {
    [tag::TIME_ORIGINAL, tag::TIME_DIGITIZED].into_iter().find_map(|tag| {
        let text = tiff.raw_value(exif, tag)?;
        iso_time(text.split(|&byte| byte == 0).next()?)
    })
}

fn is_r03(tiff: &Tiff<'_>, exif: &Directory) -> bool {
    let directory = tiff.below(exif, tag::INTEROPERABILITY_IFD);
    let index = directory.and_then(|directory| tiff.raw_value(&directory, tag::INTEROPERABILITY_INDEX));
    index.is_some_and(|index| index.starts_with(b"R03"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use exif::experimental::Writer;
    use exif::{Field, In, Tag, Value};

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
        let facts = ExifFacts::parse(&exif_block(6, "2019:07:03 14:05:00"));
        assert_eq!(facts.orientation, Orientation::Rotate90);
        assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
        assert!(!facts.is_adobe_rgb);
        let prefixed = [b"Exif\0\0".to_vec(), exif_block(6, "2019:07:03 14:05:00")].concat();
        assert_eq!(ExifFacts::parse(&prefixed), facts);
        assert!(ExifFacts::parse(&adobe_rgb_block()).is_adobe_rgb);
    }

    #[test]
    fn times_under_other_types_and_of_either_tag_are_read() {
        let digitized = field(Tag::DateTimeDigitized, Value::Undefined(b"2019/07/03  9:05:00".to_vec(), 0));
        let blank = field(Tag::DateTimeOriginal, ascii("    :  :     :  :  "));
        for little_endian in [false, true] {
            let facts = ExifFacts::parse(&block_of(&[digitized.clone(), blank.clone()], little_endian));
            assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T09:05:00"));
        }
    }

    #[test]
    fn each_fact_comes_from_the_first_block_that_tells_it() {
        let turned = block_of(&[field(Tag::Orientation, Value::Short(vec![6]))], true);
        let camera = exif_block(3, "2019:07:03 14:05:00");
        let facts = ExifFacts::gather([b"damaged", &turned[..], &camera]);
        assert_eq!(facts.orientation, Orientation::Rotate90);
        assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
        let odd = exif_block(0, "2018:01:01 00:00:01");
        let facts = ExifFacts::gather([odd, camera]);
        assert_eq!(facts.orientation, Orientation::Rotate180, "0 says nothing");
        assert_eq!(facts.taken_at.as_deref(), Some("2018-01-01T00:00:01"));
    }

    #[test]
    fn odd_orientations_and_damage_leave_the_photo_as_it_is() {
        assert_eq!(ExifFacts::parse(&exif_block(9, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(&exif_block(300, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(&[]), ExifFacts::default());
        assert_eq!(ExifFacts::parse(b"Exif\0"), ExifFacts::default());
        let block = exif_block(6, "2019:07:03 14:05:00");
        for cut in 0..block.len() {
            ExifFacts::parse(&block[..cut]);
        }
    }

    #[test]
    fn a_block_that_points_to_itself_from_everywhere_is_read_once() {
        // As many pointers to EXIF as go into a block, each to another place in the row of them, from where the rest reads as
        // one more directory. Followed all, the 64 KiB are fourteen million entries.
        const POINTERS: u32 = 5_400;
        let mut block = b"MM\0*\0\0\0\x08".to_vec();
        block.extend((POINTERS as u16 + 1).to_be_bytes());
        block.extend(*b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        for n in 0..POINTERS {
            block.extend(*b"\x87\x69\0\x04\0\0\0\x01");
            block.extend((22 + 12 * n).to_be_bytes());
        }
        let begun = std::time::Instant::now();
        let facts = ExifFacts::gather(vec![&block; 500]);
        assert_eq!(facts, ExifFacts { orientation: Orientation::Rotate90, ..ExifFacts::default() });
        let secs = begun.elapsed().as_secs_f32();
        assert!(secs < 2.0, "{secs} s");
    }
}
