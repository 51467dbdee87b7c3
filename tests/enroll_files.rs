//! What an enrollment makes of links, odd names, sources that are away, kills and photos that crash the program.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use likeness::jobs::{
    Engine, EnrollRequest, EnrollSummary, JobContext, JobControl, JobError, JobEvent, Mode, SearchQuery, change_model,
    enroll, retries, unfinished_change, unfinished_enrollments,
};
use likeness::store::FileStat;
use likeness::types::{DetectorParams, FaceQuery, JobId};
use support::{json_lines, likeness, write_album, write_small};

struct Place {
    dir: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("photos");
        fs::create_dir(&root).unwrap();
        Self { dir, root }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn engine(&self) -> Engine {
        Engine::open(Some(&self.data()), Mode::Write, None).unwrap()
    }

    fn portrait(&self, path: &str, variant: u16) -> PathBuf {
        let path = self.root.join(path);
        write_small("biden.jpg", 240, variant, &path);
        path
    }
}

fn request(sources: &[&Path], subjects_from_folders: bool) -> EnrollRequest {
    let sources = sources.iter().map(|source| source.to_path_buf()).collect();
    EnrollRequest { is_retry: false, sources, subjects_from_folders, detector: DetectorParams::default() }
}

fn context() -> JobContext {
    JobContext::new(JobId(1), JobControl::default(), Arc::new(|_, _| {}))
}

fn run(engine: &Engine, request: &EnrollRequest) -> Result<EnrollSummary, JobError> {
    enroll(engine, request, &context())
}

fn subjects(engine: &Engine) -> Vec<(String, u64)> {
    engine.gallery().subjects().unwrap().into_iter().map(|subject| (subject.name, subject.faces)).collect()
}

fn issues(engine: &Engine) -> Vec<(PathBuf, String)> {
    engine.gallery().issues().unwrap().into_iter().map(|issue| (issue.path, issue.kind)).collect()
}

#[test]
fn a_photo_is_named_by_the_folder_into_which_it_is_linked() {
    let place = Place::new();
    for (n, name) in ["Ada", "Bob", "Cleo"].into_iter().enumerate() {
        let photo = place.portrait(&format!("pool/{n}.jpg"), n as u16);
        fs::create_dir_all(place.root.join("people").join(name)).unwrap();
        symlink(photo, place.root.join("people").join(name).join("portrait.jpg")).unwrap();
    }
    let named = [("Ada".to_owned(), 1), ("Bob".to_owned(), 1), ("Cleo".to_owned(), 1)];
    let engine = place.engine();
    // The folder of the links alone, and then everything: the pool, which comes last or first, names nobody.
    for source in [place.root.join("people"), place.root.clone()] {
        run(&engine, &request(&[&source], true)).unwrap();
        assert_eq!(subjects(&engine), named, "{}", source.display());
        assert_eq!(engine.gallery().counts().unwrap().photos, 3);
    }
    // A second run finds nothing to change.
    let latest = engine.gallery().history(1, None).unwrap();
    run(&engine, &request(&[&place.root], true)).unwrap();
    assert_eq!(engine.gallery().history(1, None).unwrap(), latest);
    // What a person calls the folder finds them.
    let face = engine.gallery().face_ids().unwrap()[0];
    for (folder, expected) in [("people", 3), ("people/Ada", 1), ("pool", 3)] {
        let filter = FaceQuery { folder: Some(place.root.join(folder)), ..FaceQuery::default() };
        engine.check_filter(&filter).unwrap();
        let embedding = engine.embedding_of(face).unwrap();
        let filter = Some(filter);
        let query = SearchQuery { embedding, exclude: None, k: 9, threshold: -1.0, filter, range: false };
        assert_eq!(engine.search(&query).unwrap().candidates.len(), expected, "{folder}");
    }
}

#[test]
fn through_a_linked_folder_each_file_is_enrolled_once() {
    let place = Place::new();
    for n in 0..4 {
        place.portrait(&format!("pool/{n}.jpg"), n);
    }
    fs::create_dir(place.root.join("albums")).unwrap();
    symlink(place.root.join("pool"), place.root.join("albums/holiday")).unwrap();
    fs::hard_link(place.root.join("pool/0.jpg"), place.root.join("albums/0.jpg")).unwrap();
    let engine = place.engine();
    let summary = run(&engine, &request(&[&place.root], false)).unwrap();
    assert_eq!((summary.photos, summary.faces), (4, 4));
}

#[test]
fn content_decides_where_the_name_does_not_and_the_rest_is_counted_by_ending() {
    let place = Place::new();
    fs::rename(place.portrait("a.jpg", 1), place.root.join("a.txt")).unwrap();
    fs::rename(place.portrait("b.jpg", 2), place.root.join("IMG_1234")).unwrap();
    image::open(place.portrait("c.jpg", 3)).unwrap().save(place.root.join("d.png")).unwrap();
    fs::rename(place.root.join("d.png"), place.root.join("c.jpg")).unwrap();
    for name in ["x.CRW", "y.crw", "z.jp2", "README"] {
        fs::write(place.root.join(name), b"II*\0 raw").unwrap();
    }
    fs::write(place.root.join("README"), b"words").unwrap();
    let engine = place.engine();
    let summary = run(&engine, &request(&[&place.root], false)).unwrap();
    assert_eq!((summary.photos, summary.faces, summary.issues, summary.not_photos), (3, 3, 0, 4));
    let counted: Vec<_> = summary.passed_over.iter().map(|(ending, count)| (&**ending, *count)).collect();
    assert_eq!(counted, [("", 1), ("crw", 2), ("jp2", 1)]);
    assert!(summary.passed_over_paths.contains(&place.root.join("x.CRW")));
}

#[test]
fn work_begins_before_the_walk_has_ended_and_counts_grow() {
    const FILES: u64 = 1_200;
    let place = Place::new();
    (0..FILES).for_each(|n| fs::write(place.root.join(format!("{n:04}.jpg")), b"text").unwrap());
    // The first photo's outcome is told late. What is met meanwhile waits in short queues, so the walk cannot end.
    let seen = Arc::new(Mutex::new((0, Vec::new())));
    let into = Arc::clone(&seen);
    let sink = Arc::new(move |_: JobId, event: JobEvent| {
        let mut seen = into.lock().unwrap();
        match event {
            JobEvent::Issue { .. } => {
                if seen.0 == 0 {
                    std::thread::sleep(Duration::from_millis(300));
                }
                seen.0 += 1;
            }
            JobEvent::Progress(progress) => {
                let issues = seen.0;
                seen.1.push((issues, progress.counting, progress.total, progress.secs_left));
            }
            _ => {}
        }
    });
    let engine = place.engine();
    let context = JobContext::new(JobId(1), JobControl::default(), sink);
    assert_eq!(enroll(&engine, &request(&[&place.root], false), &context).unwrap().issues, FILES);
    let seen = seen.lock().unwrap();
    let (_, counting, total, left) = seen.1.iter().find(|(issues, ..)| *issues > 0).unwrap();
    assert!(*counting && left.is_none() && total.is_some_and(|total| total < FILES), "{total:?}");
    let (_, counting, total, _) = seen.1.last().unwrap();
    assert_eq!((*counting, *total), (false, Some(FILES)));
}

#[test]
fn a_source_that_is_away_is_an_issue_and_waits_for_its_return() {
    let place = Place::new();
    let (here, drive) = (place.root.join("here"), place.root.join("drive"));
    place.portrait("here/1.jpg", 1);
    let engine = place.engine();
    assert!(matches!(run(&engine, &request(&[&drive], true)), Err(JobError::NoSuchSource(_))));
    assert_eq!(engine.gallery().unfinished_jobs().unwrap().len(), 0, "a mistyped name leaves no job");

    let summary = run(&engine, &request(&[&here, &drive], true)).unwrap();
    assert_eq!((summary.photos, summary.issues), (1, 1));
    assert_eq!(issues(&engine), [(drive.clone(), "absent-source".to_owned())]);
    assert_eq!(unfinished_enrollments(&engine).unwrap(), [], "it is not tried again and again");

    place.portrait("drive/2.jpg", 2);
    let waiting = unfinished_enrollments(&engine).unwrap();
    assert_eq!(waiting, [request(&[&drive], true)]);
    assert_eq!(run(&engine, &waiting[0]).unwrap().photos, 1);
    assert_eq!(issues(&engine), []);
    assert_eq!(engine.gallery().unfinished_jobs().unwrap().len(), 0);
}

#[test]
fn an_empty_mount_point_is_a_drive_that_is_away() {
    let place = Place::new();
    let drive = place.root.join("drive");
    let photo = place.portrait("drive/1.jpg", 1);
    let engine = place.engine();
    run(&engine, &request(&[&drive], false)).unwrap();
    let record = engine.gallery().find_photo_by_path(&photo).unwrap().unwrap();
    let elsewhere = FileStat { device: record.file.device.map(|device| device + 1), ..record.file };
    engine.gallery().update_file(record.id, &elsewhere).unwrap();
    fs::rename(&photo, place.root.join("kept.jpg")).unwrap();
    let summary = run(&engine, &request(&[&drive], false)).unwrap();
    assert_eq!((summary.missing, summary.issues), (0, 1));
    assert_eq!(issues(&engine), [(drive, "absent-source".to_owned())]);
    assert_eq!(engine.gallery().unfinished_jobs().unwrap().len(), 1, "it waits");
}

#[test]
fn a_request_stays_until_its_successor_stands_also_where_its_paths_are_no_text() {
    let place = Place::new();
    let folder = place.root.join(OsStr::from_bytes(b"M\xfcller"));
    write_small("biden.jpg", 240, 1, &folder.join("1.jpg"));
    let engine = Arc::new(place.engine());
    // The job dies with a panic, as in a kill: nothing ends it.
    let sink = Arc::new(|_: JobId, event: JobEvent| {
        if matches!(event, JobEvent::Progress(progress) if progress.stage == "Loading the models") {
            panic!("killed");
        }
    });
    let (engine_too, asked) = (Arc::clone(&engine), request(&[&folder], true));
    let killed = std::thread::Builder::new()
        .spawn(move || enroll(&engine_too, &asked, &JobContext::new(JobId(1), JobControl::default(), sink)).is_ok());
    assert!(killed.unwrap().join().is_err());
    for _ in 0..2 {
        let unfinished = unfinished_enrollments(&engine).unwrap();
        assert_eq!(unfinished, [request(&[&folder], true)], "asking what is left undone does not close it");
    }
    assert_eq!(run(&engine, &unfinished_enrollments(&engine).unwrap()[0]).unwrap().photos, 1);
    assert_eq!(engine.gallery().unfinished_jobs().unwrap(), []);
}

#[test]
fn a_change_to_a_model_that_cannot_be_opened_is_not_left_for_ever() {
    let place = Place::new();
    let engine = place.engine();
    engine.gallery().begin_job("change-model", r#"{"model":"gone"}"#).unwrap();
    let model = unfinished_change(&engine).unwrap();
    assert_eq!(model.as_deref(), Some("gone"), "on record until its successor stands");
    assert_eq!(unfinished_change(&engine).unwrap(), model);
    assert!(change_model(&engine, "gone", &context()).is_err());
    assert_eq!(unfinished_change(&engine).unwrap(), None);
}

#[test]
fn a_retry_asks_for_what_was_asked_for_when_the_issue_came_up() {
    let place = Place::new();
    let bad = place.root.join("Ada/1.jpg");
    fs::create_dir(bad.parent().unwrap()).unwrap();
    fs::write(&bad, b"\xFF\xD8\xFF broken").unwrap();
    let engine = place.engine();
    let detector = DetectorParams { min_face_size: 25.0, ..DetectorParams::default() };
    let asked = EnrollRequest { detector, ..request(&[&place.root], true) };
    assert_eq!(run(&engine, &asked).unwrap().issues, 1);
    place.portrait("Ada/1.jpg", 1);
    let again = retries(&engine, std::slice::from_ref(&bad), &request(&[], false)).unwrap();
    assert_eq!(again, [EnrollRequest { sources: vec![bad], is_retry: true, ..asked }]);
    run(&engine, &again[0]).unwrap();
    assert_eq!(subjects(&engine), [("Ada".to_owned(), 1)]);
    assert_eq!(issues(&engine), []);
}

#[test]
fn issues_of_files_that_are_gone_go_at_a_run_over_their_folder() {
    let place = Place::new();
    place.portrait("1.jpg", 1);
    let bad = place.root.join("bad.jpg");
    fs::write(&bad, b"broken").unwrap();
    let engine = place.engine();
    assert_eq!(run(&engine, &request(&[&place.root], false)).unwrap().issues, 1);
    fs::remove_file(bad).unwrap();
    run(&engine, &request(&[&place.root], false)).unwrap();
    assert_eq!(issues(&engine), []);
}

#[test]
fn a_photo_that_kills_the_process_becomes_an_issue_and_the_others_go_in() {
    deadly_photo("whole");
}

#[test]
fn a_photo_that_kills_the_process_while_its_head_is_read_is_found_as_well() {
    deadly_photo("head");
}

#[track_caller]
fn deadly_photo(step: &str) {
    let place = Place::new();
    write_album(&place.root, 8);
    let culprit = "photo-003.jpg";
    let deadly = || {
        let mut command = likeness(&place.data());
        command.env("LIKENESS_TEST_ABORT_ON", culprit).env("LIKENESS_TEST_ABORT_AT", step).arg("enroll");
        command
    };
    let first = deadly().arg(&place.root).output().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&first.status), Some(6), "it is killed");
    // Taken up again, by the same program that crashes on the same photo.
    let lines = json_lines(&mut deadly());
    let summary = lines.last().unwrap();
    assert_eq!((summary["issues"].as_u64(), issue_count(&lines)), (Some(1), 1), "{lines:?}");
    let engine = place.engine();
    assert_eq!(engine.gallery().counts().unwrap().photos, 7);
    assert_eq!(issues(&engine), [(place.root.join(culprit), "crash".to_owned())]);
    drop(engine);
    // Again, while it is deadly; and once a new decoder can read it, it goes in.
    assert_eq!(issue_count(&json_lines(deadly().arg(&place.root))), 1);
    assert_eq!(issue_count(&json_lines(likeness(&place.data()).arg("enroll").arg(&place.root))), 0);
    let engine = place.engine();
    assert_eq!(engine.gallery().counts().unwrap().photos, 8);
    assert_eq!(issues(&engine), []);
}

#[test]
fn a_program_of_another_name_tries_photos_apart_too() {
    let place = Place::new();
    write_album(&place.root, 1);
    let renamed = place.root.with_file_name("lk");
    std::fs::copy(env!("CARGO_BIN_EXE_likeness"), &renamed).unwrap();
    let run = |culprit: &str| {
        let mut command = std::process::Command::new(&renamed);
        let command = command.arg("--data-dir").arg(place.data()).arg("enroll").arg(&place.root);
        let command = command.env("LIKENESS_CONFIG_DIR", support::config_dir());
        command.env("LIKENESS_TEST_ABORT_ON", culprit).output().unwrap().status.code()
    };
    assert_eq!(run("photo-000.jpg"), None, "it is killed");
    assert_eq!(run("another.jpg"), Some(0));
    let engine = place.engine();
    assert_eq!((engine.gallery().counts().unwrap().photos, issues(&engine)), (1, vec![]));
}

#[test]
fn a_photo_that_kills_the_decoder_of_heic_costs_itself_and_nothing_else() {
    let place = Place::new();
    write_album(&place.root, 2);
    let drawing = include_bytes!("data/drawing.heic");
    std::fs::write(place.root.join("sound.heic"), drawing).unwrap();
    std::fs::write(place.root.join("deadly.heic"), [&drawing[..], b"the deadly one"].concat()).unwrap();
    let mut deadly = likeness(&place.data());
    deadly.env("LIKENESS_TEST_ABORT_IN_DECODER", "the deadly one").arg("enroll").arg(&place.root);
    let crashes = |lines: &[serde_json::Value]| -> Vec<String> {
        let reasons = lines.iter().filter(|line| line["issue"].as_str().is_some_and(|text| text.contains("crashed")));
        reasons.map(|line| line["photo"].as_str().unwrap().to_owned()).collect()
    };
    let lines = json_lines(&mut deadly);
    assert_eq!(crashes(&lines), [place.root.join("deadly.heic").display().to_string()], "{lines:?}");
    let engine = place.engine();
    assert!(engine.gallery().counts().unwrap().photos >= 2);
    assert!(unfinished_enrollments(&engine).unwrap().is_empty(), "the run came to its end");
    drop(engine);
    let lines = json_lines(likeness(&place.data()).arg("enroll").arg(&place.root));
    assert!(crashes(&lines).is_empty(), "{lines:?}");
}

fn issue_count(lines: &[serde_json::Value]) -> usize {
    lines.iter().filter(|line| line.get("issue").is_some()).count()
}

#[test]
fn a_terminated_command_is_taken_up_again_and_one_ended_by_ctrl_c_is_not() {
    for (signal, left) in [("-TERM", 1), ("-HUP", 1), ("-INT", 0)] {
        let place = Place::new();
        write_album(&place.root, 150);
        let mut child = likeness(&place.data()).arg("enroll").arg(&place.root).spawn().unwrap();
        wait_for_photos(&mut child, &place.data());
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}: it ends in its own time");
        let engine = place.engine();
        assert_eq!(unfinished_enrollments(&engine).unwrap().len(), left, "{signal}");
        assert!(engine.gallery().counts().unwrap().photos < 150, "{signal}: it was over before");
    }
}

/// Until the first batch is in the gallery.
fn wait_for_photos(child: &mut Child, data: &Path) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(120) && child.try_wait().unwrap().is_none());
        let photos = Engine::open(Some(data), Mode::Read, None)
            .ok()
            .and_then(|engine| Some(engine.gallery().counts().ok()?.photos));
        if photos.is_some_and(|photos| photos > 0) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
