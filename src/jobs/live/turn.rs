//! Whose turn it is to move the generation: one piece of work at a time, from its decision to the swap.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::index::{BuildWatch, IndexError, moment};

/// One at a time within the process; among processes the data folder's lock sees to it.
#[derive(Debug, Default)]
pub(super) struct Turn {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_taken: bool,
    left: Left,
}

/// What others would have done and left to whoever has the turn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Left {
    /// Keep a changed flat index for the next start.
    pub publish: bool,
    /// Look after the index; the growth since training at which it is trained anew.
    pub upkeep: Option<f64>,
}

/// While this lives nobody else moves the generation.
#[derive(Debug)]
pub(super) struct Held<'a>(&'a Turn);

impl Turn {
    /// Waits for as long as another takes, a training perhaps.
    ///
    /// # Errors
    /// [`IndexError::Interrupted`].
    pub fn take(&self, watch: &dyn BuildWatch) -> Result<Held<'_>, IndexError> {
        loop {
            watch.checkpoint()?;
            if let Some(held) = self.take_or_leave(Left::default()) {
                return Ok(held);
            }
            watch.progress("Waiting for other work on the index", 0, 0);
            if !moment("waits for the turn") {
                let state = self.state();
                drop(self.freed.wait_timeout_while(state, Duration::from_millis(100), |state| state.is_taken));
            }
        }
    }

    /// Leaves the work to another who has the turn: `None` then.
    pub fn take_or_leave(&self, work: Left) -> Option<Held<'_>> {
        let mut state = self.state();
        if state.is_taken {
            state.left.publish |= work.publish;
            state.left.upkeep = work.upkeep.or(state.left.upkeep);
            return None;
        }
        state.is_taken = true;
        Some(Held(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held<'_> {
    /// What was left meanwhile; without any the turn is over.
    pub fn end(self) -> Result<(), (Self, Left)> {
        let mut state = self.0.state();
        let left = std::mem::take(&mut state.left);
        if left != Left::default() {
            drop(state);
            return Err((self, left));
        }
        // In the same step, so that nothing is left to nobody.
        state.is_taken = false;
        drop(state);
        self.0.freed.notify_all();
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.state().is_taken = false;
        self.0.freed.notify_all();
    }
}
