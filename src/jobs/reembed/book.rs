use std::collections::HashMap;

use crate::jobs::engine::Engine;
use crate::jobs::enroll::{EnrollRequest, KIND};
use crate::jobs::pipeline::{PIPELINE_VERSIONS, params_digest_of};
use crate::jobs::work::JobError;
use crate::types::DetectorParams;
use crate::vision::manifest::ModelManifest;

/// By which detector parameters photos were enrolled. The gallery keeps a digest of them with each photo; the
/// parameters themselves stand in the settings and in what past enrollments were asked for.
pub(super) struct DetectorBook {
    /// Those of the photos whose parameters are known, with the version of the pipeline.
    by_digest: HashMap<String, (u32, DetectorParams)>,
    usual: DetectorParams,
}

impl DetectorBook {
    pub(super) fn read(engine: &Engine) -> Result<Self, JobError> {
        let settings = engine.settings();
        let usual = settings.detector;
        let mut detectors = vec![usual, DetectorParams::default()];
        for request in engine.gallery().past_requests(KIND)? {
            match serde_json::from_str::<EnrollRequest>(&request) {
                Ok(request) if !detectors.contains(&request.detector) => detectors.push(request.detector),
                Ok(_) => {}
                Err(error) => log::debug!("a past enrollment cannot be read: {error}"),
            }
        }
        let manifests: Vec<ModelManifest> = engine.models().into_iter().map(|entry| entry.manifest).collect();
        let mut by_digest = HashMap::new();
        for (digest, model) in engine.gallery().params_digests()? {
            let Some(manifest) = manifests.iter().find(|manifest| manifest.name == model) else { continue };
            let all = PIPELINE_VERSIONS.flat_map(|version| detectors.iter().map(move |detector| (version, *detector)));
            let mut all = all.filter(|(version, detector)| params_digest_of(*version, detector, manifest) == digest);
            if let Some(found) = all.next() {
                by_digest.insert(digest, found);
            }
        }
        Ok(Self { by_digest, usual })
    }

    /// Parameters that photos of this digest were enrolled by; the settings' where they are not known.
    pub(super) fn detector(&self, digest: &str) -> &DetectorParams {
        self.by_digest.get(digest).map_or(&self.usual, |(_, detector)| detector)
    }

    /// Digests of photos and what they are with another model. Photos of an older version stay of that: their faces were
    /// found and judged by it, whatever crops are embedded now.
    pub(super) fn restated(&self, manifest: &ModelManifest) -> Vec<(String, String)> {
        let after = |(version, detector): &(u32, DetectorParams)| params_digest_of(*version, detector, manifest);
        let pairs = self.by_digest.iter().map(|(before, found)| (before.clone(), after(found)));
        pairs.filter(|(before, after)| before != after).collect()
    }
}
