use super::command::ModelsCommand;
use super::event::ModelsEvent;
use super::state::{ImportView, ModelsView};
use crate::app::jobs::{JobKind, JobState};
use crate::app::parts::{Load, load_from};
use crate::app::search::clear_search;
use crate::app::state::AppState;
use crate::app::tune;
use crate::app::window::{NoticeLevel, notify};
use crate::tell;

pub(in crate::app) fn command(state: &mut AppState, command: &ModelsCommand) {
    let view = &mut state.models_view;
    match command {
        ModelsCommand::InspectWeights(file) => look_at(view, ImportView::looking_at(file.clone(), false)),
        ModelsCommand::RunWeights(file) => look_at(view, ImportView::looking_at(file.clone(), true)),
        ModelsCommand::CloseImport => view.import = None,
        ModelsCommand::Import { .. } => {
            if let Some(import) = &mut view.import {
                import.running = true;
                import.problem = None;
            }
        }
        ModelsCommand::Test(name) => drop(view.tests.insert(name.clone(), Load::Loading)),
        ModelsCommand::Use(_)
        | ModelsCommand::Read
        | ModelsCommand::MeasureSpeed(_)
        | ModelsCommand::Remove(_)
        | ModelsCommand::ForgetEmbeddings(_) => {}
    }
}

/// What is being taken over is not put aside by another file.
fn look_at(view: &mut ModelsView, import: ImportView) {
    if !view.import.as_ref().is_some_and(|import| import.running) {
        view.import = Some(import);
    }
}

pub(in crate::app) fn reduce(state: &mut AppState, event: ModelsEvent) {
    let view = &mut state.models_view;
    match event {
        ModelsEvent::Changed(models, threshold) => {
            state.settings.model = models.iter().find(|model| model.active).map(|model| model.name.clone());
            state.models = models;
            state.search.threshold = threshold;
            // Embeddings of one model say nothing in the space of another, and measures of one nothing about another.
            state.requests.model += 1;
            clear_search(state);
            tune::forget(state);
        }
        ModelsEvent::Read { models, unreadable, left_over } => {
            view.tests.retain(|name, _| models.iter().any(|model| model.name == *name));
            view.unreadable = unreadable;
            view.left_over = left_over;
            view.problem = None;
            state.models = models;
        }
        ModelsEvent::Unread(reason) => view.problem = Some(reason),
        ModelsEvent::WeightsInspected { file, may_run, proposal } => {
            let is_asked = |import: &&mut ImportView| import.file == file && import.may_run == may_run;
            if let Some(import) = view.import.as_mut().filter(is_asked) {
                import.proposal = load_from(proposal);
            }
        }
        ModelsEvent::Imported { name, title } => {
            view.import = None;
            notify(state, NoticeLevel::Info, tell!("models-imported", title = title, name = name));
        }
        ModelsEvent::Tested { name, result } => drop(view.tests.insert(name, load_from(result))),
        ModelsEvent::RunsRead(runs) => view.runs = Some(runs),
    }
}

/// What is waited for from a job does not come after its end.
pub(in crate::app) fn job_ended(state: &mut AppState, kind: JobKind, ended: &JobState) {
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
        JobKind::Enroll
        | JobKind::BuildIndex
        | JobKind::Sweep
        | JobKind::Autotune
        | JobKind::People
        | JobKind::ChangeModel
        | JobKind::MeasureSpeed
        | JobKind::RemoveModel
        | JobKind::Group => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::app::messages::Event;
    use crate::app::rooms::{command, reduce};
    use crate::app::*;
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
        Command::Models(ModelsCommand::Import {
            file: file.into(),
            architecture: "onnx".into(),
            answers: Box::new(answers()),
        })
    }

    #[test]
    fn an_import_is_asked_about_runs_and_ends() {
        let mut state = AppState::default();
        command(&mut state, &Command::Models(ModelsCommand::InspectWeights("a.onnx".into())));
        // Another file was dropped before the first was looked at.
        command(&mut state, &Command::Models(ModelsCommand::InspectWeights("b.onnx".into())));
        reduce(
            &mut state,
            Event::Models(ModelsEvent::WeightsInspected {
                file: "a.onnx".into(),
                may_run: false,
                proposal: Err("late".into()),
            }),
        );
        assert_eq!(state.models_view.import.as_ref().unwrap().proposal, Load::Loading);
        reduce(
            &mut state,
            Event::Models(ModelsEvent::WeightsInspected {
                file: "b.onnx".into(),
                may_run: false,
                proposal: Ok(proposal("b.onnx")),
            }),
        );
        command(&mut state, &import_command("b.onnx"));
        command(&mut state, &Command::Models(ModelsCommand::InspectWeights("c.onnx".into())));
        let import = state.models_view.import.as_ref().unwrap();
        assert!(import.running && import.file == Path::new("b.onnx"));

        let id = JobId(1);
        reduce(&mut state, Event::Jobs(JobsEvent::Began { id, kind: JobKind::ImportModel, title: "Import".into() }));
        reduce(&mut state, Event::Jobs(JobsEvent::Told(id, JobEvent::Ended(Outcome::Failed("NaN weights".into())))));
        let import = state.models_view.import.clone().unwrap();
        assert!(!import.running && import.proposal.ready().is_some(), "the answers can be changed and tried again");
        assert_eq!(import.problem, Some("NaN weights".into()));
        command(&mut state, &import_command("b.onnx"));
        assert_eq!(state.models_view.import.as_ref().unwrap().problem, None);
        reduce(&mut state, Event::Models(ModelsEvent::Imported { name: "net".into(), title: "Net".into() }));
        assert!(state.models_view.import.is_none());
        assert!(
            state
                .notices
                .iter()
                .any(|notice| notice.text == crate::tell!("models-imported", title = "Net", name = "net"))
        );
    }

    #[test]
    fn a_self_test_tells_its_result_and_forgets_models_that_go() {
        let mut state = AppState::default();
        let model = |name: &str| ModelView { name: name.into(), ..ModelView::default() };
        for name in ["a", "b"] {
            command(&mut state, &Command::Models(ModelsCommand::Test(name.into())));
        }
        reduce(&mut state, Event::Models(ModelsEvent::Tested { name: "a".into(), result: Err("checksum".into()) }));
        let models = vec![model("a")];
        reduce(
            &mut state,
            Event::Models(ModelsEvent::Read { models, unreadable: vec!["x".into()], left_over: Vec::new() }),
        );
        let tests: Vec<_> = state.models_view.tests.clone().into_iter().collect();
        assert_eq!(tests, [("a".to_owned(), Load::Failed("checksum".into()))]);
        // Cancelled, it is as if it had never been asked for.
        command(&mut state, &Command::Models(ModelsCommand::Test("a".into())));
        reduce(
            &mut state,
            Event::Jobs(JobsEvent::Began { id: JobId(2), kind: JobKind::TestModel, title: "Test".into() }),
        );
        reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(2), JobEvent::Ended(Outcome::Cancelled))));
        assert!(state.models_view.tests.is_empty());
    }
}
