//! The Models screen's part of the reducer.

use super::{AppState, Command, Event, JobState, Load};
use crate::app::models::ImportView;
use crate::app::state::{JobKind, NoticeLevel};

pub(super) fn command(state: &mut AppState, command: &Command) {
    let view = &mut state.models_view;
    match command {
        // What is being taken over is not put aside by another file.
        Command::InspectWeights(file) if !view.import.as_ref().is_some_and(|import| import.running) => {
            view.import = Some(ImportView::looking_at(file.clone(), false));
        }
        Command::RunWeights(file) if !view.import.as_ref().is_some_and(|import| import.running) => {
            view.import = Some(ImportView::looking_at(file.clone(), true));
        }
        Command::CloseImport => view.import = None,
        Command::ImportModel { .. } => {
            if let Some(import) = &mut view.import {
                import.running = true;
                import.problem = None;
            }
        }
        Command::TestModel(name) => drop(view.tests.insert(name.clone(), Load::Loading)),
        _ => {}
    }
}

pub(super) fn reduce(state: &mut AppState, event: Event) {
    let view = &mut state.models_view;
    match event {
        Event::ModelsRead { models, unreadable, left_over } => {
            view.tests.retain(|name, _| models.iter().any(|model| model.name == *name));
            view.unreadable = unreadable;
            view.left_over = left_over;
            view.problem = None;
            state.models = models;
        }
        Event::ModelsUnread(reason) => view.problem = Some(reason),
        Event::WeightsInspected { file, may_run, proposal } => {
            let is_asked = |import: &&mut ImportView| import.file == file && import.may_run == may_run;
            if let Some(import) = view.import.as_mut().filter(is_asked) {
                import.proposal = super::load_from(proposal);
            }
        }
        Event::ModelImported { name, title } => {
            view.import = None;
            super::notify(state, NoticeLevel::Info, format!("{title} was tested and imported as {name}."));
        }
        Event::ModelTested { name, result } => drop(view.tests.insert(name, super::load_from(result))),
        Event::RunsRead(runs) => view.runs = Some(runs),
        _ => {}
    }
}

/// What is waited for from a job does not come after its end.
pub(super) fn job_ended(state: &mut AppState, kind: JobKind, ended: &JobState) {
    let view = &mut state.models_view;
    match kind {
        JobKind::ImportModel => {
            if let Some(import) = view.import.as_mut().filter(|import| import.running) {
                import.running = false;
                import.problem = match ended {
                    JobState::Failed(reason) | JobState::Panicked(reason) => Some(reason.clone()),
                    _ => None,
                };
            }
        }
        JobKind::TestModel => view.tests.retain(|_, test| !matches!(test, Load::Loading)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::{command, reduce};
    use super::*;
    use crate::app::state::ModelView;
    use crate::app::{ImportAnswers, ImportProposal};
    use crate::jobs::{JobEvent, Outcome};
    use crate::types::JobId;

    fn answers() -> ImportAnswers {
        ImportAnswers {
            name: "net".into(),
            title: "Net".into(),
            licence: "MIT".into(),
            source: "net.onnx".into(),
            threshold: 0.25,
            bgr: false,
            mean: [127.5; 3],
            std: [127.5; 3],
        }
    }

    fn proposal(file: &str) -> ImportProposal {
        ImportProposal {
            file: PathBuf::from(file),
            bytes: 10,
            architecture: "onnx".into(),
            d: 512,
            asks_to_run: false,
            size: [112, 112],
            input_is_stated: false,
            answers: answers(),
        }
    }

    fn import_command(file: &str) -> Command {
        Command::ImportModel { file: file.into(), architecture: "onnx".into(), answers: Box::new(answers()) }
    }

    #[test]
    fn an_import_is_asked_about_runs_and_ends() {
        let mut state = AppState::default();
        command(&mut state, &Command::InspectWeights("a.onnx".into()));
        // Another file was dropped before the first was looked at.
        command(&mut state, &Command::InspectWeights("b.onnx".into()));
        reduce(
            &mut state,
            Event::WeightsInspected { file: "a.onnx".into(), may_run: false, proposal: Err("late".into()) },
        );
        assert_eq!(state.models_view.import.as_ref().unwrap().proposal, Load::Loading);
        reduce(
            &mut state,
            Event::WeightsInspected { file: "b.onnx".into(), may_run: false, proposal: Ok(proposal("b.onnx")) },
        );
        command(&mut state, &import_command("b.onnx"));
        command(&mut state, &Command::InspectWeights("c.onnx".into()));
        let import = state.models_view.import.as_ref().unwrap();
        assert!(import.running && import.file == Path::new("b.onnx"));

        let id = JobId(1);
        reduce(&mut state, Event::JobBegan { id, kind: JobKind::ImportModel, title: "Import".into() });
        reduce(&mut state, Event::Job(id, JobEvent::Ended(Outcome::Failed("NaN weights".into()))));
        let import = state.models_view.import.clone().unwrap();
        assert!(!import.running && import.proposal.ready().is_some(), "the answers can be changed and tried again");
        assert_eq!(import.problem.as_deref(), Some("NaN weights"));
        command(&mut state, &import_command("b.onnx"));
        assert_eq!(state.models_view.import.as_ref().unwrap().problem, None);
        reduce(&mut state, Event::ModelImported { name: "net".into(), title: "Net".into() });
        assert!(state.models_view.import.is_none());
        assert!(state.notices.iter().any(|notice| notice.text.contains("imported as net")));
    }

    #[test]
    fn a_self_test_tells_its_result_and_forgets_models_that_go() {
        let mut state = AppState::default();
        let model = |name: &str| ModelView { name: name.into(), ..ModelView::default() };
        for name in ["a", "b"] {
            command(&mut state, &Command::TestModel(name.into()));
        }
        reduce(&mut state, Event::ModelTested { name: "a".into(), result: Err("checksum".into()) });
        let models = vec![model("a")];
        reduce(&mut state, Event::ModelsRead { models, unreadable: vec!["x".into()], left_over: Vec::new() });
        let tests: Vec<_> = state.models_view.tests.clone().into_iter().collect();
        assert_eq!(tests, [("a".to_owned(), Load::Failed("checksum".to_owned()))]);
        // Cancelled, it is as if it had never been asked for.
        command(&mut state, &Command::TestModel("a".into()));
        reduce(&mut state, Event::JobBegan { id: JobId(2), kind: JobKind::TestModel, title: "Test".into() });
        reduce(&mut state, Event::Job(JobId(2), JobEvent::Ended(Outcome::Cancelled)));
        assert!(state.models_view.tests.is_empty());
    }
}
