use crate::tell;
use serde::{Deserialize, Serialize};
use tch::{Device, TchError, Tensor};

use super::error::TrainError;

/// The numbers that a network computes with while it learns. Weights and the optimiser keep 32 bits either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits throughout.
    #[default]
    Fp32,
    /// 16-bit floats where the library finds them safe (its autocast), with a scaled loss. CUDA only.
    Mixed,
}

impl Precision {
    /// # Errors
    /// Mixed precision on a device that has none.
    pub fn check(self, device: Device) -> Result<(), TrainError> {
        match (self, device) {
            (Self::Mixed, Device::Cuda(_)) | (Self::Fp32, _) => Ok(()),
            _ => Err(TrainError::refused(tell!("train-mixed-on-cpu"))),
        }
    }

    /// Runs `f`, a forward pass with its loss, in this precision.
    pub fn run<T>(self, f: impl FnOnce() -> T) -> T {
        tch::autocast(self == Self::Mixed, f)
    }
}

/// Keeps the gradients of 16-bit floats from vanishing: the loss is multiplied before the backward pass and the
/// gradients divided after it. Where they overflow, the step is left out and the factor halved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossScale {
    factor: f64,
    /// Steps since the last change.
    quiet: u32,
}

impl LossScale {
    const FIRST: f64 = 65_536.0;
    const LARGEST: f64 = 16_777_216.0;
    /// Steps without overflow after which the factor doubles.
    const PATIENCE: u32 = 2000;

    pub fn new(precision: Precision) -> Self {
        Self::from_factor(if precision == Precision::Mixed { Self::FIRST } else { 1.0 })
    }

    /// A factor that was saved.
    pub fn from_factor(factor: f64) -> Self {
        Self { factor, quiet: 0 }
    }

    /// 1 in full precision.
    pub fn factor(self) -> f64 {
        self.factor
    }

    pub fn scaled(self, loss: &Tensor) -> Result<Tensor, TchError> {
        if self.factor == 1.0 { Ok(loss.shallow_clone()) } else { loss.f_mul_scalar(self.factor) }
    }

    /// Told the gradients' norm; says whether the step can be taken.
    pub fn judge(&mut self, precision: Precision, norm: f64) -> bool {
        if precision == Precision::Fp32 {
            return norm.is_finite();
        }
        if !norm.is_finite() {
            *self = Self::from_factor((self.factor / 2.0).max(1.0));
            return false;
        }
        self.quiet += 1;
        if self.quiet >= Self::PATIENCE {
            *self = Self::from_factor((self.factor * 2.0).min(Self::LARGEST));
        }
        true
    }

    /// Whether nothing is left to be halved: the numbers themselves are out of bounds.
    pub fn is_exhausted(self) -> bool {
        self.factor <= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_halves_on_overflow_and_grows_when_quiet() {
        let mut scale = LossScale::new(Precision::Mixed);
        assert!(!scale.judge(Precision::Mixed, f64::INFINITY));
        assert_eq!(scale.factor(), 32_768.0);
        assert!((0..2000).all(|_| scale.judge(Precision::Mixed, 1.0)));
        assert_eq!(scale.factor(), 65_536.0);
        for _ in 0..20 {
            assert!(!scale.judge(Precision::Mixed, f64::NAN));
        }
        assert!(scale.is_exhausted());
        assert!(!LossScale::new(Precision::Fp32).judge(Precision::Fp32, f64::NAN));
    }

    #[test]
    fn mixed_precision_on_the_processor_is_refused_in_words() {
        let message = Precision::Mixed.check(Device::Cpu).unwrap_err().to_string();
        assert!(message.contains("train-mixed-on-cpu"), "{message}");
        assert!(Precision::Fp32.check(Device::Cpu).is_ok() && Precision::Mixed.check(Device::Cuda(0)).is_ok());
    }
}
