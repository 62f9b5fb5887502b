//! `main`: reads the command line and does what it says.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use access::{Holder, Role};
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};
use event_log::LogError;
use reqwest::Method;

use crate::cli::{Cli, Command, DemoCommand, ExportOptions, ImportOptions, LogCommand, Options, TokenOptions};
use crate::data_dir::DataDir;
use crate::deployment::Deployment;
use crate::history::commands as past;
use crate::import::counted;
use crate::listener::take_open_files;
use crate::live_knobs::Setting;
use crate::log_report::{self, ShardReport};
use crate::offline::OfflineLog;
use crate::operating::commands as operated;
use crate::operator_client::{OperatorClient, stats_table, verdict};
use crate::start::{StartOptions, now, start};
use crate::{
    banner, checkouts, condition, config, demonstration, export, import, logging, parked, secrets, stock_audit,
};

/// Why a command failed, for the terminal.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// What verbs log that only look in on a shop, unless they are told otherwise: what they say is for a person.
const LEVELS_OF_VERBS: &str = "warn";
/// Exit code of an import that could do nothing.
const NOTHING_DONE: u8 = 2;

/// What the program does: reads its arguments and environment, and returns the exit code.
#[must_use]
pub fn run() -> ExitCode {
    // Does nothing unless the program was built with its labelled steps.
    let _steps = fail::FailScenario::setup();
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let command = cli.command.unwrap_or(Command::Serve);
    let is_told = matches.value_source("log") != Some(ValueSource::DefaultValue);
    let levels = if is_told || matches!(command, Command::Serve) {
        &cli.options.log
    } else {
        LEVELS_OF_VERBS
    };
    if let Err(error) = logging::start(levels, cli.options.log_format) {
        return failed(&error);
    }
    let done = match command {
        Command::Demo(asked) => on_runtime(&cli.options, run_demo(&cli.options, asked)),
        Command::Config => print(&config::table(&matches)),
        Command::Token(token) => print_token(&cli.options, &token),
        Command::Secrets => make_secrets(&cli.options),
        Command::Serve => on_runtime(&cli.options, serve(&cli.options)),
        Command::Import(import) => return run_import(&cli.options, import),
        Command::Export(asked) => run_export(&cli.options, asked),
        Command::Projections(asked) => on_runtime(&cli.options, operated::projections(&cli.options, asked)),
        Command::Shards(asked) => on_runtime(&cli.options, condition::commands::shards(&cli.options, asked)),
        Command::Doctor(asked) => on_runtime(&cli.options, condition::commands::doctor(&cli.options, asked)),
        Command::Rebuild(asked) => on_runtime(&cli.options, operated::rebuild(&cli.options, asked)),
        Command::Switch(asked) => on_runtime(&cli.options, operated::switch(&cli.options, asked)),
        Command::Rollback(asked) => on_runtime(&cli.options, operated::rollback(&cli.options, asked)),
        Command::Drop(asked) => on_runtime(&cli.options, operated::drop_generation(&cli.options, asked)),
        Command::Verify(asked) => on_runtime(&cli.options, operated::verify(&cli.options, asked)),
        Command::Repair(asked) => on_runtime(&cli.options, operated::repair(&cli.options, asked)),
        Command::Log(log) => on_runtime(&cli.options, run_log(&cli.options, log)),
        Command::Outcome(asked) => on_runtime(&cli.options, past::outcome(&cli.options, asked)),
        Command::Why(asked) => on_runtime(&cli.options, past::why(&cli.options, asked)),
        Command::Checkouts(asked) => on_runtime(&cli.options, checkouts::commands::run(&cli.options, asked)),
        Command::Stock(asked) => on_runtime(&cli.options, stock_audit::commands::run(&cli.options, asked)),
        Command::Parked(asked) => on_runtime(&cli.options, parked::commands::run(&cli.options, asked)),
    };
    match done {
        Ok(code) => code,
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tillroll: {error}");
    ExitCode::FAILURE
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    write!(std::io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

fn on_runtime(options: &Options, work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    // One thread serves best on few cores: no hop between the threads that read, decide and answer.
    let mut builder = match options.http_threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder
        .worker_threads(usize::from(options.http_threads))
        .enable_all()
        .build()?
        .block_on(work)
}

pub(crate) fn start_options(options: &Options) -> Result<StartOptions, String> {
    let deployment = Deployment::from_knobs(&options.cluster)?;
    let setting = Setting {
        listen: options.listen,
        is_embedded: matches!(deployment, Deployment::Embedded),
        is_demo: !options.no_demo,
        has_configured_secrets: options.secrets.is_some(),
    };
    Ok(StartOptions {
        public_roll: options.live.is_roll_public(&setting),
        origins: options.live.origins.clone(),
        sockets: usize::from(options.live.sockets),
        listen: options.listen,
        data: options.data.clone(),
        secrets: secrets_directory(options).to_owned(),
        images: options.images.clone(),
        deployment,
        partitions: options.partitions,
        demo: !options.no_demo,
    })
}

fn secrets_directory(options: &Options) -> &Path {
    options.secrets.as_ref().unwrap_or(&options.data)
}

async fn serve(options: &Options) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    take_open_files();
    let start_options = start_options(options)?;
    let deployment = start_options.deployment.to_string();
    let running = start(start_options).await?;
    print(&banner::text(&banner::Opened {
        address: running.address,
        data: &options.data,
        deployment: &deployment,
        products: running.products,
        records: running.records,
        took: began.elapsed(),
    }))?;
    stop_signal().await?;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn print_token(options: &Options, token: &TokenOptions) -> Result<ExitCode, Failure> {
    let directory = DataDir::open(secrets_directory(options))?;
    let secrets = secrets::load(&directory, options.listen)?;
    let holder = Holder {
        subject: token.name.clone(),
        role: Role::Admin,
    };
    print(&format!("{}\n", secrets.tokens.issue(&holder, token.seconds, now())?))
}

/// Who asks for secrets by name may have them, whoever will reach the shop.
fn make_secrets(options: &Options) -> Result<ExitCode, Failure> {
    let directory = DataDir::open(secrets_directory(options))?;
    secrets::load(&directory, ([127, 0, 0, 1], 0).into())?;
    print(&format!("{}\n", directory.root().display()))
}

fn run_import(options: &Options, import: ImportOptions) -> ExitCode {
    let imported = (|| -> Result<import::Report, Failure> {
        let token = match import.token {
            None if !import.dry_run => return Err("--token is missing (tillroll token --role admin)".into()),
            token => token.unwrap_or_default(),
        };
        let options_of_import = import::Options {
            file: import.file,
            currency: import.currency.parse()?,
            url: import.url.unwrap_or_else(|| format!("http://{}", options.listen)),
            token,
            dry_run: import.dry_run,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(import::run(&options_of_import))?)
    })();
    match imported {
        Ok(report) => {
            let _ = write!(std::io::stdout(), "{report}");
            ExitCode::from(report.exit_code())
        }
        Err(error) => {
            failed(&*error);
            ExitCode::from(NOTHING_DONE)
        }
    }
}

/// The report goes to standard error: standard output may be the file.
fn run_export(options: &Options, asked: ExportOptions) -> Result<ExitCode, Failure> {
    let options_of_export = export::Options {
        file: asked.file,
        currency: asked.currency.map(|code| code.parse()).transpose()?,
        url: asked.url.unwrap_or_else(|| format!("http://{}", options.listen)),
        token: asked.token,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(export::run(&options_of_export))?;
    let mut said = std::io::stderr().lock();
    for left_out in &report.left_out {
        writeln!(said, "left out: {left_out}")?;
    }
    let (products, variants) = (counted(report.products, "product"), counted(report.variants, "variant"));
    writeln!(said, "{products} with {variants}")?;
    Ok(ExitCode::SUCCESS)
}

async fn run_demo(options: &Options, asked: DemoCommand) -> Result<ExitCode, Failure> {
    match asked {
        DemoCommand::Buy { url, sku } => {
            let url = url.unwrap_or_else(|| format!("http://{}", options.listen));
            Box::pin(demonstration::buy::run(&url, sku)).await
        }
        DemoCommand::Stampede { buyers, pieces } => {
            Box::pin(demonstration::stampede::run(buyers.into(), pieces.into())).await
        }
    }
}

async fn run_log(options: &Options, asked: LogCommand) -> Result<ExitCode, Failure> {
    let data = DataDir::open(&options.data)?;
    let client = OperatorClient::of(data.operator()).await;
    match asked {
        LogCommand::Tail { back, no_follow } => {
            let Some(client) = client else {
                return tail_alone(options, &data, back).await;
            };
            let path = format!("/operator/log/tail?back={back}&follow={}", !no_follow);
            client.print_lines(Method::GET, &path).await?;
            Ok(ExitCode::SUCCESS)
        }
        LogCommand::Show(asked) => past::show(options, asked).await,
        LogCommand::Diff(asked) => past::diff(options, asked).await,
        LogCommand::Find(asked) => past::find(options, asked).await,
        LogCommand::Stats => print(&stats_table(&reports(client, options, &data, "stats").await?)),
        LogCommand::Verify => {
            let (text, is_intact) = verdict(&reports(client, options, &data, "verify").await?);
            print(&format!("{text}\n"))?;
            Ok(if is_intact {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

async fn reports(
    client: Option<OperatorClient>,
    options: &Options,
    data: &DataDir,
    what: &str,
) -> Result<Vec<ShardReport>, Failure> {
    if let Some(client) = client {
        return Ok(client.reports(&format!("/operator/log/{what}")).await?);
    }
    let with_payloads = what == "verify";
    let offline = open_offline(options, data).await?;
    let scanned = offline.look(move |log, codec| log_report::scan_all(&**log, with_payloads.then_some(&**codec)));
    Ok(scanned.await??)
}

async fn tail_alone(options: &Options, data: &DataDir, back: u32) -> Result<ExitCode, Failure> {
    let offline = open_offline(options, data).await?;
    let lines = offline.look(move |log, codec| -> Result<String, LogError> {
        let latest = log_report::latest(&**log, back)?;
        let lines = latest.iter().map(|record| log_report::line(record, codec) + "\n");
        Ok(lines.collect())
    });
    print(&lines.await??)
}

pub(crate) async fn open_offline(options: &Options, data: &DataDir) -> Result<OfflineLog, Failure> {
    let deployment = Deployment::from_knobs(&options.cluster)?;
    Ok(OfflineLog::open(&deployment, data, options.partitions).await?)
}
