//! Networks with a feature pyramid as their neck.

use tch::{Kind, TchError, Tensor};

use super::layer::Layer;
use super::net::Net;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{LayerForm, NECK_VIEWS, NeckForm};
use crate::vision::shared_tensor::SharedTensor;
use crate::vision::spec::Architecture;

/// What a network gives to a neck.
pub(super) struct Features {
    /// Planes of the three levels that its [`NeckForm`] names.
    pub levels: Vec<Tensor>,
    /// The network's own, N×d.
    pub embedding: Tensor,
}

/// A network that shows its stages.
pub(super) trait Backbone: Send + Sync {
    /// Of N×3×height×width.
    fn features(&self, input: &Tensor) -> Result<Features, TchError>;

    fn d(&self) -> usize;
}

impl<B: Backbone> Net for B {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        Ok(self.features(input)?.embedding)
    }

    fn d(&self) -> Option<usize> {
        Some(Backbone::d(self))
    }
}

/// `backbone`, and the neck that `weights` hold where `architecture` has one.
///
/// # Errors
/// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
pub(super) fn with_neck<B: Backbone + 'static>(
    backbone: B,
    architecture: Architecture,
    form: NeckForm,
    weights: &Weights<'_>,
) -> Result<Box<dyn Net>, VisionError> {
    if !architecture.has_neck() {
        return Ok(Box::new(backbone));
    }
    let neck = Neck::from_weights(weights, form, Backbone::d(&backbone) as i64)?;
    Ok(Box::new(FpnNet { backbone, neck }))
}

struct FpnNet<B> {
    backbone: B,
    neck: Neck,
}

impl<B: Backbone> Net for FpnNet<B> {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let Features { levels, embedding } = self.backbone.features(input)?;
        embedding.f_add(&self.neck.forward(&levels)?)
    }

    fn d(&self) -> Option<usize> {
        Some(Backbone::d(&self.backbone))
    }
}

/// The neck of [`NeckForm`], its norms folded into what stands before or behind them.
struct Neck {
    sides: [i64; 3],
    lateral: Vec<Layer>,
    smooth: Vec<Vec<Layer>>,
    pool: Vec<Pool>,
    projection: SharedTensor,
    bias: SharedTensor,
}

struct Pool {
    /// views×planes.
    weight: SharedTensor,
    /// views×places.
    place: SharedTensor,
}

impl Neck {
    fn from_weights(weights: &Weights<'_>, form: NeckForm, d: i64) -> Result<Self, VisionError> {
        let layer = |layer: &LayerForm| Layer::from_weights(weights, layer);
        let (mut lateral, mut smooth, mut pool) = (Vec::new(), Vec::new(), Vec::new());
        for level in form.levels() {
            lateral.push(layer(&level.lateral)?);
            smooth.push(level.smooth.iter().map(layer).collect::<Result<_, _>>()?);
            pool.push(Pool {
                weight: weights.shared(&format!("{}.weight", level.pool), &[NECK_VIEWS, form.width])?,
                place: weights.shared(&format!("{}.place", level.pool), &[NECK_VIEWS, level.places])?,
            });
        }
        let (scale, shift) = weights.scale_and_shift("fpn.norm", form.pooled())?;
        let projection = weights.take("fpn.projection.weight", &[d, form.pooled()])?;
        let moved = projection.f_mul(&shift)?.f_sum_dim_intlist([1].as_slice(), false, Kind::Double)?;
        let bias = weights.take("fpn.projection.bias", &[d])?.f_add(&moved)?;
        let projection = weights.share(&projection.f_mul(&scale)?)?;
        Ok(Self { sides: form.sides, lateral, smooth, pool, projection, bias: weights.share(&bias)? })
    }

    /// The levels, the largest first, to N×d.
    fn forward(&self, levels: &[Tensor]) -> Result<Tensor, TchError> {
        let mut pooled = Vec::new();
        let mut above: Option<Tensor> = None;
        for (i, level) in levels.iter().enumerate().rev() {
            let mut x = self.lateral[i].forward(level)?;
            if let Some(above) = &above {
                let side = self.sides[i];
                x = x.f_add_(&above.f_upsample_nearest2d([side, side], None, None)?)?;
            }
            above = Some(x.shallow_clone());
            for layer in &self.smooth[i] {
                x = layer.forward(&x)?;
            }
            pooled.push(self.pool[i].forward(&x)?);
        }
        pooled.reverse();
        Tensor::f_cat(&pooled, 1)?.f_linear(self.projection.as_tensor(), Some(self.bias.as_tensor()))
    }
}

impl Pool {
    /// N×planes×height×width to N×(views·planes).
    fn forward(&self, planes: &Tensor) -> Result<Tensor, TchError> {
        let flat = planes.f_flatten(2, -1)?;
        let scores = self.weight.as_tensor().f_matmul(&flat)?.f_add(self.place.as_tensor())?;
        let shares = scores.f_softmax(-1, Kind::Float)?.f_to_kind(flat.kind())?;
        shares.f_matmul(&flat.f_transpose(1, 2)?)?.f_flatten(1, -1)
    }
}
