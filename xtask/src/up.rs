//! `cargo xtask up` and `down`: the engines and a shop on them, for a person at the keyboard.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use engines::detached::{self, Detached, Process};

use crate::steps::cargo;
use crate::suites::Suites;

mod record;

use record::Record;

/// Where data, logs and the record of what runs are, in the workspace.
const FOLDER: &str = "tillroll-up";

/// The parts, in the order in which they end.
const TILLROLL: &str = "tillroll";
const REGISTRY: &str = "registry";
const CASSANDRA: &str = "cassandra";
const KAFKA: &str = "kafka";
const PARTS: [&str; 4] = [TILLROLL, REGISTRY, CASSANDRA, KAFKA];

/// Where they answer, unless somebody else does: the ports that people expect.
const TILLROLL_PORT: u16 = 8080;
const REGISTRY_PORT: u16 = 8081;
const CASSANDRA_PORT: u16 = 9042;
const KAFKA_PORT: u16 = 9092;

/// How long the shop may take to be ready: it creates topics and tables, and fills itself.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// How often it is asked.
const ASKED_EVERY: Duration = Duration::from_millis(100);

/// How long each part may take for an orderly end.
const ENDED_WITHIN: Duration = Duration::from_secs(60);

/// How to end what was started.
#[derive(Args)]
pub(crate) struct Down {
    /// Remove all data, too
    #[arg(long)]
    wipe: bool,
}

/// Starts what does not run yet, and prints where everything is.
pub(crate) fn up() -> Result<(), String> {
    if let Some(missing) = engines::missing() {
        return Err(missing);
    }
    let suites = Suites::read()?;
    build()?;
    let folder = suites.root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let record = Record::in_folder(&folder);
    // Each waits for its own readiness: together they take as long as the slowest.
    let (kafka, cassandra, registry) = thread::scope(|scope| {
        let kafka = scope.spawn(|| part(&record, KAFKA, || detached::kafka(&folder.join(KAFKA), KAFKA_PORT)));
        let cassandra = scope.spawn(|| {
            part(&record, CASSANDRA, || {
                detached::cassandra(&folder.join(CASSANDRA), CASSANDRA_PORT)
            })
        });
        let registry = part(&record, REGISTRY, || {
            detached::registry(&folder.join(REGISTRY), REGISTRY_PORT)
        });
        (joined(kafka), joined(cassandra), registry)
    });
    let (kafka, cassandra, registry) = (kafka?, cassandra?, registry?);
    let shop = Shop {
        program: suites.binary(),
        folder: folder.clone(),
        kafka: kafka.address,
        cassandra: cassandra.address,
        registry: registry.address,
    };
    let tillroll = part(&record, TILLROLL, || shop.start())?;
    eprintln!("\ntillroll          http://{}", tillroll.address);
    eprintln!("Kafka             {}", shop.kafka);
    eprintln!("schema registry   {}", shop.registry);
    eprintln!("Cassandra (CQL)   {}", shop.cassandra);
    eprintln!("data and logs     {}", folder.display());
    eprintln!("\n`cargo xtask down` ends it and keeps the data; `cargo xtask down --wipe` removes them, too.");
    Ok(())
}

/// Ends everything that `up` started.
pub(crate) fn down(arguments: &Down) -> Result<(), String> {
    let folder = Suites::read()?.root().join(FOLDER);
    let record = Record::in_folder(&folder);
    for name in PARTS {
        let Some(part) = record.running(name) else { continue };
        if !part.process.stop(ENDED_WITHIN) {
            return Err(format!("{name} (process {}) does not end", part.process.pid));
        }
        eprintln!("{name} has ended");
        record.forget(name)?;
    }
    if arguments.wipe && folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        eprintln!("{} is removed", folder.display());
    }
    Ok(())
}

fn build() -> Result<(), String> {
    let built = Command::new(cargo()).args(["build", "--package", "tillroll"]).status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the build has failed".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A part that runs, or is started now and written down.
fn part<E: ToString>(
    record: &Record,
    name: &str,
    start: impl FnOnce() -> Result<Detached, E>,
) -> Result<Detached, String> {
    if let Some(running) = record.running(name) {
        eprintln!("{name} is running");
        return Ok(running);
    }
    eprintln!("starting {name}");
    let started = start().map_err(|error| error.to_string())?;
    record.write(name, &started)?;
    Ok(started)
}

fn joined<T>(started: thread::ScopedJoinHandle<'_, Result<T, String>>) -> Result<T, String> {
    started
        .join()
        .unwrap_or_else(|_| Err("starting it has panicked".to_owned()))
}

/// A shop on engines.
struct Shop {
    program: String,
    folder: PathBuf,
    kafka: String,
    cassandra: String,
    registry: String,
}

impl Shop {
    fn start(&self) -> Result<Detached, String> {
        let address = free_address(TILLROLL_PORT)?;
        let environment = [
            ("TILLROLL_KAFKA", self.kafka.clone()),
            ("TILLROLL_SCHEMA_REGISTRY", self.registry.clone()),
            ("TILLROLL_SCYLLA", self.cassandra.clone()),
            ("TILLROLL_KAFKA_REPLICATION", "1".to_owned()),
            ("TILLROLL_SCYLLA_REPLICATION", "1".to_owned()),
            ("TILLROLL_DATA", self.folder.join(TILLROLL).display().to_string()),
            ("TILLROLL_LISTEN", address.to_string()),
        ];
        let log = self.folder.join("tillroll.log");
        let process = Process::start(std::slice::from_ref(&self.program), &environment, &self.folder, &log);
        let process = process.map_err(|error| error.to_string())?;
        if let Err(reason) = wait_until_ready(&process, address) {
            let _has_ended = process.stop(ENDED_WITHIN);
            return Err(format!("tillroll {reason}; its log is {}", log.display()));
        }
        Ok(Detached {
            process,
            address: address.to_string(),
        })
    }
}

fn wait_until_ready(process: &Process, address: SocketAddr) -> Result<(), String> {
    let start = Instant::now();
    while !engines::is_found(address, "/readyz") {
        if !process.is_running() {
            return Err("has ended".to_owned());
        }
        if start.elapsed() > READY_WITHIN {
            return Err("does not become ready".to_owned());
        }
        thread::sleep(ASKED_EVERY);
    }
    Ok(())
}

/// This port, or any that is free when somebody has it.
fn free_address(port: u16) -> Result<SocketAddr, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    let address = listener.and_then(|listener| listener.local_addr());
    address.map_err(|error| error.to_string())
}
