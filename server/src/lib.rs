//! The one program: its command line, and the only place that names the adapters it runs on.
//!
//! [`run`] is `main`; [`start`] is the shop that `tillroll serve` runs, for whoever wants it in their own process.

mod backends;
mod banner;
mod category_path;
mod checkouts;
mod cli;
mod condition;
mod config;
mod data_dir;
pub mod demo;
mod demo_shop;
mod demonstration;
mod deployment;
pub mod export;
mod generation_commands;
mod health;
mod history;
mod image_files;
pub mod import;
mod listener;
mod live_knobs;
mod log_report;
mod logging;
mod metrics;
mod offline;
mod openapi;
mod operating;
mod operator;
mod operator_client;
mod pages;
mod parked;
mod postman;
mod read_models;
mod run;
mod secrets;
mod spreadsheet;
mod start;
mod stock_audit;
mod table;

pub use backends::EngineError;
pub use deployment::{Cluster, Deployment};
pub use run::run;
pub use start::{Running, StartError, StartOptions, start};
