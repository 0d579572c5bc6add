//! The readings of each input as last gathered and found good.

use jiff::Timestamp;
use sqlx::Row;

use super::readings::Reading;
use crate::store::{Store, StoreError, time};

/// Readings that are remembered of an input: the newest.
const MOST: usize = 20_000;

/// Readings as they were gathered.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// When they were gathered.
    pub at: Timestamp,
    /// SHA-256 of what they were read from.
    pub digest: String,
    /// In the unit of the input's target.
    pub readings: Vec<Reading>,
}

impl Store {
    /// The readings of an input as last gathered and found good.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn remembered(&self, input: &str) -> Result<Option<Remembered>, StoreError> {
        let row = sqlx::query("SELECT at, digest, readings FROM gathered WHERE input = $1")
            .bind(input.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let pairs: Vec<(i64, f64)> = serde_json::from_str(row.try_get(2)?).unwrap_or_default();
        let readings = pairs.into_iter().map(|(at, value)| Reading { time: time(at), value }).collect();
        Ok(Some(Remembered { at: time(row.try_get(0)?), digest: row.try_get(1)?, readings }))
    }

    /// Remembers the readings of an input.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn remember(&self, input: &str, gathered: &Remembered) -> Result<(), StoreError> {
        let kept = &gathered.readings[gathered.readings.len().saturating_sub(MOST)..];
        let pairs: Vec<(i64, f64)> = kept.iter().map(|reading| (reading.time.as_millisecond(), reading.value)).collect();
        sqlx::query(
            "INSERT INTO gathered (input, at, digest, readings) VALUES ($1, $2, $3, $4) ON CONFLICT (input) DO UPDATE SET at = $2, \
             digest = $3, readings = $4",
        )
        .bind(input.to_owned())
        .bind(gathered.at.as_millisecond())
        .bind(gathered.digest.clone())
        .bind(serde_json::to_string(&pairs).unwrap_or_default())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
