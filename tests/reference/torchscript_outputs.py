"""Outputs of the TorchScript evaluation models for made-up crops, by PyTorch.

    torchscript_outputs.py MODELS_FOLDER OUT.json

Input: 112x112 RGB, (pixel - 127.5) / 127.5. Needs torch and numpy.
"""

import json
import sys
from pathlib import Path

import torch

import synthetic

FILES = ["edgeface-xs/edgeface_xs_q_float32.torchscript.pt", "mobilefacenet-mbf/mbf_from_espdl_int8.torchscript.pt"]


def main(folder, out):
    torch.set_num_threads(1)
    crops = torch.stack([torch.from_numpy(synthetic.crop(112, 112, seed)).permute(2, 0, 1) for seed in (1, 2)])
    models = []
    for file in FILES:
        net = torch.jit.load(str(Path(folder) / file), map_location="cpu").eval()
        with torch.no_grad():
            raw = net((crops.float() - 127.5) / 127.5)
        print(file, tuple(raw.shape), raw.norm(dim=1).tolist(), torch.cosine_similarity(raw[0], raw[1], 0).item())
        models.append({"file": file, "outputs": [[float(f"{v:.9g}") for v in row] for row in raw.tolist()]})
    with open(out, "w") as f:
        json.dump({"made_by": "tests/reference/torchscript_outputs.py", "crop_seeds": [1, 2], "models": models}, f)
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
