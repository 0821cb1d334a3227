//! Passwords: Argon2id, and a few plain rules.

use std::{num::NonZero, sync::LazyLock};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::platform::{Error, Result, random::Random};

/// The shortest password. Length protects; rules about signs do not (NCSC, "three random words").
pub const SHORTEST: usize = 12;
const LONGEST: usize = 200;

/// Checks a new password.
pub fn check(typed: &str, email: &str) -> Result<(), String> {
    let length = typed.chars().count();
    if length < SHORTEST {
        return Err(format!(
            "Use {SHORTEST} characters or more. Three random words work well."
        ));
    }
    if length > LONGEST {
        return Err(format!("Use {LONGEST} characters or fewer."));
    }
    let lower = typed.to_lowercase();
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    if (name.len() >= 4 && lower.contains(&name))
        || lower.contains("password")
        || lower.chars().all(|c| lower.starts_with(c))
    {
        return Err("Choose a password that is harder to guess.".to_owned());
    }
    Ok(())
}

/// A first password to be read out or written down: sixteen letters and digits that are not mistaken for each other, more than 70 bits.
pub fn first(random: &Random) -> String {
    const SIGNS: &[u8; 25] = b"234679acdefghjkmnpqrtwxyz";
    let groups: Vec<String> = (0..4)
        .map(|_| {
            let mut rest = random.number();
            (0..4)
                .map(|_| {
                    let sign = SIGNS[(rest % 25) as usize] as char;
                    rest /= 25;
                    sign
                })
                .collect()
        })
        .collect();
    groups.join("-")
}

/// Hashes a password, off the threads that answer requests.
pub async fn hash(random: &Random, password: String) -> Result<String> {
    let mut salt = [0u8; 16];
    random.fill(&mut salt);
    blocking(move || {
        Ok(Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(Error::internal)?
            .to_string())
    })
    .await
}

/// Whether a password fits a hash. With no account, a hash is checked all the same, so that the time tells nothing.
pub async fn fits(password: String, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let argon = Argon2::default();
        let Some(hash) = hash else {
            let _ = argon.hash_password_with_salt(password.as_bytes(), b"nobody has this account");
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(Error::internal)?;
        Ok(argon.verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
}

/// Argon2id takes 19 MiB and a whole core while it works: at most two at once, and half of the cores, so that a crowd at the door neither fills the memory
/// nor holds up those who are in.
static AT_ONCE: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new((cores / 2).clamp(1, 2))
});

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let _turn = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
}
