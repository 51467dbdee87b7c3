//! The tree of modules as the sources write it: what each defines, imports and names, and which file a path leads to.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{code_only, tokens, without_tests};

/// A name that a `use` brings in.
#[derive(Debug)]
pub struct Use {
    pub segments: Vec<String>,
    /// As it is called here; `*` for all.
    pub name: String,
    pub is_glob: bool,
    /// Handed on to others: `pub use`, `pub(crate) use`.
    pub is_public: bool,
    pub line: usize,
}

/// A module: a file, or a `mod name { … }` inside of one.
#[derive(Debug, Default)]
pub struct Module {
    pub file: String,
    defines: BTreeSet<String>,
    /// Declared here and not for tests alone.
    children: BTreeSet<String>,
    pub uses: Vec<Use>,
    /// Paths of two or more segments outside of `use`, with their lines.
    pub paths: Vec<(usize, Vec<String>)>,
    /// Every word outside of `use`.
    pub words: BTreeSet<String>,
}

/// All modules that are not for tests alone, by their path from the root.
pub struct House(BTreeMap<Vec<String>, Module>);

impl House {
    pub fn read(sources: &[(String, String)]) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in sources {
            let Some(inside) = file.strip_prefix("src/") else { continue };
            let code = without_tests(&code_only(text));
            let all: Vec<(usize, &str)> = tokens(&code);
            read_module(&mut modules, module_path(inside), file, &all);
        }
        let mut house = Self(modules);
        house.drop_what_no_one_declares();
        house
    }

    /// A file that is declared by nobody outside of tests is one of tests.
    fn drop_what_no_one_declares(&mut self) {
        let declared = |path: &[String]| {
            (1..=path.len()).all(|depth| {
                let parent = self.0.get(&path[..depth - 1]);
                parent.is_none_or(|parent| parent.children.contains(&path[depth - 1]))
            })
        };
        let lost: Vec<Vec<String>> = self.0.keys().filter(|path| !declared(path)).cloned().collect();
        for path in lost {
            self.0.remove(&path);
        }
    }

    pub fn modules(&self) -> impl Iterator<Item = (&Vec<String>, &Module)> {
        self.0.iter()
    }

    /// The file that defines what `segments` name in the module `at`; `None` for a module as such and for other crates.
    pub fn definer(&self, at: &[String], segments: &[String]) -> Option<&str> {
        match self.find(at, segments, &mut BTreeSet::new())? {
            Found::Item(file) => Some(file),
            Found::Module(_) => None,
        }
    }

    /// The file behind a name that the module hands out.
    pub fn definer_in(&self, module: &[String], name: &str) -> Option<&str> {
        match self.member(module, &[name.to_owned()], &mut BTreeSet::new())? {
            Found::Item(file) => Some(file),
            Found::Module(_) => None,
        }
    }

    /// The module that `segments` name in the module `at`.
    pub fn module_named(&self, at: &[String], segments: &[String]) -> Option<Vec<String>> {
        match self.find(at, segments, &mut BTreeSet::new())? {
            Found::Module(path) => Some(path),
            Found::Item(_) => None,
        }
    }

    fn find(&self, at: &[String], segments: &[String], seen: &mut Seen) -> Option<Found<'_>> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" | "likeness" => self.member(&[], rest, seen),
            "self" => self.member(at, rest, seen),
            "super" => {
                let mut path = at.split_last()?.1;
                let mut rest = rest;
                while let Some(("super", others)) = rest.split_first().map(|(first, rest)| (first.as_str(), rest)) {
                    path = path.split_last()?.1;
                    rest = others;
                }
                self.member(path, rest, seen)
            }
            _ => self.member(at, segments, seen),
        }
    }

    /// What `segments` name as seen from inside the module.
    fn member(&self, module: &[String], segments: &[String], seen: &mut Seen) -> Option<Found<'_>> {
        let Some((first, rest)) = segments.split_first() else { return Some(Found::Module(module.to_vec())) };
        if !seen.insert((module.to_vec(), segments.to_vec())) {
            return None;
        }
        let here = self.0.get(module)?;
        let child = [module, std::slice::from_ref(first)].concat();
        if self.0.contains_key(&child) {
            return self.member(&child, rest, seen);
        }
        if here.defines.contains(first) {
            return Some(Found::Item(&here.file));
        }
        for import in here.uses.iter().filter(|import| import.name == *first) {
            let whole = [import.segments.as_slice(), rest].concat();
            if let Some(found) = self.find(module, &whole, seen) {
                return Some(found);
            }
        }
        for import in here.uses.iter().filter(|import| import.is_glob) {
            if let Some(Found::Module(from)) = self.find(module, &import.segments, seen)
                && let Some(found) = self.member(&from, segments, seen)
            {
                return Some(found);
            }
        }
        None
    }
}

enum Found<'a> {
    Item(&'a str),
    Module(Vec<String>),
}

/// What was asked already, so that names that lead to one another come to an end.
type Seen = BTreeSet<(Vec<String>, Vec<String>)>;

/// `vision/mtcnn/nms.rs` is `[vision, mtcnn, nms]`; `lib.rs` is the root, `[]`; `main.rs` is a crate of its own.
fn module_path(inside_src: &str) -> Vec<String> {
    let stem = inside_src.strip_suffix(".rs").unwrap_or(inside_src);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

fn read_module(modules: &mut BTreeMap<Vec<String>, Module>, path: Vec<String>, file: &str, tokens: &[(usize, &str)]) {
    const DEFINE: [&str; 9] = ["struct", "enum", "union", "fn", "type", "const", "static", "trait", "macro_rules"];
    let mut module = Module { file: file.to_owned(), ..Module::default() };
    let mut depth = 0_usize;
    let mut at = 0;
    let word = |at: usize| tokens.get(at).map_or("", |(_, token)| *token);
    while at < tokens.len() {
        let (line, token) = tokens[at];
        match token {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "mod" if depth == 0 && is_word(word(at + 1)) => {
                module.children.insert(word(at + 1).to_owned());
                if word(at + 2) == "{" {
                    let end = block_end(tokens, at + 2);
                    let inner = [path.as_slice(), &[word(at + 1).to_owned()]].concat();
                    read_module(modules, inner, file, &tokens[at + 3..end]);
                    at = end + 1;
                    continue;
                }
            }
            "use" => {
                let is_public =
                    at > 0 && (word(at - 1) == "pub" || (word(at - 1) == ")" && closes_pub(tokens, at - 1)));
                at = use_tree(tokens, at + 1, &[], is_public, &mut module.uses);
                continue;
            }
            _ if depth == 0 && DEFINE.contains(&token) => {
                // `const _`, `const fn`, `static mut` and `macro_rules!` have a word or a sign between.
                let name = (at + 1..at + 3).map(word).find(|next| is_word(next) && !matches!(*next, "fn" | "mut"));
                module.defines.extend(name.map(str::to_owned));
            }
            _ if is_word(token) && word(at + 1) == "::" => {
                let mut segments = vec![token.to_owned()];
                while word(at + 1) == "::" && is_word(word(at + 2)) {
                    segments.push(word(at + 2).to_owned());
                    at += 2;
                }
                module.words.extend(segments.iter().cloned());
                module.paths.push((line, segments));
            }
            _ => {}
        }
        if is_word(token) {
            module.words.insert(token.to_owned());
        }
        at += 1;
    }
    modules.insert(path, module);
}

/// The place of the `}` that closes the `{` at `open`.
fn block_end(tokens: &[(usize, &str)], open: usize) -> usize {
    let mut depth = 0;
    for (at, (_, token)) in tokens.iter().enumerate().skip(open) {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Whether the `)` at `at` is that of `pub(crate)`, `pub(super)` or `pub(in …)`.
fn closes_pub(tokens: &[(usize, &str)], at: usize) -> bool {
    let open = tokens[..at].iter().rposition(|(_, token)| *token == "(");
    open.is_some_and(|open| open > 0 && tokens[open - 1].1 == "pub")
}

/// Reads one tree of a `use`, from `at` on; returns where it ends.
fn use_tree(
    tokens: &[(usize, &str)],
    mut at: usize,
    prefix: &[String],
    is_public: bool,
    found: &mut Vec<Use>,
) -> usize {
    let mut segments = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |(line, _)| *line);
    let mut renamed = None;
    let mut is_glob = false;
    while let Some((_, token)) = tokens.get(at) {
        match *token {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|(_, token)| *token != "}") {
                    at = use_tree(tokens, at, &segments, is_public, found);
                    at += usize::from(tokens.get(at).is_some_and(|(_, token)| *token == ","));
                }
                return at + 1;
            }
            "as" => {
                renamed = tokens.get(at + 1).map(|(_, name)| (*name).to_owned());
                at += 1;
            }
            "*" => is_glob = true,
            "," | "}" | ";" => break,
            // `module::{self, …}` is the module.
            "self" if !segments.is_empty() => {}
            word if is_word(word) => segments.push(word.to_owned()),
            _ => {}
        }
        at += 1;
    }
    if let Some(last) = segments.last() {
        let name = if is_glob { "*".to_owned() } else { renamed.unwrap_or_else(|| last.clone()) };
        found.push(Use { name, segments, is_glob, is_public, line });
    }
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
