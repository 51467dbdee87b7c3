//! TorchScript files: networks that bring their own layers.

use std::path::Path;

use tch::{CModule, Device, TchError, Tensor};

use super::{MAX_WEIGHTS_BYTES, Net, corrupt, first_line, read_weights};
use crate::vision::VisionError;

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
