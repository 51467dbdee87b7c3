//! Fonts of the system, for characters that the program's own fonts lack: a Chinese name, and the whole window in Chinese.

use std::sync::{Arc, OnceLock};

use egui::{Context, Id};
use egui_system_font_provider::SystemFontProvider;

use super::theme;
use crate::types::Language;

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
