//! Indexes that are built to be measured, and deleted again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::circumstances;
use super::prepare::Prepared;
use super::probes::choose;
use crate::index::{RawVectors, TieredIndex, build_with_templates, threads};
use crate::jobs::engine::Engine;
use crate::jobs::live::{Watch, raw_vectors};
use crate::jobs::scratch::TempFolder;
use crate::jobs::work::JobError;
use crate::types::{Circumstances, FaceId, IndexSpec, ProbeSet, SubjectId};

/// A gallery to measure specs on. Its vectors are written to a file when the first index has to be built of them.
pub(super) struct Workshop<'a> {
    engine: &'a Engine,
    probes: ProbeSet,
    k: usize,
    circumstances: Circumstances,
    labels: Vec<(FaceId, SubjectId)>,
    dir: PathBuf,
    raw: Option<RawVectors>,
    pub prepared: Arc<Prepared>,
}

/// An index to be measured.
pub(super) struct Exhibit {
    pub index: Arc<TieredIndex>,
    pub build_secs: f32,
    /// Its files go with this.
    _place: Option<TempFolder>,
}

impl<'a> Workshop<'a> {
    /// # Errors
    /// As [`Prepared::of_gallery`]; circumstances that leave nothing to measure.
    pub fn open(
        engine: &'a Engine,
        probes: &ProbeSet,
        k: usize,
        circumstances: Circumstances,
        watch: &Watch<'_>,
    ) -> Result<Self, JobError> {
        circumstances::check(&circumstances)?;
        let prepared = match circumstances == Circumstances::default() {
            true => Prepared::of_gallery(engine, probes, k, watch)?,
            false => Arc::new(Prepared::of_gallery_under(engine, probes, k, circumstances, watch)?),
        };
        let (labels, dir) = (engine.gallery().labels()?, engine.work_dir()?);
        Ok(Self { engine, probes: probes.clone(), k, circumstances, labels, dir, raw: None, prepared })
    }

    pub fn labels(&self) -> &[(FaceId, SubjectId)] {
        &self.labels
    }

    /// The live index where the spec is exact and it is, too; else one that is built beside it.
    ///
    /// # Errors
    /// The spec does not suit the gallery; a full disk; [`JobError::Cancelled`].
    pub fn exhibit(&mut self, spec: &IndexSpec, watch: &Watch<'_>) -> Result<Exhibit, JobError> {
        if let Some(index) = self.live_flat().filter(|_| spec.is_exact()) {
            return Ok(Exhibit { index, build_secs: 0.0, _place: None });
        }
        let place = TempFolder::create(&self.dir)?;
        let raw = match self.raw.take() {
            Some(raw) => raw,
            None => self.read(watch)?,
        };
        let made = built(&raw, &self.labels, spec, place.path(), &self.circumstances, watch);
        self.raw = Some(raw);
        let (index, build_secs) = made?;
        Ok(Exhibit { index, build_secs, _place: Some(place) })
    }

    fn live_flat(&self) -> Option<Arc<TieredIndex>> {
        let Circumstances { tail, tombstones, enrolling, .. } = self.circumstances;
        let faces = self.engine.index().faces();
        (tail == 0.0 && tombstones == 0.0 && !enrolling && faces.trained().is_none()).then_some(faces)
    }

    /// Writes the vectors to a file. Where the gallery has changed since the probes were prepared, they are prepared anew.
    fn read(&mut self, watch: &Watch<'_>) -> Result<RawVectors, JobError> {
        let (engine, path) = (self.engine, vectors_path(&self.dir));
        let raw = raw_vectors(engine.gallery(), &engine.index(), &path, 1.0, watch)?;
        if raw.digest() != self.prepared.digest {
            let probes = choose(engine, &self.probes)?;
            self.prepared = Arc::new(Prepared::of_raw(&raw, probes, self.k, self.circumstances, watch)?);
        }
        Ok(raw)
    }
}

/// A path in `dir` that nobody else has.
fn vectors_path(dir: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    dir.join(format!("vectors-{}-{}.raw", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// An index of the vectors, loaded and aged as the circumstances are, and the seconds it took to build.
pub(super) fn built(
    raw: &RawVectors,
    labels: &[(FaceId, SubjectId)],
    spec: &IndexSpec,
    place: &Path,
    circumstances: &Circumstances,
    watch: &Watch<'_>,
) -> Result<(Arc<TieredIndex>, f32), JobError> {
    let early = circumstances::without_late(raw, circumstances, &vectors_path(place))?;
    let whole = early.as_ref().unwrap_or(raw);
    let (index, secs) = if spec.is_exact() {
        let begun = std::time::Instant::now();
        let flat = whole.to_flat(watch)?;
        (TieredIndex::from_flat(flat), begun.elapsed().as_secs_f32())
    } else {
        // Beside the vectors, in an empty folder.
        let place = place.join("built");
        std::fs::create_dir_all(&place).map_err(|reason| JobError::Io { reason, path: place.clone() })?;
        let built = build_with_templates(whole, labels, spec, &place, threads(), watch)?;
        (built.open_tiered(labels)?, built.record.build_secs)
    };
    circumstances::age(&index, raw, circumstances)?;
    Ok((Arc::new(index), secs))
}
