use crate::types::Findings;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckReport {
    pub findings: Findings,
    pub photos: u64,
    pub faces: u64,
    /// Faces that the published index has not taken in yet: the next start adds them, and nothing is wrong with that.
    pub not_indexed_yet: u64,
}
