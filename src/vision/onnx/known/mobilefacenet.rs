use super::arrays::Arrays;
use super::walk::{Walk, WantedConv};
use crate::vision::layout::{InvertedResidual, LAST_SIDE, MobileForm};
use crate::vision::onnx::plan::Plan;

/// The tensors of the form that fits.
pub(super) fn read(plan: &Plan) -> Option<Arrays> {
    MobileForm::ALL.into_iter().find_map(|form| {
        let mut reader = Reader { form, walk: Walk::new(plan), arrays: Arrays::default(), at: 0 };
        reader.layers()?;
        Some(reader.arrays)
    })
}

/// What follows a convolution.
#[derive(Clone, Copy)]
enum Activation {
    None,
    Relu,
    Relu6,
    PRelu,
}

struct Reader<'a> {
    form: MobileForm,
    walk: Walk<'a>,
    arrays: Arrays,
    /// Of the next layer, where layers are counted.
    at: usize,
}

impl Reader<'_> {
    fn layers(&mut self) -> Option<()> {
        use Activation::{None as Nothing, PRelu, Relu, Relu6};
        let planes = self.form.stem_planes();
        let first = WantedConv { pads: self.pads(2), ..WantedConv::new(3, planes, 3, 2) };
        let second = WantedConv { groups: planes, ..WantedConv::new(planes, planes, 3, 1) };
        let third = WantedConv::new(planes, planes, 1, 1);
        match self.form {
            MobileForm::Named => {
                self.layer(["conv1.0", "conv1.1"], first, Relu6)?;
                self.layer(["dw_conv.depthwise", "dw_conv.bn1"], second, Relu)?;
                self.layer(["dw_conv.pointwise", "dw_conv.bn2"], third, Relu)?;
            }
            MobileForm::Numbered => {
                self.layer(["", ""], first, PRelu)?;
                self.layer(["", ""], second, PRelu)?;
            }
            MobileForm::TensorFlow => {
                self.layer(["stem.0", ""], first, PRelu)?;
                self.layer(["stem.1", ""], second, PRelu)?;
                self.layer(["stem.2", ""], third, Nothing)?;
            }
        }
        let mut last = planes;
        for (i, block) in self.form.stages().concat().into_iter().enumerate() {
            self.block(i, block)?;
            last = block.outputs;
        }
        self.head(last)
    }

    fn block(&mut self, i: usize, block: InvertedResidual) -> Option<()> {
        let InvertedResidual { inputs, between, outputs, halves } = block;
        let stride = if halves { 2 } else { 1 };
        let begin = if halves { None } else { Some(self.walk.begin_shortcut()?) };
        let expansion = WantedConv::new(inputs, between, 1, 1);
        let depthwise =
            WantedConv { groups: between, pads: self.pads(stride), ..WantedConv::new(between, between, 3, stride) };
        let projection = WantedConv::new(between, outputs, 1, 1);
        let inner = if self.form == MobileForm::Named { Activation::Relu6 } else { Activation::PRelu };
        let names: [[String; 2]; 3] = match self.form {
            MobileForm::Named => [["0.0", "0.1"], ["1.0", "1.1"], ["2", "3"]]
                .map(|pair| pair.map(|part| format!("features.{i}.conv.{part}"))),
            _ => [0, 1, 2].map(|part| [format!("blocks.{i}.{part}"), String::new()]),
        };
        let wanted = [(expansion, inner), (depthwise, inner), (projection, Activation::None)];
        for ([conv, norm], (wanted, activation)) in names.iter().zip(wanted) {
            self.layer([conv, norm], wanted, activation)?;
        }
        begin.map_or(Some(()), |begin| self.walk.add(begin))
    }

    fn head(&mut self, planes: i64) -> Option<()> {
        let first = WantedConv::new(planes, 512, 1, 1);
        let whole = WantedConv { groups: 512, pads: [0; 4], ..WantedConv::new(512, 512, LAST_SIDE, 1) };
        let last = WantedConv { outputs: None, ..WantedConv::new(512, 512, 1, 1) };
        match self.form {
            MobileForm::Named => {
                self.layer(["conv2.0", "conv2.1"], first, Activation::Relu6)?;
                self.layer(["gdconv.depthwise", "gdconv.bn"], whole, Activation::None)?;
                self.layer(["conv3", "bn"], last, Activation::None)?;
            }
            MobileForm::TensorFlow => {
                self.layer(["head.0", ""], first, Activation::PRelu)?;
                self.layer(["head.1", ""], whole, Activation::None)?;
                self.layer(["head.2", ""], WantedConv::new(512, 512, 1, 1), Activation::None)?;
                self.layer(["head.3", ""], last, Activation::None)?;
            }
            MobileForm::Numbered => {
                self.layer(["", ""], first, Activation::PRelu)?;
                self.layer(["", ""], WantedConv::new(512, 64, 1, 1), Activation::PRelu)?;
                self.walk.skip_reshapes();
                self.fully_connected(64 * LAST_SIDE * LAST_SIDE)?;
            }
        }
        self.walk.skip_reshapes();
        self.walk.is_at_output().then_some(())
    }

    /// A fully connected layer with the norm behind it folded in.
    fn fully_connected(&mut self, inputs: i64) -> Option<()> {
        let (mut weight, bias) = self.walk.fully_connected(inputs)?;
        let d = weight.size()[0];
        let mut bias = match bias {
            Some(bias) => bias.f_reshape([-1]).ok()?,
            None => weight.f_new_zeros([d], (weight.kind(), weight.device())).ok()?,
        };
        if let Some(norm) = self.walk.norm() {
            let [scale, shift] = norm.scale_and_shift().ok()?;
            weight = weight.f_mul(&scale.f_reshape([-1, 1]).ok()?).ok()?;
            bias = bias.f_mul(&scale).ok()?.f_add(&shift).ok()?;
        }
        self.arrays.put(format!("mods.{}.weight", self.at), &weight, &[d, inputs])?;
        self.arrays.put(format!("mods.{}.bias", self.at), &bias, &[d])
    }

    /// The next layer under the names of its convolution and of its norm, where the form has these.
    fn layer(&mut self, [conv, norm]: [&str; 2], wanted: WantedConv, activation: Activation) -> Option<()> {
        let found = self.walk.conv(wanted)?;
        let planes = found.weight.size()[0];
        let counted = format!("mods.{}", self.at);
        let conv = if self.form == MobileForm::Numbered { counted.as_str() } else { conv };
        self.at += 1;
        if self.form == MobileForm::Named {
            self.arrays.put_conv(conv, norm, &found)?;
        } else {
            self.arrays.put_conv_with_bias(conv, &found)?;
        }
        match activation {
            Activation::None => Some(()),
            Activation::Relu => self.walk.relu(),
            Activation::Relu6 => self.walk.relu6(),
            Activation::PRelu => {
                let slopes = self.walk.prelu(planes)?;
                let name = match self.form {
                    MobileForm::Numbered => format!("mods.{}.weight", self.at),
                    _ => format!("{conv}.prelu.weight"),
                };
                self.at += 1;
                self.arrays.put(name, slopes, &[planes])
            }
        }
    }

    /// Around a 3×3 kernel.
    fn pads(&self, stride: i64) -> [i64; 4] {
        if stride == 2 && self.form.pads_behind() { [0, 0, 1, 1] } else { [1; 4] }
    }
}
