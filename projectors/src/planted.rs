//! A bug, planted to prove that the fault harness finds it. It is not in a program that was built without the cargo
//! feature `failpoints`, and does nothing unless `FAILPOINTS` names it.

use read_store::Batch;

/// `planted-checkpoint-before-rows`: the positions of these batches, to be stored before their rows.
pub(crate) fn checkpoints_before_rows(batches: &[Batch]) -> Option<Vec<Batch>> {
    fail::fail_point!("planted-checkpoint-before-rows", |_| Some(
        batches
            .iter()
            .map(|batch| Batch {
                projection: batch.projection,
                generation: batch.generation,
                positions: batch.positions.clone(),
                ..Batch::default()
            })
            .collect()
    ));
    let _ = batches;
    None
}
