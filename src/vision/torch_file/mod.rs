//! Reads state dicts of PyTorch: the zip archives of version 1.6 and later and the row of pickles before it.
//!
//! Neither needs Python or libtorch: a machine that knows the few pickle instructions a state dict needs builds plain
//! values and calls nothing, so a hostile file can at worst be refused.

mod archive;
mod directory;
mod pickle;
mod storage;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

pub(super) use directory::holds_program;

use pickle::{Bytes, Machine, TensorView, Value};
use storage::StorageKind;

/// First of the five pickles of the older format, and the second.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const PROTOCOL: i128 = 1001;
/// Numbers of all tensors together, at most; several tensors may show one storage.
const MAX_NUMBERS: usize = 1 << 29;

/// An array of 32-bit floats, dense, last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FloatArray {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// What a file of PyTorch holds.
pub(super) enum TorchFile {
    /// Arrays by name. Arrays of integers, such as counts of batches, are left out.
    StateDict(BTreeMap<String, FloatArray>),
    /// A program with its weights, which only libtorch runs.
    Script,
}

/// Whether these are the first bytes of a file that [`read`] takes.
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0x80, 2, 0x8a])
}

/// # Errors
/// What is wrong with the bytes.
pub(super) fn read(bytes: &[u8]) -> Result<TorchFile, String> {
    if !bytes.starts_with(b"PK") {
        return read_state_dict(bytes).map(TorchFile::StateDict);
    }
    let archive = archive::Archive::parse(bytes)?;
    if archive.is_script() {
        return Ok(TorchFile::Script);
    }
    let pickle = archive.file("data.pkl").ok_or("a zip archive without the data.pkl of PyTorch")?;
    if archive.file("byteorder").is_some_and(|order| order.trim_ascii() != b"little") {
        return Err("its numbers are in another byte order".into());
    }
    let entries = Machine::run(&mut Bytes::new(pickle))?;
    arrays_from(entries, |key, _| archive.file(&format!("data/{key}"))).map(TorchFile::StateDict)
}

/// All arrays of a state dict in the older format, by name.
pub(super) fn read_state_dict(bytes: &[u8]) -> Result<BTreeMap<String, FloatArray>, String> {
    let mut bytes = Bytes::new(bytes);
    if bytes.rest().starts_with(b"PK") {
        return Err("a zip archive, not the older format of the published files".into());
    }
    if !matches!(Machine::run(&mut bytes)?, Value::Int(MAGIC)) {
        return Err("not a PyTorch file".into());
    }
    if !matches!(Machine::run(&mut bytes)?, Value::Int(PROTOCOL)) {
        return Err("an unknown version of the PyTorch file format".into());
    }
    Machine::run(&mut bytes)?;
    let entries = Machine::run(&mut bytes)?;
    let Value::List(keys) = Machine::run(&mut bytes)? else { return Err("no list of storages".into()) };
    // The dict says what the storages hold, which stand behind it one after the other.
    let mut kinds = HashMap::new();
    kinds_of_storages(&entries, &mut kinds);
    let mut storages = HashMap::new();
    for key in keys {
        let Value::Text(key) = key else { return Err("a storage's key is not text".into()) };
        let kind = *kinds.get(&*key).ok_or_else(|| format!("nothing says what the storage {key} holds"))?;
        let count = usize::try_from(u64::from_le_bytes(bytes.array()?)).ok();
        let length = count.and_then(|n| n.checked_mul(kind.bytes())).ok_or("an impossible count")?;
        storages.insert(key.to_string(), bytes.take(length)?);
    }
    arrays_from(entries, |key, _| storages.get(key).copied())
}

fn kinds_of_storages(value: &Value, kinds: &mut HashMap<String, StorageKind>) {
    match value {
        Value::Tensor(view) => {
            kinds.insert(view.storage.to_string(), view.kind);
        }
        Value::Dict(entries) => entries.iter().for_each(|(_, value)| kinds_of_storages(value, kinds)),
        Value::List(items) => items.iter().for_each(|item| kinds_of_storages(item, kinds)),
        _ => {}
    }
}

/// The float arrays of a dict, or of the dict that a checkpoint has under one of the usual names.
fn arrays_from<'a>(
    entries: Value,
    storage: impl Fn(&str, StorageKind) -> Option<&'a [u8]>,
) -> Result<BTreeMap<String, FloatArray>, String> {
    let Value::Dict(mut entries) = entries else { return Err("not a state dict".into()) };
    let is_weights = |key: &Value| matches!(key, Value::Text(name) if matches!(&**name, "state_dict" | "model_state_dict" | "model" | "net"));
    let nested = entries.iter().position(|(key, value)| is_weights(key) && matches!(value, Value::Dict(_)));
    if let Some(place) = nested
        && let (_, Value::Dict(inner)) = entries.swap_remove(place)
    {
        entries = inner;
    }
    let mut arrays = BTreeMap::new();
    let mut numbers = 0;
    for (name, value) in entries {
        let (Value::Text(name), Value::Tensor(view)) = (name, value) else {
            return Err("an entry of the state dict is not a named tensor".into());
        };
        if matches!(view.kind, StorageKind::Other(_)) {
            continue;
        }
        let bytes = storage(&view.storage, view.kind).ok_or_else(|| format!("the storage of {name} is missing"))?;
        let array = gather(&view, bytes).ok_or_else(|| format!("{name} reaches past its storage"))?;
        numbers += array.data.len();
        if numbers > MAX_NUMBERS {
            return Err(format!("more than {MAX_NUMBERS} numbers"));
        }
        arrays.insert(name.to_string(), array);
    }
    Ok(arrays)
}

/// The elements of a view in order; `None` where it does not fit `storage`.
fn gather(view: &TensorView, storage: &[u8]) -> Option<FloatArray> {
    let size = view.kind.bytes();
    let count = view.shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side))?;
    if count > storage.len() / size || view.shape.len() != view.strides.len() {
        return None;
    }
    let mut data = Vec::with_capacity(count);
    for flat in 0..count {
        let (mut rest, mut place) = (flat, view.offset);
        for (&side, &stride) in view.shape.iter().zip(&view.strides).rev() {
            place = place.checked_add((rest % side).checked_mul(stride)?)?;
            rest /= side;
        }
        let start = place.checked_mul(size)?;
        data.push(view.kind.number(storage.get(start..start.checked_add(size)?)?)?);
    }
    Some(FloatArray { shape: view.shape.clone(), data })
}
