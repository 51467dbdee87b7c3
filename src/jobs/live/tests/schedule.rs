//! Threads of which one runs at a time: at every moment a seed decides which. What a seed did it does again.

use std::sync::{Arc, Condvar, Mutex};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::index::with_hook;

pub(super) struct Schedule {
    state: Mutex<State>,
    turned: Condvar,
}

struct State {
    rng: ChaCha8Rng,
    current: usize,
    /// Threads that have not ended.
    running: Vec<usize>,
    moments: Vec<(usize, &'static str)>,
}

impl Schedule {
    /// Runs all to their end.
    pub(super) fn run(seed: u64, threads: Vec<Box<dyn FnOnce() + Send>>) {
        let state = State {
            rng: ChaCha8Rng::seed_from_u64(seed),
            current: 0,
            running: (0..threads.len()).collect(),
            moments: Vec::new(),
        };
        let schedule = Arc::new(Self { state: Mutex::new(state), turned: Condvar::new() });
        let spawn = |(me, work): (usize, Box<dyn FnOnce() + Send>)| {
            let schedule = Arc::clone(&schedule);
            let run = move || {
                let ending = Ending(Arc::clone(&schedule), me);
                schedule.wait(me);
                let hook = {
                    let schedule = Arc::clone(&schedule);
                    move |name| schedule.moment(me, name)
                };
                with_hook(hook, work);
                drop(ending);
            };
            std::thread::Builder::new().name(format!("scheduled-{me}")).spawn(run).unwrap()
        };
        let running: Vec<_> = threads.into_iter().enumerate().map(spawn).collect();
        let ended: Vec<_> = running.into_iter().map(std::thread::JoinHandle::join).collect();
        if ended.iter().any(Result::is_err) {
            let moments = &schedule.state.lock().unwrap().moments;
            let last = &moments[moments.len().saturating_sub(60)..];
            panic!("seed {seed} failed; the last moments: {last:?}");
        }
    }

    fn moment(&self, me: usize, name: &'static str) {
        let mut state = self.state.lock().unwrap();
        state.moments.push((me, name));
        let among = state.running.len();
        let next = state.rng.random_range(0..among);
        state.current = state.running[next];
        drop(state);
        self.turned.notify_all();
        self.wait(me);
    }

    fn wait(&self, me: usize) {
        let state = self.state.lock().unwrap();
        drop(self.turned.wait_while(state, |state| state.current != me).unwrap());
    }
}

/// Lets the others go on, however this one ends.
struct Ending(Arc<Schedule>, usize);

impl Drop for Ending {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let me = self.1;
        state.running.retain(|thread| *thread != me);
        if !state.running.is_empty() {
            let among = state.running.len();
            let next = state.rng.random_range(0..among);
            state.current = state.running[next];
        }
        drop(state);
        self.0.turned.notify_all();
    }
}
