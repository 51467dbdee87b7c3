//! The question that is open about a person, as far as it is answered.

use super::index::Suggestions;
use crate::types::{SubjectId, SubjectRecord};

/// The question that is open about a person.
#[derive(Default)]
pub enum PersonDialog {
    #[default]
    None,
    Edit(EditDraft),
    Merge(MergeDraft),
}

impl PersonDialog {
    pub fn edit(person: &SubjectRecord) -> Self {
        Self::Edit(EditDraft::new(person))
    }

    /// `into` is chosen already.
    pub fn merge(person: &SubjectRecord, into: Option<SubjectId>) -> Self {
        Self::Merge(MergeDraft::new(person, into))
    }
}

/// The person as typed.
pub struct EditDraft {
    pub(super) subject: SubjectId,
    pub(super) name: String,
    pub(super) external_id: String,
    pub(super) note: String,
    /// The field for the name has had the keyboard.
    pub(super) is_begun: bool,
}

impl EditDraft {
    pub fn new(person: &SubjectRecord) -> Self {
        Self {
            subject: person.id,
            name: person.name.clone(),
            external_id: person.external_id.clone().unwrap_or_default(),
            note: person.note.clone().unwrap_or_default(),
            is_begun: false,
        }
    }

    /// Name, external id and note as they would be kept.
    pub(super) fn told(&self) -> (String, Option<String>, Option<String>) {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        (self.name.trim().to_owned(), some(&self.external_id), some(&self.note))
    }
}

/// Who is merged, and into whom as far as that is said.
pub struct MergeDraft {
    pub(super) from: SubjectId,
    pub(super) into: Option<SubjectId>,
    pub(super) text: String,
    pub(super) fitting: Suggestions,
    /// The field has had the keyboard.
    pub(super) is_begun: bool,
    /// Somebody was chosen just now: the keyboard goes to the button.
    pub(super) is_chosen: bool,
}

impl MergeDraft {
    pub fn new(person: &SubjectRecord, into: Option<SubjectId>) -> Self {
        let fitting = Suggestions::default();
        Self { from: person.id, into, text: String::new(), fitting, is_begun: false, is_chosen: false }
    }

    pub fn choose(&mut self, into: SubjectId) {
        (self.into, self.is_chosen) = (Some(into), true);
    }
}
