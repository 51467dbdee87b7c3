//! What training makes small. Embeddings come as n×d rows, not normalised; labels as n whole numbers (int64).

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Reduction, TchError, Tensor};

/// Norms below this count as this, so that an empty row has no infinite gradient.
const SMALLEST_NORM: f64 = 1e-12;
/// Smallest sin²θ whose root is taken: its gradient grows without end towards 0.
const SMALLEST_SQUARE: f64 = 1e-7;

/// A loss on labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum ClassLoss {
    /// Additive angular margin (Deng et al. 2019): cos(θ + margin) for the row's own person.
    ArcFace { scale: f64, margin: f64 },
    /// Additive cosine margin (Wang et al. 2018): cos θ − margin for the row's own person.
    CosFace { scale: f64, margin: f64 },
    /// Plain cross-entropy over inner products, without margin and normalisation.
    Softmax,
}

impl ClassLoss {
    /// Cross-entropy of `embeddings` (n×d) against one row of `weight` (people×d) for each person.
    pub fn loss(&self, embeddings: &Tensor, weight: &Tensor, labels: &Tensor) -> Result<Tensor, TchError> {
        let logits = match *self {
            Self::Softmax => embeddings.f_matmul(&weight.f_tr()?)?,
            Self::ArcFace { scale, margin } => {
                with_margin(embeddings, weight, labels, scale, |cos| angular_margin(cos, margin))?
            }
            Self::CosFace { scale, margin } => {
                with_margin(embeddings, weight, labels, scale, |cos| cos.f_sub_scalar(margin))?
            }
        };
        logits.f_cross_entropy_loss::<&Tensor>(labels, None, Reduction::Mean, -100, 0.0)
    }
}

/// Scaled cosines to every person, with `margin` applied to the cosine to the row's own.
fn with_margin(
    embeddings: &Tensor,
    weight: &Tensor,
    labels: &Tensor,
    scale: f64,
    margin: impl Fn(&Tensor) -> Result<Tensor, TchError>,
) -> Result<Tensor, TchError> {
    let cos = unit_rows(embeddings)?.f_matmul(&unit_rows(weight)?.f_tr()?)?;
    let at = labels.f_unsqueeze(1)?;
    let own = margin(&cos.f_gather(1, &at, false)?)?;
    cos.f_scatter(1, &at, &own)?.f_mul_scalar(scale)
}

/// cos(θ + margin) from cos θ.
///
/// Past θ = π − margin that would rise again and pull the face away from its person; there cos θ − margin·sin(margin)
/// takes its place, as the authors of ArcFace do: it keeps falling with θ.
fn angular_margin(cos: &Tensor, margin: f64) -> Result<Tensor, TchError> {
    let cos = cos.f_clamp(-1.0, 1.0)?;
    let sin = cos.f_square()?.f_neg()?.f_add_scalar(1.0)?.f_clamp_min(SMALLEST_SQUARE)?.f_sqrt()?;
    let moved = cos.f_mul_scalar(margin.cos())?.f_sub(&sin.f_mul_scalar(margin.sin())?)?;
    let beyond = cos.f_sub_scalar(margin * margin.sin())?;
    moved.f_where_self(&cos.f_gt(-margin.cos())?, &beyond)
}

/// Every row divided by its norm.
pub fn unit_rows(rows: &Tensor) -> Result<Tensor, TchError> {
    let rows = rows.f_to_kind(Kind::Float)?;
    let norm = rows.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?;
    rows.f_div(&norm.f_clamp_min(SMALLEST_NORM)?)
}

/// Mean of 1 − cosine between rows of the same place; half the mean squared distance of the unit vectors. 0…2.
pub fn regression(student: &Tensor, teacher: &Tensor) -> Result<Tensor, TchError> {
    let cos = unit_rows(student)?.f_mul(&unit_rows(teacher)?)?.f_sum_dim_intlist([1i64].as_slice(), false, None)?;
    cos.f_mean(Kind::Float)?.f_neg()?.f_add_scalar(1.0)
}

/// Mean squared difference between the student's and the teacher's cosines of every two rows; 0 for a single row.
pub fn relational(student: &Tensor, teacher: &Tensor) -> Result<Tensor, TchError> {
    let n = student.size().first().copied().unwrap_or(0);
    let cosines = |rows: &Tensor| {
        let unit = unit_rows(rows)?;
        unit.f_matmul(&unit.f_tr()?)
    };
    let difference = cosines(student)?.f_sub(&cosines(teacher)?)?;
    // The diagonal is 1 in both, so it adds nothing; it only must not count among the pairs.
    difference.f_square()?.f_sum(Kind::Float)?.f_div_scalar((n * (n - 1)).max(1))
}

/// One row of small random numbers for each person; it learns with the network and is dropped afterwards.
pub fn class_weights(people: usize, d: usize, device: Device) -> Result<Tensor, TchError> {
    let weight = Tensor::f_randn([people as i64, d as i64], (Kind::Float, device))?.f_mul_scalar(0.01)?;
    Ok(weight.set_requires_grad(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[f32], d: i64) -> Tensor {
        Tensor::from_slice(values).reshape([-1, d])
    }

    fn value(tensor: Tensor) -> f64 {
        tensor.double_value(&[])
    }

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-5, "{found}, expected {wanted}");
    }

    /// −log of the share that exp(own) has.
    fn cross_entropy(own: f64, others: &[f64]) -> f64 {
        let sum: f64 = own.exp() + others.iter().map(|o| o.exp()).sum::<f64>();
        sum.ln() - own
    }

    #[test]
    fn margins_are_those_of_the_papers() {
        // A face 0.6 rad from its person, between two people at a right angle.
        let angle = 0.6f64;
        let face = rows(&[3.0 * angle.cos() as f32, 3.0 * angle.sin() as f32], 2);
        let people = rows(&[2.0, 0.0, 0.0, 5.0], 2);
        let labels = Tensor::from_slice(&[0i64]);
        let loss = |loss: ClassLoss| value(loss.loss(&face, &people, &labels).unwrap());
        let (s, m, other) = (8.0, 0.5, angle.sin());
        close(loss(ClassLoss::ArcFace { scale: s, margin: m }), cross_entropy(s * (angle + m).cos(), &[s * other]));
        close(
            loss(ClassLoss::CosFace { scale: s, margin: 0.35 }),
            cross_entropy(s * (angle.cos() - 0.35), &[s * other]),
        );
        close(loss(ClassLoss::Softmax), cross_entropy(6.0 * angle.cos(), &[15.0 * angle.sin()]));
    }

    #[test]
    fn the_angular_margin_never_rises_with_the_angle() {
        let margin = 0.5;
        let angles: Vec<f64> = (0..=314).map(|i| f64::from(i) / 100.0).collect();
        let cosines = Tensor::from_slice(&angles.iter().map(|a| a.cos()).collect::<Vec<_>>());
        let moved = Vec::<f64>::try_from(angular_margin(&cosines, margin).unwrap()).unwrap();
        assert!(moved.windows(2).all(|pair| pair[1] <= pair[0]), "{moved:?}");
        for (angle, moved) in
            angles.iter().zip(&moved).filter(|(a, _)| (0.01..std::f64::consts::PI - margin).contains(*a))
        {
            close(*moved, (angle + margin).cos());
        }
        // Past π − margin.
        close(*moved.last().unwrap(), angles[314].cos() - margin * margin.sin());
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        let (n, d, people) = (3, 4, 5);
        let _alone = crate::train::sample::generator();
        tch::manual_seed(3);
        let embeddings = Tensor::randn([n, d], (Kind::Float, Device::Cpu));
        let teacher = Tensor::randn([n, d], (Kind::Float, Device::Cpu));
        let weight = Tensor::randn([people, d], (Kind::Float, Device::Cpu));
        let labels = Tensor::from_slice(&[4i64, 0, 2]);
        let of = |which: usize, x: &Tensor| match which {
            0 => ClassLoss::ArcFace { scale: 4.0, margin: 0.5 }.loss(x, &weight, &labels),
            1 => ClassLoss::CosFace { scale: 4.0, margin: 0.3 }.loss(x, &weight, &labels),
            2 => regression(x, &teacher),
            _ => relational(x, &teacher),
        };
        for which in 0..4 {
            let x = embeddings.copy().set_requires_grad(true);
            of(which, &x).unwrap().backward();
            let gradient = x.grad();
            for (i, j) in [(0, 0), (1, 3), (2, 1)] {
                let step = 1e-2;
                let at = |by: f64| {
                    let moved = embeddings.copy();
                    let _ = moved.get(i).get(j).g_add_scalar_(by);
                    value(of(which, &moved).unwrap())
                };
                let slope = (at(step) - at(-step)) / (2.0 * step);
                let found = gradient.double_value(&[i, j]);
                assert!((found - slope).abs() < 2e-3 + 0.02 * slope.abs(), "loss {which}: {found}, expected {slope}");
            }
        }
    }

    #[test]
    fn distillation_losses_are_zero_where_nothing_differs() {
        let teacher = rows(&[1.0, 0.0, 0.0, 2.0, 1.0, 1.0], 2);
        close(value(regression(&(&teacher * 7.0), &teacher).unwrap()), 0.0);
        close(value(regression(&teacher.neg(), &teacher).unwrap()), 2.0);
        // Turned by a right angle every cosine stays.
        let turned = rows(&[0.0, 1.0, -2.0, 0.0, -1.0, 1.0], 2);
        close(value(relational(&turned, &teacher).unwrap()), 0.0);
        // Rows 0 and 1 of the teacher are at a right angle, of the student the same: off by 1 for one pair of three.
        let student = rows(&[1.0, 0.0, 1.0, 0.0, 1.0, 1.0], 2);
        close(value(relational(&student, &teacher).unwrap()), 1.0 / 3.0);
        close(value(relational(&rows(&[1.0, 2.0], 2), &rows(&[3.0, 1.0], 2)).unwrap()), 0.0);
    }
}
