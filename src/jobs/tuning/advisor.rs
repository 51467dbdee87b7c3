//! Which spec suits a gallery, and why.
//!
//! Predictions come from the bytes and operations a search needs and from rates that were measured with `likeness bench
//! search` on one core of a server processor with AVX2; they tell the order of magnitude, a sweep tells the figure.

use super::presets::Preset;
use crate::tell;
use crate::types::{Advice, Codes, IndexSpec, Pretransform, Refine, SearchParams, Structure, Telling};

/// Bytes of vectors that one core compares a second.
const SCAN_BYTES_PER_SEC: f64 = 15e9;
/// Codes of 32 bytes that fast-scan compares a second and core: in one run, in lists, and in lists whose residuals need a
/// table each.
const FAST_SCAN_CODES_PER_SEC: [f64; 3] = [470e6, 170e6, 60e6];
/// Bytes of hashes that one core compares a second.
const HASH_BYTES_PER_SEC: f64 = 12e9;
/// Time to look at a node of a graph, most of it waiting for memory.
const NODE_SECS: f64 = 0.3e-6;
/// Multiplications and additions a second and core when matrices are multiplied.
const FLOPS: f64 = 60e9;
/// Up to here nothing is gained by missing faces.
const FEW: usize = 100_000;

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    pub ntotal: usize,
    pub d: usize,
    /// Share of the faces that have a subject, 0…1.
    pub labelled: f64,
    pub max_ram_bytes: u64,
    pub max_p50_millis: f32,
}

/// Recommends a spec: exact where that is quick enough, else the one that misses least within memory.
pub(super) fn advise(wish: &Wish) -> Advice {
    let flat = predict(&IndexSpec::FLAT, &SearchParams::default(), wish);
    let mut reasons = Vec::new();
    let is_small = wish.ntotal < FEW;
    if flat.predicted_ram_bytes <= wish.max_ram_bytes && (is_small || flat.predicted_p50_millis <= wish.max_p50_millis)
    {
        reasons.push(match is_small {
            true => tell!("advice-exact-few", faces = tell!("faces", n = wish.ntotal), time = millis(&flat)),
            false => tell!("advice-exact-quick", time = millis(&flat)),
        });
        reasons.push(tell!("advice-misses-nothing"));
        return Advice { reasons, ..flat };
    }
    reasons.push(tell!("advice-exact-would", time = millis(&flat), memory = size(flat.predicted_ram_bytes)));
    let names: &[&str] = match wish.labelled > 0.5 {
        true => &["labelled", "lean", "graph", "leanest"],
        false => &["lean", "graph", "leanest"],
    };
    let mut nearest: Option<Advice> = None;
    for preset in names.iter().filter_map(|name| Preset::find(name)) {
        let Some((spec, params)) = preset.recipe(wish.d, wish.ntotal) else { continue };
        let advice = predict(&spec, &params, wish);
        let fits = advice.predicted_ram_bytes <= wish.max_ram_bytes;
        let quick = advice.predicted_p50_millis <= wish.max_p50_millis;
        if fits && quick {
            let what = Telling::phrase(preset.useful_for);
            reasons.push(tell!("advice-suits", spec = spec.to_string(), what = what));
            reasons.push(missing_words(&spec));
            return Advice { reasons, ..advice };
        }
        reasons.push(if fits {
            tell!("advice-would-take", spec = spec.to_string(), time = millis(&advice))
        } else {
            tell!("advice-would-need", spec = spec.to_string(), memory = size(advice.predicted_ram_bytes))
        });
        let distance = |advice: &Advice| {
            let too_large = advice.predicted_ram_bytes as f64 / wish.max_ram_bytes.max(1) as f64;
            let too_slow = f64::from(advice.predicted_p50_millis / wish.max_p50_millis.max(f32::MIN_POSITIVE));
            // Too little memory is worse than waiting.
            (too_large > 1.0, if too_large > 1.0 { too_large } else { too_slow })
        };
        if nearest.as_ref().is_none_or(|nearest| distance(&advice) < distance(nearest)) {
            nearest = Some(advice);
        }
    }
    reasons.push(tell!("advice-nearest"));
    Advice { reasons, ..nearest.unwrap_or(flat) }
}

fn missing_words(spec: &IndexSpec) -> Telling {
    match (spec.templates, spec.structure) {
        (true, _) => tell!("advice-misses-strangers"),
        (_, Structure::Flat) => tell!("advice-misses-by-codes"),
        _ => tell!("advice-misses-some"),
    }
}

/// Memory, disk, building time and latency of a spec, from its bytes and operations.
fn predict(spec: &IndexSpec, params: &SearchParams, wish: &Wish) -> Advice {
    let (n, d) = (wish.ntotal as f64, wish.d as f64);
    let inner = spec.d_inner(wish.d) as f64;
    let code = code_bytes(spec.codes, inner);
    let lists = spec.nlist().map_or(0.0, f64::from);
    let vectors = match spec.refine {
        // Codes that only estimate scores have vectors in half precision beside them.
        Refine::None if spec.estimates_scores() => 2.0 * d,
        Refine::None => 0.0,
        Refine::F16 => 2.0 * d,
        Refine::F32 => 4.0 * d,
    };
    let links = match spec.structure {
        Structure::Hnsw { m, .. } => f64::from(m) * 8.0 * 1.05 + 8.0,
        Structure::Ivf { .. } | Structure::Flat => 8.0,
    };
    let hashes = spec.lsh_nbits.map_or(0.0, |bits| f64::from(bits) / 8.0);
    let exact = spec.structure == Structure::Flat && spec.codes == Codes::F32;
    let mapped = exact && (spec.refine != Refine::None || spec.lsh_nbits.is_some() || spec.templates);
    let ram = if mapped { n * hashes } else { n * (code + links + hashes) + lists * inner * 4.0 };
    let disk = n * (code + links + hashes + vectors + 12.0) + lists * inner * 4.0;

    let visited = match spec.structure {
        Structure::Ivf { nlist } => n * f64::from(params.nprobe) / f64::from(nlist.max(1)),
        Structure::Flat => n,
        Structure::Hnsw { m, .. } => f64::from(params.ef_search.max(10)) * f64::from(m),
    };
    let scan = match spec.codes {
        Codes::PqFastScan { by_residual, .. } => {
            let way = if spec.nlist().is_none() { 0 } else { 1 + usize::from(by_residual) };
            visited * code / 32.0 / FAST_SCAN_CODES_PER_SEC[way]
        }
        Codes::Pq { .. } => visited * code / 1.2e9,
        Codes::F32 | Codes::F16 | Codes::Sq8 | Codes::RaBitQ => visited * code.max(32.0) / SCAN_BYTES_PER_SEC,
    };
    let scan = if matches!(spec.structure, Structure::Hnsw { .. }) { visited * NODE_SECS } else { scan };
    let coarse = lists * inner * 4.0 / SCAN_BYTES_PER_SEC;
    let search_secs = if spec.templates && wish.labelled > 0.5 {
        0.0004
    } else if let Some(bits) = spec.lsh_nbits {
        n * f64::from(bits) / 8.0 / HASH_BYTES_PER_SEC
    } else {
        scan + coarse
    };
    let refine_secs = if spec.refine == Refine::None { 0.0 } else { f64::from(params.refine_factor) * 10.0 * 0.4e-6 };

    let train = (lists * 64.0).max(if spec.is_trained() { 65_536.0 } else { 0.0 }).min(n);
    let kmeans = 2.0 * 10.0 * train * lists * inner / FLOPS;
    let assign = 2.0 * n * lists * inner / FLOPS;
    let transform = if spec.pretransform == Pretransform::None { 0.0 } else { 2.0 * n * d * inner / FLOPS };
    let graph = match spec.structure {
        Structure::Hnsw { m, ef_construction } => n * f64::from(m * ef_construction) * inner * 0.85e-9,
        Structure::Ivf { .. } | Structure::Flat => 0.0,
    };
    Advice {
        spec: spec.clone(),
        params: *params,
        reasons: Vec::new(),
        predicted_ram_bytes: ram as u64,
        predicted_disk_bytes: disk as u64,
        predicted_build_secs: (kmeans + 2.0 * assign + transform + graph + n * d * 8.0 / 1e9) as f32,
        predicted_p50_millis: ((search_secs + refine_secs) * 1e3) as f32,
        trial: None,
    }
}

fn code_bytes(codes: Codes, d: f64) -> f64 {
    match codes {
        Codes::F32 => 4.0 * d,
        Codes::F16 => 2.0 * d,
        Codes::Sq8 => d,
        Codes::Pq { pq_m } => f64::from(pq_m),
        Codes::PqFastScan { pq_m, .. } => f64::from(pq_m) / 2.0,
        Codes::RaBitQ => d / 8.0 + 8.0,
    }
}

fn millis(advice: &Advice) -> Telling {
    match advice.predicted_p50_millis {
        millis if millis < 0.1 => tell!("advice-below-tenth"),
        millis if millis < 10.0 => tell!("advice-millis", n = format!("{millis:.1}")),
        millis => tell!("advice-millis", n = format!("{millis:.0}")),
    }
}

fn size(bytes: u64) -> Telling {
    match bytes as f64 / 1e9 {
        gigabytes if gigabytes >= 1.0 => tell!("advice-gigabytes", n = format!("{gigabytes:.1}")),
        gigabytes => tell!("advice-megabytes", n = format!("{:.0}", gigabytes * 1e3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    fn wish(ntotal: usize, labelled: f64, max_ram_bytes: u64, max_p50_millis: f32) -> Wish {
        Wish { ntotal, d: 512, labelled, max_ram_bytes, max_p50_millis }
    }

    #[test]
    fn small_galleries_stay_exact_and_large_ones_do_not() {
        assert_eq!(advise(&wish(50_000, 0.0, 8 * GB, 1.0)).spec, IndexSpec::FLAT);
        assert_eq!(advise(&wish(1_000_000, 0.0, 8 * GB, 500.0)).spec, IndexSpec::FLAT, "quick enough for the asker");
        assert!(advise(&wish(1_000_000, 1.0, 8 * GB, 5.0)).spec.templates);
        assert!(matches!(advise(&wish(1_000_000, 0.0, 8 * GB, 5.0)).spec.codes, Codes::PqFastScan { .. }));
        let graph = advise(&wish(1_000_000, 0.0, 8 * GB, 1.2));
        assert!(matches!(graph.spec.structure, Structure::Hnsw { .. }), "{}", graph.spec);
        let lean = advise(&wish(10_000_000, 0.0, GB, 50.0));
        assert!(matches!(lean.spec.codes, Codes::PqFastScan { .. }), "{}", lean.spec);
        assert!(lean.predicted_ram_bytes <= GB);
    }

    #[test]
    fn advice_says_why_and_what_is_missed() {
        for ntotal in [1000, 300_000, 5_000_000] {
            for max_ram in [100_000_000, 4 * GB] {
                let advice = advise(&wish(ntotal, 0.3, max_ram, 2.0));
                assert!(!advice.reasons.is_empty());
                assert_eq!(advice.spec.validate(512), Ok(()));
                assert!(advice.predicted_disk_bytes > 0 && advice.predicted_p50_millis > 0.0);
            }
        }
        let impossible = advise(&wish(5_000_000, 0.0, 1_000_000, 0.01));
        assert!(impossible.reasons.iter().any(|reason| reason.code == "advice-nearest"), "{:?}", impossible.reasons);
    }
}
