//! A copy of a record as a file: to read in any browser, or as a PDF. Both are made from the same and say the same.

use askama::Template;
use axum::response::Response;
use handrail_letters::{Block, Letter};

use super::{Part, in_words};
use crate::platform::{
    Result,
    messages::{language_tag, said},
    web::{self, Print, file},
};

/// What a copy holds. It needs nothing but itself.
#[derive(Template)]
#[template(path = "portal/record_file.html")]
pub(super) struct CopyFile {
    pub title: &'static str,
    pub name: String,
    /// The day on which it was made, as people say it.
    pub made: String,
    pub parts: Vec<Part>,
    /// What was left out, and why.
    pub left_out: Vec<(String, String)>,
}
in_words!(CopyFile);

impl CopyFile {
    pub fn to_read(&self) -> Result<Response> {
        let html = self.render()?;
        Ok(file("text/html; charset=utf-8", "copy.html", html))
    }

    /// The same typeset. Call it outside any transaction.
    pub async fn to_print(&self, print: &Print) -> Result<Response> {
        web::pdf(self.letter(print.large()), "copy.pdf").await
    }

    fn letter(&self, large: bool) -> Letter {
        let mut blocks: Vec<Block> = self.parts.iter().flat_map(of_part).collect();
        if !self.left_out.is_empty() {
            blocks.push(Block::heading(said("own_record.left_out")));
            blocks.extend(
                self.left_out
                    .iter()
                    .map(|(what, why)| Block::pair(what, why)),
            );
        }
        blocks.push(Block::paragraph(said("own.nobody_watches")));
        Letter {
            title: self.title.to_owned(),
            // A document names its language without a country.
            language: language_tag().chars().take_while(|c| *c != '-').collect(),
            large,
            head: vec![
                self.name.clone(),
                format!("{} {}.", said("own_record.made"), self.made),
            ],
            blocks,
            page: said("document.page").to_owned(),
            of: said("document.of").to_owned(),
        }
    }
}

fn of_part(part: &Part) -> Vec<Block> {
    let mut blocks = vec![Block::heading(&part.title)];
    if part.items.is_empty() {
        blocks.push(Block::paragraph(said("own_record.none")));
    }
    blocks.extend(part.items.iter().map(|item| {
        let label = match item.when.as_str() {
            "" => item.title.clone(),
            when => format!("{}, {when}", item.title),
        };
        Block::pair(label, &item.text)
    }));
    blocks
}
