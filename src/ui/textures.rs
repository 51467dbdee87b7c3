//! Pictures of the state as textures of the window: a bounded cache with a bound on the work of a frame.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use egui::{Color32, ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions};
use image::RgbImage;

use crate::app::Picture;

/// Bytes on the graphics side that are kept for pictures out of sight.
const CAPACITY_BYTES: usize = 192 << 20;
/// Time that uploads may take in one frame. One picture always gets through.
const FRAME_BUDGET: Duration = Duration::from_millis(3);

/// Least recently shown goes first; what a frame shows never goes in that frame.
pub struct TextureCache {
    entries: HashMap<usize, Entry>,
    bytes: usize,
    frame: u64,
    frame_work: Duration,
    budget: Duration,
    /// A picture in view had to wait for a later frame.
    pending: bool,
}

struct Entry {
    /// Keeps the address, which is the key, from being used by another picture, but not the pixels.
    _picture: Weak<RgbImage>,
    texture: TextureHandle,
    bytes: usize,
    last_shown: u64,
}

impl Default for TextureCache {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            bytes: 0,
            frame: 0,
            frame_work: Duration::ZERO,
            budget: FRAME_BUDGET,
            pending: false,
        }
    }
}

impl TextureCache {
    /// Uploads everything at once; for pictures of the window that no person waits for.
    pub fn unbounded() -> Self {
        Self { budget: Duration::MAX, ..Self::default() }
    }

    /// Call before a frame is drawn.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
        self.frame_work = Duration::ZERO;
        self.pending = false;
    }

    /// Call after it: lets go of what has long been out of view.
    pub fn end_frame(&mut self) {
        if self.bytes <= CAPACITY_BYTES {
            return;
        }
        let mut idle: Vec<(u64, usize)> =
            self.entries.iter().filter(|(_, e)| e.last_shown < self.frame).map(|(&k, e)| (e.last_shown, k)).collect();
        idle.sort_unstable();
        for (_, key) in idle {
            if self.bytes <= CAPACITY_BYTES * 3 / 4 {
                break;
            }
            if let Some(entry) = self.entries.remove(&key) {
                self.bytes -= entry.bytes;
            }
        }
    }

    pub fn is_pending(&self) -> bool {
        self.pending
    }

    /// The texture of `picture`; `None` while this frame's budget is spent, with a repaint asked for.
    pub fn texture(&mut self, ctx: &Context, picture: &Picture) -> Option<TextureId> {
        let key = Arc::as_ptr(picture) as usize;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.last_shown = self.frame;
            return Some(entry.texture.id());
        }
        if picture.width() == 0 || picture.height() == 0 {
            return None;
        }
        if self.frame_work >= self.budget {
            self.pending = true;
            ctx.request_repaint();
            return None;
        }
        let begun = Instant::now();
        let max_side = ctx.input(|input| input.max_texture_side).max(1);
        let image = color_image(picture, max_side);
        let bytes = image.pixels.len() * 4;
        let options = TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear));
        let texture = ctx.load_texture("picture", image, options);
        let id = texture.id();
        self.entries.insert(key, Entry { _picture: Arc::downgrade(picture), texture, bytes, last_shown: self.frame });
        self.bytes += bytes;
        // The copy to the driver happens after the frame and costs about as much again.
        self.frame_work += 2 * begun.elapsed();
        Some(id)
    }
}

/// Every n-th pixel where the picture is larger than a texture may be.
fn color_image(picture: &RgbImage, max_side: usize) -> ColorImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let step = width.max(height).div_ceil(max_side);
    if step <= 1 {
        return ColorImage::from_rgb([width, height], picture.as_raw());
    }
    let size = [width.div_ceil(step), height.div_ceil(step)];
    let mut pixels = Vec::with_capacity(size[0] * size[1]);
    for y in (0..height).step_by(step) {
        for x in (0..width).step_by(step) {
            let [r, g, b] = picture.get_pixel(x as u32, y as u32).0;
            pixels.push(Color32::from_rgb(r, g, b));
        }
    }
    ColorImage::new(size, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(side: u32) -> Picture {
        Arc::new(RgbImage::from_pixel(side, side, image::Rgb([9, 8, 7])))
    }

    /// Runs `frame` as one egui frame.
    fn frame(ctx: &Context, mut run: impl FnMut(&Context)) {
        let output = ctx.run_ui(egui::RawInput::default(), |ui| run(ui.ctx()));
        output.drop_without_applying_deltas();
    }

    #[test]
    fn one_picture_is_uploaded_once_and_a_spent_budget_waits() {
        let ctx = Context::default();
        let mut cache = TextureCache { budget: Duration::from_nanos(1), ..TextureCache::default() };
        let (a, b) = (picture(8), picture(8));
        frame(&ctx, |ctx| {
            cache.begin_frame();
            let first = cache.texture(ctx, &a);
            assert!(first.is_some());
            assert_eq!(cache.texture(ctx, &a), first);
            assert_eq!(cache.texture(ctx, &b), None);
            assert!(cache.is_pending());
            cache.begin_frame();
            assert!(cache.texture(ctx, &b).is_some());
        });
    }

    #[test]
    fn a_picture_larger_than_a_texture_is_thinned_out() {
        let image = color_image(&RgbImage::new(5000, 100), 2048);
        assert_eq!(image.size, [1667, 34]);
        assert_eq!(image.pixels.len(), 1667 * 34);
    }

    #[test]
    fn what_is_out_of_view_is_let_go_of_and_what_is_in_view_stays() {
        let ctx = Context::default();
        let mut cache = TextureCache::unbounded();
        let pictures: Vec<Picture> = (0..60).map(|_| picture(1000)).collect();
        frame(&ctx, |ctx| {
            for picture in &pictures {
                cache.begin_frame();
                cache.texture(ctx, picture);
                cache.end_frame();
            }
            assert!(cache.bytes <= CAPACITY_BYTES);
            cache.begin_frame();
            for picture in &pictures {
                cache.texture(ctx, picture);
            }
            cache.end_frame();
            assert_eq!(cache.entries.len(), pictures.len());
        });
    }
}
