//! Draws what egui tessellated into an image, on the processor: pictures of the window need no display and no
//! graphics driver. By hand, because software OpenGL would have to be installed. Compared with the window under Xvfb on
//! 2026-11-27: equal to the pixel but for scaled photos, which differ by 14 of 255 at most.
//!
//! It does what the OpenGL painter's shader does: vertex colours and texels, both premultiplied and in gamma space,
//! are multiplied, and the product is blended over what is there (`source + destination × (1 − alpha)`).

mod picture;
mod texture;
mod triangle;

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, Primitive, TextureId};
use egui::{Color32, TexturesDelta};
use image::RgbaImage;

pub use picture::{render_picture, render_with_commands, render_with_memory};
use texture::Texture;
use triangle::{Band, Triangle};

/// Holds the textures between frames, as a graphics card would.
#[derive(Default)]
pub struct Rasterizer {
    textures: HashMap<TextureId, Texture>,
}

impl Rasterizer {
    /// Takes over new and changed textures. Call [`Self::free`] with the same delta after painting.
    pub fn update(&mut self, delta: &mut TexturesDelta) {
        for (id, images) in delta.set.drain() {
            for image in images {
                match image.pos {
                    None => {
                        self.textures.insert(id, Texture::new(image));
                    }
                    Some(pos) => match self.textures.get_mut(&id) {
                        Some(texture) => texture.update(pos, image),
                        None => log::warn!("part of texture {id:?} came before the texture"),
                    },
                }
            }
        }
    }

    pub fn free(&mut self, delta: &mut TexturesDelta) {
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    /// Paints `primitives` over `background` into an image of `size` pixels; straight alpha on the way out.
    ///
    /// Primitives that call back into a graphics driver are left out.
    pub fn paint(
        &self,
        primitives: &[ClippedPrimitive],
        size: [u32; 2],
        pixels_per_point: f32,
        background: Color32,
    ) -> RgbaImage {
        let [width, height] = size.map(|side| side.max(1) as usize);
        let [r, g, b, a] = background.to_array().map(f32::from);
        let mut pixels = vec![[r, g, b, a]; width * height];
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
        let rows = height.div_ceil(threads);
        std::thread::scope(|scope| {
            for (i, chunk) in pixels.chunks_mut(rows * width).enumerate() {
                scope.spawn(move || {
                    let mut band = Band { top: i * rows, width, pixels: chunk };
                    self.paint_band(primitives, pixels_per_point, &mut band);
                });
            }
        });
        let mut image = RgbaImage::new(width as u32, height as u32);
        for (out, pixel) in image.pixels_mut().zip(&pixels) {
            out.0 = straight(*pixel);
        }
        image
    }

    fn paint_band(&self, primitives: &[ClippedPrimitive], pixels_per_point: f32, band: &mut Band<'_>) {
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = band.clip(*clip_rect, pixels_per_point);
            if clip.is_empty() {
                continue;
            }
            for indices in mesh.triangles() {
                let [Some(a), Some(b), Some(c)] = indices.map(|i| mesh.vertices.get(i as usize)) else { continue };
                if let Some(triangle) = Triangle::new([a, b, c], pixels_per_point, &clip) {
                    triangle.paint(texture, &clip, band);
                }
            }
        }
    }
}

fn straight([r, g, b, a]: [f32; 4]) -> [u8; 4] {
    if a >= 254.5 {
        return [r, g, b, 255.0].map(|v| v.round().clamp(0.0, 255.0) as u8);
    }
    if a < 0.5 {
        return [0; 4];
    }
    let [r, g, b] = [r, g, b].map(|v| (v * 255.0 / a).round().clamp(0.0, 255.0) as u8);
    [r, g, b, a.round() as u8]
}

#[cfg(test)]
mod tests {
    use egui::epaint::{ImageDelta, Mesh, Vertex};
    use egui::{ColorImage, ImageData, Pos2, Rect, TextureOptions, pos2, vec2};

    use super::*;

    const FONT: TextureId = TextureId::Managed(0);

    fn set(rasterizer: &mut Rasterizer, id: TextureId, delta: ImageDelta) {
        let mut textures = TexturesDelta::default();
        textures.push(id, delta);
        rasterizer.update(&mut textures);
    }

    fn image(size: [usize; 2], pixels: Vec<Color32>) -> ImageData {
        ImageData::Color(ColorImage::new(size, pixels).into())
    }

    fn with_white() -> Rasterizer {
        let mut rasterizer = Rasterizer::default();
        let delta = ImageDelta::full(image([1, 1], vec![Color32::WHITE]), TextureOptions::LINEAR);
        set(&mut rasterizer, FONT, delta);
        rasterizer
    }

    fn mesh(mesh: Mesh, clip: Rect) -> ClippedPrimitive {
        ClippedPrimitive { clip_rect: clip, primitive: Primitive::Mesh(mesh) }
    }

    fn colored(rect: Rect, color: Color32) -> Mesh {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, color);
        mesh
    }

    fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), vec2(w, h))
    }

    #[test]
    fn a_rectangle_fills_its_pixels_and_no_other() {
        let red = Color32::from_rgb(200, 10, 20);
        let out = with_white().paint(
            &[mesh(colored(rect(2.0, 3.0, 4.0, 2.0), red), Rect::EVERYTHING)],
            [10, 8],
            1.0,
            Color32::BLACK,
        );
        for (x, y, pixel) in out.enumerate_pixels() {
            let inside = (2..6).contains(&x) && (3..5).contains(&y);
            let expected = if inside { [200, 10, 20, 255] } else { [0, 0, 0, 255] };
            assert_eq!(pixel.0, expected, "at {x},{y}");
        }
    }

    #[test]
    fn half_transparent_white_over_black_is_middle_grey_and_the_seam_is_not_painted_twice() {
        let veil = Color32::from_rgba_premultiplied(128, 128, 128, 128);
        // Corners off the pixel grid put the diagonal of the two triangles everywhere.
        let out = with_white().paint(
            &[mesh(colored(rect(1.0, 1.0, 61.0, 37.0), veil), Rect::EVERYTHING)],
            [64, 40],
            1.0,
            Color32::BLACK,
        );
        for (x, y, pixel) in out.enumerate_pixels() {
            let inside = (1..62).contains(&x) && (1..38).contains(&y);
            assert_eq!(pixel.0, if inside { [128, 128, 128, 255] } else { [0, 0, 0, 255] }, "at {x},{y}");
        }
    }

    #[test]
    fn blending_is_source_over() {
        let half_red = Color32::from_rgba_premultiplied(100, 0, 0, 128);
        let out = with_white().paint(
            &[mesh(colored(rect(0.0, 0.0, 2.0, 2.0), half_red), Rect::EVERYTHING)],
            [2, 2],
            1.0,
            Color32::from_rgb(0, 200, 0),
        );
        // 200 × (1 − 128 / 255) = 99.6
        assert_eq!(out.get_pixel(1, 1).0, [100, 100, 0, 255]);
    }

    #[test]
    fn nothing_is_painted_outside_the_clip_rectangle() {
        let out = with_white().paint(
            &[mesh(colored(rect(0.0, 0.0, 20.0, 20.0), Color32::WHITE), rect(5.0, 2.0, 3.0, 4.0))],
            [20, 20],
            2.0,
            Color32::BLACK,
        );
        for (x, y, pixel) in out.enumerate_pixels() {
            let inside = (10..16).contains(&x) && (4..12).contains(&y);
            assert_eq!(pixel.0[0] == 255, inside, "at {x},{y}");
        }
    }

    #[test]
    fn textures_are_sampled_at_texel_centres_and_updated_in_part() {
        let mut rasterizer = with_white();
        let id = TextureId::Managed(7);
        let [a, b] = [Color32::from_rgb(10, 20, 30), Color32::from_rgb(110, 120, 130)];
        set(&mut rasterizer, id, ImageDelta::full(image([2, 1], vec![a, b]), TextureOptions::LINEAR));
        let mut quad = Mesh::with_texture(id);
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        quad.add_rect_with_uv(rect(0.0, 0.0, 8.0, 1.0), uv, Color32::WHITE);
        let primitive = mesh(quad, Rect::EVERYTHING);
        let linear = rasterizer.paint(std::slice::from_ref(&primitive), [8, 1], 1.0, Color32::BLACK);
        // Pixel 3 lies at texel coordinate 0.375 between the centres: 10 + 0.375 × 100.
        assert_eq!(linear.get_pixel(0, 0).0[0], 10);
        assert_eq!(linear.get_pixel(3, 0).0[0], 48);
        assert_eq!(linear.get_pixel(7, 0).0[0], 110);

        let patch = ImageDelta::partial([1, 0], image([1, 1], vec![Color32::WHITE]), TextureOptions::NEAREST);
        set(&mut rasterizer, id, patch);
        let nearest = rasterizer.paint(&[primitive], [8, 1], 1.0, Color32::BLACK);
        assert_eq!(nearest.get_pixel(3, 0).0[0], 10);
        assert_eq!(nearest.get_pixel(4, 0).0[0], 255);
    }

    #[test]
    fn vertex_colours_run_smoothly() {
        let mut gradient = Mesh::default();
        for (x, y, v) in [(0.0, 0.0, 0u8), (256.0, 0.0, 255), (0.0, 4.0, 0), (256.0, 4.0, 255)] {
            gradient.vertices.push(Vertex::untextured(pos2(x, y), Color32::from_gray(v)));
        }
        gradient.indices = vec![0, 1, 2, 2, 1, 3];
        let out = with_white().paint(&[mesh(gradient, Rect::EVERYTHING)], [256, 4], 1.0, Color32::BLACK);
        for (x, y, pixel) in out.enumerate_pixels() {
            assert!(i32::from(pixel.0[0]).abs_diff(x as i32) <= 1, "at {x},{y}: {}", pixel.0[0]);
        }
    }

    #[test]
    fn a_minified_texture_with_mip_levels_is_averaged() {
        let mut rasterizer = with_white();
        let id = TextureId::Managed(9);
        let checks = (0..64 * 64).map(|i| Color32::from_gray(if (i + i / 64) % 2 == 0 { 0 } else { 200 })).collect();
        let options = TextureOptions::LINEAR.with_mipmap_mode(Some(egui::TextureFilter::Linear));
        set(&mut rasterizer, id, ImageDelta::full(image([64, 64], checks), options));
        let mut quad = Mesh::with_texture(id);
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        quad.add_rect_with_uv(rect(0.0, 0.0, 9.0, 9.0), uv, Color32::WHITE);
        let out = rasterizer.paint(&[mesh(quad, Rect::EVERYTHING)], [9, 9], 1.0, Color32::BLACK);
        assert!(out.pixels().all(|p| p.0[0].abs_diff(100) <= 2));
    }

    #[test]
    fn a_mesh_with_wild_numbers_is_no_panic() {
        let mut wild = colored(rect(-1e9, -1e9, 2e9, 2e9), Color32::WHITE);
        wild.vertices.push(Vertex::untextured(pos2(f32::NAN, 1.0), Color32::WHITE));
        wild.indices.extend([0, 1, 4, 0, 99, 1]);
        let out = with_white().paint(&[mesh(wild, Rect::EVERYTHING)], [3, 3], 1.0, Color32::BLACK);
        assert_eq!(out.get_pixel(1, 1).0, [255; 4]);
    }
}
