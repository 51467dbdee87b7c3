//! The index at the start of the program: the generation that is current, or what may stand in for it. Damage costs no
//! choice: what was chosen is noted and built again.

use std::cell::RefCell;
use std::sync::PoisonError;

use super::changes::Params;
use super::index::LiveIndex;
use super::load::Ready;
use crate::index::{FlatIndex, Generation, IndexError, Owed, TieredIndex, Unwatched};
use crate::jobs::work::{JobError, Message};
use crate::store::Gallery;
use crate::tell;
use crate::types::{SearchParams, Tell};
use crate::vision::manifest::ModelManifest;

/// What was found on the disk.
#[derive(Default)]
struct Found {
    generation: Option<Generation>,
    /// Why the current one does not serve.
    damage: Option<IndexError>,
    /// The damaged one's recipe, where another serves.
    owed: Option<Owed>,
}

impl LiveIndex {
    /// Loads the current generation, or the newest sound one in its place, and brings it level with the gallery.
    pub(in crate::jobs) fn start(
        &self,
        gallery: &Gallery,
        manifest: &ModelManifest,
        messages: &mut Vec<Message>,
    ) -> Result<(), JobError> {
        let held = self.turn().take(&Unwatched)?;
        let is_writer = self.store().is_writable();
        // What a killed publish left behind.
        if is_writer && let Err(error) = self.store().clean_up() {
            log::warn!("{error}");
        }
        self.set_owed(self.store().owed());
        let found = RefCell::new(Found::default());
        let prepare = || {
            let (ready, what) = self.find_sound(gallery)?;
            *found.borrow_mut() = what;
            Ok(ready)
        };
        let confirm = |_: &TieredIndex| {
            let mut found = found.borrow_mut();
            if let (Some(_), Some(generation)) = (&found.damage, &found.generation) {
                self.stand_in(generation, found.owed.as_ref(), is_writer);
            } else if let Some(owed) = &found.owed {
                self.note_owed(owed, is_writer);
            }
            Ok(found.generation.take())
        };
        let added = self.bring_in(gallery, &held, &Unwatched, prepare, confirm)?;
        self.changing().is_started = true;
        let found = found.into_inner();
        let number = self.generation_number();
        match (&found.damage, number) {
            (Some(error), Some(number)) => {
                messages.push(Message::Warning(tell!("engine-index-stand-in", reason = error, generation = number)));
            }
            (Some(error), None) if found.owed.is_none() => {
                messages.push(Message::Warning(tell!("engine-index-rebuilt", reason = error, faces = added)));
            }
            (Some(error), None) => {
                messages.push(Message::Warning(tell!("engine-index-lost", reason = error, faces = added)));
            }
            (None, None) if added > 0 => {
                messages.push(Message::Info(tell!("engine-index-built", title = &manifest.title, faces = added)));
            }
            (None, Some(_)) if added > 0 => messages.push(Message::Info(tell!("engine-index-levelled", faces = added))),
            (None, _) => {}
        }
        if let Some(owed) = self.owed() {
            messages.push(Message::Warning(tell!("engine-index-owed", spec = owed.spec.to_string())));
        }
        // On a full disk, say, the index still serves; it is only not kept for the next start.
        if is_writer && let Err(error) = self.publish_held(gallery, &held, &Unwatched) {
            messages.push(Message::Warning(error.telling()));
        }
        Ok(())
    }

    fn find_sound(&self, gallery: &Gallery) -> Result<(Ready, Found), JobError> {
        let current = match self.store().load_current(self.model(), self.faces_d()) {
            Ok(Some(loaded)) => self.ready_generation(gallery, Params::Own, || Ok(loaded)).map(Some),
            Ok(None) => self.store().headless().map_or(Ok(None), |damage| Err(damage.into())),
            Err(error) => Err(error.into()),
        };
        let damage = match current {
            Ok(Some((ready, generation))) => {
                return Ok((ready, Found { generation: Some(generation), ..Found::default() }));
            }
            Ok(None) => return Ok((self.empty()?, Found::default())),
            Err(JobError::Index(error)) if error.is_damage() => error,
            Err(error) => return Err(error),
        };
        let choice = self.store().last_choice().map(|(spec, params)| Owed { spec, params });
        // An exact one is made from the gallery as quickly as another would be brought level.
        let numbers = match &choice {
            Some(choice) if choice.spec.is_exact() => Vec::new(),
            _ => self.store().stand_ins()?,
        };
        for number in numbers {
            let open = || self.store().load_generation(number, self.model(), self.faces_d(), &Unwatched);
            match self.ready_generation(gallery, Params::Own, open) {
                Ok((ready, generation)) => {
                    let spec = &generation.manifest.record.spec;
                    if let Some(choice) = choice.as_ref().filter(|choice| choice.spec == *spec) {
                        self.keep_params(&ready, number, &choice.params);
                    }
                    let owed = choice.filter(|choice| choice.spec != *spec);
                    return Ok((ready, Found { generation: Some(generation), damage: Some(damage), owed }));
                }
                Err(JobError::Index(error)) if error.is_damage() => log::warn!("{error}"),
                Err(error) => return Err(error),
            }
        }
        let owed = choice.filter(|choice| !choice.spec.is_exact());
        Ok((self.empty()?, Found { generation: None, damage: Some(damage), owed }))
    }

    fn empty(&self) -> Result<Ready, JobError> {
        let index = TieredIndex::from_flat(FlatIndex::new(self.faces_d())?);
        Ok(Ready { index, mark: 0, hand_on: Params::Own })
    }

    fn stand_in(&self, generation: &Generation, owed: Option<&Owed>, is_writer: bool) {
        // First what is owed: the pointer is the last trace of it.
        if let Some(owed) = owed {
            self.note_owed(owed, is_writer);
        }
        if is_writer && let Err(error) = self.store().point_back(generation) {
            log::warn!("the generation that stands in could not be made the current one: {error}");
        }
    }

    /// Remembers what is to be built again; an earlier debt that has not been settled goes before it.
    fn note_owed(&self, owed: &Owed, is_writer: bool) {
        if self.owed().is_some() {
            return;
        }
        self.set_owed(Some(owed.clone()));
        if is_writer && let Err(error) = self.store().owe(Some(owed.clone())) {
            log::warn!("the index that is to be built again could not be noted: {error}");
        }
    }

    /// An earlier generation of the spec that was chosen searches as the damaged one did.
    fn keep_params(&self, ready: &Ready, number: u64, params: &SearchParams) {
        ready.index.set_params(*params);
        if self.store().is_writable()
            && let Err(error) = self.store().save_params(number, params)
        {
            log::warn!("the search parameters could not be noted: {error}");
        }
    }

    /// A person has chosen, or what was owed has been built. That it cannot be noted undoes neither: it is built once more
    /// after the next start.
    pub(super) fn settle_debt(&self) {
        self.set_owed(None);
        if let Err(error) = self.store().owe(None) {
            log::warn!("what was to be built again could not be noted as built: {error}");
        }
    }

    pub(super) fn set_owed(&self, owed: Option<Owed>) {
        *self.owed.lock().unwrap_or_else(PoisonError::into_inner) = owed;
    }
}
