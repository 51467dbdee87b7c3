//! What a teacher makes of every crop, computed once and kept.

use crate::tell;
use std::fs;
use std::path::Path;

use image::imageops::flip_horizontal;
use tch::{Device, Kind, TchError, Tensor};

use super::crops::CropPack;
use super::error::TrainError;
use super::files::write_whole;
use super::nets::Network;
use crate::vision::embed::Preprocessor;
use crate::vision::manifest::InputSpec;

const MAGIC: &[u8; 8] = b"LKTARGT1";

/// Two unit rows for each crop: of the crop and of its mirror image.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    d: usize,
    rows: Vec<f32>,
}

impl Targets {
    /// `rows` holds, crop after crop, the embedding of the crop and of its mirror image, `d` numbers each.
    pub fn new(d: usize, rows: Vec<f32>) -> Self {
        debug_assert!(d > 0 && rows.len().is_multiple_of(2 * d));
        Self { d, rows }
    }

    /// What `network` makes of every crop as it is now. `tell` hears how many are done before each batch, and may stop it.
    ///
    /// # Errors
    /// Crops that cannot be read; embeddings that are no numbers; those of `tell`.
    pub fn by_network(
        network: &Network,
        input: &InputSpec,
        crops: &CropPack,
        mut tell: impl FnMut(u64) -> Result<(), TrainError>,
    ) -> Result<Self, TrainError> {
        const AT_A_TIME: usize = 32;
        let (d, preprocessor) = (network.d(), Preprocessor::new(input, Device::Cpu));
        let mut rows: Vec<f32> = Vec::with_capacity(crops.len() * 2 * d);
        for first in (0..crops.len()).step_by(AT_A_TIME) {
            tell(first as u64)?;
            let mut pictures = Vec::with_capacity(2 * AT_A_TIME);
            for at in first..(first + AT_A_TIME).min(crops.len()) {
                let crop = crops.crop(at)?;
                let mirrored = flip_horizontal(&crop);
                pictures.extend([crop, mirrored]);
            }
            let some = tch::no_grad(|| {
                let input = preprocessor.tensor_from_crops(&pictures)?.f_to_device(network.device())?;
                let some = super::losses::unit_rows(&network.forward_t(&input, false)?)?;
                some.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()
            })?;
            let start = rows.len();
            rows.resize(start + some.numel(), 0.0);
            some.f_copy_data(&mut rows[start..], some.numel())?;
            if rows[start..].iter().any(|number| !number.is_finite()) {
                return Err(TrainError::refused(tell!("train-weights-no-numbers")));
            }
        }
        Ok(Self::new(d, rows))
    }

    pub fn d(&self) -> usize {
        self.d
    }

    pub fn crops(&self) -> usize {
        self.rows.len() / (2 * self.d)
    }

    pub fn row(&self, crop: usize, flipped: bool) -> &[f32] {
        let at = (2 * crop + usize::from(flipped)) * self.d;
        &self.rows[at..at + self.d]
    }

    /// The saved targets, where they are those of `key` and so many crops.
    pub fn read(path: &Path, key: &str, crops: usize) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let (head, rest) = bytes.split_at_checked(8 + 32 + 8)?;
        let d = u64::from_le_bytes(head[40..].try_into().ok()?) as usize;
        let (rows, sum) = rest.split_at_checked(rest.len().checked_sub(32)?)?;
        let whole = head[..8] == MAGIC[..]
            && head[8..40] == *blake3::hash(key.as_bytes()).as_bytes()
            && d > 0
            && crops.checked_mul(2 * 4)?.checked_mul(d)? == rows.len()
            && sum == blake3::hash(rows).as_bytes();
        let rows = rows.as_chunks::<4>().0.iter().map(|&number| f32::from_le_bytes(number));
        whole.then(|| Self { d, rows: rows.collect() })
    }

    /// Saves them under `key`, which names teacher and crops.
    pub fn write(&self, path: &Path, key: &str) -> Result<(), TrainError> {
        let rows: Vec<u8> = self.rows.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(blake3::hash(key.as_bytes()).as_bytes());
        bytes.extend((self.d as u64).to_le_bytes());
        let sum = blake3::hash(&rows);
        bytes.extend(rows);
        bytes.extend(sum.as_bytes());
        write_whole(path, &bytes)
    }

    /// The same faces in `d` numbers, for a student whose embeddings have another length than the teacher's.
    ///
    /// Longer rows are shortened by the linear map that keeps the cosines between these rows best: onto the `d`
    /// directions in which they have most of their length (the right singular vectors, by Eckart and Young). The map is
    /// computed and not learnt: one that learnt together with the student would lead both to one point for all faces.
    /// Shorter rows are filled up with zeros, which keeps every cosine. The map follows from the crops in `learnt` alone,
    /// so that people who are held out have no part in it.
    pub fn with_length(self, d: usize, learnt: &[usize]) -> Result<Self, TchError> {
        if d == self.d {
            return Ok(self);
        }
        let rows = Tensor::f_from_slice(&self.rows)?.f_reshape([-1, self.d as i64])?;
        let rows = if d > self.d {
            rows.f_constant_pad_nd([0, (d - self.d) as i64])?
        } else {
            let places: Vec<i64> = learnt.iter().flat_map(|&crop| [2 * crop as i64, 2 * crop as i64 + 1]).collect();
            let known = rows.f_index_select(0, &Tensor::f_from_slice(&places)?)?;
            let gram = known.f_tr()?.f_matmul(&known)?.f_to_kind(Kind::Double)?;
            // Ascending, so the last ones are the largest.
            let (_, directions) = gram.f_linalg_eigh("L")?;
            let kept = directions.f_narrow(1, (self.d - d) as i64, d as i64)?.f_to_kind(Kind::Float)?;
            super::losses::unit_rows(&rows.f_matmul(&kept)?)?
        };
        let mut values = vec![0.0; rows.numel()];
        rows.f_contiguous()?.f_copy_data(&mut values, rows.numel())?;
        Ok(Self { d, rows: values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    fn dot(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Unit rows of length `d` in a space of `rank` directions.
    fn made_up(crops: i64, rank: i64, d: i64) -> Targets {
        let _alone = crate::train::sample::generator();
        tch::manual_seed(1);
        let options = (Kind::Float, Device::Cpu);
        let rows = Tensor::randn([2 * crops, rank], options).matmul(&Tensor::randn([rank, d], options));
        let rows = super::super::losses::unit_rows(&rows).unwrap();
        Targets::new(d as usize, Vec::<f32>::try_from(rows.flatten(0, -1)).unwrap())
    }

    #[test]
    fn another_length_keeps_the_cosines() {
        let wide = made_up(20, 6, 16);
        let all: Vec<usize> = (0..20).collect();
        let cosine = |t: &Targets, a: usize, b: usize| dot(t.row(a, false), t.row(b, true));
        for d in [6, 10, 40] {
            let other = wide.clone().with_length(d, &all).unwrap();
            assert_eq!((other.d(), other.crops()), (d, 20));
            for (a, b) in [(0, 1), (3, 9), (19, 19)] {
                assert!((cosine(&wide, a, b) - cosine(&other, a, b)).abs() < 1e-4, "{d}");
            }
        }
        // Fewer directions than there are cost something, and rows stay unit vectors.
        let short = wide.clone().with_length(3, &all).unwrap();
        assert!((dot(short.row(4, true), short.row(4, true)) - 1.0).abs() < 1e-5);
        assert_eq!(wide.clone().with_length(16, &all).unwrap(), wide);
    }

    #[test]
    fn people_who_are_held_out_have_no_part_in_the_map() {
        let seen = made_up(20, 6, 16);
        let other = |held: f32| {
            // Four faces more that lie elsewhere, and may not turn the directions that are kept.
            let mut rows = seen.rows.clone();
            rows.extend((0..4 * 2 * 16).map(|at| if at % 16 == 3 { held } else { 0.25 }));
            Targets::new(16, rows).with_length(6, &(0..20).collect::<Vec<_>>()).unwrap()
        };
        let (here, there) = (other(0.1), other(-0.9));
        assert!((0..20).all(|crop| here.row(crop, false) == there.row(crop, false)));
        assert_ne!(here.row(21, false), there.row(21, false));
    }

    #[test]
    fn saved_targets_come_back_for_their_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("targets.bin");
        let targets = made_up(5, 4, 8);
        targets.write(&path, "teacher 1, crops 2").unwrap();
        assert_eq!(Targets::read(&path, "teacher 1, crops 2", 5), Some(targets));
        assert_eq!(Targets::read(&path, "teacher 2, crops 2", 5), None);
        assert_eq!(Targets::read(&path, "teacher 1, crops 2", 4), None);
        let mut bytes = fs::read(&path).unwrap();
        bytes[60] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(Targets::read(&path, "teacher 1, crops 2", 5), None);
    }
}
