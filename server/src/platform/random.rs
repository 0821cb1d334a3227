//! Where ids and secrets come from: the machine, or a seed in tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A source of randomness that every transaction carries.
#[derive(Debug, Clone)]
pub struct Random(Arc<Mutex<Source>>);

#[derive(Debug)]
struct Source {
    bits: ChaCha20Rng,
    /// The millisecond of the last id, and the 74 bits behind it.
    last: (u64, u128),
}

impl Random {
    /// Seeded from the operating system, and unforeseeable.
    pub fn machine() -> Self {
        let mut seed = [0u8; 32];
        rand::rng().fill_bytes(&mut seed);
        Self::of(ChaCha20Rng::from_seed(seed))
    }

    /// The same sequence every time. For tests and for making the demonstration's people.
    pub fn seeded(seed: u64) -> Self {
        Self::of(ChaCha20Rng::seed_from_u64(seed))
    }

    fn of(bits: ChaCha20Rng) -> Self {
        let last = (0, 0);
        Self(Arc::new(Mutex::new(Source { bits, last })))
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn number(&self) -> u64 {
        self.source().bits.next_u64()
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.source().bits.fill_bytes(bytes);
    }

    /// A UUIDv7 for an instant: ids sort by when they were made. Those of one millisecond sort by their order: each is more than the one before by a random
    /// number (RFC 9562, 6.2, method 2).
    pub fn uuid(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let mut source = self.source();
        // Each step changes what stands before the last six bytes, which a draft's id gives to its account. Two million steps fit at least.
        let next = source.last.1 + (1 << 48) + u128::from(source.bits.next_u64() >> 12);
        let tail = if source.last.0 == millis && next >> 74 == 0 {
            next
        } else {
            // The highest of the 74 bits is left free for the steps.
            (u128::from(source.bits.next_u64()) << 9) | u128::from(source.bits.next_u32() & 0x1ff)
        };
        source.last = (millis, tail);
        drop(source);
        // 12 bits before the variant, 62 after it.
        let first = u16::try_from((tail >> 62) & 0xfff)
            .unwrap_or(0)
            .to_be_bytes();
        let rest = u64::try_from(tail & ((1 << 62) - 1))
            .unwrap_or(0)
            .to_be_bytes();
        let mut bytes = [0u8; 10];
        bytes[..2].copy_from_slice(&first);
        bytes[2..].copy_from_slice(&rest);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// 256 random bits in characters that are safe in an address.
    pub fn token(&self) -> String {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// How a token is stored: it is long and random, so a plain hash cannot be turned back.
pub fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn ids_sort_by_when_they_were_made_and_those_of_one_moment_by_their_order() {
        let random = Random::seeded(7);
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut ids: Vec<Uuid> = (0..10_000).map(|_| random.uuid(now)).collect();
        let begins: std::collections::HashSet<_> =
            ids.iter().map(|id| id.as_bytes()[..10].to_vec()).collect();
        assert_eq!(begins.len(), ids.len());
        ids.push(random.uuid(now + TimeDelta::milliseconds(1)));
        assert!(ids.is_sorted_by(|a, b| a < b));
        for id in ids {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        }
        assert_ne!(random.uuid(now), Random::seeded(8).uuid(now));
    }
}
