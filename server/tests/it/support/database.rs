//! A fresh, migrated database for each test: a copy of a template made once.

use std::{env, path::PathBuf, sync::OnceLock};

use handrail::platform::db::{Db, Place};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// A database of its own, and what keeps it alive.
pub struct Fresh {
    pub place: Place,
    _folder: Option<TempDir>,
}

impl Fresh {
    /// A migrated database that the test keeps alive by itself.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            _folder: None,
        }
    }
}

static SQLITE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
static POSTGRES: OnceCell<String> = OnceCell::const_new();

pub fn server_url() -> Option<String> {
    env::var("HANDRAIL_TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

pub async fn fresh() -> Fresh {
    match server_url() {
        Some(server) => postgres(&server).await,
        None => sqlite().await,
    }
}

async fn sqlite() -> Fresh {
    if SQLITE.get().is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("template.sqlite");
        let db = Db::open(&Place::File(file.clone())).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let _ = SQLITE.set((folder, file));
    }
    let template = &SQLITE.get().unwrap().1;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("handrail.sqlite");
    std::fs::copy(template, &file).unwrap();
    Fresh {
        place: Place::File(file),
        _folder: Some(folder),
    }
}

/// Databases are named after this process, so that several runs may share a server.
async fn postgres(server: &str) -> Fresh {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let template = POSTGRES
        .get_or_init(|| async {
            let name = format!("handrail_template_{}", std::process::id());
            let mut admin = PgConnection::connect(server).await.unwrap();
            admin
                .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
                .await
                .unwrap();
            let db = Db::open(&Place::Server(beside(server, &name)))
                .await
                .unwrap();
            db.migrate().await.unwrap();
            db.close().await;
            name
        })
        .await;
    let name = format!(
        "handrail_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(server).await.unwrap();
    admin
        .execute(sqlx::AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE {template}"
        )))
        .await
        .unwrap();
    Fresh {
        place: Place::Server(beside(server, &name)),
        _folder: None,
    }
}

/// The address of another database on the same server.
fn beside(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = base.rsplit_once('/').unwrap();
    if query.is_empty() {
        format!("{host}/{name}")
    } else {
        format!("{host}/{name}?{query}")
    }
}
