//! What a process has cost: less at the mercy of whoever else uses the machine than what it did in a second.

use super::measure::Failure;

/// How often the kernel counts; the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Where `utime` and `stime` stand behind the program's name in `/proc/<pid>/stat`.
const USER_FIELD: usize = 11;

/// Microseconds of processor time that a process has used, over all its threads, in user and kernel mode.
pub(super) fn microseconds_of(process: u32) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold anything, but it is the only thing in parentheses.
    let (_, numbers) = stat.rsplit_once(')').ok_or("the system does not say")?;
    let mut times = numbers.split_whitespace().skip(USER_FIELD);
    let mut next = || -> Result<f64, Failure> { Ok(times.next().ok_or("the system does not say")?.parse()?) };
    Ok((next()? + next()?) * 1_000_000.0 / TICKS_PER_SECOND)
}

/// Microseconds that this process has used so far.
pub(super) fn microseconds() -> Result<f64, Failure> {
    microseconds_of(std::process::id())
}
