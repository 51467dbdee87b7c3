//! Many vectors at once, outside the gallery: files as NumPy writes them (`.npy`) and as the collections of vector search
//! come (`.fvecs`), and vectors that are made up.

mod error;
mod npy;
mod read;
pub mod synth;
mod write;

pub use error::{VectorFileError, VectorsError};
pub use read::read_vectors;
pub use write::{VectorFormat, VectorWriter, write_ids};
