//! Files of several pictures one behind another (multi-picture format, CIPA DC-007): of stereo cameras and panoramas, say.
//! Phones keep in the same way what belongs to the one picture, which is no picture of its own.

use std::ops::Range;

use super::super::tiff::{Tiff, tag};
use super::segments::Segments;

/// Pictures that are looked at.
const MOST: usize = 16;

/// Bytes of an entry: attributes, length and place of a picture, and two numbers of others.
const ENTRY: usize = 16;

/// What stands before the samples of gain maps (Adobe's, ISO 21496-1, Apple's) and of maps of depth.
const NO_PICTURES: [&[u8]; 5] = [b"hdrgm", b"ts:21496", b"hdrgainmap", b"gdepth", b"depthdata"];

/// How many pictures the file holds besides the first, by its `index`: smaller copies and maps do not count, nor does what
/// is not there. `size` is the first one's.
pub(super) fn other_pictures(file: &[u8], index: Range<usize>, size: [u32; 2]) -> usize {
    let start = index.start;
    let Some(tiff) = file.get(index).and_then(Tiff::new) else { return 0 };
    let entries = tiff.first_page().and_then(|page| tiff.raw_value(&page, tag::MP_ENTRIES)).unwrap_or_default();
    let others = entries.as_chunks::<ENTRY>().0.iter().skip(1).take(MOST);
    let picture = |entry: &[u8; ENTRY]| {
        let number = |at: usize| tiff.long([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
        // Class 1 of the types: large thumbnails.
        let is_thumbnail = number(0) >> 16 & 0xFF == 1;
        // Places are counted from the index on; 0 is the first picture.
        let at = start.checked_add(number(8) as usize).filter(|_| number(8) > 0 && !is_thumbnail)?;
        file.get(at..).filter(|picture| picture.starts_with(&[0xFF, 0xD8, 0xFF]))
    };
    others.filter_map(picture).filter(|picture| is_of_its_own(picture, size)).count()
}

/// Neither a smaller copy nor a map of another picture of `size`.
fn is_of_its_own(picture: &[u8], size: [u32; 2]) -> bool {
    let segments = Segments::read(picture);
    let (Some(own), Some(end)) = (segments.frame, segments.scan_start) else { return false };
    let area = |size: [u32; 2]| u64::from(size[0]) * u64::from(size[1]);
    let told = picture[..end].to_ascii_lowercase();
    let is_map = NO_PICTURES.iter().any(|mark| told.windows(mark.len()).any(|window| window == *mark));
    area(own) * 2 >= area(size) && !is_map
}
