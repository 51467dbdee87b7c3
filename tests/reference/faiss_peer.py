"""Searches the indexes that `likeness bench search` built with the Python package faiss-cpu, beside Likeness, in one
run: the same index files, the same probes, one probe at a time on one thread.

    python faiss_peer.py LIKENESS WORK_DIR N D SPEC [--nprobe N] [--ef-search N] [--refine-factor N] [--k N]

Prints one JSON object: the median and the 99th percentile of Likeness (all of its search, exact scores among it), of its
call into Faiss alone, and of faiss-cpu with the same number of candidates; and the ratios. Needs faiss-cpu 1.12, numpy.
"""

import argparse
import json
import pathlib
import subprocess
import time

import faiss
import numpy


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("likeness")
    parser.add_argument("work_dir", type=pathlib.Path)
    parser.add_argument("n", type=int)
    parser.add_argument("d", type=int)
    parser.add_argument("spec")
    parser.add_argument("--nprobe", type=int, default=32)
    parser.add_argument("--ef-search", type=int, default=64)
    parser.add_argument("--refine-factor", type=int, default=4)
    parser.add_argument("--k", type=int, default=10)
    args = parser.parse_args()

    command = [args.likeness, "--json", "bench", "search", "--n", args.n, "--d", args.d, "--k", args.k]
    command += ["--specs", args.spec, "--nprobe", args.nprobe, "--ef-search", args.ef_search]
    command += ["--refine-factor", args.refine_factor, "--work-dir", args.work_dir]
    lines = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout.splitlines()
    objects = [json.loads(line) for line in lines]
    ours = next(point for point in objects if "recall_at_k" in point)

    faiss.omp_set_num_threads(1)
    folder = next(args.work_dir.glob(f"{args.n}x{args.d}r*"))
    probes = numpy.fromfile(folder / "probes.f32", dtype="<f4").reshape(-1, args.d)
    if args.spec == "Flat":
        index = faiss.IndexFlatIP(args.d)
        vectors = numpy.memmap(folder / "vectors.f32", dtype="<f4").reshape(-1, args.d)
        for first in range(0, len(vectors), 65536):
            index.add(numpy.ascontiguousarray(vectors[first : first + 65536]))
    else:
        index = faiss.read_index(str(folder / args.spec.translate(str.maketrans("(),", "___")) / "index.faiss"))
    inner = faiss.downcast_index(index)
    if isinstance(inner, faiss.IndexPreTransform):
        inner = faiss.downcast_index(inner.index)
    wanted = args.k * (args.refine_factor if "Refine" in args.spec else 1)
    if hasattr(inner, "nprobe"):
        inner.nprobe = args.nprobe
    if hasattr(inner, "hnsw"):
        inner.hnsw.efSearch = max(args.ef_search, wanted)
    if hasattr(inner, "qb"):
        inner.qb = 8
    for probe in probes[:20]:
        index.search(probe[None], wanted)
    millis = []
    begun = time.time()
    for probe in probes:
        at = time.perf_counter()
        index.search(probe[None], wanted)
        millis.append((time.perf_counter() - at) * 1e3)
        if time.time() - begun > 20 and len(millis) >= 100:
            break
    theirs = numpy.percentile(millis, [50, 99])
    bare = ours["bare_p50_millis"]
    print(
        json.dumps(
            {
                "spec": args.spec,
                "n": args.n,
                "d": args.d,
                "recall_mated": ours["recall_mated"]["mean"],
                "likeness_p50_millis": ours["latency"]["p50_millis"],
                "likeness_p99_millis": ours["latency"]["p99_millis"],
                "likeness_faiss_alone_p50_millis": bare,
                "faiss_cpu_p50_millis": round(float(theirs[0]), 4),
                "faiss_cpu_p99_millis": round(float(theirs[1]), 4),
                "ratio_faiss_alone_to_faiss_cpu": round(bare / theirs[0], 3) if bare else None,
                "faiss_cpu_version": faiss.__version__,
            }
        )
    )


main()
