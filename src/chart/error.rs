use thiserror::Error;

use crate::tell;
use crate::types::{Tell, Telling};

/// Why a chart did not become a picture.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the chart could not be drawn: {0}")]
pub struct ChartError(pub String);

impl Tell for ChartError {
    fn telling(&self) -> Telling {
        tell!("jobs-no-chart", reason = &self.0)
    }
}
