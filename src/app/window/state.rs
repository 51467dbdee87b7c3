use serde::{Deserialize, Serialize};

use crate::types::BatchId;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Screen {
    #[default]
    Enroll,
    Search,
    Tune,
    Models,
    Settings,
}

impl Screen {
    pub const ALL: [Self; 5] = [Self::Enroll, Self::Search, Self::Tune, Self::Models, Self::Settings];

    pub fn title(self) -> &'static str {
        match self {
            Self::Enroll => "Enroll",
            Self::Search => "Search",
            Self::Tune => "Tune",
            Self::Models => "Models",
            Self::Settings => "Settings",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub level: NoticeLevel,
    pub text: String,
    /// Milliseconds since 1970-01-01 UTC; of one that was told several times, the last.
    pub at: i64,
    pub times: u32,
    /// The change that it tells of, which can be taken back.
    pub undo: Option<BatchId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeLevel {
    #[default]
    Info,
    Warning,
    Error,
}
