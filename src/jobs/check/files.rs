//! The photos' files.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::store::{ExpectedFile, Gallery};
use crate::tell;
use crate::types::{FindingKind, Findings};

/// Tells files that are not there; with `digests` also those that hold something else.
pub(super) fn check(
    gallery: &Gallery,
    digests: bool,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    findings: &mut Findings,
) -> Result<(), JobError> {
    let mut meter = ProgressMeter::counting("Checking files", "photo");
    meter.now.total = Some(gallery.counts()?.photos);
    gallery.for_each_expected_file(|expected: ExpectedFile| -> Result<(), JobError> {
        control.checkpoint()?;
        meter.now.done += 1;
        if let Some(progress) = meter.tick(false) {
            tell(progress);
        }
        look(&expected, digests, findings);
        Ok(())
    })
}

fn look(expected: &ExpectedFile, digests: bool, findings: &mut Findings) {
    let (photo, path) = (expected.photo.to_string(), &expected.path);
    let found =
        if digests { digest(&expected.path).map(Some) } else { std::fs::metadata(&expected.path).map(|_| None) };
    match found {
        Ok(Some(hash)) if hash != expected.content_hash => {
            findings.add(FindingKind::ChangedFile, tell!("check-file-changed", photo = photo, path = path));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            findings.add(FindingKind::MissingFile, tell!("check-file-gone", photo = photo, path = path));
        }
        Err(error) => {
            let telling = tell!("check-file-unread", photo = photo, reason = &error, path = path);
            findings.add(FindingKind::MissingFile, telling);
        }
    }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(*hasher.finalize().as_bytes())
}
