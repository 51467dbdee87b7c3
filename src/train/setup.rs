//! From plain values to a run that can go.

use crate::tell;
use std::path::{Path, PathBuf};
use std::thread;

use tch::{Cuda, Device};

use super::augment::Augmenter;
use super::crops::CropPack;
use super::data::Split;
use super::error::TrainError;
use super::loader::{Orders, Source};
use super::nets::{Form, Network};
use super::precision::Precision;
use super::spec::RunSpec;
use super::targets::Targets;
use super::trainer::Setup;
use crate::vision::embed::Preprocessor;
use crate::vision::manifest::Architecture;
use crate::vision::runtime;

/// Where a run computes, and with how many threads. Nothing of it changes what comes out, but for rounding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    /// `cpu`, `cuda` or `cuda:1`; the first CUDA device where there is one, else the CPU, where left out.
    pub device: Option<String>,
    /// Threads for one operator; all cores where left out.
    pub threads: Option<usize>,
}

impl Machine {
    /// # Errors
    /// A device that is not there, a word that names none, and one that cannot compute with these numbers.
    pub fn check(&self, precision: Precision) -> Result<(), TrainError> {
        precision.check(self.device()?)
    }

    fn device(&self) -> Result<Device, TrainError> {
        let Some(name) = self.device.as_deref() else { return Ok(runtime::device()) };
        let number = match name.split_once(':') {
            None => Some(0),
            Some((_, number)) => number.parse::<usize>().ok(),
        };
        match (name.split(':').next(), number) {
            (Some("cpu"), Some(0)) => Ok(Device::Cpu),
            (Some("cuda"), Some(number)) => {
                let there = usize::try_from(Cuda::device_count()).unwrap_or(0);
                if number < there {
                    return Ok(Device::Cuda(number));
                }
                Err(TrainError::refused(tell!("train-no-such-device", name = name, n = there)))
            }
            _ => Err(TrainError::refused(tell!("train-device-unknown", name = name))),
        }
    }

    /// Threads of one operator.
    pub fn operator_threads(&self) -> usize {
        self.threads.unwrap_or_else(cores).max(1)
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The network of `architecture` with the weights of `from`, or a fresh one with embeddings of `d` numbers, of `form` where
/// it is known (weights of another one are refused), else as new networks are or as the weights say. What is fresh
/// follows from `seed` alone, as long as nobody else draws from libtorch's generator meanwhile.
///
/// # Errors
/// Weights that are missing, damaged or of another network; a device that is not there.
pub fn open_network(
    architecture: Architecture,
    form: Option<Form>,
    from: Option<&Path>,
    d: usize,
    seed: u64,
    machine: &Machine,
) -> Result<Network, TrainError> {
    let device = machine.device()?;
    tch::manual_seed(seed.cast_signed());
    match (from, form) {
        (Some(weights), form) => {
            let network = Network::load(architecture, weights, device)?;
            if let Some(form) = form.filter(|form| *form != network.form()) {
                let (found, form, path) = (format!("{:?}", network.form()), format!("{form:?}"), weights);
                return Err(TrainError::refused(tell!("train-other-form", found = found, form = form, path = path)));
            }
            Ok(network)
        }
        (None, Some(form)) => Ok(Network::fresh(architecture, form, d, device)?),
        (None, None) => Ok(Network::new(architecture, d, device)?),
    }
}

/// Puts a run together.
pub fn setup(
    spec: RunSpec,
    folder: PathBuf,
    network: Network,
    crops: CropPack,
    split: Split,
    targets: Option<Targets>,
    machine: &Machine,
) -> Result<Setup, TrainError> {
    let device = machine.device()?;
    let learnt: Vec<usize> = split.faces.iter().map(|face| face.crop).collect();
    let source = Source {
        crops,
        faces: split.faces,
        augmenter: Augmenter::new(spec.augment.clone())?,
        // Batches are made on the processor and go to the device whole.
        preprocessor: Preprocessor::new(&spec.input, Device::Cpu),
        targets: targets.map(|targets| targets.with_length(spec.d, &learnt)).transpose()?,
        batch: spec.plan.batch,
        seed: spec.plan.seed,
        orders: Orders::default(),
    };
    let loaders = if device == Device::Cpu { 1 } else { (cores() / 2).clamp(1, 12) };
    Ok(Setup {
        spec,
        folder,
        network,
        source,
        people: split.people,
        validation: split.validation,
        device,
        loaders,
        data_digest: split.digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_and_missing_ones_told() {
        let device = |name: &str| Machine { device: Some(name.to_owned()), threads: None }.device();
        assert_eq!(device("cpu").unwrap(), Device::Cpu);
        for (name, word) in [("cuda:99", "no-such"), ("tpu", "unknown"), ("cuda:x", "unknown"), ("cpu:1", "unknown")] {
            let message = device(name).unwrap_err().to_string();
            assert!(message.contains(word) && message.contains(name), "{message}");
        }
        assert_eq!(Machine { threads: Some(0), device: None }.operator_threads(), 1);
    }
}
