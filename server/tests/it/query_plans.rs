//! What the pages about one person read comes from an index, however many people there are.

use handrail::{
    features::{absence, assessment, fit_note, plan, questionnaire},
    platform::db::{Db, Sql},
};

use crate::support::TestApp;

#[tokio::test]
async fn no_page_about_one_person_scans_a_growing_table() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let mut tx = app.app.read(&app.actor("priya").await).await.unwrap();
    let today = tx.today();
    let statements: [(&str, Vec<(&str, Sql)>); 5] = [
        ("absence", absence::statements(case)),
        ("assessment", assessment::statements(case)),
        ("fit note", fit_note::statements(case)),
        ("plan", plan::statements(case, app.id("priya"), today)),
        ("questionnaire", questionnaire::statements(case)),
    ];
    for (feature, statements) in statements {
        assert!(!statements.is_empty(), "{feature}");
        for (name, statement) in statements {
            let plan = Db::plan(&mut tx, statement).await.unwrap();
            assert!(
                plan.contains("USING") || plan.contains("Index"),
                "{feature}, {name}: {plan}"
            );
            for line in plan.lines().map(str::trim) {
                assert!(
                    !line.starts_with("SCAN ") && !line.contains("Seq Scan"),
                    "{feature}, {name}: {plan}"
                );
            }
        }
    }
}
