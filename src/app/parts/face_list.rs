//! A list of faces: which ones, in what order, the same wherever faces are listed.

use std::collections::HashSet;

use super::Load;
use crate::types::{FaceId, FaceListing, SubjectName};

/// What a person wants listed, and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaceList {
    pub listing: FaceListing,
    /// In the order of the listing; of the usual one nothing is kept here.
    pub faces: Load<Vec<FaceId>>,
}

impl FaceList {
    /// Faces that left the gallery leave the list at once.
    pub(in crate::app) fn drop_faces(&mut self, removed: &HashSet<FaceId>) {
        if let Load::Ready(faces) = &mut self.faces {
            faces.retain(|face| !removed.contains(face));
        }
    }
}

/// The faces of a list by their place in it.
#[derive(Clone, Copy, Debug)]
pub enum Listed<'a> {
    /// All in the order of enrollment, listed from the end.
    Newest(&'a [FaceId]),
    Sorted(&'a [FaceId]),
}

impl Listed<'_> {
    pub fn len(&self) -> usize {
        match self {
            Self::Newest(faces) | Self::Sorted(faces) => faces.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, place: usize) -> Option<FaceId> {
        match self {
            Self::Newest(faces) => faces.len().checked_sub(place + 1).map(|at| faces[at]),
            Self::Sorted(faces) => faces.get(place).copied(),
        }
    }

    /// Where a face stands.
    pub fn place(&self, face: FaceId) -> Option<usize> {
        match self {
            // They rise.
            Self::Newest(faces) => faces.binary_search(&face).ok().map(|at| faces.len() - 1 - at),
            Self::Sorted(faces) => faces.iter().position(|&other| other == face),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = FaceId> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// What stands under a face in a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaceLabel {
    pub subject: Option<SubjectName>,
    /// 0 to 1.
    pub quality: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_faces_agree_in_either_order() {
        let faces = [FaceId(1), FaceId(4), FaceId(9)];
        for (listed, first) in [(Listed::Newest(&faces), FaceId(9)), (Listed::Sorted(&faces), FaceId(1))] {
            assert_eq!((listed.len(), listed.get(0), listed.get(3)), (3, Some(first), None));
            for (place, face) in listed.iter().enumerate() {
                assert_eq!(listed.place(face), Some(place));
            }
            assert_eq!(listed.place(FaceId(5)), None);
        }
        assert!(Listed::Newest(&[]).is_empty() && Listed::Newest(&[]).get(0).is_none());
    }
}
