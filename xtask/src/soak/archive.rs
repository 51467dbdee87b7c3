//! The folder of photos that the soak enrolls, and what happens to its files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::model::{Content, Model};
use super::random::Random;
use crate::failure::{Context, Result};

/// What stands behind the JPEG and before the content's number.
const MARK: &[u8; 8] = b"soak-no:";

pub struct Archive {
    pub root: PathBuf,
    /// JPEGs with one face each, of different people.
    pictures: Vec<Vec<u8>>,
    next: Content,
}

/// Folders that files lie in; none of them names anybody, because the soak enrolls without names from folders.
const FOLDERS: [&str; 3] = ["a", "b", "c/d"];

impl Archive {
    pub fn new(root: PathBuf, pictures: Vec<Vec<u8>>) -> Result<Self> {
        for folder in FOLDERS {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).context(|| format!("could not create {}", folder.display()))?;
        }
        Ok(Self { root, pictures, next: 1 })
    }

    /// Every file with its content, in the order of their names.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, Content>> {
        let mut files = BTreeMap::new();
        for folder in FOLDERS {
            let folder = self.root.join(folder);
            let entries = fs::read_dir(&folder).context(|| format!("could not read {}", folder.display()))?;
            for entry in entries.filter_map(std::result::Result::ok) {
                if let Some(content) = content_of(&entry.path()) {
                    files.insert(entry.path(), content);
                }
            }
        }
        Ok(files)
    }

    fn new_path(&self, random: &mut Random) -> PathBuf {
        let folder = FOLDERS[random.below(FOLDERS.len())];
        self.root.join(folder).join(format!("{:04}.jpg", random.below(200)))
    }

    /// Adds a photo under a free name.
    pub fn add(&mut self, model: &mut Model, random: &mut Random) -> Result<String> {
        let picture = random.below(self.pictures.len());
        let content = self.next;
        self.next += 1;
        let mut path = self.new_path(random);
        while path.exists() {
            path = self.new_path(random);
        }
        let bytes = [self.pictures[picture].as_slice(), MARK, &content.to_le_bytes()].concat();
        fs::write(&path, bytes).context(|| format!("could not write {}", path.display()))?;
        model.pictures.insert(content, picture);
        Ok(format!("add {} (content {content}, picture {picture})", self.short(&path)))
    }

    /// Renames one file, a chain, a swap or a cycle of three; moves one over another, copies one over another, deletes one.
    pub fn disturb(&mut self, model: &mut Model, random: &mut Random) -> Result<String> {
        let files = self.files()?;
        let paths: Vec<PathBuf> = files.keys().cloned().collect();
        if paths.len() < 4 {
            return self.add(model, random);
        }
        let mut picked: Vec<PathBuf> = Vec::new();
        while picked.len() < 3 {
            let path = paths[random.below(paths.len())].clone();
            if !picked.contains(&path) {
                picked.push(path);
            }
        }
        let [a, b, c] = [&picked[0], &picked[1], &picked[2]];
        let temp = self.root.join("a/moving.tmp");
        let step = |from: &Path, to: &Path| {
            fs::rename(from, to).context(|| format!("could not rename {} to {}", from.display(), to.display()))
        };
        Ok(match random.below(8) {
            0 | 1 => {
                let mut to = self.new_path(random);
                while to.exists() {
                    to = self.new_path(random);
                }
                step(a, &to)?;
                format!("rename {} to {}", self.short(a), self.short(&to))
            }
            2 => {
                step(a, &temp)?;
                step(b, a)?;
                step(&temp, b)?;
                format!("swap {} and {}", self.short(a), self.short(b))
            }
            3 => {
                step(a, &temp)?;
                step(c, a)?;
                step(b, c)?;
                step(&temp, b)?;
                format!("cycle {} → {} → {}", self.short(a), self.short(b), self.short(c))
            }
            4 => {
                let mut to = self.new_path(random);
                while to.exists() {
                    to = self.new_path(random);
                }
                step(c, &to)?;
                step(b, c)?;
                step(a, b)?;
                format!("push {} → {} → {} → {}", self.short(a), self.short(b), self.short(c), self.short(&to))
            }
            5 => {
                step(a, b)?;
                format!("move {} over {}", self.short(a), self.short(b))
            }
            6 => {
                // The photo at b has other pixels now, and what it had is no more.
                fs::copy(a, b).context(|| format!("could not copy over {}", b.display()))?;
                model.overwritten.extend([files[a], files[b]]);
                format!("copy {} over {}", self.short(a), self.short(b))
            }
            _ => {
                fs::remove_file(a).context(|| format!("could not delete {}", a.display()))?;
                format!("delete {} (content {})", self.short(a), files[a])
            }
        })
    }

    fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The number behind the end of the JPEG.
fn content_of(path: &Path) -> Option<Content> {
    let mut file = fs::File::open(path).ok()?;
    file.seek(SeekFrom::End(-16)).ok()?;
    let mut tail = [0; 16];
    file.read_exact(&mut tail).ok()?;
    let number = tail[8..].try_into().ok()?;
    (tail[..8] == *MARK).then(|| Content::from_le_bytes(number))
}
