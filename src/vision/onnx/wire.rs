//! A look at a file's bytes before they are taken apart.
//!
//! In the wire format of protocol buffers two bytes can become a message of two hundred in memory. Real files have a
//! few thousand small messages and large ones only where the weights are, so both kinds are counted first, without
//! building anything.

use super::OnnxError;

/// Messages and strings of a file together. A ResNet-100 has about 3,000.
const MAX_ITEMS: u64 = 1_000_000;
/// Bytes in lists of integers, each of which can become eight.
const MAX_INTEGER_BYTES: u64 = 64 << 20;

/// What stands in a field.
#[derive(Clone, Copy)]
enum Field {
    Message(&'static [(u64, Field)]),
    /// Kept as it stands: text, bytes, floats.
    Plain,
    Integers,
}

use Field::{Integers, Message, Plain};

const ENTRY: &[(u64, Field)] = &[(1, Plain), (2, Plain)];
const TENSOR: &[(u64, Field)] = &[
    (1, Integers),
    (4, Plain),
    (5, Integers),
    (7, Integers),
    (8, Plain),
    (9, Plain),
    (10, Plain),
    (11, Integers),
    (13, Message(ENTRY)),
];
const ATTRIBUTE: &[(u64, Field)] =
    &[(1, Plain), (4, Plain), (5, Message(TENSOR)), (7, Plain), (8, Integers), (3, Integers)];
const NODE: &[(u64, Field)] = &[(1, Plain), (2, Plain), (3, Plain), (4, Plain), (5, Message(ATTRIBUTE)), (7, Plain)];
const SHAPE: &[(u64, Field)] = &[(1, Message(ENTRY))];
const VALUE: &[(u64, Field)] = &[(1, Plain), (2, Message(&[(1, Message(&[(2, Message(SHAPE))]))]))];
const GRAPH: &[(u64, Field)] =
    &[(1, Message(NODE)), (2, Plain), (5, Message(TENSOR)), (11, Message(VALUE)), (12, Message(VALUE)), (15, Plain)];
const MODEL: &[(u64, Field)] = &[(2, Plain), (7, Message(GRAPH)), (8, Message(ENTRY))];

/// # Errors
/// `Malformed` where lengths do not fit, `TooMuch` where reading the file would fill the memory.
pub(super) fn check(bytes: &[u8]) -> Result<(), OnnxError> {
    let mut count = Count { items: 0, integer_bytes: 0 };
    count.message(bytes, MODEL)
}

struct Count {
    items: u64,
    integer_bytes: u64,
}

impl Count {
    fn message(&mut self, mut bytes: &[u8], fields: &[(u64, Field)]) -> Result<(), OnnxError> {
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let field = fields.iter().find(|(number, _)| *number == key >> 3).map(|(_, field)| *field);
            match key & 7 {
                0 => {
                    varint(&mut bytes)?;
                    // A list of integers may also be written one by one.
                    self.integer_bytes += if matches!(field, Some(Integers)) { 8 } else { 0 };
                }
                1 => drop(take(&mut bytes, 8)?),
                5 => drop(take(&mut bytes, 4)?),
                2 => {
                    let length = varint(&mut bytes)?;
                    let content = take(&mut bytes, length)?;
                    self.items += u64::from(field.is_some());
                    match field {
                        Some(Message(fields)) => self.message(content, fields)?,
                        Some(Integers) => self.integer_bytes += length,
                        Some(Plain) | None => {}
                    }
                }
                _ => return Err(OnnxError::Malformed("a field has an unknown type".to_owned())),
            }
            if self.items > MAX_ITEMS {
                return Err(OnnxError::TooMuch(format!("more than {MAX_ITEMS} nodes, attributes and names")));
            }
            if self.integer_bytes > MAX_INTEGER_BYTES {
                return Err(OnnxError::TooMuch("its lists of integers are too long".to_owned()));
            }
        }
        Ok(())
    }
}

fn too_short() -> OnnxError {
    OnnxError::Malformed("it ends too early".to_owned())
}

fn varint(bytes: &mut &[u8]) -> Result<u64, OnnxError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(too_short)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(OnnxError::Malformed("a number is too long".to_owned()))
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], OnnxError> {
    let length = usize::try_from(length).map_err(|_| too_short())?;
    let (head, rest) = bytes.split_at_checked(length).ok_or_else(too_short)?;
    *bytes = rest;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field with these bytes.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(content);
        bytes
    }

    #[test]
    fn a_file_of_empty_nodes_is_refused_before_it_is_read() {
        let nodes = field(1, &[]).repeat(MAX_ITEMS as usize);
        let message = check(&field(7, &nodes)).unwrap_err().to_string();
        assert!(message.contains("more than 1000000"), "{message}");
        check(&field(7, &nodes[..2000])).unwrap();
    }

    #[test]
    fn long_lists_of_integers_are_refused() {
        let dims = field(1, &vec![0; (64 << 20) + 1]);
        let message = check(&field(7, &field(5, &dims))).unwrap_err().to_string();
        assert!(message.contains("integers"), "{message}");
        // Weights of the same length are fine.
        check(&field(7, &field(5, &field(9, &vec![0; (64 << 20) + 1])))).unwrap();
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for bytes in [&[0x3a, 5, 1][..], &[0x80], &[0xff; 20], &[0x0b], &[0x3d, 0]] {
            assert!(matches!(check(bytes), Err(OnnxError::Malformed(_))), "{bytes:?}");
        }
    }
}
