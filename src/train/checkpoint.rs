//! Everything that a run needs to go on, in one file: it is there whole, or the one before it is.

use crate::tell;
use crate::types::Telling;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tch::{Kind, TchError, Tensor};

use super::error::TrainError;
use super::files::write_whole;

/// Named tensors and named facts.
#[derive(Debug, Default)]
pub struct Checkpoint {
    pub tensors: BTreeMap<String, Tensor>,
    pub facts: HashMap<String, String>,
}

impl Checkpoint {
    /// Adds tensors under `prefix` and a dot. They are shared until [`Checkpoint::write`].
    pub fn add(&mut self, prefix: &str, named: impl IntoIterator<Item = (String, Tensor)>) {
        self.tensors.extend(named.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)));
    }

    /// The tensors under `prefix`, without it.
    pub fn under(&self, prefix: &str) -> BTreeMap<String, Tensor> {
        let named = self.tensors.iter();
        let strip = |name: &str| Some(name.strip_prefix(prefix)?.strip_prefix('.')?.to_owned());
        named.filter_map(|(name, tensor)| Some((strip(name)?, tensor.shallow_clone()))).collect()
    }

    /// The fact `name`, read as `T`; the reason where it is not there or is no `T`.
    pub fn fact<T: std::str::FromStr>(&self, name: &str) -> Result<T, Telling> {
        let text = self.facts.get(name).ok_or_else(|| tell!("train-checkpoint-lacks", name = name))?;
        text.parse().map_err(|_| tell!("train-checkpoint-fact", name = name, text = text))
    }

    /// Replaces the file at `path`.
    pub fn write(&self, path: &Path) -> Result<(), TrainError> {
        let mut stored = Vec::with_capacity(self.tensors.len());
        for (name, tensor) in &self.tensors {
            stored.push((name, Stored::new(tensor)?));
        }
        let unwritable = |e: safetensors::SafeTensorError| TrainError::corrupt(path, e.to_string());
        let mut views = Vec::with_capacity(stored.len());
        for (name, tensor) in &stored {
            let view = TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes).map_err(unwritable)?;
            views.push((name.as_str(), view));
        }
        let bytes = safetensors::serialize(views, Some(self.facts.clone())).map_err(unwritable)?;
        write_whole(path, &bytes)
    }

    /// # Errors
    /// A file that is missing, or no whole checkpoint.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let bytes = std::fs::read(path).map_err(TrainError::io("the checkpoint cannot be read", path))?;
        let damaged = |e: safetensors::SafeTensorError| TrainError::corrupt(path, e.to_string());
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let file = SafeTensors::deserialize(&bytes).map_err(damaged)?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let kind = match view.dtype() {
                Dtype::F32 => Kind::Float,
                Dtype::F64 => Kind::Double,
                Dtype::I64 => Kind::Int64,
                other => {
                    return Err(TrainError::corrupt(
                        path,
                        tell!("train-tensor-kind", name = name, kind = format!("{other:?}")),
                    ));
                }
            };
            let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
            tensors.insert(name, Tensor::f_from_data_size(view.data(), &shape, kind)?);
        }
        Ok(Self { tensors, facts: metadata.metadata().clone().unwrap_or_default() })
    }
}

/// A tensor's numbers, row by row.
struct Stored {
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn new(tensor: &Tensor) -> Result<Self, TchError> {
        let tensor = tensor.detach().f_to_device(tch::Device::Cpu)?;
        let (tensor, kind, width) = match tensor.f_kind()? {
            Kind::Double => (tensor, Dtype::F64, 8),
            Kind::Int64 => (tensor, Dtype::I64, 8),
            _ => (tensor.f_to_kind(Kind::Float)?, Dtype::F32, 4),
        };
        let tensor = tensor.f_contiguous()?;
        let mut bytes = vec![0; tensor.numel() * width];
        tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
        Ok(Self { kind, shape: tensor.size().iter().map(|&side| side as usize).collect(), bytes })
    }
}

/// Copies saved numbers into tensors of the same names; the reason where one is missing or has another shape.
pub fn restore(into: &BTreeMap<String, Tensor>, saved: &BTreeMap<String, Tensor>) -> Result<(), Telling> {
    tch::no_grad(|| {
        for (name, tensor) in into {
            let from = saved.get(name).ok_or_else(|| tell!("train-tensor-missing", name = name))?;
            if from.size() != tensor.size() {
                let (found, wanted) = (format!("{:?}", from.size()), format!("{:?}", tensor.size()));
                return Err(tell!("train-tensor-shape", name = name, found = found, wanted = wanted));
            }
            tensor.shallow_clone().f_copy_(from).map_err(|e| Telling::from(e.to_string()))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_comes_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        // Not in the order of memory, as convolution weights are.
        let odd = Tensor::from_slice(&[1.5f32, -0.1, 3e-30, 7.0, 8.0, 9.0]).reshape([2, 3]).tr();
        let mut checkpoint = Checkpoint::default();
        let count = Tensor::from(12i64);
        checkpoint.add("net", [("a.weight".to_owned(), odd.shallow_clone()), ("count".to_owned(), count)]);
        checkpoint.facts.insert("step".to_owned(), "41".to_owned());
        checkpoint.write(&path).unwrap();
        let read = Checkpoint::read(&path).unwrap();
        assert_eq!(read.fact::<u64>("step"), Ok(41));
        assert!(read.fact::<u64>("other").unwrap_err().plain().contains("other"));
        let net = read.under("net");
        assert_eq!(net["a.weight"], odd);
        assert_eq!(net["count"].int64_value(&[]), 12);
        assert!(read.under("ne").is_empty());

        let target = BTreeMap::from([("a.weight".to_owned(), odd.zeros_like())]);
        restore(&target, &net).unwrap();
        assert_eq!(target["a.weight"], odd);
        let other = BTreeMap::from([("a.weight".to_owned(), odd.tr().contiguous())]);
        assert!(restore(&other, &net).unwrap_err().plain().contains("a.weight"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        assert!(matches!(Checkpoint::read(&path), Err(TrainError::Corrupt { .. })));
    }
}
