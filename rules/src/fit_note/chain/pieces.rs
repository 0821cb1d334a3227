//! Which note counts on a day.

use chrono::NaiveDate;
use serde::Serialize;

use super::Note;

/// The part of a note that counts where notes overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub note: Note,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

/// Which note counts on which days, by first day. A later assessment counts from its first day on, so a newer, shorter note ends an older, longer one;
/// one that only fills in earlier days leaves the days behind them as they were. That is our reading: the form does not say.
pub fn pieces(notes: &[Note]) -> Vec<Piece> {
    let mut notes: Vec<Note> = notes.iter().copied().filter(Note::covers_a_day).collect();
    notes.sort_by_key(|n| (n.assessed_on, n.from_on, n.last(), n.id));
    let mut pieces: Vec<Piece> = vec![];
    for note in notes {
        pieces = pieces
            .into_iter()
            .filter_map(|piece| give_way(piece, &note))
            .collect();
        pieces.push(Piece {
            note,
            from_on: note.from_on,
            until_on: note.until_on,
        });
    }
    pieces.sort_by_key(|p| (p.from_on, p.note.id));
    pieces
}

/// What is left of a piece when a note with a later assessment comes.
fn give_way(piece: Piece, note: &Note) -> Option<Piece> {
    let last = piece.until_on.unwrap_or(NaiveDate::MAX);
    if note.from_on > last || note.last() < piece.from_on {
        return Some(piece);
    }
    if note.from_on > piece.from_on {
        // The newer one takes over from its first day.
        return Some(Piece {
            until_on: note.from_on.pred_opt(),
            ..piece
        });
    }
    if note.from_on == piece.from_on || note.last() >= last {
        return None;
    }
    // It fills in earlier days.
    note.last()
        .succ_opt()
        .map(|from_on| Piece { from_on, ..piece })
}

/// The last day that a note covers, whatever day is asked: what a countdown counts to. `None` where there is no note, or where one has no end.
pub fn cover_until(notes: &[Note]) -> Option<NaiveDate> {
    let pieces = pieces(notes);
    let ends: Option<Vec<NaiveDate>> = pieces.iter().map(|p| p.until_on).collect();
    ends.and_then(|ends| ends.into_iter().max())
}

/// The note that counts on a day.
pub fn covering(notes: &[Note], day: NaiveDate) -> Option<Piece> {
    pieces(notes)
        .into_iter()
        .find(|p| p.from_on <= day && p.until_on.is_none_or(|until| day <= until))
}
