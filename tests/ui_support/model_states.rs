use std::path::PathBuf;

use likeness::app::{
    AppState, ImportAnswers, ImportProposal, ImportView, JobKind, JobState, Load, ModelSpeed, ModelView, RunState,
    Screen, SpeedOfThreads, StoredByModel, TrainRecord, TrainingRun,
};

/// Three models, one in use, one that cannot be used.
pub fn some() -> AppState {
    let mut state = super::gallery(40, 10);
    state.screen = Screen::Models;
    state.models[0].speed = Some(ModelSpeed {
        measured_at: 1_795_500_000,
        device: "CPU, 2 cores, AVX-512".to_owned(),
        sha256: None,
        one_thread: SpeedOfThreads { threads: 1, single_millis: 18.4, batched_millis: 12.1 },
        all_threads: SpeedOfThreads { threads: 2, single_millis: 11.0, batched_millis: 6.4 },
    });
    state.models_view.runs = Some(Vec::new());
    state
}

/// More models than fit, with long names, and what is left of others.
pub fn many() -> AppState {
    let mut state = some();
    for n in 0..12 {
        state.models.push(ModelView {
            name: format!("model-{n}"),
            title: format!(
                "A residual network with a feature pyramid for covered faces, distilled from a teacher, attempt {n}"
            ),
            licence: "For research alone; see the owner's page, where it says in many words what may not be done"
                .to_owned(),
            imported: true,
            embedded: Some(60_000),
            stored_bytes: 240_000_000,
            ..state.models[1].clone()
        });
    }
    state.models_view.unreadable =
        vec!["the model's manifest is not usable (unknown field `colour`): x/manifest.toml".into()];
    state.models_view.left_over = vec![StoredByModel { name: "old-net".into(), faces: 112_000, bytes: 580_000_000 }];
    state
}

/// The gallery is being embedded by another model.
pub fn changing() -> AppState {
    let mut state = some();
    let mut job = super::job(3, "Change to EdgeFace-XS", JobState::Running);
    job.kind = JobKind::ChangeModel;
    job.unit = "face";
    job.stage = "Embedding".into();
    (job.done, job.total, job.faces, job.issues, job.skipped) = (41_200, Some(112_903), 0, 2, 0);
    state.jobs.push(job);
    state.models_view.tests.insert("edgeface-xs".into(), Load::Ready(()));
    state.models[1].embedded = Some(41_000);
    state.models[1].stored_bytes = 84_000_000;
    state
}

pub fn proposal() -> ImportProposal {
    ImportProposal {
        asks_to_run: false,
        file: PathBuf::from("/models/net.onnx"),
        bytes: 174_000_000,
        architecture: "onnx".to_owned(),
        d: 512,
        size: [112, 112],
        input_is_stated: false,
        answers: ImportAnswers {
            name: "net".to_owned(),
            title: "net".to_owned(),
            licence: "not stated".to_owned(),
            source: "net.onnx".to_owned(),
            threshold: 0.25,
            bgr: false,
            mean: [127.5; 3],
            std: [127.5; 3],
        },
    }
}

pub fn importing(proposal: Load<ImportProposal>) -> AppState {
    let mut state = some();
    let file = PathBuf::from("/models/net.onnx");
    state.models_view.import = Some(ImportView { file, proposal, may_run: false, running: false, problem: None });
    state
}

/// One that runs, one that is finished, one that has not logged yet.
pub fn runs() -> Vec<TrainingRun> {
    let records = |upto: u64| -> Vec<TrainRecord> {
        (1..=upto)
            .map(|n| TrainRecord {
                step: n * 20,
                steps_total: 8_000,
                epoch: n as f32 / 40.0,
                loss: 24.0 / (1.0 + n as f32 * 0.05) + (n as f32 * 0.9).sin() * 0.2,
                learning_rate: 0.1 * (1.0 - n as f32 / 400.0),
                images_per_second: 41.3,
                validation: if n % 40 == 0 {
                    let better = 1.0 - 0.4 / (1.0 + n as f32 / 40.0);
                    vec![("accuracy".to_owned(), better), ("accuracy under masks".to_owned(), better - 0.08)]
                } else {
                    Vec::new()
                },
            })
            .collect()
    };
    let run = |name: &str, state, records, secs_left, bad_lines| TrainingRun {
        name: name.to_owned(),
        folder: PathBuf::from("/home/ana/.local/share/likeness/gallery/training").join(name),
        state,
        records,
        bad_lines,
        secs_left,
        request: [("architecture", "mobilefacenet-fpn"), ("teacher", "edgeface-xs"), ("optimizer.rate", "0.1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
        model: None,
        problem: None,
    };
    let mut finished = run("finished-one", RunState::Finished, records(400), None, 0);
    finished.model = Some(finished.folder.join("model.safetensors"));
    vec![
        run("masked-student-with-a-long-name-that-says-it-all", RunState::Running, records(260), Some(4_210.0), 3),
        finished,
        run("just-begun", RunState::Stopped, Vec::new(), None, 0),
    ]
}
