//! Files that hold more than one picture, and alpha that is none.

use super::super::tiff::tag;
use super::super::tiff::tests::{Value, page, write};
use super::*;

const TIME: &str = "2019:07:03 14:05:00";

fn sized(size: [u32; 2]) -> Vec<(u16, Value)> {
    vec![(tag::WIDTH, Value::Long(vec![size[0]])), (tag::HEIGHT, Value::Long(vec![size[1]]))]
}

/// A raw file: the first directory describes the camera and points to a thumbnail, to sensor data and to a preview, each
/// of them as makers do it.
fn raw_file(magic: u16, little_endian: bool, preview: &[u8], preview_size: [u32; 2], full: [u32; 2]) -> Vec<u8> {
    let thumbnail = jpeg(&busy(160, 120), false);
    let sensor = busy(64, 64).into_raw();
    let mut first = sized([160, 120]);
    first.extend([
        (tag::NEW_SUBFILE_TYPE, Value::Long(vec![1])),
        (tag::COMPRESSION, Value::Short(vec![6])),
        (tag::PHOTOMETRIC, Value::Short(vec![6])),
        (tag::STRIP_OFFSETS, Value::Blob(0)),
        (tag::STRIP_BYTES, Value::Long(vec![thumbnail.len() as u32])),
        (tag::ORIENTATION, Value::Short(vec![6])),
        (tag::SUB_IFDS, Value::Directories(vec![1, 2])),
        (tag::EXIF_IFD, Value::Directories(vec![3])),
    ]);
    let mut data = sized(full);
    data.extend([
        (tag::COMPRESSION, Value::Short(vec![34_713])),
        (tag::PHOTOMETRIC, Value::Short(vec![32_803])),
        (tag::STRIP_OFFSETS, Value::Blob(2)),
        (tag::STRIP_BYTES, Value::Long(vec![sensor.len() as u32])),
    ]);
    let mut shown = sized(preview_size);
    shown.extend([(513, Value::Blob(1)), (514, Value::Long(vec![preview.len() as u32]))]);
    let times = vec![(tag::TIME_ORIGINAL, Value::Text(TIME))];
    write(magic, little_endian, 1, &[first, data, shown, times], &[&thumbnail, preview, &sensor])
}

/// Turned to the right by the directory's orientation.
#[track_caller]
fn assert_developed(bytes: &[u8], what: &str) {
    let photo = decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((photo.format, photo.size), (PhotoFormat::Raw, [800, 1200]), "{what}");
    assert_eq!(photo.taken_at.as_deref(), Some("2019-07-03T14:05:00"), "{what}");
    assert_eq!(photo.notice, None, "{what}");
    let [r, g, w, b] = UPRIGHT;
    assert_quadrants(&photo.pixels, [b, r, g, w]);
}

#[test]
fn raw_files_are_read_by_their_full_picture_not_by_their_thumbnail() {
    let full = jpeg(&drawing(1200, 800), false);
    for little_endian in [false, true] {
        let nef = raw_file(42, little_endian, &full, [1200, 800], [1208, 808]);
        assert_developed(&nef, "like NEF, ARW, PEF");
        let mut cr2 = nef.clone();
        if little_endian {
            cr2[8..12].copy_from_slice(b"CR\x02\0");
            assert_developed(&cr2, "CR2");
        }
        for magic in [0x55, 0x4F52, 0x5352] {
            // Panasonic writes but one byte order, and Olympus one of its two marks in each.
            if little_endian || magic == 0x4F52 {
                assert_developed(&raw_file(magic, little_endian, &full, [1200, 800], [1208, 808]), "RW2, ORF");
            }
        }
    }
    // Fujifilm: a head of its own, then the picture with its own EXIF.
    let mut raf = b"FUJIFILMCCD-RAW 0201FF".to_vec();
    raf.resize(160, 0);
    raf.extend(with_exif(&full, 6));
    raf.extend(busy(64, 64).into_raw());
    assert_developed(&raf, "RAF");
    // Canon's CR3: boxes, each directory in one of its own.
    let block = |entries: Vec<(u16, Value)>| write(42, true, 1, &[entries], &[]);
    let turned = block(vec![(tag::ORIENTATION, Value::Short(vec![6]))]);
    let times = block(vec![(tag::TIME_ORIGINAL, Value::Text(TIME))]);
    let mut cr3 = b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom".to_vec();
    for (name, body) in [(b"CMT1", &turned), (b"CMT2", &times), (b"mdat", &full)] {
        cr3.extend((body.len() as u32 + 8).to_be_bytes());
        cr3.extend(name);
        cr3.extend(body);
    }
    assert_developed(&cr3, "CR3");
}

#[test]
fn a_raw_file_whose_picture_is_smaller_says_so_and_a_thumbnail_is_an_issue() {
    let preview = jpeg(&drawing(1200, 800), false);
    let photo = decode(&raw_file(42, true, &preview, [1200, 800], [6000, 4000])).unwrap();
    assert_eq!(photo.size, [800, 1200]);
    let notice = photo.notice.unwrap();
    assert_eq!(notice.plain(), "issue-raw-preview, height 4000, preview_height 800, preview_width 1200, width 6000");
    let error = decode(&raw_file(42, false, b"none", [0, 0], [6000, 4000])).unwrap_err();
    assert_eq!(error.kind(), "no-preview");
    assert!(error.to_string().contains("a thumbnail of 160×120 pixels"), "{error}");
    // Lossy DNG: tiles of sensor data are JPEG, too, and are no pictures.
    let tile = jpeg(&drawing(1024, 1024), false);
    let mut dng = sized([4000, 3000]);
    dng.extend([
        (tag::PHOTOMETRIC, Value::Short(vec![34_892])),
        (tag::COMPRESSION, Value::Short(vec![34_892])),
        (tag::TILE_OFFSETS, Value::Blob(0)),
        (tag::DNG_VERSION, Value::Long(vec![0x0104_0000])),
    ]);
    let error = decode(&write(42, true, 1, &[dng], &[&tile])).unwrap_err();
    assert_eq!(error.to_string(), "the raw photo holds no picture that can be read here; export it as JPEG or TIFF");
    let cut = raw_file(42, true, &preview[..preview.len() / 2], [1200, 800], [1208, 808]);
    assert!(["truncated", "corrupt"].contains(&kind(&cut)), "{}", kind(&cut));
}

/// How many pixels there are for each reduced one, and what of waves of three pixels a finer piece holds, in gray levels.
fn detail_of(bytes: Vec<u8>) -> (f64, u8) {
    let params = DecodeParams { max_image_side: 300, ..DecodeParams::default() };
    let mut open = open_photo(bytes, &params).unwrap();
    open.refine(4.0).unwrap();
    let middle = [open.photo.pixels.width(), open.photo.pixels.height()].map(|side| f64::from(side) / 2.0);
    let place = [middle[0] - 20.0, middle[1] - 20.0, middle[0] + 20.0, middle[1] + 20.0];
    let piece = open.piece(place).expect("a finer piece").pixels;
    let values: Vec<u8> = piece.pixels().map(|pixel| pixel.0[1]).collect();
    (open.fineness(), values.iter().max().unwrap() - values.iter().min().unwrap())
}

#[test]
fn finer_pixels_are_had_from_every_container_whatever_the_file_is_called() {
    let fine = RgbImage::from_fn(1200, 800, |x, y| {
        let wave = (x as f32 * 2.1).sin() * (y as f32 * 2.1).cos();
        Rgb([128, (128.0 + 100.0 * wave) as u8, 128])
    });
    let full = jpeg(&fine, false);
    let mut raf = [b"FUJIFILMCCD-RAW 0201", &[0; 140][..], &full].concat();
    raf.extend(busy(64, 64).into_raw());
    let mut files =
        vec![("JPEG", full.clone()), ("like NEF", raw_file(42, true, &full, [1200, 800], [1208, 808])), ("RAF", raf)];
    // What programs call `.jpg` may be any of these.
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp] {
        files.push(("by another decoder", encoded(&DynamicImage::ImageRgb8(fine.clone()), format)));
    }
    for (what, file) in files {
        let (fineness, spread) = detail_of(file);
        assert!(fineness > 3.9 && spread > 120, "{what}: {fineness} pixels for each, {spread} gray levels");
    }
    if decode_with_system(DRAWING_HEIC).is_some() {
        let params = DecodeParams { max_image_side: 40, ..DecodeParams::default() };
        let open = open_photo(DRAWING_HEIC.to_vec(), &params).unwrap();
        assert!(open.fineness() > 1.5 && open.piece([5.0, 5.0, 20.0, 20.0]).is_some());
    }
}

#[test]
fn a_tiff_tells_how_many_pages_it_has_and_skips_smaller_copies() {
    let (first, second) = (drawing(64, 48).into_raw(), busy(40, 40).into_raw());
    let small = drawing(32, 24).into_raw();
    let reduced = |blob| {
        let mut page = page([32, 24], blob);
        page.push((tag::NEW_SUBFILE_TYPE, Value::Long(vec![1])));
        page
    };
    for little_endian in [false, true] {
        let read = |pages: &[Vec<(u16, Value)>]| {
            decode(&write(42, little_endian, pages.len(), pages, &[&first, &second, &small])).unwrap()
        };
        let one = read(&[page([64, 48], 0)]);
        assert_eq!((one.size, one.notice), ([64, 48], None));
        let three = read(&[page([64, 48], 0), page([40, 40], 1), page([40, 40], 1)]);
        assert_eq!(three.size, [64, 48]);
        assert!(three.notice == Some(crate::tell!("issue-one-page", all = 3)));
        assert_quadrants(&three.pixels, UPRIGHT);
        for pages in [[reduced(2), page([64, 48], 0)], [page([64, 48], 0), reduced(2)]] {
            let photo = read(&pages);
            assert_eq!((photo.size, photo.notice), ([64, 48], None), "the copy is neither the photo nor a page");
            assert_quadrants(&photo.pixels, UPRIGHT);
        }
        assert_eq!(read(&[reduced(2)]).size, [32, 24], "there is no other");
    }
}

#[test]
fn the_first_picture_of_an_mpo_is_the_photo() {
    let second = with_exif(&jpeg(&busy(640, 480), false), 3);
    for first in [with_exif(&jpeg(&drawing(64, 48), false), 6), jpeg(&drawing(64, 48), false)] {
        let file = [&first[..], &second].concat();
        let photo = decode(&file).unwrap();
        assert_eq!((photo.size, photo.taken_at), {
            let alone = decode(&first).unwrap();
            (alone.size, alone.taken_at)
        });
        // The second one's end does not make up for the first one's.
        for share in [2, 3] {
            let cut = [&first[..first.len() * (share - 1) / share], &second].concat();
            assert!(["truncated", "corrupt"].contains(&kind(&cut)), "{share}: {}", kind(&cut));
        }
    }
}

/// Pictures one behind another, the first with the index of them. Each of the others with its type and what it says of
/// itself.
fn mpf(first: &[u8], others: &[(u32, Vec<u8>)], little_endian: bool) -> Vec<u8> {
    let four = |v: u32| if little_endian { v.to_le_bytes() } else { v.to_be_bytes() };
    let index = |places: &[u32]| {
        let mut entries = [four(0x2003_0000), four(first.len() as u32), four(0), four(0)].concat();
        for ((kind, picture), place) in others.iter().zip(places) {
            entries.extend([four(*kind), four(picture.len() as u32), four(*place), four(0)].concat());
        }
        let count = Value::Long(vec![others.len() as u32 + 1]);
        let block = vec![(0xB000, Value::Bytes(b"0100".to_vec())), (0xB001, count), (0xB002, Value::Bytes(entries))];
        let body = [b"MPF\0".to_vec(), write(42, little_endian, 1, &[block], &[])].concat();
        [&[0xFF, 0xE2][..], &(body.len() as u16 + 2).to_be_bytes(), &body].concat()
    };
    // Counted from behind the prefix of the index, which stands behind the start of the file.
    let length = first.len() + index(&vec![0; others.len()]).len();
    let mut at = length - 10;
    let mut places = Vec::new();
    for (_, picture) in others {
        places.push(at as u32);
        at += picture.len();
    }
    let mut file = [&first[..2], &index(&places), &first[2..]].concat();
    others.iter().for_each(|(_, picture)| file.extend(picture));
    file
}

#[test]
fn a_file_of_several_pictures_says_so_and_what_belongs_to_one_picture_does_not() {
    let first = with_exif(&jpeg(&drawing(640, 480), false), 1);
    let same = || jpeg(&busy(640, 480), false);
    let saying = |picture: Vec<u8>, words: &[u8]| {
        let length = (words.len() as u16 + 2).to_be_bytes();
        [&picture[..2], &[0xFF, 0xE1], &length[..], words, &picture[2..]].concat()
    };
    let gain_map =
        b"http://ns.adobe.com/xap/1.0/\0<rdf:Description xmlns:hdrgm=\"http://ns.adobe.com/hdr-gain-map/1.0/\"";
    let iso = b"urn:iso:std:iso:ts:21496:-1\0";
    for little_endian in [false, true] {
        let notice = |others: &[(u32, Vec<u8>)]| {
            let photo = decode(&mpf(&first, others, little_endian)).unwrap();
            assert_quadrants(&photo.pixels, UPRIGHT);
            photo.notice
        };
        for (what, others) in [
            ("stereo", vec![(0x0002_0002, same())]),
            ("not told what", vec![(0, same())]),
            ("with a thumbnail", vec![(0x0001_0001, same()), (0x0002_0003, same())]),
        ] {
            assert_eq!(notice(&others), Some(crate::tell!("issue-one-picture", all = 2)), "{what}");
        }
        assert!(
            notice(&[(0x0002_0001, same()), (0x0002_0001, same())]) == Some(crate::tell!("issue-one-picture", all = 3))
        );
        for (what, others) in [
            ("a thumbnail", vec![(0x0001_0002, same())]),
            ("a preview", vec![(0, jpeg(&drawing(320, 240), false))]),
            ("a gain map of full size", vec![(0, saying(same(), gain_map))]),
            ("another", vec![(0, saying(same(), iso))]),
            ("no picture", vec![(0, b"a clip".to_vec())]),
            ("nothing", vec![]),
        ] {
            assert_eq!(notice(&others), None, "{what}");
        }
        // A program that saved the first picture anew and kept the index.
        let file = mpf(&first, &[(0x0002_0002, same())], little_endian);
        assert_eq!(decode(&file[..file.len() - same().len()]).unwrap().notice, None);
        for cut in (20..300).step_by(7) {
            let _ = decode(&file[..cut]);
        }
    }
}

/// 32 bits a pixel, by masks that name an alpha channel, with this alpha everywhere.
fn bmp_with_alpha(image: &RgbImage, alpha: u8, header: u32) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let mut file = b"BM".to_vec();
    let data = 14 + header;
    for value in [data + width * height * 4, 0, data, header, width, height, 1 | 32 << 16, 3, 0, 0, 0, 0, 0] {
        file.extend(value.to_le_bytes());
    }
    for mask in [0x00FF_0000u32, 0xFF00, 0xFF, 0xFF00_0000] {
        file.extend(mask.to_le_bytes());
    }
    file.resize(data as usize, 0);
    for row in image.rows().rev() {
        row.for_each(|pixel| file.extend([pixel.0[2], pixel.0[1], pixel.0[0], alpha]));
    }
    file
}

#[test]
fn a_bmp_whose_alpha_is_not_filled_is_opaque() {
    for header in [56, 108, 124] {
        for alpha in [0, 255] {
            let photo = decode(&bmp_with_alpha(&drawing(64, 48), alpha, header)).unwrap();
            assert_quadrants(&photo.pixels, UPRIGHT);
        }
        let half = decode(&bmp_with_alpha(&drawing(64, 48), 128, header)).unwrap();
        assert_quadrants(&half.pixels, UPRIGHT.map(|colour| colour.map(|v| ((u32::from(v) + 255) / 2) as u8)));
    }
}

#[test]
fn the_fourth_channel_of_a_tiff_is_what_the_file_says() {
    let rgba = |alpha: u8, multiplied: bool| -> Vec<u8> {
        let value = |v: u8| if multiplied { (u32::from(v) * u32::from(alpha) / 255) as u8 } else { v };
        drawing(64, 48).pixels().flat_map(|p| [value(p.0[0]), value(p.0[1]), value(p.0[2]), alpha]).collect()
    };
    let file = |samples: &[u8], extra: Option<u16>| {
        let mut page = page([64, 48], 0);
        page.retain(|(tag, _)| ![tag::BITS, tag::SAMPLES, tag::STRIP_BYTES].contains(tag));
        page.extend([
            (tag::BITS, Value::Short(vec![8; 4])),
            (tag::SAMPLES, Value::Short(vec![4])),
            (tag::STRIP_BYTES, Value::Long(vec![samples.len() as u32])),
        ]);
        page.extend(extra.map(|extra| (tag::EXTRA_SAMPLES, Value::Short(vec![extra]))));
        write(42, true, 1, &[page], &[samples])
    };
    let half = UPRIGHT.map(|colour| colour.map(|v| ((u32::from(v) + 255) / 2) as u8));
    for (what, samples, extra, expected) in [
        ("unspecified", rgba(128, false), Some(0), UPRIGHT),
        ("multiplied", rgba(128, true), Some(1), half),
        ("straight", rgba(128, false), Some(2), half),
        ("not told", rgba(128, false), None, half),
        ("not filled", rgba(0, false), Some(2), UPRIGHT),
    ] {
        let photo = decode(&file(&samples, extra)).unwrap_or_else(|error| panic!("{what}: {error}"));
        println!("{what}");
        assert_quadrants(&photo.pixels, expected);
    }
}

#[test]
fn an_alpha_channel_that_is_not_filled_says_nothing_in_any_depth() {
    // Samples of so many bytes.
    let file = |colours: usize, bytes: usize, alpha: bool| {
        let mut samples = Vec::new();
        for pixel in drawing(64, 48).pixels() {
            let values = pixel.0[..colours].iter().copied().chain([if alpha { 255 } else { 0 }]);
            for value in values {
                match bytes {
                    1 => samples.push(value),
                    2 => samples.extend((u16::from(value) * 257).to_le_bytes()),
                    _ => samples.extend((f32::from(value) / 255.0).to_le_bytes()),
                }
            }
        }
        let mut page = page([64, 48], 0);
        let replaced = [tag::BITS, tag::SAMPLES, tag::STRIP_BYTES, tag::PHOTOMETRIC];
        page.retain(|(tag, _)| !replaced.contains(tag));
        page.extend([
            (tag::PHOTOMETRIC, Value::Short(vec![if colours == 1 { 1 } else { 2 }])),
            (tag::BITS, Value::Short(vec![bytes as u16 * 8; colours + 1])),
            (tag::SAMPLES, Value::Short(vec![colours as u16 + 1])),
            (tag::STRIP_BYTES, Value::Long(vec![samples.len() as u32])),
            (tag::EXTRA_SAMPLES, Value::Short(vec![2])),
            (339, Value::Short(vec![if bytes == 4 { 3 } else { 1 }; colours + 1])),
        ]);
        write(42, true, 1, &[page], &[&samples])
    };
    for bytes in [1, 2, 4] {
        for alpha in [true, false] {
            let photo = decode(&file(3, bytes, alpha)).unwrap_or_else(|error| panic!("{bytes} bytes: {error}"));
            println!("{bytes} bytes, filled: {alpha}");
            assert_quadrants(&photo.pixels, UPRIGHT);
        }
    }
    // Gray with alpha is not read by the decoder of TIFF; the others know nothing of empty channels.
    assert_eq!(kind(&file(1, 1, false)), "unsupported");
}
