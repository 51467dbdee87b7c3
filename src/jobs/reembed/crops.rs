//! The crops that a model embeds, cut once more from photos that are enrolled.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use image::RgbImage;

use super::book::DetectorBook;
use crate::jobs::budget::take_memory;
use crate::jobs::engine::Engine;
use crate::jobs::pipeline::{chip_template, decode_params};
use crate::jobs::work::{JobControl, JobError, panic_message};
use crate::store::{FaceRecord, PhotoRecord, StoreError};
use crate::types::{FaceId, Landmarks, PhotoId};
use crate::vision::align::{Similarity, Template};
use crate::vision::decode::{DecodeParams, OpenPhoto, open_photo, read_photo_file};
use crate::vision::manifest::InputSpec;
use crate::vision::minify::shrunk_crop;

/// Faces of one photo, ready to be embedded.
#[derive(Default)]
pub(super) struct PhotoCrops {
    pub path: PathBuf,
    pub crops: Vec<(FaceId, RgbImage)>,
    /// Why they come from stored pictures, where they do.
    pub stored_because: Option<String>,
    /// Faces for which there is neither.
    pub lost: Vec<FaceId>,
}

/// Cuts the crops of faces of one photo, as enrolling the photo anew with the model of this template would: from the
/// photo itself, decoded alike. Where the photo is gone or is another one now, they are cut from the stored pictures.
///
/// # Errors
/// The gallery cannot be read; cancellation. What is wrong with the photo is no error.
pub(super) fn photo_crops(
    engine: &Engine,
    book: &DetectorBook,
    input: &InputSpec,
    photo: PhotoId,
    faces: &[FaceId],
    control: &JobControl,
) -> Result<PhotoCrops, JobError> {
    let record = match engine.gallery().photo(photo) {
        Ok(record) => record,
        // Enrolled anew or taken out meanwhile.
        Err(StoreError::NoSuchPhoto(_)) => return Ok(PhotoCrops::default()),
        Err(error) => return Err(error.into()),
    };
    let faces = engine.gallery().faces(faces)?;
    let landmarks: Vec<Landmarks> = faces.iter().map(|face| face.detection.landmarks).collect();
    let params = decode_params(book.detector(&record.params_digest));
    let _share = take_memory(&record.path, &params, None, control)?;
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(&params, &record, &landmarks, &input.template)));
    let decoded =
        decoded.unwrap_or_else(|panic| Err(format!("a fault of the program on it: {}", panic_message(panic.as_ref()))));
    let mut found = PhotoCrops { path: record.path, ..PhotoCrops::default() };
    match decoded {
        Ok(open) => {
            for face in faces {
                match open.crop(&face.detection.landmarks, &input.template, input.minify) {
                    Ok(crop) => found.crops.push((face.id, crop)),
                    Err(_) => found.lost.push(face.id),
                }
            }
        }
        Err(reason) => {
            found.stored_because = Some(reason);
            for face in faces {
                match stored_crop(engine, &face, input)? {
                    Some(crop) => found.crops.push((face.id, crop)),
                    None => found.lost.push(face.id),
                }
            }
        }
    }
    Ok(found)
}

/// The photo as it was when it was enrolled, fine enough for these faces, or why it cannot be had.
fn decode(
    params: &DecodeParams,
    record: &PhotoRecord,
    faces: &[Landmarks],
    template: &Template,
) -> Result<OpenPhoto, String> {
    let bytes = read_photo_file(&record.path, params.max_file_bytes).map_err(|error| error.to_string())?;
    if *blake3::hash(&bytes).as_bytes() != record.content_hash {
        return Err("the file holds another picture than the one enrolled".to_owned());
    }
    let mut open = open_photo(bytes, params).map_err(|error| error.to_string())?;
    open.sharpen_for(faces, std::slice::from_ref(template)).map_err(|error| error.to_string())?;
    Ok(open)
}

/// A face's crop cut from its stored picture; `None` where that is gone, damaged or too small for the template.
fn stored_crop(engine: &Engine, face: &FaceRecord, input: &InputSpec) -> Result<Option<RgbImage>, JobError> {
    let picture = match engine.load_crop(face.id) {
        Ok(Some(picture)) => picture,
        Ok(None) => return Ok(None),
        Err(JobError::Photo { reason, .. }) => {
            log::warn!("the stored picture of face {} is damaged: {reason}", face.id);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(cut_from_stored(&picture, &face.detection.landmarks, input))
}

/// The landmarks were brought onto the stored picture by a similarity, which is found again from them.
fn cut_from_stored(picture: &RgbImage, landmarks: &Landmarks, input: &InputSpec) -> Option<RgbImage> {
    let of_size = |candidate: &Template| candidate.size == [picture.width(), picture.height()];
    let stored = [chip_template(), Template::ARCFACE].into_iter().find(of_size)?;
    let onto = Similarity::from_points(&landmarks.0, &stored.points).ok()?;
    let landmarks = Landmarks(landmarks.0.map(|point| onto.apply(point)));
    shrunk_crop(picture, &landmarks, &input.template, input.minify).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::budget::BUDGET;
    use crate::jobs::engine::Mode;
    use crate::store::{EnrolledFace, EnrolledPhoto, FileStat, Run};
    use crate::types::{BBox, Detection, Embedding, Quality};
    use crate::vision::align::aligned_crop;

    /// A smooth picture, so that being sampled twice changes little.
    fn photo() -> RgbImage {
        RgbImage::from_fn(400, 400, |x, y| {
            let wave = |k: f32, phase: f32| 127.5 + 100.0 * ((x as f32 * k + y as f32 * 0.5 * k) + phase).sin();
            image::Rgb([wave(0.021, 0.0), wave(0.013, 1.0), wave(0.017, 2.0)].map(|v| v as u8))
        })
    }

    #[test]
    fn a_crop_from_the_stored_picture_lies_as_one_from_the_photo() {
        let photo = photo();
        // A face that is turned and not quite like the template.
        let landmarks = Landmarks([[150.0, 160.0], [222.0, 172.0], [180.0, 205.0], [150.0, 240.0], [205.0, 250.0]]);
        let other = Template::arcface_of_size([96, 112]);
        for template in [Template::ARCFACE, other] {
            let own = aligned_crop(&photo, &landmarks, &template).unwrap();
            let stored = aligned_crop(&photo, &landmarks, &chip_template()).unwrap();
            let input = InputSpec { template, ..InputSpec::ARCFACE };
            let cut = cut_from_stored(&stored, &landmarks, &input).unwrap();
            let worst = own.as_raw().iter().zip(cut.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= 4, "{template:?}: {worst}");
        }
        assert!(cut_from_stored(&RgbImage::new(80, 80), &landmarks, &InputSpec::ARCFACE).is_none());
    }

    #[test]
    fn a_photo_is_decoded_within_the_memory_that_all_jobs_share() {
        let home = tempfile::tempdir().unwrap();
        let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
        let path = home.path().join("1.png");
        photo().save(&path).unwrap();
        let landmarks = Landmarks([[150.0, 160.0], [222.0, 172.0], [180.0, 205.0], [150.0, 240.0], [205.0, 250.0]]);
        let detection = Detection { bbox: BBox::default(), landmarks, confidence: 1.0 };
        let manifest = engine.manifest();
        let embedding = Embedding::try_from_raw(vec![1.0; manifest.d]).unwrap();
        let face =
            EnrolledFace { detection, quality: Quality::default(), crop_jpeg: vec![1], embedding, subject: None };
        let enrolled = EnrolledPhoto {
            content_hash: *blake3::hash(&std::fs::read(&path).unwrap()).as_bytes(),
            path,
            file: FileStat::default(),
            size: [400, 400],
            taken_at: None,
            issue: None,
            params_digest: String::new(),
            model: manifest.name.clone(),
            threshold: 0.5,
            faces: vec![face],
        };
        let (committed, _) = engine.gallery().commit(&Run::enrollment("test"), &[enrolled]).unwrap();
        let book = DetectorBook::read(&engine).unwrap();
        let crops = |control: &JobControl| {
            photo_crops(&engine, &book, &manifest.input, committed[0].photo, &committed[0].ids(), control)
        };

        let everything = BUDGET.take(u64::MAX, &JobControl::default()).unwrap();
        let cancelled = JobControl::default();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| crops(&cancelled).map(|_| ()));
            std::thread::sleep(std::time::Duration::from_millis(300));
            assert!(!waits.is_finished(), "another job has all of it");
            cancelled.cancel();
            assert!(matches!(waits.join().unwrap(), Err(JobError::Cancelled)));
        });
        drop(everything);
        let found = crops(&JobControl::default()).unwrap();
        assert_eq!((found.crops.len(), found.stored_because), (1, None));
    }
}
