//! Aligned crops on disk: each photo is decoded and searched for its main face once, and every later run begins at once.
//!
//! A folder holds `faces.jsonl`, a line for the set and one for each photo, and one file of pixels for each template
//! that was asked for. Pixel files carry the digest of the list that they belong to and one of their own.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::files::write_whole;
use crate::files::Part;
use crate::types::{DetectorParams, Landmarks};
use crate::vision::align::{Similarity, Template};
use crate::vision::manifest::InputSpec;
use crate::vision::minify::Minify;

const LIST_FILE: &str = "faces.jsonl";
const MAGIC: &[u8; 8] = b"LKCROPS1";
/// Counts up when crops of the same photos would come out differently.
const VERSION: u32 = 2;
/// Magic, width, height, number, the list's digest, the pixels' digest.
const HEADER_BYTES: u64 = 8 + 4 + 4 + 8 + 32 + 32;

/// One photo and its main face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoEntry {
    /// From the photos' folder on, with `/`.
    pub path: String,
    pub bytes: u64,
    /// Time of the last change, milliseconds since 1970.
    pub mtime_millis: i64,
    /// Time of the last change of anything about the file; `None` where that is not told, and in older sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctime_millis: Option<i64>,
    /// Of the main face, in pixels of the upright photo at full size; `None` where there is an issue.
    pub landmarks: Option<Landmarks>,
    /// Why there is no face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The issue lies with the machine – a missing library, say – and not with the photo, so that it may go by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_pass: bool,
}

impl PhotoEntry {
    /// The folder that the photo lies in, from the photos' folder on; `None` for photos in that folder itself.
    pub fn person(&self) -> Option<&str> {
        self.path.rsplit_once('/').map(|(folder, _)| folder)
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    detector: DetectorParams,
    photos: usize,
}

/// The photos of a crop set, in the order of their crops.
#[derive(Clone, Debug, PartialEq)]
pub struct CropList {
    pub detector: DetectorParams,
    pub photos: Vec<PhotoEntry>,
    digest: [u8; 32],
}

impl CropList {
    /// The list in `folder`; `None` where there is none that can be used, and all has to be made.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(LIST_FILE)).ok()?;
        let mut lines = text.lines();
        let head: Head = serde_json::from_str(lines.next()?).ok()?;
        let photos: Vec<PhotoEntry> = lines.map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
        if head.version != VERSION || head.photos != photos.len() {
            return None;
        }
        Some(Self { detector: head.detector, photos, digest: *blake3::hash(text.as_bytes()).as_bytes() })
    }

    /// Writes a list into `folder`, whole or not at all.
    pub fn write(folder: &Path, detector: DetectorParams, photos: Vec<PhotoEntry>) -> Result<Self, TrainError> {
        let path = folder.join(LIST_FILE);
        let wrong = |e: serde_json::Error| TrainError::Io {
            subject: "the list of faces cannot be written",
            reason: e.into(),
            path: path.clone(),
        };
        let head = Head { version: VERSION, detector, photos: photos.len() };
        let mut text = serde_json::to_string(&head).map_err(wrong)? + "\n";
        for photo in &photos {
            text += &serde_json::to_string(photo).map_err(wrong)?;
            text.push('\n');
        }
        write_whole(&path, text.as_bytes())?;
        Ok(Self { detector, photos, digest: *blake3::hash(text.as_bytes()).as_bytes() })
    }

    /// Photos with a face, in the order of their crops.
    pub fn faces(&self) -> impl Iterator<Item = (&PhotoEntry, Landmarks)> {
        self.photos.iter().filter_map(|photo| photo.landmarks.map(|landmarks| (photo, landmarks)))
    }

    /// 16 hexadecimal digits that change with any photo.
    pub fn digest_text(&self) -> String {
        blake3::Hash::from_bytes(self.digest).to_hex()[..16].to_owned()
    }
}

/// Where the face's `landmarks` lie in its crop; the crop's own points where they fix no similarity.
pub fn landmarks_in_crop(landmarks: &Landmarks, template: &Template) -> Landmarks {
    match Similarity::from_points(&landmarks.0, &template.points) {
        Ok(similarity) => Landmarks(landmarks.0.map(|point| similarity.apply(point))),
        Err(_) => Landmarks(template.points),
    }
}

/// How crops are cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutting {
    pub template: Template,
    pub minify: Minify,
}

impl From<Template> for Cutting {
    /// As crops are cut where nothing else is said.
    fn from(template: Template) -> Self {
        Self { template, minify: Minify::default() }
    }
}

impl From<&InputSpec> for Cutting {
    fn from(input: &InputSpec) -> Self {
        Self { template: input.template, minify: input.minify }
    }
}

fn pack_path(folder: &Path, cutting: &Cutting) -> PathBuf {
    let mut hasher = blake3::Hasher::new();
    for value in cutting.template.points.iter().flatten() {
        hasher.update(&value.to_le_bytes());
    }
    let [width, height] = cutting.template.size;
    let how = match cutting.minify {
        Minify::Mip => "",
        Minify::Bilinear => "-bilinear",
    };
    folder.join(format!("crops-{width}x{height}-{}{how}.bin", &hasher.finalize().to_hex()[..8]))
}

/// The crops of a list that are cut in one way, read one by one.
#[derive(Debug)]
pub struct CropPack {
    path: PathBuf,
    file: Mutex<File>,
    size: [u32; 2],
    count: usize,
}

impl CropPack {
    /// Opens the crops of `list` and compares their digest, which reads the file through.
    ///
    /// # Errors
    /// The reason why they have to be cut anew.
    pub fn open(folder: &Path, list: &CropList, cutting: &Cutting) -> Result<Self, TrainError> {
        let (path, template) = (pack_path(folder, cutting), &cutting.template);
        let io = || TrainError::io("the crops cannot be read", &path);
        let mut file = File::open(&path).map_err(io())?;
        let mut header = [0u8; HEADER_BYTES as usize];
        file.read_exact(&mut header).map_err(io())?;
        let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let count = list.faces().count();
        let whole = header[..8] == MAGIC[..]
            && [number(8), number(12)] == template.size
            && header[16..24] == (count as u64).to_le_bytes()
            && header[24..56] == list.digest;
        if !whole {
            return Err(TrainError::corrupt(&path, "it holds the crops of other photos"));
        }
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut BufReader::with_capacity(1 << 20, &mut file), &mut hasher).map_err(io())?;
        let bytes = hasher.count();
        let [width, height] = template.size;
        if bytes != count as u64 * u64::from(width) * u64::from(height) * 3
            || hasher.finalize().as_bytes()[..] != header[56..88]
        {
            return Err(TrainError::corrupt(&path, "its digest is another"));
        }
        Ok(Self { path, file: Mutex::new(file), size: template.size, count })
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// The crop of the `at`-th face.
    pub fn crop(&self, at: usize) -> Result<RgbImage, TrainError> {
        let [width, height] = self.size;
        let bytes = width as usize * height as usize * 3;
        let mut pixels = vec![0; bytes];
        let read = || {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(HEADER_BYTES + (at * bytes) as u64))?;
            file.read_exact(&mut pixels)
        };
        let mut read = read;
        read().map_err(TrainError::io("the crops cannot be read", &self.path))?;
        RgbImage::from_raw(width, height, pixels)
            .ok_or_else(|| TrainError::corrupt(&self.path, "a crop has another size than its file says"))
    }
}

/// Crops on their way into a file, in the order of the list.
pub struct PackWriter {
    file: Part,
    hasher: blake3::Hasher,
    template: Template,
    count: u64,
}

impl PackWriter {
    pub fn create(folder: &Path, cutting: &Cutting) -> Result<Self, TrainError> {
        let path = pack_path(folder, cutting);
        let mut file = Part::create(&path).map_err(unwritable(&path))?;
        file.write_all(&[0; HEADER_BYTES as usize]).map_err(unwritable(&path))?;
        Ok(Self { file, hasher: blake3::Hasher::new(), template: cutting.template, count: 0 })
    }

    /// Appends a crop, which has the template's size.
    pub fn push(&mut self, crop: &RgbImage) -> Result<(), TrainError> {
        self.hasher.update(crop.as_raw());
        self.count += 1;
        self.file.write_all(crop.as_raw()).map_err(unwritable(self.file.path()))
    }

    /// Binds the file to its list and gives it its name.
    pub fn finish(self, list: &CropList) -> Result<(), TrainError> {
        let path = self.file.path().to_path_buf();
        let mut file = self.file;
        let mut header = MAGIC.to_vec();
        self.template.size.iter().for_each(|side| header.extend(side.to_le_bytes()));
        header.extend(self.count.to_le_bytes());
        header.extend(list.digest);
        header.extend(self.hasher.finalize().as_bytes());
        let written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&header));
        written.and_then(|()| file.finish()).map_err(unwritable(&path))
    }
}

fn unwritable(path: &Path) -> impl FnOnce(std::io::Error) -> TrainError {
    TrainError::io("the crops cannot be written", path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::sample;

    #[test]
    fn crops_come_back_as_they_went_in_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let photos = sample::photo_entries(2, 3);
        let list = CropList::write(folder.path(), DetectorParams::default(), photos).unwrap();
        assert_eq!(CropList::read(folder.path()).unwrap(), list);
        let template = Template::ARCFACE.into();
        let crops: Vec<RgbImage> = (0..6).map(|i| sample::face(i / 3, i % 3)).collect();
        let mut writer = PackWriter::create(folder.path(), &template).unwrap();
        crops.iter().for_each(|crop| writer.push(crop).unwrap());
        assert!(CropPack::open(folder.path(), &list, &template).is_err(), "not before it is finished");
        writer.finish(&list).unwrap();
        let pack = CropPack::open(folder.path(), &list, &template).unwrap();
        assert_eq!((pack.len(), pack.size()), (6, [112, 112]));
        assert!(crops.iter().enumerate().all(|(at, crop)| pack.crop(at).unwrap() == *crop));
        assert!(pack.crop(6).is_err());

        // Another list, another template, a changed byte.
        let other = CropList::write(folder.path(), DetectorParams::default(), sample::photo_entries(3, 2)).unwrap();
        assert!(CropPack::open(folder.path(), &other, &template).unwrap_err().to_string().contains("other photos"));
        assert!(CropPack::open(folder.path(), &list, &Template::arcface_of_size([96, 112]).into()).is_err());
        let bilinear = Cutting { minify: Minify::Bilinear, ..template };
        assert!(CropPack::open(folder.path(), &list, &bilinear).is_err(), "the same template, cut otherwise");
        let path = pack_path(folder.path(), &template);
        let mut bytes = fs::read(&path).unwrap();
        bytes[5000] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(CropPack::open(folder.path(), &list, &template).unwrap_err().to_string().contains("digest"));
    }

    #[test]
    fn landmarks_are_carried_into_the_crop() {
        // A face twice as large and moved lies on the template's points.
        let points = Template::ARCFACE.points.map(|[x, y]| [2.0 * x + 40.0, 2.0 * y + 10.0]);
        let moved = landmarks_in_crop(&Landmarks(points), &Template::ARCFACE);
        assert!(
            moved.0.iter().flatten().zip(Template::ARCFACE.points.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-3)
        );
        let nothing = Landmarks([[3.0, 3.0]; 5]);
        assert_eq!(landmarks_in_crop(&nothing, &Template::ARCFACE).0, Template::ARCFACE.points);
    }

    #[test]
    fn a_person_is_the_folder_of_the_photo() {
        let any = sample::photo_entries(1, 1).remove(0);
        let entry = |path: &str| PhotoEntry { path: path.to_owned(), ..any.clone() };
        assert_eq!(entry("Ada/1.jpg").person(), Some("Ada"));
        assert_eq!(entry("staff/Ada/1.jpg").person(), Some("staff/Ada"));
        assert_eq!(entry("1.jpg").person(), None);
    }
}
