use super::memory::UiMemory;
use crate::app::{AppState, Command, NoticeLevel};
use crate::types::SubjectName;

/// What a screen draws from and writes to.
pub(super) struct Cx<'a> {
    pub(super) state: &'a AppState,
    pub(super) memory: &'a mut UiMemory,
    pub(super) commands: &'a mut Vec<Command>,
    /// Why nothing can be changed here, where it cannot.
    pub(super) read_only: Option<&'a str>,
}

impl<'a> Cx<'a> {
    /// Why nothing can be changed here, where it cannot.
    pub(super) fn read_only(&self) -> Option<&'a str> {
        self.read_only
    }

    /// Whether the gallery can be changed; where not, the person is told that `what` was not done, and why.
    pub(super) fn can_change(&mut self, what: &str) -> bool {
        let Some(reason) = self.read_only() else { return true };
        self.notify(NoticeLevel::Warning, format!("{what}: {reason}"));
        false
    }

    pub(super) fn push(&mut self, command: impl Into<Command>) {
        self.commands.push(command.into());
    }

    /// The name of a person, with what tells them from others of that name.
    pub(super) fn title_of(&mut self, subject: &SubjectName) -> String {
        self.memory.people.title(self.state, subject)
    }

    /// Tells the person something of the window itself.
    pub(super) fn notify(&mut self, level: NoticeLevel, text: String) {
        self.memory.notify(level, text, self.state.clock);
    }
}
