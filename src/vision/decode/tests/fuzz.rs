use proptest::prelude::*;

use super::*;

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
