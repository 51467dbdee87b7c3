use super::state::{Page, PeopleCounts, Rows, Who};
use crate::store::{ReviewItem, ReviewKey};
use crate::types::{FaceId, GroupId, Telling};

/// What is told of people.
#[derive(Debug)]
pub enum RosterEvent {
    Counted(PeopleCounts),
    Listed {
        request: u64,
        rows: Result<Rows, Telling>,
    },
    Opened {
        who: Who,
        page: Result<Page, Telling>,
    },
    /// Items of the queue after a place, and whether these are all.
    Queued {
        after: Option<ReviewKey>,
        items: Result<Vec<ReviewItem>, Telling>,
        is_all: bool,
        /// Decisions that had been made when they were read.
        decided: u64,
    },
    Members {
        group: GroupId,
        faces: Vec<FaceId>,
    },
}
