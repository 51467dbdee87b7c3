//! People who are kept out of training, and the pairs of them that a run is measured on.

use crate::tell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::TrainError;
use crate::eval::lfw::{self, Pair};

/// Folds of a pairs file, counted from 1. Nobody named in them is trained on; the first is validated on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldOut {
    pub pairs: PathBuf,
    /// The first is validated on, the others are left for the report.
    pub folds: Vec<usize>,
}

impl FromStr for HoldOut {
    type Err = String;

    /// `pairs.txt:4,5`.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "write it as PAIRS.txt:FOLD or PAIRS.txt:FOLD,FOLD, folds counted from 1".to_owned();
        let (path, folds) = text.rsplit_once(':').ok_or_else(expected)?;
        let folds: Option<Vec<usize>> =
            folds.split(',').map(|fold| fold.trim().parse().ok().filter(|&fold| fold > 0)).collect();
        match folds {
            Some(folds) if !path.is_empty() && !folds.is_empty() => Ok(Self { pairs: path.into(), folds }),
            _ => Err(expected()),
        }
    }
}

/// What a pairs file says for one [`HoldOut`].
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// Names of everyone in the folds.
    pub people: BTreeSet<String>,
    /// Of the first fold.
    pub pairs: Vec<Pair>,
}

impl HoldOut {
    /// # Errors
    /// A file that cannot be read or is no pairs file; folds that it does not have.
    pub fn read(&self) -> Result<HeldOut, TrainError> {
        let text = std::fs::read_to_string(&self.pairs)
            .map_err(TrainError::io("the pairs file cannot be read", &self.pairs))?;
        let set = lfw::parse_pairs(&text).map_err(|reason| TrainError::Pairs { path: self.pairs.clone(), reason })?;
        let mut people = BTreeSet::new();
        for &fold in &self.folds {
            let pairs = fold.checked_sub(1).and_then(|at| set.folds.get(at)).ok_or_else(|| {
                let (there, path) = (set.folds.len(), &self.pairs);
                TrainError::refused(tell!("train-no-fold", fold = fold, there = there, path = path))
            })?;
            people.extend(pairs.iter().flat_map(|pair| [pair.a.0.clone(), pair.b.0.clone()]));
        }
        let first = self.folds.first().and_then(|fold| fold.checked_sub(1)).and_then(|at| set.folds.get(at));
        Ok(HeldOut { people, pairs: first.cloned().unwrap_or_default() })
    }
}

impl HeldOut {
    /// Whether a photo in `folder` (from the photos' folder on) shows someone held out: the innermost folder is their name.
    pub fn has(&self, folder: Option<&str>) -> bool {
        folder.and_then(|folder| folder.rsplit('/').next()).is_some_and(|name| self.people.contains(name))
    }

    /// Each pair as places in `faces`, which maps photos (by their path, with `/`) to places; `None` for a photo that
    /// is not there or shows no face.
    pub fn places(&self, faces: &BTreeMap<String, usize>) -> Vec<(Option<usize>, Option<usize>, bool)> {
        let place = |(name, number): &(String, u32)| {
            let path = lfw::photo_path(Path::new(""), name, *number);
            faces.get(&path.to_string_lossy().replace('\\', "/")).copied()
        };
        self.pairs.iter().map(|pair| (place(&pair.a), place(&pair.b), pair.mated)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_read_from_the_flag_and_their_people_held_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.txt");
        std::fs::write(&path, "3\t1\nA\t1\t2\nA\t1\tB\t1\nC\t1\t2\nC\t1\tD\t3\nE\t1\t2\nE\t1\tF\t1\n").unwrap();
        let text = format!("{}:2,3", path.display());
        let hold_out: HoldOut = text.parse().unwrap();
        assert_eq!(hold_out, HoldOut { pairs: path.clone(), folds: vec![2, 3] });
        let held = hold_out.read().unwrap();
        assert_eq!(held.people.iter().map(String::as_str).collect::<Vec<_>>(), ["C", "D", "E", "F"]);
        assert!(held.has(Some("D")) && held.has(Some("deep/E")) && !held.has(Some("A")) && !held.has(None));
        // Validated on the first of the folds named; D's photo is not there.
        let faces = BTreeMap::from([("C/C_0001.jpg".to_owned(), 7), ("C/C_0002.jpg".to_owned(), 9)]);
        assert_eq!(held.places(&faces), [(Some(7), Some(9), true), (Some(7), None, false)]);

        let wrong = |folds| HoldOut { pairs: path.clone(), folds }.read().unwrap_err().to_string();
        assert!(wrong(vec![4]).contains("train-no-fold, fold 4"));
        for text in ["pairs.txt", "pairs.txt:", ":3", "pairs.txt:0", "pairs.txt:a"] {
            assert!(text.parse::<HoldOut>().unwrap_err().contains("FOLD"), "{text}");
        }
        let missing = HoldOut { pairs: folder.path().join("none.txt"), folds: vec![1] };
        assert!(missing.read().unwrap_err().to_string().contains("none.txt"));
    }
}
