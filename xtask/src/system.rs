//! System packages: what is looked for, and how it is installed on Debian and Ubuntu.
//!
//! Looking asks for the thing itself (a program, a library), not for a package: a machine that has it from
//! elsewhere is not bothered.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::registry;
use crate::report::Step;

/// How one looks whether a need is met.
enum Probe {
    /// One of these programs is on the PATH.
    Program(&'static [&'static str]),
    /// All of these files lie in a library folder (what the linker needs).
    Linkable(&'static [&'static str]),
    /// The loader knows this library (what the program needs while it runs).
    Loadable(&'static str),
    Pip,
}

struct Need {
    package: &'static str,
    probe: Probe,
    what_for: &'static str,
}

const fn need(package: &'static str, probe: Probe, what_for: &'static str) -> Need {
    Need { package, probe, what_for }
}

const BUILD: [Need; 7] = [
    need("g++", Probe::Program(&["c++", "g++"]), "the C++ parts (libtorch's binding, Faiss, SQLCipher)"),
    need("make", Probe::Program(&["make"]), "the C++ parts"),
    need("cmake", Probe::Program(&["cmake"]), "Faiss and libjpeg-turbo"),
    need("pkg-config", Probe::Program(&["pkg-config", "pkgconf"]), "finding OpenSSL"),
    need("nasm", Probe::Program(&["nasm", "yasm"]), "libjpeg-turbo's vector code"),
    need("libopenblas-dev", Probe::Linkable(&["libopenblas.so", "libblas.so", "liblapack.so"]), "Faiss"),
    need("libssl-dev", Probe::Linkable(&["libcrypto.so"]), "SQLCipher"),
];

const PIP: [Need; 1] = [need("python3-pip", Probe::Pip, "the downloads")];

const HEIC: [Need; 1] = [need("libheif1", Probe::Loadable("libheif.so.1"), "HEIC photos")];

const WINDOW: [Need; 10] = [
    need("libegl1", Probe::Loadable("libEGL.so.1"), "drawing"),
    need("libgl1", Probe::Loadable("libGL.so.1"), "drawing"),
    need("libxkbcommon0", Probe::Loadable("libxkbcommon.so.0"), "the keyboard"),
    need("libxkbcommon-x11-0", Probe::Loadable("libxkbcommon-x11.so.0"), "the keyboard under X11"),
    need("libx11-6", Probe::Loadable("libX11.so.6"), "X11"),
    need("libx11-xcb1", Probe::Loadable("libX11-xcb.so.1"), "X11"),
    need("libxcursor1", Probe::Loadable("libXcursor.so.1"), "X11"),
    need("libxi6", Probe::Loadable("libXi.so.6"), "X11"),
    need("libwayland-client0", Probe::Loadable("libwayland-client.so.0"), "Wayland"),
    need("libwayland-egl1", Probe::Loadable("libwayland-egl.so.1"), "Wayland"),
];

/// Whether a window can be opened: an X11 or Wayland display is named.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Sees to it that everything needed is there: installs it, or stops with the line to type.
/// Window libraries count where there is a display; the HEIC library is asked for but its lack stops nothing.
pub fn provide(downloads_ahead: bool) -> Result<()> {
    let machine = Machine::look();
    let window: &[Need] = if has_display() { &WINDOW } else { &[] };
    let pip: &[Need] = if downloads_ahead { &PIP } else { &[] };
    let required: Vec<&Need> = BUILD.iter().chain(pip).chain(window).filter(|need| !machine.meets(need)).collect();
    let wished: Vec<&Need> = HEIC.iter().filter(|need| !machine.meets(need)).collect();
    if required.is_empty() && wished.is_empty() {
        return Ok(());
    }
    for need in required.iter().chain(&wished) {
        eprintln!("    missing: {} – {}", need.package, need.what_for);
    }
    let mut packages: Vec<&str> = required.iter().chain(&wished).map(|need| need.package).collect();
    if packages.contains(&"libheif1") && is_known_package("libheif-plugin-libde265") {
        packages.push("libheif-plugin-libde265"); // newer releases keep the HEIC decoder apart
    }
    let Some(prefix) = apt_prefix() else {
        let line =
            format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {}", packages.join(" "));
        if required.is_empty() {
            eprintln!("    HEIC photos cannot be read until then: {line}");
            return Ok(());
        }
        return Err(Failure::new(format!(
            "system packages are missing and installing them needs root. Type:\n\n    {line}\n"
        )));
    };
    install(prefix, &packages)?;
    let machine = Machine::look();
    match required.iter().find(|need| !machine.meets(need)) {
        None => Ok(()),
        Some(need) => {
            Err(Failure::new(format!("{} is installed, but what it should bring is not found", need.package)))
        }
    }
}

fn install(prefix: &[&str], packages: &[&str]) -> Result<()> {
    let step = Step::begin(format!("system packages: {}", packages.join(" ")));
    let run = |arguments: &[&str]| {
        let mut line: Vec<&str> = prefix.to_vec();
        line.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]);
        line.extend(arguments);
        let status = Command::new(line[0]).args(&line[1..]).stdin(Stdio::null()).stdout(std::io::stderr()).status();
        if status.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        Err(Failure::new(format!("this failed, see above: {}", line.join(" "))))
    };
    run(&["update"])?;
    run(&[&["install", "-y", "--no-install-recommends"], packages].concat())?;
    step.done();
    Ok(())
}

/// What stands before `apt-get`: nothing for root, `sudo -n` where it asks for no password. `None`: cannot install.
fn apt_prefix() -> Option<&'static [&'static str]> {
    let succeeds = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !succeeds("apt-get", &["--version"]) {
        return None;
    }
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(&[]);
    }
    succeeds("sudo", &["-n", "true"]).then_some(&["sudo", "-n"])
}

fn is_known_package(package: &str) -> bool {
    let mut command = Command::new("apt-cache");
    command.args(["show", package]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What this machine has, asked for once.
struct Machine {
    /// The loader's list of libraries.
    loadable: String,
}

impl Machine {
    fn look() -> Self {
        let output = Command::new("/sbin/ldconfig").arg("-p").stdin(Stdio::null()).output();
        Self { loadable: output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default() }
    }

    fn meets(&self, need: &Need) -> bool {
        match need.probe {
            Probe::Program(names) => names.iter().any(|name| is_on_path(name)),
            Probe::Linkable(files) => files.iter().all(|file| is_in_library_folder(file)),
            Probe::Loadable(name) => self.loadable.lines().any(|line| line.split_whitespace().next() == Some(name)),
            Probe::Pip => registry::python_with_pip().is_some(),
        }
    }
}

fn is_on_path(program: &str) -> bool {
    on_path(program).is_some()
}

/// Where this program lies.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn is_in_library_folder(file: &str) -> bool {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"]
        .iter()
        .any(|folder| Path::new(folder).join(file).exists())
}

/// Free bytes on the file system that holds `path` (which must exist); `None` where `df` cannot say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let output = Command::new("df").args(["--output=avail", "-B1"]).arg(path).stdin(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_by_their_whole_name() {
        let machine = Machine { loadable: "3 libs found\n\tlibEGL.so.1 (libc6,x86-64) => /lib/libEGL.so.1\n".into() };
        assert!(machine.meets(&need("libegl1", Probe::Loadable("libEGL.so.1"), "")));
        assert!(!machine.meets(&need("libgl1", Probe::Loadable("libGL.so.1"), "")));
        assert!(!machine.meets(&need("x", Probe::Loadable("EGL.so.1"), "")));
    }

    #[test]
    fn the_compiler_script_installs_the_same_packages() {
        let script = include_str!("../../.cargo/rustc");
        let line = script.lines().find_map(|line| line.strip_prefix("packages=")).expect("the list");
        let named: Vec<&str> = line.trim_matches('"').split(' ').collect();
        let needed: Vec<&str> = BUILD.iter().chain(&PIP).chain(&HEIC).map(|need| need.package).collect();
        assert_eq!(named, needed);
    }

    #[test]
    fn free_space_is_read() {
        assert!(free_bytes(Path::new("/")).is_some_and(|free| free > 0));
    }
}
