//! The photos' files.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::store::{ExpectedFile, Gallery};
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
    let (photo, path) = (expected.photo, expected.path.display());
    let found =
        if digests { digest(&expected.path).map(Some) } else { std::fs::metadata(&expected.path).map(|_| None) };
    match found {
        Ok(Some(hash)) if hash != expected.content_hash => {
            findings.add(FindingKind::ChangedFile, format!("photo {photo} is not what was enrolled: {path}"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            findings.add(FindingKind::MissingFile, format!("the file of photo {photo} is not there: {path}"));
        }
        Err(error) => {
            findings
                .add(FindingKind::MissingFile, format!("the file of photo {photo} cannot be read ({error}): {path}"));
        }
    }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(*hasher.finalize().as_bytes())
}
