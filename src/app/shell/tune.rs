//! Carries out what the Tune screen asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use super::Shell;
use super::workers::tell_messages;
use crate::app::command::Command;
use crate::app::event::Event;
use crate::app::state::NoticeLevel;
use crate::app::tune::{PresetView, SweepAxes, SweepFormat, export_sweep};
use crate::index::{PRESETS, Preset};
use crate::jobs::tuning::advice;
use crate::jobs::{Engine, JobControl, JobError, panic_message};
use crate::types::{IndexOverview, SearchParams};

impl Shell {
    pub(super) fn execute_tune(&mut self, command: Command) {
        match command {
            Command::ReadIndex => self.read_index(),
            Command::ApplyParams(params) => self.apply_params(params),
            Command::RollBack(number) => self.roll_back(number),
            Command::AskAdvice { max_ram_bytes, max_p50_millis } => self.ask_advice(max_ram_bytes, max_p50_millis),
            Command::ExportSweep { path, format, axes } => self.export_sweep(path, format, axes),
            // The reducer has done it; the settings are saved by themselves.
            Command::SetRetrainShare(_) => {}
            Command::TuneStart(_) => self.start_stream(),
            Command::TuneChange(_) => self.change_stream(),
            Command::TuneStop => self.stop_stream(),
            Command::BuildIndex(spec) => self.build_index(spec),
            Command::RetrainNow => self.retrain_index(),
            Command::StartSweep(request) => self.start_sweep(request),
            Command::OpenSweep(name) => self.open_sweep(name),
            Command::Autotune(goal, probes) => self.autotune(goal, probes),
            Command::ApplyPoint(point) => self.apply_point(*point),
            Command::MeasurePeopleMissed(params) => self.measure_people_missed(params),
            other => log::error!("not a command of the Tune screen: {other:?}"),
        }
    }

    fn read_index(&mut self) {
        self.on_thread("read index", |engine| read(engine).unwrap_or_else(|error| vec![failed(&error)]));
    }

    fn apply_params(&mut self, params: SearchParams) {
        self.on_thread("search parameters", move |engine| match engine.set_search_params(params, true) {
            Ok(()) => vec![Event::ParamsApplied(params)],
            Err(error) => vec![failed(&error)],
        });
    }

    fn roll_back(&mut self, number: u64) {
        self.on_thread("roll back", move |engine| match engine.roll_back(number).and_then(|()| read(engine)) {
            Ok(mut events) => {
                events.push(Event::Notice(NoticeLevel::Info, format!("Generation {number} is the live index again.")));
                events
            }
            Err(error) => vec![failed(&error)],
        });
    }

    fn ask_advice(&mut self, max_ram_bytes: u64, max_p50_millis: f32) {
        self.on_thread("advice", move |engine| {
            let advice = advice(engine, max_ram_bytes, max_p50_millis, &JobControl::default(), &|_| {});
            vec![Event::AdviceGiven(advice.map_err(|error| error.to_string()))]
        });
    }

    /// Writes the sweep on view and tells how it went.
    fn export_sweep(&mut self, path: PathBuf, format: SweepFormat, axes: SweepAxes) {
        let Some(run) = self.state.tune.sweep.run.clone() else { return };
        self.on_thread("export", move |_| {
            let (level, text) = match export_sweep(&run, axes, format, &path) {
                Ok(()) => (NoticeLevel::Info, format!("The sweep was written to {}", path.display())),
                Err(reason) => (NoticeLevel::Error, reason),
            };
            vec![Event::Notice(level, text)]
        });
    }

    /// Runs `work` on a thread of its own and sends what comes of it. A panic becomes a notice.
    pub(super) fn on_thread(&mut self, name: &str, work: impl FnOnce(&Engine) -> Vec<Event> + Send + 'static) {
        let Some(side) = &self.engine else { return };
        let (engine, sink) = (Arc::clone(&side.engine), self.sink.clone());
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let events = catch_unwind(AssertUnwindSafe(|| work(&engine)));
            let events = events.unwrap_or_else(|panic| {
                let text = format!("A fault of the program: {}", panic_message(panic.as_ref()));
                vec![Event::Notice(NoticeLevel::Error, text)]
            });
            for event in events {
                sink.send(event);
            }
            tell_messages(&engine, &sink);
        });
        if let Err(error) = started {
            self.notice(NoticeLevel::Error, format!("The system refused a thread: {error}"));
        }
    }
}

pub(super) fn failed(error: &JobError) -> Event {
    Event::Notice(NoticeLevel::Error, error.to_string())
}

/// What stands behind the screen.
pub(super) fn read(engine: &Engine) -> Result<Vec<Event>, JobError> {
    let overview = engine.index_overview();
    let presets = PRESETS.iter().filter_map(|preset| preset_view(preset, &overview)).collect();
    let generations = engine.generations(false)?;
    Ok(vec![
        Event::PresetsRead(presets),
        Event::IndexRead(overview, generations),
        Event::SweepsListed(super::tune_jobs::saved(engine)),
    ])
}

/// `None` for what cannot be built with embeddings of this length.
fn preset_view(preset: &Preset, overview: &IndexOverview) -> Option<PresetView> {
    let (spec, params) = preset.recipe(overview.d, overview.ntotal)?;
    Some(PresetView {
        name: preset.name.to_owned(),
        spec,
        params,
        useful_for: preset.useful_for.to_owned(),
        not_useful_for: preset.not_useful_for.to_owned(),
    })
}
