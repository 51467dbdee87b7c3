//! Files that were allotted in full and filled in part: a copy that broke off leaves zero bytes to the end.

/// So many zero bytes at an end are looked at twice.
pub(super) const SUSPICIOUS: usize = 64;

/// How many zero bytes stand at the end.
pub(super) fn trailing_zeros(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|&&byte| byte == 0).count()
}

/// Whether rows of samples, as they stand in the file, break off: the last row with anything in it stops short of its
/// end, and nothing but zeros follows, where the row before goes on to its end.
///
/// Black at the edge of a picture begins with a row, or fades; one that ends exactly between two rows is not told apart
/// from a black border.
pub(super) fn rows_break_off(rows: &[&[u8]]) -> bool {
    let Some(last) = rows.iter().rposition(|row| row.iter().any(|&byte| byte != 0)) else { return false };
    let Some(before) = last.checked_sub(1).map(|before| rows[before]) else { return false };
    let row = rows[last];
    let end = row.len() - trailing_zeros(row);
    let zeros = row.len() - end + rows[last + 1..].iter().map(|row| row.len()).sum::<usize>();
    zeros >= SUSPICIOUS && is_full(&row[..end]) && before.get(end..).is_some_and(is_full)
}

/// Whether at least half of the bytes, and at least one, are something.
fn is_full(bytes: &[u8]) -> bool {
    let something = bytes.iter().filter(|&&byte| byte != 0).count();
    something > 0 && something * 2 >= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_break_off_differ_from_black_borders_and_objects_on_black() {
        let picture = |lit: &dyn Fn(usize, usize) -> bool| -> Vec<Vec<u8>> {
            (0..20).map(|y| (0..60).map(|x| if lit(x, y) { 9 } else { 0 }).collect()).collect()
        };
        let breaks_off = |rows: Vec<Vec<u8>>| rows_break_off(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert!(breaks_off(picture(&|x, y| y * 60 + x < 1000)));
        assert!(breaks_off(picture(&|x, y| y * 60 + x < 541)), "one byte into a row");
        assert!(!breaks_off(picture(&|_, y| y < 10)), "a border");
        assert!(!breaks_off(picture(&|x, y| x.abs_diff(30).pow(2) + y.abs_diff(8).pow(2) < 60)), "an object");
        assert!(!breaks_off(picture(&|_, _| true)));
        assert!(!breaks_off(picture(&|_, _| false)));
        assert!(!breaks_off(picture(&|x, y| y < 19 || x < 30)), "too few to tell");
        assert!(!breaks_off(Vec::new()));
    }
}
