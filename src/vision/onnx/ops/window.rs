use super::{OpError, Spec};

/// Larger numbers in a window are refused: none of a real network comes near.
const MAX_NUMBER: i64 = 1 << 12;

/// How a kernel moves over planes: the attributes that convolutions and pools share.
pub(super) struct Window {
    kernel: Option<[i64; 2]>,
    strides: [i64; 2],
    dilations: [i64; 2],
    padding: Padding,
    /// Whether a last, incomplete step counts.
    ceil: bool,
}

enum Padding {
    /// Top, left, bottom, right.
    Stated([i64; 4]),
    /// As much as an output of ⌈input/stride⌉ needs, the odd one behind (or in front).
    Same { odd_in_front: bool },
}

/// Where a window stands on a plane of known size.
#[derive(Debug, PartialEq)]
pub(super) struct Placement {
    /// Height and width.
    pub output: [i64; 2],
    /// Top, left, bottom, right: what is stated.
    pub pads: [i64; 4],
    /// Bottom and right: what the last step needs beyond that.
    pub beyond: [i64; 2],
}

impl Window {
    /// Reads `auto_pad`, `kernel_shape`, `strides`, `dilations` and `pads`.
    pub(super) fn from_spec(spec: &Spec<'_>, ceil: bool) -> Result<Self, OpError> {
        let attributes = &spec.attributes;
        let pair = |name: &str| two(name, attributes.ints(name)?);
        let stated = match attributes.ints("pads")? {
            None => [0; 4],
            Some(pads) => <[i64; 4]>::try_from(pads)
                .ok()
                .filter(|pads| pads.iter().all(|p| (0..=MAX_NUMBER).contains(p)))
                .ok_or_else(|| OpError::new("its pads are not four numbers from 0 on; only planes are supported"))?,
        };
        let padding = match attributes.text_or("auto_pad", "NOTSET")?.as_str() {
            "NOTSET" | "" => Padding::Stated(stated),
            "VALID" => Padding::Stated([0; 4]),
            "SAME_UPPER" => Padding::Same { odd_in_front: false },
            "SAME_LOWER" => Padding::Same { odd_in_front: true },
            other => return Err(OpError::new(format!("its auto_pad “{other}” is not supported"))),
        };
        Ok(Self {
            kernel: pair("kernel_shape")?,
            strides: pair("strides")?.unwrap_or([1; 2]),
            dilations: pair("dilations")?.unwrap_or([1; 2]),
            padding,
            ceil,
        })
    }

    pub(super) fn kernel(&self) -> Option<[i64; 2]> {
        self.kernel
    }

    pub(super) fn strides(&self) -> [i64; 2] {
        self.strides
    }

    pub(super) fn dilations(&self) -> [i64; 2] {
        self.dilations
    }

    /// Top, left, bottom, right on planes whose sides the strides divide; `None` where the kernel is not stated.
    pub(super) fn usual_pads(&self) -> Option<[i64; 4]> {
        if let Padding::Stated(pads) = self.padding {
            return Some(pads);
        }
        // Sides that are wide enough and divisible.
        let size = self.strides.map(|stride| stride * 2 * MAX_NUMBER);
        self.place(size, self.kernel?).ok().map(|place| place.pads)
    }

    /// On planes of `size` (height, width) with a kernel of this size.
    pub(super) fn place(&self, size: [i64; 2], kernel: [i64; 2]) -> Result<Placement, OpError> {
        let (mut output, mut pads, mut beyond) = ([0; 2], [0; 4], [0; 2]);
        for axis in 0..2 {
            let (input, stride) = (size[axis], self.strides[axis]);
            let reach = (kernel[axis] - 1) * self.dilations[axis] + 1;
            let (before, behind) = match &self.padding {
                Padding::Stated(pads) => (pads[axis], pads[axis + 2]),
                Padding::Same { odd_in_front } => {
                    let steps = (input + stride - 1) / stride;
                    let total = ((steps - 1) * stride + reach - input).max(0);
                    let small = total / 2;
                    if *odd_in_front { (total - small, small) } else { (small, total - small) }
                }
            };
            let room = input + before + behind - reach;
            if input < 1 || room < 0 {
                return Err(OpError::new(format!("its kernel {kernel:?} is larger than its input {size:?}")));
            }
            let mut steps = room / stride + 1;
            // A step that begins in the padding behind sees nothing.
            if self.ceil && room % stride != 0 && steps * stride < input + before {
                steps += 1;
            }
            output[axis] = steps;
            (pads[axis], pads[axis + 2]) = (before, behind);
            beyond[axis] = ((steps - 1) * stride - room).max(0);
        }
        Ok(Placement { output, pads, beyond })
    }
}

impl Placement {
    /// One number of padding on both sides of each axis, where that is all.
    pub(super) fn symmetric(&self) -> Option<[i64; 2]> {
        let [top, left, bottom, right] = self.pads;
        (top == bottom && left == right && self.beyond == [0, 0]).then_some([top, left])
    }

    /// In the order that the library takes: last axis first, in front before behind.
    pub(super) fn all_pads(&self) -> [i64; 4] {
        let [top, left, bottom, right] = self.pads;
        [left, right + self.beyond[1], top, bottom + self.beyond[0]]
    }
}

/// Height and width of a tensor N×C×height×width.
pub(super) fn plane_size(shape: &[i64], what: impl Fn() -> String) -> Result<[i64; 2], OpError> {
    match *shape {
        [_, _, height, width] => Ok([height, width]),
        _ => Err(OpError::new(format!("{}, expected planes N×C×height×width", what()))),
    }
}

fn two(name: &str, numbers: Option<Vec<i64>>) -> Result<Option<[i64; 2]>, OpError> {
    match numbers {
        None => Ok(None),
        Some(n) if n.len() == 2 && n.iter().all(|n| (1..=MAX_NUMBER).contains(n)) => Ok(Some([n[0], n[1]])),
        Some(n) => Err(OpError::new(format!("its {name} {n:?} are not two numbers from 1 on"))),
    }
}
