/// What an operator computes, as far as the layers of known networks are looked for by it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::vision::onnx) enum Form {
    Conv(ConvForm),
    /// A norm with stored statistics, and what is added to the variance.
    Norm {
        epsilon: f64,
    },
    PRelu,
    Relu,
    /// Bounds that stand in attributes; the others are inputs 1 and 2.
    Clip {
        min: Option<f64>,
        max: Option<f64>,
    },
    /// Whether A and B are transposed; alpha and beta are 1.
    Gemm {
        transpose: [bool; 2],
    },
    MatMul,
    Add,
    /// The same numbers in another shape, row by row.
    Reshaped,
    /// The same floats.
    Same,
    /// The sides of its input.
    Shape,
    Other,
}

/// How a convolution moves over planes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::vision::onnx) struct ConvForm {
    /// Down and across.
    pub strides: [i64; 2],
    /// Top, left, bottom, right, on planes whose sides the strides divide; `None` where these are too small to say.
    pub pads: Option<[i64; 4]>,
    pub dilations: [i64; 2],
    pub groups: i64,
}
