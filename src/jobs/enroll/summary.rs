use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct EnrollSummary {
    /// Photos enrolled in this run.
    pub photos: u64,
    /// Faces found on them.
    pub faces: u64,
    /// Photos that were enrolled already with the same content and parameters.
    pub skipped: u64,
    /// Photos that were enrolled already and have been moved; counted in `skipped` too.
    pub moved: u64,
    /// Photos that a person has taken out of the gallery and that were passed over; counted in `skipped` too.
    pub removed: u64,
    /// Photos of the gallery whose files were found to be gone.
    pub missing: u64,
    /// Photos and folders that could not be enrolled.
    pub issues: u64,
    /// Files passed over because they are not photos by name, nor by content where the name does not tell.
    pub not_photos: u64,
    /// These by their endings, in small letters; "" are files without one.
    pub passed_over: BTreeMap<String, u64>,
    /// Raw files left out because the photo of the same name that lies beside them is taken.
    pub raw_beside_photos: u64,
    /// Folders of thumbnails, earlier versions and trash that were left out, by their names.
    pub left_out_folders: BTreeMap<String, u64>,
    /// Photos of the gallery that lie in such folders: an earlier version, or somebody who named the folder, took them.
    pub in_left_out_folders: u64,
    /// The first [`PASSED_OVER_LISTED`] of all these.
    #[serde(skip)]
    pub passed_over_paths: Vec<PathBuf>,
    pub secs: f32,
    /// Photos looked at, skipped ones among them, a second.
    pub photos_per_sec: f32,
}

/// Files passed over that a summary names.
pub const PASSED_OVER_LISTED: usize = 1_000;

/// Endings that a summary counts apart; the rest is counted as "…".
const ENDINGS: usize = 100;

impl EnrollSummary {
    pub(super) fn pass_over(&mut self, path: PathBuf) {
        self.not_photos += 1;
        self.count_ending(path.extension().map(|ending| ending.to_string_lossy().to_lowercase()), 1);
        self.list(path);
    }

    pub(super) fn leave_raw(&mut self, path: PathBuf) {
        self.raw_beside_photos += 1;
        self.list(path);
    }

    pub(super) fn leave_folder(&mut self, path: PathBuf) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        *self.left_out_folders.entry(name).or_default() += 1;
        self.list(path);
    }

    fn list(&mut self, path: PathBuf) {
        if self.passed_over_paths.len() < PASSED_OVER_LISTED {
            self.passed_over_paths.push(path);
        }
    }

    fn count_ending(&mut self, ending: Option<String>, count: u64) {
        let ending = ending.unwrap_or_default();
        let is_counted = self.passed_over.contains_key(&ending) || self.passed_over.len() < ENDINGS;
        *self.passed_over.entry(if is_counted { ending } else { "…".to_owned() }).or_default() += count;
    }

    /// Takes in what another run did.
    pub fn add(&mut self, other: &Self) {
        self.photos += other.photos;
        self.faces += other.faces;
        self.skipped += other.skipped;
        self.moved += other.moved;
        self.removed += other.removed;
        self.missing += other.missing;
        self.issues += other.issues;
        self.not_photos += other.not_photos;
        for (ending, count) in &other.passed_over {
            self.count_ending(Some(ending.clone()), *count);
        }
        self.raw_beside_photos += other.raw_beside_photos;
        for (name, count) in &other.left_out_folders {
            *self.left_out_folders.entry(name.clone()).or_default() += count;
        }
        self.in_left_out_folders += other.in_left_out_folders;
        let room = PASSED_OVER_LISTED - self.passed_over_paths.len();
        self.passed_over_paths.extend(other.passed_over_paths.iter().take(room).cloned());
        self.secs += other.secs;
        let looked_at = (self.photos + self.skipped) as f32;
        self.photos_per_sec = if self.secs > 0.0 { looked_at / self.secs } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_counted_by_ending_and_the_list_is_bounded() {
        let mut summary = EnrollSummary::default();
        for n in 0..2_000 {
            summary.pass_over(PathBuf::from(format!("/a/{n}.{}", if n % 2 == 0 { "CR2" } else { "jp2" })));
        }
        summary.pass_over(PathBuf::from("/a/README"));
        for n in 0..200 {
            summary.pass_over(PathBuf::from(format!("/a/b.x{n}")));
        }
        let mut total = summary.clone();
        total.add(&summary);
        assert_eq!((total.passed_over["cr2"], total.passed_over["jp2"], total.passed_over[""]), (2_000, 2_000, 2));
        assert_eq!(total.passed_over.values().sum::<u64>(), total.not_photos);
        assert!(total.passed_over.len() <= ENDINGS + 1);
        assert_eq!(total.passed_over_paths.len(), PASSED_OVER_LISTED);
    }
}
