//! Photos in odd files and folders, from the walk to the gallery.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::time::SystemTime;

use image::imageops::FilterType;

use likeness::jobs::{EnrollRequest, retries};
use likeness::store::{Change, Removal};
use likeness::types::DetectorParams;
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
fn a_photo_that_was_taken_out_takes_its_issue_with_it_and_a_retry_does_not_bring_it_back() {
    let archive = Archive::new();
    let scan = archive.path("scan.tif");
    fs::write(&scan, two_pages("biden.jpg", 0).0).unwrap();
    archive.enroll();
    let before = archive.issues();
    assert_eq!(before, [partly("scan.tif")]);
    let gallery = archive.engine.gallery();
    let photo = archive.photo("scan.tif").unwrap().id;
    let changed = archive.engine.change(&Change::RemovePhotos(vec![photo])).unwrap();
    assert_eq!((archive.issues(), changed.cleared), (vec![], vec![scan.clone()]));
    assert_eq!(gallery.counts().unwrap().issues, 0);

    // An earlier version left the issue where it was.
    gallery.record_issue_of_kind(&scan, "partly-read", TWO_PAGES).unwrap();
    let detector = DetectorParams::default();
    let usual = EnrollRequest { sources: vec![], subjects_from_folders: false, detector, is_retry: false };
    let retries = retries(&archive.engine, std::slice::from_ref(&scan), &usual).unwrap();
    assert_eq!(retries.len(), 1);
    for request in &retries {
        let summary = archive.enroll_as(request);
        assert_eq!((summary.photos, summary.removed), (0, 1));
    }
    assert_eq!((archive.photo("scan.tif"), archive.issues()), (None, vec![]), "it stays out");
    gallery.record_issue_of_kind(&scan, "partly-read", TWO_PAGES).unwrap();
    archive.enroll();
    assert_eq!((archive.photo("scan.tif"), archive.issues()), (None, vec![]), "at a run over its folder, too");

    // Who brings it back is told again at the next run, and who names it outright gets it back.
    archive.engine.change(&Change::RestorePhotos(vec![photo])).unwrap();
    archive.enroll();
    assert_eq!(archive.issues(), before);
    assert_eq!(archive.photo("scan.tif").unwrap().id, photo);
    archive.engine.change(&Change::RemovePhotos(vec![photo])).unwrap();
    archive.enroll_these(&[scan]);
    assert_eq!((archive.photo("scan.tif").unwrap().id, archive.issues()), (photo, before));
}

#[test]
fn pages_that_are_not_read_and_a_name_that_several_have_are_told_together() {
    let mut archive = Archive::new();
    archive.folders = true;
    for n in 0..2 {
        write_small("obama.jpg", 240, n, &archive.path(format!("pool{n}/{n}.jpg")));
    }
    archive.enroll();
    // Two people of one name.
    let subjects = archive.engine.gallery().subjects().unwrap();
    for subject in &subjects {
        let (name, external_id, note) = ("Ann".to_owned(), None, None);
        archive.engine.change(&Change::Describe { subject: subject.id, name, external_id, note }).unwrap();
    }
    let scan = archive.path("Ann/scan.tif");
    fs::create_dir(archive.path("Ann")).unwrap();
    fs::write(&scan, two_pages("biden.jpg", 0).0).unwrap();
    let both = format!("{TWO_PAGES}; it was given no name: several people are called Ann, like its folder");
    let told = || ("Ann/scan.tif".to_owned(), "partly-read".to_owned(), both.clone());
    assert_eq!(archive.enroll().issues, 1);
    assert_eq!(archive.issues(), [told()]);
    archive.enroll();
    assert_eq!(archive.issues(), [told()], "it is still so");
    archive.engine.change(&Change::Merge { from: vec![subjects[1].id], into: subjects[0].id }).unwrap();
    archive.enroll();
    assert_eq!(archive.issues(), [partly("Ann/scan.tif")], "they are one person now");
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
fn what_an_earlier_version_took_from_folders_of_thumbnails_is_counted_and_its_issues_go() {
    let archive = Archive::new();
    write_small("obama.jpg", 240, 1, &archive.path("1.jpg"));
    let thumbs = archive.path("a/@eaDir");
    write_small("biden.jpg", 120, 2, &thumbs.join("1.jpg/SYNOPHOTO_THUMB_M.jpg"));
    fs::write(thumbs.join("2.jpg"), b"broken").unwrap();
    // As a version did that knew no such folders: named outright they are looked through.
    let summary = archive.enroll_these(std::slice::from_ref(&thumbs));
    assert_eq!((summary.photos, summary.issues, summary.in_left_out_folders), (1, 1, 0));
    assert_eq!(archive.issues().len(), 1);

    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.issues, summary.in_left_out_folders), (1, 0, 1));
    assert_eq!(archive.issues(), []);
    // Named beside its parent it is not left out.
    let both = archive.enroll_these(&[archive.root.clone(), thumbs.clone()]);
    assert_eq!((both.in_left_out_folders, both.issues, archive.issues().len()), (0, 1, 1));
    let data = archive.engine.data_dir().to_path_buf();
    let root = archive.root.clone();
    let taken_out = archive.engine.gallery().to_remove(&Removal::Folder(thumbs)).unwrap().0;
    drop(archive.engine);
    let output = likeness(&data).arg("enroll").arg(&root).output().unwrap();
    let words = text(&output.stdout);
    assert!(words.contains("1 photo of the gallery lies in such a folder: `likeness remove folder"), "{words}");
    assert_eq!(taken_out.len(), 1);
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
