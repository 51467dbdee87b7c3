"""Times facenet-pytorch 2.6.0 on the photos of `speed` in tests/mtcnn_golden.rs, one thread.

Usage: OMP_NUM_THREADS=1 python tests/reference/mtcnn_speed.py ASSETS SAMPLES
"""

import json
import sys
import time
from pathlib import Path

import torch
from facenet_pytorch import MTCNN
from PIL import Image

torch.set_num_threads(1)
assets, samples = map(Path, sys.argv[1:3])
lines = (assets / "data/lfw/mtcnn_reference.jsonl").read_text().splitlines()[::76][:50]
small = [Image.open(assets / "data/lfw/images" / json.loads(line)["image"]).convert("RGB") for line in lines]
large = []
for path in samples.iterdir():
    image = Image.open(path).convert("RGB")
    scale = 1600 / max(image.size)
    large.append(image.resize([round(side * scale) for side in image.size], Image.BILINEAR))

mtcnn = MTCNN(keep_all=True, min_face_size=40, thresholds=[0.6, 0.7, 0.7], factor=0.709)
for name, photos in (("50 LFW photos of 250×250", small), ("samples at 1,600 pixels", large)):
    times = []
    for _ in range(4):
        start = time.process_time()
        faces = sum(0 if boxes is None else len(boxes) for boxes, _ in map(mtcnn.detect, photos))
        times.append((time.process_time() - start) * 1e3 / len(photos))
    print(f"{name}: {times[0]:.2f} ms of processor a photo the first time, {min(times):.2f} at best; {faces} faces")
