use crate::types::Telling;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::jobs::work::{JobControl, Progress, ProgressMeter};
use crate::train::TrainError;
use crate::train::trainer::Watch;
use crate::types::TrainRecord;

/// What a training run tells while it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainEvent {
    Progress(Progress),
    /// A photo or folder that nothing can be learnt from.
    Issue {
        path: PathBuf,
        reason: Telling,
    },
    /// A line that went to the log.
    Record(TrainRecord),
    /// Something that the person should know, in a sentence.
    Note(Telling),
}

/// Hands on what is told, progress not too often.
pub(super) struct Told<'a> {
    sink: &'a (dyn Fn(TrainEvent) + Sync),
    control: &'a JobControl,
    meter: Mutex<ProgressMeter>,
}

impl<'a> Told<'a> {
    pub(super) fn new(control: &'a JobControl, sink: &'a (dyn Fn(TrainEvent) + Sync)) -> Self {
        Self { sink, control, meter: Mutex::new(ProgressMeter::counting("Looking for photos", "photo")) }
    }

    pub(super) fn event(&self, event: TrainEvent) {
        (self.sink)(event);
    }

    pub(super) fn note(&self, text: Telling) {
        self.event(TrainEvent::Note(text));
    }

    /// A new stage, with a pace of its own; `unit` is what it counts, in the singular.
    pub(super) fn stage(&self, stage: &'static str, unit: &'static str) {
        *self.lock() = ProgressMeter::counting(stage, unit);
    }

    pub(super) fn count(&self, done: u64, total: u64) {
        let told = {
            let mut meter = self.lock();
            (meter.now.done, meter.now.total) = (done, Some(total));
            meter.tick(self.control.is_paused())
        };
        if let Some(progress) = told {
            self.event(TrainEvent::Progress(progress));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ProgressMeter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Told<'_> {
    fn checkpoint(&self) -> Result<(), TrainError> {
        self.control.checkpoint().map_err(|_| TrainError::Stopped)
    }

    fn progress(&self, stage: &'static str, done: u64, total: u64) {
        let is_new = self.lock().now.stage != stage;
        if is_new {
            let mut meter = ProgressMeter::counting(stage, "crop");
            // What a run did before it was taken up again, or before a measurement, is no part of its pace.
            meter.begin_at(done);
            *self.lock() = meter;
        }
        self.count(done, total);
    }

    fn record(&self, record: &TrainRecord) {
        self.event(TrainEvent::Record(record.clone()));
    }
}
