//! Named specs to begin with.

use crate::types::{Codes, IndexSpec, Pretransform, SearchParams, Structure};

/// A named spec with parameters, and a word on when to take it.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    pub name: &'static str,
    /// As [`IndexSpec`] is written. For d = 512 where the text names dimensions.
    spec: &'static str,
    nprobe: u32,
    ef_search: u32,
    refine_factor: u32,
    pub useful_for: &'static str,
    pub not_useful_for: &'static str,
}

const PRESET: Preset =
    Preset { name: "", spec: "Flat", nprobe: 32, ef_search: 64, refine_factor: 4, useful_for: "", not_useful_for: "" };

/// Figures below are of one million face-like vectors of d 512; the README says how they are measured.
pub const PRESETS: [Preset; 13] = [
    Preset {
        name: "exact",
        spec: "Flat",
        useful_for: "galleries below 100,000 faces, and whenever nothing may be missed",
        not_useful_for: "answers within milliseconds among millions",
        ..PRESET
    },
    Preset {
        name: "labelled",
        spec: "Templates,PCA192,PQ64x4fs,Refine(f16)",
        useful_for: "galleries whose faces mostly have names: the best subjects first, then their faces exactly",
        not_useful_for: "galleries without names, which gain nothing from it",
        ..PRESET
    },
    Preset {
        name: "graph",
        spec: "PCA192,HNSW32,SQfp16,Refine(f16)",
        ef_search: 96,
        useful_for: "the quickest search without names, where memory allows about 0.7 KB a face",
        not_useful_for: "galleries that lose many faces: they stay in the graph until it is built again",
        ..PRESET
    },
    Preset {
        name: "lean",
        spec: "PCA192,PQ64x4fs,Refine(f16)",
        useful_for: "a million faces in 33 bytes each, every code compared; exact vectors stay on the disk",
        not_useful_for: "slow disks: what the codes find is scored from exact vectors",
        ..PRESET
    },
    Preset {
        name: "leanest",
        spec: "PCA192,PQ32x4fs,Refine(f16)",
        refine_factor: 40,
        useful_for: "millions of faces in 17 bytes each, in half the time of lean; exact vectors make up for the coarse codes",
        not_useful_for: "slow disks: a search looks at hundreds of exact vectors",
        ..PRESET
    },
    Preset {
        name: "honest-impostors",
        spec: "LSH1024,Flat,Refine(f16)",
        useful_for: "false alarm rates that hold: the nearest strangers are found, too",
        not_useful_for: "answers in less than ten milliseconds among a million",
        ..PRESET
    },
    Preset {
        name: "ivf-flat",
        spec: "IVF4096,Flat",
        nprobe: 256,
        useful_for: "millions of faces with exact scores and cheap removal",
        not_useful_for: "few lists (nprobe): faces of one person are spread over many lists",
        ..PRESET
    },
    Preset {
        name: "design-ivf-flat",
        spec: "IVF1024,Flat",
        nprobe: 32,
        useful_for: "comparing with published figures",
        not_useful_for: "searches that must find: a quarter of the true neighbours are missed at this nprobe",
        ..PRESET
    },
    Preset {
        name: "design-ivf-pq",
        spec: "IVF2048,PQ64",
        nprobe: 64,
        useful_for: "comparing with published figures",
        not_useful_for: "searches that must find: bare codes choose badly among the nearest faces",
        ..PRESET
    },
    Preset {
        name: "design-hnsw",
        spec: "HNSW30,Flat",
        ef_search: 64,
        useful_for: "comparing with published figures, and small galleries with memory to spare",
        not_useful_for: "large galleries of d 512: 2.3 KB a face",
        ..PRESET
    },
    Preset {
        name: "design-pq32",
        spec: "IVF1024,PQ32",
        nprobe: 64,
        useful_for: "32 bytes a face for embeddings of d 128, when memory counts above all",
        not_useful_for: "a first answer that is the right one; refine it from exact vectors",
        ..PRESET
    },
    Preset {
        name: "scalar",
        spec: "IVF4096,SQ8,Refine(f16)",
        nprobe: 256,
        useful_for: "embeddings that use all their dimensions, in a quarter of the memory of IVF,Flat",
        not_useful_for: "the smallest memory",
        ..PRESET
    },
    Preset {
        name: "rabitq",
        spec: "IVF4096,RaBitQ,Refine(f16)",
        nprobe: 512,
        refine_factor: 16,
        useful_for: "one bit a dimension without training of codes",
        not_useful_for: "being quicker than fast-scan product codes",
        ..PRESET
    },
];

impl Preset {
    /// The spec for embeddings of length `d`. What is shorter than a preset's pretransform makes it keeps all its dimensions,
    /// and codes have as many sub-vectors as divide them; `None` where that would leave less than half of them.
    pub fn spec(&self, d: usize) -> Option<IndexSpec> {
        let mut spec: IndexSpec = self.spec.parse().ok()?;
        if spec.d_inner(d) >= d {
            spec.pretransform = Pretransform::None;
        }
        let inner = spec.d_inner(d) as u32;
        if let Codes::Pq { pq_m } | Codes::PqFastScan { pq_m, .. } = &mut spec.codes {
            let wanted = (*pq_m).min(inner);
            *pq_m = (wanted.div_ceil(2)..=wanted).rev().find(|&m| m > 0 && inner.is_multiple_of(m))?;
        }
        spec.validate(d).is_ok().then_some(spec)
    }

    /// What to build for a gallery: lists to its size, and as large a share of them looked into. Presets that stand for
    /// published figures stay as they are.
    pub fn recipe(&self, d: usize, ntotal: usize) -> Option<(IndexSpec, SearchParams)> {
        if self.name.starts_with("design") {
            return Some((self.spec(d)?, self.params()));
        }
        let (as_written, scaled) = (self.spec(d)?, self.scaled_spec(d, ntotal)?);
        let mut params = self.params();
        if let (Some(before), Some(now)) = (as_written.nlist(), scaled.nlist()) {
            params.nprobe = (u64::from(params.nprobe) * u64::from(now) / u64::from(before)).max(1) as u32;
        }
        Some((scaled, params))
    }

    /// The spec with lists to the size of the gallery: about four times the square root.
    pub fn scaled_spec(&self, d: usize, ntotal: usize) -> Option<IndexSpec> {
        let mut spec = self.spec(d)?;
        if let Structure::Ivf { nlist } = &mut spec.structure {
            let wanted = (4.0 * (ntotal as f64).sqrt()).round() as u32;
            *nlist = wanted.next_power_of_two().clamp(16, 65_536).min((ntotal / 39).max(1) as u32);
        }
        Some(spec)
    }

    pub fn params(&self) -> SearchParams {
        SearchParams {
            nprobe: self.nprobe,
            ef_search: self.ef_search,
            refine_factor: self.refine_factor,
            ..SearchParams::default()
        }
    }

    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_sound_for_the_usual_dimensions() {
        for preset in &PRESETS {
            for d in [128, 512] {
                let spec = preset.spec(d).unwrap_or_else(|| panic!("{} at d {d}", preset.name));
                assert_eq!(spec.validate(d), Ok(()), "{} at d {d}: {spec}", preset.name);
            }
            let (spec, params) = preset.recipe(512, 1000).unwrap();
            assert!(spec.nlist().is_none_or(|nlist| preset.name.starts_with("design") || nlist <= 25), "{spec}");
            assert!(params.nprobe >= 1);
            assert!(!preset.useful_for.is_empty() && !preset.not_useful_for.is_empty());
        }
    }

    #[test]
    fn short_embeddings_keep_their_dimensions_and_as_many_sub_vectors() {
        let spec = |name: &str, d| Preset::find(name).unwrap().spec(d).map(|spec| spec.to_string());
        for (name, wanted) in [
            ("lean", "PQ64x4fs,Refine(f16)"),
            ("leanest", "PQ32x4fs,Refine(f16)"),
            ("labelled", "Templates,PQ64x4fs,Refine(f16)"),
            ("graph", "HNSW32,SQfp16,Refine(f16)"),
            ("design-pq32", "IVF1024,PQ32"),
        ] {
            assert_eq!(spec(name, 128).as_deref(), Some(wanted), "{name}");
        }
        assert_eq!(spec("lean", 512).as_deref(), Some("PCA192,PQ64x4fs,Refine(f16)"));
        assert_eq!(spec("lean", 150).as_deref(), Some("PQ50x4fs,Refine(f16)"));
        assert_eq!(spec("lean", 16).as_deref(), Some("PQ16x4fs,Refine(f16)"));
        assert_eq!(spec("lean", 127), None, "a prime number of dimensions has no sub-vectors");
    }
}
