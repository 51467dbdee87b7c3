use serde::{Deserialize, Serialize};

use super::{DetectorParams, Language};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

/// What a person sets and expects to find again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: ThemeChoice,
    pub text_scale: f32,
    /// `None` for the system's.
    pub language: Option<Language>,
    pub detector: DetectorParams,
    pub k: usize,
    pub model: Option<String>,
    /// The better model that the person was last told of.
    pub offered_model: Option<String>,
    /// Growth since training, as a share, at which a trained index is trained anew.
    pub retrain_share: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            text_scale: 1.0,
            language: None,
            detector: DetectorParams::default(),
            k: 20,
            model: None,
            offered_model: None,
            retrain_share: 0.1,
        }
    }
}
