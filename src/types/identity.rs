use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SubjectId;

/// A subject as faces and candidates refer to it. The id is the identity; two people may have one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
pub struct SubjectName {
    pub id: SubjectId,
    /// As it was written.
    pub name: String,
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// An enrolled identity with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectRecord {
    pub id: SubjectId,
    /// As it was written.
    pub name: String,
    /// A number or code by which others know the person: what tells two of one name apart.
    pub external_id: Option<String>,
    pub note: Option<String>,
    /// How many faces have it.
    pub faces: u64,
}

impl SubjectRecord {
    pub fn subject_name(&self) -> SubjectName {
        SubjectName { id: self.id, name: self.name.clone() }
    }

    /// The name, with the external id where there is one.
    pub fn title(&self) -> String {
        match &self.external_id {
            Some(external_id) => format!("{} ({external_id})", self.name),
            None => self.name.clone(),
        }
    }
}

/// Who said who a face is. A person's word wins over a folder's and a rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedBy {
    Person,
    /// A person named the group that it was in, and nobody looked at this face alone.
    Group,
    /// The name of the folder that the photo lies in.
    Folder,
    Rule,
}

impl NamedBy {
    pub const ALL: [Self; 4] = [Self::Person, Self::Group, Self::Folder, Self::Rule];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Group => "group",
            Self::Folder => "folder",
            Self::Rule => "rule",
        }
    }
}

/// Why a face is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// Somebody who does not matter.
    Stranger,
    Statue,
    /// A picture of somebody: a poster, a screen, a painting.
    Poster,
    /// No face at all: it is out of the gallery, and stays out when its photo is enrolled again.
    NotAFace,
}

impl Ignored {
    pub const ALL: [Self; 4] = [Self::Stranger, Self::Statue, Self::Poster, Self::NotAFace];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Statue => "statue",
            Self::Poster => "poster",
            Self::NotAFace => "not_a_face",
        }
    }
}
