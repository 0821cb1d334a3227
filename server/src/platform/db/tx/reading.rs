//! Reading on a snapshot.

use std::ops::{Deref, DerefMut};

use super::{Conn, Reader, reads};
use crate::platform::{
    Error, Result,
    audit::{Entry, Insertions},
    db::{Db, Row, Sql, sql},
};

/// A snapshot to read from. What was looked at is noted with [`ReadTx::viewed`] and recorded before the answer goes out.
#[derive(Debug)]
pub struct ReadTx {
    reader: Reader,
    db: Db,
    views: Vec<Entry>,
}

impl Deref for ReadTx {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}
impl DerefMut for ReadTx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl ReadTx {
    pub(super) fn new(reader: Reader, db: Db) -> Self {
        Self {
            reader,
            db,
            views: vec![],
        }
    }

    /// Notes that the actor was shown this. It is recorded by [`ReadTx::finish`].
    pub fn viewed(&mut self, entry: Entry) {
        self.views.push(entry);
    }

    /// The last that is read for a page: every row of some statements, in one go where the database takes them so. The snapshot ends with them.
    pub async fn last<const N: usize>(&mut self, statements: [Sql; N]) -> Result<[Vec<Row>; N]> {
        debug_assert!(statements.iter().all(|sql| reads(sql.text())));
        let reader = &mut self.reader;
        let all = match reader.conn {
            Conn::Sqlite(_) => {
                let ending = statements.into_iter().chain([sql("ROLLBACK")]);
                let all = reader.run(Sql::one_after_another(ending.collect())).await?;
                reader.conn.over();
                all
            }
            Conn::Postgres(_) => {
                let mut all = Vec::with_capacity(N);
                for statement in statements {
                    all.append(&mut reader.run(statement).await?);
                }
                reader.conn.undo();
                all
            }
        };
        let rows: Vec<Vec<Row>> = all.into_iter().take(N).map(|ran| ran.rows).collect();
        rows.try_into()
            .map_err(|_| Error::internal("a statement was not answered"))
    }

    /// Ends the snapshot and records what was viewed. Call it after rendering and before answering.
    pub async fn finish(self) -> Result<()> {
        let Self { reader, db, views } = self;
        let era = reader.context.era;
        let views: Vec<Insertions> = views
            .into_iter()
            .map(|view| view.insertions(&reader, era))
            .collect();
        // The answer does not wait for the end of the snapshot, nor for the connection to go back.
        drop(reader);
        if views.is_empty() {
            Ok(())
        } else {
            db.commit_views(views).await
        }
    }
}
