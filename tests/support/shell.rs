//! The program without its window: started on a folder of the test's own, and waited for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use likeness::app::{EnrollCommand, Shell};

/// Of one wait; the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(180);

/// The program on the data folder `home`, open. The person's settings lie in `home/config`.
pub fn start(home: &Path) -> Shell {
    let mut shell = begin(home, home);
    until(&mut shell, "the program is open", |shell| !shell.state().status.starting);
    shell
}

/// The program on the data folder `data`, which it may not have opened yet. The person's settings lie in `home/config`.
pub fn begin(home: &Path, data: &Path) -> Shell {
    Shell::start_with(Some(data.to_path_buf()), Some(home.join("config")), Arc::new(|| {})).unwrap()
}

/// The program beside an album of so many small photos of two people, which it has not seen yet.
pub fn with_album(photos: u16) -> (tempfile::TempDir, PathBuf, Shell) {
    let home = tempfile::tempdir().unwrap();
    let album = home.path().join("album");
    super::write_album(&album, photos);
    let shell = start(home.path());
    (home, album, shell)
}

/// Takes in what happens until `done` holds; fails with what the program tells where it does not come.
pub fn until(shell: &mut Shell, what: &str, done: impl Fn(&Shell) -> bool) {
    let begun = Instant::now();
    while !done(shell) {
        shell.pump(Duration::from_millis(4));
        let (notices, candidates) = (&shell.state().notices, &shell.state().search.candidates);
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}; {notices:?} {candidates:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Takes in what happens for this long.
pub fn watch(shell: &mut Shell, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        shell.pump(Duration::from_millis(4));
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn all_ended(shell: &Shell) -> bool {
    shell.state().jobs.iter().all(|job| job.state.is_ended())
}

/// Enrolls a folder to its end.
pub fn enroll(shell: &mut Shell, folder: &Path, subjects_from_folders: bool) {
    shell.dispatch(EnrollCommand::Start { sources: vec![folder.to_path_buf()], subjects_from_folders });
    until(shell, "the job has ended", all_ended);
}
