//! Networks that can learn, in the forms that `vision::embed` runs.
//!
//! Their variables bear the names that the native loaders read, and their norms are not folded: what is saved here is
//! a weights file like any other.

mod backbone;
mod dlib;
mod ir_resnet;
mod layers;
mod mobilefacenet;
mod neck;
mod resnet;
#[cfg(test)]
mod tests;

use std::path::Path;

use tch::{Device, Kind, TchError, Tensor, nn};

use crate::vision::VisionError;
use crate::vision::embed::{Weights, WeightsFile};
use crate::vision::layout::MobileForm;
use crate::vision::manifest::Architecture;
use crate::vision::weights_file::{MAX_WEIGHTS_BYTES, read_weights};
use backbone::Backbone;
pub use backbone::Form;
use layers::Modes;
use neck::Neck;

/// Which variables learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrainablePart {
    #[default]
    All,
    /// What an FPN adds to its network: the network's own embedding stays as it is.
    NeckOnly,
    /// The neck, the last stage, and the layers that make the network's own embedding of it.
    NeckAndLastStage,
}

/// A network that can learn. `Send`, not `Sync`: one thread trains it.
pub struct Network {
    variables: nn::VarStore,
    backbone: Backbone,
    neck: Option<Neck>,
    architecture: Architecture,
    form: Form,
    d: usize,
    part: TrainablePart,
}

impl Network {
    /// A fresh network; all of it learns. Its first numbers come from the library's generator (`tch::manual_seed`).
    ///
    /// # Errors
    /// `d` outside 1…4096; an architecture whose layers only its file knows (ONNX, TorchScript).
    pub fn new(architecture: Architecture, d: usize, device: Device) -> Result<Self, VisionError> {
        let fail =
            |reason: String| VisionError::UnusableModel { name: architecture.name().to_owned(), reason: reason.into() };
        let form = Form::usual(architecture).ok_or_else(|| fail("such a network cannot be trained here".to_owned()))?;
        Self::fresh(architecture, form, d, device)
    }

    /// A fresh network of this form, which fits the architecture; see [`Network::new`].
    pub(crate) fn fresh(architecture: Architecture, form: Form, d: usize, device: Device) -> Result<Self, VisionError> {
        let fail =
            |reason: String| VisionError::UnusableModel { name: architecture.name().to_owned(), reason: reason.into() };
        if !(1..=4096).contains(&d) {
            return Err(fail(format!("its embedding would have {d} numbers; 1 to 4096 are possible")));
        }
        Self::of_form(architecture, form, d, device)
    }

    /// The network of a weights file (safetensors, a state dict, or dlib's own); all of it learns. A file without a neck may be
    /// loaded under an architecture with one: the neck is fresh then and adds nothing yet.
    ///
    /// # Errors
    /// As [`Network::new`]; a missing or damaged file; a tensor that is missing, has another shape or type, or holds
    /// NaN, infinite values or negative variances, by name.
    pub fn load(architecture: Architecture, weights: &Path, device: Device) -> Result<Self, VisionError> {
        let bytes = read_weights(weights, MAX_WEIGHTS_BYTES)?;
        let file = WeightsFile::parse(weights, &bytes)?;
        let mut form = match Form::usual(architecture) {
            Some(form) => form,
            None => return Self::new(architecture, 1, device),
        };
        let has = |ending: &str| file.names().iter().any(|name| name.ends_with(ending));
        match &mut form {
            Form::MobileFaceNet(mobile) => {
                if let Some(found) = MobileForm::ALL.into_iter().find(|form| has(form.mark())) {
                    *mobile = found;
                }
            }
            Form::Resnet50 { has_features } => *has_features = has("features.weight"),
            _ => {}
        }
        let weights = Weights::new(weights, &file, form.mark(), Device::Cpu);
        weights.refuse_others(architecture)?;
        let network = Self::of_form(architecture, form, weights.d(form.last())? as usize, device)?;
        network.fill(&weights)?;
        Ok(network)
    }

    fn of_form(architecture: Architecture, form: Form, d: usize, device: Device) -> Result<Self, VisionError> {
        let variables = nn::VarStore::new(device);
        let root = variables.root();
        let backbone = Backbone::new(&root, form, d as i64)?;
        let neck = if architecture.has_neck() { Some(Neck::new(&root, form.neck(), d as i64)?) } else { None };
        Ok(Self { backbone, neck, architecture, form, d, part: TrainablePart::All, variables })
    }

    fn fill(&self, weights: &Weights<'_>) -> Result<(), VisionError> {
        let has_neck = weights.names().iter().any(|name| name.contains("fpn."));
        let mut variables: Vec<(String, Tensor)> = self.variables.variables().into_iter().collect();
        variables.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, mut variable) in variables {
            if !has_neck && name.starts_with("fpn.") {
                continue;
            }
            let shape = variable.size();
            let value = match name.strip_suffix(".running_var") {
                Some(norm) => weights.variance(norm, shape[0])?,
                None => weights.take(&name, &shape)?,
            };
            tch::no_grad(|| variable.f_copy_(&value.f_to_kind(Kind::Float)?))?;
        }
        Ok(())
    }

    /// `input` n×3×height×width, each value (pixel − mean) / std, to n×d, not normalised. With `train` the norms of what
    /// learns take the batch's statistics, which asks for two pictures at least, and keep them; dropout works there.
    ///
    /// # Errors
    /// What the library finds wrong with the input's shape or place.
    pub fn forward_t(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let modes = Modes {
            body: train && self.part == TrainablePart::All,
            last: train && self.part != TrainablePart::NeckOnly,
            neck: train,
        };
        let features = self.backbone.forward(input, modes)?;
        let embedding = features.embedding.f_to_kind(Kind::Float)?;
        match &self.neck {
            Some(neck) => embedding.f_add(&neck.forward(&features.levels, modes.neck)?.f_to_kind(Kind::Float)?),
            None => Ok(embedding),
        }
    }

    /// All variables by name, running statistics of the norms among them. Do not put other tensors in their places:
    /// the layers hold on to these.
    pub fn var_store(&mut self) -> &mut nn::VarStore {
        &mut self.variables
    }

    /// Lets this part learn and nothing else. `NeckOnly` leaves nothing to learn where there is no neck.
    pub fn set_trainable(&mut self, part: TrainablePart) {
        self.part = part;
        for (name, variable) in self.variables.variables() {
            let is_statistic = name.ends_with(".running_mean") || name.ends_with(".running_var");
            let learns = match part {
                TrainablePart::All => true,
                TrainablePart::NeckOnly => name.starts_with("fpn."),
                TrainablePart::NeckAndLastStage => name.starts_with("fpn.") || self.form.is_late(&name),
            };
            // The clone shares the variable, and with it this property.
            let _shared = variable.set_requires_grad(learns && !is_statistic);
        }
    }

    /// Writes all variables as safetensors, which `vision::embed` and [`Network::load`] read. `Half` makes the file
    /// half as large and rounds each number to three digits.
    ///
    /// # Errors
    /// `Io` where the file cannot be written.
    pub fn save(&self, path: &Path, kind: Kind) -> Result<(), VisionError> {
        let mut variables: Vec<(String, Tensor)> = self.variables.variables().into_iter().collect();
        variables.sort_by(|(a, _), (b, _)| a.cmp(b));
        tch::no_grad(|| {
            for (_, tensor) in &mut variables {
                *tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_to_kind(kind)?.f_contiguous()?;
            }
            Tensor::write_safetensors(&variables, path)
        })
        .map_err(|e| {
            let reason = std::io::Error::other(e.to_string());
            VisionError::Io { subject: "the weights cannot be written", reason, path: path.to_owned() }
        })
    }

    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Which layers it has.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Where its variables lie.
    pub fn device(&self) -> Device {
        self.variables.device()
    }

    /// Length of the embedding.
    pub fn d(&self) -> usize {
        self.d
    }
}
