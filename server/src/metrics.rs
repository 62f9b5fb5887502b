//! `/metrics`: what a Prometheus reads. Nothing in it names a person or a thing of the shop.
//!
//! Shards and projections are looked at when somebody asks; a request costs two look-ups and two additions.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use command_api::{Commands, Standing};
use event_log::Follower;
use projectors::ProjectionStatus;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::read_models::ReadModels;

/// The form of the answer, as its specification names it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the requests' times in seconds: an embedded commit takes a tenth of a millisecond, a checkout
/// waits up to ten seconds.
const SECONDS: [f64; 13] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// The path of what no route takes: its callers could invent any number of them.
const NO_ROUTE: &str = "(none)";
/// Methods that have a name of their own here.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
];

/// What is looked at when somebody asks.
pub(crate) struct Sources {
    /// The shards.
    pub(crate) commands: Commands,
    /// The read models.
    pub(crate) read_models: ReadModels,
    /// How far the log has been read.
    pub(crate) follower: Follower,
}

/// `app`, with every request counted and timed, and `/metrics` beside it.
pub(crate) fn router(app: Router, sources: Sources) -> Router {
    measured(app, Box::new(sources))
}

fn measured(app: Router, sources: Box<dyn Collector>) -> Router {
    let requests = Requests::default();
    let mut registry = Registry::with_prefix("tillroll");
    registry.register(
        "http_requests",
        "Requests that were answered",
        requests.answered.clone(),
    );
    registry.register(
        "http_request_seconds",
        "Time from a request's headers to its answer's",
        requests.seconds.clone(),
    );
    registry.register_collector(sources);
    let metrics = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::new(registry));
    app.merge(metrics)
        .layer(middleware::from_fn_with_state(requests, count))
}

async fn metrics(State(registry): State<Arc<Registry>>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What is known of requests.
#[derive(Clone)]
struct Requests {
    answered: Family<Answered, Counter>,
    seconds: Family<Asked, Histogram, fn() -> Histogram>,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        }
    }
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    path: Path,
}

/// What was asked, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    path: Path,
    status: u16,
}

/// A route as it is written in the router: `/carts/{cart}`.
#[derive(Clone, Debug)]
struct Path(Option<MatchedPath>);

impl Path {
    fn as_str(&self) -> &str {
        self.0.as_ref().map_or(NO_ROUTE, MatchedPath::as_str)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Path {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

async fn count(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let asked = Asked {
        method: name_of(request.method()),
        path: Path(request.extensions().get::<MatchedPath>().cloned()),
    };
    let answer = next.run(request).await;
    let seconds = began.elapsed().as_secs_f64();
    requests.seconds.get_or_create(&asked).observe(seconds);
    let answered = Answered {
        method: asked.method,
        path: asked.path,
        status: answer.status().as_u16(),
    };
    requests.answered.get_or_create(&answered).inc();
    answer
}

/// A method's name, out of few.
fn name_of(method: &Method) -> &'static str {
    const NAMES: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let known = METHODS.iter().zip(NAMES).find(|(known, _)| *known == method);
    known.map_or("other", |(_, name)| name)
}

impl Collector for Sources {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let serving = self.commands.standings().into_iter().map(|(shard, standing)| {
            let serves = matches!(standing, Standing::Serving { .. });
            (shard.to_string(), u64::from(serves))
        });
        let help = "Whether this process serves the shard";
        gauges(&mut encoder, "shard_serving", help, "shard", serving)?;
        let positions = self.follower.positions().into_iter();
        let seqs = positions.map(|(shard, seq)| (shard.to_string(), seq));
        let help = "Number of the last commit of the shard that was read here";
        gauges(&mut encoder, "shard_seq", help, "shard", seqs)?;
        let all = self.read_models.status();
        let of_each = |value: fn(&ProjectionStatus) -> u64| {
            let values = all.iter().map(move |status| (status.name.to_owned(), value(status)));
            values.collect::<Vec<_>>().into_iter()
        };
        let behind = of_each(|status| status.commits_behind);
        let help = "Commits that were read and are not in the projection's rows yet";
        gauges(&mut encoder, "projection_behind", help, "projection", behind)?;
        let generation = of_each(|status| status.generation.map_or(0, u64::from));
        let help = "Which generation of the projection queries are answered from; 0: none";
        gauges(&mut encoder, "projection_generation", help, "projection", generation)?;
        let parked = of_each(|status| status.parked_views as u64);
        let help = "Views that stand still because a commit of theirs cannot be read";
        gauges(&mut encoder, "projection_parked", help, "projection", parked)?;
        let stopped = of_each(|status| u64::from(status.stopped.is_some() || !status.halted.is_empty()));
        let help = "Whether the projection, or a shard of it, stands still";
        gauges(&mut encoder, "projection_stopped", help, "projection", stopped)
    }
}

fn gauges(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: impl Iterator<Item = (String, u64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (of, value) in values {
        let labels = [(label, of.as_str())];
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

impl fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sources").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
