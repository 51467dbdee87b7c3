//! Photos in odd files and folders, from the walk to the gallery.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use likeness::jobs::{Engine, EnrollRequest, EnrollSummary, JobContext, JobControl, Mode, enroll};
use likeness::types::{DetectorParams, JobId};
use support::{samples, write_small};

struct Place {
    _dir: tempfile::TempDir,
    root: PathBuf,
    engine: Engine,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("photos");
        fs::create_dir(&root).unwrap();
        let engine = Engine::open(Some(&dir.path().join("data")), Mode::Write, None).unwrap();
        Self { _dir: dir, root, engine }
    }

    fn enroll(&self) -> EnrollSummary {
        let sources = vec![self.root.clone()];
        let request = EnrollRequest { sources, subjects_from_folders: false, detector: DetectorParams::default() };
        let context = JobContext::new(JobId(1), JobControl::default(), Arc::new(|_, _| {}));
        enroll(&self.engine, &request, &context).unwrap()
    }

    /// Kinds and reasons.
    fn issues(&self) -> Vec<(String, String)> {
        self.engine.gallery().issues().unwrap().into_iter().map(|issue| (issue.kind, issue.reason)).collect()
    }

    fn size(&self, name: &str) -> [u32; 2] {
        self.engine.gallery().find_photo_by_path(&self.root.join(name)).unwrap().unwrap().size
    }
}

/// A JPEG with an EXIF block that says nothing but its orientation.
fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let block = [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], &[0; 6]].concat();
    let length = (block.len() as u16 + 8).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length[..], b"Exif\0\0", &block, &jpeg[2..]].concat()
}

#[test]
fn another_orientation_is_seen_though_size_and_time_stay() {
    let place = Place::new();
    let path = place.root.join("1.jpg");
    write_small("obama.jpg", 240, 1, &path);
    let plain = fs::read(&path).unwrap();
    fs::write(&path, oriented(&plain, 1)).unwrap();
    let before = fs::metadata(&path).unwrap();
    assert_eq!(place.enroll().faces, 1);
    let [width, height] = place.size("1.jpg");
    assert_eq!(place.enroll().skipped, 1);

    // As programs do it that "keep the date": in place, and with the time put back.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&path, oriented(&plain, 6)).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap_or(SystemTime::UNIX_EPOCH)).unwrap();
    drop(file);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.len(), after.modified().unwrap()), (before.len(), before.modified().unwrap()));
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.skipped), (1, 0));
    assert_eq!(place.size("1.jpg"), [height, width]);
    assert_eq!(place.enroll().skipped, 1);
}

#[test]
fn pages_that_are_not_read_are_told_as_long_as_the_photo_stands() {
    let place = Place::new();
    let mut file = Vec::new();
    let portrait =
        image::open(samples().join("biden.jpg")).unwrap().resize(260, 400, image::imageops::FilterType::Triangle);
    portrait.to_rgb8().write_to(&mut std::io::Cursor::new(&mut file), image::ImageFormat::Tiff).unwrap();
    // A second page: the same directory once more, at the end.
    assert!(file.starts_with(b"II*\0"));
    let at = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    let entries = usize::from(u16::from_le_bytes(file[at..at + 2].try_into().unwrap()));
    let next = at + 2 + entries * 12;
    let second = file.len() as u32;
    file.extend_from_within(at..next);
    file.extend([0; 4]);
    file[next..next + 4].copy_from_slice(&second.to_le_bytes());
    let path = place.root.join("scan.tif");
    fs::write(&path, &file).unwrap();

    let told =
        ("partly-read".to_owned(), "page 1 of 2 was read; a photo is one picture, so save the others apart".to_owned());
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues), (1, 1, 1));
    assert_eq!(place.issues(), std::slice::from_ref(&told));
    let again = place.enroll();
    assert_eq!((again.photos, again.skipped, again.issues), (0, 1, 0));
    assert_eq!(place.issues(), [told], "it is still so");
    file[next..next + 4].fill(0);
    fs::write(&path, &file).unwrap();
    place.enroll();
    assert_eq!(place.issues(), []);
}

#[test]
fn raw_files_are_enrolled_by_their_picture_unless_it_lies_beside_them() {
    let place = Place::new();
    let portrait = image::open(samples().join("obama.jpg")).unwrap();
    let large = portrait.resize(1300, 1300, image::imageops::FilterType::Triangle).to_rgb8();
    let mut picture = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut picture, 90).encode_image(&large).unwrap();
    // Fujifilm's: a head of its own, then the picture that the camera made.
    let raw = [b"FUJIFILMCCD-RAW 0201", &[0; 140][..], &picture, &[7; 5000]].concat();
    fs::write(place.root.join("DSCF1.RAF"), &raw).unwrap();
    // Another of which nothing can be read, and one of which nobody knows how.
    fs::write(place.root.join("DSCF2.RAF"), &raw[..160]).unwrap();
    fs::write(place.root.join("3.X3F"), b"FOVb").unwrap();
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues, summary.not_photos), (1, 1, 1, 1));
    assert_eq!(place.size("DSCF1.RAF"), [large.width(), large.height()]);
    let expected = "the raw photo holds no picture that can be read here; export it as JPEG or TIFF";
    assert_eq!(place.issues(), [("photo".to_owned(), expected.to_owned())]);

    fs::write(place.root.join("DSCF2.JPG"), &picture).unwrap();
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.raw_beside_photos, summary.skipped), (1, 1, 1));
    assert!(summary.passed_over_paths.contains(&place.root.join("DSCF2.RAF")));
    assert_eq!(place.issues(), [], "the picture is there now");
}

#[test]
fn folders_of_thumbnails_are_left_out_and_counted() {
    let place = Place::new();
    write_small("obama.jpg", 240, 1, &place.root.join("1.jpg"));
    for (n, folder) in ["@eaDir/1.jpg", "a/@eaDir/1.jpg", "a/.thumbnails"].into_iter().enumerate() {
        write_small("obama.jpg", 120, n as u16, &place.root.join(folder).join("SYNOPHOTO_THUMB_M.jpg"));
    }
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.faces), (1, 1));
    let folders: Vec<_> = summary.left_out_folders.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!(folders, [(".thumbnails", 1), ("@eaDir", 2)]);
    assert!(summary.passed_over_paths.contains(&place.root.join("a/.thumbnails")));
}

#[test]
fn damaged_photos_are_issues_and_nothing_of_them_is_enrolled() {
    let place = Place::new();
    let portrait =
        image::open(samples().join("obama.jpg")).unwrap().resize(300, 400, image::imageops::FilterType::Triangle);
    for name in ["1.jpg", "2.png", "3.webp", "4.tif", "5.bmp", "6.gif"] {
        let path = place.root.join(name);
        portrait.to_rgb8().save(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let from = bytes.len() * 7 / 10;
        bytes[from..].fill(0);
        fs::write(&path, bytes).unwrap();
    }
    let summary = place.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues), (0, 0, 6), "{:?}", place.issues());
}
