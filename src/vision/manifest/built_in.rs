//! The models that come with the program.

use crate::vision::VisionError;
use crate::vision::spec::{InputSpec, ModelManifest};

/// A manifest that the program carries.
pub(super) struct BuiltIn {
    /// In the repository.
    pub path: &'static str,
    pub text: &'static str,
    /// See [`super::ModelEntry::is_extra`].
    pub is_extra: bool,
}

/// The default model first.
pub(super) const BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        path: "models/mobilefacenet-192.toml",
        text: include_str!("../../../models/mobilefacenet-192.toml"),
        is_extra: false,
    },
    BuiltIn {
        path: "models/mobilefacenet-192-covered.toml",
        text: include_str!("../../../models/mobilefacenet-192-covered.toml"),
        is_extra: false,
    },
    BuiltIn {
        path: "models/dlib-resnet-v1.toml",
        text: include_str!("../../../models/dlib-resnet-v1.toml"),
        is_extra: true,
    },
    BuiltIn {
        path: "models/dlib-resnet-covered.toml",
        text: include_str!("../../../models/dlib-resnet-covered.toml"),
        is_extra: false,
    },
];

/// Input and threshold of the built-in dlib model.
pub(super) fn dlib_defaults() -> Result<(InputSpec, f32), VisionError> {
    const DLIB: &BuiltIn = &BUILT_IN[2];
    let manifest = ModelManifest::parse(DLIB.text, DLIB.path)?;
    Ok((manifest.input, manifest.threshold))
}
