//! Records of what was viewed, committed together: whoever waits at the same moment shares one transaction.

use std::time::{Duration, Instant};

use sqlx::{Executor, PgConnection};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{Context, Db, Postgres, Sql, tx::in_order, value::for_postgres};
use crate::platform::{Error, Result, audit::Insertions, clock::Clock, random::Random, web::Actor};

/// The most answers that wait for one commit. Each number of views is a statement of its own that is kept prepared, so there are not too many of them.
const TOGETHER: usize = 16;

/// How far one commit is from the next at least. Whoever comes alone does not wait; where many come, more of them share each commit.
const APART: Duration = Duration::from_millis(2);

type Waiting = (Vec<Insertions>, oneshot::Sender<Result<(), String>>);

/// The way to the task that commits views.
#[derive(Debug, Clone)]
pub(super) struct Views(mpsc::Sender<Waiting>);

impl Views {
    /// Starts the task. It ends when the last user of the database is gone.
    pub(super) fn start() -> (Self, mpsc::Receiver<Waiting>) {
        let (sender, receiver) = mpsc::channel(1024);
        (Self(sender), receiver)
    }

    /// Waits until these views are committed.
    pub(super) async fn commit(&self, views: Vec<Insertions>) -> Result<()> {
        let (done, committed) = oneshot::channel();
        let gone = || Error::Unavailable("the task that records views has ended".to_owned());
        self.0.send((views, done)).await.map_err(|_| gone())?;
        committed
            .await
            .map_err(|_| gone())?
            .map_err(Error::Unavailable)
    }
}

/// Commits what waits, as much at a time as there is.
pub(super) async fn run(db: Db, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    let (mut kept, mut last) = (None, Instant::now());
    while receiver.recv_many(&mut waiting, TOGETHER).await > 0 {
        if let Some(left) = APART.checked_sub(last.elapsed()) {
            sleep(left).await;
        }
        while waiting.len() < TOGETHER
            && let Ok(another) = receiver.try_recv()
        {
            waiting.push(another);
        }
        last = Instant::now();
        let (views, answers): (Vec<Vec<Insertions>>, Vec<_>) = waiting.drain(..).unzip();
        let insertions = in_order(views.into_iter().flatten());
        let done = match &db {
            Db::Sqlite(_) => in_a_turn(&db, insertions).await,
            Db::Postgres(p) => by_itself(p, &mut kept, insertions).await,
        };
        let done = done.map_err(|e| e.to_string());
        for answer in answers {
            // Whoever asked may have gone away: the view is recorded all the same.
            let _ = answer.send(done.clone());
        }
    }
}

async fn in_a_turn(db: &Db, insertions: Vec<Sql>) -> Result<()> {
    // Events come with their actor and their time bound already: this context is of no account.
    let context = Context {
        actor: Actor::System("views"),
        clock: Clock::Machine,
        random: Random::seeded(0),
        era: 0,
    };
    let mut tx = db.housekeeping(context).await?;
    tx.recorded_along(insertions);
    tx.commit().await
}

/// One statement is a transaction of its own, on a connection that commits without waiting for the disk and is kept for nothing else.
async fn by_itself(
    postgres: &Postgres,
    kept: &mut Option<(PgConnection, Instant)>,
    insertions: Vec<Sql>,
) -> Result<()> {
    let rested = kept
        .take()
        .map(|(connection, used)| (connection, used.elapsed()));
    let mut connection = match postgres.still_there(rested).await {
        Some(connection) => connection,
        None => {
            let mut connection = postgres.pool.acquire().await?.detach();
            connection.execute("SET synchronous_commit = off").await?;
            connection
        }
    };
    let statement = for_postgres(Sql::beside_each_other(insertions));
    postgres
        .broken
        .noting(connection.execute(statement).await)?;
    *kept = Some((connection, Instant::now()));
    Ok(())
}
