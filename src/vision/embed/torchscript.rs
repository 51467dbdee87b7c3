//! TorchScript files: networks that bring their own layers.

use std::path::Path;

use tch::{CModule, Device, TchError, Tensor};

use super::net::Net;
use crate::vision::VisionError;
use crate::vision::weights_file::{MAX_WEIGHTS_BYTES, corrupt, first_line, read_weights};

/// A TorchScript module in evaluation mode.
///
/// Such a file is a program, run by libtorch's interpreter; files of unknown origin do not belong here.
/// `tch` declares modules safe to share between threads, and libtorch's `forward` is: each call has its own stack
/// and the plan of execution is built under a lock.
pub(super) struct TorchScriptNet {
    module: CModule,
}

impl TorchScriptNet {
    pub(super) fn load(path: &Path, device: Device) -> Result<Self, VisionError> {
        // Read here and not by libtorch, which takes no path that is not UTF-8.
        let bytes = read_weights(path, MAX_WEIGHTS_BYTES)?;
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(corrupt(path, "it is no TorchScript file: it does not begin like one"));
        }
        let foreign =
            |e: TchError| corrupt(path, format!("libtorch takes it for no TorchScript file: {}", first_line(&e)));
        let mut module = CModule::load_data_on_device(&mut bytes.as_slice(), device).map_err(foreign)?;
        module.f_set_eval().map_err(foreign)?;
        Ok(Self { module })
    }
}

impl Net for TorchScriptNet {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        self.module.forward_ts(&[input])
    }

    fn d(&self) -> Option<usize> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Embedding;
    use crate::vision::manifest::{ImportRequest, ModelRegistry};
    use image::RgbImage;
    use tch::Kind;

    /// Traces `net` into a TorchScript file.
    fn traced(folder: &Path, name: &str, mut net: impl FnMut(&Tensor) -> Tensor) -> std::path::PathBuf {
        let example = Tensor::ones([2, 3, 112, 112], (Kind::Float, Device::Cpu));
        let mut forward = |inputs: &[Tensor]| vec![net(&inputs[0])];
        let module = CModule::create_by_tracing(name, "forward", &[example], &mut forward).unwrap();
        let path = folder.join(format!("{name}.pt"));
        module.save(&path).unwrap();
        path
    }

    fn consented(file: &Path) -> ImportRequest {
        ImportRequest { may_run_code: true, ..ImportRequest::from_file(file) }
    }

    fn import(file: &Path) -> Result<(), String> {
        let models = tempfile::tempdir().unwrap();
        let mut registry = ModelRegistry::open(models.path()).unwrap();
        registry.import(file, &consented(file)).map(|_| ()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_module_that_averages_gives_its_averages_as_a_unit_vector() {
        let folder = tempfile::tempdir().unwrap();
        let file = traced(folder.path(), "averages", |x| x.mean_dim([2i64, 3].as_slice(), false, Kind::Float) + 2.0);
        let models = tempfile::tempdir().unwrap();
        let mut registry = ModelRegistry::open(models.path()).unwrap();
        let entry = registry.import(&file, &consented(&file)).unwrap().clone();
        assert_eq!(entry.manifest.d, 3);
        let crop = RgbImage::from_pixel(112, 112, image::Rgb([255, 0, 255]));
        let found = entry.load().unwrap().embed(&[crop]).unwrap();
        let wanted = Embedding::try_from_raw(vec![3.0, 1.0, 3.0]).unwrap();
        assert!(found[0].score(&wanted) > 0.99999, "{found:?}");
    }

    #[test]
    fn modules_that_give_no_embedding_are_refused_with_the_reason() {
        type Case = (&'static str, fn(&Tensor) -> Tensor, &'static str);
        let cases: [Case; 6] = [
            ("planes", |x| x.mean_dim([2i64].as_slice(), false, Kind::Float), "shape"),
            ("single", |x| x.mean_dim([0i64, 2, 3].as_slice(), false, Kind::Float), "shape"),
            ("nan", |x| (x - x).log().mean_dim([2i64, 3].as_slice(), false, Kind::Float) * 0.0, "not-finite"),
            ("same", |x| (x * 0.0).mean_dim([2i64, 3].as_slice(), false, Kind::Float) + 1.0, "model-all-the-same"),
            ("long", |x| x.flatten(1, -1), "model-lengths"),
            (
                "neighbours",
                |x| x.mean_dim([2i64, 3].as_slice(), false, Kind::Float) * x.std(false) + x.mean(Kind::Float),
                "model-batch-differs",
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        for (name, net, word) in cases {
            let message = import(&traced(folder.path(), name, net)).expect_err(name);
            assert!(message.contains(word), "{name}: {message}");
        }
    }

    #[test]
    fn a_program_does_not_run_before_a_person_has_consented() {
        let folder = tempfile::tempdir().unwrap();
        let file = traced(folder.path(), "averages", |x| x.mean_dim([2i64, 3].as_slice(), false, Kind::Float) + 2.0);
        let request = ImportRequest::from_file(&file);
        let models = tempfile::tempdir().unwrap();
        let mut registry = ModelRegistry::open(models.path()).unwrap();
        assert!(matches!(request.proposal(&file), Err(VisionError::RunsCode { .. })));
        assert!(matches!(registry.import(&file, &request), Err(VisionError::RunsCode { .. })));
        // Not by another name, and not because a manifest beside it says something else.
        let hidden = file.with_file_name("hidden.dat");
        std::fs::copy(&file, &hidden).unwrap();
        let named = ImportRequest {
            architecture: Some(crate::vision::manifest::Architecture::TorchScript),
            ..ImportRequest::from_file(&hidden)
        };
        assert!(matches!(registry.import(&hidden, &named), Err(VisionError::RunsCode { .. })));
        assert_eq!(std::fs::read_dir(models.path()).unwrap().count(), 0);
        assert_eq!(consented(&file).proposal(&file).unwrap().d, 3);
    }

    #[test]
    fn files_that_are_no_torchscript_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(traced(folder.path(), "whole", |x| x.flatten(1, -1))).unwrap();
        for bytes in
            [&b"\x80\x02pickle"[..], b"PK\x03\x04", &whole[..whole.len() / 2], &[b"PK\x03\x04", &[7; 500][..]].concat()]
        {
            let path = folder.path().join("odd.pt");
            std::fs::write(&path, bytes).unwrap();
            let message = import(&path).unwrap_err();
            assert!(message.contains("no TorchScript file") && message.len() < 800, "{message}");
        }
    }
}
