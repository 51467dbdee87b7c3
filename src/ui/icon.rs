use egui::IconData;

use super::theme;

/// Side of the icon, pixels.
const SIDE: u32 = 128;

/// The window's icon: the mark of the navigation bar, two rings that overlap, on nothing.
///
/// `assets/likeness.svg` is the same for desktops.
pub(super) fn icon() -> IconData {
    let palette = theme::palette_of(true);
    let rings = [(44.0, palette.text_faint), (84.0, palette.accent)];
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mut pixel = [0u8; 4];
            for (middle, color) in rings {
                let away = (x as f32 + 0.5 - middle).hypot(y as f32 + 0.5 - SIDE as f32 / 2.0);
                let cover = (6.5 - (away - 34.0).abs()).clamp(0.0, 1.0);
                if cover > 0.0 {
                    pixel = [color.r(), color.g(), color.b(), pixel[3].max((cover * 255.0) as u8)];
                }
            }
            rgba.extend(pixel);
        }
    }
    IconData { rgba, width: SIDE, height: SIDE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_has_two_rings_and_clear_corners() {
        let icon = icon();
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
        let alpha = |x: u32, y: u32| icon.rgba[((y * SIDE + x) * 4 + 3) as usize];
        assert_eq!((alpha(0, 0), alpha(64, 2), alpha(30, 64)), (0, 0, 0));
        assert_eq!((alpha(10, 64), alpha(117, 64)), (255, 255));
    }
}
