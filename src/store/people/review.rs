//! What waits to be reviewed, in an order that stays whatever is decided on the way.

use rusqlite::params;

use super::list::{Row, group_row};
use super::suggestions::{self, HOLDING, Suggestion};
use crate::store::columns::u64_from_column;
use crate::store::{Gallery, StoreError};
use crate::types::{FaceId, GroupId};

/// What a person decides on at once.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewKind {
    /// Faces that nobody named, at least two.
    Group { group: GroupId, cover: FaceId, faces: u64, suggestion: Option<Suggestion> },
    /// A face outside groups that resembles somebody who has a name, or is ignored.
    Suggestion(Suggestion),
}

/// An item of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewItem {
    pub kind: ReviewKind,
    /// Its place: where to go on from.
    pub key: ReviewKey,
}

/// A place in the queue; it stays the item's whatever is decided about others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReviewKey {
    /// Groups come before suggestions.
    is_group: bool,
    score: f64,
    id: i64,
}

impl ReviewKey {
    pub fn of_group(group: GroupId) -> Self {
        Self { is_group: true, score: 0.0, id: group.0 }
    }

    /// Of a face with this score of its suggestion.
    pub fn of_face(face: FaceId, score: f32) -> Self {
        Self { is_group: false, score: f64::from(score), id: face.0 }
    }

    /// Whether it stands before another one in the queue.
    pub fn is_before(&self, other: &Self) -> bool {
        match (self.is_group, other.is_group) {
            (true, true) => self.id < other.id,
            (false, false) => (other.score, self.id) < (self.score, other.id),
            (is_group, _) => is_group,
        }
    }
}

/// A face with a suggestion that is in no group, or in one of which nobody else is left.
const ALONE: &str = "NOT EXISTS (SELECT 1 FROM grouped g JOIN group_sizes z ON z.group_id = g.group_id
        WHERE g.face_id = s.face_id AND z.n >= 2)";

impl Gallery {
    /// At most `limit` items after a place, or from the beginning: groups in the order in which they were founded, which for those
    /// of one grouping is the largest first; then faces outside groups, the best suggestion first.
    pub fn review(&self, after: Option<ReviewKey>, limit: usize) -> Result<Vec<ReviewItem>, StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let mut items = Vec::new();
            if after.is_none_or(|key| key.is_group) {
                let from = after.map_or(0, |key| key.id);
                let mut statement = snapshot.prepare_cached(
                    "SELECT group_id, n FROM group_sizes WHERE n >= 2 AND group_id > ?1 ORDER BY group_id LIMIT ?2",
                )?;
                let found = statement
                    .query_map(params![from, limit as i64], |row| Ok((row.get(0)?, u64_from_column(row, 1)?)))?;
                for (id, n) in found.collect::<Result<Vec<(i64, u64)>, _>>()? {
                    if let Some(Row::Group { group, cover, faces, suggestion }) = group_row(&snapshot, id, n)? {
                        let kind = ReviewKind::Group { group, cover, faces, suggestion };
                        items.push(ReviewItem { kind, key: ReviewKey { is_group: true, score: 0.0, id } });
                    }
                }
            }
            if items.len() < limit {
                let from = after.filter(|key| !key.is_group).map_or((f64::MAX, 0), |key| (key.score, key.id));
                let mut statement = snapshot.prepare_cached(&format!(
                    "SELECT s.face_id, s.score FROM {HOLDING} WHERE (s.score, -s.face_id) < (?1, -?2) AND {ALONE}
                     ORDER BY s.score DESC, s.face_id LIMIT ?3"
                ))?;
                let left = (limit - items.len()) as i64;
                let found = statement.query_map(params![from.0, from.1, left], |row| Ok((row.get(0)?, row.get(1)?)))?;
                for (id, score) in found.collect::<Result<Vec<(i64, f64)>, _>>()? {
                    if let Some(suggestion) = suggestions::of_face(&snapshot, FaceId(id))? {
                        let key = ReviewKey { is_group: false, score, id };
                        items.push(ReviewItem { kind: ReviewKind::Suggestion(suggestion), key });
                    }
                }
            }
            Ok(items)
        })
    }
}
