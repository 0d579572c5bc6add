//! The page of a backtest: indices, duration curves, and the series of each policy side by side.

use maud::html;

use super::charts::{axis, durations, in_time, shares};
use super::table::{all_parts, cuts, failures, headline, unforecast};
use super::{Backtest, Policy};
use crate::language::{Phrase, both};
use crate::page::standing_alone;

/// The backtest as one page; `said` stands at its head.
pub fn page(backtest: &Backtest, said: &[Phrase]) -> String {
    let heads: Vec<Phrase> = backtest.policies.iter().map(Policy::name).collect();
    let heads: Vec<&Phrase> = heads.iter().collect();
    let failures = failures(backtest);
    let header = html! {
        div.top {
            h1 { (backtest.name) span.kind { (both("回测", "Backtest")) } }
            button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
        }
        p.period { (headline(backtest)) }
        @if backtest.assumed {
            p.banner.assumed role="note" {
                (both("含虚构或待核的数据：不可作为实际调度的依据。", "Holds assumed or made-up data: no ground for real dispatch."))
            }
        }
        @for said in said { p.banner.foresight role="note" { (said) } }
        @for failure in &failures { p.banner.degraded role="note" { (failure) } }
        @for lacking in &unforecast(backtest) { p.banner.degraded role="note" { (lacking) } }
        @for cut in &cuts(backtest) { p.banner.degraded role="note" { (cut) } }
    };
    let (time, share) = (axis(backtest), shares());
    let main = html! {
        @for part in all_parts(backtest) { section { h2 { (part.title) } (part.rows(&heads)) } }
        section {
            h2 { (both("历时曲线", "Duration curves")) }
            p.note { (both("横轴：大于等于该值的天数占全部天数的百分比。", "Across: share of the days on which the value is reached or exceeded.")) }
            @for chart in durations(backtest) { (chart.figure(&share)) }
        }
        section {
            h2 { (both("逐日过程", "Day by day")) }
            @for chart in in_time(backtest) { (chart.figure(&time)) }
        }
    };
    standing_alone(&format!("{} — 回测", backtest.name), &header, &main, Some(&time))
}
