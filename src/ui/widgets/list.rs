//! A list of any number of rows of one height that lays out only those in view.
//!
//! egui's own scroll area keeps positions in single precision, which at a million rows moves in steps of several
//! points; here the offset is double precision and rows are placed relative to the view.

use egui::{
    EventFilter, Id, Key, Modifiers, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use super::access::Item;
use crate::say;
use crate::ui::{keys, theme};

const BAR_WIDTH: f32 = 10.0;

/// Where the list stands.
#[derive(Debug, Default)]
pub struct LongList {
    /// Points from the top of the first row to the top of the view.
    offset: f64,
    reveal: Option<usize>,
    /// The last row was at the bottom of the view, and stays there as rows come in above.
    at_end: bool,
    grabbed_at: f32,
    /// Height of the view and of a row when last drawn.
    view: f32,
    row: f32,
    /// How far the view moved since the frame before, in heights of the view.
    leap: f64,
    /// Where the keyboard is, for [`Self::show_rows`].
    cursor: usize,
}

/// What came of drawing it.
pub struct Shown {
    /// The keyboard's place: give it the focus to move with arrow keys.
    pub response: Response,
}

impl LongList {
    /// Room at the right for the scroll bar, in points.
    pub const BAR: f32 = BAR_WIDTH;

    /// Scrolls as little as brings this row into view, when next drawn.
    pub fn reveal(&mut self, row: usize) {
        self.reveal = Some(row);
    }

    /// Rows that came in above must not move what the person looks at.
    pub fn insert_above(&mut self, rows: f64) {
        if self.offset > f64::from(self.row) * 0.5 {
            self.offset += rows * f64::from(self.row);
        }
    }

    /// The view is being thrown across the list: what it shows now will be gone in the next frame.
    pub fn is_leaping(&self) -> bool {
        self.leap > 1.5
    }

    /// Whole rows that fit, at least one.
    pub fn rows_in_view(&self) -> usize {
        if self.row > 0.0 { ((self.view / self.row) as usize).max(1) } else { 1 }
    }

    /// Fills what is left of `ui` with `rows` rows. `name` is for assistive technology.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        name: &str,
        row_height: f32,
        rows: usize,
        mut add_row: impl FnMut(&mut Ui, usize, Rect),
    ) -> Shown {
        let id = ui.make_persistent_id(name);
        let area = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(area);
        let view = Rect::from_min_max(area.min, pos2(area.max.x - BAR_WIDTH, area.max.y));
        let total = rows as f64 * f64::from(row_height);
        let furthest = (total - f64::from(area.height())).max(0.0);
        (self.view, self.row) = (area.height(), row_height);
        if self.at_end {
            self.offset = furthest;
        }
        let before = self.offset;
        self.take_wheel(ui, area);
        self.take_reveal();
        self.offset = self.offset.clamp(0.0, furthest);

        let response = ui.interact(view, id, Sense::FOCUSABLE);
        response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, say!("widgets-list", name = name, n = rows)));
        if response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        if furthest > 0.0 {
            self.scroll_bar_ui(ui, id, area, total, furthest);
        }
        self.at_end = furthest > 0.0 && self.offset >= furthest - 0.5;
        self.leap = (self.offset - before).abs() / f64::from(area.height().max(1.0));
        if self.is_leaping() {
            ui.ctx().request_repaint();
        }

        let first = (self.offset / f64::from(row_height)).floor() as usize;
        let mut rows_ui = ui.new_child(UiBuilder::new().id_salt((name, "rows")).max_rect(view));
        rows_ui.shrink_clip_rect(view);
        for row in first..rows {
            let top = view.top() + (row as f64 * f64::from(row_height) - self.offset) as f32;
            if top >= view.bottom() {
                break;
            }
            let top = rows_ui.painter().round_to_pixel_center(top) - 0.5 / rows_ui.pixels_per_point();
            add_row(&mut rows_ui, row, Rect::from_min_size(pos2(view.left(), top), vec2(view.width(), row_height)));
        }
        super::focus_ring(ui, &response, area.expand(3.0));
        Shown { response }
    }

    /// The same for rows that hold controls: arrow keys go from row to row, and Enter goes to the first control in one,
    /// which `add_row` returns. `name_of` says what a row is.
    pub fn show_rows(
        &mut self,
        ui: &mut Ui,
        name: &str,
        row_height: f32,
        rows: usize,
        name_of: impl Fn(usize) -> String,
        mut add_row: impl FnMut(&mut Ui, usize, Rect) -> Option<Response>,
    ) {
        let id = ui.make_persistent_id(name);
        let mut cursor = self.cursor;
        let enters = self.take_keys(ui, id, &mut cursor, rows);
        self.cursor = cursor;
        let has_keyboard = ui.memory(|memory| memory.has_focus(id));
        let cursor = self.cursor.min(rows.saturating_sub(1));
        let mut asked = None;
        self.show(ui, name, row_height, rows, |ui, row, rect| {
            ui.push_id(row, |ui| {
                let response = ui.interact(rect, ui.scope_id().with("row"), Sense::hover());
                let at_cursor = row == cursor;
                let item = Item {
                    name: name_of(row),
                    place: row,
                    total: rows,
                    at_cursor,
                    is_chosen: at_cursor && has_keyboard,
                };
                if item.tell(ui, id, &response) {
                    asked = Some(row);
                }
                let first = add_row(ui, row, rect);
                if !at_cursor || !has_keyboard {
                    return;
                }
                let stroke = Stroke::new(2.0, theme::palette(ui).accent);
                ui.painter().rect_stroke(rect, 8.0, stroke, StrokeKind::Inside);
                if let Some(first) = first.filter(|_| enters) {
                    first.request_focus();
                }
            });
        });
        self.cursor = asked.unwrap_or(cursor);
    }

    /// Moves a cursor among the rows by the keys of this frame and brings it into view; true where the row at it is to be
    /// entered.
    pub fn take_keys(&mut self, ui: &Ui, id: Id, cursor: &mut usize, rows: usize) -> bool {
        let last = rows.saturating_sub(1);
        let mut enters = false;
        for key in ListKeys::take(ui, id) {
            let page = self.rows_in_view();
            *cursor = match key {
                ListKey::Up => cursor.saturating_sub(1),
                ListKey::Down => *cursor + 1,
                ListKey::PageUp => cursor.saturating_sub(page),
                ListKey::PageDown => *cursor + page,
                ListKey::Home => 0,
                ListKey::End => last,
                ListKey::Left | ListKey::Right => continue,
                ListKey::Enter => {
                    enters = true;
                    continue;
                }
            }
            .min(last);
            self.reveal(*cursor);
        }
        enters
    }

    fn take_wheel(&mut self, ui: &Ui, area: Rect) {
        if ui.rect_contains_pointer(area) {
            let delta = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            self.offset -= f64::from(delta);
        }
    }

    fn take_reveal(&mut self) {
        let Some(row) = self.reveal.take() else { return };
        let top = row as f64 * f64::from(self.row);
        let bottom = top + f64::from(self.row);
        if top < self.offset {
            self.offset = top;
        } else if bottom > self.offset + f64::from(self.view) {
            self.offset = bottom - f64::from(self.view);
        }
    }

    fn scroll_bar_ui(&mut self, ui: &Ui, id: Id, area: Rect, total: f64, furthest: f64) {
        let palette = theme::palette(ui);
        let track = Rect::from_min_max(pos2(area.right() - BAR_WIDTH, area.top()), area.max).shrink2(vec2(1.0, 2.0));
        let length = ((f64::from(area.height()) / total) as f32 * track.height()).max(28.0).min(track.height());
        let travel = track.height() - length;
        let handle_top = |offset: f64| track.top() + (offset / furthest) as f32 * travel;
        let response = ui.interact(track, id.with("scroll bar"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ScrollBar, true, say!("widgets-scroll-bar"));
            info.value = Some(self.offset / furthest);
            info
        });
        if let Some(pointer) = response.interact_pointer_pos()
            && response.is_pointer_button_down_on()
        {
            if ui.input(|input| input.pointer.any_pressed()) {
                let inside = pointer.y - handle_top(self.offset);
                self.grabbed_at = if (0.0..=length).contains(&inside) { inside } else { length / 2.0 };
            }
            if travel > 0.0 {
                let share = f64::from(((pointer.y - self.grabbed_at - track.top()) / travel).clamp(0.0, 1.0));
                self.offset = share * furthest;
            }
        }
        let active = response.hovered() || response.is_pointer_button_down_on();
        let width = if active { 8.0 } else { 6.0 };
        let handle = Rect::from_min_size(pos2(track.right() - width, handle_top(self.offset)), vec2(width, length));
        let color = if active { palette.text_faint } else { palette.outline };
        ui.painter().rect_filled(handle, width / 2.0, color);
    }
}

/// A key that moves or acts in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKey {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
}

/// The keys of this frame that are meant for a list.
pub struct ListKeys;

impl ListKeys {
    /// Takes the keys when the list `id` has the focus or nothing has, and nobody types.
    pub fn take(ui: &Ui, id: Id) -> Vec<ListKey> {
        const KEYS: [(Key, ListKey); 9] = [
            (Key::ArrowLeft, ListKey::Left),
            (Key::ArrowRight, ListKey::Right),
            (Key::ArrowUp, ListKey::Up),
            (Key::ArrowDown, ListKey::Down),
            (Key::PageUp, ListKey::PageUp),
            (Key::PageDown, ListKey::PageDown),
            (Key::Home, ListKey::Home),
            (Key::End, ListKey::End),
            (Key::Enter, ListKey::Enter),
        ];
        let focused = ui.memory(|memory| memory.focused());
        if !keys::keys_are_free(ui.ctx()) || focused.is_some_and(|focused| focused != id) {
            return Vec::new();
        }
        let mut keys = Vec::new();
        ui.input_mut(|input| {
            for (key, meaning) in KEYS {
                let times = input.count_and_consume_key(Modifiers::NONE, key);
                keys.extend(std::iter::repeat_n(meaning, times));
            }
        });
        if focused.is_none() && !keys.is_empty() {
            // What they move to is said aloud where the list has the keyboard.
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        keys
    }
}
