pub use crate::types::{Settings, ThemeChoice};
