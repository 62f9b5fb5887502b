//! What an operator can ask of a rebuild: to wait, to stop, to stay where it is; and what it shows.

use std::num::NonZeroU32;

use domain::shop::generation::Situation;

use super::*;
use crate::rebuild::{RebuildControl, RebuildError};

/// So slow that nobody waits for its end.
fn held_up() -> RebuildOptions {
    RebuildOptions {
        records_per_second_max: NonZeroU32::new(1),
        ..RebuildOptions::default()
    }
}

async fn over(mut progress: watch::Receiver<RebuildProgress>) -> RebuildProgress {
    must(progress.wait_for(|progress| progress.phase.is_over()))
        .await
        .expect("it ends")
        .clone()
}

#[tokio::test]
async fn a_held_rebuild_switches_nothing_until_somebody_does() {
    let fixture = Fixture::in_sqlite().await;
    let held = RebuildOptions {
        is_held: true,
        ..RebuildOptions::default()
    };
    let done = fixture.rebuild("cart", held).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Held, Some(2)));
    assert_eq!(fixture.parts.active.of("cart"), Some(1));

    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    let again = over(fixture.projectors.rebuilding("cart").expect("it goes on by itself")).await;
    assert_eq!(again.phase, RebuildPhase::Held, "also after a restart");
    assert_eq!(fixture.parts.active.of("cart"), Some(1));

    let switch = RebuildOptions {
        target: RebuildTarget::Kept(2),
        ..RebuildOptions::default()
    };
    let done = fixture.rebuild("cart", switch).await;
    assert_eq!(done.phase, RebuildPhase::Done);
    assert_eq!(fixture.parts.active.of("cart"), Some(2));
    assert_eq!(
        fixture.projectors.rebuild("cart", switch).err(),
        Some(RebuildError::Active(2))
    );
}

#[tokio::test]
async fn a_cancelled_rebuild_leaves_nothing_behind() {
    let fixture = Fixture::in_memory().await;
    let progress = fixture.projectors.rebuild("cart", held_up()).expect("it can begin");
    assert_eq!(
        fixture.projectors.rebuild("cart", held_up()).err(),
        Some(RebuildError::Running)
    );
    must(until(|| progress.borrow().phase == RebuildPhase::Filling)).await;
    let control = |what| fixture.projectors.control_rebuild("cart", what);
    assert_eq!(control(RebuildControl::Pause), Ok(()));
    must(until(|| progress.borrow().is_paused)).await;
    assert_eq!(control(RebuildControl::Cancel), Ok(()));
    assert_eq!(
        over(progress).await.phase,
        RebuildPhase::Failed(RebuildFailure::Cancelled)
    );
    assert!(fixture.generations("cart").get(2).is_none(), "it is dropped");
    assert_eq!(fixture.parts.active.of("cart"), Some(1));
    assert_eq!(control(RebuildControl::Cancel), Err(RebuildError::NotRunning));
    let done = fixture.rebuild("cart", RebuildOptions::default()).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(3)));
}

#[tokio::test]
async fn a_rebuild_that_is_cancelled_before_its_generation_shows_leaves_nothing_behind_either() {
    let fixture = Fixture::in_memory().await;
    fixture.log.show_next_generation_late();
    let progress = fixture
        .projectors
        .rebuild("cart", RebuildOptions::default())
        .expect("it can begin");
    must(until(|| fixture.log.has_opened("cart", 2))).await;
    let cancelled = fixture.projectors.control_rebuild("cart", RebuildControl::Cancel);
    assert_eq!(cancelled, Ok(()));
    assert_eq!(
        over(progress).await.phase,
        RebuildPhase::Failed(RebuildFailure::Cancelled)
    );
    assert!(fixture.generations("cart").get(2).is_none(), "it is dropped");
    let done = fixture.rebuild("cart", RebuildOptions::default()).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(3)));
}

#[tokio::test]
async fn a_paused_rebuild_goes_on_when_it_is_resumed() {
    let fixture = Fixture::in_memory().await;
    let slow = RebuildOptions {
        records_per_second_max: NonZeroU32::new(50),
        ..RebuildOptions::default()
    };
    let progress = fixture.projectors.rebuild("cart", slow).expect("it can begin");
    let control = |what| fixture.projectors.control_rebuild("cart", what).expect("it runs");
    control(RebuildControl::Pause);
    must(until(|| progress.borrow().is_paused)).await;
    control(RebuildControl::Resume);
    assert_eq!(over(progress).await.phase, RebuildPhase::Done);
}

#[tokio::test]
async fn a_plan_says_what_a_rebuild_would_do_and_changes_nothing() {
    let fixture = Fixture::in_memory().await;
    let _ = fixture.rebuild("cart", RebuildOptions::default()).await;
    let before = fixture.generations("cart");
    let plan = fixture.projectors.plan_rebuild("cart").expect("it could begin");
    assert_eq!((plan.active, plan.generation, plan.is_begun), (2, 3, false));
    assert_eq!(plan.drops, [1]);
    assert!(plan.records >= 5, "every cart is a commit: {plan:?}");
    assert_eq!(fixture.generations("cart"), before);
    let unknown = fixture.projectors.plan_rebuild("hats").expect_err("there are none");
    assert_eq!(unknown.code(), "rebuild.unknown_projection");
}

#[tokio::test]
async fn generations_say_how_far_they_are_and_what_waits() {
    let fixture = Fixture::in_memory().await;
    let _ = fixture.rebuild("cart", RebuildOptions::default()).await;
    let written = must(fixture.projectors.generations("cart")).await.expect("it is one");
    let situations: Vec<_> = written.iter().map(|one| (one.number, one.situation)).collect();
    assert_eq!(situations, [(1, Situation::Retired), (2, Situation::Active)]);
    assert_eq!((written[1].commits_behind, written[1].waiting_since), (0, None));
    assert_eq!(
        fixture.projectors.drop_generation("cart", 2).await,
        Err(RebuildError::Active(2))
    );
    must(fixture.projectors.drop_generation("cart", 1))
        .await
        .expect("nothing reads it");
    must(until(|| fixture.generations("cart").get(1).is_none())).await;
    let left = must(fixture.projectors.generations("cart")).await.expect("it is one");
    assert_eq!(left.len(), 1);
}
