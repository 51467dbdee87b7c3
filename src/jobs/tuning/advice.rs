//! The advisor's word, tried on the gallery's own faces before it is given.

use super::advisor::{Wish, advise};
use super::building::built;
use super::measure::{Setting, measure};
use super::prepare::Prepared;
use crate::index::BuildWatch;
use crate::jobs::engine::Engine;
use crate::jobs::live::{Watch, raw_vectors};
use crate::jobs::scratch::TempFolder;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::tell;
use crate::types::{Advice, Circumstances, IndexSpec, OperatingPoint, Structure, Telling};

/// Faces of the gallery that a recommended spec is tried on, at most. All of a million would take minutes.
const SAMPLE: usize = 50_000;
/// Probes of a trial: faces of the sample, each moved by a random vector of this length.
const NQ: usize = 500;
const NOISE: f32 = 0.3;
const K: usize = 10;
/// A spec that brings the nearest face first in fewer searches is recommended with a warning.
const LEAST_ONE_RECALL: f64 = 0.98;

/// Recommends a spec for the gallery and, where it is not exact, builds it from a sample of the gallery's faces beside
/// the live index and says what it missed there.
///
/// # Errors
/// A gallery that cannot be read; a full disk; [`JobError::Cancelled`].
pub fn advice(
    engine: &Engine,
    max_ram_bytes: u64,
    max_p50_millis: f32,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<Advice, JobError> {
    let (ntotal, d) = (engine.ntotal(), engine.manifest().d);
    let mut labels = engine.gallery().labels()?;
    let labelled = (labels.len() as f64 / ntotal.max(1) as f64).min(1.0);
    let mut advice = advise(&Wish { ntotal, d, labelled, max_ram_bytes, max_p50_millis });
    if advice.spec.is_exact() || ntotal == 0 {
        return Ok(advice);
    }
    let watch = Watch::new(control, tell);
    let place = TempFolder::create(&engine.work_dir()?)?;
    let share = SAMPLE as f64 / ntotal as f64;
    let raw = raw_vectors(engine.gallery(), &engine.index(), &place.path().with_extension("raw"), share, &watch)?;
    let sampled = raw.rows_by_face();
    labels.retain(|(face, _)| sampled.contains_key(face));
    let prepared = Prepared::of_sample(&raw, NQ, NOISE, K, &watch)?;
    let spec = sized(&advice.spec, sampled.len());
    let mut params = advice.params;
    if let (Some(whole), Some(part)) = (advice.spec.nlist(), spec.nlist()) {
        params.nprobe = (u64::from(params.nprobe) * u64::from(part) / u64::from(whole)).max(1) as u32;
    }
    let (index, build_secs) = built(&raw, &labels, &spec, place.path(), &Circumstances::default(), &watch)?;
    watch.progress("Measuring", 0, 0);
    let point = measure(
        &index,
        &prepared,
        Setting { params, k: K, batch: 1, threads: 1, threshold: None },
        build_secs,
        &watch,
    )?;
    advice.reasons.push(words(&point, ntotal));
    advice.trial = Some(Box::new(point));
    Ok(advice)
}

/// The spec with no more lists than so few faces can train.
fn sized(spec: &IndexSpec, ntotal: usize) -> IndexSpec {
    let mut spec = spec.clone();
    if let Structure::Ivf { nlist } = &mut spec.structure {
        *nlist = (*nlist).min((ntotal / 39).max(1) as u32);
    }
    spec
}

fn words(point: &OperatingPoint, ntotal: usize) -> Telling {
    let (one, ten) = (point.one_recall_at_1, point.recall_at_k.mean);
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let faces = tell!("faces", n = ntotal);
    let sample = match point.ntotal < ntotal {
        true => tell!("advice-on-some", n = point.ntotal, faces = faces),
        false => tell!("advice-on-all", faces = faces),
    };
    let found = tell!(
        "advice-tried",
        sample = sample,
        probes = tell!("tune-probes", n = point.nq),
        first = percent(one.mean),
        low = percent(one.low),
        high = percent(one.high),
        found = percent(ten),
        k = point.k,
    );
    match one.mean >= LEAST_ONE_RECALL {
        true => found,
        false => tell!("advice-tried-misses", found = found, missed = percent(1.0 - one.mean)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_shrink_with_the_sample() {
        let spec = |text: &str| text.parse::<IndexSpec>().unwrap();
        assert_eq!(sized(&spec("IVF4096,Flat"), 50_000), spec("IVF1282,Flat"));
        assert_eq!(sized(&spec("IVF16,Flat"), 50_000), spec("IVF16,Flat"));
        assert_eq!(sized(&spec("PCA64,PQ32x4fs,Refine(f16)"), 10), spec("PCA64,PQ32x4fs,Refine(f16)"));
    }
}
