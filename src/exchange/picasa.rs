//! Picasa's names: `.picasa.ini` in each folder of photos, and `contacts.xml` of the program itself.

use std::collections::{BTreeMap, HashMap};

use super::regions::{Form, RegionSet};
use super::{ExchangeError, xml};

/// The id of a face that nobody has named.
const NOBODY: &str = "ffffffffffffffff";

/// Names by Picasa's ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contacts(HashMap<String, String>);

impl Contacts {
    fn add(&mut self, id: &str, name: &str) {
        if !name.trim().is_empty() {
            self.0.insert(plain(id), name.trim().to_owned());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Ids are written with leading zeros or without.
fn plain(id: &str) -> String {
    id.trim().trim_start_matches('0').to_ascii_lowercase()
}

/// A face: its area as corners in shares, and the id of its contact.
type Face = (Option<[f64; 4]>, String);

/// What the file of one folder says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PicasaFolder {
    faces: BTreeMap<String, Vec<Face>>,
    contacts: Contacts,
}

impl PicasaFolder {
    /// The faces of the photo of this file name; `contacts` are those of the program, which the folder's own go before.
    /// A face whose contact is told nowhere has no name and counts as unusable.
    pub fn regions(&self, file_name: &str, contacts: &Contacts) -> Option<RegionSet> {
        let any_case = || self.faces.iter().find(|(name, _)| name.eq_ignore_ascii_case(file_name));
        let (_, faces) = self.faces.get_key_value(file_name).or_else(any_case)?;
        let mut set = RegionSet::new(Form::Picasa, None);
        for (area, id) in faces {
            let name = self.contacts.0.get(id).or_else(|| contacts.0.get(id)).cloned();
            let is_unknown = name.is_none() && !id.is_empty() && id != NOBODY;
            set.add(name, *area);
            set.unusable += usize::from(is_unknown && area.is_some());
        }
        Some(set)
    }
}

/// `.picasa.ini`: a section a photo with `faces=rect64(…),id;…`, and `[Contacts2]`, in old files `[Contacts]`.
///
/// # Errors
/// [`ExchangeError::TooLarge`], [`ExchangeError::NotText`].
pub fn read_picasa(bytes: &[u8]) -> Result<PicasaFolder, ExchangeError> {
    let text = xml::text(bytes)?;
    let mut folder = PicasaFolder::default();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let Some((key, value)) = line.split_once('=') {
            if section == "Contacts2" || section == "Contacts" {
                folder.contacts.add(key, value.split(';').next().unwrap_or_default());
            } else if key.trim() == "faces" {
                let faces = value.split(';').map(str::trim).filter(|face| !face.is_empty()).map(face);
                folder.faces.entry(section.to_owned()).or_default().extend(faces);
            }
        }
    }
    Ok(folder)
}

/// `rect64(3f845bcb59418507),8e62398ebda8c1a5`
fn face(text: &str) -> Face {
    let (area, id) = text.split_once(',').unwrap_or((text, ""));
    (rect64(area.trim()), plain(id))
}

/// Left, top, right and bottom as four numbers of 16 bits in hexadecimal, leading zeros left out.
fn rect64(text: &str) -> Option<[f64; 4]> {
    let digits = text.strip_prefix("rect64(")?.strip_suffix(')')?;
    let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some([48, 32, 16, 0].map(|shift| (number >> shift & 0xFFFF) as f64 / 65535.0))
}

/// `contacts.xml`: `<contacts><contact id="…" name="…"/></contacts>`.
///
/// # Errors
/// Damaged or hostile XML; see [`ExchangeError`].
pub fn read_contacts(bytes: &[u8]) -> Result<Contacts, ExchangeError> {
    let text = xml::text(bytes)?;
    let document = xml::parse(&text)?;
    let mut contacts = Contacts::default();
    for contact in document.descendants().filter(|node| node.has_tag_name("contact")) {
        let name = contact.attribute("name").filter(|name| !name.trim().is_empty()).or(contact.attribute("display"));
        if let (Some(id), Some(name)) = (contact.attribute("id"), name) {
            contacts.add(id, name);
        }
    }
    Ok(contacts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INI: &str = "[Picasa]\r\nname=Summer\r\n[Contacts2]\r\n8e62398ebda8c1a5=Ada Lovelace;;\r\n\
        [IMG_1.jpg]\r\nbackuphash=1\r\nfaces=rect64(3f845bcb59418507),8e62398ebda8c1a5;rect64(12345678),ffffffffffffffff\r\n\
        [b.jpg]\nfaces=rect64(80008000c000c000),0a;rect64(zz),8e62398ebda8c1a5;rect64(),1;\n";

    #[test]
    fn faces_and_contacts_of_a_folder() {
        let folder = read_picasa(INI.as_bytes()).unwrap();
        let set = folder.regions("img_1.JPG", &Contacts::default()).unwrap();
        let names: Vec<_> = set.regions.iter().map(|region| region.name.as_deref()).collect();
        assert_eq!(names, [Some("Ada Lovelace"), None]);
        assert_eq!(set.regions[1].area, [0.0, 0.0, f64::from(0x1234) / 65535.0, f64::from(0x5678) / 65535.0]);
        assert_eq!(set.unusable, 0, "nobody named the second");
    }

    #[test]
    fn the_parts_of_a_rectangle() {
        assert_eq!(rect64("rect64(00000000ffffffff)"), Some([0.0, 0.0, 1.0, 1.0]));
        let short = rect64("rect64(ffffffff)").unwrap();
        assert_eq!(short, [0.0, 0.0, 1.0, 1.0], "leading zeros are left out");
        let [left, top, right, bottom] = rect64("rect64(3f845bcb59418507)").unwrap();
        assert!((left - 0.2481).abs() < 1e-3 && (top - 0.3586).abs() < 1e-3);
        assert!((right - 0.3486).abs() < 1e-3 && (bottom - 0.5196).abs() < 1e-3);
        for bad in ["rect64()", "rect64(1ffffffffffffffff)", "rect64(+1)", "rect32(1)", "rect64(12", ""] {
            assert_eq!(rect64(bad), None, "{bad}");
        }
    }

    #[test]
    fn contacts_of_the_program_fill_in_and_unknown_ones_are_counted() {
        let folder = read_picasa(INI.as_bytes()).unwrap();
        let set = folder.regions("b.jpg", &Contacts::default()).unwrap();
        assert_eq!((set.regions.len(), set.unusable), (1, 3), "an unknown contact, two rectangles that are none");
        assert_eq!(set.regions[0].name, None);
        let xml = r#"<contacts><contact id="0000a" name="Béa" email=""/><contact id="b" display="C"/></contacts>"#;
        let contacts = read_contacts(xml.as_bytes()).unwrap();
        let set = folder.regions("b.jpg", &contacts).unwrap();
        assert_eq!((set.regions[0].name.as_deref(), set.unusable), (Some("Béa"), 2));
        assert_eq!(folder.regions("c.jpg", &contacts), None);
        assert!(read_contacts(b"<contacts><contact").is_err());
        assert!(read_picasa(b"[M\xfcller.jpg]").is_err());
    }
}
