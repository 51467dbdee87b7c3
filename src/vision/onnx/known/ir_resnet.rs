use super::arrays::Arrays;
use super::walk::{Walk, WantedConv};
use crate::vision::layout::{IR_STAGES, LAST_SIDE};
use crate::vision::onnx::ops::Form;

/// Takes the layers of IR-ResNet-50 one after the other, each under the names of the usual state dict.
pub(super) fn read(walk: &mut Walk<'_>, arrays: &mut Arrays) -> Option<()> {
    arrays.put_conv("conv1", "bn1", &walk.conv(WantedConv::new(3, 64, 3, 1))?)?;
    arrays.put("prelu.weight".to_owned(), walk.prelu(64)?, &[64])?;
    let mut inputs = 64;
    for (stage, (outputs, count)) in IR_STAGES.into_iter().enumerate() {
        for i in 0..count {
            let name = format!("layer{}.{i}", stage + 1);
            block(walk, arrays, &name, [inputs, outputs], if i == 0 { 2 } else { 1 })?;
            inputs = outputs;
        }
    }
    head(walk, arrays, inputs)
}

/// Norm, convolution, slopes and convolution beside the value itself, or beside a convolution of it where it shrinks.
fn block(walk: &mut Walk<'_>, arrays: &mut Arrays, name: &str, [inputs, outputs]: [i64; 2], stride: i64) -> Option<()> {
    let part = |part: &str| format!("{name}.{part}");
    let [a, b] = walk.two_users()?;
    let (norm, other) = if matches!(a.operator.form(), Form::Norm { .. }) { (a, b) } else { (b, a) };
    let begin = walk.at;
    arrays.put_norm(&part("bn1"), &walk.norm_of(norm)?)?;
    arrays.put_conv(&part("conv1"), &part("bn2"), &walk.conv(WantedConv::new(inputs, outputs, 3, 1))?)?;
    arrays.put(part("prelu.weight"), walk.prelu(outputs)?, &[outputs])?;
    arrays.put_conv(&part("conv2"), &part("bn3"), &walk.conv(WantedConv::new(outputs, outputs, 3, stride))?)?;
    if stride == 1 {
        return walk.add(begin);
    }
    let branch = std::mem::replace(&mut walk.at, begin);
    let shortcut = walk.conv_of(other, WantedConv::new(inputs, outputs, 1, stride))?;
    arrays.put_conv(&part("downsample.0"), &part("downsample.1"), &shortcut)?;
    walk.add(branch)
}

/// Norm, fully connected layer and norm; one that an exporter has folded away is put in as one that does nothing.
fn head(walk: &mut Walk<'_>, arrays: &mut Arrays, planes: i64) -> Option<()> {
    match walk.norm() {
        Some(norm) => arrays.put_norm("bn2", &norm)?,
        None => arrays.put_shift("bn2", None, planes)?,
    }
    walk.skip_reshapes();
    let inputs = planes * LAST_SIDE * LAST_SIDE;
    let (weight, bias) = walk.fully_connected(inputs)?;
    let d = weight.size()[0];
    arrays.put("fc.weight".to_owned(), &weight, &[d, inputs])?;
    match bias {
        Some(bias) => arrays.put("fc.bias".to_owned(), bias, &[d])?,
        None => arrays.put_zeros("fc.bias".to_owned(), d),
    }
    walk.skip_reshapes();
    match walk.norm() {
        Some(norm) => arrays.put_norm("features", &norm)?,
        None => arrays.put_shift("features", None, d)?,
    }
    walk.skip_reshapes();
    walk.is_at_output().then_some(())
}
