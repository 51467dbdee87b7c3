//! What lies in and beside a photo's file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::exchange::{
    Contacts, Embedded, ExchangeError, Form, PicasaFolder, RegionSet, read_embedded, read_picasa, read_regions,
};
use crate::types::{Tell, Telling};

/// Bytes of a sidecar, or of one of Picasa's files, at most.
const MOST_BYTES: u64 = 16 << 20;

/// What Picasa calls its file in a folder.
const PICASA: [&str; 2] = [".picasa.ini", "Picasa.ini"];

/// The sidecars of a photo that are there, those named after the whole name (`photo.jpg.xmp`) before those that photos of
/// several endings share (`photo.xmp`).
pub(super) fn sidecars(photo: &Path) -> Vec<PathBuf> {
    let shared = photo.with_extension("");
    // They are one where the photo's name has no ending.
    let bases = [Some(photo), Some(shared.as_path()).filter(|shared| *shared != photo)];
    let one = |base: &Path| ["xmp", "XMP"].iter().map(|end| ended(base, end)).find(|path| path.is_file());
    bases.into_iter().flatten().filter_map(one).collect()
}

/// Where a new sidecar goes.
pub(super) fn new_sidecar_path(photo: &Path) -> PathBuf {
    ended(photo, "xmp")
}

fn ended(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The whole of a small file.
///
/// # Errors
/// It is no file, cannot be read or is larger than such files are.
pub(super) fn read_small(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput).into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES { Err(ExchangeError::TooLarge { limit: MOST_BYTES }) } else { Ok(bytes) }
}

/// The packet and the orientation in a photo's file.
///
/// # Errors
/// The file is not there, or its packet is damaged.
pub(super) fn embedded(photo: &Path) -> Result<Embedded, ExchangeError> {
    if !photo.metadata()?.is_file() {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput).into());
    }
    read_embedded(BufReader::new(File::open(photo)?))
}

/// Reads what tells of a photo's faces, and keeps what Picasa says of folders.
pub(super) struct Reader {
    contacts: Contacts,
    folders: HashMap<PathBuf, Vec<PicasaFolder>>,
}

/// What was found, and what could not be used.
#[derive(Default)]
pub(super) struct Found {
    pub sets: Vec<RegionSet>,
    pub orientation: u8,
    pub issues: Vec<(PathBuf, Telling)>,
}

impl Reader {
    pub(super) fn new(contacts: Contacts) -> Self {
        Self { contacts, folders: HashMap::new() }
    }

    /// The sets of a photo, those that go first before the others: a sidecar speaks for the photo's own packet, form by
    /// form, and Picasa comes last.
    pub(super) fn read(&mut self, photo: &Path) -> Found {
        let mut found = Found { orientation: 1, ..Found::default() };
        let mut told: HashSet<Form> = HashSet::new();
        for path in sidecars(photo) {
            match read_small(&path).and_then(|bytes| read_regions(&bytes)) {
                Ok(sets) => found.add(sets, &mut told),
                Err(error) => found.issues.push((path, error.telling())),
            }
        }
        match embedded(photo) {
            Ok(embedded) => {
                found.orientation = embedded.orientation;
                let packets = embedded.xmp.iter().chain(&embedded.extended);
                let sets: Result<Vec<Vec<RegionSet>>, ExchangeError> = packets.map(|xmp| read_regions(xmp)).collect();
                match sets {
                    Ok(sets) => found.add(sets.concat(), &mut told),
                    Err(error) => found.issues.push((photo.to_path_buf(), error.telling())),
                }
            }
            Err(error) => {
                // Which way up the photo is stands in the same file.
                found.sets.clear();
                found.issues.push((photo.to_path_buf(), error.telling()));
                return found;
            }
        }
        self.add_picasa(photo, &mut found);
        found
    }

    fn add_picasa(&mut self, photo: &Path, found: &mut Found) {
        let (Some(folder), Some(name)) = (photo.parent(), photo.file_name().and_then(|name| name.to_str())) else {
            return;
        };
        let known = self.folders.entry(folder.to_path_buf()).or_insert_with(|| {
            let there = PICASA.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
            let read = there.filter_map(|path| match read_small(&path).and_then(|bytes| read_picasa(&bytes)) {
                Ok(folder) => Some(folder),
                Err(error) => {
                    found.issues.push((path, error.telling()));
                    None
                }
            });
            read.collect()
        });
        found.sets.extend(known.iter().find_map(|folder| folder.regions(name, &self.contacts)));
    }
}

impl Found {
    fn add(&mut self, sets: Vec<RegionSet>, told: &mut HashSet<Form>) {
        let forms: Vec<Form> = sets.iter().map(|set| set.form).collect();
        self.sets.extend(sets.into_iter().filter(|set| !told.contains(&set.form)));
        told.extend(forms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sidecar_of_the_whole_name_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let photo = dir.path().join("a.b.jpg");
        assert!(sidecars(&photo).is_empty());
        for name in ["a.b.xmp", "a.b.jpg.XMP", "a.xmp"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        assert_eq!(sidecars(&photo), [dir.path().join("a.b.jpg.XMP"), dir.path().join("a.b.xmp")]);
        assert_eq!(new_sidecar_path(&photo), dir.path().join("a.b.jpg.xmp"));
    }
}
