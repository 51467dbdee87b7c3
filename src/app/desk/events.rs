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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{BatchId, JobId};

    #[test]
    fn a_change_touches_the_photos_it_names_whoever_made_it() {
        let changed = |photo| Changed { photos: vec![PhotoId(photo)], ..Changed::default() };
        let by_job: Event = JobsEvent::Told(JobId(1), JobEvent::Changed(changed(7))).into();
        let by_person: Event = PeopleEvent::Changed(changed(7)).into();
        for event in [by_job, by_person] {
            assert!(touches(&event, FaceId(1), Some(PhotoId(7))));
            assert!(!touches(&event, FaceId(1), Some(PhotoId(8))), "another photo");
            assert!(!touches(&event, FaceId(1), None), "a photo that is not there yet");
            assert!(alters_counts(&event) && changed_in(&event).is_some());
        }
        let faces = JobEvent::Faces { added: vec![FaceId(3)], removed: vec![FaceId(4)] };
        let event: Event = JobsEvent::Told(JobId(1), faces).into();
        assert!(touches(&event, FaceId(3), None) && !touches(&event, FaceId(4), None));
        assert!(alters_counts(&event) && changed_in(&event).is_none());
        let asked: Event = PeopleEvent::Made { text: "Named 1 face Ada.".into(), undo: BatchId(1) }.into();
        assert!(!touches(&asked, FaceId(3), Some(PhotoId(7))) && !alters_counts(&asked));
    }
}
