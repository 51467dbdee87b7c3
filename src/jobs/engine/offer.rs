//! The word about a better model: a gallery keeps its own until a person changes it.

use super::Engine;
use crate::jobs::work::JobError;
use crate::tell;
use crate::types::Telling;
use crate::vision::manifest::{BetterModel, ModelRegistry};

impl Engine {
    /// A model that comes with the program, is ready, and does better than the one in use.
    pub fn better_model(&self) -> Option<BetterModel> {
        let in_use = self.manifest().name;
        let better = ModelRegistry::better_than(&in_use)?;
        self.with_models(|models| models.find(better.name).is_ok_and(|entry| entry.problem.is_none())).then_some(better)
    }

    /// The word about a better model, once for each gallery and model: to be told where faces are enrolled and the
    /// gallery can be written, so that there is something to change and somebody who may.
    ///
    /// # Errors
    /// That it was told cannot be kept.
    pub fn take_offer(&self) -> Result<Option<Telling>, JobError> {
        let Some(better) = self.better_model().filter(|_| self.access.is_writable()) else { return Ok(None) };
        if self.gallery.counts()?.faces == 0 || self.settings().offered_model.as_deref() == Some(better.name) {
            return Ok(None);
        }
        self.settings.change(|settings| settings.offered_model = Some(better.name.to_owned()))?;
        Ok(Some(tell!("engine-better-model", name = better.name, figures = Telling::phrase(better.figures))))
    }
}
