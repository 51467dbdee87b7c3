//! Names told to other programs, as MWG regions in a sidecar. One that exists keeps every byte that says something else.

use std::ops::Range;

use roxmltree::{Document, Node};

use super::pairing::{Unplaced, match_regions};
use super::place::{Frame, area_of, swaps_sides};
use super::rdf::{RDF, element, items, value};
use super::regions::{Form, MWG, Region, RegionSet, applied, is_face, mwg_area, region_bag};
use super::xml::escaped;
use super::{ExchangeError, xml};
use crate::types::{BBox, name_key};

const AREA: &str = "http://ns.adobe.com/xmp/sType/Area#";
const DIMENSIONS: &str = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";

/// A face whose name is told.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedFace {
    pub name: String,
    /// In pixels of the upright photo.
    pub bbox: BBox,
}

/// A sidecar with the names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    pub bytes: Vec<u8>,
    /// Regions that were not there.
    pub added: usize,
    /// Regions whose name was another.
    pub renamed: usize,
    /// Regions that said the same.
    pub kept: usize,
}

/// A photo's size upright in pixels, and what EXIF says of its orientation (1…8).
#[derive(Clone, Copy)]
struct Photo {
    upright: [u32; 2],
    orientation: u8,
}

/// A sidecar that holds these faces and nothing else; regions are for the stored picture, as MWG asks.
pub fn new_sidecar(faces: &[NamedFace], upright: [u32; 2], orientation: u8) -> Edited {
    let regions = description(faces, Photo { upright, orientation }, "", "   ");
    let text = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF xmlns:rdf=\"{RDF}\">\n{regions} </rdf:RDF>\n</x:xmpmeta>\n\
         <?xpacket end=\"w\"?>\n"
    );
    Edited { bytes: text.into_bytes(), added: faces.len(), renamed: 0, kept: 0 }
}

/// Puts these faces into a sidecar that exists: a region over a face gets its name, a face without one a region of its
/// own, in the frame of those that are there. `upright` is the photo's size in pixels, `orientation` what EXIF says (1…8).
///
/// # Errors
/// The sidecar cannot be parsed, is not in UTF-8, or its regions have no certain place on the photo. It is not changed
/// then.
pub fn edit_sidecar(
    bytes: &[u8],
    faces: &[NamedFace],
    upright: [u32; 2],
    orientation: u8,
) -> Result<Edited, ExchangeError> {
    let text = str::from_utf8(bytes).map_err(|_| ExchangeError::NotUtf8)?;
    let document = xml::parse(text)?;
    let mut edits = Edits { text, changes: Vec::new(), added: 0, renamed: 0, kept: 0 };
    let photo = Photo { upright, orientation };
    let mut regions = document.descendants().filter(|node| node.has_tag_name((MWG, "Regions")));
    match (regions.next(), regions.next()) {
        (None, _) => edits.add_description(&document, faces, photo)?,
        (Some(regions), None) => edits.edit_regions(regions, faces, photo)?,
        (Some(_), Some(_)) => return Err(ExchangeError::OtherForm),
    }
    edits.apply()
}

/// Bytes of a text and what is to stand in their place.
struct Edits<'a> {
    text: &'a str,
    changes: Vec<(Range<usize>, String)>,
    added: usize,
    renamed: usize,
    kept: usize,
}

impl<'a> Edits<'a> {
    fn apply(mut self) -> Result<Edited, ExchangeError> {
        self.changes.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, new) in &self.changes {
            text.push_str(self.text.get(at..range.start).ok_or(ExchangeError::OtherForm)?);
            text.push_str(new);
            at = range.end;
        }
        text.push_str(self.text.get(at..).ok_or(ExchangeError::OtherForm)?);
        // What is written can be read again, by this program at least.
        xml::parse(&text)?;
        let Self { added, renamed, kept, .. } = self;
        Ok(Edited { bytes: text.into_bytes(), added, renamed, kept })
    }

    fn add_description(
        &mut self,
        document: &'a Document<'a>,
        faces: &[NamedFace],
        photo: Photo,
    ) -> Result<(), ExchangeError> {
        let rdf = document.descendants().find(|node| node.has_tag_name((RDF, "RDF"))).ok_or(ExchangeError::NotXmp)?;
        // All descriptions of a packet are about one thing.
        let mut others = rdf.children().filter(|node| node.has_tag_name((RDF, "Description")));
        let about = others.find_map(|other| other.attribute((RDF, "about"))).unwrap_or_default();
        self.append(rdf, &format!("\n{}", description(faces, photo, about, "  ")))?;
        self.added = faces.len();
        Ok(())
    }

    fn edit_regions(&mut self, regions: Node<'a, 'a>, faces: &[NamedFace], photo: Photo) -> Result<(), ExchangeError> {
        let bag = region_bag(regions).ok_or(ExchangeError::OtherForm)?;
        let (nodes, set) = faces_there(bag, applied(regions));
        let boxes: Vec<BBox> = faces.iter().map(|face| face.bbox).collect();
        let matched = match_regions(&set, photo.upright, photo.orientation, &boxes).map_err(|error| match error {
            Unplaced::OtherPicture([width, height]) => ExchangeError::OtherPicture(width, height),
            Unplaced::Unclear => ExchangeError::Unclear,
        })?;
        let mut is_there = vec![false; faces.len()];
        for (region, face, _) in matched.pairs {
            let (Some(node), Some(known), Some(named)) = (nodes.get(region), set.regions.get(region), faces.get(face))
            else {
                continue;
            };
            is_there[face] = true;
            if known.name.as_deref().map(name_key) == Some(name_key(&named.name)) {
                self.kept += 1;
            } else {
                self.rename(*node, &named.name)?;
                self.renamed += 1;
            }
        }
        let new = faces.iter().zip(&is_there).filter(|(_, is_there)| !**is_there);
        let items: String = new.clone().map(|(face, _)| item(bag, face, matched.frame, photo)).collect();
        self.added = new.count();
        if items.is_empty() { Ok(()) } else { self.append(bag, &items) }
    }

    /// Before the end of an element, which may have none.
    fn append(&mut self, node: Node<'a, 'a>, new: &str) -> Result<(), ExchangeError> {
        let range = node.range();
        let source = self.text.get(range.clone()).ok_or(ExchangeError::OtherForm)?;
        if let Some(open) = source.strip_suffix("/>").filter(|_| !node.has_children()) {
            let name: &str = open[1..].split(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
            self.changes.push((range.end - 2..range.end, format!(">{new}</{name}>")));
        } else {
            let end = range.start + source.rfind("</").ok_or(ExchangeError::OtherForm)?;
            self.changes.push((end..end, new.to_owned()));
        }
        Ok(())
    }

    /// Another name in the place of the one that a region has, or a name beside its type.
    fn rename(&mut self, region: Node<'a, 'a>, name: &str) -> Result<(), ExchangeError> {
        let written = format!("<mwg-rs:Name xmlns:mwg-rs=\"{MWG}\">{}</mwg-rs:Name>", escaped(name));
        if let Some(old) = element(region, "Name") {
            self.changes.push((old.range(), written));
        } else if let Some(old) = attribute(region, "Name") {
            self.changes.push((old.range_value(), escaped(name)));
        } else if let Some(kind) = element(region, "Type") {
            self.changes.push((kind.range().start..kind.range().start, written));
        } else {
            let kind = attribute(region, "Type").ok_or(ExchangeError::OtherForm)?;
            let start = kind.range().start;
            let (prefix, _) = self.text.get(start..).and_then(|text| text.split_once(':')).unwrap_or_default();
            self.changes.push((start..start, format!("{prefix}:Name=\"{}\" ", escaped(name))));
        }
        Ok(())
    }
}

fn attribute<'a>(region: Node<'a, 'a>, name: &str) -> Option<roxmltree::Attribute<'a, 'a>> {
    let holders = std::iter::once(region).chain(region.children());
    holders.flat_map(|holder| holder.attributes()).find(|attribute| attribute.has_name(name))
}

trait HasName {
    fn has_name(&self, name: &str) -> bool;
}

impl HasName for roxmltree::Attribute<'_, '_> {
    fn has_name(&self, name: &str) -> bool {
        self.name() == name && self.namespace() == Some(MWG)
    }
}

/// The faces of a bag whose areas can be used, with their elements.
fn faces_there<'a>(bag: Node<'a, 'a>, applied: Option<[f64; 2]>) -> (Vec<Node<'a, 'a>>, RegionSet) {
    let mut set = RegionSet::new(Form::Mwg, applied);
    let mut nodes = Vec::new();
    for node in items(bag).filter(|node| is_face(*node)) {
        if let Some(area) = mwg_area(node, applied) {
            set.regions.push(Region { name: value(node, "Name"), area });
            nodes.push(node);
        }
    }
    (nodes, set)
}

/// One region as an item of this bag; prefixes that are not declared there are declared by it.
fn item(bag: Node<'_, '_>, face: &NamedFace, frame: Frame, photo: Photo) -> String {
    let mut declared = String::new();
    let mut prefix = |uri: &str, usual: &'static str| match bag.lookup_prefix(uri).filter(|known| !known.is_empty()) {
        Some(known) => known.to_owned(),
        None => {
            declared.push_str(&format!(" xmlns:{usual}=\"{uri}\""));
            usual.to_owned()
        }
    };
    let (rdf, mwg, area) = (prefix(RDF, "rdf"), prefix(MWG, "mwg-rs"), prefix(AREA, "stArea"));
    let [x, y, w, h] = centred(face, frame, photo);
    let name = escaped(&face.name);
    format!(
        "<{rdf}:li{declared} {rdf}:parseType=\"Resource\"><{mwg}:Name>{name}</{mwg}:Name><{mwg}:Type>Face</{mwg}:Type>\
         <{mwg}:Area {area}:x=\"{x}\" {area}:y=\"{y}\" {area}:w=\"{w}\" {area}:h=\"{h}\" {area}:unit=\"normalized\"/>\
         </{rdf}:li>\n"
    )
}

/// Middle, width and height in shares, as they are written.
fn centred(face: &NamedFace, frame: Frame, photo: Photo) -> [String; 4] {
    let [x1, y1, x2, y2] = area_of(&face.bbox, frame, photo.orientation, photo.upright);
    [(x1 + x2) / 2.0, (y1 + y2) / 2.0, x2 - x1, y2 - y1].map(|share| format!("{share:.6}"))
}

/// A description with all faces.
fn description(faces: &[NamedFace], photo: Photo, about: &str, indent: &str) -> String {
    let about = escaped(about);
    let [width, height] = photo.upright;
    let (width, height) = if swaps_sides(photo.orientation) { (height, width) } else { (width, height) };
    let item = |face: &NamedFace| {
        let [x, y, w, h] = centred(face, Frame::Stored, photo);
        let name = escaped(&face.name);
        format!(
            "{indent}    <rdf:li rdf:parseType=\"Resource\">\n\
             {indent}     <mwg-rs:Name>{name}</mwg-rs:Name>\n\
             {indent}     <mwg-rs:Type>Face</mwg-rs:Type>\n\
             {indent}     <mwg-rs:Area stArea:x=\"{x}\" stArea:y=\"{y}\" stArea:w=\"{w}\" stArea:h=\"{h}\" \
             stArea:unit=\"normalized\"/>\n\
             {indent}    </rdf:li>\n"
        )
    };
    let items: String = faces.iter().map(item).collect();
    format!(
        "{indent}<rdf:Description rdf:about=\"{about}\" xmlns:rdf=\"{RDF}\" xmlns:mwg-rs=\"{MWG}\" \
         xmlns:stDim=\"{DIMENSIONS}\" xmlns:stArea=\"{AREA}\">\n\
         {indent} <mwg-rs:Regions rdf:parseType=\"Resource\">\n\
         {indent}  <mwg-rs:AppliedToDimensions stDim:w=\"{width}\" stDim:h=\"{height}\" stDim:unit=\"pixel\"/>\n\
         {indent}  <mwg-rs:RegionList>\n{indent}   <rdf:Bag>\n{items}{indent}   </rdf:Bag>\n\
         {indent}  </mwg-rs:RegionList>\n{indent} </mwg-rs:Regions>\n{indent}</rdf:Description>\n"
    )
}

#[cfg(test)]
mod tests;
