//! `handrail bench-writes`: how many contacts a bare loop writes in a second, for `make bench`.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{process::ExitCode, time::Duration};

use clap::Args;

use super::Which;
use crate::{
    features::contact::bare_loop,
    platform::{Error, Result, db::bare, random::Random, web::Actor},
};

#[derive(Debug, Args)]
pub struct BenchWrites {
    /// How many transactions at once, where the database writes more than one.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// For how many seconds.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    #[command(flatten)]
    which: Which,
}

impl BenchWrites {
    /// Only for a service that `bench-data` filled: what the loop writes is nobody's record.
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        let mut tx = app.read(&Actor::CommandLine).await?;
        let mut open = bare_loop::some_open(&mut tx).await?;
        tx.finish().await?;
        // Each connection goes round cases of its own: two that plan a contact of one case at a moment would refuse one another.
        let connections = self.connections.clamp(1, bare::CONNECTIONS);
        open.truncate(open.len() / connections * connections);
        if open.is_empty() {
            return Err(Error::internal(
                "this writes fictional contacts: it is only for a service that bench-data filled",
            ));
        }
        let (random, now) = (
            Random::seeded(app.now().timestamp_micros().unsigned_abs()),
            app.now(),
        );
        let rows = move |number: u64, rows: &mut bare::Rows| {
            let one = &open[(number as usize) % open.len()];
            bare_loop::rows(one, &random, now, rows);
        };
        let time = Duration::from_secs(self.seconds);
        let per_second = bare::per_second(&app.config.place, connections, time, rows).await?;
        println!("{{\"bare_per_second\": {per_second:.1}}}");
        Ok(ExitCode::SUCCESS)
    }
}
