//! Optimisers whose whole state can be saved, so that a run taken up again goes on as if it had never stopped.
//!
//! The library's own ones keep their moments where nobody can read them.

use crate::tell;
use crate::types::Telling;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

/// Added to AdamW's root before it divides.
const EPSILON: f64 = 1e-8;

/// How gradients become steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum OptimizerSpec {
    /// Adam with weight decay apart from the gradient (Loshchilov & Hutter 2019).
    AdamW { beta1: f64, beta2: f64, weight_decay: f64 },
    /// Stochastic gradient descent; weight decay is part of the gradient.
    Sgd { momentum: f64, nesterov: bool, weight_decay: f64 },
}

impl OptimizerSpec {
    /// AdamW with the usual moments.
    pub fn adamw(weight_decay: f64) -> Self {
        Self::AdamW { beta1: 0.9, beta2: 0.999, weight_decay }
    }

    /// Momentum 0.9 by Nesterov.
    pub fn sgd(weight_decay: f64) -> Self {
        Self::Sgd { momentum: 0.9, nesterov: true, weight_decay }
    }
}

/// One tensor that learns, with what the optimiser remembers of it.
struct Parameter {
    name: String,
    tensor: Tensor,
    /// Weights decay; biases, norms and slopes, all of one dimension, do not.
    decays: bool,
    /// AdamW: mean and mean square of the gradient. SGD: the velocity.
    memory: Vec<Tensor>,
}

/// An optimiser over named tensors.
pub struct Optimizer {
    spec: OptimizerSpec,
    parameters: Vec<Parameter>,
    steps: u64,
}

impl Optimizer {
    /// Over the tensors of `named` that ask for gradients.
    ///
    /// # Errors
    /// The library fails, for want of memory say.
    pub fn new(spec: OptimizerSpec, named: BTreeMap<String, Tensor>) -> Result<Self, TchError> {
        let memories = match spec {
            OptimizerSpec::AdamW { .. } => 2,
            OptimizerSpec::Sgd { .. } => 1,
        };
        let mut parameters = Vec::new();
        for (name, tensor) in named.into_iter().filter(|(_, tensor)| tensor.requires_grad()) {
            let memory = (0..memories).map(|_| tensor.detach().f_zeros_like()).collect::<Result<_, _>>()?;
            parameters.push(Parameter { decays: tensor.dim() > 1, name, tensor, memory });
        }
        Ok(Self { spec, parameters, steps: 0 })
    }

    /// Numbers that learn.
    pub fn numbers(&self) -> u64 {
        self.parameters.iter().map(|parameter| parameter.tensor.numel() as u64).sum()
    }

    pub fn clear_gradients(&mut self) {
        for parameter in &mut self.parameters {
            parameter.tensor.zero_grad();
        }
    }

    /// Multiplies all gradients by `factor`, then shortens them together to a norm of `max_norm` where they are
    /// longer; returns the norm before, which is not finite where a gradient is not.
    pub fn scale_gradients(&self, factor: f64, max_norm: f64) -> Result<f64, TchError> {
        tch::no_grad(|| {
            let gradients: Vec<Tensor> =
                self.parameters.iter().map(|p| p.tensor.grad()).filter(Tensor::defined).collect();
            let norms = gradients.iter().map(Tensor::f_norm).collect::<Result<Vec<_>, _>>()?;
            if norms.is_empty() {
                return Ok(0.0);
            }
            let norm = Tensor::f_stack(&norms, 0)?.f_norm()?.f_double_value(&[])? * factor;
            let factor = if norm > max_norm { factor * max_norm / norm } else { factor };
            if norm.is_finite() && factor != 1.0 {
                for mut gradient in gradients {
                    let _ = gradient.f_mul_scalar_(factor)?;
                }
            }
            Ok(norm)
        })
    }

    /// Moves every tensor along its gradient.
    pub fn step(&mut self, rate: f64) -> Result<(), TchError> {
        self.steps += 1;
        let (spec, steps) = (self.spec, self.steps);
        tch::no_grad(|| {
            for parameter in &mut self.parameters {
                let gradient = parameter.tensor.grad();
                if gradient.defined() {
                    parameter.step(&gradient, spec, steps, rate)?;
                }
            }
            Ok(())
        })
    }

    /// Everything that the next step depends on, by name; tensors are shared, not copied.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let steps = ("steps".to_owned(), Tensor::from(self.steps.cast_signed()));
        let memory = self.parameters.iter().flat_map(|parameter| {
            let named = |(at, tensor): (usize, &Tensor)| (format!("{}.{at}", parameter.name), tensor.shallow_clone());
            parameter.memory.iter().enumerate().map(named).collect::<Vec<_>>()
        });
        std::iter::once(steps).chain(memory).collect()
    }

    /// Takes over what [`Optimizer::state`] gave; the reason where it is another optimiser's.
    pub fn set_state(&mut self, state: &BTreeMap<String, Tensor>) -> Result<(), Telling> {
        let find = |name: &str| state.get(name).ok_or_else(|| tell!("train-optimiser-lacks", name = name));
        let steps = find("steps")?.f_int64_value(&[]).map_err(|e| Telling::from(e.to_string()))?;
        self.steps = u64::try_from(steps).map_err(|_| tell!("train-optimiser-steps"))?;
        tch::no_grad(|| {
            for parameter in &mut self.parameters {
                for (at, memory) in parameter.memory.iter_mut().enumerate() {
                    let name = format!("{}.{at}", parameter.name);
                    let saved = find(&name)?;
                    if saved.size() != memory.size() {
                        let shape = format!("{:?}", saved.size());
                        return Err(tell!("train-optimiser-shape", name = name, shape = shape));
                    }
                    memory.f_copy_(saved).map_err(|e| Telling::from(e.to_string()))?;
                }
            }
            Ok(())
        })
    }
}

impl Parameter {
    fn step(&mut self, gradient: &Tensor, spec: OptimizerSpec, steps: u64, rate: f64) -> Result<(), TchError> {
        match spec {
            OptimizerSpec::AdamW { beta1, beta2, weight_decay } => {
                if self.decays && weight_decay > 0.0 {
                    let _ = self.tensor.f_mul_scalar_(1.0 - rate * weight_decay)?;
                }
                let [mean, square] = &mut self.memory[..] else { return Ok(()) };
                let _ = mean.f_lerp_(gradient, 1.0 - beta1)?;
                let _ = square.f_lerp_(&gradient.f_square()?, 1.0 - beta2)?;
                let grown = |beta: f64| 1.0 - beta.powf(steps as f64);
                let root = square.f_div_scalar(grown(beta2))?.f_sqrt()?.f_add_scalar_(EPSILON)?;
                let step = mean.f_div(&root)?.f_mul_scalar_(-rate / grown(beta1))?;
                let _ = self.tensor.f_add_(&step)?;
            }
            OptimizerSpec::Sgd { momentum, nesterov, weight_decay } => {
                let gradient = if self.decays && weight_decay > 0.0 {
                    gradient.f_add(&self.tensor.f_mul_scalar(weight_decay)?)?
                } else {
                    gradient.shallow_clone()
                };
                let [velocity] = &mut self.memory[..] else { return Ok(()) };
                let _ = velocity.f_mul_scalar_(momentum)?.f_add_(&gradient)?;
                let step = if nesterov {
                    velocity.f_mul_scalar(momentum)?.f_add_(&gradient)?
                } else {
                    velocity.shallow_clone()
                };
                let _ = self.tensor.f_add_(&step.f_mul_scalar(-rate)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;
    use tch::nn::{self, OptimizerConfig};

    fn loss(weight: &Tensor, bias: &Tensor, round: i64) -> Tensor {
        let input = Tensor::from_slice(&[1.0f32, -2.0, 0.5, 3.0]).reshape([2, 2]) * (1.0 + 0.1 * round as f64);
        (input.matmul(weight) + bias).square().sum(Kind::Float)
    }

    /// Where a few steps lead, by ours and by the library's optimiser without decay on the bias.
    fn ends(spec: OptimizerSpec, theirs: impl OptimizerConfig) -> [Vec<f32>; 2] {
        let start = || Tensor::from_slice(&[0.3f32, -0.2, 0.8, 0.5]).reshape([2, 2]);
        let weight = start().set_requires_grad(true);
        let bias = Tensor::from_slice(&[0.1f32, 0.2]).set_requires_grad(true);
        let named = [("weight", &weight), ("bias", &bias)].map(|(name, t)| (name.to_owned(), t.shallow_clone()));
        let mut ours = Optimizer::new(spec, named.into()).unwrap();
        assert_eq!(ours.numbers(), 6);
        let store = nn::VarStore::new(tch::Device::Cpu);
        let their_weight = store.root().var_copy("weight", &start());
        let their_bias = store.root().set_group(1).var_copy("bias", &Tensor::from_slice(&[0.1f32, 0.2]));
        let mut theirs = theirs.build(&store, 0.05).unwrap();
        theirs.set_weight_decay_group(1, 0.0);
        for round in 0..5 {
            ours.clear_gradients();
            loss(&weight, &bias, round).backward();
            ours.step(0.05).unwrap();
            theirs.backward_step(&loss(&their_weight, &their_bias, round));
        }
        let flat = |w: &Tensor, b: &Tensor| {
            Vec::<f32>::try_from(Tensor::cat(&[w.detach().flatten(0, -1), b.detach()], 0)).unwrap()
        };
        [flat(&weight, &bias), flat(&their_weight, &their_bias)]
    }

    #[test]
    fn steps_are_those_of_the_library() {
        let adamw = ends(OptimizerSpec::adamw(0.1), nn::adamw(0.9, 0.999, 0.1));
        let sgd = ends(OptimizerSpec::sgd(0.01), nn::sgd(0.9, 0.0, 0.01, true));
        let plain = OptimizerSpec::Sgd { momentum: 0.5, nesterov: false, weight_decay: 0.0 };
        for [ours, theirs] in [adamw, sgd, ends(plain, nn::sgd(0.5, 0.0, 0.0, false))] {
            for (a, b) in ours.iter().zip(&theirs) {
                // Largest seen: 6e-7 of the number, 2026-11-25 (another processor rounds otherwise).
                assert!((a - b).abs() < 1e-5f32.max(2e-6 * b.abs()), "{ours:?} {theirs:?}");
            }
        }
    }

    #[test]
    fn long_gradients_are_shortened_together() {
        let weight = Tensor::from_slice(&[3.0f32, 4.0]).set_requires_grad(true);
        let optimizer = Optimizer::new(OptimizerSpec::sgd(0.0), [("w".to_owned(), weight.shallow_clone())].into());
        let optimizer = optimizer.unwrap();
        (weight.square().sum(Kind::Float) * 5.0).backward(); // the gradient is 30, 40
        assert_eq!(optimizer.scale_gradients(0.1, 1000.0).unwrap(), 5.0);
        assert_eq!(Vec::<f32>::try_from(weight.grad()).unwrap(), [3.0, 4.0]);
        assert_eq!(optimizer.scale_gradients(1.0, 1.0).unwrap(), 5.0);
        assert!((weight.grad().norm().double_value(&[]) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_state_of_another_optimiser_is_refused() {
        let named = || [("w".to_owned(), Tensor::zeros([2], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true))];
        let sgd = Optimizer::new(OptimizerSpec::sgd(0.0), named().into()).unwrap();
        let mut adamw = Optimizer::new(OptimizerSpec::adamw(0.0), named().into()).unwrap();
        let state = sgd.state().into_iter().collect();
        assert!(adamw.set_state(&state).unwrap_err().plain().contains("w.1"));
    }
}
