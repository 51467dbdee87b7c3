use serde::{Deserialize, Serialize};

use crate::types::{BatchId, Telling};

/// A line a screen, in the order of the navigation. The first is shown at the start.
macro_rules! screens {
    ($(#[$first:meta])* $($screen:ident;)*) => {
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Screen {
            $(#[$first])*
            $($screen,)*
        }

        impl Screen {
            pub const ALL: &[Self] = &[$(Self::$screen),*];
        }
    };
}

screens! {
    #[default]
    Enroll;
    People;
    Search;
    Tune;
    Models;
    Settings;
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub level: NoticeLevel,
    pub text: Telling,
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
