"""Expected output of bottleneck ResNet-50, alone and with a feature pyramid, and of MobileFaceNet with one, under made-up
weights, by PyTorch's own modules.

    resnet50.py OUT.json

The network is that of He et al. 2016 with the layout and names of torchvision's `resnet50`, but for a 3x3 stem with
stride 1 and a norm (`features`) behind the last layer. The pyramid is the one that the documentation of `NeckForm`
describes. Weights come from `synthetic.uniform`, so the Rust test makes the same ones. Needs torch and numpy.
"""

import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional

import mobilefacenet
import synthetic

D = 64


class Bottleneck(nn.Module):
    def __init__(self, inputs, between, stride):
        super().__init__()
        outputs = 4 * between
        self.conv1, self.bn1 = nn.Conv2d(inputs, between, 1, bias=False), nn.BatchNorm2d(between)
        self.conv2, self.bn2 = nn.Conv2d(between, between, 3, stride, 1, bias=False), nn.BatchNorm2d(between)
        self.conv3, self.bn3 = nn.Conv2d(between, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class ResNet50(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)
        inputs = 64
        for i, (between, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], 1):
            stage = []
            for b in range(blocks):
                stage.append(Bottleneck(inputs, between, 2 if b == 0 and i > 1 else 1))
                inputs = 4 * between
            setattr(self, f"layer{i}", nn.Sequential(*stage))
        self.fc = nn.Linear(2048, D)
        self.features = nn.BatchNorm1d(D)

    def stages(self, x):
        x = functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        levels = [x := stage(x) for stage in (self.layer1, self.layer2, self.layer3, self.layer4)][1:]
        return levels, self.features(self.fc(x.mean((2, 3))))


class Mobile(mobilefacenet.Named):
    def __init__(self):
        super().__init__()
        self.conv3, self.bn = nn.Conv2d(512, D, 1, bias=False), nn.BatchNorm2d(D)

    def stages(self, x):
        x = self.dw_conv(self.conv1(x))
        levels = []
        for blocks in (self.features[:5], self.features[5:12], self.features[12:]):
            levels.append(x := blocks(x))
        return levels, self.bn(self.conv3(self.gdconv(self.conv2(x)))).flatten(1)


class Pool(nn.Module):
    def __init__(self, width, side):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, width))
        self.place = nn.Parameter(torch.zeros(4, side * side))

    def forward(self, x):
        views = []
        for weight, place in zip(self.weight, self.place):
            scores = (x * weight[:, None, None]).sum(1).flatten(1) + place
            shares = torch.softmax(scores, 1).reshape(len(x), 1, *x.shape[2:])
            views.append((x * shares).sum((2, 3)))
        return torch.cat(views, 1)


class Pyramid(nn.Module):
    def __init__(self, planes, width, separable):
        super().__init__()

        def conv(a, b, kernel, groups=1):
            return [nn.Conv2d(a, b, kernel, 1, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(b)]

        def smooth():
            return conv(width, width, 3, width) + conv(width, width, 1) if separable else conv(width, width, 3)

        self.lateral = nn.ModuleList(nn.Sequential(*conv(n, width, 1)) for n in planes)
        self.smooth = nn.ModuleList(nn.Sequential(*smooth()) for _ in planes)
        self.pool = nn.ModuleList(Pool(width, side) for side in (28, 14, 7))
        self.norm = nn.BatchNorm1d(12 * width)
        self.projection = nn.Linear(12 * width, D)

    def forward(self, levels):
        fine, middle, coarse = [lateral(x) for lateral, x in zip(self.lateral, levels)]
        middle = middle + functional.interpolate(coarse, scale_factor=2, mode="nearest")
        fine = fine + functional.interpolate(middle, scale_factor=2, mode="nearest")
        sums = [torch.relu(smooth(x)) for smooth, x in zip(self.smooth, (fine, middle, coarse))]
        return self.projection(self.norm(torch.cat([pool(x) for pool, x in zip(self.pool, sums)], 1)))


def bounds(name, shape):
    """Range of a tensor's values, so that the signal neither dies nor grows without end."""
    if name.endswith("running_mean") or name.endswith("bias"):
        return -0.2, 0.2
    if name.endswith("running_var"):
        return 0.5, 1.5
    if name.startswith("fpn.pool."):
        return -1.0, 1.0
    if len(shape) == 1:
        return 0.6, 1.4
    limit = math.sqrt(4.0 / (shape[1] * math.prod(shape[2:])))
    return -limit, limit


def fill(net):
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        low, high = bounds(name, tensor.shape)
        tensor.copy_(torch.from_numpy(synthetic.uniform(name, tensor.numel(), low, high)).reshape(tensor.shape))
    return net.eval()


def main(out):
    torch.set_num_threads(1)
    crops = torch.stack([torch.from_numpy(synthetic.crop(112, 112, seed)).permute(2, 0, 1) for seed in (1, 2)])
    pixels = (crops.float() - 127.5) / 127.5
    result = {"made_by": "tests/reference/resnet50.py", "crop_seeds": [1, 2]}
    cases = [("resnet-50", ResNet50(), Pyramid([512, 1024, 2048], 256, False)),
             ("mobilefacenet", Mobile(), Pyramid([64, 128, 128], 64, True))]
    for name, net, pyramid in cases:
        net.fpn = pyramid
        fill(net)
        with torch.no_grad():
            levels, own = net.stages(pixels)
            added = net.fpn(levels)
        for key, raw in [(name, own), (f"{name}-fpn", own + added)]:
            print(key, tuple(raw.shape), "norms", raw.norm(dim=1).tolist(),
                  "cosine", torch.cosine_similarity(raw[0], raw[1], 0).item())
            result[key] = [[float(f"{v:.9g}") for v in row] for row in raw.tolist()]
    with open(out, "w") as f:
        json.dump(result, f)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
