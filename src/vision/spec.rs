use std::fmt;

use crate::tell;
use crate::types::Telling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tch::Kind;

use crate::vision::VisionError;
use crate::vision::align::Template;
use crate::vision::minify::Minify;

/// Name of the manifest beside imported weights.
pub(in crate::vision) const MANIFEST_FILE: &str = "manifest.toml";
/// Larger manifests are refused, in bytes.
pub(in crate::vision) const MAX_MANIFEST_BYTES: u64 = 64 << 10;
/// Longest text that any field of a manifest may hold, in bytes.
const MAX_TEXT: usize = 2000;
/// Longest model name, in bytes; it becomes a folder.
const MAX_NAME: usize = 64;
/// Most data files of one model.
const MAX_DATA_FILES: usize = 256;

/// How the weights file is read and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub enum Architecture {
    /// dlib's face recognition network, from its serialised `.dat`: 150×150 → 128.
    #[serde(rename = "dlib-resnet")]
    DlibResnet,
    /// The same with a feature pyramid over three of its stages, from safetensors.
    #[serde(rename = "dlib-resnet-fpn")]
    DlibResnetFpn,
    /// ArcFace's IR-ResNet-50, from safetensors or a state dict: 112×112 → usually 512.
    #[serde(rename = "ir-resnet-50")]
    IrResnet50,
    /// The same with a feature pyramid over its last three stages.
    #[serde(rename = "ir-resnet-50-fpn")]
    IrResnet50Fpn,
    /// ResNet-50 with bottleneck blocks, from safetensors or a state dict: 112×112 → usually 512.
    #[serde(rename = "resnet-50")]
    Resnet50,
    /// The same with a feature pyramid over its last three stages.
    #[serde(rename = "resnet-50-fpn")]
    Resnet50Fpn,
    /// MobileFaceNet, from safetensors or a state dict: 112×112 → usually 512 or 128.
    #[serde(rename = "mobilefacenet")]
    MobileFaceNet,
    /// The same with a feature pyramid over its three stages.
    #[serde(rename = "mobilefacenet-fpn")]
    MobileFaceNetFpn,
    /// A graph of operators in an ONNX file: N×3×height×width or N×height×width×3 → N×d.
    #[serde(rename = "onnx")]
    Onnx,
    /// A TorchScript program of any kind: N×3×height×width → N×d.
    #[serde(rename = "torchscript")]
    TorchScript,
}

impl Architecture {
    pub const ALL: [Self; 10] = [
        Self::DlibResnet,
        Self::DlibResnetFpn,
        Self::IrResnet50,
        Self::IrResnet50Fpn,
        Self::Resnet50,
        Self::Resnet50Fpn,
        Self::MobileFaceNet,
        Self::MobileFaceNetFpn,
        Self::Onnx,
        Self::TorchScript,
    ];

    /// The word that manifests and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::DlibResnet => "dlib-resnet",
            Self::DlibResnetFpn => "dlib-resnet-fpn",
            Self::IrResnet50 => "ir-resnet-50",
            Self::IrResnet50Fpn => "ir-resnet-50-fpn",
            Self::Resnet50 => "resnet-50",
            Self::Resnet50Fpn => "resnet-50-fpn",
            Self::MobileFaceNet => "mobilefacenet",
            Self::MobileFaceNetFpn => "mobilefacenet-fpn",
            Self::Onnx => "onnx",
            Self::TorchScript => "torchscript",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// Width and height that the layers are made for; `None` where the file alone knows.
    pub fn fixed_size(self) -> Option<[u32; 2]> {
        match self {
            Self::DlibResnet | Self::DlibResnetFpn => Some([150, 150]),
            Self::Onnx | Self::TorchScript => None,
            _ => Some([112, 112]),
        }
    }

    /// Whether a feature pyramid adds to the network's own embedding.
    pub fn has_neck(self) -> bool {
        self.with_neck() == Some(self)
    }

    /// The same network with a feature pyramid; `None` where there is none.
    pub fn with_neck(self) -> Option<Self> {
        match self {
            Self::IrResnet50 | Self::IrResnet50Fpn => Some(Self::IrResnet50Fpn),
            Self::Resnet50 | Self::Resnet50Fpn => Some(Self::Resnet50Fpn),
            Self::MobileFaceNet | Self::MobileFaceNetFpn => Some(Self::MobileFaceNetFpn),
            Self::DlibResnet | Self::DlibResnetFpn => Some(Self::DlibResnetFpn),
            Self::Onnx | Self::TorchScript => None,
        }
    }

    /// Whether the layers are Likeness's own and the file only fills them with numbers.
    pub fn is_native(self) -> bool {
        !matches!(self, Self::Onnx | Self::TorchScript)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The numbers that a native network keeps its weights in and computes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    Fp32,
    /// 16-bit floats with the exponent of 32-bit ones: half the memory, three digits instead of seven.
    Bf16,
}

impl Precision {
    /// The word that manifests and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Bf16 => "bf16",
        }
    }

    pub(in crate::vision) fn kind(self) -> Kind {
        match self {
            Self::Fp32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// In which order the network takes the colour planes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    #[default]
    Rgb,
    Bgr,
}

/// What a network takes: a crop cut to `template`, each value (pixel − mean) / std with pixels 0…255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    pub channel_order: ChannelOrder,
    /// Of the three planes in `channel_order`, 0…255.
    pub mean: [f32; 3],
    /// Of the three planes in `channel_order`, above 0.
    pub std: [f32; 3],
    /// Also gives width and height of the input.
    pub template: Template,
    /// How faces are cut that the template makes smaller than half.
    #[serde(default, skip_serializing_if = "Minify::is_usual")]
    pub minify: Minify,
}

impl InputSpec {
    /// What most networks after ArcFace take: 112×112 RGB in −1…1.
    pub const ARCFACE: Self = Self {
        channel_order: ChannelOrder::Rgb,
        mean: [127.5; 3],
        std: [127.5; 3],
        template: Template::ARCFACE,
        minify: Minify::Mip,
    };

    pub fn width(&self) -> u32 {
        self.template.size[0]
    }

    pub fn height(&self) -> u32 {
        self.template.size[1]
    }
}

/// The recipe of one embedder; a TOML file in `models/` or beside imported weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelManifest {
    /// Unique; 1 to 64 of `a-z 0-9 - _ .`, beginning with a letter or a digit. It names folders and gallery rows.
    pub name: String,
    /// For people.
    pub title: String,
    pub architecture: Architecture,
    /// File name of the weights, without a folder.
    pub weights: String,
    /// Further files that hold weights, by their path from the weights file's folder on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_files: Vec<String>,
    /// Of the weights file and then the data files, one behind the other; 64 lower-case hexadecimal digits. Checked
    /// before every use where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Of native networks; others bring their own.
    #[serde(default, skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// Length of the embedding, 1…4096.
    pub d: usize,
    /// Cosine from which on two faces count as one person's, −1…1, inclusive.
    pub threshold: f32,
    pub licence: String,
    pub source: String,
    /// What was measured with it, and what it is not good for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    pub input: InputSpec,
}

impl ModelManifest {
    /// Reads and validates a manifest. `origin` (a path, a name) stands in the error.
    pub fn parse(text: &str, origin: &str) -> Result<Self, VisionError> {
        let fail = |reason: Telling| VisionError::Manifest { origin: origin.to_owned(), reason };
        let manifest: Self = toml::from_str(text).map_err(|e| fail(e.to_string().trim().replace('\n', " ").into()))?;
        manifest.validate().map_err(fail)?;
        Ok(manifest)
    }

    /// The manifest as TOML that [`ModelManifest::parse`] reads back.
    pub fn to_toml(&self) -> Result<String, VisionError> {
        toml::to_string(self).map_err(|e| VisionError::Manifest {
            origin: self.name.clone(),
            reason: tell!("manifest-unwritten", detail = e.to_string()),
        })
    }

    /// What is wrong with the values, in one sentence.
    pub fn validate(&self) -> Result<(), Telling> {
        check_name(&self.name)?;
        check_file_name(&self.weights)?;
        check_data_files(&self.data_files, &self.weights)?;
        let notes = self.notes.as_ref().unwrap_or(&self.title);
        for (field, text) in
            [("title", &self.title), ("licence", &self.licence), ("source", &self.source), ("notes", notes)]
        {
            if text.len() > MAX_TEXT {
                return Err(tell!("manifest-too-long", field = field, max = MAX_TEXT));
            }
        }
        if let Some(hash) = &self.sha256
            && (hash.len() != 64 || !hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        {
            return Err(tell!("manifest-sha256"));
        }
        if !(1..=4096).contains(&self.d) {
            return Err(tell!("manifest-d", d = self.d));
        }
        if !(-1.0..=1.0).contains(&self.threshold) {
            return Err(tell!("manifest-threshold", threshold = self.threshold.to_string()));
        }
        if !self.precision.is_usual() && !self.architecture.is_native() {
            let (architecture, precision) = (self.architecture, self.precision.name());
            return Err(tell!("manifest-precision", architecture = architecture.name(), precision = precision));
        }
        check_input(&self.input)?;
        match self.architecture.fixed_size() {
            Some(size) if size != self.input.template.size => {
                let [w, h] = size;
                let size = format!("{w}x{h}");
                Err(tell!("manifest-fixed-size", architecture = self.architecture.name(), size = size))
            }
            _ => Ok(()),
        }
    }
}

/// Whether `name` may name a model; the reason where not.
pub(in crate::vision) fn check_name(name: &str) -> Result<(), Telling> {
    let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    let starts_well = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if starts_well && name.len() <= MAX_NAME && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(tell!("manifest-name", name = name, max = MAX_NAME))
}

fn check_file_name(name: &str) -> Result<(), Telling> {
    let bad = name.is_empty() || name.len() > 200 || name.starts_with('.') || name.contains(['/', '\\', '\0', ':']);
    if bad { Err(tell!("manifest-weights", name = name)) } else { Ok(()) }
}

/// Data files lie in the weights file's folder and have names of their own there.
fn check_data_files(files: &[String], weights: &str) -> Result<(), Telling> {
    if files.len() > MAX_DATA_FILES {
        return Err(tell!("manifest-data-files", n = files.len(), max = MAX_DATA_FILES));
    }
    let mut taken = vec![weights.to_lowercase(), MANIFEST_FILE.to_owned()];
    for file in files {
        let name = file.to_lowercase();
        if file.split('/').any(|part| check_file_name(part).is_err()) || taken.contains(&name) {
            return Err(tell!("manifest-data-file", name = file));
        }
        taken.push(name);
    }
    Ok(())
}

fn check_input(input: &InputSpec) -> Result<(), Telling> {
    let [width, height] = input.template.size;
    if !(32..=512).contains(&width) || !(32..=512).contains(&height) {
        let size = format!("{width}x{height}");
        return Err(tell!("manifest-template-size", size = size));
    }
    if !input.mean.iter().all(|m| (-1000.0..=1000.0).contains(m)) {
        return Err(tell!("manifest-mean"));
    }
    if !input.std.iter().all(|s| (1e-3..=1e6).contains(s)) {
        return Err(tell!("manifest-std"));
    }
    let inside =
        |[x, y]: [f32; 2]| (0.0..=1.0).contains(&(x / width as f32)) && (0.0..=1.0).contains(&(y / height as f32));
    if !input.template.points.iter().all(|&p| inside(p)) {
        return Err(tell!("manifest-points"));
    }
    let [left, right, ..] = input.template.points;
    if right[0] - left[0] < 4.0 {
        return Err(tell!("manifest-eyes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ModelManifest {
        ModelManifest {
            name: "some-net_1.0".to_owned(),
            title: "Some net".to_owned(),
            architecture: Architecture::TorchScript,
            weights: "net.pt".to_owned(),
            data_files: vec!["parts/one.bin".to_owned()],
            sha256: Some("0f".repeat(32)),
            precision: Precision::Fp32,
            d: 512,
            threshold: 0.25,
            licence: "MIT".to_owned(),
            source: "its author".to_owned(),
            notes: None,
            input: InputSpec::ARCFACE,
        }
    }

    #[test]
    fn a_manifest_survives_its_own_toml() {
        let manifest = sample();
        let text = manifest.to_toml().unwrap();
        assert_eq!(ModelManifest::parse(&text, "here").unwrap(), manifest);
        assert!(!text.contains("precision"), "as manifests were before there was a choice: {text}");
        let halved = ModelManifest { precision: Precision::Bf16, architecture: Architecture::Resnet50Fpn, ..manifest };
        let text = halved.to_toml().unwrap();
        assert!(text.contains("precision = \"bf16\"") && text.contains("resnet-50-fpn"), "{text}");
        assert_eq!(ModelManifest::parse(&text, "here").unwrap(), halved);
    }

    #[test]
    fn unknown_fields_are_refused_by_name() {
        let text = format!("colour = \"red\"\n{}", sample().to_toml().unwrap());
        let message = ModelManifest::parse(&text, "models/x.toml").unwrap_err().to_string();
        assert!(message.contains("colour") && message.contains("models/x.toml"), "{message}");
    }

    #[test]
    fn values_outside_their_range_are_refused() {
        type Change = (&'static str, fn(&mut ModelManifest));
        let changes: [Change; 18] = [
            ("name", |m| m.name = "../up".to_owned()),
            ("name", |m| m.name = ".hidden".to_owned()),
            ("name", |m| m.name = String::new()),
            ("weights", |m| m.weights = "../../etc/passwd".to_owned()),
            ("data-file", |m| m.data_files[0] = "../one.bin".to_owned()),
            ("data-file", |m| m.data_files[0] = "Manifest.toml".to_owned()),
            ("data-file", |m| m.data_files.push("Parts/one.bin".to_owned())),
            ("sha256", |m| m.sha256 = Some("0F".repeat(32))),
            ("bf16", |m| m.precision = Precision::Bf16),
            ("manifest-d, d 0", |m| m.d = 0),
            ("threshold", |m| m.threshold = f32::NAN),
            ("size", |m| m.input.template.size = [31, 112]),
            ("size", |m| m.input.template.size = [112, 513]),
            ("std", |m| m.input.std[1] = 0.0),
            ("mean", |m| m.input.mean[2] = f32::INFINITY),
            ("points", |m| m.input.template.points[2] = [200.0, 3.0]),
            ("eyes", |m| m.input.template.points.swap(0, 1)),
            ("150x150", |m| m.architecture = Architecture::DlibResnet),
        ];
        for (word, change) in changes {
            let mut manifest = sample();
            change(&mut manifest);
            let reason = manifest.validate().unwrap_err();
            let reason = reason.plain();
            assert!(reason.contains(word), "expected “{word}” in “{reason}”");
        }
    }

    #[test]
    fn architectures_are_found_by_the_name_that_toml_uses() {
        for a in Architecture::ALL {
            assert_eq!(Architecture::from_name(a.name()), Some(a));
            assert_eq!(serde_json::to_value(a).unwrap(), a.name());
            assert_eq!(a.has_neck(), a.name().ends_with("-fpn"));
        }
        assert_eq!(Architecture::from_name("abacus"), None);
    }
}
