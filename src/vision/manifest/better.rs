//! Which model takes the place of which.

use super::registry::ModelRegistry;

/// A model that does better than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BetterModel {
    pub name: &'static str,
    /// What was measured of both, the other one in brackets; a sentence without its full stop.
    pub figures: &'static str,
}

/// The model that is better, with the one that it is better than. Both were measured in this program on 2026-11-26, on
/// Labeled Faces in the Wild; README.md says how.
const BETTER: [(&str, BetterModel); 1] = [(
    "dlib-resnet-v1",
    BetterModel {
        name: "mobilefacenet-192",
        figures: "On Labeled Faces in the Wild it tells 99.23 % of 3,000 pairs right (the one in use 98.67 %) and finds \
                  another photo of the same person first in 98.5 % of 4,194 searches (95.0 %)",
    },
)];

impl ModelRegistry {
    /// The model that comes with the program and does better than this one, where there is one.
    pub fn better_than(name: &str) -> Option<BetterModel> {
        BETTER.iter().find(|(worse, _)| *worse == name).map(|(_, better)| *better)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_model_is_the_best_and_all_are_known() {
        let registry = ModelRegistry::open(std::path::Path::new("none")).unwrap();
        assert_eq!(ModelRegistry::better_than(ModelRegistry::default_name()), None);
        for (worse, better) in BETTER {
            registry.find(worse).unwrap();
            registry.find(better.name).unwrap();
            assert_eq!(ModelRegistry::better_than(worse), Some(better));
        }
    }
}
