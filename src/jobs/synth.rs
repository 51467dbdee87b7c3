//! Made-up vectors written to files, for measuring at sizes beyond the gallery.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Instant;

use super::work::{JobControl, JobError, Pool, cores};
use crate::vectors::synth::{Synth, SynthSpec};
use crate::vectors::{VectorFormat, VectorWriter, write_ids};

/// People made at a time by one thread; 20 faces each on average.
const PERSONS_PER_BATCH: u64 = 64;

/// What `likeness synth` is asked for.
#[derive(Clone, Debug)]
pub struct SynthRequest {
    pub spec: SynthSpec,
    /// Probes of enrolled people.
    pub mated: usize,
    /// Probes of people who are not enrolled.
    pub nonmated: usize,
    /// The vectors' file, `.npy` or `.fvecs`; people and probes are written beside it under its name with other endings.
    pub out: PathBuf,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct SynthSummary {
    pub vectors: u64,
    pub d: usize,
    pub rank: usize,
    pub seed: u64,
    pub persons: u64,
    pub mated: usize,
    pub nonmated: usize,
    pub secs: f32,
    pub vectors_per_sec: f64,
    pub files: Vec<PathBuf>,
}

/// Makes the vectors with a thread a core and writes them in a stream; `progress` is told vectors done and total.
///
/// Beside `FILE.npy` stand `FILE.persons.npy` (the person of each vector), `FILE.mated.npy`,
/// `FILE.mated.persons.npy` and `FILE.nonmated.npy`, the last three where probes are asked for. They are the same
/// whatever the machine's number of cores.
///
/// # Errors
/// Parameters out of range; a file that cannot be written; cancellation. None of the files is left then.
pub fn write_synth(
    request: &SynthRequest,
    control: &JobControl,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<SynthSummary, JobError> {
    VectorFormat::from_path(&request.out)?;
    let synth = Synth::new(request.spec.clone())?;
    let begun = Instant::now();
    let mut files = Vec::new();
    let written = write_all(&synth, request, control, progress, &mut files);
    let persons = written.inspect_err(|_| {
        for file in &files {
            let _ = std::fs::remove_file(file);
        }
    })?;
    let secs = begun.elapsed().as_secs_f32();
    let spec = synth.spec();
    Ok(SynthSummary {
        vectors: spec.n,
        d: spec.d,
        rank: spec.rank,
        seed: spec.seed,
        persons,
        mated: request.mated,
        nonmated: request.nonmated,
        secs,
        vectors_per_sec: spec.n as f64 / f64::from(secs.max(1e-3)),
        files,
    })
}

/// Returns the number of people; `files` are those that stand under their names.
fn write_all(
    synth: &Synth,
    request: &SynthRequest,
    control: &JobControl,
    progress: &(dyn Fn(u64, u64) + Sync),
    files: &mut Vec<PathBuf>,
) -> Result<u64, JobError> {
    let out = &request.out;
    let d = synth.spec().d;
    let mut writer = VectorWriter::create(out, synth.spec().n, d)?;
    let persons = write_faces(synth, &mut writer, control, progress)?;
    control.checkpoint()?;
    writer.finish()?;
    files.push(out.clone());
    let ids = beside(out, "persons.npy");
    write_ids(&ids, &persons)?;
    files.push(ids);
    for (name, nq) in [("mated", request.mated), ("nonmated", request.nonmated)] {
        if nq == 0 {
            continue;
        }
        control.checkpoint()?;
        let probes = if name == "mated" { synth.mated_probes(nq) } else { synth.nonmated_probes(nq) };
        let path = beside(out, &format!("{name}.npy"));
        let mut writer = VectorWriter::create(&path, (probes.vectors.len() / d) as u64, d)?;
        writer.write(&probes.vectors)?;
        writer.finish()?;
        files.push(path);
        if !probes.persons.is_empty() {
            let path = beside(out, &format!("{name}.persons.npy"));
            write_ids(&path, &probes.persons)?;
            files.push(path);
        }
    }
    control.checkpoint()?;
    Ok(persons.last().map_or(0, |last| last + 1))
}

/// Returns the person of each vector.
fn write_faces(
    synth: &Synth,
    writer: &mut VectorWriter,
    control: &JobControl,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<u64>, JobError> {
    let n = synth.spec().n;
    let d = synth.spec().d;
    let place = AtomicU64::new(0);
    // There is no end to the batches: the file is full first.
    let next = || Some(place.fetch_add(1, Ordering::Relaxed));
    // One batch waiting for each thread: memory stays small where the disk is slower than the cores.
    let pool = Pool { name: "synth", threads: cores(), queue: cores(), control };
    pool.run(
        next,
        |_, number| Batch::new(synth, number),
        None,
        |batches| {
            let mut persons = Vec::new();
            let mut early = BTreeMap::new();
            let mut number = 0;
            while (persons.len() as u64) < n {
                control.checkpoint()?;
                let Some(batch) = take_in_order(&mut early, batches, number) else {
                    control.checkpoint()?;
                    return Err(JobError::Worker("the threads that make vectors ended early".to_owned()));
                };
                let rows = (n - persons.len() as u64).min((batch.vectors.len() / d) as u64) as usize;
                writer.write(&batch.vectors[..rows * d])?;
                let first = number * PERSONS_PER_BATCH;
                let owners = (first..)
                    .zip(&batch.faces)
                    .flat_map(|(person, &faces)| std::iter::repeat_n(person, faces as usize));
                persons.extend(owners.take(rows));
                progress(persons.len() as u64, n);
                number += 1;
            }
            Ok(persons)
        },
    )
}

struct Batch {
    number: u64,
    vectors: Vec<f32>,
    /// Faces of each person.
    faces: Vec<u32>,
}

impl Batch {
    fn new(synth: &Synth, number: u64) -> Self {
        let mut vectors = Vec::new();
        let persons = number * PERSONS_PER_BATCH..(number + 1) * PERSONS_PER_BATCH;
        let faces = persons.map(|person| synth.append_person(person, &mut vectors)).collect();
        Self { number, vectors, faces }
    }
}

/// The batch of that number; those that come before their turn wait in `early`. `None` when no more come.
fn take_in_order(early: &mut BTreeMap<u64, Batch>, batches: &Receiver<Batch>, number: u64) -> Option<Batch> {
    loop {
        if let Some(batch) = early.remove(&number) {
            return Some(batch);
        }
        let batch = batches.recv().ok()?;
        early.insert(batch.number, batch);
    }
}

/// `a/b.fvecs` and `mated.npy` give `a/b.mated.npy`.
fn beside(out: &Path, ending: &str) -> PathBuf {
    out.with_extension(ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::read_vectors;

    fn request(out: PathBuf, n: u64) -> SynthRequest {
        SynthRequest { spec: SynthSpec::edgeface_like(n, 32, 8), mated: 5, nonmated: 3, out }
    }

    #[test]
    fn threads_write_what_one_generator_makes() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("v.fvecs");
        let request = request(out.clone(), 5000);
        let summary = write_synth(&request, &JobControl::default(), &|_, _| {}).unwrap();
        let (mut vectors, mut persons) = (Vec::new(), Vec::new());
        Synth::new(request.spec).unwrap().next_chunk(usize::MAX, &mut vectors, &mut persons);
        assert_eq!(summary.persons, persons[4999] + 1);
        let read = read_vectors(&out, 32).unwrap();
        assert_eq!(read.len(), 5000);
        for (face, made) in read.iter().zip(vectors.chunks_exact(32)) {
            assert!(face.as_slice().iter().zip(made).all(|(a, b)| (a - b).abs() < 1e-6));
        }
        let bytes = std::fs::read(folder.path().join("v.persons.npy")).unwrap();
        let ids = npyz::NpyFile::new(&bytes[..]).unwrap().into_vec::<i64>().unwrap();
        assert!(ids.iter().zip(&persons).all(|(&id, &person)| id as u64 == person));
        assert_eq!(read_vectors(&folder.path().join("v.mated.npy"), 32).unwrap().len(), 5);
        assert_eq!(read_vectors(&folder.path().join("v.nonmated.npy"), 32).unwrap().len(), 3);
        assert_eq!(summary.files.len(), 5);
    }

    #[test]
    fn cancelled_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let control = JobControl::default();
        let stop_soon = |done: u64, _| {
            if done > 3000 {
                control.cancel();
            }
        };
        let ended = write_synth(&request(folder.path().join("v.npy"), 1 << 40), &control, &stop_soon);
        assert!(matches!(ended, Err(JobError::Cancelled)), "{ended:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
