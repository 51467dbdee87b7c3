//! What is kept beside the generations, each of which never changes: the parameters of searches that were chosen for each
//! after it was built, and a choice that damage took away and that is to be made good.

use std::fs;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::IndexStore;
use crate::index::IndexError;
use crate::index::files::{checksum_of, corrupt, sync_dir, write_synced};
use crate::index::names::generation_numbers;
use crate::types::{IndexSpec, SearchParams};

const NOTES: &str = "params.json";
/// Not among what a clean-up takes for left over: it may be being written.
const NOTES_TEMP: &str = "params.json.part";

/// The file: JSON in a line, and a line with its BLAKE3. One that is damaged counts as empty: it costs parameters, never
/// faces.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::index) struct Notes {
    /// Which generation was made the current one last.
    #[serde(default)]
    pub current: Option<u64>,
    #[serde(default)]
    pub generations: Vec<Note>,
    #[serde(default)]
    pub owed: Option<Owed>,
}

/// The form of 0.1: parameters of one generation, without a checksum.
#[derive(Deserialize)]
struct EarlyNotes {
    generation: u64,
    params: SearchParams,
}

/// Of one generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::index) struct Note {
    pub generation: u64,
    pub params: SearchParams,
    /// How it was built, should its manifest be damaged.
    #[serde(default)]
    pub spec: Option<IndexSpec>,
    /// Of its manifest; `None` from before this was noted.
    #[serde(default)]
    pub checksum: Option<String>,
}

/// An index that was chosen and is damaged: another serves until it has been built again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owed {
    pub spec: IndexSpec,
    pub params: SearchParams,
}

impl Notes {
    fn put(&mut self, note: Note) {
        self.generations.retain(|known| known.generation != note.generation);
        self.generations.push(note);
    }
}

impl IndexStore {
    pub(super) fn notes(&self) -> Notes {
        self.read_notes().unwrap_or_else(|error| {
            log::warn!("{error}");
            Notes::default()
        })
    }

    /// # Errors
    /// [`IndexError::Corrupt`]; [`IndexError::Io`] where they cannot be read.
    pub(in crate::index) fn read_notes(&self) -> Result<Notes, IndexError> {
        let path = self.dir.join(NOTES);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Notes::default()),
            Err(error) => return Err(IndexError::io("read the search parameters", &path)(error)),
        };
        let no_notes = |error: serde_json::Error| corrupt(&path, error.to_string());
        match text.trim_end().rsplit_once('\n') {
            Some((json, checksum)) if checksum_of(json.as_bytes()) == checksum => {
                serde_json::from_str(json).map_err(no_notes)
            }
            Some(_) => Err(corrupt(&path, "its checksum differs")),
            None => {
                let early: EarlyNotes = serde_json::from_str(&text).map_err(no_notes)?;
                let note = Note { generation: early.generation, params: early.params, spec: None, checksum: None };
                Ok(Notes { generations: vec![note], ..Notes::default() })
            }
        }
    }

    /// Throws damaged notes away: parameters go back to those that the generations were built with.
    pub fn discard_notes(&self) -> Result<(), IndexError> {
        self.ensure_writable()?;
        let _noting = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.dir.join(NOTES);
        fs::remove_file(&path).map_err(IndexError::io("write the search parameters", &path))
    }

    pub(super) fn change_notes(&self, change: impl FnOnce(&mut Notes)) -> Result<(), IndexError> {
        self.ensure_writable()?;
        let path = self.dir.join(NOTES);
        let _noting = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || match self.read_notes() {
            Err(error @ IndexError::Corrupt { .. }) => {
                log::warn!("{error}");
                Ok(Notes::default())
            }
            read => read,
        };
        // Sound notes that cannot be read now are not written over.
        let (before, mut notes) = (read()?, read()?);
        change(&mut notes);
        let kept = generation_numbers(&self.dir)?;
        let last = notes.generations.iter().map(|note| note.generation).max();
        // The highest number stays, so that none is given twice.
        notes.generations.retain(|note| kept.contains(&note.generation) || Some(note.generation) == last);
        if notes == before {
            return Ok(());
        }
        let json = serde_json::to_string(&notes)
            .map_err(|e| IndexError::io("write the search parameters", &path)(e.into()))?;
        let text = format!("{json}\n{}\n", checksum_of(json.as_bytes()));
        let temp = self.dir.join(NOTES_TEMP);
        write_synced(&temp, text.as_bytes())?;
        fs::rename(&temp, &path).map_err(IndexError::io("write the search parameters", &path))?;
        sync_dir(&self.dir)
    }

    /// Before a generation is made the current one.
    pub(super) fn note(&self, note: Note) -> Result<(), IndexError> {
        self.change_notes(|notes| {
            notes.current = Some(note.generation);
            notes.put(note);
        })
    }

    /// Remembers the parameters of searches for a generation, over the next start and for when it is rolled back to.
    pub fn save_params(&self, number: u64, params: &SearchParams) -> Result<(), IndexError> {
        self.change_notes(|notes| {
            let known = notes.generations.iter().find(|note| note.generation == number).cloned();
            let known = known.unwrap_or(Note { generation: number, params: *params, spec: None, checksum: None });
            notes.put(Note { params: *params, ..known });
        })
    }

    /// What [`Self::save_params`] was told last for this generation.
    pub fn load_params(&self, number: u64) -> Option<SearchParams> {
        self.notes().generations.into_iter().find(|note| note.generation == number).map(|note| note.params)
    }

    /// What is to be built again, by [`Self::owe`].
    pub fn owed(&self) -> Option<Owed> {
        self.notes().owed
    }

    /// Remembers what is to be built again, until it has been, or a person has chosen otherwise (`None`).
    pub fn owe(&self, owed: Option<Owed>) -> Result<(), IndexError> {
        self.change_notes(|notes| notes.owed = owed)
    }
}
