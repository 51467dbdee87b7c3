//! What is made of a photo, for whoever enrolls, embeds anew, evaluates or looks; and the digest that tells by which
//! parameters.

mod analyze;
mod digest;

pub use analyze::{Analysis, AnalyzedFace, main_face};
pub(super) use analyze::{analyze, chip_template, decode_params, millis_since, params_for_scale};
pub(super) use digest::{PIPELINE_VERSION, PIPELINE_VERSIONS, params_digest_of};
