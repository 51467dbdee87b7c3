//! What a BMP's header tells that its decoder does not ask for.

use super::zeros::{SUSPICIOUS, rows_break_off, trailing_zeros};

/// Whether the pixels break off in zeros.
pub(super) fn breaks_off(bytes: &[u8]) -> bool {
    let Some(header) = Header::read(bytes) else { return false };
    let Some(pixels) = bytes.get(header.data..) else { return false };
    if header.is_packed {
        // Run lengths end with a mark of their own; zeros are ends of lines.
        return trailing_zeros(pixels) >= SUSPICIOUS;
    }
    let row = (header.width * header.bits).div_ceil(32) * 4;
    rows_break_off(pixels.chunks(row.max(1)).take(header.height))
}

/// The colour profile that version 5 of the header can hold.
pub(super) fn profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let number = |at: usize| number(bytes, at, 4);
    // The third field tells "embedded"; the place is counted from the header.
    if number(14)? != 124 || bytes.get(70..74)? != b"DEBM" {
        return None;
    }
    let start = number(14 + 112)?.checked_add(14)?;
    bytes.get(start..start.checked_add(number(14 + 116)?)?).map(<[u8]>::to_vec)
}

struct Header {
    /// Where the pixels begin.
    data: usize,
    width: usize,
    height: usize,
    /// Of one pixel.
    bits: usize,
    /// By run lengths.
    is_packed: bool,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let data = number(bytes, 10, 4)?;
        if number(bytes, 14, 4)? == 12 {
            let (width, height) = (number(bytes, 18, 2)?, number(bytes, 20, 2)?);
            return Some(Self { data, width, height, bits: number(bytes, 24, 2)?, is_packed: false });
        }
        let side = |at| Some((number(bytes, at, 4)? as u32 as i32).unsigned_abs() as usize);
        let is_packed = matches!(number(bytes, 30, 4)?, 1 | 2);
        Some(Self { data, width: side(18)?, height: side(22)?, bits: number(bytes, 28, 2)?, is_packed })
    }
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte)))
}
