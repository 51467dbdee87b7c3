use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::exif::tests::exif_block;
use super::*;

const DRAWING_HEIC: &[u8] = include_bytes!("../../../tests/data/drawing.heic");
const DRAWING_10BIT_HEIC: &[u8] = include_bytes!("../../../tests/data/drawing_10bit.heic");
const DRAWING_ALPHA_HEIC: &[u8] = include_bytes!("../../../tests/data/drawing_alpha.heic");
const DRAWING_AVIF: &[u8] = include_bytes!("../../../tests/data/drawing.avif");
const DRAWING_CMYK_JPEG: &[u8] = include_bytes!("../../../tests/data/drawing_cmyk.jpg");

const RED: [u8; 3] = [220, 40, 40];
const GREEN: [u8; 3] = [40, 200, 40];
const BLUE: [u8; 3] = [40, 40, 220];
const WHITE: [u8; 3] = [240, 240, 240];
/// Clockwise from the top left.
const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, WHITE, BLUE];

/// Four quadrants, so that every orientation differs.
fn drawing(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x * 2 < width, y * 2 < height) {
            (true, true) => RED,
            (false, true) => GREEN,
            (false, false) => WHITE,
            (true, false) => BLUE,
        })
    })
}

/// Detail everywhere, so that a file's size follows from its pixels.
fn busy(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let v = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(7);
        Rgb([(v >> 8) as u8, (v >> 16) as u8, (x + y) as u8])
    })
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(image: &RgbImage, progressive: bool) -> Vec<u8> {
    let mut compressor = turbojpeg::Compressor::new().unwrap();
    compressor.set_progressive(progressive).unwrap();
    compressor.set_quality(90).unwrap();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels = image.as_raw().as_slice();
    let view = turbojpeg::Image { pixels, width, pitch: width * 3, height, format: turbojpeg::PixelFormat::RGB };
    compressor.compress_to_vec(view).unwrap()
}

/// Puts an EXIF segment behind the start of a JPEG.
fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let block = exif_block(orientation, "2019:07:03 14:05:00");
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend((block.len() as u16 + 8).to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(block);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[track_caller]
fn assert_quadrants(photo: &RgbImage, expected: [[u8; 3]; 4]) {
    let (w, h) = photo.dimensions();
    let places = [(w / 4, h / 4), (w * 3 / 4, h / 4), (w * 3 / 4, h * 3 / 4), (w / 4, h * 3 / 4)];
    for ((x, y), expected) in places.into_iter().zip(expected) {
        let found = photo.get_pixel(x, y).0;
        let near = found.iter().zip(expected).all(|(&f, e)| f.abs_diff(e) < 24);
        assert!(near, "at {x},{y}: {found:?}, expected {expected:?}");
    }
}

fn decode(bytes: &[u8]) -> Result<DecodedPhoto, DecodeError> {
    decode_bytes(bytes, &DecodeParams::default())
}

fn kind(bytes: &[u8]) -> &'static str {
    decode(bytes).map_or_else(|e| e.kind(), |_| "decoded")
}

#[test]
fn every_format_is_known_by_its_content() {
    let image = DynamicImage::ImageRgb8(drawing(64, 48));
    let cases = [
        (ImageFormat::Jpeg, PhotoFormat::Jpeg),
        (ImageFormat::Png, PhotoFormat::Png),
        (ImageFormat::WebP, PhotoFormat::WebP),
        (ImageFormat::Tiff, PhotoFormat::Tiff),
        (ImageFormat::Bmp, PhotoFormat::Bmp),
        (ImageFormat::Gif, PhotoFormat::Gif),
    ];
    for (library, format) in cases {
        let photo = decode(&encoded(&image, library)).unwrap();
        assert_eq!((photo.format, photo.size, photo.scale), (format, [64, 48], 1.0));
        assert_quadrants(&photo.pixels, UPRIGHT);
    }
}

#[test]
fn all_eight_orientations_become_upright() {
    let plain = jpeg(&drawing(96, 64), false);
    // What is stored as UPRIGHT shows like this, by EXIF 2.32 table 6.
    let [r, g, w, b] = UPRIGHT;
    let shown = [
        [r, g, w, b],
        [g, r, b, w],
        [w, b, r, g],
        [b, w, g, r],
        [r, b, w, g],
        [b, r, g, w],
        [w, g, r, b],
        [g, w, b, r],
    ];
    for (orientation, expected) in (1..).zip(shown) {
        let photo = decode(&with_exif(&plain, orientation)).unwrap();
        let size = if orientation < 5 { [96, 64] } else { [64, 96] };
        assert_eq!((photo.size, photo.pixels.dimensions()), (size, size.into()), "orientation {orientation}");
        assert_quadrants(&photo.pixels, expected);
        assert_eq!(photo.taken_at.as_deref(), Some("2019-07-03T14:05:00"));
    }
}

#[test]
fn large_photos_shrink_to_the_limit_whatever_the_format() {
    let image = drawing(1000, 600);
    let params = DecodeParams { max_image_side: 300, ..Default::default() };
    for bytes in [jpeg(&image, false), jpeg(&image, true), encoded(&DynamicImage::ImageRgb8(image), ImageFormat::Png)] {
        let photo = decode_bytes(&bytes, &params).unwrap();
        assert_eq!((photo.pixels.dimensions(), photo.size), ((300, 180), [1000, 600]));
        assert!((photo.scale - 0.3).abs() < 1e-6);
        assert_quadrants(&photo.pixels, UPRIGHT);
        let full = decode_bytes(&bytes, &DecodeParams { max_image_side: 0, ..params }).unwrap();
        assert_eq!((full.pixels.dimensions(), full.scale), ((1000, 600), 1.0));
    }
}

#[test]
fn scaled_decoding_agrees_with_decoding_whole_and_resizing() {
    // Smooth content: what differs is geometry, a shift or an edge, not the filter.
    let smooth = RgbImage::from_fn(1601, 1203, |x, y| Rgb([(x / 7) as u8, (y / 5) as u8, ((x + y) / 12) as u8]));
    let whole = encoded(&DynamicImage::ImageRgb8(smooth.clone()), ImageFormat::Png);
    let params = DecodeParams { max_image_side: 200, ..Default::default() };
    let scaled = decode_bytes(&jpeg(&smooth, false), &params).unwrap().pixels;
    let resized = decode_bytes(&whole, &params).unwrap().pixels;
    assert_eq!(scaled.dimensions(), resized.dimensions());
    let worst = scaled.as_raw().iter().zip(resized.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst < Some(8), "{worst:?}");
}

#[test]
fn gray_sixteen_bit_and_transparent_become_rgb() {
    let gray = decode(&encoded(
        &DynamicImage::ImageLuma8(image::GrayImage::from_pixel(20, 20, [99].into())),
        ImageFormat::Png,
    ));
    assert_eq!(gray.unwrap().pixels.get_pixel(3, 3).0, [99; 3]);
    let deep = image::ImageBuffer::from_pixel(20, 20, Rgb([0xFFFFu16, 0x8000, 0]));
    let deep = decode(&encoded(&DynamicImage::ImageRgb16(deep), ImageFormat::Png)).unwrap();
    assert_eq!(deep.pixels.get_pixel(3, 3).0, [255, 128, 0]);
    let clear =
        RgbaImage::from_fn(20, 20, |x, _| if x < 10 { Rgba([10, 20, 30, 0]) } else { Rgba([200, 100, 0, 128]) });
    let clear = decode(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png)).unwrap();
    assert_eq!(clear.pixels.get_pixel(3, 3).0, [255; 3]);
    assert_eq!(clear.pixels.get_pixel(15, 3).0, [227, 177, 127]);
    let gray_jpeg =
        encoded(&DynamicImage::ImageLuma8(image::GrayImage::from_pixel(20, 20, [99].into())), ImageFormat::Jpeg);
    assert!(decode(&gray_jpeg).unwrap().pixels.get_pixel(3, 3).0.iter().all(|v| v.abs_diff(99) < 2));
}

#[test]
fn cmyk_jpeg_has_its_colours() {
    let photo = decode(DRAWING_CMYK_JPEG).unwrap();
    assert_eq!(photo.size, [64, 48]);
    assert_quadrants(&photo.pixels, UPRIGHT);
}

#[test]
fn animated_gif_gives_its_first_frame() {
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for image in [drawing(40, 40), RgbImage::new(40, 40)] {
            encoder.encode_frame(image::Frame::new(DynamicImage::ImageRgb8(image).into_rgba8())).unwrap();
        }
    }
    assert_quadrants(&decode(&bytes).unwrap().pixels, UPRIGHT);
}

/// Whether this system can decode the format; a system without its codec is told so, not failed.
fn decode_with_system(bytes: &[u8]) -> Option<DecodedPhoto> {
    match decode(bytes) {
        Err(error @ (DecodeError::LibraryMissing { .. } | DecodeError::CodecMissing { .. })) => {
            println!("skipped: {error}");
            None
        }
        other => Some(other.unwrap()),
    }
}

#[test]
fn heic_and_avif_by_the_system_library() {
    if let Some(photo) = decode_with_system(DRAWING_HEIC) {
        // Stored 64×48 with a quarter turn to the right, which the library applies once.
        assert_eq!((photo.format, photo.size, photo.pixels.dimensions()), (PhotoFormat::Heic, [48, 64], (48, 64)));
        assert_quadrants(&photo.pixels, [BLUE, RED, GREEN, WHITE]);
        assert_eq!(photo.taken_at.as_deref(), Some("2021-02-03T04:05:06"));
        let small = decode_bytes(DRAWING_HEIC, &DecodeParams { max_image_side: 32, ..Default::default() }).unwrap();
        assert_eq!(small.pixels.dimensions(), (24, 32));
        let few = DecodeParams { max_pixels: 1000, ..Default::default() };
        let refused = decode_bytes(DRAWING_HEIC, &few).unwrap_err().kind();
        assert!(["too-many-pixels", "too-much-memory"].contains(&refused), "{refused}");
    }
    if let Some(photo) = decode_with_system(DRAWING_10BIT_HEIC) {
        assert_quadrants(&photo.pixels, UPRIGHT);
    }
    if let Some(photo) = decode_with_system(DRAWING_ALPHA_HEIC) {
        assert_quadrants(&photo.pixels, UPRIGHT.map(|colour| colour.map(|v| ((u32::from(v) + 255) / 2) as u8)));
    }
    if let Some(photo) = decode_with_system(DRAWING_AVIF) {
        assert_eq!(photo.format, PhotoFormat::Avif);
        assert_quadrants(&photo.pixels, UPRIGHT);
    }
}

#[test]
fn what_is_no_photo_is_refused_with_its_reason() {
    assert_eq!(kind(b""), "empty");
    assert_eq!(kind(b"Dear clerk, this is a letter.\n"), "not-a-photo");
    assert_eq!(kind(&[0xFF, 0xD8, 0xFF]), "truncated");
    assert_eq!(kind(&jpeg(&drawing(16, 16), false)[..40]), "truncated");
    let tiny = decode(&encoded(&DynamicImage::ImageRgb8(drawing(1, 1)), ImageFormat::Png)).unwrap_err();
    assert_eq!(tiny.kind(), "too-small");
    assert!(tiny.to_string().contains("too small to hold a face"), "{tiny}");
    assert_eq!(kind(&jpeg(&drawing(2000, 11), false)), "too-small");
    assert_eq!(kind(&jpeg(&drawing(12, 12), false)), "decoded");
    let limited = DecodeParams { max_file_bytes: 100, ..Default::default() };
    assert_eq!(decode_bytes(&jpeg(&busy(64, 64), false), &limited).unwrap_err().kind(), "file-too-large");
}

/// A PNG that only declares its size.
fn declared_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&DynamicImage::ImageRgb8(drawing(16, 16)), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = !0u32;
    for &byte in &bytes[12..29] {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

#[test]
fn bombs_are_refused_by_what_they_declare() {
    assert_eq!(kind(&declared_png(30_000, 30_000)), "too-many-pixels");
    assert_eq!(kind(&declared_png(15_000, 15_000)), "bomb");
    // Here one row alone is beyond the decoder's own limit.
    assert_eq!(kind(&declared_png(u32::MAX / 2, u32::MAX / 2)), "too-much-memory");
    // A JPEG header is patched the same way: height and width stand behind the frame marker.
    let mut bytes = jpeg(&drawing(16, 16), false);
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    for (size, expected) in [(30_000u16, "too-many-pixels"), (15_000, "bomb"), (4_000, "truncated")] {
        bytes[frame + 5..frame + 7].copy_from_slice(&size.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&size.to_be_bytes());
        assert_eq!(kind(&bytes), expected, "{size}");
    }
}

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

#[test]
fn files_are_read_by_content_not_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("really-a.png.jpg");
    std::fs::write(&path, encoded(&DynamicImage::ImageRgb8(drawing(64, 48)), ImageFormat::Png)).unwrap();
    assert_eq!(decode_file(&path, &DecodeParams::default()).unwrap().format, PhotoFormat::Png);
    std::fs::write(&path, "not a photo at all").unwrap();
    let error = decode_file(&path, &DecodeParams::default()).unwrap_err();
    assert_eq!(error.to_string(), "the content is text, not a photo format that can be read, whatever the name says");
}

#[test]
fn crops_survive_storing() {
    let stored = encode_jpeg(&drawing(112, 112), 90).unwrap();
    let crop = decode_crop(&stored).unwrap();
    assert_eq!(crop.dimensions(), (112, 112));
    assert_quadrants(&crop, UPRIGHT);
    assert_eq!(encode_jpeg(&RgbImage::new(0, 5), 90).unwrap_err().kind(), "encode");
    assert_eq!(decode_crop(b"x").unwrap_err().kind(), "not-a-photo");
    assert_eq!(decode_crop(&declared_png(16, 16)).unwrap_err().kind(), "not-a-photo");
    assert!(encode_jpeg(&drawing(16, 16), 255).unwrap().len() > encode_jpeg(&drawing(16, 16), 0).unwrap().len());
}

/// Files of every format, small, to be damaged.
fn samples() -> Vec<Vec<u8>> {
    let image = DynamicImage::ImageRgb8(busy(33, 21));
    let mut files = vec![
        with_exif(&jpeg(&busy(33, 21), false), 6),
        jpeg(&busy(33, 21), true),
        DRAWING_CMYK_JPEG.to_vec(),
        DRAWING_HEIC.to_vec(),
        DRAWING_ALPHA_HEIC.to_vec(),
        DRAWING_AVIF.to_vec(),
    ];
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Gif] {
        files.push(encoded(&image, format));
    }
    files
}

/// Small limits, so that a damaged size cannot make the test slow.
const FUZZ: DecodeParams =
    DecodeParams { max_image_side: 64, min_scale: 0.0, max_pixels: 4_000_000, max_file_bytes: 1 << 20 };

fn must_not_panic(bytes: &[u8]) {
    match decode_bytes(bytes, &FUZZ) {
        Ok(photo) => {
            assert!(photo.pixels.width().max(photo.pixels.height()) <= 64);
            assert!(photo.scale > 0.0 && photo.scale <= 1.0);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_ne!(error.kind(), "crashed", "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_files_never_panic(
        which in 0usize..11,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in 0.0f64..1.3,
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        must_not_panic(&bytes);
    }

    #[test]
    fn random_bytes_never_panic(which in 0usize..11, head in 3usize..40, tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sample = samples().swap_remove(which);
        let mut bytes = sample[..head.min(sample.len())].to_vec();
        bytes.extend(&tail);
        must_not_panic(&bytes);
        must_not_panic(&tail);
    }
}

/// Files with a photo's name below `dir`.
fn photos_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let walk = walkdir::WalkDir::new(dir).sort_by_file_name();
    walk.into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| is_photo_name(path) && path.is_file())
        .collect()
}

#[test]
fn real_photos_decode() {
    let Some(assets) = std::env::var_os("LIKENESS_ASSETS") else {
        println!("skipped: LIKENESS_ASSETS is not set");
        return;
    };
    let data = Path::new(&assets).join("data");
    let mut photos = [photos_below(&data.join("group")), photos_below(&data.join("masked_faces"))].concat();
    photos.extend(photos_below(&data.join("lfw/images")).into_iter().step_by(10));
    assert!(photos.len() > 100, "{} photos below {}", photos.len(), data.display());
    for path in photos {
        let photo = decode_file(&path, &DecodeParams::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let longer = photo.size[0].max(photo.size[1]);
        assert_eq!(photo.pixels.width().max(photo.pixels.height()), longer.min(1600), "{}", path.display());
    }
}

#[test]
#[ignore = "a measurement: cargo test --lib -- --ignored --nocapture decoding_speed"]
fn decoding_speed() {
    for (width, height) in [(250, 250), (4000, 3000), (12_000, 9_000)] {
        let photo = RgbImage::from_fn(width, height, |x, y| {
            let wave = ((x as f32 * 0.13).sin() * (y as f32 * 0.07).cos() * 90.0) as i32;
            Rgb([(128 + wave) as u8, (x / 16) as u8, ((x ^ y) & 63) as u8 + 90])
        });
        let bytes = jpeg(&photo, false);
        let rounds = 1 + 20_000_000 / (width * height);
        for max_image_side in [1600, 0] {
            let params = DecodeParams { max_image_side, ..Default::default() };
            let start = std::time::Instant::now();
            (0..rounds).for_each(|_| drop(decode_bytes(&bytes, &params).unwrap()));
            let each = start.elapsed().as_secs_f64() * 1000.0 / f64::from(rounds);
            println!("{width}×{height} JPEG of {} kB to side {max_image_side}: {each:.2} ms", bytes.len() / 1000);
        }
    }
}
