//! A chart that has the keyboard is moved and zoomed as a pointer does it.

use egui::{EventFilter, Id, Key, Modifiers, Response, Ui, Vec2, vec2};
use egui_plot::PlotUi;

use crate::ui::keys;

/// What the keys of this frame ask of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChartKeys {
    /// In shares of what is in view.
    pan: Vec2,
    /// Over 1 shows less, larger; 0 where nothing was pressed.
    zoom: f32,
    shows_all: bool,
}

/// Where the chart of this id remembers its control.
fn mark(id: Id) -> Id {
    id.with("control")
}

/// The keys that are meant for the chart that was drawn under this id in the frame before.
pub fn take(ui: &Ui, id: Id) -> ChartKeys {
    const STEP: f32 = 0.1;
    let Some(control) = ui.data(|data| data.get_temp::<Id>(mark(id))) else { return ChartKeys::default() };
    if !ui.memory(|memory| memory.has_focus(control)) {
        return ChartKeys::default();
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(control, filter));
    let pressed = |key| keys::pressed(ui.ctx(), Modifiers::NONE, key);
    let mut asked = ChartKeys::default();
    for (key, way) in [
        (Key::ArrowLeft, vec2(-STEP, 0.0)),
        (Key::ArrowRight, vec2(STEP, 0.0)),
        (Key::ArrowUp, vec2(0.0, STEP)),
        (Key::ArrowDown, vec2(0.0, -STEP)),
    ] {
        if pressed(key) {
            asked.pan += way;
        }
    }
    if pressed(Key::Plus) || pressed(Key::Equals) {
        asked.zoom = 1.25;
    } else if pressed(Key::Minus) {
        asked.zoom = 0.8;
    }
    asked.shows_all = pressed(Key::Num0);
    asked
}

/// Remembers the control for the next frame.
pub fn remember(ui: &Ui, id: Id, control: &Response) {
    ui.data_mut(|data| data.insert_temp(mark(id), control.id));
}

impl ChartKeys {
    pub fn apply(self, plot: &mut PlotUi<'_>) {
        let bounds = plot.plot_bounds();
        if self.shows_all {
            plot.set_auto_bounds(true);
        }
        if self.pan != Vec2::ZERO {
            plot.translate_bounds(vec2(bounds.width() as f32, bounds.height() as f32) * self.pan);
        }
        if self.zoom > 0.0 {
            plot.zoom_bounds(Vec2::splat(self.zoom), bounds.center());
        }
    }
}
