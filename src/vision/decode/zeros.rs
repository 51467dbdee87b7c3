//! Files that were allotted in full and filled in part: a copy that broke off leaves zero bytes to the end.

/// So many zero bytes at an end are looked at twice.
pub(super) const SUSPICIOUS: usize = 64;

/// How many zero bytes stand at the end.
pub(super) fn trailing_zeros(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|&&byte| byte == 0).count()
}

/// So many rows of zeros follow where rows are said to break off. What is lost with fewer is of no account, and a photo
/// that was straightened by a little leaves that many behind.
const EMPTY_ROWS: usize = 3;

/// Whether rows of samples, as they stand in the file, break off: the last row with anything in it stops short of its
/// end, and rows of nothing but zeros follow, where the row before goes on to its end.
///
/// Black at the edge of a picture begins with a row, or fades, or, where a photo was straightened, takes a little more of
/// each row than of the one before. A file that ends exactly between two rows is not told apart from a black border.
pub(super) fn rows_break_off<'a>(rows: impl DoubleEndedIterator<Item = &'a [u8]>) -> bool {
    let mut rows = rows.rev();
    let (mut zeros, mut empty) = (0, 0);
    let row = loop {
        let Some(row) = rows.next() else { return false };
        if row.iter().any(|&byte| byte != 0) {
            break row;
        }
        zeros += row.len();
        empty += 1;
    };
    let Some(before) = rows.next() else { return false };
    let end = row.len() - trailing_zeros(row);
    zeros += row.len() - end;
    zeros >= SUSPICIOUS
        && empty >= EMPTY_ROWS
        && is_full(&row[..end])
        && before.get(end..).is_some_and(is_full)
        && trailing_zeros(before) < SUSPICIOUS
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
        let breaks_off = |rows: Vec<Vec<u8>>| rows_break_off(rows.iter().map(Vec::as_slice));
        assert!(breaks_off(picture(&|x, y| y * 60 + x < 1000)));
        assert!(breaks_off(picture(&|x, y| y * 60 + x < 541)), "one byte into a row");
        assert!(!breaks_off(picture(&|_, y| y < 10)), "a border");
        assert!(!breaks_off(picture(&|x, y| x.abs_diff(30).pow(2) + y.abs_diff(8).pow(2) < 60)), "an object");
        assert!(!breaks_off(picture(&|_, _| true)));
        assert!(!breaks_off(picture(&|_, _| false)));
        assert!(!breaks_off(picture(&|x, y| y < 17 || y == 17 && x < 30)), "too few to tell");
        assert!(!breaks_off(Vec::new()));
    }

    #[test]
    fn a_photo_that_was_straightened_a_little_does_not_break_off() {
        // Turned by an angle about its middle; what it does not cover is black.
        let straightened = |[width, height]: [usize; 2], degrees: f64| -> Vec<Vec<u8>> {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let (w, h) = (width as f64, height as f64);
            let inside = |x: usize, y: usize| {
                let (dx, dy) = (x as f64 + 0.5 - w / 2.0, y as f64 + 0.5 - h / 2.0);
                let (u, v) = (dx * cos + dy * sin + w / 2.0, dy * cos - dx * sin + h / 2.0);
                (0.0..w).contains(&u) && (0.0..h).contains(&v)
            };
            let row = |y| (0..width).flat_map(|x| [if inside(x, y) { 77 } else { 0 }; 3]).collect();
            (0..height).map(row).collect()
        };
        let mut refused = Vec::new();
        for size in [[300, 200], [601, 97], [97, 301]] {
            for n in 1..=60 {
                for degrees in [0.01, 0.03, 0.1, 0.5].map(|step: f64| step * f64::from(n)) {
                    for degrees in [degrees, -degrees] {
                        let rows = straightened(size, degrees);
                        if rows_break_off(rows.iter().map(Vec::as_slice)) {
                            refused.push((size, degrees));
                        }
                    }
                }
            }
        }
        assert_eq!(refused, []);
        // The same cut: told, wherever it is cut.
        for degrees in [0.0, 0.01, 0.1, 1.0] {
            let whole = straightened([300, 200], degrees).concat();
            for share in [0.3, 0.5, 0.7, 0.9] {
                let mut cut = whole.clone();
                let from = (cut.len() as f64 * share) as usize + 451;
                cut[from..].fill(0);
                assert!(rows_break_off(cut.chunks(900)), "{degrees}° from {share} on");
            }
        }
    }
}
