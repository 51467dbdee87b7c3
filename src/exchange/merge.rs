//! What the regions of one photo come to: whom its faces are named after, and what is left to a person.

use std::collections::{BTreeMap, BTreeSet};

use super::pairing::{Unplaced, match_regions};
use super::people::{People, Whom};
use super::regions::{Form, RegionSet};
use crate::types::{BBox, FaceId, SubjectId, SubjectName, name_key};

/// A face of the photo as the gallery has it.
#[derive(Clone, Debug)]
pub struct FaceHere {
    pub id: FaceId,
    /// In pixels of the upright photo.
    pub bbox: BBox,
    pub subject: Option<SubjectName>,
    /// A person said that it is nobody, or is to be left alone.
    pub is_nobody: bool,
    /// Who it is not, by a person's word.
    pub rejected: Vec<SubjectId>,
}

/// What a person has to look at.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// The face has another name, or none by a person's word.
    Conflict { face: FaceId, name: String, has: Option<String> },
    /// A person said that the face is not who has this name.
    Rejected { face: FaceId, name: String },
    /// Regions say different names of one face.
    Contested { face: FaceId, names: Vec<String> },
    /// Several people have the name.
    Ambiguous { face: FaceId, name: String },
    /// No face was found there.
    NoFace { name: String, area: BBox },
    /// The regions are for a picture of this shape.
    OtherPicture { form: Form, applied: [f64; 2] },
    /// It cannot be said which way up the regions are.
    Unclear { form: Form },
    /// So many regions have no area that could be one, or a name that is not told.
    Unusable { form: Form, regions: usize },
}

/// What is to be done with one photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// Faces without a name, and whose they are.
    pub named: Vec<(FaceId, Whom)>,
    /// Faces that have the name by now.
    pub already: usize,
    pub remarks: Vec<Remark>,
}

/// What one photo's sets of regions come to. Of two sets the earlier goes first; where they name one face differently it
/// keeps what it has. `upright` is the photo's size in pixels, `orientation` what EXIF says of it.
pub fn decide(sets: &[RegionSet], upright: [u32; 2], orientation: u8, faces: &[FaceHere], people: &People) -> Decision {
    let boxes: Vec<BBox> = faces.iter().map(|face| face.bbox).collect();
    let mut decision = Decision::default();
    let mut names: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut alone: Vec<(String, BBox)> = Vec::new();
    for set in sets {
        if set.unusable > 0 {
            decision.remarks.push(Remark::Unusable { form: set.form, regions: set.unusable });
        }
        let matched = match match_regions(set, upright, orientation, &boxes) {
            Ok(matched) => matched,
            Err(_) if set.regions.iter().all(|region| region.name.is_none()) => continue,
            Err(Unplaced::OtherPicture(applied)) => {
                decision.remarks.push(Remark::OtherPicture { form: set.form, applied });
                continue;
            }
            Err(Unplaced::Unclear) => {
                decision.remarks.push(Remark::Unclear { form: set.form });
                continue;
            }
        };
        let mut say = |face: usize, region: usize| {
            if let Some(name) = set.regions.get(region).and_then(|region| region.name.clone()) {
                let told = names.entry(face).or_default();
                if !told.iter().any(|known| name_key(known) == name_key(&name)) {
                    told.push(name);
                }
            }
        };
        matched.pairs.iter().for_each(|&(region, face, _)| say(face, region));
        matched.contested.iter().for_each(|(face, regions)| regions.iter().for_each(|region| say(*face, *region)));
        let contested: BTreeSet<usize> = matched.contested.iter().flat_map(|(_, regions)| regions.clone()).collect();
        for region in matched.alone.into_iter().filter(|region| !contested.contains(region)) {
            if let (Some(region), Some(bbox)) = (set.regions.get(region), matched.boxes.get(region)) {
                alone.extend(region.name.clone().map(|name| (name, *bbox)));
            }
        }
    }
    for (face, told) in &names {
        if let Some(face) = faces.get(*face) {
            name(face, told, people, &mut decision);
        }
    }
    let mut seen: BTreeSet<String> = names.values().flatten().map(|name| name_key(name)).collect();
    for (name, area) in alone {
        // Another set told where the person is, or told the same of nobody.
        if seen.insert(name_key(&name)) {
            decision.remarks.push(Remark::NoFace { name, area });
        }
    }
    decision
}

/// One face that these names are said of.
fn name(face: &FaceHere, told: &[String], people: &People, decision: &mut Decision) {
    match told {
        [name] => decision.name(face, name, people.whom(name)),
        names => decision.remarks.push(Remark::Contested { face: face.id, names: names.to_vec() }),
    }
}

impl Decision {
    /// Somebody says that the face is this person: it gets the name where it has none.
    pub fn name(&mut self, face: &FaceHere, name: &str, whom: Whom) {
        let conflict = |has| Remark::Conflict { face: face.id, name: name.to_owned(), has };
        match (&face.subject, &whom) {
            // Who has the name already has it, however many others have it too.
            (Some(has), Whom::Known(known)) if has.id == *known => self.already += 1,
            (Some(has), Whom::New(_) | Whom::Several) if name_key(&has.name) == name_key(name) => self.already += 1,
            (Some(has), _) => self.remarks.push(conflict(Some(has.name.clone()))),
            (None, _) if face.is_nobody => self.remarks.push(conflict(None)),
            (None, Whom::Known(known)) if face.rejected.contains(known) => {
                self.remarks.push(Remark::Rejected { face: face.id, name: name.to_owned() });
            }
            (None, Whom::Several) => self.remarks.push(Remark::Ambiguous { face: face.id, name: name.to_owned() }),
            (None, _) => self.named.push((face.id, whom)),
        }
    }
}

#[cfg(test)]
mod tests;
