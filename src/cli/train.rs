mod args;

use std::sync::Mutex;

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::line::FilePath;
use super::output::{duration, listed, note};
use crate::jobs::{
    Engine, JobError, Mode, NearDuplicates, TrainEvent, TrainRequest, TrainSummary, resume_training, run_training,
};
use crate::say;
use crate::tell;
use crate::train::TrainError;
use crate::train::augment::AugmentSpec;
use crate::train::duplicates::{DuplicatePair, DuplicateRule};
use crate::train::losses::ClassLoss;
use crate::train::optimizer::OptimizerSpec;
use crate::train::precision::Precision;
use crate::train::schedule::Decay;
use crate::train::setup::Machine;
use crate::train::spec::{Objective, Plan, TrainPart};
use crate::types::TrainRecord;
use crate::vision::manifest::Architecture;
use crate::words::told;
pub use args::TrainArgs;
use args::{
    AugmentArg, DistillArgs, LossArg, OptimizerArg, PartArg, PrecisionArg, ScheduleArg, TrainRunArgs, TrainWhat,
};

/// What a run of training came to.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct TrainedLine {
    /// The model, ready for `likeness models import`.
    #[serde(flatten)]
    model: FilePath,
    name: String,
    faces: usize,
    people: usize,
    held_out: usize,
    /// `null` where nobody is held out.
    near_duplicates: Option<NearDuplicatesLine>,
    steps: u64,
    /// The step whose weights were kept.
    kept_step: u64,
    loss: f32,
    threshold: f32,
    /// What was measured on held-out people with the weights that were kept, by name, 0…1.
    validation: Vec<(String, f32)>,
    /// Of training alone.
    images_per_second: f32,
    secs: f32,
}

/// Photos that would be learnt and show the same picture as a held-out one.
#[derive(Debug, JsonSchema, Serialize)]
struct NearDuplicatesLine {
    /// The report of all of them.
    #[serde(flatten)]
    report: FilePath,
    /// The model whose embeddings were compared; `null` where files alone were.
    judge: Option<String>,
    /// The cosine that they lie above, -1…1; `null` where files alone were compared.
    above: Option<f32>,
    found: usize,
    /// Those of them whose file is that of a held-out photo to the byte.
    same_files: usize,
    /// Whether they were left out of what was learnt.
    left_out: bool,
    /// The first few.
    examples: Vec<DuplicatePairLine>,
}

/// Two photos, by their paths in the photos' folder.
#[derive(Debug, JsonSchema, Serialize)]
struct DuplicatePairLine {
    learnt: String,
    held_out: String,
    same_file: bool,
    /// `null` where nothing embedded them.
    cosine: Option<f32>,
}

impl From<NearDuplicates> for NearDuplicatesLine {
    fn from(found: NearDuplicates) -> Self {
        let line = |pair: DuplicatePair| DuplicatePairLine {
            learnt: pair.learnt,
            held_out: pair.held_out,
            same_file: pair.same_file,
            cosine: pair.cosine,
        };
        Self {
            report: found.report.as_path().into(),
            judge: found.judge,
            above: found.above,
            found: found.found,
            same_files: found.same_files,
            left_out: found.left_out,
            examples: found.examples.into_iter().map(line).collect(),
        }
    }
}

impl From<TrainSummary> for TrainedLine {
    fn from(summary: TrainSummary) -> Self {
        Self {
            model: summary.model.as_path().into(),
            name: summary.name,
            faces: summary.faces,
            people: summary.people,
            held_out: summary.held_out,
            near_duplicates: summary.near_duplicates.map(Into::into),
            steps: summary.steps,
            kept_step: summary.kept_step,
            loss: summary.loss,
            threshold: summary.threshold,
            validation: summary.validation,
            images_per_second: summary.images_per_second,
            secs: summary.secs,
        }
    }
}

pub(super) fn run(context: &Context<'_>, args: &TrainArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let flags = match &args.distill {
        Some(TrainWhat::Distill(distill)) => &distill.run,
        None => &args.run,
    };
    let machine = Machine { device: flags.device.clone(), threads: flags.threads };
    // Lines of the log go out between progress lines, never into one.
    let told = Mutex::new(());
    let sink = |event: TrainEvent| {
        let _one_at_a_time = told.lock();
        tell(context, event);
    };
    let summary = match &flags.resume {
        Some(folder) => resume_training(&engine, folder, &machine, &context.control, &sink),
        None => {
            let request = match &args.distill {
                Some(TrainWhat::Distill(distill)) => distill_request(context, &engine, distill)?,
                None => labels_request(context, &engine, args)?,
            };
            run_training(&engine, &request, &machine, &context.control, &sink)
        }
    };
    context.output.end_live();
    let line = TrainedLine::from(summary?);
    context.output.result(&line, || summary_text(&line));
    Ok(())
}

fn tell(context: &Context<'_>, event: TrainEvent) {
    match event {
        TrainEvent::Progress(progress) => context.output.progress(&progress),
        TrainEvent::Issue { path, reason } => context.output.issue(&path, &reason),
        TrainEvent::Record(record) => {
            // A person sees what was measured; the rest stands in the progress line and the log.
            if !record.validation.is_empty() || context.output.is_json() {
                context.output.end_live();
                context.output.result(&record, || record_text(&record));
            }
        }
        TrainEvent::Note(text) => {
            context.output.end_live();
            note(&told(&text));
        }
    }
}

fn record_text(record: &TrainRecord) -> String {
    let values: Vec<String> =
        record.validation.iter().map(|(name, value)| format!("{name} {:.2} %", 100.0 * value)).collect();
    say!(
        "cli-measure-step",
        step = record.step,
        total = record.steps_total,
        epoch = format!("{:.1}", record.epoch),
        loss = format!("{:.4}", record.loss),
        rate = format!("{:.1}", record.images_per_second),
        values = listed(&values)
    )
}

fn summary_text(summary: &TrainedLine) -> String {
    let faces = say!("faces", n = summary.faces);
    let faces = match summary.people {
        0 => faces,
        n => say!("cli-measure-learnt-from", faces = faces, people = say!("cli-people", n = n)),
    };
    let told = say!(
        "cli-measure-learnt",
        name = summary.name.as_str(),
        faces = faces,
        time = duration(summary.secs),
        rate = format!("{:.1}", summary.images_per_second),
        loss = format!("{:.4}", summary.loss),
        kept = summary.kept_step,
        steps = summary.steps,
        threshold = format!("{:.3}", summary.threshold)
    );
    let values = summary.validation.iter().map(|(name, value)| format!("  {name} {:.2} %", 100.0 * value));
    let rest = [summary.model.file.clone(), say!("cli-measure-use-it")];
    std::iter::once(told).chain(values).chain(rest).collect::<Vec<_>>().join("\n")
}

fn labels_request(context: &Context<'_>, engine: &Engine, args: &TrainArgs) -> Result<TrainRequest, JobError> {
    let class = match args.loss {
        LossArg::Arcface => ClassLoss::ArcFace { scale: args.scale, margin: args.margin.unwrap_or(0.5) },
        LossArg::Cosface => ClassLoss::CosFace { scale: args.scale, margin: args.margin.unwrap_or(0.35) },
        LossArg::Softmax => ClassLoss::Softmax,
    };
    let objective = Objective { regression: 0.0, relational: 0.0, class_weight: 1.0, class };
    request(context, engine, &args.run, args.architecture, None, objective)
}

fn distill_request(context: &Context<'_>, engine: &Engine, args: &DistillArgs) -> Result<TrainRequest, JobError> {
    let objective = Objective {
        regression: 1.0,
        relational: args.relational,
        class_weight: args.arcface,
        class: ClassLoss::ArcFace { scale: args.scale, margin: args.margin },
    };
    request(context, engine, &args.run, args.student, args.teacher.clone(), objective)
}

fn request(
    context: &Context<'_>,
    engine: &Engine,
    flags: &TrainRunArgs,
    architecture: Option<Architecture>,
    teacher: Option<String>,
    objective: Objective,
) -> Result<TrainRequest, JobError> {
    // The command line asks for these wherever --resume is not given.
    let missing = |flag: &str| JobError::Train(TrainError::Refused(tell!("cli-measure-flag-missing", flag = flag)));
    let optimizer = match flags.optimizer {
        OptimizerArg::Adamw => OptimizerSpec::adamw(flags.weight_decay.unwrap_or(0.01)),
        OptimizerArg::Sgd => OptimizerSpec::sgd(flags.weight_decay.unwrap_or(5e-4)),
    };
    let augment = match flags.augment {
        AugmentArg::None => AugmentSpec::none(),
        AugmentArg::Light => AugmentSpec::light(),
        AugmentArg::Strong => AugmentSpec::strong(),
    };
    Ok(TrainRequest {
        out: flags.out.clone().ok_or_else(|| missing("--out"))?,
        name: flags.name.clone(),
        photos: flags.photos.clone().ok_or_else(|| missing("--photos"))?,
        crops: flags.crops.clone(),
        architecture: architecture.ok_or_else(|| missing(&say!("cli-measure-network")))?,
        d: flags.d,
        from: flags.from.clone(),
        mean: flags.mean,
        std: flags.std,
        teacher,
        part: match flags.train_part {
            PartArg::All => TrainPart::All,
            PartArg::Neck => TrainPart::Neck,
            PartArg::NeckAndLastStage => TrainPart::NeckAndLastStage,
        },
        min_photos: flags.min_photos,
        plan: Plan {
            epochs: flags.epochs,
            batch: flags.batch,
            accumulate: flags.accumulate,
            learning_rate: flags.learning_rate,
            warm_up: flags.warm_up,
            decay: match flags.schedule {
                ScheduleArg::Constant => Decay::Constant,
                ScheduleArg::Cosine => Decay::Cosine,
                ScheduleArg::Step => Decay::Step,
            },
            max_gradient: 5.0,
            precision: match flags.precision {
                PrecisionArg::Fp32 => Precision::Fp32,
                PrecisionArg::Mixed => Precision::Mixed,
            },
            seed: flags.seed,
            optimizer,
        },
        objective,
        augment: AugmentSpec { masked: flags.masked, mask_pictures: flags.mask_pictures.clone(), ..augment },
        hold_out: flags.hold_out.clone(),
        duplicates: DuplicateRule { keep: flags.keep_duplicates, above: flags.duplicates_above },
        half: flags.half,
        detector: context.detector(engine, &flags.detector)?,
    })
}
