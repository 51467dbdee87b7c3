//! A folder of photos and a gallery of it, enrolled without the program around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use likeness::jobs::{Engine, EnrollRequest, EnrollSummary, JobContext, JobControl, JobEvent, Mode, enroll};
use likeness::store::PhotoRecord;
use likeness::types::{DetectorParams, JobId};

pub struct Archive {
    _dir: tempfile::TempDir,
    pub root: PathBuf,
    pub engine: Engine,
    /// Whether folders name the people in them.
    pub folders: bool,
}

impl Archive {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("photos");
        fs::create_dir(&root).unwrap();
        let engine = Engine::open(Some(&dir.path().join("data")), Mode::Write, None).unwrap();
        Self { _dir: dir, root, engine, folders: false }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    pub fn rename(&self, from: &str, to: &str) {
        fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub fn enroll(&self) -> EnrollSummary {
        self.enroll_these(std::slice::from_ref(&self.root))
    }

    pub fn enroll_these(&self, sources: &[PathBuf]) -> EnrollSummary {
        self.enroll_as(&EnrollRequest {
            sources: sources.to_vec(),
            subjects_from_folders: self.folders,
            detector: DetectorParams::default(),
            is_retry: false,
        })
    }

    pub fn enroll_as(&self, request: &EnrollRequest) -> EnrollSummary {
        let sink = Arc::new(|_: JobId, event: JobEvent| {
            if let JobEvent::Issue { path, reason } = event {
                println!("issue: {}: {}", reason.plain(), path.display());
            }
        });
        enroll(&self.engine, request, &JobContext::new(JobId(1), JobControl::default(), sink)).unwrap()
    }

    pub fn photo(&self, name: &str) -> Option<PhotoRecord> {
        self.engine.gallery().find_photo_by_path(&self.path(name)).unwrap()
    }

    /// File names below the folder, kinds and reasons, in the order of the names.
    pub fn issues(&self) -> Vec<(String, String, String)> {
        let name = |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        let issues = self.engine.gallery().issues().unwrap();
        let mut issues: Vec<_> =
            issues.into_iter().map(|i| (name(&i.path), i.kind, likeness::words::told(&i.reason))).collect();
        issues.sort();
        issues
    }
}
