use super::*;

#[tokio::test(start_paused = true)]
async fn whoever_comes_while_all_turns_are_taken_is_refused_until_one_ends() {
    let turns = Turns::default();
    let mut taken = Vec::new();
    for _ in 0..REPLAYS_AT_ONCE_MAX {
        taken.extend(turns.take().await.ok());
    }
    assert_eq!(taken.len(), REPLAYS_AT_ONCE_MAX);
    assert!(turns.take().await.is_err(), "one too many");
    let still_going_on = taken.first().cloned();
    taken.remove(0);
    assert!(turns.take().await.is_err(), "a part of it goes on");
    drop(still_going_on);
    assert!(turns.take().await.is_ok(), "a turn has ended");
}
