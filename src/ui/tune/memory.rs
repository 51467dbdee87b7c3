//! What the Tune screen remembers.

use std::collections::BTreeSet;

use crate::app::{Family, SweepAxes};
use crate::say;
use crate::types::{Goal, MissedGoal, OperatingPoint};
use crate::ui::widgets::LongList;

/// Parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TuneTab {
    #[default]
    Live,
    Sweep,
    Autotune,
    People,
    Index,
}

impl TuneTab {
    pub const ALL: [Self; 5] = [Self::Live, Self::Sweep, Self::Autotune, Self::People, Self::Index];

    pub fn title(self) -> String {
        match self {
            Self::Live => say!("tune-tab-live"),
            Self::Sweep => say!("tune-tab-sweep"),
            Self::Autotune => say!("tune-tab-autotune"),
            Self::People => say!("tune-tab-people"),
            Self::Index => say!("tune-tab-index"),
        }
    }
}

/// What the tune screen remembers.
#[derive(Default)]
pub struct TuneMemory {
    pub tab: TuneTab,
    pub(super) live: LiveMemory,
    pub(super) sweep: SweepMemory,
    pub(super) autotune: AutotuneMemory,
    pub(super) people: PeopleMemory,
    pub(super) index: IndexMemory,
    /// The point that is about to become the live index, once the person says so.
    pub confirm: Option<OperatingPoint>,
}

impl TuneMemory {
    /// Turns the sweep to these points, side by side.
    pub fn compare(&mut self, points: Vec<OperatingPoint>) {
        self.tab = TuneTab::Sweep;
        self.sweep.show_pinned = !points.is_empty();
        self.sweep.pinned = points;
    }
}

/// What the live part remembers.
#[derive(Default)]
pub struct LiveMemory {
    pub linear_latency: bool,
}

/// What the sweep part remembers.
pub struct SweepMemory {
    /// The live index is one of those measured.
    pub(super) with_live: bool,
    /// Names of the presets that are measured.
    pub(super) presets: BTreeSet<String>,
    /// Specs of the person's own, with `;` between.
    pub(super) own: String,
    /// Values of each parameter, in the order of [`GRIDS`].
    pub(super) grids: [String; 5],
    pub(super) k: usize,
    pub(super) batch: usize,
    pub(super) threads: usize,
    pub axes: SweepAxes,
    /// Families that are left out of the chart and the list.
    pub hidden: Vec<Family>,
    pub filter: String,
    pub pinned: Vec<OperatingPoint>,
    pub show_pinned: bool,
    pub(super) points: LongList,
}

impl Default for SweepMemory {
    fn default() -> Self {
        Self {
            with_live: true,
            presets: BTreeSet::new(),
            own: String::new(),
            grids: ["1, 4, 16, 64, 256", "16, 64, 256", "1, 4, 10", "250, 1000, 4000", "5, 10, 20"].map(str::to_owned),
            k: 10,
            batch: 1,
            threads: 1,
            axes: SweepAxes::default(),
            hidden: Vec::new(),
            filter: String::new(),
            pinned: Vec::new(),
            show_pinned: false,
            points: LongList::default(),
        }
    }
}

/// What the autotune part remembers.
pub struct AutotuneMemory {
    pub(super) min_recall: f64,
    /// People missed are the goal, and not recall.
    pub(super) by_people: bool,
    /// One in so many enrolled people may be missed.
    pub(super) miss_one_in: u32,
    pub(super) max_millis: f32,
    /// In powers of 1,000.
    pub(super) max_gigabytes: f64,
}

impl Default for AutotuneMemory {
    fn default() -> Self {
        Self { min_recall: 0.99, by_people: false, miss_one_in: 50, max_millis: 5.0, max_gigabytes: 4.0 }
    }
}

impl AutotuneMemory {
    /// A person counts as found at the score `threshold` or above.
    pub(super) fn goal(&self, threshold: f32) -> Goal {
        Goal {
            min_recall_at_k: self.min_recall,
            missed: self
                .by_people
                .then(|| MissedGoal { max_fnir: 1.0 / f64::from(self.miss_one_in.max(1)), threshold }),
            max_p50_millis: self.max_millis,
            max_ram_bytes: (self.max_gigabytes * 1e9) as u64,
        }
    }
}

/// What this part remembers.
pub struct PeopleMemory {
    /// Values of the one parameter that decides what is found.
    pub(super) values: String,
    /// One in so many enrolled people may be missed.
    pub(super) one_in: u32,
    /// Position of the curve that thresholds are read from, where the person has chosen one.
    pub chosen: Option<usize>,
    /// The threshold under the person's hand; `None` until they chose one.
    pub threshold: Option<f32>,
}

impl Default for PeopleMemory {
    fn default() -> Self {
        Self { values: "8, 32, 128".to_owned(), one_in: 200, chosen: None, threshold: None }
    }
}

/// What the index part remembers.
pub struct IndexMemory {
    /// In powers of 1,000.
    pub(super) max_gigabytes: f64,
    pub(super) max_millis: f32,
    /// A spec of the person's own.
    pub(super) own: String,
}

impl Default for IndexMemory {
    fn default() -> Self {
        Self { max_gigabytes: 4.0, max_millis: 5.0, own: String::new() }
    }
}
