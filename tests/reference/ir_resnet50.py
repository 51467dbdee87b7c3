"""Expected output of IR-ResNet-50 under made-up weights, by PyTorch's own modules.

    ir_resnet50.py OUT.json

The network is ArcFace's IR-50 (Deng et al. 2019, section 3.2.1 and the `iresnet50` layout that its published weights
use): conv 3x3-64, BN, PReLU; stages of 3, 4, 14 and 3 blocks BN-conv-BN-PReLU-conv(stride)-BN; BN, fc, BN.
Weights come from `synthetic.uniform`, so the Rust test makes the same ones. Needs torch and numpy.
"""

import json
import math
import sys

import torch
from torch import nn

import synthetic


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return y + (x if self.downsample is None else self.downsample(x))


class IrResNet50(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.prelu = nn.PReLU(64)
        inputs = 64
        for i, (outputs, blocks) in enumerate([(64, 3), (128, 4), (256, 14), (512, 3)], 1):
            stage = [Block(inputs if b == 0 else outputs, outputs, 2 if b == 0 else 1) for b in range(blocks)]
            setattr(self, f"layer{i}", nn.Sequential(*stage))
            inputs = outputs
        self.bn2 = nn.BatchNorm2d(512)
        self.dropout = nn.Dropout(0.0)
        self.fc = nn.Linear(512 * 7 * 7, d)
        self.features = nn.BatchNorm1d(d)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        x = self.fc(self.dropout(torch.flatten(self.bn2(x), 1)))
        return self.features(x)


def bounds(name, shape):
    """Range of a tensor's values: convolutions damp the signal (the shortcuts let it grow), norms are off neutral."""
    if name.endswith("running_mean") or name.endswith("bias"):
        return -0.2, 0.2
    if name.endswith("running_var"):
        return 0.5, 1.5
    if len(shape) == 1:  # the scale of a norm, the slope of a PReLU
        return (0.05, 0.45) if "prelu" in name else (0.6, 1.4)
    limit = math.sqrt(1.6 / (shape[1] * math.prod(shape[2:])))
    return -limit, limit


def fill(net):
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        low, high = bounds(name, tensor.shape)
        values = torch.from_numpy(synthetic.uniform(name, tensor.numel(), low, high))
        tensor.copy_(values.reshape(tensor.shape))
    return net.eval()


def main(out):
    torch.set_num_threads(1)
    net = fill(IrResNet50())
    crops = torch.stack([torch.from_numpy(synthetic.crop(112, 112, seed)).permute(2, 0, 1) for seed in (1, 2)])
    with torch.no_grad():
        raw = net((crops.float() - 127.5) / 127.5)
    print("parameters", sum(p.numel() for p in net.parameters()), "norms", raw.norm(dim=1).tolist(),
          "cosine", torch.cosine_similarity(raw[0], raw[1], 0).item())
    rows = [[float(f"{v:.9g}") for v in row] for row in raw.tolist()]
    with open(out, "w") as f:
        json.dump({"made_by": "tests/reference/ir_resnet50.py", "crop_seeds": [1, 2], "outputs": rows}, f)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
