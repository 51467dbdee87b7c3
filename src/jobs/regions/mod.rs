//! Names that other programs know, taken over for enrolled faces, and names told to other programs. Photos are read and
//! never written.

mod export;
mod import;
mod naming;
mod photo;
mod summary;
mod table;

pub use export::{ExportRegions, NamedFaces, export_sidecars, named_faces};
pub use import::{ImportRegions, import_regions};
pub use summary::{RegionsExported, RegionsImported, RegionsTold};
pub use table::import_table;
