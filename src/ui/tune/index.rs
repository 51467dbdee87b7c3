//! The live index as it stands, its generations, and what else could be built.

use crate::words::told;
use egui::{CentralPanel, DragValue, Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::parts::{card_ui, hindrance, jobs_ui};
use super::probes::number_row;
use super::{presets, words};
use crate::app::{Command, JobKind, TuneCommand};
use crate::say;
use crate::types::{GenerationInfo, IndexOverview};
use crate::ui::{Cx, format, theme, widgets};

pub fn index_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 4, bottom: 0 });
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let area = ScrollArea::vertical().id_salt("tune index").auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            let width = (ui.available_width() - 16.0).min(1500.0);
            ui.set_max_width(width);
            let half = ((width - theme::GAP_LARGE) / 2.0).floor();
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
                column_ui(ui, half, |ui| {
                    jobs_ui(ui, cx, &[JobKind::BuildIndex]);
                    overview_card_ui(ui, cx);
                    generations_card_ui(ui, cx);
                });
                column_ui(ui, half, |ui| {
                    presets::advisor_card_ui(ui, cx);
                    presets::presets_card_ui(ui, cx);
                });
            });
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

fn column_ui(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(width);
        contents(ui);
    });
}

/// A name, its value, and what it means on hover.
fn row_ui(ui: &mut Ui, name: &str, value: impl Into<String>, hint: &str) {
    let palette = theme::palette(ui);
    ui.spacing_mut().interact_size.y = 20.0;
    ui.horizontal(|ui| {
        let (rect, response) = ui.allocate_exact_size(egui::vec2(132.0, 20.0), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, name));
        let at = rect.left_center();
        ui.painter().text(at, egui::Align2::LEFT_CENTER, name, theme::small(), palette.text_soft);
        let value = value.into();
        ui.add(Label::new(value).truncate().selectable(true));
        if !hint.is_empty() {
            response.on_hover_text(hint);
        }
    });
}

fn overview_card_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    card_ui(ui, &say!("tune-live-index"), |ui| {
        let Some(overview) = &cx.state.tune.overview else {
            match &cx.state.tune.problem {
                Some(reason) => widgets::problem_ui(ui, &say!("tune-not-read", reason = told(reason))),
                None => drop(widgets::caption(ui, say!("tune-not-read-yet"))),
            }
            if widgets::button(ui, &say!("tune-read-now")).clicked() {
                cx.push(TuneCommand::Read);
            }
            return;
        };
        ui.scope(|ui| figures_ui(ui, overview));
        ui.add_space(theme::GAP_SMALL);
        if overview.spec.is_trained() {
            training_ui(ui, cx, overview);
        } else {
            widgets::caption(ui, say!("tune-learns-nothing"));
        }
    });
}

fn figures_ui(ui: &mut Ui, o: &IndexOverview) {
    row_ui(ui, &say!("tune-spec"), o.spec.to_string(), &say!("tune-spec-hint"));
    row_ui(ui, &say!("tune-searched-with"), words::params_text(&o.spec, &o.params), &say!("tune-searched-with-hint"));
    row_ui(ui, &say!("tune-faces"), say!("tune-faces-of", n = format::count(o.ntotal as u64), d = o.d), "");
    let each = o.ram_bytes / o.ntotal.max(1) as u64;
    let ram = say!("tune-ram-of", bytes = format::bytes(o.ram_bytes), each = format::count(each));
    row_ui(ui, &say!("tune-ram"), ram, &say!("tune-ram-hint"));
    row_ui(ui, &say!("tune-on-disk"), format::bytes(o.disk_bytes), "");
    let generation = o.generation.map_or_else(|| say!("tune-not-published"), format::count);
    row_ui(ui, &say!("tune-generation"), generation, &say!("tune-generation-hint"));
    let tail = say!("tune-tail-hint");
    row_ui(ui, &say!("tune-tail"), say!("faces", n = o.in_tail), &tail);
    let gone = say!("tune-tombstones-hint");
    row_ui(ui, &say!("tune-tombstones"), format::count(o.tombstones as u64), &gone);
    if let Some(imbalance) = o.imbalance {
        let hint = say!("tune-imbalance-hint");
        row_ui(ui, &say!("tune-imbalance"), format!("{imbalance:.2}"), &hint);
    }
    if let Some([then, now]) = o.quantisation_error {
        let hint = say!("tune-quantisation-hint");
        row_ui(
            ui,
            &say!("tune-quantisation"),
            say!("tune-quantisation-of", then = format!("{then:.2e}"), now = format!("{now:.2e}")),
            &hint,
        );
    }
    let latency = o.latency.map_or_else(
        || say!("tune-no-search"),
        |l| {
            let [p50, p95, p99] = [l.p50_millis, l.p95_millis, l.p99_millis].map(format::millis);
            format!("{p50}, {p95}, {p99}")
        },
    );
    let n = o.latency.map_or(0, |latency| latency.n);
    row_ui(ui, "p50, p95, p99", latency, &say!("tune-latest-searches", n = n));
}

fn training_ui(ui: &mut Ui, cx: &mut Cx<'_>, overview: &IndexOverview) {
    let palette = theme::palette(ui);
    let share = cx.state.settings.retrain_share;
    let grown = overview.grown_since_training;
    let is_due = grown >= share;
    let text = say!("tune-added-since", share = words::percent(grown));
    let color = if is_due { palette.warn } else { palette.text_soft };
    ui.label(RichText::new(text).font(theme::small()).color(color));
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 6.0), egui::Sense::hover());
    let fill = if is_due { palette.warn } else { palette.accent };
    widgets::track(ui.painter(), rect, (grown / share.max(0.01)) as f32, fill, palette.well);
    ui.add_space(theme::GAP_SMALL);
    let mut percent = (share * 100.0).round();
    let hint = say!("tune-retrain-hint");
    let field = widgets::changing(ui, cx.read_only(), |ui| {
        number_row(ui, &say!("tune-retrain-from"), &hint, |ui| {
            ui.add(
                DragValue::new(&mut percent)
                    .range(1.0..=100.0)
                    .speed(0.5)
                    .max_decimals(0)
                    .suffix(format!(" {}", say!("tune-retrain-suffix"))),
            )
        })
    });
    if field.changed() {
        cx.push(TuneCommand::SetRetrainShare(percent / 100.0));
    }
    let reason = hindrance(cx);
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let retrain = widgets::button(ui, &say!("tune-retrain"));
        let retrain = retrain.on_hover_text(say!("tune-retrain-now-hint"));
        if retrain.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            cx.push(TuneCommand::Retrain);
        }
    });
}

fn generations_card_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    card_ui(ui, &say!("tune-generations"), |ui| {
        if cx.state.tune.generations.is_empty() {
            widgets::caption(ui, say!("tune-generations-none"));
        }
        for (i, generation) in cx.state.tune.generations.iter().enumerate() {
            if i > 0 {
                ui.separator();
            }
            if generation_ui(ui, generation, cx.read_only()) {
                cx.commands.push(Command::Tune(TuneCommand::RollBack(generation.number)));
            }
        }
    });
}

/// True when it is to become the live one.
fn generation_ui(ui: &mut Ui, generation: &GenerationInfo, read_only: Option<&str>) -> bool {
    let palette = theme::palette(ui);
    let mut wanted = false;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let number = format::count(generation.number);
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| {
                let text = format!("{number}  \u{b7}  {}", generation.spec);
                widgets::elided(ui, RichText::new(&text).font(theme::strong())).on_hover_text(text);
            },
            |ui| {
                if generation.is_current {
                    widgets::badge(ui, &say!("tune-live-badge"), palette.good, palette.good_soft);
                } else if generation.problem.is_some() {
                    widgets::badge(ui, &say!("tune-damaged"), palette.bad, palette.bad_soft);
                } else {
                    ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
                    ui.spacing_mut().interact_size.y = 22.0;
                    wanted = widgets::changing(ui, read_only, |ui| {
                        let button = widgets::button(ui, &say!("tune-roll-back"))
                            .accessible_name(say!("tune-roll-back-to", number = number.as_str()));
                        button.on_hover_text(say!("tune-roll-back-hint")).clicked()
                    });
                }
            },
        );
        // A flat index is its own data.
        let data = Some(&generation.data_digest).filter(|digest| !digest.is_empty());
        let (when, time) = (words::stamp(generation.built_at), format::duration(generation.build_secs));
        let mut parts = vec![
            say!("faces", n = generation.ntotal),
            format::bytes(generation.disk_bytes),
            words::params_text(&generation.spec, &generation.params),
            say!("tune-built", when = when, time = time),
        ];
        parts.extend(data.map(|digest| say!("tune-data", digest = words::digest(digest))));
        widgets::caption(ui, parts.join("  \u{b7}  "));
        if let Some(problem) = &generation.problem {
            let text = RichText::new(told(problem)).font(theme::small()).color(palette.bad);
            ui.add(Label::new(text).wrap().selectable(true));
        }
    });
    wanted
}
