//! IR-ResNet-50's tensors under made-up weights, as `tests/reference/ir_resnet50.py` makes them.

use super::synthetic;

/// Planes and blocks of each stage.
pub const STAGES: [(usize, usize); 4] = [(64, 3), (128, 4), (256, 14), (512, 3)];

/// Shapes of all tensors, in the names of the usual state dict.
pub fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    let norm = |shapes: &mut Vec<(String, Vec<usize>)>, name: &str, planes: usize| {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            shapes.push((format!("{name}.{part}"), vec![planes]));
        }
    };
    shapes.push(("conv1.weight".into(), vec![64, 3, 3, 3]));
    norm(&mut shapes, "bn1", 64);
    shapes.push(("prelu.weight".into(), vec![64]));
    let mut inputs = 64;
    for (stage, (planes, count)) in STAGES.into_iter().enumerate() {
        for i in 0..count {
            let name = format!("layer{}.{i}", stage + 1);
            norm(&mut shapes, &format!("{name}.bn1"), inputs);
            shapes.push((format!("{name}.conv1.weight"), vec![planes, inputs, 3, 3]));
            norm(&mut shapes, &format!("{name}.bn2"), planes);
            shapes.push((format!("{name}.prelu.weight"), vec![planes]));
            shapes.push((format!("{name}.conv2.weight"), vec![planes, planes, 3, 3]));
            norm(&mut shapes, &format!("{name}.bn3"), planes);
            if i == 0 {
                shapes.push((format!("{name}.downsample.0.weight"), vec![planes, inputs, 1, 1]));
                norm(&mut shapes, &format!("{name}.downsample.1"), planes);
            }
            inputs = planes;
        }
    }
    norm(&mut shapes, "bn2", 512);
    shapes.push(("fc.weight".into(), vec![512, 512 * 49]));
    shapes.push(("fc.bias".into(), vec![512]));
    norm(&mut shapes, "features", 512);
    shapes
}

/// The numbers of a tensor.
pub fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let (low, high) = bounds(name, shape);
    synthetic::uniform(name, shape.iter().product(), low, high)
}

/// The range that the reference script gives a tensor.
fn bounds(name: &str, shape: &[usize]) -> (f64, f64) {
    if name.ends_with("running_mean") || name.ends_with("bias") {
        return (-0.2, 0.2);
    }
    if name.ends_with("running_var") {
        return (0.5, 1.5);
    }
    if shape.len() == 1 {
        return if name.contains("prelu") { (0.05, 0.45) } else { (0.6, 1.4) };
    }
    let limit = (1.6 / shape[1..].iter().product::<usize>() as f64).sqrt();
    (-limit, limit)
}
