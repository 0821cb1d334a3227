//! Letters as PDF: tagged (PDF/UA-1), A4, in ordinary or large print. What is written is data to the layout and never a part of it.

use std::sync::LazyLock;

use serde::Serialize;
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Dict, Duration, Value},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// What stands for a sign that the font does not have.
pub const NOT_IN_THE_FONT: char = '□';

/// A letter, ready to be typeset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Its first heading, and the title that a reader of the file announces.
    pub title: String,
    /// ISO 639-1: "en".
    pub language: String,
    /// 18 point in place of 12.
    pub large: bool,
    /// To whom, from whom and when: a paragraph each.
    pub head: Vec<String>,
    pub blocks: Vec<Block>,
    /// "Page 1 of 2": the two words.
    pub page: String,
    pub of: String,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    Heading {
        words: String,
    },
    Paragraph {
        words: String,
    },
    List {
        items: Vec<String>,
    },
    /// "Hours: 16".
    Pair {
        label: String,
        words: String,
    },
    /// Each row has as many cells as the head.
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

impl Block {
    pub fn heading(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::Heading { words }
    }
    pub fn paragraph(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::Paragraph { words }
    }
    pub fn pair(label: impl Into<String>, words: impl Into<String>) -> Self {
        Self::Pair {
            label: label.into(),
            words: words.into(),
        }
    }
}

/// A letter could not be made. It says why in the words of the typesetter, and nothing of what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the letter could not be typeset: {0}")]
pub struct Error(String);

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    const FILES: [&[u8]; 2] = [
        include_bytes!(concat!(env!("OUT_DIR"), "/regular.ttf")),
        include_bytes!(concat!(env!("OUT_DIR"), "/bold.ttf")),
    ];
    FILES
        .into_iter()
        .flat_map(|file| Font::iter(Bytes::new(file)))
        .collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// The one file of the layout, and the letter as its input.
struct Desk {
    library: LazyHash<Library>,
    layout: Source,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }
    fn main(&self) -> FileId {
        self.layout.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() {
            Ok(self.layout.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }
    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }
    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Typesets a letter. The same letter gives the same bytes. It takes tens of milliseconds of work: call it where that holds nobody up.
///
/// # Errors
/// Where the typesetter refuses, such as for a title without a word.
pub fn typeset(letter: &Letter) -> Result<Vec<u8>, Error> {
    let shown = printable(letter);
    let json = serde_json::to_string(&shown).map_err(|e| Error(e.to_string()))?;
    let path = VirtualPath::new("letter.typ").map_err(|e| Error(format!("{e:?}")))?;
    let id = RootedPath::new(VirtualRoot::Project, path).intern();
    let inputs = Dict::from_iter([("letter".into(), Value::Str(json.into()))]);
    let desk = Desk {
        library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
        layout: Source::new(id, include_str!("letter.typ").to_owned()),
    };
    let document: PagedDocument = typst::compile(&desk).output.map_err(refused)?;
    let options = PdfOptions {
        standards: PdfStandards::new(&[PdfStandard::Ua_1])
            .map_err(|e| Error(e.message().to_string()))?,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(refused);
    // The typesetter remembers what it did; a letter is about one person and is forgotten.
    typst::comemo::evict(0);
    pdf
}

fn refused(errors: impl IntoIterator<Item = SourceDiagnostic>) -> Error {
    let messages: Vec<String> = errors.into_iter().map(|e| unquoted(&e.message)).collect();
    Error(messages.join("; "))
}

/// A message without what it quotes: the typesetter names in backticks the text that it could not set, and that is somebody's.
fn unquoted(message: &str) -> String {
    message.split('`').step_by(2).collect::<Vec<_>>().join("…")
}

/// Whether the font has a sign.
fn in_the_font(sign: char) -> bool {
    sign == '\n'
        || FONTS
            .iter()
            .all(|font| font.info().coverage.contains(sign.into()))
}

/// The letter with a mark in place of every sign that the font lacks: a file that says it is accessible may not leave one out.
fn printable(letter: &Letter) -> Letter {
    let plain = |text: &String| -> String {
        text.chars()
            .map(|sign| match sign {
                '\t' => ' ',
                sign if in_the_font(sign) => sign,
                _ if in_the_font(NOT_IN_THE_FONT) => NOT_IN_THE_FONT,
                _ => '?',
            })
            .collect()
    };
    let all = |texts: &[String]| texts.iter().map(plain).collect::<Vec<_>>();
    let block = |block: &Block| match block {
        // A heading that a reader would not hear is none.
        Block::Heading { words } if !plain(words).chars().any(char::is_alphanumeric) => {
            Block::paragraph(plain(words))
        }
        Block::Heading { words } => Block::heading(plain(words)),
        Block::Paragraph { words } => Block::Paragraph {
            words: plain(words),
        },
        Block::List { items } => Block::List { items: all(items) },
        Block::Pair { label, words } => Block::Pair {
            label: plain(label),
            words: plain(words),
        },
        Block::Table { head, rows } => Block::Table {
            head: all(head),
            rows: rows.iter().map(|row| all(row)).collect(),
        },
    };
    Letter {
        title: plain(&letter.title),
        head: all(&letter.head),
        blocks: letter.blocks.iter().map(block).collect(),
        page: plain(&letter.page),
        of: plain(&letter.of),
        ..letter.clone()
    }
}

#[cfg(test)]
mod tests;
