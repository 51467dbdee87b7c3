//! `cargo xtask test`: formatting, licences, lints and tests, the same here and in CI.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Context, Failure, Result};
use crate::local;
use crate::places::{Places, create_dir};
use crate::report::Step;

const CARGO_DENY: &str = "0.20.2";

pub fn run(places: &Places) -> Result<()> {
    components(places)?;
    let deny = cargo_deny(places)?;
    cargo_step(places, "formatting", &["fmt", "--all", "--check"])?;
    let mut check = Command::new(&deny);
    // Advisories would need a database from the network; the licences, bans and sources do not.
    check.current_dir(&places.checkout).args(["--locked", "check", "licenses", "bans", "sources"]);
    step("licences, bans and sources (cargo deny)", &mut check)?;
    cargo_step(places, "lints (clippy)", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo_step(places, "tests", &["test", "--workspace", "--no-fail-fast"])
}

fn cargo_step(places: &Places, title: &str, arguments: &[&str]) -> Result<()> {
    step(title, local::cargo(places).args(arguments))
}

fn step(title: &str, command: &mut Command) -> Result<()> {
    let step = Step::begin(title);
    let status = command.stdin(Stdio::null()).status();
    let status = status.context(|| format!("could not start {}", command.get_program().display()))?;
    if !status.success() {
        return Err(Failure::new(format!("{title}: failed, see above")));
    }
    step.done();
    Ok(())
}

/// rustfmt and clippy are parts of the toolchain that a minimal installation leaves out.
fn components(places: &Places) -> Result<()> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(subcommand, _)| {
            let mut command = local::cargo(places);
            command.args([subcommand, "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            !command.status().is_ok_and(|status| status.success())
        })
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "parts of the Rust toolchain are missing. Type:\n\n    rustup component add {}\n",
        missing.join(" ")
    )))
}

/// The program, built once from the crates registry into the cache folder: without the parts that need the network,
/// unoptimised (it runs for a second).
fn cargo_deny(places: &Places) -> Result<PathBuf> {
    let root = places.cache.join(format!("cargo-deny-{CARGO_DENY}"));
    let program = root.join("bin/cargo-deny");
    if is_whole(&program) {
        return Ok(program);
    }
    create_dir(&root)?;
    let target = root.join("build");
    let mut install = local::cargo(places);
    install.args(["install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--debug", "--no-default-features"]);
    install
        .arg("--force")
        .arg("--root")
        .arg(&root)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    step("cargo-deny, built once (a minute or two)", &mut install)?;
    // What the build leaves behind is fifteen times the program.
    std::fs::remove_dir_all(&target).context(|| format!("could not remove {}", target.display()))?;
    Ok(program)
}

fn is_whole(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains(CARGO_DENY))
}
