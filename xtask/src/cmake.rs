//! A CMake new enough for Faiss where the system's is older (Ubuntu 22.04 has 3.22).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::{Context, Result};
use crate::places::Places;
use crate::registry::{self, Artifact, Kind};
use crate::report::Step;
use crate::unpack;

/// What Faiss 1.12 asks for in its `CMakeLists.txt`.
pub const OLDEST: (u32, u32) = (3, 24);

const VERSION: &str = "3.31.10";

pub const ARTIFACT: Artifact = Artifact {
    name: "cmake",
    version: VERSION,
    file: "cmake-3.31.10-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    bytes: 27_808_794,
    sha256: "2f766bb46367e5e0559fa33184653754bce044583a06014dcaebf8e6dff8a1f1",
    kind: Kind::Wheel,
};

/// Where the own CMake lies once laid down.
pub fn own(places: &Places) -> PathBuf {
    tree(places).join("bin/cmake")
}

fn tree(places: &Places) -> PathBuf {
    places.cache.join(format!("cmake-{VERSION}"))
}

/// The version of the system's CMake, `None` where there is none.
pub fn system_version() -> Option<(u32, u32)> {
    version_of("cmake".into())
}

/// Whether the own CMake starts.
pub fn is_whole(places: &Places) -> bool {
    version_of(own(places)).is_some()
}

fn version_of(program: PathBuf) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    version_from_text(&String::from_utf8_lossy(&output.stdout))
}

fn version_from_text(text: &str) -> Option<(u32, u32)> {
    let version = text.strip_prefix("cmake version ")?;
    let mut parts = version.split(['.', '-', '\n']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub fn lay_down(places: &Places) -> Result<()> {
    let archive = registry::fetch(places, &ARTIFACT)?;
    let step = Step::begin(format!("CMake {VERSION} (the system's is older than {}.{})", OLDEST.0, OLDEST.1));
    let target = tree(places);
    let staging = unpack::staging(&target)?;
    unpack::wheel(&archive, &staging, |member| member.strip_prefix("cmake/data/").map(str::to_owned))?;
    let program = staging.join("bin/cmake");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&program, executable).context(|| format!("could not make {} executable", program.display()))?;
    unpack::publish(&staging, &target)?;
    step.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version_from_text("cmake version 3.22.1\n\nCMake suite"), Some((3, 22)));
        assert_eq!(version_from_text("cmake version 4.1-rc1\n"), Some((4, 1)));
        assert_eq!(version_from_text("sh: not found"), None);
        assert!((3, 22) < OLDEST && (3, 25) >= OLDEST && (4, 0) >= OLDEST);
    }
}
