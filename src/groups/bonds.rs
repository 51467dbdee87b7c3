use std::collections::{HashMap, HashSet};

/// What a person said about faces, which binds whatever their scores are.
#[derive(Clone, Debug, Default)]
pub struct Bonds {
    apart: HashMap<u32, HashSet<u32>>,
    not_subject: HashMap<u32, HashSet<i64>>,
}

impl Bonds {
    /// Two items are not one person: split, or rejected side by side.
    pub fn keep_apart(&mut self, a: u32, b: u32) {
        if a != b {
            self.apart.entry(a).or_default().insert(b);
            self.apart.entry(b).or_default().insert(a);
        }
    }

    /// An item is not this subject: a suggestion that was rejected.
    pub fn reject(&mut self, item: u32, subject: i64) {
        self.not_subject.entry(item).or_default().insert(subject);
    }

    /// What binds some items, by the places that they get.
    pub(super) fn within(&self, place: &HashMap<u32, u32>) -> Self {
        let mut own = Self::default();
        for (item, at) in place {
            let foes = self.foes(*item).filter_map(|foe| place.get(&foe));
            foes.for_each(|foe| own.keep_apart(*at, *foe));
            self.rejected(*item).for_each(|subject| own.reject(*at, subject));
        }
        own
    }

    /// Whom an item is kept apart from.
    pub(super) fn foes(&self, item: u32) -> impl Iterator<Item = u32> + '_ {
        self.apart.get(&item).into_iter().flatten().copied()
    }

    pub(super) fn rejected(&self, item: u32) -> impl Iterator<Item = i64> + '_ {
        self.not_subject.get(&item).into_iter().flatten().copied()
    }
}
