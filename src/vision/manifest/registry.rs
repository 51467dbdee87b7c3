use crate::tell;
use crate::types::Telling;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::checksum::{hash_of_files, remembered_hash_of_files};
use super::import::{self, ImportRequest};
use super::self_test::self_test;
use super::spec::{InputSpec, ModelManifest};
use crate::vision::embed::NetEmbedder;
use crate::vision::{VisionError, weights_dir};

/// A manifest that the program carries.
struct BuiltIn {
    /// In the repository.
    path: &'static str,
    text: &'static str,
    /// See [`ModelEntry::is_extra`].
    is_extra: bool,
}

/// The default model first.
const BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        path: "models/mobilefacenet-192.toml",
        text: include_str!("../../../models/mobilefacenet-192.toml"),
        is_extra: false,
    },
    BuiltIn {
        path: "models/mobilefacenet-192-covered.toml",
        text: include_str!("../../../models/mobilefacenet-192-covered.toml"),
        is_extra: false,
    },
    BuiltIn {
        path: "models/dlib-resnet-v1.toml",
        text: include_str!("../../../models/dlib-resnet-v1.toml"),
        is_extra: true,
    },
    BuiltIn {
        path: "models/dlib-resnet-covered.toml",
        text: include_str!("../../../models/dlib-resnet-covered.toml"),
        is_extra: false,
    },
];
/// Name of the manifest beside imported weights.
pub(super) const MANIFEST_FILE: &str = "manifest.toml";
/// Larger manifests are refused, in bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 64 << 10;

/// A model and where its weights should be.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelEntry {
    pub manifest: ModelManifest,
    pub weights_path: PathBuf,
    /// Set-up brings its weights only where they are asked for.
    pub is_extra: bool,
    /// Why the model cannot be used, and what to do; `None` where its weights are there. Whether they are sound is
    /// seen when they are loaded or by [`ModelRegistry::verify`].
    pub problem: Option<Telling>,
}

impl ModelEntry {
    /// The weights file and then its data files.
    pub fn files(&self) -> Vec<PathBuf> {
        let beside = |file: &String| self.weights_path.with_file_name(file);
        std::iter::once(self.weights_path.clone()).chain(self.manifest.data_files.iter().map(beside)).collect()
    }

    /// Looks for the first file that cannot be used; `advice` says what to do about it.
    fn find_problem(&mut self, advice: &Telling) {
        self.problem = self.files().iter().find_map(|file| problem_of_weights(file, advice));
    }
}

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

    /// Reads the weights once more and runs them: checksum, form, finite vectors of length `d`, the same alone and
    /// in a batch, different for different pictures. Takes as long as loading the model.
    pub fn verify(entry: &ModelEntry) -> Result<(), VisionError> {
        let name = &entry.manifest.name;
        if let Some(reason) = &entry.problem {
            return Err(VisionError::UnusableModel { name: name.clone(), reason: reason.clone() });
        }
        if let Some(expected) = &entry.manifest.sha256 {
            compare_sums(&entry.weights_path, expected, hash_of_files(&entry.files()))?;
        }
        let embedder = NetEmbedder::load(entry.manifest.clone(), &entry.weights_path)?;
        let found = self_test(&embedder, name, entry.manifest.input.template.size)?;
        if found == entry.manifest.d {
            return Ok(());
        }
        let reason = format!("it has {found} numbers, the manifest says {}", entry.manifest.d);
        Err(VisionError::BadOutput { model: name.clone(), reason })
    }

    /// Copies `file` to a folder of its own among the models, after it has shown that it works.
    ///
    /// The folder appears whole or not at all. The weights are run from the copy, so what was tested is what counts.
    ///
    /// # Errors
    /// `DuplicateModel`, `Manifest` for values out of range, what loading and [`ModelRegistry::verify`] find, and
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
            let reason = "it comes with the program and cannot be removed".to_owned();
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

/// Compares the weights with the manifest's checksum, where one is stated. The file is read once for each time that
/// it changes.
pub(in crate::vision) fn check_sum(entry: &ModelEntry) -> Result<(), VisionError> {
    match &entry.manifest.sha256 {
        Some(expected) => compare_sums(&entry.weights_path, expected, remembered_hash_of_files(&entry.files())),
        None => Ok(()),
    }
}

/// Input and threshold of the built-in dlib model.
pub(super) fn dlib_defaults() -> Result<(InputSpec, f32), VisionError> {
    const DLIB: &BuiltIn = &BUILT_IN[2];
    let manifest = ModelManifest::parse(DLIB.text, DLIB.path)?;
    Ok((manifest.input, manifest.threshold))
}

fn compare_sums(path: &Path, expected: &str, found: Result<String, (PathBuf, io::Error)>) -> Result<(), VisionError> {
    match found {
        Ok(found) if found == expected => Ok(()),
        Ok(found) => Err(VisionError::Checksum { path: path.to_owned(), expected: expected.to_owned(), found }),
        Err((path, e)) if e.kind() == io::ErrorKind::NotFound => Err(VisionError::MissingWeights { path }),
        Err((path, source)) => Err(VisionError::UnreadableWeights { path, source }),
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
    let fail = |reason: String| VisionError::Manifest { origin: origin.clone(), reason };
    let mut text = String::new();
    let file = fs::File::open(&path).map_err(|e| fail(e.to_string()))?;
    file.take(MAX_MANIFEST_BYTES + 1).read_to_string(&mut text).map_err(|e| fail(e.to_string()))?;
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(fail(format!("it is larger than {MAX_MANIFEST_BYTES} bytes")));
    }
    let manifest = ModelManifest::parse(&text, &origin)?;
    if folder.file_name().is_none_or(|n| n != manifest.name.as_str()) {
        return Err(fail(format!("it names the model “{}”, its folder has another name", manifest.name)));
    }
    let weights_path = folder.join(&manifest.weights);
    let mut entry = ModelEntry { manifest, weights_path, is_extra: false, problem: None };
    entry.find_problem(&tell!("vision-import-again"));
    Ok(entry)
}

/// Why the weights cannot be used as far as a look at the folder tells, with `advice`.
fn problem_of_weights(path: &Path, advice: &Telling) -> Option<Telling> {
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
                    ModelRegistry::verify(entry).unwrap();
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
        assert!(matches!(check_sum(&entry), Err(VisionError::Checksum { .. })));
        assert!(matches!(ModelRegistry::verify(&entry), Err(VisionError::Checksum { .. })));
        entry.weights_path = folder.path().join("gone.json");
        assert!(matches!(check_sum(&entry), Err(VisionError::MissingWeights { .. })));
        let problem = problem_of_weights(&entry.weights_path, &"do this".into()).unwrap();
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
