//! A picture of what was measured: crops, the bare one above the covered one.

use crate::tell;
use image::{RgbImage, imageops};

use super::EvalSetup;
use super::faces::PhotoFaces;
use crate::jobs::work::JobError;

const COLUMNS: u32 = 12;
const ROWS: u32 = 5;
const SIDE: u32 = 112;
const GAP: u32 = 6;

/// How many photos a sheet shows; 0 where none is asked for.
pub(super) fn wanted(setup: &EvalSetup) -> usize {
    if setup.sheet.is_some() { (COLUMNS * ROWS) as usize } else { 0 }
}

/// # Errors
/// The file cannot be written; nothing was covered.
pub(super) fn write(setup: &EvalSetup, faces: &[PhotoFaces]) -> Result<(), JobError> {
    let Some(path) = &setup.sheet else { return Ok(()) };
    let shown: Vec<&[RgbImage; 2]> = faces.iter().filter_map(|faces| faces.shown.as_ref()).collect();
    if shown.is_empty() {
        return Err(JobError::Failed(tell!("eval-no-covered-face")));
    }
    let columns = COLUMNS.min(shown.len() as u32);
    let rows = (shown.len() as u32).div_ceil(columns);
    let (cell, row) = (SIDE + GAP, 2 * SIDE + 2 * GAP);
    let mut sheet = RgbImage::from_pixel(columns * cell + GAP, rows * row + GAP, image::Rgb([255; 3]));
    for (i, pictures) in (0u32..).zip(shown) {
        let (x, y) = (GAP + i % columns * cell, GAP + i / columns * row);
        imageops::replace(&mut sheet, &pictures[0], x.into(), y.into());
        imageops::replace(&mut sheet, &pictures[1], x.into(), (y + SIDE).into());
    }
    let failed =
        |error: image::ImageError| JobError::Failed(tell!("jobs-about-path", reason = error.to_string(), path = path));
    let mut bytes = std::io::Cursor::new(Vec::new());
    let format = image::ImageFormat::from_path(path).map_err(failed)?;
    sheet.write_to(&mut bytes, format).map_err(failed)?;
    crate::files::write_export(path, bytes.get_ref())
        .map_err(|reason| JobError::Io { reason, path: path.to_path_buf() })
}
