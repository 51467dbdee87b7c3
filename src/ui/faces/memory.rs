//! What lists of faces remember.

use std::collections::BTreeSet;

use egui::{Context, Key, Modifiers};

use crate::app::Listed;
use crate::types::FaceId;
use crate::ui::keys;
use crate::ui::people::Suggestions;
use crate::ui::widgets::LongList;

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
    /// Those that are chosen, in the order of enrollment.
    pub fn faces(&self) -> Vec<FaceId> {
        self.chosen.iter().copied().collect()
    }

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

    /// Lets go of faces that are not listed any more.
    pub fn keep_listed(&mut self, listed: &[FaceId]) {
        if !self.is_empty() {
            let listed: BTreeSet<_> = listed.iter().collect();
            self.chosen.retain(|face| listed.contains(face));
        }
    }

    pub fn choose_all(&mut self, listed: Listed<'_>) {
        self.chosen = listed.iter().collect();
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// A click on the face at this place, with Shift or Ctrl held; true where it was a plain one, which chooses nothing.
    pub fn is_plain_click(&mut self, listed: Listed<'_>, place: usize, modifiers: Modifiers) -> bool {
        let Some(face) = listed.get(place) else { return false };
        if modifiers.shift {
            self.choose_to(listed, place);
        } else if modifiers.command {
            self.toggle(face);
        } else {
            return true;
        }
        false
    }

    /// Ctrl A for all, Ctrl Space for the face that the keyboard is at, Shift Space for all up to it, Esc for none.
    pub fn take_keys(&mut self, ctx: &Context, listed: Listed<'_>, cursor: Option<usize>) {
        if !keys::keys_are_free(ctx) {
            return;
        }
        if keys::pressed(ctx, Modifiers::COMMAND, Key::A) {
            self.choose_all(listed);
        }
        if !self.is_empty() && keys::pressed(ctx, Modifiers::NONE, Key::Escape) {
            self.clear();
        }
        let Some((place, face)) = cursor.and_then(|place| Some((place, listed.get(place)?))) else { return };
        if keys::pressed(ctx, Modifiers::COMMAND, Key::Space) {
            self.toggle(face);
        } else if keys::pressed(ctx, Modifiers::SHIFT, Key::Space) {
            self.choose_to(listed, place);
        }
    }
}

/// Where a grid of faces stands.
pub struct GridMemory {
    /// Side of a crop in points.
    pub crop_side: f32,
    pub(super) list: LongList,
    /// Where the keyboard is: the place in the list and the face that was there.
    cursor: Option<(usize, FaceId)>,
    pub(super) faces_before: usize,
}

impl Default for GridMemory {
    fn default() -> Self {
        Self { crop_side: 96.0, list: LongList::default(), cursor: None, faces_before: 0 }
    }
}

impl GridMemory {
    /// The place of `face` in the list; at once where the cursor is on it.
    pub fn place(&mut self, listed: Listed<'_>, face: FaceId) -> Option<usize> {
        if let Some((place, at)) = self.cursor
            && at == face
            && listed.get(place) == Some(face)
        {
            return Some(place);
        }
        let place = listed.place(face)?;
        self.cursor = Some((place, face));
        Some(place)
    }

    pub fn move_to(&mut self, place: usize, face: FaceId) {
        self.cursor = Some((place, face));
    }

    pub(super) fn cursor_place(&mut self, listed: Listed<'_>) -> Option<usize> {
        let (_, face) = self.cursor?;
        let place = self.place(listed, face);
        if place.is_none() {
            self.cursor = None;
        }
        place
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
