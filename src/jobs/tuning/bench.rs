//! Measuring presets and specs on made-up vectors, at sizes that no gallery here has.

use crate::types::Tell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::measure::{Setting, measure};
use super::prepare::{Prepared, Probe};
use super::sweep::{built, machine, params_of_grid};
use crate::files::{Part, write_whole};
use crate::index::{BuildWatch, RawVectors, TieredIndex, threads};
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::types::{Embedding, FaceId, IndexSpec, OperatingPoint, SubjectId, SweepRequest};
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
    let dir = request.work_dir.join(format!("{}x{}r{}s{}", spec.n, spec.d, spec.rank, spec.seed));
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
    let prepared = Prepared::new(raw, probes, request.sweep.k, &watch)?;
    let labelled = ((1.0 - request.unlabelled) * persons.len() as f64) as usize;
    let labels: Vec<(FaceId, SubjectId)> = persons
        .iter()
        .enumerate()
        .take(labelled)
        .map(|(row, person)| (FaceId(row as i64), SubjectId(*person as i64)))
        .collect();
    for spec in &request.sweep.specs {
        watch.checkpoint()?;
        let place = dir.join(place_name(spec, request.unlabelled));
        let index = opened(&prepared, &labels, spec, &place, &watch)?;
        index.0.wait_until_in();
        for params in params_of_grid(spec, &request.sweep) {
            let setting =
                Setting { params, k: request.sweep.k, batch: request.sweep.batch, threads: request.sweep.threads };
            let measured = measure(&index.0, &prepared, setting, index.1, &watch)?;
            let bare = bare_millis(&index.0, &prepared, setting);
            point(&measured, bare);
            for (batch, threads) in request.also_batch.iter().flat_map(|&batch| [(batch, 1), (batch, threads())]) {
                let setting = Setting { batch, threads, ..setting };
                point(&measure(&index.0, &prepared, setting, index.1, &watch)?, None);
            }
        }
    }
    Ok(BenchSummary {
        n: prepared.raw.len(),
        d: prepared.raw.d(),
        rank: spec.rank,
        seed: spec.seed,
        mated: request.mated,
        nonmated: request.nonmated,
        data_digest: digest,
        machine: machine(),
    })
}

/// Folder of a spec's files within the vectors' folder.
fn place_name(spec: &IndexSpec, unlabelled: f64) -> String {
    let labels = if spec.templates { format!("-u{unlabelled:.2}") } else { String::new() };
    format!("{spec}{labels}").replace(['(', ')', ','], "_")
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
    prepared: &Prepared,
    labels: &[(FaceId, SubjectId)],
    spec: &IndexSpec,
    place: &Path,
    watch: &Watch<'_>,
) -> Result<(TieredIndex, f32), JobError> {
    let io = |reason| JobError::Io { reason, path: place.to_path_buf() };
    let done = place.join("built.json");
    if let Ok(text) = std::fs::read(&done)
        && let Ok(built) = serde_json::from_slice::<crate::index::Built>(&text)
        && built.record.data_digest == prepared.raw.digest()
    {
        read_through(place).map_err(io)?;
        return Ok((built.open_tiered(labels)?, built.record.build_secs));
    }
    std::fs::remove_dir_all(place)
        .or_else(|e| if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
        .map_err(io)?;
    std::fs::create_dir_all(place).map_err(io)?;
    if spec.is_exact() {
        return built(prepared, labels, spec, place, watch);
    }
    let made = crate::index::build_with_templates(&prepared.raw, labels, spec, place, threads(), watch)?;
    let text = serde_json::to_vec_pretty(&made).map_err(|error| JobError::Failed(error.to_string().into()))?;
    std::fs::write(&done, text).map_err(io)?;
    Ok((made.open_tiered(labels)?, made.record.build_secs))
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
            Ok(Probe { embedding, exclude: Vec::new(), mated: Some(mated) })
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
