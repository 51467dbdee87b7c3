//! Colour profiles, in every container that holds them.

use std::io::Write;

use image::ImageEncoder;
use moxcms::ColorProfile;

use super::super::exif::tests::adobe_rgb_block;
use super::super::tiff::tag;
use super::super::tiff::tests::{Value, page, write};
use super::metadata::chunk;
use super::*;

/// sRGB colours, and their samples in Display P3 and in Adobe RGB (CSS Color 4 and Adobe RGB (1998) give the matrices).
const SHOWN: [u8; 3] = [200, 100, 50];
const IN_P3: [u8; 3] = [187, 105, 62];
const IN_ADOBE: [u8; 3] = [177, 100, 56];

fn flat(colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(64, 48, Rgb(colour))
}

#[track_caller]
fn assert_shown(bytes: &[u8], expected: [u8; 3], what: &str) {
    let photo = decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = photo.pixels.get_pixel(20, 20).0;
    assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3), "{what}: {found:?}, expected {expected:?}");
}

/// The profile in as many segments as `parts`, the last one first.
fn jpeg_with_profile(image: &RgbImage, profile: &[u8], parts: usize) -> Vec<u8> {
    let plain = jpeg(image, false);
    let pieces: Vec<&[u8]> = profile.chunks(profile.len().div_ceil(parts)).collect();
    let mut file = plain[..2].to_vec();
    for (n, piece) in pieces.iter().enumerate().rev() {
        file.extend([0xFF, 0xE2]);
        file.extend((piece.len() as u16 + 16).to_be_bytes());
        file.extend(b"ICC_PROFILE\0");
        file.extend([n as u8 + 1, pieces.len() as u8]);
        file.extend(*piece);
    }
    file.extend(&plain[2..]);
    file
}

fn with_icc(image: &RgbImage, profile: &[u8], format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = image.dimensions();
    let colour = image::ExtendedColorType::Rgb8;
    match format {
        ImageFormat::Png => {
            let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.write_image(image.as_raw(), width, height, colour).unwrap();
        }
        _ => {
            let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.write_image(image.as_raw(), width, height, colour).unwrap();
        }
    }
    bytes
}

/// Version 5 of the header, with the profile behind the pixels.
fn bmp_with_profile(image: &RgbImage, profile: &[u8]) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let pixels = width * height * 3;
    let mut file = b"BM".to_vec();
    for value in [138 + pixels, 0, 138, 124, width, height, 1 | 24 << 16, 0, pixels, 0, 0, 0, 0] {
        file.extend(value.to_le_bytes());
    }
    file.resize(138, 0);
    file[70..74].copy_from_slice(b"DEBM");
    file[126..130].copy_from_slice(&(124 + pixels).to_le_bytes());
    file[130..134].copy_from_slice(&(profile.len() as u32).to_le_bytes());
    image.rows().rev().for_each(|row| row.for_each(|pixel| file.extend([pixel.0[2], pixel.0[1], pixel.0[0]])));
    file.extend(profile);
    file
}

#[test]
fn profiles_become_srgb_in_every_format() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let adobe = ColorProfile::new_adobe_rgb().encode().unwrap();
    for (profile, samples) in [(&p3, IN_P3), (&adobe, IN_ADOBE)] {
        let image = flat(samples);
        assert_shown(&jpeg_with_profile(&image, profile, 1), SHOWN, "JPEG");
        assert_shown(&jpeg_with_profile(&image, profile, 3), SHOWN, "JPEG, in three segments");
        assert_shown(&with_icc(&image, profile, ImageFormat::Png), SHOWN, "PNG");
        assert_shown(&with_icc(&image, profile, ImageFormat::WebP), SHOWN, "WebP");
        assert_shown(&bmp_with_profile(&image, profile), SHOWN, "BMP");
        let mut tiff = page([64, 48], 0);
        tiff.push((tag::PROFILE, Value::Bytes(profile.clone())));
        assert_shown(&write(42, true, 1, &[tiff], &[image.as_raw()]), SHOWN, "TIFF");
    }
    // Scaled and turned, too.
    let large = RgbImage::from_pixel(640, 480, Rgb(IN_P3));
    let params = DecodeParams { max_image_side: 100, ..Default::default() };
    let small = decode_bytes(&jpeg_with_profile(&large, &p3, 1), &params).unwrap();
    assert!(small.pixels.get_pixel(50, 50).0.iter().zip(SHOWN).all(|(a, b)| a.abs_diff(b) <= 3));
}

#[test]
fn a_profile_of_srgb_changes_no_sample_and_a_broken_one_leaves_the_photo() {
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    let image = busy(64, 48);
    let plain = decode(&jpeg(&image, false)).unwrap().pixels;
    assert_eq!(decode(&jpeg_with_profile(&image, &srgb, 1)).unwrap().pixels, plain);
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    assert_ne!(decode(&jpeg_with_profile(&image, &p3, 1)).unwrap().pixels, plain);
    for broken in [&p3[..p3.len() / 2], &p3[..130], b"no profile at all"] {
        assert_eq!(decode(&jpeg_with_profile(&image, broken, 1)).unwrap().pixels, plain);
    }
}

#[test]
fn gray_profiles_fit_gray_and_adobe_rgb_is_told_by_the_camera_alone() {
    // Linear light: a half is bright.
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let gray = image::GrayImage::from_pixel(64, 48, [128].into());
    let mut png = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
    encoder.set_icc_profile(linear).unwrap();
    encoder.write_image(gray.as_raw(), 64, 48, image::ExtendedColorType::L8).unwrap();
    assert_shown(&png, [188; 3], "gray");
    // In a picture with colours it says nothing, and takes none of them away.
    let coloured = drawing(64, 48);
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    for file in [with_icc(&coloured, &linear, ImageFormat::Png), jpeg_with_profile(&coloured, &linear, 1)] {
        assert_quadrants(&decode(&file).unwrap().pixels, UPRIGHT);
    }

    let block = adobe_rgb_block();
    let plain = jpeg(&flat(IN_ADOBE), false);
    let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1];
    file.extend((block.len() as u16 + 8).to_be_bytes());
    file.extend(b"Exif\0\0");
    file.extend(block);
    file.extend(&plain[2..]);
    assert_shown(&file, SHOWN, "Adobe RGB by EXIF");
    assert_shown(&plain, IN_ADOBE, "nothing is said");
}

/// A profile of inks that knows two colours: paper, and black wherever there is full black ink.
fn ink_profile() -> Vec<u8> {
    let mut lut = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for n in 0..9 {
        lut.extend(if n % 4 == 0 { 65_536u32 } else { 0 }.to_be_bytes());
    }
    let ramp: Vec<u8> = (0..=255).collect();
    (0..4).for_each(|_| lut.extend(&ramp));
    // The last ink varies fastest: a middle red where there is none of it, black where there is.
    (0..8).for_each(|_| lut.extend([140, 178, 168, 0, 128, 128]));
    (0..3).for_each(|_| lut.extend(&ramp));
    let mut profile = vec![0; 128];
    profile[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    profile[12..24].copy_from_slice(b"prtrCMYKLab ");
    profile[36..40].copy_from_slice(b"acsp");
    profile[68..80].copy_from_slice(&[0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]);
    profile.extend(1u32.to_be_bytes());
    profile.extend(b"A2B0");
    profile.extend(144u32.to_be_bytes());
    profile.extend((lut.len() as u32).to_be_bytes());
    profile.extend(lut);
    let length = profile.len() as u32;
    profile[..4].copy_from_slice(&length.to_be_bytes());
    profile
}

#[test]
fn inks_with_a_profile_are_what_it_says() {
    let plain = DRAWING_CMYK_JPEG;
    let profile = ink_profile();
    let mut file = plain[..2].to_vec();
    file.extend([0xFF, 0xE2]);
    file.extend((profile.len() as u16 + 16).to_be_bytes());
    file.extend(b"ICC_PROFILE\0\x01\x01");
    file.extend(profile);
    file.extend(&plain[2..]);
    let photo = decode(&file).unwrap();
    let bare = decode(plain).unwrap();
    assert_ne!(photo.pixels, bare.pixels);
    // There is no black ink in the bright quadrant.
    let [r, g, b] = photo.pixels.get_pixel(48, 36).0;
    assert!(r > 150 && g < 130 && b < 120, "{r} {g} {b}");
}

/// The directory of a flat page of inks, 64×48, whose samples are the first blob.
fn inks_page(inks: &[u8], bits: u16, planar: bool) -> Vec<(u16, Value)> {
    let samples = inks.len() as u16;
    let mut page = page([64, 48], 0);
    page.retain(|(tag, _)| ![tag::BITS, tag::PHOTOMETRIC, tag::SAMPLES, tag::STRIP_BYTES].contains(tag));
    let bytes = 64 * 48 * u32::from(bits) / 8;
    let strips = if planar { usize::from(samples) } else { 1 };
    page.extend([
        (tag::BITS, Value::Short(vec![bits; inks.len()])),
        (tag::PHOTOMETRIC, Value::Short(vec![5])),
        (tag::SAMPLES, Value::Short(vec![samples])),
        (tag::STRIP_BYTES, Value::Long(vec![bytes * u32::from(samples) / strips as u32; strips])),
    ]);
    if planar {
        page.retain(|(tag, _)| *tag != tag::STRIP_OFFSETS);
        // The first blob stands behind the head of 16 bytes.
        let places = (0..u32::from(samples)).map(|n| 16 + n * bytes).collect();
        page.extend([(tag::STRIP_OFFSETS, Value::Long(places)), (tag::PLANAR, Value::Short(vec![2]))]);
    }
    if samples > 4 {
        page.push((tag::EXTRA_SAMPLES, Value::Short(vec![0; usize::from(samples) - 4])));
    }
    page
}

fn inks_tiff(inks: &[u8], bits: u16, planar: bool, more: &[(u16, Value)]) -> Vec<u8> {
    let sample = |ink: u8| if bits == 16 { vec![ink; 2] } else { vec![ink] };
    let blob: Vec<u8> = match planar {
        true => inks.iter().flat_map(|&ink| sample(ink).repeat(64 * 48)).collect(),
        false => inks.iter().flat_map(|&ink| sample(ink)).collect::<Vec<u8>>().repeat(64 * 48),
    };
    write(42, true, 1, &[[inks_page(inks, bits, planar), more.to_vec()].concat()], &[&blob])
}

#[test]
fn pages_of_inks_are_what_their_profile_says() {
    let profile = [(tag::PROFILE, Value::Bytes(ink_profile()))];
    for (bits, planar) in [(8, false), (16, false), (8, true), (16, true)] {
        for inks in [&[0, 0, 0, 0][..], &[200, 10, 90, 0], &[0, 0, 0, 0, 255]] {
            let photo = decode(&inks_tiff(inks, bits, planar, &profile)).unwrap();
            let [r, g, b] = photo.pixels.get_pixel(48, 36).0;
            let what = format!("{inks:?}, {bits} bits, {planar}: {r} {g} {b}");
            assert!(r > 150 && g < 130 && b < 120, "{what}");
            assert_eq!(photo.notice, None, "{what}");
        }
        let photo = decode(&inks_tiff(&[0, 0, 0, 255], bits, planar, &profile)).unwrap();
        assert!(photo.pixels.get_pixel(48, 36).0.iter().all(|&v| v < 20), "{:?}", photo.pixels.get_pixel(48, 36));
    }
    let turned = [profile.to_vec(), vec![(tag::ORIENTATION, Value::Short(vec![6]))]].concat();
    assert_eq!(decode(&inks_tiff(&[0; 4], 8, false, &turned)).unwrap().size, [48, 64]);
}

#[test]
fn inks_without_a_profile_are_laid_on_white_and_said_to_be_approximate() {
    let told = Some(crate::tell!("issue-inks"));
    let photo = decode(&inks_tiff(&[255, 0, 0, 0], 8, false, &[])).unwrap();
    assert_eq!((photo.pixels.get_pixel(9, 9).0, photo.notice), ([0, 255, 255], told.clone()));
    let broken = [(tag::PROFILE, Value::Bytes(b"no profile at all".to_vec()))];
    assert_eq!(decode(&inks_tiff(&[255, 0, 0, 0], 8, false, &broken)).unwrap().notice, told);
    assert_eq!(decode(DRAWING_CMYK_JPEG).unwrap().notice, told);
    assert_eq!(decode(&jpeg(&flat(SHOWN), false)).unwrap().notice, None);
    // Spot colours, and half of a page.
    let others = inks_tiff(&[9, 9, 9, 9], 8, false, &[(tag::INK_SET, Value::Short(vec![2]))]);
    assert_eq!(decode(&others).unwrap_err().kind(), "unsupported");
    let whole = inks_tiff(&[90, 80, 70, 60], 8, false, &[]);
    let mut cut = whole.clone();
    cut[16 + 64 * 48 * 2 + 77..16 + 64 * 48 * 4].fill(0);
    assert_eq!(decode(&cut).unwrap_err().kind(), "truncated");
}

#[test]
fn a_heic_is_turned_into_srgb_by_its_code_or_its_profile() {
    let Some(plain) = decode_with_system(DRAWING_HEIC) else { return };
    let primaries = DRAWING_HEIC.windows(4).position(|bytes| bytes == b"nclx").unwrap() + 4;
    let mut p3 = DRAWING_HEIC.to_vec();
    p3[primaries..primaries + 2].copy_from_slice(&12u16.to_be_bytes());
    let photo = decode(&p3).unwrap();
    let at = |photo: &DecodedPhoto| photo.pixels.get_pixel(36, 16).0;
    // Red of Display P3 is redder than sRGB's.
    assert!(at(&photo)[0] > at(&plain)[0] && at(&photo)[1] < at(&plain)[1], "{:?} {:?}", at(&photo), at(&plain));
}

#[test]
fn a_png_may_tell_its_colours_by_code() {
    let mut file = encoded(&DynamicImage::ImageRgb8(flat(IN_P3)), ImageFormat::Png);
    file.splice(33..33, chunk(b"cICP", &[12, 13, 0, 1]));
    assert_shown(&file, SHOWN, "Display P3 by cICP");
    let mut out = Vec::new();
    out.write_all(&file).unwrap();
    out[33 + 8] = 1;
    let crc = super::metadata::crc(&out[37..45]);
    out[45..49].copy_from_slice(&crc.to_be_bytes());
    assert_shown(&out, IN_P3, "sRGB by cICP");
}
