use std::ops::Range;

/// What stands in a JPEG's marker segments up to its first scan (ITU-T T.81, annex B).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Segments {
    /// The EXIF blocks in their order, without the prefix `Exif\0\0`.
    pub exif: Vec<Range<usize>>,
    /// Parts of the colour profile, each with its number from 1 on and how many there are.
    parts: Vec<(u8, u8, Range<usize>)>,
    /// Whole segments without which nothing can be decoded: tables, the frame, the first scan's head.
    needed: Vec<Range<usize>>,
    /// Adobe's segment is there, so CMYK samples are stored inverted.
    pub adobe: bool,
    /// Of several pictures in the file (MPF), without the prefix.
    pub pictures: Option<Range<usize>>,
    /// Width and height.
    pub frame: Option<[u32; 2]>,
    /// Where the entropy-coded data begins.
    pub scan_start: Option<usize>,
    /// The first scan holds every component of the frame.
    pub single_scan: bool,
    /// The file ends inside or between segments, before a scan.
    pub ends_early: bool,
}

impl Segments {
    pub fn read(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let mut components = None;
        let mut at = 2;
        loop {
            // Stray bytes before a marker are skipped, as libjpeg does; 0xFF may be repeated.
            while bytes.get(at).is_some_and(|&b| b != 0xFF) {
                at += 1;
            }
            while bytes.get(at) == Some(&0xFF) {
                at += 1;
            }
            let Some(&marker) = bytes.get(at) else {
                found.ends_early = true;
                return found;
            };
            at += 1;
            match marker {
                0x00 | 0x01 | 0xD0..=0xD8 => continue,
                0xD9 => return found,
                _ => {}
            }
            let length = bytes.get(at..at + 2).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
            let Some(body) = length.and_then(|length| bytes.get(at + 2..at + length.max(2))) else {
                found.ends_early = true;
                return found;
            };
            let start = at + 2;
            at = start + body.len();
            if matches!(marker, 0xC0..=0xCF | 0xDA..=0xDD) {
                found.needed.push(start - 4..at);
            }
            match marker {
                0xE1 if body.len() > 6 && body.starts_with(b"Exif\0") => found.exif.push(start + 6..at),
                0xE2 if body.len() > 14 && body.starts_with(b"ICC_PROFILE\0") => {
                    found.parts.push((body[12], body[13], start + 14..at));
                }
                0xE2 if body.starts_with(b"MPF\0") => found.pictures = Some(start + 4..at),
                0xEE if body.starts_with(b"Adobe") => found.adobe = true,
                0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&marker) => {
                    components = body.get(5).copied();
                    let side = |at: usize| Some(u32::from(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?])));
                    found.frame = side(3).zip(side(1)).map(|(width, height)| [width, height]);
                }
                0xDA => {
                    found.scan_start = Some(at);
                    found.single_scan = components.is_some() && body.first().copied() == components;
                    return found;
                }
                _ => {}
            }
        }
    }

    /// The colour profile, put together in the order of its parts; `None` where one is missing.
    pub fn profile(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut parts = self.parts.clone();
        parts.sort_by_key(|(number, ..)| *number);
        parts.dedup_by_key(|(number, ..)| *number);
        let count = parts.first()?.1;
        let is_whole = parts.len() == usize::from(count) && parts.iter().zip(1..).all(|(part, n)| part.0 == n);
        is_whole.then(|| parts.into_iter().flat_map(|(_, _, place)| bytes[place].to_vec()).collect())
    }

    /// The same picture with nothing but what decoding needs before its first scan.
    pub fn bare(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bare = vec![0xFF, 0xD8];
        for place in &self.needed {
            bare.extend(&bytes[place.clone()]);
        }
        bare.extend(&bytes[self.scan_start.unwrap_or(bytes.len())..]);
        bare
    }

    /// Whether the end marker follows the first scan. Inside entropy-coded data it cannot occur by chance, and
    /// the end marker of an embedded thumbnail stands before the scan.
    pub fn has_end(&self, bytes: &[u8]) -> bool {
        self.scan_start.is_some_and(|start| bytes[start..].windows(2).any(|pair| pair == [0xFF, 0xD9]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, marker];
        bytes.extend((body.len() as u16 + 2).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn finds_what_stands_before_the_scan() {
        let mut bytes = vec![0xFF, 0xD8];
        bytes.extend(segment(0xE1, b"Exif\0\0BLOCK\xFF\xD9"));
        bytes.extend([1, 2, 3]); // stray
        bytes.extend(segment(0xEE, b"Adobe\0d"));
        bytes.extend(segment(0xC0, &[8, 0, 16, 0, 16, 3]));
        bytes.extend(segment(0xDA, &[3, 0, 0, 0]));
        let found = Segments::read(&bytes);
        assert_eq!(found.exif.iter().map(|block| &bytes[block.clone()]).collect::<Vec<_>>(), [b"BLOCK\xFF\xD9"]);
        assert!(found.adobe && found.single_scan && !found.ends_early);
        assert_eq!(found.scan_start, Some(bytes.len()));
        assert!(!found.has_end(&bytes), "the thumbnail's end is not the photo's");
        bytes.extend([7, 0xFF, 0xD9]);
        assert!(Segments::read(&bytes).has_end(&bytes));
    }

    #[test]
    fn every_cut_is_survived() {
        let mut bytes = vec![0xFF, 0xD8];
        bytes.extend(segment(0xE1, b"Exif\0\0BLOCK"));
        bytes.extend(segment(0xC2, &[8, 0, 16, 0, 16, 3]));
        for cut in 0..bytes.len() {
            let found = Segments::read(&bytes[..cut]);
            assert!(found.ends_early && found.scan_start.is_none());
        }
    }
}
