use super::*;

/// An entry of a directory to be written.
#[derive(Clone)]
pub enum Value {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Text(&'static str),
    Bytes(Vec<u8>),
    /// Where the numbered blob will lie.
    Blob(usize),
    /// Where the numbered directory will lie.
    Directories(Vec<usize>),
}

/// Writes a TIFF: the head, then the blobs, then the directories. The first `chain` directories are pages.
pub fn write(
    magic: u16,
    little_endian: bool,
    chain: usize,
    directories: &[Vec<(u16, Value)>],
    blobs: &[&[u8]],
) -> Vec<u8> {
    let two = |v: u16| if little_endian { v.to_le_bytes() } else { v.to_be_bytes() };
    let four = |v: u32| if little_endian { v.to_le_bytes() } else { v.to_be_bytes() };
    let mut blob_at = Vec::new();
    let mut file = if little_endian { b"II".to_vec() } else { b"MM".to_vec() };
    file.extend(two(magic));
    file.extend([0; 12]); // the first directory's place, and room for Canon's mark
    for blob in blobs {
        blob_at.push(file.len() as u32);
        file.extend(*blob);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    // Values are put inline or behind their directory; lengths do not depend on places.
    let far = |value: &Value| match value {
        Value::Short(v) if v.len() > 2 => (v.len() * 2).next_multiple_of(4),
        Value::Long(v) if v.len() > 1 => v.len() * 4,
        Value::Directories(v) if v.len() > 1 => v.len() * 4,
        Value::Bytes(bytes) if bytes.len() > 4 => bytes.len().next_multiple_of(4),
        Value::Text(text) if text.len() > 3 => (text.len() + 1).next_multiple_of(4),
        _ => 0,
    };
    let mut places = Vec::new();
    let mut at = file.len();
    for entries in directories {
        places.push(at as u32);
        at += 6 + entries.len() * 12 + entries.iter().map(|(_, value)| far(value)).sum::<usize>();
    }
    for (n, entries) in directories.iter().enumerate() {
        let mut entries = entries.clone();
        entries.sort_by_key(|(tag, _)| *tag);
        let mut behind = Vec::new();
        let values_at = file.len() + 6 + entries.len() * 12;
        file.extend(two(entries.len() as u16));
        for (tag, value) in entries {
            let (kind, count, mut bytes): (u16, usize, Vec<u8>) = match &value {
                Value::Short(v) => (3, v.len(), v.iter().flat_map(|&v| two(v)).collect()),
                Value::Long(v) => (4, v.len(), v.iter().flat_map(|&v| four(v)).collect()),
                Value::Text(text) => (2, text.len() + 1, [text.as_bytes(), b"\0"].concat()),
                Value::Bytes(bytes) => (7, bytes.len(), bytes.clone()),
                Value::Blob(n) => (4, 1, four(blob_at[*n]).to_vec()),
                Value::Directories(v) => (13, v.len(), v.iter().flat_map(|&n| four(places[n])).collect()),
            };
            file.extend(two(tag));
            file.extend(two(kind));
            file.extend(four(count as u32));
            if bytes.len() <= 4 {
                bytes.resize(4, 0);
                file.extend(bytes);
            } else {
                file.extend(four((values_at + behind.len()) as u32));
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                behind.extend(bytes);
            }
        }
        let next = if n + 1 < chain { places[n + 1] } else { 0 };
        file.extend(four(next));
        file.extend(behind);
    }
    file[4..8].copy_from_slice(&four(places[0]));
    file
}

/// A page of 8-bit RGB whose samples are blob `blob`.
pub fn page(size: [u32; 2], blob: usize) -> Vec<(u16, Value)> {
    vec![
        (tag::WIDTH, Value::Long(vec![size[0]])),
        (tag::HEIGHT, Value::Long(vec![size[1]])),
        (tag::BITS, Value::Short(vec![8, 8, 8])),
        (tag::COMPRESSION, Value::Short(vec![1])),
        (tag::PHOTOMETRIC, Value::Short(vec![2])),
        (tag::STRIP_OFFSETS, Value::Blob(blob)),
        (tag::SAMPLES, Value::Short(vec![3])),
        (278, Value::Long(vec![size[1]])),
        (tag::STRIP_BYTES, Value::Long(vec![size[0] * size[1] * 3])),
    ]
}

#[test]
fn directories_are_found_in_both_byte_orders_and_below_one_another() {
    let text = [(tag::TIME_ORIGINAL, Value::Text("2019:07:03 14:05:00"))];
    let below = [
        (tag::WIDTH, Value::Short(vec![7])),
        (tag::HEIGHT, Value::Long(vec![9])),
        (tag::SUB_IFDS, Value::Directories(vec![0, 3])),
    ];
    let first = vec![(tag::EXIF_IFD, Value::Directories(vec![3])), (tag::SUB_IFDS, Value::Directories(vec![2]))];
    let directories = [first, page([20, 30], 0), below.to_vec(), text.to_vec()];
    for little_endian in [false, true] {
        let file = write(42, little_endian, 2, &directories, &[b"pixels"]);
        let tiff = Tiff::new(&file).unwrap();
        let pages = tiff.pages();
        assert_eq!(pages.len(), 2);
        assert_eq!(tiff.size(&pages[1]), Some([20, 30]));
        assert_eq!(tiff.numbers(&pages[1], tag::BITS), [8, 8, 8]);
        let exif = tiff.below(&pages[0], tag::EXIF_IFD).unwrap();
        assert_eq!(tiff.raw_value(&exif, tag::TIME_ORIGINAL), Some(&b"2019:07:03 14:05:00\0"[..]));
        let all = tiff.all();
        assert_eq!(all.len(), 4, "each once, though one leads back");
        assert!(all.iter().any(|directory| tiff.size(directory) == Some([7, 9])));
        for cut in 0..file.len() {
            if let Some(tiff) = Tiff::new(&file[..cut]) {
                tiff.all();
            }
        }
    }
}

#[test]
fn a_chain_that_bites_its_tail_and_counts_that_lie_are_survived() {
    let mut file = write(42, true, 1, &[page([20, 30], 0)], &[b"pixels"]);
    let at = Tiff::new(&file).unwrap().pages()[0].at as u32;
    let end = file.len() - 8 - 4; // the three shorts of BITS stand behind
    file[end..end + 4].copy_from_slice(&at.to_le_bytes());
    assert_eq!(Tiff::new(&file).unwrap().pages().len(), 1);
    let entry = at as usize + 2;
    file[entry + 4..entry + 8].copy_from_slice(&[0xFF; 4]);
    let tiff = Tiff::new(&file).unwrap();
    assert_eq!(tiff.size(&tiff.pages()[0]), None);
}

/// So many directories over one another: each begins four bytes behind the one before, goes on for 65,535 entries, and
/// names the next one. Every entry is `entry`, where the numbers of directories do not stand.
fn overlapping(directories: usize, entry: [u8; 12]) -> Vec<u8> {
    const LENGTH: usize = 2 + 65_535 * 12;
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend(entry.iter().cycle().take(LENGTH + 4 * directories + 4));
    for n in 0..directories {
        let at = 8 + 4 * n;
        file[at..at + 2].copy_from_slice(&[0xFF, 0xFF]);
        let next = if n + 1 < directories { at as u32 + 4 } else { 0 };
        file[at + LENGTH..at + LENGTH + 4].copy_from_slice(&next.to_le_bytes());
    }
    file
}

#[test]
fn directories_over_one_another_cost_no_more_than_a_book_of_pages() {
    const MOST: usize = 4096 * tag::ALL.len();
    // Nothing that is asked for; widths; and places of further directories.
    for entry in [[0; 12], *b"\0\x01\x03\0\x01\0\0\0\0\x01\x03\0", *b"\x4A\x01\x04\0\xE8\x03\0\0\x08\0\0\0"] {
        let file = overlapping(200, entry);
        let tiff = Tiff::new(&file).unwrap();
        for directories in [tiff.pages(), tiff.all()] {
            assert!(!directories.is_empty() && directories.len() <= MOST_DIRECTORIES);
            let stored: usize = directories.iter().map(|directory| directory.entries.len()).sum();
            assert!(stored <= MOST, "{stored} entries of {} directories", directories.len());
        }
    }
}

#[test]
fn every_page_of_a_book_is_counted() {
    let pages: Vec<_> = (0..1500).map(|_| page([20, 30], 0)).collect();
    let file = write(42, true, pages.len(), &pages, &[b"pixels"]);
    let tiff = Tiff::new(&file).unwrap();
    assert_eq!((tiff.pages().len(), tiff.all().len()), (1500, 1500));
}

#[test]
fn places_of_further_directories_are_followed_up_to_a_bound() {
    // Each of a thousand pages names the same million places, where nothing stands.
    let places = vec![0xFF; 4 << 20];
    let mut first = page([20, 30], 0);
    first.push((tag::SUB_IFDS, Value::Blob(0)));
    let pages: Vec<_> = (0..1000).map(|_| first.clone()).collect();
    let mut file = write(42, true, pages.len(), &pages, &[&places]);
    for page in Tiff::new(&file).unwrap().pages() {
        let begin = page.at as usize + 2;
        let entry = (begin..).step_by(12).find(|&at| file[at..at + 2] == tag::SUB_IFDS.to_le_bytes()).unwrap();
        file[entry + 4..entry + 8].copy_from_slice(&(1u32 << 20).to_le_bytes());
    }
    let begun = std::time::Instant::now();
    assert_eq!(Tiff::new(&file).unwrap().all().len(), 1000);
    let secs = begun.elapsed().as_secs_f32();
    assert!(secs < 5.0, "{secs} s for a thousand million places");
}
