//! Leave-one-out over enrolled subjects: who is missed, and who raises a false alarm, over the threshold.

use std::collections::HashSet;
use std::time::Instant;

use super::prepare::Prepared;
use super::probes::Probe;
use crate::eval::identification::identification_points;
use crate::eval::latency::latency_from_millis;
use crate::eval::people::PersonScore;
use crate::index::{FaceIndex, Hit, SearchOptions};
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::types::{FaceId, IdentificationCurve, Latency, ProbeSet, SearchParams};

/// Points of a curve.
const POINTS: usize = 400;

/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub struct MissedRequest {
    /// Settings of the live index; exact search is measured beside them.
    pub params: Vec<SearchParams>,
    /// Searches at most; they are spread over all subjects.
    pub max_searches: usize,
    /// Candidates of a search, as many as a person asks for: it decides how far an index looks.
    pub k: usize,
}

/// What the searches for a person brought, as a new photo of theirs would.
pub(in crate::jobs) struct Searched {
    pub subject: u64,
    /// Place of the first of their other photos among the candidates, from 1.
    pub rank: Option<usize>,
    /// Its score.
    pub mate: Option<f32>,
    /// The best score of anybody else, searched as if they were not enrolled; `None` where that was not asked for.
    pub stranger: Option<f32>,
    pub millis: f32,
}

/// Searches labelled faces as new photos of their subjects (mated: without the faces of their own photo) and as
/// strangers (nonmated: without any face of their subject), with the live index and by exact comparison. Faces that are
/// left out take no part in a search, so that each looks as far as a person's own would.
///
/// # Errors
/// No subject has two photos; [`JobError::Cancelled`].
pub fn people_missed(
    engine: &Engine,
    request: &MissedRequest,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<Vec<IdentificationCurve>, JobError> {
    let watch = Watch::new(control, tell);
    let set = ProbeSet::HeldOut { nq: request.max_searches.max(1) };
    let prepared = Prepared::of_gallery(engine, &set, request.k, &watch)?;
    let mut meter = ProgressMeter::counting("Searching", "search");
    meter.now.total = Some((prepared.probes.len() * request.params.len()) as u64);
    let mut curves = vec![curve(&exactly(&prepared, request.k), None, request.k, prepared.exact)];
    for params in &request.params {
        let mut done = || {
            meter.now.done += 1;
            if let Some(progress) = meter.tick(control.is_paused()) {
                tell(progress);
            }
        };
        let searched = search_people(engine, &prepared.probes, Some(params), request.k, true, control, &mut done)?;
        let millis: Vec<f32> = searched.iter().map(|search| search.millis).collect();
        curves.push(curve(&searched, Some(params), request.k, latency_from_millis(&millis)));
    }
    Ok(curves)
}

/// What exact search answers: the true neighbours.
fn exactly(prepared: &Prepared, k: usize) -> Vec<Searched> {
    let of_probe = |(at, probe): (usize, &Probe)| {
        let subject = probe.subject.as_ref()?.id.0 as u64;
        let (rank, mate) = first_mate(probe, prepared.truth(at, k));
        let stranger = prepared.strangers[at].map(|hit| hit.score);
        Some(Searched { subject, rank, mate, stranger, millis: 0.0 })
    };
    prepared.probes.iter().enumerate().filter_map(of_probe).collect()
}

/// Place, from 1, and score of the first other photo of the probe's person.
fn first_mate(probe: &Probe, hits: &[Hit]) -> (Option<usize>, Option<f32>) {
    let at = hits.iter().position(|hit| probe.is_mate(hit.face));
    (at.map(|at| at + 1), at.map(|at| hits[at].score))
}

/// Searches with the live index, by its own parameters where none are given. `done` is told after each probe.
pub(in crate::jobs) fn search_people(
    engine: &Engine,
    probes: &[Probe],
    params: Option<&SearchParams>,
    k: usize,
    strangers: bool,
    control: &JobControl,
    done: &mut dyn FnMut(),
) -> Result<Vec<Searched>, JobError> {
    let mut searched = Vec::with_capacity(probes.len());
    for probe in probes {
        control.checkpoint()?;
        let Some(subject) = &probe.subject else { continue };
        let index = engine.index().faces();
        let search = |exclude: &Vec<FaceId>| {
            let options = SearchOptions { params, exclude: std::slice::from_ref(exclude), ..SearchOptions::default() };
            index.search_with(std::slice::from_ref(&probe.embedding), k, options)
        };
        let begun = Instant::now();
        let hits = search(&probe.exclude)?.pop().unwrap_or_default();
        let millis = begun.elapsed().as_secs_f32() * 1e3;
        let (rank, mate) = first_mate(probe, &hits);
        let stranger = match strangers {
            true => search(&subject.own)?.pop().unwrap_or_default().first().map(|hit| hit.score),
            false => None,
        };
        searched.push(Searched { subject: subject.id.0 as u64, rank, mate, stranger, millis });
        done();
    }
    Ok(searched)
}

fn curve(searched: &[Searched], params: Option<&SearchParams>, k: usize, latency: Latency) -> IdentificationCurve {
    let of = |score: fn(&Searched) -> Option<f32>| -> Vec<PersonScore> {
        searched.iter().map(|search| PersonScore { person: search.subject, score: score(search) }).collect()
    };
    let (mated, nonmated) = (of(|search| search.mate), of(|search| search.stranger));
    IdentificationCurve {
        params: params.copied().unwrap_or_default(),
        is_exact: params.is_none(),
        k,
        people: searched.iter().map(|search| search.subject).collect::<HashSet<_>>().len(),
        mated_searches: mated.len(),
        nonmated_searches: nonmated.len(),
        points: identification_points(&mated, &nonmated, POINTS),
        latency,
    }
}
