//! Tune: what the live index misses and how long it takes, measured on the person's own gallery, and what other
//! indexes would do.

mod autotune;
pub(super) mod chart;
mod index;
mod live;
mod live_charts;
mod people;
mod people_chart;
mod presets;
mod probes;
mod sweep;
mod sweep_chart;
mod sweep_points;
pub(super) mod words;

use egui::{CentralPanel, Frame, Id, Key, Label, Margin, Modal, Modifiers, Panel, RichText, ScrollArea, Ui};

use super::{Cx, enroll, format, shortcuts, theme, widgets};
use crate::app::{JobKind, Screen, TuneCommand, WindowCommand, params_text};
use crate::types::OperatingPoint;

/// Parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TuneTab {
    #[default]
    Live,
    Sweep,
    Autotune,
    People,
    Index,
}

impl TuneTab {
    pub const ALL: [Self; 5] = [Self::Live, Self::Sweep, Self::Autotune, Self::People, Self::Index];

    pub fn title(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Sweep => "Sweep",
            Self::Autotune => "Autotune",
            Self::People => "People missed",
            Self::Index => "Index",
        }
    }
}

/// What the tune screen remembers.
#[derive(Default)]
pub(super) struct TuneMemory {
    pub tab: TuneTab,
    live: live::LiveMemory,
    sweep: sweep::SweepMemory,
    autotune: autotune::AutotuneMemory,
    people: people::PeopleMemory,
    index: presets::IndexMemory,
    /// The point that is about to become the live index, once the person says so.
    pub confirm: Option<OperatingPoint>,
}

impl TuneMemory {
    /// Turns the sweep to these points, side by side.
    pub fn compare(&mut self, points: Vec<OperatingPoint>) {
        self.tab = TuneTab::Sweep;
        self.sweep.show_pinned = !points.is_empty();
        self.sweep.pinned = points;
    }
}

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    take_keys(ui, cx);
    let palette = theme::palette(ui);
    let head = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 8 });
    Panel::top("tune head").frame(head).show_separator_line(false).show(ui, |ui| head_ui(ui, cx));
    if nothing_to_tune(cx) {
        CentralPanel::default().frame(Frame::NONE.fill(palette.ground)).show(ui, |ui| nothing_ui(ui, cx));
        return;
    }
    match cx.memory.tune.tab {
        TuneTab::Live => live::live_ui(ui, cx),
        TuneTab::Sweep => sweep::sweep_ui(ui, cx),
        TuneTab::Autotune => autotune::autotune_ui(ui, cx),
        TuneTab::People => people::people_ui(ui, cx),
        TuneTab::Index => index::index_ui(ui, cx),
    }
    confirm_ui(ui, cx);
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>) {
    let ctx = ui.ctx();
    let is_free = shortcuts::keys_are_free(ctx) && shortcuts::nothing_is_focused(ctx) && !nothing_to_tune(cx);
    if is_free && cx.memory.tune.tab == TuneTab::Live && shortcuts::pressed(ctx, Modifiers::NONE, Key::Space) {
        live::start_or_stop(cx);
    }
}

fn head_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let options = TuneTab::ALL.map(|tab| (tab, tab.title().to_owned()));
        if let Some(tab) = widgets::segments_ui(ui, cx.memory.tune.tab, &options) {
            cx.memory.tune.tab = tab;
        }
        let Some(overview) = &cx.state.tune.overview else { return };
        ui.add_space(theme::GAP_SMALL);
        let text = format!("{}  \u{b7}  {}", overview.spec, params_text(&overview.spec, &overview.params));
        let label = RichText::new(format!("Live index  {text}")).font(theme::small()).color(palette.text_soft);
        widgets::elided(ui, label).on_hover_text(text);
    });
}

/// Neither an index nor a face that one could be built of.
fn nothing_to_tune(cx: &Cx<'_>) -> bool {
    cx.state.tune.overview.as_ref().is_none_or(|overview| overview.ntotal == 0) && cx.state.status.faces == 0
}

fn nothing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.status.starting {
        widgets::empty_state(ui, "Loading the index", "The gallery and its index are being loaded.", |_| {});
        return;
    }
    let text = "Recall and speed are measured on your own gallery. Enroll photos first; a few thousand faces make the \
                differences between indexes visible.";
    widgets::empty_state(ui, "No faces to tune with", text, |ui| {
        if widgets::primary_button(ui, "Go to Enroll").clicked() {
            cx.push(WindowCommand::ShowScreen(Screen::Enroll));
        }
    });
}

/// The two columns of most parts: what is asked on the left, what was found on the right.
fn columns_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    name: &'static str,
    left: impl FnOnce(&mut Ui, &mut Cx<'_>),
    right: impl FnOnce(&mut Ui, &mut Cx<'_>),
) {
    let palette = theme::palette(ui);
    let side = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 4, bottom: 0 });
    let width = (ui.available_width() * 0.25).clamp(256.0, 320.0);
    let panel = Panel::left(name).frame(side).default_size(width).size_range(244.0..=420.0);
    panel.show(ui, |ui| {
        ScrollArea::vertical().id_salt(name).auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            left(ui, cx);
            ui.add_space(theme::GAP_LARGE);
        });
    });
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 16, top: 4, bottom: 12 });
    CentralPanel::default().frame(centre).show(ui, |ui| right(ui, cx));
}

/// Jobs of these kinds, newest first: the running one and the last that ended.
pub(super) fn jobs_ui(ui: &mut Ui, cx: &mut Cx<'_>, kinds: &[JobKind]) {
    let state = cx.state;
    let mut shown_ended = false;
    for job in state.jobs.iter().rev().filter(|job| kinds.contains(&job.kind)) {
        if job.state.is_ended() && std::mem::replace(&mut shown_ended, true) {
            continue;
        }
        enroll::job_ui(ui, job, cx.commands);
    }
}

/// A reason in the colour of errors.
pub(super) fn problem_ui(ui: &mut Ui, reason: &str) {
    let palette = theme::palette(ui);
    widgets::card(ui).fill(palette.bad_soft).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(reason).color(palette.bad)).wrap().selectable(true));
    });
}

/// Something worth knowing, on a tint.
pub(super) fn note_ui(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    widgets::card(ui).fill(palette.warn_soft).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text)).wrap());
    });
}

/// A place for a chart that has nothing to show yet.
fn waiting_ui(ui: &mut Ui, title: &str, text: &str) {
    widgets::empty_state(ui, title, text, |_| {});
}

/// Names exactly what applying the point changes, and asks.
fn confirm_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some(point) = cx.memory.tune.confirm.clone() else { return };
    let ctx = ui.ctx();
    let frame = Frame::window(&ctx.global_style()).inner_margin(24);
    let modal = Modal::new(Id::unique("apply point")).frame(frame).show(ctx, |ui| {
        ui.set_width(480.0_f32.min(ctx.content_rect().width() - 64.0));
        let palette = theme::palette(ui);
        ui.label(RichText::new("Change the live index?").font(theme::title()));
        ui.add_space(theme::GAP);
        let now = cx.state.tune.overview.as_ref();
        let is_built = now.is_some_and(|now| now.spec == point.spec);
        let params = params_text(&point.spec, &point.params);
        if !is_built {
            let from = now.map_or_else(|| "none".to_owned(), |now| now.spec.to_string());
            widgets::value_row(ui, "Index now", from);
            widgets::value_row(ui, "Index then", point.spec.to_string());
        } else if let Some(now) = now {
            widgets::value_row(ui, "Index", point.spec.to_string());
            widgets::value_row(ui, "Search now", params_text(&now.spec, &now.params));
        }
        widgets::value_row(ui, if is_built { "Search then" } else { "Searched with" }, params);
        let expected = format!(
            "Recall@{} {}, p50 {}, {} of RAM",
            point.k,
            words::share(point.recall_at_k.mean),
            format::millis(point.latency.p50_millis),
            format::bytes(point.ram_bytes)
        );
        widgets::value_row(ui, "Measured", expected);
        ui.add_space(theme::GAP_SMALL);
        let text = if is_built {
            "Searches go by it at once. Nothing is built."
        } else {
            "A new generation is built beside the live one, which serves until the new one is complete. The old one \
             is kept: Index, Roll back."
        };
        ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let apply = widgets::changing(ui, cx.read_only(), |ui| {
                widgets::primary_button(ui, if is_built { "Change the search" } else { "Build and use" }).clicked()
            });
            let by_key = shortcuts::pressed(ui.ctx(), Modifiers::COMMAND, Key::Enter) && cx.read_only().is_none();
            let is_applied = apply || by_key;
            (is_applied, widgets::button(ui, "Keep the live index").clicked())
        })
        .inner
    });
    let (is_applied, is_kept) = modal.inner;
    if is_applied {
        cx.push(TuneCommand::ApplyPoint(Box::new(point)));
    }
    if is_applied || is_kept || modal.should_close() {
        cx.memory.tune.confirm = None;
    }
}
