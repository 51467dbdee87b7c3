//! Area resampling straight from the photo's bytes into a network's input.

use image::RgbImage;

use super::simd;

/// Rows that 16-bit sums of bytes can take.
const ROWS_PER_SUM: usize = 257;

/// Whole pixels of a photo: `width`×`height` from (`x`, `y`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Region {
    pub fn whole(photo: &RgbImage) -> Self {
        Self { x: 0, y: 0, width: photo.width() as usize, height: photo.height() as usize }
    }
}

/// Sums between calls, so that a pyramid allocates once.
#[derive(Default)]
pub struct Resampler {
    narrow: Vec<u16>,
    wide: Vec<u32>,
}

impl Resampler {
    /// Scales `region` of `photo` to `size` (width, height) and writes it as (value − 127.5)/128, channels last,
    /// into `out`, whose rows stand `stride` numbers apart.
    ///
    /// A pixel of the result is the mean over source rows ⌊i·h/n⌋ … ⌈(i+1)·h/n⌉ and columns likewise: adaptive
    /// average pooling, which is how the reference detector resizes. Sums are integers, so the mean is exact but
    /// for one rounding. `region` must lie in the photo, and `out` hold the rows.
    pub fn scale(&mut self, photo: &RgbImage, region: Region, size: [usize; 2], out: &mut [f32], stride: usize) {
        let [width, height] = size;
        for (i, out) in out.chunks_mut(stride).take(height).enumerate() {
            let (top, bottom) = window(i, height, region.height);
            let rows = Region { y: region.y + top, height: bottom - top, ..region };
            let out = &mut out[..width * 3];
            if rows.height <= ROWS_PER_SUM {
                self.add_up(photo, rows);
                average_columns(&self.narrow, rows, out);
            } else {
                self.add_up_wide(photo, rows);
                average_columns(&self.wide, rows, out);
            }
        }
    }

    /// Column sums of at most 257 rows in `narrow`.
    fn add_up(&mut self, photo: &RgbImage, rows: Region) {
        let (pixels, row_bytes, count) = (photo.as_raw(), photo.width() as usize * 3, rows.width * 3);
        self.narrow.resize(count, 0);
        for y in 0..rows.height {
            let start = (rows.y + y) * row_bytes + rows.x * 3;
            let row = &pixels[start..start + count];
            if y == 0 {
                simd::set_row(&mut self.narrow, row);
            } else {
                simd::add_row(&mut self.narrow, row);
            }
        }
    }

    /// Column sums of any number of rows in `wide`.
    fn add_up_wide(&mut self, photo: &RgbImage, rows: Region) {
        self.wide.clear();
        self.wide.resize(rows.width * 3, 0);
        for block in (0..rows.height).step_by(ROWS_PER_SUM) {
            let height = (rows.height - block).min(ROWS_PER_SUM);
            self.add_up(photo, Region { y: rows.y + block, height, ..rows });
            for (wide, &sum) in self.wide.iter_mut().zip(&self.narrow) {
                *wide += u32::from(sum);
            }
        }
    }
}

/// The normalised mean of the columns under each pixel of `out`; `sums` has those of the rows in `rows`.
fn average_columns<T: Copy + Into<u64>>(sums: &[T], rows: Region, out: &mut [f32]) {
    let width = out.len() / 3;
    for (j, out) in out.chunks_exact_mut(3).enumerate() {
        let (left, right) = window(j, width, rows.width);
        let mut totals = [0u64; 3];
        for pixel in sums[left * 3..right * 3].chunks_exact(3) {
            for (total, &sum) in totals.iter_mut().zip(pixel) {
                *total += sum.into();
            }
        }
        let area = ((right - left) * rows.height) as f32;
        for (out, total) in out.iter_mut().zip(totals) {
            *out = (total as f32 / area - 127.5) * 0.007_812_5;
        }
    }
}

/// Source pixels `start..end` under pixel `i` of `count`, when `length` pixels are scaled to `count`.
fn window(i: usize, count: usize, length: usize) -> (usize, usize) {
    (i * length / count, ((i + 1) * length).div_ceil(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    fn noise(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 37 + y * 91) as u8, (x * y) as u8, (x ^ (y * 7)) as u8]))
    }

    #[test]
    fn one_to_one_only_normalises() {
        let photo = noise(5, 4);
        let mut out = vec![0.0; 5 * 4 * 3];
        Resampler::default().scale(&photo, Region::whole(&photo), [5, 4], &mut out, 15);
        let expected: Vec<f32> = photo.as_raw().iter().map(|&v| (f32::from(v) - 127.5) / 128.0).collect();
        assert_eq!(out, expected);
    }

    #[test]
    fn a_white_photo_stays_white_however_far_it_shrinks() {
        let photo = RgbImage::from_pixel(900, 1100, Rgb([255; 3]));
        let mut out = vec![0.0; 2 * 3 * 3];
        Resampler::default().scale(&photo, Region::whole(&photo), [2, 3], &mut out, 6);
        assert!(out.iter().all(|&v| (v - 127.5 / 128.0).abs() < 1e-6));
    }

    proptest! {
        /// The library's own adaptive pooling, on the same pixels.
        #[test]
        fn agrees_with_adaptive_pooling(
            (width, height) in (1usize..90, 1usize..90), (out_w, out_h) in (1usize..60, 1usize..60),
        ) {
            let photo = noise(100, 95);
            let region = Region { x: 7, y: 3, width, height };
            let mut out = vec![0.0; out_w * out_h * 3];
            Resampler::default().scale(&photo, region, [out_w, out_h], &mut out, out_w * 3);

            let pixels = tch::Tensor::from_slice(photo.as_raw()).view([95, 100, 3]).to_kind(tch::Kind::Float);
            let pooled = pixels
                .permute([2, 0, 1])
                .narrow(1, 3, height as i64)
                .narrow(2, 7, width as i64)
                .unsqueeze(0)
                .adaptive_avg_pool2d([out_h as i64, out_w as i64]);
            let expected = (pooled - 127.5) * 0.0078125;
            let expected: Vec<f32> = expected.squeeze_dim(0).permute([1, 2, 0]).contiguous().view([-1]).try_into().unwrap();
            for (a, b) in out.iter().zip(&expected) {
                prop_assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
    }
}
