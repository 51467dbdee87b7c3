//! Whether all of a page is there. Decoders take zeros for samples, or for codes of samples.

use super::super::zeros::{SUSPICIOUS, rows_break_off, trailing_zeros};
use super::{Directory, Tiff, tag};

/// Whether the samples of a page break off in zeros.
pub(in crate::vision::decode) fn breaks_off(bytes: &[u8], page: &Directory) -> bool {
    let Some(tiff) = Tiff::new(bytes) else { return false };
    let parts = parts(&tiff, page);
    if tiff.first(page, tag::COMPRESSION).unwrap_or(1) != 1 {
        // Packed data does not end in many zeros, whatever it packs.
        return parts.iter().any(|part| trailing_zeros(part) >= SUSPICIOUS.min(part.len()).max(8));
    }
    let Some(row_bytes) = row_bytes(&tiff, page) else { return false };
    let rows = rows_of_part(&tiff, page);
    rows_break_off(parts.iter().flat_map(|part| part.chunks(row_bytes).take(rows)))
}

/// The strips or tiles that lie in the file, in the order in which they lie there. None where they lie over one another, so
/// that a small file has room for many large ones: a page that is built like that is no photo that broke off.
fn parts<'a>(tiff: &Tiff<'a>, page: &Directory) -> Vec<&'a [u8]> {
    let [offsets, lengths] = match tiff.first(page, tag::TILE_OFFSETS) {
        Some(_) => [tag::TILE_OFFSETS, tag::TILE_BYTES],
        None => [tag::STRIP_OFFSETS, tag::STRIP_BYTES],
    };
    let mut places: Vec<(u64, u64)> =
        tiff.numbers(page, offsets).into_iter().zip(tiff.numbers(page, lengths)).collect();
    places.sort_unstable();
    let part = |(offset, length): (u64, u64)| {
        let start = usize::try_from(offset).ok()?;
        tiff.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let parts: Vec<&[u8]> = places.into_iter().filter_map(part).collect();
    let total = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
    if total > tiff.bytes.len() { Vec::new() } else { parts }
}

/// Rows of a strip or tile; the last strip may have fewer.
fn rows_of_part(tiff: &Tiff<'_>, page: &Directory) -> usize {
    let tag = if tiff.first(page, tag::TILE_OFFSETS).is_some() { tag::TILE_HEIGHT } else { tag::ROWS_PER_STRIP };
    let rows = tiff.first(page, tag).or_else(|| tiff.first(page, tag::HEIGHT));
    rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(usize::MAX)
}

/// Bytes of one row of a strip or tile; `None` where the directory does not tell.
fn row_bytes(tiff: &Tiff<'_>, page: &Directory) -> Option<usize> {
    let width = tiff.first(page, tag::TILE_WIDTH).or_else(|| tiff.first(page, tag::WIDTH))?;
    let bits = tiff.first(page, tag::BITS).unwrap_or(1);
    let is_planar = tiff.first(page, tag::PLANAR) == Some(2);
    let samples = if is_planar { 1 } else { tiff.first(page, tag::SAMPLES).unwrap_or(1) };
    let bytes = width.checked_mul(bits)?.checked_mul(samples)?.div_ceil(8);
    usize::try_from(bytes).ok().filter(|&bytes| bytes > 0)
}
