use crate::tell;
use crate::types::{Tell, Telling};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::format::PhotoFormat;
use super::params::MIN_SIDE;

/// Why a file did not become a photo.
///
/// The path is not part of it: the same bytes may lie in many places, and the issue list shows the path beside the
/// reason. [`DecodeError::kind`] is for grouping and for scripts.
#[derive(Debug, Error, Serialize, Deserialize)]
pub enum DecodeError {
    #[error("the file is empty (0 bytes); copy it again from its source")]
    Empty,
    #[serde(skip)]
    #[error("this is {what}, not a file")]
    NotAFile {
        #[serde(skip)]
        what: &'static str,
    },
    #[serde(skip)]
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the file has {bytes} bytes, more than the limit of {limit}")]
    FileTooLarge { bytes: u64, limit: u64 },
    #[serde(skip)]
    #[error("the content is {guess}, not a photo format that can be read, whatever the name says")]
    NotAPhoto {
        #[serde(skip)]
        guess: &'static str,
    },
    #[error("the photo has {}×{} pixels, too small to hold a face (at least {MIN_SIDE} each way)", size[0], size[1])]
    TooSmall { size: [u32; 2] },
    #[error("the photo declares {}×{} pixels, more than the limit of {} megapixels", size[0], size[1], limit / 1_000_000)]
    TooManyPixels { size: [u32; 2], limit: u64 },
    #[error("the file declares {}×{} pixels in only {bytes} bytes; no photo is that small, so it was not opened", size[0], size[1])]
    Bomb { size: [u32; 2], bytes: u64 },
    #[error("the {format} file ends too early; copy it again from its source")]
    Truncated { format: PhotoFormat },
    #[error("the {format} file is damaged: {detail}")]
    Corrupt { format: PhotoFormat, detail: String },
    #[error("this kind of {format} file cannot be read: {detail}")]
    Unsupported { format: PhotoFormat, detail: String },
    #[error("the {format} photo needs more memory to decode than the limit of {} MB", limit >> 20)]
    TooMuchMemory { format: PhotoFormat, limit: u64 },
    #[error("{format} photos need the system library libheif, which is not here: {}", install_hint())]
    LibraryMissing { format: PhotoFormat },
    #[error("the system's libheif has no decoder for {format}: {}", codec_hint(*format))]
    CodecMissing { format: PhotoFormat },
    #[error("the {format} decoder crashed on this file; it was left out")]
    Crashed { format: PhotoFormat },
    #[error("the {format} decoder does not come to an end with this file; it was left out")]
    Endless { format: PhotoFormat },
    #[error("the raw photo {}; export it as JPEG or TIFF", no_preview(*largest))]
    NoPreview { largest: Option<[u32; 2]> },
    #[error("the crop could not be stored as JPEG: {0}")]
    Encode(String),
}

impl DecodeError {
    /// Whether the machine may be to blame – what it lacks, what its disk does, what a decoder does on it – and not the
    /// photo, so that another try may go well.
    pub fn is_of_machine(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_) | Self::LibraryMissing { .. } | Self::CodecMissing { .. } | Self::Crashed { .. }
        )
    }

    /// A short name that stays the same between versions, for grouping issues and for scripts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAFile { .. } => "not-a-file",
            Self::Unreadable(_) => "unreadable",
            Self::FileTooLarge { .. } => "file-too-large",
            Self::NotAPhoto { .. } => "not-a-photo",
            Self::TooSmall { .. } => "too-small",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::Bomb { .. } => "bomb",
            Self::Truncated { .. } => "truncated",
            Self::Corrupt { .. } => "corrupt",
            Self::Unsupported { .. } => "unsupported",
            Self::TooMuchMemory { .. } => "too-much-memory",
            Self::LibraryMissing { .. } => "library-missing",
            Self::CodecMissing { .. } => "codec-missing",
            Self::Crashed { .. } => "crashed",
            Self::Endless { .. } => "endless",
            Self::NoPreview { .. } => "no-preview",
            Self::Encode(_) => "encode",
        }
    }
}

fn no_preview(largest: Option<[u32; 2]>) -> String {
    match largest {
        None => "holds no picture that can be read here".to_owned(),
        Some([width, height]) => format!("holds no picture but a thumbnail of {width}×{height} pixels"),
    }
}

fn install_hint() -> &'static str {
    if cfg!(target_os = "macos") {
        "install it with `brew install libheif`"
    } else if cfg!(target_os = "windows") {
        "put heif.dll and its decoders beside the program"
    } else {
        "install the package libheif1 (`sudo apt install libheif1`; on Fedora and others `libheif`)"
    }
}

fn codec_hint(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Avif => "install the package libheif-plugin-dav1d or libheif-plugin-aomdec",
        _ => "install the package libheif-plugin-libde265 (on Fedora `libheif-freeworld`)",
    }
}

impl Tell for DecodeError {
    fn telling(&self) -> Telling {
        match self {
            Self::Empty => tell!("decode-empty"),
            Self::NotAFile { what } => tell!("decode-not-a-file", what = Telling::phrase(what)),
            Self::Unreadable(reason) => tell!("decode-unreadable", reason = reason),
            Self::FileTooLarge { bytes, limit } => tell!("decode-file-too-large", bytes = *bytes, limit = *limit),
            Self::NotAPhoto { guess } => tell!("decode-not-a-photo", guess = Telling::phrase(guess)),
            Self::TooSmall { size } => {
                tell!("decode-too-small", width = size[0].to_string(), height = size[1].to_string(), least = MIN_SIDE)
            }
            Self::TooManyPixels { size, limit } => {
                tell!(
                    "decode-too-many-pixels",
                    width = size[0].to_string(),
                    height = size[1].to_string(),
                    limit = *limit / 1_000_000
                )
            }
            Self::Bomb { size, bytes } => {
                tell!("decode-bomb", width = size[0].to_string(), height = size[1].to_string(), bytes = *bytes)
            }
            Self::Truncated { format } => tell!("decode-truncated", format = format.to_string()),
            Self::Corrupt { format, detail } => tell!("decode-corrupt", format = format.to_string(), detail = detail),
            Self::Unsupported { format, detail } => {
                tell!("decode-unsupported", format = format.to_string(), detail = detail)
            }
            Self::TooMuchMemory { format, limit } => {
                tell!("decode-too-much-memory", format = format.to_string(), limit = *limit >> 20)
            }
            Self::LibraryMissing { format } => {
                tell!("decode-library-missing", format = format.to_string(), hint = Telling::phrase(install_hint()))
            }
            Self::CodecMissing { format } => {
                tell!("decode-codec-missing", format = format.to_string(), hint = Telling::phrase(codec_hint(*format)))
            }
            Self::Crashed { format } => tell!("decode-crashed", format = format.to_string()),
            Self::Endless { format } => tell!("decode-endless", format = format.to_string()),
            Self::NoPreview { largest: None } => tell!("decode-no-preview"),
            Self::NoPreview { largest: Some([width, height]) } => {
                tell!("decode-thumbnail-only", width = width.to_string(), height = height.to_string())
            }
            Self::Encode(reason) => tell!("decode-encode", reason = reason),
        }
    }
}
