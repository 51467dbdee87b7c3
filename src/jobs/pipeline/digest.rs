use crate::types::DetectorParams;
use crate::vision::manifest::ModelManifest;

/// Counts up when the pipeline changes what it makes of a photo, so that photos are enrolled anew when their folder is
/// enrolled again; until then what was made of them stays as it is. 2: crops from the photo's own pixels, landmarks of small
/// faces by them, and quality by what crops are made of; photos read as what they are, whatever holds them.
pub(in crate::jobs) const PIPELINE_VERSION: u32 = 2;
/// Versions whose galleries are met.
pub(in crate::jobs) const PIPELINE_VERSIONS: std::ops::RangeInclusive<u32> = 1..=PIPELINE_VERSION;

/// Tells photos that were taken through this version of the pipeline, with these parameters and this model, from others.
pub(in crate::jobs) fn params_digest_of(version: u32, detector: &DetectorParams, manifest: &ModelManifest) -> String {
    let params = serde_json::json!([version, detector, manifest.name, manifest.sha256]);
    blake3::hash(params.to_string().as_bytes()).to_hex()[..16].to_owned()
}
