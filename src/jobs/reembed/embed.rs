//! The workers of a change of the model.

use crate::tell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use image::RgbImage;

use super::crops::{PhotoCrops, photo_crops};
use super::embedding::Embedding;
use crate::jobs::work::{JobError, Pool, cores};
use crate::types::{Embedding as Vector, FaceId, PhotoId};
use crate::vision::VisionError;
use crate::vision::embed::Embedder;

/// Photos that a worker takes at a time: their faces go through the network together, which is quicker.
const PHOTOS: usize = 16;

/// A batch is stored when it has this many faces, or its first has waited this long.
const BATCH_FACES: usize = 512;
const BATCH_AGE: Duration = Duration::from_millis(500);

/// The faces of a photo with what became of them.
struct Embedded {
    photo: PhotoCrops,
    /// In the order of the crops.
    vectors: Vec<Result<Vector, String>>,
}

/// The faces of one photo.
type OfPhoto = (PhotoId, Vec<FaceId>);

impl<S> Embedding<'_, S> {
    /// Embeds these faces and stores what comes of them, batch by batch.
    pub(super) fn embed(&mut self, missing: &[(PhotoId, FaceId)]) -> Result<(), JobError> {
        let photos: Vec<OfPhoto> = missing
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|faces| (faces[0].0, faces.iter().map(|(_, face)| *face).collect()))
            .collect();
        let chunks: Vec<&[OfPhoto]> = photos.chunks(PHOTOS).collect();
        let place = AtomicUsize::new(0);
        let next = || chunks.get(place.fetch_add(1, Ordering::Relaxed)).copied();
        let (context, engine, next_model, book) = (self.context, self.engine, self.next, Arc::clone(&self.book));
        let (control, embedder) = (&context.control, &*next_model.embedder);
        let input = &embedder.manifest().input;
        let work = |_, photos: &[OfPhoto]| {
            let crops = |(photo, faces): &OfPhoto| {
                control.checkpoint()?;
                photo_crops(engine, &book, input, *photo, faces, control)
            };
            let read = photos.iter().map(crops).collect::<Result<Vec<_>, _>>();
            read.and_then(|photos| embed_photos(embedder, photos))
        };
        let threads = cores().min(chunks.len());
        let pool = Pool { name: "embed", threads, queue: threads, control };
        pool.run(next, work, None, |receiver| self.collect(receiver))?;
        control.checkpoint()?;
        Ok(())
    }

    fn collect(&mut self, receiver: &Receiver<Result<Vec<Embedded>, JobError>>) -> Result<(), JobError> {
        let mut batch = Vec::new();
        let mut begun = Instant::now();
        loop {
            let open = match receiver.recv_timeout(Duration::from_millis(100)) {
                Ok(embedded) => {
                    if batch.is_empty() {
                        begun = Instant::now();
                    }
                    match embedded {
                        Ok(photos) => photos.into_iter().try_for_each(|photo| self.take(photo, &mut batch))?,
                        Err(error) => {
                            self.store(&mut batch)?;
                            return Err(error);
                        }
                    }
                    true
                }
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            if !open || batch.len() >= BATCH_FACES || (begun.elapsed() >= BATCH_AGE && !batch.is_empty()) {
                self.store(&mut batch)?;
            }
            self.tell();
            if !open {
                return Ok(());
            }
        }
    }

    fn store(&mut self, batch: &mut Vec<(FaceId, Vector)>) -> Result<(), JobError> {
        self.summary.embedded += self.engine.gallery().add_embeddings(self.next.name(), batch)? as u64;
        self.meter.now.done += batch.len() as u64;
        batch.clear();
        Ok(())
    }

    fn take(&mut self, embedded: Embedded, batch: &mut Vec<(FaceId, Vector)>) -> Result<(), JobError> {
        let Embedded { photo, vectors } = embedded;
        let title = &self.next.entry.manifest.title;
        let mut refused = None;
        let (mut stored, mut failed) = (0, photo.lost.len() as u64);
        self.given_up.extend(&photo.lost);
        for ((face, _), vector) in photo.crops.iter().zip(vectors) {
            match vector {
                Ok(vector) => {
                    batch.push((*face, vector));
                    stored += u64::from(photo.stored_because.is_some());
                }
                Err(reason) => {
                    failed += 1;
                    self.given_up.insert(*face);
                    refused = Some(reason);
                }
            }
        }
        self.summary.from_stored_pictures += stored;
        self.summary.failed += failed;
        self.meter.now.done += failed;
        let reason = match (&photo.stored_because, refused) {
            (_, Some(reason)) => tell!("issue-not-embedded", title = title, reason = reason),
            (Some(reason), None) if failed > 0 => {
                tell!("issue-no-stored-picture", title = title, reason = reason.clone())
            }
            (Some(reason), None) => tell!("issue-from-stored-picture", title = title, reason = reason.clone()),
            (None, None) if failed > 0 => tell!("issue-no-crop", title = title),
            (None, None) => return Ok(()),
        };
        self.meter.now.issues += 1;
        self.issue(&photo.path, reason)
    }
}

/// All crops in one go; one that the network cannot cope with is found by itself.
fn embed_photos(embedder: &dyn Embedder, photos: Vec<PhotoCrops>) -> Result<Vec<Embedded>, JobError> {
    let crops: Vec<RgbImage> =
        photos.iter().flat_map(|photo| photo.crops.iter().map(|(_, crop)| crop.clone())).collect();
    let mut vectors = match embedder.embed(&crops) {
        Ok(vectors) => vectors.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(VisionError::BadOutput { .. }) => crops.iter().map(|crop| one(embedder, crop)).collect::<Result<_, _>>()?,
        Err(error) => return Err(error.into()),
    }
    .into_iter();
    Ok(photos
        .into_iter()
        .map(|photo| Embedded { vectors: vectors.by_ref().take(photo.crops.len()).collect(), photo })
        .collect())
}

fn one(embedder: &dyn Embedder, crop: &RgbImage) -> Result<Result<Vector, String>, JobError> {
    match embedder.embed(std::slice::from_ref(crop)) {
        Ok(mut vectors) => Ok(vectors.pop().ok_or_else(|| "it gave no vector".to_owned())),
        Err(error @ VisionError::BadOutput { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
