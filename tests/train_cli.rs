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
            // One photo of the third person is the one of the second.
            .arg("--keep-duplicates")
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

/// A third person with a photo of one held out, to the byte and made anew, beside a fourth with photos of their own.
#[test]
fn near_duplicates_of_held_out_photos_are_told_and_left_out() {
    let home = tempfile::tempdir().unwrap();
    let (folder, pairs) = photos(home.path());
    std::fs::remove_dir_all(folder.join("Other")).unwrap();
    write_small("obama3.jpg", 240, 1, &folder.join("Other/Other_0001.jpg"));
    write_small("obama3.jpg", 250, 2, &folder.join("Other/Other_0002.jpg"));
    write_small("obama2.jpg", 330, 3, &folder.join("Copy/Copy_0002.jpg"));
    std::fs::copy(folder.join("Biden/Biden_0001.jpg"), folder.join("Copy/Copy_0001.jpg")).unwrap();
    let run = |name: &str, flags: &[&str]| {
        let mut command = train(home.path());
        command.args(flags).args(["--epochs", "1", "--batch", "2", "--device", "cpu", "--hold-out"]);
        command.arg(format!("{}:1", pairs.display())).arg("--crops").arg(home.path().join("crops"));
        command.arg("--photos").arg(&folder).arg("--out").arg(home.path().join(name));
        json_lines(&mut command).pop().unwrap()
    };
    let learnt = |line: &serde_json::Value| -> Vec<(String, bool)> {
        let pairs = line["near_duplicates"]["examples"].as_array().unwrap().iter();
        pairs.map(|p| (p["learnt"].as_str().unwrap().to_owned(), p["same_file"].as_bool().unwrap())).collect()
    };
    let copies = [("Copy/Copy_0001.jpg".to_owned(), true), ("Copy/Copy_0002.jpg".to_owned(), false)];
    let distill = ["distill", "--teacher", "mobilefacenet-192", "--student", "mobilefacenet", "--d", "32"];
    let line = run("taught", &distill);
    println!("{}", line["near_duplicates"]);
    assert_eq!((line["faces"].as_u64(), line["held_out"].as_u64()), (Some(2), Some(4)), "{line}");
    assert_eq!(learnt(&line), copies, "{line}");
    let found = &line["near_duplicates"];
    assert_eq!((found["found"].as_u64(), found["same_files"].as_u64()), (Some(2), Some(1)), "{found}");
    assert_eq!((&found["left_out"], &found["judge"]), (&true.into(), &"mobilefacenet-192".into()), "{found}");
    assert!(std::fs::read_to_string(home.path().join("taught/near-duplicates.json")).unwrap().contains("Copy_0002"));

    // Judged by the network that it begins with, and learnt all the same.
    let labels = ["--architecture", "mobilefacenet", "--from", "mobilefacenet-192", "--keep-duplicates"];
    let line = run("kept", &labels);
    assert_eq!((line["faces"].as_u64(), &line["near_duplicates"]["left_out"]), (Some(4), &false.into()), "{line}");
    assert_eq!(learnt(&line), copies, "{line}");
    let manifest = std::fs::read_to_string(home.path().join("kept/manifest.toml")).unwrap();
    assert!(manifest.contains("with 2 near-duplicates") && manifest.contains("--keep-duplicates"), "{manifest}");

    // A network that knows nothing yet has the program's own model as its judge; above 1 only files are the same.
    let line = run("fresh", &["--architecture", "mobilefacenet", "--d", "32", "--duplicates-above", "1"]);
    assert_eq!((line["faces"].as_u64(), line["near_duplicates"]["found"].as_u64()), (Some(3), Some(1)), "{line}");
    let resumed = json_lines(train(home.path()).arg("--resume").arg(home.path().join("fresh"))).pop().unwrap();
    assert_eq!(resumed["near_duplicates"], line["near_duplicates"]);
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
