//! What lists of faces remember.

use std::collections::BTreeSet;

use crate::app::Listed;
use crate::types::FaceId;
use crate::ui::people::Suggestions;

/// What the filter row remembers.
#[derive(Default)]
pub struct FilterMemory {
    pub(super) name: String,
    pub(super) fitting: Suggestions,
    pub(super) from: Draft,
    pub(super) to: Draft,
    /// While the slider of the quality is being drawn.
    pub(super) quality: Option<u8>,
}

/// A text that a person types, until it is one that can be used.
#[derive(Default)]
pub struct Draft {
    pub(super) text: String,
    /// What it began as; a value that is set elsewhere replaces the draft.
    pub(super) stored: Option<String>,
}

impl Draft {
    pub(super) fn follow(&mut self, stored: Option<&String>) {
        if self.stored.as_ref() != stored {
            self.stored = stored.cloned();
            self.text = self.stored.clone().unwrap_or_default();
        }
    }

    pub(super) fn value(&self) -> Option<String> {
        Some(self.text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// Faces that were chosen together.
#[derive(Default)]
pub struct Selection {
    pub chosen: BTreeSet<FaceId>,
    /// Where a range begins: the face that was chosen last. Its place moves as others come in.
    anchor: Option<FaceId>,
    /// Faces of the gallery when last looked at.
    known: usize,
    /// The name that is typed for all of them.
    pub(super) name: String,
    pub(super) fitting: Suggestions,
}

impl Selection {
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Chooses a face, or lets it go.
    pub fn toggle(&mut self, face: FaceId) {
        if !self.chosen.remove(&face) {
            self.chosen.insert(face);
        }
        self.anchor = Some(face);
    }

    /// All from the face that was chosen last to the one at this place.
    pub fn choose_to(&mut self, listed: Listed<'_>, place: usize) {
        let from = self.anchor.and_then(|face| listed.place(face)).unwrap_or(place);
        self.chosen.extend((from.min(place)..=from.max(place)).filter_map(|place| listed.get(place)));
        self.anchor = self.anchor.or_else(|| listed.get(place));
    }

    /// Lets go of faces that left the gallery, whose faces are given in the order of their numbers.
    pub(super) fn follow(&mut self, faces: &[FaceId]) {
        if std::mem::replace(&mut self.known, faces.len()) != faces.len() {
            self.chosen.retain(|face| faces.binary_search(face).is_ok());
        }
    }

    pub fn choose_all(&mut self, listed: Listed<'_>) {
        self.chosen = listed.iter().collect();
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_chosen_one_by_one_in_ranges_and_all_at_once() {
        let faces = [FaceId(1), FaceId(2), FaceId(3), FaceId(4)];
        let listed = Listed::Newest(&faces);
        let mut selection = Selection::default();
        selection.toggle(FaceId(4));
        selection.choose_to(listed, 2);
        assert_eq!(selection.chosen, BTreeSet::from([FaceId(4), FaceId(3), FaceId(2)]));
        selection.toggle(FaceId(3));
        assert_eq!(selection.chosen, BTreeSet::from([FaceId(4), FaceId(2)]));
        // The face chosen last stands elsewhere by now, and then nowhere.
        let more = [FaceId(2), FaceId(3), FaceId(4), FaceId(5), FaceId(6)];
        selection.clear();
        selection.toggle(FaceId(4));
        selection.choose_to(Listed::Newest(&more), 3);
        assert_eq!(selection.chosen, BTreeSet::from([FaceId(4), FaceId(3)]));
        selection.choose_to(Listed::Sorted(&faces[..1]), 0);
        assert_eq!(selection.chosen, BTreeSet::from([FaceId(4), FaceId(3), FaceId(1)]));
        selection.follow(&faces[1..3]);
        assert_eq!(selection.chosen, BTreeSet::from([FaceId(3)]), "who left the gallery is let go");
        selection.choose_all(listed);
        assert_eq!(selection.chosen.len(), 4);
        selection.clear();
        assert!(selection.is_empty());
    }
}
