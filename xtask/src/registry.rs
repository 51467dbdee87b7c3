//! Files of the Python and npm registries: by name and version through the registry's own client, pinned by sha256.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::failure::{Context, Failure, Result};
use crate::npm;
use crate::places::{Places, create_dir};
use crate::report::{Step, megabytes};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Wheel,
    Sdist,
    /// A package of the npm registry, a `.tar.gz` too.
    Npm,
}

/// One file of one release. `bytes` is its size as published.
#[derive(PartialEq, Eq)]
pub struct Artifact {
    pub name: &'static str,
    pub version: &'static str,
    pub file: &'static str,
    pub bytes: u64,
    pub sha256: &'static str,
    pub kind: Kind,
}

/// The client whose index lookup and session `fetch.py` uses: those of Debian 12 and Ubuntu are older and each other.
const PIP: Artifact = Artifact {
    name: "pip",
    version: "25.3",
    file: "pip-25.3-py3-none-any.whl",
    bytes: 1_778_622,
    sha256: "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd",
    kind: Kind::Wheel,
};

/// Which builds of a wheel are wanted; the interpreter that runs pip has no say in it.
const WHEEL_OPTIONS: [&str; 13] = [
    "--only-binary=:all:",
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--platform",
    "manylinux_2_28_x86_64",
    "--platform",
    "manylinux_2_25_x86_64",
    "--platform",
    "manylinux_2_17_x86_64",
    "--platform",
    "manylinux2014_x86_64",
];

const FETCH: &str = include_str!("fetch.py");

/// The first interpreter here that has a pip of its own.
pub fn python_with_pip() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        pip.status().is_ok_and(|status| status.success())
    })
}

fn needed_python() -> Result<&'static str> {
    python_with_pip().ok_or_else(|| Failure::new("python3 with pip is needed for the downloads"))
}

/// Lays the file into the downloads folder, whole and checked, and returns its path.
///
/// A file already there is checked by its hash and fetched again where it is damaged; half a file is continued.
pub fn fetch(places: &Places, artifact: &Artifact) -> Result<PathBuf> {
    let path = places.downloads().join(artifact.file);
    if path.is_file() {
        if sha256_of(&path)? == artifact.sha256 {
            return Ok(path);
        }
        eprintln!("    {} is damaged; fetching it again", path.display());
        remove_file(&path)?;
    }
    create_dir(&places.downloads())?;
    let client = if *artifact == PIP || artifact.kind == Kind::Npm { None } else { Some(fetch(places, &PIP)?) };
    // A half file from an older try may itself be damaged, which shows only at the end: then once more, from nothing.
    for last in [false, true] {
        let step = Step::begin(format!("{} {} ({})", artifact.name, artifact.version, megabytes(artifact.bytes)));
        match &client {
            Some(pip) => run_fetch_script(needed_python()?, pip, artifact, &path)?,
            None if artifact.kind == Kind::Npm => npm::fetch(places, artifact, &path)?,
            None => fetch_pip(needed_python()?, &places.downloads())?,
        }
        let found = sha256_of(&path)?;
        if found == artifact.sha256 {
            step.done();
            return Ok(path);
        }
        remove_file(&path)?;
        let advice = if last { "; the registry's file is not the one pinned here" } else { "; once more" };
        eprintln!("    {}: sha256 {found}, expected {}{advice}", artifact.file, artifact.sha256);
    }
    Err(Failure::new(format!("{} {} does not have the pinned sha256", artifact.name, artifact.version)))
}

/// How many bytes are still to come for this file: nothing where it is there, the rest where half of it is.
pub fn missing_bytes(places: &Places, artifact: &Artifact) -> u64 {
    let path = places.downloads().join(artifact.file);
    let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    let part = places.downloads().join(format!("{}.part", artifact.file));
    artifact.bytes.saturating_sub(size(&path).max(size(&part)))
}

/// Removes the archive, or half of it, from the downloads folder.
pub fn discard(places: &Places, artifact: &Artifact) -> Result<()> {
    let path = places.downloads().join(artifact.file);
    for path in [places.downloads().join(format!("{}.part", artifact.file)), path] {
        if path.exists() {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// The pinned pip comes through the system's pip, which checks the hash itself.
fn fetch_pip(python: &str, downloads: &Path) -> Result<()> {
    let pins = downloads.join("pip-requirements.txt");
    let line = format!("{}=={} --hash=sha256:{}\n", PIP.name, PIP.version, PIP.sha256);
    fs::write(&pins, line).context(|| format!("could not write {}", pins.display()))?;
    let mut command = Command::new(python);
    command.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"]);
    command.args(["--only-binary=:all:", "--require-hashes", "--requirement"]).arg(&pins).arg("--dest").arg(downloads);
    command.env("PIP_REQUIRE_VIRTUALENV", "0").stdin(Stdio::null());
    succeed(command, "pip could not fetch its own newer release; check the network and call again")
}

fn run_fetch_script(python: &str, pip: &Path, artifact: &Artifact, path: &Path) -> Result<()> {
    let script = path.with_file_name("fetch.py");
    fs::write(&script, FETCH).context(|| format!("could not write {}", script.display()))?;
    let mut command = Command::new(python);
    command.arg("-I").arg(&script).arg(pip).arg(path).arg(artifact.bytes.to_string());
    command.args([artifact.name, artifact.version, artifact.sha256]);
    match artifact.kind {
        Kind::Wheel => command.args(WHEEL_OPTIONS),
        Kind::Sdist | Kind::Npm => command.args(["--no-binary", ":all:"]),
    };
    command.env("PIP_REQUIRE_VIRTUALENV", "0").stdin(Stdio::null());
    let message = format!(
        "{} {} could not be fetched; what has come so far is kept: check the network and the disk and call again",
        artifact.name, artifact.version
    );
    succeed(command, &message)
}

pub fn succeed(mut command: Command, message: &str) -> Result<()> {
    let status = command.status().context(|| format!("could not start {}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(Failure::new(message)) }
}

pub fn sha256_of(path: &Path) -> Result<String> {
    let doing = || format!("could not read {}", path.display());
    let mut file = File::open(path).context(doing)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context(doing),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn remove_file(path: &Path) -> Result<()> {
    fs::remove_file(path).context(|| format!("could not remove {}", path.display()))
}
