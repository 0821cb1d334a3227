//! A PDF cleaned in place: what a program wrote about its author goes, every offset stays. One that cannot be cleaned like this is refused, and says so.
//!
//! Nothing is parsed that need not be. Bytes are blanked and none are moved, so the table of offsets at a PDF's end stays right. What hides its
//! objects in compressed streams, is encrypted, or runs anything cannot be vouched for and is not kept.

const REFUSED: &str = "This PDF holds details that cannot be taken out, or parts that could run. Take a photograph or a screenshot of the note instead";

const PACKED: &str = "This PDF packs its parts together, so details inside it cannot be taken out with certainty. Many office programs write such files. Take a photograph or a screenshot of the note instead";

/// Names that are never kept, beside object streams: what hides objects, what runs, and what carries other files.
const NEVER: &[&str] = &[
    "Encrypt",
    "JavaScript",
    "JS",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "RichMedia",
    "XFA",
    "SubmitForm",
    "ImportData",
    "GoToE",
    "GoToR",
    "PieceInfo",
];

/// A part of the file: text between streams, or what a stream holds, with the text before it.
#[derive(Debug, Clone, Copy)]
struct Stream {
    /// Where its dictionary's object begins.
    object: usize,
    from: usize,
    until: usize,
}

/// The file with document information, metadata streams and the words in its pictures blanked.
pub fn cleaned(mut bytes: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let last = bytes.len().saturating_sub(1024);
    if find(&bytes, b"%%EOF", last).is_none() || find(&bytes, b"startxref", 0).is_none() {
        return Err(REFUSED);
    }
    let streams = streams(&bytes)?;
    let text = outside(&bytes, &streams);
    let all = names(&text);
    if all.iter().any(|name| name == "ObjStm") {
        return Err(PACKED);
    }
    if all.iter().any(|name| NEVER.contains(&name.as_str())) {
        return Err(REFUSED);
    }
    for (number, generation) in information(&text)? {
        blank_object(&mut bytes, &text, number, generation)?;
    }
    for stream in &streams {
        let dictionary = names(&text[stream.object..stream.from]);
        if dictionary.iter().any(|n| n == "Metadata" || n == "XML") {
            bytes[stream.from..stream.until].fill(b' ');
        } else {
            blank_picture_words(&mut bytes[stream.from..stream.until]);
        }
    }
    Ok(bytes)
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    bytes
        .get(from..)?
        .windows(what.len())
        .position(|w| w == what)
        .map(|at| at + from)
}

/// Every stream: from behind the word `stream` and its line end to the word `endstream`.
fn streams(bytes: &[u8]) -> Result<Vec<Stream>, &'static str> {
    let (mut found, mut at) = (vec![], 0);
    while let Some(word) = find(bytes, b"stream", at) {
        let before = bytes[..word].trim_ascii_end();
        let from = match bytes.get(word + 6..) {
            Some([b'\r', b'\n', ..]) => word + 8,
            Some([b'\n', ..]) => word + 7,
            _ => 0,
        };
        if from == 0 || !before.ends_with(b">>") {
            at = word + 6;
            continue;
        }
        let until = find(bytes, b"endstream", from).ok_or(REFUSED)?;
        let object = bytes[at..word]
            .windows(3)
            .rposition(|w| w == b"obj")
            .map_or(at, |place| at + place);
        found.push(Stream {
            object,
            from,
            until,
        });
        at = until + 9;
    }
    Ok(found)
}

/// The bytes with the inside of every stream blanked: of the same length, so that places in it are places in the file.
fn outside(bytes: &[u8], streams: &[Stream]) -> Vec<u8> {
    let mut text = bytes.to_vec();
    for stream in streams {
        text[stream.from..stream.until].fill(b' ');
    }
    text
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0 || b"()<>[]{}/%".contains(&byte)
}

/// Every name in a text, `#41` and its like read as the letter that they stand for.
fn names(text: &[u8]) -> Vec<String> {
    let mut names = vec![];
    let mut parts = text.split(|b| *b == b'/');
    parts.next();
    for part in parts {
        let raw: Vec<u8> = part
            .iter()
            .copied()
            .take_while(|b| !is_delimiter(*b))
            .take(64)
            .collect();
        let mut name = String::new();
        let mut at = 0;
        while let Some(byte) = raw.get(at) {
            let hex = raw
                .get(at + 1..at + 3)
                .and_then(|h| std::str::from_utf8(h).ok())
                .and_then(|h| u8::from_str_radix(h, 16).ok());
            match (byte, hex) {
                (b'#', Some(letter)) => {
                    name.push(char::from(letter));
                    at += 3;
                }
                _ => {
                    name.push(char::from(*byte));
                    at += 1;
                }
            }
        }
        names.push(name);
    }
    names
}

/// The objects that a trailer names as document information, in every revision of the file.
fn information(text: &[u8]) -> Result<Vec<(u32, u32)>, &'static str> {
    let (mut found, mut at) = (vec![], 0);
    while let Some(place) = find(text, b"/Info", at) {
        at = place + 5;
        if text.get(at).is_some_and(|b| !is_delimiter(*b)) {
            continue;
        }
        let behind: Vec<u8> = text[at..].iter().copied().take(40).collect();
        let words: Vec<String> = String::from_utf8_lossy(&behind)
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect();
        let number = |n: usize| words.get(n).and_then(|w| w.parse::<u32>().ok());
        let reference = words.get(2).is_some_and(|w| w.starts_with('R'));
        match (number(0), number(1)) {
            (Some(number), Some(generation)) if reference => found.push((number, generation)),
            _ => return Err(REFUSED),
        }
    }
    Ok(found)
}

/// Empties every object of a number: `<<` and `>>` stay.
fn blank_object(
    bytes: &mut [u8],
    text: &[u8],
    number: u32,
    generation: u32,
) -> Result<(), &'static str> {
    let mark = format!("{number} {generation} obj");
    let (mut any, mut at) = (false, 0);
    while let Some(place) = find(text, mark.as_bytes(), at) {
        let from = place + mark.len();
        at = from;
        if place > 0 && text[place - 1].is_ascii_digit() {
            continue;
        }
        let until = find(text, b"endobj", from).ok_or(REFUSED)?;
        if until - from < 6 {
            return Err(REFUSED);
        }
        bytes[from..until].fill(b' ');
        bytes[from + 1..from + 3].copy_from_slice(b"<<");
        bytes[until - 3..until - 1].copy_from_slice(b">>");
        any = true;
    }
    if any { Ok(()) } else { Err(REFUSED) }
}

/// A JPEG inside a PDF may say where it was taken: its segments for programs (APP1 to APP13 without colour profiles) and comments are blanked.
fn blank_picture_words(stream: &mut [u8]) {
    if !stream.starts_with(b"\xff\xd8\xff") {
        return;
    }
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = stream.get(at..at + 4) {
        // The picture itself begins.
        if marker == 0xda || !(0xc0..=0xfe).contains(&marker) {
            return;
        }
        let long = usize::from(u16::from_be_bytes([high, low]));
        let end = (at + 2 + long).min(stream.len());
        let words = matches!(marker, 0xe1 | 0xe3..=0xed | 0xfe);
        if words && at + 4 <= end {
            stream[at + 4..end].fill(0);
        }
        at = end.max(at + 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small document, its table of offsets worked out as it is put together.
    fn document(more: &[(&str, &[u8])], trailer: &str) -> Vec<u8> {
        let mut objects: Vec<(String, Vec<u8>)> = vec![
            (
                "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>".to_owned(),
                vec![],
            ),
            (
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
                vec![],
            ),
            (
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>".to_owned(),
                vec![],
            ),
            (
                "<< /Author (Maya Okonkwo) /Producer (Phone) /Title (Note \\(mine\\)) >>"
                    .to_owned(),
                vec![],
            ),
            (
                "<< /Type /Metadata /Subtype /XML /Length 22 >>".to_owned(),
                b"<x:creator>Maya</x:cr>".to_vec(),
            ),
        ];
        objects.extend(more.iter().map(|(d, s)| ((*d).to_owned(), s.to_vec())));
        let mut bytes = b"%PDF-1.4\n".to_vec();
        let mut offsets = vec![];
        for (n, (dictionary, stream)) in objects.iter().enumerate() {
            offsets.push(bytes.len());
            bytes.extend_from_slice(format!("{} 0 obj\n{dictionary}\n", n + 1).as_bytes());
            if !stream.is_empty() {
                bytes.extend_from_slice(b"stream\n");
                bytes.extend_from_slice(stream);
                bytes.extend_from_slice(b"\nendstream\n");
            }
            bytes.extend_from_slice(b"endobj\n");
        }
        let table = bytes.len();
        bytes.extend_from_slice(
            format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes(),
        );
        for offset in offsets {
            bytes.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        bytes.extend_from_slice(
            format!(
                "trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n",
                objects.len() + 1
            )
            .as_bytes(),
        );
        bytes
    }

    fn holds(bytes: &[u8], words: &[u8]) -> bool {
        find(bytes, words, 0).is_some()
    }

    #[test]
    fn who_wrote_it_goes_and_every_offset_stays() {
        let sent = document(&[], "/Info 4 0 R");
        assert!(holds(&sent, b"Maya"));
        let kept = cleaned(sent.clone()).expect("kept");
        assert_eq!(kept.len(), sent.len());
        assert!(!holds(&kept, b"Maya") && !holds(&kept, b"Phone") && !holds(&kept, b"mine"));
        for mark in [&b"4 0 obj"[..], b"5 0 obj", b"xref", b"/MediaBox"] {
            assert_eq!(find(&kept, mark, 0), find(&sent, mark, 0));
        }
        assert_eq!(
            cleaned(kept.clone()),
            Ok(kept),
            "cleaning twice changes nothing"
        );
    }

    #[test]
    fn a_photograph_inside_says_nothing_about_where_it_was_taken() {
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04AB\xff\xe1\x00\x0eExif\0\0Leeds \xff\xfe\x00\x06Maya\xff\xda\x00\x02pixels Maya";
        let kept = cleaned(document(
            &[("<< /Filter /DCTDecode /Length 52 >>", jpeg)],
            "/Info 4 0 R",
        ))
        .expect("kept");
        assert!(!holds(&kept, b"Leeds") && !holds(&kept, b"Exif"));
        assert!(
            holds(&kept, b"pixels Maya"),
            "what is the picture stays as it is"
        );
    }

    #[test]
    fn what_cannot_be_vouched_for_is_refused() {
        for (what, sent) in [
            ("encrypted", document(&[], "/Encrypt 4 0 R")),
            (
                "objects in a stream",
                document(&[("<< /Type /ObjStm /Length 3 >>", b"abc")], ""),
            ),
            (
                "a script",
                document(&[("<< /S /JavaScript /JS (app.alert\\(1\\)) >>", b"")], ""),
            ),
            (
                "a script in disguise",
                document(&[("<< /S /J#61vaScript >>", b"")], ""),
            ),
            (
                "a program",
                document(&[("<< /S /Launch /F (x.exe) >>", b"")], ""),
            ),
            (
                "a file inside",
                document(&[("<< /Type /EmbeddedFile /Length 2 >>", b"MZ")], ""),
            ),
            (
                "information that is not there",
                document(&[], "/Info 44 0 R"),
            ),
            ("information in no form", document(&[], "/Info (x)")),
            ("cut off", document(&[], "/Info 4 0 R")[..200].to_vec()),
            ("a beginning only", b"%PDF-1.4\n".to_vec()),
        ] {
            let why = if what == "objects in a stream" {
                PACKED
            } else {
                REFUSED
            };
            assert_eq!(cleaned(sent), Err(why), "{what}");
        }
    }

    #[test]
    fn bytes_inside_a_stream_are_not_taken_for_names() {
        assert!(
            cleaned(document(
                &[("<< /Length 18 >>", b"..../JS /Encrypt.. ")],
                "/Info 4 0 R"
            ))
            .is_ok()
        );
    }
}
