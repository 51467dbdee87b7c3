//! The index on the command line: built, listed, tuned, grown and rolled back over a gallery of made-up faces.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::{Path, PathBuf};

use likeness::store::{EnrolledFace, EnrolledPhoto, FileStat, FolderName, Gallery, Run};
use likeness::types::{BBox, Detection, Embedding, Landmarks, Quality};
use likeness::vectors::synth::{Synth, SynthSpec};
use support::{json_lines, likeness, text};

const D: usize = 128;

/// A gallery of one face a photo, each person a subject.
fn fill(home: &Path, range: std::ops::Range<usize>) {
    let mut synth = Synth::new(SynthSpec::edgeface_like(range.end as u64, D, 7)).unwrap();
    let (mut values, mut persons) = (Vec::new(), Vec::new());
    synth.next_chunk(range.end, &mut values, &mut persons);
    let photo = |at: usize| EnrolledPhoto {
        path: PathBuf::from(format!("/made-up/{at}.jpg")),
        content_hash: *blake3::hash(&at.to_le_bytes()).as_bytes(),
        file: FileStat { bytes: 1, ..FileStat::default() },
        size: [200, 200],
        taken_at: None,
        issue: None,
        params_digest: String::new(),
        model: "dlib-resnet-v1".to_owned(),
        threshold: 0.5,
        faces: vec![EnrolledFace {
            detection: Detection { bbox: BBox::default(), confidence: 1.0, landmarks: Landmarks::default() },
            quality: Quality::default(),
            crop_jpeg: vec![0],
            embedding: Embedding::try_from_raw(values[at * D..(at + 1) * D].to_vec()).unwrap(),
            subject: Some(FolderName(format!("person {}", persons[at]).into())),
        }],
    };
    let gallery = Gallery::open(&home.join("gallery.sqlite")).unwrap();
    let photos: Vec<EnrolledPhoto> = range.map(photo).collect();
    for photos in photos.chunks(1000) {
        gallery.commit(&Run::enrollment("test"), photos).unwrap();
    }
}

/// The results of a command, without what it told on the way.
fn results(mut command: std::process::Command) -> Vec<serde_json::Value> {
    let mut lines = json_lines(&mut command);
    lines.retain(|line| line["type"] != "progress");
    lines
}

fn run_line(home: &Path, line: &str) -> Vec<serde_json::Value> {
    let mut command = likeness(home);
    command.args(line.split(' '));
    results(command)
}

#[test]
fn an_index_is_built_listed_set_grown_and_rolled_back() {
    let home = tempfile::tempdir().unwrap();
    fill(home.path(), 0..3000);
    let run = |line: &str| run_line(home.path(), line);

    let listed = run("index list");
    assert_eq!((&listed[0]["spec"], &listed[0]["ntotal"]), (&"Flat".into(), &3000.into()));
    let presets = run("index presets");
    assert!(presets.len() >= 10 && presets.iter().all(|p| p["useful_for"].is_string() && p["spec"].is_string()));
    let advice = run("index advise").pop().unwrap();
    assert_eq!(advice["spec"], "Flat", "3,000 faces are compared one by one");
    assert!(advice["trial"].is_null(), "exact search misses nothing");
    // Without the memory for that, something else is recommended, tried on these very faces first.
    let advice = run("index advise --max-ram 0.0005").pop().unwrap();
    assert_ne!(advice["spec"], "Flat");
    let (trial, reasons) = (&advice["trial"], advice["reasons"].to_string());
    let one_recall = trial["one_recall_at_1"]["mean"].as_f64().unwrap();
    assert_eq!((&trial["ntotal"], &trial["nq"]), (&3000.into(), &500.into()));
    assert!(one_recall > 0.5 && reasons.contains("500 probes"), "{reasons}");
    assert_eq!(reasons.contains("it misses the nearest face"), one_recall < 0.98, "{reasons}");

    let built = run("index build IVF32,SQ8,Refine(f16) --nprobe 8").pop().unwrap();
    assert_eq!((&built["spec"], &built["params"]["nprobe"]), (&"IVF32,SQ8,Refine(f16)".into(), &8.into()));
    assert!(built["imbalance"].as_f64().unwrap() >= 1.0);
    let set = run("index set --nprobe 16").pop().unwrap();
    assert_eq!(set["params"]["nprobe"], 16);
    let listed = run("index list --verify");
    assert_eq!(listed[0]["params"]["nprobe"], 16, "kept over a start");
    assert!(listed[1..].iter().all(|generation| generation["problem"].is_null()), "{listed:?}");
    assert_eq!(listed[1]["is_current"], true);

    // 2,500 more: they are found at once, and taken in or trained anew when it is looked after.
    fill(home.path(), 3000..5500);
    let before = run("index list").remove(0);
    assert_eq!((&before["ntotal"], &before["in_tail"]), (&5500.into(), &2500.into()));
    assert!(before["grown_since_training"].as_f64().unwrap() > 0.8);
    let after = run("index upkeep").pop().unwrap();
    assert_eq!((&after["ntotal"], &after["in_tail"], &after["spec"]), (&5500.into(), &0.into(), &built["spec"]));
    assert_eq!(after["grown_since_training"], 0.0);

    let flat = run("index list").iter().filter(|g| g["spec"] == "Flat").filter_map(|g| g["number"].as_u64()).max();
    let back = run(&format!("index rollback {}", flat.unwrap())).pop().unwrap();
    assert_eq!((&back["spec"], &back["ntotal"]), (&"Flat".into(), &5500.into()), "with the faces enrolled since");
    let refused = likeness(home.path()).args(["index", "rollback", "99"]).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("99"));
    for (spec, word) in [("IVF0,Flat", "nlist"), ("Nonsense", "Nonsense"), ("IVF9999,Flat", "9999")] {
        let refused = likeness(home.path()).args(["index", "build", spec]).output().unwrap();
        assert!(!refused.status.success() && text(&refused.stderr).contains(word), "{}", text(&refused.stderr));
    }
    let still = run("index list").remove(0);
    assert_eq!(still["spec"], "Flat", "a refused build changes nothing");
}

#[test]
fn a_sweep_an_autotune_and_the_people_missed() {
    let home = tempfile::tempdir().unwrap();
    fill(home.path(), 0..3000);
    let run = |line: &str| run_line(home.path(), line);

    let csv = home.path().join("sweep.csv");
    let line = format!(
        "tune --specs Flat IVF32,Flat LSH256,Flat --nprobe 1,32 --lsh-candidates 300 --nq 200 --export {}",
        csv.display()
    );
    let points: Vec<_> = run(&line).into_iter().filter(|object| object["recall_at_k"].is_object()).collect();
    assert_eq!(points.len(), 4);
    let recall = |spec: &str, nprobe: u64| {
        let is_it =
            |p: &&serde_json::Value| p["spec"] == spec && (spec != "IVF32,Flat" || p["params"]["nprobe"] == nprobe);
        points.iter().find(is_it).unwrap()["recall_at_k"]["mean"].as_f64().unwrap()
    };
    assert_eq!(recall("Flat", 0), 1.0, "exact search is the truth");
    assert!(recall("IVF32,Flat", 32) > 0.999 && recall("IVF32,Flat", 1) < recall("IVF32,Flat", 32));
    assert!(recall("LSH256,Flat", 0) > 0.5);
    let table = std::fs::read_to_string(&csv).unwrap();
    assert!(
        table.lines().filter(|line| line.starts_with("\"IVF32") || line.starts_with("IVF32")).count() >= 2,
        "{table}"
    );
    for ending in ["svg", "png", "json"] {
        let path = home.path().join(format!("sweep.{ending}"));
        run(&format!("tune --specs Flat --nq 20 --export {}", path.display()));
        assert!(std::fs::metadata(path).unwrap().len() > 500);
    }
    let left = std::fs::read_dir(home.path().join("sweeps/work")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "what was built to be measured is gone");

    let found = run("tune --goal-recall 0.9 --goal-millis 1000 --goal-ram 1 --nq 100").pop().unwrap();
    assert!(found["found"]["recall_at_k"]["mean"].as_f64().unwrap() >= 0.9);
    let args = ["tune", "--goal-recall", "1", "--goal-millis", "0.000001", "--nq", "100"];
    let refused = likeness(home.path()).args(args).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("nearest"), "{}", text(&refused.stderr));
    assert_eq!(run("index list")[0]["spec"], "Flat", "nothing is applied unasked");

    // Held-out photos of labelled people, and the errors of identification.
    let point = run("tune --specs Flat --probes held-out --nq 50").pop().unwrap();
    assert_eq!(point["nq"], 50);
    run("index build IVF32,Flat --nprobe 1");
    let curves = run("eval missed --nprobe 1,32 --searches 300");
    assert_eq!(curves.len(), 3);
    assert_eq!(curves[0]["curve"]["is_exact"], true);
    assert_eq!((&curves[1]["curve"]["k"], &curves[1]["curve"]["mated_searches"]), (&10.into(), &300.into()));
    assert!(curves[1]["curve"]["people"].as_u64().unwrap() < 300, "several searches are for one person");
    let lowest = |at: usize| curves[at]["curve"]["points"][0]["fnir"]["mean"].as_f64().unwrap();
    assert!(lowest(1) >= lowest(2), "one list of 32 misses more than all of them");

    let left_out = run("eval leave-one-out").pop().unwrap();
    assert_eq!((&left_out["index"], &left_out["is_exact"]), (&"IVF32,Flat".into(), &false.into()));
    assert_eq!((&left_out["params"]["nprobe"], &left_out["k"]), (&1.into(), &10.into()));
    let missed = 1.0 - left_out["rank_10"].as_f64().unwrap();
    assert!((missed - lowest(1)).abs() < 0.1, "the searches of people missed: {missed} and {}", lowest(1));

    // A goal of people, which exact search may be too bad for, and circumstances.
    let found = run("tune --goal-fnir 0.9 --goal-threshold -1 --goal-millis 1000 --nq 100").pop().unwrap();
    assert!(found["found"]["fnir"]["high"].as_f64().unwrap() <= 0.9 && found["found"]["spec"] == "Flat");
    let args = ["tune", "--goal-fnir", "0.0001", "--goal-threshold", "0.99", "--nq", "100"];
    let refused = likeness(home.path()).args(args).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("Exact search itself"), "{:?}", refused);
    let line =
        "tune --specs IVF32,Flat --nprobe 32 --nq 50 --under-filter 0.3 --tail 0.1 --tombstones 0.2 --while-enrolling";
    let point = run(line).pop().unwrap();
    assert_eq!(point["circumstances"]["filter"], 0.3);
    assert!(point["recall_at_k"]["mean"].as_f64().unwrap() > 0.99 && point["ntotal"].as_u64().unwrap() < 2600);
    let args = ["tune", "--goal-recall", "0.9", "--tail", "0.1"];
    assert!(!likeness(home.path()).args(args).output().unwrap().status.success(), "a goal is looked for without");

    // Probes from a file, and files that are none.
    let probes = home.path().join("probes.npy");
    json_lines(likeness(home.path()).args(["synth", "--n", "40", "--d", "128", "--out"]).arg(&probes));
    let point = run(&format!("tune --specs Flat --probes {}", probes.display())).pop().unwrap();
    assert_eq!((&point["nq"], &point["recall_at_k"]["mean"]), (&40.into(), &1.0.into()));
    std::fs::write(&probes, b"not numbers").unwrap();
    let refused = likeness(home.path()).args(["tune", "--specs", "Flat", "--probes"]).arg(&probes).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("probes.npy"), "{}", text(&refused.stderr));
}

#[test]
fn a_bench_keeps_what_it_made() {
    let home = tempfile::tempdir().unwrap();
    let work = home.path().join("work");
    let line =
        "bench search --n 2000 --d 64 --specs Templates,IVF16,SQ8,Refine(f16) --nprobe 4,16 --mated 50 --nonmated 50";
    let run = || run_line(home.path(), &format!("{line} --work-dir {}", work.display()));
    let first = run();
    assert_eq!(first.len(), 3, "two points and what they were measured on");
    assert!(first[0]["recall_mated"]["mean"].as_f64().unwrap() > 0.8, "{}", first[0]);
    assert!(first[0]["recall_nonmated"].is_object());
    assert_eq!(first[2]["n"], 2000);
    let again = run();
    assert_eq!(again[2]["data_digest"], first[2]["data_digest"]);
    assert_eq!(again[0]["build_secs"], first[0]["build_secs"], "it was not built again");
}
