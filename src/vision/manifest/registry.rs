use crate::types::{Tell, Telling};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::built_in::BUILT_IN;
use super::entry::ModelEntry;
use super::import::{self, ImportRequest};
use crate::tell;
use crate::vision::spec::{MANIFEST_FILE, MAX_MANIFEST_BYTES, ModelManifest};
use crate::vision::{VisionError, weights_dir};

/// The models of this machine: built-in ones first, then the imported ones by name.
#[derive(Debug)]
pub struct ModelRegistry {
    models_dir: PathBuf,
    entries: Vec<ModelEntry>,
    unreadable: Vec<VisionError>,
}

impl ModelRegistry {
    /// Lists the models. `models_dir` (`<data-dir>/models`) need not exist. A folder whose manifest cannot be read
    /// does not hide the others: it is told by [`ModelRegistry::unreadable`].
    ///
    /// # Errors
    /// A built-in manifest that is not usable, and a `models_dir` that is there and cannot be listed.
    pub fn open(models_dir: &Path) -> Result<Self, VisionError> {
        let mut registry = Self { models_dir: models_dir.to_owned(), entries: Vec::new(), unreadable: Vec::new() };
        for built_in in BUILT_IN {
            let manifest = ModelManifest::parse(built_in.text, built_in.path)?;
            let weights_path = weights_dir().join(&manifest.weights);
            let mut entry = ModelEntry { manifest, weights_path, is_extra: built_in.is_extra, problem: None };
            let fetched_by = if built_in.is_extra { "cargo xtask setup --dlib" } else { "cargo xtask setup" };
            entry.find_problem(&tell!("vision-fetch-weights", command = fetched_by));
            registry.entries.push(entry);
        }
        for folder in model_folders(models_dir)? {
            match read_imported(&folder) {
                Ok(entry) if registry.position(&entry.manifest.name).is_ok() => {
                    registry.unreadable.push(VisionError::DuplicateModel { name: entry.manifest.name });
                }
                Ok(entry) => registry.entries.push(entry),
                Err(error) => registry.unreadable.push(error),
            }
        }
        Ok(registry)
    }

    pub fn entries(&self) -> &[ModelEntry] {
        &self.entries
    }

    /// Folders in the models' folder that hold no usable manifest, each with its reason.
    pub fn unreadable(&self) -> &[VisionError] {
        &self.unreadable
    }

    /// The model that a fresh machine has.
    pub fn default_name() -> &'static str {
        "mobilefacenet-192"
    }

    /// # Errors
    /// `UnknownModel`, with the names that there are.
    pub fn find(&self, name: &str) -> Result<&ModelEntry, VisionError> {
        self.position(name).map(|i| &self.entries[i])
    }

    /// Copies `file` to a folder of its own among the models, after it has shown that it works.
    ///
    /// The folder appears whole or not at all. The weights are run from the copy, so what was tested is what counts.
    ///
    /// # Errors
    /// `DuplicateModel`, `Manifest` for values out of range, what loading and [`ModelEntry::verify`] find, and
    /// `Io` where the copy cannot be written.
    pub fn import(&mut self, file: &Path, request: &ImportRequest) -> Result<&ModelEntry, VisionError> {
        if self.position(&request.name).is_ok() {
            return Err(VisionError::DuplicateModel { name: request.name.clone() });
        }
        let folder = import::import_into(&self.models_dir, file, request)?;
        let entry = read_imported(&folder)?;
        self.entries.push(entry);
        Ok(&self.entries[self.entries.len() - 1])
    }

    /// Whether this model was imported and can be taken away again.
    pub fn is_imported(&self, entry: &ModelEntry) -> bool {
        entry.weights_path.parent() == Some(self.models_dir.join(&entry.manifest.name).as_path())
    }

    /// Deletes an imported model's folder. It is gone from the list at once, however long the deleting takes.
    ///
    /// # Errors
    /// `UnknownModel`; `Manifest` for a model that comes with the program; `Io`.
    pub fn remove(&mut self, name: &str) -> Result<(), VisionError> {
        let at = self.position(name)?;
        if !self.is_imported(&self.entries[at]) {
            let reason = tell!("manifest-own-model");
            return Err(VisionError::Manifest { origin: name.to_owned(), reason });
        }
        let (folder, hidden) = (self.models_dir.join(name), self.models_dir.join(format!(".removed-{name}")));
        let fail = |reason| VisionError::Io { subject: "the model cannot be deleted", reason, path: folder.clone() };
        // Left over from one that was killed.
        let cleared = fs::remove_dir_all(&hidden);
        if let Err(error) = cleared.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) }) {
            return Err(fail(error));
        }
        fs::rename(&folder, &hidden).map_err(fail)?;
        self.entries.remove(at);
        fs::remove_dir_all(&hidden).map_err(fail)
    }

    fn position(&self, name: &str) -> Result<usize, VisionError> {
        self.entries.iter().position(|e| e.manifest.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.entries.iter().map(|e| e.manifest.name.as_str()).collect();
            VisionError::UnknownModel { name: name.to_owned(), known: known.join(", ") }
        })
    }
}

/// Folders that may hold a model, by name. Hidden ones are imports that never ended.
fn model_folders(models_dir: &Path) -> Result<Vec<PathBuf>, VisionError> {
    let fail =
        |reason| VisionError::Io { subject: "the models' folder cannot be listed", reason, path: models_dir.into() };
    let listing = match fs::read_dir(models_dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(fail)?,
    };
    let mut folders = Vec::new();
    for item in listing {
        let item = item.map_err(fail)?;
        if item.path().is_dir() && !item.file_name().as_encoded_bytes().starts_with(b".") {
            folders.push(item.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn read_imported(folder: &Path) -> Result<ModelEntry, VisionError> {
    let path = folder.join(MANIFEST_FILE);
    let origin = path.display().to_string();
    let fail = |reason: Telling| VisionError::Manifest { origin: origin.clone(), reason };
    let mut text = String::new();
    let file = fs::File::open(&path).map_err(|e| fail(e.telling()))?;
    file.take(MAX_MANIFEST_BYTES + 1).read_to_string(&mut text).map_err(|e| fail(e.telling()))?;
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(fail(tell!("manifest-too-large", max = MAX_MANIFEST_BYTES)));
    }
    let manifest = ModelManifest::parse(&text, &origin)?;
    if folder.file_name().is_none_or(|n| n != manifest.name.as_str()) {
        return Err(fail(tell!("manifest-other-folder", name = &manifest.name)));
    }
    let weights_path = folder.join(&manifest.weights);
    let mut entry = ModelEntry { manifest, weights_path, is_extra: false, problem: None };
    entry.find_problem(&tell!("vision-import-again"));
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_machine_has_the_models_that_come_with_the_program_and_they_verify() {
        let folder = tempfile::tempdir().unwrap();
        let registry = ModelRegistry::open(&folder.path().join("none yet")).unwrap();
        registry.find(ModelRegistry::default_name()).unwrap();
        assert_eq!(registry.entries().len(), BUILT_IN.len());
        for entry in registry.entries() {
            match &entry.problem {
                Some(problem) if entry.is_extra => println!("skipped: {}", problem.plain()),
                problem => {
                    assert_eq!(*problem, None, "run `cargo xtask setup` first");
                    entry.verify().unwrap();
                }
            }
        }
        let error = registry.find("other").unwrap_err().to_string();
        assert!(error.contains("other") && error.contains("dlib-resnet-v1"), "{error}");
    }

    #[test]
    fn missing_and_changed_weights_are_told_with_their_path() {
        let folder = tempfile::tempdir().unwrap();
        let registry = ModelRegistry::open(folder.path()).unwrap();
        let mut entry = registry.find(ModelRegistry::default_name()).unwrap().clone();
        for file in &entry.manifest.data_files {
            fs::copy(entry.weights_path.with_file_name(file), folder.path().join(file)).unwrap();
        }
        let copy = folder.path().join("weights.json");
        let mut bytes = fs::read(&entry.weights_path).unwrap();
        bytes[20_000] ^= 1;
        fs::write(&copy, bytes).unwrap();
        entry.weights_path = copy;
        assert!(matches!(entry.check_sum(), Err(VisionError::Checksum { .. })));
        assert!(matches!(entry.verify(), Err(VisionError::Checksum { .. })));
        entry.weights_path = folder.path().join("gone.json");
        assert!(matches!(entry.check_sum(), Err(VisionError::MissingWeights { .. })));
        let problem = super::super::entry::problem_of_weights(&entry.weights_path, &"do this".into()).unwrap();
        assert!(problem.plain().contains("gone.json") && problem.plain().contains("do this"), "{problem:?}");
    }

    #[test]
    fn a_folder_without_a_usable_manifest_is_told_and_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a", "name = 3"), ("b", ""), ("c", &"#".repeat(70_000))] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(MANIFEST_FILE), text).unwrap();
        }
        fs::create_dir(folder.path().join("empty")).unwrap();
        fs::create_dir(folder.path().join(".import-left-over")).unwrap();
        let registry = ModelRegistry::open(folder.path()).unwrap();
        assert_eq!(registry.entries().len(), BUILT_IN.len());
        assert_eq!(registry.unreadable().len(), 4, "{:?}", registry.unreadable());
    }
}
