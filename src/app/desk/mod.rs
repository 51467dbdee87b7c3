//! What the rooms' executors work at: the state, the engine, the sink for events, jobs and threads.

mod answers;
mod events;
mod hands;
mod room;
mod sink;

pub(in crate::app) use answers::{answer_of, fault, worker};
pub(in crate::app) use events::{alters_counts, changed_in, touches};
pub(in crate::app) use hands::{Desk, Hands, progress};
pub(in crate::app) use room::Room;
pub(in crate::app) use sink::{EventSink, failed, notice, notice_of, refused, tell_messages};
