//! Fonts of the system, for characters that the program's own fonts lack: a Chinese name, and the whole window in Chinese.

use std::sync::{Arc, OnceLock};

use egui::{Context, Frame, Id, Label, Margin, Panel, RichText, Ui};
use egui_system_font_provider::SystemFontProvider;

use super::{Cx, theme, widgets};
use crate::app::SettingsCommand;
use crate::types::Language;
use crate::{say, words};

/// Characters that every font for simplified Chinese has.
const CHINESE: &str = "语言设置";

/// Looks for fonts of the system, those of the language first. Cheap where the language is the one before.
pub(super) fn follow(ctx: &Context, language: Language) {
    let id = Id::unique("likeness fonts for a language");
    if ctx.data(|data| data.get_temp::<Language>(id)) != Some(language) {
        ctx.data_mut(|data| data.insert_temp(id, language));
        ctx.set_font_providers(vec![provider(language)]);
    }
}

/// Listing the system's fonts takes a while: each list is made once, on a thread of its own.
fn provider(language: Language) -> Arc<SystemFontProvider> {
    static PROVIDERS: [OnceLock<Arc<SystemFontProvider>>; 2] = [const { OnceLock::new() }; 2];
    let make = || match language {
        // The system's own language decides between Chinese, Japanese and Korean forms.
        Language::English => SystemFontProvider::new(),
        Language::Chinese => SystemFontProvider::new().with_locale(Some(language.tag())),
    };
    Arc::clone(PROVIDERS[language as usize].get_or_init(|| Arc::new(make())))
}

/// Whether what is written in a language can be read.
pub(super) fn can_write(ctx: &Context, language: Language) -> bool {
    language != Language::Chinese || ctx.fonts_mut(|fonts| fonts.has_glyphs(&theme::body(), CHINESE))
}

/// Says over every screen, in English, that what is written cannot be read, and how to get a font for it.
pub(super) fn missing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if can_write(ui.ctx(), words::spoken()) {
        return;
    }
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.warn_soft).inner_margin(Margin::symmetric(16, 6));
    Panel::top("no-font").frame(frame).show(ui, |ui| {
        let text = RichText::new(say!("fonts-none")).font(theme::small()).color(palette.text);
        ui.add(Label::new(text).wrap().selectable(true));
        // Another language cannot be chosen where one was asked for at the start.
        if !words::is_forced() && widgets::text_button(ui, &say!("fonts-speak-english")).clicked() {
            cx.push(SettingsCommand::SetLanguage(Some(Language::English)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{AppState, Command};
    use crate::ui::UiMemory;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    /// A window that has the program's own fonts alone.
    fn window(language: Language) -> Harness<'static, Vec<Command>> {
        let (state, mut memory) = (AppState::default(), UiMemory::default());
        Harness::new_ui_state(
            move |ui, commands| {
                words::speak(Some(language));
                if !theme::install(ui.ctx()) {
                    missing_ui(ui, &mut Cx { state: &state, memory: &mut memory, commands, read_only: None });
                }
            },
            Vec::new(),
        )
    }

    #[test]
    fn a_window_that_cannot_be_read_says_how_to_get_a_font_and_offers_english() {
        let mut window = window(Language::Chinese);
        window.run();
        window.get_by_label_contains("fonts-noto-cjk");
        window.get_by_label("Use English").click();
        window.run();
        let asked = window.state().as_slice();
        let english = Some(Language::English);
        assert!(matches!(asked, [Command::Settings(SettingsCommand::SetLanguage(language))] if *language == english));
    }

    #[test]
    fn nothing_is_said_where_everything_can_be_read() {
        let mut window = window(Language::English);
        window.run();
        assert!(window.query_by_label_contains("fonts-noto-cjk").is_none());
    }
}
