//! Reader for `dlib_face_recognition_resnet_model_v1.dat`, dlib's own serialisation of its face network.
//!
//! The stream has no index: version numbers of all layers from the output inwards, then the layers' own data from the
//! input outwards. Integers are a control byte (sign in the top bit, number of bytes in the low four) and their bytes,
//! little end first; floats are two integers, mantissa and exponent of 2; strings an integer and their bytes; tensors
//! four sizes and plain 32-bit floats. Since the network's form is known, the reader asks for exactly that form, and
//! nothing that the file says decides how much memory is taken.
//!
//! Format: `dlib/serialize.h`, `dlib/dnn/core.h`, `dlib/dnn/layers.h`; form of the network:
//! `examples/dnn_face_recognition_ex.cpp` (dlib 19.3 and later).

use std::collections::BTreeMap;
use std::fmt;

use crate::vision::layout::{DLIB_SIDE, DLIB_STAGES, DLIB_STEM_PLANES, DlibBlock, dlib_block_name};
use crate::vision::torch_file::FloatArray;

/// Length of the published descriptor.
const D: usize = 128;
/// Planes that go into the last layer.
const LAST_PLANES: usize = 256;

/// Whether these are the first bytes of a network that dlib wrote: versions of its outermost layers.
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    bytes.starts_with(&[1, 1, 1])
}

/// A convolution with the `affine` layer behind it folded into its numbers.
struct FoldedConv {
    spec: ConvSpec,
    /// outputs × inputs × kernel × kernel.
    filters: Vec<f32>,
    /// outputs.
    bias: Vec<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ConvSpec {
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
}

impl ConvSpec {
    /// dlib pads a convolution only where its stride is 1.
    fn padding(&self) -> usize {
        if self.stride == 1 { self.kernel / 2 } else { 0 }
    }

    fn weights(&self) -> usize {
        self.outputs * self.inputs * self.kernel * self.kernel
    }
}

/// Everything that the file says.
pub(super) struct DlibWeights {
    /// Subtracted from R, G and B before the division by 256.
    mean: [f32; 3],
    /// The 7×7 one at the input, then two for each block.
    convs: Vec<FoldedConv>,
    /// 256 × 128, one row for each plane.
    fc: Vec<f32>,
}

impl DlibWeights {
    /// Everything by the names that `dlib_net` reads: `input.mean`, `stem`, `blocks.i.first`, `blocks.i.second` with
    /// `weight` and `bias` each, and `fc.weight`, d×planes.
    pub(super) fn into_arrays(self) -> BTreeMap<String, FloatArray> {
        let name = |i: usize| match i {
            0 => "stem".to_owned(),
            _ => format!("{}.{}", dlib_block_name((i - 1) / 2), if i % 2 == 1 { "first" } else { "second" }),
        };
        let mut arrays = BTreeMap::new();
        let mut put = |name: String, shape: Vec<usize>, data: Vec<f32>| arrays.insert(name, FloatArray { shape, data });
        for (i, FoldedConv { spec, filters, bias }) in self.convs.into_iter().enumerate() {
            put(format!("{}.weight", name(i)), vec![spec.outputs, spec.inputs, spec.kernel, spec.kernel], filters);
            put(format!("{}.bias", name(i)), vec![spec.outputs], bias);
        }
        let fc = (0..D).flat_map(|to| self.fc.iter().skip(to).step_by(D).copied()).collect();
        put("fc.weight".to_owned(), vec![D, LAST_PLANES], fc);
        put("input.mean".to_owned(), vec![3], self.mean.to_vec());
        arrays
    }
}

/// Where the file departs from the expected form.
#[derive(Debug, PartialEq)]
pub(super) struct DatError {
    pub at: usize,
    pub reason: String,
}

impl fmt::Display for DatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.at)
    }
}

/// Reads the whole file.
pub(super) fn parse(bytes: &[u8]) -> Result<DlibWeights, DatError> {
    let mut reader = Reader { bytes, at: 0 };
    reader.expect_int(1, "version of the loss layer")?;
    reader.expect_string("loss_metric_2")?;
    reader.float()?; // margin
    reader.float()?; // distance threshold of the training
    let layers = layers();
    // The innermost layer carries the input and has a format of its own, version 3.
    for layer in layers.iter().skip(1).rev() {
        reader.expect_int(if matches!(layer, Layer::Tag) { 1 } else { 2 }, "version of a layer")?;
    }
    reader.expect_int(3, "version of the first layer")?;
    reader.expect_string("input_rgb_image_sized")?;
    let mean = [reader.float()?, reader.float()?, reader.float()?];
    reader.expect_int(DLIB_SIDE, "height of the input")?;
    reader.expect_int(DLIB_SIDE, "width of the input")?;

    let mut convs: Vec<FoldedConv> = Vec::new();
    let mut fc = Vec::new();
    for (i, layer) in layers.iter().enumerate() {
        match layer {
            Layer::Tag => continue,
            Layer::Con(spec) => convs.push(reader.con(*spec)?),
            Layer::Affine => {
                if let Some(conv) = convs.last_mut() {
                    reader.affine(conv)?;
                }
            }
            Layer::Relu => reader.expect_string("relu_")?,
            Layer::AddPrevious => reader.expect_string("add_prev_")?,
            Layer::MaxPool => reader.pool("max_pool_2", [3, 3, 2, 2, 0, 0])?,
            Layer::AvgPool => reader.pool("avg_pool_2", [2, 2, 2, 2, 0, 0])?,
            Layer::AvgPoolEverything => reader.pool("avg_pool_2", [0, 0, 1, 1, 0, 0])?,
            Layer::Fc => fc = reader.fc()?,
        }
        reader.layer_state(i == 0)?;
    }
    if reader.at != bytes.len() {
        return Err(reader.error(format!("{} bytes too many", bytes.len() - reader.at)));
    }
    Ok(DlibWeights { mean, convs, fc })
}

enum Layer {
    Con(ConvSpec),
    Affine,
    Relu,
    MaxPool,
    AvgPool,
    AvgPoolEverything,
    AddPrevious,
    Fc,
    /// Marks a place for a shortcut, or takes up from one; it has no data.
    Tag,
}

/// All layers from the input to the output.
fn layers() -> Vec<Layer> {
    let stem = ConvSpec { inputs: 3, outputs: DLIB_STEM_PLANES as usize, kernel: 7, stride: 2 };
    let mut layers = vec![Layer::Con(stem), Layer::Affine, Layer::Relu, Layer::MaxPool];
    for &DlibBlock { inputs, outputs, down } in DLIB_STAGES.iter().copied().flatten() {
        let [inputs, outputs] = [inputs, outputs].map(|planes| planes as usize);
        let first = ConvSpec { inputs, outputs, kernel: 3, stride: if down { 2 } else { 1 } };
        let second = ConvSpec { inputs: outputs, outputs, kernel: 3, stride: 1 };
        layers.extend([Layer::Tag, Layer::Con(first), Layer::Affine, Layer::Relu, Layer::Con(second), Layer::Affine]);
        if down {
            layers.extend([Layer::Tag, Layer::Tag, Layer::AvgPool]);
        }
        layers.extend([Layer::AddPrevious, Layer::Relu]);
    }
    layers.extend([Layer::AvgPoolEverything, Layer::Fc]);
    layers
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, reason: impl Into<String>) -> DatError {
        DatError { at: self.at, reason: reason.into() }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], DatError> {
        let end = self.at.checked_add(n).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else {
            return Err(DatError { at: self.bytes.len(), reason: "the file ends too early".to_owned() });
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn int(&mut self) -> Result<i64, DatError> {
        let control = self.take(1)?[0];
        let n = usize::from(control & 0x0f);
        if !(1..=8).contains(&n) || control & 0x70 != 0 {
            return Err(self.error("this is no number as dlib writes them"));
        }
        let mut little = [0; 8];
        little[..n].copy_from_slice(self.take(n)?);
        let magnitude = i64::try_from(u64::from_le_bytes(little)).map_err(|_| self.error("a number is too large"))?;
        Ok(if control & 0x80 == 0 { magnitude } else { -magnitude })
    }

    fn expect_int(&mut self, expected: i64, what: &str) -> Result<(), DatError> {
        match self.int()? {
            found if found == expected => Ok(()),
            found => Err(self.error(format!("{what} is {found}, expected {expected}"))),
        }
    }

    fn expect_ints<const N: usize>(&mut self, expected: [i64; N], what: &str) -> Result<(), DatError> {
        expected.into_iter().try_for_each(|e| self.expect_int(e, what))
    }

    fn expect_string(&mut self, expected: &str) -> Result<(), DatError> {
        let n = usize::try_from(self.int()?).ok().filter(|&n| n <= 64);
        let n = n.ok_or_else(|| self.error(format!("the layer “{expected}” is expected and no name is there")))?;
        let found = self.take(n)?;
        if found == expected.as_bytes() {
            return Ok(());
        }
        let found = String::from_utf8_lossy(found).escape_debug().to_string();
        Err(self.error(format!("the layer “{expected}” is expected, “{found}” is there")))
    }

    /// Mantissa · 2^exponent. dlib writes infinities and NaN as exponents from 32000 on; none belongs here.
    fn float(&mut self) -> Result<f32, DatError> {
        let mantissa = self.int()?;
        let exponent = i32::try_from(self.int()?).ok().filter(|e| e.abs() < 1100);
        let exponent = exponent.ok_or_else(|| self.error("a number is infinite or none"))?;
        // Two steps, since 2^exponent alone may lie outside f64 where the product does not.
        let half = exponent / 2;
        let value = (mantissa as f64 * 2f64.powi(half) * 2f64.powi(exponent - half)) as f32;
        if value.is_finite() { Ok(value) } else { Err(self.error("a number is infinite or none")) }
    }

    fn sizes(&mut self) -> Result<[i64; 4], DatError> {
        self.expect_int(2, "version of a tensor")?;
        Ok([self.int()?, self.int()?, self.int()?, self.int()?])
    }

    /// A tensor of exactly these sizes, all values finite.
    fn tensor(&mut self, expected: [usize; 4]) -> Result<Vec<f32>, DatError> {
        let sizes = self.sizes()?;
        if sizes != expected.map(|n| n as i64) {
            return Err(self.error(format!("a tensor has the sizes {sizes:?}, expected {expected:?}")));
        }
        let data = self.take(4 * expected.iter().product::<usize>())?;
        let values: Vec<f32> = data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(self.error("a weight is infinite or none")) }
    }

    /// A tensor whose values do not matter: what the training left behind. Empty in the published file.
    fn skip_tensor(&mut self) -> Result<(), DatError> {
        let sizes = self.sizes()?;
        let bytes = sizes.iter().try_fold(4usize, |n, &size| n.checked_mul(usize::try_from(size).ok()?));
        let bytes = bytes.ok_or_else(|| self.error(format!("a tensor has the sizes {sizes:?}")))?;
        self.take(bytes).map(|_| ())
    }

    /// A part of a layer's parameters, as sizes.
    fn alias(&mut self, sizes: [usize; 4]) -> Result<(), DatError> {
        self.expect_int(1, "version of a part")?;
        self.expect_ints(sizes.map(|n| n as i64), "size of a part")
    }

    /// How fast the training may change weights and biases.
    fn multipliers(&mut self) -> Result<(), DatError> {
        (0..4).try_for_each(|_| self.float().map(|_| ()))
    }

    fn con(&mut self, spec: ConvSpec) -> Result<FoldedConv, DatError> {
        self.expect_string("con_4")?;
        let mut filters = self.tensor([spec.weights() + spec.outputs, 1, 1, 1])?;
        let [outputs, kernel, stride, padding] =
            [spec.outputs, spec.kernel, spec.stride, spec.padding()].map(|n| n as i64);
        self.expect_ints([outputs, kernel, kernel, stride, stride, padding, padding], "shape of a convolution")?;
        self.alias([spec.outputs, spec.inputs, spec.kernel, spec.kernel])?;
        self.alias([1, spec.outputs, 1, 1])?;
        self.multipliers()?;
        let bias = filters.split_off(spec.weights());
        Ok(FoldedConv { spec, filters, bias })
    }

    /// y = gamma·x + beta for each plane, folded into the convolution before it.
    fn affine(&mut self, conv: &mut FoldedConv) -> Result<(), DatError> {
        self.expect_string("affine_")?;
        let planes = conv.spec.outputs;
        let parameters = self.tensor([2 * planes, 1, 1, 1])?;
        self.alias([1, planes, 1, 1])?;
        self.alias([1, planes, 1, 1])?;
        self.expect_int(0, "mode of an affine layer")?;
        let (gamma, beta) = parameters.split_at(planes);
        for (filter, g) in conv.filters.chunks_exact_mut(conv.spec.weights() / planes).zip(gamma) {
            filter.iter_mut().for_each(|w| *w *= g);
        }
        for ((bias, g), b) in conv.bias.iter_mut().zip(gamma).zip(beta) {
            *bias = *bias * g + b;
        }
        Ok(())
    }

    fn pool(&mut self, name: &str, window: [i64; 6]) -> Result<(), DatError> {
        self.expect_string(name)?;
        self.expect_ints(window, "window of a pooling layer")
    }

    fn fc(&mut self) -> Result<Vec<f32>, DatError> {
        self.expect_string("fc_2")?;
        self.expect_ints([D as i64, LAST_PLANES as i64], "size of the last layer")?;
        let weights = self.tensor([LAST_PLANES, D, 1, 1])?;
        self.alias([LAST_PLANES, D, 1, 1])?;
        self.alias([0, 0, 0, 0])?;
        self.expect_int(1, "bias mode of the last layer")?;
        self.multipliers()?;
        Ok(weights)
    }

    /// What stands behind every layer's own data: three flags and what the training left behind.
    fn layer_state(&mut self, first: bool) -> Result<(), DatError> {
        if !self.take(3)?.iter().all(|b| matches!(b, b'0' | b'1')) {
            return Err(self.error("a flag is neither 0 nor 1"));
        }
        (0..3).try_for_each(|_| self.skip_tensor())?;
        if first { self.expect_int(1, "copies made of each image") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::vision::weights_dir;
    use proptest::prelude::*;

    /// The file, which is fetched only where it is asked for; `None` and a word where it is not there.
    fn published() -> Option<&'static [u8]> {
        static PUBLISHED: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
            let path = weights_dir().join("dlib_face_recognition_resnet_model_v1.dat");
            if !path.is_file() {
                println!("skipped: `cargo xtask setup --dlib` fetches the file that is read here");
                return None;
            }
            Some(std::fs::read(path).unwrap())
        });
        PUBLISHED.as_deref()
    }

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader { bytes, at: 0 }
    }

    #[test]
    fn the_published_file_is_read_to_its_last_byte() {
        let Some(published) = published() else { return };
        let weights = parse(published).unwrap();
        assert_eq!(weights.mean, [122.782, 117.001, 104.298]);
        assert_eq!(weights.convs.len(), 29);
        assert_eq!(weights.fc.len(), 256 * 128);
        let (fc, second, plane) = (weights.fc.clone(), weights.convs[4].bias.clone(), 77);
        let arrays = weights.into_arrays();
        assert_eq!(arrays.len(), 2 * 29 + 2);
        assert_eq!(arrays["fc.weight"].data[3 * 256 + plane], fc[plane * 128 + 3]);
        assert_eq!(arrays["blocks.1.second.bias"].data, second);
        assert!(begins_like_one(published));
    }

    #[test]
    fn numbers_are_read_as_dlib_writes_them() {
        assert_eq!(reader(&[0x01, 0x00]).int(), Ok(0));
        assert_eq!(reader(&[0x02, 0x80, 0x12]).int(), Ok(0x1280));
        assert_eq!(reader(&[0x81, 0x1c]).int(), Ok(-28));
        // The loss layer's margin, 0.04, as the published file has it.
        assert_eq!(reader(&[0x03, 0x0a, 0xd7, 0xa3, 0x81, 0x1c]).float(), Ok(0.04));
        for odd in [&[0x00][..], &[0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9], &[0x11, 1], &[0x02, 1], &[]] {
            assert!(reader(odd).int().is_err(), "{odd:?}");
        }
        assert!(reader(&[8, 255, 255, 255, 255, 255, 255, 255, 255]).int().is_err());
        assert!(reader(&[0x01, 1, 0x02, 0x00, 0x7d]).float().is_err(), "exponent 32000 is infinity");
    }

    #[test]
    fn foreign_files_are_named_as_such() {
        let Some(published) = published() else { return };
        let mut resized = published.to_vec();
        resized.push(0);
        for (bytes, word) in [
            (&b"PK\x03\x04 something else"[..], "no number"),
            (b"\x01\x01\x01\x04mmod", "loss_metric_2"),
            (b"", "too early"),
            (&resized, "too many"),
        ] {
            let message = parse(bytes).err().unwrap().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_huge_tensor_is_refused_without_memory_for_it() {
        let mut bytes = vec![0x01, 2];
        for _ in 0..4 {
            bytes.extend([4, 255, 255, 255, 0x7f]);
        }
        assert!(reader(&bytes).skip_tensor().is_err());
        assert!(reader(&bytes).tensor([1, 1, 1, 1]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_truncated_file_is_an_error(share in 0.0f64..1.0) {
            if let Some(published) = published() {
                let n = (published.len() as f64 * share) as usize;
                prop_assert!(parse(&published[..n]).is_err());
            }
        }

        #[test]
        fn flipped_bits_never_panic(at in prop_oneof![0usize..20_000, 22_430_000usize..22_466_000], bit in 0u8..8) {
            if let Some(published) = published() {
                let mut bytes = published.to_vec();
                bytes[at] ^= 1 << bit;
                let _ = parse(&bytes);
            }
        }
    }

    #[test]
    fn every_flip_in_the_head_is_noticed() {
        // 334 bytes of versions, names and sizes. Only the loss layer's numbers and the mean may take other values.
        let free = [17..29, 312..330];
        let Some(published) = published() else { return };
        let mut bytes = published[..2000].to_vec();
        for at in (0..334).filter(|at| !free.iter().any(|r| r.contains(at))) {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                let error = parse(&bytes).err().unwrap();
                assert!(error.at < 400 && !error.reason.contains("too early"), "byte {at} bit {bit}: {error}");
                bytes[at] ^= 1 << bit;
            }
        }
    }
}
