"""Small checkpoints as `torch.save` writes them, in its present and its older format.

    state_dict.py OUT_FOLDER

Each holds, under `state_dict`, one tensor of every kind of number; `turned` is a view of `floats`. Needs torch.
"""

import sys
from collections import OrderedDict
from pathlib import Path

import torch


def main(folder):
    floats = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    weights = OrderedDict(
        floats=floats, turned=floats.t(), halves=floats.half() / 2, brains=floats.bfloat16() / 4, doubles=floats.double() / 8,
        count=torch.tensor(7), parameter=torch.nn.Parameter(floats[1] + 0.5))
    checkpoint = {"epoch": 3, "rate": 0.1, "names": ["a", "b"], "state_dict": weights, "shape": (1, 2)}
    torch.save(checkpoint, Path(folder) / "state_dict_zip.pth")
    torch.save(checkpoint, Path(folder) / "state_dict_old.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(sys.argv[1])
