//! Tokens: who may ask the API, and do what.
//!
//! A token is 256 random bits, shown once. The store holds its SHA-256: nobody can guess 256 random bits, so a digest that is
//! quick to make gives as little away as a slow one, which is for passwords that people choose. One name has one token at a
//! time; the name is the actor of all that is done with it, so that drafter, reviewer and signer are told apart by who they are.
//!
//! Fails: a name without letters, one that has a token already, an unknown role.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Store, StoreError, time};

/// What a token begins with, so that one that lies about is known for what it is.
const PREFIX: &str = "weir_";
/// Days that a token holds unless told otherwise.
pub const USUAL_DAYS: i64 = 365;
/// Most days that a token holds.
pub const LONGEST_DAYS: i64 = 3650;
/// Longest name, in characters.
const LONGEST_NAME: usize = 64;
/// What acts in the ledger without being a person.
const RESERVED: [&str; 2] = ["automatic", "command line"];

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Starts, ends and repeats runs, sends plans again.
    Engineer,
    /// Reviews plans, and takes them back.
    Reviewer,
    /// Signs plans, and takes them back.
    Signer,
    /// Changes jobs, makes and revokes tokens, reads the log of calls.
    Admin,
}

impl Role {
    /// All.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Engineer, Self::Reviewer, Self::Signer, Self::Admin];

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Engineer => "engineer",
            Self::Reviewer => "reviewer",
            Self::Signer => "signer",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A token, without what its bearer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// SHA-256 of what its bearer shows, in hexadecimal digits.
    pub digest: String,
    /// Whose it is.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// When it was made.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Until when it holds.
    pub expires: Timestamp,
    /// Since when it is revoked.
    pub revoked: Option<Timestamp>,
    /// By whom; empty for nobody.
    pub revoked_by: String,
}

const COLUMNS: &str = "digest, name, role, created, created_by, expires, revoked, revoked_by";

impl Token {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let revoked: i64 = row.try_get(6)?;
        Ok(Self {
            digest: row.try_get(0)?,
            name: row.try_get(1)?,
            // A role of a later version allows what everybody may.
            role: Role::of(row.try_get(2)?).unwrap_or(Role::Viewer),
            created: time(row.try_get(3)?),
            created_by: row.try_get(4)?,
            expires: time(row.try_get(5)?),
            revoked: (revoked != 0).then(|| time(revoked)),
            revoked_by: row.try_get(7)?,
        })
    }

    /// Why it does not hold; none where it does.
    pub fn refused(&self, now: Timestamp) -> Option<String> {
        match self.revoked {
            Some(since) => Some(format!("the token of `{}` was revoked at {since}", self.name)),
            None if self.expires <= now => Some(format!("the token of `{}` ended at {}", self.name, self.expires)),
            None => None,
        }
    }
}

/// What the store holds of a token.
fn digest(secret: &str) -> String {
    format!("{:x}", Sha256::digest(secret.as_bytes()))
}

impl Store {
    /// Makes a token; what is returned is told this once and never again.
    ///
    /// # Errors
    /// If the name is none or has a token that holds, or the store cannot be asked.
    pub async fn new_token(
        &self,
        name: &str,
        role: Role,
        expires: Timestamp,
        by: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let letters = name.chars().all(|c| !c.is_control()) && name.trim() == name && !name.is_empty();
        if !letters || name.chars().count() > LONGEST_NAME || RESERVED.contains(&name) {
            return Err(StoreError::Refused(format!(
                "`{name}` is no name for a token: up to {LONGEST_NAME} characters, none of them a control character or a space at \
                 an end, and not `{}`",
                RESERVED.join("` or `")
            )));
        }
        if expires <= now {
            return Err(StoreError::Refused(format!("a token that ends at {expires} would never hold")));
        }
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits)
            .map_err(|error| StoreError::Refused(format!("no random bits from the system: {error}")))?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits));
        let mut work = self.begin().await?;
        sqlx::query("UPDATE token SET revoked = $1, revoked_by = $2 WHERE name = $3 AND revoked = 0 AND expires <= $1")
            .bind(now.as_millisecond())
            .bind(by.to_owned())
            .bind(name.to_owned())
            .execute(&mut *work)
            .await?;
        let made = sqlx::query(
            "INSERT INTO token (digest, name, role, created, created_by, expires, revoked, revoked_by) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, '') ON CONFLICT DO NOTHING",
        )
        .bind(digest(&secret))
        .bind(name.to_owned())
        .bind(role.word())
        .bind(now.as_millisecond())
        .bind(by.to_owned())
        .bind(expires.as_millisecond())
        .execute(&mut *work)
        .await?
        .rows_affected();
        if made == 0 {
            return Err(StoreError::Refused(format!("`{name}` has a token: revoke it first (`weir token revoke {name}`)")));
        }
        work.commit().await?;
        Ok(secret)
    }

    /// The token that somebody shows, whether it still holds or not.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn token(&self, secret: &str) -> Result<Option<Token>, StoreError> {
        self.token_of(&digest(secret)).await
    }

    /// The token of a digest.
    pub(crate) async fn token_of(&self, digest: &str) -> Result<Option<Token>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM token WHERE digest = $1")))
            .bind(digest.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(Token::of).transpose()?)
    }

    /// All tokens, revoked ones among them, by name.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM token ORDER BY name, created, digest")))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(Token::of).collect::<Result<_, _>>()?)
    }

    /// Revokes the token of a name, at once.
    ///
    /// # Errors
    /// If it has none, or the store cannot be asked.
    pub async fn revoke_token(&self, name: &str, by: &str, now: Timestamp) -> Result<(), StoreError> {
        let revoked = sqlx::query("UPDATE token SET revoked = $1, revoked_by = $2 WHERE name = $3 AND revoked = 0")
            .bind(now.as_millisecond())
            .bind(by.to_owned())
            .bind(name.to_owned())
            .execute(&self.pool)
            .await?
            .rows_affected();
        if revoked == 0 {
            return Err(StoreError::Refused(format!("`{name}` has no token to revoke (`weir token list`)")));
        }
        Ok(())
    }
}
