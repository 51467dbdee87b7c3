//! Evaluation of the whole path, from photo files to figures: 1:1 on the pairs of LFW, 1:N on a folder of people, and
//! leave-one-out identification on the gallery.

mod faces;
mod groups;
mod identification;
mod leave_one_out;
mod sheet;
mod verification;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use groups::{GroupFigures, GroupHalves, GroupPeer, GroupsReport, evaluate_groups};
pub use identification::{GalleryChoice, SearchSetup, evaluate_search};
pub use leave_one_out::{LeaveOneOut, leave_one_out};
pub use verification::{LfwSetup, evaluate_lfw};

use super::engine::Engine;
use crate::eval::recognition::{Condition, MaskSummary, ModelSummary};
use crate::jobs::work::JobError;
use crate::types::DetectorParams;
use crate::vision::embed::Embedder;
use crate::vision::mask::MaskSet;
use crate::vision::mtcnn::Mtcnn;
use crate::vision::runtime;

/// Where the masks of covered faces come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaskSource {
    Drawn,
    /// A folder of transparent pictures.
    Folder(PathBuf),
}

/// What every measurement is asked for.
#[derive(Clone, Debug)]
pub struct EvalSetup {
    /// Names of the networks; empty for the active one.
    pub models: Vec<String>,
    pub detector: DetectorParams,
    /// Covers the probes, beside measuring them bare.
    pub masks: Option<MaskSource>,
    /// Which photo gets which mask.
    pub seed: u64,
    /// Looks for the covered face again, as in the field, beside cutting it where the bare face was.
    pub redetect: bool,
    /// Writes some of the measured crops, bare above covered, as a picture.
    pub sheet: Option<PathBuf>,
    /// As typed, for the report.
    pub command: String,
}

impl EvalSetup {
    fn conditions(&self) -> Vec<Condition> {
        match (&self.masks, self.redetect) {
            (None, _) => vec![Condition::Bare],
            (Some(_), false) => vec![Condition::Bare, Condition::Masked],
            (Some(_), true) => vec![Condition::Bare, Condition::Masked, Condition::MaskedRedetected],
        }
    }
}

/// The networks of a measurement.
struct Tools {
    mtcnn: Arc<Mtcnn>,
    embedders: Vec<Arc<dyn Embedder>>,
    models: Vec<ModelSummary>,
    masks: Option<MaskSet>,
    mask_summary: Option<MaskSummary>,
}

impl Tools {
    fn load(engine: &Engine, setup: &EvalSetup) -> Result<Self, JobError> {
        let names = match setup.models.as_slice() {
            [] => vec![engine.manifest().name],
            names => names.to_vec(),
        };
        let masks = match &setup.masks {
            None => None,
            Some(MaskSource::Drawn) => Some((MaskSet::drawn(), "drawn".to_owned())),
            Some(MaskSource::Folder(folder)) => Some((MaskSet::open(folder)?, folder.to_string_lossy().into_owned())),
        };
        let mut embedders: Vec<Arc<dyn Embedder>> = Vec::new();
        for name in &names {
            if embedders.iter().any(|known| known.manifest().name == *name) {
                continue;
            }
            let entry = engine.with_models(|models| models.find(name).cloned())?;
            embedders.push(Arc::from(entry.load()?));
        }
        let models = embedders.iter().map(|embedder| {
            let manifest = embedder.manifest().clone();
            ModelSummary {
                name: manifest.name,
                title: manifest.title,
                architecture: manifest.architecture.to_string(),
                d: manifest.d,
                licence: manifest.licence,
                source: manifest.source,
                sha256: manifest.sha256,
            }
        });
        let mask_summary = masks.as_ref().map(|(set, source)| MaskSummary {
            source: source.clone(),
            count: set.count(),
            seed: setup.seed,
        });
        Ok(Self {
            mtcnn: engine.mtcnn()?,
            models: models.collect(),
            embedders,
            masks: masks.map(|(set, _)| set),
            mask_summary,
        })
    }
}

/// How a job tells where it stands: what it does, done and total. Called from any thread.
pub type Tell<'a> = &'a (dyn Fn(&'static str, usize, usize) + Sync);

fn now_text() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn machine_text() -> String {
    runtime::describe()
}

/// The path below `root`, with `/`; the whole path where it is elsewhere.
fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
