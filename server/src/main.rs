//! `handrail`: one binary for serving and looking after a service.

use std::process::ExitCode;

/// A page is thousands of small allocations, of the database's too: this halves what they cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator asks for pages of 2 MB, of which a service with many small things fills a part. Where the system has no such setting, nothing is lost.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    handrail::commands::run()
}
