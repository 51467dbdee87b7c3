//! Galleries that are only read: on media that cannot be written, and beside another process that writes.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use likeness::words::told;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use likeness::jobs::models::{forget_embeddings, import_weights, remove_model};
use likeness::jobs::tuning::sweep;
use likeness::jobs::{
    Engine, EnrollRequest, Followed, Follower, JobContext, JobControl, Message, Mode, OpenOptions, SearchQuery,
    build_index, change_model, enroll, retrain_index, roll_back_index,
};
use likeness::store::{Change, DataDir, Naming};
use likeness::types::{
    Circumstances, DetectorParams, ImportAnswers, IndexSpec, JobId, ProbeSet, SearchParams, Settings, SweepRequest,
};
use support::snapshot::{open_to_others, snapshot, with_read_only};
use support::{json_lines, likeness, parse_lines, samples, text, write_album, write_small};

/// A gallery with four faces of two people.
fn archive(home: &Path) -> PathBuf {
    let album = home.join("album");
    write_album(&album, 4);
    let data = home.join("data");
    json_lines(likeness(&data).arg("enroll").arg(&album));
    data
}

fn run_read_only(data: &Path, temp: &Path, arguments: &str) -> Option<Output> {
    let program = env!("CARGO_BIN_EXE_likeness");
    let script = format!("exec '{program}' --data-dir '{}' {arguments}", data.display());
    let mut command: Command = with_read_only(data, &script)?;
    command.env("LIKENESS_CONFIG_DIR", support::config_dir()).env("TMPDIR", temp);
    Some(command.output().unwrap())
}

#[track_caller]
fn assert_ran(output: &Output) {
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_gallery_on_read_only_media_is_opened_searched_and_looked_at() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let temp = home.path().join("temp");
    fs::create_dir(&temp).unwrap();
    assert!(!data.join("gallery.sqlite-wal").exists(), "the last one to close leaves no log");
    let before = snapshot(&data);
    let run = |arguments: &str| run_read_only(&data, &temp, arguments);
    let Some(status) = run("--json status") else { return };
    assert_ran(&status);
    let status = parse_lines(&status).remove(0);
    assert_eq!((&status["faces"], &status["indexed"]), (&4.into(), &4.into()), "{status}");
    assert_eq!(status["writable"], false);
    let probe = samples().join("obama.jpg");
    let found = run(&format!("--json search '{}' --k 2", probe.display())).unwrap();
    assert_ran(&found);
    assert_eq!(parse_lines(&found)[0]["candidates"].as_array().unwrap().len(), 2);
    let picture = home.path().join("detail.png");
    for arguments in ["index list", "models list", &format!("screenshot detail --out '{}'", picture.display())] {
        assert_ran(&run(arguments).unwrap());
    }
    assert!(image::open(&picture).is_ok());
    let refused = run(&format!("enroll '{}'", home.path().join("album").display())).unwrap();
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("can only be read"), "{}", text(&refused.stderr));
    assert_eq!(snapshot(&data), before);
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "no copy was needed");
}

#[test]
fn media_that_were_taken_out_before_closing_are_read_with_what_was_stored_last() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let temp = home.path().join("temp");
    fs::create_dir(&temp).unwrap();
    // What a process that was killed leaves: the log with what is not in the file yet, and its index or none.
    let open = rusqlite::Connection::open(data.join("gallery.sqlite")).unwrap();
    open.execute_batch("UPDATE subjects SET created_at = 0; CREATE TEMP TABLE t (a); DELETE FROM jobs;").unwrap();
    let jobs = |data: &Path| fs::metadata(data.join("gallery.sqlite-wal")).map_or(0, |log| log.len());
    assert!(jobs(&data) > 0);
    for with_index in [false, true] {
        let torn = home.path().join(format!("torn-{with_index}"));
        fs::create_dir(&torn).unwrap();
        for name in ["gallery.sqlite", "gallery.sqlite-wal", "gallery.sqlite-shm"] {
            if with_index || !name.ends_with("-shm") {
                fs::copy(data.join(name), torn.join(name)).unwrap();
            }
        }
        let before = snapshot(&torn);
        let Some(status) = run_read_only(&torn, &temp, "--json status") else { return };
        assert_ran(&status);
        assert_eq!(parse_lines(&status)[0]["faces"], 4);
        assert_eq!(snapshot(&torn), before);
        assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "the copy is gone");
    }
}

#[test]
fn an_older_format_on_read_only_media_is_read_from_a_copy() {
    let home = tempfile::tempdir().unwrap();
    let (data, temp) = (home.path().join("data"), home.path().join("temp"));
    for folder in [&data, &temp] {
        fs::create_dir(folder).unwrap();
    }
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gallery_v1.sqlite");
    fs::copy(stored, data.join("gallery.sqlite")).unwrap();
    let before = snapshot(&data);
    let Some(status) = run_read_only(&data, &temp, "--json status") else { return };
    assert_ran(&status);
    let status = parse_lines(&status).remove(0);
    assert_eq!((&status["photos"], &status["subjects"]), (&3.into(), &3.into()), "{status}");
    assert_eq!(snapshot(&data), before);
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "the copy is gone");
}

#[test]
fn no_gallery_on_read_only_media_is_said_in_words() {
    let home = tempfile::tempdir().unwrap();
    let Some(output) = run_read_only(home.path(), &std::env::temp_dir(), "status") else { return };
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("no gallery here"), "{}", text(&output.stderr));
}

fn open(data: &Path, mode: Mode) -> Engine {
    let config = support::config_dir();
    let options = OpenOptions { data_dir: Some(data), config_dir: Some(&config), ..OpenOptions::new(mode) };
    Engine::open_with(&options).unwrap()
}

#[test]
fn reading_takes_no_lock_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let folder = DataDir::resolve(Some(&data)).unwrap();
    let before = snapshot(&data);
    let reader = open(&data, Mode::Read);
    assert!(reader.read_only_reason().is_some());
    assert_eq!(reader.ntotal(), 4);
    let lock = folder.try_lock().expect("a reader is no hindrance to a writer");
    drop((lock, reader));
    let unlocked: std::collections::BTreeMap<_, _> =
        snapshot(&data).into_iter().filter(|(path, _)| !path.ends_with("lock")).collect();
    assert_eq!(unlocked, before.into_iter().filter(|(path, _)| !path.ends_with("lock")).collect());
}

fn enroll_into(engine: &Engine, album: &Path) {
    let context = JobContext::new(JobId(1), JobControl::default(), Arc::new(|_, _| {}));
    let request = EnrollRequest {
        is_retry: false,
        sources: vec![album.to_path_buf()],
        subjects_from_folders: true,
        detector: DetectorParams::default(),
    };
    enroll(engine, &request, &context).unwrap();
}

/// Whatever is tried by way of an engine that only reads is refused or kept in memory.
#[test]
fn a_reader_beside_a_writer_writes_nothing_whatever_is_tried() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let writer = open(&data, Mode::Write);
    let reader = open(&data, Mode::WriteIfFree);
    let reason = reader.read_only_reason().unwrap();
    assert!(told(&reason).contains("is working on this data folder"), "{reason:?}");
    let before = snapshot(&data);

    let (control, quiet) = (JobControl::default(), |_: likeness::jobs::Progress| {});
    let context = JobContext::new(JobId(1), control.clone(), Arc::new(|_, _| {}));
    let model = reader.manifest().name;
    let request = EnrollRequest {
        is_retry: false,
        sources: vec![home.path().join("album")],
        subjects_from_folders: false,
        detector: DetectorParams::default(),
    };
    let answers = ImportAnswers {
        name: "other".into(),
        title: "Other".into(),
        licence: "none".into(),
        source: "made up".into(),
        threshold: 0.5,
        bgr: false,
        mean: [127.5; 3],
        std: [127.5; 3],
    };
    let refused = [
        enroll(&reader, &request, &context).map(drop),
        build_index(&reader, &IndexSpec::FLAT, SearchParams::default(), &control, &quiet).map(drop),
        retrain_index(&reader, &control, &quiet),
        roll_back_index(&reader, 1, &control, &quiet),
        change_model(&reader, &model, &context).map(drop),
        forget_embeddings(&reader, &model, &control, &quiet).map(drop),
        remove_model(&reader, &model, &control, &quiet).map(drop),
        import_weights(&reader, &samples().join("obama.jpg"), "onnx", &answers, false).map(drop),
    ];
    for (at, refused) in refused.into_iter().enumerate() {
        let refused = refused.expect_err(&format!("case {at}"));
        assert!(refused.to_string().contains("reading only"), "case {at}: {refused}");
    }
    let gallery = reader.gallery();
    assert!(gallery.record_issue(Path::new("/a"), "no").is_err());
    assert!(gallery.begin_job("enroll", "{}").is_err());
    assert!(gallery.checkpoint().is_err() && gallery.compact(&|_, _| ControlFlow::Continue(())).is_err());
    assert!(gallery.delete_embeddings(&model, 1).is_err());

    // What needs no right to write works, and leaves nothing.
    let face = gallery.face_ids().unwrap()[0];
    let embedding = reader.embedding_of(face).unwrap();
    let query = SearchQuery { embedding, exclude: None, k: 2, threshold: -1.0, filter: None, range: false };
    let found = reader.search(&query).unwrap();
    assert_eq!(found.candidates.len(), 2);
    reader.record_searches(&[found.past_search(&query)]);
    reader.set_search_params(SearchParams { nprobe: 3, ..SearchParams::default() }, true).unwrap();
    let grid = SweepRequest {
        specs: vec![IndexSpec::FLAT],
        nprobe: Vec::new(),
        ef_search: Vec::new(),
        refine_factor: Vec::new(),
        lsh_candidates: Vec::new(),
        templates: Vec::new(),
        probes: ProbeSet::GallerySample { nq: 2, noise: 0.1 },
        k: 1,
        batch: 1,
        threads: 1,
        circumstances: Circumstances::default(),
    };
    sweep(&reader, &grid, &control, &quiet, &|_| {}).unwrap();
    let settings = Settings { k: 3, model: Some("other".into()), ..reader.settings() };
    reader.save_settings(&settings).unwrap();
    drop(reader);
    assert_eq!(snapshot(&data), before);
    drop(writer);
}

fn expect(told: &Receiver<Followed>, what: Followed) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while let Ok(followed) = told.recv_deadline(deadline) {
        if followed == what {
            return;
        }
    }
    panic!("waited in vain for {what:?}");
}

#[test]
fn a_reader_follows_the_writer_and_takes_over_when_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let more = home.path().join("more");
    write_small("obama.jpg", 300, 77, &more.join("Ada/new.jpg"));
    let writer = open(&data, Mode::Write);
    let reader = Arc::new(open(&data, Mode::WriteIfFree));
    let (tell, told) = bounded(64);
    let follower = Follower::spawn(&reader, move |followed| tell.send(followed).unwrap()).unwrap().unwrap();
    let version = reader.gallery().version();

    enroll_into(&writer, &more);
    expect(&told, Followed::Changed);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while reader.ntotal() < 5 && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(reader.ntotal(), 5, "the index is level with the gallery");
    assert!(reader.gallery().version() > version, "filters are worked out anew");
    let newest = *reader.gallery().face_ids().unwrap().last().unwrap();
    let query = SearchQuery {
        embedding: reader.embedding_of(newest).unwrap(),
        exclude: None,
        k: 1,
        threshold: -1.0,
        filter: None,
        range: false,
    };
    assert_eq!(reader.search(&query).unwrap().candidates[0].face, newest);

    // The writer's new generation is loaded, not only its faces.
    build_index(
        &writer,
        &"Templates,IVF2,Flat,Refine(f16)".parse().unwrap(),
        SearchParams::default(),
        &JobControl::default(),
        &|_| {},
    )
    .unwrap();
    enroll_into(&writer, &samples().join("biden.jpg"));
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while reader.generation() != writer.generation() && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(reader.generation(), writer.generation());
    assert!(reader.ensure_writable().is_err());
    // Names, and the templates that hang on them.
    let spec = reader.index_overview().spec;
    assert!(spec.templates, "{spec}");
    for name in ["Bo", "Cy", "Di"] {
        let naming = Change::Name { faces: vec![newest], who: Naming::New(name.into()) };
        writer.change(&naming).unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        let seen = || reader.search(&query).unwrap().candidates[0].subject.as_ref().map(|subject| subject.name.clone());
        let filter = reader.gallery().version();
        while reader.gallery().version() == filter && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(seen().as_deref(), Some(name));
        assert_eq!(reader.search(&query).unwrap().candidates[0].face, newest);
    }
    writer.change(&Change::RemoveFaces(vec![newest])).unwrap();
    let before = reader.ntotal();
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while reader.ntotal() == before && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_ne!(reader.search(&query).unwrap().candidates[0].face, newest, "what was taken out is no candidate");
    assert!(reader.take_messages().iter().all(|message| matches!(message, Message::Info(_))));

    drop(writer);
    expect(&told, Followed::Writable);
    assert_eq!(reader.read_only_reason(), None);
    reader.gallery().record_issue(Path::new("/a"), "written by the second one").unwrap();
    assert!(Engine::open(Some(&data), Mode::Write, None).is_err(), "it holds the lock");
    drop(follower);
    let faces = reader.ntotal();
    drop(reader);
    assert_eq!(open(&data, Mode::Write).ntotal(), faces);
}

#[test]
fn data_is_its_owners_alone_and_exports_are_the_sessions() {
    let home = tempfile::tempdir().unwrap();
    write_album(&home.path().join("album"), 2);
    let data = home.path().join("made/data");
    let program = env!("CARGO_BIN_EXE_likeness");
    let run = |arguments: String| {
        let script = format!("umask 000; exec '{program}' --data-dir '{}' {arguments}", data.display());
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env_remove("LIKENESS_DATA_DIR").env("LIKENESS_CONFIG_DIR", support::config_dir());
        let output = command.output().unwrap();
        assert_ran(&output);
        output
    };
    let out = |name: &str| home.path().join(name).display().to_string();
    run(format!("enroll '{}'", out("album")));
    run(format!("search '{}'", samples().join("obama.jpg").display()));
    run("index build Flat".to_owned());
    run(format!("tune --specs Flat --k 1 --nq 2 --export '{}'", out("sweep.csv")));
    run(format!("screenshot enroll --out '{}'", out("screen.png")));
    assert!(data.join("gallery.sqlite").exists() && data.join("sweeps").exists());
    assert_eq!(open_to_others(&data), Vec::<PathBuf>::new());
    use std::os::unix::fs::PermissionsExt;
    for export in ["sweep.csv", "screen.png"] {
        assert_eq!(fs::metadata(out(export)).unwrap().permissions().mode() & 0o777, 0o666, "{export}");
    }
    // Somebody has opened the folder: it is told, and stays so.
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let told = run("status".to_owned());
    assert!(text(&told.stderr).contains("chmod -R go="), "{}", text(&told.stderr));
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o755);
}
