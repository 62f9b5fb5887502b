//! Everything that is folded for queries, under its name: the projections into the read store, and the search index.

use projectors::{
    GenerationStatus, Parity, ParkedCommit, ProjectionStatus, Projectors, RebuildControl, RebuildError, RebuildOptions,
    RebuildPlan, RebuildProgress, RepairError, Repaired, Retried, SearchFeed, VerifyError, projection_names,
};
use read_store::StoreError;
use tokio::sync::watch;

/// The projections into the read store, and the search index. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ReadModels {
    /// Into the read store.
    pub(crate) projectors: Projectors,
    /// Into the file of this process.
    pub(crate) search: SearchFeed,
}

impl ReadModels {
    /// The names of all of them.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Send {
        projection_names().chain([search::PROJECTION])
    }

    /// Whether everything has once held what was in the log at the start.
    pub(crate) fn are_caught_up(&self) -> bool {
        self.projectors.is_caught_up() && self.search.is_caught_up()
    }

    /// Commits that were read and are not in all of them yet: the largest number.
    pub(crate) fn lag_commits(&self) -> u64 {
        self.projectors.lag_commits().max(self.search.lag_commits())
    }

    /// How each of them is.
    pub(crate) fn status(&self) -> Vec<ProjectionStatus> {
        let mut all = self.projectors.status();
        all.push(self.search.status());
        all
    }

    /// Its generations that are not dropped, the oldest first.
    pub(crate) async fn generations(&self, name: &str) -> Result<Vec<GenerationStatus>, VerifyError> {
        if name == search::PROJECTION {
            return Ok(self.search.generations());
        }
        self.projectors.generations(name).await
    }

    /// Begins to rebuild one.
    pub(crate) fn rebuild(
        &self,
        name: &str,
        options: RebuildOptions,
    ) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
        if name == search::PROJECTION {
            return self.search.rebuild(options);
        }
        self.projectors.rebuild(name, options)
    }

    /// Its last rebuild since the start, running or over.
    pub(crate) fn rebuilding(&self, name: &str) -> Option<watch::Receiver<RebuildProgress>> {
        if name == search::PROJECTION {
            return self.search.rebuilding();
        }
        self.projectors.rebuilding(name)
    }

    /// Pauses, resumes or cancels its rebuild.
    pub(crate) fn control_rebuild(&self, name: &str, what: RebuildControl) -> Result<(), RebuildError> {
        if name == search::PROJECTION {
            return self.search.control_rebuild(what);
        }
        self.projectors.control_rebuild(name, what)
    }

    /// What a rebuild would do.
    pub(crate) fn plan_rebuild(&self, name: &str) -> Result<RebuildPlan, RebuildError> {
        if name == search::PROJECTION {
            return self.search.plan_rebuild();
        }
        self.projectors.plan_rebuild(name)
    }

    /// Takes a generation away that nothing is answered from.
    pub(crate) async fn drop_generation(&self, name: &str, generation: u32) -> Result<(), RebuildError> {
        if name == search::PROJECTION {
            return Err(RebuildError::OneGeneration);
        }
        self.projectors.drop_generation(name, generation).await
    }

    /// Compares it with a fresh replay of the log.
    pub(crate) async fn verify(&self, name: &str) -> Result<Parity, VerifyError> {
        if name == search::PROJECTION {
            return self.search.verify().await;
        }
        self.projectors.verify(name).await
    }

    /// Makes the rows of one view again.
    pub(crate) async fn repair(&self, name: &str, key: &str) -> Result<Repaired, RepairError> {
        if name == search::PROJECTION {
            return Err(RepairError::OnlyWhole(search::PROJECTION));
        }
        self.projectors.repair(name, key).await
    }

    /// The commits that wait for views which queries read, as far as a list has room.
    pub(crate) async fn parked(&self) -> Result<Vec<ParkedCommit>, StoreError> {
        let mut parked = self.projectors.parked().await?;
        parked.extend(self.search.parked());
        Ok(parked)
    }

    /// Reads what is parked again, and takes in what can be read now.
    pub(crate) async fn retry_parked(&self, name: &str) -> Result<Retried, VerifyError> {
        if name == search::PROJECTION {
            return self.search.retry_parked().await;
        }
        self.projectors.retry_parked(name).await
    }
}
