//! Effects one by one: what the forge refuses must not keep the check from being right.

use super::{Run, RunError};
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::plan::Effect;

impl Run<'_> {
    /// A comment that may not be written (the conversation is locked, a permission is missing) must not keep the check from being right.
    pub(super) async fn apply(&self, effect: &Effect) -> Result<(), RunError> {
        let word = apply::word(effect);
        let required = matches!(effect, Effect::CreateCheck { .. } | Effect::UpdateCheck { .. } | Effect::AppendLedger { .. });
        match apply::apply(&self.site.place, self.number, effect).await {
            Ok(()) => {}
            Err(error @ (ForgeError::Forbidden { .. } | ForgeError::Unprocessable { .. } | ForgeError::NotFound { .. })) if !required => {
                tracing::warn!(%error, effect = word, "left out");
            }
            Err(error) => return Err(error.into()),
        }
        self.bench.metrics.effect(word);
        Ok(())
    }

    /// Asks somebody for a review, and gives whether that could be done. Whoever is no collaborator is refused, and not asked again.
    pub(super) async fn request(&self, effect: &Effect, name: &str) -> Result<bool, RunError> {
        match apply::apply(&self.site.place, self.number, effect).await {
            Ok(()) => {
                self.bench.metrics.effect(apply::word(effect));
                Ok(true)
            }
            Err(error @ (ForgeError::Forbidden { .. } | ForgeError::Unprocessable { .. } | ForgeError::NotFound { .. })) => {
                tracing::info!(%error, name, "the forge takes no review request for them");
                self.bench.store.note_refused_request(self.site.repository.id, self.number, name).await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}
