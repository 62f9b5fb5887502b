//! Processes by their number, and how to tell one from a later one with the same number.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Sends a signal, named without `SIG`. Says whether there was anybody to get it.
pub(crate) fn signal(pid: u32, signal: &str) -> bool {
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "kill", signal, &pid.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    sent.is_ok_and(|status| status.success())
}

/// When a process began, in words that no later process with its number repeats; nothing when there is none, or
/// only what is left of one that has ended.
pub(crate) fn began(pid: u32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        return began_in(&text).map(str::to_owned);
    }
    let output = Command::new("ps")
        .args(["-o", "lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// From a line of `/proc/<pid>/stat`: the name in brackets may hold anything, the state is the first field after
/// it, the beginning in ticks the twentieth.
fn began_in(stat: &str) -> Option<&str> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let is_gone = ["Z", "X"].contains(&state);
    fields.nth(18).filter(|_| !is_gone)
}

#[cfg(test)]
mod tests;
