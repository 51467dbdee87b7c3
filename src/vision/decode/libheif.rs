//! The few functions of the system's libheif that decoding needs, bound when the first such photo comes.
//!
//! The program has no link-time dependency on the library. Names and layouts are those of its public C interface
//! (libheif 1.6 and later, which all share the soname `libheif.so.1`).

#![allow(unsafe_code, reason = "libheif is a C library")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use libloading::Library;

pub(super) const COLORSPACE_RGB: c_int = 1;
pub(super) const CHROMA_INTERLEAVED_RGB: c_int = 10;
pub(super) const CHROMA_INTERLEAVED_RGBA: c_int = 11;
pub(super) const CHANNEL_INTERLEAVED: c_int = 10;
/// `heif_error.code` and `.subcode` values that are told apart.
pub(super) const INVALID_INPUT: c_int = 2;
pub(super) const UNSUPPORTED_FILETYPE: c_int = 3;
pub(super) const UNSUPPORTED_FEATURE: c_int = 4;
pub(super) const MEMORY_ALLOCATION: c_int = 6;
pub(super) const SUB_END_OF_DATA: c_int = 100;
pub(super) const SUB_UNSUPPORTED_CODEC: c_int = 3000;

/// What nearly every function returns by value.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawError {
    pub code: c_int,
    pub subcode: c_int,
    message: *const c_char,
}

impl RawError {
    pub fn message(&self) -> String {
        if self.message.is_null() {
            return format!("error {}.{}", self.code, self.subcode);
        }
        // SAFETY: the library points to a terminated string that lives as long as the context or the library.
        unsafe { CStr::from_ptr(self.message) }.to_string_lossy().into_owned()
    }
}

/// The beginning of `heif_decoding_options`; only what the library allocates is ever touched.
#[repr(C)]
pub(super) struct DecodingOptions {
    pub version: u8,
    ignore_transformations: u8,
    progress: [*mut c_void; 4],
    /// Since version 2 of the structure.
    pub convert_hdr_to_8bit: u8,
    /// Since version 3.
    pub strict_decoding: u8,
}

macro_rules! api {
    ($($name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(non_snake_case)] // the library's own names
        pub(super) struct Api {
            $(pub $name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// Since 1.4; bounds what the decoder itself allocates.
            pub heif_context_set_maximum_image_size_limit: Option<unsafe extern "C" fn(*mut c_void, c_int)>,
            /// Since 1.13; enrollment has its own threads.
            pub heif_context_set_max_decoding_threads: Option<unsafe extern "C" fn(*mut c_void, c_int)>,
            _library: Library,
        }

        impl Api {
            fn bind(library: Library) -> Result<Self, libloading::Error> {
                // SAFETY: each name has had this signature since the oldest supported release.
                unsafe {
                    Ok(Self {
                        $($name: *library.get(stringify!($name))?,)*
                        heif_context_set_maximum_image_size_limit:
                            library.get("heif_context_set_maximum_image_size_limit").ok().map(|s| *s),
                        heif_context_set_max_decoding_threads:
                            library.get("heif_context_set_max_decoding_threads").ok().map(|s| *s),
                        _library: library,
                    })
                }
            }
        }
    };
}

api! {
    heif_context_alloc() -> *mut c_void;
    heif_context_free(*mut c_void);
    heif_context_read_from_memory_without_copy(*mut c_void, *const c_void, usize, *const c_void) -> RawError;
    heif_context_get_primary_image_handle(*mut c_void, *mut *mut c_void) -> RawError;
    heif_image_handle_release(*mut c_void);
    heif_image_handle_get_width(*mut c_void) -> c_int;
    heif_image_handle_get_height(*mut c_void) -> c_int;
    heif_image_handle_has_alpha_channel(*mut c_void) -> c_int;
    heif_image_handle_get_list_of_metadata_block_IDs(*mut c_void, *const c_char, *mut u32, c_int) -> c_int;
    heif_image_handle_get_metadata_size(*mut c_void, u32) -> usize;
    heif_image_handle_get_metadata(*mut c_void, u32, *mut c_void) -> RawError;
    heif_decoding_options_alloc() -> *mut DecodingOptions;
    heif_decoding_options_free(*mut DecodingOptions);
    heif_decode_image(*mut c_void, *mut *mut c_void, c_int, c_int, *const DecodingOptions) -> RawError;
    heif_image_release(*mut c_void);
    heif_image_get_width(*mut c_void, c_int) -> c_int;
    heif_image_get_height(*mut c_void, c_int) -> c_int;
    heif_image_get_bits_per_pixel_range(*mut c_void, c_int) -> c_int;
    heif_image_get_plane_readonly(*mut c_void, c_int, *mut c_int) -> *const u8;
}

impl Api {
    /// The library, loaded once a process. `None` where the system has none or one that is too old.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Api>> = OnceLock::new();
        SHARED.get_or_init(|| Self::load(file_names())).as_ref()
    }

    fn load(names: &[&str]) -> Option<Self> {
        names.iter().find_map(|name| {
            // SAFETY: loading runs the library's constructors, which set up its codec registry and nothing else.
            let library = unsafe { Library::new(*name) };
            library.and_then(Self::bind).map_err(|e| log::debug!("libheif: {e}")).ok()
        })
    }
}

fn file_names() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["libheif.1.dylib", "/opt/homebrew/lib/libheif.1.dylib", "/usr/local/lib/libheif.1.dylib"]
    } else if cfg!(target_os = "windows") {
        &["heif.dll", "libheif.dll"]
    } else {
        &["libheif.so.1"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_no_crash() {
        assert!(Api::load(&["libno-such-heif.so.1"]).is_none());
        assert!(Api::load(&[]).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_library_without_the_functions_is_refused() {
        assert!(Api::load(&["libc.so.6"]).is_none());
    }
}
