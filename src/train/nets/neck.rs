//! The feature pyramid; its form and names are those of [`NeckForm`].

use tch::nn::{Init, Path};
use tch::{Kind, TchError, Tensor};

use super::layers::{Layer, Linear, Norm, at};
use crate::vision::layout::{NECK_VIEWS, NeckForm};

pub(super) struct Neck {
    sides: [i64; 3],
    lateral: Vec<Layer>,
    smooth: Vec<Vec<Layer>>,
    pool: Vec<Pool>,
    norm: Norm,
    projection: Linear,
}

struct Pool {
    /// views×planes.
    weight: Tensor,
    /// views×places.
    place: Tensor,
}

impl Neck {
    /// A fresh one gives zeros, whatever goes in.
    pub(super) fn new(root: &Path<'_>, form: NeckForm, d: i64) -> Result<Self, TchError> {
        let mut neck = Self {
            sides: form.sides,
            lateral: Vec::new(),
            smooth: Vec::new(),
            pool: Vec::new(),
            norm: Norm::new(&at(root, "fpn.norm"), form.pooled())?,
            projection: Linear::zero(&at(root, "fpn.projection"), form.pooled(), d)?,
        };
        for level in form.levels() {
            neck.lateral.push(Layer::new(root, &level.lateral)?);
            neck.smooth.push(level.smooth.iter().map(|layer| Layer::new(root, layer)).collect::<Result<_, _>>()?);
            let path = at(root, &level.pool);
            // Each view begins with places of its own: views that begin alike would stay alike.
            neck.pool.push(Pool {
                weight: path.f_zeros("weight", &[NECK_VIEWS, form.width])?,
                place: path.f_var("place", &[NECK_VIEWS, level.places], Init::Randn { mean: 0.0, stdev: 1.0 })?,
            });
        }
        Ok(neck)
    }

    /// The levels, the largest first, to n×d.
    pub(super) fn forward(&self, levels: &[Tensor], train: bool) -> Result<Tensor, TchError> {
        let mut pooled = Vec::new();
        let mut above: Option<Tensor> = None;
        for (i, level) in levels.iter().enumerate().rev() {
            let mut x = self.lateral[i].forward(level, train)?;
            if let Some(above) = &above {
                let side = self.sides[i];
                x = x.f_add(&above.f_upsample_nearest2d([side, side], None, None)?)?;
            }
            above = Some(x.shallow_clone());
            for layer in &self.smooth[i] {
                x = layer.forward(&x, train)?;
            }
            pooled.push(self.pool[i].forward(&x)?);
        }
        pooled.reverse();
        let row = Tensor::f_cat(&pooled, 1)?;
        self.projection.forward(&self.norm.forward(&row, train)?)
    }
}

impl Pool {
    /// n×planes×height×width to n×(views·planes).
    fn forward(&self, planes: &Tensor) -> Result<Tensor, TchError> {
        let flat = planes.f_flatten(2, -1)?;
        let scores = self.weight.f_matmul(&flat)?.f_add(&self.place)?;
        let shares = scores.f_softmax(-1, Kind::Float)?.f_to_kind(flat.kind())?;
        shares.f_matmul(&flat.f_transpose(1, 2)?)?.f_flatten(1, -1)
    }
}
