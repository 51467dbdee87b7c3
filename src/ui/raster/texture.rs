use egui::epaint::ImageDelta;
use egui::{Color32, ImageData, TextureFilter, TextureOptions, TextureWrapMode};

/// A texture with its filter and, where asked for, its halved copies.
pub struct Texture {
    levels: Vec<Level>,
    options: TextureOptions,
}

struct Level {
    width: usize,
    height: usize,
    texels: Vec<Color32>,
}

/// A texture at the level and with the filter that one triangle asks for.
pub struct Sampler<'t> {
    level: &'t Level,
    nearest: bool,
    wrap: TextureWrapMode,
}

impl Texture {
    pub fn new(delta: ImageDelta) -> Self {
        let ImageData::Color(image) = &delta.image;
        let base = Level { width: image.size[0], height: image.size[1], texels: image.pixels.clone() };
        let mut texture = Self { levels: vec![base], options: delta.options };
        texture.build_levels();
        texture
    }

    /// Replaces the texels from `pos` (x, y) on; what reaches past the edge is left out.
    pub fn update(&mut self, [left, top]: [usize; 2], delta: ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        self.options = delta.options;
        let Some(base) = self.levels.first_mut() else { return };
        let columns = image.width().min(base.width.saturating_sub(left));
        for (y, row) in image.pixels.chunks(image.width().max(1)).enumerate() {
            let begin = (top + y) * base.width + left;
            if top + y < base.height {
                base.texels[begin..begin + columns].copy_from_slice(&row[..columns]);
            }
        }
        self.build_levels();
    }

    fn build_levels(&mut self) {
        self.levels.truncate(1);
        if self.options.mipmap_mode.is_none() {
            return;
        }
        while let Some(last) = self.levels.last()
            && last.width.max(last.height) > 1
        {
            let half = last.halved();
            self.levels.push(half);
        }
    }

    /// `texels_per_pixel`: how many texels of the full texture one pixel of the picture spans.
    pub fn sampler(&self, size_in_texels_per_pixel: f32) -> Sampler<'_> {
        let minified = size_in_texels_per_pixel > 1.0;
        let filter = if minified { self.options.minification } else { self.options.magnification };
        let level = if minified { size_in_texels_per_pixel.log2().round() as usize } else { 0 };
        Sampler {
            level: &self.levels[level.min(self.levels.len() - 1)],
            nearest: filter == TextureFilter::Nearest,
            wrap: self.options.wrap_mode,
        }
    }

    /// Width and height of the full texture.
    pub fn size(&self) -> [f32; 2] {
        self.levels.first().map_or([0.0; 2], |base| [base.width as f32, base.height as f32])
    }
}

impl Level {
    /// The mean of each two by two texels; an odd last row or column counts twice.
    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2).max(1), self.height.div_ceil(2).max(1));
        let mut texels = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = [2 * y, (2 * y + 1).min(self.height - 1)].map(|row| row * self.width);
            for x in 0..width {
                let columns = [2 * x, (2 * x + 1).min(self.width - 1)];
                let mut sum = [2u32; 4];
                for row in rows {
                    for column in columns {
                        let texel = self.texels[row + column].to_array();
                        sum = std::array::from_fn(|i| sum[i] + u32::from(texel[i]));
                    }
                }
                let [r, g, b, a] = sum.map(|v| (v / 4) as u8);
                texels.push(Color32::from_rgba_premultiplied(r, g, b, a));
            }
        }
        Self { width, height, texels }
    }

    fn texel(&self, x: usize, y: usize) -> [f32; 4] {
        self.texels[y * self.width + x].to_array().map(f32::from)
    }
}

impl Sampler<'_> {
    /// The texel at (u, v), 0…255 per channel, premultiplied.
    pub fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let level = self.level;
        if level.texels.is_empty() {
            return [0.0; 4];
        }
        let (x, y) = (u * level.width as f32, v * level.height as f32);
        if self.nearest {
            return level.texel(self.wrapped(x.floor(), level.width), self.wrapped(y.floor(), level.height));
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let columns = [self.wrapped(left, level.width), self.wrapped(left + 1.0, level.width)];
        let rows = [self.wrapped(top, level.height), self.wrapped(top + 1.0, level.height)];
        let [a, b, c, d] = [
            level.texel(columns[0], rows[0]),
            level.texel(columns[1], rows[0]),
            level.texel(columns[0], rows[1]),
            level.texel(columns[1], rows[1]),
        ];
        std::array::from_fn(|i| {
            let upper = a[i] + (b[i] - a[i]) * fx;
            let lower = c[i] + (d[i] - c[i]) * fx;
            upper + (lower - upper) * fy
        })
    }

    fn wrapped(&self, at: f32, side: usize) -> usize {
        let last = side - 1;
        match self.wrap {
            // Casts saturate, and NaN becomes 0.
            TextureWrapMode::ClampToEdge => (at.max(0.0) as usize).min(last),
            TextureWrapMode::Repeat => (at.rem_euclid(side as f32) as usize).min(last),
            TextureWrapMode::MirroredRepeat => {
                let at = at.rem_euclid(2.0 * side as f32) as usize;
                if at < side { at } else { (2 * side - 1).saturating_sub(at).min(last) }
            }
        }
    }
}
