//! What several rooms want to know of an event.

use crate::app::jobs::JobsEvent;
use crate::app::messages::Event;
use crate::app::models::ModelsEvent;
use crate::app::people::PeopleEvent;
use crate::app::program::ProgramEvent;
use crate::jobs::JobEvent;
use crate::store::Changed;
use crate::types::{FaceId, PhotoId};

/// The change of the record that it tells of, whoever made it.
pub(in crate::app) fn changed_in(event: &Event) -> Option<&Changed> {
    match event {
        Event::People(PeopleEvent::Changed(changed)) | Event::Jobs(JobsEvent::Told(_, JobEvent::Changed(changed))) => {
            Some(changed)
        }
        _ => None,
    }
}

/// Whether the numbers of the status bar, and the record, may be others after it.
pub(in crate::app) fn alters_counts(event: &Event) -> bool {
    matches!(
        event,
        Event::Program(ProgramEvent::Started(_) | ProgramEvent::GalleryChanged(_) | ProgramEvent::BecameWritable(_))
            | Event::Models(ModelsEvent::Changed(..))
            | Event::Jobs(JobsEvent::Told(_, JobEvent::Ended(_) | JobEvent::Faces { .. }))
    ) || changed_in(event).is_some()
}

/// Whether this face, or the photo it is on, may look different after it, or lie elsewhere.
pub(in crate::app) fn touches(event: &Event, face: FaceId, photo: Option<PhotoId>) -> bool {
    match event {
        Event::Program(ProgramEvent::GalleryChanged(_)) => true,
        Event::Jobs(JobsEvent::Told(_, JobEvent::Faces { added, .. })) => added.contains(&face),
        event => changed_in(event).is_some_and(|changed| photo.is_some_and(|photo| changed.photos.contains(&photo))),
    }
}
