//! Loops over slices, compiled for the wider vectors of a processor where it has them. By hand, because libtorch takes longer
//! for them than for the convolutions between.

#![allow(unsafe_code, reason = "functions for AVX2 are called after the processor was asked")]

/// Defines functions whose body is compiled twice, plainly and for AVX2, and chosen by what the processor has.
/// Neither contracts a product and a sum into one rounding, so both give the same numbers.
macro_rules! vectorised {
    ($($(#[$meta:meta])* pub fn $name:ident $(<const $n:ident: usize>)? ($($arg:ident: $ty:ty),* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        pub fn $name $(<const $n: usize>)? ($($arg: $ty),*) {
            #[inline(always)]
            fn body $(<const $n: usize>)? ($($arg: $ty),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2 $(<const $n: usize>)? ($($arg: $ty),*) {
                    body $(::<$n>)? ($($arg),*)
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has just been found to have AVX2.
                    return unsafe { with_avx2 $(::<$n>)? ($($arg),*) };
                }
            }
            body $(::<$n>)? ($($arg),*)
        }
    )*};
}

/// PReLU: `x` where positive, otherwise `slope`·`x`.
#[inline(always)]
fn prelu_of(x: f32, slope: f32) -> f32 {
    if x > 0.0 { x } else { slope * x }
}

/// The larger; one instruction, unlike `f32::max`, which also orders NaN.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

vectorised! {
    /// PReLU in place. `slopes` holds one slope per channel, repeated until it is as long as `values` or longer.
    pub fn prelu(values: &mut [f32], slopes: &[f32]) {
        for (value, &slope) in values.iter_mut().zip(slopes) {
            *value = prelu_of(*value, slope);
        }
    }

    /// `best[i]` = PReLU of `row[i]`.
    pub fn prelu_into(best: &mut [f32], row: &[f32], slopes: &[f32]) {
        for ((best, &value), &slope) in best.iter_mut().zip(row).zip(slopes) {
            *best = prelu_of(value, slope);
        }
    }

    /// `best[i]` = the larger of itself and PReLU of `row[i]`.
    pub fn prelu_max_into(best: &mut [f32], row: &[f32], slopes: &[f32]) {
        for ((best, &value), &slope) in best.iter_mut().zip(row).zip(slopes) {
            *best = larger(*best, prelu_of(value, slope));
        }
    }

    /// Per-channel maximum of every `window` neighbouring pixels of `C` channels, in steps of two pixels; the last
    /// window may be cut off by the row's end.
    pub fn max_along_row<const C: usize>(out: &mut [f32], row: &[f32], window: usize) {
        for (i, out) in out.chunks_exact_mut(C).enumerate() {
            let pixels = &row[2 * i * C..row.len().min((2 * i + window) * C)];
            let mut best = [f32::NEG_INFINITY; C];
            for pixel in pixels.chunks_exact(C) {
                for (best, &value) in best.iter_mut().zip(pixel) {
                    *best = larger(*best, value);
                }
            }
            out.copy_from_slice(&best);
        }
    }

    /// For each pixel of 32 channels: the inner product of its PReLU with `weights`, plus `bias`.
    pub fn prelu_dot(out: &mut [f32], row: &[f32], slopes: &[f32; 32], weights: &[f32; 32], bias: f32) {
        for (out, pixel) in out.iter_mut().zip(row.chunks_exact(32)) {
            let mut sums = [0.0f32; 8];
            for at in [0, 8, 16, 24] {
                let terms = pixel[at..at + 8].iter().zip(&slopes[at..at + 8]).zip(&weights[at..at + 8]);
                for (sum, ((&value, &slope), &weight)) in sums.iter_mut().zip(terms) {
                    *sum += prelu_of(value, slope) * weight;
                }
            }
            *out = sums.iter().sum::<f32>() + bias;
        }
    }

    /// `sums[i]` = `row[i]`.
    pub fn set_row(sums: &mut [u16], row: &[u8]) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum = u16::from(value);
        }
    }

    /// `sums[i]` += `row[i]`; 257 rows of bytes fit.
    pub fn add_row(sums: &mut [u16], row: &[u8]) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add(u16::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxima_are_per_channel_and_the_last_window_is_cut() {
        let row = [1.0, -1.0, 2.0, -2.0, 0.5, -3.0]; // three pixels of two channels
        let mut out = [0.0; 4];
        max_along_row::<2>(&mut out, &row, 2);
        assert_eq!(out, [2.0, -1.0, 0.5, -3.0]);
        max_along_row::<2>(&mut out, &row, 3);
        assert_eq!(out, [2.0, -1.0, 0.5, -3.0]);
    }

    #[test]
    fn prelu_uses_each_channels_slope() {
        let mut values = [-2.0, -2.0, 3.0];
        prelu(&mut values, &[0.5, -1.0, 9.0]);
        assert_eq!(values, [-1.0, 2.0, 3.0]);
    }

    #[test]
    fn row_sums_hold_257_white_rows() {
        let mut sums = vec![7u16; 40];
        set_row(&mut sums, &[255; 40]);
        for _ in 1..257 {
            add_row(&mut sums, &[255; 40]);
        }
        assert_eq!(sums, [255 * 257; 40]);
    }
}
