"""Numbers that Python and Rust make alike, so that golden tests need neither weights nor pictures in the repository.

`tests/common/synthetic.rs` says the same in Rust; change both or neither.
"""

import numpy as np

M32 = 0xFFFFFFFF


def fnv1a(text):
    h = 0x811C9DC5
    for b in text.encode():
        h = ((h ^ b) * 0x01000193) & M32
    return h


def mixed(seed, count):
    """`count` 32-bit integers: murmur3's finaliser over seed + i * golden ratio."""
    with np.errstate(over="ignore"):
        h = np.uint32(seed) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return h


def uniform(name, count, low, high):
    """float32 values in low...high; each step is exact or rounded once, so both languages agree to the bit."""
    unit = (mixed(fnv1a(name), count) >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)
    return unit * np.float32(high - low) + np.float32(low)


def crop(width, height, seed):
    """A picture of slanted ramps under a little noise: height x width x 3, uint8."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    ramp = (x * (3 + seed) + y * 2 * (c + 1) + seed * 37) % 512
    ramp = np.where(ramp > 255, 511 - ramp, ramp)
    noise = (mixed(seed, height * width * 3) >> np.uint32(28)).reshape(height, width, 3).astype(np.int64)
    return (ramp * 15 // 16 + noise).astype(np.uint8)
