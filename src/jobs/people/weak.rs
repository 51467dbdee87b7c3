//! Which faces tell too little of whom they show to found a group.

use crate::groups::Parameters;
use crate::store::UnknownFace;
use crate::types::{BBox, Landmarks};

/// Of a box's width or height may lie outside the photo.
const OUTSIDE: f32 = 0.05;

/// Of poor quality, cut by the photo's edge, or upside down.
pub(super) fn is_weak(face: &UnknownFace) -> bool {
    face.quality < Parameters::SOUND_QUALITY || is_cut(&face.bbox, face.photo_size) || is_upside_down(&face.landmarks)
}

fn is_cut(bbox: &BBox, [width, height]: [u32; 2]) -> bool {
    let (w, h) = ((bbox.x2 - bbox.x1).max(1.0), (bbox.y2 - bbox.y1).max(1.0));
    let beyond = |low: f32, high: f32, end: u32| (-low).max(high - end as f32);
    beyond(bbox.x1, bbox.x2, width) > OUTSIDE * w || beyond(bbox.y1, bbox.y2, height) > OUTSIDE * h
}

/// The eyes, the first two points, stand below the corners of the mouth, the last two.
fn is_upside_down(landmarks: &Landmarks) -> bool {
    let [left, right, _, mouth_left, mouth_right] = landmarks.0;
    left[1] + right[1] > mouth_left[1] + mouth_right[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{FaceId, PhotoId};

    #[test]
    fn weak_faces_are_poor_cut_or_upside_down() {
        let upright = Landmarks([[30.0, 30.0], [70.0, 30.0], [50.0, 50.0], [35.0, 70.0], [65.0, 70.0]]);
        let sound = UnknownFace {
            id: FaceId(1),
            photo: PhotoId(1),
            photo_size: [1000, 800],
            bbox: BBox { x1: 0.0, y1: 690.0, x2: 100.0, y2: 800.0 },
            landmarks: upright,
            quality: 0.6,
            group: None,
        };
        assert!(!is_weak(&sound));
        assert!(is_weak(&UnknownFace { quality: 0.39, ..sound.clone() }));
        let at = |x1, y1| UnknownFace { bbox: BBox { x1, y1, x2: x1 + 100.0, y2: y1 + 100.0 }, ..sound.clone() };
        assert!(is_weak(&at(-10.0, 0.0)) && is_weak(&at(0.0, 710.0)) && is_weak(&at(906.0, 0.0)));
        assert!(!is_weak(&at(-4.0, 704.0)));
        let turned = Landmarks(upright.0.map(|[x, y]| [100.0 - x, 100.0 - y]));
        assert!(is_weak(&UnknownFace { landmarks: turned, ..sound }));
    }
}
