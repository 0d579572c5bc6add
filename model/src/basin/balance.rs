//! What a balance weighs, as basin files write it: form, λ and weights of an objective, and the office's table `[[balance]]`.

use crate::basin::entry::{Entry, Field};
use crate::basin::goals::{USES, period};
use crate::basin::nearest::hint;
use crate::fairness::{FORMS, Fairness};
use crate::goals::Period;
use crate::place::Place;

/// A row of the office's table as written.
#[derive(Clone, Debug)]
pub struct AllowanceEntry {
    /// Use.
    pub use_: Field<String>,
    /// Region that it is for.
    pub region: Option<Field<String>>,
    /// Satisfaction that may be missing.
    pub allowed_depth: f64,
    /// Length of the periods that are judged.
    pub period: Option<Period>,
    /// Share of periods in which the use is to be met in full.
    pub assurance: Option<f64>,
    /// Citation.
    pub clause: Option<String>,
    /// Where it was written.
    pub place: Place,
}

impl AllowanceEntry {
    /// Reads a row; none if it was refused.
    pub fn read(entry: &Entry) -> Option<Self> {
        let use_ = entry.word("use", &USES);
        if !entry.has("use") {
            entry.missing(&["use"]);
        }
        let depth = entry.number_within("allowed_depth", 0.0, 1.0);
        if let Some(all) = depth.as_ref().filter(|depth| depth.value == 1.0) {
            let hint = "leave the use out of the objective's `uses`, or allow less than 1".to_owned();
            entry.refuse(&all.place, "`allowed_depth`: of 1 promises nothing, which nothing can be measured by", Some(hint));
        }
        let assurance = entry.number_within("assurance", 0.0, 1.0).map(|field| field.value);
        let row = Self {
            region: entry.text("region"),
            allowed_depth: depth.map_or(0.0, |depth| depth.value),
            period: period(entry),
            assurance,
            clause: entry.text("clause").map(|clause| clause.value),
            place: entry.place.clone(),
            use_: use_?,
        };
        (!entry.is_faulty()).then_some(row)
    }

    /// Refuses rows that say two things of the same use and region.
    pub fn refuse_doubles(rows: &[Self], entries: &[Entry]) {
        let region = |row: &Self| row.region.as_ref().map(|region| region.value.clone());
        for (number, row) in rows.iter().enumerate() {
            let clash = |earlier: &&Self| {
                let parts = ["industrial", "agricultural"];
                let (a, b) = (row.use_.value.as_str(), earlier.use_.value.as_str());
                let overlap =
                    a == b || (a == "production" && parts.contains(&b)) || (b == "production" && parts.contains(&a));
                overlap && region(row) == region(earlier)
            };
            if let (Some(earlier), Some(entry)) = (rows[..number].iter().find(clash), entries.first()) {
                let of = region(row).map_or_else(|| "all regions".to_owned(), |region| format!("region `{region}`"));
                let message = format!(
                    "`use`: `{}` of {of} is promised twice, by `{}` in line {} too",
                    row.use_.value, earlier.use_.value, earlier.place.line
                );
                entry.refuse(
                    &row.use_.place,
                    message,
                    Some("leave one of the rows out, or give each its own `region`".to_owned()),
                );
            }
        }
    }
}

/// Reads `form`, `lambda` and `weights` of an objective of some kind.
pub(super) fn read(entry: &Entry, kind: Option<&str>) -> (Option<String>, Fairness) {
    let form = entry.word("form", &FORMS);
    let lambda = entry.number("lambda");
    let weights = entry.numbers("weights");
    if kind != Some("balance") {
        let places =
            [("form", form.map(|f| f.place)), ("lambda", lambda.map(|f| f.place)), ("weights", weights.map(|f| f.place))];
        for (key, place) in places.into_iter().filter_map(|(key, place)| Some((key, place?))).filter(|_| kind.is_some()) {
            let message = format!("`{key}`: a {} has none", kind.unwrap_or_default());
            entry.refuse(&place, message, Some("forms are for `balance`".to_owned()));
        }
        return (None, Fairness::default());
    }
    let form = match form {
        Some(form) => form.value,
        None => "max_min".to_owned(),
    };
    let most = match form.as_str() {
        "mean_deviation" => Some(0.5),
        "gini" => Some(1.0),
        _ => None,
    };
    match (&lambda, most) {
        (Some(lambda), None) => {
            let hint = "`lambda` is for `mean_deviation` and `gini`".to_owned();
            entry.refuse(&lambda.place, format!("`lambda`: the form `{form}` has none"), Some(hint));
        }
        (Some(lambda), Some(most)) if !(0.0..=most).contains(&lambda.value) => {
            let message = format!("`lambda`: {} is out of range, expected between 0 and {most}", lambda.value);
            let hint = "beyond it, giving someone more could count as worse".to_owned();
            entry.refuse(&lambda.place, message, Some(hint));
        }
        (None, Some(most)) => {
            entry.missing_because(&["lambda"], &format!("how much dispersion counts against the mean: 0 … {most}"));
        }
        _ => {}
    }
    match &weights {
        Some(weights) if form != "owa" => {
            let hint = Some("`weights` are for `owa`".to_owned());
            entry.refuse(&weights.place, format!("`weights`: the form `{form}` has none"), hint);
        }
        Some(weights) => {
            let listed = &weights.value;
            let hint =
                "the worst satisfaction's first, none greater than the one before; the last holds for all that follow";
            if let Some(negative) = listed.iter().find(|weight| **weight < 0.0) {
                entry.refuse(&weights.place, format!("`weights`: {negative} is negative"), Some(hint.to_owned()));
            } else if let Some([before, after]) = listed.windows(2).find(|pair| matches!(pair, [a, b] if a < b)) {
                let message = format!("`weights`: rise from {before} to {after}, which rewards the better off");
                entry.refuse(&weights.place, message, Some(hint.to_owned()));
            } else if listed.first().is_none_or(|first| *first <= 0.0) {
                entry.refuse(&weights.place, "`weights`: none is above 0", Some(hint.to_owned()));
            }
        }
        None if form == "owa" && !entry.has("weights") => {
            entry.missing_because(
                &["weights"],
                "weights of the sorted satisfactions, the worst one's first: `weights = [3, 2, 1]`",
            );
        }
        None => {}
    }
    let fairness = Fairness {
        lambda: lambda.map_or(0.0, |lambda| lambda.value),
        weights: weights.map(|weights| weights.value).unwrap_or_default(),
        allowances: Vec::new(),
    };
    (Some(form), fairness)
}

/// Word of an unknown use's hint.
pub(super) fn refuse_unknown_uses(entry: &Entry, uses: &[Field<String>]) {
    for field in uses.iter().filter(|field| !USES.contains(&field.value.as_str())) {
        let message = format!("`uses`: unknown use `{}`", field.value);
        entry.refuse(&field.place, message, hint(&field.value, &USES, "uses"));
    }
}
