//! What an enrollment was asked for, as it stands in the gallery: to be taken up after a kill, and to be asked for again.

use crate::tell;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::types::DetectorParams;

/// How enrollments are called in the gallery's table of jobs.
pub(in crate::jobs) const KIND: &str = "enroll";

/// What a person asks for when enrolling. Kept in the gallery while the job runs, so that it can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrollRequest {
    #[serde(with = "lossless")]
    pub sources: Vec<PathBuf>,
    /// The main face of each photo gets the name of the photo's folder as its subject.
    pub subjects_from_folders: bool,
    pub detector: DetectorParams,
    /// The sources are photos with issues, named by the program: what a person has taken out stays out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_retry: bool,
}

impl EnrollRequest {
    /// The same with absolute sources, which mean the same in every folder.
    pub(super) fn absolute(&self) -> Self {
        let absolute = |source: &PathBuf| std::path::absolute(source).unwrap_or_else(|_| source.clone());
        Self { sources: self.sources.iter().map(absolute).collect(), ..self.clone() }
    }

    /// As JSON.
    ///
    /// # Errors
    /// [`JobError::Failed`]: a number that JSON does not know among the parameters, which validation refuses before.
    pub(super) fn to_json(&self) -> Result<String, JobError> {
        serde_json::to_string(self)
            .map_err(|error| JobError::Failed(tell!("jobs-request-unwritten", reason = error.to_string())))
    }

    /// Whether nothing of `other` is left undone when this is done.
    fn covers(&self, other: &Self) -> bool {
        let other = other.absolute();
        (!self.is_retry || other.is_retry) && other.sources.iter().all(|source| self.sources.contains(source))
    }
}

/// The enrollments that were cut short and can be gone on with, oldest first, each once. Those whose sources are all
/// away – on a drive that is not mounted, say – wait in the gallery until one of them is back. Each stays on record
/// until [`enroll`](super::enroll) has put its successor there.
///
/// # Errors
/// The gallery cannot be read.
pub fn unfinished_enrollments(engine: &Engine) -> Result<Vec<EnrollRequest>, JobError> {
    let mut requests: Vec<EnrollRequest> = Vec::new();
    for job in engine.gallery().unfinished_jobs()?.into_iter().filter(|job| job.kind == KIND) {
        match serde_json::from_str::<EnrollRequest>(&job.request_json) {
            Ok(request) => {
                let is_there = request.sources.iter().any(|source| source.exists());
                if is_there && !requests.contains(&request) {
                    requests.push(request);
                }
            }
            Err(error) => {
                log::warn!("an unfinished enrollment cannot be read and is dropped: {error}");
                engine.gallery().end_job(job.id, "unreadable")?;
            }
        }
    }
    Ok(requests)
}

/// Puts `request` on record in the place of those cut short before that it covers; returns its job. Jobs in `running`
/// are at work in this process and stay.
pub(super) fn begin(engine: &Engine, request: &EnrollRequest, running: &[i64]) -> Result<i64, JobError> {
    let others = engine.gallery().unfinished_jobs()?.into_iter().filter(|job| job.kind == KIND);
    let covered: Vec<i64> = others
        .filter(|job| !running.contains(&job.id))
        .filter(|job| {
            serde_json::from_str::<EnrollRequest>(&job.request_json).is_ok_and(|other| request.covers(&other))
        })
        .map(|job| job.id)
        .collect();
    Ok(engine.gallery().begin_job_after(&covered, KIND, &request.to_json()?)?)
}

/// What to ask for so that the photos of these issues are tried as they were tried when the issue came up: with the
/// folder names and the detector of then. Issues from before that was kept are tried as `otherwise` says.
///
/// # Errors
/// The gallery cannot be read.
pub fn retries(engine: &Engine, issues: &[PathBuf], otherwise: &EnrollRequest) -> Result<Vec<EnrollRequest>, JobError> {
    let known = engine.gallery().issues()?;
    let asked_for = |path: &Path| -> EnrollRequest {
        let issue = known.iter().find(|issue| issue.path == path);
        let request = issue.and_then(|issue| serde_json::from_str(issue.request.as_deref()?).ok());
        EnrollRequest { sources: Vec::new(), is_retry: true, ..request.unwrap_or_else(|| otherwise.clone()) }
    };
    let mut requests: Vec<EnrollRequest> = Vec::new();
    for path in issues {
        let asked = asked_for(path);
        let alike =
            |request: &&mut EnrollRequest| EnrollRequest { sources: Vec::new(), ..(**request).clone() } == asked;
        match requests.iter_mut().find(alike) {
            Some(request) => request.sources.push(path.clone()),
            None => requests.push(EnrollRequest { sources: vec![path.clone()], ..asked }),
        }
    }
    Ok(requests)
}

/// Paths as text where they are text, else as `{"bytes": [...]}` with the system's own bytes.
mod lossless {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::store::{bytes_from_path, path_from_bytes};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Bytes { bytes: Vec<u8> },
    }

    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        let written = paths.iter().map(|path| match path.to_str() {
            Some(text) => Written::Text(text.to_owned()),
            None => Written::Bytes { bytes: bytes_from_path(path) },
        });
        serializer.collect_seq(written)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        let written = Vec::<Written>::deserialize(deserializer)?;
        Ok(written
            .into_iter()
            .map(|path| match path {
                Written::Text(text) => PathBuf::from(text),
                Written::Bytes { bytes } => path_from_bytes(&bytes),
            })
            .collect())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn request(sources: &[&[u8]]) -> EnrollRequest {
        let sources = sources.iter().map(|source| PathBuf::from(OsStr::from_bytes(source))).collect();
        EnrollRequest { sources, subjects_from_folders: true, detector: DetectorParams::default(), is_retry: false }
    }

    #[test]
    fn paths_that_are_no_text_come_back_and_text_stays_text() {
        let asked = request(&[b"/a/M\xfcller", "/a/Müller".as_bytes()]);
        let json = asked.to_json().unwrap();
        assert!(json.contains("\"/a/Müller\""), "{json}");
        assert_eq!(serde_json::from_str::<EnrollRequest>(&json).unwrap(), asked);
    }

    #[test]
    fn a_request_covers_what_it_names_and_nothing_else() {
        assert!(request(&[b"/a", b"/b"]).covers(&request(&[b"/b"])));
        assert!(!request(&[b"/a"]).covers(&request(&[b"/a", b"/b"])));
        let retry = EnrollRequest { is_retry: true, ..request(&[b"/a"]) };
        assert!(request(&[b"/a"]).covers(&retry) && retry.covers(&retry));
        assert!(!retry.covers(&request(&[b"/a"])), "it brings nothing back that was taken out");
    }
}
