//! `cargo xtask soak`: the program at work for a long time, on files that are renamed, swapped and deleted meanwhile, killed
//! at random moments and on a disk that is full now and then; and after each round the record of who is who, compared
//! with what was said.
//!
//! All choices come from the seed; only how far a command gets before it is killed does not.

mod archive;
mod model;
mod program;
mod random;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use archive::Archive;
use program::{Program, SmallDisk};
use random::Random;
use rounds::Soak;

use crate::failure::{Context, Failure, Result};

pub struct Arguments {
    pub minutes: u64,
    pub seed: u64,
    /// Photos to make the archive of; without them the sample photos.
    pub photos: PathBuf,
    pub binary: PathBuf,
}

/// Different people in the archive, at most.
const PICTURES: usize = 24;
/// Pictures that are looked at for them.
const LOOKED_AT: usize = 60;

pub fn run(arguments: &Arguments) -> Result<()> {
    let work = std::env::temp_dir().join(format!("likeness-soak-{}-{}", arguments.seed, std::process::id()));
    fs::create_dir_all(&work).context(|| format!("could not create {}", work.display()))?;
    let disk = SmallDisk::mount(&work.join("disk"));
    if disk.is_none() {
        println!("no small disk could be mounted (that takes root): no round meets a full one");
    }
    let program = Program { binary: arguments.binary.clone(), data: work.join("disk/data"), log: work.join("log") };
    println!("seed {}, in {}", arguments.seed, work.display());
    let pictures = pictures(&program, &arguments.photos)?;
    println!("{} people of {}", pictures.len(), arguments.photos.display());
    let archive = Archive::new(work.join("photos"), pictures)?;
    let mut soak = Soak::new(program, archive, disk, Random::new(arguments.seed));
    let until = Instant::now() + Duration::from_secs(60 * arguments.minutes);
    let mut result = Ok(());
    while result.is_ok() && Instant::now() < until {
        result = soak.round();
        if soak.rounds.is_multiple_of(20) {
            println!("{}", soak.told());
        }
    }
    println!("{}", soak.told());
    match result {
        Ok(()) => {
            drop(soak);
            let _ = fs::remove_dir_all(&work);
            Ok(())
        }
        Err(failure) => {
            let copy = keep(&work);
            Err(Failure::new(format!(
                "round {}: {failure}\nwhat led to it: {}",
                soak.rounds,
                copy.join("log").display()
            )))
        }
    }
}

/// The small disk goes with the program that mounted it: what is on it is copied beside.
fn keep(work: &Path) -> PathBuf {
    let _ = std::process::Command::new("cp").arg("-a").arg(work.join("disk")).arg(work.join("kept")).status();
    work.to_path_buf()
}

/// Photos of different people, with one face each: the first photo of each folder, or each photo of a folder of photos.
fn pictures(program: &Program, photos: &Path) -> Result<Vec<Vec<u8>>> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(folder).context(|| format!("could not read {}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        Ok(paths)
    };
    let is_jpeg = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jpg"));
    let mut by_person: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in list(photos)? {
        let person =
            path.file_stem().unwrap_or_default().to_string_lossy().trim_end_matches(char::is_numeric).to_owned();
        let photo = if path.is_dir() { list(&path)?.into_iter().find(|path| is_jpeg(path)) } else { Some(path) };
        if let Some(photo) = photo.filter(|path| is_jpeg(path)) {
            by_person.entry(person).or_insert(photo);
        }
    }
    let every = (by_person.len() / LOOKED_AT).max(1);
    let looked_at: Vec<&PathBuf> = by_person.values().step_by(every).take(LOOKED_AT).collect();
    let mut detect = vec!["detect".to_owned()];
    detect.extend(looked_at.iter().map(|path| path.display().to_string()));
    let mut pictures = Vec::new();
    for (line, path) in program.must(&detect)?.iter().filter(|line| line["faces"].is_array()).zip(&looked_at) {
        if line["faces"].as_array().is_some_and(|faces| faces.len() == 1) && pictures.len() < PICTURES {
            pictures.push(fs::read(path).context(|| format!("could not read {}", path.display()))?);
        }
    }
    if pictures.len() < 2 {
        return Err(Failure::new(format!("{} holds no two photos with one face each", photos.display())));
    }
    Ok(pictures)
}
