//! The log of calls: every write that was asked of the API, by whom, from where, and how it was answered.
//!
//! What a write changed is the ledger's to tell. A call is written down before it is done, so that none is done unseen; one
//! whose `status` stays 0 was cut off with its instance.

use std::net::SocketAddr;

use jiff::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError, count, time};
use crate::tokens::Token;

/// A write that was asked of the API.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Call {
    /// Its number, rising.
    pub sequence: i64,
    /// When it came.
    pub at: Timestamp,
    /// Whose token it came with.
    pub name: String,
    /// The token's role then.
    pub role: String,
    /// Address that it came from.
    pub address: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Status of the answer; 0 until it is answered.
    pub status: i64,
    /// Why it was refused; empty where it was not.
    pub detail: String,
}

impl Store {
    /// Writes down a call that came.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub(crate) async fn call(
        &self,
        token: &Token,
        address: SocketAddr,
        (method, path): (&str, &str),
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut work = self.begin().await?;
        let sequence = count(&mut work, "api_call").await?;
        sqlx::query(
            "INSERT INTO api_call (sequence, at, name, role, address, method, path, status, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '')",
        )
        .bind(sequence)
        .bind(now.as_millisecond())
        .bind(token.name.clone())
        .bind(token.role.word())
        .bind(address.to_string())
        .bind(method.to_owned())
        .bind(path.to_owned())
        .execute(&mut *work)
        .await?;
        work.commit().await?;
        Ok(sequence)
    }

    /// Writes down how a call was answered.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub(crate) async fn answered(&self, sequence: i64, status: u16, detail: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_call SET status = $1, detail = $2 WHERE sequence = $3")
            .bind(i64::from(status))
            .bind(detail.to_owned())
            .bind(sequence)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Calls before a number, the last first, at most so many.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn calls(&self, before: Option<i64>, most: i64) -> Result<Vec<Call>, StoreError> {
        let rows = sqlx::query(
            "SELECT sequence, at, name, role, address, method, path, status, detail FROM api_call WHERE sequence < $1 \
             ORDER BY sequence DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Call {
                    sequence: row.try_get(0)?,
                    at: time(row.try_get(1)?),
                    name: row.try_get(2)?,
                    role: row.try_get(3)?,
                    address: row.try_get(4)?,
                    method: row.try_get(5)?,
                    path: row.try_get(6)?,
                    status: row.try_get(7)?,
                    detail: row.try_get(8)?,
                })
            })
            .collect()
    }
}
