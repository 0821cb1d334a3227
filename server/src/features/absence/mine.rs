//! The days off and at work on a person's own pages: what the sheet on paper says.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    grid::{self, Month},
    kept::kept,
    sheet::{counted, lines},
};
use crate::{
    app::App,
    features::portal::{Item, Me, in_phrases, in_words},
    platform::{
        Result,
        messages::said,
        web::{Page, show},
    },
    rules::absence::{Basis, figures, words},
};

#[derive(Template)]
#[template(path = "absence/mine.html")]
struct MinePage {
    page: Page,
    /// Nobody said anything yet.
    empty: bool,
    counted: Vec<String>,
    months: Vec<Month>,
    weekdays: Vec<(u32, &'static str)>,
    lines: Vec<(String, &'static str)>,
}
in_words!(MinePage);
in_phrases!(MinePage);

pub async fn show_mine(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let today = tx.today();
    let kept = kept(&mut tx, me.case, Basis::All).await?;
    let calendar = kept.until_today(today);
    tx.viewed(me.viewed());
    let page = MinePage {
        page: me.page(said("own_days.title")),
        empty: kept.calendar.days.is_empty(),
        counted: counted(&figures(&calendar), today),
        months: grid::own_months(&calendar),
        weekdays: grid::weekdays(),
        lines: lines(&calendar),
    };
    show(tx, page).await
}

/// The days for a copy that the person takes away: what they come to, and each stretch.
pub async fn own_items(
    tx: &mut crate::platform::db::Reader,
    case: crate::rules::id::CaseId,
) -> Result<Vec<Item>> {
    let today = tx.today();
    let kept = kept(tx, case, Basis::All).await?;
    if kept.calendar.days.is_empty() {
        return Ok(vec![]);
    }
    let calendar = kept.until_today(today);
    let counted = counted(&figures(&calendar), today).join("\n");
    let lines = lines(&calendar)
        .into_iter()
        .map(|(when, how)| Item::new(when, how, ""));
    Ok(
        std::iter::once(Item::new("", said("own_days.title"), counted))
            .chain(lines)
            .collect(),
    )
}
