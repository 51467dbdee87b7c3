//! Face regions in XMP, in the three forms that programs write.

use super::rdf::{Structure, bag, element, items, number, number_of, value};
use super::{ExchangeError, xml};
use crate::types::tidy_name;

pub(super) const MWG: &str = "http://www.metadataworkinggroup.com/schemas/regions/";
const MICROSOFT: &str = "http://ns.microsoft.com/photo/1.2/";
const ACDSEE: &str = "http://ns.acdsee.com/regions/";

/// Regions of one form that are read at most: a crowd's photo has a few hundred.
const MOST_REGIONS: usize = 1000;

/// Letters of a name at most; longer is no name.
const LONGEST_NAME: usize = 500;

/// Who wrote a region, by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Metadata Working Group, `mwg-rs:Regions`.
    Mwg,
    /// Microsoft Photo, `MP:RegionInfo`.
    Microsoft,
    /// ACDSee, `acdsee-rs:Regions`.
    Acdsee,
    /// Picasa's own files.
    Picasa,
}

/// A face as another program saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Tidied; `None` for a face that has no name.
    pub name: Option<String>,
    /// Left, top, right, bottom in shares of width and height of the picture that the set is for, about 0…1.
    pub area: [f64; 4],
}

/// The regions of one form.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionSet {
    pub form: Form,
    /// Width and height of the picture that the regions are for, where that is said.
    pub applied: Option<[f64; 2]>,
    pub regions: Vec<Region>,
    /// Regions that are no faces: pets, focus points, bar codes.
    pub others: usize,
    /// Faces without an area that could be one, and those beyond the bound on their number.
    pub unusable: usize,
}

impl RegionSet {
    pub(super) fn new(form: Form, applied: Option<[f64; 2]>) -> Self {
        Self { form, applied, regions: Vec::new(), others: 0, unusable: 0 }
    }

    /// `area` is left, top, right, bottom.
    pub(super) fn add(&mut self, name: Option<String>, area: Option<[f64; 4]>) {
        match (area.filter(is_area), name_of(name)) {
            (Some(area), Ok(name)) if self.regions.len() < MOST_REGIONS => self.regions.push(Region { name, area }),
            _ => self.unusable += 1,
        }
    }
}

/// Not tidied further; `Err` for what is no name.
fn name_of(name: Option<String>) -> Result<Option<String>, ()> {
    let name = name.map(|name| tidy_name(&name)).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) { Err(()) } else { Ok(name) }
}

/// It has an extent and lies on the picture, or hangs over its edge by half at most.
fn is_area(area: &[f64; 4]) -> bool {
    let [x1, y1, x2, y2] = *area;
    let is_near = area.iter().all(|share| (-0.5..=1.5).contains(share));
    is_near && x2 > x1 && y2 > y1 && x2 > 0.0 && y2 > 0.0 && x1 < 1.0 && y1 < 1.0
}

/// Every set of regions in an XMP packet or sidecar, MWG's before Microsoft's before ACDSee's.
///
/// # Errors
/// Damaged or hostile XML; see [`ExchangeError`].
pub fn read_regions(bytes: &[u8]) -> Result<Vec<RegionSet>, ExchangeError> {
    let text = xml::text(bytes)?;
    let document = xml::parse(&text)?;
    let mut sets: Vec<RegionSet> = Vec::new();
    for node in document.descendants().filter(Structure::is_element) {
        let name = node.tag_name();
        sets.extend(match (name.namespace(), name.name()) {
            (Some(MWG), "Regions") => Some(mwg(node)),
            (Some(MICROSOFT), "RegionInfo") => Some(microsoft(node)),
            (Some(ACDSEE), "Regions") => Some(acdsee(node)),
            _ => None,
        });
    }
    sets.retain(|set| !set.regions.is_empty() || set.others + set.unusable > 0);
    sets.sort_by_key(|set| set.form);
    Ok(sets)
}

/// Width and height that regions are for; `unit` is pixels in every file met, and the shape is what counts.
pub(super) fn applied(regions: Structure<'_>) -> Option<[f64; 2]> {
    let dimensions = element(regions, "AppliedToDimensions")?;
    let size = [number(dimensions, "w")?, number(dimensions, "h")?];
    (size[0] > 0.0 && size[1] > 0.0).then_some(size)
}

/// The bag of a list of regions.
pub(super) fn region_bag(regions: Structure<'_>) -> Option<Structure<'_>> {
    bag(element(regions, "RegionList")?)
}

pub(super) fn is_face(region: Structure<'_>) -> bool {
    value(region, "Type").is_some_and(|kind| kind.eq_ignore_ascii_case("Face"))
}

/// One region of MWG's form as corners in shares.
pub(super) fn mwg_area(region: Structure<'_>, applied: Option<[f64; 2]>) -> Option<[f64; 4]> {
    centred(element(region, "Area")?, applied)
}

fn mwg(regions: Structure<'_>) -> RegionSet {
    let mut set = RegionSet::new(Form::Mwg, applied(regions));
    for region in region_bag(regions).into_iter().flat_map(items) {
        if is_face(region) {
            set.add(value(region, "Name"), mwg_area(region, set.applied));
        } else {
            set.others += 1;
        }
    }
    set
}

/// What the person drew goes before what the program found.
fn acdsee(regions: Structure<'_>) -> RegionSet {
    let mut set = RegionSet::new(Form::Acdsee, applied(regions));
    for region in region_bag(regions).into_iter().flat_map(items) {
        if is_face(region) {
            let area = ["DLYArea", "ALGArea"].into_iter().find_map(|name| centred(element(region, name)?, set.applied));
            set.add(value(region, "Name"), area);
        } else {
            set.others += 1;
        }
    }
    set
}

/// An area by its middle, in shares or in pixels of the picture applied to.
fn centred(area: Structure<'_>, applied: Option<[f64; 2]>) -> Option<[f64; 4]> {
    let [x, y, w, h] = [number(area, "x")?, number(area, "y")?, number(area, "w")?, number(area, "h")?];
    let [width, height] = match value(area, "unit").as_deref() {
        Some("pixel" | "pixels") => applied?,
        _ => [1.0, 1.0],
    };
    Some([(x - w / 2.0) / width, (y - h / 2.0) / height, (x + w / 2.0) / width, (y + h / 2.0) / height])
}

fn microsoft(info: Structure<'_>) -> RegionSet {
    let mut set = RegionSet::new(Form::Microsoft, None);
    for region in element(info, "Regions").and_then(bag).into_iter().flat_map(items) {
        set.add(value(region, "PersonDisplayName"), value(region, "Rectangle").as_deref().and_then(rectangle));
    }
    set
}

/// "left, top, width, height" in shares.
fn rectangle(text: &str) -> Option<[f64; 4]> {
    let numbers: Option<Vec<f64>> = text.split(',').map(number_of).collect();
    let [x, y, w, h] = <[f64; 4]>::try_from(numbers?).ok()?;
    Some([x, y, x + w, y + h])
}

#[cfg(test)]
mod tests;
