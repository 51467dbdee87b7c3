//! Photos in odd files and folders, from the walk to the gallery.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::time::SystemTime;

use image::imageops::FilterType;

use support::archive::Archive;
use support::{json_lines, likeness, samples, text, write_small};

impl Archive {
    fn size(&self, name: &str) -> [u32; 2] {
        self.photo(name).unwrap().size
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
    let archive = Archive::new();
    let path = archive.path("1.jpg");
    write_small("obama.jpg", 240, 1, &path);
    let plain = fs::read(&path).unwrap();
    fs::write(&path, oriented(&plain, 1)).unwrap();
    let before = fs::metadata(&path).unwrap();
    assert_eq!(archive.enroll().faces, 1);
    let [width, height] = archive.size("1.jpg");
    assert_eq!(archive.enroll().skipped, 1);

    // As programs do it that "keep the date": in place, and with the time put back.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&path, oriented(&plain, 6)).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap_or(SystemTime::UNIX_EPOCH)).unwrap();
    drop(file);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.len(), after.modified().unwrap()), (before.len(), before.modified().unwrap()));
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.skipped), (1, 0));
    assert_eq!(archive.size("1.jpg"), [height, width]);
    assert_eq!(archive.enroll().skipped, 1);
}

/// A portrait as a TIFF of two pages, and where the pointer to the second one stands. `variant` makes its content its own.
fn two_pages(sample: &str, variant: u8) -> (Vec<u8>, usize) {
    let mut file = Vec::new();
    let portrait = image::open(samples().join(sample)).unwrap().resize(260, 400, FilterType::Triangle);
    portrait.to_rgb8().write_to(&mut std::io::Cursor::new(&mut file), image::ImageFormat::Tiff).unwrap();
    // The same directory once more, at the end.
    assert!(file.starts_with(b"II*\0"));
    let at = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    let entries = usize::from(u16::from_le_bytes(file[at..at + 2].try_into().unwrap()));
    let next = at + 2 + entries * 12;
    let second = file.len() as u32;
    file.extend_from_within(at..next);
    file.extend([0, 0, 0, 0, variant]);
    file[next..next + 4].copy_from_slice(&second.to_le_bytes());
    (file, next)
}

const TWO_PAGES: &str = "page 1 of 2 was read; a photo is one picture, so save the others apart";

fn partly(name: &str) -> (String, String, String) {
    (name.to_owned(), "partly-read".to_owned(), TWO_PAGES.to_owned())
}

#[test]
fn pages_that_are_not_read_are_told_as_long_as_the_photo_stands() {
    let archive = Archive::new();
    let (mut file, next) = two_pages("biden.jpg", 0);
    let path = archive.path("scan.tif");
    fs::write(&path, &file).unwrap();

    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues), (1, 1, 1));
    assert_eq!(archive.issues(), [partly("scan.tif")]);
    let again = archive.enroll();
    assert_eq!((again.photos, again.skipped, again.issues), (0, 1, 0));
    assert_eq!(archive.issues(), [partly("scan.tif")], "it is still so");
    file[next..next + 4].fill(0);
    fs::write(&path, &file).unwrap();
    archive.enroll();
    assert_eq!(archive.issues(), []);
}

#[test]
fn pages_that_are_not_read_are_told_of_a_moved_photo_too() {
    let archive = Archive::new();
    for (name, sample) in [("1.tif", "biden.jpg"), ("2.tif", "obama.jpg"), ("3.tif", "obama2.jpg")] {
        fs::write(archive.path(name), two_pages(sample, 0).0).unwrap();
    }
    write_small("obama.jpg", 240, 1, &archive.path("4.tif"));
    assert_eq!(archive.enroll().issues, 3);
    archive.rename("1.tif", "scans/1.tif");
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.moved, summary.issues), (0, 1, 0), "it was told before");
    assert_eq!(archive.issues(), [partly("2.tif"), partly("3.tif"), partly("scans/1.tif")]);

    // Two change places, and one that was read whole takes another's.
    archive.rename("2.tif", "t");
    archive.rename("3.tif", "2.tif");
    archive.rename("t", "3.tif");
    archive.rename("scans/1.tif", "scans/9.tif");
    archive.rename("4.tif", "scans/1.tif");
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.moved, summary.issues), (0, 4, 0));
    assert_eq!(archive.issues(), [partly("2.tif"), partly("3.tif"), partly("scans/9.tif")]);

    // To where nobody looks for photos of this archive.
    fs::remove_file(archive.path("scans/9.tif")).unwrap();
    archive.enroll();
    assert_eq!(archive.issues(), [partly("2.tif"), partly("3.tif")]);
}

#[test]
fn a_probe_that_was_read_in_part_says_so() {
    let archive = Archive::new();
    write_small("biden.jpg", 240, 1, &archive.path("1.jpg"));
    archive.enroll();
    let scan = archive.path("scan.tif");
    fs::write(&scan, two_pages("biden.jpg", 0).0).unwrap();
    let data = archive.engine.data_dir().to_path_buf();
    for command in ["search", "detect"] {
        for (photo, told) in [(&scan, Some(TWO_PAGES)), (&archive.path("1.jpg"), None)] {
            let lines = json_lines(likeness(&data).arg(command).arg(photo));
            assert_eq!((lines.len(), lines[0]["partly_read"].as_str()), (1, told), "{command}");
        }
    }
    let output = likeness(&data).arg("search").arg(&scan).output().unwrap();
    assert!(text(&output.stderr).contains(TWO_PAGES), "{}", text(&output.stderr));
}

#[test]
fn raw_files_are_enrolled_by_their_picture_unless_it_lies_beside_them() {
    let archive = Archive::new();
    let portrait = image::open(samples().join("obama.jpg")).unwrap();
    let large = portrait.resize(1300, 1300, FilterType::Triangle).to_rgb8();
    let mut picture = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut picture, 90).encode_image(&large).unwrap();
    // Fujifilm's: a head of its own, then the picture that the camera made.
    let raw = [b"FUJIFILMCCD-RAW 0201", &[0; 140][..], &picture, &[7; 5000]].concat();
    fs::write(archive.path("DSCF1.RAF"), &raw).unwrap();
    // Another of which nothing can be read, and one of which nobody knows how.
    fs::write(archive.path("DSCF2.RAF"), &raw[..160]).unwrap();
    fs::write(archive.path("3.X3F"), b"FOVb").unwrap();
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues, summary.not_photos), (1, 1, 1, 1));
    assert_eq!(archive.size("DSCF1.RAF"), [large.width(), large.height()]);
    let expected = "the raw photo holds no picture that can be read here; export it as JPEG or TIFF";
    assert_eq!(archive.issues(), [("DSCF2.RAF".to_owned(), "photo".to_owned(), expected.to_owned())]);

    fs::write(archive.path("DSCF2.JPG"), &picture).unwrap();
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.raw_beside_photos, summary.skipped), (1, 1, 1));
    assert!(summary.passed_over_paths.contains(&archive.path("DSCF2.RAF")));
    assert_eq!(archive.issues(), [], "the picture is there now");
}

#[test]
fn folders_of_thumbnails_are_left_out_and_counted() {
    let archive = Archive::new();
    write_small("obama.jpg", 240, 1, &archive.path("1.jpg"));
    for (n, folder) in ["@eaDir/1.jpg", "a/@eaDir/1.jpg", "a/.thumbnails"].into_iter().enumerate() {
        write_small("obama.jpg", 120, n as u16, &archive.path(folder).join("SYNOPHOTO_THUMB_M.jpg"));
    }
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.faces), (1, 1));
    let folders: Vec<_> = summary.left_out_folders.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!(folders, [(".thumbnails", 1), ("@eaDir", 2)]);
    assert!(summary.passed_over_paths.contains(&archive.path("a/.thumbnails")));
}

#[test]
fn damaged_photos_are_issues_and_nothing_of_them_is_enrolled() {
    let archive = Archive::new();
    let portrait = image::open(samples().join("obama.jpg")).unwrap().resize(300, 400, FilterType::Triangle);
    for name in ["1.jpg", "2.png", "3.webp", "4.tif", "5.bmp", "6.gif"] {
        let path = archive.path(name);
        portrait.to_rgb8().save(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let from = bytes.len() * 7 / 10;
        bytes[from..].fill(0);
        fs::write(&path, bytes).unwrap();
    }
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.faces, summary.issues), (0, 0, 6), "{:?}", archive.issues());
}
