//! Photos that would be learnt and show the same picture as one that is held out: what is measured on it then is
//! memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::crops::CropList;
use super::error::TrainError;
use super::files::write_whole;
use super::targets::Targets;

/// The report's name in a run's folder.
pub const REPORT_FILE: &str = "near-duplicates.json";
/// Rows of either side that are compared at a time.
const AT_A_TIME: usize = 2048;
/// How far from 1 a cosine may lie, as a multiple of what the middle crop and its mirror image differ by.
///
/// Cosines of one network say nothing about those of another; what mirroring changes is seen in any set. On LFW with
/// folds 4 and 5 held out (6,922 faces, 2026-11-27) this gives 0.938 for `mobilefacenet-192` and 0.862 for an
/// IR-ResNet-50. Each leaves out the same three photos, which stand in the set under two names each (cosines from
/// 0.976 and from 0.951); the next three pairs are other photos of one person under two names (to 0.871 and 0.710), and
/// different people reach 0.746 and 0.438.
const MIRRORED_SPAN: f32 = 3.0;

/// What becomes of near-duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// They are learnt all the same.
    #[serde(default)]
    pub keep: bool,
    /// Cosine above which two crops are the same picture, 0…1; [`usual_threshold`] where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
}

/// A face that would be learnt, and the held-out one that it is most alike to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicatePair {
    /// From the photos' folder on, with `/`.
    pub learnt: String,
    pub held_out: String,
    /// Whether the files are the same to the byte.
    pub same_file: bool,
    /// Of their crops, or of one with the other's mirror image; `None` where nothing embedded them.
    pub cosine: Option<f32>,
}

/// What a search for near-duplicates came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Changes with the photos and with who is held out.
    pub data: String,
    /// The model whose embeddings were compared; `None` where files alone were.
    pub judge: Option<String>,
    /// The cosine that they lie above; `None` where files alone were compared.
    pub above: Option<f32>,
    /// In the order of the photos that would be learnt.
    pub pairs: Vec<DuplicatePair>,
}

impl Duplicates {
    /// What was found before in the run of `folder`; `None` where that was on other data, or nothing.
    pub fn read(folder: &Path, data: &str) -> Option<Self> {
        let text = std::fs::read(folder.join(REPORT_FILE)).ok()?;
        serde_json::from_slice(&text).ok().filter(|found: &Self| found.data == data)
    }

    pub fn write(&self, folder: &Path) -> Result<(), TrainError> {
        let path = folder.join(REPORT_FILE);
        let text = serde_json::to_vec_pretty(self).map_err(|e| TrainError::corrupt(&path, e.to_string()))?;
        write_whole(&path, &text)
    }

    /// Places of the faces that would be learnt, among the crops.
    pub fn crops(&self, list: &CropList) -> BTreeSet<usize> {
        let names: BTreeSet<&str> = self.pairs.iter().map(|pair| pair.learnt.as_str()).collect();
        let faces = list.faces().enumerate();
        faces.filter(|(_, (photo, _))| names.contains(photo.path.as_str())).map(|(at, _)| at).collect()
    }

    pub fn same_files(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.same_file).count()
    }
}

/// The cosine above which crops are the same picture to whatever embedded `rows`: three times as far from 1 as the
/// middle crop is from its mirror image.
pub fn usual_threshold(rows: &Targets) -> f32 {
    let mut cosines: Vec<f32> = (0..rows.crops())
        .map(|crop| rows.row(crop, false).iter().zip(rows.row(crop, true)).map(|(a, b)| a * b).sum())
        .collect();
    cosines.sort_by(f32::total_cmp);
    let middle = cosines.get(cosines.len() / 2).copied().unwrap_or(1.0);
    1.0 - MIRRORED_SPAN * (1.0 - middle).max(0.0)
}

/// For each crop in `learnt` with a cosine above `above` to one in `held`, itself or mirrored: the held-out crop that it is
/// most alike to, and their cosine.
pub fn alike(
    rows: &Targets,
    learnt: &[usize],
    held: &[usize],
    above: f32,
) -> Result<BTreeMap<usize, (usize, f32)>, TchError> {
    let mut found: BTreeMap<usize, (usize, f32)> = BTreeMap::new();
    for held in held.chunks(AT_A_TIME) {
        let fixed = matrix(rows, held, false)?.f_tr()?;
        for learnt in learnt.chunks(AT_A_TIME) {
            let own = matrix(rows, learnt, false)?.f_matmul(&fixed)?;
            let cosines = own.f_maximum(&matrix(rows, learnt, true)?.f_matmul(&fixed)?)?;
            let (largest, places) = cosines.f_max_dim(1, false)?;
            let (largest, places) = (Vec::<f32>::try_from(largest)?, Vec::<i64>::try_from(places)?);
            for ((crop, cosine), place) in learnt.iter().zip(largest).zip(places) {
                let is_more = found.get(crop).is_none_or(|(_, before)| cosine > *before);
                if let Some(&twin) = held.get(place as usize).filter(|_| cosine > above && is_more) {
                    found.insert(*crop, (twin, cosine));
                }
            }
        }
    }
    Ok(found)
}

/// The rows of `crops`, one below the other.
fn matrix(rows: &Targets, crops: &[usize], mirrored: bool) -> Result<Tensor, TchError> {
    let values: Vec<f32> = crops.iter().flat_map(|&crop| rows.row(crop, mirrored)).copied().collect();
    Tensor::f_from_slice(&values)?.f_reshape([crops.len() as i64, rows.d() as i64])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::sample;

    /// Crops at these angles on a circle, degrees; mirror images a little further on.
    fn on_a_circle(angles: &[f32], mirrored: f32) -> Targets {
        let row = |degrees: f32| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        Targets::new(2, angles.iter().flat_map(|&angle| [row(angle), row(angle + mirrored)].concat()).collect())
    }

    #[test]
    fn the_most_alike_held_out_crop_is_named_for_each_learnt_one() {
        let rows = on_a_circle(&[0.0, 1.0, 60.0, 90.0, 93.0], 2.0);
        let found = alike(&rows, &[1, 2, 4], &[0, 3], 0.99).unwrap();
        let twins: Vec<(usize, usize)> = found.iter().map(|(learnt, (held, _))| (*learnt, *held)).collect();
        assert_eq!(twins, [(1, 0), (4, 3)]);
        assert!((found[&1].1 - 1f32.to_radians().cos()).abs() < 1e-6);
        assert!(alike(&rows, &[], &[0], 0.5).unwrap().is_empty() && alike(&rows, &[1], &[], 0.5).unwrap().is_empty());
        // The mirror image of the third lies nearer than itself.
        let mirrored = alike(&on_a_circle(&[0.0, -2.0], 2.0), &[1], &[0], 0.99).unwrap();
        assert!((mirrored[&1].1 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_threshold_follows_from_what_mirroring_changes() {
        for degrees in [1.0f32, 5.0] {
            let expected = 1.0 - 3.0 * (1.0 - degrees.to_radians().cos());
            let found = usual_threshold(&on_a_circle(&[0.0, 40.0, 80.0], degrees));
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn a_report_is_found_again_for_the_same_data_alone() {
        let folder = tempfile::tempdir().unwrap();
        let list = CropList::write(folder.path(), Default::default(), sample::photo_entries(3, 2)).unwrap();
        let pair = DuplicatePair {
            learnt: "P1/P1_0002.jpg".to_owned(),
            held_out: "P0/P0_0001.jpg".to_owned(),
            same_file: true,
            cosine: Some(1.0),
        };
        let found = Duplicates { data: "a".to_owned(), judge: None, above: None, pairs: vec![pair] };
        assert_eq!(found.crops(&list).into_iter().collect::<Vec<_>>(), [3]);
        found.write(folder.path()).unwrap();
        assert_eq!(Duplicates::read(folder.path(), "a"), Some(found));
        assert_eq!(Duplicates::read(folder.path(), "b"), None);
    }
}
