//! Batches, made by threads of their own ahead of the step that takes them.

use crate::tell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, bounded};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::augment::{Augmenter, mixed};
use super::crops::CropPack;
use super::error::TrainError;
use super::targets::Targets;
use crate::types::Landmarks;
use crate::vision::embed::Preprocessor;

/// A face to learn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Its place among the crops.
    pub crop: usize,
    /// Its landmarks in the crop's pixels.
    pub landmarks: Landmarks,
    /// Its person, 0 to the number of people less 1; 0 where nobody is told apart.
    pub label: i64,
}

/// What batches are made of.
pub struct Source {
    pub crops: CropPack,
    pub faces: Vec<Face>,
    pub augmenter: Augmenter,
    pub(crate) preprocessor: Preprocessor,
    /// The teacher's embedding of every crop, where there is a teacher.
    pub targets: Option<Targets>,
    pub batch: usize,
    pub seed: u64,
    pub orders: Orders,
}

/// The orders in which faces are met, of the epochs that are under way.
#[derive(Default)]
pub struct Orders(Mutex<BTreeMap<u64, Arc<[u32]>>>);

/// What one forward pass takes.
pub struct Batch {
    /// n×3×height×width, prepared for the network.
    pub input: Tensor,
    /// n whole numbers.
    pub labels: Tensor,
    /// n×d, unit rows.
    pub targets: Option<Tensor>,
}

impl Source {
    /// The order of an epoch's faces, shuffled once and kept for the batches of the epoch.
    fn order(&self, epoch: u64) -> Arc<[u32]> {
        let mut orders = self.orders.0.lock().unwrap_or_else(PoisonError::into_inner);
        let order = orders.entry(epoch).or_insert_with(|| {
            let mut order: Vec<u32> = (0..self.faces.len() as u32).collect();
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(mixed(self.seed, epoch)));
            order.into()
        });
        let order = Arc::clone(order);
        // Threads are a few batches apart at most.
        orders.retain(|kept, _| kept.abs_diff(epoch) <= 1);
        order
    }

    /// The batch of that number. It depends on the seed and the number alone, whichever thread makes it.
    pub fn make(&self, number: u64) -> Result<Batch, TrainError> {
        let n = self.faces.len() as u64;
        let first = number * self.batch as u64;
        let mut order: Option<(u64, Arc<[u32]>)> = None;
        let (mut pictures, mut labels, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for position in first..first + self.batch as u64 {
            // The endless row of pictures: epoch after epoch.
            let epoch = position / n;
            let (_, order) = match &order {
                Some(kept) if kept.0 == epoch => kept,
                _ => order.insert((epoch, self.order(epoch))),
            };
            let face = &self.faces[order[(position % n) as usize] as usize];
            let seed = mixed(self.seed ^ 0x6175_676d, position);
            let augmented = self.augmenter.apply(self.crops.crop(face.crop)?, &face.landmarks, seed);
            pictures.push(augmented.picture);
            labels.push(face.label);
            if let Some(all) = &self.targets {
                targets.extend_from_slice(all.row(face.crop, augmented.flipped));
            }
        }
        let rows = |d: usize| Tensor::f_from_slice(&targets)?.f_reshape([self.batch as i64, d as i64]);
        Ok(Batch {
            input: self.preprocessor.tensor_from_crops(&pictures)?,
            labels: Tensor::f_from_slice(&labels)?,
            targets: self.targets.as_ref().map(|all| rows(all.d())).transpose()?,
        })
    }
}

impl Batch {
    /// The same on the device where the network is.
    pub fn to_device(self, device: Device) -> Result<Self, tch::TchError> {
        Ok(Self {
            input: self.input.f_to_device(device)?,
            labels: self.labels.f_to_device(device)?,
            targets: self.targets.map(|rows| rows.f_to_device(device)).transpose()?,
        })
    }
}

/// Threads that make batches in turn; they end when the loader goes.
pub struct Loader {
    batches: Option<Receiver<(u64, Result<Batch, TrainError>)>>,
    early: BTreeMap<u64, Result<Batch, TrainError>>,
    next: u64,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Loader {
    /// Starts `threads` threads at batch `first`; at most two batches a thread wait to be taken.
    pub fn start(source: &Arc<Source>, first: u64, threads: usize) -> Result<Self, TrainError> {
        let (sender, batches) = bounded(2 * threads.max(1));
        let (next, stop) = (Arc::new(AtomicU64::new(first)), Arc::new(AtomicBool::new(false)));
        let mut loader = Self {
            batches: Some(batches),
            early: BTreeMap::new(),
            next: first,
            stop: Arc::clone(&stop),
            threads: Vec::new(),
        };
        for number in 0..threads.max(1) {
            let (source, next, stop, sender) =
                (Arc::clone(source), Arc::clone(&next), Arc::clone(&stop), sender.clone());
            let work = move || {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if sender.send((at, source.make(at))).is_err() {
                        break;
                    }
                }
            };
            let thread = Builder::new().name(format!("batches-{number}")).spawn(work);
            loader.threads.push(thread.map_err(|e| TrainError::refused(tell!("train-no-thread", reason = &e)))?);
        }
        Ok(loader)
    }

    /// The next batch, in order.
    pub fn take(&mut self) -> Result<Batch, TrainError> {
        let ended = || TrainError::refused(tell!("train-thread-ended"));
        let batches = self.batches.as_ref().ok_or_else(ended)?;
        loop {
            if let Some(batch) = self.early.remove(&self.next) {
                self.next += 1;
                return batch;
            }
            // All threads gone: one of them panicked, or they would wait for somebody to take.
            let (number, batch) = batches.recv().map_err(|_| ended())?;
            self.early.insert(number, batch);
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Whoever waits to hand a batch over wakes up when nobody takes any more.
        self.batches = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::augment::AugmentSpec;
    use crate::train::sample;

    fn values(batch: &Batch) -> (Vec<f32>, Vec<i64>) {
        let input = Vec::<f32>::try_from(batch.input.contiguous().flatten(0, -1)).unwrap();
        (input, Vec::<i64>::try_from(&batch.labels).unwrap())
    }

    #[test]
    fn batches_are_the_same_with_any_number_of_threads_and_from_any_start() {
        let folder = tempfile::tempdir().unwrap();
        let source = Arc::new(sample::source(folder.path(), 3, 4, 5, AugmentSpec::strong()));
        let mut one = Loader::start(&source, 0, 1).unwrap();
        let taken: Vec<_> = (0..7).map(|_| values(&one.take().unwrap())).collect();
        let mut three = Loader::start(&source, 0, 3).unwrap();
        for wanted in &taken {
            assert!(values(&three.take().unwrap()) == *wanted);
        }
        let mut later = Loader::start(&source, 4, 2).unwrap();
        assert!(values(&later.take().unwrap()) == taken[4]);
        assert_eq!(one.take().unwrap().input.size(), [5, 3, 112, 112]);
    }

    #[test]
    fn an_epoch_shows_every_face_once() {
        let folder = tempfile::tempdir().unwrap();
        let source = sample::source(folder.path(), 3, 4, 5, AugmentSpec::none());
        for epoch in 0..3 {
            let mut order = source.order(epoch).to_vec();
            assert_ne!(order, *source.order(epoch + 1));
            assert_eq!(order, *source.order(epoch));
            order.sort_unstable();
            assert!(order.into_iter().eq(0..12));
        }
    }
}
