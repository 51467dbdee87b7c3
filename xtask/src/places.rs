//! Where things lie: the checkout, the user's cache and the user's data.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};
use crate::libtorch;

/// The folders that set-up reads and writes. The rules for the last two are the same as the program's own
/// (`directories`): `XDG_CACHE_HOME` and `XDG_DATA_HOME` where absolute, else below `HOME`.
pub struct Places {
    pub checkout: PathBuf,
    /// `~/.cache/likeness`: libtorch, downloads, tools.
    pub cache: PathBuf,
    /// `~/.local/share/likeness/assets`: weights and sample photos.
    pub assets: PathBuf,
}

impl Places {
    pub fn find() -> Result<Self> {
        // At run time first: the checkout may have been moved since this program was built.
        let package =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let checkout = package.parent().unwrap_or(&package).to_owned();
        if !checkout.join("xtask").is_dir() {
            return Err(Failure::new(format!("{} is not a checkout of Likeness", checkout.display())));
        }
        let cache = user_folder("XDG_CACHE_HOME", ".cache")?.join("likeness");
        let assets = user_folder("XDG_DATA_HOME", ".local/share")?.join("likeness").join("assets");
        Ok(Self { checkout, cache, assets })
    }

    pub fn downloads(&self) -> PathBuf {
        self.cache.join("downloads")
    }

    /// Where set-up lays libtorch.
    pub fn libtorch_tree(&self) -> PathBuf {
        self.cache.join(format!("libtorch-{}-cpu", libtorch::VERSION))
    }

    /// `LIBTORCH` where the user has set it to a libtorch of their own. Cargo sets the variable too, from
    /// `.cargo/config.toml`, to the checkout's link, and `.ci/run` to the tree; these do not count.
    pub fn own_libtorch(&self) -> Option<PathBuf> {
        let set = PathBuf::from(env::var_os("LIBTORCH").filter(|value| !value.is_empty())?);
        (set != self.libtorch_link() && set != self.libtorch_tree()).then_some(set)
    }

    /// `LIKENESS_WEIGHTS` where the user has set it.
    pub fn own_weights(&self) -> Option<PathBuf> {
        env::var_os("LIKENESS_WEIGHTS").filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    pub fn libtorch_link(&self) -> PathBuf {
        self.checkout.join(".libtorch")
    }

    /// Keeps a second set-up waiting until this one is through. The lock ends with the process, however it ends.
    pub fn lock(&self) -> Result<File> {
        create_dir(&self.cache)?;
        let path = self.cache.join("setup.lock");
        let file = File::create(&path).context(|| format!("could not write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => eprintln!("another set-up is at work; waiting for it"),
            Err(TryLockError::Error(error)) => {
                return Err(error).context(|| format!("could not lock {}", path.display()));
            }
        }
        file.lock().context(|| format!("could not lock {}", path.display()))?;
        Ok(file)
    }
}

fn user_folder(variable: &str, below_home: &str) -> Result<PathBuf> {
    if let Some(set) = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Ok(set);
    }
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    let home = home.ok_or_else(|| Failure::new(format!("neither HOME nor {variable} is set")))?;
    Ok(PathBuf::from(home).join(below_home))
}

pub fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).context(|| format!("could not make the folder {}", path.display()))
}
