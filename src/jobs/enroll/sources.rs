//! What a run looks through, and what of it is away.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::kinds::ABSENT;

/// The sources of a request, absolute.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sources {
    pub(super) present: Vec<PathBuf>,
    /// Not there now: they may be on a drive that is not mounted.
    pub(super) absent: Vec<PathBuf>,
    /// Had an issue, and their files are gone since: with the file goes its issue.
    pub(super) gone: Vec<PathBuf>,
}

impl Sources {
    pub(super) fn sort(sources: &[PathBuf], known_issues: &HashMap<PathBuf, String>) -> Self {
        let mut sorted = Self::default();
        for source in sources {
            let is_photos_issue = known_issues.get(source).is_some_and(|kind| kind != ABSENT);
            let place = match source.exists() {
                true => &mut sorted.present,
                false if is_photos_issue => &mut sorted.gone,
                false => &mut sorted.absent,
            };
            place.push(source.clone());
        }
        sorted
    }

    pub(super) fn is_all_absent(&self) -> bool {
        self.present.is_empty() && self.gone.is_empty()
    }

    /// Whether a file is named outright.
    pub(super) fn names(&self, path: &Path) -> bool {
        self.present.iter().any(|source| source == path || source.canonicalize().is_ok_and(|source| source == path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_not_there_is_away_unless_it_was_a_photo_with_an_issue() {
        let dir = tempfile::tempdir().unwrap();
        let (there, away, photo) = (dir.path().to_path_buf(), dir.path().join("drive"), dir.path().join("1.jpg"));
        let issues = HashMap::from([(photo.clone(), "photo".to_owned()), (away.clone(), ABSENT.to_owned())]);
        let sorted = Sources::sort(&[there.clone(), away.clone(), photo.clone()], &issues);
        assert_eq!(sorted, Sources { present: vec![there], absent: vec![away.clone()], gone: vec![photo] });
        assert!(Sources::sort(&[away], &issues).is_all_absent());
    }
}
