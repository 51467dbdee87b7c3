//! Reads a state dict in the file format that PyTorch wrote before version 1.6.
//!
//! Such a file is a row of five pickles (magic number, protocol, machine facts, the dict itself, the keys of the
//! storages) followed by the storages: for each key a 64-bit count and that many little-endian numbers. The five
//! are read by a machine that knows the few pickle instructions a state dict needs, builds plain values and calls
//! nothing, so a hostile file can at worst be refused. Only 32-bit floats are taken.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const PROTOCOL: i128 = 1001;
/// The largest of the MTCNN files needs under a thousand.
const MAX_INSTRUCTIONS: usize = 10_000;

/// An array of 32-bit floats, dense, last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatArray {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// All arrays of a state dict by name. The error says what is wrong with the bytes.
pub fn read_state_dict(bytes: &[u8]) -> Result<BTreeMap<String, FloatArray>, String> {
    let mut bytes = Bytes { left: bytes };
    if bytes.left.starts_with(b"PK") {
        return Err("a zip archive, not the older format of the published files".into());
    }
    if !matches!(Machine::run(&mut bytes)?, Value::Int(MAGIC)) {
        return Err("not a PyTorch file".into());
    }
    if !matches!(Machine::run(&mut bytes)?, Value::Int(PROTOCOL)) {
        return Err("an unknown version of the PyTorch file format".into());
    }
    Machine::run(&mut bytes)?;
    let Value::Dict(entries) = Machine::run(&mut bytes)? else { return Err("not a state dict".into()) };
    let Value::List(keys) = Machine::run(&mut bytes)? else { return Err("no list of storages".into()) };

    let mut storages = HashMap::new();
    for key in keys {
        let Value::Text(key) = key else { return Err("a storage's key is not text".into()) };
        let count = u64::from_le_bytes(bytes.array()?);
        let length = usize::try_from(count).ok().and_then(|n| n.checked_mul(4)).ok_or("an impossible count")?;
        storages.insert(key, bytes.take(length)?);
    }
    let mut arrays = BTreeMap::new();
    for (name, value) in entries {
        let (Value::Text(name), Value::Tensor(tensor)) = (name, value) else {
            return Err("an entry of the state dict is not a named tensor".into());
        };
        let storage = storages.get(&tensor.storage).ok_or_else(|| format!("the storage of {name} is missing"))?;
        let array = tensor.gather(storage).ok_or_else(|| format!("{name} reaches past its storage"))?;
        arrays.insert(name.to_string(), array);
    }
    Ok(arrays)
}

/// What the instructions build. Shared parts are counted, so that copies cost nothing.
#[derive(Clone, Debug)]
enum Value {
    None,
    Bool,
    Int(i128),
    Text(Rc<str>),
    /// A name such as `torch._utils._rebuild_tensor_v2`; never looked up, only compared.
    Global(Rc<str>),
    Tuple(Rc<[Value]>),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Storage(Rc<str>),
    Tensor(Rc<TensorView>),
    Mark,
}

/// Where a tensor's elements stand in its storage, in elements.
#[derive(Debug)]
struct TensorView {
    storage: Rc<str>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl TensorView {
    /// The elements in order; `None` where the view does not fit `storage`.
    fn gather(&self, storage: &[u8]) -> Option<FloatArray> {
        let count = self.shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side))?;
        if count > storage.len() / 4 || self.shape.len() != self.strides.len() {
            return None;
        }
        let mut data = Vec::with_capacity(count);
        for flat in 0..count {
            let (mut rest, mut place) = (flat, self.offset);
            for (&side, &stride) in self.shape.iter().zip(&self.strides).rev() {
                place = place.checked_add((rest % side).checked_mul(stride)?)?;
                rest /= side;
            }
            let start = place.checked_mul(4)?;
            let number = storage.get(start..start.checked_add(4)?)?;
            data.push(f32::from_le_bytes(number.try_into().ok()?));
        }
        Some(FloatArray { shape: self.shape.clone(), data })
    }
}

struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (head, tail) = self.left.split_at_checked(count).ok_or("the file ends too early")?;
        self.left = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.try_into().map_err(|_| "the file ends too early".to_owned())
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    fn text(&mut self, count: usize) -> Result<Rc<str>, String> {
        std::str::from_utf8(self.take(count)?).map(Rc::from).map_err(|_| "text that is not UTF-8".to_owned())
    }

    /// Up to the next line break, which is dropped.
    fn line(&mut self) -> Result<Rc<str>, String> {
        let length = self.left.iter().position(|&b| b == b'\n').ok_or("the file ends too early")?;
        let line = self.text(length)?;
        self.take(1)?;
        Ok(line)
    }
}

#[derive(Default)]
struct Machine {
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
}

impl Machine {
    /// Runs one pickle to its end and gives its value.
    fn run(bytes: &mut Bytes) -> Result<Value, String> {
        let mut machine = Self::default();
        for _ in 0..MAX_INSTRUCTIONS {
            let instruction = bytes.byte()?;
            if instruction == b'.' {
                return machine.pop();
            }
            machine.step(instruction, bytes)?;
        }
        Err("far more instructions than a state dict needs".into())
    }

    fn step(&mut self, instruction: u8, bytes: &mut Bytes) -> Result<(), String> {
        match instruction {
            0x80 => {
                bytes.byte()?; // pickle protocol
            }
            b'(' => self.stack.push(Value::Mark),
            b'N' => self.stack.push(Value::None),
            0x88 | 0x89 => self.stack.push(Value::Bool),
            b'K' => self.push_int(bytes.byte()?),
            b'M' => self.push_int(u16::from_le_bytes(bytes.array()?)),
            b'J' => self.push_int(i32::from_le_bytes(bytes.array()?)),
            0x8a => self.push_long(bytes)?,
            b'X' => {
                let length = u32::from_le_bytes(bytes.array()?);
                self.stack.push(Value::Text(bytes.text(length as usize)?));
            }
            b'c' => {
                let (module, name) = (bytes.line()?, bytes.line()?);
                self.stack.push(Value::Global(format!("{module}.{name}").into()));
            }
            b'q' => self.memoise(bytes.byte()?.into())?,
            b'r' => self.memoise(u32::from_le_bytes(bytes.array()?))?,
            b'h' => self.recall(bytes.byte()?.into())?,
            b'j' => self.recall(u32::from_le_bytes(bytes.array()?))?,
            b'}' => self.stack.push(Value::Dict(Vec::new())),
            b']' => self.stack.push(Value::List(Vec::new())),
            b')' => self.push_tuple(Vec::new()),
            b't' => {
                let items = self.pop_to_mark()?;
                self.push_tuple(items);
            }
            0x85..=0x87 => {
                let count = usize::from(instruction - 0x84);
                let start = self.stack.len().checked_sub(count).ok_or("a tuple of too few items")?;
                let items = self.stack.split_off(start);
                self.push_tuple(items);
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(vec![key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set_items(items)?;
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                let Some(Value::List(list)) = self.stack.last_mut() else { return Err("items for no list".into()) };
                list.extend(items);
            }
            // BUILD: attributes for the object below. A state dict has version numbers there.
            b'b' => {
                self.pop()?;
            }
            b'Q' => {
                let storage = self.pop().and_then(storage_of)?;
                self.stack.push(storage);
            }
            b'R' => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                self.stack.push(rebuild(&callee, &arguments)?);
            }
            other => return Err(format!("pickle instruction {other:#04x}, which no state dict needs")),
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "a value is missing".to_owned())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.stack.iter().rposition(|v| matches!(v, Value::Mark)).ok_or("a mark is missing")?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }

    fn push_int(&mut self, value: impl Into<i128>) {
        self.stack.push(Value::Int(value.into()));
    }

    fn push_long(&mut self, bytes: &mut Bytes) -> Result<(), String> {
        let length = bytes.byte()?;
        let digits = bytes.take(length.into())?;
        if digits.len() > 16 {
            return Err("a number of more than 128 bits".into());
        }
        let is_negative = digits.last().is_some_and(|&top| top >= 0x80);
        let mut wide = [if is_negative { 0xff } else { 0 }; 16];
        wide[..digits.len()].copy_from_slice(digits);
        self.push_int(i128::from_le_bytes(wide));
        Ok(())
    }

    fn push_tuple(&mut self, items: Vec<Value>) {
        self.stack.push(Value::Tuple(items.into()));
    }

    fn set_items(&mut self, items: Vec<Value>) -> Result<(), String> {
        let Some(Value::Dict(entries)) = self.stack.last_mut() else { return Err("entries for no dict".into()) };
        let mut items = items.into_iter();
        while let Some(key) = items.next() {
            entries.push((key, items.next().ok_or("a key without a value")?));
        }
        Ok(())
    }

    /// Containers that can still grow are not kept: nothing in a state dict refers back to one.
    fn memoise(&mut self, place: u32) -> Result<(), String> {
        let top = self.stack.last().ok_or("nothing to remember")?;
        if !matches!(top, Value::List(_) | Value::Dict(_) | Value::Mark) {
            self.memo.insert(place, top.clone());
        }
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), String> {
        let value = self.memo.get(&place).ok_or("a reference to nothing")?;
        self.stack.push(value.clone());
        Ok(())
    }
}

/// A persistent id: ("storage", type, key, device, count, view).
fn storage_of(id: Value) -> Result<Value, String> {
    let Value::Tuple(parts) = &id else { return Err("a storage without description".into()) };
    match &parts[..] {
        [Value::Text(kind), Value::Global(class), Value::Text(key), ..] if &**kind == "storage" => {
            if &**class != "torch.FloatStorage" {
                return Err(format!("a {class} where 32-bit floats are expected"));
            }
            Ok(Value::Storage(key.clone()))
        }
        _ => Err("a storage without description".into()),
    }
}

/// The two calls that a state dict makes.
fn rebuild(callee: &Value, arguments: &Value) -> Result<Value, String> {
    let (Value::Global(name), Value::Tuple(arguments)) = (callee, arguments) else {
        return Err("a call of no function".into());
    };
    match (&**name, &arguments[..]) {
        ("collections.OrderedDict", []) => Ok(Value::Dict(Vec::new())),
        ("torch._utils._rebuild_tensor_v2", [Value::Storage(key), Value::Int(offset), shape, strides, ..]) => {
            Ok(Value::Tensor(Rc::new(TensorView {
                storage: key.clone(),
                offset: usize::try_from(*offset).map_err(|_| "a negative offset")?,
                shape: sizes(shape)?,
                strides: sizes(strides)?,
            })))
        }
        _ => Err(format!("a call of {name}, which no state dict makes")),
    }
}

fn sizes(value: &Value) -> Result<Vec<usize>, String> {
    let wrong = || "a shape that is no list of sizes".to_owned();
    let Value::Tuple(items) = value else { return Err(wrong()) };
    let size = |item: &Value| match item {
        Value::Int(n) => usize::try_from(*n).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    items.iter().map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file with one 2×3 tensor `w` whose storage is transposed and starts at element 1.
    fn small_file() -> Vec<u8> {
        let mut file = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.".to_vec();
        file.extend(b"\x80\x02M\xe9\x03.");
        file.extend(b"\x80\x02}.");
        file.extend(b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((");
        file.extend(b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00kX\x03\x00\x00\x00cpuK\x07Nt");
        file.extend(b"QK\x01K\x02K\x03\x86K\x01K\x02\x86\x89ccollections\nOrderedDict\n)RtRu.");
        file.extend(b"\x80\x02](X\x01\x00\x00\x00ke.");
        file.extend(7u64.to_le_bytes());
        file.extend((0..7u8).flat_map(|v| f32::from(v).to_le_bytes()));
        file
    }

    #[test]
    fn a_strided_view_is_gathered() {
        let arrays = read_state_dict(&small_file()).unwrap();
        let expected = FloatArray { shape: vec![2, 3], data: vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0] };
        assert_eq!(arrays.into_iter().collect::<Vec<_>>(), [("w".to_owned(), expected)]);
    }

    #[test]
    fn every_truncation_is_refused() {
        let file = small_file();
        for length in 0..file.len() {
            assert!(read_state_dict(&file[..length]).is_err(), "{length} of {} bytes", file.len());
        }
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        assert!(read_state_dict(b"PK\x03\x04").unwrap_err().contains("zip"));
        assert!(read_state_dict(b"<html>").unwrap_err().contains("instruction"));
        assert!(read_state_dict(&[b'('; 20_000]).unwrap_err().contains("instructions"));
        let call = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.";
        assert!(read_state_dict(call).unwrap_err().contains("os.system"));
    }

    proptest! {
        #[test]
        fn damage_never_panics(place in 0usize..400, value in any::<u8>()) {
            let mut file = small_file();
            let place = place % file.len();
            file[place] = value;
            let _either = read_state_dict(&file);
        }
    }
}
