use super::command::PeopleCommand;
use super::event::PeopleEvent;
use super::faces;
use super::state::RecordView;
use crate::app::parts::{Load, load_from};
use crate::app::state::AppState;
use crate::app::window::{follow_record, notify_made};

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &PeopleCommand) {
    match command {
        PeopleCommand::AskRemoval(removal) => state.record.removal = Some((removal.clone(), Load::Loading)),
        PeopleCommand::CancelRemoval | PeopleCommand::Remove(_) => state.record.removal = None,
        // Answered once: the list follows when it is read again.
        PeopleCommand::Answer { face, .. } => state.record.questions.retain(|question| question.face != *face),
        PeopleCommand::Undo(Some(batch)) => state.notices.retain(|notice| notice.undo != Some(*batch)),
        PeopleCommand::Undo(None)
        | PeopleCommand::Redo
        | PeopleCommand::Read
        | PeopleCommand::Name { .. }
        | PeopleCommand::Describe { .. }
        | PeopleCommand::Merge { .. }
        | PeopleCommand::Change(_) => {}
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: PeopleEvent) {
    match event {
        PeopleEvent::SubjectsRead(subjects) => {
            state.subjects = subjects;
            state.subjects_version += 1;
            faces::subjects_read(state);
        }
        PeopleEvent::Changed(changed) => faces::changed(state, &changed),
        PeopleEvent::Made { text, undo } => notify_made(state, text, undo),
        PeopleEvent::RecordRead(record) => {
            let removal = state.record.removal.take();
            state.record = RecordView { removal, ..*record };
            follow_record(state);
        }
        PeopleEvent::RecordUnread(reason) => state.record.problem = Some(reason),
        PeopleEvent::RemovalCounted { removal, counts } => {
            if let Some((asked, counted)) = &mut state.record.removal
                && *asked == removal
            {
                *counted = load_from(counts);
            }
        }
    }
}
