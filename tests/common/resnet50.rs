//! Tensors of bottleneck ResNet-50 and of feature pyramids under made-up weights, as `tests/reference/resnet50.py` makes
//! them.

use super::synthetic;

pub type Shapes = Vec<(String, Vec<usize>)>;

/// Length of the embeddings.
pub const D: usize = 64;

pub fn norm(shapes: &mut Shapes, name: &str, planes: usize) {
    for part in ["weight", "bias", "running_mean", "running_var"] {
        shapes.push((format!("{name}.{part}"), vec![planes]));
    }
}

fn conv(shapes: &mut Shapes, conv: &str, behind: &str, shape: [usize; 4]) {
    shapes.push((format!("{conv}.weight"), shape.to_vec()));
    norm(shapes, behind, shape[0]);
}

/// Of the network, in the names of torchvision's state dict.
pub fn shapes() -> Shapes {
    let mut shapes = Shapes::new();
    conv(&mut shapes, "conv1", "bn1", [64, 3, 3, 3]);
    let mut inputs = 64;
    for (stage, (planes, count)) in [(64, 3), (128, 4), (256, 6), (512, 3)].into_iter().enumerate() {
        for i in 0..count {
            let part = |part: &str| format!("layer{}.{i}.{part}", stage + 1);
            conv(&mut shapes, &part("conv1"), &part("bn1"), [planes, inputs, 1, 1]);
            conv(&mut shapes, &part("conv2"), &part("bn2"), [planes, planes, 3, 3]);
            conv(&mut shapes, &part("conv3"), &part("bn3"), [4 * planes, planes, 1, 1]);
            if i == 0 {
                conv(&mut shapes, &part("downsample.0"), &part("downsample.1"), [4 * planes, inputs, 1, 1]);
            }
            inputs = 4 * planes;
        }
    }
    shapes.push(("fc.weight".into(), vec![D, 2048]));
    shapes.push(("fc.bias".into(), vec![D]));
    norm(&mut shapes, "features", D);
    shapes
}

/// Of a pyramid over stages with so many planes.
pub fn pyramid(planes: [usize; 3], width: usize, is_separable: bool) -> Shapes {
    let mut shapes = Shapes::new();
    for (i, (planes, side)) in planes.into_iter().zip([28, 14, 7]).enumerate() {
        let part = |part: &str, n: usize| format!("fpn.{part}.{i}.{n}");
        conv(&mut shapes, &part("lateral", 0), &part("lateral", 1), [width, planes, 1, 1]);
        if is_separable {
            conv(&mut shapes, &part("smooth", 0), &part("smooth", 1), [width, 1, 3, 3]);
            conv(&mut shapes, &part("smooth", 2), &part("smooth", 3), [width, width, 1, 1]);
        } else {
            conv(&mut shapes, &part("smooth", 0), &part("smooth", 1), [width, width, 3, 3]);
        }
        shapes.push((format!("fpn.pool.{i}.weight"), vec![4, width]));
        shapes.push((format!("fpn.pool.{i}.place"), vec![4, side * side]));
    }
    norm(&mut shapes, "fpn.norm", 12 * width);
    shapes.push(("fpn.projection.weight".into(), vec![D, 12 * width]));
    shapes.push(("fpn.projection.bias".into(), vec![D]));
    shapes
}

/// The numbers of a tensor.
pub fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let (low, high) = match shape {
        _ if name.ends_with("running_mean") || name.ends_with("bias") => (-0.2, 0.2),
        _ if name.ends_with("running_var") => (0.5, 1.5),
        _ if name.starts_with("fpn.pool.") => (-1.0, 1.0),
        [] | [_] => (0.6, 1.4),
        [_, inner @ ..] => {
            let limit = (4.0 / inner.iter().product::<usize>() as f64).sqrt();
            (-limit, limit)
        }
    };
    synthetic::uniform(name, shape.iter().product(), low, high)
}
