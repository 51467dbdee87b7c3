use std::collections::{HashMap, HashSet, VecDeque};

use crate::app::parts::{FaceLabel, Picture};
use crate::types::{FaceId, SubjectName};

/// The crops that are or were lately in view, bounded, oldest out first; and the faces that have none.
#[derive(Debug, Default)]
pub struct CropCache {
    crops: HashMap<FaceId, Picture>,
    /// Of the faces whose crops are here.
    labels: HashMap<FaceId, FaceLabel>,
    order: VecDeque<FaceId>,
    /// Asked for and not yet answered. Every request is, so that this stays as small as what is in view.
    requested: HashSet<FaceId>,
    missing: HashSet<FaceId>,
    missing_order: VecDeque<FaceId>,
}

impl CropCache {
    /// A crop of 112×112 takes 37 KB, so this is at most 150 MB.
    pub const CAPACITY: usize = 4096;
    /// Faces without a crop that are remembered.
    const MISSING: usize = 65_536;

    pub fn find(&self, face: FaceId) -> Option<&Picture> {
        self.crops.get(&face)
    }

    /// What stands under the face; nothing while its crop is not here.
    pub fn label(&self, face: FaceId) -> Option<&FaceLabel> {
        self.labels.get(&face)
    }

    /// It has another name now.
    pub(in crate::app) fn rename(&mut self, face: FaceId, subject: &Option<SubjectName>) {
        if let Some(label) = self.labels.get_mut(&face) {
            label.subject.clone_from(subject);
        }
    }

    /// Names may be others by now: crops stay on view and are read again with what stands under them.
    pub(in crate::app) fn forget_labels(&mut self) {
        self.labels.clear();
    }

    /// Not here with its label, nor asked for, and not known to be missing.
    pub fn is_wanted(&self, face: FaceId) -> bool {
        let is_here = self.crops.contains_key(&face) && self.labels.contains_key(&face);
        !is_here && !self.requested.contains(&face) && !self.missing.contains(&face)
    }

    /// The gallery has no picture of it that can be shown.
    pub fn is_missing(&self, face: FaceId) -> bool {
        self.missing.contains(&face)
    }

    pub fn request(&mut self, face: FaceId) {
        self.requested.insert(face);
    }

    pub fn insert_labelled(&mut self, face: FaceId, crop: Picture, label: FaceLabel) {
        self.labels.insert(face, label);
        self.insert(face, crop);
    }

    pub fn insert(&mut self, face: FaceId, crop: Picture) {
        self.requested.remove(&face);
        self.labels.entry(face).or_default();
        if self.crops.insert(face, crop).is_none() {
            self.order.push_back(face);
        }
        while self.order.len() > Self::CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.crops.remove(&oldest);
                self.labels.remove(&oldest);
            }
        }
    }

    /// It was not looked for after all; it may be asked for again.
    pub fn give_up(&mut self, face: FaceId) {
        self.requested.remove(&face);
    }

    /// There is none; nobody asks again until the gallery says that the face has changed.
    pub fn set_missing(&mut self, face: FaceId) {
        self.requested.remove(&face);
        if self.missing.insert(face) {
            self.missing_order.push_back(face);
        }
        while self.missing_order.len() > Self::MISSING {
            if let Some(oldest) = self.missing_order.pop_front() {
                self.missing.remove(&oldest);
            }
        }
    }

    /// What is known of these faces holds no longer: they are gone, came back, or look different.
    pub fn forget(&mut self, faces: &[FaceId]) {
        let (mut crops, mut missing) = (false, false);
        for face in faces {
            crops |= self.crops.remove(face).is_some();
            self.labels.remove(face);
            missing |= self.missing.remove(face);
        }
        if crops {
            self.order.retain(|face| self.crops.contains_key(face));
        }
        if missing {
            self.missing_order.retain(|face| self.missing.contains(face));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::RgbImage;

    use super::*;

    #[test]
    fn a_missing_crop_is_asked_for_once_until_the_face_changes() {
        let mut cache = CropCache::default();
        let face = FaceId(1);
        assert!(cache.is_wanted(face));
        cache.request(face);
        assert!(!cache.is_wanted(face));
        cache.set_missing(face);
        assert!(cache.is_missing(face) && !cache.is_wanted(face));
        cache.forget(&[face]);
        assert!(cache.is_wanted(face) && !cache.is_missing(face));
        // One that was passed over because the view moved on may be asked for when it is in view again.
        cache.request(face);
        cache.give_up(face);
        assert!(cache.is_wanted(face));
    }

    #[test]
    fn a_crop_whose_label_may_be_old_stays_and_is_asked_for_again() {
        let mut cache = CropCache::default();
        let (face, picture) = (FaceId(1), Arc::new(RgbImage::new(1, 1)));
        cache.insert_labelled(face, Arc::clone(&picture), FaceLabel { quality: 0.5, ..FaceLabel::default() });
        assert!(!cache.is_wanted(face));
        cache.forget_labels();
        assert!(cache.is_wanted(face) && cache.find(face).is_some() && cache.label(face).is_none());
        cache.insert_labelled(face, picture, FaceLabel { quality: 0.7, ..FaceLabel::default() });
        assert_eq!(cache.label(face).map(|label| label.quality), Some(0.7));
        assert!(!cache.is_wanted(face));
    }

    #[test]
    fn nothing_grows_without_bound() {
        let mut cache = CropCache::default();
        let picture = Arc::new(RgbImage::new(1, 1));
        for id in 0..100_000 {
            cache.request(FaceId(id));
            cache.set_missing(FaceId(id));
        }
        for id in 100_000..110_000 {
            cache.request(FaceId(id));
            cache.insert(FaceId(id), Arc::clone(&picture));
        }
        assert_eq!((cache.missing.len(), cache.missing_order.len()), (CropCache::MISSING, CropCache::MISSING));
        assert_eq!((cache.crops.len(), cache.order.len()), (CropCache::CAPACITY, CropCache::CAPACITY));
        assert!(cache.requested.is_empty());
        cache.forget(&(100_000..110_000).map(FaceId).collect::<Vec<_>>());
        assert!(cache.crops.is_empty() && cache.order.is_empty());
    }
}
