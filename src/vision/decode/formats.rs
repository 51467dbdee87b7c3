//! The one place that knows every format's decoder.

use super::photo::Unfitted;
use super::{DecodeError, DecodeParams, PhotoFormat, apart, jpeg, raster, raw};

/// Told by its first bytes and taken through its format's decoder.
pub(super) fn decode_unfitted(bytes: &[u8], params: &DecodeParams) -> Result<(PhotoFormat, Unfitted), DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() as u64 > params.max_file_bytes {
        return Err(DecodeError::FileTooLarge { bytes: bytes.len() as u64, limit: params.max_file_bytes });
    }
    let mut format = PhotoFormat::sniff(bytes).map_err(|guess| DecodeError::NotAPhoto { guess })?;
    if format == PhotoFormat::Tiff && raw::is_raw(bytes) {
        format = PhotoFormat::Raw;
    }
    let mut unfitted = guarded(format, || match format {
        PhotoFormat::Jpeg => jpeg::decode(bytes, params),
        PhotoFormat::Heic | PhotoFormat::Avif => apart::decode(bytes, format, params),
        PhotoFormat::Raw => raw::decode(bytes, params),
        _ => raster::decode(bytes, format, params),
    })?;
    unfitted.colour = unfitted.colour.for_samples(&unfitted.pixels);
    Ok((format, unfitted))
}

/// A crash inside a decoder as an error.
pub(super) fn guarded(
    format: PhotoFormat,
    decode: impl FnOnce() -> Result<Unfitted, DecodeError>,
) -> Result<Unfitted, DecodeError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode)).map_err(|_| DecodeError::Crashed { format })?
}
