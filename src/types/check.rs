use std::collections::BTreeMap;

use super::telling::Telling;
use schemars::JsonSchema;
use serde::Serialize;

/// What kind of thing is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The database's own check of its pages and indexes.
    Database,
    /// A row refers to one that is not there.
    Reference,
    /// A count that is kept differs from the rows.
    Tally,
    /// A picture of a face that does not exist.
    OrphanCrop,
    /// A vector of a face that does not exist.
    OrphanEmbedding,
    /// A question about a face that does not exist.
    OrphanQuestion,
    /// A former name of a subject that does not exist and never came back.
    OrphanAlias,
    /// A face in the gallery on a photo that was taken out.
    FaceWithoutPhoto,
    /// A face without its picture.
    MissingCrop,
    /// A face's picture that is none.
    BrokenCrop,
    /// A vector of the wrong length, with numbers that are none, or not of unit length.
    BrokenVector,
    /// A subject's name is compared by something else than its name.
    NameKey,
    /// The ledger's events say something else than the rows.
    Ledger,
    /// The file of a photo is not where it was enrolled.
    MissingFile,
    /// The file of a photo has another content than was enrolled.
    ChangedFile,
    /// A file of an index is damaged or missing.
    IndexFile,
    /// An index holds a face that the gallery never had, twice the same one, or another vector than the gallery.
    IndexContent,
    /// A settings file cannot be read.
    Settings,
}

impl FindingKind {
    /// Whether `--repair` can put it right without losing anything that a person said.
    pub fn can_be_repaired(self) -> bool {
        match self {
            Self::Database
            | Self::Tally
            | Self::OrphanCrop
            | Self::OrphanEmbedding
            | Self::OrphanQuestion
            | Self::OrphanAlias
            | Self::BrokenVector
            | Self::NameKey
            | Self::IndexFile
            | Self::IndexContent => true,
            Self::Reference
            | Self::FaceWithoutPhoto
            | Self::MissingCrop
            | Self::BrokenCrop
            | Self::Ledger
            | Self::MissingFile
            | Self::ChangedFile
            | Self::Settings => false,
        }
    }
}

/// One thing that is off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    /// In words: which row or file, and what is wrong with it.
    pub text: Telling,
}

/// What a check found: every kind counted, and of each the first ones listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    pub list: Vec<Finding>,
    pub counts: BTreeMap<FindingKind, u64>,
}

impl Findings {
    /// Of one kind: a gallery whose disk has gone would fill the memory with missing files.
    pub const LISTED: u64 = 1000;

    pub fn add(&mut self, kind: FindingKind, text: impl Into<Telling>) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= Self::LISTED {
            self.list.push(Finding { kind, text: text.into() });
        }
    }

    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_default() += count;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    pub fn has(&self, kind: FindingKind) -> bool {
        self.counts.contains_key(&kind)
    }
}
