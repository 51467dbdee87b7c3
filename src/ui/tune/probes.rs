//! The choice of probes, the same for every measurement of the screen.

use egui::{ComboBox, DragValue, RichText, Ui};

use super::words;
use crate::app::{Knob, TuneCommand};
use crate::say;
use crate::types::{ProbeSet, TuneSettings};
use crate::ui::{Cx, DialogKind, format, theme, widgets};

/// Probes of a sample where none was chosen before.
const NQ: usize = 1000;
const NOISE: f32 = 0.3;

/// A combo box and what belongs to the chosen set. What is chosen is one for the whole screen.
pub fn probes_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let settings = &cx.state.tune.live.settings;
    let mut probes = settings.probes.clone();
    widgets::section_title(ui, &say!("tune-probes-title"));
    choice_ui(ui, cx, &mut probes);
    match &mut probes {
        ProbeSet::GallerySample { nq, noise } => {
            count_ui(ui, nq);
            let mut value = f64::from(*noise);
            let hint = say!("tune-noise-hint");
            if widgets::slider_row(ui, &say!("tune-noise"), &mut value, 0.0..=1.0, 0.01, "", &hint) {
                *noise = value as f32;
            }
        }
        ProbeSet::HeldOut { nq } => {
            count_ui(ui, nq);
            widgets::caption(ui, say!("tune-held-out-about"));
        }
        ProbeSet::File { path } => {
            let name = RichText::new(format::file_name(path)).font(theme::strong());
            widgets::elided(ui, name).on_hover_text(path.display().to_string());
            if widgets::text_button(ui, &say!("tune-choose-file")).clicked() {
                cx.memory.dialogs.open(ui.ctx(), DialogKind::ProbeVectors);
            }
        }
        ProbeSet::PastSearches => {
            widgets::caption(ui, say!("tune-past-about"));
        }
    }
    if probes != settings.probes {
        cx.push(TuneCommand::Change(TuneSettings { probes, ..settings.clone() }));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sample,
    HeldOut,
    File,
    Past,
}

impl Kind {
    fn title(self) -> String {
        match self {
            Self::Sample => say!("tune-set-sample"),
            Self::HeldOut => say!("tune-set-held-out"),
            Self::File => say!("tune-set-file"),
            Self::Past => say!("tune-set-past"),
        }
    }
}

fn choice_ui(ui: &mut Ui, cx: &mut Cx<'_>, probes: &mut ProbeSet) {
    let now = match probes {
        ProbeSet::GallerySample { .. } => Kind::Sample,
        ProbeSet::HeldOut { .. } => Kind::HeldOut,
        ProbeSet::File { .. } => Kind::File,
        ProbeSet::PastSearches => Kind::Past,
    };
    let mut chosen = now;
    let combo = ComboBox::from_id_salt("probes").selected_text(now.title()).width(ui.available_width());
    let shown = combo.show_ui(ui, |ui| {
        for kind in [Kind::Sample, Kind::HeldOut, Kind::File, Kind::Past] {
            // A file is yet to be chosen.
            let name = if kind == Kind::File { say!("tune-set-file-choose") } else { kind.title() };
            ui.selectable_value(&mut chosen, kind, name);
        }
    });
    shown.response.accessible_name(say!("tune-probe-set"));
    if chosen == now {
        return;
    }
    let nq = match probes {
        ProbeSet::GallerySample { nq, .. } | ProbeSet::HeldOut { nq } => *nq,
        ProbeSet::File { .. } | ProbeSet::PastSearches => NQ,
    };
    match chosen {
        Kind::Sample => *probes = ProbeSet::GallerySample { nq, noise: NOISE },
        Kind::HeldOut => *probes = ProbeSet::HeldOut { nq },
        // It becomes the set when a file has been chosen.
        Kind::File => cx.memory.dialogs.open(ui.ctx(), DialogKind::ProbeVectors),
        Kind::Past => *probes = ProbeSet::PastSearches,
    }
}

fn count_ui(ui: &mut Ui, nq: &mut usize) {
    number_row(ui, &say!("tune-probe-count"), &say!("tune-probe-count-hint"), |ui| {
        ui.add(DragValue::new(nq).range(10..=100_000).speed(10.0))
    });
}

/// A name on the left, a field on the right that carries it.
pub fn number_row(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    field: impl FnOnce(&mut Ui) -> egui::Response,
) -> egui::Response {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let label = RichText::new(name).font(theme::small()).color(palette.text_soft);
        let label = ui.label(label).on_hover_text(hint).id;
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().button_padding = egui::vec2(6.0, 2.0);
            ui.spacing_mut().interact_size.y = 22.0;
            field(ui).labelled_by(label).on_hover_text(hint)
        })
        .inner
    })
    .inner
}

/// The line that says what was measured on.
pub fn provenance(
    probes: &ProbeSet,
    k: usize,
    nq: Option<usize>,
    threads: Option<usize>,
    digest: Option<&str>,
) -> String {
    let mut parts = vec![format!("k {k}"), words::probes(probes)];
    if let Some(nq) = nq {
        parts.push(say!("tune-probes", n = nq));
    }
    if let Some(threads) = threads {
        parts.push(say!("tune-threads", n = threads));
    }
    if let Some(digest) = digest.filter(|digest| !digest.is_empty()) {
        parts.push(say!("tune-data", digest = words::digest(digest)));
    }
    parts.join("  \u{b7}  ")
}

/// The slider of one parameter of the search.
pub fn knob_ui(ui: &mut Ui, knob: Knob, value: u32, range: [u32; 2], missing: Option<&str>) -> Option<u32> {
    log_slider_ui(ui, &words::knob(knob), &words::phrase(knob.explanation()), value, range, missing)
}

/// A logarithmic slider with its number. One that is `missing` is disabled and says why on hover. Returns the new
/// value.
pub fn log_slider_ui(
    ui: &mut Ui,
    name: &str,
    explanation: &str,
    value: u32,
    [low, high]: [u32; 2],
    missing: Option<&str>,
) -> Option<u32> {
    let palette = theme::palette(ui);
    let mut edited = value.clamp(low, high);
    let before = edited;
    let hint = missing.unwrap_or(explanation);
    ui.add_enabled_ui(missing.is_none(), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let label = ui
            .horizontal(|ui| {
                let text = RichText::new(name).font(theme::small()).color(palette.text_soft);
                let label = ui.label(text).on_hover_text(hint).on_disabled_hover_text(hint);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.spacing_mut().button_padding = egui::vec2(6.0, 2.0);
                    ui.spacing_mut().interact_size.y = 22.0;
                    let speed = (f64::from(edited) * 0.02).max(0.1);
                    let number = ui.add(DragValue::new(&mut edited).range(low..=high).speed(speed));
                    number.accessible_name(say!("tune-knob-value", name = name)).on_disabled_hover_text(hint);
                });
                label.id
            })
            .inner;
        ui.spacing_mut().slider_width = ui.available_width();
        let rail = egui::Slider::new(&mut edited, low..=high).logarithmic(true).show_value(false);
        widgets::slider(ui, rail).labelled_by(label).on_hover_text(hint).on_disabled_hover_text(hint);
    });
    (edited != before).then_some(edited)
}
