//! The command line's commands.

mod account;
mod backup;
mod bench_data;
mod import;
mod line;
mod serve_role;
