//! Paths as JSON lines carry them.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;

use crate::store::bytes_from_path;

/// The base64 of a path's own bytes where its text does not tell them all.
fn base64_where_lossy(path: &Path) -> Option<String> {
    path.to_str().is_none().then(|| STANDARD.encode(bytes_from_path(path)))
}

/// A path as a pair of keys of a line: the text, and, where that is not the whole truth, the bytes in base64.
macro_rules! path_keys {
    ($(#[$doc:meta])* $name:ident { $text:ident, $bytes:ident }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
        pub(in crate::cli) struct $name {
            /// For people: what is not Unicode stands in it as U+FFFD.
            pub $text: String,
            /// The path's own bytes in base64, only where it is not Unicode (Windows: UTF-16, little-endian).
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $bytes: Option<String>,
        }

        impl From<&Path> for $name {
            fn from(path: &Path) -> Self {
                Self { $text: path.to_string_lossy().into_owned(), $bytes: base64_where_lossy(path) }
            }
        }
    };
}

path_keys!(
    /// Of a photo.
    PhotoPath { photo, photo_base64 }
);
path_keys!(
    /// Of a photo that is searched for.
    ProbePath { probe, probe_base64 }
);
path_keys!(
    /// Of a folder.
    FolderPath { folder, folder_base64 }
);
path_keys!(
    /// Of the data folder.
    DataPath { data_dir, data_dir_base64 }
);
path_keys!(
    /// Of a file that was written.
    FilePath { file, file_base64 }
);
path_keys!(
    /// Of a model's weights.
    WeightsPath { weights, weights_base64 }
);

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::path_from_bytes;

    #[test]
    fn paths_that_are_not_text_keep_their_bytes() {
        let plain = serde_json::to_value(PhotoPath::from(Path::new("/a/Müller.jpg"))).unwrap();
        assert_eq!(plain, serde_json::json!({ "photo": "/a/Müller.jpg" }));
        for bytes in [b"/a/M\xfcller.jpg".as_slice(), b"/a/M\xf6ller.jpg", b"/a/\xff\xfe"] {
            let keys = PhotoPath::from(path_from_bytes(bytes).as_path());
            assert!(keys.photo.contains('\u{fffd}'));
            assert_eq!(STANDARD.decode(keys.photo_base64.unwrap()).unwrap(), bytes);
        }
    }
}
