//! Water of reservoirs: where it comes from and goes, and what is released day by day.

use maud::{Markup, html};

use super::results::{folded_table, table};
use crate::language::both;
use crate::quantity::{fixed, number};
use crate::view::View;

/// Where the reservoirs' water comes from and goes.
pub(super) fn balance(view: &View<'_>) -> Option<Markup> {
    let balance = crate::water::balance(view);
    if balance.rows.is_empty() {
        return None;
    }
    let lines: Vec<Vec<Markup>> = balance.rows.iter().map(|row| row.iter().map(|cell| html! { (cell) }).collect()).collect();
    let numeric: Vec<usize> = (1..balance.head.len()).collect();
    Some(html! {
        p.note { (both("水量单位：万m³。", "Volumes in 10⁴ m³.")) }
        (table(&balance.head, &lines, &numeric))
    })
}

/// What each reservoir releases, day by day and then by ten days.
pub(super) fn releases(view: &View<'_>) -> Option<Markup> {
    let found: Vec<_> = view
        .of_kind(&["reservoir"])
        .into_iter()
        .map(|reservoir| (reservoir, crate::water::releases(view, reservoir)))
        .filter(|(_, rows)| rows.iter().any(|row| row.mean_m3s > 0.0))
        .collect();
    if found.is_empty() {
        return None;
    }
    let shaped = found.iter().flat_map(|(_, rows)| rows).any(|row| !row.within_day.chinese.is_empty());
    Some(html! {
        p.note {
            (both("前十日逐日、其后逐旬的日均值。", "The first ten days day by day, then means by ten days. "))
            @if shaped {
                (both("日内方式由日水量、机组最小开机流量与坝下下限推得，停机时段的下限水量不经机组，电量随之略少。",
                    "The shape within the day follows from its volume, the turbines' least flow and the floor below the dam; water that holds the floor makes no energy."))
            }
        }
        @for (reservoir, rows) in &found {
            h3 { (view.name(&reservoir.id)) }
            (release_table(rows))
        }
    })
}

fn release_table(rows: &[crate::water::Release]) -> Markup {
    let shaped = rows.iter().any(|row| !row.within_day.chinese.is_empty());
    let turbines = rows.iter().any(|row| row.turbines_wan_m3_per_day > 0.0);
    let spills = rows.iter().any(|row| row.spill_wan_m3_per_day > 0.0);
    let mut head =
        vec![both("日期", "Days"), both("平均出库 m³/s", "Mean outflow, m³/s"), both("日水量 万m³", "Volume a day, 10⁴ m³")];
    if turbines {
        head.push(both("其中发电 万m³", "of it turbines, 10⁴ m³"));
    }
    if spills {
        head.push(both("其中弃水 万m³", "of it spilled, 10⁴ m³"));
    }
    if shaped {
        head.push(both("日内方式", "Within the day"));
    }
    let lines: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                html! { span.nowrap { (row.days) } },
                html! { (number(row.mean_m3s)) },
                html! { (fixed(row.wan_m3_per_day, 1)) },
            ];
            if turbines {
                cells.push(html! { (fixed(row.turbines_wan_m3_per_day, 1)) });
            }
            if spills {
                cells.push(html! { (fixed(row.spill_wan_m3_per_day, 1)) });
            }
            if shaped {
                cells.push(html! { span.long { (row.within_day) } });
            }
            cells
        })
        .collect();
    let numbers: Vec<usize> = (1..head.len() - usize::from(shaped)).collect();
    folded_table(&head, &lines, &numbers)
}
