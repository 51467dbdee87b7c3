use egui::Rect;
use egui::epaint::Vertex;

use super::texture::Texture;

/// Whole rows of the picture, four premultiplied channels 0…255 a pixel.
pub struct Band<'p> {
    /// Row of the picture that `pixels` begins with.
    pub top: usize,
    pub width: usize,
    pub pixels: &'p mut [[f32; 4]],
}

/// Pixels that may be painted: columns `left..right` and rows `top..bottom` of the picture.
pub struct Clip {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Clip {
    pub fn is_empty(&self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }
}

impl Band<'_> {
    /// The clip rectangle rounded to pixels, within this band.
    pub fn clip(&self, rect: Rect, pixels_per_point: f32) -> Clip {
        let bottom = self.top + self.pixels.len() / self.width;
        let round = |v: f32| (v * pixels_per_point).round();
        Clip {
            left: round(rect.min.x).clamp(0.0, self.width as f32) as i32,
            right: round(rect.max.x).clamp(0.0, self.width as f32) as i32,
            top: round(rect.min.y).clamp(self.top as f32, bottom as f32) as i32,
            bottom: round(rect.max.y).clamp(self.top as f32, bottom as f32) as i32,
        }
    }
}

/// Red, green, blue, alpha (0…255, premultiplied), u, v.
type Values = [f32; 6];

struct Corner {
    x: f32,
    y: f32,
    values: Values,
}

/// A triangle in pixels with what runs across it: `values(x, y) = origin + x × along + y × down`.
pub struct Triangle {
    corners: [Corner; 3],
    along: Values,
    down: Values,
    /// The values are those of the first corner everywhere.
    flat: bool,
}

impl Triangle {
    /// `None` where nothing of it can be seen in `clip` or its corners are not numbers.
    pub fn new(vertices: [&Vertex; 3], pixels_per_point: f32, clip: &Clip) -> Option<Self> {
        let corners = vertices.map(|vertex| {
            let [r, g, b, a] = vertex.color.to_array().map(f32::from);
            Corner {
                x: vertex.pos.x * pixels_per_point,
                y: vertex.pos.y * pixels_per_point,
                values: [r, g, b, a, vertex.uv.x, vertex.uv.y],
            }
        });
        let [a, b, c] = &corners;
        if !corners.iter().all(|corner| corner.x.is_finite() && corner.y.is_finite()) {
            return None;
        }
        let (low, high) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
        let (left, right) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
        if high <= clip.top as f32
            || low >= clip.bottom as f32
            || right <= clip.left as f32
            || left >= clip.right as f32
        {
            return None;
        }
        let flat = a.values == b.values && b.values == c.values;
        let (mut along, mut down) = ([0.0; 6], [0.0; 6]);
        if !flat {
            let [abx, aby, acx, acy] = [b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y].map(f64::from);
            let area = abx * acy - acx * aby;
            if area == 0.0 {
                return None;
            }
            for i in 0..6 {
                let (ab, ac) = (f64::from(b.values[i] - a.values[i]), f64::from(c.values[i] - a.values[i]));
                along[i] = ((ab * acy - ac * aby) / area) as f32;
                down[i] = ((ac * abx - ab * acx) / area) as f32;
            }
        }
        Some(Self { corners, along, down, flat })
    }

    /// Paints the pixels whose centres lie within; neighbours share an edge without gap or overlap.
    pub fn paint(&self, texture: &Texture, clip: &Clip, band: &mut Band<'_>) {
        let [width, height] = texture.size();
        let span = |gradient: &Values| (gradient[4] * width).hypot(gradient[5] * height);
        let sampler = texture.sampler(span(&self.along).max(span(&self.down)));
        let one_texel = self.along[4] == 0.0 && self.along[5] == 0.0 && self.down[4] == 0.0 && self.down[5] == 0.0;
        let origin = &self.corners[0];
        let constant = sampler.sample(origin.values[4], origin.values[5]);
        let [low, high] = [f32::min, f32::max].map(|pick| pick(pick(origin.y, self.corners[1].y), self.corners[2].y));
        let first = ((low - 0.5).ceil() as i32).max(clip.top);
        let last = ((high - 0.5).ceil() as i32).min(clip.bottom);
        for row in first..last {
            let y = row as f32 + 0.5;
            let Some((begin, end)) = self.columns(y, clip) else { continue };
            let offset = (row as usize - band.top) * band.width;
            let pixels = &mut band.pixels[offset + begin as usize..offset + end as usize];
            if self.flat {
                let source = product(&origin.values, constant);
                pixels.iter_mut().for_each(|pixel| blend(pixel, source));
                continue;
            }
            let (dx, dy) = (begin as f32 + 0.5 - origin.x, y - origin.y);
            let mut values: Values = std::array::from_fn(|i| origin.values[i] + dx * self.along[i] + dy * self.down[i]);
            for pixel in pixels {
                let texel = if one_texel { constant } else { sampler.sample(values[4], values[5]) };
                blend(pixel, product(&values, texel));
                for (value, step) in values.iter_mut().zip(&self.along) {
                    *value += step;
                }
            }
        }
    }

    /// Columns whose centres lie within at the height `y`.
    fn columns(&self, y: f32, clip: &Clip) -> Option<(i32, i32)> {
        let [a, b, c] = &self.corners;
        let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
        for (p, q) in [(a, b), (b, c), (c, a)] {
            // From the upper to the lower corner, so that both neighbours of an edge find the same place.
            let (upper, lower) = if (p.y, p.x) <= (q.y, q.x) { (p, q) } else { (q, p) };
            if upper.y <= y && y < lower.y {
                let x = upper.x + (lower.x - upper.x) * ((y - upper.y) / (lower.y - upper.y));
                left = left.min(x);
                right = right.max(x);
            }
        }
        let begin = ((left - 0.5).ceil() as i32).max(clip.left);
        let end = ((right - 0.5).ceil() as i32).min(clip.right);
        (begin < end).then_some((begin, end))
    }
}

fn product(values: &Values, texel: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|i| values[i] * texel[i] / 255.0)
}

fn blend(pixel: &mut [f32; 4], source: [f32; 4]) {
    let keep = 1.0 - source[3] / 255.0;
    for (under, over) in pixel.iter_mut().zip(source) {
        // Rounded as a graphics card's eight bits would be, so that equal blends stay equal.
        *under = (over + *under * keep + 0.5).floor().clamp(0.0, 255.0);
    }
}
