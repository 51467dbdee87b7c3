use std::collections::{HashMap, HashSet, VecDeque};

use super::state::Picture;
use crate::types::FaceId;

/// The crops that are or were lately in view, bounded, oldest out first.
#[derive(Debug, Default)]
pub struct CropCache {
    crops: HashMap<FaceId, Picture>,
    order: VecDeque<FaceId>,
    requested: HashSet<FaceId>,
}

impl CropCache {
    /// A crop of 112×112 takes 37 KB, so this is at most 150 MB.
    pub const CAPACITY: usize = 4096;

    pub fn find(&self, face: FaceId) -> Option<&Picture> {
        self.crops.get(&face)
    }

    /// Asked for and not yet here.
    pub fn is_requested(&self, face: FaceId) -> bool {
        self.requested.contains(&face)
    }

    pub fn request(&mut self, face: FaceId) {
        self.requested.insert(face);
    }

    pub fn insert(&mut self, face: FaceId, crop: Picture) {
        self.requested.remove(&face);
        if self.crops.insert(face, crop).is_none() {
            self.order.push_back(face);
        }
        while self.order.len() > Self::CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.crops.remove(&oldest);
            }
        }
    }

    /// The crop could not be read; it may be asked for again.
    pub fn give_up(&mut self, face: FaceId) {
        self.requested.remove(&face);
    }
}
