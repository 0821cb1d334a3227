//! Shared state and the router: the table of contents of the product.

use std::{ops::Deref, sync::Arc};

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    config::Config,
    features,
    platform::{
        Result,
        clock::{Clock, day_of},
        db::{Context, Db, ReadTx, WriteTx, sql},
        keys::Keys,
        messages,
        random::Random,
        web::{self, Actor},
    },
};

/// The longest body of a form: room for 100,000 characters of any script, url-encoded, and a clear answer about the limit of each field.
pub const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// What every request, job and command works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    pub keys: Keys,
    pub config: Config,
    /// Counts restores: positions in the audit log are compared within one era only.
    era: i64,
    pub demo: bool,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens a migrated database as a running service.
    pub async fn new(
        db: Db,
        clock: Clock,
        random: Random,
        keys: Keys,
        config: Config,
    ) -> Result<Self> {
        let rows = db
            .look(sql("SELECT era, demo FROM installation WHERE id = 1"))
            .await?;
        let (era, demo) = match rows.first() {
            Some(row) => (row.get("era")?, row.get("demo")?),
            None => (1, false),
        };
        let config = Config {
            one_time_codes: config.one_time_codes && !demo,
            ..config
        };
        Ok(Self(Arc::new(Parts {
            db,
            clock,
            random,
            keys,
            config,
            era,
            demo,
        })))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
    pub fn today(&self) -> NaiveDate {
        day_of(self.now())
    }

    /// A read-only snapshot for an actor.
    pub async fn read(&self, actor: &Actor) -> Result<ReadTx> {
        self.db.read(self.context(actor)).await
    }
    /// A change of record for an actor.
    pub async fn write(&self, actor: &Actor) -> Result<WriteTx> {
        self.db.write(self.context(actor)).await
    }
    /// A change to sessions, drafts, jobs, limits and searches.
    pub async fn housekeeping(&self, actor: &Actor) -> Result<WriteTx> {
        self.db.housekeeping(self.context(actor)).await
    }

    fn context(&self, actor: &Actor) -> Context {
        Context {
            actor: actor.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            era: self.era,
        }
    }
}

/// Every page, by capability.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(features::home::routes())
        .merge(features::identity::routes())
        .merge(features::organisation::routes())
        .merge(features::person::routes())
        .merge(features::referral::routes())
        .merge(features::consent::routes())
        .merge(features::caseload::routes())
        .merge(features::contact::routes())
        .merge(features::fit_note::routes())
        .merge(features::assessment::routes())
        .merge(features::absence::routes())
        .merge(features::checkin::routes())
        .merge(features::questionnaire::routes())
        .merge(features::plan::routes())
        .merge(features::release::routes())
        .merge(features::safety::routes())
        .merge(features::portal::routes())
        .merge(features::message::routes())
        .merge(features::programme::routes())
        .merge(features::audit::routes())
}

/// The whole service: pages, and what stands before every one of them.
pub fn service(app: &App) -> Router {
    Router::new()
        .merge(
            routes()
                .fallback(get(features::home::nowhere).post(features::home::nowhere))
                .with_state(app.clone()),
        )
        .merge(web::asset_routes())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            features::identity::keep_typed,
        ))
        .layer(middleware::from_fn(web::refuse_cross_site))
        .layer(middleware::from_fn_with_state(
            (
                (|actor, title| features::page(actor, title, "")) as web::Frame,
                features::back_to as web::Back,
            ),
            web::faces,
        ))
        .layer(middleware::from_fn(web::clear_notice))
        .layer(middleware::from_fn(web::headers))
        .layer(middleware::from_fn_with_state(
            app.random.clone(),
            web::request_ids,
        ))
        .layer(middleware::from_fn(features::home::log_requests))
        .layer(middleware::from_fn(messages::in_a_language))
}
