//! Carries out what the Tune screen asks for.

use std::path::PathBuf;
use std::sync::Arc;

use super::Shell;
use super::answers::answer_of;
use super::workers::tell_messages;
use crate::app::command::Command;
use crate::app::event::Event;
use crate::app::reducer;
use crate::app::state::NoticeLevel;
use crate::app::tune::{PresetView, SweepAxes, SweepFormat, export_sweep};
use crate::index::{PRESETS, Preset};
use crate::jobs::tuning::advice;
use crate::jobs::{Engine, JobError};
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
        self.on_thread("read index", read, |reason| vec![Event::IndexUnread(reason)]);
    }

    pub(super) fn apply_params(&mut self, params: SearchParams) {
        let work = move |engine: &Engine| {
            engine.set_search_params(params, true)?;
            Ok(vec![Event::ParamsApplied(params)])
        };
        self.on_thread("search parameters", work, told);
    }

    fn roll_back(&mut self, number: u64) {
        let work = move |engine: &Engine| {
            engine.roll_back(number)?;
            let mut events = read(engine)?;
            events.push(Event::Notice(NoticeLevel::Info, format!("Generation {number} is the live index again.")));
            Ok(events)
        };
        self.on_thread("roll back", work, told);
    }

    fn ask_advice(&mut self, max_ram_bytes: u64, max_p50_millis: f32) {
        let quit = self.quit.clone();
        let work = move |engine: &Engine| {
            let advice = advice(engine, max_ram_bytes, max_p50_millis, &quit, &|_| {})?;
            Ok(vec![Event::AdviceGiven(Ok(advice))])
        };
        self.on_thread("advice", work, |reason| vec![Event::AdviceGiven(Err(reason))]);
    }

    /// Writes the sweep on view and tells how it went.
    fn export_sweep(&mut self, path: PathBuf, format: SweepFormat, axes: SweepAxes) {
        let Some(run) = self.state.tune.sweep.run.clone() else { return };
        let work = move |_: &Engine| {
            export_sweep(&run, axes, format, &path).map_err(JobError::Failed)?;
            Ok(vec![Event::Notice(NoticeLevel::Info, format!("The sweep was written to {}", path.display()))])
        };
        self.on_thread("export", work, told);
    }

    /// Runs `work` on a thread of its own and sends what comes of it; where nothing does, what `failed` makes of the
    /// reason, so that nobody waits for ever. Either is for the model in use now.
    pub(super) fn on_thread(
        &mut self,
        name: &str,
        work: impl FnOnce(&Engine) -> Result<Vec<Event>, JobError> + Send + 'static,
        failed: impl Fn(String) -> Vec<Event> + Clone + Send + 'static,
    ) {
        let Some(side) = &self.engine else { return };
        let (engine, sink) = (Arc::clone(&side.engine), self.sink.of_model(self.state.requests.model));
        let give_up = failed.clone();
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let events = answer_of(|| work(&engine)).unwrap_or_else(failed);
            for event in events {
                sink.send(event);
            }
            tell_messages(&engine, &sink);
        });
        self.passing.retain(|thread| !thread.is_finished());
        match started {
            Ok(thread) => self.passing.push(thread),
            Err(error) => {
                let events = give_up(format!("The system refused a thread: {error}"));
                events.into_iter().for_each(|event| reducer::reduce(&mut self.state, event));
            }
        }
    }
}

/// The reason before the person, where no view waits for it.
pub(super) fn told(reason: String) -> Vec<Event> {
    vec![Event::Notice(NoticeLevel::Error, reason)]
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
