//! A photo that can be zoomed and moved, with marks on it.

use egui::{
    Align, Color32, CornerRadius, CursorIcon, EventFilter, Key, Layout, Modifiers, Painter, Pos2, Rect, Response, Role,
    Sense, Stroke, StrokeKind, TextureId, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{at_right, button};
use crate::app::PhotoView;
use crate::say;
use crate::types::{BBox, Landmarks};
use crate::ui::{keys, theme};

/// How a person has zoomed and moved: on top of the framing, in points of the screen, so that two photos of one size
/// on screen follow one view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub zoom: f32,
    pub pan: Vec2,
}

impl Default for View {
    fn default() -> Self {
        Self { zoom: 1.0, pan: Vec2::ZERO }
    }
}

impl View {
    const ZOOM: std::ops::RangeInclusive<f32> = 0.25..=64.0;

    /// Zooms while the point `anchor`, relative to the middle of the canvas, stays where it is.
    pub fn zoom_by(&mut self, factor: f32, anchor: Vec2) {
        let zoom = (self.zoom * factor).clamp(*Self::ZOOM.start(), *Self::ZOOM.end());
        self.pan = anchor + (self.pan - anchor) * (zoom / self.zoom);
        self.zoom = zoom;
    }
}

/// What the canvas shows at zoom 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Framing {
    WholePhoto,
    /// This face in the middle, with its surroundings.
    Face(BBox),
}

/// From pixels of the upright photo to points of the screen.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    origin: Pos2,
    scale: f32,
}

impl Mapping {
    fn new(canvas: Rect, size: Vec2, framing: Framing, view: View) -> Self {
        let (middle, base) = match framing {
            Framing::WholePhoto => (size / 2.0, (canvas.size() / size).min_elem()),
            Framing::Face(face) => {
                let [x, y] = face.center();
                let side = face.width().max(face.height()).max(1.0);
                (vec2(x, y), canvas.width().min(canvas.height()) / (side * 2.2))
            }
        };
        let scale = base * view.zoom;
        Self { origin: canvas.center() + view.pan - middle * scale, scale }
    }

    pub fn point(&self, [x, y]: [f32; 2]) -> Pos2 {
        self.origin + vec2(x, y) * self.scale
    }

    pub fn rect(&self, bbox: BBox) -> Rect {
        Rect::from_min_max(self.point([bbox.x1, bbox.y1]), self.point([bbox.x2, bbox.y2]))
    }
}

/// Width and height of the upright photo; never zero.
fn photo_size(photo: &PhotoView) -> Vec2 {
    let [width, height] = photo.size;
    vec2(width.max(1) as f32, height.max(1) as f32)
}

/// Draws the photo into `rect` and lets the person zoom and move it. `label` names it.
///
/// The painter that comes back is clipped to the canvas.
pub fn canvas_ui(
    ui: &mut Ui,
    rect: Rect,
    texture: Option<TextureId>,
    photo: &PhotoView,
    framing: Framing,
    view: &mut View,
    label: &str,
) -> (Mapping, Painter, Response) {
    let palette = theme::palette(ui);
    let response = ui.interact(rect, ui.make_persistent_id(("canvas", label)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
    take_input(ui, rect, &response, view);
    let size = photo_size(photo);
    let mapping = Mapping::new(rect, size, framing, *view);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8.0, palette.canvas);
    let shown = Rect::from_min_max(mapping.point([0.0, 0.0]), mapping.point([size.x, size.y]));
    match texture {
        Some(id) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(id, shown, uv, theme::marks::UNTINTED);
        }
        None => {
            painter.rect_filled(shown, 0.0, palette.well);
        }
    }
    if response.has_focus() {
        painter.rect_stroke(rect, 8.0, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    (mapping, painter, response)
}

fn take_input(ui: &Ui, rect: Rect, response: &Response, view: &mut View) {
    if response.dragged() {
        view.pan += response.drag_delta();
    }
    if response.double_clicked() {
        *view = View::default();
    }
    let hovered = ui.rect_contains_pointer(rect);
    if hovered {
        let (scroll, pinch, pointer) = ui.input_mut(|input| {
            let scroll = std::mem::take(&mut input.smooth_scroll_delta.y);
            (scroll, input.zoom_delta(), input.pointer.hover_pos())
        });
        let anchor = pointer.map_or(Vec2::ZERO, |at| at - rect.center());
        let factor = (scroll * 0.004).exp() * pinch;
        if (factor - 1.0).abs() > 1e-5 {
            view.zoom_by(factor, anchor);
        }
        let icon = if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab };
        ui.ctx().set_cursor_icon(icon);
    }
    if (hovered || response.has_focus() || keys::nothing_is_focused(ui.ctx())) && keys::keys_are_free(ui.ctx()) {
        for (key, factor) in [(Key::Plus, 1.25), (Key::Equals, 1.25), (Key::Minus, 0.8)] {
            if keys::pressed(ui.ctx(), Modifiers::NONE, key) {
                view.zoom_by(factor, Vec2::ZERO);
            }
        }
        if keys::pressed(ui.ctx(), Modifiers::NONE, Key::Num0) {
            *view = View::default();
        }
    }
    if response.has_focus() {
        pan_by_key(ui, response, view);
    }
}

/// Arrow keys show more of the photo in their direction.
fn pan_by_key(ui: &Ui, response: &Response, view: &mut View) {
    const STEP: f32 = 48.0;
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    for (key, way) in [
        (Key::ArrowLeft, vec2(STEP, 0.0)),
        (Key::ArrowRight, vec2(-STEP, 0.0)),
        (Key::ArrowUp, vec2(0.0, STEP)),
        (Key::ArrowDown, vec2(0.0, -STEP)),
    ] {
        let times = ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
        view.pan += way * times as f32;
    }
}

/// Buttons to zoom, in the lower right corner of a canvas: drawn after what lies on it.
pub fn zoom_ui(ui: &mut Ui, canvas: Rect, view: &mut View, label: &str) {
    if canvas.width() < 200.0 || canvas.height() < 90.0 {
        return;
    }
    let strip = Rect::from_min_max(canvas.right_bottom() - vec2(190.0, 40.0), canvas.right_bottom() - vec2(8.0, 8.0));
    let layout = Layout::left_to_right(Align::Center);
    let mut strip_ui = ui.new_child(UiBuilder::new().id_salt(("zoom", label)).max_rect(strip).layout(layout));
    strip_ui.spacing_mut().item_spacing.x = 4.0;
    strip_ui.spacing_mut().button_padding = vec2(8.0, 3.0);
    let before = *view;
    at_right(&mut strip_ui, |ui| {
        let ways = [
            ("\u{2212}", say!("widgets-zoom-out", label = label), 0.8),
            ("+", say!("widgets-zoom-in", label = label), 1.25),
        ];
        for (text, name, factor) in ways {
            if button(ui, text).accessible_name(name).clicked() {
                view.zoom_by(factor, Vec2::ZERO);
            }
        }
        if before != View::default()
            && button(ui, &say!("reset")).accessible_name(say!("widgets-reset-view", label = label)).clicked()
        {
            *view = View::default();
        }
    });
    if *view != before {
        ui.ctx().request_repaint();
    }
}

/// A box that stands out from any photo.
pub fn draw_box(painter: &Painter, rect: Rect, color: Color32, width: f32) {
    let radius = CornerRadius::same(3);
    painter.rect_stroke(rect, radius, Stroke::new(width + 2.0, theme::marks::OUTLINE), StrokeKind::Middle);
    painter.rect_stroke(rect, radius, Stroke::new(width, color), StrokeKind::Middle);
}

pub fn draw_landmarks(painter: &Painter, mapping: &Mapping, landmarks: &Landmarks) {
    for point in landmarks.0 {
        let at = mapping.point(point);
        painter.circle(at, 3.5, theme::marks::LANDMARK, Stroke::new(1.5, theme::marks::OUTLINE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let canvas = Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 300.0));
        let size = vec2(4000.0, 3000.0);
        let mut view = View { zoom: 1.5, pan: vec2(30.0, -10.0) };
        let before = Mapping::new(canvas, size, Framing::WholePhoto, view);
        let pixel = [1200.0, 900.0];
        let pointer = before.point(pixel);
        view.zoom_by(3.0, pointer - canvas.center());
        let after = Mapping::new(canvas, size, Framing::WholePhoto, view).point(pixel);
        assert!((after - pointer).length() < 0.01, "{after:?} {pointer:?}");
    }

    #[test]
    fn framings_centre_what_they_name() {
        let canvas = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0));
        let whole = Mapping::new(canvas, vec2(400.0, 400.0), Framing::WholePhoto, View::default());
        assert_eq!(whole.point([200.0, 200.0]), canvas.center());
        assert_eq!(whole.point([0.0, 0.0]), pos2(50.0, 0.0));
        let face = BBox { x1: 10.0, y1: 20.0, x2: 30.0, y2: 60.0 };
        let framed = Mapping::new(canvas, vec2(400.0, 400.0), Framing::Face(face), View::default());
        assert!((framed.rect(face).center() - canvas.center()).length() < 1e-3);
        assert!(framed.rect(face).height() < canvas.height());
    }

    #[test]
    fn zoom_stays_within_its_bounds() {
        let mut view = View::default();
        for _ in 0..100 {
            view.zoom_by(10.0, vec2(5.0, 5.0));
        }
        assert_eq!(view.zoom, *View::ZOOM.end());
        for _ in 0..100 {
            view.zoom_by(0.01, Vec2::ZERO);
        }
        assert_eq!(view.zoom, *View::ZOOM.start());
    }
}
