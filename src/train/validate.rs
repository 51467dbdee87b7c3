//! Verification of people who are held out, bare and with one side of each pair under a mask.

use crate::tell;
use std::collections::BTreeSet;

use image::RgbImage;

use super::augment::validation_mask;
use super::crops::CropPack;
use super::error::TrainError;
use super::targets::Targets;
use crate::eval::lfw::{self, ScoredPair};
use crate::types::{Embedding, Landmarks};

/// Pairs of crops; `None` for photos that are missing or show no face.
pub struct Validation {
    /// Places among the crops, and whether both show the same person.
    pairs: Vec<(Option<usize>, Option<usize>, bool)>,
    /// Landmarks of every crop, in its own pixels.
    landmarks: Vec<Landmarks>,
}

/// Shares 0…1.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// By name: `accuracy`, `tar_at_fmr_1e2`, and the same with `masked_` before it. Where the teacher's embeddings can
    /// be compared with these, `gallery_tar_at_fmr_1e2` and `gallery_masked_tar_at_fmr_1e2` too: the other side of each
    /// pair is bare and embedded by the teacher, as in a gallery enrolled with it.
    pub values: Vec<(String, f32)>,
    /// The cosine that tells bare pairs apart best.
    pub threshold: f32,
}

impl Validation {
    /// # Errors
    /// Fewer than two pairs of either kind with both faces: nothing could be measured.
    pub fn new(
        pairs: Vec<(Option<usize>, Option<usize>, bool)>,
        landmarks: Vec<Landmarks>,
    ) -> Result<Self, TrainError> {
        let whole = |mated| pairs.iter().filter(|pair| pair.0.is_some() && pair.1.is_some() && pair.2 == mated).count();
        if whole(true) < 2 || whole(false) < 2 {
            let (mated, nonmated) = (whole(true), whole(false));
            let few = tell!("train-few-pairs", n = pairs.len(), mated = mated, nonmated = nonmated);
            return Err(TrainError::refused(few));
        }
        Ok(Self { pairs, landmarks })
    }

    /// Crops that one measurement embeds.
    pub fn len(&self) -> usize {
        self.bare().len() + self.pairs.iter().filter(|pair| pair.1.is_some()).count()
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Embeds every crop through `embed`, which takes some at a time, and measures; `gallery` holds the teacher's
    /// embeddings, where they can be compared with those of `embed`.
    pub fn measure(
        &self,
        crops: &CropPack,
        gallery: Option<&Targets>,
        mut embed: impl FnMut(&[RgbImage]) -> Result<Vec<Embedding>, TrainError>,
    ) -> Result<Measured, TrainError> {
        const AT_A_TIME: usize = 32;
        let mut bare = std::collections::BTreeMap::new();
        for some in self.bare().chunks(AT_A_TIME) {
            let pictures = some.iter().map(|&at| crops.crop(at)).collect::<Result<Vec<_>, _>>()?;
            bare.extend(some.iter().copied().zip(embed(&pictures)?));
        }
        let mut masked: Vec<Option<Embedding>> = vec![None; self.pairs.len()];
        let covered: Vec<(usize, usize)> =
            self.pairs.iter().enumerate().filter_map(|(number, pair)| Some((number, pair.1?))).collect();
        for some in covered.chunks(AT_A_TIME) {
            let mut pictures = Vec::with_capacity(some.len());
            for &(number, at) in some {
                let mut picture = crops.crop(at)?;
                validation_mask(number as u64).cover(&mut picture, &self.landmarks[at]);
                pictures.push(picture);
            }
            for (&(number, _), embedding) in some.iter().zip(embed(&pictures)?) {
                masked[number] = Some(embedding);
            }
        }
        let own = |number: usize| self.pairs[number].0.and_then(|at| bare.get(&at)).map(Embedding::as_slice);
        let open = |number: usize| self.pairs[number].1.and_then(|at| bare.get(&at)).map(Embedding::as_slice);
        let covered = |number: usize| masked[number].as_ref().map(Embedding::as_slice);
        let of_open = lfw::evaluate(&[self.scored(own, open)]);
        let of_covered = lfw::evaluate(&[self.scored(own, covered)]);
        let value = |name: &str, share: f64| (name.to_owned(), share as f32);
        let mut values = vec![
            value("accuracy", of_open.accuracy),
            value("tar_at_fmr_1e2", of_open.tar_at_fmr_1e2),
            value("masked_accuracy", of_covered.accuracy),
            value("masked_tar_at_fmr_1e2", of_covered.tar_at_fmr_1e2),
        ];
        if let Some(gallery) = gallery {
            let enrolled = |number: usize| self.pairs[number].0.map(|at| gallery.row(at, false));
            let tar = |scored: Vec<ScoredPair>| lfw::evaluate(&[scored]).tar_at_fmr_1e2;
            values.push(value("gallery_tar_at_fmr_1e2", tar(self.scored(enrolled, open))));
            values.push(value("gallery_masked_tar_at_fmr_1e2", tar(self.scored(enrolled, covered))));
        }
        Ok(Measured { values, threshold: of_open.threshold })
    }

    /// Each pair with the cosine of its two sides, by its number.
    fn scored<'a, 'b>(
        &self,
        a: impl Fn(usize) -> Option<&'a [f32]>,
        b: impl Fn(usize) -> Option<&'b [f32]>,
    ) -> Vec<ScoredPair> {
        let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let pairs = self.pairs.iter().enumerate();
        pairs
            .map(|(number, pair)| ScoredPair {
                score: a(number).zip(b(number)).map(|(a, b)| cosine(a, b)),
                mated: pair.2,
            })
            .collect()
    }

    /// Every crop that a pair names, once.
    fn bare(&self) -> Vec<usize> {
        let places: BTreeSet<usize> = self.pairs.iter().flat_map(|pair| [pair.0, pair.1]).flatten().collect();
        places.into_iter().collect()
    }
}

impl Measured {
    /// What runs are chosen by: the mean of the network's own values, those of covered faces only `with_masked`. 0…1.
    pub fn merit(&self, with_masked: bool) -> f32 {
        let counts = |name: &str| !name.starts_with("gallery") && (with_masked || !name.starts_with("masked"));
        let counted = self.values.iter().filter(|(name, _)| counts(name));
        let (sum, n) = counted.fold((0.0, 0.0f32), |(sum, n), (_, value)| (sum + value, n + 1.0));
        sum / n.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::sample;

    #[test]
    fn bare_and_masked_pairs_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (crops, list) = sample::crop_set(folder.path(), 3, 3);
        let landmarks = vec![sample::landmarks(); list.photos.len()];
        let pairs = vec![
            (Some(0), Some(1), true),
            (Some(3), Some(5), true),
            (Some(0), Some(4), false),
            (Some(2), Some(7), false),
            (None, Some(1), true),
        ];
        let validation = Validation::new(pairs, landmarks.clone()).unwrap();
        assert_eq!(validation.len(), 7 + 5);
        // Embeds by the mean colour of the forehead and of the mouth's place, which a mask hides.
        let embed = |pictures: &[RgbImage]| {
            let row = |picture: &RgbImage| {
                let at = |y| picture.get_pixel(56, y).0.map(|v| f32::from(v) - 120.0);
                Embedding::try_from_raw([at(30), at(92)].concat()).unwrap()
            };
            Ok(pictures.iter().map(row).collect())
        };
        // A teacher that knows the four people, in as many numbers as `embed` gives.
        let known = |crop: usize| (0..6).map(move |at| if at == crop / 3 { 1.0 } else { 0.0 });
        let gallery = Targets::new(6, (0..9).flat_map(|crop| known(crop).chain(known(crop))).collect());
        let measured = validation.measure(&crops, Some(&gallery), embed).unwrap();
        assert_eq!(measured.values.len(), 6, "{measured:?}");
        let value = |name: &str| measured.values.iter().find(|(n, _)| n == name).unwrap().1;
        // Four of five: the pair without a face counts as refused.
        assert!((value("accuracy") - 0.8).abs() < 1e-6, "{measured:?}");
        assert!((value("tar_at_fmr_1e2") - 2.0 / 3.0).abs() < 1e-6, "{measured:?}");
        assert!(value("masked_accuracy") <= value("accuracy"));
        assert!((measured.merit(false) - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-6);

        let too_few = Validation::new(vec![(Some(0), None, true), (Some(0), Some(4), false)], landmarks);
        assert!(too_few.err().unwrap().to_string().contains("train-few-pairs"));
    }
}
