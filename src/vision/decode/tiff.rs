//! The directories of TIFF files and of the raw files that are built like them, as far as must be known before a
//! decoder is let at them: which picture is the photo, whether it is a raw one, and whether all of it is there.

pub(super) mod damage;
pub(super) mod inks;

use std::borrow::Cow;
use std::collections::HashSet;

use image::metadata::Orientation;

/// Tags that are asked for (TIFF 6.0, TIFF/EP, DNG 1.6, EXIF 2.32). The others are not kept.
pub(super) mod tag {
    macro_rules! tags {
        ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
            $($(#[$doc])* pub const $name: u16 = $number;)*
            pub const ALL: &[u16] = &[$($name),*];
        };
    }

    tags! {
        NEW_SUBFILE_TYPE = 254,
        SUBFILE_TYPE = 255,
        WIDTH = 256,
        HEIGHT = 257,
        BITS = 258,
        COMPRESSION = 259,
        PHOTOMETRIC = 262,
        STRIP_OFFSETS = 273,
        ORIENTATION = 274,
        SAMPLES = 277,
        ROWS_PER_STRIP = 278,
        STRIP_BYTES = 279,
        PLANAR = 284,
        TILE_WIDTH = 322,
        TILE_HEIGHT = 323,
        TILE_OFFSETS = 324,
        TILE_BYTES = 325,
        SUB_IFDS = 330,
        INK_SET = 332,
        EXTRA_SAMPLES = 338,
        PROFILE = 34_675,
        EXIF_IFD = 0x8769,
        TIME_ORIGINAL = 0x9003,
        TIME_DIGITIZED = 0x9004,
        COLOUR_SPACE = 0xA001,
        INTEROPERABILITY_IFD = 0xA005,
        /// In that directory.
        INTEROPERABILITY_INDEX = 1,
        DNG_VERSION = 0xC612,
        /// Of the index in JPEG files of several pictures (CIPA DC-007).
        MP_ENTRIES = 0xB002,
    }
}

/// Directories that are read of one file at most; a book has fewer pages.
const MOST_DIRECTORIES: usize = 4096;

/// Entries that are read of all directories of a file, and places of further directories that are followed, at most.
/// Directories may lie over one another, so that a small file has room for many long ones.
const MOST_ENTRIES: usize = 1 << 17;

/// Values that are read of one entry at most.
const MOST_VALUES: usize = 1 << 20;

/// A file in either byte order, with offsets of 32 or 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    little_endian: bool,
    big: bool,
}

/// What has been read of a file's directories, and how much may be read on.
struct Reading {
    seen: HashSet<u64>,
    /// Entries.
    left: usize,
}

impl Reading {
    fn new() -> Self {
        Self { seen: HashSet::new(), left: MOST_ENTRIES }
    }
}

/// A directory: one picture and what is said of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    /// Where it stands in the file.
    pub at: u64,
    entries: Vec<Entry>,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    /// Bytes of one value; 0 for types that are not known.
    width: usize,
    count: u64,
    /// Where the values stand in the file.
    at: usize,
}

impl<'a> Tiff<'a> {
    /// `None` for what does not begin like TIFF, or like the raw files of Panasonic (`U`) and Olympus (`RO`, `RS`).
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let tiff = Self { bytes, little_endian, big: false };
        match tiff.number(2, 2)? {
            42 | 0x55 | 0x4F52 | 0x5352 => Some(tiff),
            43 => Some(Self { big: true, ..tiff }),
            _ => None,
        }
    }

    /// The directories in their chain. A chain that leads back, or out of the file, ends there.
    pub fn pages(&self) -> Vec<Directory> {
        self.chain(self.first_place(), &mut Reading::new())
    }

    /// The first directory.
    pub fn first_page(&self) -> Option<Directory> {
        self.directory(self.first_place(), &mut Reading::new())
    }

    /// All directories: each of the chain, followed by those that stand below it.
    pub fn all(&self) -> Vec<Directory> {
        let mut reading = Reading::new();
        let mut found = self.chain(self.first_place(), &mut reading);
        let mut at = 0;
        while at < found.len() {
            for below in self.numbers_up_to(&found[at], tag::SUB_IFDS, reading.left) {
                reading.left = reading.left.saturating_sub(1);
                found.extend(self.chain(below, &mut reading));
            }
            at += 1;
        }
        found
    }

    /// The directory that an entry points to, the EXIF block say.
    pub fn below(&self, directory: &Directory, tag: u16) -> Option<Directory> {
        self.directory(self.first(directory, tag)?, &mut Reading::new())
    }

    fn first_place(&self) -> u64 {
        let [at, width] = if self.big { [8, 8] } else { [4, 4] };
        self.number(at, width).unwrap_or(0)
    }

    fn chain(&self, first: u64, reading: &mut Reading) -> Vec<Directory> {
        let mut found = Vec::new();
        let mut at = first;
        while at != 0 && reading.seen.len() < MOST_DIRECTORIES && reading.seen.insert(at) {
            let Some(directory) = self.directory(at, reading) else { break };
            at = directory.next;
            found.push(directory);
        }
        found
    }

    /// Of a directory that is cut, or longer than may be read, the entries that are there.
    fn directory(&self, at: u64, reading: &mut Reading) -> Option<Directory> {
        let start = usize::try_from(at).ok()?;
        let (count_width, entry_width, field) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = usize::try_from(self.number(start, count_width)?).ok().filter(|&count| count <= 65_535)?;
        let begin = start.checked_add(count_width)?;
        let end = begin.checked_add(count * entry_width)?;
        let mut entries: Vec<Entry> = Vec::new();
        for place in (begin..end).step_by(entry_width).take(reading.left) {
            let Some(entry) = self.entry(place, field) else { break };
            let is_new = |entry: &Entry| entries.iter().all(|known| known.tag != entry.tag);
            entries.extend(entry.filter(|entry| tag::ALL.contains(&entry.tag) && is_new(entry)));
        }
        let is_whole = count <= reading.left;
        reading.left = reading.left.saturating_sub(count.max(1));
        // A last directory whose end is cut has no next one.
        let next = self.number(end, field).filter(|_| is_whole).unwrap_or(0);
        Some(Directory { at, entries, next })
    }

    /// `None` where the file ends; nothing inside for an entry whose values lie outside the file.
    fn entry(&self, place: usize, field: usize) -> Option<Option<Entry>> {
        let tag = u16::try_from(self.number(place, 2)?).ok()?;
        let width = match self.number(place + 2, 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => 0,
        };
        let count = self.number(place + 4, field)?;
        let inline = place + 4 + field;
        let far = self.number(inline, field)?;
        let bytes = count.checked_mul(width as u64);
        let at = if bytes.is_some_and(|bytes| bytes <= field as u64) { inline as u64 } else { far };
        let is_inside = bytes.and_then(|bytes| at.checked_add(bytes)).is_some_and(|end| end <= self.bytes.len() as u64);
        Some(usize::try_from(at).ok().filter(|_| is_inside).map(|at| Entry { tag, width, count, at }))
    }

    /// The whole numbers of an entry; none where the directory lacks it.
    pub fn numbers(&self, directory: &Directory, tag: u16) -> Vec<u64> {
        self.numbers_up_to(directory, tag, MOST_VALUES)
    }

    fn numbers_up_to(&self, directory: &Directory, tag: u16, most: usize) -> Vec<u64> {
        let Some(entry) = directory.entry(tag).filter(|entry| entry.width > 0) else { return Vec::new() };
        let count = usize::try_from(entry.count).unwrap_or(usize::MAX).min(most);
        (0..count).map_while(|n| self.number(entry.at + n * entry.width, entry.width)).collect()
    }

    pub fn first(&self, directory: &Directory, tag: u16) -> Option<u64> {
        let entry = directory.entry(tag).filter(|entry| entry.width > 0 && entry.count > 0)?;
        self.number(entry.at, entry.width)
    }

    /// The bytes of an entry: text, say, or what it holds undefined.
    pub fn raw_value(&self, directory: &Directory, tag: u16) -> Option<&'a [u8]> {
        let entry = directory.entry(tag)?;
        let length = usize::try_from(entry.count).ok()?.checked_mul(entry.width)?;
        self.bytes.get(entry.at..entry.at.checked_add(length)?)
    }

    /// Four bytes of an entry as a number.
    pub fn long(&self, bytes: [u8; 4]) -> u32 {
        if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }

    fn number(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(width)?)?;
        let shift = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        Some(if self.little_endian { bytes.iter().rev().fold(0, shift) } else { bytes.iter().fold(0, shift) })
    }

    /// Width and height, where they are told.
    pub fn size(&self, directory: &Directory) -> Option<[u32; 2]> {
        let side = |tag| self.first(directory, tag).and_then(|side| u32::try_from(side).ok());
        Some([side(tag::WIDTH)?, side(tag::HEIGHT)?])
    }

    /// A smaller copy of another picture, or a mask for one.
    fn is_reduced(&self, directory: &Directory) -> bool {
        self.first(directory, tag::NEW_SUBFILE_TYPE).is_some_and(|flags| flags & 0b101 != 0)
            || self.first(directory, tag::SUBFILE_TYPE) == Some(2)
    }
}

impl Directory {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// Which picture of a file is the photo.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// The file, with the photo's directory as its first.
    pub bytes: Cow<'a, [u8]>,
    /// The photo's own directory.
    pub page: Directory,
    /// Pictures that are neither smaller copies nor masks.
    pub pages: usize,
}

/// The first picture that is neither a smaller copy nor a mask; where all are, the first. `None` where no directory can
/// be read.
pub(super) fn choose_page(bytes: &[u8]) -> Option<Choice<'_>> {
    let tiff = Tiff::new(bytes)?;
    let mut pages = tiff.pages();
    let whole = pages.iter().filter(|page| !tiff.is_reduced(page)).count();
    let at = pages.iter().position(|page| !tiff.is_reduced(page)).unwrap_or(0);
    let page = if pages.is_empty() { return None } else { pages.swap_remove(at) };
    let mut bytes = Cow::Borrowed(bytes);
    if at > 0 {
        let (field, width) = if tiff.big { (8, 8) } else { (4, 4) };
        let offset = if tiff.little_endian {
            page.at.to_le_bytes()[..width].to_vec()
        } else {
            page.at.to_be_bytes()[8 - width..].to_vec()
        };
        bytes.to_mut()[field..field + width].copy_from_slice(&offset);
    }
    Some(Choice { bytes, page, pages: whole })
}

/// The page's colour profile.
pub(super) fn profile(bytes: &[u8], page: &Directory) -> Option<Vec<u8>> {
    Tiff::new(bytes)?.raw_value(page, tag::PROFILE).map(<[u8]>::to_vec)
}

/// The page's width and height, where they are told.
pub(super) fn size(bytes: &[u8], page: &Directory) -> Option<[u32; 2]> {
    Tiff::new(bytes)?.size(page)
}

/// As stored, where the page does not say.
pub(super) fn orientation(bytes: &[u8], page: &Directory) -> Orientation {
    let told = Tiff::new(bytes).and_then(|tiff| u8::try_from(tiff.first(page, tag::ORIENTATION)?).ok());
    told.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms)
}

/// What the channel behind the colours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alpha {
    /// Nothing that concerns the picture.
    None,
    /// Colours are multiplied by it already.
    Multiplied,
    Straight,
}

pub(super) fn alpha(bytes: &[u8], page: &Directory) -> Alpha {
    match Tiff::new(bytes).and_then(|tiff| tiff.first(page, tag::EXTRA_SAMPLES)) {
        Some(1) => Alpha::Multiplied,
        // Writers that leave the tag out mean alpha; only one that says "unspecified" does not.
        Some(2) | None => Alpha::Straight,
        Some(_) => Alpha::None,
    }
}

#[cfg(test)]
pub(super) mod tests;
