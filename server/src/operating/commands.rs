//! The command line's half: asks, shows, and says by the exit code how it went.

use std::process::ExitCode;

use reqwest::Method;

use super::report::{
    ParityReport, Phase, PlanReport, ProjectionReport, RebuildAsk, RebuildReport, RepairAsk, RepairReport,
};
use super::screen::{Screen, parity_text, plan_text, print, projections_table, repair_text};
use super::session::Session;
use crate::cli::{
    GenerationOptions, JsonOptions, NamedOptions, Options, RebuildOptions, RepairOptions, RollbackOptions,
};
use crate::operator_client::Lines;
use crate::run::Failure;

/// Exit code of who looked away from a rebuild that goes on: that of an interrupted program.
const DETACHED: u8 = 130;

/// Rebuilds, watches or controls.
pub(crate) async fn rebuild(options: &Options, asked: RebuildOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let done = rebuild_in(&session, &asked).await;
    session.close().await;
    done
}

async fn rebuild_in(session: &Session, asked: &RebuildOptions) -> Result<ExitCode, Failure> {
    let name = asked.name.as_deref().unwrap_or("all");
    let place = match name {
        "all" => "/operator/rebuilds".to_owned(),
        name => format!("/operator/projections/{name}/rebuild"),
    };
    if let Some(what) = asked.control() {
        let path = format!("/operator/projections/{name}/rebuild/{what}");
        session.client.order(Method::POST, &path).await?;
        say(asked.json, &format!("{name}: {what} is on its way"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if asked.dry_run {
        return dry_run(session, asked).await;
    }
    let ask = RebuildAsk {
        held: asked.no_switch,
        requires_parity: asked.require_parity,
        rate: asked.rate,
    };
    let response = if asked.attach {
        session.client.get(&place).await?
    } else {
        session.client.post(&place, &ask).await?
    };
    let hint = format!("tillroll rebuild {} --attach", asked.name.as_deref().unwrap_or("--all"));
    watch(session, response, asked.json, &hint).await
}

async fn dry_run(session: &Session, asked: &RebuildOptions) -> Result<ExitCode, Failure> {
    for name in names(session, asked.name.as_deref()).await? {
        let path = format!("/operator/projections/{name}/rebuild/plan");
        let plan: PlanReport = session.client.read(Method::GET, &path).await?;
        if asked.json {
            print(&serde_json::to_string(&plan)?)?;
        } else {
            print(&plan_text(&plan))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows a rebuild until it is over, or until somebody presses Ctrl-C: it goes on then.
async fn watch(session: &Session, response: reqwest::Response, as_json: bool, hint: &str) -> Result<ExitCode, Failure> {
    let mut lines = Lines::of(response);
    let mut screen = Screen::new(as_json);
    let mut last = None;
    loop {
        let line = tokio::select! {
            line = lines.next() => line?,
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                let goes_on = if session.is_alone() { "at the next start" } else { "in the server" };
                screen_is_left(as_json, goes_on, hint)?;
                return Ok(ExitCode::from(DETACHED));
            }
        };
        let Some(line) = line else { break };
        let report: RebuildReport = serde_json::from_str(&line)?;
        screen.show(&report)?;
        last = Some(report.phase);
    }
    Ok(exit_code(last.is_some_and(Phase::is_good)))
}

fn screen_is_left(as_json: bool, goes_on: &str, hint: &str) -> std::io::Result<()> {
    use std::io::Write;
    if as_json {
        return Ok(());
    }
    writeln!(std::io::stderr(), "\nthe rebuild goes on {goes_on}; `{hint}` shows it")
}

/// Switches to a generation that is kept.
pub(crate) async fn switch(options: &Options, asked: GenerationOptions) -> Result<ExitCode, Failure> {
    let path = format!("/operator/projections/{}/switch/{}", asked.name, asked.generation);
    go_to(options, &path, &asked.name, asked.json, RebuildAsk::default()).await
}

/// Goes back to the generation that was switched away from last.
pub(crate) async fn rollback(options: &Options, asked: RollbackOptions) -> Result<ExitCode, Failure> {
    let path = format!("/operator/projections/{}/rollback", asked.name);
    let ask = RebuildAsk {
        requires_parity: asked.require_parity,
        ..RebuildAsk::default()
    };
    go_to(options, &path, &asked.name, asked.json, ask).await
}

async fn go_to(options: &Options, path: &str, name: &str, as_json: bool, ask: RebuildAsk) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let hint = format!("tillroll rebuild {name} --attach");
    let done = match session.client.post(path, &ask).await {
        Ok(response) => watch(&session, response, as_json, &hint).await,
        Err(error) => Err(error.into()),
    };
    session.close().await;
    done
}

/// Takes a generation's tables away.
pub(crate) async fn drop_generation(options: &Options, asked: GenerationOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let path = format!("/operator/projections/{}/drop/{}", asked.name, asked.generation);
    let dropped = session.client.order(Method::POST, &path).await;
    session.close().await;
    dropped?;
    say(
        asked.json,
        &format!("{}: generation {} is dropped", asked.name, asked.generation),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Compares the rows that queries are answered from with what the log says.
pub(crate) async fn verify(options: &Options, asked: NamedOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let verified = verify_in(&session, &asked).await;
    session.close().await;
    verified
}

async fn verify_in(session: &Session, asked: &NamedOptions) -> Result<ExitCode, Failure> {
    let mut is_equal = true;
    for name in names(session, asked.name.as_deref()).await? {
        let path = format!("/operator/projections/{name}/verify");
        let parity: ParityReport = session.client.read(Method::POST, &path).await?;
        is_equal &= parity.differing == 0;
        if asked.json {
            print(&serde_json::to_string(&parity)?)?;
        } else {
            print(parity_text(&parity).trim_end())?;
        }
    }
    Ok(exit_code(is_equal))
}

/// Makes the rows of one view again. Fails when some of them stay wrong.
pub(crate) async fn repair(options: &Options, asked: RepairOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let path = format!("/operator/projections/{}/repair", asked.name);
    let told = session.client.ask(&path, &RepairAsk { key: asked.key }).await;
    session.close().await;
    let report: RepairReport = told?;
    if asked.json {
        print(&serde_json::to_string(&report)?)?;
    } else {
        print(repair_text(&report).trim_end())?;
    }
    Ok(exit_code(report.left == 0))
}

/// Says how all projections are.
pub(crate) async fn projections(options: &Options, asked: JsonOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let read = session.client.read(Method::GET, "/operator/projections").await;
    session.close().await;
    let reports: Vec<ProjectionReport> = read?;
    if asked.json {
        print(&serde_json::to_string(&reports)?)?;
    } else {
        print(projections_table(&reports).trim_end())?;
    }
    let is_well =
        |report: &ProjectionReport| report.stopped.is_none() && report.halted.is_empty() && report.parked == 0;
    Ok(exit_code(reports.iter().all(is_well)))
}

/// The one name, or all there are.
async fn names(session: &Session, name: Option<&str>) -> Result<Vec<String>, Failure> {
    if let Some(name) = name {
        return Ok(vec![name.to_owned()]);
    }
    let reports: Vec<ProjectionReport> = session.client.read(Method::GET, "/operator/projections").await?;
    Ok(reports.into_iter().map(|report| report.name).collect())
}

fn say(as_json: bool, text: &str) -> std::io::Result<()> {
    if as_json {
        return print(&serde_json::json!({ "done": text }).to_string());
    }
    print(text)
}

/// Success, or that something is wrong.
pub(crate) fn exit_code(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
