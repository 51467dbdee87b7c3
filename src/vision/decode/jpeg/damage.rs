//! Whether a picture that libjpeg warned of is whole. libjpeg goes on where data is missing, and tells its first warning
//! alone.

use super::super::DecodeError;
use super::super::zeros::trailing_zeros;
use super::failure::{corrupt, truncated};
use super::segments::Segments;
use super::turbo::{Decoder, Header, Outcome};

/// What is wrong beside the picture, or behind it.
const HARMLESS: [&str; 5] = [
    STRAY,
    "unknown JFIF revision",
    "Unknown Adobe color transform",
    "bad ICC marker",
    "Invalid SOS parameters for sequential",
];

const STRAY: &str = "extraneous bytes before marker";

/// So many stray bytes within the picture's data may be anything; more are data that was not understood.
const FEW: usize = 64;

/// Decides whether a picture that came with a warning is whole. `warning` is the first one of the file.
///
/// Tolerated, where the end marker is there: stray bytes between segments, odd revision numbers, a bad colour profile.
/// Since such a warning hides any other, the picture is decoded once more without what stands before it. Tolerated, too: a
/// lost end marker behind a complete single scan, found by decoding once more with the marker put back.
pub(super) fn judge_warning(
    warning: &str,
    bytes: &[u8],
    header: &Header,
    segments: &Segments,
) -> Result<(), DecodeError> {
    if segments.has_end(bytes) {
        return match HARMLESS.iter().any(|known| warning.contains(known)) {
            true => judge_scans(&segments.bare(bytes), header),
            false => Err(named(warning)),
        };
    }
    if segments.single_scan && !header.progressive && warning.contains("Premature end of JPEG file") {
        let mended = [bytes, &[0xFF, 0xD9]].concat();
        if matches!(decode_small(&mended, header), Ok(Outcome::Clean)) {
            return Ok(());
        }
    }
    Err(truncated())
}

/// Judges what libjpeg says of a picture without anything beside it.
fn judge_scans(bare: &[u8], header: &Header) -> Result<(), DecodeError> {
    let warning = match decode_small(bare, header).map_err(corrupt)? {
        Outcome::Clean => return Ok(()),
        Outcome::Warned(warning) => warning,
    };
    if !HARMLESS.iter().any(|known| warning.contains(known)) {
        return Err(named(&warning));
    }
    if !warning.contains(STRAY) {
        return Ok(());
    }
    let stray = warning.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let end = bare.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).unwrap_or(bare.len());
    let zeros = trailing_zeros(&bare[..end]);
    match (zeros >= stray, stray) {
        // Cameras fill up with zeros behind the picture. Where there are more than were left over, some of them were
        // taken for the picture.
        (true, _) if zeros - stray < FEW => Ok(()),
        (true, _) => Err(truncated()),
        (false, ..=FEW) => Ok(()),
        (false, _) => Err(named(&warning)),
    }
}

/// At an eighth of the size, where that can be: all data is gone through nevertheless.
fn decode_small(bytes: &[u8], header: &Header) -> Result<Outcome, String> {
    let mut decoder = Decoder::new()?;
    // Segments that were left out may have told the space of the colours, and nothing else.
    let own = decoder.header(bytes)?;
    if own.size != header.size {
        return Err("its header is not what it was".to_owned());
    }
    decoder.decode(bytes, &own, if own.lossless { 8 } else { 1 }).map(|(_, outcome)| outcome)
}

fn named(warning: &str) -> DecodeError {
    if warning.contains("remature end") { truncated() } else { corrupt(warning.to_owned()) }
}
