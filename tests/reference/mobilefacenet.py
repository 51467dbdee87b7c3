"""Expected output of both forms of MobileFaceNet under made-up weights, by PyTorch's own modules.

    mobilefacenet.py OUT.json

The layers are those of Chen et al. 2018, table 1, in the two layouts whose weights are published: with norms, ReLU6 and
a depthwise convolution at the end (`named`), and with folded norms, PReLU and a fully connected layer (`numbered`).
Weights come from `synthetic.uniform`, so the Rust test makes the same ones. Needs torch and numpy.
"""

import json
import math
import sys

import torch
from torch import nn

import synthetic

STAGES = {"named": [(128, 64, 4), (256, 128, 6), (512, 128, 2)], "numbered": [(128, 128, 4), (256, 256, 6), (512, 256, 2)]}


def blocks(form, inputs):
    """Inputs, planes between, outputs and stride of every block."""
    for between, outputs, more in STAGES[form]:
        yield inputs, between, outputs, 2
        for _ in range(more):
            yield outputs, min(between, 256), outputs, 1
        inputs = outputs


class NamedBlock(nn.Module):
    def __init__(self, inputs, between, outputs, stride):
        super().__init__()

        def part(a, b, kernel, s, groups):
            conv = nn.Conv2d(a, b, kernel, s, kernel // 2, groups=groups, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(b), nn.ReLU6())

        self.conv = nn.Sequential(part(inputs, between, 1, 1, 1), part(between, between, 3, stride, between),
                                  nn.Conv2d(between, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = stride == 1

    def forward(self, x):
        return x + self.conv(x) if self.shortcut else self.conv(x)


class Separable(nn.Module):
    def __init__(self):
        super().__init__()
        self.depthwise = nn.Conv2d(64, 64, 3, 1, 1, groups=64, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.pointwise = nn.Conv2d(64, 64, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)

    def forward(self, x):
        return torch.relu(self.bn2(self.pointwise(torch.relu(self.bn1(self.depthwise(x))))))


class WholePlanes(nn.Module):
    def __init__(self):
        super().__init__()
        self.depthwise = nn.Conv2d(512, 512, 7, groups=512, bias=False)
        self.bn = nn.BatchNorm2d(512)

    def forward(self, x):
        return self.bn(self.depthwise(x))


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU6())
        self.dw_conv = Separable()
        self.features = nn.Sequential(*[NamedBlock(*spec) for spec in blocks("named", 64)])
        self.conv2 = nn.Sequential(nn.Conv2d(128, 512, 1, bias=False), nn.BatchNorm2d(512), nn.ReLU6())
        self.gdconv = WholePlanes()
        self.conv3 = nn.Conv2d(512, 128, 1, bias=False)
        self.bn = nn.BatchNorm2d(128)

    def forward(self, x):
        x = self.conv2(self.features(self.dw_conv(self.conv1(x))))
        return self.bn(self.conv3(self.gdconv(x))).flatten(1)


class Numbered(nn.Module):
    def __init__(self):
        super().__init__()
        mods = [nn.Conv2d(3, 128, 3, 2, 1), nn.PReLU(128), nn.Conv2d(128, 128, 3, 1, 1, groups=128), nn.PReLU(128)]
        self.starts = {}
        for inputs, between, outputs, stride in blocks("numbered", 128):
            self.starts[len(mods)] = stride == 1
            mods += [nn.Conv2d(inputs, between, 1), nn.PReLU(between),
                     nn.Conv2d(between, between, 3, stride, 1, groups=between), nn.PReLU(between),
                     nn.Conv2d(between, outputs, 1)]
        mods += [nn.Conv2d(256, 512, 1), nn.PReLU(512), nn.Conv2d(512, 64, 1), nn.PReLU(64), nn.Linear(64 * 49, 512)]
        self.mods = nn.ModuleList(mods)

    def forward(self, x):
        at = 0
        while at < len(self.mods) - 1:
            if at in self.starts:
                y = x
                for layer in self.mods[at:at + 5]:
                    y = layer(y)
                x = x + y if self.starts[at] else y
                at += 5
            else:
                x = self.mods[at](x)
                at += 1
        return self.mods[-1](x.flatten(1))


def bounds(name, shape, slopes):
    """Range of a tensor's values, so that the signal neither dies nor grows without end."""
    if name.endswith("running_mean") or name.endswith("bias"):
        return -0.2, 0.2
    if name.endswith("running_var"):
        return 0.5, 1.5
    if len(shape) == 1:  # the slope of a PReLU, the scale of a norm
        return (0.05, 0.45) if slopes else (0.6, 1.4)
    limit = math.sqrt(4.0 / (shape[1] * math.prod(shape[2:])))
    return -limit, limit


def fill(net, slopes):
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        low, high = bounds(name, tensor.shape, slopes)
        tensor.copy_(torch.from_numpy(synthetic.uniform(name, tensor.numel(), low, high)).reshape(tensor.shape))
    return net.eval()


def main(out):
    torch.set_num_threads(1)
    crops = torch.stack([torch.from_numpy(synthetic.crop(112, 112, seed)).permute(2, 0, 1) for seed in (1, 2)])
    result = {"made_by": "tests/reference/mobilefacenet.py", "crop_seeds": [1, 2]}
    for form, net in [("named", fill(Named(), False)), ("numbered", fill(Numbered(), True))]:
        with torch.no_grad():
            raw = net((crops.float() - 127.5) / 127.5)
        print(form, tuple(raw.shape), "norms", raw.norm(dim=1).tolist(),
              "cosine", torch.cosine_similarity(raw[0], raw[1], 0).item())
        result[form] = {"outputs": [[float(f"{v:.9g}") for v in row] for row in raw.tolist()]}
    with open(out, "w") as f:
        json.dump(result, f)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
