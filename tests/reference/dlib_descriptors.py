"""Descriptors of dlib's face recognition network for chips that Rust can cut alike.

    dlib_descriptors.py WEIGHTS.dat 32bit.png OUT.json

`32bit.png` is among the sample photos that set-up lays down (lossless, so both sides see the same pixels). A chip is
every `step`-th pixel from (x, y) on. The descriptors are as dlib returns them: not of unit length.
Needs dlib, numpy and pillow.
"""

import json
import sys

import dlib
import numpy as np
from PIL import Image

import synthetic

SIDE = 150


def main(weights, png, out):
    net = dlib.face_recognition_model_v1(weights)
    photo = np.array(Image.open(png).convert("RGB"))
    chips = [{"synthetic": seed} for seed in (1, 2)]
    chips += [{"x": x, "y": y, "step": step} for x, y, step in ((154, 278, 2), (100, 230, 3), (300, 700, 1))]
    for chip in chips:
        if "synthetic" in chip:
            pixels = synthetic.crop(SIDE, SIDE, chip["synthetic"])
        else:
            x, y, step = chip["x"], chip["y"], chip["step"]
            pixels = photo[y : y + SIDE * step : step, x : x + SIDE * step : step]
        raw = np.array(net.compute_face_descriptor(np.ascontiguousarray(pixels)))
        print(chip, "norm", np.linalg.norm(raw))
        chip["descriptor"] = [float(f"{v:.9g}") for v in raw]
    with open(out, "w") as f:
        json.dump({"made_by": "tests/reference/dlib_descriptors.py", "dlib": dlib.__version__, "chips": chips}, f)
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
