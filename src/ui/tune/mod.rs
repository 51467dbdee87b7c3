//! Tune: what the live index misses and how long it takes, measured on the person's own gallery, and what other
//! indexes would do.

mod autotune;
pub(super) mod chart;
mod chart_keys;
mod family;
mod index;
mod live;
mod live_charts;
mod memory;
mod parts;
mod people;
mod people_chart;
mod presets;
mod probes;
mod sweep;
mod sweep_chart;
mod sweep_points;
pub(super) mod words;

use egui::{CentralPanel, Frame, Key, Label, Margin, Modifiers, Panel, RichText, Ui};

use super::{Cx, format, keys, theme, widgets};
use crate::app::{Screen, TuneCommand, WindowCommand};
use crate::say;
pub(super) use memory::TuneMemory;
pub use memory::TuneTab;
pub(super) use parts::jobs_ui;

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
    let is_free = keys::keys_are_free(ctx) && keys::nothing_is_focused(ctx) && !nothing_to_tune(cx);
    if is_free && cx.memory.tune.tab == TuneTab::Live && keys::pressed(ctx, Modifiers::NONE, Key::Space) {
        live::start_or_stop(cx);
    }
}

fn head_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let options = TuneTab::ALL.map(|tab| (tab, tab.title()));
        if let Some(tab) = widgets::segments_ui(ui, &say!("window-screen-tune"), cx.memory.tune.tab, &options) {
            cx.memory.tune.tab = tab;
        }
        let Some(overview) = &cx.state.tune.overview else { return };
        ui.add_space(theme::GAP_SMALL);
        let text = format!("{}  \u{b7}  {}", overview.spec, words::params_text(&overview.spec, &overview.params));
        let label =
            RichText::new(say!("tune-head", text = text.as_str())).font(theme::small()).color(palette.text_soft);
        widgets::elided(ui, label).on_hover_text(text);
    });
}

/// Neither an index nor a face that one could be built of.
fn nothing_to_tune(cx: &Cx<'_>) -> bool {
    cx.state.tune.overview.as_ref().is_none_or(|overview| overview.ntotal == 0) && cx.state.status.faces == 0
}

fn nothing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.status.starting {
        widgets::empty_state(ui, &say!("tune-loading"), &say!("tune-loading-text"), |_| {});
        return;
    }
    let text = say!("tune-nothing-text");
    widgets::empty_state(ui, &say!("tune-nothing"), &text, |ui| {
        if widgets::primary_button(ui, &say!("tune-go-to-enroll")).clicked() {
            cx.push(WindowCommand::ShowScreen(Screen::Enroll));
        }
    });
}

/// Names exactly what applying the point changes, and asks.
fn confirm_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some(point) = cx.memory.tune.confirm.clone() else { return };
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "apply-point", &say!("tune-change"), 480.0, |ui| {
        let palette = theme::palette(ui);
        ui.add_space(theme::GAP);
        let now = cx.state.tune.overview.as_ref();
        let is_built = now.is_some_and(|now| now.spec == point.spec);
        let params = words::params_text(&point.spec, &point.params);
        if !is_built {
            let from = now.map_or_else(|| say!("tune-none"), |now| now.spec.to_string());
            widgets::value_row(ui, &say!("tune-index-now"), from);
            widgets::value_row(ui, &say!("tune-index-then"), point.spec.to_string());
        } else if let Some(now) = now {
            widgets::value_row(ui, &say!("tune-index"), point.spec.to_string());
            widgets::value_row(ui, &say!("tune-search-now"), words::params_text(&now.spec, &now.params));
        }
        widgets::value_row(ui, &if is_built { say!("tune-search-then") } else { say!("tune-searched-with") }, params);
        let expected = say!(
            "tune-measured-of",
            k = point.k,
            recall = words::share(point.recall_at_k.mean),
            p50 = format::millis(point.latency.p50_millis),
            ram = format::bytes(point.ram_bytes)
        );
        widgets::value_row(ui, &say!("tune-measured"), expected);
        ui.add_space(theme::GAP_SMALL);
        let text = if is_built { say!("tune-at-once") } else { say!("tune-built-beside") };
        ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let apply = widgets::changing(ui, cx.read_only(), |ui| {
                widgets::primary_button(
                    ui,
                    &if is_built { say!("tune-change-search") } else { say!("tune-build-and-use") },
                )
                .clicked()
            });
            let by_key = keys::pressed(ui.ctx(), Modifiers::COMMAND, Key::Enter) && cx.read_only().is_none();
            let is_applied = apply || by_key;
            (is_applied, widgets::button(ui, &say!("tune-keep")).clicked())
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
