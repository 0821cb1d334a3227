//! A backup: a SQLite copy of either database, encrypted in pieces that cannot be changed, moved, dropped or cut off unnoticed.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit, Payload},
};

use super::{Error, Result, keys::Keys, random::Random};

const FIRST_LINE: &str = "HANDRAIL-BACKUP-1";
const PURPOSE: &str = "backup";
/// Bytes of the copy in one piece.
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// Random bytes at the front of every nonce of a file; behind them come the piece's number and whether it is the last (the STREAM construction,
/// Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015).
const PREFIX: usize = 7;

/// A file that holds people's records in the clear while a backup is made or read: only its owner may read it, and it is gone when this is dropped.
#[derive(Debug)]
pub struct InTheClear(PathBuf);

impl InTheClear {
    /// An empty private file beside another.
    pub fn beside(file: &Path, random: &Random) -> Result<Self> {
        let name = format!(
            ".{}-{:08x}",
            file.file_name().unwrap_or_default().to_string_lossy(),
            random.number() as u32
        );
        let path = file.with_file_name(name);
        drop(private(&path)?);
        Ok(Self(path))
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for InTheClear {
    fn drop(&mut self) {
        for behind in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(behind);
            let _ = fs::remove_file(name);
        }
    }
}

/// Encrypts `from` into `to` with the newest key. `to` has its name only when it is complete and on the disk.
pub fn encrypt(
    keys: &Keys,
    random: &Random,
    from: &Path,
    to: &Path,
    progress: impl Fn(u64),
) -> Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let _ = fs::remove_file(&part);
    let header = format!("{FIRST_LINE}\n{}\n", keys.id());
    let secret = keys
        .subkey_of(keys.id(), PURPOSE)
        .ok_or_else(|| Error::internal("there is no key"))?;
    let cipher = ChaCha20Poly1305::new(&secret.into());
    let mut prefix = [0u8; PREFIX];
    random.fill(&mut prefix);
    let written = || -> Result<()> {
        let mut from = BufReader::new(File::open(from).map_err(at(from))?);
        let mut out = BufWriter::new(private(&part)?);
        out.write_all(header.as_bytes()).map_err(at(&part))?;
        out.write_all(&prefix).map_err(at(&part))?;
        let mut piece = next_piece(&mut from, PIECE)?;
        for number in 0_u32.. {
            let following = next_piece(&mut from, PIECE)?;
            let last = following.is_empty();
            let sealed = cipher
                .encrypt(
                    &nonce(prefix, number, last),
                    Payload {
                        msg: &piece,
                        aad: header.as_bytes(),
                    },
                )
                .map_err(|_| Error::internal("could not encrypt"))?;
            out.write_all(&sealed).map_err(at(&part))?;
            progress(piece.len() as u64);
            if last {
                break;
            }
            if number == u32::MAX {
                return Err(Error::internal("the database is too large for this format"));
            }
            piece = following;
        }
        let file = out.into_inner().map_err(Error::internal)?;
        file.sync_all().map_err(at(&part))?;
        fs::rename(&part, to).map_err(at(to))
    };
    written().inspect_err(|_| drop(fs::remove_file(&part)))
}

/// Decrypts all of `from` into `to`, and fails unless every piece is there, in order and unchanged. Nothing in `to` may be used before this returns.
pub fn decrypt(keys: &Keys, from: &Path, to: &Path, progress: impl Fn(u64)) -> Result<()> {
    let mut input = BufReader::new(File::open(from).map_err(at(from))?);
    let first = line(&mut input)?;
    if first != FIRST_LINE {
        return Err(Error::Internal(format!(
            "{} is not a backup of Handrail",
            from.display()
        )));
    }
    let key_id = line(&mut input)?;
    let secret = keys.subkey_of(&key_id, PURPOSE).ok_or_else(|| {
        Error::Internal(format!(
            "this backup was made with the key {key_id}, which is not in the key file. Put back the key file of the installation that made it."
        ))
    })?;
    let header = format!("{FIRST_LINE}\n{key_id}\n");
    let cipher = ChaCha20Poly1305::new(&secret.into());
    let mut prefix = [0u8; PREFIX];
    input
        .read_exact(&mut prefix)
        .map_err(|_| damaged(from, 0))?;
    let mut out = BufWriter::new(
        fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(to)
            .map_err(at(to))?,
    );
    let mut piece = next_piece(&mut input, PIECE + TAG)?;
    for number in 0_u32.. {
        let following = next_piece(&mut input, PIECE + TAG)?;
        let last = following.is_empty();
        let opened = cipher
            .decrypt(
                &nonce(prefix, number, last),
                Payload {
                    msg: &piece,
                    aad: header.as_bytes(),
                },
            )
            .map_err(|_| damaged(from, number))?;
        out.write_all(&opened).map_err(at(to))?;
        progress(opened.len() as u64);
        if last {
            break;
        }
        piece = following;
    }
    let file = out.into_inner().map_err(Error::internal)?;
    file.sync_all().map_err(at(to))
}

fn damaged(file: &Path, piece: u32) -> Error {
    Error::Internal(format!(
        "{} is damaged, cut off or changed (at piece {piece}), or its key is another one. Nothing was restored.",
        file.display()
    ))
}

fn nonce(prefix: [u8; PREFIX], number: u32, last: bool) -> Nonce {
    let mut nonce = [0u8; 12];
    nonce[..PREFIX].copy_from_slice(&prefix);
    nonce[PREFIX..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::from(nonce)
}

fn next_piece(from: &mut impl Read, most: usize) -> Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(most);
    from.take(most as u64)
        .read_to_end(&mut piece)
        .map_err(Error::internal)?;
    Ok(piece)
}

/// A short line of the header; an endless one is nobody's.
fn line(from: &mut impl Read) -> Result<String> {
    let mut line = vec![];
    let mut byte = [0u8];
    while line.len() < 64 {
        match from.read_exact(&mut byte) {
            Ok(()) if byte[0] == b'\n' => break,
            Ok(()) => line.push(byte[0]),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => break,
            Err(e) => return Err(Error::internal(e)),
        }
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn private(path: &Path) -> Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |e| Error::Internal(format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(length: usize, change: impl Fn(&mut Vec<u8>)) -> Result<bool> {
        let folder = tempfile::tempdir().expect("a folder");
        let (plain, sealed, back) = (
            folder.path().join("plain"),
            folder.path().join("sealed"),
            folder.path().join("back"),
        );
        let text: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        fs::write(&plain, &text).expect("written");
        fs::write(&back, b"").expect("written");
        let random = Random::seeded(3);
        let keys = Keys::generate(&random);
        encrypt(&keys, &random, &plain, &sealed, |_| {})?;
        let mut bytes = fs::read(&sealed).expect("read");
        change(&mut bytes);
        fs::write(&sealed, bytes).expect("written");
        decrypt(&keys, &sealed, &back, |_| {})?;
        Ok(fs::read(&back).expect("read") == text)
    }

    #[test]
    fn every_length_comes_back() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            assert!(there_and_back(length, |_| {}).expect("opens"), "{length}");
        }
    }

    #[test]
    fn cut_off_changed_or_shuffled_files_are_refused() {
        let piece = PIECE + TAG;
        for length in [1, PIECE + 1, 3 * PIECE] {
            assert!(there_and_back(length, |b| b.truncate(b.len() - 1)).is_err());
            assert!(there_and_back(length, |b| b[40] ^= 1).is_err());
            let front = "HANDRAIL-BACKUP-1\nk00000000\n".len() + PREFIX;
            assert!(there_and_back(length, |b| b.truncate(front)).is_err());
            assert!(there_and_back(length, |b| b.push(0)).is_err());
        }
        let front = "HANDRAIL-BACKUP-1\nk00000000\n".len() + PREFIX;
        // A whole piece cut off at its end, and two pieces changed over.
        assert!(there_and_back(3 * PIECE, |b| b.truncate(front + 2 * piece)).is_err());
        assert!(
            there_and_back(3 * PIECE, |b| {
                let (one, two) = b[front..].split_at_mut(piece);
                one.swap_with_slice(&mut two[..piece]);
            })
            .is_err()
        );
    }
}
