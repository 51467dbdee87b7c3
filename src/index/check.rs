//! Looking the published generations through, without bringing any of them into use.

use super::IndexError;
use super::files::corrupt;
use super::flat::FlatIndex;
use super::generation::{Generation, IndexStore};
use super::id_map::read_ids;
use super::names::{FLAT_FILE, IDS_FILE};
use crate::types::FaceId;
use crate::types::{Tell, Telling};

/// Numbers of a vector that are kept to compare it by.
pub const HEAD: usize = 8;

/// What lies in one model's index folder.
#[derive(Debug, Default)]
pub struct IndexCheck {
    pub problems: Vec<IndexProblem>,
    /// What the current generation holds, where its files are sound.
    pub current: Option<CurrentContent>,
}

/// Something that is wrong with the files.
#[derive(Debug)]
pub struct IndexProblem {
    /// `None`: with what says which one is current.
    pub generation: Option<u64>,
    pub text: Telling,
    pub is_current: bool,
    /// With what is noted beside the generations.
    pub is_note: bool,
}

/// The faces of a generation.
#[derive(Debug)]
pub struct CurrentContent {
    pub generation: Generation,
    pub ids: Vec<FaceId>,
    /// Of an exact index: the first numbers of each vector, in no promised order.
    pub heads: Vec<(FaceId, [f32; HEAD])>,
}

impl IndexStore {
    /// Reads every file of every generation through.
    ///
    /// # Errors
    /// The folder cannot be listed. Whatever is damaged is a problem that is told.
    pub fn check(&self) -> Result<IndexCheck, IndexError> {
        let mut check = IndexCheck::default();
        for info in self.generations(true)? {
            if let Some(text) = info.problem {
                check.problems.push(IndexProblem {
                    generation: Some(info.number),
                    text,
                    is_current: info.is_current,
                    is_note: false,
                });
            }
        }
        if let Err(error) = self.read_notes() {
            let text = error.telling();
            check.problems.push(IndexProblem { generation: None, text, is_current: false, is_note: true });
        }
        let pointed = match self.pointer() {
            Ok(Some(pointed)) => pointed,
            Ok(None) => return Ok(check),
            Err(error) => {
                check.problems.push(IndexProblem {
                    generation: None,
                    text: error.telling(),
                    is_current: true,
                    is_note: false,
                });
                return Ok(check);
            }
        };
        if check.problems.iter().all(|problem| !problem.is_current) {
            match self.content(&pointed.0, &pointed.1) {
                Ok(content) => check.current = Some(content),
                Err(error) => {
                    check.problems.push(IndexProblem {
                        generation: None,
                        text: error.telling(),
                        is_current: true,
                        is_note: false,
                    });
                }
            }
        }
        Ok(check)
    }

    fn content(&self, name: &str, pointed: &str) -> Result<CurrentContent, IndexError> {
        let (manifest, checksum) = self.read_manifest(name)?;
        let dir = self.dir().join(name);
        if checksum != pointed {
            return Err(corrupt(&dir, "its manifest is not the one that was published"));
        }
        let ids = read_ids(&dir.join(IDS_FILE))?;
        let mut heads = Vec::new();
        if manifest.record.spec.is_exact() {
            let flat = FlatIndex::read(&dir.join(FLAT_FILE), manifest.record.d, ids.clone())?;
            heads.reserve(ids.len());
            flat.for_each(|face, row| {
                let mut head = [0.0; HEAD];
                head.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
                heads.push((face, head));
                Ok::<(), IndexError>(())
            })?;
        }
        Ok(CurrentContent { generation: Generation { manifest, dir, checksum }, ids, heads })
    }
}
