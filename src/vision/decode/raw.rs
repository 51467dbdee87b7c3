//! Cameras' raw files. Their sensor data is not developed here: the photo is the picture that the camera itself made of
//! it, which nearly all of them keep inside as a JPEG of full size.

use crate::tell;
use std::collections::HashSet;
use std::ops::Range;

use super::exif::{Told, orientation, taken_at};
use super::photo::Unfitted;
use super::tiff::{Directory, Tiff, tag};
use super::{DecodeError, DecodeParams, PhotoFormat, jpeg};

/// Colour filter array and its linear kin (DNG): samples of a sensor.
const SENSOR: [u64; 2] = [32_803, 34_892];

/// Kinds of packing that cameras alone write: Nikon, Sony, Kodak, Pentax, Samsung.
const CAMERA_PACKING: [u64; 6] = [34_713, 32_767, 65_000, 65_535, 32_769, 32_770];

/// A picture inside with this longer side is large enough to find faces on, where there is none of full size.
const ENOUGH: u32 = 1000;

/// Strips and tiles of sensor data that are told from pictures.
const MOST_PARTS: usize = 1 << 20;

/// A JPEG inside the file.
#[derive(Clone, Debug, PartialEq)]
struct Preview {
    place: Range<usize>,
    size: [u32; 2],
}

/// Whether a file that begins like TIFF is a raw one.
pub(super) fn is_raw(bytes: &[u8]) -> bool {
    let Some(tiff) = Tiff::new(bytes) else { return false };
    let directories = tiff.all();
    let holds = |directory: &Directory, tag, known: &[u64]| {
        tiff.first(directory, tag).is_some_and(|value| known.contains(&value))
    };
    directories.iter().any(|directory| {
        holds(directory, tag::PHOTOMETRIC, &SENSOR)
            || holds(directory, tag::COMPRESSION, &CAMERA_PACKING)
            || tiff.first(directory, tag::DNG_VERSION).is_some()
    })
}

/// Width and height of the largest picture that the directories declare.
pub(super) fn largest_declared(bytes: &[u8]) -> Option<[u32; 2]> {
    let tiff = Tiff::new(bytes)?;
    tiff.all().iter().filter_map(|directory| tiff.size(directory)).max_by_key(|&size| area(size))
}

/// Decodes the largest JPEG inside.
///
/// # Errors
/// [`DecodeError::NoPreview`] where there is none, or only a thumbnail; what decoding it fails with.
pub(super) fn decode(bytes: &[u8], params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let full = largest_declared(bytes);
    let preview = largest_preview(bytes);
    let is_full = |size: [u32; 2]| full.is_none_or(|full| longer(size) * 10 >= longer(full) * 9);
    let preview = match preview {
        Some(preview) if longer(preview.size) >= ENOUGH || full.is_some() && is_full(preview.size) => preview,
        found => return Err(DecodeError::NoPreview { largest: found.map(|preview| preview.size) }),
    };
    let at = preview.place.start;
    let mut photo = jpeg::decode(&bytes[preview.place], params).map_err(|error| match error {
        DecodeError::Truncated { .. } => DecodeError::Truncated { format: PhotoFormat::Raw },
        DecodeError::Corrupt { detail, .. } => DecodeError::Corrupt { format: PhotoFormat::Raw, detail },
        other => other,
    })?;
    photo.jpeg_at = Some(at);
    // What the file says of the photo goes before what the JPEG inside says of itself, which often is nothing.
    let facts = facts(bytes);
    photo.orientation = facts.orientation.unwrap_or(photo.orientation);
    photo.taken_at = facts.taken_at.or(photo.taken_at);
    if let Some(full) = full.filter(|_| !is_full(preview.size)) {
        photo.notice = Some(tell!(
            "issue-raw-preview",
            width = full[0].to_string(),
            height = full[1].to_string(),
            preview_width = preview.size[0].to_string(),
            preview_height = preview.size[1].to_string(),
        ));
    }
    Ok(photo)
}

/// From the directories, or from the boxes of Canon's CR3. Of colours the JPEG inside speaks for itself.
fn facts(bytes: &[u8]) -> Told {
    match Tiff::new(bytes) {
        Some(tiff) => Told { is_adobe_rgb: None, ..Told::of(&tiff) },
        None => canon_facts(bytes),
    }
}

/// CR3 keeps each directory in a box of its own near its beginning: `CMT1` the first, `CMT2` what EXIF tells.
fn canon_facts(bytes: &[u8]) -> Told {
    const HEAD: usize = 64 << 10;
    let head = &bytes[..bytes.len().min(HEAD)];
    let block = |name: &[u8]| {
        let at = head.windows(4).position(|window| window == name)?;
        let tiff = Tiff::new(&head[at + 4..])?;
        Some((tiff, tiff.first_page()?))
    };
    Told {
        orientation: block(b"CMT1").and_then(|(tiff, first)| orientation(&tiff, &first)),
        taken_at: block(b"CMT2").and_then(|(tiff, exif)| taken_at(&tiff, &exif)),
        is_adobe_rgb: None,
    }
}

/// Looked for everywhere: makers keep it in directories, in notes of their own and in boxes. Where sensor data is packed
/// as JPEG, too (lossy DNG), its tiles are none.
fn largest_preview(bytes: &[u8]) -> Option<Preview> {
    let sensor = Tiff::new(bytes).map(|tiff| sensor_data(&tiff)).unwrap_or_default();
    let mut best: Option<Preview> = None;
    let mut at = 0;
    while let Some(step) = bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == 0xFF)) {
        at += step;
        if bytes[at..].starts_with(&[0xFF, 0xD8, 0xFF]) && !sensor.contains(&(at as u64)) {
            let size = frame_size(&bytes[at..]);
            if let Some(size) = size.filter(|&size| best.as_ref().is_none_or(|best| area(size) > area(best.size))) {
                best = Some(Preview { place: at..bytes.len(), size });
            }
        }
        at += 1;
    }
    best
}

/// Where strips and tiles of sensor data begin.
fn sensor_data(tiff: &Tiff<'_>) -> HashSet<u64> {
    let is_sensor = |directory: &&Directory| {
        tiff.first(directory, tag::PHOTOMETRIC).is_some_and(|photometric| SENSOR.contains(&photometric))
    };
    let directories = tiff.all();
    let offsets = directories.iter().filter(is_sensor).flat_map(|directory| {
        [tag::STRIP_OFFSETS, tag::TILE_OFFSETS].into_iter().flat_map(|tag| tiff.numbers(directory, tag))
    });
    offsets.take(MOST_PARTS).collect()
}

/// Width and height by the frame header of a JPEG that can be a picture: 8 bits, gray or three colours, not lossless.
fn frame_size(jpeg: &[u8]) -> Option<[u32; 2]> {
    const MOST_SEGMENTS: usize = 64;
    let mut at = 2;
    for _ in 0..MOST_SEGMENTS {
        let head = jpeg.get(at..at + 4)?;
        let (marker, length) = (head[1], usize::from(u16::from_be_bytes([head[2], head[3]])));
        let is_segment = head[0] == 0xFF && (0xC0..=0xFE).contains(&marker) && !(0xD0..=0xDA).contains(&marker);
        if !is_segment || length < 2 {
            return None;
        }
        if matches!(marker, 0xC0..=0xC2) {
            let frame = jpeg.get(at + 4..at + 10)?;
            let side = |at: usize| u32::from(u16::from_be_bytes([frame[at], frame[at + 1]]));
            return (frame[0] == 8 && matches!(frame[5], 1 | 3)).then_some([side(3), side(1)]);
        }
        if matches!(marker, 0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF) {
            return None;
        }
        at += 2 + length;
    }
    None
}

fn area(size: [u32; 2]) -> u64 {
    u64::from(size[0]) * u64::from(size[1])
}

fn longer(size: [u32; 2]) -> u32 {
    size[0].max(size[1])
}
