//! The long work of the Tune screen: the stream of probes, and builds, sweeps and measurements as jobs.

use std::sync::Arc;

use super::Shell;
use super::tune::read;
use super::workers::EventSink;
use crate::app::event::Event;
use crate::app::state::{JobKind, NoticeLevel};
use crate::app::tune::{SavedSweep, StreamInfo};
use crate::jobs::tuning::{
    MissedRequest, StreamEvent, SweepEvent, TuneStream, autotune, load_sweep, people_missed, saved_sweeps, sweep,
};
use crate::jobs::{Engine, JobContext, JobError, JobEvent, build_index, retrain_index};
use crate::types::{Goal, IndexSpec, OperatingPoint, ProbeSet, SearchParams, SweepRequest};

/// Candidates of a search that is counted as finding a person or not.
const MISSED_K: usize = 100;

/// Searches by which people missed are measured, for each setting.
const MISSED_SEARCHES: usize = 2000;

impl Shell {
    pub(super) fn start_stream(&mut self) {
        // The one before is told to end.
        self.stream = None;
        let Some(side) = &self.engine else { return };
        let (request, settings) = (self.state.requests.tune, self.state.tune.live.settings.clone());
        let sink = self.sink.of_model(self.state.requests.model);
        let started = TuneStream::spawn(Arc::clone(&side.engine), request, settings, move |event| match event {
            StreamEvent::Began { request, nq, data_digest, exact } => {
                sink.send(Event::TuneBegan(StreamInfo { request, nq, threads: 1, data_digest, exact: Some(exact) }));
            }
            StreamEvent::Sample(sample) => sink.send(Event::TuneSampled(sample)),
            StreamEvent::Failed { request, reason } => sink.send(Event::TuneEnded { request, reason }),
            // The screen says that it is getting ready for as long as no sample has come.
            StreamEvent::Progress(_) => {}
        });
        match started {
            Ok(stream) => self.stream = Some(stream),
            Err(error) => self.notice(NoticeLevel::Error, format!("The system refused a thread: {error}")),
        }
    }

    pub(super) fn change_stream(&mut self) {
        if let Some(stream) = &self.stream {
            stream.change(self.state.requests.tune, self.state.tune.live.settings.clone());
        }
    }

    pub(super) fn stop_stream(&mut self) {
        self.stream = None;
    }

    pub(super) fn build_index(&mut self, spec: IndexSpec) {
        // The parameters that a preset names, where this is one.
        let preset = self.state.tune.presets.iter().find(|preset| preset.spec == spec);
        let params = preset.map_or_else(SearchParams::default, |preset| preset.params);
        self.start_build(spec, params);
    }

    fn start_build(&mut self, spec: IndexSpec, params: SearchParams) {
        self.start_job(JobKind::BuildIndex, format!("Build {spec}"), move |engine, context, sink| {
            build_index(engine, &spec, params, &context.control, &tell(context))?;
            send_all(sink, read(engine)?);
            Ok(())
        });
    }

    pub(super) fn retrain_index(&mut self) {
        self.start_job(JobKind::BuildIndex, "Train the index anew".to_owned(), |engine, context, sink| {
            retrain_index(engine, &context.control, &tell(context))?;
            send_all(sink, read(engine)?);
            Ok(())
        });
    }

    pub(super) fn start_sweep(&mut self, request: SweepRequest) {
        let n = request.specs.len();
        let title = if n == 1 { "Sweep over 1 spec".to_owned() } else { format!("Sweep over {n} specs") };
        self.start_job(JobKind::Sweep, title, move |engine, context, sink| {
            let send = |event: SweepEvent| match event {
                SweepEvent::Began(run) => sink.send(Event::SweepBegan(Box::new(run))),
                SweepEvent::Point(point) => sink.send(Event::SweepPoint(point)),
                SweepEvent::Problem(spec, reason) => sink.send(Event::SweepProblem(spec, reason)),
                SweepEvent::Saved(saved) => sink.send(Event::SweepSaved(saved_view(saved))),
            };
            sweep(engine, &request, &context.control, &tell(context), &send).map(|_| ())
        });
    }

    pub(super) fn open_sweep(&mut self, name: String) {
        let asked = name.clone();
        let work = move |engine: &Engine| {
            let run = Ok(Box::new(load_sweep(engine, &name)?));
            Ok(vec![Event::SweepOpened { name, run }])
        };
        self.on_thread("open sweep", work, move |reason| {
            vec![Event::SweepOpened { name: asked.clone(), run: Err(reason) }]
        });
    }

    pub(super) fn autotune(&mut self, goal: Goal, probes: ProbeSet) {
        let k = self.state.tune.live.settings.k;
        self.start_job(JobKind::Autotune, "Autotune".to_owned(), move |engine, context, sink| {
            match autotune(engine, &goal, &probes, k, &context.control, &tell(context), &|_| {}) {
                Err(JobError::Cancelled) => Err(JobError::Cancelled),
                found => {
                    sink.send(Event::AutotuneEnded(found.map_err(|error| error.to_string())));
                    Ok(())
                }
            }
        });
    }

    /// Other parameters are set at once; another spec is built first and takes over when it is complete.
    pub(super) fn apply_point(&mut self, point: OperatingPoint) {
        let is_live = self.state.tune.overview.as_ref().is_some_and(|overview| overview.spec == point.spec);
        if !is_live {
            return self.start_build(point.spec, point.params);
        }
        self.apply_params(point.params);
    }

    pub(super) fn measure_people_missed(&mut self, params: Vec<SearchParams>) {
        let request = MissedRequest { params, max_searches: MISSED_SEARCHES, k: MISSED_K };
        self.start_job(JobKind::People, "Measure people missed".to_owned(), move |engine, context, sink| {
            match people_missed(engine, &request, &context.control, &tell(context)) {
                Err(JobError::Cancelled) => Err(JobError::Cancelled),
                curves => {
                    sink.send(Event::IdentificationMeasured(curves.map_err(|error| error.to_string())));
                    Ok(())
                }
            }
        });
    }
}

pub(super) fn tell(context: &JobContext) -> impl Fn(crate::jobs::Progress) + '_ {
    |progress| context.send(JobEvent::Progress(progress))
}

fn send_all(sink: &EventSink, events: Vec<Event>) {
    events.into_iter().for_each(|event| sink.send(event));
}

pub(super) fn saved(engine: &Engine) -> Vec<SavedSweep> {
    saved_sweeps(engine).into_iter().map(saved_view).collect()
}

fn saved_view(saved: crate::jobs::tuning::SavedSweep) -> SavedSweep {
    SavedSweep { name: saved.name, begun_at: saved.begun_at, points: saved.points }
}
