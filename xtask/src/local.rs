//! What set-up leaves in the checkout: the link to libtorch and, on machines that need it, `.cargo/local.toml`.
//! Both are ignored by git; with them plain `cargo build`, `cargo test` and `cargo run` work.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::failure::{Context, Result};
use crate::places::Places;

const CXXFLAGS: &str = "CXXFLAGS_x86_64_unknown_linux_gnu";

/// As in `.cargo/machine.toml`.
const DEFAULT_CXXFLAGS: &str = "-march=x86-64-v3";

/// Points `.libtorch` at the tree, in one step. Says whether something changed.
pub fn link_libtorch(places: &Places, tree: &Path) -> Result<bool> {
    let link = places.libtorch_link();
    if fs::read_link(&link).is_ok_and(|found| found == tree) {
        return Ok(false);
    }
    let doing = || format!("could not make the link {}", link.display());
    let new = places.checkout.join(".libtorch.new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).context(doing),
        _ => std::os::unix::fs::symlink(tree, &new).context(doing)?,
    }
    fs::rename(&new, &link).context(doing)?;
    Ok(true)
}

/// Writes `.cargo/local.toml` where this machine needs other settings than the committed ones, removes it where not.
pub fn write_cargo_settings(places: &Places, own_cmake: Option<&Path>) -> Result<()> {
    let path = places.checkout.join(".cargo/local.toml");
    let settings = settings(own_cmake, processor_level());
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == settings {
        return Ok(());
    }
    if settings.is_empty() {
        return fs::remove_file(&path).context(|| format!("could not remove {}", path.display()));
    }
    let new = path.with_extension("toml.new");
    fs::write(&new, &settings).context(|| format!("could not write {}", new.display()))?;
    fs::rename(&new, &path).context(|| format!("could not write {}", path.display()))?;
    eprintln!("    {} written for this machine", path.display());
    Ok(())
}

fn settings(own_cmake: Option<&Path>, level: &str) -> String {
    let mut lines = Vec::new();
    if level != DEFAULT_CXXFLAGS {
        lines.push(format!("{CXXFLAGS} = \"{level}\""));
    }
    if let Some(cmake) = own_cmake {
        lines.push(format!("CMAKE = {:?}", cmake.display().to_string()));
    }
    if lines.is_empty() {
        return String::new();
    }
    format!("# Written by `cargo xtask setup` for this machine.\n[env]\n{}\n", lines.join("\n"))
}

/// The highest of the x86-64 levels (as named by the psABI) that Faiss profits from and this processor has.
fn processor_level() -> &'static str {
    use std::arch::is_x86_feature_detected as has;

    if has!("avx2") && has!("fma") && has!("f16c") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("movbe") {
        DEFAULT_CXXFLAGS
    } else if has!("sse4.2") && has!("popcnt") && has!("ssse3") {
        "-march=x86-64-v2"
    } else {
        "-march=x86-64"
    }
}

/// Cargo in the checkout, as the user would call it: what the outer `cargo xtask` took from `.cargo/` and put into the
/// environment is taken out again, so that the settings hold that set-up has just written.
pub fn cargo(places: &Places) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&places.checkout);
    if env::var_os("LIBTORCH").is_some_and(|set| set == places.libtorch_link()) {
        command.env_remove("LIBTORCH");
    }
    if env::var(CXXFLAGS).is_ok_and(|flags| flags == DEFAULT_CXXFLAGS) {
        command.env_remove(CXXFLAGS);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_machine_needs_no_settings() {
        assert_eq!(settings(None, DEFAULT_CXXFLAGS), "");
    }

    #[test]
    fn an_old_processor_and_an_old_cmake_are_provided_for() {
        let text = settings(Some(Path::new("/cache/cmake")), "-march=x86-64-v2");
        assert!(text.contains("CXXFLAGS_x86_64_unknown_linux_gnu = \"-march=x86-64-v2\""), "{text}");
        assert!(text.contains("CMAKE = \"/cache/cmake\""), "{text}");
    }

    #[test]
    fn the_default_is_the_committed_one() {
        let committed = include_str!("../../.cargo/machine.toml");
        assert!(committed.contains(&format!("{CXXFLAGS} = \"{DEFAULT_CXXFLAGS}\"")));
    }
}
