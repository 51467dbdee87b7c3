//! A process that is killed at any moment: the next start finds the index that was, or the one that was to be.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use rand::Rng;

use super::model::SPECS;
use super::world::{WIDE, World, seeded};
use crate::index::with_hook;
use crate::jobs::live::Watch;
use crate::jobs::work::JobControl;
use crate::types::SearchParams;

/// Folder, seed and the number of the moment, for the process that is to be killed.
const CHILD: &str = "LIKENESS_TEST_KILLED";

/// Seeds that have failed. They are tried at every run.
const FAILED: &[u64] = &[];

const KILLS: u64 = 10;

/// What the killed process does; it tells what it has chosen.
fn work(dir: &Path, seed: u64) {
    let mut rng = seeded(seed);
    let (world, _) = World::open(dir);
    let control = JobControl::default();
    world.enroll(&world.photos(&mut rng, 30..50));
    let spec = SPECS[rng.random_range(0..SPECS.len())];
    println!("\nchosen {spec}");
    let _ = world.build(spec, SearchParams { nprobe: 1 + seed as u32 % 90, ..WIDE });
    (0..3).for_each(|_| world.happen(&mut rng));
    world.index.set_params(SearchParams { nprobe: 100 + seed as u32 % 90, ..WIDE }, true).unwrap();
    world.enroll(&world.photos(&mut rng, 30..40));
    world.index.publish(&world.gallery).unwrap();
    let _ = world.look_after(0.1, &control);
    if let Some(first) = world.index.generations(false).unwrap().last() {
        println!("\nchosen {}", first.spec);
        let _ = world.index.roll_back(&world.gallery, first.number, &Watch::new(&control, &|_| {}));
    }
    println!("\nended");
}

#[test]
fn the_process_that_is_killed() {
    let Ok(text) = std::env::var(CHILD) else { return };
    let [dir, seed, moment] = text.split('|').collect::<Vec<_>>().try_into().unwrap();
    let left = Cell::new(moment.parse::<u64>().unwrap());
    let hook = move |_: &'static str| {
        left.set(left.get().saturating_sub(1));
        if left.get() == 0 {
            std::process::abort();
        }
    };
    with_hook(hook, || work(Path::new(dir), seed.parse().unwrap()));
}

#[test]
fn a_process_killed_at_any_moment_leaves_an_index_that_was_chosen() {
    let kills = std::env::var("LIKENESS_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let first: u64 = std::env::var("LIKENESS_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (mut killed, mut chosen) = (0, vec!["Flat".to_owned()]);
    let mut dir = tempfile::tempdir().unwrap();
    for seed in FAILED.iter().copied().chain(first..first + kills) {
        // Several kills in one folder, then a new one.
        if seed % 8 == 0 {
            dir = tempfile::tempdir().unwrap();
            chosen = vec!["Flat".to_owned()];
        }
        let moment = seeded(seed).random_range(1..160);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "jobs::live::tests::kills::the_process_that_is_killed", "--nocapture"])
            .env(CHILD, format!("{}|{seed}|{moment}", dir.path().display()))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        chosen.extend(said.lines().filter_map(|line| line.strip_prefix("chosen ")).map(str::to_owned));
        let ended = said.contains("\nended");
        assert!(ended || !child.status.success(), "seed {seed}: {said}");
        assert!(!String::from_utf8_lossy(&child.stderr).contains("panicked"), "seed {seed}: {child:?}");
        killed += u64::from(!ended);
        let (mut world, messages) = World::open(dir.path());
        let text = format!("{messages:?}");
        assert!(!text.contains("Warning"), "seed {seed} at {moment}: {text}");
        assert!(chosen.contains(&world.spec()), "seed {seed} at {moment}: {} of {chosen:?}", world.spec());
        world.check(&mut seeded(seed));
        let (spec, params) = (world.spec(), world.index.faces().params());
        world.reopen();
        assert_eq!((world.spec(), world.index.faces().params()), (spec, params), "seed {seed} at {moment}");
        world.check(&mut seeded(seed));
    }
    println!("{killed} of {kills} runs were killed");
    assert!(killed > 0);
}
