//! `handrail`: one binary for serving and looking after a service.

use std::process::ExitCode;

fn main() -> ExitCode {
    handrail::commands::run()
}
