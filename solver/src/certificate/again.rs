//! Proofs that leave a gap, sought again with what is given of earlier goals as rows of one linear program.
//!
//! Rates that are found goal by goal, each the least that leaves no sign wrong, need not be all that there are: where a goal that may be
//! worsened is kept by a row beside the faces of others, another may be wanted. With a row for each goal before it, the duals of those rows
//! at a goal's optimum are rates. They are what the engine says; the bound is [`safe_bound`](super::bound::safe_bound) again.
//!
//! Limits: a solve from nothing for each, so not of large programs.

use weir_model::plan::{Certificate, Given, Proof};
use weir_model::tolerance::OBJECTIVE;

use super::{Found, Link, at, bound_of, links, one_sided, within_reach};
use crate::engine::{Algorithm, Engine, EngineError, Options, Outcome};

/// Closes the gaps of a certificate that can be closed.
///
/// # Errors
/// If the engine could not be asked.
pub(crate) fn close_gaps(
    certificate: &mut Certificate,
    found: &Found<'_>,
    (engine, options): (&dyn Engine, &Options),
) -> Result<(), EngineError> {
    let leaves_a_gap = |proof: &&mut Proof| proof.value - proof.bound > OBJECTIVE * proof.value.abs().max(1.0);
    if found.program.columns() >= options.large.columns {
        return Ok(());
    }
    let (links, _) = links(found.formulation, found.case, found.goals);
    for proof in certificate.proofs.iter_mut().filter(leaves_a_gap) {
        let Some(place) = links.iter().position(|link| link.what == proof.of) else { continue };
        if let Some(again) =
            by_rows(proof, found, &links[..=place], (engine, options))?.filter(|again| again.bound > proof.bound)
        {
            *proof = within_reach(found.program, &links, again);
        }
    }
    Ok(())
}

/// The proof of the last of these links by the duals of rows that keep those before it; none where that has no optimum.
fn by_rows(
    proof: &Proof,
    found: &Found<'_>,
    links: &[Link],
    (engine, options): (&dyn Engine, &Options),
) -> Result<Option<Proof>, EngineError> {
    let (program, Some((own, before))) = (found.program, links.split_last()) else { return Ok(None) };
    let mut session = engine.open(program, options)?;
    session.set_costs(&own.expression.dense(program.columns()))?;
    for link in before {
        let most = at(found, link) - link.expression.constant;
        session.add_row(f64::NEG_INFINITY, most, &link.expression.terms)?;
    }
    if session.solve(Algorithm::Automatic)?.outcome != Outcome::Optimal {
        return Ok(None);
    }
    let mut duals = session.solution()?.row_duals;
    if duals.len() < program.rows() {
        return Ok(None);
    }
    let rates = duals.split_off(program.rows());
    one_sided(program, &mut duals);
    let kept = before.iter().zip(rates).filter(|(_, dual)| *dual < 0.0);
    let given = kept.map(|(link, dual)| Given { what: link.what.clone(), at: at(found, link), rate: -dual }).collect();
    let mut again = Proof { given, duals, ..proof.clone() };
    Ok(bound_of(program, links, &again).map(|bound| {
        again.bound = bound;
        again
    }))
}
