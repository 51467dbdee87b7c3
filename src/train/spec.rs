//! What a run was asked for: `run.toml` in its folder.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::Kind;

use super::augment::AugmentSpec;
use super::duplicates::DuplicateRule;
use super::error::TrainError;
use super::files::write_whole;
use super::hold_out::HoldOut;
use super::losses::ClassLoss;
use super::nets::{Form, TrainablePart};
use super::optimizer::OptimizerSpec;
use super::precision::Precision;
use super::schedule::{Decay, Schedule};
use crate::types::DetectorParams;
use crate::vision::manifest::{Architecture, InputSpec};

/// The request's name in a run's folder.
pub const SPEC_FILE: &str = "run.toml";

/// A model that another one is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// As it is installed, or the file's name.
    pub name: String,
    pub weights: PathBuf,
    pub licence: String,
    /// Length of its embeddings.
    pub d: usize,
}

/// Which part of a network learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrainPart {
    #[default]
    All,
    /// What an FPN adds to its backbone.
    Neck,
    NeckAndLastStage,
}

impl TrainPart {
    pub fn trainable(self) -> TrainablePart {
        match self {
            Self::All => TrainablePart::All,
            Self::Neck => TrainablePart::NeckOnly,
            Self::NeckAndLastStage => TrainablePart::NeckAndLastStage,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Neck => "neck",
            Self::NeckAndLastStage => "neck-and-last-stage",
        }
    }
}

/// What is made small: a sum of parts, those of weight 0 left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// On the teacher's embeddings: 1 − cosine.
    pub regression: f64,
    /// On the teacher's cosines between the crops of a batch.
    pub relational: f64,
    /// On labels.
    pub class_weight: f64,
    pub class: ClassLoss,
}

/// How it is made small.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Times that every picture is seen.
    pub epochs: u32,
    /// Pictures of one forward pass.
    pub batch: usize,
    /// Forward passes of one step.
    pub accumulate: usize,
    /// At its height.
    pub learning_rate: f64,
    /// Share of the steps over which the rate rises, 0…1.
    pub warm_up: f64,
    pub decay: Decay,
    /// Longest gradient, as a norm over all weights.
    pub max_gradient: f64,
    pub precision: Precision,
    pub seed: u64,
    pub optimizer: OptimizerSpec,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// Of the model that comes out.
    pub name: String,
    pub photos: PathBuf,
    /// Folder of the crop set.
    pub crops: PathBuf,
    pub architecture: Architecture,
    /// Of the network's layers; runs of earlier versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Length of the embedding.
    pub d: usize,
    pub part: TrainPart,
    /// People with fewer photos are left out where labels count.
    pub min_photos: usize,
    pub plan: Plan,
    pub objective: Objective,
    pub augment: AugmentSpec,
    pub detector: DetectorParams,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<HoldOut>,
    /// Near-duplicates of held-out photos; not looked for where left out, as by runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<DuplicateRule>,
    /// Whose weights it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<Origin>,
    pub input: InputSpec,
    /// Whether the model that comes out is written with 16-bit numbers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub half: bool,
}

impl Plan {
    /// Pictures of one step.
    pub fn pictures_per_step(&self) -> u64 {
        (self.batch * self.accumulate) as u64
    }

    /// Steps in which `pictures` are seen `epochs` times, the last step filled up.
    pub fn steps(&self, pictures: u64) -> u64 {
        (u64::from(self.epochs) * pictures).div_ceil(self.pictures_per_step()).max(1)
    }

    pub fn schedule(&self, steps: u64) -> Schedule {
        let warm_up = (self.warm_up * steps as f64).round() as u64;
        Schedule { peak: self.learning_rate, warm_up, steps, decay: self.decay }
    }
}

impl RunSpec {
    /// # Errors
    /// The first value that is out of its range, in words.
    pub fn validate(&self) -> Result<(), TrainError> {
        let plan = &self.plan;
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let weight = |value: f64| (0.0..=1e6).contains(&value);
        let objective = &self.objective;
        let checks = [
            ((1..=10_000).contains(&plan.epochs), "--epochs lies between 1 and 10000"),
            ((2..=4096).contains(&plan.batch), "--batch lies between 2 and 4096"),
            ((1..=1024).contains(&plan.accumulate), "--accumulate lies between 1 and 1024"),
            (positive(plan.learning_rate) && plan.learning_rate <= 10.0, "--learning-rate lies above 0, at most at 10"),
            ((0.0..=0.9).contains(&plan.warm_up), "--warm-up is a share of the steps, 0 to 0.9"),
            (positive(plan.max_gradient), "the longest gradient must be above 0"),
            ((1..=4096).contains(&self.d), "--d lies between 1 and 4096"),
            (
                [objective.regression, objective.relational, objective.class_weight].into_iter().all(weight),
                "weights of losses lie between 0 and 1000000",
            ),
            (
                objective.regression + objective.relational + objective.class_weight > 0.0,
                "all weights of losses are 0, so there is nothing to learn",
            ),
            (
                self.form.is_none_or(|form| form.fits(self.architecture)),
                "the form in run.toml is none of its architecture",
            ),
            (
                self.duplicates.and_then(|rule| rule.above).is_none_or(|above| (0.0..=1.0).contains(&above)),
                "--duplicates-above lies between 0 and 1",
            ),
            (
                self.teacher.is_some() || objective.regression + objective.relational == 0.0,
                "distillation needs a --teacher",
            ),
        ];
        if let Some((_, reason)) = checks.into_iter().find(|(holds, _)| !holds) {
            return Err(TrainError::refused(reason));
        }
        self.augment.validate().map_err(TrainError::Refused)
    }

    /// Of the numbers in the model's file.
    pub(super) fn weights_kind(&self) -> Kind {
        if self.half { Kind::Half } else { Kind::Float }
    }

    /// # Errors
    /// The folder holds no run, or its `run.toml` cannot be used.
    pub fn read(folder: &Path) -> Result<Self, TrainError> {
        let path = folder.join(SPEC_FILE);
        let text =
            std::fs::read_to_string(&path).map_err(TrainError::io("there is no run that could be read", &path))?;
        toml::from_str(&text).map_err(|e| TrainError::corrupt(&path, e.to_string().trim().replace('\n', " ")))
    }

    pub fn write(&self, folder: &Path) -> Result<(), TrainError> {
        let path = folder.join(SPEC_FILE);
        let text = toml::to_string(self).map_err(|e| TrainError::corrupt(&path, e.to_string()))?;
        write_whole(&path, text.as_bytes())
    }

    /// The command that makes the model again. Folders and files are named without where they lay.
    pub fn command(&self) -> String {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let plan = &self.plan;
        let mut words = vec!["likeness train".to_owned()];
        match &self.teacher {
            Some(teacher) => {
                let (student, teacher) = (self.architecture, &teacher.name);
                words.push(format!("distill --teacher {teacher} --student {student}"));
                words.push(format!("--relational {}", self.objective.relational));
                if self.objective.class_weight > 0.0 {
                    words.push(format!("--arcface {}", self.objective.class_weight));
                }
            }
            None => {
                let loss = match self.objective.class {
                    ClassLoss::ArcFace { scale, margin } => format!("arcface --scale {scale} --margin {margin}"),
                    ClassLoss::CosFace { scale, margin } => format!("cosface --scale {scale} --margin {margin}"),
                    ClassLoss::Softmax => "softmax".to_owned(),
                };
                words.push(format!("--architecture {} --loss {loss}", self.architecture));
            }
        }
        if let Some(from) = &self.from {
            words.push(format!("--from {}", from.name));
        }
        words.push(format!("--d {} --train-part {} --photos {}", self.d, self.part.name(), name(&self.photos)));
        if self.augment.masked > 0.0 {
            words.push(format!("--masked {}", self.augment.masked));
            words.extend(self.augment.mask_pictures.iter().map(|path| format!("--mask-pictures {}", name(path))));
        }
        if let Some(hold_out) = &self.hold_out {
            let folds: Vec<String> = hold_out.folds.iter().map(ToString::to_string).collect();
            words.push(format!("--hold-out {}:{}", name(&hold_out.pairs), folds.join(",")));
            let rule = self.duplicates.unwrap_or_default();
            words.extend(rule.above.map(|above| format!("--duplicates-above {above}")));
            words.extend(rule.keep.then(|| "--keep-duplicates".to_owned()));
        }
        let (optimizer, decay) = match plan.optimizer {
            OptimizerSpec::AdamW { weight_decay, .. } => ("adamw", weight_decay),
            OptimizerSpec::Sgd { weight_decay, .. } => ("sgd", weight_decay),
        };
        words.push(format!(
            "--epochs {} --batch {} --accumulate {} --learning-rate {} --warm-up {} --schedule {} --optimizer \
             {optimizer} --weight-decay {decay} --seed {}",
            plan.epochs,
            plan.batch,
            plan.accumulate,
            plan.learning_rate,
            plan.warm_up,
            format!("{:?}", plan.decay).to_lowercase(),
            plan.seed
        ));
        if self.half {
            words.push("--half".to_owned());
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::sample;
    use crate::vision::layout::MobileForm;

    #[test]
    fn a_run_survives_its_own_toml() {
        let folder = tempfile::tempdir().unwrap();
        let mut spec = sample::spec(folder.path());
        spec.hold_out = Some("pairs.txt:4,5".parse().unwrap());
        spec.duplicates = Some(DuplicateRule { keep: true, above: Some(0.9) });
        let origin = Origin { name: "big".into(), weights: "a/b.pt".into(), licence: "MIT".into(), d: 64 };
        spec.teacher = Some(origin.clone());
        spec.from = Some(origin);
        spec.write(folder.path()).unwrap();
        assert_eq!(RunSpec::read(folder.path()).unwrap(), spec);
        let command = spec.command();
        assert!(command.contains("distill --teacher big") && command.contains("--hold-out pairs.txt:4,5"), "{command}");
        assert!(command.contains("--duplicates-above 0.9 --keep-duplicates"), "{command}");
        assert!(!command.contains(&*folder.path().to_string_lossy()), "{command}");
        for form in MobileForm::ALL.map(Form::MobileFaceNet).into_iter().chain([
            Form::IrResnet50,
            Form::DlibResnet,
            Form::Resnet50 { has_features: false },
        ]) {
            spec.form = Some(form);
            spec.write(folder.path()).unwrap();
            assert_eq!(RunSpec::read(folder.path()).unwrap().form, Some(form));
        }

        std::fs::write(folder.path().join(SPEC_FILE), "name = 3").unwrap();
        assert!(RunSpec::read(folder.path()).unwrap_err().to_string().contains("run.toml"));
        assert!(RunSpec::read(&folder.path().join("none")).unwrap_err().to_string().contains("no run"));
    }

    #[test]
    fn values_out_of_range_are_told_by_their_flag() {
        type Change = (&'static str, fn(&mut RunSpec));
        let changes: [Change; 10] = [
            ("--epochs", |s| s.plan.epochs = 0),
            ("--batch", |s| s.plan.batch = 1),
            ("--learning-rate", |s| s.plan.learning_rate = f64::NAN),
            ("--warm-up", |s| s.plan.warm_up = 1.0),
            ("--d", |s| s.d = 0),
            ("nothing to learn", |s| s.objective.class_weight = 0.0),
            ("--teacher", |s| s.objective.regression = 1.0),
            ("masked", |s| s.augment.masked = 1.1),
            ("form", |s| s.form = Some(Form::IrResnet50)),
            ("--duplicates-above", |s| s.duplicates = Some(DuplicateRule { above: Some(f64::NAN), keep: false })),
        ];
        for (word, change) in changes {
            let mut spec = sample::spec(Path::new("x"));
            spec.validate().unwrap();
            change(&mut spec);
            let message = spec.validate().unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn steps_cover_the_pictures_and_the_last_is_filled_up() {
        let plan = Plan { epochs: 3, batch: 4, accumulate: 2, ..sample::spec(Path::new("x")).plan };
        assert_eq!(plan.steps(8), 3);
        assert_eq!(plan.steps(9), 4);
        assert_eq!(plan.steps(1), 1);
        assert_eq!(Plan { warm_up: 0.1, ..plan }.schedule(200).warm_up, 20);
    }
}
