mod answer;
mod correct;
mod exchange;
mod interrupt;
mod list;
mod load;
mod mark;

use handrail::rules::id::CaseId;

use crate::support::{Browser, Shown, TestApp};

/// Answers to `prefix1`, `prefix2` … as a form sends them, by digit; `-` is "No answer".
fn digits(prefix: &str, digits: &str) -> Vec<(String, String)> {
    digits
        .chars()
        .enumerate()
        .map(|(n, c)| match c {
            '-' => (format!("blank_{prefix}{}", n + 1), "yes".to_owned()),
            c => (format!("a_{prefix}{}", n + 1), c.to_string()),
        })
        .collect()
}

/// Fills in a questionnaire by telephone, and returns what came back.
async fn fill_in(
    browser: &Browser,
    case: CaseId,
    slug: &str,
    fields: &[(String, String)],
) -> Shown {
    let mut all = vec![("mode", "telephone")];
    all.extend(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    browser
        .fill(&format!("/cases/{case}/questionnaires/new/{slug}"), &all)
        .await
}

/// Fills in a questionnaire whose answers are in order, and returns its address.
async fn filled_in(
    browser: &Browser,
    case: CaseId,
    slug: &str,
    fields: &[(String, String)],
) -> String {
    let shown = fill_in(browser, case, slug, fields).await;
    assert_eq!(shown.status, 303, "{}", shown.body);
    shown.location
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}

async fn maya(app: &TestApp) -> CaseId {
    app.case("Maya Okonkwo", "priya").await
}
