use crate::words::told;
use std::path::Path;

use super::output::{Output, note};
use super::shared::DetectorArgs;
use crate::jobs::{Engine, JobControl, JobError, Message, Mode, OpenOptions};
use crate::types::DetectorParams;

/// What every command works with.
pub(super) struct Context<'a> {
    /// The folder asked for.
    pub(super) data_dir: Option<&'a Path>,
    /// The model asked for, by name.
    pub(super) model: Option<&'a str>,
    pub(super) output: Output,
    pub(super) control: JobControl,
}

impl Context<'_> {
    pub(super) fn open(&self, mode: Mode) -> Result<Engine, JobError> {
        let tell = |message| match message {
            Message::Info(text) | Message::Warning(text) => note(&told(&text)),
        };
        let engine = Engine::open_with(&OpenOptions {
            data_dir: self.data_dir,
            model: self.model,
            tell: &tell,
            ..OpenOptions::new(mode)
        })?;
        engine.take_messages().into_iter().for_each(tell);
        Ok(engine)
    }

    /// The detector parameters of the settings, with what the command line says in their place.
    pub(super) fn detector(&self, engine: &Engine, flags: &DetectorArgs) -> Result<DetectorParams, JobError> {
        let set = engine.settings().detector;
        let params = DetectorParams {
            min_face_size: flags.min_face_size.unwrap_or(set.min_face_size),
            scale_factor: flags.scale_factor.unwrap_or(set.scale_factor),
            thresholds: flags.thresholds.unwrap_or(set.thresholds),
            max_image_side: flags.max_image_side.unwrap_or(set.max_image_side),
            effort: flags.effort.unwrap_or(set.effort),
        };
        params.validate()?;
        Ok(params)
    }
}
