//! Reads the sources and fails, with the rule's text, where the architecture of `ARCHITECTURE.md` breaks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod circles;
mod modules;
mod rules;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use rules::{Breach, breaches, text_breaches};

/// All files below the checkout that end so, without what is built or fetched.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_symlink() || matches!(name.as_str(), "target" | ".git" | "screens" | "dist" | "local.toml") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push((relative, fs::read_to_string(&path).expect("a text file")));
            }
        }
    }
    found.sort();
    found
}

fn fail_on(found: Vec<Breach>) {
    let lines: Vec<String> = found.iter().map(Breach::to_string).collect();
    assert!(lines.is_empty(), "{} places break the architecture:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn sources_keep_the_architecture() {
    let sources = files(&[".rs"]);
    assert!(sources.iter().any(|(path, _)| path == "src/main.rs"), "the sources were not found");
    fail_on(sources.iter().flat_map(|(path, text)| breaches(path, text)).collect());
}

#[test]
fn no_files_of_a_room_stand_in_a_circle() {
    let found = circles::circles(&files(&[".rs"]));
    let drawn = found.values().flatten().map(ToString::to_string).collect::<String>();
    assert!(found.is_empty(), "in {:?} files stand in circles\n{drawn}", found.keys());
}

/// Sources that are longer than a file may be, with their lines: a number here only ever gets smaller.
const LONGER: &[(&str, usize)] = &[("src/store/tests_ledger.rs", 514)];

#[test]
fn no_source_is_longer_than_it_may_be() {
    let lengths: Vec<(String, usize)> =
        files(&[".rs"]).into_iter().map(|(path, text)| (path, text.lines().count())).collect();
    fail_on(rules::too_long(&lengths, LONGER));
}

#[test]
fn no_text_names_this_machine_or_a_registry_host() {
    let texts = files(&[".rs", ".toml", ".md", ".py", ".yml", ".desktop", ".xml", "run", "rustc"]);
    let here = env!("CARGO_MANIFEST_DIR");
    fail_on(texts.iter().flat_map(|(path, text)| text_breaches(path, text, here)).collect());
}

mod caught {
    //! Each rule catches a fabricated source that breaks it, and passes one that does not.

    use super::*;

    fn rules_broken(path: &str, text: &str) -> Vec<&'static str> {
        breaches(path, text).into_iter().map(|breach| breach.rule).collect()
    }

    #[track_caller]
    fn assert_caught(path: &str, text: &str, rule: &str) {
        let found = rules_broken(path, text);
        assert!(found.iter().any(|found| found.contains(rule)), "{path}: {text}\nfound only {found:?}");
    }

    #[track_caller]
    fn assert_passes(path: &str, text: &str) {
        assert_eq!(rules_broken(path, text), [""; 0], "{path}: {text}");
    }

    #[test]
    fn upwards_and_sideways() {
        assert_caught("src/types/ids.rs", "use crate::store::Gallery;", "types");
        assert_caught("src/store/gallery.rs", "use crate::{types::FaceId, index::FaceIndex};", "store");
        assert_caught("src/vision/mtcnn/nms.rs", "fn f() { crate::eval::recall(); }", "vision");
        assert_caught("src/vision/mod.rs", "use super::store::Gallery;", "vision");
        assert_caught("src/jobs/walk.rs", "use super::super::ui::App;", "jobs");
        assert_caught("src/jobs/mod.rs", "use crate::app::Command;", "jobs");
        assert_caught("src/ui/enroll.rs", "pub(crate) use crate::jobs::Runner;", "ui");
        assert_caught("src/app/reducer.rs", "use crate::ui::theme;", "app");
    }

    #[test]
    fn downwards_passes() {
        assert_passes("src/jobs/enroll.rs", "use crate::{store::{Gallery, DataDir}, types::*, vision::mtcnn};");
        assert_passes("src/ui/enroll.rs", "use crate::app::{AppState, Command};\nuse egui::Ui;");
        assert_passes("src/vision/mtcnn.rs", "use super::align; mod tests { use super::super::decode; }");
        assert_passes("src/types/ids.rs", "// see crate::store\n/* crate::ui */ const A: &str = \"crate::store::x\";");
    }

    #[test]
    fn crates_stay_in_their_place() {
        assert_caught("src/jobs/enroll.rs", "use tch::Tensor;", "tch");
        assert_caught("src/index/reference.rs", "fn f() { faiss::index_factory(); }", "faiss");
        assert_caught("src/jobs/x.rs", "use {rusqlite::Connection, std::fs};", "rusqlite");
        assert_caught("src/app/state.rs", "fn f(c: egui::Color32) {}", "egui");
        assert_caught("src/cli/mod.rs", "use rfd;", "rfd");
        assert_passes("src/index/faiss.rs", "use faiss::Index;");
        assert_passes("src/index/mod.rs", "mod faiss;\npub use faiss::FlatIndex; use self::faiss::x;");
        assert_passes("src/jobs/x.rs", "use crate::index::{faiss::FlatIndex};");
        assert_passes("src/main.rs", "use eframe::NativeOptions;");
    }

    #[test]
    fn colours_and_stubs() {
        assert_caught("src/ui/enroll.rs", "fn f() { ui.colored(Color32::from_rgb(1, 2, 3)); }", "theme");
        assert_passes("src/ui/theme.rs", "const A: Color32 = Color32::from_rgb(1, 2, 3);");
        assert_passes("src/ui/enroll.rs", "#[cfg(test)]\nmod tests { fn f() { Color32::from_rgb(1, 2, 3); } }");
        assert_caught("src/jobs/x.rs", &format!("fn f() {{ {}!() }}", "todo"), "stub");
        assert_caught("src/jobs/x.rs", &format!("fn f() {{ {}!(\"x\") }}", "unimplemented"), "stub");
    }

    #[test]
    fn long_files() {
        let found = |lines: usize, longer: &[(&str, usize)]| {
            let breaches = rules::too_long(&[("src/jobs/x.rs".to_owned(), lines)], longer);
            breaches.into_iter().map(|breach| breach.found).collect::<Vec<_>>()
        };
        assert_eq!(found(500, &[]), [""; 0]);
        assert_eq!(found(501, &[]), ["501 lines"]);
        assert_eq!(found(520, &[("src/jobs/x.rs", 520)]), [""; 0]);
        assert_eq!(found(521, &[("src/jobs/x.rs", 520)]), ["521 lines"]);
        // What has become shorter stays so.
        assert_eq!(found(519, &[("src/jobs/x.rs", 520)]), ["519 lines, 520 allowed"]);
        assert_eq!(found(400, &[("src/jobs/gone.rs", 520)]), ["no such file"]);
    }

    #[test]
    fn machine_paths_and_hosts() {
        let found = |text: &str| text_breaches("README.md", text, "/builds/likeness").len();
        assert_eq!(found("it lies in ~/.cache/likeness and /home/ana/photos"), 0);
        assert_eq!(found("see /builds/likeness/src"), 1);
        assert_eq!(found(&format!("from https://{}.org/simple", "pypi")), 1);
    }

    #[test]
    fn the_line_is_named() {
        let found = breaches("src/types/ids.rs", "//! ids\n\nuse crate::types::FaceId;\nuse crate::app::Command;\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 4);
    }

    #[test]
    fn strings_and_comments_are_not_code() {
        for (text, left) in [
            ("a /* b /* c */ d */ e", "a                   e"),
            ("let a = \"x\\\"y\"; b", "let a =       ; b"),
            ("r#\"x\"y\"# z", "         z"),
            ("fn f<'a>(x: &'a str) { 'x'; '\\n'; }", "fn f<'a>(x: &'a str) {    ;     ; }"),
        ] {
            assert_eq!(source::code_only(text), left, "{text}");
        }
    }
}
