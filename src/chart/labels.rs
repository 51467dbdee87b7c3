//! Names of points, and where they find room.

use super::page::text_width;
use crate::types::{IndexSpec, Refine, SearchParams, Structure};

/// The parameters that matter to the spec, in short: `nprobe 64, refine ×4`; empty for exact search.
pub fn params_text(spec: &IndexSpec, params: &SearchParams) -> String {
    let mut parts = Vec::new();
    if spec.templates {
        parts.push(format!("templates {}", params.templates));
    }
    if spec.lsh_nbits.is_some() {
        parts.push(match params.lsh_radius {
            Some(radius) => format!("radius {radius}"),
            None => format!("lsh {}", params.lsh_candidates),
        });
    }
    match spec.structure {
        Structure::Flat => {}
        Structure::Ivf { .. } => parts.push(format!("nprobe {}", params.nprobe)),
        Structure::Hnsw { .. } => parts.push(format!("ef {}", params.ef_search)),
    }
    if spec.refine != Refine::None {
        parts.push(format!("×{}", params.refine_factor));
    }
    parts.join(" ")
}

/// Left, top, right, bottom in pixels.
pub(super) type Rect = [f64; 4];

/// Places one label after the other where it covers nothing that is there already.
#[derive(Debug)]
pub(super) struct Placer {
    bounds: Rect,
    taken: Vec<Rect>,
    /// Thin strokes, which a label crosses only where it finds no other room.
    strokes: Vec<Rect>,
}

impl Placer {
    pub(super) const SIZE: f64 = 11.0;

    /// Labels stay within `bounds` and off `taken`, and off `strokes` where they can.
    pub(super) fn new(bounds: Rect, taken: Vec<Rect>, strokes: Vec<Rect>) -> Self {
        Self { bounds, taken, strokes }
    }

    /// Left end of the base line of a label for the marker around `at`; `None` where there is no room.
    pub(super) fn place(&mut self, [x, y]: [f64; 2], text: &str) -> Option<[f64; 2]> {
        let (width, height) = (text_width(text, Self::SIZE), Self::SIZE);
        let (beside, above) = (9.0, 8.0);
        // Under and right of the marker first: the front rises to the right, so there it is empty.
        let corners = [
            [x + beside, y + 2.0],
            [x + beside, y - height / 2.0],
            [x - width / 2.0, y + above],
            [x - width - beside, y - height - 2.0],
            [x - width / 2.0, y - height - above],
            [x + beside, y - height - 2.0],
            [x - width - beside, y - height / 2.0],
            [x - width - beside, y + 2.0],
        ];
        let label = |[left, top]: [f64; 2]| [left, top, left + width, top + height];
        let mut free = corners.into_iter().filter(|&corner| self.is_free(label(corner)));
        let best = free.clone().find(|&corner| !self.strokes.iter().any(|stroke| overlap(stroke, &label(corner))));
        let spot = best.or_else(|| free.next())?;
        let [left, top] = spot;
        self.taken.push([left, top, left + width, top + height]);
        Some([left, top + 0.82 * height])
    }

    fn is_free(&self, label: Rect) -> bool {
        let inside = label[0] >= self.bounds[0] && label[1] >= self.bounds[1];
        let inside = inside && label[2] <= self.bounds[2] && label[3] <= self.bounds[3];
        inside && !self.taken.iter().any(|taken| overlap(taken, &label))
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_the_spec_alone_are_named() {
        let text = |spec: &str| params_text(&spec.parse().unwrap(), &SearchParams::default());
        assert_eq!(text("Flat"), "");
        assert_eq!(text("IVF1024,PQ64,Refine(f16)"), "nprobe 32 ×4");
        assert_eq!(text("HNSW32,Flat"), "ef 64");
        assert_eq!(text("Templates,LSH1024,Flat"), "templates 10 lsh 1000");
    }

    #[test]
    fn labels_cover_nothing() {
        let marker = [45.0, 45.0, 55.0, 55.0];
        let mut placer = Placer::new([0.0, 0.0, 300.0, 100.0], vec![marker], Vec::new());
        let first = placer.place([50.0, 50.0], "nprobe 64").unwrap();
        let second = placer.place([50.0, 50.0], "nprobe 64").unwrap();
        assert_ne!(first, second);
        for (at, a) in placer.taken.iter().enumerate() {
            assert!(!placer.taken[at + 1..].iter().any(|b| overlap(a, b)));
        }
        assert_eq!(placer.place([50.0, 50.0], &"long ".repeat(30)), None);
        // A stroke to the right of the marker sends the label to its left; where there is no other room, it is crossed.
        let stroke = vec![[100.0, 0.0, 101.0, 100.0]];
        let mut placer = Placer::new([0.0, 0.0, 300.0, 100.0], vec![[85.0, 45.0, 95.0, 55.0]], stroke.clone());
        assert!(placer.place([90.0, 50.0], "nprobe 64").unwrap()[0] < 85.0);
        let mut placer = Placer::new([80.0, 0.0, 300.0, 100.0], vec![[85.0, 45.0, 95.0, 55.0]], stroke);
        assert!(placer.place([90.0, 50.0], "nprobe 64").is_some());
    }
}
