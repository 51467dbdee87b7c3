//! What is to be decided, one item at a time. The item on view changes when a person decides, turns, or takes a decision back,
//! and at no other time.

use std::collections::HashMap;

use crate::store::{ReviewItem, ReviewKey, ReviewKind};
use crate::types::{FaceId, GroupId, Telling};

/// Items read at once: more than anyone decides on while the next ones are read.
pub(super) const AT_ONCE: usize = 64;

/// An item of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueItem {
    pub item: ReviewItem,
    pub state: ItemState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// To be decided.
    Open,
    /// Decided by a person; the number of that decision. It may not have been written yet.
    Decided(u64),
    /// It does not stand in the gallery's queue any more.
    Closed,
}

/// The queue, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    pub items: Vec<QueueItem>,
    /// Place of the item on view; past the end where there is none.
    pub at: usize,
    /// Nothing comes after the last item.
    pub is_all: bool,
    /// Decisions made since the queue was opened.
    pub decided: u64,
    /// Faces of the groups in view or near it, and how often the queue had been read when they were.
    members: HashMap<GroupId, (Vec<FaceId>, u64)>,
    reads: u64,
    /// Why it could not be read.
    pub problem: Option<Telling>,
}

impl Queue {
    pub fn current(&self) -> Option<&QueueItem> {
        self.items.get(self.at)
    }

    /// Items that are to be decided, as far as the queue was read.
    pub fn open(&self) -> usize {
        self.items.iter().filter(|item| item.state == ItemState::Open).count()
    }

    /// The place to go to from `at` by one step, among items that are open.
    pub fn next(&self, is_back: bool) -> Option<usize> {
        let is_open = |at: &usize| self.items.get(*at).is_some_and(|item| item.state == ItemState::Open);
        if is_back { (0..self.at).rev().find(is_open) } else { (self.at + 1..self.items.len()).find(is_open) }
    }

    /// Where the next items are read from; `None` while there are enough, or no more.
    pub(super) fn wants_more(&self) -> Option<Option<ReviewKey>> {
        let left = self.items.len().saturating_sub(self.at);
        (!self.is_all && left < AT_ONCE / 2).then(|| self.items.last().map(|last| last.item.key))
    }

    /// The groups whose faces are wanted: of the item on view, and of those that may follow.
    pub(super) fn wants_members(&self) -> Option<GroupId> {
        let near = self.items.iter().skip(self.at).filter(|item| item.state == ItemState::Open).take(3);
        let is_old = |group: &GroupId| self.members.get(group).is_none_or(|(_, read)| *read < self.reads);
        near.filter_map(|item| group_of(&item.item)).find(is_old)
    }

    /// The faces of a group, once they are read.
    pub fn members(&self, group: GroupId) -> Option<&[FaceId]> {
        self.members.get(&group).map(|(faces, _)| faces.as_slice())
    }

    pub fn set_members(&mut self, group: GroupId, faces: Vec<FaceId>) {
        self.members.insert(group, (faces, self.reads));
    }

    /// The item on view is decided: the next open one comes on view.
    pub fn decide(&mut self) {
        let Some(item) = self.items.get_mut(self.at) else { return };
        self.decided += 1;
        item.state = ItemState::Decided(self.decided);
        self.at = self.next(false).unwrap_or(self.items.len());
    }

    /// What was read after a place, when `decided` decisions had been written. Items that were closed and stand there
    /// again were taken back: the first of them comes on view.
    pub fn read(&mut self, after: Option<ReviewKey>, found: Vec<ReviewItem>, is_all: bool, decided: u64) {
        let from = match after {
            None => 0,
            Some(key) => self.items.iter().position(|item| item.item.key == key).map_or(self.items.len(), |at| at + 1),
        };
        let was_at_end = self.at >= self.items.len();
        let on_view = self.current().map(|item| item.item.key);
        let old = self.items.split_off(from);
        let end = found.last().map(|item| item.key);
        let (merged, reopened) = merge(old, found, is_all, decided);
        self.items.extend(merged);
        // What was read again in a shorter piece does not tell what comes after the rest.
        self.is_all = is_all || (self.is_all && self.items.last().map(|last| last.item.key) != end);
        self.reads += 1;
        let place = |key: ReviewKey, items: &[QueueItem]| items.iter().position(|item| item.item.key == key);
        self.at = match (reopened, on_view) {
            (Some(key), _) => place(key, &self.items).unwrap_or(self.at),
            (None, Some(key)) => place(key, &self.items).unwrap_or(self.at),
            (None, None) => self.items.len(),
        };
        // Where all was decided, what has come since is on view. What another hand decided stays and says so.
        let is_open = self.current().is_some_and(|item| item.state == ItemState::Open);
        if was_at_end && !is_open {
            self.at = self.first_open().unwrap_or(self.items.len());
        }
    }

    /// The first item that is to be decided.
    pub fn first_open(&self) -> Option<usize> {
        self.items.iter().position(|item| item.state == ItemState::Open)
    }
}

pub(super) fn group_of(item: &ReviewItem) -> Option<GroupId> {
    match &item.kind {
        ReviewKind::Group { group, .. } => Some(*group),
        ReviewKind::Suggestion(_) => None,
    }
}

/// The known items with what was read of them, in the order of the queue, and the first that stands there again.
fn merge(
    old: Vec<QueueItem>,
    found: Vec<ReviewItem>,
    is_all: bool,
    written: u64,
) -> (Vec<QueueItem>, Option<ReviewKey>) {
    let mut known: Vec<QueueItem> = old;
    let mut reopened = None;
    let end = found.last().map(|item| item.key);
    let mut merged: Vec<QueueItem> = Vec::with_capacity(known.len().max(found.len()));
    let mut known_left = known.drain(..).peekable();
    for item in found {
        // Items before this one that were not read are gone.
        while known_left.peek().is_some_and(|old| old.item.key.is_before(&item.key)) {
            merged.extend(known_left.next().map(closed));
        }
        let before = match known_left.peek() {
            Some(old) if old.item.key == item.key => known_left.next(),
            _ => None,
        };
        let state = match before {
            Some(QueueItem { state: ItemState::Decided(number), .. }) if number > written => ItemState::Decided(number),
            Some(QueueItem { state: ItemState::Closed | ItemState::Decided(_), item: before }) => {
                // A group of whom it was said that it is not Ada asks something else now, in its turn.
                if before.kind == item.kind {
                    reopened = reopened.or(Some(item.key));
                }
                ItemState::Open
            }
            Some(QueueItem { state: ItemState::Open, .. }) | None => ItemState::Open,
        };
        merged.push(QueueItem { item, state });
    }
    // What was not reached is as it was.
    let reached = |item: &QueueItem| is_all || end.is_some_and(|end| item.item.key.is_before(&end));
    merged.extend(known_left.map(|item| if reached(&item) { closed(item) } else { item }));
    (merged, reopened)
}

fn closed(item: QueueItem) -> QueueItem {
    QueueItem { state: ItemState::Closed, ..item }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Suggestion;

    fn group(id: i64) -> ReviewItem {
        let kind = ReviewKind::Group { group: GroupId(id), cover: FaceId(id), faces: 2, suggestion: None };
        ReviewItem { kind, key: ReviewKey::of_group(GroupId(id)) }
    }

    fn suggestion(face: i64, score: f32) -> ReviewItem {
        let nearest = FaceId(1);
        let kind = Suggestion { face: FaceId(face), subject: None, ignored: None, score, nearest };
        ReviewItem { kind: ReviewKind::Suggestion(kind), key: ReviewKey::of_face(FaceId(face), score) }
    }

    fn queue(items: Vec<ReviewItem>) -> Queue {
        let mut queue = Queue::default();
        queue.read(None, items, true, 0);
        queue
    }

    fn at(queue: &Queue) -> Option<&ReviewItem> {
        queue.current().map(|item| &item.item)
    }

    #[test]
    fn a_decision_turns_to_the_next_item_and_its_undo_brings_it_back() {
        let all = || vec![group(1), group(2), suggestion(9, 0.8), suggestion(7, 0.6)];
        let mut queue = queue(all());
        assert_eq!((at(&queue), queue.open()), (Some(&group(1)), 4));
        queue.decide();
        assert_eq!(at(&queue), Some(&group(2)), "at once");
        // Read before the decision was written: nothing jumps.
        queue.read(None, all(), true, 0);
        assert_eq!((at(&queue), queue.open()), (Some(&group(2)), 3));
        queue.read(None, all().split_off(1), true, 1);
        assert_eq!((at(&queue), queue.open()), (Some(&group(2)), 3));
        // Taken back.
        queue.read(None, all(), true, 1);
        assert_eq!((at(&queue), queue.open()), (Some(&group(1)), 4));
    }

    #[test]
    fn a_decision_that_was_not_written_comes_back() {
        let mut queue = queue(vec![group(1), group(2)]);
        queue.decide();
        queue.read(None, vec![group(1), group(2)], true, 1);
        assert_eq!(at(&queue), Some(&group(1)));
    }

    #[test]
    fn what_comes_and_goes_elsewhere_moves_nothing() {
        let mut queue = queue(vec![group(2), suggestion(7, 0.6)]);
        queue.at = 1;
        queue.read(None, vec![group(1), group(2), suggestion(9, 0.8), suggestion(7, 0.6)], true, 0);
        assert_eq!(at(&queue), Some(&suggestion(7, 0.6)), "another place, the same item");
        queue.read(None, vec![suggestion(7, 0.6)], true, 0);
        assert_eq!(at(&queue), Some(&suggestion(7, 0.6)));
        queue.decide();
        assert_eq!((at(&queue), queue.open()), (None, 0), "all is decided");
        queue.read(None, vec![suggestion(5, 0.5)], true, 1);
        assert_eq!(at(&queue), Some(&suggestion(5, 0.5)), "and goes on with what is new");
    }

    #[test]
    fn a_group_that_asks_something_else_now_does_not_come_between() {
        let mut queue = queue(vec![group(1), group(2)]);
        queue.decide();
        let mut other = group(1);
        if let ReviewKind::Group { faces, .. } = &mut other.kind {
            *faces = 7;
        }
        queue.read(None, vec![other, group(2)], true, 1);
        assert_eq!((at(&queue), queue.open(), queue.next(true)), (Some(&group(2)), 2, Some(0)));
    }

    #[test]
    fn what_another_hand_decided_stays_on_view_and_new_items_open_the_end_again() {
        let mut queue = queue(vec![group(1), group(2)]);
        queue.read(None, vec![group(2)], true, 0);
        assert_eq!((at(&queue), queue.items[0].state), (Some(&group(1)), ItemState::Closed));
        let mut empty = Queue::default();
        empty.read(None, Vec::new(), true, 0);
        empty.read(None, (1..=AT_ONCE as i64).map(group).collect(), false, 0);
        assert_eq!((empty.at, empty.is_all), (0, false), "more may come after them");
    }

    #[test]
    fn later_pages_are_put_behind_and_earlier_ones_stay() {
        let mut queue = Queue::default();
        queue.read(None, (1..=AT_ONCE as i64).map(group).collect(), false, 0);
        assert_eq!(queue.wants_more(), None);
        queue.at = 40;
        let last = ReviewKey::of_group(GroupId(AT_ONCE as i64));
        assert_eq!(queue.wants_more(), Some(Some(last)));
        queue.read(Some(last), vec![suggestion(3, 0.9)], true, 0);
        assert_eq!((queue.items.len(), queue.at, queue.is_all), (AT_ONCE + 1, 40, true));
        assert_eq!(queue.wants_more(), None);
        // Read anew in a shorter piece: what was not reached is as it was.
        queue.read(None, (2..=10).map(group).collect(), false, 0);
        assert_eq!(queue.items.len(), AT_ONCE + 1);
        assert_eq!(queue.items[0].state, ItemState::Closed);
        assert_eq!(queue.items[50].state, ItemState::Open);
        assert_eq!(queue.next(true), Some(39));
        assert_eq!(queue.next(false), Some(41));
    }

    #[test]
    fn faces_of_groups_are_wanted_once_for_each_reading() {
        let mut queue = queue(vec![group(1), suggestion(9, 0.8)]);
        assert_eq!(queue.wants_members(), Some(GroupId(1)));
        queue.set_members(GroupId(1), vec![FaceId(1), FaceId(2)]);
        assert_eq!(queue.wants_members(), None);
        queue.read(None, vec![group(1)], true, 0);
        assert_eq!(queue.members(GroupId(1)), Some(&[FaceId(1), FaceId(2)][..]), "stays until it is read again");
        assert_eq!(queue.wants_members(), Some(GroupId(1)));
    }
}
