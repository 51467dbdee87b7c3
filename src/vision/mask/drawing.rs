//! Masks drawn from a seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Pleated, with a stitched edge over the nose.
    Surgical,
    /// Of any colour and pattern.
    Cloth,
    /// A stiff cup, some with a seam or a valve.
    Respirator,
}

#[derive(Clone, Copy, Debug)]
enum Pattern {
    Plain,
    Stripes { angle: f64, width: f64 },
    Dots { step: f64, radius: f64 },
    Checks { step: f64 },
    Blotches { size: f64 },
}

/// A mask's shape and look, in the units of the face's coordinates (`frame.rs`).
#[derive(Clone, Debug)]
pub struct Drawing {
    kind: Kind,
    /// y of the upper edge in the middle and at the sides.
    bridge: f64,
    side_top: f64,
    /// How the upper edge falls from the middle: 1 straight, more for a round nose.
    top_power: f64,
    /// y of the lower edge in the middle and at the sides.
    chin: f64,
    side_bottom: f64,
    bottom_power: f64,
    /// Half the width at the upper corners, and how much narrower it is below.
    half_width: f64,
    taper: f64,
    colour: [f32; 3],
    second: [f32; 3],
    pattern: Pattern,
    /// Number of pleats, their first place and depth (0…1 of the brightness).
    pleats: u32,
    pleat_depth: f32,
    has_seam: bool,
    valve: Option<[f64; 3]>,
    strap: Option<[f32; 3]>,
    strap_width: f64,
    /// −1…1: from which side light falls, and how much of it.
    light_from: f32,
    relief: f32,
    /// Folds of the cloth: places of a few slow waves.
    waves: [[f64; 4]; 4],
    wave_depth: f32,
    grain: f32,
    grain_seed: u64,
}

const SURGICAL: [[f32; 3]; 7] = [
    [150.0, 195.0, 225.0],
    [120.0, 180.0, 215.0],
    [165.0, 210.0, 195.0],
    [232.0, 236.0, 238.0],
    [225.0, 178.0, 192.0],
    [45.0, 46.0, 50.0],
    [195.0, 190.0, 220.0],
];
const RESPIRATOR: [[f32; 3]; 5] =
    [[232.0, 232.0, 228.0], [220.0, 222.0, 224.0], [205.0, 205.0, 200.0], [52.0, 53.0, 56.0], [170.0, 190.0, 205.0]];

impl Drawing {
    pub(super) fn from_seed(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let rng = &mut rng;
        let kind = match rng.random_range(0..10) {
            0..5 => Kind::Surgical,
            5..8 => Kind::Cloth,
            _ => Kind::Respirator,
        };
        let colour = match kind {
            Kind::Surgical => SURGICAL[pick(rng, &[30, 20, 12, 18, 6, 10, 4])],
            Kind::Cloth => any_colour(rng),
            Kind::Respirator => RESPIRATOR[pick(rng, &[40, 20, 15, 15, 10])],
        };
        let bridge = rng.random_range(58.0..66.5);
        let (drop, top_power, bottom_power) = match kind {
            Kind::Surgical => (rng.random_range(2.0..8.0), rng.random_range(1.1..1.8), rng.random_range(1.9..3.0)),
            Kind::Cloth => (rng.random_range(2.0..11.0), rng.random_range(1.0..1.9), rng.random_range(1.6..2.6)),
            Kind::Respirator => (rng.random_range(9.0..16.0), rng.random_range(1.1..1.7), rng.random_range(1.6..2.2)),
        };
        let side_top = bridge + drop;
        let half_width = match kind {
            Kind::Respirator => rng.random_range(27.0..32.0),
            _ => rng.random_range(30.0..36.0),
        };
        let chin = rng.random_range(109.0..119.0);
        let side_bottom = match kind {
            Kind::Surgical => rng.random_range(88.0..97.0),
            Kind::Cloth => rng.random_range(84.0..96.0),
            Kind::Respirator => rng.random_range(86.0..93.0),
        };
        let pattern = if kind == Kind::Cloth { any_pattern(rng) } else { Pattern::Plain };
        let valve = (kind == Kind::Respirator && rng.random_bool(0.35))
            .then(|| [rng.random_range(-14.0..14.0), rng.random_range(84.0..97.0), rng.random_range(4.0..7.0)]);
        let strap = rng.random_bool(0.85).then(|| match rng.random_range(0..4) {
            0 => [60.0, 60.0, 62.0],
            1 if kind == Kind::Respirator => [215.0, 190.0, 60.0],
            _ => [232.0, 232.0, 230.0],
        });
        Self {
            kind,
            bridge,
            side_top,
            top_power,
            chin,
            side_bottom,
            bottom_power,
            half_width,
            taper: rng.random_range(0.08..0.24),
            colour: colour.map(|v| (v + rng.random_range(-10.0..10.0f32)).clamp(8.0, 250.0)),
            second: any_colour(rng),
            pattern,
            pleats: if kind == Kind::Surgical { rng.random_range(2..5) } else { 0 },
            pleat_depth: rng.random_range(0.10..0.28),
            has_seam: kind != Kind::Surgical && rng.random_bool(0.6),
            valve,
            strap,
            strap_width: rng.random_range(0.6..1.4),
            light_from: rng.random_range(-1.0..1.0),
            relief: rng.random_range(0.15..0.4),
            waves: std::array::from_fn(|_| {
                [
                    rng.random_range(-0.16..0.16),
                    rng.random_range(0.05..0.3),
                    rng.random_range(0.0..6.3),
                    rng.random_range(0.3..1.0),
                ]
            }),
            wave_depth: if kind == Kind::Respirator { 0.01 } else { rng.random_range(0.01..0.05) },
            grain: rng.random_range(1.0..6.0),
            grain_seed: rng.random(),
        }
    }

    /// Left, top, right, bottom of all that is drawn.
    pub(super) fn reach(&self) -> [f64; 4] {
        [-48.0, 54.0, 48.0, self.chin + 1.5]
    }

    /// Red, green, blue 0…255 and cover 0…1 at a point; `scale` pixels for a unit smooth the edges.
    pub(super) fn colour_at(&self, [x, y]: [f64; 2], scale: f64) -> [f32; 4] {
        let across = x.abs() / self.half_width;
        let inside = self.depth_inside([x, y]);
        let cover = ((inside * scale + 0.5).clamp(0.0, 1.0)) as f32;
        let strap = self.strap_cover([x, y], scale);
        if cover <= 0.0 && strap <= 0.0 {
            return [0.0; 4];
        }
        let mut colour = self.cloth([x, y]);
        let shade = self.shading([x, y], across, inside);
        let grain = (noise((x * 2.0).round() as i64, (y * 2.0).round() as i64, self.grain_seed) - 0.5) * self.grain;
        colour = colour.map(|v| v * shade + grain);
        let strap = strap * (1.0 - cover);
        let total = cover + strap;
        let strap_colour = self.strap.unwrap_or_default();
        let mixed: [f32; 3] = std::array::from_fn(|i| (colour[i] * cover + strap_colour[i] * strap) / total);
        [mixed[0], mixed[1], mixed[2], total]
    }

    /// Units to the nearest edge, about; below 0 outside.
    fn depth_inside(&self, [x, y]: [f64; 2]) -> f64 {
        let t = (x.abs() / self.half_width).min(1.0);
        let top = self.bridge + (self.side_top - self.bridge) * t.powf(self.top_power);
        let bottom = self.chin - (self.chin - self.side_bottom) * t.powf(self.bottom_power);
        let down = ((y - self.side_top) / (self.chin - self.side_top)).clamp(0.0, 1.0);
        let side = self.half_width * (1.0 - self.taper * down) - x.abs();
        (y - top).min((bottom - y) * 0.8).min(side)
    }

    fn cloth(&self, [x, y]: [f64; 2]) -> [f32; 3] {
        let is_second = match self.pattern {
            Pattern::Plain => false,
            Pattern::Stripes { angle, width } => {
                (x * angle.cos() + y * angle.sin()).rem_euclid(2.0 * width) < 0.8 * width
            }
            Pattern::Dots { step, radius } => {
                let row = (y / step).floor();
                let shift = if row.rem_euclid(2.0) < 1.0 { 0.0 } else { step / 2.0 };
                let (dx, dy) = ((x + shift).rem_euclid(step) - step / 2.0, y.rem_euclid(step) - step / 2.0);
                dx.hypot(dy) < radius
            }
            Pattern::Checks { step } => ((x / step).floor() + (y / step).floor()).rem_euclid(2.0) < 1.0,
            Pattern::Blotches { size } => {
                let [a, b, c, _] = self.waves;
                let wave = |w: [f64; 4]| ((x * w[3] + y * w[1] * 3.0) / size * 3.0 + w[2]).sin();
                wave(a) + wave(b) * ((y * b[3] - x * 0.4) / size * 2.0).cos() + wave(c) > 0.6
            }
        };
        let is_edge = self.kind == Kind::Surgical && {
            let top =
                y - self.bridge - (self.side_top - self.bridge) * (x.abs() / self.half_width).powf(self.top_power);
            (0.0..4.5).contains(&top)
        };
        let is_valve = self.valve.is_some_and(|[vx, vy, r]| (x - vx).hypot(y - vy) < r);
        match () {
            () if is_valve => self.colour.map(|v| v * 0.82),
            () if is_edge => self.colour.map(|v| v * 0.7 + 0.3 * 240.0),
            () if is_second => self.second,
            () => self.colour,
        }
    }

    /// Brightness, about 0.5…1.15.
    fn shading(&self, [x, y]: [f64; 2], across: f64, inside: f64) -> f32 {
        let turned = (x / self.half_width) as f32;
        let mut shade = 1.0 + 0.05 - self.relief * 0.6 * (across * across) as f32;
        shade += 0.5 * self.relief * turned * self.light_from;
        // Below the lips the cloth turns away from the light; over the nose it comes forward.
        let below = ((y - 96.0) / (self.chin - 96.0)).clamp(0.0, 1.0) as f32;
        shade -= 0.8 * self.relief * below * below;
        let over_nose = (-((x / 11.0).powi(2)) - ((y - 74.0) / 9.0).powi(2)).exp() as f32;
        shade += 0.25 * self.relief * over_nose;
        for pleat in 0..self.pleats {
            let share = (f64::from(pleat) + 0.8) / f64::from(self.pleats);
            let line = self.side_top + 2.0 + (self.side_bottom - self.side_top) * share + 5.0 * (1.0 - across * across);
            let from = y - line;
            if (-0.6..4.0).contains(&from) {
                shade -= self.pleat_depth * (1.0 - ((from + 0.6) / 4.6) as f32);
            }
        }
        if self.has_seam && x.abs() < 0.7 {
            shade -= 0.14;
        }
        if let Some([vx, vy, r]) = self.valve {
            let ring = ((x - vx).hypot(y - vy) - r).abs();
            if ring < 0.7 {
                shade -= 0.2;
            }
        }
        if inside < 1.2 {
            shade -= 0.10;
        }
        let wave: f64 = self.waves.iter().map(|w| w[3] * (x * w[0] * 2.0 + y * w[1] + w[2]).sin()).sum();
        (shade + self.wave_depth * wave as f32).clamp(0.3, 1.2)
    }

    /// Two lines a side, from the corners to the ear.
    fn strap_cover(&self, [x, y]: [f64; 2], scale: f64) -> f32 {
        if self.strap.is_none() {
            return 0.0;
        }
        let point = [x.abs(), y];
        let lower_x = self.half_width * (1.0 - self.taper * 0.6);
        let lines = [
            ([self.half_width - 1.0, self.side_top + 2.0], [46.0, 59.0]),
            ([lower_x - 1.0, self.side_bottom - 3.0], [46.0, 68.0]),
        ];
        let near = lines.iter().map(|(a, b)| distance_to_line(point, *a, *b)).fold(f64::INFINITY, f64::min);
        // Thinner than a pixel is drawn fainter.
        let half = self.strap_width / 2.0;
        (((half - near) * scale + 0.5).clamp(0.0, 1.0) * (2.0 * half * scale).min(1.0)) as f32
    }
}

fn distance_to_line(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let along = (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    (p[0] - a[0] - along * dx).hypot(p[1] - a[1] - along * dy)
}

/// 0…1, the same for the same place and seed.
fn noise(x: i64, y: i64, seed: u64) -> f32 {
    let mut v = seed ^ (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    v ^= v >> 31;
    v = v.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    v ^= v >> 29;
    (v >> 40) as f32 / (1u64 << 24) as f32
}

/// An index, by weights in percent.
fn pick(rng: &mut impl Rng, percent: &[u32]) -> usize {
    let mut left = rng.random_range(0..percent.iter().sum::<u32>());
    for (i, &share) in percent.iter().enumerate() {
        if left < share {
            return i;
        }
        left -= share;
    }
    0
}

/// Dark ones often, as masks of cloth are.
fn any_colour(rng: &mut impl Rng) -> [f32; 3] {
    match rng.random_range(0..10) {
        0..4 => {
            let grey = rng.random_range(18.0..70.0f32);
            [grey, grey + rng.random_range(-4.0..4.0), grey + rng.random_range(-4.0..8.0)]
        }
        4..6 => [rng.random_range(190.0..245.0f32); 3],
        _ => std::array::from_fn(|_| rng.random_range(25.0..230.0)),
    }
}

fn any_pattern(rng: &mut impl Rng) -> Pattern {
    match rng.random_range(0..10) {
        0..6 => Pattern::Plain,
        6 => Pattern::Stripes { angle: rng.random_range(0.0..3.1), width: rng.random_range(1.5..6.0) },
        7 => {
            let step = rng.random_range(5.0..11.0);
            Pattern::Dots { step, radius: step * rng.random_range(0.15..0.35) }
        }
        8 => Pattern::Checks { step: rng.random_range(2.5..7.0) },
        _ => Pattern::Blotches { size: rng.random_range(5.0..12.0) },
    }
}
