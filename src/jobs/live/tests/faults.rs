//! Faults that were, each at the moment at which it happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::world::{WIDE, World, embedding, seeded};
use crate::index::with_hook;
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::store::{Change, Naming};
use crate::types::SearchParams;

const TEMPLATES: &str = "Templates,IVF4,Flat,Refine(f32)";

fn world_of(n: usize, named: bool) -> (tempfile::TempDir, Arc<World>) {
    let dir = tempfile::tempdir().unwrap();
    let (world, _) = World::open(dir.path());
    let mut rng = seeded(7);
    let photos: Vec<_> =
        (0..n).map(|number| (number, embedding(&mut rng), named.then(|| format!("Subject {}", number % 5)))).collect();
    world.enroll(&photos);
    (dir, Arc::new(world))
}

/// Runs `work`, and `meanwhile` once at the moment of this name, on another thread as the program's other jobs are. Where the
/// work makes it wait this fails.
fn meanwhile<T>(
    world: &Arc<World>,
    at: &'static str,
    work: impl FnOnce(&World) -> T,
    meanwhile: impl Fn(&World) + Send + Sync + 'static,
) -> T {
    let (times, meanwhile) = (Arc::new(AtomicUsize::new(0)), Arc::new(meanwhile));
    let hook = {
        let (world, times) = (Arc::clone(world), Arc::clone(&times));
        move |name: &'static str| {
            if name == at && times.fetch_add(1, Ordering::SeqCst) == 0 {
                let (sender, receiver) = crossbeam_channel::bounded(16);
                let (world, meanwhile) = (Arc::clone(&world), Arc::clone(&meanwhile));
                let other = std::thread::Builder::new().spawn(move || {
                    meanwhile(&world);
                    let _ = sender.send(());
                });
                receiver.recv_timeout(Duration::from_secs(20)).expect("the other work waits, or has failed");
                other.unwrap().join().unwrap();
            }
        }
    };
    let done = with_hook(hook, || work(world));
    assert!(times.load(Ordering::SeqCst) > 0, "there was no moment “{at}”");
    done
}

fn params(nprobe: u32) -> SearchParams {
    SearchParams { nprobe, ..WIDE }
}

#[test]
fn an_enrollment_that_ends_while_a_build_publishes_neither_fails_nor_costs_the_build() {
    for at in ["in its place", "before the pointer", "after the pointer", "confirmed", "before the swap"] {
        let (_dir, world) = world_of(60, true);
        let enroll = |world: &World| {
            world.index.publish(&world.gallery).unwrap();
            world.look_after(0.1, &JobControl::default()).unwrap();
        };
        meanwhile(&world, at, |world| world.build("IVF4,Flat", WIDE), enroll).unwrap();
        assert_eq!(world.spec(), "IVF4,Flat", "{at}");
        assert_eq!(world.index.generation_number(), world.index.store().current_number(), "{at}");
        world.check(&mut seeded(1));
    }
}

#[test]
fn what_is_enrolled_while_an_index_is_published_waits_for_nobody_and_is_found() {
    for (spec, at) in [
        ("IVF4,Flat", "in its place"),
        (TEMPLATES, "labels read"),
        (TEMPLATES, "level"),
        ("Flat", "between rows"),
        ("Flat", "in its place"),
    ] {
        let (_dir, world) = world_of(60, true);
        if at == "labels read" {
            world.build(spec, WIDE).unwrap();
        }
        let work = |world: &World| match at {
            "labels read" => world.index.roll_back(&world.gallery, 2, &Watch::new(&JobControl::default(), &|_| {})),
            _ => world.build(spec, WIDE),
        };
        if at == "labels read" {
            world.build(spec, WIDE).unwrap();
        }
        let enroll = |world: &World| {
            let mut rng = seeded(9);
            let photos: Vec<_> =
                (50..90).map(|number| (number, embedding(&mut rng), Some("Subject 2".to_owned()))).collect();
            world.enroll(&photos);
            world.check(&mut rng);
        };
        meanwhile(&world, at, work, enroll).unwrap();
        world.check(&mut seeded(1));
    }
}

#[test]
fn parameters_that_are_set_while_an_index_is_trained_anew_survive_it() {
    for at in ["vectors read", "made ready", "in its place", "confirmed"] {
        let (dir, world) = world_of(60, true);
        world.build("IVF4,Flat", params(2)).unwrap();
        let set = |world: &World| world.index.set_params(params(3), true).unwrap();
        meanwhile(&world, at, |world| world.retrain(&JobControl::default()), set).unwrap();
        assert_eq!(world.index.faces().params(), params(3), "{at}");
        drop(world);
        assert_eq!(World::open(dir.path()).0.index.faces().params(), params(3), "{at}, at the next start");
    }
}

#[test]
fn each_generation_keeps_the_parameters_that_were_chosen_for_it() {
    let (dir, world) = world_of(60, true);
    world.index.publish(&world.gallery).unwrap();
    let mut numbers = Vec::new();
    for (spec, nprobe) in [("IVF4,Flat", 2), ("IVF8,Flat", 5), ("Flat", 7)] {
        world.build(spec, WIDE).unwrap();
        world.index.set_params(params(nprobe), true).unwrap();
        numbers.push((world.index.generation_number().unwrap(), nprobe));
    }
    for (number, nprobe) in numbers.iter().chain(&numbers) {
        let watch = JobControl::default();
        world.index.roll_back(&world.gallery, *number, &Watch::new(&watch, &|_| {})).unwrap();
        assert_eq!(world.index.faces().params(), params(*nprobe), "generation {number}");
        let listed = world.index.generations(false).unwrap();
        assert!(listed.iter().any(|listed| listed.number == *number && listed.params == params(*nprobe)));
    }
    drop(world);
    assert_eq!(World::open(dir.path()).0.index.faces().params(), params(7));
}

#[test]
fn names_given_while_an_index_is_made_ready_reach_its_templates() {
    for at in ["vectors read", "made ready", "level", "in its place", "confirmed"] {
        let (_dir, world) = world_of(60, true);
        let rename = |world: &World| {
            let faces = world.gallery.embedding_ids("tiny").unwrap();
            let name = |n: usize, name: &str| {
                let who = Naming::Name(name.to_owned());
                world.change(&Change::Name { faces: faces[n..n + 8].to_vec(), who }).unwrap();
            };
            name(0, "Subject 3");
            name(8, "Somebody new");
            name(20, "Subject 1");
            // There and back: what it was at both ends it was not in between.
            world.undo();
            world.change(&Change::RemoveFaces(faces[40..44].to_vec())).unwrap();
        };
        meanwhile(&world, at, |world| world.build(TEMPLATES, WIDE), rename).unwrap();
        world.check(&mut seeded(1));
    }
}

#[test]
fn templates_need_no_name() {
    let (dir, world) = world_of(60, false);
    world.build(TEMPLATES, WIDE).unwrap();
    world.check(&mut seeded(1));
    let faces = world.gallery.embedding_ids("tiny").unwrap();
    let who = Naming::Name("The first".to_owned());
    world.change(&Change::Name { faces: faces[..9].to_vec(), who }).unwrap();
    world.check(&mut seeded(2));
    drop(world);
    let (world, messages) = World::open(dir.path());
    assert!(messages.is_empty(), "{messages:?}");
    world.check(&mut seeded(3));
    world.undo();
    world.retrain(&JobControl::default()).unwrap();
    world.check(&mut seeded(4));
}

#[test]
fn a_face_that_changes_its_subject_stands_once_whichever_subject_is_told_of_first() {
    let (_dir, world) = world_of(60, true);
    world.build(TEMPLATES, WIDE).unwrap();
    let faces = world.gallery.embedding_ids("tiny").unwrap();
    let change = Change::Name { faces: faces[..5].to_vec(), who: Naming::Name("Subject 4".to_owned()) };
    let changed = world.gallery.change("test", &change).unwrap();
    let mut subjects = changed.subjects.clone();
    assert!(subjects.len() > 1);
    for _ in 0..2 {
        subjects.iter().for_each(|subject| world.index.follow(&world.gallery, &[], &[*subject]).unwrap());
        world.check(&mut seeded(1));
        subjects.reverse();
    }
}

/// Tells of rates and of the time left, and looks at the flag: in every stage that can be long.
#[test]
fn long_work_is_counted_and_ends_when_it_is_told_to() {
    let (_dir, world) = world_of(3000, true);
    let told = std::cell::RefCell::new(Vec::<Progress>::new());
    let control = JobControl::default();
    let tell = |progress: Progress| told.borrow_mut().push(progress);
    let spec = TEMPLATES.parse().unwrap();
    let recipe = crate::jobs::live::Recipe::Given(&spec, WIDE);
    crate::jobs::live::build(&world.gallery, &world.index, recipe, &control, &tell).unwrap();
    let first = world.index.generation_number().unwrap();
    world.build("IVF4,Flat", WIDE).unwrap();
    world.index.roll_back(&world.gallery, first, &Watch::new(&control, &tell)).unwrap();
    let counts = |stage: &str| told.borrow().iter().any(|told| told.stage == stage && told.total.is_some());
    for stage in ["Reading the gallery", "Adding", "Publishing the index", "Verifying the index"] {
        assert!(counts(stage), "{stage}: {:?}", told.borrow());
    }
    // A change that comes too late ends nothing half-way.
    for stage in ["Reading the gallery", "Publishing the index", "Verifying the index", "Bringing the index level"] {
        let before = (world.spec(), world.index.generation_number(), world.index.store().current_checksum());
        let control = JobControl::default();
        let cancel = |progress: Progress| {
            if progress.stage == stage {
                control.cancel();
            }
        };
        let done = if stage == "Verifying the index" {
            let number = world.index.generations(false).unwrap().last().unwrap().number;
            world.index.roll_back(&world.gallery, number, &Watch::new(&control, &cancel))
        } else {
            crate::jobs::live::build(&world.gallery, &world.index, recipe, &control, &cancel)
        };
        assert!(matches!(done, Err(JobError::Cancelled)), "{stage}: {done:?}");
        let after = (world.spec(), world.index.generation_number(), world.index.store().current_checksum());
        assert_eq!(after, before, "{stage}");
    }
}

#[test]
fn a_build_waits_for_the_one_before_it_and_can_be_cancelled_meanwhile() {
    let (_dir, world) = world_of(60, true);
    let other = |world: &World| {
        let control = JobControl::default();
        let waits = std::cell::Cell::new(false);
        let cancel = |progress: Progress| {
            waits.set(waits.get() || progress.stage == "Waiting for other work on the index");
            control.cancel();
        };
        let spec = "HNSW8,Flat".parse().unwrap();
        let recipe = crate::jobs::live::Recipe::Given(&spec, WIDE);
        let done = crate::jobs::live::build(&world.gallery, &world.index, recipe, &control, &cancel);
        assert!(matches!(done, Err(JobError::Cancelled)) && waits.get());
    };
    meanwhile(&world, "vectors read", |world| world.build("IVF4,Flat", WIDE), other).unwrap();
    assert_eq!(world.spec(), "IVF4,Flat");
}

/// Two opposite vectors: their mean has no direction, so there is no template by which they could be found.
#[test]
fn faces_whose_mean_has_no_direction_are_found() {
    let (dir, world) = world_of(60, true);
    let one = embedding(&mut seeded(5));
    let opposite = crate::types::Embedding::try_from_raw(one.as_slice().iter().map(|value| -value).collect()).unwrap();
    let name = || Some("Nobody else".to_owned());
    world.enroll(&[(100, one, name()), (101, opposite, name())]);
    world.build(TEMPLATES, WIDE).unwrap();
    world.check(&mut seeded(1));
    drop(world);
    World::open(dir.path()).0.check(&mut seeded(1));
}
