//! Orientation and time, wherever a file keeps them.

use std::io::Write;

use super::*;

const TIME: &str = "2019:07:03 14:05:00";

pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A PNG chunk.
pub(super) fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name, body].concat();
    [&(body.len() as u32).to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// The drawing, 64×48, with chunks behind the header or behind the pixels.
pub(super) fn png_with(chunks: &[u8], behind_the_pixels: bool) -> Vec<u8> {
    let plain = encoded(&DynamicImage::ImageRgb8(drawing(64, 48)), ImageFormat::Png);
    let at = if behind_the_pixels { plain.len() - 12 } else { 33 };
    [&plain[..at], chunks, &plain[at..]].concat()
}

/// As ImageMagick writes it.
fn raw_profile(name: &str, block: &[u8]) -> Vec<u8> {
    let block = [b"Exif\0\0", block].concat();
    let lines: Vec<String> =
        block.chunks(36).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    format!("\n{name}\n{:8}\n{}\n", block.len(), lines.join("\n")).into_bytes()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn assert_turned(bytes: &[u8], what: &str) {
    let photo = decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(photo.size, [48, 64], "{what}");
    assert_eq!(photo.taken_at.as_deref(), Some("2019-07-03T14:05:00"), "{what}");
    let [r, g, w, b] = UPRIGHT;
    assert_quadrants(&photo.pixels, [b, r, g, w]);
}

#[test]
fn a_png_tells_its_exif_before_or_behind_its_pixels_and_in_text() {
    let block = exif_block(6, TIME);
    let own = chunk(b"eXIf", &block);
    let prefixed = chunk(b"eXIf", &[b"Exif\0\0", &block[..]].concat());
    let mut cases = vec![("eXIf".to_owned(), own), ("eXIf with JPEG's prefix".to_owned(), prefixed)];
    for name in ["exif", "APP1"] {
        let keyword = format!("Raw profile type {name}\0").into_bytes();
        let text = raw_profile(name.to_lowercase().as_str(), &block);
        let bodies: [(&[u8; 4], Vec<u8>); 4] = [
            (b"tEXt", [&keyword[..], &text].concat()),
            (b"zTXt", [&keyword[..], &[0], &packed(&text)].concat()),
            (b"iTXt", [&keyword[..], b"\0\0en\0\0", &text].concat()),
            (b"iTXt", [&keyword[..], b"\x01\0\0\0", &packed(&text)].concat()),
        ];
        for (chunk_name, body) in bodies {
            cases.push((format!("{name} in {}", String::from_utf8_lossy(chunk_name)), chunk(chunk_name, &body)));
        }
    }
    for (what, chunk) in cases {
        for behind in [false, true] {
            assert_turned(&png_with(&chunk, behind), &format!("{what}, behind the pixels: {behind}"));
        }
    }
    // Other text is not mistaken for it, and what stands behind the end counts for nothing in the picture.
    let comment = chunk(b"tEXt", b"Comment\0Raw profile type exif");
    assert_eq!(decode(&png_with(&comment, true)).unwrap().size, [64, 48]);
}

#[test]
fn of_a_thousand_texts_that_say_they_hold_exif_a_few_are_unpacked() {
    let block = exif_block(6, TIME);
    let text = |name: &str, text: &[u8]| {
        let keyword = format!("Raw profile type {name}\0\0").into_bytes();
        chunk(b"zTXt", &[&keyword[..], &packed(text)].concat())
    };
    // A kilobyte that unpacks to a block of a megabyte, which tells nothing.
    let long = raw_profile("exif", &[b"MM\0*\0\0\0\x08\0\0\0\0\0\0".to_vec(), vec![0; 500_000]].concat());
    let many = text("exif", &long).repeat(1000);
    let file = png_with(&many, true);
    assert!(file.len() < 6_000_000, "{}", file.len());
    let blocks = png::exif_blocks(&file).count();
    assert!(blocks <= 16, "{blocks}");
    assert_eq!(decode(&file).unwrap().size, [64, 48], "they tell nothing");
    // Its own chunk goes before them, wherever it stands, and other profiles take no text's turn away for long.
    assert_turned(&png_with(&[&many[..], &chunk(b"eXIf", &block)].concat(), true), "the block behind the texts");
    let xmp = text("APP1", b"\nAPP1\n      12\n687474703a2f2f6e732e6164");
    assert_turned(&png_with(&[&xmp.repeat(3)[..], &text("exif", &raw_profile("exif", &block))].concat(), true), "XMP");
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

#[test]
fn exif_of_a_jpeg_is_found_behind_other_segments_and_in_the_second_block() {
    let plain = jpeg(&drawing(64, 48), false);
    let exif = |block: &[u8]| segment(0xE1, &[b"Exif\0\0", block].concat());
    let block = exif(&exif_block(6, TIME));
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta tiff:Orientation=\"3\"/>");
    let extended = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0Exif\0\0 is named in here");
    let time_only = exif(&exif_block(0, TIME));
    let damaged = exif(b"II*\0\xFF\xFF\xFF\xFF");
    let orders: [(&str, Vec<&[u8]>); 6] = [
        ("alone", vec![&block]),
        ("behind XMP", vec![&xmp, &extended, &block]),
        ("before XMP", vec![&block, &xmp, &extended]),
        ("behind a damaged block", vec![&damaged, &block]),
        ("behind one that tells the time alone", vec![&time_only, &block]),
        ("before one that says otherwise", vec![&block, &block]),
    ];
    for (what, segments) in orders {
        let behind_jfif = 2 + 2 + usize::from(u16::from_be_bytes([plain[4], plain[5]]));
        for at in [2, behind_jfif] {
            let file = [&plain[..at], &segments.concat(), &plain[at..]].concat();
            assert_turned(&file, what);
        }
    }
    let other = exif(&exif_block(3, "2001:01:01 01:01:01"));
    assert_turned(&[&plain[..2], &block, &other, &plain[2..]].concat(), "the first block counts");
}

#[test]
fn webp_tells_it_in_both_byte_orders() {
    let image = DynamicImage::ImageRgb8(drawing(64, 48));
    let plain = encoded(&image, ImageFormat::WebP);
    // The extended form: a head with flags and the size, the pixels, the block.
    for little_endian in [false, true] {
        let fields = exif::tests::oriented(6, "2019-07-03T14:05:00Z");
        let block = exif::tests::block_of(&fields, little_endian);
        let body = [&[b'V', b'P', b'8', b'X', 10, 0, 0, 0, 8, 0, 0, 0, 63, 0, 0, 47, 0, 0][..], &plain[12..]].concat();
        let pad = vec![0; block.len() % 2];
        let body = [&body[..], b"EXIF", &(block.len() as u32).to_le_bytes(), &block, &pad].concat();
        let file = [b"RIFF", &(body.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &body].concat();
        assert_turned(&file, "WebP");
    }
}

#[test]
fn a_heic_that_does_not_turn_itself_is_turned_by_its_exif() {
    if decode_with_system(DRAWING_HEIC).is_none() {
        return;
    }
    // Its own rotation is its sixth property; in the place of it the second one is named once more.
    let association = DRAWING_HEIC.windows(5).position(|bytes| bytes == [0x02, 0x03, 0x05, 0x84, 0x86]).unwrap() + 4;
    let mut bare = DRAWING_HEIC.to_vec();
    bare[association] = 0x02;
    let turned = decode(DRAWING_HEIC).unwrap();
    let by_exif = decode(&bare).unwrap();
    assert_eq!((by_exif.size, turned.size), ([48, 64], [48, 64]));
    assert_eq!(by_exif.taken_at, turned.taken_at);
    let [r, g, w, b] = UPRIGHT;
    assert_quadrants(&turned.pixels, [b, r, g, w]);
    assert_quadrants(&by_exif.pixels, [b, r, g, w]);
    // A rotation by nothing is one, too: the file speaks for itself.
    let angle = bare.windows(4).position(|bytes| bytes == b"irot").unwrap() + 4;
    let mut by_nothing = DRAWING_HEIC.to_vec();
    by_nothing[angle] = 0;
    let photo = decode(&by_nothing).unwrap();
    assert_eq!(photo.size, [64, 48]);
    assert_quadrants(&photo.pixels, UPRIGHT);
    // And without either the picture is as it lies.
    let exif = bare.windows(6).position(|bytes| bytes == [0x01, 0x12, 0, 3, 0, 0]).unwrap() + 9;
    bare[exif] = 1;
    assert_quadrants(&decode(&bare).unwrap().pixels, UPRIGHT);
}
