use serde::{Deserialize, Serialize};

use crate::types::{BatchId, Telling};

/// A line a screen, in the order of the navigation: its name in the code and its title. The first is shown at the start.
macro_rules! screens {
    ($(#[$first:meta])* $($screen:ident: $title:literal;)*) => {
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Screen {
            $(#[$first])*
            $($screen,)*
        }

        impl Screen {
            pub const ALL: &[Self] = &[$(Self::$screen),*];

            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$screen => $title,)*
                }
            }
        }
    };
}

screens! {
    #[default]
    Enroll: "Enroll";
    Search: "Search";
    Tune: "Tune";
    Models: "Models";
    Settings: "Settings";
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
