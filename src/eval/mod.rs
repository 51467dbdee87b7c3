//! Measures of recognition and of search: pure functions, without files, models or threads.

pub mod det;
pub mod estimate;
pub mod groups;
pub mod identification;
pub mod interval;
pub mod latency;
pub mod leave_one_out;
pub mod lfw;
pub mod pareto;
pub mod people;
pub mod recall;
pub mod recognition;
pub mod report;
