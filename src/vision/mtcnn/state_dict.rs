use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tch::Tensor;

use crate::vision::VisionError;
use crate::vision::shared_tensor::SharedTensor;
use crate::vision::torch_file::{FloatArray, read_state_dict};

/// The largest of the three published files has 1.6 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A network's weights by name, each of which is asked for with the shape it must have.
pub struct StateDict {
    path: PathBuf,
    arrays: BTreeMap<String, FloatArray>,
}

impl StateDict {
    /// # Errors
    /// `MissingWeights`, `UnreadableWeights`, `CorruptWeights`, all with the path.
    pub fn read(path: &Path) -> Result<Self, VisionError> {
        let path = path.to_owned();
        let unreadable = |path: &Path, source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => VisionError::MissingWeights { path: path.into() },
            _ => VisionError::UnreadableWeights { path: path.into(), source },
        };
        let length = fs::metadata(&path).map_err(|e| unreadable(&path, e))?.len();
        if length > MAX_FILE_BYTES {
            let reason = format!("{length} bytes; the published files have under two million");
            return Err(VisionError::CorruptWeights { path, reason });
        }
        let bytes = fs::read(&path).map_err(|e| unreadable(&path, e))?;
        match read_state_dict(&bytes) {
            Ok(arrays) => Ok(Self { path, arrays }),
            Err(reason) => Err(VisionError::CorruptWeights { path, reason }),
        }
    }

    /// The numbers under `name`, last axis fastest. Refuses another shape, and NaN or infinite numbers.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<&[f32], VisionError> {
        let corrupt = |reason| VisionError::CorruptWeights { path: self.path.clone(), reason };
        let array = self.arrays.get(name).ok_or_else(|| corrupt(format!("{name} is missing")))?;
        if array.shape != shape {
            return Err(corrupt(format!("{name} has the shape {:?} instead of {shape:?}", array.shape)));
        }
        if array.data.iter().any(|v| !v.is_finite()) {
            return Err(corrupt(format!("{name} holds NaN or infinite numbers")));
        }
        Ok(&array.data)
    }

    /// The same as a tensor.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<SharedTensor, VisionError> {
        Ok(SharedTensor::new(tensor_of(self.floats(name, shape)?, shape)?))
    }
}

/// A new tensor with these numbers, last axis fastest.
pub fn tensor_of(data: &[f32], shape: &[usize]) -> Result<Tensor, VisionError> {
    let shape: Vec<i64> = shape.iter().map(|&side| side as i64).collect();
    Ok(Tensor::f_from_slice(data)?.f_reshape(&shape)?)
}
