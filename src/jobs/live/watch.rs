use std::cell::RefCell;
use std::sync::atomic::AtomicBool;

use crate::index::{BuildWatch, IndexError};
use crate::jobs::work::{JobControl, Progress, ProgressMeter};

/// Lets a job watch the index being built.
pub(in crate::jobs) struct Watch<'a> {
    control: &'a JobControl,
    meter: RefCell<ProgressMeter>,
    tell: &'a dyn Fn(Progress),
}

impl<'a> Watch<'a> {
    pub(in crate::jobs) fn new(control: &'a JobControl, tell: &'a dyn Fn(Progress)) -> Self {
        Self { control, meter: RefCell::new(ProgressMeter::counting("Starting", "face")), tell }
    }
}

impl BuildWatch for Watch<'_> {
    fn checkpoint(&self) -> Result<(), IndexError> {
        self.control.checkpoint().map_err(|_| IndexError::Interrupted)
    }

    fn interrupt(&self) -> &AtomicBool {
        self.control.cancel_flag()
    }

    fn progress(&self, stage: &'static str, done: usize, total: usize) {
        let mut meter = self.meter.borrow_mut();
        meter.count_stage(stage, done as u64, (total > 0).then_some(total as u64));
        if let Some(progress) = meter.tick(self.control.is_paused()) {
            (self.tell)(progress);
        }
    }
}
