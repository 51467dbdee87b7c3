//! `likeness check`: gallery against index against files. Opens no engine, which would put a damaged index right in
//! passing, and writes nothing.

mod files;
mod index;
mod repair;
mod report;

use std::path::Path;

use crate::jobs::settings::SettingsFiles;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::store::{DataDir, Gallery, Look};
use crate::types::{FindingKind, Findings};

pub use repair::repair;
pub use report::CheckReport;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckRequest<'a> {
    pub data_dir: Option<&'a Path>,
    /// Read every photo's file through and compare it with what was enrolled.
    pub files: bool,
}

/// Looks everything through.
///
/// # Errors
/// There is no gallery, it cannot be read at all, or cancellation. Whatever else is wrong is a finding.
pub fn check(
    request: &CheckRequest<'_>,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<CheckReport, JobError> {
    let data = DataDir::resolve(request.data_dir)?;
    // Before the gallery: what it holds was in the gallery earlier.
    let indexes = index::read_all(&data)?;
    control.checkpoint()?;
    let gallery = Gallery::open_to_read(&data.gallery_path())?;
    let mut report = CheckReport::default();
    let mut meter = ProgressMeter::counting("Checking the gallery", "row");
    let mut go_on = |rows| {
        meter.now.done = rows;
        if let Some(progress) = meter.tick(false) {
            tell(progress);
        }
        control.checkpoint().is_ok()
    };
    report.findings = gallery.check(&mut Look { is_picture: &is_picture, go_on: &mut go_on })?;
    control.checkpoint()?;
    settings(&data, &mut report.findings);
    if report.findings.has(FindingKind::Database) {
        // The rest would be told of rows that are not to be trusted.
        index::compare_files(&indexes, &mut report.findings);
        return Ok(report);
    }
    let counts = gallery.counts()?;
    (report.photos, report.faces) = (counts.photos, counts.faces);
    index::compare(&indexes, &gallery, &mut report)?;
    files::check(&gallery, request.files, control, tell, &mut report.findings)?;
    Ok(report)
}

fn settings(data: &DataDir, findings: &mut Findings) {
    let (_, warnings) = SettingsFiles::new(None, &data.settings_path()).load();
    for warning in warnings {
        findings.add(FindingKind::Settings, warning);
    }
}

/// A quick look: the head says how large it is, and the end is there.
fn is_picture(bytes: &[u8]) -> bool {
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
    let has_size = reader.is_ok_and(|reader| reader.into_dimensions().is_ok_and(|(w, h)| w > 0 && h > 0));
    let is_cut_jpeg = bytes.starts_with(&[0xff, 0xd8]) && !bytes.ends_with(&[0xff, 0xd9]);
    has_size && !is_cut_jpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_picture_is_none() {
        let mut bytes = Vec::new();
        let picture = image::RgbImage::from_pixel(40, 40, image::Rgb([9, 80, 200]));
        image::codecs::jpeg::JpegEncoder::new(&mut bytes).encode_image(&picture).unwrap();
        assert!(is_picture(&bytes));
        assert!(!is_picture(&bytes[..bytes.len() - 10]));
        assert!(!is_picture(&bytes[..10]));
        assert!(!is_picture(b"") && !is_picture(&[7; 50]));
    }
}
