//! Names of other programs, from the command line: taken over, taken back, told, and read again.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{json_lines, likeness, parse_lines, text, write_small};

fn run(home: &Path, line: &[&str]) -> Vec<Value> {
    let mut lines = json_lines(likeness(home).args(line));
    lines.retain(|line| line["type"] != "progress");
    lines
}

/// A gallery with two photos of one face each: `0.jpg` and `1.jpg`.
struct Album {
    _dir: tempfile::TempDir,
    home: PathBuf,
    photos: PathBuf,
}

impl Album {
    /// Before they are enrolled, `prepare` may change the photos.
    fn new(prepare: impl Fn(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (home, photos) = (root.join("data"), root.join("photos"));
        for (at, sample) in ["obama.jpg", "biden.jpg"].iter().enumerate() {
            let photo = photos.join(format!("{at}.jpg"));
            write_small(sample, 260, at as u16, &photo);
            prepare(&photo);
        }
        run(&home, &["enroll", photos.to_str().unwrap()]);
        let album = Self { _dir: dir, home, photos };
        assert_eq!(album.names().len(), 2, "one face each");
        album
    }

    fn run(&self, line: &[&str]) -> Vec<Value> {
        run(&self.home, line)
    }

    fn photo(&self, name: &str) -> PathBuf {
        self.photos.join(name)
    }

    /// The name of the face of each photo.
    fn names(&self) -> BTreeMap<String, Option<String>> {
        let of = |face: &Value| {
            let photo = Path::new(face["photo"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
            (photo, face["subject"]["name"].as_str().map(str::to_owned))
        };
        self.run(&["faces"]).iter().map(of).collect()
    }

    /// The number of the face of a photo; which of two was enrolled first is not said.
    fn face_id(&self, name: &str) -> String {
        let faces = self.run(&["faces"]);
        let face = faces.iter().find(|face| face["photo"].as_str().unwrap().ends_with(name)).unwrap();
        face["face"].to_string()
    }

    /// The box of a photo's face and the photo's size, both of the upright photo.
    fn face(&self, name: &str) -> ([f64; 4], [f64; 2]) {
        let lines = self.run(&["detect", self.photo(name).to_str().unwrap()]);
        let numbers = |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>();
        let size = numbers(&lines[0]["size"]);
        let bbox = numbers(&lines[0]["faces"][0]["bbox"]);
        (bbox.try_into().unwrap(), size.try_into().unwrap())
    }

    fn import(&self, more: &[&str]) -> (Vec<Value>, Value) {
        let mut lines = self.run(&[&["regions", "import", self.photos.to_str().unwrap()], more].concat());
        let summary = lines.pop().unwrap();
        assert_eq!(summary["type"], "regions_imported");
        (lines, summary)
    }
}

/// A packet with one face of MWG's form: its area as middle, width and height in shares.
fn packet(name: &str, [x, y, w, h]: [f64; 4], applied: [f64; 2]) -> String {
    format!(
        r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
        xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"><mwg-rs:Regions rdf:parseType="Resource">
        <mwg-rs:AppliedToDimensions stDim:w="{}" stDim:h="{}" stDim:unit="pixel"/><mwg-rs:RegionList><rdf:Bag>
        <rdf:li rdf:parseType="Resource"><mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Name>{name}</mwg-rs:Name>
        <mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{w}" stArea:h="{h}" stArea:unit="normalized"/></rdf:li>
        </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"#,
        applied[0], applied[1]
    )
}

fn shares([x1, y1, x2, y2]: [f64; 4], [width, height]: [f64; 2]) -> [f64; 4] {
    [(x1 + x2) / 2.0 / width, (y1 + y2) / 2.0 / height, (x2 - x1) / width, (y2 - y1) / height]
}

/// A packet, or a block of EXIF, behind the first two bytes of a JPEG.
fn put_segment(photo: &Path, body: &[u8]) {
    let jpeg = fs::read(photo).unwrap();
    let head = [&[0xFF, 0xE1], ((body.len() + 2) as u16).to_be_bytes().as_slice()].concat();
    fs::write(photo, [&jpeg[..2], &head, body, &jpeg[2..]].concat()).unwrap();
}

#[test]
fn names_are_taken_over_in_one_change_and_taken_back_with_it() {
    let album = Album::new(|_| {});
    // One face in the file itself, written after it was enrolled, and one beside it.
    let (bbox, size) = album.face("0.jpg");
    let body =
        [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), packet("Ada", shares(bbox, size), size).as_bytes()].concat();
    put_segment(&album.photo("0.jpg"), &body);
    let (bbox, size) = album.face("1.jpg");
    fs::write(album.photo("1.jpg.xmp"), packet("Joe", shares(bbox, size), size)).unwrap();

    let (lines, summary) = album.import(&["--dry-run"]);
    assert_eq!((&summary["named"], &summary["new_people"], &summary["batch"]), (&json!(2), &json!(2), &Value::Null));
    let names: Vec<_> =
        lines.iter().map(|line| (line["type"].as_str().unwrap(), line["name"].as_str().unwrap())).collect();
    assert_eq!(names, [("region_name", "Ada"), ("region_name", "Joe")]);
    assert_eq!(album.names().values().flatten().count(), 0, "nothing was changed");

    let (lines, summary) = album.import(&[]);
    assert_eq!((lines.len(), &summary["named"], &summary["looked_at"]), (0, &json!(2), &json!(2)));
    let both =
        BTreeMap::from([("0.jpg".to_owned(), Some("Ada".to_owned())), ("1.jpg".to_owned(), Some("Joe".to_owned()))]);
    assert_eq!(album.names(), both);
    let (_, again) = album.import(&[]);
    assert_eq!((&again["named"], &again["already_named"], &again["batch"]), (&json!(0), &json!(2), &Value::Null));

    album.run(&["undo"]);
    assert_eq!(album.names().values().flatten().count(), 0, "one undo for both");
    assert_eq!(album.run(&["people"]).len(), 0, "and for the people who were new");
    album.run(&["redo"]);
    assert_eq!(album.names(), both);
}

#[test]
fn what_is_not_certain_is_listed_and_not_done() {
    let album = Album::new(|_| {});
    let (bbox, size) = album.face("0.jpg");
    fs::write(album.photo("0.xmp"), packet("Ada", shares(bbox, size), size)).unwrap();
    fs::write(album.photo("1.jpg.xmp"), "<x:xmpmeta").unwrap();
    album.run(&["name", &album.face_id("0.jpg"), "--as", "Barack"]);

    let (lines, summary) = album.import(&[]);
    assert_eq!((&summary["named"], &summary["conflicts"], &summary["issues"]), (&json!(0), &json!(1), &json!(1)));
    assert_eq!(
        (&lines[0]["kind"], &lines[0]["names"], &lines[0]["has"]),
        (&json!("conflict"), &json!(["Ada"]), &json!("Barack"))
    );
    assert!(lines[1]["photo"].as_str().unwrap().ends_with("1.jpg.xmp") && lines[1]["type"] == "issue");

    // Nobody stands there; the photo was cropped; two people have the name.
    fs::write(album.photo("0.xmp"), packet("Ada", [0.05, 0.05, 0.05, 0.05], size)).unwrap();
    fs::write(album.photo("1.jpg.xmp"), packet("Ada", [0.5, 0.5, 0.5, 0.5], [size[0], size[1] * 2.0])).unwrap();
    let (lines, summary) = album.import(&[]);
    assert_eq!((&summary["without_face"], &summary["unplaced"], &summary["named"]), (&json!(1), &json!(1), &json!(0)));
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["no_face", "other_picture"]);
    let (bbox, size) = album.face("1.jpg");
    fs::write(album.photo("1.jpg.xmp"), packet("barack", shares(bbox, size), size)).unwrap();
    album.run(&["name", &album.face_id("1.jpg"), "--new", "BARACK"]);
    album.run(&["name", &album.face_id("1.jpg"), "--nobody"]);
    let (lines, _) = album.import(&[]);
    assert_eq!((&lines[1]["kind"], &lines[1]["has"]), (&json!("conflict"), &Value::Null), "a person said nobody");
}

#[test]
fn picasa_names_faces_by_its_contacts() {
    let album = Album::new(|_| {});
    let rect = |name: &str| {
        let ([x1, y1, x2, y2], [w, h]) = album.face(name);
        [x1 / w, y1 / h, x2 / w, y2 / h]
            .map(|share| format!("{:04x}", (share.clamp(0.0, 1.0) * 65535.0) as u16))
            .concat()
    };
    let ini = format!(
        "[Contacts2]\n8e62398ebda8c1a5=Ada;;\n[0.jpg]\nfaces=rect64({}),8e62398ebda8c1a5\n[1.jpg]\nfaces=rect64({}),1f\n",
        rect("0.jpg"),
        rect("1.jpg")
    );
    fs::write(album.photo(".picasa.ini"), ini).unwrap();
    let (_, summary) = album.import(&["--dry-run"]);
    assert_eq!((&summary["named"], &summary["unusable"]), (&json!(1), &json!(1)), "one contact is told nowhere");
    let contacts = album.home.join("contacts.xml");
    fs::write(&contacts, "<contacts><contact id='000000000000001f' name='Joe'/></contacts>").unwrap();
    let (_, summary) = album.import(&["--contacts", contacts.to_str().unwrap()]);
    assert_eq!((&summary["named"], &summary["unusable"]), (&json!(2), &json!(0)));
    assert_eq!(album.names()["1.jpg"].as_deref(), Some("Joe"));
}

/// EXIF that turns the stored picture by a quarter to the right.
const TURNED: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

#[test]
fn sidecars_are_written_read_back_and_keep_what_they_had() {
    // Stored turned to the left: upright by its EXIF.
    let album = Album::new(|photo| {
        let upright = image::open(photo).unwrap();
        let mut jpeg = Vec::new();
        upright.rotate270().to_rgb8().write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut jpeg)).unwrap();
        fs::write(photo, jpeg).unwrap();
        put_segment(photo, TURNED);
    });
    let faces = album.run(&["faces"]);
    for (face, name) in faces.iter().zip(["Ada & \"Co\"", "张伟"]) {
        album.run(&["name", &face["face"].to_string(), "--as", name]);
    }
    let named = album.names();
    let before: Vec<Vec<u8>> = ["0.jpg", "1.jpg"].map(|name| fs::read(album.photo(name)).unwrap()).to_vec();
    let other = "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description xmlns:a='b:c' a:d='kept'/></r:RDF>";
    fs::write(album.photo("1.xmp"), other).unwrap();
    let export =
        |more: &[&str]| album.run(&[&["regions", "export", "all", "--sidecars"], more].concat()).pop().unwrap();

    let dry = export(&["--dry-run"]);
    assert_eq!((&dry["written"], album.photo("0.jpg.xmp").exists()), (&json!(2), false));
    let done = export(&[]);
    assert_eq!(
        (&done["written"], &done["new_files"], &done["added"], &done["issues"]),
        (&json!(2), &json!(1), &json!(2), &json!(0))
    );
    let kept = fs::read_to_string(album.photo("1.xmp")).unwrap();
    assert!(kept.starts_with(other.strip_suffix("</r:RDF>").unwrap()) && kept.ends_with("</r:RDF>"), "{kept}");
    let again = export(&[]);
    assert_eq!((&again["written"], &again["kept"]), (&json!(0), &json!(2)), "nothing is left to be done");
    let after: Vec<Vec<u8>> = ["0.jpg", "1.jpg"].map(|name| fs::read(album.photo(name)).unwrap()).to_vec();
    assert_eq!(before, after, "photos are never written");
    assert_eq!(fs::read_dir(&album.photos).unwrap().count(), 4, "two photos, two sidecars, nothing half written");

    // Another gallery of the same photos gets the names from the sidecars.
    let home = album.home.with_file_name("other");
    run(&home, &["enroll", album.photos.to_str().unwrap()]);
    run(&home, &["regions", "import", "all"]);
    let other = Album { _dir: tempfile::tempdir().unwrap(), home, photos: album.photos.clone() };
    assert_eq!(other.names(), named);
    // A sidecar that cannot be understood is left as it is and told.
    fs::write(album.photo("0.jpg.xmp"), "no XML").unwrap();
    let lines = album.run(&["regions", "export", "all", "--sidecars"]);
    assert_eq!((&lines[0]["type"], &lines[1]["issues"]), (&json!("issue"), &json!(1)));
    assert_eq!(fs::read_to_string(album.photo("0.jpg.xmp")).unwrap(), "no XML");
}

#[test]
fn tables_of_both_kinds_bring_names_to_another_gallery() {
    let album = Album::new(|_| {});
    let faces = album.run(&["faces"]);
    album.run(&["name", &faces[0]["face"].to_string(), "--as", "Ada, \"née\" B"]);
    album.run(&["name", &faces[1]["face"].to_string(), "--new", "ada, \"NÉE\" b"]);
    let people = album.run(&["people"]);
    for (person, id) in people.iter().zip(["7", "8"]) {
        let (number, name) = (format!("#{}", person["id"]), person["name"].as_str().unwrap());
        album.run(&["describe", &number, "--name", name, "--external-id", id]);
    }
    let named = album.names();
    let csv = album.home.join("faces.csv");
    let written = album.run(&["regions", "export", "all", "--csv", csv.to_str().unwrap()]);
    assert_eq!(written[0]["type"], "written");
    let lines = album.home.join("faces.jsonl");
    let output = likeness(&album.home).args(["regions", "export", "all", "--json"]).output().unwrap();
    assert_eq!(parse_lines(&output).len(), 2);
    fs::write(&lines, &output.stdout).unwrap();

    for (table, at) in [(&csv, "csv"), (&lines, "jsonl")] {
        // Faces have other numbers there: the photos are enrolled in another order.
        let other = Album {
            _dir: tempfile::tempdir().unwrap(),
            home: album.home.with_file_name(at),
            photos: album.photos.clone(),
        };
        for name in ["1.jpg", "0.jpg"] {
            other.run(&["enroll", other.photo(name).to_str().unwrap()]);
        }
        let summary = other.run(&["regions", "import", "--names", table.to_str().unwrap()]).pop().unwrap();
        assert_eq!((&summary["named"], &summary["new_people"]), (&json!(2), &json!(2)), "{at}: two people of one name");
        assert_eq!(other.names(), named, "{at}");
        let ids: Vec<_> = other.run(&["people"]).iter().map(|person| person["external_id"].clone()).collect();
        assert!(ids.contains(&json!("7")) && ids.contains(&json!("8")), "{at}: {ids:?}");
        let again = other.run(&["regions", "import", "--names", table.to_str().unwrap()]).pop().unwrap();
        assert_eq!((&again["named"], &again["already_named"]), (&json!(0), &json!(2)), "{at}");
        other.run(&["undo"]);
        assert_eq!(other.names().values().flatten().count(), 0, "{at}: one change");
    }
    // A table of another program, by numbers alone; and one that cannot be read.
    let other = album.face_id("0.jpg");
    fs::write(&csv, format!("name;face\nZoe;{other}\nGone;999\n")).unwrap();
    let lines = album.run(&["regions", "import", "--names", csv.to_str().unwrap(), "--dry-run"]);
    assert_eq!((&lines[0]["kind"], &lines[0]["names"]), (&json!("no_face"), &json!(["Gone"])));
    assert_eq!(&lines[1]["kind"], &json!("conflict"));
    fs::write(&csv, "face,name\n1,x\nzz,y\n").unwrap();
    let refused = likeness(&album.home).args(["regions", "import", "--names", csv.to_str().unwrap()]).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("row 3"), "{}", text(&refused.stderr));
    let nowhere = likeness(&album.home).args(["regions", "import", "/nowhere"]).output().unwrap();
    assert!(!nowhere.status.success());
}
