//! What the jobs of this program tell, with the summary that they may end with.

use super::enroll::EnrollSummary;
use super::work;

pub type JobEvent = work::JobEvent<EnrollSummary>;
pub type JobSink = work::JobSink<EnrollSummary>;
pub type JobContext = work::JobContext<EnrollSummary>;
