//! `cargo xtask setup`: everything that the build, the program and the tests need, once; then a quick look each time.

use std::time::Instant;

use crate::assets::{self, BUNDLES, Bundle};
use crate::cmake;
use crate::failure::{Failure, Result};
use crate::libtorch;
use crate::local;
use crate::npm;
use crate::places::{Places, create_dir};
use crate::registry::{self, Artifact, Kind};
use crate::report::{megabytes, seconds};
use crate::system;

/// What a call wants besides what every call does.
#[derive(Clone, Copy, Default)]
pub struct Extras {
    /// The weights of the dlib model.
    pub dlib: bool,
}

/// What is not there yet.
struct Missing {
    libtorch: bool,
    bundles: Vec<&'static Bundle>,
    cmake: bool,
}

impl Missing {
    fn look(places: &Places, extras: Extras) -> Self {
        let is_wanted = |bundle: &&Bundle| extras.dlib || !bundle.is_dlib;
        Self {
            libtorch: places.own_libtorch().is_none() && !libtorch::is_whole(&places.libtorch_tree()),
            bundles: BUNDLES.iter().filter(is_wanted).filter(|bundle| !bundle.is_whole(places)).collect(),
            cmake: needs_own_cmake() && !cmake::is_whole(places),
        }
    }

    fn artifacts(&self) -> Vec<&'static Artifact> {
        let mut artifacts: Vec<&Artifact> = Vec::new();
        if self.libtorch {
            artifacts.extend(&libtorch::ARTIFACTS);
        }
        if self.needs_npm() {
            artifacts.push(&npm::ARTIFACT);
        }
        artifacts.extend(self.bundles.iter().map(|bundle| &bundle.artifact));
        if self.cmake {
            artifacts.push(&cmake::ARTIFACT);
        }
        artifacts
    }

    /// Whether an npm has to come first.
    fn needs_npm(&self) -> bool {
        self.bundles.iter().any(|bundle| bundle.artifact.kind == Kind::Npm) && !npm::is_here()
    }
}

/// Looks what is there and brings what is missing. Each piece appears whole or not at all, so that a call after a cut
/// goes on where it stopped.
pub fn run(places: &Places, extras: Extras) -> Result<()> {
    let begun = Instant::now();
    let _lock = places.lock()?;
    if let Some(own) = places.own_libtorch() {
        libtorch::check_own(&own)?;
    }
    system::provide(!Missing::look(places, extras).artifacts().is_empty())?;
    let missing = Missing::look(places, extras); // again: the CMake that has just come may be too old
    let artifacts = missing.artifacts();
    check_space(places, &missing, &artifacts)?;

    if missing.libtorch {
        libtorch::lay_down(places)?;
        tidy(places)?;
    }
    for bundle in &missing.bundles {
        bundle.lay_down(places)?;
    }
    assets::lay_down_own(places)?;
    if missing.cmake {
        cmake::lay_down(places)?;
    }
    tidy(places)?;
    if places.own_libtorch().is_none() {
        local::link_libtorch(places, &places.libtorch_tree())?;
    }
    let own_cmake = needs_own_cmake().then(|| cmake::own(places));
    local::write_cargo_settings(places, own_cmake.as_deref())?;
    eprintln!("==> set-up: everything is in place ({})", seconds(begun.elapsed()));
    Ok(())
}

/// One line on what lies where, for `--help` and for people who look.
pub fn describe(places: &Places) -> String {
    format!("libtorch and tools   {}\nweights and samples  {}", places.cache.display(), places.assets.display())
}

fn needs_own_cmake() -> bool {
    cmake::system_version().is_some_and(|version| version < cmake::OLDEST)
}

/// Stops before the first byte where the disk cannot hold it.
fn check_space(places: &Places, missing: &Missing, artifacts: &[&Artifact]) -> Result<()> {
    if artifacts.is_empty() {
        return Ok(());
    }
    let download: u64 = artifacts.iter().map(|artifact| registry::missing_bytes(places, artifact)).sum();
    let libtorch = if missing.libtorch { libtorch::TREE_BYTES } else { 0 };
    let bundles = if missing.bundles.is_empty() { 0 } else { assets::LAID_DOWN_BYTES };
    let npm = if missing.needs_npm() { npm::TREE_BYTES } else { 0 };
    let need = download + libtorch + bundles + npm + 100_000_000;
    eprintln!("==> set-up: {} to download, into {}", megabytes(download), places.cache.display());
    create_dir(&places.cache)?;
    match system::free_bytes(&places.cache) {
        Some(free) if free < need => Err(Failure::new(format!(
            "{} of disk are needed below {}, {} are free",
            megabytes(need),
            places.cache.display(),
            megabytes(free)
        ))),
        _ => Ok(()),
    }
}

/// Removes the archives of what is now in place (650 MB; a damaged tree is rare and then costs a new download).
///
/// What is not in place is kept whatever this call wants: half of an archive that another call asked for is gone on with.
fn tidy(places: &Places) -> Result<()> {
    let missing = Missing::look(places, Extras { dlib: true }).artifacts();
    let all = libtorch::ARTIFACTS
        .iter()
        .chain(BUNDLES.iter().map(|bundle| &bundle.artifact))
        .chain([&cmake::ARTIFACT, &npm::ARTIFACT]);
    for artifact in all.filter(|artifact| !missing.contains(artifact)) {
        registry::discard(places, artifact)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn half_of_an_archive_that_this_call_does_not_want_is_kept() {
        let root = std::env::temp_dir().join(format!("likeness-tidy-{}", std::process::id()));
        let places = Places { checkout: PathBuf::new(), cache: root.join("cache"), assets: root.join("assets") };
        std::fs::create_dir_all(places.downloads()).unwrap();
        let part = |artifact: &Artifact| places.downloads().join(format!("{}.part", artifact.file));
        let dlib = BUNDLES.iter().find(|bundle| bundle.is_dlib).unwrap();
        std::fs::write(part(&dlib.artifact), b"half").unwrap();
        tidy(&places).unwrap();
        assert!(part(&dlib.artifact).exists());
        std::fs::remove_dir_all(root).unwrap();
    }
}
