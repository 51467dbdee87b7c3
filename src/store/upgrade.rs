//! Bringing a gallery of an older format to the present one, with a back-up of the file as it was; and the disk that
//! this and a compaction need meanwhile.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::connection::create_private;
use super::{StoreError, schema, system};

/// What is told while a gallery comes to the present format, which takes minutes where it is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// Bytes of the back-up; every quarter of a second.
    BackingUp {
        done: u64,
        total: u64,
    },
    Converting {
        from: i64,
        to: i64,
    },
    /// Told once at the end. The back-up is the person's to delete.
    Converted {
        from: i64,
        to: i64,
        backup: PathBuf,
    },
}

/// How often the length of a back-up is looked at.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Brings the gallery to the latest format. A file that has a gallery in it is copied first, as `<name>.v<n>.backup`.
///
/// A process killed at any moment leaves the old format or the new one. The back-up has its name only when the new
/// format stands: until then it is `….backup.part`, made anew by the next attempt, or named by the next start.
///
/// # Errors
/// [`StoreError::NoRoom`] before anything is written; those of [`schema::migrate`].
pub(super) fn upgrade(conn: &mut Connection, path: &Path, tell: &(dyn Fn(Upgrade) + Sync)) -> Result<(), StoreError> {
    let from = schema::check_version(conn)?;
    let to = schema::latest_version();
    if from == to {
        name_finished_backups(path, to);
        return Ok(());
    }
    let _elsewhere = TempFolder::beside(conn, path)?;
    if from == 0 {
        return schema::migrate(conn);
    }
    let bytes = bytes_in_use(conn)?;
    // The back-up, and the log of the change: at most the tables of photos and faces are written anew.
    let free = system::free_space(folder_of(path)).unwrap_or(u64::MAX);
    ensure_room("bringing the gallery to the new format, with a back-up", path, bytes + bytes / 2, free)?;
    let part = backup_part(path, from);
    back_up(conn, &part, bytes, tell)?;
    tell(Upgrade::Converting { from, to });
    schema::migrate(conn)?;
    let backup = give_name(path, from)?;
    tell(Upgrade::Converted { from, to, backup });
    Ok(())
}

/// A whole, compact copy of the gallery as of one moment, on the disk when this returns.
fn back_up(conn: &Connection, to: &Path, total: u64, tell: &(dyn Fn(Upgrade) + Sync)) -> Result<(), StoreError> {
    let io = |action| move |source| StoreError::Io { action, path: to.to_path_buf(), source };
    match fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(io("delete an unfinished back-up")(error));
        }
        _ => {}
    }
    // SQLite writes into an empty file, which keeps its rights.
    create_private(to)?;
    let is_done = AtomicBool::new(false);
    let copied = std::thread::scope(|scope| {
        let watch = || {
            while !is_done.load(Ordering::SeqCst) {
                let done = fs::metadata(to).map_or(0, |file| file.len());
                tell(Upgrade::BackingUp { done: done.min(total), total });
                std::thread::park_timeout(TELL_EVERY);
            }
        };
        // Without it nobody is told, which stops nothing.
        let watcher = std::thread::Builder::new().name("back-up".to_owned()).spawn_scoped(scope, watch).ok();
        let copied = vacuum_into(conn, to);
        is_done.store(true, Ordering::SeqCst);
        if let Some(watcher) = watcher {
            watcher.thread().unpark();
        }
        copied
    });
    let synced = copied.and_then(|()| {
        File::open(to).and_then(|file| file.sync_all()).map_err(io("write the back-up"))?;
        sync_folder(to).map_err(io("write the back-up"))
    });
    if synced.is_err() {
        let _ = fs::remove_file(to);
    }
    synced
}

/// A compact copy of the database in an empty file. Not yet on the disk when this returns.
pub(super) fn vacuum_into(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    // By way of a blob a name may have any bytes.
    conn.execute("VACUUM INTO CAST(?1 AS TEXT)", [to.as_os_str().as_bytes()])?;
    Ok(())
}

fn backup_part(path: &Path, version: i64) -> PathBuf {
    with_ending(path, &format!(".v{version}.backup.part"))
}

/// Takes ".part" from the name. A back-up of an earlier time stays, and this one gets a number.
fn give_name(path: &Path, version: i64) -> Result<PathBuf, StoreError> {
    let part = backup_part(path, version);
    let mut name = with_ending(path, &format!(".v{version}.backup"));
    let mut number = 2;
    while name.exists() {
        name = with_ending(path, &format!(".v{version}.backup-{number}"));
        number += 1;
    }
    let io = |source| StoreError::Io { action: "name the back-up", path: name.clone(), source };
    fs::rename(&part, &name).map_err(io)?;
    sync_folder(&name).map_err(|source| StoreError::Io { action: "name the back-up", path: name.clone(), source })?;
    Ok(name)
}

/// A process was killed after the change of format and before the back-up had its name.
fn name_finished_backups(path: &Path, latest: i64) {
    for version in (1..latest).filter(|version| backup_part(path, *version).exists()) {
        match give_name(path, version) {
            Ok(backup) => log::info!("the gallery as it was in format {version} is kept: {}", backup.display()),
            Err(error) => log::warn!("{error}"),
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Bytes of the database without what was deleted.
fn bytes_in_use(conn: &Connection) -> Result<u64, StoreError> {
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")? - pragma("freelist_count")?;
    Ok(u64::try_from(pages * pragma("page_size")?).unwrap_or(0))
}

fn ensure_room(purpose: &'static str, path: &Path, needed: u64, free: u64) -> Result<(), StoreError> {
    if free >= needed {
        return Ok(());
    }
    Err(StoreError::NoRoom {
        purpose,
        needed_mb: needed.div_ceil(1_000_000),
        free_mb: free / 1_000_000,
        path: path.into(),
    })
}

/// Rewrites the file without what was deleted. Readers go on meanwhile. The new content is put together in a temporary
/// file of the data folder, then written through the log, so that a kill leaves the old content or the new.
pub(super) fn compact(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let bytes = bytes_in_use(conn)?;
    let free = system::free_space(folder_of(path)).unwrap_or(u64::MAX);
    ensure_room("giving back what was deleted", path, 2 * bytes, free)?;
    let _elsewhere = TempFolder::beside(conn, path)?;
    // The database is built to keep temporary tables in memory, and this one is as large as the gallery.
    conn.execute_batch("PRAGMA temp_store = FILE;")?;
    let compacted = conn.execute_batch("VACUUM");
    conn.execute_batch("PRAGMA temp_store = DEFAULT;")?;
    Ok(compacted?)
}

/// While this lives SQLite puts temporary files into the gallery's own folder: on the same disk, whose room was looked
/// at, and nowhere where others read. They have no name there and go with the process.
struct TempFolder<'a>(Option<&'a Path>);

impl<'a> TempFolder<'a> {
    fn beside(conn: &Connection, path: &'a Path) -> Result<Self, StoreError> {
        let folder = folder_of(path);
        match folder.to_str() {
            Some(text) => {
                conn.pragma_update(None, "temp_store_directory", text)?;
                Ok(Self(Some(folder)))
            }
            None => Ok(Self(None)),
        }
    }
}

impl Drop for TempFolder<'_> {
    fn drop(&mut self) {
        // The setting is the whole process's; any connection takes it back.
        if let Some(folder) = self.0
            && let Err(error) =
                Connection::open_in_memory().and_then(|conn| conn.pragma_update(None, "temp_store_directory", ""))
        {
            log::warn!("{error}: {}", folder.display());
        }
    }
}
