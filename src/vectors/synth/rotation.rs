use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A random map of `rank` dimensions into `d` that keeps lengths and angles: random places and signs, then a fast
/// Walsh–Hadamard transform, then random signs again. Where `d` is no power of two, two transforms of the largest power
/// of two within it overlap, three times over.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    rank: usize,
    /// Where each of the first dimensions goes.
    places: Vec<u32>,
    rounds: Vec<Round>,
    last_signs: Vec<f32>,
}

#[derive(Clone, Debug)]
struct Round {
    /// 1 or −1 for each dimension, before the transform of the first `power` dimensions.
    signs: Vec<f32>,
    begin: usize,
    power: usize,
}

impl Rotation {
    /// `rank` is at most `d`.
    pub(super) fn new(d: usize, rank: usize, rng: &mut ChaCha8Rng) -> Self {
        let mut places: Vec<u32> = (0..d as u32).collect();
        for i in (1..d).rev() {
            places.swap(i, rng.random_range(0..=i));
        }
        places.truncate(rank);
        let power = 1 << d.ilog2();
        let begins: &[usize] = if power == d { &[0] } else { &[0, d - power, 0, d - power, 0, d - power] };
        let mut signs = || (0..d).map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 }).collect();
        let rounds = begins.iter().map(|&begin| Round { signs: signs(), begin, power }).collect();
        Self { rank, places, rounds, last_signs: signs() }
    }

    /// `face` has `d` values, of which the first `rank` are mapped; the others are passed over.
    pub(super) fn apply(&self, face: &mut [f32]) {
        let head: Vec<f32> = face[..self.rank].to_vec();
        face.fill(0.0);
        for (value, &place) in head.into_iter().zip(&self.places) {
            face[place as usize] = value;
        }
        for round in &self.rounds {
            flip(face, &round.signs);
            hadamard(&mut face[round.begin..round.begin + round.power]);
        }
        flip(face, &self.last_signs);
    }
}

fn flip(face: &mut [f32], signs: &[f32]) {
    face.iter_mut().zip(signs).for_each(|(value, sign)| *value *= sign);
}

/// The orthonormal Walsh–Hadamard transform, in place; the length is a power of two.
fn hadamard(values: &mut [f32]) {
    let scale = 1.0 / (values.len() as f32).sqrt();
    values.iter_mut().for_each(|value| *value *= scale);
    // Three steps at once in registers, where the halves are too short for long loops.
    let (eights, _) = values.as_chunks_mut::<8>();
    eights.iter_mut().for_each(|eight| *eight = hadamard_of_eight(*eight));
    let mut half = if eights.is_empty() { 1 } else { 8 };
    while half < values.len() {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

fn hadamard_of_eight([a, b, c, d, e, f, g, h]: [f32; 8]) -> [f32; 8] {
    let [a, b, c, d, e, f, g, h] = [a + b, a - b, c + d, c - d, e + f, e - f, g + h, g - h];
    let [a, b, c, d, e, f, g, h] = [a + c, b + d, a - c, b - d, e + g, f + h, e - g, f - h];
    [a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn lengths_and_angles_are_kept_at_any_length() {
        for (d, rank) in [(512, 192), (128, 128), (100, 37), (3, 2), (2, 1), (4, 4), (8, 8), (16, 5), (96, 96)] {
            let rotation = Rotation::new(d, rank, &mut ChaCha8Rng::seed_from_u64(1));
            let column = |j: usize| {
                let mut face = vec![0.0; d];
                face[j] = 1.0;
                rotation.apply(&mut face);
                face
            };
            let columns: Vec<Vec<f32>> = (0..rank).map(column).collect();
            for (i, a) in columns.iter().enumerate() {
                for (j, b) in columns.iter().enumerate() {
                    let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                    let expected = if i == j { 1.0 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-5, "{d} {rank} {i} {j}: {product}");
                }
            }
        }
    }

    #[test]
    fn what_lies_in_one_dimension_is_spread_over_all() {
        for d in [512, 300] {
            let rotation = Rotation::new(d, 16, &mut ChaCha8Rng::seed_from_u64(5));
            let mut face = vec![0.0; d];
            face[3] = 1.0;
            rotation.apply(&mut face);
            let largest = face.iter().fold(0f32, |most, value| most.max(value.abs()));
            assert!(largest < 6.0 / (d as f32).sqrt(), "{d}: {largest}");
        }
    }
}
