//! Weights from their messages. All floating point numbers become 32-bit ones, all integers 64-bit ones.

use half::{bf16, f16};
use prost::bytes::Bytes;
use tch::{Device, Tensor};

use super::OnnxError;
use super::external::ExternalFiles;
use super::proto::{TensorProto, data_type};

/// Elements of one tensor, at most: a gigabyte of floats.
pub(super) const MAX_ELEMENTS: i64 = 1 << 28;

/// The tensor, floats on `device`, integers and truth values on the processor, where shapes are worked out.
///
/// # Errors
/// `Tensor` with its name: impossible sizes, too little or too much data, types that no network computes in, NaN,
/// and infinite values in anything but a single number. `ExternalData` where the file beside is missing or too short.
pub(super) fn tensor_from_proto(
    proto: &TensorProto,
    files: &mut ExternalFiles,
    device: Device,
) -> Result<Tensor, OnnxError> {
    let fail = |reason: String| OnnxError::Tensor { name: proto.name.clone(), reason };
    let count = element_count(&proto.dims).map_err(fail)?;
    let raw = raw_bytes(proto, count, files)?;
    let values = values_from(proto, raw.as_deref()).map_err(fail)?;
    if values.len() != count {
        return Err(fail(format!("has {} values, its shape {:?} needs {count}", values.len(), proto.dims)));
    }
    let tensor = match values {
        Values::Floats(values) => {
            if values.iter().any(|v| v.is_nan() || (v.is_infinite() && count > 1)) {
                return Err(fail("holds NaN or infinite values".to_owned()));
            }
            Tensor::f_from_slice(&values)?.f_to_device(device)?
        }
        Values::Integers(values) => Tensor::f_from_slice(&values)?,
        Values::Truths(values) => Tensor::f_from_slice(&values)?,
    };
    Ok(tensor.f_reshape(&proto.dims)?)
}

/// A tensor in an attribute, on the processor; its data stand in the file itself.
///
/// # Errors
/// As [`tensor_from_proto`], and data in another file.
pub(super) fn tensor_of_attribute(proto: &TensorProto) -> Result<Tensor, OnnxError> {
    if proto.data_location != 0 {
        let reason = "has its data in another file, which is not supported in an attribute".to_owned();
        return Err(OnnxError::Tensor { name: proto.name.clone(), reason });
    }
    tensor_from_proto(proto, &mut ExternalFiles::new(std::path::Path::new("")), Device::Cpu)
}

enum Values {
    Floats(Vec<f32>),
    Integers(Vec<i64>),
    Truths(Vec<bool>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Truths(values) => values.len(),
        }
    }
}

fn element_count(dims: &[i64]) -> Result<usize, String> {
    let product = dims.iter().try_fold(1i64, |n, &side| if side < 0 { None } else { n.checked_mul(side) });
    match product.filter(|&n| n <= MAX_ELEMENTS && dims.len() <= 8) {
        Some(n) => Ok(n as usize),
        None => Err(format!("has the shape {dims:?}, which is impossible or too large")),
    }
}

/// Bytes of one element in `raw_data` and in files.
fn element_bytes(data_type: i32) -> Result<usize, String> {
    match data_type {
        data_type::BOOL | data_type::UINT8 | data_type::INT8 => Ok(1),
        data_type::FLOAT16 | data_type::BFLOAT16 | data_type::INT16 | data_type::UINT16 => Ok(2),
        data_type::FLOAT | data_type::INT32 | data_type::UINT32 => Ok(4),
        data_type::DOUBLE | data_type::INT64 | data_type::UINT64 => Ok(8),
        other => Err(format!("holds elements of type {other}, which are not supported")),
    }
}

/// The data where it is stored as bytes, of exactly the length that `count` elements need.
fn raw_bytes(proto: &TensorProto, count: usize, files: &mut ExternalFiles) -> Result<Option<Bytes>, OnnxError> {
    let fail = |reason: String| OnnxError::Tensor { name: proto.name.clone(), reason };
    let wanted = count * element_bytes(proto.data_type).map_err(fail)?;
    match proto.data_location {
        0 if proto.raw_data.is_empty() => Ok(None),
        0 if proto.raw_data.len() == wanted => Ok(Some(proto.raw_data.clone())),
        0 => {
            let (found, dims) = (proto.raw_data.len(), &proto.dims);
            Err(fail(format!("has {found} bytes of data, its shape {dims:?} needs {wanted}")))
        }
        1 => files.read(proto, wanted).map(|bytes| Some(bytes.into())),
        other => Err(fail(format!("says that its data is in place {other}, which is unknown"))),
    }
}

fn values_from(proto: &TensorProto, raw: Option<&[u8]>) -> Result<Values, String> {
    use data_type::{BFLOAT16, BOOL, DOUBLE, FLOAT, FLOAT16, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64};
    let halves = || proto.int32_data.iter().map(|&bits| bits as u16);
    let small = || proto.int32_data.iter().map(|&v| i64::from(v)).collect();
    let too_large = || "holds an integer that is too large".to_owned();
    Ok(match (proto.data_type, raw) {
        (FLOAT, Some(raw)) => Values::Floats(each(raw, f32::from_le_bytes)),
        (FLOAT, None) => Values::Floats(proto.float_data.clone()),
        (DOUBLE, Some(raw)) => Values::Floats(each(raw, |b| f64::from_le_bytes(b) as f32)),
        (DOUBLE, None) => Values::Floats(proto.double_data.iter().map(|&v| v as f32).collect()),
        (FLOAT16, Some(raw)) => Values::Floats(each(raw, |b| f16::from_le_bytes(b).to_f32())),
        (FLOAT16, None) => Values::Floats(halves().map(|bits| f16::from_bits(bits).to_f32()).collect()),
        (BFLOAT16, Some(raw)) => Values::Floats(each(raw, |b| bf16::from_le_bytes(b).to_f32())),
        (BFLOAT16, None) => Values::Floats(halves().map(|bits| bf16::from_bits(bits).to_f32()).collect()),
        (INT64, Some(raw)) => Values::Integers(each(raw, i64::from_le_bytes)),
        (INT64, None) => Values::Integers(proto.int64_data.clone()),
        (INT32, Some(raw)) => Values::Integers(each(raw, |b| i32::from_le_bytes(b).into())),
        (INT16, Some(raw)) => Values::Integers(each(raw, |b| i16::from_le_bytes(b).into())),
        (UINT16, Some(raw)) => Values::Integers(each(raw, |b| u16::from_le_bytes(b).into())),
        (UINT8, Some(raw)) => Values::Integers(each(raw, |[b]| b.into())),
        (INT8, Some(raw)) => Values::Integers(each(raw, |b| i8::from_le_bytes(b).into())),
        (INT32 | INT16 | UINT16 | UINT8 | INT8, None) => Values::Integers(small()),
        (UINT32, Some(raw)) => Values::Integers(each(raw, |b| u32::from_le_bytes(b).into())),
        (UINT64, Some(raw)) => {
            let values: Vec<u64> = each(raw, u64::from_le_bytes);
            Values::Integers(values.into_iter().map(i64::try_from).collect::<Result<_, _>>().map_err(|_| too_large())?)
        }
        (UINT32 | UINT64, None) => {
            let values = proto.uint64_data.iter().map(|&v| i64::try_from(v));
            Values::Integers(values.collect::<Result<_, _>>().map_err(|_| too_large())?)
        }
        (BOOL, Some(raw)) => Values::Truths(each(raw, |[b]| b != 0)),
        (BOOL, None) => Values::Truths(proto.int32_data.iter().map(|&v| v != 0).collect()),
        (other, _) => return Err(format!("holds elements of type {other}, which are not supported")),
    })
}

fn each<const N: usize, T>(raw: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    raw.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(proto: &TensorProto) -> Result<Vec<f64>, String> {
        let mut files = ExternalFiles::new(Path::new("."));
        let tensor = tensor_from_proto(proto, &mut files, Device::Cpu).map_err(|e| e.to_string())?;
        assert_eq!(tensor.size(), proto.dims);
        Ok(Vec::<f64>::try_from(&tensor.reshape([-1]).to_kind(tch::Kind::Double)).unwrap())
    }

    fn proto(data_type: i32, dims: &[i64]) -> TensorProto {
        TensorProto { name: "w".to_owned(), data_type, dims: dims.to_vec(), ..TensorProto::default() }
    }

    #[test]
    fn every_type_is_read_from_bytes_and_from_its_field() {
        let raw =
            |data_type, raw: &[u8]| TensorProto { raw_data: Bytes::copy_from_slice(raw), ..proto(data_type, &[2]) };
        let two = [1.0f32, -2.0].map(f32::to_le_bytes).concat();
        let cases = [
            raw(data_type::FLOAT, &two),
            raw(data_type::DOUBLE, &[1.0f64, -2.0].map(f64::to_le_bytes).concat()),
            raw(data_type::FLOAT16, &[0x00, 0x3c, 0x00, 0xc0]),
            raw(data_type::BFLOAT16, &[0x80, 0x3f, 0x00, 0xc0]),
            raw(data_type::INT64, &[1i64, -2].map(i64::to_le_bytes).concat()),
            raw(data_type::INT32, &[1i32, -2].map(i32::to_le_bytes).concat()),
            raw(data_type::INT16, &[1i16, -2].map(i16::to_le_bytes).concat()),
            raw(data_type::INT8, &[1, 0xfe]),
            TensorProto { float_data: vec![1.0, -2.0], ..proto(data_type::FLOAT, &[2]) },
            TensorProto { double_data: vec![1.0, -2.0], ..proto(data_type::DOUBLE, &[2]) },
            TensorProto { int32_data: vec![0x3c00, 0xc000], ..proto(data_type::FLOAT16, &[2]) },
            TensorProto { int32_data: vec![0x3f80, 0xc000], ..proto(data_type::BFLOAT16, &[2]) },
            TensorProto { int64_data: vec![1, -2], ..proto(data_type::INT64, &[2]) },
            TensorProto { int32_data: vec![1, -2], ..proto(data_type::INT32, &[2]) },
        ];
        for case in cases {
            assert_eq!(read(&case).unwrap(), [1.0, -2.0], "{case:?}");
        }
        let truths = TensorProto { int32_data: vec![1, 0], ..proto(data_type::BOOL, &[2]) };
        assert_eq!(read(&truths).unwrap(), [1.0, 0.0]);
        let wide = TensorProto { uint64_data: vec![1, 7], ..proto(data_type::UINT64, &[2]) };
        assert_eq!(read(&wide).unwrap(), [1.0, 7.0]);
        assert!(read(&proto(data_type::FLOAT, &[0])).unwrap().is_empty());
    }

    #[test]
    fn impossible_tensors_are_refused_by_name() {
        let floats = |dims: &[i64], float_data| TensorProto { float_data, ..proto(data_type::FLOAT, dims) };
        for (case, word) in [
            (floats(&[3], vec![0.0; 2]), "needs 3"),
            (floats(&[-1], vec![]), "impossible"),
            (floats(&[i64::MAX, i64::MAX, 4], vec![]), "impossible"),
            (floats(&[1 << 20, 1 << 20], vec![]), "too large"),
            (floats(&[2], vec![1.0, f32::NAN]), "NaN"),
            (floats(&[2], vec![1.0, f32::INFINITY]), "infinite"),
            (TensorProto { raw_data: Bytes::from_static(&[0; 7]), ..proto(data_type::FLOAT, &[2]) }, "7 bytes"),
            (proto(8, &[2]), "type 8"),
            (TensorProto { data_location: 4, ..proto(data_type::FLOAT, &[2]) }, "place 4"),
            (TensorProto { uint64_data: vec![u64::MAX], ..proto(data_type::UINT64, &[1]) }, "too large"),
        ] {
            let message = read(&case).unwrap_err();
            assert!(message.contains(word) && message.contains("“w”"), "{message}");
        }
    }
}
