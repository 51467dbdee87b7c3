//! Damage costs no choice.

use std::path::{Path, PathBuf};

use super::world::{WIDE, World, embedding, seeded};
use crate::jobs::work::JobControl;
use crate::types::SearchParams;

const CHOSEN: &str = "Templates,IVF4,Flat,Refine(f32)";
const PARAMS: SearchParams = SearchParams { nprobe: 3, ..WIDE };

/// A generation of an earlier choice and, where there is room for it, then the chosen one, with faces that came since.
fn home(earlier: Option<&str>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (world, _) = World::open(dir.path());
    let mut rng = seeded(3);
    let mut enroll = |numbers: std::ops::Range<usize>| {
        let photo = |number| (number, embedding(&mut rng), Some(format!("Subject {}", number % 7)));
        world.enroll(&numbers.map(photo).collect::<Vec<_>>());
    };
    enroll(0..60);
    if let Some(spec) = earlier {
        world.build(spec, WIDE).unwrap();
        enroll(60..70);
    }
    world.build(CHOSEN, WIDE).unwrap();
    world.index.set_params(PARAMS, true).unwrap();
    enroll(70..80);
    dir
}

fn current_dir(home: &Path) -> PathBuf {
    let index = home.join("index/tiny");
    let pointer = std::fs::read_to_string(index.join("CURRENT")).unwrap();
    index.join(pointer.split_whitespace().next().unwrap())
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in files_below(from) {
        let place = to.path().join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(&file, place).unwrap();
    }
    to
}

/// Every file in turn: flipped, cut short, gone.
fn every_damage(of: &[PathBuf], mut check: impl FnMut(&str)) {
    for file in of {
        let whole = std::fs::read(file).unwrap();
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped[middle] ^= 0x55;
        for (damage, content) in [("flipped", Some(flipped)), ("cut", Some(whole[..middle].to_vec())), ("gone", None)] {
            match content {
                Some(content) => std::fs::write(file, content).unwrap(),
                None => std::fs::remove_file(file).unwrap(),
            }
            check(&format!("{} {damage}", file.display()));
            std::fs::write(file, &whole).unwrap();
        }
    }
}

#[test]
fn an_earlier_generation_stands_in_for_a_damaged_one_until_the_chosen_one_is_built_again() {
    let home = home(Some("IVF8,Flat"));
    every_damage(&files_below(&current_dir(home.path())), |what| {
        let copy = copy(home.path());
        let (mut world, messages) = World::open(copy.path());
        assert_eq!(world.spec(), "IVF8,Flat", "{what}");
        assert_eq!(messages.len(), 2, "{what}: the damage, and what is to be built: {messages:?}");
        world.check(&mut seeded(1));
        // It is remembered as long as it takes.
        world.reopen();
        assert!(world.index.owed().is_some(), "{what}");
        world.index.publish(&world.gallery).unwrap();
        assert_eq!(world.spec(), "IVF8,Flat", "{what}: no flat index takes its place");
        world.look_after(0.5, &JobControl::default()).unwrap();
        assert_eq!((world.spec().as_str(), world.index.faces().params()), (CHOSEN, PARAMS), "{what}");
        world.check(&mut seeded(2));
        let messages = world.reopen();
        assert!(messages.is_empty() && world.index.owed().is_none(), "{what}: {messages:?}");
        assert_eq!((world.spec().as_str(), world.index.faces().params()), (CHOSEN, PARAMS), "{what}");
    });
}

#[test]
fn where_nothing_is_sound_all_faces_are_compared_until_the_chosen_one_is_built_again() {
    let home = home(None);
    std::fs::write(current_dir(home.path()).join("index.faiss"), b"no index").unwrap();
    let (mut world, _) = World::open(home.path());
    for _ in 0..2 {
        assert_eq!((world.spec().as_str(), world.index.generation_number()), ("Flat", None));
        world.check(&mut seeded(1));
        world.enroll(&world.photos(&mut seeded(5), 3..4));
        world.index.publish(&world.gallery).unwrap();
        assert_eq!(world.index.store().current_number(), Some(1), "what stands in is not kept");
        world.reopen();
    }
    world.look_after(0.5, &JobControl::default()).unwrap();
    assert_eq!((world.spec().as_str(), world.index.faces().params()), (CHOSEN, PARAMS));
    assert!(world.reopen().is_empty());
    world.check(&mut seeded(1));
}

#[test]
fn a_damaged_pointer_costs_nothing() {
    let home = home(Some("IVF8,Flat"));
    let pointer = home.path().join("index/tiny/CURRENT");
    every_damage(std::slice::from_ref(&pointer), |what| {
        let copy = copy(home.path());
        let (mut world, _) = World::open(copy.path());
        world.check(&mut seeded(1));
        world.look_after(0.5, &JobControl::default()).unwrap();
        world.reopen();
        assert_eq!((world.spec().as_str(), world.index.faces().params()), (CHOSEN, PARAMS), "{what}");
    });
}

#[test]
fn a_damaged_note_costs_parameters_at_most() {
    let home = home(Some("IVF8,Flat"));
    let notes = home.path().join("index/tiny/params.json");
    let sound = std::fs::read_to_string(&notes).unwrap();
    let changed = sound.replace("\"nprobe\":3", "\"nprobe\":9");
    assert_ne!(changed, sound);
    std::fs::write(&notes, changed).unwrap();
    let (mut world, _) = World::open(home.path());
    assert_eq!((world.spec().as_str(), world.index.faces().params()), (CHOSEN, WIDE));
    world.index.set_params(PARAMS, true).unwrap();
    world.reopen();
    assert_eq!(world.index.faces().params(), PARAMS);
    world.check(&mut seeded(1));
}

#[test]
fn who_rolls_back_or_builds_has_chosen() {
    let home = home(Some("IVF8,Flat"));
    std::fs::remove_file(current_dir(home.path()).join("ids.bin")).unwrap();
    let (mut world, _) = World::open(home.path());
    assert!(world.index.owed().is_some());
    world.build("Flat", WIDE).unwrap();
    assert!(world.index.owed().is_none());
    world.reopen();
    assert!(world.index.owed().is_none());
    world.look_after(0.5, &JobControl::default()).unwrap();
    assert_eq!(world.spec(), "Flat");
}
