use crate::tell;
use crate::types::Telling;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::IndexError;
use super::face_index::{FaceIndex, SearchOptions, check_added, check_search, most_excluded, search_shared_out};
use super::faiss::{Native, NativeParams};
use super::files::bytes_of;
use super::hit::{Hit, by_rank};
use super::moment::moment;
use super::rows::{FaceFilter, RowSet};
use super::watch::BuildWatch;
use crate::types::{Embedding, FaceId, IndexSpec};

/// Embeddings handed to Faiss at once, so that a large `add` needs no second copy of everything.
const ADD_CHUNK: usize = 16_384;

/// Rows copied at once for who goes through all.
const PIECE: usize = 2048;

/// What Faiss puts before the rows of a flat index with inner products in a file.
fn file_header(d: usize, rows: usize) -> Vec<u8> {
    const UNUSED: i64 = 1 << 20;
    const IS_TRAINED: u8 = 1;
    const INNER_PRODUCT: i32 = 0;
    let mut header = b"IxFI".to_vec();
    header.extend((d as i32).to_le_bytes());
    [rows as i64, UNUSED, UNUSED].iter().for_each(|number| header.extend(number.to_le_bytes()));
    header.push(IS_TRAINED);
    header.extend(INNER_PRODUCT.to_le_bytes());
    header.extend(((rows * d) as u64).to_le_bytes());
    header
}

/// Faiss `Flat` with inner product: compares the probe with every embedding.
///
/// Many threads may search at once; `add` and `remove` wait for them. Which face stands at which row is kept here
/// rather than in Faiss.
pub struct FlatIndex {
    d: usize,
    rows: RwLock<Rows>,
}

struct Rows {
    flat: Native,
    /// The face of each row.
    ids: Vec<FaceId>,
    known: HashSet<FaceId>,
    /// Another one after every change, unlike any other index's.
    key: u64,
    /// How often rows were taken out, at which those behind them moved up.
    removals: u64,
}

/// Nothing that is done to a flat index takes long enough to be interrupted.
static NO_INTERRUPT: AtomicBool = AtomicBool::new(false);

/// Keys of trained indexes count up from 1.
fn next_key() -> u64 {
    static KEYS: AtomicU64 = AtomicU64::new(1 << 63);
    KEYS.fetch_add(1, Ordering::Relaxed)
}

impl std::fmt::Debug for FlatIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlatIndex").field("d", &self.d).field("ntotal", &self.ntotal()).finish()
    }
}

impl FlatIndex {
    /// An empty index for embeddings of length `d`.
    ///
    /// # Errors
    /// [`IndexError::InvalidDimension`].
    pub fn new(d: usize) -> Result<Self, IndexError> {
        let flat = Native::new(d, "Flat", false, IndexSpec::EF_CONSTRUCTION)?;
        Ok(Self {
            d,
            rows: RwLock::new(Rows { flat, ids: Vec::new(), known: HashSet::new(), key: next_key(), removals: 0 }),
        })
    }

    /// Writes the rows to `path` in Faiss' own format and returns the faces in the order of the rows. Searches and changes
    /// go on meanwhile: a face that comes, goes or gets another vector in between is there as before or after, or not at
    /// all, and what the index lacks is added to it when it is loaded.
    pub(super) fn write(&self, path: &Path, watch: &dyn BuildWatch) -> Result<Vec<FaceId>, IndexError> {
        let file = File::create(path).map_err(IndexError::io("write the index", path))?;
        let mut writer = BufWriter::with_capacity(1 << 20, file);
        let failed = || IndexError::io("write the index", path);
        writer.write_all(&file_header(self.d, 0)).map_err(failed())?;
        let mut faces = Vec::with_capacity(self.ntotal());
        self.for_each_piece(|ids, values| {
            watch.checkpoint()?;
            watch.progress("Writing", faces.len(), self.ntotal());
            faces.extend_from_slice(ids);
            writer.write_all(bytes_of(values)).map_err(failed())
        })?;
        let finish = || {
            let mut file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&file_header(self.d, faces.len()))
        };
        finish().map_err(failed())?;
        Ok(faces)
    }

    /// Reads what [`Self::write`] wrote. The file's checksum has been verified before.
    pub(super) fn read(path: &Path, d: usize, ids: Vec<FaceId>) -> Result<Self, IndexError> {
        let corrupt = |detail: Telling| IndexError::Corrupt { path: path.to_path_buf(), detail };
        let flat = Native::read(path, false)?;
        if flat.is_l2() {
            return Err(corrupt("its metric is not the inner product".into()));
        }
        // Faiss keeps no rows of an empty index to point to.
        if flat.ntotal() > 0 && flat.flat_rows().is_none() {
            return Err(corrupt("it is no Flat index".into()));
        }
        if flat.d() != d || flat.ntotal() != ids.len() {
            return Err(corrupt(tell!("index-holds-rows", n = flat.ntotal(), d = flat.d())));
        }
        let known: HashSet<_> = ids.iter().copied().collect();
        if known.len() != ids.len() || ids.iter().any(|id| id.0 < 0) {
            return Err(corrupt("its ids are not distinct".into()));
        }
        Ok(Self { d, rows: RwLock::new(Rows { flat, ids, known, key: next_key(), removals: 0 }) })
    }

    /// Hands every face and its vector to `f`, each once, in the order of the rows. Nobody waits meanwhile.
    pub(crate) fn for_each<E>(&self, mut f: impl FnMut(FaceId, &[f32]) -> Result<(), E>) -> Result<(), E> {
        self.for_each_piece(|ids, values| {
            ids.iter().zip(values.chunks_exact(self.d)).try_for_each(|(&face, row)| f(face, row))
        })
    }

    /// The same, some rows at a time. Each piece is copied, so that changes wait for the copy alone.
    fn for_each_piece<E>(&self, mut f: impl FnMut(&[FaceId], &[f32]) -> Result<(), E>) -> Result<(), E> {
        let mut seen = HashSet::new();
        let (mut at, mut removals) = (0, 0);
        loop {
            let (mut ids, mut values) = {
                let rows = self.rows();
                if std::mem::replace(&mut removals, rows.removals) != rows.removals {
                    // Rows keep their order, so those that were seen still come first.
                    at = rows.ids.iter().take_while(|face| seen.contains(*face)).count();
                }
                let end = (at + PIECE).min(rows.ids.len());
                let all = rows.flat.flat_rows().unwrap_or_default();
                let piece = (rows.ids[at..end].to_vec(), all[at * self.d..end * self.d].to_vec());
                at = end;
                piece
            };
            if ids.is_empty() {
                return Ok(());
            }
            // One that got another vector meanwhile stands at the end again.
            if ids.iter().any(|face| seen.contains(face)) {
                let rows = ids.iter().zip(values.chunks_exact(self.d)).filter(|(face, _)| !seen.contains(*face));
                (ids, values) = rows.fold(<(Vec<_>, Vec<_>)>::default(), |(mut ids, mut values), (face, row)| {
                    ids.push(*face);
                    values.extend_from_slice(row);
                    (ids, values)
                });
            }
            f(&ids, &values)?;
            seen.extend(ids);
            moment("between rows");
        }
    }

    /// Takes faces out, and puts others in or gives them another vector, in one step: no search sees it half done.
    ///
    /// # Errors
    /// As [`FaceIndex::add`]; a face among `gone` and `ids` is put in.
    pub(super) fn replace(&self, gone: &[FaceId], ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        check_added(self.d, ids, embeddings.iter(), |_| false)?;
        rows.take_out(&mut gone.iter().chain(ids))?;
        rows.put_in(self.d, ids, embeddings)
    }

    /// See [`super::TieredIndex::bare_search`].
    pub(super) fn bare_search(&self, probe: &Embedding, k: usize) -> Option<Result<(), IndexError>> {
        let rows = self.rows();
        let k = k.min(rows.ids.len());
        let params = NativeParams { nprobe: 1, ef_search: 1, wanted: None, scan: false };
        (k > 0).then(|| rows.flat.search(probe.as_slice(), k, params).map(|_| ()))
    }

    /// Memory it takes.
    pub fn ram_bytes(&self) -> u64 {
        // The faces stand in a list and in a set.
        (self.ntotal() * (self.d * 4 + 8 + 18)) as u64
    }

    fn rows(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows_mut(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaceIndex for FlatIndex {
    fn d(&self) -> usize {
        self.d
    }

    fn ntotal(&self) -> usize {
        self.rows().ids.len()
    }

    fn contains(&self, face: FaceId) -> bool {
        self.rows().known.contains(&face)
    }

    fn ids(&self) -> Vec<FaceId> {
        self.rows().ids.clone()
    }

    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        check_search(self.d, probes, &options)?;
        let rows = self.rows();
        let rows = &*rows;
        search_shared_out(probes, |first, share| rows.search(share, k, options.beginning_at(first)))
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        check_added(self.d, ids, embeddings.iter(), |id| rows.known.contains(&id))?;
        rows.put_in(self.d, ids, embeddings)
    }

    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        self.rows_mut().take_out(&mut ids.iter())
    }
}

impl Rows {
    /// All of them, or none.
    fn put_in(&mut self, d: usize, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let before = self.ids.len();
        self.key = next_key();
        let mut values = Vec::with_capacity(embeddings.len().min(ADD_CHUNK) * d);
        for (ids, chunk) in ids.chunks(ADD_CHUNK).zip(embeddings.chunks(ADD_CHUNK)) {
            values.clear();
            values.extend(chunk.iter().flat_map(|embedding| embedding.as_slice()));
            if let Err(e) = self.flat.add(&values, &NO_INTERRUPT) {
                // All or nothing: the chunks before this one go again.
                let added: Vec<_> = (before..self.ids.len()).collect();
                self.drop_rows(&added)?;
                return Err(e);
            }
            self.ids.extend_from_slice(ids);
            self.known.extend(ids);
        }
        Ok(())
    }

    fn take_out(&mut self, ids: &mut dyn Iterator<Item = &FaceId>) -> Result<(), IndexError> {
        let gone: HashSet<_> = ids.filter(|id| self.known.contains(id)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let rows = self.ids.iter().enumerate();
        let positions: Vec<_> = rows.filter(|(_, id)| gone.contains(id)).map(|(position, _)| position).collect();
        self.key = next_key();
        self.drop_rows(&positions)
    }

    /// On the calling thread.
    fn search(&self, probes: &[Embedding], k: usize, options: SearchOptions<'_>) -> Result<Vec<Vec<Hit>>, IndexError> {
        let asked = k;
        // Every row is compared, so that asking for those left out as well looks no farther.
        let k = k.saturating_add(most_excluded(options.exclude));
        let wanted = options.filter.map(|filter| filter.rows(self.key, |filter| self.rows_of(filter)));
        // Faiss pads with -1 what is beyond the end.
        let k = k.min(wanted.as_ref().map_or(self.ids.len(), |rows| rows.count()));
        if k == 0 {
            return Ok(vec![Vec::new(); probes.len()]);
        }
        let queries: Cow<'_, [f32]> = match probes {
            [probe] => probe.as_slice().into(),
            _ => probes.iter().flat_map(Embedding::as_slice).copied().collect(),
        };
        let wanted = wanted.as_ref().map(|rows| rows.as_wanted());
        let params = NativeParams { nprobe: 1, ef_search: 1, wanted, scan: false };
        let (scores, labels) = self.flat.search(&queries, k, params)?;
        let lists = labels.chunks_exact(k).zip(scores.chunks_exact(k));
        let hits = lists.enumerate().map(|(at, (labels, scores))| {
            let out = options.excluded(at);
            let hits = labels
                .iter()
                .zip(scores)
                .filter_map(|(&label, &score)| Some(Hit { face: *self.ids.get(usize::try_from(label).ok()?)?, score }))
                .filter(|hit| !out.contains(&hit.face));
            let mut hits: Vec<_> = hits.collect();
            hits.sort_unstable_by(by_rank);
            hits.truncate(asked);
            hits
        });
        Ok(hits.collect())
    }

    fn rows_of(&self, filter: &FaceFilter) -> RowSet {
        let mut rows = RowSet::empty(self.ids.len());
        let wanted = self.ids.iter().enumerate().filter(|(_, face)| filter.contains(**face));
        wanted.for_each(|(row, _)| rows.insert(row));
        rows
    }

    /// `positions` are in rising order. Faiss closes the gaps and keeps the order, and so do the ids.
    fn drop_rows(&mut self, positions: &[usize]) -> Result<(), IndexError> {
        if positions.is_empty() {
            return Ok(());
        }
        self.removals += 1;
        let removed = self.flat.remove(positions)?;
        if removed != positions.len() {
            return Err(IndexError::Faiss(format!("{removed} rows were removed, not {}", positions.len())));
        }
        let mut next = positions.iter().peekable();
        let mut position = 0;
        let known = &mut self.known;
        self.ids.retain(|id| {
            let is_gone = next.next_if_eq(&&position).is_some();
            position += 1;
            if is_gone {
                known.remove(id);
            }
            !is_gone
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::faiss::{MAX_D, with_threads};
    use super::super::watch::Unwatched;
    use super::*;

    #[test]
    fn shared_out_batches_come_back_in_order() {
        let index = FlatIndex::new(4).unwrap();
        let embeddings: Vec<_> = (0..101u8)
            .map(|i| Embedding::try_from_raw((0..4).map(|j| (f32::from(i) * 1.7 + j as f32).sin()).collect()).unwrap())
            .collect();
        index.add(&(0..101).map(FaceId).collect::<Vec<_>>(), &embeddings).unwrap();
        let hits = with_threads(3, || index.search_batch(&embeddings, 2)).unwrap();
        assert_eq!(hits.len(), 101);
        for (hits, probe) in hits.iter().zip(&embeddings) {
            let alone = index.search(probe, 2).unwrap();
            assert!((hits[0].score - 1.0).abs() < 1e-5 && (hits[0].score - alone[0].score).abs() < 1e-5);
            assert!((hits[1].score - alone[1].score).abs() < 1e-5);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_for_small_and_large_files() {
        for n in [1, 100_000] {
            let index = FlatIndex::new(4).unwrap();
            let one = Embedding::try_from_raw(vec![1.0; 4]).unwrap();
            index.add(&(0..n).map(FaceId).collect::<Vec<_>>(), &vec![one; n as usize]).unwrap();
            let refusal = index.write(Path::new("/dev/full"), &Unwatched).unwrap_err().to_string();
            assert!(refusal.contains("disk"), "{n}: {refusal}");
        }
    }

    #[test]
    fn dimensions_out_of_range_are_refused() {
        assert!(matches!(FlatIndex::new(0), Err(IndexError::InvalidDimension { .. })));
        assert!(matches!(FlatIndex::new(MAX_D + 1), Err(IndexError::InvalidDimension { .. })));
    }
}
