use exif::{In, Reader, Tag, Value};
use image::metadata::Orientation;

/// What the program takes from a photo's EXIF block. A damaged block gives the defaults: it never spoils the photo.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ExifFacts {
    pub orientation: Orientation,
    /// Local time as `2019-07-03T14:05:00`.
    pub taken_at: Option<String>,
}

impl Default for ExifFacts {
    fn default() -> Self {
        Self { orientation: Orientation::NoTransforms, taken_at: None }
    }
}

impl ExifFacts {
    /// `block` is a TIFF structure: what follows `Exif\0\0` in a JPEG, or a whole TIFF file.
    pub fn parse(block: Vec<u8>) -> Self {
        let mut reader = Reader::new();
        let parsed = reader.continue_on_error(true).read_raw(block).or_else(|e| e.distill_partial_result(|_| ()));
        let Ok(exif) = parsed else { return Self::default() };
        let orientation = exif
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .and_then(|value| Orientation::from_exif(u8::try_from(value).ok()?))
            .unwrap_or(Orientation::NoTransforms);
        let taken_at = [Tag::DateTimeOriginal, Tag::DateTimeDigitized]
            .into_iter()
            .find_map(|tag| iso_time(&exif.get_field(tag, In::PRIMARY)?.value));
        Self { orientation, taken_at }
    }
}

/// `2019:07:03 14:05:00` to `2019-07-03T14:05:00`; `None` for blanks, zeros and days that no calendar has.
fn iso_time(value: &Value) -> Option<String> {
    let Value::Ascii(lines) = value else { return None };
    let time = exif::DateTime::from_ascii(lines.first()?).ok()?;
    if time.year == 0 {
        return None;
    }
    // A camera may write second 60; the calendar has none.
    let second = time.second.min(59) as i8;
    let year = i16::try_from(time.year).ok()?;
    let small = |v: u8| i8::try_from(v).ok();
    jiff::civil::DateTime::new(
        year,
        small(time.month)?,
        small(time.day)?,
        small(time.hour)?,
        small(time.minute)?,
        second,
        0,
    )
    .ok()
    .map(|time| time.to_string())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use exif::Field;
    use exif::experimental::Writer;

    /// A TIFF block with an orientation and a time, as cameras write it.
    pub fn exif_block(orientation: u16, taken_at: &str) -> Vec<u8> {
        let fields = [
            Field { tag: Tag::Orientation, ifd_num: In::PRIMARY, value: Value::Short(vec![orientation]) },
            Field {
                tag: Tag::DateTimeOriginal,
                ifd_num: In::PRIMARY,
                value: Value::Ascii(vec![taken_at.as_bytes().to_vec()]),
            },
        ];
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut block = std::io::Cursor::new(Vec::new());
        writer.write(&mut block, false).unwrap();
        block.into_inner()
    }

    #[test]
    fn reads_orientation_and_time() {
        let facts = ExifFacts::parse(exif_block(6, "2019:07:03 14:05:00"));
        assert_eq!(facts.orientation, Orientation::Rotate90);
        assert_eq!(facts.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
    }

    #[test]
    fn times_that_do_not_exist_are_no_times() {
        for time in ["0000:00:00 00:00:00", "2019:02:30 10:00:00", "    :  :     :  :  ", "2019", "2019:07:03 25:00:00"]
        {
            assert_eq!(ExifFacts::parse(exif_block(1, time)).taken_at, None, "{time}");
        }
    }

    #[test]
    fn odd_orientations_and_damage_leave_the_photo_as_it_is() {
        assert_eq!(ExifFacts::parse(exif_block(9, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(exif_block(300, "")).orientation, Orientation::NoTransforms);
        assert_eq!(ExifFacts::parse(vec![]), ExifFacts::default());
        let block = exif_block(6, "2019:07:03 14:05:00");
        for cut in 0..block.len() {
            ExifFacts::parse(block[..cut].to_vec());
        }
    }
}
