//! Folders that programs and systems keep beside photos: small copies, earlier versions, what was thrown away. Their
//! pictures are no photos of their own, and a gallery that takes them shows each person many times over.

use std::path::Path;

/// In small letters.
const NAMES: [&str; 24] = [
    // Small copies: Synology, QNAP, the freedesktop standard and Android, older viewers.
    "@eadir",
    ".@__thumb",
    ".thumbnails",
    ".thumbnail",
    ".thumbs",
    ".thumb",
    ".tn",
    ".xvpics",
    ".pics",
    // Earlier versions: Picasa, Syncthing, snapshots of file servers.
    ".picasaoriginals",
    ".stversions",
    "#snapshot",
    ".snapshot",
    "~snapshot",
    // What was thrown away: digiKam, Synology, QNAP, Samba, Windows, macOS.
    ".dtrash",
    "#recycle",
    "@recycle",
    ".recycle",
    "$recycle.bin",
    "recycler",
    ".trash",
    ".trashes",
    // Companions without pixels.
    ".appledouble",
    "__macosx",
];

/// Libraries of Apple's programs, and the folders in them that hold what can be made of the originals.
const LIBRARIES: [&str; 4] = [".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary"];
const MADE_AGAIN: [&str; 4] = ["resources", "thumbnails", "previews", "derivatives"];

/// Whether a folder met on the way is left out. What a person names outright is looked through whatever it is called.
pub(super) fn is_left_out(folder: &Path) -> bool {
    let Some(name) = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()) else { return false };
    let is_in_library = || {
        let parents = folder.ancestors().skip(1).filter_map(Path::file_name);
        parents
            .map(|parent| parent.to_string_lossy().to_lowercase())
            .any(|parent| LIBRARIES.iter().any(|library| parent.ends_with(library)))
    };
    NAMES.contains(&name.as_str())
        || name.starts_with(".trash-")
        || name.ends_with(".lrdata")
        || MADE_AGAIN.contains(&name.as_str()) && is_in_library()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_and_folders_of_apples_libraries_only_there() {
        for folder in [
            "/a/@eaDir",
            "/a/.THUMBNAILS",
            "/a/.dtrash",
            "/a/.picasaoriginals",
            "/a/.Trash-1000",
            "/a/Previews.lrdata",
            "/a/P.photoslibrary/resources",
            "/a/P.photoslibrary/Thumbnails",
        ] {
            assert!(is_left_out(Path::new(folder)), "{folder}");
        }
        for folder in ["/a/thumbnails", "/a/resources", "/a/P.photoslibrary/originals", "/a/eaDir", "/", "/a/.hidden"] {
            assert!(!is_left_out(Path::new(folder)), "{folder}");
        }
    }
}
