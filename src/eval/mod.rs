//! Measures of recognition and of search: pure functions, without files, models or threads.

pub mod det;
pub mod interval;
pub mod leave_one_out;
pub mod lfw;
pub mod recall;
