//! Enrollment: every photo of some folders into the gallery and the index.
//!
//! Workers, one a core, each take a photo through decode, detect, align and embed; the job's own thread commits
//! what they bring in batches. A kill loses at most the batch in flight, and the next run skips what is there.

mod child;
mod closing;
mod crew;
mod enrollment;
mod issues;
mod journal;
mod kinds;
mod moves;
mod naming;
mod photo;
mod request;
mod run;
mod sources;
mod summary;
mod take;

pub use child::{TRY_PHOTO, own_program, probe_photo};
pub(super) use moves::file_stat;
pub(super) use request::KIND;
pub use request::{EnrollRequest, retries, unfinished_enrollments};
pub use run::enroll;
pub use summary::{EnrollSummary, PASSED_OVER_LISTED};
