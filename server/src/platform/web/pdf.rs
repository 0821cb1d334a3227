//! A letter as a file to keep or to print: typeset apart, so that nobody else waits for it.

use axum::response::Response;
use handrail_letters::{Letter, typeset};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::file;
use crate::platform::{Error, Result};

/// Which print is asked for: `?print=large` is 18 point in place of 12.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Print {
    print: String,
}

impl Print {
    pub fn large(&self) -> bool {
        self.print == "large"
    }
}

/// Letters that are typeset at once. More wait their turn, and the machine stays there for everybody else.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Typesets a letter and answers with the file. The name says nothing about anybody.
pub async fn pdf(letter: Letter, name: &'static str) -> Result<Response> {
    Ok(file("application/pdf", name, typeset_apart(letter).await?))
}

/// Typesets a letter. Call it outside any transaction: it is tens of milliseconds of work.
pub async fn typeset_apart(letter: Letter) -> Result<Vec<u8>> {
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    let work = tokio::task::spawn_blocking(move || {
        let made = typeset(&letter);
        drop(turn);
        made
    });
    // Neither cause is passed on but the typesetter's own words: what was written stands in no log.
    work.await
        .map_err(|_| Error::internal("the typesetter stopped"))?
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_that_cannot_be_typeset_is_an_error_and_not_a_panic() {
        let without_a_title = Letter {
            title: String::new(),
            language: "en".to_owned(),
            large: false,
            head: vec!["Maya".to_owned()],
            blocks: vec![],
            page: "Page".to_owned(),
            of: "of".to_owned(),
        };
        match pdf(without_a_title, "letter.pdf").await {
            Err(Error::Internal(why)) => assert!(!why.contains("Maya"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}
