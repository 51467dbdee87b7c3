//! An index as it was built: never changed, searched by many threads at once without a lock.

use crate::tell;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::IndexError;
use super::exact_store::{ExactStore, Precision};
use super::face_index::SearchOptions;
use super::faiss::{Native, NativeParams};
use super::files::corrupt;
use super::hit::{Best, Hit, by_rank};
use super::id_map::IdMap;
use super::lsh::LshPrefilter;
use super::names::{IDS_FILE, LSH_CODES_FILE, LSH_FILE, NATIVE_FILE, ORDER_FILE, VECTORS_FILE};
use super::rows::{FaceFilter, RowSet};
use crate::types::{Codes, FaceId, IndexSpec, Pretransform, Refine, SearchParams, Structure};

/// Share of the rows up to which a filter is answered by scoring all its rows exactly.
const FEW_ROWS: f64 = 0.02;

/// One that is built and loaded.
#[derive(Debug)]
pub struct TrainedIndex {
    /// Distinguishes the loaded indexes of this process.
    key: u64,
    spec: IndexSpec,
    d: usize,
    /// `None` where every candidate is scored exactly.
    native: Option<Native>,
    /// Faces by row; also tells how many there are.
    ids: IdMap,
    store: Option<ExactStore>,
    lsh: Option<LshPrefilter>,
    ram_bytes: u64,
    disk_bytes: u64,
}

/// Which rows a search of one or several probes may answer with.
#[derive(Clone, Copy)]
struct Allowed<'a> {
    /// `None`: all but the dead ones and those left out.
    filter: Option<&'a RowSet>,
    dead: &'a RowSet,
    /// Rows left out for each probe, none of them dead; empty where none is for any.
    out: &'a [Vec<usize>],
}

impl<'a> Allowed<'a> {
    /// Left out for the probe at this place.
    fn out_of(&self, at: usize) -> &'a [usize] {
        self.out.get(at).map_or(&[], Vec::as_slice)
    }

    /// For the probe at this place alone.
    fn of(&self, at: usize) -> Self {
        Self { out: self.out.get(at).map_or(&[], std::slice::from_ref), ..*self }
    }

    fn has(&self, at: usize, row: usize) -> bool {
        !self.dead.contains(row)
            && self.filter.is_none_or(|filter| filter.contains(row))
            && !self.out_of(at).contains(&row)
    }

    /// How many rows of `rows` the probe at this place may have.
    fn count(&self, at: usize, rows: usize) -> usize {
        let out = self.out_of(at).iter().filter(|row| self.filter.is_none_or(|filter| filter.contains(**row))).count();
        let others = self.filter.map_or(rows - self.dead.count().min(rows), RowSet::count);
        others.saturating_sub(out)
    }

    /// The largest number of rows that are left out for one probe.
    fn most_out(&self) -> usize {
        self.out.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// Whether Faiss builds nothing for this spec: every candidate is scored from the exact vectors.
pub(super) fn is_scored_exactly(spec: &IndexSpec) -> bool {
    spec.structure == Structure::Flat && spec.codes == Codes::F32 && spec.pretransform == Pretransform::None
}

/// How exact vectors are kept, if they are: as the spec asks for them, and in half precision for one whose codes only
/// estimate scores.
pub(super) fn store_precision(spec: &IndexSpec) -> Option<Precision> {
    match Precision::from_refine(spec.refine) {
        Some(asked) => Some(asked),
        None if is_scored_exactly(spec) => Some(Precision::F32),
        None => spec.estimates_scores().then_some(Precision::F16),
    }
}

impl TrainedIndex {
    /// Opens the files in `dir`, whose checksums have been verified.
    pub(super) fn open(dir: &Path, spec: &IndexSpec, d: usize, rows: usize, mapped: bool) -> Result<Self, IndexError> {
        static KEYS: AtomicU64 = AtomicU64::new(1);
        let path = |name: &str| dir.join(name);
        let bytes_of = |name: &str| std::fs::metadata(path(name)).map_or(0, |file| file.len());
        let ids = IdMap::open(&path(IDS_FILE), &path(ORDER_FILE), rows)?;
        let native = match is_scored_exactly(spec) {
            true => None,
            false => Some(Native::read(&path(NATIVE_FILE), mapped)?),
        };
        if let Some(native) = &native
            && (native.d() != d || native.ntotal() != rows)
        {
            let (found, its_d) = (native.ntotal(), native.d());
            let detail = tell!("index-holds-other-rows", found = found, its_d = its_d, rows = rows, d = d);
            return Err(IndexError::Corrupt { path: path(NATIVE_FILE), detail });
        }
        let store = match store_precision(spec) {
            // Earlier versions answered with estimates.
            Some(_) if spec.refine == Refine::None && !path(VECTORS_FILE).exists() => {
                return Err(corrupt(&path(VECTORS_FILE), "it is missing, and codes alone only estimate scores"));
            }
            Some(precision) => Some(ExactStore::open(&path(VECTORS_FILE), precision, d, rows)?),
            None => None,
        };
        let lsh = match spec.lsh_nbits {
            Some(nbits) => {
                Some(LshPrefilter::open(Native::read(&path(LSH_FILE), false)?, &path(LSH_CODES_FILE), nbits, rows)?)
            }
            None => None,
        };
        let native_bytes = if mapped { 0 } else { bytes_of(NATIVE_FILE) };
        let ram_bytes = native_bytes + lsh.as_ref().map_or(0, |lsh| lsh.bytes() + bytes_of(LSH_FILE));
        let names = [NATIVE_FILE, IDS_FILE, ORDER_FILE, VECTORS_FILE, LSH_FILE, LSH_CODES_FILE];
        Ok(Self {
            key: KEYS.fetch_add(1, Ordering::Relaxed),
            spec: spec.clone(),
            d,
            native,
            ids,
            store,
            lsh,
            ram_bytes,
            disk_bytes: names.into_iter().map(bytes_of).sum(),
        })
    }

    pub fn spec(&self) -> &IndexSpec {
        &self.spec
    }

    pub fn d(&self) -> usize {
        self.d
    }

    pub fn ntotal(&self) -> usize {
        self.ids.rows()
    }

    /// Memory it takes, without files that are mapped.
    pub fn ram_bytes(&self) -> u64 {
        self.ram_bytes
    }

    pub fn disk_bytes(&self) -> u64 {
        self.disk_bytes
    }

    /// 1 for lists of equal length, more for unequal ones.
    pub fn imbalance(&self) -> Option<f64> {
        self.native.as_ref().and_then(Native::imbalance)
    }

    /// Mean squared distance between vectors and their codes (where vectors are stored whole: their lists' centroids).
    /// `x` holds rows of d.
    pub fn quantisation_error(&self, x: &[f32]) -> Option<f64> {
        self.native.as_ref()?.quantisation_error(x, self.spec.codes == Codes::F32)
    }

    pub(super) fn ids(&self) -> &IdMap {
        &self.ids
    }

    /// Exact vectors by row, where they are kept.
    pub(super) fn store(&self) -> Option<&ExactStore> {
        self.store.as_ref()
    }

    /// The `k` nearest to each probe (rows of d), without the dead rows and the faces left out for it, among the filter's
    /// faces if there is one.
    pub(super) fn search(
        &self,
        probes: &[f32],
        k: usize,
        params: &SearchParams,
        options: SearchOptions<'_>,
        dead: &RowSet,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let rows = options.filter.map(|filter| filter.rows(self.key, |filter| self.ids.rows_of(filter)));
        self.search_within(probes, k, params, rows.as_deref(), dead, options.exclude)
    }

    /// The same among rows, or all rows.
    pub(super) fn search_within(
        &self,
        probes: &[f32],
        k: usize,
        params: &SearchParams,
        rows: Option<&RowSet>,
        dead: &RowSet,
        exclude: &[Vec<FaceId>],
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let alive;
        let filter = match rows {
            Some(rows) if dead.count() > 0 => {
                alive = rows.clone().without(dead);
                Some(&alive)
            }
            rows => rows,
        };
        let out: Vec<Vec<usize>> = exclude.iter().map(|faces| self.rows_alive(faces, dead)).collect();
        let allowed = Allowed { filter, dead, out: if out.iter().all(Vec::is_empty) { &[] } else { &out } };
        let one_by_one = || {
            let search = |(at, probe)| self.search_one(probe, k, params, allowed.of(at));
            probes.chunks_exact(self.d).enumerate().map(search).collect()
        };
        match (&self.native, &self.lsh) {
            // A walk through a graph is told which rows it may bring, and takes its probes one by one at any rate.
            (Some(_), None) if self.is_graph() && !allowed.out.is_empty() => one_by_one(),
            (Some(native), None) if !self.prefers_scoring_all(allowed) => {
                self.search_native(native, probes, k, params, allowed)
            }
            _ => one_by_one(),
        }
    }

    /// The rows of faces that are in it, without the dead ones, each once.
    fn rows_alive(&self, faces: &[FaceId], dead: &RowSet) -> Vec<usize> {
        let mut rows: Vec<usize> =
            faces.iter().filter_map(|face| self.ids.row(*face)).filter(|row| !dead.contains(*row)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn is_graph(&self) -> bool {
        matches!(self.spec.structure, Structure::Hnsw { .. })
    }

    /// Whether no face can be missed in a search with this filter: every vector that it may answer with is compared.
    pub(super) fn finds_all(&self, filter: Option<&FaceFilter>, dead: &RowSet) -> bool {
        let rows = filter.map(|filter| filter.rows(self.key, |filter| self.ids.rows_of(filter)));
        let allowed = Allowed { filter: rows.as_deref(), dead, out: &[] };
        (self.native.is_none() && self.lsh.is_none()) || self.prefers_scoring_all(allowed)
    }

    /// Inner products of rows with the probe, best first; rows that are dead or not there are passed over.
    pub(super) fn score_rows(&self, probe: &[f32], rows: impl Iterator<Item = usize>, k: usize) -> Vec<Hit> {
        let Some(store) = &self.store else { return Vec::new() };
        let rows: Vec<usize> = rows.collect();
        const AHEAD: usize = 6;
        rows.iter().take(AHEAD).for_each(|&row| store.prefetch(row));
        let mut best = Best::new(k);
        for (at, &row) in rows.iter().enumerate() {
            if let Some(&ahead) = rows.get(at + AHEAD) {
                store.prefetch(ahead);
            }
            if let Some(face) = self.ids.face(row) {
                best.offer(Hit { face, score: store.score(probe, row) });
            }
        }
        best.into_hits()
    }

    fn prefers_scoring_all(&self, allowed: Allowed<'_>) -> bool {
        self.store.is_some() && self.is_rare(allowed)
    }

    /// Whether so few rows are allowed that looking at all of them is the quickest way.
    fn is_rare(&self, allowed: Allowed<'_>) -> bool {
        let few = (self.ntotal() as f64 * FEW_ROWS) as usize;
        allowed.filter.is_some_and(|filter| filter.count() <= few.max(1000))
    }

    /// For a single probe, and what is allowed for it.
    fn search_one(
        &self,
        probe: &[f32],
        k: usize,
        params: &SearchParams,
        allowed: Allowed<'_>,
    ) -> Result<Vec<Hit>, IndexError> {
        let k = k.min(allowed.count(0, self.ntotal()));
        if self.prefers_scoring_all(allowed) {
            return Ok(self.score_allowed(probe, k, allowed));
        }
        let native_alone = |native| -> Result<Vec<Hit>, IndexError> {
            Ok(self.search_native(native, probe, k, params, allowed)?.pop().unwrap_or_default())
        };
        let lsh = match (&self.lsh, &self.native) {
            (Some(lsh), _) => lsh,
            (None, Some(native)) => return native_alone(native),
            (None, None) => return Ok(self.score_allowed(probe, k, allowed)),
        };
        let is_in = |row| allowed.has(0, row);
        let keeps_all = allowed.filter.is_none() && allowed.dead.count() == 0 && allowed.out.is_empty();
        let near = lsh.candidates(probe, params, k, if keeps_all { None } else { Some(&is_in) })?;
        let Some(native) = &self.native else {
            let mut hits = self.score_rows(probe, near.into_iter().map(|row| row as usize), k);
            if hits.len() < k && params.lsh_radius.is_some() {
                // A radius is a wish, too, but not one for fewer answers.
                hits = self.score_allowed(probe, k, allowed);
            }
            return Ok(hits);
        };
        let mut chosen = RowSet::empty(self.ntotal());
        near.into_iter().for_each(|row| chosen.insert(row as usize));
        let within = Allowed { filter: Some(&chosen), dead: allowed.dead, out: &[] };
        let found = self.search_native(native, probe, k.min(chosen.count()), params, within)?;
        let hits = found.into_iter().next().unwrap_or_default();
        if hits.len() < k { native_alone(native) } else { Ok(hits) }
    }

    /// Every row allowed for a single probe, exactly.
    fn score_allowed(&self, probe: &[f32], k: usize, allowed: Allowed<'_>) -> Vec<Hit> {
        match allowed.filter {
            Some(filter) => self.score_rows(probe, filter.iter().filter(|row| allowed.has(0, *row)), k),
            None => self.score_rows(probe, (0..self.ntotal()).filter(|row| allowed.has(0, *row)), k),
        }
    }

    fn search_native(
        &self,
        native: &Native,
        probes: &[f32],
        k: usize,
        params: &SearchParams,
        allowed: Allowed<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let n = self.ntotal();
        let most = (0..allowed.out.len().max(1)).map(|at| allowed.count(at, n)).max().unwrap_or(0);
        let k = k.min(most);
        if k == 0 {
            return Ok(vec![Vec::new(); probes.len() / self.d]);
        }
        let breadth = match self.is_rare(allowed) {
            true => Breadth::whole(params, &self.spec, k),
            false => Breadth::from_params(params, &self.spec, k),
        };
        let mut found = self.search_once(native, probes, k, &breadth, allowed)?;
        for (at, (probe, hits)) in probes.chunks_exact(self.d).zip(&mut found).enumerate() {
            let mut breadth = breadth;
            let (allowed, k) = (allowed.of(at), k.min(allowed.count(at, n)));
            // Lists that are too short, or dead and unwanted rows among those found, must not cost answers.
            while hits.len() < k && breadth.widen(&self.spec, n) {
                *hits = self.search_once(native, probe, k, &breadth, allowed)?.pop().unwrap_or_default();
            }
            if hits.len() < k && self.store.is_some() {
                *hits = self.score_allowed(probe, k, allowed);
            }
        }
        Ok(found)
    }

    /// Fast-scan codes without lists take no selector of rows.
    fn selects_rows(&self) -> bool {
        !(self.spec.structure == Structure::Flat && matches!(self.spec.codes, Codes::PqFastScan { .. }))
    }

    /// Rows that a graph may bring for a single probe, where some are left out. To ask for those as well would be to walk
    /// farther; elsewhere all of a list is compared, and they are asked for and dropped.
    fn rows_of_walk(&self, allowed: Allowed<'_>) -> Option<RowSet> {
        if !self.is_graph() || allowed.out.is_empty() {
            return None;
        }
        let mut rows = match allowed.filter {
            Some(filter) => filter.clone(),
            None => RowSet::all(self.ntotal()).without(allowed.dead),
        };
        allowed.out_of(0).iter().for_each(|row| rows.remove(*row));
        Some(rows)
    }

    fn search_once(
        &self,
        native: &Native,
        probes: &[f32],
        k: usize,
        breadth: &Breadth,
        allowed: Allowed<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let walk = self.rows_of_walk(allowed);
        let selected = walk.as_ref().or(allowed.filter.filter(|_| self.selects_rows()));
        let spare = match allowed.filter.is_none() && walk.is_none() {
            true => allowed.dead.count().min(k / 4 + 8),
            false => 0,
        };
        // Where Faiss cannot be told which rows are wanted, so many more are asked for that enough of them are.
        let more = match allowed.filter {
            Some(filter) if selected.is_none() => 2 * self.ntotal() / filter.count().max(1),
            _ => 1,
        };
        let pool = (k.saturating_mul(breadth.refine_factor) + spare).saturating_mul(breadth.more).saturating_mul(more);
        let out = if walk.is_some() { 0 } else { allowed.most_out() };
        let wanted = pool.saturating_add(out).min(self.ntotal());
        let native_params = NativeParams {
            nprobe: breadth.nprobe,
            ef_search: breadth.ef_search.max(wanted),
            wanted: selected.map(RowSet::as_wanted),
            scan: breadth.is_whole,
        };
        let (measures, labels) = native.search(probes, wanted, native_params)?;
        let lists = labels.chunks_exact(wanted).zip(measures.chunks_exact(wanted));
        let answers = lists.zip(probes.chunks_exact(self.d)).enumerate().map(|(at, ((labels, measures), probe))| {
            let found = labels.iter().zip(measures).filter_map(|(&label, &measure)| {
                let row = usize::try_from(label).ok().filter(|&row| allowed.has(at, row))?;
                Some((row, measure))
            });
            // As many as a search by which nothing is left out would have.
            let found = found.take(pool);
            if self.store.is_some() {
                return self.score_rows(probe, found.map(|(row, _)| row), k);
            }
            let scored = found.filter_map(|(row, measure)| {
                // For unit vectors the squared distance is 2 − 2 × the inner product.
                let score = if native.is_l2() { 1.0 - measure / 2.0 } else { measure };
                Some(Hit { face: self.ids.face(row)?, score })
            });
            let mut hits: Vec<Hit> = scored.collect();
            hits.sort_unstable_by(by_rank);
            hits.dedup_by_key(|hit| hit.face);
            hits.truncate(k);
            hits
        });
        Ok(answers.collect())
    }

    /// See [`super::TieredIndex::bare_search`].
    pub(super) fn bare_search(&self, probe: &[f32], k: usize, params: &SearchParams) -> Option<Result<(), IndexError>> {
        let native = self.native.as_ref().filter(|_| self.lsh.is_none())?;
        let breadth = Breadth::from_params(params, &self.spec, k);
        let wanted = (k * breadth.refine_factor).min(self.ntotal());
        let ef_search = breadth.ef_search.max(wanted);
        let params = NativeParams { nprobe: breadth.nprobe, ef_search, wanted: None, scan: false };
        Some(native.search(probe, wanted, params).map(|_| ()))
    }

    /// The row of a face; `None` for one that is not in it.
    pub(crate) fn row(&self, face: FaceId) -> Option<usize> {
        self.ids.row(face)
    }
}

/// How far one search looks.
#[derive(Clone, Copy)]
struct Breadth {
    /// Every list, and every node of a graph.
    is_whole: bool,
    nprobe: usize,
    ef_search: usize,
    refine_factor: usize,
    /// Times as many candidates as asked for.
    more: usize,
}

impl Breadth {
    fn from_params(params: &SearchParams, spec: &IndexSpec, k: usize) -> Self {
        let nlist = spec.nlist().unwrap_or(1);
        Self {
            is_whole: false,
            nprobe: params.nprobe.clamp(1, nlist) as usize,
            ef_search: params.ef_search_in_effect(spec, k).unwrap_or(params.ef_search as usize),
            refine_factor: if spec.refine == Refine::None { 1 } else { params.refine_factor.max(1) as usize },
            more: 1,
        }
    }

    fn whole(params: &SearchParams, spec: &IndexSpec, k: usize) -> Self {
        let nprobe = spec.nlist().unwrap_or(1) as usize;
        Self { is_whole: true, nprobe, ..Self::from_params(params, spec, k) }
    }

    /// Looks four times as far; `false` when it looked everywhere already.
    fn widen(&mut self, spec: &IndexSpec, ntotal: usize) -> bool {
        let nlist = spec.nlist().unwrap_or(1) as usize;
        let is_whole = self.nprobe >= nlist && self.ef_search >= ntotal && self.more >= ntotal;
        self.nprobe = (self.nprobe * 4).min(nlist);
        self.ef_search = (self.ef_search * 4).min(ntotal);
        self.more = (self.more * 4).min(ntotal);
        !is_whole
    }
}
