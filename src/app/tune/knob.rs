//! What a person can turn, and which index has it.

use crate::tell;
use crate::types::{IndexSpec, Refine, SearchParams, Structure, Telling};

/// One parameter of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    NProbe,
    EfSearch,
    RefineFactor,
    LshCandidates,
    LshRadius,
    Templates,
}

impl Knob {
    pub const ALL: [Self; 6] =
        [Self::NProbe, Self::EfSearch, Self::RefineFactor, Self::LshCandidates, Self::LshRadius, Self::Templates];

    pub fn title(self) -> &'static str {
        match self {
            Self::NProbe => "nprobe",
            Self::EfSearch => "efSearch",
            Self::RefineFactor => "Refine factor",
            Self::LshCandidates => "LSH candidates",
            Self::LshRadius => "LSH radius",
            Self::Templates => "Templates",
        }
    }

    pub fn explanation(self) -> &'static str {
        match self {
            Self::NProbe => "Lists that a search looks into. More find more and take longer.",
            Self::EfSearch => "Breadth of the walk through the graph. More finds more and takes longer.",
            Self::RefineFactor => "This many times k candidates are scored with their exact vectors.",
            Self::LshCandidates => "Candidates that the prefilter lets through to be scored.",
            Self::LshRadius => "Bits by which a candidate's code may differ from the probe's.",
            Self::Templates => "Subjects with the nearest templates, whose faces are scored exactly.",
        }
    }

    /// Why turning it changes nothing with this spec; `None` where it does.
    pub fn missing_from(self, spec: &IndexSpec) -> Option<&'static str> {
        let (has_it, reason) = match self {
            Self::NProbe => {
                (matches!(spec.structure, Structure::Ivf { .. }), "The live index has no lists (IVF) to look into.")
            }
            Self::EfSearch => {
                (matches!(spec.structure, Structure::Hnsw { .. }), "The live index is no graph (HNSW) to walk through.")
            }
            Self::RefineFactor => {
                (spec.refine != Refine::None, "The live index keeps no exact vectors (Refine) to score again with.")
            }
            Self::LshCandidates | Self::LshRadius => {
                (spec.lsh_nbits.is_some(), "The live index has no prefilter (LSH).")
            }
            Self::Templates => (spec.templates, "The live index has no subject templates."),
        };
        (!has_it).then_some(reason)
    }

    /// Smallest and largest value, for `ntotal` faces.
    pub fn range(self, spec: &IndexSpec, ntotal: usize) -> [u32; 2] {
        let faces = u32::try_from(ntotal).unwrap_or(u32::MAX).max(1);
        match self {
            Self::NProbe => [1, spec.nlist().unwrap_or(4096).max(2)],
            Self::EfSearch => [1, 2048],
            Self::RefineFactor => [1, 100],
            Self::LshCandidates => [10, faces.max(20)],
            Self::LshRadius => [1, spec.lsh_nbits.unwrap_or(1024).max(2)],
            Self::Templates => [1, 1000],
        }
    }

    /// The radius is 0 where none is set.
    pub fn value(self, params: &SearchParams) -> u32 {
        match self {
            Self::NProbe => params.nprobe,
            Self::EfSearch => params.ef_search,
            Self::RefineFactor => params.refine_factor,
            Self::LshCandidates => params.lsh_candidates,
            Self::LshRadius => params.lsh_radius.unwrap_or(0),
            Self::Templates => params.templates,
        }
    }

    pub fn set(self, params: &mut SearchParams, value: u32) {
        match self {
            Self::NProbe => params.nprobe = value,
            Self::EfSearch => params.ef_search = value,
            Self::RefineFactor => params.refine_factor = value,
            Self::LshCandidates => params.lsh_candidates = value,
            Self::LshRadius => params.lsh_radius = Some(value),
            Self::Templates => params.templates = value,
        }
    }
}

/// The parameters that matter to `spec`, as "nprobe 64, refine ×4"; "nothing to tune" where none does.
pub fn params_told(spec: &IndexSpec, params: &SearchParams) -> Vec<Telling> {
    let mut parts = Vec::new();
    for knob in Knob::ALL.into_iter().filter(|knob| knob.missing_from(spec).is_none()) {
        let value = knob.value(params);
        match knob {
            Knob::NProbe => parts.push(tell!("params-nprobe", value = value.to_string())),
            Knob::EfSearch => parts.push(tell!("params-ef-search", value = value.to_string())),
            Knob::RefineFactor => parts.push(tell!("params-refine", value = value.to_string())),
            Knob::LshCandidates if params.lsh_radius.is_none() => {
                parts.push(tell!("params-lsh-candidates", value = value.to_string()))
            }
            Knob::LshRadius if params.lsh_radius.is_some() => {
                parts.push(tell!("params-lsh-radius", value = value.to_string()))
            }
            Knob::LshCandidates | Knob::LshRadius => {}
            Knob::Templates => parts.push(tell!("params-templates", value = value.to_string())),
        }
    }
    if parts.is_empty() { vec![tell!("params-nothing")] } else { parts }
}

/// Indexes that are searched alike; points of a chart are coloured by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Flat,
    Ivf,
    Hnsw,
    Lsh,
    Templates,
}

impl Family {
    pub const ALL: [Self; 5] = [Self::Flat, Self::Ivf, Self::Hnsw, Self::Lsh, Self::Templates];

    pub fn of(spec: &IndexSpec) -> Self {
        match spec.structure {
            _ if spec.templates => Self::Templates,
            _ if spec.lsh_nbits.is_some() => Self::Lsh,
            Structure::Flat => Self::Flat,
            Structure::Ivf { .. } => Self::Ivf,
            Structure::Hnsw { .. } => Self::Hnsw,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Flat => "Flat",
            Self::Ivf => "IVF",
            Self::Hnsw => "HNSW",
            Self::Lsh => "LSH",
            Self::Templates => "Templates",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> IndexSpec {
        text.parse().unwrap()
    }

    #[test]
    fn only_what_a_spec_has_is_named() {
        let codes = |text: &str, params: &SearchParams| -> Vec<String> {
            params_told(&spec(text), params).iter().map(|told| told.plain()).collect()
        };
        let params = SearchParams { nprobe: 64, lsh_radius: Some(300), ..SearchParams::default() };
        assert_eq!(codes("Flat", &params), ["params-nothing"]);
        assert_eq!(codes("IVF2048,PQ64,Refine(f16)", &params), ["params-nprobe, value 64", "params-refine, value 4"]);
        assert_eq!(codes("LSH1024,Flat", &params), ["params-lsh-radius, value 300"]);
        let by_number = SearchParams::default();
        let both = ["params-lsh-candidates, value 1000", "params-templates, value 10"];
        assert_eq!(codes("Templates,LSH1024,Flat", &by_number), both);
    }

    #[test]
    fn every_knob_writes_what_it_reads() {
        for knob in Knob::ALL {
            let mut params = SearchParams::default();
            knob.set(&mut params, 17);
            assert_eq!(knob.value(&params), 17, "{}", knob.title());
            let [low, high] = knob.range(&IndexSpec::FLAT, 0);
            assert!(low < high && low > 0, "{}", knob.title());
        }
        assert_eq!(Knob::NProbe.range(&spec("IVF256,Flat"), 10), [1, 256]);
    }

    #[test]
    fn families_follow_what_is_searched_first() {
        for (text, family) in [
            ("Flat", Family::Flat),
            ("PCA64,IVF16,PQ8", Family::Ivf),
            ("HNSW32,Flat", Family::Hnsw),
            ("LSH64,IVF16,Flat", Family::Lsh),
            ("Templates,HNSW32,Flat", Family::Templates),
        ] {
            assert_eq!(Family::of(&spec(text)), family, "{text}");
        }
    }
}
