//! Everybody, found by number and by name.

use std::collections::HashMap;

use nucleo_matcher::Utf32String;

use crate::app::AppState;
use crate::say;
use crate::types::{SubjectId, SubjectName, SubjectRecord, name_key, search_key};

use super::fitting::fitting;

/// Names offered while a person types.
const MOST: usize = 6;

/// Where each person stands in the list of everybody; worked out anew when that list is read.
#[derive(Default)]
pub struct People {
    version: Option<u64>,
    places: HashMap<SubjectId, usize>,
    /// What the names are looked for by, in the order of the list.
    keys: Vec<Utf32String>,
    /// Who has a name, by its key.
    by_key: HashMap<String, Vec<usize>>,
}

impl People {
    fn follow(&mut self, state: &AppState) {
        if self.version == Some(state.subjects_version) {
            return;
        }
        self.version = Some(state.subjects_version);
        self.places = state.subjects.iter().enumerate().map(|(place, person)| (person.id, place)).collect();
        self.keys = state.subjects.iter().map(|person| Utf32String::from(search_key(&person.name))).collect();
        self.by_key.clear();
        for (place, person) in state.subjects.iter().enumerate() {
            self.by_key.entry(name_key(&person.name)).or_default().push(place);
        }
    }

    pub fn find<'a>(&mut self, state: &'a AppState, subject: SubjectId) -> Option<&'a SubjectRecord> {
        self.follow(state);
        state.subjects.get(*self.places.get(&subject)?)
    }

    /// Everybody of exactly this name.
    pub fn named<'a>(&mut self, state: &'a AppState, name: &str) -> Vec<&'a SubjectRecord> {
        self.follow(state);
        let places = self.by_key.get(&name_key(name)).into_iter().flatten();
        places.filter_map(|place| state.subjects.get(*place)).collect()
    }

    /// The name, with what tells the person from others of that name.
    pub fn title(&mut self, state: &AppState, subject: &SubjectName) -> String {
        match self.find(state, subject.id) {
            Some(person) => self.title_of(person),
            None => subject.name.clone(),
        }
    }

    fn title_of(&self, person: &SubjectRecord) -> String {
        let is_shared = || self.by_key.get(&name_key(&person.name)).is_some_and(|places| places.len() > 1);
        match (&person.external_id, &person.note) {
            (Some(_), _) => person.title(),
            (None, Some(note)) if is_shared() => format!("{} ({note})", person.name),
            (None, None) if is_shared() => say!("people-ambiguous", name = &person.name, id = person.id.to_string()),
            _ => person.name.clone(),
        }
    }

    /// People whose names fit the text, the best first.
    fn fitting(&mut self, state: &AppState, text: &str) -> Vec<SubjectRecord> {
        self.follow(state);
        let places = fitting(&self.keys, text, MOST);
        places.into_iter().filter_map(|place| state.subjects.get(place).cloned()).collect()
    }
}

/// Who fits what is typed into one field; worked out anew where the text or the list of everybody has changed.
#[derive(Default)]
pub struct Suggestions {
    text: String,
    version: u64,
    people: Vec<SubjectRecord>,
}

impl Suggestions {
    /// At most six.
    pub fn of(&mut self, people: &mut People, state: &AppState, text: &str) -> &[SubjectRecord] {
        if self.text != text || self.version != state.subjects_version {
            let people = people.fitting(state, text);
            *self = Self { text: text.to_owned(), version: state.subjects_version, people };
        }
        &self.people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everybody(names: &[&str]) -> AppState {
        let person = |(at, name): (usize, &&str)| SubjectRecord {
            id: SubjectId(at as i64 + 1),
            name: (*name).to_owned(),
            external_id: None,
            note: None,
            faces: 1,
        };
        let subjects = names.iter().enumerate().map(person).collect();
        AppState { subjects, subjects_version: 1, ..AppState::default() }
    }

    fn suggested(state: &AppState, text: &str) -> Vec<String> {
        let mut suggestions = Suggestions::default();
        let people = suggestions.of(&mut People::default(), state, text);
        people.iter().map(|person| person.name.clone()).collect()
    }

    #[test]
    fn names_that_begin_with_the_text_come_first() {
        let known = everybody(&["Ada Berg", "Bernadette", "Hubert", "Linus Berg", "ber", "Zoe"]);
        assert_eq!(suggested(&known, " BER "), ["ber", "Bernadette", "Ada Berg", "Linus Berg", "Hubert"]);
        assert!(suggested(&known, "x").is_empty() && suggested(&known, "  ").is_empty());
        assert_eq!(suggested(&everybody(&["Ada"; 50]), "a").len(), MOST);
    }

    #[test]
    fn names_are_compared_as_the_gallery_does() {
        let known = everybody(&["Ren\u{e9}", "Stra\u{df}er"]);
        assert_eq!(suggested(&known, "rene\u{301}"), ["Ren\u{e9}"]);
        assert_eq!(suggested(&known, "STRASSE"), ["Stra\u{df}er"]);
        assert_eq!(suggested(&known, "rene"), ["Ren\u{e9}"], "accents need not be typed");
        assert_eq!(People::default().named(&known, "RENE\u{301}").len(), 1);
    }

    #[test]
    fn suggestions_follow_the_list_of_everybody() {
        let mut known = everybody(&["Ada"]);
        let (mut people, mut suggestions) = (People::default(), Suggestions::default());
        assert_eq!(suggestions.of(&mut people, &known, "a").len(), 1);
        known = AppState { subjects_version: 2, ..everybody(&["Bob"]) };
        assert_eq!(suggestions.of(&mut people, &known, "a").len(), 0);
        assert_eq!(suggestions.of(&mut people, &known, "b").len(), 1);
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let mut state = everybody(&["Ada", "ada", "Bob"]);
        state.subjects[1].external_id = Some("A-7".to_owned());
        let mut index = People::default();
        assert_eq!(index.named(&state, " ADA ").len(), 2);
        let mut title = |id, name: &str| index.title(&state, &SubjectName { id: SubjectId(id), name: name.to_owned() });
        assert_eq!(title(1, "Ada"), "Ada (person 1)");
        assert_eq!(title(2, "ada"), "ada (A-7)");
        assert_eq!(title(3, "Bob"), "Bob");
        assert_eq!(title(9, "Gone"), "Gone");
    }
}
