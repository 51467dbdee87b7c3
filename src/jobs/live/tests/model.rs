//! Random interleavings against the exact reference. `LIKENESS_ROUNDS` sets how many rounds there are, `LIKENESS_SEED` the
//! first seed.

use std::sync::{Arc, Mutex};

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::schedule::Schedule;
use super::world::{WIDE, World, seeded};
use crate::index::moment;
use crate::jobs::work::{JobControl, JobError};
use crate::types::SearchParams;

/// Seeds that have failed, with what they found. They are tried at every run.
const FAILED: &[u64] = &[];

const ROUNDS: u64 = 8;

pub(super) const SPECS: [&str; 6] = [
    "Flat",
    "IVF4,Flat",
    "IVF4,SQ8,Refine(f32)",
    "HNSW8,Flat",
    "Templates,IVF4,Flat,Refine(f32)",
    "Templates,IVF4,SQ8,Refine(f32)",
];

#[test]
fn whatever_happens_at_once_the_index_says_what_the_gallery_has() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first: u64 = number("LIKENESS_SEED").unwrap_or(1);
    let rounds = number("LIKENESS_ROUNDS").unwrap_or(ROUNDS);
    let begun = std::time::Instant::now();
    for seed in FAILED.iter().copied().chain(first..first + rounds) {
        round(seed);
    }
    println!("{rounds} rounds from seed {first} on in {:.1} s", begun.elapsed().as_secs_f32());
}

fn round(seed: u64) {
    println!("seed {seed}");
    let dir = tempfile::tempdir().unwrap();
    let mut rng = seeded(seed);
    let (world, _) = World::open(dir.path());
    world.enroll(&world.photos(&mut rng, 40..80));
    world.build(SPECS[rng.random_range(0..SPECS.len())], WIDE).unwrap();
    let mut world = world;
    for part in 0..3 {
        let shared = Arc::new(world);
        part_of_round(seed * 10 + part, &shared, &mut rng);
        world = Arc::into_inner(shared).unwrap();
        world.check(&mut rng);
        let (spec, params) = (world.spec(), world.index.faces().params());
        let current = world.index.store().current_number();
        if world.index.faces().trained().is_some() {
            assert_eq!(world.index.generation_number(), current, "seed {seed}");
        }
        let messages = world.reopen();
        assert!(!messages.iter().any(|message| format!("{message:?}").contains("Warning")), "{seed}: {messages:?}");
        assert_eq!(world.spec(), spec, "seed {seed}: reopened");
        assert_eq!(world.index.faces().params(), params, "seed {seed}: reopened");
        world.check(&mut rng);
    }
}

fn part_of_round(seed: u64, world: &Arc<World>, rng: &mut ChaCha8Rng) {
    let control = JobControl::default();
    // What was set last, where nothing else chose parameters after it.
    let set: Arc<Mutex<Option<SearchParams>>> = Arc::default();
    let may_choose = rng.random_range(0..2) == 0;
    let mut threads: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
    let mut spawn = |work: fn(&World, &mut ChaCha8Rng, &JobControl)| {
        let (world, control, mut rng) = (Arc::clone(world), control.clone(), seeded(rng.random()));
        threads.push(Box::new(move || work(&world, &mut rng, &control)));
    };
    spawn(|world, rng, control| {
        for _ in 0..3 {
            world.enroll(&world.photos(rng, 1..12));
        }
        world.index.publish(&world.gallery).unwrap();
        allowed(world.look_after(0.3, control));
    });
    spawn(|world, rng, _| (0..5).for_each(|_| world.happen(rng)));
    spawn(|world, rng, _| {
        for _ in 0..8 {
            world.check(rng);
            world.index.overview();
            moment("looked");
        }
    });
    if may_choose {
        spawn(|world, rng, control| {
            allowed(world.build_watched(SPECS[rng.random_range(0..SPECS.len())], WIDE, control));
        });
        spawn(|world, rng, control| {
            let watch = crate::jobs::live::Watch::new(control, &|_| {});
            let generations = world.index.generations(false).unwrap();
            let number = generations[rng.random_range(0..generations.len())].number;
            // One that is swept away meanwhile cannot be gone back to.
            let _ = world.index.roll_back(&world.gallery, number, &watch);
        });
    } else {
        spawn(|world, _, control| allowed(world.retrain(control)));
        spawn(|world, _, control| allowed(world.look_after(0.01, control)));
        let (world, set, mut rng) = (Arc::clone(world), Arc::clone(&set), seeded(rng.random()));
        threads.push(Box::new(move || {
            for _ in 0..3 {
                let params = SearchParams { nprobe: rng.random_range(1..99), ..WIDE };
                world.index.set_params(params, true).unwrap();
                *set.lock().unwrap() = Some(params);
                moment("set");
            }
        }));
    }
    if rng.random_range(0..4) == 0 {
        let control = control.clone();
        threads.push(Box::new(move || {
            for _ in 0..20 {
                moment("waits to cancel");
            }
            control.cancel();
        }));
    }
    Schedule::run(seed, threads);
    if let Some(params) = *set.lock().unwrap() {
        assert_eq!(world.index.faces().params(), params, "seed {seed}: the parameters that were set last");
    }
}

/// What may become of work on the index: all is well, it was cancelled, or the gallery has too few faces by now.
fn allowed(done: Result<(), JobError>) {
    use crate::index::IndexError::TooFewToTrain;
    match done {
        Ok(()) | Err(JobError::Cancelled | JobError::Index(TooFewToTrain { .. })) => {}
        Err(error) => panic!("{error}"),
    }
}
