//! Kinds of issues.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::types::Telling;

/// What sort of trouble an issue is: of one photo, of a source that is away, of a photo that may have ended a run by a
/// crash.
pub(super) const PHOTO: &str = "photo";
pub(super) const ABSENT: &str = "absent-source";
pub(super) const DEADLY: &str = "crash";
/// Of a photo that is enrolled, though not all of its file is in it: it stays as long as the photo is read that way.
pub(super) const PARTLY: &str = "partly-read";

/// The kind of each issue by path; and of photos that were read in part what was not read.
pub(super) type KnownIssues = (HashMap<PathBuf, String>, HashMap<PathBuf, Telling>);

/// The kind of each issue, and what was not read of photos that were read in part, by path.
pub(super) fn known_issues(engine: &Engine) -> Result<KnownIssues, JobError> {
    let issues = engine.gallery().issues()?;
    let partly = issues.iter().filter(|issue| issue.kind == PARTLY);
    let partly = partly.map(|issue| (issue.path.clone(), issue.reason.clone())).collect();
    Ok((issues.into_iter().map(|issue| (issue.path, issue.kind)).collect(), partly))
}
