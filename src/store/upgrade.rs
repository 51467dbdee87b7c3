//! Bringing a gallery of an older format to the present one, with a back-up of the file as it was; and the disk that
//! this and a compaction need meanwhile.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::file::create_private;
use super::{StoreError, schema, system};
use crate::files::{folder_of, put_in_place, sync_file, sync_folder};

/// What is told while a gallery comes to the present format, which takes minutes where it is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// Bytes of the back-up; every twentieth of a second.
    BackingUp { done: u64, total: u64 },
    /// Bytes written so far, of a number that nobody knows before; every twentieth of a second.
    Converting { from: i64, to: i64, written: u64 },
    /// Told once at the end. The back-up is the person's to delete.
    Converted { from: i64, to: i64, backup: PathBuf },
}

/// How often the length of what SQLite writes is looked at.
const TELL_EVERY: Duration = Duration::from_millis(50);

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
    tell(Upgrade::Converting { from, to, written: 0 });
    let log = with_ending(path, "-wal");
    let watch = || tell(Upgrade::Converting { from, to, written: length(&log) });
    while_watched(watch, || schema::migrate(conn))?;
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
    let watch = || tell(Upgrade::BackingUp { done: length(to).min(total), total });
    let copied = while_watched(watch, || vacuum_into(conn, to));
    let synced =
        copied.and_then(|()| sync_file(to).and_then(|()| sync_folder(folder_of(to))).map_err(io("write the back-up")));
    if synced.is_err() {
        let _ = fs::remove_file(to);
    }
    synced
}

/// Does the work, and calls `watch` at its start, and on another thread every twentieth of a second until it is done.
fn while_watched<T>(watch: impl Fn() + Sync, work: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    // Short work may be done before the thread runs.
    watch();
    std::thread::scope(|scope| {
        let watch = || {
            while !is_done.load(Ordering::SeqCst) {
                std::thread::park_timeout(TELL_EVERY);
                watch();
            }
        };
        // Without it nobody is told, which stops nothing.
        let watcher = std::thread::Builder::new().name("store-watch".to_owned()).spawn_scoped(scope, watch).ok();
        let done = work();
        is_done.store(true, Ordering::SeqCst);
        if let Some(watcher) = watcher {
            watcher.thread().unpark();
        }
        done
    })
}

/// Bytes of a file, 0 where there is none.
fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// Bytes of the largest of SQLite's temporary files in a folder, which have no name there.
fn temporary_bytes(folder: &Path) -> u64 {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let is_temporary = |file: &Path| file.starts_with(folder) && file.as_os_str().as_bytes().ends_with(b" (deleted)");
    let files = open.filter(|entry| fs::read_link(entry.path()).is_ok_and(|file| is_temporary(&file)));
    files.map(|entry| length(&entry.path())).max().unwrap_or(0)
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
    match put_in_place(&part, &name) {
        Ok(()) => Ok(name),
        Err(source) => Err(StoreError::Io { action: "name the back-up", path: name, source }),
    }
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
///
/// `tell` hears of bytes written and of the most that will be, twice the content, and ends the work by `Break`: the file is
/// then as it was, and the error is SQLite's word for an interruption.
pub(super) fn compact(
    conn: &Connection,
    path: &Path,
    tell: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
) -> Result<(), StoreError> {
    let total = 2 * bytes_in_use(conn)?;
    let free = system::free_space(folder_of(path)).unwrap_or(u64::MAX);
    ensure_room("giving back what was deleted", path, total, free)?;
    let _elsewhere = TempFolder::beside(conn, path)?;
    // The database is built to keep temporary tables in memory, and this one is as large as the gallery.
    conn.execute_batch("PRAGMA temp_store = FILE;")?;
    let log = with_ending(path, "-wal");
    let folder = fs::canonicalize(folder_of(path)).unwrap_or_else(|_| folder_of(path).to_path_buf());
    let (interrupt, before) = (conn.get_interrupt_handle(), length(&log));
    // The temporary file goes a moment before the end.
    let most = AtomicU64::new(0);
    let watch = || {
        let written = temporary_bytes(&folder) + length(&log).saturating_sub(before);
        let written = written.max(most.fetch_max(written, Ordering::SeqCst));
        if tell(written.min(total), total).is_break() {
            interrupt.interrupt();
        }
    };
    let compacted = while_watched(watch, || conn.execute_batch("VACUUM"));
    conn.execute_batch("PRAGMA temp_store = DEFAULT;")?;
    Ok(compacted?)
}

/// While this lives SQLite puts temporary files into the gallery's own folder: on the same disk, whose room was looked
/// at, and nowhere where others read. They have no name there and go with the process. The setting is the whole process's,
/// so that galleries which need it take turns.
struct TempFolder<'a> {
    folder: Option<&'a Path>,
    _turn: MutexGuard<'static, ()>,
}

impl<'a> TempFolder<'a> {
    fn beside(conn: &Connection, path: &'a Path) -> Result<Self, StoreError> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Some(folder_of(path)).filter(|folder| folder.to_str().is_some());
        if let Some(text) = folder.and_then(Path::to_str) {
            conn.pragma_update(None, "temp_store_directory", text)?;
        }
        Ok(Self { folder, _turn: turn })
    }
}

impl Drop for TempFolder<'_> {
    fn drop(&mut self) {
        // Any connection takes it back.
        if let Some(folder) = self.folder
            && let Err(error) =
                Connection::open_in_memory().and_then(|conn| conn.pragma_update(None, "temp_store_directory", ""))
        {
            log::warn!("{error}: {}", folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::store::Gallery;

    /// A gallery of format 1, as it lies among the tests' data.
    fn stored(dir: &Path) -> PathBuf {
        let path = dir.join("gallery.sqlite");
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gallery_v1.sqlite"), &path).unwrap();
        path
    }

    fn format_of(path: &Path) -> i64 {
        let conn = Connection::open(path).unwrap();
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_gallery_is_kept_as_it_was_before_its_format_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = stored(dir.path());
        let told = Mutex::new(Vec::new());
        let gallery = Gallery::open_telling(&path, &|step| told.lock().unwrap().push(step)).unwrap();
        drop(gallery);
        let backup = dir.path().join("gallery.sqlite.v1.backup");
        assert_eq!(names(dir.path()), ["gallery.sqlite", "gallery.sqlite.v1.backup"]);
        assert_eq!((format_of(&backup), format_of(&path)), (1, schema::latest_version()));
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
        let told = told.into_inner().unwrap();
        assert!(matches!(told[0], Upgrade::BackingUp { total, .. } if total > 0), "{told:?}");
        let to = schema::latest_version();
        assert!(told.contains(&Upgrade::Converting { from: 1, to, written: 0 }));
        assert_eq!(told.last(), Some(&Upgrade::Converted { from: 1, to, backup: backup.clone() }));
        // The back-up is a gallery of its own, and the next one does not take its place.
        let kept = fs::read(&backup).unwrap();
        fs::copy(&backup, &path).unwrap();
        assert_eq!(Gallery::open(&path).unwrap().counts().unwrap().photos, 3);
        assert_eq!(fs::read(&backup).unwrap(), kept);
        assert!(dir.path().join("gallery.sqlite.v1.backup-2").exists());
        // What has the present format is not copied, and a new gallery neither.
        Gallery::open(&path).unwrap();
        Gallery::open(&dir.path().join("new.sqlite")).unwrap();
        assert_eq!(names(dir.path()).len(), 4);
    }

    #[test]
    fn a_back_up_that_a_killed_process_left_gets_its_name_or_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = stored(dir.path());
        // Killed while it copied: half a file.
        fs::write(backup_part(&path, 1), "half").unwrap();
        Gallery::open(&path).unwrap();
        let backup = dir.path().join("gallery.sqlite.v1.backup");
        assert_eq!(format_of(&backup), 1);
        // Killed between the change of format and the naming.
        fs::rename(&backup, backup_part(&path, 1)).unwrap();
        Gallery::open(&path).unwrap();
        assert_eq!(names(dir.path()), ["gallery.sqlite", "gallery.sqlite.v1.backup"]);
    }

    #[test]
    fn too_little_room_is_said_with_numbers() {
        let refused = ensure_room("this", Path::new("/a"), 3_000_001, 2_999_999).unwrap_err().to_string();
        assert!(refused.contains("4 MB") && refused.contains("are 2 MB") && refused.ends_with("/a"), "{refused}");
        ensure_room("this", Path::new("/a"), 5, 5).unwrap();
    }

    #[test]
    fn a_damaged_gallery_is_not_migrated() {
        let dir = tempfile::tempdir().unwrap();
        let path = stored(dir.path());
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA journal_mode = DELETE;").unwrap();
        drop(conn);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..][..4096].fill(0xa5);
        fs::write(&path, &bytes).unwrap();
        let refused = Gallery::open(&path);
        assert!(refused.is_err(), "the copy reads every page");
        assert_eq!(format_of(&path), 1);
        assert!(!names(dir.path()).iter().any(|name| name.contains("backup")), "{:?}", names(dir.path()));
    }

    /// A gallery with 80 MB in its file, half of them deleted rows.
    fn half_empty(dir: &Path) -> Gallery {
        let gallery = Gallery::open(&dir.join("gallery.sqlite")).unwrap();
        let fill =
            "CREATE TABLE filling (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
                    INSERT INTO filling SELECT randomblob(2000) FROM n; DELETE FROM filling WHERE rowid % 2;";
        gallery.lock_writer().execute_batch(fill).unwrap();
        // Smaller than what is rewritten, as it is with galleries that matter.
        gallery.lock_writer().execute_batch("PRAGMA cache_size = -1000").unwrap();
        gallery.checkpoint().unwrap();
        gallery
    }

    #[test]
    fn a_compaction_puts_its_temporary_file_beside_the_gallery_and_tells_how_far_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gallery.sqlite");
        let gallery = half_empty(dir.path());
        let before = length(&path);
        let told = Mutex::new(Vec::new());
        let (seen, is_done) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::SeqCst) {
                    seen.fetch_or(temporary_bytes(dir.path()) > 0, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            let tell = |written, total| {
                told.lock().unwrap().push((written, total));
                ControlFlow::Continue(())
            };
            gallery.compact(&tell).unwrap();
            is_done.store(true, Ordering::SeqCst);
        });
        assert!(seen.into_inner(), "it was built in memory, or elsewhere");
        assert!(length(&path) < before * 2 / 3);
        assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
        let told = told.into_inner().unwrap();
        assert!(
            !told.is_empty() && told.is_sorted() && told.iter().all(|(written, total)| written <= total),
            "{told:?}"
        );
        assert!(told.iter().all(|(_, total)| (60_000_000..200_000_000).contains(total)), "{told:?}");
    }

    #[test]
    fn a_compaction_that_is_ended_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let gallery = half_empty(dir.path());
        let before = length(&dir.path().join("gallery.sqlite"));
        // Ended when the temporary file is seen, which is in the midst of it.
        let ended = gallery.compact(&|_, _| ControlFlow::Break(()));
        assert!(ended.is_err_and(|error| error.to_string().contains("interrupted")));
        assert_eq!(length(&dir.path().join("gallery.sqlite")), before);
        assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
        gallery.compact(&|_, _| ControlFlow::Continue(())).unwrap();
        assert!(length(&dir.path().join("gallery.sqlite")) < before * 2 / 3, "the next one goes through");
    }
}
