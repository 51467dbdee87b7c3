//! Circles of files inside a room, a room being a folder of `src/`.
//!
//! A file stands on another where it names something that the other *defines*: by a `use`, by a path in its code
//! (`super::tune::read`), or through a re-export, which is followed to the file behind it. A file that only hands a name
//! on – the `pub use` of a `mod.rs` – does not stand on it, and a `mod` line is no arrow. So a parent and its child make
//! a circle where each uses what the other defines. Tests are left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::modules::{House, Module, Use};

/// One file stands on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    /// Where `from` names it first, from 1.
    pub line: usize,
    /// The path that is written there.
    pub named: String,
}

/// Files that each stand on all others by some way.
#[derive(Debug)]
pub struct Circle {
    pub files: BTreeSet<String>,
    /// A shortest way around.
    pub way: Vec<Arrow>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a circle of {} files; its shortest way around:", self.files.len())?;
        for arrow in &self.way {
            writeln!(f, "    {}:{}  →  {}  ({})", arrow.from, arrow.line, arrow.to, arrow.named)?;
        }
        let on_way: BTreeSet<&String> = self.way.iter().map(|arrow| &arrow.from).collect();
        let rest: Vec<&str> = self.files.iter().filter(|file| !on_way.contains(file)).map(String::as_str).collect();
        if !rest.is_empty() {
            writeln!(f, "    also in it: {}", rest.join(", "))?;
        }
        Ok(())
    }
}

/// Every circle of files inside a room, by the room's name. `sources` are path, relative to the checkout, and text.
pub fn circles(sources: &[(String, String)]) -> BTreeMap<String, Vec<Circle>> {
    let arrows = arrows(sources);
    let mut found: BTreeMap<String, Vec<Circle>> = BTreeMap::new();
    for files in knots(&arrows) {
        let way = shortest_way(&files, &arrows);
        let room = files.first().and_then(|file| room_of(file)).unwrap_or_default().to_owned();
        found.entry(room).or_default().push(Circle { files, way });
    }
    found
}

/// `src/app/state.rs` stands in the room `app`; files beside the folders in none.
fn room_of(file: &str) -> Option<&str> {
    file.strip_prefix("src/")?.split_once('/').map(|(room, _)| room)
}

/// The arrows between different files of one room, one for each pair.
fn arrows(sources: &[(String, String)]) -> BTreeMap<(String, String), Arrow> {
    let house = House::read(sources);
    let mut found: BTreeMap<(String, String), Arrow> = BTreeMap::new();
    let mut add = |module: &Module, line: usize, named: &[String], to: Option<&str>| {
        let Some(to) = to.filter(|to| *to != module.file && room_of(to) == room_of(&module.file)) else { return };
        let arrow = Arrow { from: module.file.clone(), to: to.to_owned(), line, named: named.join("::") };
        let first = found.entry((arrow.from.clone(), arrow.to.clone())).or_insert_with(|| arrow.clone());
        if arrow.line < first.line {
            *first = arrow;
        }
    };
    for (path, module) in house.modules().filter(|(_, module)| room_of(&module.file).is_some()) {
        for Use { segments, name, is_glob, is_public, line } in &module.uses {
            if *is_glob {
                let Some(target) = house.module_named(path, segments) else { continue };
                for word in &module.words {
                    let named = [segments.as_slice(), std::slice::from_ref(word)].concat();
                    add(module, *line, &named, house.definer_in(&target, word));
                }
            } else if !is_public || module.words.contains(name) {
                add(module, *line, segments, house.definer(path, segments));
            }
        }
        for (line, segments) in &module.paths {
            add(module, *line, segments, house.definer(path, segments));
        }
    }
    found
}

/// The sets of two or more files that reach one another.
fn knots(arrows: &BTreeMap<(String, String), Arrow>) -> Vec<BTreeSet<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        next.entry(from).or_default().push(to);
    }
    let reach = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start.to_owned()];
        while let Some(file) = open.pop() {
            for to in next.get(file.as_str()).into_iter().flatten() {
                if seen.insert((*to).to_owned()) {
                    open.push((*to).to_owned());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = next.keys().map(|file| (*file, reach(file))).collect();
    let mut found = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(*file) {
            let back = |other: &&String| reached.get(other.as_str()).is_some_and(|its| its.contains(*file));
            found.insert(others.iter().filter(back).cloned().collect::<BTreeSet<_>>());
        }
    }
    found.into_iter().collect()
}

fn shortest_way(files: &BTreeSet<String>, arrows: &BTreeMap<(String, String), Arrow>) -> Vec<Arrow> {
    let mut best: Vec<Arrow> = Vec::new();
    for start in files {
        let mut queue = VecDeque::from([(start.clone(), Vec::new())]);
        let mut seen = BTreeSet::new();
        while let Some((file, way)) = queue.pop_front() {
            for arrow in arrows.values().filter(|arrow| arrow.from == file && files.contains(&arrow.to)) {
                let longer = [way.as_slice(), std::slice::from_ref(arrow)].concat();
                if arrow.to == *start {
                    if best.is_empty() || longer.len() < best.len() {
                        best = longer;
                    }
                } else if seen.insert(arrow.to.clone()) {
                    queue.push_back((arrow.to.clone(), longer));
                }
            }
        }
    }
    best
}

mod caught {
    //! The check finds circles in fabricated houses, and none where there is none.

    use super::*;

    /// Each circle as its files, without the `src/app/` before and the `.rs` behind them.
    fn found(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
        let root = ("src/lib.rs", "pub mod app; pub mod types;");
        let all: Vec<(String, String)> = std::iter::once(&root)
            .chain(sources)
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let short = |file: &String| file.replace("src/app/", "").replace(".rs", "");
        let found = circles(&all).into_values().flatten();
        found.map(|circle| circle.files.iter().map(short).collect()).collect()
    }

    #[track_caller]
    fn assert_found(sources: &[(&str, &str)], circles: &[&[&str]]) {
        assert_eq!(found(sources), circles, "{sources:?}");
    }

    const HALL: (&str, &str) = ("src/app/mod.rs", "mod a; mod b; pub use a::A; pub use b::*;");

    #[test]
    fn two_files_that_use_each_other() {
        let a = ("src/app/a.rs", "use super::b::B; pub struct A(B);");
        assert_found(&[HALL, a, ("src/app/b.rs", "use crate::app::a::A; pub struct B; fn f(_: A) {}")], &[&["a", "b"]]);
        assert_found(&[HALL, a, ("src/app/b.rs", "pub struct B;")], &[]);
        // By a path in the code, through the parent's re-export, by another name, by a name of the module, by a glob.
        for text in [
            "pub struct B; fn f(_: super::a::A) {}",
            "pub struct B; fn f(_: crate::app::A) {}",
            "use super::{A as Other}; pub struct B(Other);",
            "use super::a; pub struct B(a::A);",
            "use super::a::*; pub struct B(A);",
            "use super::*; pub struct B(A);",
            "pub struct B; mod inner { use super::super::A; }",
            "pub use super::A; pub struct B(A);",
        ] {
            assert_found(&[HALL, a, ("src/app/b.rs", text)], &[&["a", "b"]]);
        }
    }

    #[test]
    fn what_is_no_circle() {
        let a = ("src/app/a.rs", "use super::b::B; pub struct A(B);");
        for text in [
            "pub struct B; // see super::a::A",
            "pub struct B; const A: &str = \"super::a::A\";",
            "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }",
            "pub struct B; #[cfg(test)] mod tests;",
            "pub use super::a::A; pub struct B;",
            "use super::a; pub struct B;",
            "use crate::types::A; pub struct B(A);",
            "pub struct B; fn f() -> a::A {}",
        ] {
            let tests = ("src/app/b/tests.rs", "use super::super::a::A; use super::B;");
            let types = ("src/types.rs", "pub struct A;");
            assert_found(&[HALL, a, ("src/app/b.rs", text), tests, types], &[]);
        }
    }

    #[test]
    fn a_parent_and_its_child() {
        let hall = ("src/app/mod.rs", "mod a;");
        let a = "mod c; pub struct A; fn f() { c::g(); }";
        assert_found(
            &[hall, ("src/app/a.rs", a), ("src/app/a/c.rs", "use super::A; pub fn g(_: A) {}")],
            &[&["a", "a/c"]],
        );
        assert_found(&[hall, ("src/app/a.rs", a), ("src/app/a/c.rs", "pub fn g() {}")], &[]);
        // Who only hands a name on does not stand on it.
        let hands_on = "mod c; pub use c::g; pub struct A;";
        assert_found(&[hall, ("src/app/a.rs", hands_on), ("src/app/a/c.rs", "use super::A; pub fn g(_: A) {}")], &[]);
    }

    #[test]
    fn the_shortest_way_is_drawn_and_the_others_are_named() {
        let sources = [
            ("src/lib.rs", "pub mod app;"),
            ("src/app/mod.rs", "mod a; mod b; mod c;"),
            ("src/app/a.rs", "\nuse super::b::B; pub struct A;"),
            ("src/app/b.rs", "use super::a::A; use super::c::C; pub struct B;"),
            ("src/app/c.rs", "use super::a::A; pub struct C;"),
        ];
        let all: Vec<_> = sources.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let circles = circles(&all);
        let expected = "a circle of 3 files; its shortest way around:
    src/app/a.rs:2  →  src/app/b.rs  (super::b::B)
    src/app/b.rs:1  →  src/app/a.rs  (super::a::A)
    also in it: src/app/c.rs\n";
        assert_eq!(circles["app"].iter().map(Circle::to_string).collect::<Vec<_>>(), [expected]);
    }
}
