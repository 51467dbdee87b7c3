//! The order in which candidates are listed. Their ranks stay what they are: by score.

use std::cmp::{Ordering, Reverse};

use crate::jobs::Candidate;
use crate::types::FaceOrder;

/// What candidates are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CandidateOrder {
    /// Best first.
    #[default]
    Score,
    /// As any list of faces.
    Faces(FaceOrder),
}

impl CandidateOrder {
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Score).chain(FaceOrder::ALL.into_iter().map(Self::Faces))
    }

    /// Sorts as the gallery sorts lists of faces: who does not tell the day stands last either way, and what is alike
    /// stands newest first.
    pub(super) fn sort(self, is_turned: bool, candidates: &mut [Candidate]) {
        let turned = |order: Ordering| if is_turned { order.reverse() } else { order };
        let newest = |candidate: &Candidate| Reverse(candidate.face);
        candidates.sort_unstable_by(|a, b| {
            let order = match self {
                Self::Score => turned(a.rank.cmp(&b.rank)),
                Self::Faces(FaceOrder::Newest) => turned(newest(a).cmp(&newest(b))),
                Self::Faces(FaceOrder::Day) => match (&a.taken_at, &b.taken_at) {
                    (Some(a), Some(b)) => turned(b.cmp(a)),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                },
                Self::Faces(FaceOrder::Folder) => turned(a.photo.as_os_str().cmp(b.photo.as_os_str())),
                Self::Faces(FaceOrder::Quality) => turned(a.quality.total_cmp(&b.quality)),
            };
            order.then_with(|| newest(a).cmp(&newest(b)))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::types::FaceId;

    fn candidate(rank: usize, face: i64, quality: f32, day: Option<&str>, photo: &str) -> Candidate {
        let taken_at = day.map(str::to_owned);
        let score = 1.0 - 0.1 * rank as f32;
        let photo = PathBuf::from(photo);
        Candidate { rank, face: FaceId(face), score, quality, subject: None, photo, taken_at, missing: false }
    }

    #[test]
    fn candidates_are_sorted_as_asked_either_way() {
        let mut candidates = [
            candidate(1, 4, 0.9, None, "b/1.jpg"),
            candidate(2, 9, 0.4, Some("2019-07-03T10:00:00"), "a/2.jpg"),
            candidate(3, 2, 0.4, Some("2021-01-01T10:00:00"), "b/0.jpg"),
        ];
        let mut sorted = |order: CandidateOrder, is_turned: bool| {
            order.sort(is_turned, &mut candidates);
            candidates.iter().map(|candidate| candidate.rank).collect::<Vec<_>>()
        };
        let expected = [
            (CandidateOrder::Score, [1, 2, 3], [3, 2, 1]),
            (CandidateOrder::Faces(FaceOrder::Newest), [2, 1, 3], [3, 1, 2]),
            (CandidateOrder::Faces(FaceOrder::Day), [3, 2, 1], [2, 3, 1]),
            (CandidateOrder::Faces(FaceOrder::Folder), [2, 3, 1], [1, 3, 2]),
            (CandidateOrder::Faces(FaceOrder::Quality), [2, 3, 1], [1, 2, 3]),
        ];
        for (order, usual, turned) in expected {
            assert_eq!(sorted(order, false), usual, "{order:?}");
            assert_eq!(sorted(order, true), turned, "{order:?} turned");
        }
    }
}
