//! `likeness eval lfw` and `eval search` as a person would start them, on the sample photos.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{json_lines, likeness, samples, text, write_small};

/// Two people with two photos each and one with one, as LFW lays them out, and pairs in three folds.
fn write_people(root: &Path) {
    let photos = [
        ("Barack", 1, "obama.jpg"),
        ("Barack", 2, "obama2.jpg"),
        ("Joe", 1, "biden.jpg"),
        ("Joe", 2, "biden.jpg"),
        ("Someone", 1, "obama3.jpg"),
    ];
    for (at, (name, number, sample)) in (0u16..).zip(photos) {
        // The second of Joe is smaller, so that it is another picture.
        let width = if (name, number) == ("Joe", 2) { 180 } else { 260 };
        write_small(sample, width, at, &root.join(format!("images/{name}/{name}_{number:04}.jpg")));
    }
    let fold = "Barack\t1\t2\nJoe\t1\t2\nBarack\t1\tJoe\t1\nJoe\t2\tBarack\t2\n";
    fs::write(root.join("pairs.txt"), format!("3\t2\n{}", fold.repeat(3))).unwrap();
}

#[test]
fn pairs_are_measured_bare_and_masked() {
    let home = tempfile::tempdir().unwrap();
    write_people(home.path());
    let file = |name: &str| home.path().join(name);
    let results = json_lines(
        likeness(home.path())
            .args(["eval", "lfw", "--folds", "3", "--choose", "2", "--all-pairs", "--masks", "drawn", "--redetect"])
            .arg("--images")
            .arg(file("images"))
            .arg("--pairs")
            .arg(file("pairs.txt"))
            .arg("--report")
            .arg(file("report.json"))
            .arg("--picture")
            .arg(file("curves.png"))
            .arg("--sheet")
            .arg(file("sheet.png")),
    );
    let conditions: Vec<&str> = results.iter().map(|result| result["condition"].as_str().unwrap()).collect();
    assert_eq!(conditions, ["bare", "masked", "masked_redetected"]);
    assert_eq!((results[0]["accuracy"].as_f64(), results[0]["pairs"].as_u64()), (Some(1.0), Some(4)));
    assert_eq!(results[0]["failures"], 0);
    let mean = |at: usize| results[at]["mated_mean"].as_f64().unwrap();
    assert!(mean(1) < mean(0) - 0.005, "covered faces are as alike as bare ones: {} and {}", mean(1), mean(0));
    assert_eq!(results[0]["all_pairs"]["nonmated_pairs"], 4);
    assert_eq!(results[1]["all_pairs"]["nonmated_pairs"], 8);

    let report: Value = serde_json::from_slice(&fs::read(file("report.json")).unwrap()).unwrap();
    assert!(report["command"].as_str().unwrap().contains("eval lfw --folds 3"), "{}", report["command"]);
    assert!(report["method"].as_str().unwrap().contains("chosen on fold 2"));
    assert_eq!(report["data"]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(report["models"][0]["d"], support::default_model().manifest.d);
    assert!(report["models"][0]["licence"].as_str().is_some_and(|licence| !licence.is_empty()));
    assert!(!report["verification"][1]["det"].as_array().unwrap().is_empty());
    assert!(report["data"]["photos_missed_covered"][1].as_u64().unwrap() >= 4);
    let picture = image::open(file("curves.png")).unwrap().to_rgb8();
    assert_eq!(picture.get_pixel(2, 2).0, [255; 3]);
    let sheet = image::open(file("sheet.png")).unwrap().to_rgb8();
    assert!(sheet.width() > 200 && sheet.height() > 224, "{:?}", sheet.dimensions());

    // The same data give the same figures: the masks are dealt by name, not by chance.
    let again = json_lines(
        likeness(home.path())
            .args(["eval", "lfw", "--folds", "3", "--choose", "2", "--masks", "drawn", "--images"])
            .arg(file("images"))
            .arg("--pairs")
            .arg(file("pairs.txt")),
    );
    let mean = |results: &[Value]| results[1]["mated_mean"].as_f64().unwrap();
    assert!((mean(&again) - mean(&results)).abs() < 1e-5, "{} {}", mean(&again), mean(&results));
}

#[test]
fn photos_are_searched_among_the_others() {
    let home = tempfile::tempdir().unwrap();
    write_people(home.path());
    let search = |flags: &[&str]| {
        let mut command = likeness(home.path());
        command.args(["eval", "search"]).arg(home.path().join("images")).args(flags);
        json_lines(&mut command)
    };
    let all = &search(&[])[0];
    let counts = |result: &Value| ["ntotal", "mated_searches", "nonmated_searches"].map(|key| result[key].clone());
    assert_eq!(counts(all), [5, 4, 1].map(Value::from));
    assert_eq!(all["rank_10"]["mean"], 1.0);
    // The samples show two people only, so the third folder looks like the first, and may come before it once or twice.
    assert!(all["rank_1"]["mean"].as_f64().unwrap() >= 0.5, "{}", all["rank_1"]);
    assert!(all["rank_10"]["low"].as_f64().unwrap() < 0.6, "four searches are no certainty");
    let first = search(&["--gallery", "first", "--masks", "drawn"]);
    assert_eq!(counts(&first[0]), [3, 2, 1].map(Value::from));
    assert_eq!(first[1]["condition"], "masked");
    for (gallery, counted) in [("first", [3, 2, 1]), ("others", [5, 2, 1])] {
        let one_each = &search(&["--gallery", gallery, "--probes", "1"])[0];
        assert_eq!(counts(one_each), counted.map(Value::from), "one probe each of the two with two photos");
    }
    let pairs = home.path().join("pairs.txt");
    let of_fold = &search(&["--pairs", pairs.to_str().unwrap(), "--folds", "1"])[0];
    assert_eq!(counts(of_fold), [4, 4, 0].map(Value::from), "the third person is in no pair");
}

#[test]
fn faces_are_grouped_without_their_names() {
    let home = tempfile::tempdir().unwrap();
    write_people(home.path());
    let images = home.path().join("images");
    fs::write(images.join("Joe/Joe_0003.jpg"), "no photo").unwrap();
    let report = json_lines(likeness(home.path()).args(["eval", "groups"]).arg(&images)).pop().unwrap();
    assert_eq!((report["type"].as_str(), report["people"].as_u64()), (Some("groups"), Some(3)), "{report}");
    assert_eq!((report["judged"].as_u64(), report["photos_missed"].as_u64()), (Some(5), Some(1)));
    // "Someone" is the first person on a third photo: his group is one that the folders tell apart.
    assert_eq!(report["groups"], 2, "{report}");
    assert_eq!(report["bcubed_recall"], 1.0);
    let near = |key: &str, value: f64| assert!((report[key].as_f64().unwrap() - value).abs() < 1e-6, "{key}: {report}");
    // Of three faces in one group two are one person and the third another: (2/3 + 2/3 + 1/3 + 1 + 1) / 5.
    near("bcubed_precision", 11.0 / 15.0);
    near("pairwise_precision", 0.5);
    near("bcubed_baseline", 2.0 * 0.6 / 1.6);
    assert_eq!(report["peers"].as_array().unwrap().len(), 4);

    let empty = home.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for (folder, word) in [(&empty, "no face was found"), (&home.path().join("nowhere"), "nowhere")] {
        let refused = likeness(home.path()).args(["eval", "groups"]).arg(folder).output().unwrap();
        assert!(!refused.status.success() && text(&refused.stderr).contains(word), "{}", text(&refused.stderr));
    }
}

#[test]
fn what_cannot_be_measured_is_said() {
    let home = tempfile::tempdir().unwrap();
    write_people(home.path());
    let (images, pairs) = (home.path().join("images"), home.path().join("pairs.txt"));
    let empty = home.path().join("empty");
    fs::create_dir_all(&empty).unwrap();
    fs::write(empty.join("notes.txt"), "no masks").unwrap();
    let single = home.path().join("single");
    write_small("obama.jpg", 200, 9, &single.join("Only/Only_0001.jpg"));
    let fails = |arguments: &[&str], words: &str| {
        let output = likeness(home.path()).arg("eval").args(arguments).output().unwrap();
        let told = text(&output.stderr);
        assert!(!output.status.success() && told.contains(words), "{arguments:?}: {told}");
        assert!(!told.contains("panicked"), "{told}");
    };
    let lfw = |flags: &[&str], words: &str| {
        let base = ["lfw", "--images", images.to_str().unwrap(), "--pairs", pairs.to_str().unwrap()];
        fails(&[&base, flags].concat(), words);
    };
    lfw(&["--folds", "4"], "no fold 4");
    lfw(&["--folds", "2", "--choose", "2"], "fold 2 cannot be reported and chosen on");
    lfw(&["--masks", empty.to_str().unwrap()], "no transparent picture");
    lfw(&["--masks", "/no/such/masks"], "/no/such/masks");
    lfw(&["--models", "dlib-resnet-covered,nobody"], "nobody");
    lfw(&["--picture", "curves.bmp"], ".svg or .png");
    lfw(&["--report", "/no/such/folder/r.json"], "/no/such/folder");
    lfw(&["--redetect"], "--masks");
    fails(&["search", empty.to_str().unwrap()], "nobody has two photos");
    fails(&["search", single.to_str().unwrap()], "nobody has two photos");
    fails(&["search", "/no/such/people"], "/no/such/people");
    assert!(samples().is_dir());
}
