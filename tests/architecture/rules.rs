//! The rules, each with the words that a breach is reported with.

use std::fmt;

use crate::source::{NamedPath, code_only, paths, tokens, without_tests};

/// One place that breaks a rule.
#[derive(Debug)]
pub struct Breach {
    pub path: String,
    pub line: usize,
    pub rule: &'static str,
    pub found: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} – {}", self.path, self.line, self.found, self.rule)
    }
}

/// A folder of `src/`, the folders that it may name, and the rule in words.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    rule: &'static str,
}

/// Direction: `ui, cli → {app, words} → jobs → {vision, index, store, eval, train} → {files, types}`, never back; `train`
/// stands on `vision` and `eval`.
const LAYERS: &[Layer] = &[
    Layer { name: "types", may_use: &[], rule: "types stand at the bottom: they use no other module" },
    Layer { name: "files", may_use: &[], rule: "files stand at the bottom, beside types: they use no other module" },
    Layer {
        name: "words",
        may_use: &["types"],
        rule: "words turn keys into sentences; they know nothing of what these say",
    },
    Layer {
        name: "vision",
        may_use: &["files", "types"],
        rule: "vision uses types and files only; jobs bring it together with the others",
    },
    Layer {
        name: "index",
        may_use: &["files", "types"],
        rule: "index uses types and files only; jobs bring it together with the others",
    },
    Layer {
        name: "store",
        may_use: &["files", "types"],
        rule: "store uses types and files only; jobs bring it together with the others",
    },
    Layer { name: "groups", may_use: &["types"], rule: "groups are pure functions over vectors and neighbours" },
    Layer { name: "eval", may_use: &["types"], rule: "eval is pure functions over types" },
    Layer {
        name: "exchange",
        may_use: &["types"],
        rule: "exchange is pure functions over what other programs wrote; of jobs, gallery and files it knows nothing",
    },
    Layer {
        name: "vectors",
        may_use: &["files", "types"],
        rule: "vectors are read from files, written to them and made up",
    },
    Layer { name: "chart", may_use: &["eval", "types"], rule: "charts are pictures of eval's measures" },
    Layer {
        name: "train",
        may_use: &["vision", "eval", "files", "types"],
        rule: "train uses vision, eval, files and types; it knows no gallery, no job and no screen",
    },
    Layer {
        name: "jobs",
        may_use: &[
            "vision", "index", "store", "eval", "vectors", "chart", "groups", "exchange", "train", "files", "types",
        ],
        rule: "jobs use vision, index, store, eval, train and types; they know no screen and no command",
    },
    Layer {
        name: "app",
        may_use: &[
            "jobs", "vision", "index", "store", "eval", "vectors", "chart", "exchange", "train", "files", "types",
        ],
        rule: "app uses jobs and what is below; it knows neither ui nor cli",
    },
    Layer {
        name: "ui",
        may_use: &["app", "chart", "words", "types"],
        rule: "ui draws from app's state and pushes app's commands; it touches no job, file, store or model",
    },
    Layer {
        name: "cli",
        may_use: &[
            "app", "words", "jobs", "vision", "index", "store", "eval", "vectors", "chart", "exchange", "train",
            "files", "types",
        ],
        rule: "cli uses app, jobs and what is below; the window is main's to open",
    },
];

/// A crate, where it may be named, and the rule in words.
struct Placed {
    krate: &'static str,
    places: &'static [&'static str],
    rule: &'static str,
}

const PLACED: [Placed; 10] = [
    Placed { krate: "tch", places: &["src/vision/", "src/train/"], rule: "tch is named in vision and train alone" },
    Placed { krate: "faiss", places: &["src/index/faiss.rs"], rule: "faiss is named in one file, src/index/faiss.rs" },
    Placed { krate: "rusqlite", places: &["src/store/"], rule: "rusqlite is named in store alone" },
    Placed { krate: "egui", places: &["src/ui/", "src/main.rs"], rule: "egui is named in ui and main alone" },
    Placed {
        krate: "eframe",
        places: &["src/ui/", "src/main.rs"],
        rule: "eframe (egui) is named in ui and main alone",
    },
    Placed { krate: "egui_extras", places: &["src/ui/"], rule: "egui_extras is named in ui alone" },
    Placed { krate: "egui_plot", places: &["src/ui/"], rule: "egui_plot is named in ui alone" },
    Placed { krate: "rfd", places: &["src/ui/"], rule: "rfd (file dialogs) is named in ui alone" },
    Placed { krate: "arboard", places: &["src/ui/"], rule: "arboard (clipboard) is named in ui alone" },
    Placed { krate: "turbojpeg", places: &["src/vision/"], rule: "turbojpeg is named in vision alone" },
];

/// Where a colour may be made from numbers: the theme, and what turns pixels into textures and back.
const COLOUR_PLACES: [&str; 4] = ["src/ui/theme", "src/ui/raster", "src/ui/textures", "src/ui/widgets/theme"];
const COLOUR_RULE: &str = "colours are named in src/ui/theme; a screen asks the theme";

/// Lines that a file may have.
const LONGEST: usize = 500;

/// What one source breaks. `path` is relative to the checkout, with `/`.
pub fn breaches(path: &str, text: &str) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut report = |line, rule, what: String| found.push(Breach { path: path.to_owned(), line, rule, found: what });
    let code = code_only(text);
    for pair in tokens(&code).windows(2) {
        if matches!(pair[0].1, "todo" | "unimplemented") && pair[1].1 == "!" {
            report(pair[0].0, "no stub: what is not there is not offered", format!("{}!", pair[0].1));
        }
    }
    let Some(inside) = path.strip_prefix("src/") else { return found };
    let modules = module_path(inside);
    let paths_named = paths(&code);
    let layer = LAYERS.iter().find(|layer| modules.first() == Some(&layer.name));
    for named in &paths_named {
        if let (Some(layer), Some(other)) = (layer, top_module(named, modules.len())) {
            let is_layer = LAYERS.iter().any(|layer| layer.name == other);
            if is_layer && other != layer.name && !layer.may_use.contains(&other) {
                report(named.line, layer.rule, named.segments.join("::"));
            }
        }
        let first = named.segments[0].as_str();
        for placed in PLACED.iter().filter(|placed| placed.krate == first) {
            let is_allowed = placed.places.iter().any(|place| path.starts_with(place));
            if !is_allowed && !declares_module(&code, first) {
                report(named.line, placed.rule, named.segments.join("::"));
            }
        }
    }
    if path.starts_with("src/ui/") && !COLOUR_PLACES.iter().any(|place| path.starts_with(place)) {
        for named in paths(&without_tests(&code)) {
            let last = named.segments.last().map_or("", String::as_str);
            if last.starts_with("from_rgb") && named.segments.contains(&"Color32".to_owned()) {
                report(named.line, COLOUR_RULE, named.segments.join("::"));
            }
        }
    }
    found
}

/// Files of more than [`LONGEST`] lines, but for those of `longer`, which may have as many as stand there and no fewer.
pub fn too_long(lengths: &[(String, usize)], longer: &[(&str, usize)]) -> Vec<Breach> {
    const RULE: &str = "a file has at most 500 lines: split it where a purpose ends";
    const LOWER: &str = "the list of longer files only shrinks: write down what it is now, or strike the line out";
    let breach = |path: &str, line, rule, found| Breach { path: path.to_owned(), line, rule, found };
    let mut found = Vec::new();
    for (path, lines) in lengths {
        let listed = longer.iter().find(|(name, _)| name == path).map(|(_, lines)| *lines);
        if *lines > listed.unwrap_or(LONGEST) {
            found.push(breach(path, *lines, RULE, format!("{lines} lines")));
        } else if let Some(listed) = listed.filter(|listed| lines < listed) {
            found.push(breach(path, *lines, LOWER, format!("{lines} lines, {listed} allowed")));
        }
    }
    for (path, _) in longer.iter().filter(|(name, _)| !lengths.iter().any(|(path, _)| path == name)) {
        found.push(breach(path, 0, LOWER, "no such file".to_owned()));
    }
    found
}

/// `vision/mtcnn/nms.rs` is `[vision, mtcnn, nms]`; `main.rs` and `lib.rs` are the root, `[]`.
fn module_path(inside_src: &str) -> Vec<&str> {
    let stem = inside_src.strip_suffix(".rs").unwrap_or(inside_src);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    if matches!(stem, "main" | "lib") { Vec::new() } else { stem.split('/').collect() }
}

/// The module below the root that a path leads to, where it leads through the root.
fn top_module(named: &NamedPath, depth: usize) -> Option<&str> {
    let supers = named.segments.iter().take_while(|segment| *segment == "super").count();
    match named.segments[0].as_str() {
        "crate" | "likeness" => named.segments.get(1).map(String::as_str),
        "super" if supers >= depth => named.segments.get(supers).map(String::as_str),
        _ => None,
    }
}

fn declares_module(code: &str, name: &str) -> bool {
    tokens(code).windows(2).any(|pair| pair[0].1 == "mod" && pair[1].1 == name)
}

/// What any text of the checkout breaks: the place where this checkout lies, a registry's host. The user's home is not
/// looked for: tests make homes up, and one of them may be somebody's own.
pub fn text_breaches(path: &str, text: &str, checkout: &str) -> Vec<Breach> {
    let hosts = [["py", "pi.org"].concat(), ["pythonhosted", ".org"].concat(), ["crates", ".io"].concat()];
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut report = |rule, what: &str| {
            found.push(Breach { path: path.to_owned(), line: index + 1, rule, found: what.to_owned() });
        };
        if line.contains(checkout) {
            report("no path of a machine stands in the project", "a path of this machine");
        }
        if let Some(host) = hosts.iter().find(|host| line.contains(host.as_str())) {
            report("files come by name and version through the registry's client; no host name stands here", host);
        }
    }
    found
}
