//! The installation's secret keys: one file outside the data and outside every backup, and a subkey for each purpose.

use std::{fs, io::Write as _, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{Error, Result, random::Random};

const NONCE: usize = 12;

/// One generation of the key. Old generations stay in the file, to open what they sealed.
#[derive(Clone)]
struct Key {
    id: String,
    secret: [u8; 32],
}

/// The keys of an installation, newest first.
#[derive(Clone)]
pub struct Keys(Vec<Key>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Keys({:?})",
            self.0.iter().map(|k| &k.id).collect::<Vec<_>>()
        )
    }
}

impl Keys {
    pub fn generate(random: &Random) -> Self {
        Self(vec![new_key(random)])
    }

    /// Reads a key file: a line for each generation, `id secret`, newest first.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|e| Error::Internal(format!("key file {}: {e}", path.display())))?;
        let keys: Option<Vec<Key>> = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (id, secret) = line.split_once(' ')?;
                let secret = STANDARD.decode(secret.trim()).ok()?.try_into().ok()?;
                Some(Key {
                    id: id.to_owned(),
                    secret,
                })
            })
            .collect();
        keys.filter(|k| !k.is_empty()).map(Self).ok_or_else(|| {
            Error::Internal(format!(
                "key file {} is not one of Handrail's",
                path.display()
            ))
        })
    }

    /// Writes the file anew, readable by its owner only. The old file is there until the new one is complete.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = String::from(
            "# Handrail's keys. Keep this file outside the data and outside backups, and keep a copy in a safe.\n",
        );
        for key in &self.0 {
            text.push_str(&format!("{} {}\n", key.id, STANDARD.encode(key.secret)));
        }
        let beside = path.with_extension("new");
        let written = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, path)
        };
        written().map_err(|e| Error::Internal(format!("key file {}: {e}", path.display())))
    }

    /// The same keys with a new one in front: new secrets are sealed with it, old ones still open.
    pub fn rotated(&self, random: &Random) -> Self {
        Self(
            std::iter::once(new_key(random))
                .chain(self.0.iter().cloned())
                .collect(),
        )
    }

    /// The newest key's id, which is no secret.
    pub fn id(&self) -> &str {
        &self.0[0].id
    }

    /// The id of the key that [`Keys::for_purpose`] uses.
    pub fn oldest_id(&self) -> &str {
        &self.0[self.0.len() - 1].id
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|k| k.id.as_str())
    }

    /// The oldest key's subkey for a purpose whose results must stay comparable over rotations, such as the chain of seals.
    pub fn for_purpose(&self, purpose: &str) -> [u8; 32] {
        subkey(&self.0[self.0.len() - 1], purpose)
    }

    /// Encrypts for a purpose, bound to whom it belongs. The result names its key.
    pub fn seal(
        &self,
        random: &Random,
        purpose: &str,
        belongs_to: &str,
        plain: &[u8],
    ) -> Result<String> {
        let key = &self.0[0];
        let mut nonce = [0u8; NONCE];
        random.fill(&mut nonce);
        let sealed = cipher(key, purpose)
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: belongs_to.as_bytes(),
                },
            )
            .map_err(|_| Error::internal("could not encrypt"))?;
        Ok(format!(
            "{}.{}",
            key.id,
            STANDARD.encode([nonce.as_slice(), &sealed].concat())
        ))
    }

    /// Opens what [`Keys::seal`] made for the same purpose and belonging.
    pub fn open(&self, purpose: &str, belongs_to: &str, sealed: &str) -> Result<Vec<u8>> {
        let wrong = || Error::internal("a sealed value does not open with the keys at hand");
        let (id, body) = sealed.split_once('.').ok_or_else(wrong)?;
        let key = self.0.iter().find(|k| k.id == id).ok_or_else(wrong)?;
        let body = STANDARD.decode(body).map_err(|_| wrong())?;
        let (nonce, sealed) = body.split_at_checked(NONCE).ok_or_else(wrong)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| wrong())?;
        cipher(key, purpose)
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: belongs_to.as_bytes(),
                },
            )
            .map_err(|_| wrong())
    }

    /// The subkey of a named generation, for long files that carry their key's id.
    pub fn subkey_of(&self, id: &str, purpose: &str) -> Option<[u8; 32]> {
        self.0
            .iter()
            .find(|k| k.id == id)
            .map(|k| subkey(k, purpose))
    }
}

fn new_key(random: &Random) -> Key {
    let mut secret = [0u8; 32];
    random.fill(&mut secret);
    Key {
        id: format!("k{:08x}", random.number() as u32),
        secret,
    }
}

fn subkey(key: &Key, purpose: &str) -> [u8; 32] {
    let mut out = [0u8; 32];
    // 32 bytes is far below the 255 hashes that HKDF can give, so expanding does not fail.
    let _ = Hkdf::<Sha256>::new(None, &key.secret).expand(purpose.as_bytes(), &mut out);
    out
}

fn cipher(key: &Key, purpose: &str) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&subkey(key, purpose).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_for_whom_it_belongs_and_survives_rotation() {
        let random = Random::seeded(1);
        let keys = Keys::generate(&random);
        let sealed = keys
            .seal(&random, "one-time code", "priya", b"secret")
            .unwrap();
        let rotated = keys.rotated(&random);
        assert_eq!(
            rotated.open("one-time code", "priya", &sealed).unwrap(),
            b"secret"
        );
        assert!(rotated.open("one-time code", "leila", &sealed).is_err());
        assert!(rotated.open("backup", "priya", &sealed).is_err());
        assert_ne!(rotated.id(), keys.id());
    }

    #[test]
    fn a_key_file_is_read_back_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let keys = Keys::generate(&Random::seeded(2));
        keys.write(&path).unwrap();
        assert_eq!(
            Keys::read(&path).unwrap().for_purpose("x"),
            keys.for_purpose("x")
        );
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions())
                & 0o777,
            0o600
        );
    }
}
