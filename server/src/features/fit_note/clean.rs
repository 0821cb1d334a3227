//! A picture or copy of a note, cleaned: its kind is told by its content, and what a camera or a program wrote into it (where, when, whose) goes.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};

use super::pdf;
use crate::{
    platform::{Error, Result},
    rules::fit_note::PhotoKind,
};

/// The largest file that is taken, and kept: 5 MB.
pub const LARGEST: usize = 5 * 1024 * 1024;
/// Pixels on the longer side that a picture is kept with: a page stays readable.
const LONGEST_SIDE: u32 = 3000;
/// Pixels on a side that are read at all, and memory that reading may take: a small file can claim to be an enormous picture.
const WIDEST: u32 = 12_000;
const MEMORY: u64 = 256 * 1024 * 1024;
/// How good a kept JPEG is, of 100.
const QUALITY: u8 = 85;

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub kind: PhotoKind,
    pub content: Vec<u8>,
}

const TOO_LARGE: &str = "The file must be 5 MB or smaller";
const NOT_A_KIND: &str = "The file must be a PNG or JPEG picture, or a PDF";
const UNREADABLE: &str = "The picture could not be read. Take it again, or save it as another file";

/// Cleans what was sent, or says why it cannot be kept. The work is done beside the requests of others.
pub async fn clean(bytes: Vec<u8>) -> Result<Result<Cleaned, &'static str>> {
    tokio::task::spawn_blocking(move || cleaned(bytes))
        .await
        .map_err(Error::internal)
}

fn cleaned(bytes: Vec<u8>) -> Result<Cleaned, &'static str> {
    if bytes.len() > LARGEST {
        return Err(TOO_LARGE);
    }
    match PhotoKind::of(&bytes).ok_or(NOT_A_KIND)? {
        PhotoKind::Pdf => pdf::cleaned(bytes).map(|content| Cleaned {
            kind: PhotoKind::Pdf,
            content,
        }),
        PhotoKind::Png => picture(&bytes, ImageFormat::Png),
        PhotoKind::Jpeg => picture(&bytes, ImageFormat::Jpeg),
    }
}

/// Decodes a picture and encodes its pixels anew: nothing else of the file is kept. It is turned the way the camera says first.
fn picture(bytes: &[u8], format: ImageFormat) -> Result<Cleaned, &'static str> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDEST);
    limits.max_image_height = Some(WIDEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| UNREADABLE)?;
    let (wide, high) = decoder.dimensions();
    if u64::from(wide) * u64::from(high) * 4 > MEMORY {
        return Err(UNREADABLE);
    }
    let orientation = decoder.orientation().map_err(|_| UNREADABLE)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| UNREADABLE)?;
    picture.apply_orientation(orientation);
    if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture = picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle);
    }
    if format == ImageFormat::Png {
        let mut content = vec![];
        let same = picture.write_to(&mut Cursor::new(&mut content), ImageFormat::Png);
        if same.is_ok() && content.len() <= LARGEST {
            return Ok(Cleaned {
                kind: PhotoKind::Png,
                content,
            });
        }
    }
    // A photograph that was saved as a PNG is smaller as a JPEG.
    let mut content = vec![];
    DynamicImage::from(picture.to_rgb8())
        .write_with_encoder(JpegEncoder::new_with_quality(&mut content, QUALITY))
        .map_err(|_| UNREADABLE)?;
    if content.len() > LARGEST {
        return Err(TOO_LARGE);
    }
    Ok(Cleaned {
        kind: PhotoKind::Jpeg,
        content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(wide: u32, high: u32) -> DynamicImage {
        let mut picture = image::RgbImage::new(wide, high);
        for (x, y, p) in picture.enumerate_pixels_mut() {
            *p = image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]);
        }
        DynamicImage::from(picture)
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = vec![];
        picture
            .write_to(&mut Cursor::new(&mut bytes), format)
            .expect("encoded");
        bytes
    }

    /// A JPEG whose camera wrote that it lies on its side, and where it was taken.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        // TIFF, little-endian, one entry: orientation (0x0112), SHORT, 1 value, 6 (turn clockwise). Words follow it.
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPS 53.3811 N Maya's phone");
        let mut segment = b"Exif\0\0".to_vec();
        segment.extend(tiff);
        let mut bytes = jpeg[..2].to_vec();
        bytes.extend_from_slice(b"\xff\xe1");
        bytes.extend_from_slice(
            &u16::try_from(segment.len() + 2)
                .expect("short")
                .to_be_bytes(),
        );
        bytes.extend(segment);
        bytes.extend_from_slice(&jpeg[2..]);
        bytes
    }

    fn holds(bytes: &[u8], words: &[u8]) -> bool {
        bytes.windows(words.len()).any(|w| w == words)
    }

    #[test]
    fn what_the_camera_wrote_goes_and_the_picture_stands_upright() {
        let sent = with_exif(&encoded(&pixels(40, 20), ImageFormat::Jpeg));
        assert!(holds(&sent, b"Maya's phone"));
        let kept = cleaned(sent).expect("kept");
        assert_eq!(kept.kind, PhotoKind::Jpeg);
        assert!(!holds(&kept.content, b"Maya's phone") && !holds(&kept.content, b"Exif"));
        let picture = image::load_from_memory(&kept.content).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (20, 40), "turned");
    }

    #[test]
    fn words_in_a_png_go() {
        let png = encoded(&pixels(8, 8), ImageFormat::Png);
        // A tEXt chunk behind the header chunk (8 + 25 bytes). Its check sum is that of these words.
        let words = b"tEXtAuthor\0Maya Okonkwo";
        let mut sent = png[..33].to_vec();
        sent.extend_from_slice(&u32::try_from(words.len() - 4).expect("short").to_be_bytes());
        sent.extend_from_slice(words);
        sent.extend_from_slice(&crc(words).to_be_bytes());
        sent.extend_from_slice(&png[33..]);
        let kept = cleaned(sent).expect("kept");
        assert_eq!(kept.kind, PhotoKind::Png);
        assert!(!holds(&kept.content, b"Maya"));
    }

    /// CRC-32 as PNG has it (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 {
                    crc >> 1 ^ 0xedb8_8320
                } else {
                    crc >> 1
                }
            })
        })
    }

    #[test]
    fn a_large_picture_is_kept_at_a_size_that_can_be_read() {
        let kept = cleaned(encoded(&pixels(4000, 1000), ImageFormat::Jpeg)).expect("kept");
        let picture = image::load_from_memory(&kept.content).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (3000, 750));
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        assert_eq!(
            cleaned(b"<script>alert(1)</script>".to_vec()),
            Err(NOT_A_KIND)
        );
        assert_eq!(cleaned(vec![]), Err(NOT_A_KIND));
        assert_eq!(cleaned(vec![0xff; LARGEST + 1]), Err(TOO_LARGE));
        assert_eq!(
            cleaned(b"\xff\xd8\xff\xe0 and then nothing".to_vec()),
            Err(UNREADABLE)
        );
        // Its first bytes are those of a picture, and behind them is a page.
        assert_eq!(
            cleaned(b"\x89PNG\r\n\x1a\n<script>".to_vec()),
            Err(UNREADABLE)
        );
        let mut cut = encoded(&pixels(200, 200), ImageFormat::Png);
        cut.truncate(cut.len() / 2);
        assert_eq!(cleaned(cut), Err(UNREADABLE));
    }

    #[test]
    fn a_small_file_that_claims_to_be_enormous_is_refused() {
        let mut png = encoded(&pixels(8, 8), ImageFormat::Png);
        png[16..24].copy_from_slice(b"\0\x01\0\0\0\x01\0\0");
        let header = crc(&png[12..29]);
        png[29..33].copy_from_slice(&header.to_be_bytes());
        assert_eq!(cleaned(png), Err(UNREADABLE));
    }
}
