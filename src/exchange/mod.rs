//! Face regions that other programs wrote, and names told to others: pure functions over bytes and values.
//!
//! Read are XMP (MWG, Microsoft Photo, ACDSee), embedded and in sidecars, and Picasa's files. Written are sidecars and
//! tables. What is read comes from anywhere: sizes and depths have bounds, and whatever is damaged is an
//! [`ExchangeError`].

mod error;
mod merge;
mod packet;
mod pairing;
mod people;
mod picasa;
mod place;
mod rdf;
mod regions;
mod sidecar;
mod table;
mod xml;

pub use error::ExchangeError;
pub use merge::{Decision, FaceHere, Remark, decide};
pub use packet::{Embedded, read_embedded};
pub use pairing::{Matched, Unplaced, match_regions};
pub use people::{People, Whom};
pub use picasa::{Contacts, PicasaFolder, read_contacts, read_picasa};
pub use place::{Frame, is_orientation};
pub use regions::{Form, Region, RegionSet, read_regions};
pub use sidecar::{Edited, NamedFace, edit_sidecar, new_sidecar};
pub use table::{FaceRow, read_table, write_csv};
