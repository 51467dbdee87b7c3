//! What the window says and does of each screen: a line each.

use egui::Key;

use crate::app::Screen;
use crate::say;

/// What files are for that are dropped on a screen or asked for with Ctrl O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// They are enrolled.
    Photos,
    /// The first one is searched.
    Probe,
    /// The first one is imported as a model.
    Weights,
}

/// How a screen is called, and what it takes.
pub(super) fn about(screen: Screen) -> (String, Takes) {
    match screen {
        Screen::Enroll => (say!("window-screen-enroll"), Takes::Photos),
        Screen::People => (say!("window-screen-people"), Takes::Photos),
        Screen::Search => (say!("window-screen-search"), Takes::Probe),
        Screen::Tune => (say!("window-screen-tune"), Takes::Photos),
        Screen::Models => (say!("window-screen-models"), Takes::Weights),
        Screen::Settings => (say!("window-screen-settings"), Takes::Photos),
    }
}

/// The screens with the keys that show them while Ctrl is held.
pub(super) fn by_key() -> impl Iterator<Item = (Key, Screen)> {
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    DIGITS.into_iter().zip(Screen::ALL.iter().copied())
}
