//! Leave-one-out identification on the gallery.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::eval::latency::latency_from_millis;
use crate::eval::people::share_over_people;
use crate::jobs::engine::Engine;
use crate::jobs::tuning::{held_out, search_people};
use crate::jobs::work::{JobControl, JobError};
use crate::types::{IndexSpec, SearchParams};

/// Candidates of a search.
const K: usize = 10;

/// Leave-one-out identification over the gallery.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LeaveOneOut {
    /// Which index answered.
    pub index: IndexSpec,
    pub params: SearchParams,
    /// Its published generation; none for an index that is in memory alone.
    pub generation: Option<u64>,
    /// It compares every face, so that what is missed is the network's.
    pub is_exact: bool,
    /// Candidates of a search.
    pub k: usize,
    /// Enrolled subjects with two photos or more.
    pub subjects: usize,
    /// Faces of those subjects, each searched once with its own photo left out.
    pub probes: usize,
    /// Faces that each probe was searched among.
    pub ntotal: usize,
    /// Share of probes for which another photo of the same subject is the best candidate.
    pub rank_1: f64,
    /// 95 % interval of `rank_1` over draws of people.
    pub rank_1_interval: [f64; 2],
    /// Share of probes with such a photo among the ten best candidates.
    pub rank_10: f64,
    pub search_millis_p50: f32,
    pub search_millis_p99: f32,
}

/// Searches every labelled face whose subject has another photo, with the faces of its own photo left out: the searches of
/// people missed, all of them.
///
/// # Errors
/// No subject has two photos; [`JobError::Cancelled`].
pub fn leave_one_out(
    engine: &Engine,
    control: &JobControl,
    progress: &dyn Fn(usize, usize),
) -> Result<LeaveOneOut, JobError> {
    let probes = held_out(engine, usize::MAX)?;
    let overview = engine.index_overview();
    let mut done = 0;
    let mut tell = || {
        progress(done, probes.len());
        done += 1;
    };
    let searched = search_people(engine, &probes, None, K, false, control, &mut tell)?;
    let within = |n: usize| {
        let is_within = |rank: Option<usize>| rank.is_some_and(|rank| rank <= n);
        share_over_people(searched.iter().map(|search| (search.subject, is_within(search.rank))))
    };
    let latency = latency_from_millis(&searched.iter().map(|search| search.millis).collect::<Vec<_>>());
    let first = within(1);
    Ok(LeaveOneOut {
        is_exact: overview.spec.is_exact(),
        index: overview.spec,
        params: overview.params,
        generation: overview.generation,
        k: K,
        subjects: searched.iter().map(|search| search.subject).collect::<HashSet<_>>().len(),
        probes: searched.len(),
        ntotal: overview.ntotal,
        rank_1: first.mean,
        rank_1_interval: [first.low, first.high],
        rank_10: within(10).mean,
        search_millis_p50: latency.p50_millis,
        search_millis_p99: latency.p99_millis,
    })
}
