//! `handrail`: one binary for serving and looking after a service.

use std::process::ExitCode;

/// A page is thousands of small allocations, of the database's too: this halves what they cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    handrail::commands::run()
}
