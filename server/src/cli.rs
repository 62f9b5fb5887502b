//! The command line: what a person can ask of the program, and every knob it has.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::live_knobs::LiveKnobs;

mod verbs;

pub(crate) use verbs::{CheckoutsCommand, DiffOptions, RepairOptions, StockCommand};

/// A shop whose truth is one append-only roll.
///
/// Without a command it serves: HTTP commands under /v1, GraphQL at /graphql, everything else in one data
/// directory. Nothing has to be installed or configured first.
#[derive(Debug, Parser)]
#[command(name = "tillroll", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  tillroll                                       serve, with a demo shop on the first start
  tillroll token --role admin                    a token that may do everything, for an hour
  tillroll import products.csv --token \"$TOKEN\"  bring products in (Shopify's CSV format)
  tillroll export products.csv --token \"$TOKEN\"  write products out, in the same format
  tillroll log tail                              watch what happens, as it happens
  tillroll rebuild --all                         rebuild every read model while the shop serves";

/// What a person can ask of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the shop (the default)
    Serve,
    /// Print an access token, as the last line
    Token(TokenOptions),
    /// Make the secrets that are not there yet, for a shop that other machines can reach
    Secrets,
    /// Bring a product export (Shopify's or WooCommerce's CSV format) into a running shop
    Import(ImportOptions),
    /// Say how every read model is: generations, lag, what is parked
    Projections(JsonOptions),
    /// Say how every shard is: who serves it, how long its log is
    Shards(JsonOptions),
    /// Say everything that somebody should look at, and what to do about it
    Doctor(JsonOptions),
    /// Write the products of a running shop as Shopify's CSV format
    Export(ExportOptions),
    /// Rebuild read models from the log, beside the ones in use, and switch
    Rebuild(RebuildOptions),
    /// Answer queries from a generation that is kept
    Switch(GenerationOptions),
    /// Answer queries from the generation before again
    Rollback(RollbackOptions),
    /// Take a generation away that nothing is answered from
    Drop(GenerationOptions),
    /// Compare read models with what the log says, row by row
    Verify(NamedOptions),
    /// Make the rows of one key of a read model again from the log
    Repair(RepairOptions),
    /// Say what became of a request under an Idempotency-Key
    Outcome(OutcomeOptions),
    /// Say for each field of an object which event, command and person set it
    Why(WhyOptions),
    /// What became of checkouts
    #[command(subcommand)]
    Checkouts(CheckoutsCommand),
    /// What stock adds up to
    #[command(subcommand)]
    Stock(StockCommand),
    /// Look at the log
    #[command(subcommand)]
    Log(LogCommand),
    /// What stands still because a record cannot be read
    #[command(subcommand)]
    Parked(ParkedCommand),
    /// See what the shop does: somebody buys something, or everybody at once
    #[command(subcommand)]
    Demo(DemoCommand),
    /// List every knob with its value and where the value comes from
    Config,
}

/// What `token` needs.
#[derive(Debug, Args)]
pub(crate) struct TokenOptions {
    /// What the bearer may do
    #[arg(long, value_enum)]
    pub(crate) role: Role,
    /// Who the bearer is, in the log
    #[arg(long, default_value = "operator")]
    pub(crate) name: String,
    /// How long it is valid
    #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(u32).range(1..=31_536_000))]
    pub(crate) seconds: u32,
}

/// A role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// May do everything
    Admin,
}

/// What `import` needs.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The file: CSV as Shopify or WooCommerce export it, told apart by its first line
    pub(crate) file: PathBuf,
    /// Where the shop answers [default: the address it would listen on]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// An admin's token (`tillroll token --role admin`)
    #[arg(long, env = "TILLROLL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// The currency of the file's prices
    #[arg(long, default_value = "EUR")]
    pub(crate) currency: String,
    /// Check the file and, with a token, tell what would change; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What `export` needs.
#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The file [default: standard output]
    pub(crate) file: Option<PathBuf>,
    /// Where the shop answers [default: the address it would listen on]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// An admin's token (`tillroll token --role admin`)
    #[arg(long, env = "TILLROLL_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// The currency of the file's prices [default: the shop's first]
    #[arg(long)]
    pub(crate) currency: Option<String>,
}

/// What `rebuild` needs.
#[derive(Debug, Args)]
pub(crate) struct RebuildOptions {
    /// Which projection
    #[arg(required_unless_present = "all")]
    pub(crate) name: Option<String>,
    /// All of them, one after the other
    #[arg(long, conflicts_with = "name")]
    pub(crate) all: bool,
    /// Say what would be done, and do nothing
    #[arg(long, group = "instead")]
    pub(crate) dry_run: bool,
    /// Watch the rebuild that runs
    #[arg(long, group = "instead")]
    pub(crate) attach: bool,
    /// Let the rebuild that runs stand still
    #[arg(long, group = "instead")]
    pub(crate) pause: bool,
    /// Let a rebuild that stands still go on
    #[arg(long, group = "instead")]
    pub(crate) resume: bool,
    /// Give the rebuild that runs up, with what it has filled
    #[arg(long, group = "instead")]
    pub(crate) cancel: bool,
    /// Read no more records a second
    #[arg(long, value_name = "RECORDS", conflicts_with = "instead")]
    pub(crate) rate: Option<NonZeroU32>,
    /// Fill and compare, and leave the switch to `tillroll switch`
    #[arg(long, conflicts_with = "instead")]
    pub(crate) no_switch: bool,
    /// Do not switch when a row differs from the one in use
    #[arg(long, conflicts_with = "instead")]
    pub(crate) require_parity: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    pub(crate) json: bool,
}

impl RebuildOptions {
    /// What is asked of the rebuild that runs, if anything.
    pub(crate) fn control(&self) -> Option<&'static str> {
        let asked = [(self.pause, "pause"), (self.resume, "resume"), (self.cancel, "cancel")];
        asked.into_iter().find(|(is_asked, _)| *is_asked).map(|(_, name)| name)
    }
}

/// One projection, or all of them.
#[derive(Debug, Args)]
pub(crate) struct NamedOptions {
    /// Which projection
    #[arg(required_unless_present = "all")]
    pub(crate) name: Option<String>,
    /// All of them, one after the other
    #[arg(long, conflicts_with = "name")]
    pub(crate) all: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// One generation of one projection.
#[derive(Debug, Args)]
pub(crate) struct GenerationOptions {
    /// Which projection
    pub(crate) name: String,
    /// The generation's number (`tillroll projections` names them)
    pub(crate) generation: u32,
    /// Print JSON, an object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `rollback` needs.
#[derive(Debug, Args)]
pub(crate) struct RollbackOptions {
    /// Which projection
    pub(crate) name: String,
    /// Do not switch when a row differs from the one in use
    #[arg(long)]
    pub(crate) require_parity: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct JsonOptions {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What there is to do about what is parked.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum ParkedCommand {
    /// Print the streams and views that stand still, and what was skipped
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the commits of a stream from the first on that cannot be read
    Show {
        /// Which stream, for example `cart/ID`
        stream: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read them again: with a newer program, or a schema that the registry has now, they go on
    Retry {
        /// Say only what became of this stream
        stream: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Do without the first commit of a stream that cannot be read, for ever: as if nothing had happened in it
    Skip {
        /// Which stream, for example `cart/ID`
        stream: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What there is to be shown.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// A guest buys something in a running shop; prints the `curl` of every step
    Buy {
        /// Where the shop answers [default: the address it would listen on]
        #[arg(long)]
        url: Option<String>,
        /// What to buy [default: the cheapest that is in stock]
        #[arg(long)]
        sku: Option<String>,
    },
    /// Many buyers and few pieces in a shop of their own, which is killed in the middle of it
    Stampede {
        /// How many want one
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
        buyers: u16,
        /// How many there are
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=512))]
        pieces: u16,
    },
}

/// What there is to see of the log.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Print records as they come
    Tail {
        /// Begin this many records back, in each shard
        #[arg(long, default_value_t = 10)]
        back: u32,
        /// Print what there is and stop
        #[arg(long)]
        no_follow: bool,
    },
    /// Print every commit of a stream, with its events; personal fields are masked
    Show(ShowOptions),
    /// Print what differs in a stream between two points of its past, and which events did it
    Diff(DiffOptions),
    /// Print the commits of a request or of a command
    Find(FindOptions),
    /// Read everything from the beginning: every rule of the log, every payload
    Verify,
    /// Count what is in each shard
    Stats,
}

/// What `log show` needs.
#[derive(Debug, Args)]
pub(crate) struct ShowOptions {
    /// Which stream, for example `cart/ID`, `order/ID` or `stock/main/SKU`
    pub(crate) stream: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `log find` needs.
#[derive(Debug, Args)]
pub(crate) struct FindOptions {
    /// The `X-Request-Id` that an answer named
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "command",
        conflicts_with = "command"
    )]
    pub(crate) request_id: Option<String>,
    /// The id of a command
    #[arg(long, value_name = "ID")]
    pub(crate) command: Option<uuid::Uuid>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `outcome` needs.
#[derive(Debug, Args)]
pub(crate) struct OutcomeOptions {
    /// The Idempotency-Key
    pub(crate) key: String,
    /// The request it was sent with, for example `POST /v1/carts`: a key belongs to its method and path
    #[arg(long, value_name = "METHOD PATH")]
    pub(crate) request: String,
    /// Who sent it: admin:NAME, customer:ID or cart:ID [default: somebody without an account]
    #[arg(long)]
    pub(crate) caller: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `why` needs.
#[derive(Debug, Args)]
pub(crate) struct WhyOptions {
    /// Which stream, for example `cart/ID` or `order/ID`
    pub(crate) stream: String,
    /// Only this field and what is below it, for example `quantity`
    pub(crate) field: Option<String>,
    /// As it was at this version
    #[arg(long, value_name = "VERSION")]
    pub(crate) at: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Every knob: a flag, or an environment variable, or the default.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, global = true, env = "TILLROLL_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// The directory that holds everything: log, state, read models, keys, secrets
    #[arg(long, global = true, env = "TILLROLL_DATA", default_value = "./tillroll-data")]
    pub(crate) data: PathBuf,
    /// Begin with an empty shop instead of the demo shop
    #[arg(long, global = true, env = "TILLROLL_NO_DEMO", value_parser = clap::builder::BoolishValueParser::new(),
          num_args = 0..=1, default_value = "false", default_missing_value = "true")]
    pub(crate) no_demo: bool,
    /// Shards of sales and of inventory; fixed when the data directory is made
    #[arg(long, global = true, env = "TILLROLL_PARTITIONS", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=1_024))]
    pub(crate) partitions: u32,
    /// Threads that serve HTTP
    #[arg(long, global = true, env = "TILLROLL_HTTP_THREADS", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) http_threads: u16,
    /// What to log: a level, or levels by module (`info,command_api=debug`); verbs log warnings unless told
    #[arg(long, global = true, env = "TILLROLL_LOG", default_value = "info,scylla=warn")]
    pub(crate) log: String,
    /// How to log
    #[arg(long, global = true, env = "TILLROLL_LOG_FORMAT", value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// The directory that holds the secrets; nodes of one shop share them [default: the data directory]
    #[arg(long, global = true, env = "TILLROLL_SECRETS")]
    pub(crate) secrets: Option<PathBuf>,
    /// The directory that holds uploaded images; nodes of one shop share it [default: `images` in the data directory]
    #[arg(long, global = true, env = "TILLROLL_IMAGES")]
    pub(crate) images: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) live: LiveKnobs,
    #[command(flatten)]
    pub(crate) cluster: ClusterKnobs,
}

/// The engines of a cluster; without any of them the shop is embedded.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cluster (all three engines, or none: then everything is in the data directory)")]
pub(crate) struct ClusterKnobs {
    /// Kafka brokers, HOST:PORT separated by commas
    #[arg(long, global = true, env = "TILLROLL_KAFKA", value_name = "BROKERS")]
    pub(crate) kafka: Option<String>,
    /// The schema registry's URL
    #[arg(long, global = true, env = "TILLROLL_SCHEMA_REGISTRY", value_name = "URL")]
    pub(crate) schema_registry: Option<String>,
    /// ScyllaDB or Cassandra nodes, HOST:PORT separated by commas
    #[arg(
        long,
        global = true,
        env = "TILLROLL_SCYLLA",
        value_name = "NODES",
        value_delimiter = ','
    )]
    pub(crate) scylla: Vec<String>,
    /// What the shop's topics, subjects and keyspaces begin with
    #[arg(long, global = true, env = "TILLROLL_PREFIX", default_value = "tillroll")]
    pub(crate) prefix: String,
    /// Copies of each topic; fixed when the topics are made
    #[arg(long, global = true, env = "TILLROLL_KAFKA_REPLICATION", default_value_t = 3, value_name = "COPIES",
          value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) kafka_replication: u8,
    /// Copies of each row; fixed when the keyspaces are made
    #[arg(long, global = true, env = "TILLROLL_SCYLLA_REPLICATION", default_value_t = 3, value_name = "COPIES",
          value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) scylla_replication: u8,
    /// Who the shop is to ScyllaDB or Cassandra
    #[arg(long, global = true, env = "TILLROLL_SCYLLA_USER", value_name = "USER")]
    pub(crate) scylla_user: Option<String>,
    /// And the password
    #[arg(
        long,
        global = true,
        env = "TILLROLL_SCYLLA_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true
    )]
    pub(crate) scylla_password: Option<String>,
}

/// How to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}
