use proptest::prelude::*;

use super::*;
use crate::exchange::place::area_of;
use crate::exchange::regions::{Form, Region};

fn square(x: f32, y: f32, side: f32) -> BBox {
    BBox { x1: x, y1: y, x2: x + side, y2: y + side }
}

/// Regions of these names over these boxes, as a program writes them that means `frame`.
fn set(faces: &[(&str, BBox)], applied: Option<[f64; 2]>, frame: Frame, orientation: u8, size: [u32; 2]) -> RegionSet {
    let mut set = RegionSet::new(Form::Mwg, applied);
    for (name, bbox) in faces {
        set.regions.push(Region { name: Some((*name).to_owned()), area: area_of(bbox, frame, orientation, size) });
    }
    set
}

#[test]
fn every_orientation_in_both_frames_by_dimensions_or_by_the_faces() {
    let (ada, bob) = (square(20.0, 30.0, 60.0), square(220.0, 90.0, 50.0));
    for orientation in 1..=8 {
        for frame in [Frame::Stored, Frame::Upright] {
            let upright = [400, 300];
            let of_frame = if frame == Frame::Stored && orientation >= 5 { [300.0, 400.0] } else { [400.0, 300.0] };
            for applied in [Some(of_frame), None] {
                let set = set(&[("Ada", ada), ("Bob", bob)], applied, frame, orientation, upright);
                let matched = match_regions(&set, upright, orientation, &[bob, ada]).unwrap();
                let places: Vec<_> = matched.pairs.iter().map(|pair| (pair.0, pair.1)).collect();
                assert_eq!(places, [(0, 1), (1, 0)], "orientation {orientation}, {frame:?}, {applied:?}");
                assert!(matched.alone.is_empty() && matched.contested.is_empty());
            }
        }
    }
}

#[test]
fn two_faces_that_fit_either_way_up_are_left_to_a_person() {
    // Turned by half they change places.
    let (left, right) = (square(50.0, 125.0, 50.0), square(300.0, 125.0, 50.0));
    let upright = [400, 300];
    let set = set(&[("Ada", left), ("Bob", right)], Some([400.0, 300.0]), Frame::Stored, 3, upright);
    assert_eq!(match_regions(&set, upright, 3, &[left, right]), Err(Unplaced::Unclear));
    // One in the middle is the same whichever way.
    let middle = square(175.0, 125.0, 50.0);
    let one = super::tests::set(&[("Ada", middle)], None, Frame::Stored, 3, upright);
    assert_eq!(match_regions(&one, upright, 3, &[middle]).unwrap().pairs.len(), 1);
}

#[test]
fn regions_of_a_cropped_picture_are_refused() {
    let face = square(50.0, 50.0, 50.0);
    let set = set(&[("Ada", face)], Some([300.0, 300.0]), Frame::Upright, 1, [400, 300]);
    assert_eq!(match_regions(&set, [400, 300], 1, &[face]), Err(Unplaced::OtherPicture([300.0, 300.0])));
}

#[test]
fn the_whole_goes_before_the_nearest() {
    // The second region lies a little better over the first face, and nowhere else; the first could have either.
    let faces = [square(100.0, 100.0, 100.0), square(130.0, 100.0, 100.0)];
    let regions = [("Ada", square(112.0, 100.0, 100.0)), ("Bob", square(95.0, 100.0, 100.0))];
    let set = set(&regions, None, Frame::Upright, 1, [400, 300]);
    let matched = match_regions(&set, [400, 300], 1, &faces).unwrap();
    let places: Vec<_> = matched.pairs.iter().map(|pair| (pair.0, pair.1)).collect();
    assert_eq!(places, [(0, 1), (1, 0)]);
}

#[test]
fn two_names_over_one_face_are_contested_and_far_ones_are_alone() {
    let face = square(100.0, 100.0, 100.0);
    let regions = [("Ada", face), ("Bob", square(102.0, 100.0, 100.0)), ("Cy", square(300.0, 10.0, 50.0))];
    let set = set(&regions, None, Frame::Upright, 1, [400, 300]);
    let matched = match_regions(&set, [400, 300], 1, &[face]).unwrap();
    assert_eq!(matched.contested, [(0, vec![0, 1])]);
    assert_eq!(matched.alone, [1, 2]);
    let same = super::tests::set(&[("Ada", face), ("ADA", face)], None, Frame::Upright, 1, [400, 300]);
    assert!(match_regions(&same, [400, 300], 1, &[face]).unwrap().contested.is_empty(), "one name, written twice");
}

#[test]
fn a_box_around_the_whole_head_belongs_to_its_face_and_a_slip_beside_it_does_not() {
    let face = square(100.0, 100.0, 100.0);
    assert!(overlap(&square(60.0, 50.0, 200.0), &face) > 0.2);
    assert_eq!(overlap(&square(160.0, 100.0, 100.0), &face), 0.0);
    assert_eq!(overlap(&BBox { x1: 0.0, y1: 0.0, x2: 400.0, y2: 300.0 }, &face), 0.0, "the whole picture");
}

#[test]
fn a_crowd_and_a_hostile_heap_are_paired_soon() {
    let grid =
        |n: usize| (0..n).map(|at| square((at % 40) as f32 * 50.0, (at / 40) as f32 * 50.0, 40.0)).collect::<Vec<_>>();
    let crowd = grid(1000);
    assert_eq!(Overlaps::new(&crowd, &crowd).best_pairs().len(), 1000);
    let heap = vec![square(0.0, 0.0, 40.0); 1000];
    assert_eq!(Overlaps::new(&heap, &crowd).best_pairs(), [(0, 0, 1.0)]);
}

/// The greatest sum of overlaps, by trying everything.
fn by_trying(overlaps: &Overlaps, region: usize, taken: &mut Vec<bool>) -> f32 {
    if region == overlaps.regions {
        return 0.0;
    }
    let mut best = by_trying(overlaps, region + 1, taken);
    for face in 0..overlaps.faces {
        if !taken[face] && overlaps.of(region, face) > 0.0 {
            taken[face] = true;
            best = best.max(overlaps.of(region, face) + by_trying(overlaps, region + 1, taken));
            taken[face] = false;
        }
    }
    best
}

proptest! {
    #[test]
    fn no_other_pairing_overlaps_more(
        regions in prop::collection::vec((0f32..100.0, 0f32..100.0, 20f32..80.0), 0..6),
        faces in prop::collection::vec((0f32..100.0, 0f32..100.0, 20f32..80.0), 0..6),
    ) {
        let boxes = |all: &[(f32, f32, f32)]| all.iter().map(|(x, y, side)| square(*x, *y, *side)).collect::<Vec<_>>();
        let overlaps = Overlaps::new(&boxes(&regions), &boxes(&faces));
        let pairs = overlaps.best_pairs();
        let total: f32 = pairs.iter().map(|pair| pair.2).sum();
        let best = by_trying(&overlaps, 0, &mut vec![false; faces.len()]);
        prop_assert!((total - best).abs() < 1e-4, "{total} and {best}");
        let mut taken: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
        taken.sort_unstable();
        taken.dedup();
        prop_assert_eq!(taken.len(), pairs.len(), "one to one");
    }
}
