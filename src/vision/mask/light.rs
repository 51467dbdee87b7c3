//! The light in which a face stands, so that its mask does not shine out of a dark photo.

use image::RgbImage;

use super::frame::FaceFrame;

/// Places of bare skin in the face's coordinates: nose, cheeks and under the eyes.
const SKIN: [[f64; 2]; 7] =
    [[0.0, 64.0], [0.0, 71.0], [-18.0, 70.0], [18.0, 70.0], [-13.0, 62.0], [13.0, 62.0], [0.0, 57.0]];
/// Brightness of skin, 0…255, on which a mask has the colours that it is described in.
const USUAL: f32 = 150.0;
/// A photo whose skin has less colour than this, 0…255, is taken for grey.
const GREY: f32 = 5.0;

#[derive(Clone, Copy, Debug)]
pub(super) struct Light {
    exposure: f32,
    is_grey: bool,
}

impl Light {
    pub(super) fn of_face(picture: &RgbImage, frame: &FaceFrame) -> Self {
        let (mut brightness, mut colour, mut count) = (0.0, 0.0, 0.0);
        for place in SKIN {
            let [x, y] = frame.pixel_of(place).map(f64::round);
            if x < 0.0 || y < 0.0 || x >= f64::from(picture.width()) || y >= f64::from(picture.height()) {
                continue;
            }
            let [r, g, b] = picture.get_pixel(x as u32, y as u32).0.map(f32::from);
            brightness += luma([r, g, b]);
            colour += r.max(g).max(b) - r.min(g).min(b);
            count += 1.0;
        }
        if count == 0.0 {
            return Self { exposure: 1.0, is_grey: false };
        }
        Self { exposure: (brightness / count / USUAL).clamp(0.35, 1.1), is_grey: colour / count < GREY }
    }

    /// A colour, 0…255, in this light.
    pub(super) fn on(self, colour: [f32; 3]) -> [f32; 3] {
        let lit = colour.map(|v| (v * self.exposure).min(255.0));
        if self.is_grey { [luma(lit); 3] } else { lit }
    }
}

fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}
