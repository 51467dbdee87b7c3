use super::state::{PresetView, SavedSweep, StreamInfo};
use crate::types::Telling;
use crate::types::{
    Advice, GenerationInfo, IdentificationCurve, IndexOverview, IndexSpec, OperatingPoint, SearchParams, SweepRun,
    TuneSample,
};

/// What the Tune screen is told.
#[derive(Debug)]
pub enum TuneEvent {
    /// The live index and its generations, newest first.
    IndexRead(IndexOverview, Vec<GenerationInfo>),
    /// Why they could not be read.
    IndexUnread(Telling),
    PresetsRead(Vec<PresetView>),
    /// Searches go by these parameters from now on.
    ParamsApplied(SearchParams),
    Began(StreamInfo),
    Sampled(TuneSample),
    /// The stream of this request ended by itself, with the reason.
    Ended {
        request: u64,
        reason: Telling,
    },
    AdviceGiven(Result<Advice, Telling>),
    SweepsListed(Vec<SavedSweep>),
    SweepBegan(Box<SweepRun>),
    SweepPoint(OperatingPoint),
    SweepProblem(IndexSpec, Telling),
    /// The run on view is kept under this name.
    SweepSaved(SavedSweep),
    SweepOpened {
        name: String,
        run: Result<Box<SweepRun>, Telling>,
    },
    /// All that autotune measured, and what it is kept under, where it is.
    AutotuneMeasured(Box<SweepRun>, Option<SavedSweep>),
    AutotuneEnded(Result<OperatingPoint, Telling>),
    IdentificationMeasured(Result<Vec<IdentificationCurve>, Telling>),
}

impl TuneEvent {
    /// It tells of one model's index or was measured on it, without a number of its own.
    pub(in crate::app) fn is_of_model(&self) -> bool {
        match self {
            Self::IndexRead(..)
            | Self::IndexUnread(_)
            | Self::PresetsRead(_)
            | Self::ParamsApplied(_)
            | Self::Began(_)
            | Self::AdviceGiven(_)
            | Self::SweepBegan(_)
            | Self::SweepPoint(_)
            | Self::SweepProblem(..)
            | Self::AutotuneMeasured(..)
            | Self::AutotuneEnded(_)
            | Self::IdentificationMeasured(_) => true,
            Self::Sampled(_)
            | Self::Ended { .. }
            | Self::SweepsListed(_)
            | Self::SweepSaved(_)
            | Self::SweepOpened { .. } => false,
        }
    }
}
