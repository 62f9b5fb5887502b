//! Rebuilds and projections on a terminal, or as lines where there is none.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::report::{DifferenceReport, ParityReport, Phase, PlanReport, ProjectionReport, RebuildReport, RepairReport};
use crate::table;

/// Without a terminal there is a line at least this often.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often a bar moves that does not know how far it is.
const TICK_EVERY: Duration = Duration::from_millis(100);

/// Where rebuilds are shown.
pub(super) enum Screen {
    /// Every report as it comes.
    Json,
    /// A bar, and a line at the end.
    Terminal(Option<ProgressBar>),
    /// Lines.
    Lines(Option<(RebuildReport, Instant)>),
}

impl Screen {
    pub(super) fn new(as_json: bool) -> Self {
        if as_json {
            Self::Json
        } else if std::io::stderr().is_terminal() {
            Self::Terminal(None)
        } else {
            Self::Lines(None)
        }
    }

    /// Shows how far a rebuild is.
    pub(super) fn show(&mut self, report: &RebuildReport) -> std::io::Result<()> {
        match self {
            Self::Json => print(&serde_json::to_string(report)?),
            Self::Terminal(bar) => show_bar(bar, report),
            Self::Lines(last) => {
                let is_news = last.as_ref().is_none_or(|(shown, at)| {
                    shown.projection != report.projection
                        || shown.phase != report.phase
                        || shown.paused != report.paused
                        || at.elapsed() >= LINE_EVERY
                });
                if !is_news {
                    return Ok(());
                }
                *last = Some((report.clone(), Instant::now()));
                print(&rebuild_line(report))?;
                show_differences(report)
            }
        }
    }
}

fn show_bar(shown: &mut Option<ProgressBar>, report: &RebuildReport) -> std::io::Result<()> {
    if report.phase.is_over() {
        if let Some(bar) = shown.take() {
            bar.finish_and_clear();
        }
        print(&rebuild_line(report))?;
        return show_differences(report);
    }
    let bar = shown.get_or_insert_with(|| {
        let bar = ProgressBar::new(report.records_total);
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(TICK_EVERY);
        bar
    });
    bar.set_length(report.records_total);
    bar.set_position(report.records_done);
    let (doing, speed) = bar_texts(report);
    bar.set_prefix(doing);
    bar.set_message(speed);
    Ok(())
}

/// What stands before the bar, and behind it: the bar itself says how many records of how many.
fn bar_texts(report: &RebuildReport) -> (String, String) {
    if report.phase != Phase::Filling {
        return (rebuild_line(report), String::new());
    }
    let generation = report.generation.unwrap_or_default();
    let doing = format!("{}: generation {generation}", report.projection);
    let left = report
        .seconds_left
        .map(|seconds| format!(", {} left", minutes(seconds)));
    let paused = if report.paused { ", paused" } else { "" };
    let speed = format!(
        "{} a second{}{paused}",
        report.records_per_second,
        left.unwrap_or_default()
    );
    (doing, speed)
}

/// A time for people: `40 s`, `3 min 5 s`, `2 h 10 min`.
fn minutes(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn show_differences(report: &RebuildReport) -> std::io::Result<()> {
    match report.parity.as_ref().filter(|_| report.phase.is_over()) {
        Some(parity) if parity.differing > 0 => print(differences_text(parity).trim_end()),
        _ => Ok(()),
    }
}

pub(super) fn print(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}

/// What a rebuild is doing, in words.
pub(super) fn rebuild_line(report: &RebuildReport) -> String {
    let name = &report.projection;
    let generation = report
        .generation
        .map(|number| format!(" generation {number}"))
        .unwrap_or_default();
    let paused = if report.paused { ", paused" } else { "" };
    let rows = report.parity.as_ref().map_or_else(String::new, |parity| {
        format!("; {} rows, {} differ", parity.rows, parity.differing)
    });
    match report.phase {
        Phase::Opening => format!("{name}: opening a new generation{paused}"),
        Phase::Filling => {
            let left = report
                .seconds_left
                .map(|seconds| format!(", {} left", minutes(seconds)))
                .unwrap_or_default();
            let (done, total) = (report.records_done, report.records_total);
            let speed = report.records_per_second;
            format!("{name}:{generation}, {done} of {total} records, {speed} a second{left}{paused}")
        }
        Phase::CatchingUp => format!("{name}:{generation} is catching up{paused}"),
        Phase::Comparing => format!("{name}:{generation} is being compared with the active one{paused}"),
        Phase::Switching => format!("{name}:{generation} is being switched to"),
        Phase::Done => format!("{name}:{generation} serves{rows}"),
        Phase::Held => format!("{name}:{generation} is filled and waits for `tillroll switch`{rows}"),
        Phase::Failed | Phase::Cancelled => {
            let why = report.failure.as_deref().unwrap_or("it failed");
            format!("{name}:{generation} is not rebuilt: {why}{rows}")
        }
    }
}

/// What verifying has found, in words.
pub(super) fn parity_text(parity: &ParityReport) -> String {
    let ParityReport {
        projection,
        rows,
        differing,
        ..
    } = parity;
    let mut text = format!("{projection}: {rows} rows, {differing} differ from the log\n");
    text += &differences_text(parity);
    text
}

fn differences_text(parity: &ParityReport) -> String {
    let mut text = String::new();
    for difference in &parity.differences {
        text += &difference_text(difference);
    }
    let left = parity.differing.saturating_sub(parity.differences.len() as u64);
    if left > 0 {
        text += &format!("  … and {left} more\n");
    }
    text
}

fn difference_text(difference: &DifferenceReport) -> String {
    let DifferenceReport {
        table,
        partition,
        clustering,
        only_in,
        columns,
    } = difference;
    let mut text = format!("  {table} {partition}");
    if !clustering.is_empty() {
        text += &format!(" / {clustering}");
    }
    if let Some(side) = only_in {
        return format!("{text}: only in the {side} rows\n");
    }
    text.push('\n');
    for column in columns {
        text += &format!(
            "    {}: {} in the active rows, {} by the log\n",
            column.column, column.active, column.fresh
        );
    }
    text
}

/// What making the rows of one view again has come to, in words.
pub(super) fn repair_text(repair: &RepairReport) -> String {
    let RepairReport {
        projection,
        key,
        generation,
        rows,
        differences,
        left,
    } = repair;
    let mut text = format!(
        "{projection} {key}: {rows} rows in generation {generation}, {} made again\n",
        differences.len() as u64 - left
    );
    for difference in differences {
        text += &difference_text(difference);
    }
    if *left > 0 {
        text +=
            &format!("{left} stay wrong: what lies there is younger; `tillroll rebuild {projection}` makes all anew\n");
    }
    text
}

/// What a rebuild would do, in words.
pub(super) fn plan_text(plan: &PlanReport) -> String {
    let begun = if plan.begun { " (begun before)" } else { "" };
    let is_kept = !plan.drops.contains(&plan.active);
    let kept = if is_kept { "would be kept" } else { "would go" };
    let drops = match plan.drops.as_slice() {
        _ if !is_kept => String::new(),
        [] => String::new(),
        drops => format!(
            "; generation {} would go",
            drops.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        ),
    };
    format!(
        "{}: generation {}{begun} would be filled from {} records beside generation {}, which {kept}{drops}",
        plan.projection, plan.generation, plan.records, plan.active
    )
}

/// How the projections are, as a table and what is wrong below it.
pub(super) fn projections_table(reports: &[ProjectionReport]) -> String {
    let heads = [
        "PROJECTION",
        "GENERATION",
        "CODE",
        "STATE",
        "LAG EVENTS",
        "LAG SECONDS",
        "PARKED",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let mut notes = String::new();
    for report in reports {
        for generation in &report.generations {
            let is_active = report.active == Some(generation.number);
            let parked = if is_active {
                report.parked.to_string()
            } else {
                "-".to_owned()
            };
            rows.push(vec![
                report.name.clone(),
                generation.number.to_string(),
                generation.version.to_string(),
                generation.state.clone(),
                generation.lag_events.to_string(),
                format!("{:.1}", generation.lag_seconds),
                parked,
            ]);
        }
        if let Some(why) = &report.stopped {
            notes += &format!("{}: stopped: {why}\n", report.name);
        }
        for halted in &report.halted {
            notes += &format!("{}: {halted}\n", report.name);
        }
        if let Some(rebuild) = report.rebuild.as_ref().filter(|rebuild| !rebuild.phase.is_over()) {
            notes += &format!("{}\n", rebuild_line(rebuild));
        }
    }
    table::render(&rows) + &notes
}
