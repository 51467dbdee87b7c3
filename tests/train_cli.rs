//! `likeness train` as a person calls it, on a handful of small photos and with very few steps.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{json_lines, likeness, text, write_small};

/// Two people with two photos each, named as in LFW, and a pairs file of two folds: the second holds them.
fn photos(home: &Path) -> (PathBuf, PathBuf) {
    let folder = home.join("people");
    for (person, samples) in [
        ("Obama", ["obama.jpg", "obama2.jpg"]),
        ("Biden", ["biden.jpg", "biden.jpg"]),
        ("Other", ["obama3.jpg", "biden.jpg"]),
    ] {
        for (n, sample) in (1..).zip(samples) {
            let width = 240 + 20 * n as u32;
            write_small(sample, width, n, &folder.join(person).join(format!("{person}_{n:04}.jpg")));
        }
    }
    let pairs = home.join("pairs.txt");
    let fold = "Obama\t1\t2\nBiden\t1\t2\nObama\t1\tBiden\t1\nObama\t2\tBiden\t2\n";
    std::fs::write(&pairs, format!("1\t2\n{fold}")).unwrap();
    (folder, pairs)
}

fn train(home: &Path) -> Command {
    let mut command = likeness(home);
    command.args(["train"]);
    command
}

#[test]
fn a_model_is_trained_imported_and_distilled() {
    let home = tempfile::tempdir().unwrap();
    let (folder, pairs) = photos(home.path());
    let run = home.path().join("first");
    let lines = json_lines(
        train(home.path())
            .args(["--architecture", "mobilefacenet", "--d", "64", "--epochs", "2", "--batch", "3", "--device", "cpu"])
            .args(["--loss", "cosface", "--photos"])
            .arg(&folder)
            .arg("--out")
            .arg(&run),
    );
    let summary = lines.last().unwrap();
    assert_eq!((summary["faces"].as_u64(), summary["people"].as_u64()), (Some(6), Some(3)), "{summary}");
    assert_eq!(summary["steps"], 4);
    let logged = std::fs::read_to_string(run.join("log.jsonl")).unwrap();
    assert_eq!(logged.lines().count(), 4, "{logged}");
    assert!(run.join("run.toml").exists() && run.join("checkpoint.safetensors").exists());

    // What its manifest says is known to the import.
    let model = run.join("model.safetensors");
    let entry = json_lines(likeness(home.path()).args(["models", "import"]).arg(&model)).pop().unwrap();
    assert_eq!((entry["name"].as_str(), entry["d"].as_u64()), (Some("first"), Some(64)));
    assert!(entry["source"].as_str().unwrap().contains("--loss cosface"), "{entry}");

    // In numbers of half the length it says nearly the same.
    let mut halved = likeness(home.path());
    halved.args(["models", "import", "--as", "first-bf16", "--precision", "bf16"]).arg(&model);
    assert_eq!(json_lines(&mut halved)[0]["precision"], "bf16");
    let embedding = |model: &str| -> Vec<f64> {
        let photo = folder.join("Obama/Obama_0001.jpg");
        let lines = json_lines(likeness(home.path()).args(["--model", model, "embed"]).arg(photo));
        lines[0]["faces"][0]["embedding"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    let (whole, short) = (embedding("first"), embedding("first-bf16"));
    let cosine: f64 = whole.iter().zip(&short).map(|(a, b)| a * b).sum();
    println!("fp32 and bf16: cosine {cosine:.5}");
    assert!(cosine > 0.99 && whole != short, "{cosine}");

    // It teaches a pyramid over itself to see through masks; two people are held out and measured on.
    let masked = home.path().join("masked");
    let lines = json_lines(
        train(home.path())
            .args(["distill", "--teacher", "first", "--student", "mobilefacenet-fpn", "--from", "first"])
            .args(["--train-part", "neck", "--masked", "1", "--epochs", "1", "--batch", "2", "--device", "cpu"])
            .arg("--hold-out")
            .arg(format!("{}:1", pairs.display()))
            .arg("--crops")
            .arg(run.join("crops"))
            .arg("--photos")
            .arg(&folder)
            .arg("--out")
            .arg(&masked),
    );
    let summary = lines.last().unwrap();
    assert_eq!((summary["faces"].as_u64(), summary["held_out"].as_u64()), (Some(2), Some(4)), "{summary}");
    assert_eq!(summary["validation"][2][0], "masked_accuracy", "{summary}");
    let resumed = json_lines(train(home.path()).args(["distill", "--resume"]).arg(&masked)).pop().unwrap();
    assert_eq!(resumed["validation"], summary["validation"]);
    let entry = json_lines(likeness(home.path()).args(["models", "import"]).arg(masked.join("model.safetensors")));
    assert!(entry[0]["licence"].as_str().unwrap().contains("first"), "{entry:?}");
}

#[test]
fn wrong_flags_and_photos_are_told() {
    let home = tempfile::tempdir().unwrap();
    let (folder, _) = photos(home.path());
    let said = |flags: &[&str], photos: &Path| {
        let out = home.path().join("run");
        let output = train(home.path()).args(flags).arg("--photos").arg(photos).arg("--out").arg(out).output().unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    assert!(said(&[], &folder).contains("--architecture"));
    assert!(said(&["--architecture", "abacus"], &folder).contains("mobilefacenet-fpn"));
    assert!(said(&["--architecture", "onnx"], &folder).contains("cannot be trained"));
    let one = folder.join("Obama");
    assert!(said(&["--architecture", "mobilefacenet"], &one).contains("nobody to tell apart"));
    assert!(
        said(&["--architecture", "mobilefacenet", "--precision", "mixed", "--device", "cpu"], &folder).contains("CUDA")
    );
    assert!(said(&["--architecture", "mobilefacenet", "--hold-out", "pairs.txt"], &folder).contains("FOLD"));
}
