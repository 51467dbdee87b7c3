//! What several rooms show, and knows none of them.

mod face_list;
mod load;
mod photo;
mod views;

pub use face_list::{FaceLabel, FaceList, Listed};
pub use load::Load;
pub(in crate::app) use load::load_from;
pub use photo::{Evidence, FaceView, PhotoView, Picture};
pub(in crate::app) use views::{photo_view_from_analysis, photo_view_from_loaded};
