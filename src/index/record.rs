//! What is known of an index that was built.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::IndexError;
use super::names::TEMPLATES_DIR;
use super::trained::TrainedIndex;
use crate::types::IndexSpec;

/// How an index was built and from what; stands in its manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// How it was built.
    #[serde(rename = "index_spec", alias = "spec")]
    pub spec: IndexSpec,
    pub d: usize,
    pub ntotal: usize,
    /// Training, adding and writing.
    #[serde(default)]
    pub build_secs: f32,
    /// Faces that lists and quantisers were trained on, evenly spread over all; 0 where nothing is trained.
    #[serde(default)]
    pub train_rows: usize,
    /// Faces there were when it was trained; more may have been added since.
    #[serde(default)]
    pub ntotal_at_training: usize,
    /// Mean squared distance between vectors of the training set and their codes.
    #[serde(default)]
    pub train_error: Option<f64>,
    /// BLAKE3 of the ids and vectors it was built from; empty for Flat, whose files are just these.
    #[serde(default)]
    pub data_digest: String,
}

impl BuildRecord {
    /// Of an index that compares with every face, for which nothing is built.
    pub(super) fn of_flat(d: usize, ntotal: usize) -> Self {
        Self {
            spec: IndexSpec::FLAT,
            d,
            ntotal,
            build_secs: 0.0,
            train_rows: 0,
            ntotal_at_training: 0,
            train_error: None,
            data_digest: String::new(),
        }
    }
}

/// An index that was built, and where its files lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Built {
    pub dir: PathBuf,
    #[serde(flatten)]
    pub record: BuildRecord,
}

impl Built {
    /// Where its templates lie; `None` where it has none.
    pub fn templates_dir(&self) -> Option<PathBuf> {
        self.record.spec.templates.then(|| self.dir.join(TEMPLATES_DIR))
    }

    /// Loads what was built, without publishing it and without templates.
    ///
    /// # Errors
    /// The files have been taken away meanwhile.
    pub fn open(&self, mapped: bool) -> Result<TrainedIndex, IndexError> {
        TrainedIndex::open(&self.dir, &self.record.spec, self.record.d, self.record.ntotal, mapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bench_kept_is_read_whichever_way_the_spec_was_called() {
        let text = |spec: &str| {
            format!(
                r#"{{"dir": "/x", "{spec}": "IVF4,Flat", "d": 8, "ntotal": 90, "build_secs": 1.5, "train_rows": 9,
                "ntotal_at_training": 80, "train_error": null, "data_digest": "ab"}}"#
            )
        };
        let built: Built = serde_json::from_str(&text("spec")).unwrap();
        assert_eq!((built.record.spec.to_string().as_str(), built.record.ntotal), ("IVF4,Flat", 90));
        assert_eq!(serde_json::from_str::<Built>(&text("index_spec")).unwrap(), built);
        let written = serde_json::to_string(&built).unwrap();
        assert_eq!(serde_json::from_str::<Built>(&written).unwrap(), built);
    }
}
