//! What people read, in their language: sentences from `assets/locale`, numbers as the language writes them.
//!
//! ```ignore
//! say!("enroll-found", faces = 3, folder = "Ada")
//! ```
//!
//! The language is the program's, and a window's own while it draws. `tests/words.rs` fails on a key that a
//! language lacks, on one that nobody says, and on one that is said and not there.

mod duration;
mod help;
mod number;
mod sentence;
mod spoken;
mod told;

pub use duration::duration;
pub use fluent_bundle::FluentValue as Arg;
pub use help::help;
pub use number::number;
pub use sentence::sentence;
pub use spoken::{begin, in_english, is_forced, speak, spoken};
pub use told::{english, told, told_all};
