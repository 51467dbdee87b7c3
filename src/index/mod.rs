//! Finding the nearest embeddings.
//!
//! An index is disposable: everything in it can be read again from the gallery. [`FlatIndex`] compares with every
//! embedding and so misses none; [`ReferenceIndex`] does the same in plain Rust and is what the others are tested
//! against. [`TrainedIndex`] is built once to a spec and never changed; [`TieredIndex`] puts a flat tail of later faces
//! and a list of those that are gone beside it. [`IndexStore`] keeps published, checksummed generations on disk.
//!
//! Useful for: nearest faces by cosine similarity. Not useful for: anything about photos, subjects or names.

mod assemble;
mod build;
mod check;
mod cleanup;
mod error;
mod exact_store;
mod face_index;
mod faiss;
mod files;
mod flat;
mod generation;
mod hit;
mod id_map;
mod kernel;
mod layered;
mod lsh;
mod manifest;
mod moment;
mod names;
mod range;
mod raw;
mod record;
mod reference;
mod rows;
mod templates;
mod tiered;
mod trained;
mod truth;
mod watch;

pub use self::faiss::{describe, threads, with_threads};
pub use assemble::{assemble, build_with_templates, extend};
pub use check::{CurrentContent, HEAD, IndexCheck, IndexProblem};
pub use error::IndexError;
pub use face_index::{FaceIndex, SearchOptions};
pub use flat::FlatIndex;
pub use generation::{Generation, IndexStore, LoadedIndex, Owed};
pub use hit::Hit;
pub use kernel::dot as inner_product;
pub use manifest::Manifest;
pub(crate) use moment::moment;
#[cfg(test)]
pub(crate) use moment::with_hook;
pub use range::search_range;
pub use raw::RawVectors;
pub use record::{BuildRecord, Built};
pub use reference::ReferenceIndex;
pub use rows::FaceFilter;
pub use templates::{Labels, Templates};
pub use tiered::TieredIndex;
pub use trained::TrainedIndex;
pub use truth::{ExactScan, Scanned};
pub use watch::{BuildWatch, Unwatched};
