use crate::types::Telling;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::checksum::Hasher;
use super::consent::load_with_consent;
use super::detect::{architecture_from_file, onnx_input, runner_of_graph};
use super::self_test::self_test;
use crate::files::{DeletedOnDrop, sync_folder, write_synced};
use crate::vision::VisionError;
use crate::vision::align::Template;
use crate::vision::embed::{GraphChoice, is_graph};
use crate::vision::minify::Minify;
use crate::vision::spec::{
    Architecture, ChannelOrder, InputSpec, MANIFEST_FILE, MAX_MANIFEST_BYTES, ModelManifest, Precision, check_name,
};

/// Threshold of an imported model whose own is not known. Three networks trained with angular margins had their best
/// one between 0.19 and 0.27 on LFW; a threshold measured on the own photos is better.
const DEFAULT_THRESHOLD: f32 = 0.25;

/// What is known about a file that becomes a model. Everything but the name may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportRequest {
    /// See [`ModelManifest::name`].
    pub name: String,
    /// The name where left out.
    pub title: Option<String>,
    /// Seen from the file where left out: `.onnx` ONNX, or the native network whose layers its graph has, `.dat` dlib, `.safetensors` and state dicts (`.pt .pth`) by the
    /// names of their tensors, other `.pt .pth .ts .torchscript` TorchScript.
    pub architecture: Option<Architecture>,
    /// 32-bit floats where left out; only native networks have a choice.
    pub precision: Option<Precision>,
    /// RGB where left out.
    pub channel_order: Option<ChannelOrder>,
    /// 127.5 each where left out (dlib: what its file says; ONNX: 0 where the graph takes 0…255 or 0…1).
    pub mean: Option<[f32; 3]>,
    /// 127.5 each where left out (dlib: 256; ONNX: 1 where the graph takes 0…255, 255 where it takes 0…1).
    pub std: Option<[f32; 3]>,
    /// ArcFace's 112×112 where left out (dlib: the built-in model's; ONNX: scaled to the size that the file states).
    pub template: Option<Template>,
    pub minify: Option<Minify>,
    /// “not stated” where left out.
    pub licence: Option<String>,
    /// The file's name where left out.
    pub source: Option<String>,
    /// None where left out.
    pub notes: Option<String>,
    /// 0.25 where left out (dlib: the built-in model's).
    pub threshold: Option<f32>,
    /// The person has consented to run the program that a TorchScript file is.
    pub may_run_code: bool,
}

impl ImportRequest {
    /// A request with what the manifest beside the file says of it; without one everything is left out and the name
    /// made of the file's name.
    pub fn from_file(file: &Path) -> Self {
        if let Some(manifest) = manifest_beside(file) {
            return Self {
                name: manifest.name,
                title: Some(manifest.title),
                architecture: Some(manifest.architecture),
                channel_order: Some(manifest.input.channel_order),
                mean: Some(manifest.input.mean),
                std: Some(manifest.input.std),
                template: Some(manifest.input.template),
                minify: Some(manifest.input.minify),
                licence: Some(manifest.licence),
                source: Some(manifest.source),
                notes: manifest.notes,
                threshold: Some(manifest.threshold),
                precision: Some(manifest.precision),
                may_run_code: false,
            };
        }
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        let mut name: String =
            stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
        name = name.trim_start_matches(['-', '_', '.']).chars().take(64).collect();
        Self { name: if name.is_empty() { "model".to_owned() } else { name }, ..Self::default() }
    }

    pub(super) fn manifest(&self, file: &Path) -> Result<ModelManifest, VisionError> {
        let fail = |reason: Telling| VisionError::Manifest { origin: file.display().to_string(), reason };
        let architecture = match self.architecture {
            Some(architecture) => architecture,
            None => architecture_from_file(file).map_err(|reason| fail(reason.into()))?,
        };
        let is_graph = is_graph(file) && architecture != Architecture::TorchScript;
        let (architecture, note) = if is_graph {
            let GraphChoice { architecture, note } = runner_of_graph(file, self.architecture)?;
            (architecture, note)
        } else {
            (architecture, None)
        };
        let (mut threshold, mut data_files) = (DEFAULT_THRESHOLD, Vec::new());
        let usual = match architecture {
            Architecture::DlibResnet | Architecture::DlibResnetFpn => {
                let (usual, own_threshold) = super::built_in::dlib_defaults()?;
                threshold = own_threshold;
                usual
            }
            _ if is_graph || architecture == Architecture::Onnx => {
                let (usual, files) = onnx_input(file)?;
                data_files = files;
                usual
            }
            _ => InputSpec::ARCFACE,
        };
        let extension = match architecture {
            _ if is_graph => "onnx",
            Architecture::Onnx => "onnx",
            Architecture::TorchScript => "pt",
            _ => match file.extension() {
                Some(extension) if extension.eq_ignore_ascii_case("safetensors") => "safetensors",
                Some(extension) if extension.eq_ignore_ascii_case("dat") => "dat",
                _ => "pth",
            },
        };
        let file_name = file.file_name().unwrap_or_default().to_string_lossy();
        let manifest = ModelManifest {
            name: self.name.clone(),
            title: self.title.clone().unwrap_or_else(|| self.name.clone()),
            architecture,
            weights: format!("weights.{extension}"),
            data_files,
            sha256: None,
            precision: self.precision.unwrap_or_default(),
            d: 1, // until the network has shown it
            threshold: self.threshold.unwrap_or(threshold),
            licence: self.licence.clone().unwrap_or_else(|| "not stated".to_owned()),
            source: self.source.clone().unwrap_or_else(|| file_name.into_owned()),
            notes: self.notes.clone().or(note),
            input: InputSpec {
                channel_order: self.channel_order.unwrap_or(usual.channel_order),
                mean: self.mean.unwrap_or(usual.mean),
                std: self.std.unwrap_or(usual.std),
                template: self.template.unwrap_or(usual.template),
                minify: self.minify.unwrap_or(usual.minify),
            },
        };
        manifest.validate().map_err(fail)?;
        Ok(manifest)
    }
}

/// The manifest in the file's folder, where it names the file as its weights.
fn manifest_beside(file: &Path) -> Option<ModelManifest> {
    let path = file.with_file_name(MANIFEST_FILE);
    let is_small = fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() <= MAX_MANIFEST_BYTES);
    let text = if is_small { fs::read_to_string(&path).ok()? } else { return None };
    match ModelManifest::parse(&text, &path.display().to_string()) {
        Ok(manifest) => Some(manifest).filter(|m| file.file_name().is_some_and(|name| name == m.weights.as_str())),
        Err(error) => {
            log::warn!("the manifest beside the weights is left out of account: {error}");
            None
        }
    }
}

/// Tests, copies, and moves the folder to its place; returns it.
pub(super) fn import_into(models_dir: &Path, file: &Path, request: &ImportRequest) -> Result<PathBuf, VisionError> {
    check_name(&request.name).map_err(|reason| VisionError::Manifest { origin: file.display().to_string(), reason })?;
    let target = models_dir.join(&request.name);
    if target.symlink_metadata().is_ok() {
        return Err(VisionError::DuplicateModel { name: request.name.clone() });
    }
    let mut manifest = request.manifest(file)?;
    fs::metadata(file).map_err(|e| io_error("this file cannot be imported", e, file))?;
    // Tested where it lies, so that what is wrong with it is said of the file that the person knows.
    let embedder = load_with_consent(manifest.clone(), file, request.may_run_code)?;
    manifest.d = self_test(&embedder, &manifest.name, manifest.input.template.size)?;
    let staging = Staging::new(models_dir, &request.name)?;
    let mut hasher = Hasher::default();
    copy_weights(file, &staging.folder().join(&manifest.weights), &mut hasher)?;
    for name in &manifest.data_files {
        let copy = staging.folder().join(name);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(|e| io_error("the model's folder cannot be made", e, folder))?;
        }
        copy_weights(&file.with_file_name(name), &copy, &mut hasher)?;
    }
    manifest.sha256 = Some(hasher.into_text());
    manifest.validate().map_err(|reason| VisionError::Manifest { origin: file.display().to_string(), reason })?;
    let manifest_path = staging.folder().join(MANIFEST_FILE);
    write_synced(&manifest_path, manifest.to_toml()?.as_bytes())
        .map_err(|e| io_error("the manifest cannot be written", e, &manifest_path))?;
    staging.publish(models_dir, &target).map_err(|error| match error {
        VisionError::Io { reason, .. }
            if matches!(reason.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) =>
        {
            VisionError::DuplicateModel { name: request.name.clone() }
        }
        other => other,
    })?;
    Ok(target)
}

/// A hidden folder that goes away unless it is published.
struct Staging(DeletedOnDrop);

impl Staging {
    fn new(models_dir: &Path, name: &str) -> Result<Self, VisionError> {
        let folder = models_dir.join(format!(".import-{name}"));
        fs::create_dir_all(models_dir).map_err(|e| io_error("the models' folder cannot be made", e, models_dir))?;
        // Left over from an import that was killed.
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("an unfinished import cannot be cleared away", e, &folder));
            }
            _ => {}
        }
        fs::create_dir(&folder).map_err(|e| io_error("the model's folder cannot be made", e, &folder))?;
        Ok(Self(DeletedOnDrop::new(folder)))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn publish(mut self, models_dir: &Path, target: &Path) -> Result<(), VisionError> {
        let sync = |folder: &Path| {
            sync_folder(folder).map_err(|e| io_error("the model's folder cannot be brought to the disk", e, folder))
        };
        sync(self.folder())?;
        fs::rename(self.folder(), target)
            .map_err(|e| io_error("the model's folder cannot be moved to its place", e, target))?;
        self.0.keep();
        sync(models_dir)
    }
}

/// Copies, takes the bytes into the checksum, and waits until the copy is on disk.
fn copy_weights(from: &Path, to: &Path, hasher: &mut Hasher) -> Result<(), VisionError> {
    let mut source = match File::open(from) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(io_error("there is no such file to import", e, from));
        }
        other => other.map_err(|source| VisionError::UnreadableWeights { path: from.to_owned(), source })?,
    };
    if !source.metadata().is_ok_and(|m| m.is_file()) {
        let path = from.to_owned();
        return Err(VisionError::CorruptWeights { path, reason: "it is no plain file".to_owned() });
    }
    let mut copy = File::create(to).map_err(|e| io_error("the weights cannot be copied", e, to))?;
    let copied = hasher.copy(&mut source, &mut copy).and_then(|()| copy.sync_all());
    copied.map_err(|e| io_error("the weights cannot be copied", e, to))
}

fn io_error(subject: &'static str, reason: io::Error, path: &Path) -> VisionError {
    VisionError::Io { subject, reason, path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::manifest::ModelRegistry;
    use crate::vision::weights_dir;
    use image::RgbImage;

    /// Those of a model that comes with the program, with a feature pyramid.
    fn dlib_weights() -> PathBuf {
        let path = weights_dir().join("dlib-resnet-covered.safetensors");
        assert!(path.is_file(), "run `cargo xtask setup` first: {}", path.display());
        path
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_imported_model_is_found_again_and_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = ModelRegistry::open(folder.path()).unwrap();
        fs::create_dir(folder.path().join(".import-my-dlib")).unwrap(); // of an import that was killed
        let request = ImportRequest { name: "my-dlib".to_owned(), ..ImportRequest::default() };
        let imported = registry.import(&dlib_weights(), &request).unwrap().clone();
        assert_eq!((imported.manifest.d, imported.problem.clone()), (128, None));
        assert_eq!(names_in(folder.path()), ["my-dlib"]);
        assert_eq!(names_in(&folder.path().join("my-dlib")), ["manifest.toml", "weights.safetensors"]);

        let reopened = ModelRegistry::open(folder.path()).unwrap();
        assert_eq!(reopened.find("my-dlib").unwrap(), &imported);
        imported.verify().unwrap();
        let crop = RgbImage::from_fn(150, 150, |x, y| image::Rgb([x as u8, y as u8, 7]));
        let own = imported.load().unwrap().embed(std::slice::from_ref(&crop)).unwrap();
        let built_in = reopened.find("dlib-resnet-covered").unwrap().load().unwrap().embed(&[crop]).unwrap();
        assert_eq!(own, built_in);

        let again = registry.import(&dlib_weights(), &request).unwrap_err();
        assert!(matches!(again, VisionError::DuplicateModel { .. }), "{again}");
        assert_eq!(registry.entries().len(), reopened.entries().len());
    }

    #[test]
    fn what_does_not_work_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("models");
        let mut registry = ModelRegistry::open(&models).unwrap();
        let text = folder.path().join("letter.pt");
        fs::write(&text, "Dear reader").unwrap();
        let cut = folder.path().join("cut.safetensors");
        fs::write(&cut, &fs::read(dlib_weights()).unwrap()[..100_000]).unwrap();
        let unknown = folder.path().join("net.abacus");
        fs::write(&unknown, "x").unwrap();
        let no_graph = folder.path().join("net.onnx");
        fs::write(&no_graph, "x").unwrap();
        for (file, name, word) in [
            (&text, "letter", "TorchScript"),
            (&cut, "cut", "no whole safetensors"),
            (&unknown, "net", "abacus"),
            (&no_graph, "net", "ONNX"),
            (&folder.path().join("none.pt"), "none", "none.pt"),
            (&folder.path().to_owned(), "folder", "extension"),
            (&cut, "../out", "manifest-name"),
            (&cut, "dlib-resnet-v1", "already"),
        ] {
            let request = ImportRequest { name: name.to_owned(), ..ImportRequest::default() };
            let message = registry.import(file, &request).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
        assert!(!models.exists() || names_in(&models).is_empty(), "{:?}", names_in(&models));
        assert_eq!(registry.entries().len(), ModelRegistry::open(&models).unwrap().entries().len());
    }

    #[test]
    fn a_name_is_made_of_the_files_name() {
        for (file, name) in [
            ("/a/Edge Face_XS.pt", "edge-face_xs"),
            ("w600k_r50.safetensors", "w600k_r50"),
            ("/", "model"),
            ("__é.dat", "model"),
            ("Größe.pt", "gr--e"),
        ] {
            let request = ImportRequest::from_file(Path::new(file));
            assert_eq!(check_name(&request.name), Ok(()), "{file}");
            assert_eq!(request.name, name);
        }
    }
}
