use super::telling::{Tell, Telling};
use crate::tell;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How an index is built: an immutable recipe. The metric is always the inner product of unit vectors.
///
/// It is written as Faiss' own factory string with a few words of ours around it, in this order, with commas between:
///
/// | part | text | meaning |
/// | --- | --- | --- |
/// | subject templates | `Templates` | the mean embedding of every subject is searched first |
/// | prefilter | `LSH1024` | bits of a random-rotation hash whose Hamming distance chooses candidates |
/// | pretransform | `PCA192`, `OPQ64_192` | fewer dimensions; rotation for 64 sub-vectors and 192 dimensions |
/// | structure | `IVF4096`, `HNSW32`, `HNSW30(40)` | lists; a graph with m links and, in brackets, efConstruction |
/// | codes | `Flat`, `SQfp16`, `SQ8`, `PQ64`, `PQ64x4fs`, `PQ64x4fsr`, `RaBitQ` | how a vector is stored |
/// | refine | `Refine(f16)`, `Refine(f32)` | scores from exact vectors in a memory-mapped file |
///
/// A bare `Flat` compares the probe with every embedding and misses none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct IndexSpec {
    /// Search the templates of enrolled subjects ahead of the faces.
    pub templates: bool,
    /// Length of the prefilter's code in bits, a multiple of 64.
    pub lsh_nbits: Option<u32>,
    pub pretransform: Pretransform,
    pub structure: Structure,
    pub codes: Codes,
    pub refine: Refine,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pretransform {
    #[default]
    None,
    /// The `d_out` principal components.
    Pca { d_out: u32 },
    /// A rotation that suits `pq_m` sub-quantisers, down to `d_out` dimensions.
    Opq { pq_m: u32, d_out: u32 },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Structure {
    /// Every stored code is compared.
    #[default]
    Flat,
    /// k-means lists; a search looks into `nprobe` of them.
    Ivf { nlist: u32 },
    /// A navigable graph with `m` links a node, built with `ef_construction`.
    Hnsw { m: u32, ef_construction: u32 },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codes {
    /// The vector itself, 4 bytes a dimension.
    #[default]
    F32,
    /// 2 bytes a dimension.
    F16,
    /// 1 byte a dimension.
    Sq8,
    /// Product quantisation: `pq_m` bytes.
    Pq { pq_m: u32 },
    /// Product quantisation with 4 bits, scanned in registers: `pq_m` / 2 bytes. `by_residual` encodes what is left
    /// after the list's centroid.
    PqFastScan { pq_m: u32, by_residual: bool },
    /// One bit a dimension and two correction factors.
    RaBitQ,
}

/// The exact vectors from which final scores are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refine {
    #[default]
    None,
    F16,
    F32,
}

/// What a search may choose; each part matters only to indexes that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchParams {
    /// Lists looked into, 1…nlist.
    pub nprobe: u32,
    /// Breadth of the walk through a graph, k or more.
    pub ef_search: u32,
    /// Times k candidates are scored exactly, 1 or more.
    pub refine_factor: u32,
    /// Candidates that the LSH prefilter lets through, where no radius is set.
    pub lsh_candidates: u32,
    /// Hamming distance up to which the prefilter lets candidates through, instead of their number.
    pub lsh_radius: Option<u32>,
    /// Subjects whose faces are scored exactly, for specs with templates.
    pub templates: u32,
}

impl Default for SearchParams {
    fn default() -> Self {
        Self { nprobe: 32, ef_search: 64, refine_factor: 4, lsh_candidates: 1000, lsh_radius: None, templates: 10 }
    }
}

impl SearchParams {
    /// Breadth of the walk through the graph of `spec` by which `k` faces are searched: a walk is no narrower than the
    /// candidates that it is to bring. `None` for specs without a graph.
    pub fn ef_search_in_effect(&self, spec: &IndexSpec, k: usize) -> Option<usize> {
        let is_graph = matches!(spec.structure, Structure::Hnsw { .. });
        let factor = if spec.refine == Refine::None { 1 } else { self.refine_factor.max(1) as usize };
        is_graph.then(|| (self.ef_search as usize).max(k.saturating_mul(factor)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SpecError {
    #[error("“{0}” is no part of an index spec; see `likeness index presets` for examples")]
    Unknown(String),
    #[error("{what} must be {range}, not {got}")]
    Range { what: &'static str, range: String, got: u32 },
    #[error("{0}")]
    Combination(&'static str),
}

impl IndexSpec {
    /// efConstruction where a spec names none, as in Faiss.
    pub const EF_CONSTRUCTION: u32 = 40;

    pub const FLAT: Self = Self {
        templates: false,
        lsh_nbits: None,
        pretransform: Pretransform::None,
        structure: Structure::Flat,
        codes: Codes::F32,
        refine: Refine::None,
    };

    /// Whether the index compares the probe with every embedding, so that nothing is missed.
    pub fn is_exact(&self) -> bool {
        *self == Self::FLAT
    }

    /// Whether it learns from embeddings before it can hold any.
    pub fn is_trained(&self) -> bool {
        self.pretransform != Pretransform::None
            || matches!(self.structure, Structure::Ivf { .. })
            || !matches!(self.codes, Codes::F32 | Codes::F16)
    }

    /// Whether the scores of its codes are estimates of the cosine: dimensions are left out, or a value is kept in less than
    /// half precision. Answers are then scored again from stored vectors.
    pub fn estimates_scores(&self) -> bool {
        self.pretransform != Pretransform::None || !matches!(self.codes, Codes::F32 | Codes::F16)
    }

    /// Dimensions after the pretransform.
    pub fn d_inner(&self, d: usize) -> usize {
        match self.pretransform {
            Pretransform::None => d,
            Pretransform::Pca { d_out } | Pretransform::Opq { d_out, .. } => d_out as usize,
        }
    }

    pub fn nlist(&self) -> Option<u32> {
        match self.structure {
            Structure::Ivf { nlist } => Some(nlist),
            Structure::Flat | Structure::Hnsw { .. } => None,
        }
    }

    /// Refuses what Faiss cannot build for embeddings of length `d`.
    pub fn validate(&self, d: usize) -> Result<(), SpecError> {
        let within = |what, got: u32, low: u32, high: u32| {
            let fits = (low..=high).contains(&got);
            fits.then_some(()).ok_or_else(|| SpecError::Range { what, range: format!("{low} to {high}"), got })
        };
        let whole = d.min(u32::MAX as usize) as u32;
        if let Some(nbits) = self.lsh_nbits {
            within("the prefilter's number of bits", nbits, 64, 8192)?;
            if !nbits.is_multiple_of(64) {
                return Err(SpecError::Combination("the prefilter's number of bits must be a multiple of 64"));
            }
        }
        match self.pretransform {
            Pretransform::None => {}
            Pretransform::Pca { d_out } => within("the dimensions after PCA", d_out, 1, whole)?,
            Pretransform::Opq { pq_m, d_out } => {
                within("the dimensions after OPQ", d_out, 1, whole)?;
                if pq_m == 0 || !d_out.is_multiple_of(pq_m) {
                    return Err(SpecError::Combination("OPQ's dimensions must divide into its sub-vectors"));
                }
            }
        }
        match self.structure {
            Structure::Flat => {}
            Structure::Ivf { nlist } => within("nlist", nlist, 1, 1 << 20)?,
            Structure::Hnsw { m, ef_construction } => {
                within("m", m, 2, 128)?;
                within("efConstruction", ef_construction, 4, 2000)?;
            }
        }
        let inner = self.d_inner(d) as u32;
        match self.codes {
            Codes::F32 | Codes::F16 | Codes::Sq8 => {}
            Codes::Pq { pq_m } | Codes::PqFastScan { pq_m, .. } => {
                within("pq_m", pq_m, 1, inner)?;
                if !inner.is_multiple_of(pq_m) {
                    return Err(SpecError::Combination("pq_m must divide the number of dimensions"));
                }
            }
            Codes::RaBitQ => {}
        }
        let scores_from_codes = self.structure != Structure::Flat || self.codes != Codes::F32;
        if self.templates && self.refine == Refine::None && scores_from_codes {
            return Err(SpecError::Combination("templates score faces from exact vectors: add Refine(f16)"));
        }
        let is_graph = matches!(self.structure, Structure::Hnsw { .. });
        if is_graph && matches!(self.codes, Codes::PqFastScan { .. } | Codes::RaBitQ) {
            return Err(SpecError::Combination("a graph holds Flat, SQfp16, SQ8 or PQ codes"));
        }
        let flat_residual = matches!(self.codes, Codes::PqFastScan { by_residual: true, .. });
        if flat_residual && !matches!(self.structure, Structure::Ivf { .. }) {
            return Err(SpecError::Combination("residual codes (fsr) need lists (IVF)"));
        }
        Ok(())
    }

    /// The part that Faiss itself builds, as its factory takes it.
    pub fn factory(&self) -> String {
        let mut parts = Vec::new();
        match self.pretransform {
            Pretransform::None => {}
            Pretransform::Pca { d_out } => parts.push(format!("PCA{d_out}")),
            Pretransform::Opq { pq_m, d_out } => parts.push(format!("OPQ{pq_m}_{d_out}")),
        }
        match self.structure {
            Structure::Flat => {}
            Structure::Ivf { nlist } => parts.push(format!("IVF{nlist}")),
            Structure::Hnsw { m, .. } => parts.push(format!("HNSW{m}")),
        }
        parts.push(self.codes.to_string());
        parts.join(",")
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F32 => f.write_str("Flat"),
            Self::F16 => f.write_str("SQfp16"),
            Self::Sq8 => f.write_str("SQ8"),
            Self::Pq { pq_m } => write!(f, "PQ{pq_m}"),
            Self::PqFastScan { pq_m, by_residual } => write!(f, "PQ{pq_m}x4fs{}", if *by_residual { "r" } else { "" }),
            Self::RaBitQ => f.write_str("RaBitQ"),
        }
    }
}

impl fmt::Display for IndexSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.templates {
            f.write_str("Templates,")?;
        }
        if let Some(nbits) = self.lsh_nbits {
            write!(f, "LSH{nbits},")?;
        }
        let factory = self.factory();
        match self.structure {
            Structure::Hnsw { m, ef_construction } if ef_construction != Self::EF_CONSTRUCTION => {
                let plain = format!("HNSW{m},");
                f.write_str(&factory.replacen(&plain, &format!("HNSW{m}({ef_construction}),"), 1))?;
            }
            _ => f.write_str(&factory)?,
        }
        match self.refine {
            Refine::None => Ok(()),
            Refine::F16 => f.write_str(",Refine(f16)"),
            Refine::F32 => f.write_str(",Refine(f32)"),
        }
    }
}

impl FromStr for IndexSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let mut spec = Self::FLAT;
        // Every part may stand once, in the order of the table.
        let mut reached = 0;
        for part in text.split(',').map(str::trim) {
            let place = spec.take_part(part).ok_or_else(|| SpecError::Unknown(part.to_owned()))?;
            if place <= reached {
                return Err(SpecError::Combination(
                    "write each part once and in this order: Templates, LSH, PCA or OPQ, IVF or HNSW, codes, Refine",
                ));
            }
            reached = place;
        }
        Ok(spec)
    }
}

impl IndexSpec {
    /// Sets what `part` names; returns its place in the order, or `None` for what is no part.
    fn take_part(&mut self, part: &str) -> Option<u8> {
        let number = |prefix: &str| part.strip_prefix(prefix)?.parse::<u32>().ok();
        match part {
            "Templates" => self.templates = true,
            "Flat" => self.codes = Codes::F32,
            "SQfp16" => self.codes = Codes::F16,
            "SQ8" => self.codes = Codes::Sq8,
            "RaBitQ" => self.codes = Codes::RaBitQ,
            "Refine(f16)" => self.refine = Refine::F16,
            "Refine(f32)" => self.refine = Refine::F32,
            _ => {}
        }
        match part {
            "Templates" => return Some(1),
            "Flat" | "SQfp16" | "SQ8" | "RaBitQ" => return Some(5),
            "Refine(f16)" | "Refine(f32)" => return Some(6),
            _ => {}
        }
        if let Some(nbits) = number("LSH") {
            self.lsh_nbits = Some(nbits);
            return Some(2);
        }
        if let Some(d_out) = number("PCA") {
            self.pretransform = Pretransform::Pca { d_out };
            return Some(3);
        }
        if let Some((pq_m, d_out)) = part.strip_prefix("OPQ").and_then(|rest| rest.split_once('_')) {
            self.pretransform = Pretransform::Opq { pq_m: pq_m.parse().ok()?, d_out: d_out.parse().ok()? };
            return Some(3);
        }
        if let Some(nlist) = number("IVF") {
            self.structure = Structure::Ivf { nlist };
            return Some(4);
        }
        if let Some(rest) = part.strip_prefix("HNSW") {
            let (m, ef_construction) = match rest.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
                Some((m, ef)) => (m.parse().ok()?, ef.parse().ok()?),
                None => (rest.parse().ok()?, Self::EF_CONSTRUCTION),
            };
            self.structure = Structure::Hnsw { m, ef_construction };
            return Some(4);
        }
        let pq = part.strip_prefix("PQ")?;
        self.codes = if let Some(pq_m) = pq.strip_suffix("x4fsr") {
            Codes::PqFastScan { pq_m: pq_m.parse().ok()?, by_residual: true }
        } else if let Some(pq_m) = pq.strip_suffix("x4fs") {
            Codes::PqFastScan { pq_m: pq_m.parse().ok()?, by_residual: false }
        } else {
            Codes::Pq { pq_m: pq.parse().ok()? }
        };
        Some(5)
    }
}

impl From<IndexSpec> for String {
    fn from(spec: IndexSpec) -> Self {
        spec.to_string()
    }
}

impl TryFrom<String> for IndexSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl Tell for SpecError {
    fn telling(&self) -> Telling {
        match self {
            Self::Unknown(part) => tell!("types-spec-unknown", part = part),
            Self::Range { what, range, got } => tell!("types-spec-range", what = *what, range = range, got = *got),
            Self::Combination(what) => Telling::phrase(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_round() {
        for text in [
            "Flat",
            "IVF1024,Flat",
            "HNSW30,Flat",
            "HNSW32(200),SQ8,Refine(f16)",
            "IVF2048,PQ64",
            "PCA192,IVF4096,PQ64x4fsr,Refine(f16)",
            "OPQ64_192,IVF4096,PQ64x4fs,Refine(f32)",
            "Templates,PCA192,HNSW32,SQfp16,Refine(f16)",
            "LSH1024,Flat",
            "LSH1024,IVF1024,Flat",
            "IVF1024,RaBitQ,Refine(f16)",
        ] {
            let spec: IndexSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), text);
            assert_eq!(spec.validate(512), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_walk_is_as_broad_as_its_candidates() {
        let in_effect = |spec: &str, ef_search, refine_factor, k| {
            let params = SearchParams { ef_search, refine_factor, ..SearchParams::default() };
            params.ef_search_in_effect(&spec.parse().unwrap(), k)
        };
        assert_eq!(in_effect("HNSW16,SQ8,Refine(f16)", 16, 4, 10), Some(40));
        assert_eq!(in_effect("HNSW16,SQ8,Refine(f16)", 96, 4, 10), Some(96));
        assert_eq!(in_effect("HNSW16,Flat", 4, 4, 10), Some(10), "nothing is refined");
        assert_eq!(in_effect("IVF16,Flat", 16, 4, 10), None);
    }

    #[test]
    fn nonsense_is_refused_with_its_part() {
        assert_eq!("IVF10,Flot".parse::<IndexSpec>(), Err(SpecError::Unknown("Flot".into())));
        assert!(matches!("Flat,IVF10".parse::<IndexSpec>(), Err(SpecError::Combination(_))));
        assert!("".parse::<IndexSpec>().is_err());
        let valid = |text: &str| text.parse::<IndexSpec>().unwrap().validate(128);
        assert!(matches!(valid("IVF0,Flat"), Err(SpecError::Range { what: "nlist", .. })));
        assert!(valid("IVF16,PQ48").is_err());
        assert!(valid("PCA192,Flat").is_err());
        assert!(valid("HNSW32,PQ16x4fs").is_err());
        assert!(valid("LSH100,Flat").is_err());
        assert!(valid("PQ32x4fsr").is_err());
        assert_eq!(valid("PQ32x4fs"), Ok(()));
        assert!(valid("Templates,IVF16,Flat").is_err(), "nothing to score its faces from");
        assert_eq!(valid("Templates,Flat"), Ok(()));
    }
}
