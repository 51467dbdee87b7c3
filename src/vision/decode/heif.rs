#![allow(unsafe_code, reason = "libheif is a C library")]

mod boxes;

use std::ffi::{c_int, c_void};
use std::ptr;

use image::RgbImage;
use image::metadata::Orientation;

use self::boxes::Items;
use super::exif::ExifFacts;
use super::libheif::{self as lib, Api, DecodingOptions, RawError};
use super::params::MAX_DECODER_MEMORY;
use super::photo::{Unfitted, check_declared_size};
use super::raster::over_white;
use super::{DecodeError, DecodeParams, PhotoFormat};

/// Decodes the primary image of a HEIC or AVIF file with the system's libheif, which also turns it upright.
pub(super) fn decode(bytes: &[u8], format: PhotoFormat, params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let api = Api::shared().ok_or(DecodeError::LibraryMissing { format })?;
    let photo = HeifPhoto::open(api, bytes, format, params)?;
    let size = photo.size()?;
    check_declared_size(size, bytes.len(), params)?;
    let items = Items::read(bytes);
    if items.as_ref().is_some_and(|items| items.breaks_off(bytes)) {
        return Err(DecodeError::Truncated { format });
    }
    let colour = items.as_ref().and_then(|items| items.colour(bytes));
    let mut facts = ExifFacts::gather(photo.exif_block());
    // The library applied the file's own rotation, so what it gives is upright and is the stored size. Only where the
    // file has none does EXIF count: a program has written it that knows no other.
    if items.is_none_or(|items| items.is_turned()) {
        facts.orientation = Orientation::NoTransforms;
    }
    let pixels = photo.pixels(size)?;
    let mut photo = Unfitted::new(pixels, size, facts, None);
    if let Some(told) = colour {
        photo.colour = told;
    }
    Ok(photo)
}

/// A context and its primary image; both borrow the file's bytes.
struct HeifPhoto<'a> {
    api: &'static Api,
    format: PhotoFormat,
    // Dropped in this order: the image before its context.
    primary: Owned,
    _context: Owned,
    _bytes: &'a [u8],
}

impl<'a> HeifPhoto<'a> {
    fn open(
        api: &'static Api,
        bytes: &'a [u8],
        format: PhotoFormat,
        params: &DecodeParams,
    ) -> Result<Self, DecodeError> {
        // SAFETY: each pointer comes from the library just before; `bytes` outlives the context, see the fields.
        unsafe {
            let context = Owned::new((api.heif_context_alloc)(), api.heif_context_free, format)?;
            if let Some(set_limit) = api.heif_context_set_maximum_image_size_limit {
                // The library squares this: a side, for a limit of an area.
                set_limit(context.pointer, (params.max_pixels as f64).sqrt().ceil().clamp(1.0, 46_340.0) as c_int);
            }
            if let Some(set_threads) = api.heif_context_set_max_decoding_threads {
                set_threads(context.pointer, 1);
            }
            let read = (api.heif_context_read_from_memory_without_copy)(
                context.pointer,
                bytes.as_ptr().cast(),
                bytes.len(),
                ptr::null(),
            );
            check(read, format)?;
            let mut handle = ptr::null_mut();
            check((api.heif_context_get_primary_image_handle)(context.pointer, &mut handle), format)?;
            let primary = Owned::new(handle, api.heif_image_handle_release, format)?;
            Ok(Self { api, format, primary, _context: context, _bytes: bytes })
        }
    }

    /// Width and height, upright.
    fn size(&self) -> Result<[u32; 2], DecodeError> {
        // SAFETY: getters on a live image.
        let sides = unsafe {
            [
                (self.api.heif_image_handle_get_width)(self.primary.pointer),
                (self.api.heif_image_handle_get_height)(self.primary.pointer),
            ]
        };
        match sides.map(u32::try_from) {
            [Ok(width), Ok(height)] => Ok([width, height]),
            _ => Err(corrupt(self.format, "it declares a negative size")),
        }
    }

    /// The TIFF structure of the first EXIF item; the item begins with the offset to it (ISO/IEC 23008-12, A.2.1).
    fn exif_block(&self) -> Option<Vec<u8>> {
        const LARGEST: usize = 16 << 20;
        let (api, handle) = (self.api, self.primary.pointer);
        let mut id = 0;
        // SAFETY: at most one id is written to `id`; the buffer has the size that the library asks for.
        let mut item = unsafe {
            if (api.heif_image_handle_get_list_of_metadata_block_IDs)(handle, c"Exif".as_ptr(), &mut id, 1) < 1 {
                return None;
            }
            let size = (api.heif_image_handle_get_metadata_size)(handle, id);
            if !(8..=LARGEST).contains(&size) {
                return None;
            }
            let mut item = vec![0u8; size];
            if (api.heif_image_handle_get_metadata)(handle, id, item.as_mut_ptr().cast()).code != 0 {
                return None;
            }
            item
        };
        let offset = u32::from_be_bytes([item[0], item[1], item[2], item[3]]) as usize;
        let start = offset.checked_add(4).filter(|&start| start < item.len())?;
        Some(item.split_off(start))
    }

    fn pixels(&self, size: [u32; 2]) -> Result<RgbImage, DecodeError> {
        let (api, format) = (self.api, self.format);
        // SAFETY: pointers come from the library and are released by their owners; the rows read below lie within the
        // plane, since its size is checked and the stride is the library's.
        unsafe {
            let alpha = (api.heif_image_handle_has_alpha_channel)(self.primary.pointer) != 0;
            let chroma = if alpha { lib::CHROMA_INTERLEAVED_RGBA } else { lib::CHROMA_INTERLEAVED_RGB };
            let options = Options::new(api);
            let mut decoded = ptr::null_mut();
            let (primary, wanted) = (self.primary.pointer, options.pointer);
            check((api.heif_decode_image)(primary, &mut decoded, lib::COLORSPACE_RGB, chroma, wanted), format)?;
            let decoded = Owned::new(decoded, api.heif_image_release, format)?;
            let plane =
                |f: unsafe extern "C" fn(*mut c_void, c_int) -> c_int| f(decoded.pointer, lib::CHANNEL_INTERLEAVED);
            let found = [plane(api.heif_image_get_width), plane(api.heif_image_get_height)];
            if found.map(i64::from) != size.map(i64::from) || plane(api.heif_image_get_bits_per_pixel_range) != 8 {
                return Err(corrupt(format, "the decoded picture is not what the file declares"));
            }
            let mut stride: c_int = 0;
            let first = (api.heif_image_get_plane_readonly)(decoded.pointer, lib::CHANNEL_INTERLEAVED, &mut stride);
            let row_bytes = size[0] as usize * if alpha { 4 } else { 3 };
            if first.is_null() || usize::try_from(stride).map_or(true, |stride| stride < row_bytes) {
                return Err(corrupt(format, "the decoder gave no pixels"));
            }
            let mut samples = Vec::with_capacity(row_bytes * size[1] as usize);
            for row in 0..size[1] as usize {
                samples.extend_from_slice(std::slice::from_raw_parts(first.add(row * stride as usize), row_bytes));
            }
            if alpha {
                return Ok(over_white(size[0], size[1], &samples));
            }
            RgbImage::from_raw(size[0], size[1], samples).ok_or_else(|| corrupt(format, "the decoder gave no pixels"))
        }
    }
}

/// A library object, released once.
struct Owned {
    pointer: *mut c_void,
    release: unsafe extern "C" fn(*mut c_void),
}

impl Owned {
    fn new(
        pointer: *mut c_void,
        release: unsafe extern "C" fn(*mut c_void),
        format: PhotoFormat,
    ) -> Result<Self, DecodeError> {
        if pointer.is_null() {
            return Err(DecodeError::TooMuchMemory { format, limit: MAX_DECODER_MEMORY });
        }
        Ok(Self { pointer, release })
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: `pointer` is not null and is released here only.
        unsafe { (self.release)(self.pointer) }
    }
}

/// Decoding options that ask for 8 bits, and for an error where the decoder would make pixels up; a null pointer, which means the defaults, where none can be had.
struct Options {
    api: &'static Api,
    pointer: *mut DecodingOptions,
}

impl Options {
    fn new(api: &'static Api) -> Self {
        // SAFETY: the library allocates the structure, and the field exists from version 2 on.
        unsafe {
            let pointer = (api.heif_decoding_options_alloc)();
            if !pointer.is_null() && (*pointer).version >= 2 {
                (*pointer).convert_hdr_to_8bit = 1;
            }
            if !pointer.is_null() && (*pointer).version >= 3 {
                (*pointer).strict_decoding = 1;
            }
            Self { api, pointer }
        }
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        if !self.pointer.is_null() {
            // SAFETY: allocated by the library, freed once.
            unsafe { (self.api.heif_decoding_options_free)(self.pointer) }
        }
    }
}

fn check(error: RawError, format: PhotoFormat) -> Result<(), DecodeError> {
    match (error.code, error.subcode) {
        (0, _) => Ok(()),
        (lib::INVALID_INPUT, lib::SUB_END_OF_DATA) => Err(DecodeError::Truncated { format }),
        (lib::UNSUPPORTED_FEATURE, lib::SUB_UNSUPPORTED_CODEC) => Err(DecodeError::CodecMissing { format }),
        (lib::UNSUPPORTED_FEATURE | lib::UNSUPPORTED_FILETYPE, _) => {
            Err(DecodeError::Unsupported { format, detail: error.message() })
        }
        (lib::MEMORY_ALLOCATION, _) => Err(DecodeError::TooMuchMemory { format, limit: MAX_DECODER_MEMORY }),
        _ => Err(corrupt(format, &error.message())),
    }
}

fn corrupt(format: PhotoFormat, detail: &str) -> DecodeError {
    DecodeError::Corrupt { format, detail: detail.to_owned() }
}
