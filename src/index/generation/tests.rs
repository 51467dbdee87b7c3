use super::publish::Step;
use super::*;
use crate::index::face_index::FaceIndex;
use crate::index::flat::FlatIndex;
use crate::index::names::{FLAT_FILE, IDS_FILE, generation_numbers};
use crate::index::watch::Unwatched;
use crate::types::{Embedding, FaceId, SearchParams};

const MODEL: &str = "tiny";
const D: usize = 8;

/// `n` faces with ids from 1, each with an embedding that `salt` decides.
fn index_of(n: usize, salt: u32) -> FlatIndex {
    let index = FlatIndex::new(D).unwrap();
    let ids: Vec<_> = (1..=n as i64).map(FaceId).collect();
    let embeddings: Vec<_> = (0..n)
        .map(|i| Embedding::try_from_raw((0..D).map(|j| ((i * D + j) as f32 + salt as f32).sin()).collect()).unwrap())
        .collect();
    index.add(&ids, &embeddings).unwrap();
    index
}

fn store() -> (tempfile::TempDir, IndexStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = IndexStore::open(&dir.path().join("index/tiny")).unwrap();
    (dir, store)
}

fn load(store: &IndexStore) -> (FlatIndex, Generation) {
    match store.load_current(MODEL, D).unwrap().unwrap() {
        (LoadedIndex::Flat(flat), generation) => (flat, generation),
        (LoadedIndex::Trained(_), _) => panic!("only flat indexes are published here"),
    }
}

fn entries(store: &IndexStore) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(store.dir()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn current_dir(store: &IndexStore) -> PathBuf {
    store.dir().join(store.pointer().unwrap().unwrap().0)
}

#[test]
fn what_is_published_is_loaded() {
    let (_dir, store) = store();
    assert!(store.load_current(MODEL, D).unwrap().is_none());
    let index = index_of(100, 0);
    index.remove(&[FaceId(40)]).unwrap();
    let published = store.publish(&index, MODEL, SearchParams::default(), &Unwatched).unwrap();
    assert_eq!((published.manifest.number, published.manifest.record.ntotal, published.manifest.record.d), (1, 99, D));
    let (loaded, generation) = load(&store);
    assert_eq!(generation, published);
    assert_eq!(loaded.ids(), index.ids());
    let probe = Embedding::try_from_raw(vec![1.0; D]).unwrap();
    assert_eq!(loaded.search(&probe, 20).unwrap(), index.search(&probe, 20).unwrap());
    // A loaded index goes on growing and shrinking.
    loaded.add(&[FaceId(1000)], std::slice::from_ref(&probe)).unwrap();
    assert_eq!(loaded.search(&probe, 1).unwrap()[0].face, FaceId(1000));
}

#[test]
fn an_empty_index_is_published_and_loaded() {
    let (_dir, store) = store();
    store.publish(&index_of(0, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let (loaded, generation) = load(&store);
    assert_eq!((loaded.ntotal(), generation.manifest.record.ntotal), (0, 0));
}

#[test]
fn the_newest_generations_are_kept() {
    let (_dir, store) = store();
    for n in 1..=6 {
        assert_eq!(
            store.publish(&index_of(n, 0), MODEL, SearchParams::default(), &Unwatched).unwrap().manifest.number,
            n as u64
        );
    }
    let newest = ["gen-00000003", "gen-00000004", "gen-00000005", "gen-00000006"];
    assert_eq!(entries(&store), [&["CURRENT"], &newest[..], &["params.json", "publishing"]].concat());
}

#[test]
fn every_flipped_or_missing_byte_is_noticed() {
    let (_dir, store) = store();
    store.publish(&index_of(20, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let dir = current_dir(&store);
    for name in [FLAT_FILE, IDS_FILE, MANIFEST_FILE] {
        let path = dir.join(name);
        let sound = fs::read(&path).unwrap();
        let check = |damaged: &[u8], what: &str| {
            fs::write(&path, damaged).unwrap();
            let refusal = store.load_current(MODEL, D).unwrap_err();
            assert!(matches!(&refusal, IndexError::Corrupt { path: named, .. } if *named == path), "{what}: {refusal}");
            assert!(refusal.asks_for_rebuild());
        };
        for position in [0, sound.len() / 2, sound.len() - 1] {
            let mut flipped = sound.clone();
            flipped[position] ^= 1;
            check(&flipped, &format!("{name} with byte {position} flipped"));
        }
        check(&sound[..sound.len() - 1], &format!("{name} cut short"));
        check(&[], &format!("{name} empty"));
        fs::remove_file(&path).unwrap();
        assert!(matches!(store.load_current(MODEL, D), Err(IndexError::Corrupt { .. })), "{name} missing");
        fs::write(&path, &sound).unwrap();
    }
    assert!(store.load_current(MODEL, D).unwrap().is_some());
}

#[test]
fn pointers_that_lead_nowhere_are_damage_and_a_publish_mends_them() {
    let (_dir, store) = store();
    store.publish(&index_of(3, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let pointer = store.dir().join(POINTER);
    for text in ["", "gen-00000001", "gen-00000009 00", "../elsewhere 00", "gen-x 00", "gen-00000001 00"] {
        fs::write(&pointer, text).unwrap();
        assert!(store.load_current(MODEL, D).unwrap_err().asks_for_rebuild(), "{text:?}");
    }
    fs::write(&pointer, [0xff, 0xfe]).unwrap();
    assert!(store.load_current(MODEL, D).unwrap_err().asks_for_rebuild());
    store.publish(&index_of(5, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    assert_eq!(load(&store).0.ntotal(), 5);
}

#[test]
fn another_model_or_d_is_refused() {
    let (_dir, store) = store();
    store.publish(&index_of(3, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let refusal = store.load_current("other", D).unwrap_err();
    assert!(matches!(&refusal, IndexError::WrongModel { found, .. } if found == MODEL), "{refusal}");
    let refusal = store.load_current(MODEL, D + 1).unwrap_err();
    assert!(matches!(refusal, IndexError::WrongGenerationDimension { found: D, .. }), "{refusal}");
    assert!(refusal.asks_for_rebuild());
}

#[test]
fn a_newer_format_is_named() {
    let (_dir, store) = store();
    store.publish(&index_of(3, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let path = current_dir(&store).join(MANIFEST_FILE);
    let text = r#"{"format": 3, "shards": []}"#;
    fs::write(&path, text).unwrap();
    let name = generation_name(1);
    fs::write(store.dir().join(POINTER), format!("{name} {}", blake3::hash(text.as_bytes()).to_hex())).unwrap();
    let refusal = store.load_current(MODEL, D).unwrap_err();
    assert!(matches!(refusal, IndexError::NewerFormat { found: 3, .. }), "{refusal}");
}

/// A process killed after any step leaves the old index or the new one, and the next start clears the rest away.
#[test]
fn a_publish_killed_at_any_step_leaves_a_whole_index() {
    use Step::*;
    for kill_after in [FolderMade, IndexWritten, IdsWritten, ManifestWritten, Renamed, PointerWritten, PointerReplaced]
    {
        for earlier in [0, 1, 3] {
            let (_dir, store) = store();
            for n in 1..=earlier {
                store.publish(&index_of(n, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
            }
            let killed = store.publish_observed(&index_of(50, 1), MODEL, SearchParams::default(), &Unwatched, |step| {
                if step == kill_after { Err(IndexError::Faiss("killed".to_owned())) } else { Ok(()) }
            });
            assert!(killed.is_err());
            let expected = if kill_after == PointerReplaced { 50 } else { earlier };
            let ntotal = || store.load_current(MODEL, D).unwrap().map_or(0, |_| load(&store).0.ntotal());
            assert_eq!(ntotal(), expected, "{kill_after:?} after {earlier}");

            store.clean_up().unwrap();
            assert_eq!(ntotal(), expected, "{kill_after:?} after {earlier}, swept");
            assert!(entries(&store).iter().all(|name| !name.starts_with("tmp-")), "{:?}", entries(&store));
            assert!(generation_numbers(store.dir()).unwrap().len() <= 4);

            store.publish(&index_of(7, 2), MODEL, SearchParams::default(), &Unwatched).unwrap();
            assert_eq!(ntotal(), 7, "{kill_after:?} after {earlier}, published again");
        }
    }
}

#[test]
fn leftovers_of_another_process_are_swept_but_strangers_stay() {
    let (_dir, store) = store();
    store.publish(&index_of(3, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    fs::create_dir(store.dir().join("tmp-00000002-1")).unwrap();
    fs::write(store.dir().join("tmp-00000002-1/flat.faiss"), "half").unwrap();
    fs::write(store.dir().join("notes.txt"), "mine").unwrap();
    fs::create_dir(store.dir().join("gen-00000009")).unwrap();
    // While somebody publishes, their temporary folder must stay.
    let lock = store.try_lock().unwrap().unwrap();
    store.clean_up().unwrap();
    assert!(store.dir().join("tmp-00000002-1").exists());
    assert!(matches!(
        store.publish(&index_of(3, 0), MODEL, SearchParams::default(), &Unwatched),
        Err(IndexError::Busy { .. })
    ));
    drop(lock);
    store.clean_up().unwrap();
    assert_eq!(entries(&store), ["CURRENT", "gen-00000001", "notes.txt", "params.json", "publishing"]);
}

#[test]
fn readers_see_whole_generations_while_others_are_published() {
    let (_dir, store) = store();
    store.publish(&index_of(1, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    let (index, generation) = load(&store);
                    assert!(generation.manifest.number >= last);
                    assert_eq!(index.ntotal() as u64, generation.manifest.number);
                    last = generation.manifest.number;
                }
            });
        }
        for n in 2..40 {
            store.publish(&index_of(n, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
        }
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// What a power cut leaves is what was synced: of every file the content, of every folder the entries.
#[test]
fn every_file_and_folder_is_on_the_disk_before_the_pointer_leads_to_it() {
    use crate::index::assemble::build_with_templates;
    use crate::index::files::synced;
    use crate::index::raw::RawVectors;
    use crate::types::SubjectId;
    let (dir, store) = store();
    let flat = index_of(300, 0);
    let raw =
        RawVectors::create(&dir.path().join("raw"), D, |push| flat.for_each(|face, row| push(face, row))).unwrap();
    let labels: Vec<_> = (1..=300).map(|face| (FaceId(face), SubjectId(face % 9))).collect();
    for spec in ["IVF4,Flat", "Templates,IVF4,SQ8,Refine(f16)", "Templates,HNSW8,SQ8,Refine(f32)"] {
        let Ok(spec) = spec.parse::<crate::types::IndexSpec>() else { panic!("{spec}") };
        synced::take();
        let place = store.begin_build().unwrap();
        let built = build_with_templates(&raw, &labels, &spec, &place, 1, &Unwatched).unwrap();
        let folder = place.clone();
        let check = move |moment: &'static str| {
            if moment == "before the pointer" {
                let done = synced::take();
                let place = folder.parent().unwrap().join(generation_name_of(folder.parent().unwrap()));
                for entry in walkdir::WalkDir::new(&place).into_iter().map(Result::unwrap) {
                    // As it was called when it was written.
                    let path = folder.join(entry.path().strip_prefix(&place).unwrap());
                    let path = if entry.depth() == 0 { folder.clone() } else { path };
                    assert!(done.contains(&path), "{} is not on the disk", path.display());
                }
                assert!(done.contains(&folder.parent().unwrap().to_path_buf()), "the new name is not");
            }
        };
        let publish = || store.publish_built(&built, MODEL, SearchParams::default(), &Unwatched);
        crate::index::with_hook(check, publish).unwrap();
    }
}

fn generation_name_of(dir: &std::path::Path) -> String {
    generation_name(*generation_numbers(dir).unwrap().last().unwrap())
}

#[test]
fn no_number_is_given_twice() {
    let (_dir, store) = store();
    for n in 1..=3 {
        store.publish(&index_of(n, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    }
    store.discard(Some(3)).unwrap();
    let next = store.publish(&index_of(5, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    assert_eq!(next.manifest.number, 4, "a reader may still have the third");
}

#[test]
fn parameters_of_the_earlier_form_are_read() {
    let (_dir, store) = store();
    store.publish(&index_of(5, 0), MODEL, SearchParams::default(), &Unwatched).unwrap();
    let params = SearchParams { nprobe: 77, ..SearchParams::default() };
    let text = format!(r#"{{"generation": 1, "params": {}}}"#, serde_json::to_string(&params).unwrap());
    fs::write(store.dir().join("params.json"), text).unwrap();
    assert_eq!((store.load_params(1), store.load_params(2)), (Some(params), None));
    store.save_params(2, &SearchParams::default()).unwrap();
    assert_eq!(store.load_params(1), Some(params));
}

/// A copy made while rows come, go and get other vectors holds each face once, with a vector that it had.
#[test]
fn a_flat_index_is_written_while_it_changes() {
    let (dir, _) = store();
    let index = std::sync::Arc::new(index_of(9000, 0));
    let vector = |salt: f32| Embedding::try_from_raw((0..D).map(|j| (j as f32 + salt).cos()).collect()).unwrap();
    let change = {
        let (index, rounds) = (std::sync::Arc::clone(&index), std::cell::Cell::new(0));
        move |_: &'static str| {
            let round = rounds.replace(rounds.get() + 1);
            let faces = |from: i64, to: i64| (from..to).map(FaceId).collect::<Vec<_>>();
            match round {
                0 => index.remove(&faces(10, 200)).unwrap(),
                1 => index.replace(&[], &faces(1000, 1003), &[vector(1.0), vector(2.0), vector(3.0)]).unwrap(),
                2 => index.add(&faces(9001, 9003), &[vector(4.0), vector(5.0)]).unwrap(),
                _ => {}
            }
        }
    };
    let path = dir.path().join("flat.faiss");
    let faces = crate::index::with_hook(change, || index.write(&path, &Unwatched)).unwrap();
    let copy = FlatIndex::read(&path, D, faces.clone()).unwrap();
    let now: std::collections::HashSet<_> = index.ids().into_iter().collect();
    let missing = now.iter().filter(|face| !copy.contains(**face)).count();
    assert_eq!(missing, 0, "nothing that stayed was skipped");
    assert!(faces.len() <= 9002);
    // Whoever did not change has its own vector.
    let mut rows = std::collections::HashMap::new();
    index
        .for_each(|face, row| {
            rows.insert(face, row.to_vec());
            Ok::<(), IndexError>(())
        })
        .unwrap();
    copy.for_each(|face, row| {
        let same = rows.get(&face).is_none_or(|now| now == row);
        assert!(same || (1000..1003).contains(&face.0), "face {face}");
        Ok::<(), IndexError>(())
    })
    .unwrap();
}
