//! `handrail serve`: the pages, until it is told to stop; then it finishes what it accepted.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use tokio::{net::TcpListener, sync::Notify, time::sleep};

use super::{Which, service};
use crate::{
    app::{App, service as pages},
    config::Config,
    jobs,
    platform::{Error, Result},
};

/// How long the requests under way have to end once the server is told to stop: longer than any wait for the database, shorter than any patience.
const LAST_ANSWERS: Duration = Duration::from_secs(12);

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
    let address = listener.local_addr().map_err(Error::internal)?;
    let jobs = jobs::start(&app).await?;
    tracing::info!(listen = %address, database = app.db.kind(), "serving");
    ready(address);
    let router = pages(&app).into_make_service_with_connect_info::<SocketAddr>();
    let told = Arc::new(Notify::new());
    let also_told = told.clone();
    let pages = axum::serve(listener, router).with_graceful_shutdown(async move {
        told_to_stop().await;
        also_told.notify_one();
    });
    tokio::select! {
        ended = async { pages.await } => ended.map_err(Error::internal)?,
        () = async { told.notified().await; sleep(LAST_ANSWERS).await } => {
            tracing::warn!("requests that do not end are left");
        }
    }
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
