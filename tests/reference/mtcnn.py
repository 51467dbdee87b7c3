"""Writes tests/data/mtcnn_samples.json: what facenet-pytorch 2.6.0 finds on photos, for tests/mtcnn_golden.rs.

Usage: OMP_NUM_THREADS=1 python tests/reference/mtcnn.py SAMPLES GROUP > tests/data/mtcnn_samples.json
SAMPLES is the folder of set-up's sample photos, GROUP the folder of photos with several faces (data/group of the
assets). `pixels` is the SHA-256 of the decoded RGB bytes, so that the test knows it looks at the same picture.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from facenet_pytorch import MTCNN
from PIL import Image

torch.set_num_threads(1)


def faces(image, min_face_size):
    mtcnn = MTCNN(keep_all=True, min_face_size=min_face_size, thresholds=[0.6, 0.7, 0.7], factor=0.709)
    boxes, confidences, landmarks = mtcnn.detect(image, landmarks=True)
    if boxes is None:
        return []
    rounded = lambda values: [round(float(v), 4) for v in values]
    return [
        {"bbox": rounded(b), "confidence": round(float(c), 7), "landmarks": [rounded(p) for p in points]}
        for b, c, points in zip(boxes, confidences, landmarks)
    ]


photos = []
for place, folder in zip(("samples", "group"), sys.argv[1:3]):
    for path in sorted(Path(folder).iterdir()):
        if path.suffix not in (".jpg", ".png"):
            continue
        image = Image.open(path).convert("RGB")
        for size in (40, 60):
            photos.append({
                "place": place,
                "name": path.name,
                "pixels": hashlib.sha256(image.tobytes()).hexdigest(),
                "min_face_size": size,
                "faces": faces(image, size),
            })
print("[\n" + ",\n".join(json.dumps(p) for p in photos) + "\n]")
