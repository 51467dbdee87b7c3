//! The part of Python's pickle format that state dicts use. By hand, because general readers build whatever a file asks for, and
//! weights come from anywhere.

use std::collections::HashMap;
use std::rc::Rc;

use super::storage::StorageKind;

/// The largest of the MTCNN files needs under a thousand, a ResNet-100 some 30,000.
const MAX_INSTRUCTIONS: usize = 1_000_000;

/// What the instructions build. Shared parts are counted, so that copies cost nothing.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool,
    Int(i128),
    Text(Rc<str>),
    /// A name such as `torch._utils._rebuild_tensor_v2`; never looked up, only compared.
    Global(Rc<str>),
    /// With its depth, see [`depth_of`].
    Tuple(Rc<[Value]>, u8),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Storage(Rc<str>, StorageKind),
    Tensor(Rc<TensorView>),
    Mark,
}

/// Where a tensor's elements stand in its storage, in elements.
#[derive(Debug)]
pub(super) struct TensorView {
    pub storage: Rc<str>,
    pub kind: StorageKind,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

pub(super) struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.left
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (head, tail) = self.left.split_at_checked(count).ok_or("the file ends too early")?;
        self.left = tail;
        Ok(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
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
pub(super) struct Machine {
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
}

impl Machine {
    /// Runs one pickle to its end and gives its value.
    pub(super) fn run(bytes: &mut Bytes) -> Result<Value, String> {
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
            b')' => self.push_tuple(Vec::new())?,
            b't' => {
                let items = self.pop_to_mark()?;
                self.push_tuple(items)?;
            }
            0x85..=0x87 => {
                let count = usize::from(instruction - 0x84);
                let start = self.stack.len().checked_sub(count).ok_or("a tuple of too few items")?;
                let items = self.stack.split_off(start);
                self.push_tuple(items)?;
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
                items.iter().try_for_each(refuse_deep)?;
                let Some(Value::List(list)) = self.stack.last_mut() else { return Err("items for no list".into()) };
                list.extend(items);
            }
            b'a' => {
                let item = self.pop()?;
                refuse_deep(&item)?;
                let Some(Value::List(list)) = self.stack.last_mut() else { return Err("an item for no list".into()) };
                list.push(item);
            }
            // A float, as in the settings of a checkpoint.
            b'G' => {
                bytes.array::<8>()?;
                self.stack.push(Value::None);
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

    fn push_tuple(&mut self, items: Vec<Value>) -> Result<(), String> {
        items.iter().try_for_each(refuse_deep)?;
        let depth = 1 + items.iter().map(depth_of).max().unwrap_or(0);
        self.stack.push(Value::Tuple(items.into(), depth));
        Ok(())
    }

    fn set_items(&mut self, items: Vec<Value>) -> Result<(), String> {
        items.iter().try_for_each(refuse_deep)?;
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

/// How many containers lie in each other.
fn depth_of(value: &Value) -> u8 {
    match value {
        Value::Tuple(_, depth) => *depth,
        Value::List(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Dict(entries) => {
            1 + entries.iter().map(|(key, value)| depth_of(key).max(depth_of(value))).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// Values that lie too deep in each other would fill the thread's stack when they are let go.
fn refuse_deep(value: &Value) -> Result<(), String> {
    if depth_of(value) < 16 { Ok(()) } else { Err("containers lie too deep in each other".into()) }
}

/// A persistent id: ("storage", type, key, device, count, view).
fn storage_of(id: Value) -> Result<Value, String> {
    let Value::Tuple(parts, _) = &id else { return Err("a storage without description".into()) };
    match &parts[..] {
        [Value::Text(word), Value::Global(class), Value::Text(key), ..] if &**word == "storage" => {
            let kind = StorageKind::from_class(class).ok_or_else(|| format!("a {class}, which no weights are in"))?;
            Ok(Value::Storage(key.clone(), kind))
        }
        _ => Err("a storage without description".into()),
    }
}

/// The calls that a state dict makes.
fn rebuild(callee: &Value, arguments: &Value) -> Result<Value, String> {
    let (Value::Global(name), Value::Tuple(arguments, _)) = (callee, arguments) else {
        return Err("a call of no function".into());
    };
    match (&**name, &arguments[..]) {
        ("collections.OrderedDict", []) => Ok(Value::Dict(Vec::new())),
        ("torch._utils._rebuild_tensor_v2", [Value::Storage(key, kind), Value::Int(offset), shape, strides, ..]) => {
            Ok(Value::Tensor(Rc::new(TensorView {
                storage: key.clone(),
                kind: *kind,
                offset: usize::try_from(*offset).map_err(|_| "a negative offset")?,
                shape: sizes(shape)?,
                strides: sizes(strides)?,
            })))
        }
        ("torch._utils._rebuild_parameter", [Value::Tensor(view), ..]) => Ok(Value::Tensor(view.clone())),
        _ => Err(format!("a call of {name}, which no state dict makes")),
    }
}

fn sizes(value: &Value) -> Result<Vec<usize>, String> {
    let wrong = || "a shape that is no list of sizes".to_owned();
    let Value::Tuple(items, _) = value else { return Err(wrong()) };
    let size = |item: &Value| match item {
        Value::Int(n) => usize::try_from(*n).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    items.iter().map(size).collect()
}
