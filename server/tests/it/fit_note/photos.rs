//! Pictures of notes.

use std::io::Cursor;

use axum::http::StatusCode;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::{
    change::recorded,
    record::{PLAIN, with},
};
use crate::support::{Shown, TestApp, event_names};

pub fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = vec![];
    DynamicImage::from(RgbImage::from_pixel(40, 20, image::Rgb([200, 180, 160])))
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

/// A picture with words of the camera's in it: a segment for comments behind the first two bytes.
fn jpeg_with_words() -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg);
    let mut bytes = plain[..2].to_vec();
    bytes.extend_from_slice(b"\xff\xfe\x00\x17Taken at 3 Elm Street");
    bytes.extend_from_slice(&plain[2..]);
    bytes
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|w| w == words)
}

/// The address of the first picture on a note's page.
fn link(page: &Shown, note: &str) -> String {
    let mark = format!("href=\"{note}/photos/");
    let rest = page.body.split(&mark).nth(1).expect("a picture");
    format!("{note}/photos/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn a_picture_is_sent_with_the_note_cleaned_and_given_out_to_the_team_alone() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    let sent = jpeg_with_words();
    assert!(holds(&sent, b"Elm Street"));
    priya
        .fill_with_file(&here, PLAIN, ("photo", "note.png", &sent))
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"fit_note.photo_added".to_owned()),
        "{names:?}"
    );
    let list = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    assert!(list.says("1 picture"));
    let note = list
        .body
        .split("/fit-notes/")
        .filter_map(|rest| rest.split('"').next())
        .find(|id| id.len() == 36)
        .map(|id| format!("/cases/{case}/fit-notes/{id}"))
        .unwrap();
    let page = priya.get(&note).await.ok();
    assert!(
        page.says("JPEG picture, 1 KB"),
        "told by what it is, whatever its name"
    );
    let photo = link(&page, &note);
    let given = priya.get(&photo).await.ok();
    assert_eq!(given.headers["content-type"], "image/jpeg");
    assert_eq!(given.headers["x-content-type-options"], "nosniff");
    assert_eq!(given.headers["cache-control"], "no-store");
    assert!(
        given.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    assert!(image::load_from_memory(&given.bytes).is_ok());
    assert!(!holds(&given.bytes, b"Elm Street"));
    assert_eq!(event_names(&app, 1).await, ["fit_note.photo_viewed"]);
    for who in ["ruth", "marta", "ines", "nobody"] {
        let shown = app.browser(who).await.get(&photo).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
    }
    assert_eq!(
        app.stranger().get(&photo).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        app.count("fit_note_photos").await,
        1,
        "in the database, and nowhere that is served"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_kept_loses_nothing_that_was_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    let large = vec![0xff; 5 * 1024 * 1024 + 1];
    for (what, bytes, why) in [
        (
            "a page",
            &b"<!doctype html><script>alert(1)</script>"[..],
            "The file must be a PNG or JPEG picture, or a PDF",
        ),
        ("too large", &large, "The file must be 5 MB or smaller"),
        (
            "half a picture",
            &picture(ImageFormat::Png)[..40],
            "The picture could not be read. Take it again, or save it as another file",
        ),
        (
            "a PDF that hides its objects",
            b"%PDF-1.7\n1 0 obj\n<< /Type /ObjStm /Length 3 >>\nstream\nabc\nendstream\nendobj\nstartxref\n9\n%%EOF\n",
            "This PDF packs its parts together, so details inside it cannot be taken out with certainty. Many office programs write such files. Take a photograph or a screenshot of the note instead",
        ),
    ] {
        let page = priya
            .fill_with_file(
                &here,
                &with(&[("condition", "Words of mine")]),
                ("photo", "note.jpg", bytes),
            )
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert_eq!(page.error("photo").as_deref(), Some(why), "{what}");
        assert_eq!(page.value("condition"), "Words of mine", "{what}");
        assert!(page.says("Choose the file again"), "{what}");
    }
    assert_eq!(app.count("fit_notes").await, 0);
    assert_eq!(app.count("fit_note_photos").await, 0);
    // It is there on the next visit too.
    assert_eq!(
        priya.get(&here).await.ok().value("condition"),
        "Words of mine"
    );
}

#[tokio::test]
async fn saving_a_draft_and_a_file_beyond_any_measure_keep_what_was_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    let small = picture(ImageFormat::Png);
    priya
        .fill_with_file(
            &here,
            &[("condition", "Half a form"), ("save_draft", "yes")],
            ("photo", "note.png", &small),
        )
        .await
        .went_to(&here);
    assert_eq!(
        priya.get(&here).await.ok().value("condition"),
        "Half a form"
    );
    let enormous = vec![0; 13 * 1024 * 1024];
    let answer = priya
        .fill_with_file(
            &here,
            &with(&[("condition", "Before the film")]),
            ("photo", "film.png", &enormous),
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.says("The file you sent is too large. What you typed is kept"));
    assert_eq!(
        priya.get(&here).await.ok().value("condition"),
        "Before the film"
    );
    assert_eq!(app.count("fit_notes").await, 0);
    // A stranger's is neither kept nor read.
    let answer = app
        .stranger()
        .upload(&here, PLAIN, ("photo", "a.png", &small))
        .await;
    assert!(answer.status == StatusCode::SEE_OTHER && answer.location.starts_with("/sign-in"));
}

#[tokio::test]
async fn a_broken_form_with_a_file_is_a_page_and_changes_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    for (kind, body) in [
        ("multipart/form-data", "--edge"),
        ("multipart/form-data; boundary=edge", "nothing"),
        (
            "multipart/form-data; boundary=edge",
            "--edge\r\nContent-Disposition: form-data; name=\"fitness\"\r\n\r\nnot_fit",
        ),
        (
            "multipart/form-data; boundary=edge",
            "--edge\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\nmany\r\n--edge--\r\n",
        ),
    ] {
        let answer = priya
            .send(
                axum::http::Method::POST,
                &here,
                body.to_owned(),
                &[("content-type", kind)],
            )
            .await;
        assert!(answer.status.is_client_error(), "{body}: {}", answer.status);
        assert!(answer.body.contains("<h1"), "{body}");
    }
    assert_eq!(app.count("fit_notes").await, 0);
}

#[tokio::test]
async fn a_picture_is_added_later_and_taken_away_with_a_reason() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = recorded(&priya, case, PLAIN).await;
    let add = format!("{note}/photos/new");
    let page = priya.fill(&add, &[]).await;
    assert_eq!(page.error("photo").as_deref(), Some("Choose a file"));
    let png = picture(ImageFormat::Png);
    priya
        .fill_with_file(&add, &[], ("photo", "a", &png))
        .await
        .went_to(&note);
    let photo = link(&priya.get(&note).await.ok(), &note);
    assert_eq!(
        priya.get(&photo).await.ok().headers["content-type"],
        "image/png"
    );
    let away = format!("{photo}/remove");
    let page = priya.fill(&away, &[]).await;
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Write why you take it away, in a few words")
    );
    priya
        .fill(&away, &[("reason", "It is somebody else’s")])
        .await
        .went_to(&note);
    assert_eq!(priya.get(&photo).await.status, StatusCode::NOT_FOUND);
    let names = event_names(&app, 4).await;
    assert!(
        names.contains(&"fit_note.photo_removed".to_owned()),
        "{names:?}"
    );
    assert!(
        priya
            .get(&note)
            .await
            .ok()
            .says("No picture of this note is kept.")
    );
    assert_eq!(
        app.count("fit_note_photos WHERE removed_reason IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_pdf_is_given_to_be_saved_and_says_nothing_of_who_made_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = recorded(&priya, case, PLAIN).await;
    let pdf = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n\
                3 0 obj\n<< /Author (Maya Okonkwo) >>\nendobj\ntrailer\n<< /Root 1 0 R /Info 3 0 R >>\nstartxref\n9\n%%EOF\n";
    priya
        .fill_with_file(&format!("{note}/photos/new"), &[], ("photo", "a.pdf", pdf))
        .await
        .went_to(&note);
    let photo = link(&priya.get(&note).await.ok(), &note);
    let given = priya.get(&photo).await.ok();
    assert_eq!(given.headers["content-type"], "application/pdf");
    assert!(
        given.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert!(!holds(&given.bytes, b"Maya") && holds(&given.bytes, b"/Catalog"));
}
