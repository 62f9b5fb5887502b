use std::sync::atomic::{AtomicUsize, Ordering};

use super::within_memory;

#[test]
fn seeds_come_as_they_are_and_then_changed() {
    static SAME: AtomicUsize = AtomicUsize::new(0);
    static CHANGED: AtomicUsize = AtomicUsize::new(0);
    let seeds = vec![b"one".to_vec(), b"another".to_vec()];
    crate::near!(seeds, 1_000, |bytes| {
        let is_same = [&b"one"[..], b"another"].contains(&bytes);
        let count = if is_same { &SAME } else { &CHANGED };
        count.fetch_add(1, Ordering::Relaxed);
    });
    let (same, changed) = (SAME.load(Ordering::Relaxed), CHANGED.load(Ordering::Relaxed));
    assert!(same >= 2, "each seed once");
    assert!(changed > 500, "only {changed} inputs differ from the seeds");
}

#[test]
#[should_panic(expected = "took")]
fn what_takes_too_much_memory_is_found() {
    within_memory(b"1", 1_000, 10, || vec![0_u8; 2_000]);
}

#[test]
fn what_takes_little_memory_passes() {
    assert_eq!(within_memory(b"1", 1_000, 10, || vec![0_u8; 500]).len(), 500);
}
