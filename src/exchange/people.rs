//! Whom a name from elsewhere means.

use std::collections::{BTreeSet, HashMap};

use crate::types::{SubjectId, SubjectRecord, name_key, tidy_name};

/// Whom a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    Known(SubjectId),
    /// Nobody yet; the name tidied.
    New(String),
    /// Two or more people have the name.
    Several,
}

/// Everybody in the gallery, by name.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_id: HashMap<SubjectId, (String, Option<String>)>,
    by_name: HashMap<String, BTreeSet<SubjectId>>,
    /// Names that people had before.
    by_alias: HashMap<String, BTreeSet<SubjectId>>,
    by_external: HashMap<String, BTreeSet<SubjectId>>,
}

impl People {
    /// `aliases` are keys of names that subjects had once, as [`name_key`] makes them.
    pub fn new(subjects: &[SubjectRecord], aliases: Vec<(String, SubjectId)>) -> Self {
        let mut people = Self::default();
        for subject in subjects {
            people.by_id.insert(subject.id, (name_key(&subject.name), subject.external_id.clone()));
            people.by_name.entry(name_key(&subject.name)).or_default().insert(subject.id);
            if let Some(external) = &subject.external_id {
                people.by_external.entry(external.clone()).or_default().insert(subject.id);
            }
        }
        for (key, subject) in aliases {
            if people.by_id.contains_key(&subject) {
                people.by_alias.entry(key).or_default().insert(subject);
            }
        }
        people
    }

    /// Whom this name means: whoever is called so, however it is written, else whoever was.
    pub fn whom(&self, name: &str) -> Whom {
        let key = name_key(name);
        match self.by_name.get(&key).or_else(|| self.by_alias.get(&key)) {
            None => Whom::New(tidy_name(name)),
            Some(found) => one_of(found),
        }
    }

    /// The same where more is told: a subject's number, which counts where the name agrees, and an external id.
    pub fn whom_told(&self, subject: Option<SubjectId>, name: &str, external: Option<&str>) -> Whom {
        let key = name_key(name);
        let external = external.map(str::trim).filter(|external| !external.is_empty());
        let agrees = |id: &SubjectId| {
            self.by_id
                .get(id)
                .is_some_and(|(its, known)| *its == key && (external.is_none() || known.as_deref() == external))
        };
        if let Some(subject) = subject.filter(agrees) {
            return Whom::Known(subject);
        }
        let Some(external) = external else { return self.whom(name) };
        let so_named: BTreeSet<SubjectId> = self.by_external.get(external).into_iter().flatten().copied().collect();
        let so_named: BTreeSet<SubjectId> = so_named.into_iter().filter(agrees).collect();
        // Another external id is another person, whoever has the name.
        if so_named.is_empty() { Whom::New(tidy_name(name)) } else { one_of(&so_named) }
    }
}

fn one_of(found: &BTreeSet<SubjectId>) -> Whom {
    match found.first().filter(|_| found.len() == 1) {
        Some(one) => Whom::Known(*one),
        None => Whom::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(id: i64, name: &str, external: Option<&str>) -> SubjectRecord {
        let external_id = external.map(str::to_owned);
        SubjectRecord { id: SubjectId(id), name: name.to_owned(), external_id, note: None, faces: 0 }
    }

    #[test]
    fn names_mean_one_person_unless_two_have_them() {
        let all = [subject(1, "René", None), subject(2, "Ada", Some("7")), subject(3, "ada", Some("8"))];
        let people = People::new(&all, vec![(name_key("Old Name"), SubjectId(1)), (name_key("x"), SubjectId(99))]);
        assert_eq!(people.whom(" RENE\u{301} "), Whom::Known(SubjectId(1)));
        assert_eq!(people.whom("old  name"), Whom::Known(SubjectId(1)), "a name from before");
        assert_eq!(people.whom("Ada"), Whom::Several);
        assert_eq!(people.whom("x"), Whom::New("x".to_owned()), "whoever was called so is gone");
        assert_eq!(people.whom_told(Some(SubjectId(3)), "Ada", None), Whom::Known(SubjectId(3)));
        assert_eq!(people.whom_told(None, "Ada", Some("7")), Whom::Known(SubjectId(2)));
        assert_eq!(people.whom_told(None, "Ada", Some("9")), Whom::New("Ada".to_owned()));
        assert_eq!(people.whom_told(Some(SubjectId(1)), "Ada", None), Whom::Several, "the number is another gallery's");
        assert_eq!(people.whom_told(Some(SubjectId(2)), "Ada", Some("8")), Whom::Known(SubjectId(3)));
    }
}
