//! Takes the wanted members out of a wheel (zip) or an sdist (tar.gz), into a folder that then appears whole.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use crate::failure::{Context, Failure, Result};
use crate::places::create_dir;

/// Copies each member for which `wanted` names a place (relative to `into`). Returns the places and their sizes.
/// The archive's own checksums are checked on the way.
pub fn wheel(archive: &Path, into: &Path, wanted: impl Fn(&str) -> Option<String>) -> Result<Vec<(String, u64)>> {
    let doing = || format!("could not unpack {}", archive.display());
    let mut zip = zip::ZipArchive::new(File::open(archive).context(doing)?).context(doing)?;
    let mut laid_down = Vec::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).context(doing)?;
        let Some(place) = wanted(member.name()).filter(|_| member.is_file()) else { continue };
        let bytes = write_member(&mut member, into, &place)?;
        laid_down.push((place, bytes));
    }
    Ok(laid_down)
}

/// As [`wheel`], for a `.tar.gz`.
pub fn sdist(archive: &Path, into: &Path, wanted: impl Fn(&str) -> Option<String>) -> Result<Vec<(String, u64)>> {
    let doing = || format!("could not unpack {}", archive.display());
    let mut tar = tar::Archive::new(GzDecoder::new(File::open(archive).context(doing)?));
    let mut laid_down = Vec::new();
    for member in tar.entries().context(doing)? {
        let mut member = member.context(doing)?;
        let name = member.path().context(doing)?.to_string_lossy().into_owned();
        let is_file = member.header().entry_type().is_file();
        let Some(place) = wanted(&name).filter(|_| is_file) else { continue };
        let bytes = write_member(&mut member, into, &place)?;
        laid_down.push((place, bytes));
    }
    Ok(laid_down)
}

fn write_member(member: &mut impl io::Read, into: &Path, place: &str) -> Result<u64> {
    let relative = Path::new(place);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Failure::new(format!("an archive names a place outside of its own folder: {place}")));
    }
    let path = into.join(relative);
    if let Some(folder) = path.parent() {
        create_dir(folder)?;
    }
    let doing = || format!("could not write {}", path.display());
    let mut file = File::create(&path).context(doing)?;
    io::copy(member, &mut file).context(doing)
}

/// An empty folder beside `target` for building it. Leftovers of a killed set-up are swept (the caller holds the lock).
pub fn staging(target: &Path) -> Result<PathBuf> {
    let staging = beside(target, "part");
    remove_tree(&staging)?;
    create_dir(&staging)?;
    Ok(staging)
}

/// Puts the finished `staging` in the place of `target`, which is moved aside first and then removed.
pub fn publish(staging: &Path, target: &Path) -> Result<()> {
    let old = beside(target, "old");
    remove_tree(&old)?;
    if target.symlink_metadata().is_ok() {
        fs::rename(target, &old).context(|| format!("could not move {} aside", target.display()))?;
    }
    fs::rename(staging, target).context(|| format!("could not put {} in place", target.display()))?;
    remove_tree(&old)
}

fn beside(target: &Path, suffix: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!("{name}.{suffix}"))
}

fn remove_tree(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).context(|| format!("could not remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("likeness-xtask-{}-{name}", std::process::id()));
        remove_tree(&path).expect("sweep");
        create_dir(&path).expect("scratch folder");
        path
    }

    #[test]
    fn wheel_takes_only_what_is_wanted() {
        let folder = scratch("wheel");
        let archive = folder.join("a.whl");
        let mut zip = zip::ZipWriter::new(File::create(&archive).expect("archive"));
        for name in ["torch/include/a.h", "torch/bin/ptxas"] {
            zip.start_file(name, zip::write::FileOptions::default()).expect("member");
            zip.write_all(b"1234").expect("content");
        }
        zip.finish().expect("end");
        let wanted =
            |name: &str| name.strip_prefix("torch/").filter(|name| name.starts_with("include/")).map(Into::into);
        let laid_down = wheel(&archive, &folder.join("out"), wanted).expect("unpacked");
        assert_eq!(laid_down, [("include/a.h".to_owned(), 4)]);
        assert!(folder.join("out/include/a.h").is_file() && !folder.join("out/bin").exists());
        remove_tree(&folder).expect("sweep");
    }

    #[test]
    fn a_place_outside_is_refused() {
        let folder = scratch("outside");
        for place in ["../evil", "/evil", "a/../../evil"] {
            assert!(write_member(&mut io::empty(), &folder, place).is_err(), "{place}");
        }
        remove_tree(&folder).expect("sweep");
    }

    #[test]
    fn publish_replaces_the_whole_folder() {
        let folder = scratch("publish");
        let target = folder.join("tree");
        create_dir(&target).expect("old tree");
        fs::write(target.join("old"), "").expect("old file");
        let staged = staging(&target).expect("staging");
        fs::write(staged.join("new"), "").expect("new file");
        publish(&staged, &target).expect("publish");
        assert!(target.join("new").is_file() && !target.join("old").exists());
        assert_eq!(fs::read_dir(&folder).expect("folder").count(), 1, "no leftovers");
        remove_tree(&folder).expect("sweep");
    }
}
