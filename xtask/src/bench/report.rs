//! Tables for people, in Markdown, so that they can be kept.

use std::io::Write;

use super::measure::Failure;

/// Prints a heading and what the numbers below it mean.
pub(super) fn heading(title: &str, meaning: &str) -> Result<(), Failure> {
    print(&format!("\n## {title}\n\n{meaning}\n\n"))
}

/// Prints a table; the first row names the columns.
pub(super) fn table(rows: &[Vec<String>]) -> Result<(), Failure> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        print(&format!("| {} |\n", cells.join(" | ")))?;
        if number == 0 {
            let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            print(&format!("| {} |\n", lines.join(" | ")))?;
        }
    }
    Ok(())
}

/// Says what the numbers were measured on.
pub(super) fn machine() -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    // Whoever else works on the machine is in every number below.
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    print(&format!(
        "{cores} cores, {model}, {}, load {load} before the first measurement\n",
        std::env::consts::OS
    ))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// The middle one.
pub(super) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => f64::NAN,
        (Some(one), 1) => *one,
        (Some(upper), _) => (sorted[middle - 1] + upper) / 2.0,
    }
}

/// A rate in thousands a second.
pub(super) fn thousands(rate: f64) -> String {
    format!("{:.1} k/s", rate / 1_000.0)
}

/// A duration that was measured in microseconds.
pub(super) fn milliseconds(microseconds: f64) -> String {
    format!("{:.2} ms", microseconds / 1_000.0)
}

/// A ratio beside its goal.
pub(super) fn against(ratio: f64, goal: &str, is_met: bool) -> String {
    let word = if is_met { "met" } else { "missed" };
    format!("{ratio:.2}× (goal {goal}: {word})")
}
