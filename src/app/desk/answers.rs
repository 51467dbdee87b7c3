//! Each request gets exactly one answer: what was asked for, or why there is none, a panic included.

use crate::tell;
use crate::types::{Tell, Telling};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::sink::{EventSink, tell_messages};
use crate::app::messages::Event;
use crate::jobs::{Engine, JobError, LatestWorker, panic_message};

/// What `work` makes, or why it made nothing, in words for a person.
pub(in crate::app) fn answer_of<A>(work: impl FnOnce() -> Result<A, JobError>) -> Result<A, Telling> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(made) => made.map_err(|error| error.telling()),
        Err(panic) => Err(fault(panic.as_ref())),
    }
}

/// What a panic is called before a person.
pub(in crate::app) fn fault(panic: &(dyn Any + Send)) -> Telling {
    tell!("app-fault", reason = panic_message(panic))
}

/// A latest-wins worker on the engine. `key` is what tells the answer to one request from those to others; `event` makes
/// the answer of it.
///
/// # Errors
/// The system refused a thread.
pub(in crate::app) fn worker<T, K, A, E>(
    name: &str,
    engine: &Arc<Engine>,
    sink: &EventSink,
    key: fn(&T) -> K,
    work: impl Fn(&Engine, T) -> Result<A, JobError> + Send + 'static,
    event: impl Fn(K, Result<A, Telling>) -> Option<E> + Send + 'static,
) -> std::io::Result<LatestWorker<T>>
where
    T: Send + 'static,
    K: 'static,
    A: 'static,
    E: Into<Event>,
{
    let (engine, told_by, messages) = (Arc::clone(engine), Arc::clone(engine), sink.clone());
    let after = move || tell_messages(&told_by, &messages);
    answering(name, sink, key, move |request| work(&engine, request), event, after)
}

/// [`worker`] on whatever `work` holds; `after` runs when the answer is sent.
fn answering<T, K, A, E>(
    name: &str,
    sink: &EventSink,
    key: fn(&T) -> K,
    mut work: impl FnMut(T) -> Result<A, JobError> + Send + 'static,
    event: impl Fn(K, Result<A, Telling>) -> Option<E> + Send + 'static,
    after: impl Fn() + Send + 'static,
) -> std::io::Result<LatestWorker<T>>
where
    T: Send + 'static,
    K: 'static,
    A: 'static,
    E: Into<Event>,
{
    let sink = sink.clone();
    LatestWorker::spawn(name, move |request| {
        let key = key(&request);
        let answer = answer_of(|| work(request));
        if let Some(event) = event(key, answer) {
            sink.send(event);
        }
        after();
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossbeam_channel::bounded;

    use super::*;
    use crate::app::search::{Found, SearchEvent};

    #[test]
    fn a_panic_is_answered_as_a_failure_of_its_request_and_the_next_one_is_served() {
        let (sender, events) = bounded(8);
        let sink = EventSink::new(sender, Arc::new(|| {}));
        let work = |request: u64| {
            assert!(request != 7, "injected");
            Ok(Found { candidates: Vec::new(), millis: 1.0, cut_at: None, may_be_incomplete: false, passing: None })
        };
        let event = |request, found| Some(SearchEvent::Searched { request, found });
        let worker = answering("test", &sink, |request: &u64| *request, work, event, || {}).unwrap();
        worker.put(7);
        let next = || events.recv_timeout(Duration::from_secs(20)).unwrap();
        let Event::Search(SearchEvent::Searched { request: 7, found: Err(reason) }) = next() else {
            panic!("no answer")
        };
        assert_eq!(reason, tell!("app-fault", reason = "injected"));
        worker.put(8);
        assert!(matches!(next(), Event::Search(SearchEvent::Searched { request: 8, found: Ok(_) })));
        drop(worker);
        assert!(events.try_recv().is_err(), "one answer each");
    }

    #[test]
    fn errors_are_told_in_their_own_words() {
        assert_eq!(answer_of(|| Ok(1)), Ok(1));
        assert_eq!(answer_of::<()>(|| Err(JobError::NothingToDo)), Err(JobError::NothingToDo.telling()));
        assert_eq!(answer_of::<()>(|| panic!("boom")), Err(tell!("app-fault", reason = "boom")));
    }
}
