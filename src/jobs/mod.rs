//! Long work and the engine it works on: enrollment, search, evaluation, each under one runner.

mod actor;
mod budget;
mod check;
mod engine;
mod enroll;
pub mod evaluate;
pub mod history;
mod live;
pub mod models;
mod people;
mod pipeline;
mod reembed;
mod regions;
mod scratch;
mod settings;
mod synth;
mod told;
mod train;
pub mod tuning;
mod walk;
mod work;

pub use actor::actor;
pub use check::{CheckReport, CheckRequest, check, repair};
pub use engine::{
    Candidate, Engine, Followed, Follower, LoadedPhoto, MAX_IN_RANGE, Mode, OpenOptions, SearchQuery, SearchResult,
    build_index, retrain_index, roll_back_index, upkeep_index,
};
pub use enroll::{
    EnrollRequest, EnrollSummary, PASSED_OVER_LISTED, TRY_PHOTO, enroll, own_program, probe_photo, retries,
    unfinished_enrollments,
};
pub use people::{GroupSummary, Regrouped, group_people, regroup_person};
pub use pipeline::{Analysis, AnalyzedFace, main_face};
pub use reembed::{ChangeSummary, change_model, unfinished_change};
pub use regions::{
    ExportRegions, ImportRegions, NamedFaces, RegionsExported, RegionsImported, RegionsTold, export_sidecars,
    import_regions, import_table, named_faces,
};
pub use settings::{SettingsFiles, load_settings};
pub use synth::{SynthRequest, SynthSummary, write_synth};
pub use told::{JobContext, JobEvent, JobSink};
pub use train::{NearDuplicates, TrainEvent, TrainRequest, TrainSummary, resume_training, run_training};
pub use work::{Cancelled, JobControl, JobError, LatestWorker, Message, Outcome, Progress, panic_message, spawn};
