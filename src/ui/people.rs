//! People as they are told apart: by name, and where that is not enough by what else is known of them.

use std::collections::{HashMap, HashSet};

use crate::app::AppState;
use crate::types::{SubjectId, SubjectName, SubjectRecord};

/// Names offered while a person types.
const SUGGESTIONS: usize = 6;

/// Where each person stands in the list of everybody; worked out anew when that list is read.
#[derive(Default)]
pub(super) struct People {
    version: u64,
    places: HashMap<SubjectId, usize>,
    /// Names that more than one person has.
    shared: HashSet<String>,
}

impl People {
    fn follow(&mut self, state: &AppState) {
        if self.version == state.subjects_version {
            return;
        }
        self.version = state.subjects_version;
        self.places = state.subjects.iter().enumerate().map(|(place, person)| (person.id, place)).collect();
        let mut seen = HashSet::new();
        let names = state.subjects.iter().map(|person| key(&person.name));
        self.shared = names.filter(|name| !seen.insert(name.clone())).collect();
    }

    /// The name, with what tells the person from others of that name.
    pub(super) fn title(&mut self, state: &AppState, subject: &SubjectName) -> String {
        self.follow(state);
        let known = self.places.get(&subject.id).and_then(|place| state.subjects.get(*place));
        match known {
            Some(person) => self.title_of(person),
            None => subject.name.clone(),
        }
    }

    fn title_of(&self, person: &SubjectRecord) -> String {
        match (&person.external_id, &person.note) {
            (Some(_), _) => person.title(),
            (None, Some(note)) if self.is_shared(person) => format!("{} ({note})", person.name),
            (None, None) if self.is_shared(person) => format!("{} (person {})", person.name, person.id),
            _ => person.name.clone(),
        }
    }

    fn is_shared(&self, person: &SubjectRecord) -> bool {
        self.shared.contains(&key(&person.name))
    }
}

/// How names are compared before the gallery does so in earnest.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Everybody of exactly this name.
pub(super) fn named<'a>(known: &'a [SubjectRecord], name: &str) -> Vec<&'a SubjectRecord> {
    let wanted = key(name);
    known.iter().filter(|person| key(&person.name) == wanted).collect()
}

/// The names that hold the text: the very name, those that begin with it, those with a word that does, the others.
pub(super) fn suggestions(known: &[SubjectRecord], text: &str) -> Vec<SubjectRecord> {
    let wanted = key(text);
    if wanted.is_empty() {
        return Vec::new();
    }
    let place = |name: &str| {
        let name = name.to_lowercase();
        if name == wanted {
            Some(0)
        } else if name.starts_with(&wanted) {
            Some(1)
        } else if name.split_whitespace().any(|word| word.starts_with(&wanted)) {
            Some(2)
        } else {
            name.contains(&wanted).then_some(3)
        }
    };
    let mut fitting: Vec<(u8, &SubjectRecord)> =
        known.iter().filter_map(|person| Some((place(&person.name)?, person))).collect();
    // Stable: within a place the alphabet stays.
    fitting.sort_by_key(|(place, _)| *place);
    fitting.into_iter().take(SUGGESTIONS).map(|(_, person)| person.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> Vec<SubjectRecord> {
        let person = |(at, name): (usize, &&str)| SubjectRecord {
            id: SubjectId(at as i64 + 1),
            name: (*name).to_owned(),
            external_id: None,
            note: None,
            faces: 1,
        };
        names.iter().enumerate().map(person).collect()
    }

    #[test]
    fn names_that_begin_with_the_text_come_first() {
        let known = people(&["Ada Berg", "Bernadette", "Hubert", "Linus Berg", "ber", "Zoe"]);
        let names: Vec<String> = suggestions(&known, " BER ").into_iter().map(|person| person.name).collect();
        assert_eq!(names, ["ber", "Bernadette", "Ada Berg", "Linus Berg", "Hubert"]);
        assert!(suggestions(&known, "x").is_empty() && suggestions(&known, "  ").is_empty());
        assert_eq!(suggestions(&people(&["Ada"; 50]), "a").len(), SUGGESTIONS);
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let mut subjects = people(&["Ada", "ada", "Bob"]);
        subjects[1].external_id = Some("A-7".to_owned());
        assert_eq!(named(&subjects, " ADA ").len(), 2);
        let state = AppState { subjects, subjects_version: 1, ..AppState::default() };
        let mut index = People::default();
        let mut title = |id, name: &str| index.title(&state, &SubjectName { id: SubjectId(id), name: name.to_owned() });
        assert_eq!(title(1, "Ada"), "Ada (person 1)");
        assert_eq!(title(2, "ada"), "ada (A-7)");
        assert_eq!(title(3, "Bob"), "Bob");
        assert_eq!(title(9, "Gone"), "Gone");
    }
}
