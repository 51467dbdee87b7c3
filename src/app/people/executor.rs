use super::command::PeopleCommand;
use super::edits::{Edit, Edits};
use super::event::PeopleEvent;
use super::reducer;
use super::state::Removal;
use super::views::record;
use crate::app::desk::{Desk, Room, alters_counts, changed_in, failed, worker};
use crate::app::messages::Event;
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::app::window::NoticeLevel;
use crate::jobs::LatestWorker;
use crate::store::Change;

pub(in crate::app) struct PeopleRoom {
    subjects: LatestWorker<()>,
    record: LatestWorker<()>,
    removal: LatestWorker<Removal>,
    edits: Edits,
    /// The record may be another now.
    is_record_stale: bool,
    /// Everybody's names may be others now.
    are_names_stale: bool,
    /// The people were counted.
    is_counted: bool,
}

impl Room for PeopleRoom {
    type Command = PeopleCommand;
    type Event = PeopleEvent;

    fn command(state: &mut AppState, command: &PeopleCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: PeopleEvent) {
        reducer::reduce(state, event);
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        let (engine, sink) = (desk.engine, desk.sink);
        Ok(Self {
            subjects: worker(
                "subjects",
                engine,
                sink,
                |()| (),
                |engine, ()| Ok(engine.gallery().subjects()?),
                |(), subjects| Some(subjects.map_or_else(failed, |all| PeopleEvent::SubjectsRead(all).into())),
            )?,
            record: worker(
                "record",
                engine,
                sink,
                |()| (),
                |engine, ()| record(engine),
                |(), record| {
                    Some(match record {
                        Ok(record) => PeopleEvent::RecordRead(Box::new(record)),
                        Err(reason) => PeopleEvent::RecordUnread(reason),
                    })
                },
            )?,
            removal: worker(
                "removal",
                engine,
                sink,
                Removal::clone,
                |engine, removal| Ok(engine.gallery().removal_counts(&removal)?),
                |removal, counts| Some(PeopleEvent::RemovalCounted { removal, counts }),
            )?,
            edits: Edits::spawn(engine, sink)?,
            is_record_stale: false,
            are_names_stale: false,
            is_counted: false,
        })
    }

    fn execute(&mut self, desk: &mut Desk, command: PeopleCommand) {
        match command {
            PeopleCommand::Name { faces, who } => self.edit(desk, Edit::Change(Change::Name { faces, who })),
            PeopleCommand::Describe { subject, name, external_id, note } => {
                self.edit(desk, Edit::Change(Change::Describe { subject, name, external_id, note }));
            }
            PeopleCommand::Merge { from, into } => {
                self.edit(desk, Edit::Change(Change::Merge { from: vec![from], into }));
            }
            PeopleCommand::Answer { face, same } => self.edit(desk, Edit::Change(Change::Answer { face, same })),
            PeopleCommand::Change(change) => self.edit(desk, Edit::Change(change)),
            PeopleCommand::AskRemoval(removal) => _ = self.removal.put(removal),
            PeopleCommand::CancelRemoval => {}
            PeopleCommand::Remove(removal) => self.edit(desk, Edit::Remove(removal)),
            PeopleCommand::Undo(batch) => self.edit(desk, Edit::Undo(batch)),
            PeopleCommand::Redo => self.edit(desk, Edit::Redo),
            PeopleCommand::Read => _ = self.record.put(()),
        }
    }

    fn hear(&mut self, _desk: &mut Desk, event: &Event) {
        self.is_record_stale |= alters_counts(event);
        self.are_names_stale |= matches!(event, Event::Program(ProgramEvent::GalleryChanged(_)))
            || changed_in(event).is_some_and(|changed| changed.subjects_changed);
        self.is_counted |= matches!(event, Event::Program(ProgramEvent::Started(_) | ProgramEvent::StatusRead(_)));
    }

    fn settle(&mut self, desk: &mut Desk) {
        if std::mem::take(&mut self.is_record_stale) {
            self.record.put(());
        }
        // An enrollment names people after folders.
        let are_others = desk.state.subjects.len() as u64 != desk.state.status.subjects;
        let is_counted = std::mem::take(&mut self.is_counted);
        if std::mem::take(&mut self.are_names_stale) || (is_counted && are_others) {
            self.subjects.put(());
        }
    }
}

impl PeopleRoom {
    /// Hands in a change; one that is not taken is told.
    fn edit(&self, desk: &mut Desk, edit: Edit) {
        if let Err(reason) = self.edits.put(edit) {
            desk.notice(NoticeLevel::Error, reason);
        }
    }
}
