//! Parameters of searches that were chosen for a generation after it was built.

use std::fs;

use serde::{Deserialize, Serialize};

use super::IndexStore;
use crate::index::IndexError;
use crate::index::files::write_synced;
use crate::types::SearchParams;

const PARAMS: &str = "params.json";
const PARAMS_TEMP: &str = "tmp-params.json";

#[derive(Serialize, Deserialize)]
struct SavedParams {
    generation: u64,
    params: SearchParams,
}

impl IndexStore {
    /// Remembers the parameters of searches for a generation, over the next start.
    pub fn save_params(&self, number: u64, params: &SearchParams) -> Result<(), IndexError> {
        self.ensure_writable()?;
        let path = self.dir.join(PARAMS);
        let text = serde_json::to_vec(&SavedParams { generation: number, params: *params })
            .map_err(|e| IndexError::io("write the search parameters", &path)(e.into()))?;
        let temp = self.dir.join(PARAMS_TEMP);
        write_synced(&temp, &text)?;
        fs::rename(&temp, &path).map_err(IndexError::io("write the search parameters", &path))
    }

    /// What [`Self::save_params`] was told last, if it was for this generation.
    pub fn load_params(&self, number: u64) -> Option<SearchParams> {
        let text = fs::read(self.dir.join(PARAMS)).ok()?;
        let saved: SavedParams = serde_json::from_slice(&text).ok()?;
        (saved.generation == number).then_some(saved.params)
    }
}
