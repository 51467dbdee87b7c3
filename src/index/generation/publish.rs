//! Making an index the current generation, so that a process may be killed at any moment.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::notes::Note;
use super::{Generation, IndexStore, POINTER};
use crate::index::IndexError;
use crate::index::face_index::FaceIndex;
use crate::index::files::{checksum_of, entry_names, sync_dir, sync_file, write_synced};
use crate::index::flat::FlatIndex;
use crate::index::id_map::write_ids;
use crate::index::manifest::{FileEntry, Manifest};
use crate::index::moment::moment;
use crate::index::names::{
    FLAT_FILE, IDS_FILE, MANIFEST_FILE, TEMPLATES_DIR, build_name, generation_name, next_number, temp_name,
};
use crate::index::record::{BuildRecord, Built};
use crate::index::watch::{BuildWatch, ticking};
use crate::types::SearchParams;

const POINTER_TEMP: &str = "tmp-CURRENT";

const PUBLISHING: &str = "Publishing the index";

/// Where a publish stands; a process may be killed after each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    FolderMade,
    IndexWritten,
    IdsWritten,
    ManifestWritten,
    Renamed,
    PointerWritten,
    PointerReplaced,
}

impl IndexStore {
    /// Writes the index as a new generation and makes it the current one. Readers see the old one or the new one,
    /// whole; a process killed at any moment leaves the old one or the new one. Searches of `index` go on meanwhile.
    ///
    /// # Errors
    /// [`IndexError::Busy`] while another publishes; [`IndexError::DiskFull`]; then the old one stays current.
    pub fn publish(
        &self,
        index: &FlatIndex,
        model: &str,
        params: SearchParams,
        watch: &dyn BuildWatch,
    ) -> Result<Generation, IndexError> {
        self.locked(|| self.publish_observed(index, model, params, watch, |_| Ok(())))
    }

    /// Makes what [`crate::index::build_with_templates`] made in a folder of [`Self::begin_build`] the current generation.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub fn publish_built(
        &self,
        built: &Built,
        model: &str,
        params: SearchParams,
        watch: &dyn BuildWatch,
    ) -> Result<Generation, IndexError> {
        self.locked(|| {
            let files = file_names(&built.dir)?;
            let sizes = files.iter().map(|name| fs::metadata(built.dir.join(name)).map_or(0, |file| file.len()));
            let mut tick = ticking(watch, PUBLISHING, sizes.sum(), built.record.ntotal);
            let files = files.iter().map(|name| FileEntry::from_file(&built.dir.join(name), name, &mut tick));
            let number = self.next_number()?;
            let manifest = Manifest::new(number, model, params, built.record.clone(), files.collect::<Result<_, _>>()?);
            self.put_in_place(&built.dir, manifest, &mut |_| Ok(()))
        })
    }

    /// An empty folder to build in, beside the generations. Deleted by [`Self::clean_up`] if nothing comes of it.
    pub fn begin_build(&self) -> Result<PathBuf, IndexError> {
        self.ensure_writable()?;
        static BUILDS: AtomicU64 = AtomicU64::new(1);
        let dir = self.dir.join(build_name(BUILDS.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&dir).map_err(IndexError::io("create the index folder", &dir))?;
        Ok(dir)
    }

    pub(super) fn publish_observed(
        &self,
        index: &FlatIndex,
        model: &str,
        params: SearchParams,
        watch: &dyn BuildWatch,
        mut after: impl FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<Generation, IndexError> {
        let number = self.next_number()?;
        let temp = self.dir.join(temp_name(number));
        fs::create_dir(&temp).map_err(IndexError::io("create the index folder", &temp))?;
        after(Step::FolderMade)?;

        let index_path = temp.join(FLAT_FILE);
        let ids = index.write(&index_path, watch)?;
        sync_file(&index_path)?;
        after(Step::IndexWritten)?;
        write_ids(&temp.join(IDS_FILE), &ids)?;
        after(Step::IdsWritten)?;

        let bytes = ids.len() * (index.d() * size_of::<f32>() + size_of::<i64>());
        let mut tick = ticking(watch, PUBLISHING, bytes as u64, ids.len());
        let files = [FLAT_FILE, IDS_FILE].map(|name| FileEntry::from_file(&temp.join(name), name, &mut tick));
        let record = BuildRecord::of_flat(index.d(), ids.len());
        let files = files.into_iter().collect::<Result<_, _>>()?;
        let manifest = Manifest::new(number, model, params, record, files);
        self.put_in_place(&temp, manifest, &mut after)
    }

    /// Writes the manifest into a folder with all other files, gives the folder its name and points to it.
    fn put_in_place(
        &self,
        temp: &Path,
        manifest: Manifest,
        after: &mut dyn FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<Generation, IndexError> {
        let text = serde_json::to_string_pretty(&manifest)
            .map_err(|e| IndexError::io("write the index's manifest", temp)(e.into()))?;
        write_synced(&temp.join(MANIFEST_FILE), text.as_bytes())?;
        for folder in folders_of(&manifest) {
            sync_dir(&temp.join(folder))?;
        }
        sync_dir(temp)?;
        after(Step::ManifestWritten)?;

        let name = generation_name(manifest.number);
        self.ensure_writable()?;
        let place = self.dir.join(&name);
        fs::rename(temp, &place).map_err(IndexError::io("put the index in its place", &place))?;
        sync_dir(&self.dir)?;
        moment("in its place");
        after(Step::Renamed)?;

        let checksum = checksum_of(text.as_bytes());
        self.note(Note {
            generation: manifest.number,
            params: manifest.params,
            spec: Some(manifest.record.spec.clone()),
            checksum: Some(checksum.clone()),
        })?;
        self.point_to(&name, &checksum, after)?;
        Ok(Generation { manifest, dir: place, checksum })
    }

    fn point_to(
        &self,
        name: &str,
        checksum: &str,
        after: &mut dyn FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let pointer_temp = self.dir.join(POINTER_TEMP);
        write_synced(&pointer_temp, format!("{name} {checksum}\n").as_bytes())?;
        moment("before the pointer");
        after(Step::PointerWritten)?;
        let pointer = self.dir.join(POINTER);
        fs::rename(&pointer_temp, &pointer).map_err(IndexError::io("point to the new index", &pointer))?;
        sync_dir(&self.dir)?;
        moment("after the pointer");
        after(Step::PointerReplaced)
    }

    /// Makes an earlier generation the current one again, which has been loaded by [`Self::load_generation`].
    ///
    /// # Errors
    /// [`IndexError::Busy`], a full disk; then nothing changes.
    pub fn point_back(&self, generation: &Generation) -> Result<(), IndexError> {
        self.locked(|| {
            let number = generation.manifest.number;
            self.change_notes(|notes| notes.current = Some(number))?;
            self.point_to(&generation_name(number), &generation.checksum, &mut |_| Ok(()))
        })
    }

    /// The number of the generation that is published next: none is given twice, even where the newest was discarded.
    fn next_number(&self) -> Result<u64, IndexError> {
        let noted = self.notes().generations.iter().map(|note| note.generation + 1).max().unwrap_or(1);
        Ok(next_number(&self.dir)?.max(noted))
    }
}

/// The folders within a generation's.
fn folders_of(manifest: &Manifest) -> BTreeSet<&str> {
    manifest.files.iter().filter_map(|file| file.name.rsplit_once('/')).map(|(folder, _)| folder).collect()
}

/// The files of an index, its templates' among them.
fn file_names(dir: &Path) -> Result<Vec<String>, IndexError> {
    let mut names = entry_names(dir)?;
    names.extend(entry_names(&dir.join(TEMPLATES_DIR))?.iter().map(|name| format!("{TEMPLATES_DIR}/{name}")));
    names.retain(|name| dir.join(name).is_file());
    names.sort();
    Ok(names)
}
