//! libjpeg-turbo's TurboJPEG 3 interface, as far as decoding needs it.
//!
//! The safe wrapper of the crate stops at a header that came with a warning, and cannot bound the scans of a
//! progressive file or the decoder's memory; so the raw functions are called here, and nowhere else.

#![allow(unsafe_code, reason = "TurboJPEG is a C library")]

use std::ffi::{CStr, c_int};

use turbojpeg::raw;

use super::super::params::MAX_DECODER_MEMORY;

/// Scans of a progressive file. Encoders write about ten; each one over a large frame costs a pass.
const MAX_SCANS: c_int = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Width and height in pixels, each at least 1.
    pub size: [u32; 2],
    /// Four ink components; otherwise the picture can be had as RGB.
    pub cmyk: bool,
    pub progressive: bool,
    pub lossless: bool,
    /// Bits a sample.
    pub precision: u32,
}

/// Interleaved 8-bit samples: 3 a pixel, or 4 for CMYK.
pub(super) struct Samples {
    pub samples: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Clean,
    /// The first warning of the file. All rows were written, but some may be made up.
    Warned(String),
}

pub(super) struct Decoder {
    handle: raw::tjhandle,
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the handle came from tj3Init and is destroyed once.
        unsafe { raw::tj3Destroy(self.handle) }
    }
}

impl Decoder {
    pub fn new() -> Result<Self, String> {
        // SAFETY: a plain constructor; null is checked.
        let handle = unsafe { raw::tj3Init(raw::TJINIT_TJINIT_DECOMPRESS as c_int) };
        if handle.is_null() {
            return Err("libjpeg-turbo could not be started".to_owned());
        }
        let mut decoder = Self { handle };
        decoder.set(raw::TJPARAM_TJPARAM_SCANLIMIT, MAX_SCANS)?;
        decoder.set(raw::TJPARAM_TJPARAM_MAXMEMORY, (MAX_DECODER_MEMORY >> 20) as c_int)?;
        Ok(decoder)
    }

    /// Reads the header. Warnings are left for [`Decoder::decode`], which meets them again.
    pub fn header(&mut self, bytes: &[u8]) -> Result<Header, String> {
        // SAFETY: pointer and length describe `bytes`, which outlives the call.
        let code = unsafe { raw::tj3DecompressHeader(self.handle, bytes.as_ptr(), bytes.len() as raw::size_t) };
        let side = |value: c_int| u32::try_from(value).ok().filter(|&side| side > 0);
        let width = side(self.value(raw::TJPARAM_TJPARAM_JPEGWIDTH));
        let height = side(self.value(raw::TJPARAM_TJPARAM_JPEGHEIGHT));
        let colorspace = u32::try_from(self.value(raw::TJPARAM_TJPARAM_COLORSPACE)).ok();
        let (Some(width), Some(height), Some(colorspace)) = (width, height, colorspace) else {
            return Err(if code == 0 { "there is no picture in it".to_owned() } else { self.message() });
        };
        Ok(Header {
            size: [width, height],
            cmyk: [raw::TJCS_TJCS_CMYK, raw::TJCS_TJCS_YCCK].contains(&colorspace),
            progressive: self.value(raw::TJPARAM_TJPARAM_PROGRESSIVE) == 1,
            lossless: self.value(raw::TJPARAM_TJPARAM_LOSSLESS) == 1,
            precision: u32::try_from(self.value(raw::TJPARAM_TJPARAM_PRECISION)).unwrap_or(0),
        })
    }

    /// Decodes at `eighths`/8 of the size that `header` has, rounded up. `header` must be that of `bytes`.
    pub fn decode(&mut self, bytes: &[u8], header: &Header, eighths: u32) -> Result<(Samples, Outcome), String> {
        let factor = raw::tjscalingfactor { num: eighths as c_int, denom: 8 };
        let factor = if eighths == 8 { raw::tjscalingfactor { num: 1, denom: 1 } } else { simplest(factor) };
        // SAFETY: a setter on a live handle; it refuses factors that it does not know.
        if unsafe { raw::tj3SetScalingFactor(self.handle, factor) } != 0 {
            return Err(self.message());
        }
        // The buffer's size follows from the header, so the same header must be what the decoder finds now.
        if self.header(bytes)? != *header {
            return Err("its header is not what it was".to_owned());
        }
        let (channels, layout) = if header.cmyk { (4, raw::TJPF_TJPF_CMYK) } else { (3, raw::TJPF_TJPF_RGB) };
        let [width, height] = header.size.map(|side| (side as usize * eighths as usize).div_ceil(8));
        let mut samples = vec![0; width * height * channels];
        // SAFETY: the buffer holds the scaled height × pitch bytes that TurboJPEG writes for this header and factor.
        let code = unsafe {
            raw::tj3Decompress8(
                self.handle,
                bytes.as_ptr(),
                bytes.len() as raw::size_t,
                samples.as_mut_ptr(),
                (width * channels) as c_int,
                layout,
            )
        };
        if code == 0 {
            return Ok((Samples { samples }, Outcome::Clean));
        }
        let message = self.message();
        if is_warning(&message) { Ok((Samples { samples }, Outcome::Warned(message))) } else { Err(message) }
    }

    fn set(&mut self, parameter: raw::TJPARAM, value: c_int) -> Result<(), String> {
        // SAFETY: a setter on a live handle.
        match unsafe { raw::tj3Set(self.handle, parameter as c_int, value) } {
            0 => Ok(()),
            _ => Err(self.message()),
        }
    }

    fn value(&self, parameter: raw::TJPARAM) -> c_int {
        // SAFETY: a getter on a live handle.
        unsafe { raw::tj3Get(self.handle, parameter as c_int) }
    }

    fn message(&self) -> String {
        // SAFETY: the string is terminated and lives as long as the handle; it is copied at once.
        unsafe { CStr::from_ptr(raw::tj3GetErrorStr(self.handle)) }.to_string_lossy().into_owned()
    }
}

/// 2/8 is known to TurboJPEG as 1/4.
fn simplest(factor: raw::tjscalingfactor) -> raw::tjscalingfactor {
    let halvings = factor.num.trailing_zeros().min(factor.denom.trailing_zeros());
    raw::tjscalingfactor { num: factor.num >> halvings, denom: factor.denom >> halvings }
}

/// TurboJPEG's severity stays "warning" when a fatal error follows one, but the message is then the fatal one's.
/// libjpeg's warnings (JWRN_… in jerror.h) all begin in one of these ways.
fn is_warning(message: &str) -> bool {
    const WARNINGS: [&str; 7] = [
        "Corrupt JPEG data: ",
        "Premature end of JPEG file",
        "Inconsistent progression sequence",
        "Unknown Adobe color transform",
        "Warning: unknown JFIF revision",
        "Invalid SOS parameters for sequential",
        "Application transferred too many scanlines",
    ];
    WARNINGS.iter().any(|known| message.starts_with(known))
}
