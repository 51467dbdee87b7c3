use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A source image in the gallery.
    PhotoId
);
id!(
    /// A located face. Also the id under which its embedding stands in an index.
    FaceId
);
id!(
    /// An enrolled identity.
    SubjectId
);
id!(
    /// A group of faces that show one person whom nobody named.
    GroupId
);
id!(
    /// A piece of long work, unique within one run of the program.
    JobId
);
id!(
    /// What one action of a person, or one run of a job, changed in the record of who is who.
    BatchId
);
