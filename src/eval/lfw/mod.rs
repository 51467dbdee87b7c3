//! The verification protocol of Labeled Faces in the Wild (Huang et al. 2007, View 2).
//!
//! `pairs.txt` lists folds of mated and nonmated pairs with disjoint people. For each fold the threshold is chosen on
//! the other folds and the accuracy measured on it; the mean and the standard deviation over folds are reported.

mod pairs;
mod report;

pub use pairs::{LfwError, Pair, PairSet, parse_pairs, photo_path};
pub use report::{LfwReport, ScoredPair, best_threshold, evaluate};
