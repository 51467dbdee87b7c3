//! Charts as pictures.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

use super::error::ChartError;

/// The typeface of the window, so that a chart looks the same on every machine.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-Medium.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
];

/// Longest side of a picture, pixels.
const MAX_SIDE: f32 = 16_384.0;

/// Draws an SVG into a PNG, `scale` (more than 0) pixels for each of its own. Text is set in Inter, whatever fonts the
/// machine has.
///
/// # Errors
/// Text that is no SVG; a picture whose longer side would exceed 16,384 pixels.
pub fn png_from_svg(svg: &str, scale: f32) -> Result<Vec<u8>, ChartError> {
    let failed = ChartError;
    let mut options = usvg::Options { font_family: "Inter".to_owned(), ..usvg::Options::default() };
    for font in FONTS {
        options.fontdb_mut().load_font_data(font.to_vec());
    }
    options.fontdb_mut().set_sans_serif_family("Inter");
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|side| (side * scale).round());
    if !(1.0..=MAX_SIDE).contains(&width) || !(1.0..=MAX_SIDE).contains(&height) {
        return Err(failed(format!("{width} × {height} pixels are no size for a picture")));
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(|| failed("too little memory".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let mut png = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    let rgba: Vec<u8> = pixels
        .pixels()
        .iter()
        .map(|pixel| pixel.demultiply())
        .flat_map(|c| [c.red(), c.green(), c.blue(), c.alpha()])
        .collect();
    image::ImageEncoder::write_image(encoder, &rgba, pixels.width(), pixels.height(), image::ExtendedColorType::Rgba8)
        .map_err(|error| failed(error.to_string()))?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"40\">";

    #[test]
    fn shapes_and_text_are_drawn_at_the_scale() {
        let text = "<text x=\"5\" y=\"30\" font-size=\"20\" fill=\"#000\">like</text></svg>";
        let svg = format!("{HEAD}<rect width=\"60\" height=\"40\" fill=\"#fff\"/>{text}");
        let picture = image::load_from_memory(&png_from_svg(&svg, 2.0).unwrap()).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (120, 80));
        assert_eq!(picture.get_pixel(119, 0).0, [255; 3]);
        let dark = picture.pixels().filter(|pixel| pixel.0[0] < 100).count();
        assert!((50..3000).contains(&dark), "{dark} dark pixels: the text is missing");
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(png_from_svg("no svg", 1.0).is_err());
        for scale in [0.0, -1.0, f32::NAN, 1e6] {
            assert!(png_from_svg(&format!("{HEAD}</svg>"), scale).is_err(), "{scale}");
        }
    }
}
