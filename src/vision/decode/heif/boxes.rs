//! What the boxes of a HEIC or AVIF file say that libheif does not tell: whether the file turns its picture itself, and
//! where the picture's code lies (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12).

use std::collections::HashMap;
use std::ops::Range;

use super::super::colour::Colour;
use super::super::zeros::trailing_zeros;

/// Items, and extents of an item, that are looked at.
const MOST: usize = 4096;

/// Zero bytes in a row that no code of HEVC holds: three are forbidden, and lengths of its units begin with three.
const NEVER_IN_HEVC: usize = 8;

/// Zero bytes at the end of an item's code. AV1's ends with a bit that is set.
const NEVER_LAST: usize = 16;

/// Name and body of a box.
type Part = ([u8; 4], Range<usize>);

/// The items of a file.
#[derive(Debug, Default)]
pub(super) struct Items {
    primary: u32,
    kinds: HashMap<u32, [u8; 4]>,
    places: HashMap<u32, Vec<Range<usize>>>,
    /// Of a picture that is put together: its parts.
    parts: HashMap<u32, Vec<u32>>,
    /// By name, with where they stand.
    properties: HashMap<u32, Vec<Part>>,
}

impl Items {
    /// `None` where the boxes cannot be followed.
    pub fn read(file: &[u8]) -> Option<Self> {
        let (_, meta) = boxes(file, 0..file.len()).find(|(name, _)| name == b"meta")?;
        let mut items = Self::default();
        let body = meta.start + 4..meta.end;
        let inside = |name: &[u8; 4]| boxes(file, body.clone()).find(|(found, _)| found == name).map(|(_, at)| at);
        let embedded = inside(b"idat").map_or(0, |idat| idat.start);
        items.primary = Reader::new(file, inside(b"pitm")?).versioned(0)?.0;
        items.read_kinds(file, inside(b"iinf")?)?;
        items.read_places(Reader::new(file, inside(b"iloc")?), embedded)?;
        if let Some(references) = inside(b"iref") {
            items.read_parts(file, references)?;
        }
        if let Some(properties) = inside(b"iprp") {
            items.read_properties(file, properties)?;
        }
        Some(items)
    }

    /// Whether the file turns or mirrors the picture by itself.
    pub fn is_turned(&self) -> bool {
        self.properties
            .get(&self.primary)
            .is_some_and(|names| names.iter().any(|(name, _)| name == b"irot" || name == b"imir"))
    }

    /// What the picture's samples are: by its profile, else by its codes; of a picture that is put together and says
    /// nothing itself, as its first part says.
    pub fn colour(&self, file: &[u8]) -> Option<Colour> {
        let first_part = self.parts.get(&self.primary).and_then(|parts| parts.first());
        let of = |item: &u32| {
            let properties = self.properties.get(item)?.iter();
            let told: Vec<&[u8]> =
                properties.filter(|(name, _)| name == b"colr").filter_map(|(_, at)| file.get(at.clone())).collect();
            let profile = told.iter().find(|body| body.starts_with(b"prof") || body.starts_with(b"rICC"));
            let coded = || {
                let code = told.iter().find(|body| body.starts_with(b"nclx") && body.len() >= 8)?;
                Some(Colour::coded(u16::from_be_bytes([code[4], code[5]]), u16::from_be_bytes([code[6], code[7]])))
            };
            profile.map(|body| Colour::Profile(body[4..].to_vec())).or_else(coded)
        };
        of(&self.primary).or_else(|| first_part.and_then(of))
    }

    /// Whether the picture's code ends in zeros or has a hole of them, or what the file says of it is zeros alone.
    pub fn breaks_off(&self, file: &[u8]) -> bool {
        let mut items = vec![self.primary];
        let mut at = 0;
        while at < items.len() && items.len() < MOST {
            let parts = self.parts.get(&items[at]).into_iter().flatten().filter(|part| !items.contains(part));
            let parts: Vec<u32> = parts.copied().collect();
            items.extend(parts);
            at += 1;
        }
        let exif = self.kinds.iter().filter(|(_, kind)| *kind == b"Exif").map(|(item, _)| item);
        items.iter().any(|item| self.is_holed(file, *item)) || exif.into_iter().any(|item| self.is_empty(file, *item))
    }

    /// Nothing but zeros: what stood behind the picture is lost, too.
    fn is_empty(&self, file: &[u8], item: u32) -> bool {
        let places = self.places.get(&item).into_iter().flatten();
        let mut bytes = places.filter_map(|place| file.get(place.clone())).flatten().peekable();
        bytes.peek().is_some() && bytes.all(|&byte| byte == 0)
    }

    fn is_holed(&self, file: &[u8], item: u32) -> bool {
        let is_hevc = match self.kinds.get(&item) {
            Some(b"hvc1" | b"hev1") => true,
            Some(b"av01") => false,
            _ => return false,
        };
        let places = self.places.get(&item).map_or(&[][..], Vec::as_slice);
        let code: Vec<&[u8]> = places.iter().filter_map(|place| file.get(place.clone())).collect();
        let has_hole = |part: &&[u8]| {
            let mut run = 0;
            part.iter().any(|&byte| {
                run = if byte == 0 { run + 1 } else { 0 };
                run >= NEVER_IN_HEVC
            })
        };
        code.last().is_some_and(|last| trailing_zeros(last) >= NEVER_LAST.min(last.len()).max(1))
            || is_hevc && code.iter().any(has_hole)
    }

    fn read_kinds(&mut self, file: &[u8], list: Range<usize>) -> Option<()> {
        let mut reader = Reader::new(file, list);
        reader.versioned(0)?;
        for (name, body) in boxes(file, reader.at..reader.end).take(MOST) {
            let mut entry = Reader::new(file, body);
            let version = entry.number(4)? >> 24;
            if &name != b"infe" || version < 2 {
                continue;
            }
            let item = entry.number(if version == 2 { 2 } else { 4 })? as u32;
            entry.number(2)?; // protection
            self.kinds.insert(item, (entry.number(4)? as u32).to_be_bytes());
        }
        Some(())
    }

    fn read_places(&mut self, mut list: Reader<'_>, embedded: usize) -> Option<()> {
        let version = list.number(4)? >> 24;
        let sizes = list.number(2)?;
        let width = |shift: u32| (sizes >> shift & 15) as usize;
        let (offset, length, base, index) = (width(12), width(8), width(4), if version > 0 { width(0) } else { 0 });
        let id = if version < 2 { 2 } else { 4 };
        for _ in 0..list.number(id)?.min(MOST as u64) {
            let item = list.number(id)? as u32;
            let start = match if version > 0 { list.number(2)? & 15 } else { 0 } {
                0 => 0,
                1 => embedded,
                _ => return None,
            };
            list.number(2)?; // which file: this one
            let base = list.number(base)?;
            let mut places = Vec::new();
            for _ in 0..list.number(2)?.min(MOST as u64) {
                list.number(index)?;
                let from = usize::try_from(base.checked_add(list.number(offset)?)?).ok()?.checked_add(start)?;
                let bytes = usize::try_from(list.number(length)?).ok()?;
                places.push(from..from.checked_add(bytes)?);
            }
            self.places.insert(item, places);
        }
        Some(())
    }

    fn read_parts(&mut self, file: &[u8], list: Range<usize>) -> Option<()> {
        let mut reader = Reader::new(file, list);
        let id = if reader.number(4)? >> 24 == 0 { 2 } else { 4 };
        for (name, body) in boxes(file, reader.at..reader.end).take(MOST) {
            if &name != b"dimg" {
                continue;
            }
            let mut entry = Reader::new(file, body);
            let whole = entry.number(id)? as u32;
            for _ in 0..entry.number(2)?.min(MOST as u64) {
                self.parts.entry(whole).or_default().push(entry.number(id)? as u32);
            }
        }
        Some(())
    }

    fn read_properties(&mut self, file: &[u8], list: Range<usize>) -> Option<()> {
        let mut known: Vec<Part> = Vec::new();
        for (name, body) in boxes(file, list) {
            match &name {
                b"ipco" => known.extend(boxes(file, body).take(MOST)),
                b"ipma" => {
                    let mut entries = Reader::new(file, body);
                    let head = entries.number(4)?;
                    let (id, width) = (if head >> 24 == 0 { 2 } else { 4 }, if head & 1 == 1 { 2 } else { 1 });
                    for _ in 0..entries.number(4)?.min(MOST as u64) {
                        let item = entries.number(id)? as u32;
                        for _ in 0..entries.number(1)? {
                            let place = entries.number(width)? as usize & if width == 1 { 0x7F } else { 0x7FFF };
                            let name = place.checked_sub(1).and_then(|place| known.get(place)).cloned();
                            self.properties.entry(item).or_default().extend(name);
                        }
                    }
                }
                _ => {}
            }
        }
        Some(())
    }
}

/// Names and bodies of the boxes in a part of the file, up to one that does not fit in.
fn boxes(file: &[u8], part: Range<usize>) -> impl Iterator<Item = Part> {
    let mut reader = Reader::new(file, part);
    std::iter::from_fn(move || {
        let start = reader.at;
        let length = reader.number(4)?;
        let name = (reader.number(4)? as u32).to_be_bytes();
        let end = match length {
            0 => reader.end,
            1 => start.checked_add(usize::try_from(reader.number(8)?).ok()?)?,
            length => start.checked_add(usize::try_from(length).ok()?)?,
        };
        let body = reader.at..end;
        // The last box, with the pixels, may be cut.
        (end >= reader.at && (end <= reader.end || &name == b"mdat")).then(|| {
            reader.at = end.min(reader.end);
            (name, body)
        })
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], part: Range<usize>) -> Self {
        Self { bytes, at: part.start, end: part.end.min(bytes.len()) }
    }

    /// Of 0 to 8 bytes, the highest first.
    fn number(&mut self, width: usize) -> Option<u64> {
        let next = self.at.checked_add(width).filter(|&next| next <= self.end)?;
        let bytes = self.bytes.get(self.at..next)?;
        self.at = next;
        Some(bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// Version and flags, then a number of two bytes up to version `short`, and of four above.
    fn versioned(&mut self, short: u64) -> Option<(u32, u64)> {
        let version = self.number(4)? >> 24;
        Some((self.number(if version <= short { 2 } else { 4 })? as u32, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIC: &[u8] = include_bytes!("../../../../tests/data/drawing.heic");
    const AVIF: &[u8] = include_bytes!("../../../../tests/data/drawing.avif");

    #[test]
    fn boxes_of_real_files_are_followed() {
        let items = Items::read(HEIC).unwrap();
        assert_eq!((items.primary, &items.kinds[&1], &items.kinds[&2]), (1, b"hvc1", b"Exif"));
        assert_eq!((items.places[&1].len(), items.places[&1][0].clone()), (1, 0x1EC..0x1EC + 0x10D));
        assert!(items.is_turned() && !items.breaks_off(HEIC));
        let items = Items::read(AVIF).unwrap();
        assert_eq!(&items.kinds[&items.primary], b"av01");
        assert!(!items.is_turned() && !items.breaks_off(AVIF));
        for cut in 0..HEIC.len() {
            if let Some(items) = Items::read(&HEIC[..cut]) {
                items.breaks_off(&HEIC[..cut]);
            }
        }
    }
}
