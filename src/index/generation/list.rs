//! All generations, damaged ones among them.

use super::IndexStore;
use crate::index::IndexError;
use crate::index::manifest::{FileEntry, Manifest};
use crate::index::names::{generation_name, generation_numbers};
use crate::types::{GenerationInfo, Tell};

impl IndexStore {
    /// Every generation, newest first. With `verify` all files are read through.
    pub fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, IndexError> {
        let current = self.pointer().ok().flatten().map(|(name, _)| name);
        let notes = self.notes();
        let info = |number| {
            let name = generation_name(number);
            let dir = self.dir.join(&name);
            let check =
                |file: &FileEntry| if verify { file.verify(&dir, &mut |_| Ok(())) } else { file.verify_length(&dir) };
            let (manifest, problem) = match self.read_manifest(&name) {
                Ok((manifest, _)) => {
                    let problem = manifest.files.iter().find_map(|file| check(file).err());
                    (manifest, problem)
                }
                // What it is cannot be told.
                Err(error) => (Manifest::unread(number), Some(error)),
            };
            GenerationInfo {
                number,
                params: notes.generations.iter().find(|n| n.generation == number).map_or(manifest.params, |n| n.params),
                built_at: manifest.built_at,
                disk_bytes: manifest.disk_bytes(),
                is_current: current.as_ref() == Some(&name),
                problem: problem.map(|error| error.telling()),
                spec: manifest.record.spec,
                ntotal: manifest.record.ntotal,
                build_secs: manifest.record.build_secs,
                data_digest: manifest.record.data_digest,
            }
        };
        Ok(generation_numbers(&self.dir)?.into_iter().rev().map(info).collect())
    }
}
