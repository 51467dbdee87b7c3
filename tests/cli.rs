//! The command line on real photos: the program is started as a person or a script would.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use support::{default_model, json_lines, likeness, parse_lines, samples, text, write_album, write_small};

#[test]
fn enroll_search_and_status_on_the_sample_photos() {
    let home = tempfile::tempdir().unwrap();
    let lines = json_lines(likeness(home.path()).arg("enroll").arg(samples()));
    let summary = lines.last().unwrap();
    assert_eq!(summary["issues"], 0);
    let photos = summary["photos"].as_u64().unwrap();
    assert!(photos >= 7, "{summary}");
    assert!(summary["faces"].as_u64().unwrap() >= 5, "{summary}");
    assert!(summary["photos_per_sec"].as_f64().unwrap() > 0.0);

    let status = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!(status["photos"], photos);
    assert_eq!(status["faces"], summary["faces"]);
    assert_eq!(status["indexed"], summary["faces"]);
    assert_eq!(status["generation"], 1);

    // The best candidate besides the probe itself is another photo of the same person, well above the other's.
    let found = json_lines(likeness(home.path()).arg("search").arg(samples().join("obama2.jpg")).args(["--k", "10"]));
    assert_eq!(found.len(), 1);
    let candidates = found[0]["candidates"].as_array().unwrap();
    assert_eq!(candidates[0]["rank"], 1);
    assert_eq!(candidates[0]["is_probe_photo"], true);
    assert!(candidates[0]["score"].as_f64().unwrap() > 0.999);
    let photo = candidates[1]["photo"].as_str().unwrap();
    assert!(photo.contains("obama") || photo.ends_with("32bit.png"), "{photo}");
    assert_eq!(candidates[1]["above_threshold"], true);
    let biden = candidates.iter().find(|c| c["photo"].as_str().unwrap().contains("biden")).unwrap();
    assert_eq!(biden["above_threshold"], false, "{biden}");
    let scores: Vec<f64> = candidates.iter().map(|c| c["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");

    // A second run has nothing to do.
    let again = json_lines(likeness(home.path()).arg("enroll").arg(samples())).pop().unwrap();
    assert_eq!((again["photos"].as_u64(), again["skipped"].as_u64()), (Some(0), Some(photos)));
}

#[test]
fn the_main_face_of_a_probe_is_marked_and_bystanders_are_not() {
    let home = tempfile::tempdir().unwrap();
    let portrait = |sample: &str, side: u32| {
        let photo = image::open(samples().join(sample)).unwrap();
        photo.resize(side, side, image::imageops::FilterType::Triangle).to_rgb8()
    };
    let mut street = image::RgbImage::from_pixel(1000, 640, image::Rgb([120, 120, 120]));
    for (sample, side, x, y) in [("biden.jpg", 260, 0, 0), ("obama.jpg", 520, 330, 60), ("obama2.jpg", 240, 750, 400)] {
        image::imageops::overlay(&mut street, &portrait(sample, side), x, y);
    }
    let probe = home.path().join("street.png");
    street.save(&probe).unwrap();
    json_lines(likeness(home.path()).arg("enroll").arg(samples().join("obama3.jpg")));
    let found = json_lines(likeness(home.path()).arg("search").arg(&probe));
    assert!(found.len() >= 2, "{found:?}");
    let main: Vec<&Value> = found.iter().filter(|face| face["main"] == true).collect();
    let [main] = main.as_slice() else { panic!("one face is the main one: {found:?}") };
    let left = main["bbox"][0].as_f64().unwrap();
    assert!((330.0..850.0).contains(&left), "{main}");
    let words = likeness(home.path()).arg("search").arg(&probe).output().unwrap();
    assert_eq!(text(&words.stdout).matches("Main face ").count(), 1, "{}", text(&words.stdout));
}

#[test]
fn threshold_and_k_limit_the_candidates() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_album(&album, 6);
    json_lines(likeness(home.path()).arg("enroll").arg(&album));
    let probe = samples().join("obama.jpg");
    let search = |flags: &[&str]| -> Vec<Value> {
        let mut lines = json_lines(likeness(home.path()).arg("search").arg(&probe).args(flags));
        lines.remove(0)["candidates"].as_array().unwrap().clone()
    };
    assert_eq!(search(&["--k", "2"]).len(), 2);
    assert_eq!(search(&["--k", "100"]).len(), 6);
    let limited = search(&["--k", "100", "--threshold", "0.9"]);
    assert_eq!(limited.len(), 3, "{limited:?}");
    assert!(search(&["--threshold", "1"]).is_empty());
}

#[test]
fn bad_photos_are_listed_and_end_nothing() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_small("obama.jpg", 300, 0, &album.join("good.jpg"));
    let good = fs::read(album.join("good.jpg")).unwrap();
    fs::write(album.join("truncated.jpg"), &good[..good.len() / 2]).unwrap();
    fs::write(album.join("empty.jpg"), b"").unwrap();
    fs::write(album.join("text.jpg"), "no photo at all\n".repeat(100)).unwrap();
    fs::write(album.join("bomb.png"), png_that_declares(30_000, 30_000)).unwrap();
    image::RgbImage::new(1, 1).save(album.join("dot.png")).unwrap();
    fs::copy(album.join("good.jpg"), album.join("really-a-jpeg.png")).unwrap();
    fs::write(album.join("notes.txt"), "passed over").unwrap();
    fs::create_dir(album.join("folder.jpg")).unwrap();

    let lines = json_lines(likeness(home.path()).arg("enroll").arg(&album));
    let summary = lines.last().unwrap();
    assert_eq!(summary["photos"], 2, "{summary}");
    assert_eq!(summary["issues"], 5, "{lines:?}");
    assert_eq!(summary["not_photos"], 1);
    let issue_of = |name: &str| {
        let line = lines.iter().find(|line| line["photo"].as_str().is_some_and(|photo| photo.ends_with(name)));
        line.unwrap_or_else(|| panic!("no issue for {name}"))["issue"].as_str().unwrap().to_owned()
    };
    for name in ["truncated.jpg", "empty.jpg", "text.jpg", "bomb.png", "dot.png"] {
        assert!(issue_of(name).len() > 10, "{name}");
    }
    let status = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!(status["issues"], 5);

    // Mended, the photo is enrolled and its issue goes.
    fs::write(album.join("truncated.jpg"), [&good[..], b"mended"].concat()).unwrap();
    let summary = json_lines(likeness(home.path()).arg("enroll").arg(&album)).pop().unwrap();
    assert_eq!((summary["photos"].as_u64(), summary["skipped"].as_u64()), (Some(1), Some(2)), "{summary}");
    let status = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!(status["issues"], 4);
}

#[test]
fn moved_and_changed_photos_are_recognised() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_small("obama.jpg", 300, 1, &album.join("Ada/one.jpg"));
    write_small("biden.jpg", 300, 2, &album.join("Bob/two.jpg"));
    let summary = json_lines(likeness(home.path()).args(["enroll", "--subjects-from-folders"]).arg(&album)).pop();
    assert_eq!(summary.unwrap()["photos"], 2);

    fs::create_dir(album.join("new")).unwrap();
    fs::rename(album.join("Ada/one.jpg"), album.join("new/moved.jpg")).unwrap();
    write_small("biden.jpg", 280, 3, &album.join("Bob/two.jpg"));
    let summary = json_lines(likeness(home.path()).arg("enroll").arg(&album)).pop().unwrap();
    assert_eq!(summary["moved"], 1, "{summary}");
    assert_eq!(summary["photos"], 1, "{summary}");
    let status = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!((status["photos"].as_u64(), status["faces"].as_u64()), (Some(2), Some(2)), "{status}");
    assert_eq!(status["indexed"], 2);

    // The moved photo keeps its subject.
    let found = json_lines(likeness(home.path()).arg("search").arg(samples().join("obama.jpg"))).pop().unwrap();
    assert_eq!(found["candidates"][0]["subject"]["name"], "Ada", "{found}");
    assert!(found["candidates"][0]["photo"].as_str().unwrap().ends_with("new/moved.jpg"));
}

#[test]
fn detect_and_embed_print_what_they_found() {
    let home = tempfile::tempdir().unwrap();
    let bad = home.path().join("bad.jpg");
    fs::write(&bad, b"nothing").unwrap();
    let lines = json_lines(likeness(home.path()).arg("detect").arg(samples().join("biden.jpg")).arg(&bad));
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["faces"].as_array().unwrap().len(), 1);
    assert_eq!(lines[0]["faces"][0]["landmarks"].as_array().unwrap().len(), 5);
    assert!(lines[1]["issue"].is_string());

    let line = json_lines(likeness(home.path()).arg("embed").arg(samples().join("biden.jpg"))).pop().unwrap();
    let embedding = line["faces"][0]["embedding"].as_array().unwrap();
    assert_eq!(embedding.len(), default_model().manifest.d);
    let norm: f64 = embedding.iter().map(|v| v.as_f64().unwrap().powi(2)).sum();
    assert!((norm - 1.0).abs() < 1e-4, "{norm}");
}

#[test]
fn a_killed_enrollment_is_taken_up_again() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_album(&album, 600);
    let mut child =
        likeness(home.path()).arg("enroll").arg(&album).arg("--json").stdout(Stdio::piped()).spawn().unwrap();
    let mut killed = false;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines.by_ref() {
        let progress: Value = serde_json::from_str(&line.unwrap()).unwrap();
        // At least one batch is in the gallery by then, and photos are left.
        if progress["faces"].as_u64().unwrap_or(0) > 0 && progress["done"].as_u64().unwrap() < 500 {
            let pid = child.id().to_string();
            assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
            killed = true;
            break;
        }
    }
    // Read on, so that it does not wait for a reader.
    for _ in lines {}
    assert!(!child.wait().unwrap().success());
    assert!(killed, "the enrollment was over before it could be killed");
    let before = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    let kept = before["photos"].as_u64().unwrap();
    assert!(kept > 0 && kept < 600, "{before}");
    assert_eq!(before["indexed"], before["faces"], "the index is level with the gallery after a kill");

    let summary = json_lines(likeness(home.path()).arg("enroll")).pop().unwrap();
    assert_eq!(summary["photos"].as_u64().unwrap() + summary["skipped"].as_u64().unwrap(), 600, "{summary}");
    assert_eq!(summary["skipped"].as_u64().unwrap(), kept, "{summary}");
    let after = json_lines(likeness(home.path()).arg("status")).pop().unwrap();
    assert_eq!(after["photos"], 600);
    assert_eq!(after["indexed"], after["faces"]);

    let nothing = likeness(home.path()).arg("enroll").output().unwrap();
    assert!(!nothing.status.success());
    assert!(text(&nothing.stderr).contains("nothing to do"), "{}", text(&nothing.stderr));
}

#[test]
fn a_damaged_or_missing_index_is_rebuilt_with_a_message() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_album(&album, 4);
    json_lines(likeness(home.path()).arg("enroll").arg(&album));
    let index = home.path().join("index");
    let file = walkdir::WalkDir::new(&index)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .max_by_key(|entry| entry.metadata().map(|m| m.len()).unwrap_or(0))
        .unwrap();
    let mut bytes = fs::read(file.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(file.path(), bytes).unwrap();
    let output = likeness(home.path()).args(["status", "--json"]).output().unwrap();
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("damaged"), "{}", text(&output.stderr));
    assert_eq!(parse_lines(&output)[0]["indexed"], 4);

    fs::remove_dir_all(&index).unwrap();
    let output = likeness(home.path()).args(["status", "--json"]).output().unwrap();
    assert!(text(&output.stderr).contains("built from the gallery"), "{}", text(&output.stderr));
    assert_eq!(parse_lines(&output)[0]["indexed"], 4);
}

#[test]
fn errors_of_the_whole_run_are_told_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let fails_with = |arguments: &[&str], words: &str| {
        let output = likeness(home.path()).args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
    };
    fails_with(&["enroll", "/no/such/folder"], "/no/such/folder");
    fails_with(&["search", "/no/such/photo.jpg"], "/no/such/photo.jpg");
    fails_with(&["--model", "no-such-model", "status"], "no-such-model");
    fails_with(&["enroll", ".", "--min-face-size", "3"], "min_face_size");
    fails_with(&["eval", "lfw", "--images", ".", "--pairs", "/no/pairs.txt"], "/no/pairs.txt");
    fs::write(home.path().join("gallery.sqlite"), "this is no database, and long enough to be looked at ".repeat(40))
        .unwrap();
    fails_with(&["status"], "gallery.sqlite");
}

#[test]
fn models_are_listed_verified_and_refused() {
    let home = tempfile::tempdir().unwrap();
    let list = json_lines(likeness(home.path()).args(["models", "list"]));
    assert!(list.iter().any(|model| model["active"] == true && model["d"] == default_model().manifest.d), "{list:?}");
    let verified = json_lines(likeness(home.path()).args(["models", "verify"]));
    // The dlib model's weights are there only where they were asked for.
    let is_right = |model: &Value| model["ok"] == true || model["problem"].as_str().unwrap().contains("setup --dlib");
    assert!(verified.iter().all(is_right), "{verified:?}");
    let bad = home.path().join("bad.pt");
    fs::write(&bad, b"no network").unwrap();
    let output = likeness(home.path()).args(["models", "import"]).arg(&bad).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("bad.pt"), "{}", text(&output.stderr));
}

#[test]
fn screens_are_drawn_without_a_display() {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    write_album(&album, 4);
    json_lines(likeness(home.path()).arg("enroll").arg(&album));
    for screen in ["enroll", "detail", "search", "compare", "models", "settings"] {
        let out = home.path().join(format!("{screen}.png"));
        let mut command = likeness(home.path());
        command.args(["screenshot", screen, "--size", "1000x700", "--out"]).arg(&out);
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{screen}: {}", text(&output.stderr));
        let picture = image::open(&out).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (1000, 700));
        let colours: std::collections::HashSet<_> = picture.pixels().collect();
        assert!(colours.len() > 50, "{screen} shows next to nothing: {} colours", colours.len());
    }
}

/// A PNG of a few bytes whose header declares this size.
fn png_that_declares(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &[0, 0, 0], 1, 1, image::ExtendedColorType::Rgb8).unwrap();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

#[test]
fn help_and_what_is_wrong_with_a_line_are_told_in_the_language_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let run = |lang: &str, args: &[&str]| {
        let ran = likeness(home.path()).env("LC_ALL", lang).args(args).output().unwrap();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    for (lang, args) in [("C", &["--lang", "zh-CN", "search", "--help"][..]), ("zh_CN.UTF-8", &["search", "-h"])] {
        let (status, told, wrong) = run(lang, args);
        assert_eq!((status, wrong.as_str()), (Some(0), ""));
        assert!(told.contains("用法: likeness search [选项] <照片>...") && !told.contains("Usage"), "{told}");
    }
    assert!(run("C", &["--help"]).1.contains("Usage: likeness"));
    assert!(run("zh_CN.UTF-8", &["--lang", "en", "--help"]).1.contains("Usage: likeness"));
    let (status, told, wrong) = run("zh_CN.UTF-8", &["search", "--no-such", "--json"]);
    assert_eq!(status, Some(2));
    assert!(wrong.starts_with("未知的参数 --no-such"), "{wrong}");
    let line: Value = serde_json::from_str(told.trim()).unwrap();
    assert!(line["error"].as_str().unwrap().starts_with("error: unexpected argument '--no-such'"), "{line}");
}
