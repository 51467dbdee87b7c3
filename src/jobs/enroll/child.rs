//! Photos that may have killed the process are tried in a child process first, one at a time.

use crate::tell;
use crate::types::Telling;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::jobs::pipeline::{chip_template, decode_params, params_for_scale};
use crate::jobs::work::JobControl;
use crate::types::{DetectorParams, Landmarks};
use crate::vision::decode::{decoding_need, open_photo, read_photo_file};
use crate::vision::mtcnn::Mtcnn;
use crate::vision::weights_dir;

/// The hidden command by which the program tries one photo.
pub const TRY_PHOTO: &str = "try-photo";

/// A photo that takes longer than that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// What came of a trial.
#[derive(Debug, PartialEq)]
pub(super) enum Trial {
    /// The process lives: the photo may be taken in this one, be it sound or not.
    Harmless,
    /// Why the photo is left out.
    Deadly(Telling),
    Cancelled,
}

/// Takes the photo through the decoder, the detector and the decoder for finer pixels in a process of its own. One at a time.
pub(super) fn try_photo(path: &Path, detector: &DetectorParams, control: &JobControl) -> Trial {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (Some(program), Ok(detector)) = (own_program(), serde_json::to_string(detector)) else {
        return Trial::Deadly(tell!("issue-no-trial-here"));
    };
    let spawned = Command::new(program)
        .args([TRY_PHOTO, "--detector", &detector, "--"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            return Trial::Deadly(tell!("issue-no-trial", reason = &error));
        }
    };
    let begun = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break judge(status),
            Ok(None) if control.is_cancelled() => break Trial::Cancelled,
            Ok(None) if begun.elapsed() > PATIENCE => {
                break Trial::Deadly(tell!("issue-endless"));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => break Trial::Deadly(tell!("issue-no-trial", reason = &error)),
        }
    };
    if ended == Trial::Cancelled || begun.elapsed() > PATIENCE {
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

fn judge(status: ExitStatus) -> Trial {
    if status.success() { Trial::Harmless } else { Trial::Deadly(tell!("issue-crashes", status = status.to_string())) }
}

/// The body of the hidden command: whatever the photo is, coming back from here is a success.
pub fn probe_photo(path: &Path, detector: &DetectorParams) {
    abort_if_told(path, "head");
    let params = decode_params(detector);
    let _ = decoding_need(path, &params);
    abort_if_told(path, "whole");
    let photo = read_photo_file(path, params.max_file_bytes).and_then(|bytes| open_photo(bytes, &params));
    // Without a detector the enrollment itself says so; no photo is to be blamed for that.
    if let Ok(mut open) = photo
        && let Ok(mtcnn) = Mtcnn::load(&weights_dir().join("mtcnn"))
        && let Ok(faces) = mtcnn.detect(&open.photo.pixels, &params_for_scale(detector, open.photo.scale))
    {
        let up = 1.0 / open.photo.scale;
        let landmarks: Vec<Landmarks> = faces.iter().map(|face| face.landmarks.scaled(up)).collect();
        let _ = open.sharpen_for(&landmarks, &[chip_template()]);
    }
}

/// This program, also when it was replaced on disk meanwhile; from a test, the program that was built with it.
pub fn own_program() -> Option<PathBuf> {
    let here = env::current_exe().ok()?;
    // Whatever people call it. Tests and examples lie in folders of cargo's.
    if !["deps", "examples"].map(Some).contains(&here.parent()?.file_name()?.to_str()) {
        let kept = PathBuf::from("/proc/self/exe");
        return Some(if kept.exists() { kept } else { here });
    }
    here.ancestors().skip(1).take(2).map(|folder| folder.join("likeness")).find(|program| program.is_file())
}

/// Tests need a photo that kills the process, on any machine: one of the name in `LIKENESS_TEST_ABORT_ON` does, when the
/// step is come to that `LIKENESS_TEST_ABORT_AT` names: its `head` is read, or the `whole` of it, which is meant without.
pub(super) fn abort_if_told(path: &Path, step: &str) {
    let is_it = env::var_os("LIKENESS_TEST_ABORT_ON").is_some_and(|name| path.file_name() == Some(&*name));
    if is_it && env::var("LIKENESS_TEST_ABORT_AT").as_deref().unwrap_or("whole") == step {
        std::process::abort();
    }
}
