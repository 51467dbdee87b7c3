//! Inner products of a probe with stored rows: the innermost loop of exact scores. By hand, because rows are read as they lie in
//! the mapped file, halves among them, which no crate for matrices takes.

#![allow(unsafe_code, reason = "uses the processor's wide registers where it has them")]

use half::f16;

/// Inner product of two rows of the same length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has what the function asks for.
        return unsafe { x86::dot(a, b) };
    }
    dot_plain(a, b)
}

/// Inner product with a row of half precision.
pub(super) fn dot_f16(a: &[f32], b: &[f16]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has what the function asks for.
        return unsafe { x86::dot_f16(a, b) };
    }
    a.iter().zip(b).map(|(x, y)| x * y.to_f32()).sum()
}

/// Distances of `probe` to every hash of `codes`, each as long as the probe (a multiple of 8 bytes), into `out`; and how
/// often each distance occurs, added to `counts`.
pub(super) fn hamming_scan(probe: &[u8], codes: &[u8], out: &mut Vec<u16>, counts: &mut [u32]) {
    out.clear();
    out.resize(codes.len() / probe.len(), 0);
    #[cfg(target_arch = "x86_64")]
    if has_avx2() && probe.len().is_multiple_of(32) {
        // SAFETY: the processor has what the function asks for.
        unsafe { x86::hamming_distances(probe, codes, out) };
        return count(out, counts);
    }
    let words =
        |bytes: &[u8]| -> Vec<u64> { bytes.as_chunks::<8>().0.iter().map(|w| u64::from_le_bytes(*w)).collect() };
    let probe_words = words(probe);
    for (to, code) in out.iter_mut().zip(codes.chunks_exact(probe.len())) {
        let pairs = probe_words.iter().zip(code.as_chunks::<8>().0);
        *to = pairs.map(|(x, y)| (x ^ u64::from_le_bytes(*y)).count_ones()).sum::<u32>() as u16;
    }
    count(out, counts);
}

/// The rows of [`hamming_scan`]'s distances that are at most `limit`, rising. Blocks without any are passed over whole.
pub(super) fn rows_within(distances: &[u16], limit: u16) -> impl Iterator<Item = usize> + '_ {
    const BLOCK: usize = 64;
    let near = move |block: &[u16]| block.iter().fold(false, |any, distance| any | (*distance <= limit));
    let blocks = distances.chunks(BLOCK).enumerate().filter(move |(_, block)| near(block));
    blocks.flat_map(move |(number, block)| {
        let rows = block.iter().enumerate().filter(move |(_, distance)| **distance <= limit);
        rows.map(move |(at, _)| number * BLOCK + at)
    })
}

/// Counts in two halves: neighbours often have the same distance, and one counter can be raised only so fast.
fn count(distances: &[u16], counts: &mut [u32]) {
    let mut others = vec![0u32; counts.len()];
    let (pairs, rest) = distances.as_chunks::<2>();
    for [a, b] in pairs {
        counts[usize::from(*a)] += 1;
        others[usize::from(*b)] += 1;
    }
    rest.iter().for_each(|distance| counts[usize::from(*distance)] += 1);
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
}

/// Asks the processor to bring `bytes` into its cache.
pub(super) fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(64) {
        // SAFETY: a hint; it reads nothing.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

/// Sixteen partial sums, so that the compiler can use wide registers and rounding errors stay small.
pub(super) fn dot_plain(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (a_chunks, a_rest) = a.as_chunks::<16>();
    let (b_chunks, b_rest) = b.as_chunks::<16>();
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use half::f16;

    /// # Safety
    /// The processor has AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn dot(a: &[f32], b: &[f32]) -> f32 {
        let n = a.len().min(b.len());
        let mut sums = [_mm256_setzero_ps(); 4];
        let whole = n / 32 * 32;
        for at in (0..whole).step_by(32) {
            for (lane, sum) in sums.iter_mut().enumerate() {
                // SAFETY: at + 8 lane + 8 <= whole <= n.
                let (x, y) = unsafe {
                    let at = at + 8 * lane;
                    (_mm256_loadu_ps(a.as_ptr().add(at)), _mm256_loadu_ps(b.as_ptr().add(at)))
                };
                *sum = _mm256_fmadd_ps(x, y, *sum);
            }
        }
        let rest: f32 = a[whole..n].iter().zip(&b[whole..n]).map(|(x, y)| x * y).sum();
        total(sums) + rest
    }

    /// # Safety
    /// The processor has AVX2, FMA and F16C.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) unsafe fn dot_f16(a: &[f32], b: &[f16]) -> f32 {
        let n = a.len().min(b.len());
        let mut sums = [_mm256_setzero_ps(); 4];
        let whole = n / 32 * 32;
        for at in (0..whole).step_by(32) {
            for (lane, sum) in sums.iter_mut().enumerate() {
                // SAFETY: at + 8 lane + 8 <= whole <= n; f16 is two bytes.
                let (x, y) = unsafe {
                    let at = at + 8 * lane;
                    (_mm256_loadu_ps(a.as_ptr().add(at)), _mm_loadu_si128(b.as_ptr().add(at).cast()))
                };
                *sum = _mm256_fmadd_ps(x, _mm256_cvtph_ps(y), *sum);
            }
        }
        let rest: f32 = a[whole..n].iter().zip(&b[whole..n]).map(|(x, y)| x * y.to_f32()).sum();
        total(sums) + rest
    }

    #[target_feature(enable = "avx2")]
    fn total(sums: [__m256; 4]) -> f32 {
        let sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
        let half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
        let pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
        _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)))
    }

    /// Bits are counted by looking up halves of bytes; the counts of up to [`BLOCK`] bytes are summed as bytes.
    ///
    /// # Safety
    /// The processor has AVX2; the probe's length is a multiple of 32, and `out` has one place for each hash.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn hamming_distances(probe: &[u8], codes: &[u8], out: &mut [u16]) {
        /// A byte counts at most 8 bits in each of 31 registers.
        const BLOCK: usize = 31 * 32;
        /// Hardware reads ahead to the end of a page only.
        const AHEAD: usize = 4096;
        let bits_of_half = _mm256_setr_epi8(
            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
        );
        let low = _mm256_set1_epi8(0x0f);
        let zero = _mm256_setzero_si256();
        for (code, to) in codes.chunks_exact(probe.len()).zip(out) {
            let mut sums = zero;
            for (probe, code) in probe.chunks(BLOCK).zip(code.chunks(BLOCK)) {
                let mut bytes = zero;
                for (x, y) in probe.as_chunks::<32>().0.iter().zip(code.as_chunks::<32>().0) {
                    _mm_prefetch::<_MM_HINT_T0>(y.as_ptr().wrapping_add(AHEAD).cast());
                    // SAFETY: either has 32 bytes.
                    let (x, y) =
                        unsafe { (_mm256_loadu_si256(x.as_ptr().cast()), _mm256_loadu_si256(y.as_ptr().cast())) };
                    let differing = _mm256_xor_si256(x, y);
                    let lower = _mm256_shuffle_epi8(bits_of_half, _mm256_and_si256(differing, low));
                    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(differing), low);
                    let upper = _mm256_shuffle_epi8(bits_of_half, upper);
                    bytes = _mm256_add_epi8(bytes, _mm256_add_epi8(lower, upper));
                }
                sums = _mm256_add_epi64(sums, _mm256_sad_epu8(bytes, zero));
            }
            let half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            *to = (_mm_cvtsi128_si64(half) + _mm_extract_epi64::<1>(half)) as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_is_the_sum_of_products() {
        for d in [1, 15, 16, 17, 31, 32, 33, 128, 513] {
            let a: Vec<f32> = (0..d).map(|i| (i as f32 * 0.37).sin()).collect();
            let b: Vec<f32> = (0..d).map(|i| (i as f32 * 0.11).cos()).collect();
            let halves: Vec<f16> = b.iter().map(|&v| f16::from_f32(v)).collect();
            let product = |x: &f32, y: f64| f64::from(*x) * y;
            let expected: f64 = a.iter().zip(&b).map(|(x, &y)| product(x, f64::from(y))).sum();
            let expected_halves: f64 = a.iter().zip(&halves).map(|(x, y)| product(x, y.to_f64())).sum();
            for got in [dot(&a, &b), dot_plain(&a, &b)] {
                assert!((f64::from(got) - expected).abs() < 1e-4, "d {d}");
            }
            assert!((f64::from(dot_f16(&a, &halves)) - expected_halves).abs() < 1e-4, "d {d}");
        }
    }

    #[test]
    fn hamming_distances_are_counted() {
        for (length, rows) in [(8, 5), (32, 7), (96, 3), (128, 9)] {
            let byte = |i: usize| (i * 37 + i / 5) as u8;
            let probe: Vec<u8> = (0..length).map(byte).collect();
            let codes: Vec<u8> = (0..length * rows).map(|i| byte(i * 3 + 1)).collect();
            let bits = |code: &[u8]| probe.iter().zip(code).map(|(x, y)| (x ^ y).count_ones() as u16).sum::<u16>();
            let expected: Vec<u16> = codes.chunks_exact(length).map(bits).collect();
            let (mut out, mut counts) = (Vec::new(), vec![0; length * 8 + 1]);
            hamming_scan(&probe, &codes, &mut out, &mut counts);
            assert_eq!(out, expected, "{length} bytes");
            assert_eq!(counts.iter().sum::<u32>() as usize, rows);
            assert!(out.iter().all(|distance| counts[usize::from(*distance)] > 0));
        }
    }
}
