//! Messages to the person: on view until they are seen, and listed afterwards.

use super::state::{Notice, NoticeLevel};
use crate::app::people::BatchTurn;
use crate::app::state::AppState;
use crate::types::{BatchId, Telling};

/// Notices on view; beyond it the oldest that is no error makes room, and then the oldest error.
const MAX_ON_VIEW: usize = 40;
/// Notes on view: who has not looked at six of them need not look at the seventh's elders.
const MAX_NOTES: usize = 6;
/// Lines of the list of messages.
const MAX_LISTED: usize = 200;

pub(in crate::app) fn notify(state: &mut AppState, level: NoticeLevel, text: impl Into<Telling>) {
    tell(state, level, text.into(), None);
}

/// Tells of a change that can be taken back.
pub(in crate::app) fn notify_made(state: &mut AppState, text: Telling, undo: BatchId) {
    tell(state, NoticeLevel::Info, text, Some(undo));
}

/// What was taken back meanwhile, by whatever way, is not offered for undoing any more.
pub(in crate::app) fn follow_record(state: &mut AppState) {
    let history = &state.record.history;
    let is_over = |undo: BatchId| history.iter().any(|batch| batch.id == undo && batch.state != BatchTurn::Done);
    state.notices.retain(|notice| !notice.undo.is_some_and(is_over));
    for message in &mut state.messages {
        message.undo = message.undo.filter(|undo| !is_over(*undo));
    }
}

fn tell(state: &mut AppState, level: NoticeLevel, text: Telling, undo: Option<BatchId>) {
    let id = state.requests.notice;
    state.requests.notice += 1;
    let (at, is_same) = (state.clock, |other: &Notice| other.level == level && other.text == text && undo.is_none());
    // What happens again and again is one message.
    let before = state.notices.iter().position(is_same).map(|at| state.notices.remove(at));
    let times = before.as_ref().map_or(1, |before| before.times.saturating_add(1));
    if let Some(before) = &before {
        state.messages.retain(|other| other.id != before.id);
    }
    let notice = Notice { id, level, text, at, times, undo };
    state.messages.push_back(notice.clone());
    while state.messages.len() > MAX_LISTED {
        state.messages.pop_front();
    }
    state.notices.push(notice);
    let notes = state.notices.iter().filter(|notice| notice.level != NoticeLevel::Error).count();
    if notes > MAX_NOTES || state.notices.len() > MAX_ON_VIEW {
        let oldest_note = state.notices.iter().position(|notice| notice.level != NoticeLevel::Error);
        state.notices.remove(oldest_note.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(state: &AppState) -> Vec<String> {
        state.notices.iter().map(|notice| notice.text.plain()).collect()
    }

    #[test]
    fn what_was_taken_back_by_another_way_is_not_offered_any_more() {
        use crate::app::people::{BatchView, PeopleEvent, RecordView};
        let mut state = AppState::default();
        notify(&mut state, NoticeLevel::Info, "a note");
        notify_made(&mut state, "Took out 1 face.".into(), BatchId(3));
        notify_made(&mut state, "Merged Eve into Ada (2 faces).".into(), BatchId(4));
        let batch = |id, state| BatchView { id: BatchId(id), at: 0, actor: "ana".into(), words: "did".into(), state };
        let history = vec![batch(4, BatchTurn::Undone), batch(3, BatchTurn::Done)];
        let record = RecordView { history, ..RecordView::default() };
        crate::app::rooms::reduce(&mut state, PeopleEvent::RecordRead(Box::new(record)).into());
        assert_eq!(texts(&state), ["a note", "Took out 1 face."]);
        let undo: Vec<_> = state.messages.iter().map(|message| message.undo).collect();
        assert_eq!(undo, [None, Some(BatchId(3)), None], "the list keeps the words, and not the way back");
    }

    #[test]
    fn errors_stay_until_they_are_seen_whatever_comes_after() {
        let mut state = AppState { clock: 5, ..AppState::default() };
        notify(&mut state, NoticeLevel::Error, "the disk is full");
        for n in 0..100 {
            notify(&mut state, NoticeLevel::Info, format!("note {n}"));
        }
        assert_eq!(texts(&state)[0], "the disk is full");
        assert_eq!(state.notices.len(), 1 + MAX_NOTES);
        assert_eq!(state.notices[0].at, 5);
        assert!(state.messages.iter().any(|message| message.text == "note 3".into()), "what left the view is listed");
    }

    #[test]
    fn the_same_message_is_counted_and_nothing_grows_without_bound() {
        let mut state = AppState::default();
        for _ in 0..50 {
            notify(&mut state, NoticeLevel::Error, "again");
        }
        assert_eq!((state.notices.len(), state.notices[0].times, state.messages.len()), (1, 50, 1));
        for n in 0..1000 {
            notify(&mut state, NoticeLevel::Error, format!("error {n}"));
        }
        assert_eq!((state.notices.len(), state.messages.len()), (MAX_ON_VIEW, MAX_LISTED));
        assert_eq!(texts(&state).last(), Some(&"error 999".to_owned()));
    }
}
