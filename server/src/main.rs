//! The program `tillroll`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillroll::run()
}
