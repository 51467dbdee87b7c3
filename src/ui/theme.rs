//! The look of the program: one palette for light, one for dark, type sizes and spacing. No other file names a
//! colour or a font.

use std::sync::Arc;

use egui::epaint::Shadow;
use egui::style::{ScrollStyle, WidgetVisuals};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Margin, Stroke, Style,
    TextStyle, Theme, Ui, Visuals, vec2,
};

use crate::app::{Settings, ThemeChoice};

/// Every colour on screen, by what it is for.
#[derive(Debug)]
pub struct Palette {
    /// Behind everything.
    pub ground: Color32,
    /// Cards, bars and panels that lie on the ground.
    pub surface: Color32,
    /// Things sunk into or raised from a surface: text fields, tracks, placeholders.
    pub well: Color32,
    pub hover: Color32,
    /// Around cards and between panels: parts things, and says nothing.
    pub border: Color32,
    /// Placeholders and what else is only there to be recognised.
    pub border_strong: Color32,
    /// Around what can be used: fields, buttons, boxes to tick, rails and scroll bars (3 : 1 on every ground).
    pub outline: Color32,
    pub text: Color32,
    /// Labels beside values, captions.
    pub text_soft: Color32,
    /// Hints and units; still readable (4.5 : 1 on every ground).
    pub text_faint: Color32,
    pub accent: Color32,
    pub accent_hover: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The accent as a tint behind selected things.
    pub accent_soft: Color32,
    pub good: Color32,
    pub warn: Color32,
    pub bad: Color32,
    pub good_soft: Color32,
    pub warn_soft: Color32,
    pub bad_soft: Color32,
    /// Behind photos.
    pub canvas: Color32,
    pub shadow: Color32,
    /// Dims what a dialog or a drop covers.
    pub veil: Color32,
    /// Lines and points of charts; each can be told from the others and from a surface (3 : 1).
    pub series: Series,
}

/// Colours of what charts show.
#[derive(Debug)]
pub struct Series {
    pub teal: Color32,
    pub orange: Color32,
    pub violet: Color32,
    pub green: Color32,
    pub grey: Color32,
    pub rose: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

static LIGHT: Palette = Palette {
    ground: rgb(0xf3f5f7),
    surface: rgb(0xffffff),
    well: rgb(0xeef1f4),
    hover: rgb(0xe5e9ee),
    border: rgb(0xdde2e8),
    border_strong: rgb(0xc3cbd4),
    outline: rgb(0x77818c),
    text: rgb(0x171c22),
    text_soft: rgb(0x4a5562),
    text_faint: rgb(0x5c6672),
    accent: rgb(0x0b6b78),
    accent_hover: rgb(0x095a65),
    on_accent: rgb(0xffffff),
    accent_soft: rgb(0xdceef0),
    good: rgb(0x17703f),
    warn: rgb(0x8a5404),
    bad: rgb(0xb93027),
    good_soft: rgb(0xdff3e6),
    warn_soft: rgb(0xfbeed3),
    bad_soft: rgb(0xfbe4e1),
    canvas: rgb(0xe4e8ec),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 34),
    veil: Color32::from_rgba_premultiplied(8, 10, 12, 110),
    series: Series {
        teal: rgb(0x0b6b78),
        orange: rgb(0xb8560f),
        violet: rgb(0x6a4bb0),
        green: rgb(0x2c7a2f),
        grey: rgb(0x5b6672),
        rose: rgb(0xb02a6b),
    },
};

static DARK: Palette = Palette {
    ground: rgb(0x121518),
    surface: rgb(0x1a1e22),
    well: rgb(0x24292e),
    hover: rgb(0x2d333a),
    border: rgb(0x2c3239),
    border_strong: rgb(0x454e58),
    outline: rgb(0x78828d),
    text: rgb(0xe8ebee),
    text_soft: rgb(0xb2bbc4),
    text_faint: rgb(0x98a2ac),
    accent: rgb(0x4fc0cc),
    accent_hover: rgb(0x74d2db),
    on_accent: rgb(0x062126),
    accent_soft: rgb(0x163a40),
    good: rgb(0x5cc98a),
    warn: rgb(0xe3ae51),
    bad: rgb(0xf08378),
    good_soft: rgb(0x183526),
    warn_soft: rgb(0x3a2e16),
    bad_soft: rgb(0x422321),
    canvas: rgb(0x0c0e10),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 120),
    veil: Color32::from_rgba_premultiplied(0, 0, 0, 150),
    series: Series {
        teal: rgb(0x4fc0cc),
        orange: rgb(0xf0a35e),
        violet: rgb(0xb39df0),
        green: rgb(0x7fca84),
        grey: rgb(0xa3adb8),
        rose: rgb(0xec86bd),
    },
};

/// Marks drawn over photos, the same in both themes because photos do not change with the theme.
pub mod marks {
    use egui::Color32;

    use super::rgb;

    pub const CHOSEN: Color32 = rgb(0x2fd3e3);
    pub const OTHER: Color32 = rgb(0xffffff);
    pub const OUTLINE: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 170);
    pub const LANDMARK: Color32 = rgb(0xffe14d);
    pub const PNET: Color32 = rgb(0xffc23d);
    pub const RNET: Color32 = rgb(0xff7ab8);
    pub const ONET: Color32 = rgb(0x6cea7f);
    pub const UNTINTED: Color32 = Color32::WHITE;
}

pub fn palette(ui: &Ui) -> &'static Palette {
    palette_of(ui.visuals().dark_mode)
}

pub fn palette_of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// Gap between related things, between things, between groups: the 8-point rhythm.
pub const GAP_SMALL: f32 = 4.0;
pub const GAP: f32 = 8.0;
pub const GAP_LARGE: f32 = 16.0;
pub const RADIUS: u8 = 6;

fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Headline of a screen or an empty state.
pub fn title() -> FontId {
    FontId::new(20.0, semibold())
}

/// Headline of a card or a panel.
pub fn heading() -> FontId {
    FontId::new(14.5, semibold())
}

pub fn body() -> FontId {
    FontId::new(13.5, FontFamily::Proportional)
}

/// Body text that carries weight: names, values, buttons.
pub fn strong() -> FontId {
    FontId::new(13.5, medium())
}

pub fn small() -> FontId {
    FontId::new(12.0, FontFamily::Proportional)
}

pub fn small_strong() -> FontId {
    FontId::new(12.0, medium())
}

/// A figure that a person reads from afar, such as a score.
pub fn figure() -> FontId {
    FontId::new(28.0, semibold())
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let faces: [(&str, &'static [u8]); 3] = [
        ("Inter-Regular", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        ("Inter-Medium", include_bytes!("../../assets/fonts/Inter-Medium.otf")),
        ("Inter-SemiBold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
    ];
    for (name, bytes) in faces {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (family, face) in
        [(FontFamily::Proportional, "Inter-Regular"), (medium(), "Inter-Medium"), (semibold(), "Inter-SemiBold")]
    {
        let mut chain = vec![face.to_owned()];
        chain.extend(fallbacks.iter().cloned());
        fonts.families.insert(family, chain);
    }
    fonts
}

/// Gives the context the program's fonts and both styles. True the first time; fonts count from the next pass.
pub fn install(ctx: &Context) -> bool {
    let id = Id::unique("likeness theme installed");
    if ctx.data(|data| data.get_temp::<bool>(id)).unwrap_or(false) {
        return false;
    }
    ctx.data_mut(|data| data.insert_temp(id, true));
    ctx.set_fonts(fonts());
    // Keeps what a test or a person's platform has set about motion and the cursor.
    ctx.style_mut_of(Theme::Light, |style| restyle(style, &LIGHT, Visuals::light()));
    ctx.style_mut_of(Theme::Dark, |style| restyle(style, &DARK, Visuals::dark()));
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    true
}

/// Follows the person's settings. Cheap; called every frame.
pub fn apply(ctx: &Context, settings: &Settings) {
    let preference = match settings.theme {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Light => egui::ThemePreference::Light,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
    }
    let scale = text_scale(settings);
    if (ctx.zoom_factor() - scale).abs() > 1e-3 {
        ctx.set_zoom_factor(scale);
    }
}

/// The scale of text and everything around it, within what the layout bears.
pub fn text_scale(settings: &Settings) -> f32 {
    if settings.text_scale.is_finite() { settings.text_scale.clamp(0.75, 2.0) } else { 1.0 }
}

fn restyle(style: &mut Style, palette: &Palette, visuals: Visuals) {
    let blink = style.visuals.text_cursor.blink;
    style.visuals = visuals_from_palette(palette, visuals);
    style.visuals.text_cursor.blink = blink;
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, body()),
        (TextStyle::Button, strong()),
        (TextStyle::Heading, heading()),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    style.animation_time = style.animation_time.min(0.12);
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GAP, GAP);
    spacing.button_padding = vec2(12.0, 5.0);
    spacing.interact_size = vec2(32.0, 28.0);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 8.0;
    spacing.slider_width = 140.0;
    spacing.slider_rail_height = 4.0;
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.tooltip_width = 420.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 6.0,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.3,
        ..ScrollStyle::thin()
    };
}

fn visuals_from_palette(p: &Palette, mut visuals: Visuals) -> Visuals {
    let radius = CornerRadius::same(RADIUS);
    let widget = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(p.surface, p.border, p.text);
    visuals.widgets.inactive = widget(p.well, p.outline, p.text);
    visuals.widgets.hovered = widget(p.hover, p.outline, p.text);
    visuals.widgets.active = widget(p.hover, p.accent, p.text);
    // A focused widget is drawn as active: its ring must be seen.
    visuals.widgets.active.bg_stroke.width = 2.0;
    visuals.widgets.open = widget(p.hover, p.outline, p.text);
    visuals.selection.bg_fill = p.accent_soft;
    visuals.selection.stroke = Stroke::new(1.5, p.accent);
    visuals.weak_text_color = Some(p.text_soft);
    visuals.hyperlink_color = p.accent;
    visuals.faint_bg_color = p.well;
    visuals.extreme_bg_color = p.well;
    visuals.text_edit_bg_color = Some(p.well);
    visuals.code_bg_color = p.well;
    visuals.warn_fg_color = p.warn;
    visuals.error_fg_color = p.bad;
    visuals.window_fill = p.surface;
    visuals.window_stroke = Stroke::new(1.0, p.border);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.panel_fill = p.ground;
    visuals.window_shadow = Shadow { offset: [0, 8], blur: 28, spread: 0, color: p.shadow };
    visuals.popup_shadow = Shadow { offset: [0, 4], blur: 14, spread: 0, color: p.shadow };
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.disabled_alpha = 0.45;
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast ratio of WCAG 2.1, 1…21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let channel = |v: u8| {
                let v = f32::from(v) / 255.0;
                if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    impl Palette {
        /// All that something can stand on.
        fn grounds(&self) -> [(&'static str, Color32); 9] {
            [
                ("the ground", self.ground),
                ("a surface", self.surface),
                ("a well", self.well),
                ("a hovered row", self.hover),
                ("a chosen row", self.accent_soft),
                ("the canvas", self.canvas),
                ("good", self.good_soft),
                ("a warning", self.warn_soft),
                ("a problem", self.bad_soft),
            ]
        }
    }

    /// Which of `colors` do not reach this ratio on one of the grounds, in words.
    fn too_weak(least: f32, colors: &[(&str, Color32)], grounds: &[(&str, Color32)]) -> Vec<String> {
        let mut weak = Vec::new();
        for (name, color) in colors {
            for (ground, under) in grounds {
                let ratio = contrast(*color, *under);
                if ratio < least {
                    weak.push(format!("{name} on {ground}: {ratio:.2}, not {least}"));
                }
            }
        }
        weak
    }

    #[test]
    fn every_text_is_readable_on_every_ground() {
        for (theme, p) in [("light", &LIGHT), ("dark", &DARK)] {
            let grounds = p.grounds();
            let texts = [
                ("text", p.text),
                ("soft text", p.text_soft),
                ("faint text", p.text_faint),
                ("accent", p.accent),
                ("good", p.good),
                ("warning", p.warn),
                ("problem", p.bad),
            ];
            assert_eq!(too_weak(4.5, &texts, &grounds), Vec::<String>::new(), "{theme}");
            assert_eq!(too_weak(7.0, &[("text", p.text)], &grounds), Vec::<String>::new(), "{theme}");
            let accents = [("the accent", p.accent), ("the hovered accent", p.accent_hover)];
            assert_eq!(too_weak(4.5, &[("text on it", p.on_accent)], &accents), Vec::<String>::new(), "{theme}");
            let s = &p.series;
            let lines = [s.teal, s.orange, s.violet, s.green, s.grey, s.rose].map(|line| ("a line of a chart", line));
            assert_eq!(too_weak(4.5, &lines, &[("a surface", p.surface)]), Vec::<String>::new(), "{theme}");
        }
    }

    #[test]
    fn what_can_be_used_and_what_has_the_focus_stands_out_from_every_ground() {
        for (theme, p) in [("light", &LIGHT), ("dark", &DARK)] {
            let grounds = &p.grounds()[..5];
            let controls = [("a control's border", p.outline), ("the focus ring", p.accent)];
            assert_eq!(too_weak(3.0, &controls, grounds), Vec::<String>::new(), "{theme}");
            assert_eq!(too_weak(3.0, &[("the focus ring", p.accent)], &p.grounds()), Vec::<String>::new(), "{theme}");
        }
    }

    /// What egui draws by itself takes its colours from the style and not from the palette.
    #[test]
    fn the_style_of_controls_has_those_borders() {
        for (base, p) in [(Visuals::light(), &LIGHT), (Visuals::dark(), &DARK)] {
            let visuals = visuals_from_palette(p, base);
            let w = &visuals.widgets;
            for (state, ground) in [(&w.inactive, p.ground), (&w.hovered, p.surface), (&w.open, p.surface)] {
                for under in [ground, state.bg_fill, state.weak_bg_fill] {
                    let ratio = contrast(state.bg_stroke.color, under);
                    assert!(
                        ratio >= 3.0 && state.bg_stroke.width >= 1.0,
                        "{:?} on {under:?}: {ratio}",
                        state.bg_stroke
                    );
                }
            }
            for under in [p.ground, p.surface, p.well, w.active.bg_fill, w.active.weak_bg_fill] {
                assert!(contrast(w.active.bg_stroke.color, under) >= 3.0 && w.active.bg_stroke.width >= 2.0);
            }
        }
    }
}
