//! Records of what was viewed, committed together: whoever waits at the same moment shares one transaction.

use tokio::sync::{mpsc, oneshot};

use super::{Context, Db, Sql};
use crate::platform::{Error, Result, clock::Clock, random::Random, web::Actor};

/// The most answers that wait for one commit.
const TOGETHER: usize = 64;

type Waiting = (Vec<Sql>, oneshot::Sender<Result<(), String>>);

/// The way to the task that commits views.
#[derive(Debug, Clone)]
pub(super) struct Views(mpsc::Sender<Waiting>);

impl Views {
    /// Starts the task. It ends when the last user of the database is gone.
    pub(super) fn start() -> (Self, mpsc::Receiver<Waiting>) {
        let (sender, receiver) = mpsc::channel(1024);
        (Self(sender), receiver)
    }

    /// Waits until these statements are committed.
    pub(super) async fn commit(&self, statements: Vec<Sql>) -> Result<()> {
        let (done, committed) = oneshot::channel();
        let gone = || Error::Unavailable("the task that records views has ended".to_owned());
        self.0.send((statements, done)).await.map_err(|_| gone())?;
        committed
            .await
            .map_err(|_| gone())?
            .map_err(Error::Unavailable)
    }
}

/// Commits what waits, as much at a time as there is.
pub(super) async fn run(db: Db, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while receiver.recv_many(&mut waiting, TOGETHER).await > 0 {
        let (statements, answers): (Vec<Vec<Sql>>, Vec<_>) = waiting.drain(..).unzip();
        let done = write(&db, statements.into_iter().flatten())
            .await
            .map_err(|e| e.to_string());
        for answer in answers {
            // Whoever asked may have gone away: the view is recorded all the same.
            let _ = answer.send(done.clone());
        }
    }
}

async fn write(db: &Db, statements: impl Iterator<Item = Sql>) -> Result<()> {
    // Statements come with their actor and their time bound already: this context is of no account.
    let context = Context {
        actor: Actor::System("views"),
        clock: Clock::Machine,
        random: Random::seeded(0),
        era: 0,
    };
    let mut tx = db.housekeeping(context).await?;
    for statement in statements {
        tx.record_statement(statement).await?;
    }
    tx.commit().await
}
