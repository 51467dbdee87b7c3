//! ArcFace's IR-ResNet-50, 112×112 → d, with weights from safetensors or a state dict.

use tch::{Kind, TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layer::Layer;
use super::layers::Norm;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{IR_STAGES, IrBlockLayers, IrLayers, LAST_SIDE};
use crate::vision::shared_tensor::SharedTensor;

/// The “IR” ResNet-50 of Deng et al. 2019 (ArcFace, section 3.2.1): blocks BN-conv-BN-PReLU-conv-BN with a shortcut,
/// and BN-dropout-FC-BN at the end. Tensor names are those of the usual `iresnet50` state dict.
///
/// The norms run with their stored statistics. Those behind a convolution are folded into it, the last two into the
/// fully connected layer, both exactly. A block's first norm stays: the convolution behind it pads with zeros, which
/// a folded shift would not know at the edges.
pub(super) struct IrResnet50 {
    stem: Layer,
    stages: Vec<Vec<Block>>,
    fc: SharedTensor,
    fc_bias: SharedTensor,
    d: usize,
}

struct Block {
    norm: Norm,
    layers: IrBlockLayers<Layer>,
}

impl IrResnet50 {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
    pub(super) fn from_weights(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let layers = IrLayers::table().try_map(|layer| Layer::from_weights(weights, layer))?;
        let mut stages = Vec::with_capacity(layers.stages.len());
        for blocks in layers.stages {
            let with_norm = |layers: IrBlockLayers<Layer>| {
                let (name, planes) = &layers.norm;
                Ok::<_, VisionError>(Block { norm: weights.norm(name, *planes)?, layers })
            };
            stages.push(blocks.into_iter().map(with_norm).collect::<Result<_, _>>()?);
        }
        let d = weights.d("fc.bias")?;
        let (fc, fc_bias) = weights.folded_fc(d)?;
        Ok(Self { stem: layers.stem, stages, fc, fc_bias, d: d as usize })
    }
}

impl Block {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let IrBlockLayers { first, second, shortcut, .. } = &self.layers;
        let mut branch = second.forward(&first.forward(&self.norm.forward(input)?)?)?;
        match shortcut {
            Some(shortcut) => branch.f_add_(&shortcut.forward(input)?),
            None => branch.f_add_(input),
        }
    }
}

impl Backbone for IrResnet50 {
    fn features(&self, input: &Tensor) -> Result<Features, TchError> {
        let mut x = self.stem.forward(input)?;
        let mut levels = Vec::new();
        for blocks in &self.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        // Channels are last in memory here, and the weights were put into the same order.
        let flat = x.f_permute([0, 2, 3, 1])?.f_reshape([x.size()[0], -1])?;
        let embedding = flat.f_linear(self.fc.as_tensor(), Some(self.fc_bias.as_tensor()))?;
        Ok(Features { levels: levels.split_off(1), embedding })
    }

    fn d(&self) -> usize {
        self.d
    }
}

/// What only this network needs of its file.
impl Weights<'_> {
    /// The fully connected layer with the norms before and behind it, for planes whose channels come last.
    fn folded_fc(&self, d: i64) -> Result<(SharedTensor, SharedTensor), VisionError> {
        let planes = IR_STAGES[3].0;
        let weight = self.take("fc.weight", &[d, planes * LAST_SIDE * LAST_SIDE])?;
        let weight = weight.f_reshape([d, planes, LAST_SIDE, LAST_SIDE])?.f_permute([0, 2, 3, 1])?;
        let (before_scale, before_shift) = self.scale_and_shift("bn2", planes)?;
        let (behind_scale, behind_shift) = self.scale_and_shift("features", d)?;
        let moved =
            weight.f_mul(&before_shift)?.f_reshape([d, -1])?.f_sum_dim_intlist([1].as_slice(), false, Kind::Double)?;
        let bias = self.take("fc.bias", &[d])?.f_add(&moved)?.f_mul(&behind_scale)?.f_add(&behind_shift)?;
        let weight = weight.f_mul(&before_scale)?.f_reshape([d, -1])?.f_mul(&behind_scale.f_reshape([-1, 1])?)?;
        Ok((self.share(&weight)?, self.share(&bias)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::weights::WeightsFile;
    use super::*;
    use crate::vision::spec::{Architecture, InputSpec};
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;
    use std::path::Path;
    use tch::Device;

    /// A file that has one tensor, of `shape`, filled with `value`.
    fn file_with(name: &str, shape: &[usize], value: f32) -> Vec<u8> {
        let data: Vec<u8> = value.to_le_bytes().repeat(shape.iter().product());
        let view = TensorView::new(Dtype::F32, shape.to_vec(), &data).unwrap();
        safetensors::serialize([(name, view)], None).unwrap()
    }

    fn message(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.safetensors");
        std::fs::write(&path, bytes).unwrap();
        super::super::native::load_native(
            Architecture::IrResnet50,
            &path,
            &InputSpec::ARCFACE,
            Device::Cpu,
            Kind::Float,
        )
        .err()
        .unwrap()
        .to_string()
    }

    #[test]
    fn a_wrong_tensor_is_named() {
        for (bytes, words) in [
            (file_with("conv1.weight", &[64, 3, 7, 7], 0.1), ["conv1.weight", "[64, 3, 7, 7]"]),
            (file_with("conv1.weight", &[64, 3, 3, 3], f32::NAN), ["conv1.weight", "NaN"]),
            (file_with("conv1.weight", &[64, 3, 3, 3], 0.1), ["bn1.running_var", "missing"]),
            (file_with("module.layer1.0.bn1.weight", &[64], 0.1), ["module.conv1.weight", "missing"]),
            (file_with("layer3.14.bn1.weight", &[256], 0.1), ["layer3.14.bn1.weight", "another"]),
            (file_with("layer5.0.bn1.weight", &[256], 0.1), ["layer5.0.bn1.weight", "another"]),
        ] {
            let message = message(&bytes);
            assert!(words.iter().all(|w| message.contains(w)), "{message}");
        }
    }

    #[test]
    fn foreign_and_truncated_files_are_refused() {
        let whole = file_with("conv1.weight", &[64, 3, 3, 3], 0.1);
        for bytes in [&[0xff; 64][..], &whole[..whole.len() - 1], &whole[..9]] {
            let message = message(bytes);
            assert!(message.contains("safetensors"), "{message}");
        }
        assert!(message(b"PK\x03\x04").contains("no state dict"));
        assert!(message(b"").contains("0 bytes"));
    }

    #[test]
    fn negative_variances_and_integers_are_refused() {
        let variance = file_with("bn1.running_var", &[64], -1.0);
        let path = Path::new("net.safetensors");
        let file = WeightsFile::parse(path, &variance).unwrap();
        let error = Weights::new(path, &file, "none", Device::Cpu).variance("bn1", 64).err().unwrap();
        assert!(error.to_string().contains("negative"), "{error}");
        let data = [0u8; 8 * 64];
        let view = TensorView::new(Dtype::I64, vec![64], &data).unwrap();
        let bytes = safetensors::serialize([("prelu.weight", view)], None).unwrap();
        let file = WeightsFile::parse(path, &bytes).unwrap();
        let error = Weights::new(path, &file, "none", Device::Cpu).take("prelu.weight", &[64]).unwrap_err();
        assert!(error.to_string().contains("I64"), "{error}");
    }
}
