//! The loop: batches in, steps out, with measurements, checkpoints and a log on the way.

use crate::tell;
use crate::types::Telling;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use tch::{Device, Kind, Tensor};

use super::augment::mixed;
use super::checkpoint::{Checkpoint, restore};
use super::error::TrainError;
use super::loader::{Batch, Loader, Source};
use super::log::TrainLog;
use super::losses::{class_weights, regression, relational};
use super::nets::Network;
use super::optimizer::Optimizer;
use super::precision::{LossScale, Precision};
use super::schedule::Schedule;
use super::spec::RunSpec;
use super::validate::{Measured, Validation};
use crate::files::put_in_place;
use crate::types::{Embedding, TrainRecord};

/// The checkpoint's name in a run's folder.
pub const CHECKPOINT_FILE: &str = "checkpoint.safetensors";
/// The weights that measured best so far.
const BEST_FILE: &str = "best.safetensors";
/// The weights of the model that comes out.
pub const MODEL_FILE: &str = "model.safetensors";
/// A run that is killed loses at most the work of this time.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(180);
/// Lines of a log, about.
const LOG_LINES: u64 = 2000;

/// The person's hand on a run, and its ear.
pub trait Watch: Sync {
    /// Called between steps: waits while the run is paused.
    ///
    /// # Errors
    /// `Stopped` where it is to stop.
    fn checkpoint(&self) -> Result<(), TrainError>;
    /// Pictures done and in all, of training or of one measurement.
    fn progress(&self, stage: &'static str, done: u64, total: u64);
    /// A line that went to the log.
    fn record(&self, record: &TrainRecord);
}

/// A run, ready to go.
pub struct Setup {
    pub spec: RunSpec,
    /// The run's own folder.
    pub folder: PathBuf,
    pub network: Network,
    pub source: Source,
    /// Number of different labels.
    pub people: usize,
    pub validation: Option<Validation>,
    pub device: Device,
    /// Threads that make batches.
    pub loaders: usize,
    /// Changes with the photos: a checkpoint goes on only with those that it began with.
    pub data_digest: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub steps: u64,
    /// The step whose weights were kept: the one that measured best, else the last.
    pub kept_step: u64,
    /// Of the weights that were kept.
    pub measured: Option<Measured>,
    /// Mean over the last line of the log.
    pub loss: f32,
    /// Of training alone, in this sitting.
    pub images_per_second: f32,
}

/// The best measurement so far.
#[derive(Clone)]
struct Best {
    merit: f32,
    step: u64,
    measured: Measured,
}

/// Runs to the end; goes on from the folder's checkpoint where there is one. Leaves `model.safetensors` in the folder.
///
/// # Errors
/// `Stopped` after a checkpoint was written; a loss that is no number; files that cannot be written.
pub fn train(setup: Setup, watch: &dyn Watch) -> Result<Finished, TrainError> {
    Trainer::new(setup)?.run(watch)
}

struct Trainer {
    spec: RunSpec,
    folder: PathBuf,
    network: Network,
    source: Arc<Source>,
    validation: Option<Validation>,
    device: Device,
    loaders: usize,
    data_digest: String,
    /// Everything that is saved of the network, running statistics among it.
    variables: BTreeMap<String, Tensor>,
    /// A row for each person; `None` where labels do not count.
    head: Option<Tensor>,
    optimizer: Optimizer,
    scale: LossScale,
    schedule: Schedule,
    steps: u64,
    step: u64,
    best: Option<Best>,
    meter: Meter,
}

/// What the next line of the log says.
#[derive(Default)]
struct Meter {
    loss: f64,
    steps: u64,
    busy: Duration,
    /// Of the last line.
    last_loss: f32,
    /// Of the whole sitting.
    total_steps: u64,
    total_busy: Duration,
}

impl Trainer {
    fn new(setup: Setup) -> Result<Self, TrainError> {
        let Setup { spec, folder, mut network, source, people, validation, device, loaders, data_digest } = setup;
        spec.plan.precision.check(device)?;
        network.set_trainable(spec.part.trainable());
        tch::manual_seed(spec.plan.seed.cast_signed());
        let with_labels = spec.objective.class_weight > 0.0;
        let head = with_labels.then(|| class_weights(people, spec.d, device)).transpose()?;
        let variables: BTreeMap<String, Tensor> = network.var_store().variables().into_iter().collect();
        let shared = |(name, tensor): (&String, &Tensor)| (name.clone(), tensor.shallow_clone());
        let mut learning: BTreeMap<String, Tensor> = variables.iter().map(shared).collect();
        learning.extend(head.iter().map(|head| ("head.weight".to_owned(), head.shallow_clone())));
        let optimizer = Optimizer::new(spec.plan.optimizer, learning)?;
        if optimizer.numbers() == 0 {
            let (part, architecture) = (spec.part.name(), spec.architecture);
            return Err(TrainError::refused(tell!(
                "train-no-such-part",
                architecture = architecture.to_string(),
                part = part.to_string()
            )));
        }
        let steps = spec.plan.steps(source.faces.len() as u64);
        let mut trainer = Self {
            schedule: spec.plan.schedule(steps),
            scale: LossScale::new(spec.plan.precision),
            source: Arc::new(source),
            step: 0,
            best: None,
            meter: Meter::default(),
            folder,
            network,
            validation,
            device,
            loaders,
            data_digest,
            variables,
            head,
            optimizer,
            steps,
            spec,
        };
        let path = trainer.folder.join(CHECKPOINT_FILE);
        if path.exists() {
            let checkpoint = Checkpoint::read(&path)?;
            trainer.go_on_from(&checkpoint).map_err(|reason| TrainError::Corrupt { path, reason })?;
        }
        Ok(trainer)
    }

    fn run(mut self, watch: &dyn Watch) -> Result<Finished, TrainError> {
        let mut log = TrainLog::open(&self.folder, self.step)?;
        let accumulate = self.spec.plan.accumulate as u64;
        let mut loader = Loader::start(&self.source, self.step * accumulate, self.loaders)?;
        let every = (self.steps / LOG_LINES).max(1);
        let mut saved = Instant::now();
        if self.step == 0
            && let Some(before) = self.measure(watch)?
        {
            self.write_record(&mut log, watch, before.values)?;
        }
        while self.step < self.steps {
            watch.progress("Training", self.pictures(self.step), self.pictures(self.steps));
            if let Err(stop) = watch.checkpoint() {
                self.save()?;
                return Err(stop);
            }
            let begun = Instant::now();
            let loss = self.take_step(&mut loader)?;
            self.meter.add(loss, begun.elapsed());
            let ends_epoch = self.epoch(self.step) > self.epoch(self.step - 1) || self.step == self.steps;
            let mut values = Vec::new();
            if ends_epoch && let Some(measured) = self.measure(watch)? {
                values.clone_from(&measured.values);
                self.keep_if_best(measured)?;
            }
            if !values.is_empty() || self.step.is_multiple_of(every) || self.step == self.steps {
                self.write_record(&mut log, watch, values)?;
            }
            if ends_epoch || saved.elapsed() > CHECKPOINT_EVERY {
                self.save()?;
                saved = Instant::now();
            }
        }
        watch.progress("Training", self.pictures(self.steps), self.pictures(self.steps));
        self.finish()
    }

    /// One step of the optimiser; returns the mean loss of its batches.
    fn take_step(&mut self, loader: &mut Loader) -> Result<f64, TrainError> {
        let plan = self.spec.plan;
        // Dropout takes its numbers from the library: by step, so that a resumed run takes the same ones.
        tch::manual_seed(mixed(plan.seed, self.step).cast_signed());
        self.optimizer.clear_gradients();
        let diverged = TrainError::Diverged { step: self.step + 1 };
        let mut sum = 0.0;
        for _ in 0..plan.accumulate {
            let batch = loader.take()?.to_device(self.device)?;
            let loss = plan.precision.run(|| self.loss(&batch))?;
            let value = loss.f_double_value(&[])?;
            if !value.is_finite() && plan.precision == Precision::Fp32 {
                return Err(diverged);
            }
            sum += value;
            self.scale.scaled(&loss)?.f_backward()?;
        }
        let factor = 1.0 / (plan.accumulate as f64 * self.scale.factor());
        let norm = self.optimizer.scale_gradients(factor, plan.max_gradient)?;
        if self.scale.judge(plan.precision, norm) {
            self.optimizer.step(self.schedule.rate(self.step))?;
        } else if self.scale.is_exhausted() {
            return Err(diverged);
        }
        self.step += 1;
        Ok(sum / plan.accumulate as f64)
    }

    fn loss(&self, batch: &Batch) -> Result<Tensor, TrainError> {
        let objective = &self.spec.objective;
        let embeddings = self.network.forward_t(&batch.input, true)?;
        let mut parts = Vec::new();
        if let Some(targets) = &batch.targets {
            if objective.regression > 0.0 {
                parts.push(regression(&embeddings, targets)?.f_mul_scalar(objective.regression)?);
            }
            if objective.relational > 0.0 {
                parts.push(relational(&embeddings, targets)?.f_mul_scalar(objective.relational)?);
            }
        }
        if let Some(head) = &self.head {
            let loss = objective.class.loss(&embeddings, head, &batch.labels)?;
            parts.push(loss.f_mul_scalar(objective.class_weight)?);
        }
        let mut parts = parts.into_iter();
        let first = parts.next().ok_or_else(|| TrainError::refused(tell!("train-no-batches")))?;
        parts.try_fold(first, |sum, part| Ok(sum.f_add(&part)?))
    }

    /// Measures on held-out people, where there are any.
    fn measure(&self, watch: &dyn Watch) -> Result<Option<Measured>, TrainError> {
        let Some(validation) = &self.validation else { return Ok(None) };
        let (mut done, total) = (0, validation.len() as u64);
        let embed = |pictures: &[RgbImage]| {
            watch.checkpoint().or_else(|stop| self.save().and(Err(stop)))?;
            watch.progress("Measuring", done, total);
            done += pictures.len() as u64;
            self.embed(pictures)
        };
        let is_comparable = self.spec.objective.regression > 0.0
            && self.spec.teacher.as_ref().is_some_and(|teacher| teacher.d == self.spec.d);
        let gallery = self.source.targets.as_ref().filter(|_| is_comparable);
        Ok(Some(validation.measure(&self.source.crops, gallery, embed)?))
    }

    fn embed(&self, pictures: &[RgbImage]) -> Result<Vec<Embedding>, TrainError> {
        let rows = tch::no_grad(|| {
            let input = self.source.preprocessor.tensor_from_crops(pictures)?.f_to_device(self.device)?;
            let rows = self.network.forward_t(&input, false)?;
            rows.f_to_device(Device::Cpu)?.f_to_kind(tch::Kind::Float)?.f_contiguous()
        })?;
        let mut values = vec![0.0f32; rows.numel()];
        rows.f_copy_data(&mut values, rows.numel())?;
        let diverged = |_| TrainError::Diverged { step: self.step };
        let d = values.len() / pictures.len().max(1);
        values.chunks_exact(d).map(|row| Embedding::try_from_raw(row.to_vec()).map_err(diverged)).collect()
    }

    fn keep_if_best(&mut self, measured: Measured) -> Result<(), TrainError> {
        let merit = measured.merit(self.spec.augment.masked > 0.0);
        // Of two that measure the same the later one has seen more.
        if self.best.as_ref().is_none_or(|best| merit >= best.merit) {
            save_network(&self.network, &self.folder.join(BEST_FILE), self.spec.weights_kind())?;
            self.best = Some(Best { merit, step: self.step, measured });
        }
        Ok(())
    }

    fn write_record(
        &mut self,
        log: &mut TrainLog,
        watch: &dyn Watch,
        validation: Vec<(String, f32)>,
    ) -> Result<(), TrainError> {
        let (loss, rate) = self.meter.line(self.spec.plan.pictures_per_step());
        let record = TrainRecord {
            step: self.step,
            steps_total: self.steps,
            epoch: self.pictures(self.step) as f32 / self.source.faces.len() as f32,
            loss,
            learning_rate: self.schedule.rate(self.step.saturating_sub(1)) as f32,
            images_per_second: rate,
            validation,
        };
        log.write(&record)?;
        watch.record(&record);
        Ok(())
    }

    fn pictures(&self, step: u64) -> u64 {
        step * self.spec.plan.pictures_per_step()
    }

    /// Whole epochs behind `step`.
    fn epoch(&self, step: u64) -> u64 {
        self.pictures(step) / self.source.faces.len() as u64
    }

    fn save(&self) -> Result<(), TrainError> {
        let mut checkpoint = Checkpoint::default();
        checkpoint.add("net", self.variables.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())));
        checkpoint.add("head", self.head.iter().map(|head| ("weight".to_owned(), head.shallow_clone())));
        checkpoint.add("optimizer", self.optimizer.state());
        let mut fact = |name: &str, value: String| checkpoint.facts.insert(name.to_owned(), value);
        fact("step", self.step.to_string());
        fact("loss_scale", self.scale.factor().to_string());
        fact("data", self.data_digest.clone());
        if let Some(best) = &self.best {
            fact("best_step", best.step.to_string());
            fact("best_merit", best.merit.to_string());
            fact("best_threshold", best.measured.threshold.to_string());
            let values: Vec<String> =
                best.measured.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            fact("best_values", values.join(" "));
        }
        checkpoint.write(&self.folder.join(CHECKPOINT_FILE))
    }

    /// The reason where the checkpoint is another run's.
    fn go_on_from(&mut self, checkpoint: &Checkpoint) -> Result<(), Telling> {
        let data: String = checkpoint.fact("data")?;
        if data != self.data_digest {
            return Err(tell!("train-photos-changed"));
        }
        restore(&self.variables, &checkpoint.under("net"))?;
        let head = self.head.iter().map(|head| ("weight".to_owned(), head.shallow_clone())).collect();
        restore(&head, &checkpoint.under("head"))?;
        self.optimizer.set_state(&checkpoint.under("optimizer"))?;
        self.step = checkpoint.fact("step")?;
        self.scale = LossScale::from_factor(checkpoint.fact("loss_scale")?);
        self.best = match checkpoint.facts.contains_key("best_step") {
            false => None,
            true => Some(Best {
                merit: checkpoint.fact("best_merit")?,
                step: checkpoint.fact("best_step")?,
                measured: Measured {
                    values: checkpoint
                        .fact::<String>("best_values")?
                        .split(' ')
                        .filter_map(|pair| pair.split_once('='))
                        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
                        .collect(),
                    threshold: checkpoint.fact("best_threshold")?,
                },
            }),
        };
        Ok(())
    }

    fn finish(self) -> Result<Finished, TrainError> {
        let model = self.folder.join(MODEL_FILE);
        let best = self.folder.join(BEST_FILE);
        if self.best.is_some() {
            std::fs::copy(&best, part_path(&model))
                .and_then(|_| put_in_place(&part_path(&model), &model))
                .map_err(TrainError::io("the model cannot be written", &model))?;
        } else {
            save_network(&self.network, &model, self.spec.weights_kind())?;
        }
        let pictures = self.meter.total_steps * self.spec.plan.pictures_per_step();
        Ok(Finished {
            steps: self.steps,
            kept_step: self.best.as_ref().map_or(self.steps, |best| best.step),
            measured: self.best.map(|best| best.measured),
            loss: self.meter.last_loss,
            images_per_second: pictures as f32 / self.meter.total_busy.as_secs_f32().max(1e-6),
        })
    }
}

impl Meter {
    fn add(&mut self, loss: f64, busy: Duration) {
        self.loss += loss;
        self.steps += 1;
        self.busy += busy;
        self.total_steps += 1;
        self.total_busy += busy;
    }

    /// Mean loss and pictures a second since the last line; begins the next.
    fn line(&mut self, pictures_per_step: u64) -> (f32, f32) {
        let loss = (self.loss / self.steps.max(1) as f64) as f32;
        let rate = (self.steps * pictures_per_step) as f32 / self.busy.as_secs_f32().max(1e-6);
        (self.last_loss, self.loss, self.steps, self.busy) = (loss, 0.0, 0, Duration::ZERO);
        (loss, rate)
    }
}

fn part_path(path: &Path) -> PathBuf {
    path.with_extension("part.safetensors")
}

/// Under another name first: the weights are there whole, or those before them are.
fn save_network(network: &Network, path: &Path, kind: Kind) -> Result<(), TrainError> {
    let part = part_path(path);
    network.save(&part, kind)?;
    put_in_place(&part, path).map_err(TrainError::io("the weights cannot be written", path))
}
