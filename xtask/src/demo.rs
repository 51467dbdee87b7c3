//! `cargo xtask run`: builds and starts the program; without a display it does the main job headless.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::failure::{Context, Failure, Result};
use crate::local;
use crate::places::{Places, create_dir};
use crate::report::Step;
use crate::system;

/// Sample photos that are enrolled, with the subject they show, and two others of the same archive to search with.
const ENROLLED: [(&str, &str); 5] = [
    ("obama", "obama.jpg"),
    ("obama", "obama2.jpg"),
    ("obama", "obama_partial_face.jpg"),
    ("obama", "32bit.png"),
    ("biden", "biden.jpg"),
];
const PROBES: [&str; 2] = ["obama3.jpg", "obama_partial_face2.jpg"];

/// Screens of the program, and whether a picture of them takes a probe.
const SCREENS: [(&str, bool); 7] = [
    ("enroll", false),
    ("detail", false),
    ("search", true),
    ("compare", true),
    ("tune", false),
    ("models", false),
    ("settings", false),
];

/// Builds, then starts the program with `arguments`; its exit code is ours.
pub fn run(places: &Places, arguments: &[String]) -> Result<ExitCode> {
    let program = build(places)?;
    if arguments.is_empty() && !system::has_display() {
        eprintln!("==> no display (neither DISPLAY nor WAYLAND_DISPLAY is set): the main job without a window");
        headless(places, &program)?;
        return Ok(ExitCode::SUCCESS);
    }
    let status = Command::new(&program).args(arguments).status();
    let status = status.context(|| format!("could not start {}", program.display()))?;
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into())
}

pub fn build(places: &Places) -> Result<PathBuf> {
    let step = Step::begin("build (a first build compiles Faiss, libtorch's binding and SQLCipher: some minutes)");
    let mut cargo = local::cargo(places);
    cargo.args(["build", "--package", "likeness", "--bin", "likeness", "--message-format", "json-render-diagnostics"]);
    let output =
        cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context(|| "could not start cargo".into())?;
    if !output.status.success() {
        return Err(Failure::new("the build failed, see above"));
    }
    let program = executable(&String::from_utf8_lossy(&output.stdout));
    step.done();
    program.ok_or_else(|| Failure::new("cargo named no program after the build"))
}

/// The path in the last `"executable":"…"` of cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let (_, rest) = messages.rsplit_once("\"executable\":\"")?;
    let (path, _) = rest.split_once('"')?;
    Some(path.replace("\\\\", "\\").into())
}

/// Enrolls sample photos, searches two others, prints the candidates, draws every screen.
fn headless(places: &Places, program: &Path) -> Result<()> {
    let demo = places.cache.join("demo");
    if demo.exists() {
        fs::remove_dir_all(&demo).context(|| format!("could not remove {}", demo.display()))?;
    }
    let samples = places.assets.join("samples");
    let photos = demo.join("photos");
    for (subject, photo) in ENROLLED {
        let folder = photos.join(subject);
        create_dir(&folder)?;
        fs::copy(samples.join(photo), folder.join(photo)).context(|| format!("could not copy {photo}"))?;
    }
    let gallery = demo.join("gallery");
    let likeness = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(&gallery).args(arguments).stdin(Stdio::null());
        command
    };
    let step = Step::begin("enroll the sample photos");
    expect(likeness(&["enroll", "--subjects-from-folders"]).arg(&photos))?;
    step.done();
    for probe in PROBES {
        let step = Step::begin(format!("search for the face of {probe}"));
        expect(likeness(&["search"]).arg(samples.join(probe)))?;
        step.done();
    }
    let pictures = places.checkout.join("screens");
    create_dir(&pictures)?;
    let step = Step::begin(format!("pictures of every screen, into {}", pictures.display()));
    for (screen, with_probe) in SCREENS {
        for (theme, option) in [("light", None), ("dark", Some("--dark"))] {
            let mut command = likeness(&["screenshot", screen, "--out"]);
            command.arg(pictures.join(format!("{screen}-{theme}.png"))).args(option);
            if with_probe {
                command.arg("--probe").arg(samples.join(PROBES[0]));
            }
            expect(&mut command)?;
        }
    }
    step.done();
    eprintln!("==> pictures of every screen lie in {}", pictures.display());
    Ok(())
}

fn expect(command: &mut Command) -> Result<()> {
    let status = command.status().context(|| format!("could not start {}", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.display().to_string()).collect();
    Err(Failure::new(format!("likeness {} ended with {status}", arguments.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_read_from_cargos_messages() {
        let messages =
            "{\"executable\":null}\n{\"reason\":\"x\",\"executable\":\"/t/debug/likeness\",\"fresh\":true}\n";
        assert_eq!(executable(messages), Some("/t/debug/likeness".into()));
        assert_eq!(executable("{\"executable\":null}"), None);
    }
}
