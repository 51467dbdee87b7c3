//! Training as a job: photos and models in, a model with its manifest out.

mod duplicates;
mod model;
mod prepare;
mod teacher;
#[cfg(test)]
mod tests;
mod told;

use std::path::{Path, PathBuf};
use std::time::Instant;

use self::duplicates::{Judge, Search};
use self::prepare::{CropSet, crop_set};
use self::told::Told;
use super::engine::Engine;
use crate::jobs::work::{JobControl, JobError};
use crate::tell;
use crate::train::TrainError;
use crate::train::augment::AugmentSpec;
use crate::train::crops::Cutting;
use crate::train::data::{divide, split};
use crate::train::duplicates::DuplicateRule;
use crate::train::hold_out::HoldOut;
use crate::train::nets::Network;
use crate::train::setup::{Machine, open_network, setup};
use crate::train::spec::{Objective, Origin, Plan, RunSpec, SPEC_FILE, TrainPart};
use crate::train::targets::Targets;
use crate::train::trainer::{CHECKPOINT_FILE, MODEL_FILE, train};
use crate::types::{DetectorParams, Telling};
use crate::vision::manifest::{Architecture, ImportRequest, InputSpec, ModelEntry};
use crate::vision::runtime;

pub use duplicates::NearDuplicates;
pub use told::TrainEvent;

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainRequest {
    /// Folder of the run: checkpoints, log, and at last the model.
    pub out: PathBuf,
    /// Name of the model that comes out; the run's folder's where left out.
    pub name: Option<String>,
    pub photos: PathBuf,
    /// Folder of the crop set, which several runs can share; `crops` in the run's folder where left out.
    pub crops: Option<PathBuf>,
    pub architecture: Architecture,
    /// Length of the embedding. Where left out: the one of `from`, else of `teacher`, else 512.
    pub d: Option<usize>,
    /// Weights to begin with: an installed model or a file.
    pub from: Option<String>,
    /// What is taken from pixels, where `from` is a file without a manifest; 127.5 each where left out.
    pub mean: Option<[f32; 3]>,
    /// What pixels are then divided by, likewise.
    pub std: Option<[f32; 3]>,
    /// An installed model or a file.
    pub teacher: Option<String>,
    pub part: TrainPart,
    pub min_photos: usize,
    pub plan: Plan,
    pub objective: Objective,
    pub augment: AugmentSpec,
    pub hold_out: Option<HoldOut>,
    /// What becomes of photos that are near-duplicates of held-out ones.
    pub duplicates: DuplicateRule,
    /// Write the model with 16-bit numbers.
    pub half: bool,
    pub detector: DetectorParams,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainSummary {
    /// Ready for `likeness models import`.
    pub model: PathBuf,
    pub name: String,
    pub faces: usize,
    pub people: usize,
    pub held_out: usize,
    /// `None` where nobody is held out, or where the run began before they were looked for.
    pub near_duplicates: Option<NearDuplicates>,
    pub steps: u64,
    /// The step whose weights were kept.
    pub kept_step: u64,
    pub loss: f32,
    pub threshold: f32,
    /// Of the weights that were kept, on the fold that runs are chosen on.
    pub validation: Vec<(String, f32)>,
    /// Of training alone.
    pub images_per_second: f32,
    pub secs: f32,
}

/// Begins a run and takes it to its end.
///
/// # Errors
/// Whatever is wrong with the request, the photos or the models, in words; cancellation, after which
/// [`resume_training`] goes on.
pub fn run_training(
    engine: &Engine,
    request: &TrainRequest,
    machine: &Machine,
    control: &JobControl,
    sink: &(dyn Fn(TrainEvent) + Sync),
) -> Result<TrainSummary, JobError> {
    let out = absolute(&request.out);
    if out.join(SPEC_FILE).exists() {
        return Err(failed(tell!("train-run-there", path = &out)));
    }
    machine.check(request.plan.precision)?;
    let (spec, network) = resolve(engine, request, &out, machine)?;
    spec.validate()?;
    std::fs::create_dir_all(&out).map_err(TrainError::io("the run's folder cannot be made", &out))?;
    spec.write(&out)?;
    let done = work(engine, spec, network, &out, machine, control, sink);
    // A run that never took a step was refused, and the next try may ask for something else.
    if let Err(error) = &done
        && !matches!(error, JobError::Cancelled)
        && !out.join(CHECKPOINT_FILE).exists()
    {
        let _ = std::fs::remove_file(out.join(SPEC_FILE));
    }
    done
}

/// Goes on with the run in `folder` from its last checkpoint, or from its beginning where it has none.
///
/// # Errors
/// No run in the folder; photos that have changed since; and those of [`run_training`].
pub fn resume_training(
    engine: &Engine,
    folder: &Path,
    machine: &Machine,
    control: &JobControl,
    sink: &(dyn Fn(TrainEvent) + Sync),
) -> Result<TrainSummary, JobError> {
    let out = absolute(folder);
    let spec = RunSpec::read(&out)?;
    spec.validate()?;
    machine.check(spec.plan.precision)?;
    // The checkpoint brings all weights; those that it began with need not be there any more, or are others. Runs of
    // earlier versions do not say which layers they had.
    let has_begun = out.join(CHECKPOINT_FILE).exists();
    let from = spec.from.as_ref().map(|from| from.weights.as_path());
    let from = from.filter(|path| !has_begun || (spec.form.is_none() && path.exists()));
    let network = open_network(spec.architecture, spec.form, from, spec.d, spec.plan.seed, machine)?;
    work(engine, spec, network, &out, machine, control, sink)
}

/// Finds the models that the request names and settles what follows from them.
fn resolve(
    engine: &Engine,
    request: &TrainRequest,
    out: &Path,
    machine: &Machine,
) -> Result<(RunSpec, Network), JobError> {
    let teacher = request.teacher.as_deref().map(|name| teacher::find_model(engine, name, &out.join("teacher")));
    let teacher = teacher.transpose()?;
    let mut input = InputSpec::ARCFACE;
    let from = request.from.as_deref().map(|name| start(engine, name, request)).transpose()?;
    let mut from = from.map(|(origin, its_input)| {
        input = its_input;
        origin
    });
    let teacher_d = teacher.as_ref().map(|teacher| teacher.manifest.d);
    let d = request.d.or(teacher_d).unwrap_or(512);
    let weights = from.as_ref().map(|from| from.weights.as_path());
    let network = open_network(request.architecture, None, weights, d, request.plan.seed, machine)?;
    if let Some(wanted) = request.d.filter(|_| from.is_some()).filter(|&wanted| wanted != network.d()) {
        return Err(failed(tell!("train-other-d", wanted = wanted, found = network.d())));
    }
    if let Some(from) = &mut from {
        from.d = network.d();
    }
    let folder_name = ImportRequest::from_file(&out.with_extension("")).name;
    let spec = RunSpec {
        name: request.name.clone().unwrap_or(folder_name),
        photos: absolute(&request.photos),
        crops: request.crops.as_deref().map_or_else(|| out.join("crops"), absolute),
        architecture: request.architecture,
        form: Some(network.form()),
        d: network.d(),
        part: request.part,
        min_photos: request.min_photos,
        plan: request.plan,
        objective: request.objective,
        augment: AugmentSpec {
            mask_pictures: request.augment.mask_pictures.as_deref().map(absolute),
            ..request.augment.clone()
        },
        detector: request.detector,
        hold_out: request.hold_out.clone().map(|held| HoldOut { pairs: absolute(&held.pairs), ..held }),
        duplicates: Some(request.duplicates),
        from,
        teacher: teacher.as_ref().map(origin),
        input,
        half: request.half,
    };
    Ok((spec, network))
}

/// The weights to begin with, and what their network takes.
fn start(engine: &Engine, name: &str, request: &TrainRequest) -> Result<(Origin, InputSpec), JobError> {
    let installed = engine.with_models(|models| models.find(name).cloned());
    let file = Path::new(name);
    if installed.is_ok() || !file.is_file() {
        let entry = installed?;
        return Ok((origin(&entry), entry.manifest.input));
    }
    let beside = ImportRequest::from_file(file);
    let input = InputSpec {
        channel_order: beside.channel_order.unwrap_or(InputSpec::ARCFACE.channel_order),
        mean: request.mean.or(beside.mean).unwrap_or(InputSpec::ARCFACE.mean),
        std: request.std.or(beside.std).unwrap_or(InputSpec::ARCFACE.std),
        template: beside.template.unwrap_or(InputSpec::ARCFACE.template),
        minify: beside.minify.unwrap_or_default(),
    };
    let licence = beside.licence.unwrap_or_else(|| "not stated".to_owned());
    Ok((Origin { name: beside.name, weights: absolute(file), licence, d: 0 }, input))
}

fn origin(entry: &ModelEntry) -> Origin {
    Origin {
        name: entry.manifest.name.clone(),
        weights: absolute(&entry.weights_path),
        licence: entry.manifest.licence.clone(),
        d: entry.manifest.d,
    }
}

fn work(
    engine: &Engine,
    spec: RunSpec,
    network: Network,
    out: &Path,
    machine: &Machine,
    control: &JobControl,
    sink: &(dyn Fn(TrainEvent) + Sync),
) -> Result<TrainSummary, JobError> {
    let begun = Instant::now();
    let told = Told::new(control, sink);
    let held_out = spec.hold_out.as_ref().map(HoldOut::read).transpose()?;
    let teacher = match &spec.teacher {
        Some(origin) => Some(teacher_of(engine, origin, out)?),
        None => None,
    };
    let judge = Judge::of(engine, &spec);
    let mut cuttings = vec![Cutting::from(&spec.input)];
    // Never both: a teacher judges itself.
    cuttings.extend(teacher.iter().chain(judge.entry()).map(|model| Cutting::from(&model.manifest.input)));
    cuttings.dedup();
    let mtcnn = engine.mtcnn()?;
    let set = crop_set(&mtcnn, &spec.photos, &spec.crops, &spec.detector, &cuttings, control, &told)?;
    let targets = teacher.as_ref().map(|teacher| targets(teacher, &set, &spec, control, &told)).transpose()?;
    let division = divide(&set.list, held_out.as_ref());
    let search = Search {
        spec: &spec,
        out,
        judge: &judge,
        set: &set,
        division: &division,
        network: if out.join(CHECKPOINT_FILE).exists() { None } else { Some(&network) },
        targets: targets.as_ref(),
        control,
        told: &told,
    };
    let duplicates = search.run()?;
    let left_out = duplicates.as_ref().filter(|_| !spec.duplicates.unwrap_or_default().keep);
    let left_out = left_out.map(|found| found.crops(&set.list)).unwrap_or_default();
    let duplicates = duplicates.map(|found| duplicates::summary(found, spec.duplicates, out));
    let split = split(&set.list, &spec, held_out.as_ref(), &left_out)?;
    let (faces, people, held) = (split.faces.len(), split.people, split.held_out);
    told.note(match spec.objective.class_weight > 0.0 {
        true => tell!("train-learning-people", n = faces, people = people, held = held),
        false => tell!("train-learning", n = faces, held = held),
    });
    let mut packs = set.packs;
    let crops = packs.swap_remove(0);
    let setup = setup(spec.clone(), out.to_path_buf(), network, crops, split, targets, machine)?;
    let finished = {
        let _threads = OperatorThreads::set(machine.operator_threads());
        train(setup, &told)?
    };
    let manifest = model::write_manifest(out, &spec, faces, duplicates.as_ref(), &finished)?;
    let _ = std::fs::remove_dir_all(out.join("teacher"));
    Ok(TrainSummary {
        model: out.join(MODEL_FILE),
        name: manifest.name,
        faces,
        people: if spec.objective.class_weight > 0.0 { people } else { 0 },
        held_out: held,
        near_duplicates: duplicates,
        steps: finished.steps,
        kept_step: finished.kept_step,
        loss: finished.loss,
        threshold: manifest.threshold,
        validation: finished.measured.map(|measured| measured.values).unwrap_or_default(),
        images_per_second: finished.images_per_second,
        secs: begun.elapsed().as_secs_f32(),
    })
}

/// The teacher's embeddings, and a word where the student's cannot be compared with them.
fn targets(
    teacher: &ModelEntry,
    set: &CropSet,
    spec: &RunSpec,
    control: &JobControl,
    told: &Told<'_>,
) -> Result<Targets, JobError> {
    let crops = set.packs.last().ok_or_else(|| failed(tell!("train-teacher-no-crops")))?;
    if teacher.manifest.d != spec.d {
        let (its, d, name) = (teacher.manifest.d, spec.d, &teacher.manifest.name);
        told.note(tell!("train-teacher-longer", name = name, its = its, d = d));
    }
    teacher::targets(teacher, &set.list, crops, &spec.crops, "Embedding by the teacher", control, told)
}

/// The teacher of a run that may have begun long ago.
fn teacher_of(engine: &Engine, origin: &Origin, out: &Path) -> Result<ModelEntry, JobError> {
    let copy = out.join("teacher");
    let entry = if origin.weights.starts_with(&copy) {
        crate::vision::manifest::ModelRegistry::open(&copy)?.find(&origin.name).cloned()
    } else {
        engine.with_models(|models| models.find(&origin.name).cloned())
    };
    Ok(entry?)
}

/// Threads of one operator while a run computes; the number before comes back at its end, for everything else works
/// side by side with one thread each.
struct OperatorThreads;

impl OperatorThreads {
    fn set(n: usize) -> Self {
        runtime::set_threads(n);
        Self
    }
}

impl Drop for OperatorThreads {
    fn drop(&mut self) {
        runtime::set_threads(1);
    }
}

fn absolute(path: impl AsRef<Path>) -> PathBuf {
    std::path::absolute(path.as_ref()).unwrap_or_else(|_| path.as_ref().to_path_buf())
}

fn failed(reason: impl Into<Telling>) -> JobError {
    JobError::Train(TrainError::Refused(reason.into()))
}
