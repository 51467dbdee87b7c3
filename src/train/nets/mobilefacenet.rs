//! MobileFaceNet in its three forms, by the table of layers that `vision::embed` runs.

use tch::nn::Path;
use tch::{TchError, Tensor};

use super::layers::{Features, Layer, Linear, Modes, at};
use crate::vision::layout::{LAST_SIDE, MobileBlockLayers, MobileForm, MobileLayers};

pub(super) struct MobileFaceNet {
    layers: MobileLayers<Layer>,
    /// Behind the planes of the numbered form.
    fc: Option<Linear>,
}

impl MobileFaceNet {
    pub(super) fn new(root: &Path<'_>, form: MobileForm, d: i64) -> Result<Self, TchError> {
        let layers = MobileLayers::table(form, d).try_map(|layer| Layer::new(root, layer))?;
        let fc = match &layers.fc {
            Some(fc) => Some(Linear::new(&at(root, &fc.name), fc.planes * LAST_SIDE * LAST_SIDE, d)?),
            None => None,
        };
        Ok(Self { layers, fc })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        let mut x = input.shallow_clone();
        for layer in &self.layers.stem {
            x = layer.forward(&x, modes.body)?;
        }
        let mut levels = Vec::new();
        for (i, blocks) in self.layers.stages.iter().enumerate() {
            let train = modes.of_stage(i, self.layers.stages.len());
            for block in blocks {
                x = block.forward(&x, train)?;
            }
            levels.push(x.shallow_clone());
        }
        for layer in &self.layers.head {
            x = layer.forward(&x, modes.last)?;
        }
        let rows = x.f_flatten(1, -1)?;
        let embedding = self.fc.as_ref().map_or(Ok(rows.shallow_clone()), |fc| fc.forward(&rows))?;
        Ok(Features { levels, embedding })
    }
}

impl MobileBlockLayers<Layer> {
    fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let [expansion, depthwise, projection] = &self.layers;
        let branch = depthwise.forward(&expansion.forward(input, train)?, train)?;
        let branch = projection.forward(&branch, train)?;
        if self.shortcut { branch.f_add(input) } else { Ok(branch) }
    }
}
