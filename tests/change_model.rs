//! Changing the model: what comes out is what enrolling anew would give, and nothing is lost on the way.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use likeness::words::told;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use likeness::app::{
    EnrollCommand, JobKind, JobState, JobsCommand, Load, ModelsCommand, SearchCommand, Shell, TuneCommand,
    WindowCommand,
};
use likeness::index::IndexStore;
use likeness::jobs::{
    Engine, EnrollRequest, JobContext, JobControl, JobEvent, Message, Mode, SearchQuery, build_index, change_model,
    enroll, unfinished_change,
};
use likeness::types::{DetectorParams, Embedding, JobId, SearchParams};
use likeness::vision::manifest::{ImportRequest, ModelRegistry};
use support::shell::{all_ended, enroll as enroll_folder, start, until, watch};
use support::{json_lines, likeness, text, write_album, write_net, write_small};

fn engine(home: &Path, model: Option<&str>) -> Engine {
    Engine::open(Some(home), Mode::Write, model).unwrap()
}

fn import(home: &Path, net: &Path, name: &str) {
    let request = ImportRequest { name: name.to_owned(), may_run_code: true, ..ImportRequest::default() };
    ModelRegistry::open(&home.join("models")).unwrap().import(net, &request).unwrap();
}

/// A job's context that keeps the issues told.
fn context(issues: &Arc<Mutex<Vec<(PathBuf, String)>>>) -> JobContext {
    let issues = Arc::clone(issues);
    let sink = Arc::new(move |_: JobId, event: JobEvent| {
        if let JobEvent::Issue { path, reason } = event {
            issues.lock().unwrap().push((path, told(&reason)));
        }
    });
    JobContext::new(JobId(1), JobControl::default(), sink)
}

fn enroll_album(engine: &Engine, album: &Path) -> likeness::jobs::EnrollSummary {
    // Photos are scaled down before detection, so that the crops depend on it.
    let detector = DetectorParams { max_image_side: 200, ..DetectorParams::default() };
    let request =
        EnrollRequest { is_retry: false, sources: vec![album.to_owned()], subjects_from_folders: true, detector };
    enroll(engine, &request, &context(&Arc::default())).unwrap()
}

/// Embeddings by a model, by the photo's file name.
fn embeddings(engine: &Engine, model: &str) -> HashMap<String, Embedding> {
    let ids = engine.gallery().face_ids().unwrap();
    let faces = engine.gallery().faces(&ids).unwrap().into_iter();
    faces
        .filter_map(|face| {
            let name = face.path.file_name().unwrap().to_string_lossy().into_owned();
            Some((name, engine.gallery().embedding(face.id, model).unwrap()?))
        })
        .collect()
}

#[test]
fn the_gallery_is_embedded_as_enrolling_it_anew_would() {
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [home, other] = [homes[0].path(), homes[1].path()];
    let album = home.join("album");
    write_small("obama.jpg", 300, 1, &album.join("Ada/one.jpg"));
    write_small("obama2.jpg", 420, 2, &album.join("Ada/two.jpg"));
    write_small("biden.jpg", 260, 3, &album.join("Bob/three.jpg"));
    write_small("biden.jpg", 330, 4, &album.join("Bob/gone.jpg"));
    let net = home.join("net.pt");
    write_net(&net, false);
    import(home, &net, "grid");
    import(other, &net, "grid");

    let engine = engine(home, None);
    let old = engine.manifest().name;
    assert_eq!(enroll_album(&engine, &album).photos, 4);
    let anew = self::engine(other, Some("grid"));
    enroll_album(&anew, &album);
    let wanted = embeddings(&anew, "grid");
    assert_eq!(wanted.len(), 4);
    // An index that is not flat: the next model gets one like it.
    let spec = "HNSW8".parse().unwrap();
    build_index(&engine, &spec, SearchParams::default(), &JobControl::default(), &|_| {}).unwrap();
    let before = embeddings(&engine, &old);

    let gone = album.join("Bob/gone.jpg");
    let kept = std::fs::read(&gone).unwrap();
    std::fs::remove_file(&gone).unwrap();
    let issues = Arc::default();
    let summary = change_model(&engine, "grid", &context(&issues)).unwrap();
    assert_eq!((summary.embedded, summary.from_stored_pictures, summary.failed), (4, 1, 0));
    assert_eq!(engine.manifest().name, "grid");
    assert_eq!((engine.ntotal(), engine.index_overview().spec), (4, spec));
    let found = embeddings(&engine, "grid");
    for (photo, embedding) in &found {
        let score = embedding.score(&wanted[photo]);
        let worst = |(a, b): (&f32, &f32)| (a - b).abs();
        let worst = embedding.as_slice().iter().zip(wanted[photo].as_slice()).map(worst).fold(0.0, f32::max);
        println!("{photo}: score {score:.6}, largest difference {worst:.6}");
        if photo == "gone.jpg" {
            assert!(score > 0.98 && worst > 1e-4, "{score}, {worst}: from the stored picture");
        } else {
            assert!(worst < 1e-5, "{photo}: {worst}");
        }
    }
    let told: Vec<_> = issues.lock().unwrap().iter().map(|(path, _): &(PathBuf, _)| path.clone()).collect();
    assert_eq!(told, std::slice::from_ref(&gone));
    assert_eq!(embeddings(&engine, &old), before, "what the old model made is kept");
    // Each face is found by its own new embedding.
    let ids = engine.gallery().face_ids().unwrap();
    for id in &ids {
        let embedding = engine.embedding_of(*id).unwrap();
        let query = SearchQuery { embedding, exclude: None, k: 1, threshold: -1.0, filter: None, range: false };
        assert_eq!(engine.search(&query).unwrap().candidates[0].face, *id);
    }

    // Enrolling again finds nothing to do, but for the photo that has come back.
    std::fs::write(&gone, kept).unwrap();
    let again = enroll_album(&engine, &album);
    assert_eq!((again.skipped, again.photos), (3, 1));
    assert_eq!(engine.gallery().issues().unwrap(), []);
    let exact = embeddings(&engine, "grid")["gone.jpg"].score(&wanted["gone.jpg"]);
    assert!(exact > 0.99999, "{exact}");
    // Back at once: what the old model made of the same pixels is still good.
    let back = change_model(&engine, &old, &context(&Arc::default())).unwrap();
    assert_eq!((back.embedded, engine.manifest().name.as_str()), (0, old.as_str()));
    drop(engine);
    // The test's own folder is open to others, which would be told.
    std::fs::set_permissions(home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let reopened = Engine::open(Some(home), Mode::Write, None).unwrap();
    assert_eq!((reopened.manifest().name, reopened.ntotal()), (old, 4));
    let messages = reopened.take_messages();
    assert!(!messages.iter().any(|message| matches!(message, Message::Warning(_))), "{messages:?}");
}

#[test]
fn a_model_that_cannot_be_had_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let net = home.path().join("net.pt");
    write_net(&net, false);
    import(home.path(), &net, "grid");
    let engine = engine(home.path(), None);
    let old = engine.manifest().name;
    let weights = home.path().join("models/grid/weights.pt");
    let mut bytes = std::fs::read(&weights).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    for (name, word) in [("grid", "checksum"), ("nothing", "no model called")] {
        let error = change_model(&engine, name, &context(&Arc::default())).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    assert_eq!(engine.manifest().name, old);
    assert_eq!(unfinished_change(&engine).unwrap(), None);
}

fn active(shell: &Shell) -> String {
    shell.state().models.iter().find(|model| model.active).unwrap().name.clone()
}

fn embedded(shell: &Shell, name: &str) -> u64 {
    shell.state().models.iter().find(|model| model.name == name).and_then(|model| model.embedded).unwrap_or(0)
}

/// Some faces are embedded, and not all.
fn in_the_middle(shell: &Shell) -> bool {
    let job = shell.state().running_job(JobKind::ChangeModel);
    job.is_some_and(|job| told(&job.stage) == "Embedding" && job.done > 0)
}

#[test]
fn a_change_is_cancelled_closed_and_finished_while_others_work() {
    let home = tempfile::tempdir().unwrap();
    let (album, later) = (home.path().join("album"), home.path().join("later"));
    write_album(&album, 150);
    write_album(&later, 12);
    let net = home.path().join("slow.pt");
    write_net(&net, true);
    let mut shell = start(home.path());
    shell.dispatch(EnrollCommand::Start { sources: vec![album.clone()], subjects_from_folders: false });
    until(&mut shell, "the album is in", all_ended);
    let old = active(&shell);

    // Import: looked at, asked, tested, taken over.
    let is_looked_at = |shell: &Shell| {
        matches!(shell.state().models_view.import.as_ref().map(|import| &import.proposal), Some(Load::Ready(_)))
    };
    shell.dispatch(ModelsCommand::InspectWeights(net.clone()));
    until(&mut shell, "the file is looked at", is_looked_at);
    // It is a program, and does not run before the person has consented.
    let asked = shell.state().models_view.import.as_ref().unwrap().proposal.ready().unwrap();
    assert!(asked.asks_to_run && asked.d == 0);
    shell.dispatch(ModelsCommand::RunWeights(net.clone()));
    until(&mut shell, "it has run", is_looked_at);
    let proposal = shell.state().models_view.import.as_ref().unwrap().proposal.ready().unwrap().clone();
    assert_eq!((proposal.architecture.as_str(), proposal.d, proposal.size), ("torchscript", 192, [112, 112]));
    assert!(!proposal.input_is_stated);
    let (architecture, answers) = (proposal.architecture, Box::new(proposal.answers));
    shell.dispatch(ModelsCommand::Import { file: net, architecture, answers });
    until(&mut shell, "the model is there", |shell| shell.state().models.iter().any(|model| model.name == "slow"));
    shell.dispatch(ModelsCommand::Test("slow".into()));
    until(&mut shell, "the self-test is through", |shell| {
        shell.state().models_view.tests.get("slow").is_some_and(|test| *test == Load::Ready(()))
    });

    // Cancelled in the middle: the old model serves, before and after.
    shell.dispatch(ModelsCommand::Use("slow".into()));
    until(&mut shell, "some are embedded", in_the_middle);
    let face = shell.state().faces[0];
    shell.dispatch(SearchCommand::SetThreshold(-1.0));
    shell.dispatch(SearchCommand::Face(face));
    until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    let job = shell.state().running_job(JobKind::ChangeModel).expect("it still runs").id;
    shell.dispatch(JobsCommand::Cancel(job));
    until(&mut shell, "it has stopped", all_ended);
    until(&mut shell, "its work is counted", |shell| embedded(shell, "slow") > 0);
    let kept = embedded(&shell, "slow");
    assert!(kept < 150, "{kept}");
    assert_eq!(active(&shell), old);
    let state = shell.state().jobs.iter().find(|other| other.id == job).map(|job| job.state.clone());
    assert_eq!(state, Some(JobState::Cancelled));

    // The window is closed in the middle: the next start goes on, from where it was.
    shell.dispatch(ModelsCommand::Use("slow".into()));
    until(&mut shell, "some are embedded", in_the_middle);
    drop(shell);
    let mut shell = start(home.path());
    assert_eq!(active(&shell), old);
    assert!(shell.state().running_job(JobKind::ChangeModel).is_some(), "it is taken up again");
    // Photos that come meanwhile are enrolled by the old model, and are not lost.
    shell.dispatch(EnrollCommand::Start { sources: vec![later], subjects_from_folders: false });
    until(&mut shell, "all is done", all_ended);
    until(&mut shell, "the model has changed", |shell| active(shell) == "slow");
    shell.dispatch(WindowCommand::ShowScreen(likeness::app::Screen::Models));
    until(&mut shell, "all are embedded", |shell| embedded(shell, "slow") == 162);
    assert_eq!(shell.state().models_view.runs.as_deref().unwrap_or_default(), []);
    shell.dispatch(SearchCommand::Face(face));
    until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    let store = IndexStore::open(&home.path().join("index/slow")).unwrap();
    let (index, _) = store.load_current("slow", 192).unwrap().expect("a published index");
    drop(index);
    assert!(store.load_current(&old, 192).is_err(), "an index holds one model");

    // The old one's embeddings go on request.
    shell.dispatch(ModelsCommand::ForgetEmbeddings(old.clone()));
    until(&mut shell, "they are gone", |shell| all_ended(shell) && embedded(shell, &old) == 0);
    assert!(!home.path().join("index").join(&old).exists());
    shell.dispatch(ModelsCommand::Remove("slow".into()));
    until(&mut shell, "it is refused", all_ended);
    assert!(
        matches!(&shell.state().jobs.last().unwrap().state, JobState::Failed(reason) if told(reason).contains("in use"))
    );
}

/// With the model "grid" beside the one in use.
fn two_models(home: &Path) -> Shell {
    let (album, net) = (home.join("album"), home.join("net.pt"));
    write_album(&album, 6);
    write_net(&net, false);
    import(home, &net, "grid");
    let mut shell = start(home);
    enroll_folder(&mut shell, &album, false);
    shell
}

#[test]
fn a_change_of_model_ends_the_stream_of_probes() {
    let home = tempfile::tempdir().unwrap();
    let mut shell = two_models(home.path());
    shell.dispatch(WindowCommand::ShowScreen(likeness::app::Screen::Tune));
    let settings = shell.state().tune.live.settings.clone();
    shell.dispatch(TuneCommand::Start(settings.clone()));
    until(&mut shell, "probes run", |shell| !shell.state().tune.live.history.is_empty());
    shell.dispatch(ModelsCommand::Use("grid".into()));
    until(&mut shell, "the model has changed", |shell| active(shell) == "grid");
    let is_still = |shell: &Shell| {
        let live = &shell.state().tune.live;
        !live.running && live.info.is_none() && live.history.is_empty() && live.problem.is_none()
    };
    assert!(is_still(&shell));
    watch(&mut shell, Duration::from_millis(700));
    assert!(is_still(&shell), "the old model still answers: {:?}", shell.state().tune.live);
    until(&mut shell, "the next index is on view", |shell| {
        shell.state().tune.overview.as_ref().is_some_and(|overview| overview.d == 192)
    });
    shell.dispatch(TuneCommand::Start(settings));
    until(&mut shell, "probes run on the next one", |shell| !shell.state().tune.live.history.is_empty());
}

#[test]
fn a_search_is_kept_under_the_model_that_answered_it() {
    let home = tempfile::tempdir().unwrap();
    let mut shell = two_models(home.path());
    let old = active(&shell);
    let face = shell.state().faces[0];
    shell.dispatch(SearchCommand::SetThreshold(-1.0));
    shell.dispatch(SearchCommand::Face(face));
    until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    // Asked before the change and kept after it: the log gathers for longer than this change takes.
    shell.dispatch(ModelsCommand::Use("grid".into()));
    until(&mut shell, "the model has changed", |shell| active(shell) == "grid");
    for face in [face, shell.state().faces[1]] {
        shell.dispatch(SearchCommand::Face(face));
        until(&mut shell, "candidates are here", |shell| shell.state().search.candidates.ready().is_some());
    }
    drop(shell);
    let engine = engine(home.path(), None);
    let past = |model: &str| engine.gallery().past_searches(model, 100).unwrap();
    assert_eq!((past(&old).len(), past("grid").len()), (1, 2));
    assert!(!past("grid").contains(&past(&old)[0]), "the same face, by another model");

    // An answer that is kept when another model is in use already.
    let embedding = engine.embedding_of(face).unwrap();
    let query = SearchQuery { embedding, exclude: None, k: 3, threshold: -1.0, filter: None, range: false };
    let answer = engine.search(&query).unwrap();
    change_model(&engine, &old, &context(&Arc::default())).unwrap();
    engine.record_searches(&[answer.past_search(&query)]);
    assert_eq!((past(&old).len(), past("grid").len()), (1, 3));
}

#[test]
fn a_killed_change_goes_on_where_it_stopped_and_models_are_removed_by_command() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_album(&album, 120);
    let net = home.path().join("slow.pt");
    write_net(&net, true);
    json_lines(likeness(home.path()).arg("enroll").arg(&album));
    json_lines(likeness(home.path()).args(["models", "import", "--run-code"]).arg(&net));

    let mut command = likeness(home.path());
    command.args(["models", "use", "slow", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        if line["stage"] == "Embedding" && line["done"].as_u64().unwrap() > 0 {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let list = || json_lines(likeness(home.path()).args(["models", "list"]));
    let in_use = || list().into_iter().find(|model| model["active"] == true).unwrap()["name"].clone();
    assert_eq!(in_use(), ModelRegistry::default_name());
    let summary = json_lines(likeness(home.path()).args(["models", "use", "slow"])).pop().unwrap();
    let embedded = summary["embedded"].as_u64().unwrap();
    assert!(embedded > 0 && embedded < 120, "{summary}");
    assert_eq!(in_use(), "slow");
    let status = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!((status["indexed"].as_u64(), status["faces"].as_u64()), (Some(120), Some(120)));

    let speed = json_lines(likeness(home.path()).args(["models", "speed", "slow"])).pop().unwrap();
    assert!(speed["one_thread"]["single_millis"].as_f64().unwrap() > 0.0, "{speed}");
    let refused = likeness(home.path()).args(["models", "remove", "slow"]).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("in use"), "{}", text(&refused.stderr));
    let back = json_lines(likeness(home.path()).args(["models", "use", ModelRegistry::default_name()])).pop().unwrap();
    assert_eq!(back["embedded"], 0);
    let lines = json_lines(likeness(home.path()).args(["models", "remove", "slow"]));
    assert_eq!(lines.last().unwrap()["embeddings"], 120);
    let told = lines.iter().find(|line| line["stage"] == "Giving the space back").expect("the rewriting is told");
    assert!(told["unit"] == "megabyte" && told["total"].as_u64() > Some(0), "{told}");
    assert!(list().iter().all(|model| model["name"] != "slow"));
    assert!(!home.path().join("models/slow").exists() && !home.path().join("index/slow").exists());
    let refused = likeness(home.path()).args(["models", "remove", ModelRegistry::default_name()]).output().unwrap();
    assert!(text(&refused.stderr).contains("comes with the program"), "{}", text(&refused.stderr));
}

/// The default has changed once and may again: a gallery in which no model was ever chosen keeps its own.
#[test]
fn a_gallery_keeps_the_model_that_it_began_with() {
    let (home, album) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_small("biden.jpg", 260, 0, &album.path().join("biden.jpg"));
    let began_with = "dlib-resnet-covered";
    assert_eq!(enroll_album(&engine(home.path(), Some(began_with)), album.path()).faces, 1);
    assert!(!home.path().join("settings.json").exists(), "nothing was chosen");
    let reopened = engine(home.path(), None);
    assert_eq!((reopened.manifest().name.as_str(), reopened.ntotal()), (began_with, 1));
    drop(reopened);

    let empty = tempfile::tempdir().unwrap();
    assert_eq!(engine(empty.path(), None).manifest().name, ModelRegistry::default_name());
}

#[test]
fn a_better_model_is_offered_once_and_status_goes_on_telling() {
    if support::dlib_model().is_none() {
        return;
    }
    let (home, album) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_small("biden.jpg", 260, 0, &album.path().join("biden.jpg"));
    let old = engine(home.path(), Some("dlib-resnet-v1"));
    assert_eq!(old.take_offer().unwrap(), None, "nothing is enrolled that could be embedded anew");
    enroll_album(&old, album.path());
    drop(old);
    for offered in [true, false] {
        let engine = engine(home.path(), None);
        assert_eq!(engine.manifest().name, "dlib-resnet-v1");
        let offer = engine.take_offer().unwrap();
        assert_eq!(offer.is_some(), offered, "{offer:?}");
        assert!(
            offer.is_none_or(
                |text| told(&text).contains(ModelRegistry::default_name()) && told(&text).contains("98.67 %")
            )
        );
    }
    let status = || json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!(status()["better_model"], ModelRegistry::default_name());
    let shown = likeness(home.path()).arg("status").output().unwrap();
    assert!(text(&shown.stdout).contains("likeness models use mobilefacenet-192"), "{}", text(&shown.stdout));
    json_lines(likeness(home.path()).args(["models", "use", ModelRegistry::default_name()]));
    assert_eq!(status()["better_model"], serde_json::Value::Null);
    assert_eq!(engine(home.path(), None).take_offer().unwrap(), None);
}
