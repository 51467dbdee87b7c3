use egui::{Context, RawInput, Rect, Theme, Vec2, ViewportId};
use image::RgbaImage;

use super::Rasterizer;
use crate::app::{AppState, Command};
use crate::ui::{UiMemory, root_ui, theme};

/// Frames after which a picture is taken even where something still moves.
const MAX_FRAMES: u32 = 12;

/// The whole window as it shows `state`, without a display: several frames are drawn until sizes and textures have
/// settled, the last is kept.
///
/// `size` in pixels; `pixels_per_point` is the screen's scale, on top of which the person's text scale counts.
/// What screens ask for (crops, say) is not fetched: have it in `state`.
pub fn render_picture(state: &AppState, size: [u32; 2], pixels_per_point: f32, dark: bool) -> RgbaImage {
    render_with_memory(state, &mut UiMemory::offscreen(), size, pixels_per_point, dark)
}

/// The same with a memory that stands where a person left it: a dialog open, the list scrolled.
pub fn render_with_memory(
    state: &AppState,
    memory: &mut UiMemory,
    size: [u32; 2],
    pixels_per_point: f32,
    dark: bool,
) -> RgbaImage {
    render_with_commands(state, memory, size, pixels_per_point, dark, &mut Vec::new())
}

/// The same, keeping what the screens ask for in `commands`: the crops in view, say.
pub fn render_with_commands(
    state: &AppState,
    memory: &mut UiMemory,
    size: [u32; 2],
    pixels_per_point: f32,
    dark: bool,
    commands: &mut Vec<Command>,
) -> RgbaImage {
    let ctx = Context::default();
    theme::install(&ctx);
    ctx.set_theme(if dark { Theme::Dark } else { Theme::Light });
    ctx.set_zoom_factor(theme::text_scale(&state.settings));
    ctx.all_styles_mut(|style| {
        style.animation_time = 0.0;
        style.visuals.text_cursor.blink = false;
    });
    let pixels_per_point = pixels_per_point.max(0.1);
    let points = Vec2::new(size[0] as f32, size[1] as f32) / (pixels_per_point * theme::text_scale(&state.settings));
    let mut rasterizer = Rasterizer::default();
    let mut frame = 0u32;
    loop {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, points)),
            max_texture_side: Some(16_384),
            time: Some(f64::from(frame) * 0.1),
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(pixels_per_point);
        }
        let mut output = ctx.run_ui(input, |ui| {
            // The scale of the text counts from the second pass; sizes of the first would be remembered.
            if frame > 0 {
                root_ui(ui, state, memory, commands);
            }
        });
        rasterizer.update(&mut output.textures_delta);
        let settled = frame >= 4 && !memory.textures.is_pending();
        if settled || frame + 1 >= MAX_FRAMES {
            let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
            let background = theme::palette_of(dark).ground;
            let picture = rasterizer.paint(&primitives, size, output.pixels_per_point, background);
            output.textures_delta.clear();
            return picture;
        }
        rasterizer.free(&mut output.textures_delta);
        frame += 1;
    }
}
