use crate::tell;
use crate::types::{Tell, Telling};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::child::{Trial, abort_if_told, try_photo};
use super::journal::Journal;
use super::moves::{Elsewhere, elsewhere, file_stat, is_untouched};
use super::request::EnrollRequest;
use crate::jobs::budget::{BUDGET, detection_memory};
use crate::jobs::engine::Engine;
use crate::jobs::pipeline::{PIPELINE_VERSION, analyze, decode_params, main_face, params_digest_of};
use crate::jobs::walk::Found;
use crate::jobs::work::{JobControl, JobError};
use crate::store::{EnrolledFace, EnrolledPhoto, FileStat, FolderName, PhotoRecord};
use crate::types::PhotoId;
use crate::vision::VisionError;
use crate::vision::decode::{DecodeError, DecodeParams, decoding_need, encode_jpeg, open_photo, read_photo_file};
use crate::vision::embed::Embedder;
use crate::vision::mtcnn::Mtcnn;

/// What became of one photo.
pub(super) enum Taken {
    /// Enrolled already with the same content and parameters. With `touched` something else of the file has changed.
    Known { photo: PhotoId, touched: Option<FileStat> },
    /// Enrolled already, and reached by another path that is still there, too.
    SameFile(PhotoId),
    /// Enrolled already, under a path that is no more its own.
    Moved { photo: PhotoId, file: FileStat, content_hash: [u8; 32] },
    /// With what it is a new enrollment of, where that lay elsewhere, and what of its file was not read, in words.
    Photo { photo: Box<EnrolledPhoto>, follows: Option<PhotoId>, notice: Option<Telling> },
    /// A person has taken a photo with this content out of the gallery.
    Removed(PhotoId),
    /// Why it cannot be enrolled.
    Issue(Telling),
    /// It may have ended an earlier run by a crash, and was not let near this process.
    Deadly(Telling),
    /// Its file was gone before it could be read.
    Vanished,
    /// Another content than that of the photo which stands there: that one may turn up elsewhere, so it waits for the end
    /// of the walk.
    Later,
}

/// Takes photos through decode, detect, align and embed. Shared by the worker threads.
pub(super) struct PhotoWorker<'a> {
    engine: &'a Engine,
    request: &'a EnrollRequest,
    control: &'a JobControl,
    /// Notes what is in work; `None` where the data folder takes no such file.
    journal: Option<Journal>,
    /// Photos that may have ended an earlier run by a crash.
    suspects: HashSet<PathBuf>,
    mtcnn: Arc<Mtcnn>,
    embedder: Arc<dyn Embedder>,
    params_digest: String,
    /// The files of photos that persons had taken out when the run began, with the hashes of their contents.
    removed: HashMap<PathBuf, (FileStat, [u8; 32])>,
    /// All photos have been met, and those that moved have their places.
    settled: AtomicBool,
}

/// A face's stored picture: small, and good enough to look at.
const CROP_JPEG_QUALITY: u8 = 90;

impl<'a> PhotoWorker<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        request: &'a EnrollRequest,
        control: &'a JobControl,
        guard: (Option<Journal>, HashSet<PathBuf>),
        embedder: Arc<dyn Embedder>,
    ) -> Result<Self, JobError> {
        let (journal, suspects) = guard;
        let mtcnn = engine.mtcnn()?;
        let params_digest = params_digest_of(PIPELINE_VERSION, &request.detector, embedder.manifest());
        Ok(Self {
            engine,
            request,
            control,
            journal,
            suspects,
            mtcnn,
            embedder,
            params_digest,
            removed: engine.gallery().removed_files()?,
            settled: AtomicBool::new(false),
        })
    }

    /// From now on photos replace those that stand in their places.
    pub(super) fn settle(&self) {
        self.settled.store(true, Ordering::SeqCst);
    }

    /// `slot` is the worker's own among those that take photos at the same time.
    ///
    /// # Errors
    /// Only what concerns the whole run: the gallery, a network that fails, cancellation. What is wrong with the photo
    /// is an issue.
    pub(super) fn take(&self, found: &Found, slot: usize) -> Result<Taken, JobError> {
        let path = &*found.path;
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Taken::Vanished),
            Err(error) => return Ok(Taken::Issue(tell!("issue-unreadable", reason = &error))),
        };
        let file = file_stat(&metadata);
        let known = self.engine.gallery().find_photo_by_path(path)?;
        if let Some(record) = known.as_ref().filter(|record| self.is_current(record) && is_untouched(record, &file)) {
            let touched = (record.file != file).then_some(file);
            return Ok(Taken::Known { photo: record.id, touched });
        }
        if self.suspects.contains(path) {
            match try_photo(path, &self.request.detector, self.control) {
                Trial::Harmless => {}
                Trial::Deadly(reason) => return Ok(Taken::Deadly(reason)),
                Trial::Cancelled => return Err(JobError::Cancelled),
            }
        }
        let params = decode_params(&self.request.detector);
        let need = self.in_work(slot, path, || {
            abort_if_told(path, "head");
            decoding_need(path, &params)
        });
        let memory = need.bytes + detection_memory(&self.request.detector, &need);
        // Who waits for memory is not in work: no crash meanwhile is this photo's.
        let _share = BUDGET.take(memory, self.control)?;
        self.in_work(slot, path, || {
            abort_if_told(path, "whole");
            self.take_changed(found, file, known, &params)
        })
    }

    /// Looks at a photo's content, with that on record for the case that the process dies of it.
    fn in_work<T>(&self, slot: usize, path: &Path, look: impl FnOnce() -> T) -> T {
        let _in_work = self.journal.as_ref().map(|journal| journal.enter(slot, path));
        look()
    }

    /// A photo that is new, or whose file is not as it was recorded.
    fn take_changed(
        &self,
        found: &Found,
        file: FileStat,
        known: Option<PhotoRecord>,
        params: &DecodeParams,
    ) -> Result<Taken, JobError> {
        let path = &*found.path;
        let (content_hash, bytes) = match self.content(path, &file, params) {
            Ok(content) => content,
            Err(error) => return Ok(Taken::Issue(error.telling())),
        };
        let mut follows = None;
        match &known {
            Some(record) if record.content_hash == content_hash => {
                if self.is_current(record) {
                    return Ok(Taken::Known { photo: record.id, touched: Some(file) });
                }
            }
            known => {
                match elsewhere(self.engine, path, &file, &content_hash, known.as_ref().map(|record| record.id))? {
                    Elsewhere::SameFile(photo) => return Ok(Taken::SameFile(photo)),
                    Elsewhere::Moved(record) if self.is_current(&record) => {
                        return Ok(Taken::Moved { photo: record.id, file, content_hash });
                    }
                    Elsewhere::Moved(record) => follows = Some(record.id),
                    Elsewhere::Nothing => {
                        if let Some(photo) = self.engine.gallery().removed_photo(&content_hash)? {
                            return Ok(Taken::Removed(photo));
                        }
                        if known.is_some() && !self.settled.load(Ordering::SeqCst) {
                            return Ok(Taken::Later);
                        }
                    }
                }
            }
        }
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => match read_photo_file(path, params.max_file_bytes) {
                Ok(bytes) if *blake3::hash(&bytes).as_bytes() == content_hash => bytes,
                Ok(_) => return Ok(Taken::Issue(tell!("issue-changed-meanwhile"))),
                Err(error) => return Ok(Taken::Issue(error.telling())),
            },
        };
        self.analyze(found, file, content_hash, follows, bytes, params)
    }

    /// The hash of a file's content, with the content. What a person has taken out and is as it was then is not read at each
    /// run to find that it stays out.
    fn content(
        &self,
        path: &Path,
        file: &FileStat,
        params: &DecodeParams,
    ) -> Result<([u8; 32], Option<Vec<u8>>), DecodeError> {
        if let Some(hash) = self.removed.get(path).filter(|(then, _)| then == file).map(|(_, hash)| *hash) {
            return Ok((hash, None));
        }
        let bytes = read_photo_file(path, params.max_file_bytes)?;
        Ok((*blake3::hash(&bytes).as_bytes(), Some(bytes)))
    }

    fn analyze(
        &self,
        found: &Found,
        file: FileStat,
        content_hash: [u8; 32],
        follows: Option<PhotoId>,
        bytes: Vec<u8>,
        params: &DecodeParams,
    ) -> Result<Taken, JobError> {
        let open = match open_photo(bytes, params) {
            Ok(open) => open,
            Err(error) => return Ok(Taken::Issue(error.telling())),
        };
        let (size, taken_at, notice) = (open.photo.size, open.photo.taken_at.clone(), open.photo.notice.clone());
        let analysis = match analyze(&self.mtcnn, &*self.embedder, open, &self.request.detector, true) {
            Ok(analysis) => analysis,
            Err(JobError::Pixels(error)) => return Ok(Taken::Issue(error.telling())),
            // The network could not cope with this photo; others may still go through.
            Err(JobError::Vision(error @ VisionError::BadOutput { .. })) => return Ok(Taken::Issue(error.telling())),
            Err(error) => return Err(error),
        };
        let main = main_face(&analysis.faces, size, |face| face.detection.bbox).map(|(at, _)| at);
        let subject = self.folder_subject(&found.shown);
        let mut faces = Vec::with_capacity(analysis.faces.len());
        for (at, face) in analysis.faces.into_iter().enumerate() {
            let crop_jpeg = match encode_jpeg(face.chip.as_ref().unwrap_or(&face.aligned_crop), CROP_JPEG_QUALITY) {
                Ok(jpeg) => jpeg,
                Err(error) => return Ok(Taken::Issue(error.telling())),
            };
            faces.push(EnrolledFace {
                detection: face.detection,
                quality: face.quality,
                crop_jpeg,
                embedding: face.embedding,
                subject: if main == Some(at) { subject.clone() } else { None },
            });
        }
        let photo = Box::new(EnrolledPhoto {
            path: found.path.clone(),
            content_hash,
            file,
            size,
            taken_at,
            params_digest: self.params_digest.clone(),
            model: self.embedder.manifest().name.clone(),
            threshold: self.embedder.manifest().threshold,
            issue: None,
            faces,
        });
        Ok(Taken::Photo { photo, follows, notice })
    }

    fn is_current(&self, record: &PhotoRecord) -> bool {
        record.params_digest == self.params_digest
    }

    /// The name of the folder in which the photo is seen, where subjects are taken from folders.
    pub(super) fn folder_subject(&self, path: &Path) -> Option<FolderName> {
        if !self.request.subjects_from_folders {
            return None;
        }
        path.parent()?.file_name().map(|name| FolderName(name.to_owned()))
    }
}
