//! `handrail serve`: the pages, until it is told to stop; then it finishes what it accepted.

use std::{net::SocketAddr, process::ExitCode};

use clap::Args;
use tokio::net::TcpListener;

use super::{Which, service};
use crate::{
    app::{App, service as pages},
    config::Config,
    jobs,
    platform::{Error, Result},
};

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    which: Which,
    /// Address to serve on.
    #[arg(long, env = "HANDRAIL_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
}

impl Serve {
    pub async fn run(self) -> Result<ExitCode> {
        start_logging();
        let config = Config::read(self.which.place()?, &self.listen)?;
        let app = service::open(config).await?;
        serve(app, &self.listen, |_| {}).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Structured lines with request ids, and nothing about a person.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HANDRAIL_LOG")
        .unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Serves until told to stop. `ready` is told the address when the first request can come.
pub async fn serve(app: App, listen: &str, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|e| Error::Internal(format!("cannot listen on {listen}: {e}")))?;
    tracing::info!(listen, database = app.db.kind(), "serving");
    let jobs = jobs::start(&app).await?;
    ready(listener.local_addr().map_err(Error::internal)?);
    let router = pages(&app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router)
        .with_graceful_shutdown(told_to_stop())
        .await
        .map_err(Error::internal)?;
    jobs.stop().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
