//! libtorch for the CPU, out of the `torch` wheel of the Python registry.
//!
//! The wheel is the CUDA 13 build; on a CPU it runs with `libtorch_cpu.so`, `libc10.so`, `libgomp.so.1` and the two
//! small CUDA libraries that `libtorch_cpu.so` names. `libtorch_cuda.so` stays out: torch-sys links it where it finds it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::failure::{Context, Failure, Result};
use crate::places::Places;
use crate::registry::{self, Artifact, Kind};
use crate::report::Step;
use crate::unpack;

pub const VERSION: &str = "2.11.0";

/// What the laid-down tree takes on disk.
pub const TREE_BYTES: u64 = 500_000_000;

pub const ARTIFACTS: [Artifact; 3] = [
    Artifact {
        name: "torch",
        version: VERSION,
        file: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        bytes: 530_604_548,
        sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
        kind: Kind::Wheel,
    },
    Artifact {
        name: "nvidia-cuda-runtime",
        version: "13.0.96",
        file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        bytes: 2_243_632,
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        kind: Kind::Wheel,
    },
    Artifact {
        name: "nvidia-cuda-cupti",
        version: "13.0.85",
        file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        bytes: 10_715_597,
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        kind: Kind::Wheel,
    },
];

/// Without these in the manifest a tree cannot be linked against or started.
const NEEDED: [&str; 6] = [
    "lib/libtorch_cpu.so",
    "lib/libc10.so",
    "lib/libgomp.so.1",
    "lib/libcudart.so.13",
    "lib/libcupti.so.13",
    "include/torch/csrc/api/include/torch/torch.h",
];

/// Lists every file of the tree with its size, so that a damaged one is found without reading 500 MB.
const MANIFEST: &str = "likeness-manifest";

/// Whether every file that was laid down is there with its size.
pub fn is_whole(tree: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(tree.join(MANIFEST)) else { return false };
    let Some(manifest) = manifest.strip_suffix("end\n") else { return false };
    manifest.lines().all(|line| {
        let Some((bytes, place)) = line.split_once(' ') else { return false };
        fs::metadata(tree.join(place)).is_ok_and(|meta| Ok(meta.len()) == bytes.parse())
    })
}

/// Says what is wrong with a libtorch that the user brings.
pub fn check_own(tree: &Path) -> Result<()> {
    let fault = |fault: String| {
        Failure::new(format!("LIBTORCH is {}, {fault}; unset it to have libtorch {VERSION} fetched", tree.display()))
    };
    if let Some(missing) = ["include/torch", "lib"].iter().find(|place| !tree.join(place).is_dir()) {
        return Err(fault(format!("which holds no {missing}")));
    }
    match fs::read_to_string(tree.join("build-version")) {
        Ok(found) if found.trim().split('+').next() != Some(VERSION) => {
            Err(fault(format!("which is version {}, but {VERSION} is needed", found.trim())))
        }
        _ => Ok(()), // a tree without the file is left to the build, which links or does not
    }
}

/// Fetches what is missing and builds the tree anew, beside the old one, which it replaces at the end.
pub fn lay_down(places: &Places) -> Result<()> {
    let target = places.libtorch_tree();
    let archives = ARTIFACTS.iter().map(|artifact| registry::fetch(places, artifact)).collect::<Result<Vec<_>>>()?;
    let step = Step::begin(format!("libtorch {VERSION} for the CPU, into {}", target.display()));
    let staging = unpack::staging(&target)?;
    let mut files = Vec::new();
    for archive in &archives {
        files.extend(unpack::wheel(archive, &staging, place_in_tree)?);
    }
    files.push(write(&staging, "lib/libtorch.so", "INPUT(-ltorch_cpu)\n")?);
    files.push(write(&staging, "build-version", &format!("{VERSION}\n"))?);
    let places_laid: BTreeSet<&str> = files.iter().map(|(place, _)| place.as_str()).collect();
    if let Some(missing) = NEEDED.iter().find(|place| !places_laid.contains(**place)) {
        return Err(Failure::new(format!("the torch wheel holds no {missing}")));
    }
    let mut manifest: String = files.iter().map(|(place, bytes)| format!("{bytes} {place}\n")).collect();
    manifest.push_str("end\n");
    write(&staging, MANIFEST, &manifest)?;
    unpack::publish(&staging, &target)?;
    step.done();
    Ok(())
}

/// Where in the tree a member of one of the three wheels goes; `None` leaves it out.
fn place_in_tree(member: &str) -> Option<String> {
    if let Some((release, licence)) = member.split_once(".dist-info/licenses/") {
        return Some(format!("licenses/{release}/{licence}"));
    }
    if let Some(library) = member.strip_prefix("nvidia/cu13/lib/") {
        return matches!(library, "libcudart.so.13" | "libcupti.so.13").then(|| format!("lib/{library}"));
    }
    let place = member.strip_prefix("torch/")?;
    let wanted =
        place.starts_with("include/") || matches!(place, "lib/libtorch_cpu.so" | "lib/libc10.so" | "lib/libgomp.so.1");
    wanted.then(|| place.to_owned())
}

fn write(tree: &Path, place: &str, text: &str) -> Result<(String, u64)> {
    let path = tree.join(place);
    fs::write(&path, text).context(|| format!("could not write {}", path.display()))?;
    Ok((place.to_owned(), text.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_part_of_the_wheels_is_taken() {
        assert_eq!(place_in_tree("torch/lib/libtorch_cpu.so").as_deref(), Some("lib/libtorch_cpu.so"));
        assert_eq!(place_in_tree("torch/include/ATen/ATen.h").as_deref(), Some("include/ATen/ATen.h"));
        assert_eq!(place_in_tree("nvidia/cu13/lib/libcupti.so.13").as_deref(), Some("lib/libcupti.so.13"));
        let licence = place_in_tree("torch-2.11.0.dist-info/licenses/LICENSE");
        assert_eq!(licence.as_deref(), Some("licenses/torch-2.11.0/LICENSE"));
        for left_out in ["torch/lib/libtorch_cuda.so", "torch/lib/libtorch.so", "torch/nn/__init__.py"] {
            assert_eq!(place_in_tree(left_out), None, "{left_out}");
        }
    }

    #[test]
    fn ci_names_the_same_tree() {
        assert!(include_str!("../../.ci/run").contains(&format!("/libtorch-{VERSION}-cpu\"")));
    }

    #[test]
    fn a_missing_a_short_and_an_unfinished_tree_are_found() {
        let tree = std::env::temp_dir().join(format!("likeness-xtask-{}-manifest", std::process::id()));
        fs::create_dir_all(tree.join("lib")).expect("scratch folder");
        assert!(!is_whole(&tree), "no manifest");
        let (place, bytes) = write(&tree, "lib/a.so", "1234").expect("file");
        write(&tree, MANIFEST, &format!("{bytes} {place}\nend\n")).expect("manifest");
        assert!(is_whole(&tree));
        write(&tree, "lib/a.so", "123").expect("file");
        assert!(!is_whole(&tree), "a file is short");
        write(&tree, MANIFEST, "3 lib/a.so\n").expect("manifest");
        assert!(!is_whole(&tree), "the manifest is cut");
        fs::remove_dir_all(&tree).expect("sweep");
    }
}
