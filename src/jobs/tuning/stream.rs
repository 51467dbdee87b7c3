//! Probes in a stream through the live index, while a person moves sliders.

use crate::tell;
use crate::types::{Tell, Telling};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::measure::EPSILON;
use super::prepare::{Prepared, Scored};
use crate::eval::latency::latency_from_millis;
use crate::eval::recall::recall_report;
use crate::index::{FaceIndex, SearchOptions};
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress, panic_message};
use crate::types::{Latency, ProbeSet, TuneSample, TuneSettings};

/// How often a sample is sent.
const INTERVAL: Duration = Duration::from_millis(200);

/// Searches that a sample's histogram holds.
const RECENT: usize = 2000;

/// A gallery that changes is compared with anew no more often than this, and than [`SHARE`] times what it took.
const RENEWED: Duration = Duration::from_secs(5);
const SHARE: u32 = 10;

/// A thread that searches with one probe after the other and tells what it measured. Dropping this tells it to end,
/// which it does after the search, or the step of getting ready, in which it is.
#[derive(Debug)]
pub struct TuneStream {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Mutex<(u64, TuneSettings)>,
    control: JobControl,
}

/// What a stream tells.
#[derive(Clone, Debug)]
pub enum StreamEvent {
    /// Getting ready: reading vectors, comparing exactly.
    Progress(Progress),
    /// Probes are ready; what they are measured on.
    Began {
        request: u64,
        nq: usize,
        data_digest: String,
        /// Of a few of the probes by exact comparison with every vector, on one thread.
        exact: Latency,
    },
    Sample(TuneSample),
    /// It ended because of this.
    Failed {
        request: u64,
        reason: Telling,
    },
}

impl TuneStream {
    /// # Errors
    /// The system refused a thread.
    pub fn spawn(
        engine: Arc<Engine>,
        request: u64,
        settings: TuneSettings,
        send: impl Fn(StreamEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { settings: Mutex::new((request, settings)), control: JobControl::default() });
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new().name("tune".to_owned()).spawn(move || {
            // A stream that ends says so, or its screen would get ready for ever.
            let ended = catch_unwind(AssertUnwindSafe(|| run(&engine, &theirs, &send)));
            let reason = match ended {
                Ok(Ok(()) | Err(JobError::Cancelled)) => return,
                Ok(Err(error)) => error.telling(),
                Err(panic) => tell!("app-fault", reason = panic_message(panic.as_ref())),
            };
            let request = theirs.settings().0;
            send(StreamEvent::Failed { request, reason });
        })?;
        Ok(Self { shared })
    }

    /// Takes effect with the next probe; samples begin anew under this request's number.
    pub fn change(&self, request: u64, settings: TuneSettings) {
        *self.shared.settings() = (request, settings);
    }
}

impl Drop for TuneStream {
    fn drop(&mut self) {
        self.shared.control.cancel();
    }
}

impl Shared {
    fn settings(&self) -> MutexGuard<'_, (u64, TuneSettings)> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(engine: &Engine, shared: &Shared, send: &dyn Fn(StreamEvent)) -> Result<(), JobError> {
    let begun = Instant::now();
    let tell = |progress| send(StreamEvent::Progress(progress));
    let watch = Watch::new(&shared.control, &tell);
    let mut prepared: Option<Ready> = None;
    let mut current = None;
    let mut tally = Tally::default();
    let mut told = Instant::now();
    let mut at = 0;
    loop {
        shared.control.checkpoint()?;
        let (request, settings) = shared.settings().clone();
        if !prepared.as_ref().is_some_and(|ready| ready.serves(engine, &settings)) {
            let at = Instant::now();
            let (model, version) = (engine.manifest().name, engine.gallery().version());
            let made = Prepared::of_gallery(engine, &settings.probes, settings.k, &watch)?;
            send(StreamEvent::Began {
                request,
                nq: made.probes.len(),
                data_digest: made.digest.clone(),
                exact: made.exact,
            });
            let (set, took, since) = (settings.probes.clone(), at.elapsed(), Instant::now());
            prepared = Some(Ready { set, model, version, made, took, since });
            // What was measured before was measured on another gallery.
            current = None;
        }
        let Some(Ready { made: prepared, .. }) = &prepared else { continue };
        if current != Some(request) {
            current = Some(request);
            tally = Tally::default();
            at = 0;
        }
        let place = at % prepared.probes.len();
        let probe = &prepared.probes[place];
        let exclude = std::slice::from_ref(&probe.exclude);
        let options = SearchOptions { params: Some(&settings.params), exclude, ..SearchOptions::default() };
        let index = engine.index().faces();
        let started = Instant::now();
        let hits = index.search_with(std::slice::from_ref(&probe.embedding), settings.k, options)?;
        let millis = started.elapsed().as_secs_f32() * 1e3;
        let hits = hits.into_iter().next().unwrap_or_default();
        let (truth, found) = prepared.judged(place, &hits, settings.k, |face| index.contains(face));
        tally.add(millis, prepared.probes.len(), truth, found);
        at += 1;
        if told.elapsed() >= INTERVAL {
            told = Instant::now();
            let at_secs = begun.elapsed().as_secs_f32();
            send(StreamEvent::Sample(tally.sample(request, at_secs, settings.k)));
            // Who watches a chart is not to slow an enrollment down, nor the window.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Probes that are ready.
struct Ready {
    set: ProbeSet,
    model: String,
    /// Of the gallery, before it was read.
    version: u64,
    made: Arc<Prepared>,
    took: Duration,
    since: Instant,
}

impl Ready {
    /// Whether they are the probes of these settings. After a change of the gallery only for a while: its new faces are
    /// passed over until then, and those that are gone.
    fn serves(&self, engine: &Engine, settings: &TuneSettings) -> bool {
        let is_of_now = self.version == engine.gallery().version();
        let is_young = self.since.elapsed() < RENEWED.max(self.took * SHARE);
        self.set == settings.probes
            && self.model == engine.manifest().name
            && self.made.k >= settings.k
            && (is_of_now || is_young)
    }
}

/// What was measured since the last change.
#[derive(Default)]
struct Tally {
    millis: VecDeque<f32>,
    truths: VecDeque<Vec<Scored>>,
    founds: VecDeque<Vec<Scored>>,
}

impl Tally {
    /// `nq` is the number of different probes: one that comes round again takes the place of its earlier answer, since
    /// searching it twice makes recall no surer.
    fn add(&mut self, millis: f32, nq: usize, truth: Vec<Scored>, found: Vec<Scored>) {
        if self.millis.len() == RECENT {
            self.millis.pop_front();
        }
        if self.truths.len() >= nq.min(RECENT) {
            self.truths.pop_front();
            self.founds.pop_front();
        }
        self.millis.push_back(millis);
        self.truths.push_back(truth);
        self.founds.push_back(found);
    }

    fn sample(&mut self, request: u64, at_secs: f32, k: usize) -> TuneSample {
        let (recall_at_k, one_recall_at_1) =
            recall_report(self.truths.make_contiguous(), self.founds.make_contiguous(), k, EPSILON);
        let millis: Vec<f32> = self.millis.iter().copied().collect();
        TuneSample { request, at_secs, recall_at_k, one_recall_at_1, latency: latency_from_millis(&millis), millis }
    }
}
