//! What the gallery should say, kept in memory beside it.

use std::collections::{BTreeMap, BTreeSet};

/// Tells one file's content from all others: it stands behind the end of the JPEG.
pub type Content = u64;

/// What persons have said, as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The subject's number of each content that a person has named; `None`: nobody.
    pub who: BTreeMap<Content, Option<i64>>,
    /// Subjects and their names.
    pub subjects: BTreeMap<i64, String>,
    /// Contents that a person has taken out.
    pub removed: BTreeSet<Content>,
}

/// What is known of the archive and of what was said about it.
#[derive(Debug, Default)]
pub struct Model {
    /// Which picture a content shows: two of one picture show one person.
    pub pictures: BTreeMap<Content, usize>,
    /// Contents that are enrolled, wherever their file is now.
    pub enrolled: BTreeSet<Content>,
    /// Contents over whose file another was copied: their photo has that one's pixels now, and their name may stay with
    /// a face of the same person.
    pub overwritten: BTreeSet<Content>,
    pub said: Said,
    /// What was said before each change that can be undone.
    pub undo: Vec<Said>,
    pub redo: Vec<Said>,
}

impl Model {
    /// A person has changed something.
    pub fn say(&mut self, now: Said) {
        self.undo.push(std::mem::replace(&mut self.said, now));
        self.redo.clear();
    }

    pub fn undone(&self) -> Option<Said> {
        self.undo.last().cloned()
    }

    pub fn redone(&self) -> Option<Said> {
        self.redo.last().cloned()
    }

    pub fn take_back(&mut self) {
        if let Some(before) = self.undo.pop() {
            self.redo.push(std::mem::replace(&mut self.said, before));
        }
    }

    pub fn make_again(&mut self) {
        if let Some(after) = self.redo.pop() {
            self.undo.push(std::mem::replace(&mut self.said, after));
        }
    }

    /// The name of a subject tells which picture it was made for.
    pub fn name_of(picture: usize, number: u64) -> String {
        format!("P{picture} {number}")
    }

    pub fn picture_of_name(name: &str) -> Option<usize> {
        name.strip_prefix('P')?.split(' ').next()?.parse().ok()
    }
}

/// A face as the program lists it.
#[derive(Clone, Debug)]
pub struct ListedFace {
    pub face: i64,
    pub path: String,
    pub subject: Option<(i64, String)>,
    pub missing: bool,
}

/// What differs between what is listed and what was said, in words; empty where they agree.
pub fn differences(model: &Model, said: &Said, listed: &[(Content, ListedFace)]) -> Vec<String> {
    let mut off = Vec::new();
    let mut seen = BTreeSet::new();
    for (content, face) in listed {
        let picture = model.pictures.get(content).copied();
        if let Some((id, name)) = &face.subject {
            // Whatever happens, a name never stands on another person.
            if Model::picture_of_name(name) != picture {
                off.push(format!("{} shows picture {picture:?} and is named {name}", face.path));
            }
            if said.subjects.get(id) != Some(name) {
                off.push(format!("subject {id} is called {name} and should be {:?}", said.subjects.get(id)));
            }
        }
        // Copied over another file, a photo is that one's too, with a face of its own.
        if said.removed.contains(content) && !model.overwritten.contains(content) {
            off.push(format!("{} was taken out and is listed", face.path));
        }
        if !seen.insert(*content) || model.overwritten.contains(content) {
            continue;
        }
        let expected = said.who.get(content).copied().flatten();
        let found = face.subject.as_ref().map(|(id, _)| *id);
        if expected != found {
            off.push(format!("{} is {found:?} and should be {expected:?}", face.path));
        }
    }
    for content in model.enrolled.iter().filter(|content| !said.removed.contains(*content)) {
        if !seen.contains(content) && !model.overwritten.contains(content) {
            off.push(format!("content {content} is enrolled and not listed"));
        }
    }
    off
}
