//! Running the program, killing it, and filling its disk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::failure::{Context, Failure, Result};

pub struct Program {
    pub binary: PathBuf,
    pub data: PathBuf,
    pub log: PathBuf,
}

/// How a command ended.
#[derive(Debug)]
pub enum Ended {
    Well(Vec<Value>),
    /// What it said on standard error.
    Refused(String),
    /// Killed, or stopped by a full disk.
    CutShort,
}

/// The longest that any command may take.
const PATIENCE: Duration = Duration::from_secs(180);

impl Program {
    pub fn say(&self, line: &str) {
        if let Ok(mut log) = fs::File::options().append(true).create(true).open(&self.log) {
            let _ = writeln!(log, "{line}");
        }
    }

    /// Runs a command, with `kill_after` to its death by SIGKILL unless it has ended before.
    pub fn run(&self, arguments: &[String], kill_after: Option<Duration>) -> Result<Ended> {
        let stdout_path = self.log.with_extension("stdout");
        let stderr_path = self.log.with_extension("stderr");
        let create = |path: &Path| fs::File::create(path).context(|| format!("could not write {}", path.display()));
        let mut child = Command::new(&self.binary)
            .arg("--data-dir")
            .arg(&self.data)
            .arg("--json")
            .args(arguments)
            .env("LIKENESS_CONFIG_DIR", self.log.with_extension("config"))
            .stdin(Stdio::null())
            .stdout(create(&stdout_path)?)
            .stderr(create(&stderr_path)?)
            .spawn()
            .context(|| format!("could not start {}", self.binary.display()))?;
        let begun = Instant::now();
        let mut killed = false;
        let status = loop {
            if let Some(status) = child.try_wait().context(|| "could not wait for the program".to_owned())? {
                break status;
            }
            if !killed && kill_after.is_some_and(|after| begun.elapsed() >= after) {
                killed = true;
                child.kill().context(|| "could not kill the program".to_owned())?;
            }
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                return Err(Failure::new(format!(
                    "stuck for {} s: likeness {}",
                    PATIENCE.as_secs(),
                    arguments.join(" ")
                )));
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let stderr = fs::read_to_string(&stderr_path).unwrap_or_default();
        if killed && status.code().is_none() {
            return Ok(Ended::CutShort);
        }
        if status.code().is_none() || stderr.contains("panicked") || stderr.contains("fault of the program") {
            return Err(Failure::new(format!("likeness {} died: {status}\n{stderr}", arguments.join(" "))));
        }
        if !status.success() {
            return Ok(Ended::Refused(stderr));
        }
        let stdout = fs::read_to_string(&stdout_path).context(|| "could not read what was printed".to_owned())?;
        let lines = stdout
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|error| Failure::new(format!("no JSON ({error}): {line}"))));
        Ok(Ended::Well(lines.collect::<Result<_>>()?))
    }

    /// What the last command printed.
    pub fn said_last(&self) -> String {
        fs::read_to_string(self.log.with_extension("stdout")).unwrap_or_default()
    }

    /// Runs a command that must end well.
    pub fn must(&self, arguments: &[String]) -> Result<Vec<Value>> {
        match self.run(arguments, None)? {
            Ended::Well(lines) => Ok(lines),
            Ended::Refused(reason) => {
                Err(Failure::new(format!("likeness {} failed: {reason}\n{}", arguments.join(" "), self.said_last())))
            }
            Ended::CutShort => Err(Failure::new("killed without having been asked to".to_owned())),
        }
    }
}

/// A small disk for the data folder, where the system lets one be mounted.
pub struct SmallDisk {
    path: PathBuf,
}

const DISK_MB: u64 = 300;

impl SmallDisk {
    pub fn mount(path: &Path) -> Option<Self> {
        fs::create_dir_all(path).ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={DISK_MB}m"), "likeness-soak"]).arg(path);
        let status = mount.stdin(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        status.success().then(|| Self { path: path.to_path_buf() })
    }

    /// Fills the disk but for `left` bytes.
    pub fn fill(&self, left: u64) -> Result<()> {
        let path = self.ballast();
        let mut file = fs::File::create(&path).context(|| "could not fill the disk".to_owned())?;
        let block = vec![0x55; 1 << 16];
        while file.write_all(&block).is_ok() {}
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        file.set_len(length.saturating_sub(left)).context(|| "could not fill the disk".to_owned())
    }

    pub fn relieve(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context(|| "could not relieve the disk".to_owned())
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).stdin(Stdio::null()).status();
    }
}
