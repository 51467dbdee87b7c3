//! Settings in two files: what a person sets for themselves (theme, text size) lies in the person's configuration folder
//! and holds for every gallery; what belongs to a gallery (model, detector, number of candidates, share of growth for
//! training anew) lies in its data folder, and only the process that holds that folder writes it.

use crate::tell;
use crate::types::Telling;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use directories::ProjectDirs;
use serde_json::{Map, Value};

use crate::files::write_whole;
use crate::jobs::work::JobError;
use crate::types::Settings;

/// The person's. Every other setting is the gallery's.
const PERSON: [&str; 3] = ["theme", "text_scale", "language"];

type Object = Map<String, Value>;

/// The two files.
#[derive(Debug)]
pub struct SettingsFiles {
    /// `None` where the system names no home: then such settings last until the end of the program.
    person: Option<PathBuf>,
    gallery: PathBuf,
    /// As they were first loaded here, or last saved.
    known: Mutex<Option<Settings>>,
}

/// What stands in a file.
enum Found {
    Nothing,
    Settings(Object),
    Damaged(String),
}

impl SettingsFiles {
    /// `config_dir` wins over `LIKENESS_CONFIG_DIR`, which wins over the person's configuration folder. Creates nothing.
    pub fn new(config_dir: Option<&Path>, gallery: &Path) -> Self {
        let person = person_file(config_dir, std::env::var_os("LIKENESS_CONFIG_DIR").as_deref());
        Self { person, gallery: gallery.to_path_buf(), known: Mutex::default() }
    }

    /// Reads both files. Missing ones give the defaults; damaged ones the defaults and a warning, and they are kept
    /// beside when settings are next saved. What older versions kept in the gallery's file counts until the person has a
    /// file.
    pub fn load(&self) -> (Settings, Vec<Telling>) {
        let mut warnings = Vec::new();
        let mut both = Object::new();
        let mut take = |path: &Path, is_wanted: &dyn Fn(&str) -> bool| match read(path) {
            Found::Nothing => false,
            Found::Settings(object) => {
                both.extend(object.into_iter().filter(|(key, _)| is_wanted(key)));
                true
            }
            Found::Damaged(reason) => {
                warnings.push(tell!("settings-unread", reason = reason, path = path));
                true
            }
        };
        let has_person = self.person.as_deref().is_some_and(|path| take(path, &|key| PERSON.contains(&key)));
        take(&self.gallery, &|key| !(has_person && PERSON.contains(&key)));
        let settings: Settings = serde_json::from_value(Value::Object(both)).unwrap_or_default();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| settings.clone());
        (settings, warnings)
    }

    /// Writes what differs from what was first loaded or last saved here, so that another window's changes of other
    /// settings stay. Settings that this version does not know stay, too. Without `gallery_too` only the person's file is
    /// written.
    ///
    /// # Errors
    /// A file cannot be written; what it held is still there then.
    pub fn save(&self, settings: &Settings, gallery_too: bool) -> Result<(), JobError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.clone().unwrap_or_default();
        self.write_changes(&before, settings, gallery_too)?;
        *known = Some(if gallery_too {
            settings.clone()
        } else {
            Settings { theme: settings.theme, text_scale: settings.text_scale, ..before }
        });
        Ok(())
    }

    /// Changes some of the gallery's settings and leaves all others as they are in the files.
    ///
    /// # Errors
    /// As [`SettingsFiles::save`].
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<(), JobError> {
        let (before, _) = self.load();
        let mut after = before.clone();
        change(&mut after);
        self.write_changes(&before, &after, true)
    }

    /// The person's first: the gallery's file may be where they stood until now.
    fn write_changes(&self, before: &Settings, after: &Settings, gallery_too: bool) -> Result<(), JobError> {
        let (before, after) = (object_from(before)?, object_from(after)?);
        if let Some(path) = &self.person {
            update(path, &before, &after, &|key| PERSON.contains(&key))?;
        }
        if gallery_too {
            update(&self.gallery, &before, &after, &|key| !PERSON.contains(&key))?;
        }
        Ok(())
    }

    pub fn gallery_path(&self) -> &Path {
        &self.gallery
    }
}

/// Reads a gallery's settings alone, with the warning where they are damaged.
pub fn load_settings(path: &Path) -> (Settings, Option<Telling>) {
    let files = SettingsFiles { person: None, gallery: path.to_path_buf(), known: Mutex::default() };
    let (settings, mut warnings) = files.load();
    (settings, warnings.pop())
}

fn person_file(config_dir: Option<&Path>, env: Option<&OsStr>) -> Option<PathBuf> {
    let named = config_dir.or(env.filter(|value| !value.is_empty()).map(Path::new)).map(Path::to_path_buf);
    let folder = named.or_else(|| Some(ProjectDirs::from("", "", "likeness")?.config_dir().to_path_buf()))?;
    Some(folder.join("settings.json"))
}

fn object_from(settings: &Settings) -> Result<Object, JobError> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Object::new()),
        Err(error) => Err(JobError::Failed(error.to_string().into())),
    }
}

fn read(path: &Path) -> Found {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(error) => return Found::Damaged(error.to_string()),
    };
    let parsed = serde_json::from_slice::<Object>(&text)
        .and_then(|object| Ok((serde_json::from_value::<Settings>(Value::Object(object.clone()))?, object)));
    match parsed {
        Ok((settings, object)) if settings.detector.validate().is_ok() => Found::Settings(object),
        Ok(_) => Found::Damaged("its detector parameters are out of range".to_owned()),
        Err(error) => Found::Damaged(error.to_string()),
    }
}

/// Puts into the file what differs between `before` and `after`, and what was set elsewhere, of what is wanted.
fn update(path: &Path, before: &Object, after: &Object, is_wanted: &dyn Fn(&str) -> bool) -> Result<(), JobError> {
    let io = |reason| JobError::Io { reason, path: path.to_path_buf() };
    let (mut object, is_damaged) = match read(path) {
        Found::Nothing => (Object::new(), false),
        Found::Settings(object) => (object, false),
        Found::Damaged(_) => (Object::new(), true),
    };
    let stood = object.clone();
    object.retain(|key, _| is_wanted(key) || !after.contains_key(key));
    let default = object_from(&Settings::default())?;
    for (key, value) in after.iter().filter(|(key, _)| is_wanted(key)) {
        // What was never set need not be written, and what another file held until now must be.
        let is_lost = !object.contains_key(key) && default.get(key) != Some(value);
        if before.get(key) != Some(value) || is_lost {
            object.insert(key.clone(), value.clone());
        }
    }
    if object == stood && !is_damaged {
        return Ok(());
    }
    if is_damaged {
        keep_beside(path).map_err(io)?;
    }
    write(path, &object).map_err(io)
}

/// A damaged file may hold what somebody wants to read again.
fn keep_beside(path: &Path) -> io::Result<()> {
    let name = |number: u32| match number {
        0 => path.with_extension("json.damaged"),
        _ => path.with_extension(format!("json.damaged-{number}")),
    };
    let free = (0..).map(name).find(|name| !name.exists());
    free.map_or(Ok(()), |free| fs::rename(path, free))
}

/// The file as it was or as it shall be, also after a power cut.
fn write(path: &Path, object: &Object) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(object)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    write_whole(path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Language, ThemeChoice};

    fn files(dir: &Path) -> SettingsFiles {
        SettingsFiles::new(Some(&dir.join("config")), &dir.join("settings.json"))
    }

    fn keys(path: &Path) -> Vec<String> {
        serde_json::from_slice::<Object>(&fs::read(path).unwrap()).unwrap().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn the_persons_and_the_gallerys_are_two_files() {
        let dir = tempfile::tempdir().unwrap();
        let (person, gallery) = (dir.path().join("config/settings.json"), dir.path().join("settings.json"));
        let (found, warnings) = files(dir.path()).load();
        assert_eq!((found, warnings), (Settings::default(), Vec::new()));
        assert!(!person.exists() && !gallery.exists(), "reading creates nothing");
        let settings = Settings {
            theme: ThemeChoice::Dark,
            text_scale: 1.5,
            language: Some(Language::Chinese),
            k: 7,
            model: Some("m".into()),
            retrain_share: 0.2,
            ..Settings::default()
        };
        files(dir.path()).save(&settings, true).unwrap();
        assert_eq!(files(dir.path()).load().0, settings);
        assert_eq!(keys(&person), ["language", "text_scale", "theme"]);
        assert_eq!(keys(&gallery), ["k", "model", "retrain_share"]);
        // Another gallery, the same person.
        let other = SettingsFiles::new(Some(&dir.path().join("config")), &dir.path().join("other.json"));
        assert_eq!((other.load().0.text_scale, other.load().0.k), (1.5, Settings::default().k));
    }

    #[test]
    fn settings_of_one_file_are_taken_over_whole() {
        let dir = tempfile::tempdir().unwrap();
        let old = Settings { theme: ThemeChoice::Dark, text_scale: 1.25, k: 9, ..Settings::default() };
        let mut object = object_from(&old).unwrap();
        object.insert("of_a_later_version".to_owned(), Value::from(3));
        fs::write(dir.path().join("settings.json"), serde_json::to_vec(&object).unwrap()).unwrap();
        let files = files(dir.path());
        assert_eq!(files.load().0, old);
        files.save(&Settings { k: 10, ..old.clone() }, true).unwrap();
        assert_eq!(files.load().0, Settings { k: 10, ..old });
        assert!(keys(&dir.path().join("settings.json")).contains(&"of_a_later_version".to_owned()));
    }

    #[test]
    fn a_reader_of_the_gallery_saves_the_persons_alone() {
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        let settings = Settings { theme: ThemeChoice::Light, k: 50, ..Settings::default() };
        files.save(&settings, false).unwrap();
        assert!(!dir.path().join("settings.json").exists());
        assert_eq!(files.load().0, Settings { theme: ThemeChoice::Light, ..Settings::default() });
    }

    #[test]
    fn two_windows_keep_each_others_changes() {
        let dir = tempfile::tempdir().unwrap();
        let [a, b] = [(); 2].map(|()| files(dir.path()));
        let (start, _) = a.load();
        b.load();
        a.save(&Settings { theme: ThemeChoice::Dark, ..start.clone() }, true).unwrap();
        b.save(&Settings { text_scale: 1.1, k: 3, ..start }, true).unwrap();
        let (found, _) = files(dir.path()).load();
        assert_eq!((found.theme, found.text_scale, found.k), (ThemeChoice::Dark, 1.1, 3));
    }

    #[test]
    fn damage_is_told_and_kept_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        for (round, text) in ["{\"k\":", "[]", "{\"k\": \"many\"}"].into_iter().enumerate() {
            fs::write(&path, text).unwrap();
            let files = files(dir.path());
            let (settings, warnings) = files.load();
            assert_eq!(settings.k, Settings::default().k);
            assert!(warnings[0].plain().contains("settings.json"), "{warnings:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "nothing happens to it until settings are saved");
            files.save(&Settings { k: 11, ..settings }, true).unwrap();
            let kept =
                if round == 0 { "settings.json.damaged".into() } else { format!("settings.json.damaged-{round}") };
            assert_eq!(fs::read_to_string(dir.path().join(kept)).unwrap(), text);
            assert_eq!(files.load().0.k, 11);
        }
    }

    #[test]
    fn the_flag_wins_over_the_environment() {
        let file =
            |flag: Option<&str>, env: Option<&str>| person_file(flag.map(Path::new), env.map(OsStr::new)).unwrap();
        assert_eq!(file(Some("/a"), Some("/b")), Path::new("/a/settings.json"));
        assert_eq!(file(None, Some("/b")), Path::new("/b/settings.json"));
    }
}
