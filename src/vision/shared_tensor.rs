#![allow(unsafe_code, reason = "weights are read by several threads and written by none")]

use tch::Tensor;

/// A weight that several threads read at once.
///
/// `tch` marks its tensors `Send` and not `Sync`, since any of them could be changed in place through a shared
/// reference. This type hands out nothing but `&Tensor`, and whoever holds one promises to only read.
pub(crate) struct SharedTensor(Tensor);

// SAFETY: libtorch's reference counts are atomic and its operators may read one tensor from many threads. The
// tensor is owned here, needs no gradient, and nobody in `vision` calls an in-place operator on a weight.
unsafe impl Sync for SharedTensor {}

impl SharedTensor {
    /// Takes a tensor that nobody else will change.
    pub(crate) fn new(tensor: Tensor) -> Self {
        Self(tensor)
    }

    pub(crate) fn as_tensor(&self) -> &Tensor {
        &self.0
    }
}
