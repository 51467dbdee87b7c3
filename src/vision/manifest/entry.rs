//! A model of this machine: what is known of it, and its way into memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::checksum::{hash_of_files, remembered_hash_of_files};
use super::self_test::self_test;
use crate::tell;
use crate::types::Telling;
use crate::vision::VisionError;
use crate::vision::embed::{Embedder, NetEmbedder};
use crate::vision::spec::ModelManifest;
use crate::vision::weights_file::corrupt;

/// A model and where its weights should be.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelEntry {
    pub manifest: ModelManifest,
    pub weights_path: PathBuf,
    /// Set-up brings its weights only where they are asked for.
    pub is_extra: bool,
    /// Why the model cannot be used, and what to do; `None` where its weights are there. Whether they are sound is
    /// seen when they are loaded or by [`ModelEntry::verify`].
    pub problem: Option<Telling>,
}

impl ModelEntry {
    /// The weights file and then its data files.
    pub fn files(&self) -> Vec<PathBuf> {
        let beside = |file: &String| self.weights_path.with_file_name(file);
        std::iter::once(self.weights_path.clone()).chain(self.manifest.data_files.iter().map(beside)).collect()
    }

    /// Looks for the first file that cannot be used; `advice` says what to do about it.
    pub(super) fn find_problem(&mut self, advice: &Telling) {
        self.problem = self.files().iter().find_map(|file| problem_of_weights(file, advice));
    }

    /// Checks the weights against the manifest's checksum and loads them onto [`crate::vision::runtime::device`].
    ///
    /// # Errors
    /// `UnusableModel` where the registry found a problem, `MissingWeights`, `UnreadableWeights`, `Checksum`,
    /// `CorruptWeights`, each with the file's path.
    pub fn load(&self) -> Result<Box<dyn Embedder>, VisionError> {
        self.refuse_problem()?;
        self.check_sum()?;
        let embedder = NetEmbedder::load(self.manifest.clone(), &self.weights_path)?;
        match embedder.d() {
            Some(found) if found != self.manifest.d => {
                let reason = format!("it gives {found} numbers, the manifest says {}", self.manifest.d);
                Err(corrupt(&self.weights_path, reason))
            }
            _ => Ok(Box::new(embedder)),
        }
    }

    /// Reads the weights once more and runs them: checksum, form, finite vectors of length `d`, the same alone and
    /// in a batch, different for different pictures. Takes as long as loading the model.
    ///
    /// # Errors
    /// As [`Self::load`], and `BadOutput` where a trial fails.
    pub fn verify(&self) -> Result<(), VisionError> {
        self.refuse_problem()?;
        if let Some(expected) = &self.manifest.sha256 {
            compare_sums(&self.weights_path, expected, hash_of_files(&self.files()))?;
        }
        let embedder = NetEmbedder::load(self.manifest.clone(), &self.weights_path)?;
        let name = &self.manifest.name;
        let found = self_test(&embedder, name, self.manifest.input.template.size)?;
        if found == self.manifest.d {
            return Ok(());
        }
        let reason = tell!("model-numbers", found = found, d = self.manifest.d);
        Err(VisionError::BadOutput { model: name.clone(), reason })
    }

    fn refuse_problem(&self) -> Result<(), VisionError> {
        match &self.problem {
            Some(reason) => {
                Err(VisionError::UnusableModel { name: self.manifest.name.clone(), reason: reason.clone() })
            }
            None => Ok(()),
        }
    }

    /// Compares the weights with the manifest's checksum, where one is stated. The file is read once for each time that
    /// it changes.
    pub(super) fn check_sum(&self) -> Result<(), VisionError> {
        match &self.manifest.sha256 {
            Some(expected) => compare_sums(&self.weights_path, expected, remembered_hash_of_files(&self.files())),
            None => Ok(()),
        }
    }
}

fn compare_sums(path: &Path, expected: &str, found: Result<String, (PathBuf, io::Error)>) -> Result<(), VisionError> {
    match found {
        Ok(found) if found == expected => Ok(()),
        Ok(found) => Err(VisionError::Checksum { path: path.to_owned(), expected: expected.to_owned(), found }),
        Err((path, e)) if e.kind() == io::ErrorKind::NotFound => Err(VisionError::MissingWeights { path }),
        Err((path, source)) => Err(VisionError::UnreadableWeights { path, source }),
    }
}

/// Why the weights cannot be used as far as a look at the folder tells, with `advice`.
pub(super) fn problem_of_weights(path: &Path, advice: &Telling) -> Option<Telling> {
    let advice = advice.clone();
    match fs::metadata(path) {
        Ok(m) if m.is_file() => None,
        Ok(_) => Some(tell!("vision-weights-no-file", advice = advice, path = path)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Some(tell!("vision-weights-missing", advice = advice, path = path))
        }
        Err(e) => Some(tell!("vision-weights-out-of-reach", reason = &e, advice = advice, path = path)),
    }
}
