use std::io::{Cursor, Write};

use super::*;

const PACKET: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";

fn read(bytes: &[u8]) -> Result<Embedded, ExchangeError> {
    read_embedded(Cursor::new(bytes))
}

/// A block of TIFF with an orientation and, behind it, a packet.
fn tiff(is_little: bool, orientation: u16, packet: &[u8]) -> Vec<u8> {
    let short = |n: u16| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let long = |n: u32| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let mut out = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    out.extend(long(8));
    out.extend(short(2));
    out.extend([short(0x0112), short(3)].concat());
    out.extend(long(1));
    out.extend([short(orientation), short(0)].concat());
    out.extend([short(700), short(1)].concat());
    out.extend([long(packet.len() as u32), long(38)].concat());
    out.extend(long(0));
    assert_eq!(out.len(), 38);
    out.extend(packet);
    out
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&[0xFF, marker], length.as_slice(), body].concat()
}

fn app1(head: &[u8], body: &[u8]) -> Vec<u8> {
    segment(0xE1, &[head, body].concat())
}

fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    segments.iter().for_each(|segment| out.extend(segment));
    out.extend(segment(0xDA, &[1, 1, 0, 0, 0x3F, 0]));
    out.extend([1, 2, 3, 0xFF, 0xD9]);
    out
}

const STANDARD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const ID: &[u8; 32] = b"0123456789ABCDEF0123456789ABCDEF";

fn part(id: &[u8; 32], length: usize, at: usize, text: &[u8]) -> Vec<u8> {
    let numbers = [(length as u32).to_be_bytes(), (at as u32).to_be_bytes()].concat();
    app1(EXTENSION, &[id.as_slice(), &numbers, text].concat())
}

#[test]
fn a_jpeg_with_exif_packet_and_extended_packet_in_any_order() {
    let packet = [b"<a note='".as_slice(), ID, b"'/>"].concat();
    let text: Vec<u8> = (0..9000u32).flat_map(u32::to_be_bytes).collect();
    let parts = |from: usize, to: usize| part(ID, text.len(), from, &text[from..to]);
    let file = jpeg(&[
        app1(b"Exif\0\0", &tiff(false, 6, b"")),
        parts(20_000, text.len()),
        app1(STANDARD, &packet),
        part(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 9, 0, b"stale one"),
        parts(0, 20_000),
    ]);
    let found = read(&file).unwrap();
    assert_eq!(found.orientation, 6);
    assert_eq!(found.xmp.as_deref(), Some(packet.as_slice()));
    assert_eq!(found.extended.as_deref(), Some(text.as_slice()));
    let gap = jpeg(&[app1(STANDARD, &packet), parts(0, 100), parts(200, 300)]);
    assert!(matches!(read(&gap), Err(ExchangeError::Cut)));
    let huge = jpeg(&[app1(STANDARD, &packet), part(ID, 1 << 31, 0, b"x")]);
    assert!(matches!(read(&huge), Err(ExchangeError::TooLarge { .. })));
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes(), name.as_slice(), body, &[0; 4]].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_png_with_plain_and_with_packed_text_before_or_behind_the_pixels() {
    let plain = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), PACKET].concat();
    let zipped = [b"XML:com.adobe.xmp\0\x01\0en\0x\0".as_slice(), &packed(PACKET)].concat();
    for text in [plain, zipped] {
        let file = png(&[chunk(b"eXIf", &tiff(true, 8, b"")), chunk(b"IDAT", &[7; 100]), chunk(b"iTXt", &text)]);
        assert_eq!(read(&file).unwrap(), Embedded { xmp: Some(PACKET.to_vec()), extended: None, orientation: 8 });
    }
    let bomb = [b"XML:com.adobe.xmp\0\x01\0\0\0".as_slice(), &packed(&vec![b' '; 40 << 20])].concat();
    assert!(matches!(read(&png(&[chunk(b"iTXt", &bomb)])), Err(ExchangeError::TooLarge { .. })));
    let broken = b"XML:com.adobe.xmp\0\x01\0\0\0no zip".to_vec();
    assert!(matches!(read(&png(&[chunk(b"iTXt", &broken)])), Err(ExchangeError::Cut)));
}

#[test]
fn tiff_and_webp() {
    for is_little in [true, false] {
        let found = read(&tiff(is_little, 3, PACKET)).unwrap();
        assert_eq!(found, Embedded { xmp: Some(PACKET.to_vec()), extended: None, orientation: 3 });
        assert_eq!(read(&tiff(is_little, 9, PACKET)).unwrap().orientation, 1, "there is no ninth");
    }
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let pad = vec![0; body.len() % 2];
        [name.as_slice(), &(body.len() as u32).to_le_bytes(), body, &pad].concat()
    };
    let body = [chunk(b"VP8 ", &[1; 7]), chunk(b"EXIF", &tiff(true, 5, b"")), chunk(b"XMP ", PACKET)].concat();
    let file = [b"RIFF".as_slice(), &(body.len() as u32 + 4).to_le_bytes(), b"WEBP", &body].concat();
    assert_eq!(read(&file).unwrap(), Embedded { xmp: Some(PACKET.to_vec()), extended: None, orientation: 5 });
}

fn bx(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
}

/// A HEIC whose main picture has these properties (turning left by so many quarters) and whose packet lies behind all.
fn heic(properties: &[Vec<u8>]) -> Vec<u8> {
    let numbers: Vec<u8> = (1..=properties.len() as u8).map(|number| number | 0x80).collect();
    let ipma = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, numbers.len() as u8], numbers.as_slice()].concat();
    let iprp = bx(b"iprp", &[bx(b"ipco", &properties.concat()), bx(b"ipma", &ipma)].concat());
    let infe = |id: u8, rest: &[u8]| bx(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], rest].concat());
    let entries = [infe(1, b"hvc1\0"), infe(2, b"mime\0application/rdf+xml\0\0")].concat();
    let iinf = bx(b"iinf", &[&[0, 0, 0, 0, 0, 2], entries.as_slice()].concat());
    let before = |at: u32| {
        let extent = [at.to_be_bytes(), (PACKET.len() as u32).to_be_bytes()].concat();
        let iloc = [&[0, 0, 0, 0, 0x44, 0, 0, 1, 0, 2, 0, 0, 0, 1], extent.as_slice()].concat();
        let parts = [bx(b"pitm", &[0, 0, 0, 0, 0, 1]), iinf.clone(), bx(b"iloc", &iloc), iprp.clone()].concat();
        let meta = bx(b"meta", &[&[0; 4], parts.as_slice()].concat());
        [bx(b"ftyp", b"heic\0\0\0\0mif1"), meta].concat()
    };
    let at = before(0).len() as u32 + 8;
    [before(at), bx(b"mdat", PACKET)].concat()
}

#[test]
fn heic_by_its_own_turning() {
    let (left, mirror) = (|quarters| bx(b"irot", &[quarters]), |axis| bx(b"imir", &[axis]));
    for (properties, orientation) in [
        (vec![], 1),
        (vec![bx(b"ispe", &[0; 12]), left(1)], 8),
        (vec![left(2)], 3),
        (vec![left(3)], 6),
        (vec![mirror(0)], 2),
        (vec![left(3), mirror(0)], 5),
    ] {
        let found = read(&heic(&properties)).unwrap();
        assert_eq!((found.xmp.as_deref(), found.orientation), (Some(PACKET), orientation), "{properties:?}");
    }
}

#[test]
fn every_cut_and_every_flipped_byte_of_every_format_is_survived() {
    let packet = [b"<a note='".as_slice(), ID, b"'/>"].concat();
    let files = [
        jpeg(&[app1(b"Exif\0\0", &tiff(false, 6, b"")), app1(STANDARD, &packet), part(ID, 4, 0, b"text")]),
        png(&[chunk(b"eXIf", &tiff(true, 8, b"")), chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0abc")]),
        tiff(true, 3, PACKET),
        heic(&[bx(b"irot", &[3])]),
    ];
    for file in &files {
        for at in 0..file.len() {
            let _ = read(&file[..at]);
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = read(&changed);
            }
        }
    }
    let cut = jpeg(&[app1(STANDARD, PACKET)]);
    assert!(matches!(read(&cut[..40]), Err(ExchangeError::Cut)), "the packet itself is cut");
    assert_eq!(read(b"").unwrap(), Embedded::default());
    assert_eq!(read(b"GIF89a").unwrap(), Embedded::default());
}
