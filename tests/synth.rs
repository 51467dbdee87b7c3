//! `likeness synth` as a person or a script calls it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use likeness::vectors::read_vectors;
use support::{json_lines, likeness, text};

fn ids(path: &Path) -> Vec<i64> {
    let bytes = std::fs::read(path).unwrap();
    npyz::NpyFile::new(&bytes[..]).unwrap().into_vec().unwrap()
}

#[test]
fn vectors_people_and_probes_are_written() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("faces.npy");
    let flags = ["synth", "--n", "3000", "--d", "128", "--seed", "5", "--mated", "40", "--nonmated", "30", "--out"];
    let summary = json_lines(likeness(home.path()).args(flags).arg(&out)).pop().unwrap();
    assert_eq!((summary["vectors"].as_u64(), summary["d"].as_u64()), (Some(3000), Some(128)));
    let faces = read_vectors(&out, 128).unwrap();
    let people = ids(&home.path().join("faces.persons.npy"));
    assert_eq!((faces.len(), people.len()), (3000, 3000));
    assert_eq!(summary["persons"].as_i64().unwrap(), people[2999] + 1);

    // A probe's nearest face is one of its own person's; a stranger is near nobody.
    let nearest = |probe: &likeness::types::Embedding| {
        let scores = faces.iter().map(|face| face.score(probe)).enumerate();
        scores.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    };
    let mated = read_vectors(&home.path().join("faces.mated.npy"), 128).unwrap();
    let owners = ids(&home.path().join("faces.mated.persons.npy"));
    assert_eq!((mated.len(), owners.len()), (40, 40));
    let right = mated.iter().zip(&owners).filter(|(probe, owner)| people[nearest(probe).0] == **owner).count();
    assert!(right >= 36, "{right} of 40");
    let nonmated = read_vectors(&home.path().join("faces.nonmated.npy"), 128).unwrap();
    assert_eq!(nonmated.len(), 30);
    let mean = |probes: &[likeness::types::Embedding]| {
        probes.iter().map(|probe| nearest(probe).1).sum::<f32>() / probes.len() as f32
    };
    assert!(mean(&mated) > mean(&nonmated) + 0.2);

    // Another network's vectors are others, of full rank.
    let mbf = home.path().join("mbf.npy");
    let summary = json_lines(likeness(home.path()).args(flags).arg(&mbf).args(["--like", "mbf"])).pop().unwrap();
    assert_eq!(summary["rank"], 128);
    assert_ne!(std::fs::read(&out).unwrap(), std::fs::read(&mbf).unwrap());

    // The same again gives the same bytes.
    let again = home.path().join("again.npy");
    json_lines(likeness(home.path()).args(flags).arg(&again));
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&again).unwrap());
}

#[test]
fn wrong_flags_are_told() {
    let home = tempfile::tempdir().unwrap();
    let said = |flags: &[&str], out: &str| {
        let output = likeness(home.path()).arg("synth").args(flags).arg("--out").arg(home.path().join(out)).output();
        let output = output.unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    assert!(said(&["--n", "10"], "faces.txt").contains(".fvecs"));
    assert!(said(&["--n", "10", "--d", "16", "--rank", "17"], "faces.npy").contains("rank"));
    assert!(said(&["--n", "10", "--d", "1"], "faces.npy").contains("length"));
    assert!(said(&["--n", "10"], "no/such/folder/faces.npy").contains("faces.npy"));
    assert!(said(&["--n", "0"], "faces.npy").contains("--n"));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

/// Ctrl-C ends a set that would take hours, and the half file goes with it.
#[cfg(unix)]
#[test]
fn stopped_it_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("faces.fvecs");
    let mut command = likeness(home.path());
    command.args(["synth", "--n", "1000000000", "--d", "8", "--out"]).arg(&out);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let part = home.path().join("faces.fvecs.part");
    let begun = Instant::now();
    while !std::fs::metadata(&part).is_ok_and(|file| file.len() > 0) {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!part.exists() && !out.exists());
}
