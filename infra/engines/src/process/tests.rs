use std::process::Command;

use super::{began, began_in, signal};

#[test]
fn a_process_has_a_beginning_until_it_ends() {
    let mut child = Command::new("sleep").arg("60").spawn().expect("sleep can be started");
    let pid = child.id();
    let beginning = began(pid);
    assert!(beginning.is_some());
    assert_eq!(began(pid), beginning);
    assert!(signal(pid, "KILL"));
    child.wait().expect("the process ends");
    assert_eq!(began(pid), None);
    assert!(!signal(pid, "KILL"), "nobody is there to get it");
}

#[test]
fn a_process_that_was_killed_but_not_yet_buried_has_ended() {
    let stat = |state| format!("7 (a ) b) {state} 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0");
    assert_eq!(began_in(&stat("S")), Some("4711"));
    assert_eq!(began_in(&stat("T")), Some("4711"));
    assert_eq!(began_in(&stat("Z")), None);
}
