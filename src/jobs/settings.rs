use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::types::Settings;

/// Reads the settings. A missing file gives the defaults; a damaged one gives the defaults and a warning, and is
/// left where it is until settings are next saved.
pub fn load_settings(path: &Path) -> (Settings, Option<String>) {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Settings::default(), None),
        Err(error) => return (Settings::default(), Some(unread(&error, path))),
    };
    match serde_json::from_str::<Settings>(&text) {
        Ok(settings) if settings.detector.validate().is_ok() => (settings, None),
        Ok(_) => (Settings::default(), Some(unread(&"its detector parameters are out of range", path))),
        Err(error) => (Settings::default(), Some(unread(&error, path))),
    }
}

fn unread(reason: &dyn std::fmt::Display, path: &Path) -> String {
    format!("The settings could not be read and the defaults are used ({reason}): {}", path.display())
}

/// Writes the settings beside the old ones and puts them in their place.
///
/// # Errors
/// The file cannot be written; the old settings are still there then.
pub fn save_settings(path: &Path, settings: &Settings) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(settings)?;
    let temporary = path.with_extension("json.tmp");
    let mut file = fs::File::create(&temporary)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_damage_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        assert_eq!(load_settings(&path), (Settings::default(), None));
        let settings = Settings { text_scale: 1.5, ..Settings::default() };
        save_settings(&path, &settings).unwrap();
        assert_eq!(load_settings(&path), (settings, None));
        fs::write(&path, "{\"text_scale\":").unwrap();
        let (settings, warning) = load_settings(&path);
        assert_eq!(settings, Settings::default());
        assert!(warning.unwrap().contains("settings.json"));
    }
}
