//! Axes and shapes, as the standard counts and stretches them.

use crate::vision::error::OpError;

/// The axis of a tensor with `rank` axes; negative ones count from the end.
pub(super) fn axis_of(axis: i64, rank: usize) -> Result<usize, OpError> {
    let rank = rank as i64;
    let found = if axis < 0 { axis.saturating_add(rank) } else { axis };
    if (0..rank).contains(&found) {
        return Ok(found as usize);
    }
    Err(OpError::new(format!("there is no axis {axis} among {rank}")))
}

/// Several axes, each at most once.
pub(super) fn axes_of(axes: &[i64], rank: usize) -> Result<Vec<usize>, OpError> {
    let mut found = axes.iter().map(|&axis| axis_of(axis, rank)).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    if found.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(OpError::new(format!("the axes {axes:?} name one twice")));
    }
    Ok(found)
}

/// The shape that two shapes are stretched to.
pub(super) fn broadcast_shape(a: &[i64], b: &[i64]) -> Result<Vec<i64>, OpError> {
    let rank = a.len().max(b.len());
    let side = |shape: &[i64], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    (0..rank)
        .map(|i| match (side(a, i), side(b, i)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(OpError::new(format!("the shapes {a:?} and {b:?} do not go together"))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_count_from_both_ends_and_once() {
        assert_eq!(axes_of(&[-1, 0], 4).unwrap(), [0, 3]);
        for axes in [&[4][..], &[-5], &[i64::MIN], &[1, -3]] {
            assert!(axes_of(axes, 4).is_err(), "{axes:?}");
        }
    }

    #[test]
    fn shapes_are_stretched_where_they_are_one() {
        assert_eq!(broadcast_shape(&[2, 1, 5], &[3, 1]).unwrap(), [2, 3, 5]);
        assert_eq!(broadcast_shape(&[], &[0, 4]).unwrap(), [0, 4]);
        assert!(broadcast_shape(&[2, 3], &[2]).is_err());
    }
}
