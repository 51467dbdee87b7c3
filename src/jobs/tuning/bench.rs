//! Measuring presets and specs on made-up vectors, at sizes that no gallery here has.

use crate::types::Tell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::building::built;
use super::circumstances;
use super::measure::{Setting, measure};
use super::prepare::Prepared;
use super::probes::Probe;
use super::runs::machine;
use super::sweep::params_of_grid;
use crate::files::{Part, write_whole};
use crate::index::{BuildWatch, RawVectors, TieredIndex, threads as cores};
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::types::{Circumstances, Embedding, FaceId, IndexSpec, OperatingPoint, SubjectId, SweepRequest};
use crate::vectors::synth::{Synth, SynthSpec};

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct BenchRequest {
    pub synth: SynthSpec,
    /// Specs, parameters, k, batch and threads; its probe set is not used.
    pub sweep: SweepRequest,
    pub mated: usize,
    pub nonmated: usize,
    /// Faces from the end that have no subject, as a share: 0 where all are labelled.
    pub unlabelled: f64,
    /// Every point is measured again with so many probes handed over together, on one thread and on all.
    pub also_batch: Option<usize>,
    /// Vectors and built indexes are kept here and used again.
    pub work_dir: PathBuf,
}

/// What a bench was measured on.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct BenchSummary {
    pub n: usize,
    pub d: usize,
    pub rank: usize,
    pub seed: u64,
    pub mated: usize,
    pub nonmated: usize,
    pub data_digest: String,
    pub machine: String,
}

/// Makes the vectors (once for each size and seed), builds every spec (once) and measures the grid on it. `point` gets
/// every point with the time of the bare call into Faiss beside it, where there is one.
///
/// # Errors
/// A full disk; specs that do not suit the vectors; [`JobError::Cancelled`].
pub fn bench_search(
    request: &BenchRequest,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    point: &mut dyn FnMut(&OperatingPoint, Option<f32>),
) -> Result<BenchSummary, JobError> {
    let watch = Watch::new(control, tell);
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |reason| JobError::Io { reason, path }
    };
    let spec = &request.synth;
    circumstances::check(&request.sweep.circumstances)?;
    let dir = request.work_dir.join(data_name(spec));
    std::fs::create_dir_all(&dir).map_err(io(&dir))?;
    let (raw, persons) = vectors(spec, &dir, &watch)?;
    let synth = Synth::new(spec.clone())?;
    let probes = probes(&synth, request.mated, request.nonmated, spec.d)?;
    // For others that are measured on the same vectors.
    let probes_path = dir.join("probes.f32");
    let values = probes.iter().flat_map(|probe| probe.embedding.as_slice());
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(&probes_path, bytes).map_err(io(&probes_path))?;
    let digest = raw.digest().to_owned();
    let under = request.sweep.circumstances;
    let prepared = Prepared::of_raw(&raw, probes, request.sweep.k, under, &watch)?;
    let labelled = ((1.0 - request.unlabelled) * persons.len() as f64) as usize;
    let labels: Vec<(FaceId, SubjectId)> = persons
        .iter()
        .enumerate()
        .take(labelled)
        .map(|(row, person)| (FaceId(row as i64), SubjectId(*person as i64)))
        .collect();
    for spec in &request.sweep.specs {
        watch.checkpoint()?;
        let place = dir.join(place_name(spec, request.unlabelled, &under));
        let (index, build_secs) = opened(&raw, &labels, spec, &place, &under, &watch)?;
        index.wait_until_in();
        for params in params_of_grid(spec, &request.sweep) {
            let SweepRequest { k, batch, threads, .. } = request.sweep;
            let setting = Setting { params, k, batch, threads, threshold: None };
            let measured = measure(&index, &prepared, setting, build_secs, &watch)?;
            let is_plain = under == Circumstances::default();
            let bare = if is_plain { bare_millis(&index, &prepared, setting) } else { None };
            point(&measured, bare);
            for (batch, threads) in request.also_batch.iter().flat_map(|&batch| [(batch, 1), (batch, cores())]) {
                let setting = Setting { batch, threads, ..setting };
                point(&measure(&index, &prepared, setting, build_secs, &watch)?, None);
            }
        }
    }
    Ok(BenchSummary {
        n: raw.len(),
        d: raw.d(),
        rank: spec.rank,
        seed: spec.seed,
        mated: request.mated,
        nonmated: request.nonmated,
        data_digest: digest,
        machine: machine(),
    })
}

/// Folder of the vectors: legible, and another for everything that vectors are made by.
fn data_name(spec: &SynthSpec) -> String {
    format!("{}x{}r{}s{}-{}", spec.n, spec.d, spec.rank, spec.seed, digest(&format!("{spec:?}")))
}

/// Folder of a spec's files within the vectors' folder: legible, and another for everything that is built otherwise.
fn place_name(spec: &IndexSpec, unlabelled: f64, circumstances: &Circumstances) -> String {
    let labels = if spec.templates { unlabelled } else { 0.0 };
    let whole = format!("{spec} {labels:?} {:?}", circumstances.tail);
    format!("{}-{}", spec.to_string().replace(['(', ')', ','], "_"), digest(&whole))
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().chars().take(12).collect()
}

/// The median time of the call into Faiss alone for one probe, milliseconds.
fn bare_millis(index: &TieredIndex, prepared: &Prepared, setting: Setting) -> Option<f32> {
    let mut millis = Vec::new();
    let begun = Instant::now();
    for probe in &prepared.probes {
        let at = Instant::now();
        index.bare_search(&probe.embedding, setting.k, &setting.params)?.ok()?;
        millis.push(at.elapsed().as_secs_f32() * 1e3);
        if begun.elapsed().as_secs() > 10 {
            break;
        }
    }
    Some(crate::eval::latency::latency_from_millis(&millis).p50_millis)
}

/// The index in `place`, built there where it is not yet.
fn opened(
    raw: &RawVectors,
    labels: &[(FaceId, SubjectId)],
    spec: &IndexSpec,
    place: &Path,
    under: &Circumstances,
    watch: &Watch<'_>,
) -> Result<(Arc<TieredIndex>, f32), JobError> {
    let io = |reason| JobError::Io { reason, path: place.to_path_buf() };
    if spec.is_exact() {
        std::fs::create_dir_all(place).map_err(io)?;
        return built(raw, labels, spec, place, under, watch);
    }
    let early = circumstances::without_late(raw, under, &place.with_extension("raw"))?;
    let whole = early.as_ref().unwrap_or(raw);
    let aged = |index: TieredIndex, secs: f32| -> Result<(Arc<TieredIndex>, f32), JobError> {
        circumstances::age(&index, raw, under)?;
        Ok((Arc::new(index), secs))
    };
    let done = place.join("built.json");
    if let Ok(text) = std::fs::read(&done)
        && let Ok(built) = serde_json::from_slice::<crate::index::Built>(&text)
        && built.record.data_digest == whole.digest()
    {
        read_through(place).map_err(io)?;
        return aged(built.open_tiered(labels)?, built.record.build_secs);
    }
    std::fs::remove_dir_all(place)
        .or_else(|e| if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
        .map_err(io)?;
    std::fs::create_dir_all(place).map_err(io)?;
    let made = crate::index::build_with_templates(whole, labels, spec, place, cores(), watch)?;
    let text = serde_json::to_vec_pretty(&made).map_err(|error| JobError::Failed(error.to_string().into()))?;
    std::fs::write(&done, text).map_err(io)?;
    aged(made.open_tiered(labels)?, made.record.build_secs)
}

/// Reads all files below `dir` once. What was built in an earlier run may be on the disk alone, and figures of searches
/// would be those of the disk.
fn read_through(dir: &Path) -> std::io::Result<()> {
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry?;
        if entry.file_type().is_file() {
            std::io::copy(&mut std::fs::File::open(entry.path())?, &mut std::io::sink())?;
        }
    }
    Ok(())
}

/// The vectors and the person of each, from files in `dir` where they are there already.
fn vectors(spec: &SynthSpec, dir: &Path, watch: &Watch<'_>) -> Result<(RawVectors, Vec<u64>), JobError> {
    let (path, persons_path) = (dir.join("vectors.f32"), dir.join("persons.u64"));
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |reason| JobError::Io { reason, path }
    };
    let n = spec.n as usize;
    if !persons_path.exists() {
        let mut synth = Synth::new(spec.clone())?;
        let mut file = Part::create(&path).map_err(io(&path))?;
        let (mut chunk, mut persons, mut all) = (Vec::new(), Vec::new(), Vec::with_capacity(n));
        loop {
            watch.checkpoint()?;
            watch.progress("Making vectors", all.len(), n);
            chunk.clear();
            persons.clear();
            if synth.next_chunk(8192, &mut chunk, &mut persons) == 0 {
                break;
            }
            let bytes: Vec<u8> = chunk.iter().flat_map(|value: &f32| value.to_le_bytes()).collect();
            file.write_all(&bytes).map_err(io(&path))?;
            all.extend_from_slice(&persons);
        }
        file.finish().map_err(io(&path))?;
        let bytes: Vec<u8> = all.iter().flat_map(|person| person.to_le_bytes()).collect();
        write_whole(&persons_path, &bytes).map_err(io(&persons_path))?;
    }
    let bytes = std::fs::read(&persons_path).map_err(io(&persons_path))?;
    let persons = bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    Ok((RawVectors::map(&path, 0, n, spec.d)?, persons))
}

fn probes(synth: &Synth, mated: usize, nonmated: usize, d: usize) -> Result<Vec<Probe>, JobError> {
    let of_kind = |vectors: &[f32], mated: bool| -> Result<Vec<Probe>, JobError> {
        let probe = |row: &[f32]| {
            let embedding = Embedding::try_from_raw(row.to_vec()).map_err(|e| JobError::Failed(e.telling()))?;
            Ok(Probe::of(embedding, Some(mated)))
        };
        vectors.chunks_exact(d).map(probe).collect()
    };
    // In turn, so that a measurement that is cut short has some of either.
    let mut others = of_kind(&synth.nonmated_probes(nonmated).vectors, false)?.into_iter();
    let mut probes = Vec::with_capacity(mated + nonmated);
    for probe in of_kind(&synth.mated_probes(mated).vectors, true)? {
        probes.push(probe);
        probes.extend(others.next());
    }
    probes.extend(others);
    Ok(probes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_differ_wherever_what_is_in_them_does() {
        let plain = Circumstances::default();
        let spec = |text: &str| text.parse::<IndexSpec>().unwrap();
        let tail = Circumstances { tail: 0.1, ..plain };
        let names = [
            place_name(&spec("Templates,IVF16,SQ8,Refine(f16)"), 0.501, &plain),
            place_name(&spec("Templates,IVF16,SQ8,Refine(f16)"), 0.504, &plain),
            place_name(&spec("IVF16,SQ8,Refine(f16)"), 0.5, &plain),
            place_name(&spec("IVF16,SQ8,Refine(f16)"), 0.5, &tail),
        ];
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), 4, "{names:?}");
        assert_eq!(
            names[2],
            place_name(&spec("IVF16,SQ8,Refine(f16)"), 0.9, &plain),
            "labels matter to templates alone"
        );
        // Alike in size, rank and seed, and yet other vectors.
        let one = SynthSpec::edgeface_like(100, 192, 1);
        let other = SynthSpec { rank: one.rank, ..SynthSpec::mbf_like(100, 192, 1) };
        assert_ne!(data_name(&one), data_name(&other));
        assert_eq!(data_name(&one), data_name(&one.clone()));
    }
}
