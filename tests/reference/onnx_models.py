"""Expected outputs of whole networks from ONNX files, by onnxruntime.

    onnx_models.py MODELS_FOLDER OUT.json [IR_RESNET50.onnx]

One is a real file, the other IR-ResNet-50 under the made-up weights of `ir_resnet50.py`, exported by PyTorch as the
well-known published ones were (opset 11, input `input.1`); the third argument keeps that file. Needs torch, onnx,
onnxruntime and numpy.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch

import ir_resnet50
import synthetic

REAL = "mobilefacenet-foamliu/MobileFaceNet.onnx"
IMAGENET = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])


def planes(mean, std):
    crops = np.stack([synthetic.crop(112, 112, seed) for seed in (1, 2)]).astype(np.float32)
    return ((crops - np.float32(mean)) / np.float32(std)).transpose(0, 3, 1, 2).astype(np.float32).copy()


def outputs(file, x):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    rows = np.concatenate([session.run(None, {entry.name: row[None]})[0] for row in x])
    print(file, entry.name, entry.shape, rows.shape, "norms", np.linalg.norm(rows, axis=1))
    return [[float(f"{v:.9g}") for v in row] for row in rows.tolist()]


def export_ir_resnet50(file):
    net = ir_resnet50.fill(ir_resnet50.IrResNet50())
    torch.onnx.export(net, (torch.zeros(1, 3, 112, 112),), str(file), opset_version=11, input_names=["input.1"],
                      dynamic_axes={"input.1": {0: "None"}}, dynamo=False)


def main(folder, out, keep=None):
    torch.set_num_threads(1)
    models = {"made_by": f"tests/reference/onnx_models.py, onnxruntime {onnxruntime.__version__}", "crop_seeds": [1, 2]}
    models["real"] = {"file": REAL, "outputs": outputs(Path(folder) / REAL, planes(*IMAGENET))}
    with tempfile.TemporaryDirectory() as scratch:
        file = keep or Path(scratch) / "ir_resnet50.onnx"
        export_ir_resnet50(file)
        models["ir_resnet50"] = {"outputs": outputs(file, planes([127.5] * 3, [127.5] * 3))}
    with open(out, "w") as f:
        json.dump(models, f)
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
