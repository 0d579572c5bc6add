//! The plans that were in force before a plan: yesterday's and last year's, which its brief is set against; and what came of yesterday's.
//!
//! What was in force at a time is read in the ledger: the last plan of the product and term that came into force before it, unless it
//! was taken back or ended until then. A document that this version cannot read is as one that is not there.

use jiff::Timestamp;
use sqlx::Row as _;
use tracing::warn;
use weir_model::document::PlanDocument;
use weir_report::{Beside, beside};

use crate::job::Office;
use crate::store::{Store, StoreError};

impl Store {
    /// What was in force at the end of the day before a plan's first day, and at the end of the same date one year before; and what is
    /// known of the time until the plan begins.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn earlier(&self, office: &Office, plan: &str, document: &PlanDocument) -> Result<Beside, StoreError> {
        let record = &document.record;
        let (Some(product), Some(term), Some([_, yesterday, year])) =
            (&record.product, &record.term, beside::days(document))
        else {
            return Ok(Beside::default());
        };
        let line = (product.as_str(), term.as_str());
        let begins = document.content.case.valid_from.parse::<Timestamp>();
        let yesterday = self.was_in_force(line, plan, yesterday).await?;
        let actuals = match (&yesterday, begins) {
            (Some(_), Ok(begins)) => self.actuals(office, product, begins).await?,
            _ => Vec::new(),
        };
        Ok(Beside { yesterday, last_year: self.was_in_force(line, plan, year).await?, actuals })
    }

    /// The plan of a product and term, other than this one, that was in force at the end of a day and knows its beginning.
    async fn was_in_force(
        &self,
        (product, term): (&str, &str),
        but: &str,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Option<PlanDocument>, StoreError> {
        let row = sqlx::query(
            "SELECT plan.id, (SELECT COUNT(*) FROM entry closed WHERE closed.subject = plan.id AND closed.at < $3 \
             AND closed.state IN ('withdrawn', 'expired')) \
             FROM plan JOIN entry ON entry.subject = plan.id AND entry.state = 'in_force' \
             WHERE plan.product = $1 AND plan.term = $2 AND entry.at < $3 AND plan.valid_from <= $4 AND plan.valid_to > $4 \
             AND plan.id <> $5 ORDER BY entry.sequence DESC LIMIT 1",
        )
        .bind(product.to_owned())
        .bind(term.to_owned())
        .bind(to.as_millisecond())
        .bind(from.as_millisecond())
        .bind(but.to_owned())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (id, ended): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        if ended > 0 {
            return Ok(None);
        }
        match self.document(&id).await {
            Ok(document) => Ok(Some(document)),
            Err(StoreError::Refused(why)) => {
                warn!(plan = id, "not set against: {why}");
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}
