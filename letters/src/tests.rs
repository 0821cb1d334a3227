//! What a reader of the file finds in it.

use proptest::prelude::*;

use super::*;

fn letter() -> Letter {
    Letter {
        title: "Coming back to work: Maya Okonkwo".to_owned(),
        language: "en".to_owned(),
        large: false,
        head: vec![
            "For Ruth Dawes, Elm Lodge".to_owned(),
            "20 November 2026".to_owned(),
        ],
        blocks: vec![
            Block::Heading {
                words: "Week by week".to_owned(),
            },
            Block::Table {
                head: vec!["Week".to_owned(), "Hours".to_owned()],
                rows: vec![
                    vec!["1".to_owned(), "8 hours".to_owned()],
                    vec!["2".to_owned(), "12 hours".to_owned()],
                ],
            },
            Block::Paragraph {
                words: "It would help me:".to_owned(),
            },
            Block::List {
                items: vec![
                    "not to work a late shift".to_owned(),
                    "the east wing on Tuesdays".to_owned(),
                ],
            },
            Block::Pair {
                label: "Review".to_owned(),
                words: "not required".to_owned(),
            },
        ],
        page: "Page".to_owned(),
        of: "of".to_owned(),
    }
}

fn read(pdf: &[u8]) -> String {
    let text = pdf_extract::extract_text_from_mem(pdf).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn everything_written_can_be_read_in_the_order_in_which_it_was_written() {
    let text = read(&typeset(&letter()).unwrap());
    let mut at = 0;
    for words in [
        "Coming back to work: Maya Okonkwo",
        "For Ruth Dawes, Elm Lodge",
        "Week by week",
        "Week Hours",
        "1 8 hours",
        "2 12 hours",
        "It would help me:",
        "not to work a late shift",
        "the east wing on Tuesdays",
        "Review: not required",
        "Page 1 of 1",
    ] {
        let found = text[at..].find(words);
        assert!(found.is_some(), "{words:?} after {at} in {text:?}");
        at += found.unwrap();
    }
}

#[test]
fn the_file_says_that_it_is_tagged_accessible_in_english_and_has_a_title() {
    let pdf = typeset(&letter()).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let raw = String::from_utf8_lossy(&pdf);
    for mark in [
        "/StructTreeRoot",
        "/MarkInfo",
        "/Lang",
        "en-GB",
        "pdfuaid:part",
        "/DisplayDocTitle true",
    ] {
        assert!(raw.contains(mark), "{mark}");
    }
}

#[test]
fn the_same_letter_is_the_same_file_and_large_print_is_another() {
    let large = Letter {
        large: true,
        ..letter()
    };
    assert_eq!(typeset(&letter()).unwrap(), typeset(&letter()).unwrap());
    let (plain, large) = (typeset(&letter()).unwrap(), typeset(&large).unwrap());
    assert_ne!(plain, large);
    assert!(read(&large).contains("It would help me:"));
}

/// Width and height of every page, in points.
fn sheets(pdf: &[u8]) -> Vec<(f32, f32)> {
    let file = pdf_extract::Document::load_mem(pdf).unwrap();
    let pages = file.get_pages();
    let sides = |id| {
        let page = file.get_dictionary(id).unwrap();
        let sheet = page.get(b"MediaBox").and_then(|o| o.as_array()).unwrap();
        let side = |n: usize| sheet[n].as_float().unwrap();
        (side(2) - side(0), side(3) - side(1))
    };
    pages.into_values().map(sides).collect()
}

/// The sizes of type on all pages, in points.
fn sizes(pdf: &[u8]) -> Vec<f32> {
    let file = pdf_extract::Document::load_mem(pdf).unwrap();
    let mut sizes = vec![];
    for id in file.get_pages().into_values() {
        let content = file.get_and_decode_page_content(id).unwrap();
        let fonts = content.operations.iter().filter(|o| o.operator == "Tf");
        sizes.extend(fonts.map(|o| o.operands[1].as_float().unwrap()));
    }
    sizes
}

#[test]
fn it_is_on_a4_and_large_print_is_large_everywhere() {
    let long = |large| Letter {
        large,
        blocks: (0..80)
            .map(|n| Block::paragraph(format!("Line number {n}.")))
            .collect(),
        ..letter()
    };
    let (plain, large) = (
        typeset(&long(false)).unwrap(),
        typeset(&long(true)).unwrap(),
    );
    assert!(sheets(&large).len() > sheets(&plain).len());
    // ISO 216: A4 is 210 by 297 mm; a point is 25.4 / 72 mm.
    for (width, height) in sheets(&plain).into_iter().chain(sheets(&large)) {
        assert!((width * 25.4 / 72.0 - 210.0).abs() < 0.1, "{width}");
        assert!((height * 25.4 / 72.0 - 297.0).abs() < 0.1, "{height}");
    }
    // The UK Association for Accessible Formats calls 16 to 18 point large print; NHS England asks for 12 at least, and only the page's number is smaller.
    let smallest = |pdf: &[u8]| sizes(pdf).into_iter().fold(f32::MAX, f32::min);
    assert!(sizes(&plain).contains(&12.0) && smallest(&plain) >= 10.0);
    assert!(sizes(&large).contains(&18.0) && smallest(&large) >= 16.0);
}

#[test]
fn what_is_written_is_never_taken_for_layout() {
    let words =
        "#panic(\"x\") $x^2$ *bold* _it_ <label> @ref \\ `code` #read(\"/etc/passwd\") = Heading";
    let hostile = Letter {
        title: words.to_owned(),
        head: vec![words.to_owned()],
        blocks: vec![
            Block::Paragraph {
                words: words.to_owned(),
            },
            Block::List {
                items: vec![words.to_owned()],
            },
        ],
        ..letter()
    };
    let text = read(&typeset(&hostile).unwrap());
    assert!(text.matches("#panic").count() >= 4, "{text}");
    assert!(text.contains("#read(\"/etc/passwd\")"), "{text}");
}

#[test]
fn a_sign_that_the_font_lacks_is_marked_and_does_not_stop_the_letter() {
    let odd = Letter {
        head: vec!["Tired 😀 שלום, but Zoë Łukasz ŵŷ’s fine".to_owned()],
        ..letter()
    };
    let text = read(&typeset(&odd).unwrap());
    assert!(text.contains("but Zoë Łukasz ŵŷ’s fine"), "{text}");
    assert!(!text.contains('😀'));
}

#[test]
fn a_long_letter_goes_over_many_pages_and_loses_no_line() {
    let long = Letter {
        blocks: (0..400)
            .map(|n| Block::Paragraph {
                words: format!("Line number {n}."),
            })
            .collect(),
        ..letter()
    };
    let text = read(&typeset(&long).unwrap());
    assert!((0..400).all(|n| text.contains(&format!("Line number {n}."))));
}

#[test]
fn a_refusal_quotes_nothing_of_the_letter() {
    let without = Letter {
        title: String::new(),
        ..letter()
    };
    let Err(Error(why)) = typeset(&without) else {
        panic!("a title without a word is refused");
    };
    assert!(why.contains("title") && !why.contains("Maya"), "{why}");
    assert_eq!(
        unquoted("the text `Maya` could not be displayed with `Font`."),
        "the text … could not be displayed with …."
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_typed_makes_a_letter(words in any::<String>(), odd in "[\\u{0}-\\u{20}\\u{ad}\\u{300}-\\u{310}\\u{200b}-\\u{202e}\\u{2060}-\\u{206f}\\u{e000}\\u{feff}\\u{fe0f}\\u{1f468}a-c]{0,12}") {
        let any = Letter {
            title: format!("A letter {odd}"),
            head: vec![words.clone(), odd.clone()],
            blocks: vec![
                Block::Heading { words: odd.clone() },
                Block::Paragraph { words: words.clone() },
                Block::Table { head: vec![odd.clone()], rows: vec![vec![words.clone()]] },
                Block::List { items: vec![odd.clone(), words.clone()] },
                Block::Pair { label: words, words: odd },
            ],
            ..letter()
        };
        prop_assert!(typeset(&any).is_ok(), "{:?}", typeset(&any));
    }
}
