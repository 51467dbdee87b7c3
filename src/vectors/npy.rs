//! The header of a `.npy` file. It is read here and not by a parser of Python literals, because the file may be anybody's:
//! deep brackets and shapes beyond 64 bits must be errors, and neither a panic nor the end of the stack.

use std::io::Read;

use super::error::VectorsError;

/// Why reading stopped, without the path.
pub(super) enum Failure {
    Io(std::io::Error),
    Vectors(VectorsError),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<VectorsError> for Failure {
    fn from(error: VectorsError) -> Self {
        Self::Vectors(error)
    }
}

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// NumPy's own limit for headers of files that are not trusted.
const MAX_HEADER_BYTES: usize = 10_000;

#[derive(Debug, PartialEq)]
pub(super) struct NpyHeader {
    /// Type of the values, `<f4` for instance; a structured type as it stands there.
    pub descr: String,
    pub fortran_order: bool,
    pub shape: Vec<u64>,
    /// Bytes before the first value.
    pub data_begin: u64,
}

impl NpyHeader {
    /// Reads on behind the magic and the `version`.
    pub(super) fn read(version: Option<[u8; 2]>, reader: &mut impl Read) -> Result<Self, Failure> {
        let bad = |what: &str| Failure::from(VectorsError::Header(what.to_owned()));
        let length_bytes = match version {
            Some([1, _]) => 2,
            Some([2 | 3, _]) => 4,
            Some([major, minor]) => return Err(bad(&format!("version {major}.{minor} is not known"))),
            None => return Err(bad("it is cut off")),
        };
        let mut length = [0; 4];
        read_all(reader, &mut length[..length_bytes])?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_HEADER_BYTES {
            return Err(bad(&format!("it claims {length} bytes, more than {MAX_HEADER_BYTES}")));
        }
        let mut text = vec![0; length];
        read_all(reader, &mut text)?;
        let text = String::from_utf8(text).map_err(|_| bad("it is no text"))?;
        let data_begin = (MAGIC.len() + 2 + length_bytes + length) as u64;
        Self::from_text(&text, data_begin).ok_or_else(|| bad("it is no dictionary of descr, fortran_order and shape"))
    }

    /// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 512), }`, the keys in any order.
    fn from_text(text: &str, data_begin: u64) -> Option<Self> {
        let value = |key: &str| {
            let quoted = [format!("'{key}'"), format!("\"{key}\"")];
            let behind = quoted.iter().find_map(|quoted| Some(text.split_once(quoted.as_str())?.1))?;
            behind.trim_start().strip_prefix(':').map(str::trim_start)
        };
        let descr = value("descr")?;
        let descr = match descr.chars().next()? {
            quote @ ('\'' | '"') => descr[1..].split_once(quote)?.0.to_owned(),
            _ => "a structured type".to_owned(),
        };
        let order = value("fortran_order")?;
        let fortran_order = order.starts_with("True");
        if !fortran_order && !order.starts_with("False") {
            return None;
        }
        let inside = value("shape")?.strip_prefix('(')?.split_once(')')?.0;
        let mut shape = Vec::new();
        for side in inside.split(',').map(str::trim).filter(|side| !side.is_empty()) {
            // Python 2 wrote long integers with an L.
            shape.push(side.trim_end_matches('L').parse().ok()?);
        }
        Some(Self { descr, fortran_order, shape, data_begin })
    }

    /// The bytes of a version 1.0 header; values begin at a multiple of 64.
    pub(super) fn bytes(descr: &str, shape: &[u64]) -> Vec<u8> {
        let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
        let sides = if shape.len() == 1 { sides.trim_end() } else { sides.trim_end_matches(", ") };
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
        let before = MAGIC.len() + 4;
        let whole = (before + text.len() + 1).next_multiple_of(64);
        let length = (whole - before) as u16;
        let mut bytes = [MAGIC, &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat();
        bytes.resize(whole - 1, b' ');
        bytes.push(b'\n');
        bytes
    }
}

fn read_all(reader: &mut impl Read, buffer: &mut [u8]) -> Result<(), Failure> {
    reader.read_exact(buffer).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => VectorsError::Header("it is cut off".to_owned()).into(),
        _ => Failure::Io(error),
    })
}
