//! The words of the program: every language has every sentence, each is said, and no sentence stands in a source.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod glossary;
mod keys;
mod said;
#[path = "../architecture/source.rs"]
#[allow(dead_code)] // the rules of the architecture use the rest
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use keys::messages;
use likeness::types::Telling;
use said::{calls, phrases, sentences};

/// Files of a folder that end so, by their path below it.
fn files(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut found = BTreeMap::new();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let below = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.insert(below, fs::read_to_string(&path).expect("a text file"));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no {ending}");
    found
}

#[test]
fn every_language_has_every_sentence_with_the_same_arguments() {
    let english = files("assets/locale/en", ".ftl");
    let chinese = files("assets/locale/zh-CN", ".ftl");
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&english), names(&chinese), "the same files in each language");
    for (file, text) in &english {
        let (here, there) = (messages(text), messages(&chinese[file]));
        for (key, arguments) in &here {
            match there.get(key) {
                None => faults.push(format!("zh-CN/{file} lacks {key}")),
                // A language may leave a count out of "one", but not a name out of the sentence.
                Some(others) if others != arguments => {
                    faults.push(format!("{file}: {key} speaks of {arguments:?} and of {others:?}"));
                }
                Some(_) => {}
            }
            if !seen.insert(key.clone()) {
                faults.push(format!("{key} stands twice in en"));
            }
        }
        faults.extend(there.keys().filter(|key| !here.contains_key(*key)).map(|key| format!("en/{file} lacks {key}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_said_is_there_and_what_is_there_is_said() {
    let english: BTreeMap<_, _> = files("assets/locale/en", ".ftl").values().flat_map(|text| messages(text)).collect();
    let mut faults = Vec::new();
    let mut said = BTreeSet::new();
    for (file, text) in files("src", ".rs") {
        for call in calls(&text) {
            match english.get(&call.key) {
                None => faults.push(format!("src/{file} says {}, which is nowhere", call.key)),
                Some(wanted) if *wanted != call.arguments => {
                    let (key, given) = (&call.key, &call.arguments);
                    faults.push(format!("src/{file}: {key} speaks of {wanted:?} and is given {given:?}"));
                }
                Some(_) => {}
            }
            said.insert(call.key);
        }
    }
    let sources: Vec<(String, String)> = files("src", ".rs").into_iter().collect();
    let code = |string: &str| Telling::phrase(string).code.into_owned();
    for (file, text) in &sources {
        let new = phrases(text).into_iter().filter(|phrase| !english.contains_key(&code(phrase)));
        faults.extend(new.map(|phrase| format!("src/{file} hands on “{phrase}”, which is nowhere: {}", code(&phrase))));
        said.extend(source::strings(text).into_iter().map(|(_, string)| code(string)));
    }
    faults.extend(english.keys().filter(|key| !said.contains(*key)).map(|key| format!("nobody says {key}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_thing_has_one_word_in_chinese() {
    let mut strays = Vec::new();
    for folder in ["assets/locale/zh-CN", "assets/help"] {
        for (file, text) in files(folder, ".ftl") {
            strays.extend(glossary::strays(&text).into_iter().map(|stray| format!("{folder}/{file}: {stray}")));
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

const ROOMS: [&str; 12] =
    ["ui", "cli", "app", "jobs", "train", "vision", "index", "store", "eval", "vectors", "chart", "types"];

/// SQL, names of operators, and what other programs write.
fn is_for_machines(string: &str) -> bool {
    const SQL: [&str; 10] =
        ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "PRAGMA", "ALTER", "WITH", "DROP", "VACUUM"];
    SQL.iter().any(|word| string.trim_start().starts_with(word)) || !string.trim().contains(' ')
}

/// What is left in English in the sources, by room and file: it may become less and not more.
#[test]
fn no_sentence_stands_in_a_source() {
    let left = include_str!("left.txt").lines().filter(|line| !line.starts_with('#'));
    let left: BTreeMap<&str, usize> =
        left.filter_map(|line| line.split_once(' ')).map(|(number, file)| (file, number.parse().unwrap())).collect();
    let mut found = BTreeMap::new();
    let english: BTreeMap<_, _> = files("assets/locale/en", ".ftl").values().flat_map(|text| messages(text)).collect();
    // Phrases stand in the sources and are said by the key that is made of them.
    let is_phrase = |string: &str| english.contains_key(Telling::phrase(string).code.as_ref());
    for room in ROOMS {
        for (file, text) in files(&format!("src/{room}"), ".rs") {
            if file.ends_with("tests.rs") || file.contains("tests_") || file.contains("tests/") {
                continue;
            }
            let mut sentences = sentences(&text);
            if !matches!(room, "ui" | "cli") {
                sentences.retain(|string| !is_phrase(string) && !is_for_machines(string));
            }
            if !sentences.is_empty() {
                found.insert(format!("{room} {file}"), sentences);
            }
        }
    }
    let numbers: BTreeMap<&str, usize> =
        found.iter().map(|(file, sentences)| (file.as_str(), sentences.len())).collect();
    if numbers != left {
        let differs = |file: &&String| left.get(file.as_str()).copied() != Some(found[*file].len());
        let told: Vec<String> = found
            .keys()
            .filter(differs)
            .map(|file| format!("{} {file}: {:#?}", found[file].len(), found[file]))
            .collect();
        let all: Vec<String> = numbers.iter().map(|(file, number)| format!("{number} {file}")).collect();
        panic!(
            "say them by a key (`say!`); where there are fewer now, put this into tests/words/left.txt:\n{}\n\n{}",
            all.join("\n"),
            told.join("\n")
        );
    }
}
