//! Regions to detected faces: one to one, such that the overlap is the greatest on the whole.

use std::collections::BTreeSet;

use super::place::{Frame, Told, told, upright_box};
use super::regions::RegionSet;
use crate::types::{BBox, name_key};

/// Regions are drawn around the face, the head or the hair: one of twice the height and width overlaps by a quarter.
const LEAST_IOU: f32 = 0.2;

/// Overlaps that differ by less tell nothing apart.
const CLEAR: f32 = 0.1;

/// Regions laid over a photo's faces.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    pub frame: Frame,
    /// Index of the region, index of the face, and their overlap (intersection over union); by region.
    pub pairs: Vec<(usize, usize, f32)>,
    /// Faces over which regions of different names lie equally well, with the indices of those regions.
    pub contested: Vec<(usize, Vec<usize>)>,
    /// Regions over no face.
    pub alone: Vec<usize>,
    /// The boxes of all regions on the upright photo, pixels.
    pub boxes: Vec<BBox>,
}

/// Why regions have no certain place on a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unplaced {
    /// They are for a picture of this shape, and the photo has another.
    OtherPicture([f64; 2]),
    /// As the stored picture and as the upright one they fit different faces equally well.
    Unclear,
}

/// Lays regions over the faces of a photo. `upright` is the photo's size in pixels, `orientation` what EXIF says (1…8),
/// `faces` are boxes of the upright photo.
///
/// # Errors
/// [`Unplaced`].
pub fn match_regions(set: &RegionSet, upright: [u32; 2], orientation: u8, faces: &[BBox]) -> Result<Matched, Unplaced> {
    let lay = |frame| lay(set, frame, upright, orientation, faces);
    match told(set.applied, upright, orientation) {
        Told::One(frame) => Ok(lay(frame)),
        Told::Neither => Err(Unplaced::OtherPicture(set.applied.unwrap_or_default())),
        Told::Either => {
            let (stored, turned) = (lay(Frame::Stored), lay(Frame::Upright));
            let places = |matched: &Matched| matched.pairs.iter().map(|pair| (pair.0, pair.1)).collect::<Vec<_>>();
            let total = |matched: &Matched| matched.pairs.iter().map(|pair| pair.2).sum::<f32>();
            let clear = CLEAR * stored.pairs.len().max(turned.pairs.len()) as f32;
            if places(&stored) == places(&turned) || total(&stored) >= total(&turned) + clear {
                Ok(stored)
            } else if total(&turned) >= total(&stored) + clear {
                Ok(turned)
            } else {
                Err(Unplaced::Unclear)
            }
        }
    }
}

fn lay(set: &RegionSet, frame: Frame, upright: [u32; 2], orientation: u8, faces: &[BBox]) -> Matched {
    let place = |area| upright_box(area, frame, orientation, upright);
    let boxes: Vec<BBox> = set.regions.iter().map(|region| place(region.area)).collect();
    let overlaps = Overlaps::new(&boxes, faces);
    let pairs = overlaps.best_pairs();
    let paired: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
    let alone: Vec<usize> = (0..boxes.len()).filter(|region| !paired.contains(region)).collect();
    let key = |region: usize| set.regions.get(region).and_then(|region| region.name.as_deref()).map(name_key);
    let contested = pairs.iter().filter_map(|&(region, face, iou)| {
        let is_rival = |other: &usize| {
            key(*other).is_some_and(|name| key(region) != Some(name))
                && overlaps.of(*other, face) > (iou - CLEAR).max(0.0)
        };
        let rivals: Vec<usize> = alone.iter().copied().filter(is_rival).collect();
        (!rivals.is_empty()).then(|| (face, std::iter::once(region).chain(rivals).collect()))
    });
    Matched { frame, contested: contested.collect(), pairs, alone, boxes }
}

/// How regions and faces overlap; 0 where they cannot belong together.
struct Overlaps {
    regions: usize,
    faces: usize,
    iou: Vec<f32>,
}

impl Overlaps {
    fn new(regions: &[BBox], faces: &[BBox]) -> Self {
        let iou = regions.iter().flat_map(|region| faces.iter().map(|face| overlap(region, face))).collect();
        Self { regions: regions.len(), faces: faces.len(), iou }
    }

    fn of(&self, region: usize, face: usize) -> f32 {
        self.iou.get(region * self.faces + face).copied().unwrap_or(0.0)
    }

    /// Region, face and overlap, by region.
    fn best_pairs(&self) -> Vec<(usize, usize, f32)> {
        let mut seen = vec![false; self.regions];
        let mut pairs = Vec::new();
        for region in 0..self.regions {
            if !seen[region] {
                let (regions, faces) = self.knot(region, &mut seen);
                pairs.extend(self.assign(&regions, &faces));
            }
        }
        pairs.sort_by_key(|pair| pair.0);
        pairs
    }

    /// The regions and faces that hang together with this one, each by number. Such knots are small.
    fn knot(&self, region: usize, seen: &mut [bool]) -> (Vec<usize>, Vec<usize>) {
        let (mut regions, mut faces) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![region];
        seen[region] = true;
        while let Some(region) = open.pop() {
            regions.insert(region);
            for face in (0..self.faces).filter(|face| self.of(region, *face) > 0.0) {
                if faces.insert(face) {
                    for other in (0..self.regions).filter(|other| self.of(*other, face) > 0.0) {
                        if !std::mem::replace(&mut seen[other], true) {
                            open.push(other);
                        }
                    }
                }
            }
        }
        (regions.into_iter().collect(), faces.into_iter().collect())
    }

    fn assign(&self, regions: &[usize], faces: &[usize]) -> Vec<(usize, usize, f32)> {
        let is_swapped = regions.len() > faces.len();
        let (rows, columns) = if is_swapped { (faces, regions) } else { (regions, faces) };
        let pair = |row: usize, column: usize| {
            if is_swapped { (columns[column], rows[row]) } else { (rows[row], columns[column]) }
        };
        let cost = |row: usize, column: usize| {
            let (region, face) = pair(row, column);
            -f64::from(self.of(region, face))
        };
        let assigned = cheapest(rows.len(), columns.len(), cost).into_iter().enumerate();
        let pairs = assigned.map(|(row, column)| pair(row, column));
        pairs.map(|(region, face)| (region, face, self.of(region, face))).filter(|pair| pair.2 > 0.0).collect()
    }
}

/// The overlap of two that may belong together: enough of it, and the middle of each within the other.
fn overlap(region: &BBox, face: &BBox) -> f32 {
    let holds = |outer: &BBox, inner: &BBox| {
        let [x, y] = inner.center();
        x >= outer.x1 && x <= outer.x2 && y >= outer.y1 && y <= outer.y2
    };
    let iou = region.iou(face);
    if iou >= LEAST_IOU && holds(region, face) && holds(face, region) { iou } else { 0.0 }
}

/// The column of each row such that the sum of costs is the least; `rows` are no more than `columns`. The Hungarian
/// method with potentials, in rows² × columns steps.
fn cheapest(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    // Row and column 0 stand for none.
    let mut of_row = vec![0.0; rows + 1];
    let mut of_column = vec![0.0; columns + 1];
    let mut taken_by = vec![0; columns + 1];
    for row in 1..=rows {
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut came_from = vec![0; columns + 1];
        let mut is_done = vec![false; columns + 1];
        let mut column = 0;
        taken_by[0] = row;
        while taken_by[column] != 0 {
            is_done[column] = true;
            let (from, mut step, mut next) = (taken_by[column], f64::INFINITY, 0);
            for other in (1..=columns).filter(|other| !is_done[*other]) {
                let reduced = cost(from - 1, other - 1) - of_row[from] - of_column[other];
                if reduced < least[other] {
                    (least[other], came_from[other]) = (reduced, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=columns {
                if is_done[other] {
                    of_row[taken_by[other]] += step;
                    of_column[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            taken_by[column] = taken_by[came_from[column]];
            column = came_from[column];
        }
    }
    let mut assigned = vec![0; rows];
    for (column, taken) in taken_by.iter().skip(1).take(columns).enumerate() {
        if let Some(row) = taken.checked_sub(1) {
            assigned[row] = column;
        }
    }
    assigned
}

#[cfg(test)]
mod tests;
