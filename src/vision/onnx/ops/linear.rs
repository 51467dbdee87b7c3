use tch::Tensor;

use super::{Form, Inputs, Made, OpError, Operator, Spec, broadcast_shape};

/// alpha·A·B + beta·C, A and B perhaps transposed first.
struct Gemm {
    alpha: f64,
    beta: f64,
    transpose: [bool; 2],
}

pub(super) fn gemm(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    attributes.ignore(&["broadcast"]); // of opset 6
    Ok(Box::new(Gemm {
        alpha: attributes.float_or("alpha", 1.0)?,
        beta: attributes.float_or("beta", 1.0)?,
        transpose: [attributes.flag("transA")?, attributes.flag("transB")?],
    }))
}

impl Operator for Gemm {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (a, b, c) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.optional(2));
        let ([m, k], [k_of_b, n]) = (self.sides(inputs, 0)?, self.sides(inputs, 1)?);
        if k != k_of_b {
            let (first, second) = (inputs.describe(0), inputs.describe(1));
            return Err(OpError::new(format!("{first}, {second}: these do not go together")));
        }
        let fits = |c: &Tensor| broadcast_shape(&c.size(), &[m, n]).is_ok_and(|shape| shape == [m, n]);
        if c.is_some_and(|c| !fits(c)) {
            return Err(OpError::new(format!("{}, which does not fit [{m}, {n}]", inputs.describe(2))));
        }
        inputs.allow(&[m, n], k)?;
        let a = if self.transpose[0] { a.f_tr()? } else { a.shallow_clone() };
        // The library's linear layer takes its weights transposed.
        let b = if self.transpose[1] { b.shallow_clone() } else { b.f_tr()? };
        match c {
            None => scaled(a.f_linear(&b, None::<&Tensor>)?, self.alpha),
            Some(c) if self.alpha == 1.0 && self.beta == 1.0 && c.size() == [n] => Ok(a.f_linear(&b, Some(c))?),
            Some(c) => {
                let product = scaled(a.f_linear(&b, None::<&Tensor>)?, self.alpha)?;
                Ok(product.f_add(&scaled(c.shallow_clone(), self.beta)?)?)
            }
        }
    }

    fn form(&self) -> Form {
        let is_plain = self.alpha == 1.0 && self.beta == 1.0;
        if is_plain { Form::Gemm { transpose: self.transpose } } else { Form::Other }
    }
}

impl Gemm {
    /// Rows and columns of input `i` after its transposition.
    fn sides(&self, inputs: &Inputs<'_>, i: usize) -> Result<[i64; 2], OpError> {
        match inputs.tensor(i)?.size()[..] {
            [rows, columns] if self.transpose[i] => Ok([columns, rows]),
            [rows, columns] => Ok([rows, columns]),
            _ => Err(OpError::new(format!("{}, expected rows and columns", inputs.describe(i)))),
        }
    }
}

fn scaled(tensor: Tensor, factor: f64) -> Result<Tensor, OpError> {
    if factor == 1.0 { Ok(tensor) } else { Ok(tensor.f_mul_scalar(factor)?) }
}

/// Products of matrices; axes before the last two are stretched to each other.
struct MatMul;

pub(super) fn matmul(_spec: &Spec<'_>) -> Made {
    Ok(Box::new(MatMul))
}

impl Operator for MatMul {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let misfit = || {
            let (first, second) = (inputs.describe(0), inputs.describe(1));
            OpError::new(format!("{first}, {second}: these do not go together"))
        };
        let (mut left, mut right) = (a.size(), b.size());
        // A single row or column is a matrix whose other side is left out.
        if left.len() == 1 {
            left.insert(0, 1);
        }
        if right.len() == 1 {
            right.push(1);
        }
        let ([outer_left @ .., m, k], [outer_right @ .., k_of_b, n]) = (&left[..], &right[..]) else {
            return Err(misfit());
        };
        if k != k_of_b {
            return Err(misfit());
        }
        let mut shape = broadcast_shape(outer_left, outer_right).map_err(|_| misfit())?;
        for side in [outer_left, outer_right] {
            // The library may copy a stretched side.
            let _stretched = broadcast_shape(side, &shape)?;
            let matrix = if std::ptr::eq(side, outer_left) { [*m, *k] } else { [*k, *n] };
            inputs.allow(&[&shape[..], &matrix].concat(), 1)?;
        }
        shape.extend([*m, *n]);
        inputs.allow(&shape, *k)?;
        Ok(a.f_matmul(b)?)
    }

    fn form(&self) -> Form {
        Form::MatMul
    }
}
