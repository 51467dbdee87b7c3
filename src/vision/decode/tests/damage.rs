//! Files that are cut, zeroed or damaged elsewhere, and files that only look so.

use super::super::tiff::tests::{Value, page, write};
use super::super::tiff::{self, tag};
use super::*;

#[test]
fn truncated_files_are_errors_in_every_format() {
    let image = DynamicImage::ImageRgb8(busy(120, 90));
    let mut files = vec![jpeg(&busy(120, 90), false), jpeg(&busy(120, 90), true)];
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Gif] {
        files.push(encoded(&image, format));
    }
    if decode_with_system(DRAWING_HEIC).is_some() {
        files.push(DRAWING_HEIC.to_vec());
    }
    for file in files {
        assert_eq!(kind(&file), "decoded");
        for share in [0.02, 0.3, 0.5, 0.8, 0.95] {
            let cut = &file[..(file.len() as f64 * share) as usize];
            let found = decode(cut);
            let error = found.map(|photo| photo.format).expect_err(&format!("{share} of {} bytes", file.len()));
            assert!(["truncated", "corrupt", "not-a-photo"].contains(&error.kind()), "{error}");
        }
    }
}

#[test]
fn truncated_jpegs_are_called_truncated_at_every_cut() {
    for file in [jpeg(&busy(64, 48), false), jpeg(&busy(64, 48), true), with_exif(&jpeg(&busy(64, 48), false), 6)] {
        for cut in (3..file.len() - 2).step_by(13) {
            assert_eq!(kind(&file[..cut]), "truncated", "{cut} of {}", file.len());
        }
        // A download that was allotted in full and filled in part.
        for share in [2, 3, 4] {
            let mut zeroed = file.clone();
            zeroed[file.len() * (share - 1) / share..].fill(0);
            let found = kind(&zeroed);
            assert!(["truncated", "corrupt"].contains(&found), "{found}");
        }
    }
}

#[test]
fn odd_but_whole_jpegs_decode() {
    let plain = jpeg(&drawing(64, 48), false);
    let end = plain.len();
    let mut stray_behind = plain.clone();
    stray_behind.extend(b"a motion clip or a vendor's block");
    let mut no_end = plain.clone();
    no_end.truncate(end - 2);
    let mut stray_before_end = plain[..end - 2].to_vec();
    stray_before_end.extend([0, 0, 0, 0xFF, 0xD9]);
    let mut stray_between = plain[..20].to_vec(); // behind the JFIF segment
    stray_between.extend([0, 0, 0]);
    stray_between.extend(&plain[20..]);
    let mut jfif = plain.clone();
    jfif[11] = 3; // major revision
    for (name, file) in [
        ("behind", stray_behind),
        ("no end", no_end),
        ("before the end", stray_before_end),
        ("between segments", stray_between),
        ("revision", jfif),
    ] {
        let photo = decode(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_quadrants(&photo.pixels, UPRIGHT);
    }
    // A progressive file without its end may lack scans, so it is not taken for whole.
    let progressive = jpeg(&drawing(64, 48), true);
    assert_eq!(kind(&progressive[..progressive.len() - 2]), "truncated");
}

/// What does not end in zeros by itself, in every format, with how it is packed.
fn whole_files() -> Vec<(&'static str, Vec<u8>)> {
    let image = DynamicImage::ImageRgb8(busy(120, 90));
    let mut files: Vec<(&str, Vec<u8>)> = [
        ("PNG", ImageFormat::Png),
        ("WebP, lossless", ImageFormat::WebP),
        ("TIFF", ImageFormat::Tiff),
        ("BMP", ImageFormat::Bmp),
        ("GIF", ImageFormat::Gif),
    ]
    .map(|(name, format)| (name, encoded(&image, format)))
    .into();
    for little_endian in [false, true] {
        let pixels = busy(120, 90).into_raw();
        files.push(("TIFF, directory behind", write(42, little_endian, 1, &[page([120, 90], 0)], &[&pixels])));
    }
    let mut alpha = Vec::new();
    for pixel in busy(120, 90).pixels() {
        alpha.extend([pixel.0[0], pixel.0[1], pixel.0[2], 255]);
    }
    let alpha = RgbaImage::from_raw(120, 90, alpha).unwrap();
    files.push(("BMP, 32 bits", encoded(&DynamicImage::ImageRgba8(alpha), ImageFormat::Bmp)));
    files.push(("BMP, gray", encoded(&DynamicImage::ImageLuma8(image.to_luma8()), ImageFormat::Bmp)));
    files.push(("WebP, lossy", BUSY_WEBP.to_vec()));
    if decode_with_system(DRAWING_HEIC).is_some() {
        files.push(("HEIC", DRAWING_HEIC.to_vec()));
        files.push(("HEIC, 10 bits", DRAWING_10BIT_HEIC.to_vec()));
        files.push(("HEIC with alpha", DRAWING_ALPHA_HEIC.to_vec()));
    }
    if decode_with_system(DRAWING_AVIF).is_some() {
        files.push(("AVIF", DRAWING_AVIF.to_vec()));
    }
    files
}

#[test]
fn a_zeroed_tail_is_an_error_in_every_format() {
    for (name, file) in whole_files() {
        assert_eq!(kind(&file), "decoded", "{name}");
        for share in [0.5, 0.6, 0.7, 0.8, 0.9] {
            let mut zeroed = file.clone();
            zeroed[(file.len() as f64 * share) as usize..].fill(0);
            let found = kind(&zeroed);
            assert!(["truncated", "corrupt", "unsupported"].contains(&found), "{name} from {share} on: {found}");
        }
    }
}

#[test]
fn a_flat_webp_that_ends_in_zeros_is_whole() {
    assert!(FLAT_WEBP.ends_with(&[0; 80]));
    assert_eq!(kind(FLAT_WEBP), "decoded");
    let mut zeroed = FLAT_WEBP.to_vec();
    zeroed[800..].fill(0);
    assert!(["truncated", "corrupt"].contains(&kind(&zeroed)), "{}", kind(&zeroed));
}

#[test]
fn a_jpeg_with_a_hole_is_damaged_though_it_ends_as_it_should() {
    for (what, whole) in [("baseline", jpeg(&busy(320, 240), false)), ("progressive", jpeg(&busy(320, 240), true))] {
        for (from, to) in [(0.5, 1.0), (0.7, 1.0), (0.9, 1.0), (0.3, 0.6), (0.5, 0.7)] {
            for filling in [0x00, 0x55, 0xAA] {
                let at = |share: f64| ((whole.len() as f64 * share) as usize).min(whole.len() - 2);
                let mut file = whole.clone();
                file[at(from)..at(to)].fill(filling);
                let found = kind(&file);
                assert!(["truncated", "corrupt"].contains(&found), "{what}, {filling} from {from} to {to}: {found}");
            }
        }
    }
}

#[test]
fn a_harmless_warning_hides_no_damage() {
    let plain = jpeg(&busy(320, 240), false);
    let mut revision = plain.clone();
    revision[11] = 3;
    let stray = [&plain[..20], &[0, 0, 0], &plain[20..]].concat();
    for (what, file) in [("JFIF revision", revision), ("stray bytes", stray)] {
        assert_eq!(kind(&file), "decoded", "{what}");
        let mut zeroed = file.clone();
        let (from, to) = (file.len() / 2, file.len() - 2);
        zeroed[from..to].fill(0);
        assert!(["truncated", "corrupt"].contains(&kind(&zeroed)), "{what}: {}", kind(&zeroed));
        let mut flipped = file.clone();
        for at in (file.len() / 2..file.len() - 2).step_by(97) {
            flipped[at] ^= 0x5A;
        }
        let found = kind(&flipped);
        assert!(["truncated", "corrupt"].contains(&found), "{what}: {found}");
    }
    // Zeros that fill up behind the picture take nothing away.
    for zeros in [1, 100, 5000] {
        let mut padded = plain[..plain.len() - 2].to_vec();
        padded.resize(padded.len() + zeros, 0);
        padded.extend([0xFF, 0xD9]);
        assert_eq!(kind(&padded), "decoded", "{zeros}");
    }
}

#[test]
fn a_photo_that_was_straightened_a_little_is_whole() {
    for degrees in [0.01, 0.03, 0.1, 0.4, 2.0, 9.0f64] {
        for degrees in [degrees, -degrees] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let mut image = busy(240, 180);
            for (x, y, pixel) in image.enumerate_pixels_mut() {
                let (dx, dy) = (f64::from(x) + 0.5 - 120.0, f64::from(y) + 0.5 - 90.0);
                let (u, v) = (dx * cos + dy * sin + 120.0, dy * cos - dx * sin + 90.0);
                if !(0.0..240.0).contains(&u) || !(0.0..180.0).contains(&v) {
                    *pixel = Rgb([0; 3]);
                }
            }
            let pixels = image.clone().into_raw();
            let image = DynamicImage::ImageRgb8(image);
            for (name, file) in [
                ("BMP", encoded(&image, ImageFormat::Bmp)),
                ("TIFF", encoded(&image, ImageFormat::Tiff)),
                ("TIFF, directory behind", write(42, true, 1, &[page([240, 180], 0)], &[&pixels])),
            ] {
                assert_eq!(kind(&file), "decoded", "{name} by {degrees}°");
                let mut zeroed = file.clone();
                let at = (file.len() as f64 * 0.6) as usize;
                zeroed[at..].fill(0);
                assert!(["truncated", "corrupt"].contains(&kind(&zeroed)), "{name} by {degrees}°: {}", kind(&zeroed));
            }
        }
    }
}

#[test]
fn strips_over_one_another_cost_no_more_than_the_file() {
    // Two thousand strips of half a megabyte, all in the same place, with rows of two bytes.
    let samples = vec![7; 500_000];
    let mut page = page([12, 4000], 0);
    page.retain(|(tag, _)| ![tag::BITS, tag::SAMPLES, tag::STRIP_OFFSETS, tag::STRIP_BYTES].contains(tag));
    page.extend([
        (tag::BITS, Value::Short(vec![1])),
        (tag::SAMPLES, Value::Short(vec![1])),
        (tag::STRIP_OFFSETS, Value::Long(vec![16; 2000])),
        (tag::STRIP_BYTES, Value::Long(vec![500_000; 2000])),
    ]);
    let file = write(42, true, 1, &[page], &[&samples]);
    let first = tiff::Tiff::new(&file).unwrap().first_page().unwrap();
    let begun = std::time::Instant::now();
    assert!(!tiff::damage::breaks_off(&file, &first));
    let secs = begun.elapsed().as_secs_f32();
    assert!(secs < 0.5, "{secs} s");
}
