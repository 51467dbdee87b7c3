use super::telling::{Tell, Telling};
use crate::tell;
use thiserror::Error;

/// A face's vector: `d` finite floats with Euclidean norm 1, by construction.
///
/// The inner product of two embeddings of one model is their cosine similarity, −1…1, higher is more alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Box<[f32]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmbeddingError {
    #[error("the vector is empty")]
    Empty,
    #[error("the vector holds NaN or infinite values")]
    NotFinite,
    #[error("the vector's length is zero, so it has no direction")]
    ZeroNorm,
}

impl Embedding {
    /// Normalises `values`; refuses what has no direction.
    pub fn try_from_raw(mut values: Vec<f32>) -> Result<Self, EmbeddingError> {
        if values.is_empty() {
            return Err(EmbeddingError::Empty);
        }
        if values.iter().any(|v| !v.is_finite()) {
            return Err(EmbeddingError::NotFinite);
        }
        let norm = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
        if norm < 1e-12 {
            return Err(EmbeddingError::ZeroNorm);
        }
        for v in &mut values {
            *v = (f64::from(*v) / norm) as f32;
        }
        Ok(Self(values.into_boxed_slice()))
    }

    pub fn d(&self) -> usize {
        self.0.len()
    }

    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// Cosine similarity. Both must have the same `d`.
    pub fn score(&self, other: &Self) -> f32 {
        debug_assert_eq!(self.d(), other.d());
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

impl Tell for EmbeddingError {
    fn telling(&self) -> Telling {
        match self {
            Self::Empty => tell!("types-vector-empty"),
            Self::NotFinite => tell!("types-vector-not-finite"),
            Self::ZeroNorm => tell!("types-vector-zero"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn norm_is_one(values in proptest::collection::vec(-1e3f32..1e3, 1..600)) {
            prop_assume!(values.iter().any(|v| v.abs() > 1e-3));
            let e = Embedding::try_from_raw(values).unwrap();
            prop_assert!((e.score(&e) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn refuses_what_has_no_direction() {
        assert_eq!(Embedding::try_from_raw(vec![]), Err(EmbeddingError::Empty));
        assert_eq!(Embedding::try_from_raw(vec![0.0; 4]), Err(EmbeddingError::ZeroNorm));
        assert_eq!(Embedding::try_from_raw(vec![1.0, f32::NAN]), Err(EmbeddingError::NotFinite));
    }
}
