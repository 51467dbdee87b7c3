//! Paths as bytes and back, without loss: a file name need not be UTF-8, and no photo is lost for its name.

use std::path::{Path, PathBuf};

#[cfg(unix)]
pub fn bytes_from_path(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
pub fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// UTF-16 code units, little-endian, lone surrogates included.
#[cfg(windows)]
pub fn bytes_from_path(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
}

#[cfg(windows)]
pub fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::windows::ffi::OsStringExt;
    let wide: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    PathBuf::from(std::ffi::OsString::from_wide(&wide))
}

/// For people: what is no Unicode becomes a replacement character.
pub(super) fn text_from_path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_name_comes_back(bytes in proptest::collection::vec(1u8..=255, 0..64)) {
            prop_assert_eq!(bytes_from_path(&path_from_bytes(&bytes)), bytes);
        }
    }
}
