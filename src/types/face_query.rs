use super::telling::{Tell, Telling};
use crate::tell;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::SubjectId;

/// Which faces of the gallery a search may answer with. What is left empty limits nothing; what is given must all be
/// met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaceQuery {
    /// Faces of any of these people. Together with `named` or
    /// `unnamed`: those as well.
    pub subjects: Vec<SubjectId>,
    /// Faces that have a name.
    pub named: bool,
    /// Faces that have none.
    pub unnamed: bool,
    /// Day of the exposure, inclusive, as YYYY-MM-DD in the camera's local time. Photos that do not tell their day are
    /// left out where one is asked for.
    pub taken_from: Option<String>,
    /// Likewise the last day, inclusive.
    pub taken_to: Option<String>,
    /// Faces on photos in this folder or below it.
    pub folder: Option<PathBuf>,
    /// Faces of at least this quality, in hundredths: 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_from: Option<u8>,
    /// Faces of at most this quality, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_to: Option<u8>,
    /// Where the links in that folder lead: photos in these folders and below, and these photos, pass like its own.
    /// Found out when the query is answered.
    #[serde(skip)]
    pub linked: Vec<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaceQueryError {
    #[error("\u{201c}{0}\u{201d} is no date: write year, month and day, as in 2019-07-03")]
    BadDate(String),
    #[error("the first day, {from}, is after the last one, {to}")]
    DatesReversed { from: String, to: String },
}

impl FaceQuery {
    /// Every face passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// It says something about the names of faces.
    pub fn asks_for_names(&self) -> bool {
        self.named || self.unnamed || !self.subjects.is_empty()
    }

    /// # Errors
    /// A day that no calendar has, or days in the wrong order.
    pub fn validate(&self) -> Result<(), FaceQueryError> {
        self.taken_from.iter().chain(&self.taken_to).try_for_each(|date| check_date(date))?;
        match (&self.taken_from, &self.taken_to) {
            // Days of one form are in order as texts.
            (Some(from), Some(to)) if from > to => {
                Err(FaceQueryError::DatesReversed { from: from.clone(), to: to.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Exactly YYYY-MM-DD, of a day that was or will be.
fn check_date(text: &str) -> Result<(), FaceQueryError> {
    let has_form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    match text.parse::<jiff::civil::Date>() {
        Ok(_) if has_form => Ok(()),
        _ => Err(FaceQueryError::BadDate(text.to_owned())),
    }
}

impl Tell for FaceQueryError {
    fn telling(&self) -> Telling {
        match self {
            Self::BadDate(text) => tell!("types-bad-date", text = text),
            Self::DatesReversed { from, to } => tell!("types-dates-reversed", from = from, to = to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> FaceQuery {
        FaceQuery { taken_from: Some(from.to_owned()), taken_to: Some(to.to_owned()), ..FaceQuery::default() }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert_eq!(between("2020-02-29", "2020-02-29").validate(), Ok(()));
        for bad in
            ["2019-02-29", "2019-13-01", "2019-7-3", "20190703", "2019-07-03T10:00", "yesterday", "", "-019-07-03"]
        {
            let refusal = between(bad, "2030-01-01").validate();
            assert_eq!(refusal, Err(FaceQueryError::BadDate(bad.to_owned())));
        }
        assert!(matches!(between("2020-01-02", "2020-01-01").validate(), Err(FaceQueryError::DatesReversed { .. })));
    }

    #[test]
    fn what_is_not_said_limits_nothing() {
        let query: FaceQuery = serde_json::from_str(r#"{"subjects":[7]}"#).unwrap();
        assert_eq!(query, FaceQuery { subjects: vec![SubjectId(7)], ..FaceQuery::default() });
        assert!(!query.is_empty() && query.asks_for_names() && FaceQuery::default().is_empty());
        assert!(
            serde_json::from_str::<FaceQuery>(r#"{"subject":7}"#).is_err(),
            "a filter that is misspelt filters nothing"
        );
    }
}
