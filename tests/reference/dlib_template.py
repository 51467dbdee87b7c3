"""Measures the alignment template of the dlib ResNet for MTCNN's five landmarks, and checks it on LFW pairs.

dlib aligns with landmarks of its own shape predictor; MTCNN's five points lie elsewhere on the face. This script cuts
chips the way dlib does (frontal detector, shape predictor, `get_face_chip(size=150, padding=0.25)`), finds the map
photo -> chip by cutting a chip from a picture whose pixels hold their own coordinates, and averages where MTCNN's
points land. Coordinates are pixel indices: (0, 0) is the centre of the top left pixel.

    dlib_template.py measure --images DIR --mtcnn FILE.jsonl --predictors DIR --out FILE.json
    dlib_template.py verify  --images DIR --mtcnn FILE.jsonl --predictors DIR --pairs FILE --weights FILE.dat \
        --template FILE.json --pairs-per-kind 60

Needs dlib, numpy and pillow. `predictors` holds shape_predictor_{5,68}_face_landmarks.dat. Photos must be at most
256 pixels a side (a coordinate has to fit into a byte), as LFW's are.
"""

import argparse
import json
import time
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

CHIP, PADDING = 150, 0.25
OWN = "dlib's own chips"


def photo(path):
    return np.array(Image.open(path).convert("RGB"))


def coordinate_picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x, y, np.zeros_like(x)], -1).astype(np.uint8)


def chip_from_photo_map(coordinates, shape):
    """2x3 matrix photo -> chip, by least squares over the chip's inside (rounding error below 0.5 pixels each)."""
    chip = dlib.get_face_chip(coordinates, shape, size=CHIP, padding=PADDING)
    v, u = np.mgrid[0:CHIP, 0:CHIP]
    inside = (chip[..., 0] > 0) & (chip[..., 1] > 0)
    inside &= (chip[..., 0] < coordinates.shape[1] - 1) & (chip[..., 1] < coordinates.shape[0] - 1)
    if inside.sum() < 2000:
        return None
    design = np.stack([u[inside], v[inside], np.ones(inside.sum())], 1)
    solution, *_ = np.linalg.lstsq(design, chip[inside][:, :2].astype(float), rcond=None)
    full = np.vstack([solution.T, [0, 0, 1]])
    return np.linalg.inv(full)[:2]


def rect_of_face(detector, pixels, landmarks):
    """The detection whose box holds the mean of MTCNN's landmarks, the largest where there are more."""
    center = np.mean(landmarks, 0)
    inside = [
        r for r in detector(pixels, 1)
        if r.left() < center[0] < r.right() and r.top() < center[1] < r.bottom()
    ]
    return max(inside, key=lambda r: r.area()) if inside else None


def measure(args):
    detector = dlib.get_frontal_face_detector()
    predictors = {n: dlib.shape_predictor(str(args.predictors / f"shape_predictor_{n}_face_landmarks.dat"))
                  for n in (5, 68)}
    points = {5: [], 68: []}
    begun, seen = time.time(), 0
    for line in args.mtcnn.read_text().splitlines()[:: args.every]:
        record = json.loads(line)
        pixels = photo(args.images / record["image"])
        seen += 1
        landmarks = np.array(record["landmarks"])
        rect = rect_of_face(detector, pixels, landmarks)
        if rect is None:
            continue
        coordinates = coordinate_picture(*pixels.shape[:2])
        for n, predictor in predictors.items():
            m = chip_from_photo_map(coordinates, predictor(pixels, rect))
            if m is not None:
                points[n].append(landmarks @ m[:, :2].T + m[:, 2])
    out = {"photos": seen}
    for n, rows in points.items():
        rows = np.array(rows)
        out[f"predictor_{n}"] = {
            "faces": len(rows),
            "mean": rows.mean(0).round(4).tolist(),
            "median": np.median(rows, 0).round(4).tolist(),
            "std": rows.std(0).round(3).tolist(),
        }
    args.out.write_text(json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))
    print(f"{time.time() - begun:.0f} s")


def umeyama(src, dst):
    """2x3 least-squares similarity src -> dst (Umeyama 1991, eq. 40-42)."""
    ms, md = src.mean(0), dst.mean(0)
    a, b = src - ms, dst - md
    u, s, vt = np.linalg.svd(b.T @ a / len(src))
    sign = np.diag([1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    r = u @ sign @ vt
    scale = np.trace(np.diag(s) @ sign) / a.var(0).sum()
    return np.hstack([scale * r, (md - scale * r @ ms)[:, None]])


def bilinear_chip(pixels, chip_from_photo):
    inverse = np.linalg.inv(np.vstack([chip_from_photo, [0, 0, 1]]))[:2]
    v, u = np.mgrid[0:CHIP, 0:CHIP]
    x = inverse[0, 0] * u + inverse[0, 1] * v + inverse[0, 2]
    y = inverse[1, 0] * u + inverse[1, 1] * v + inverse[1, 2]
    padded = np.pad(pixels.astype(float), ((1, 2), (1, 2), (0, 0)))
    h, w = pixels.shape[:2]
    x, y = np.clip(x, -1, w) + 1, np.clip(y, -1, h) + 1
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = (x - x0)[..., None], (y - y0)[..., None]
    top = padded[y0, x0] * (1 - fx) + padded[y0, x0 + 1] * fx
    bottom = padded[y0 + 1, x0] * (1 - fx) + padded[y0 + 1, x0 + 1] * fx
    return np.clip(np.rint(top * (1 - fy) + bottom * fy), 0, 255).astype(np.uint8)


def read_pairs(path, per_kind):
    lines = path.read_text().splitlines()
    head = lines[0].split()
    folds, each = (int(head[0]), int(head[1])) if len(head) > 1 else (1, int(head[0]))
    at, out = 1, []
    for _ in range(folds):
        fold = []
        for mated in (True, False):
            for line in lines[at : at + each][:per_kind]:
                f = line.split()
                a, b = (f[0], f[1]), (f[0], f[2]) if mated else (f[2], f[3])
                fold.append((*(f"{n}/{n}_{int(i):04d}.jpg" for n, i in (a, b)), mated))
            at += each
        out.append(fold)
    return out


def fold_accuracy(folds, scores):
    """Mean and spread over folds; the threshold of each fold is chosen on the others."""
    out, thresholds = [], []
    for k in range(len(folds)):
        train = [(scores[a, b], m) for j, f in enumerate(folds) if j != k for a, b, m in f if (a, b) in scores]
        s, m = np.array([t[0] for t in train]), np.array([t[1] for t in train])
        candidates = np.sort(s)
        best = candidates[np.argmax([((s >= c) == m).mean() for c in candidates])]
        test = [(scores[a, b] >= best) == m for a, b, m in folds[k] if (a, b) in scores]
        out.append(np.mean(test))
        thresholds.append(best)
    return np.mean(out), np.std(out), np.mean(thresholds)


def verify(args):
    folds = read_pairs(args.pairs, args.pairs_per_kind)
    images = sorted({i for f in folds for a, b, _ in f for i in (a, b)})
    reference = {r["image"]: np.array(r["landmarks"]) for r in map(json.loads, args.mtcnn.read_text().splitlines())}
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(str(args.predictors / "shape_predictor_5_face_landmarks.dat"))
    net = dlib.face_recognition_model_v1(str(args.weights))
    figures = json.loads(args.template.read_text())
    templates = {f"{k} {s}": np.array(figures[k][s]) for k in ("predictor_5", "predictor_68") for s in ("mean", "median")}
    chips = {name: {} for name in [OWN, *templates] if not args.only or name in args.only}
    for image in images:
        if image not in reference:
            continue
        pixels = photo(args.images / image)
        rect = rect_of_face(detector, pixels, reference[image])
        if rect is None:
            continue  # compared on the same photos only
        for name in chips:
            if name == OWN:
                chips[name][image] = dlib.get_face_chip(pixels, predictor(pixels, rect), size=CHIP, padding=PADDING)
            else:
                chips[name][image] = bilinear_chip(pixels, umeyama(reference[image], templates[name]))
    norms = []
    for name, of_image in chips.items():
        names = list(of_image)
        raw = np.array([net.compute_face_descriptor(of_image[i]) for i in names])
        norms.append(np.linalg.norm(raw, axis=1))
        unit = dict(zip(names, raw / norms[-1][:, None]))
        raw = dict(zip(names, raw))
        pairs = [(a, b) for f in folds for a, b, _ in f if a in unit and b in unit]
        cosine = {(a, b): float(unit[a] @ unit[b]) for a, b in pairs}
        euclid = {(a, b): -float(np.linalg.norm(raw[a] - raw[b])) for a, b in pairs}
        c, e = fold_accuracy(folds, cosine), fold_accuracy(folds, euclid)
        mated = {(a, b): m for f in folds for a, b, m in f}
        means = [np.mean([c for p, c in cosine.items() if mated[p] == m]) for m in (True, False)]
        print(f"{name}: {len(pairs)} pairs, mean cosine mated {means[0]:.4f} nonmated {means[1]:.4f}; cosine {100 * c[0]:.2f} +- {100 * c[1]:.2f} % at {c[2]:.4f}; "
              f"distance of raw vectors {100 * e[0]:.2f} +- {100 * e[1]:.2f} % at {-e[2]:.4f}; "
              f"norm {norms[-1].mean():.4f} +- {norms[-1].std():.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["measure", "verify"])
    for name in ("images", "mtcnn", "predictors", "pairs", "weights", "template", "out"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--pairs-per-kind", type=int, default=60, help="mated and nonmated pairs taken of each fold")
    parser.add_argument("--only", nargs="*", help=f"variants to verify, such as 'predictor_5 mean' or '{OWN}'; all by default")
    parser.add_argument("--every", type=int, default=1, help="take every n-th photo")
    args = parser.parse_args()
    {"measure": measure, "verify": verify}[args.stage](args)


if __name__ == "__main__":
    main()
