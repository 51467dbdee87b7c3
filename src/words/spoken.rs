//! Which language is spoken.

use std::cell::Cell;
use std::sync::OnceLock;

use crate::types::Language;

static FORCED: OnceLock<Language> = OnceLock::new();
static USUAL: OnceLock<Language> = OnceLock::new();

thread_local! {
    static SPOKEN: Cell<Option<Language>> = const { Cell::new(None) };
    static MEANWHILE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// What the program speaks: `asked` wherever it was asked for, else the system's language where a thread is told no other.
/// The first call counts.
pub fn begin(asked: Option<Language>) {
    if let Some(language) = asked {
        let _ = FORCED.set(language);
    }
    let _ = USUAL.set(Language::of_environment());
}

/// From now on this thread speaks a language, or the system's; unless one was asked for at the beginning.
pub fn speak(language: Option<Language>) {
    SPOKEN.set(language);
}

/// Speaks one language for a while, even where another was asked for at the beginning.
pub(super) fn in_language<T>(language: Language, speaking: impl FnOnce() -> T) -> T {
    let before = MEANWHILE.replace(Some(language));
    let made = speaking();
    MEANWHILE.set(before);
    made
}

/// Speaks English for a while, whatever was asked for: what scripts read.
pub fn in_english<T>(speaking: impl FnOnce() -> T) -> T {
    in_language(Language::English, speaking)
}

/// The language that this thread speaks; English where nobody said anything.
pub fn spoken() -> Language {
    let forced = MEANWHILE.get().or_else(|| FORCED.get().copied());
    forced.or_else(|| SPOKEN.get()).or_else(|| USUAL.get().copied()).unwrap_or_default()
}

/// Whether one language was asked for, so that no other is spoken.
pub fn is_forced() -> bool {
    FORCED.get().is_some()
}
