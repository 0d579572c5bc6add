//! What is let go before a storm, for people: 预泄多少、几点开始，不来亏多少水; or why nothing is.

use weir_model::document::ensemble::{PreRelease, PreReleaseRow, RoomRow, SectionPeak, SupplyLostRow};

use super::View;
use crate::language::{Phrase, both};
use crate::quantity;
use crate::words;

/// hm³ that are told as nothing.
const ROUNDING_HM3: f64 = 0.000_5;

impl View<'_> {
    /// 预泄多少、几点开始，不来亏多少水, in a sentence.
    pub(super) fn pre_release(&self, told: &PreRelease) -> Phrase {
        let apart = self.spilled_apart(&told.rooms);
        if told.reservoirs.is_empty() {
            return together([Some(self.no_pre_release(&told.rooms)), apart]);
        }
        let rows = told.reservoirs.iter().map(|row| {
            let (name, from) = (self.name(&row.address), quantity::time_text(&row.from));
            both(
                format!(
                    "{}自{}起预泄{}万m³，出库最大{}；不来则期末少蓄{}万m³，回蓄到起始蓄水量的概率{}",
                    name.chinese,
                    from.chinese,
                    quantity::wan_m3(row.volume_hm3),
                    quantity::flow(row.greatest_m3s),
                    quantity::wan_m3(row.lost_hm3),
                    quantity::percent(row.refill)
                ),
                format!(
                    "{} lets go {} ×10⁴ m³ from {}, at most {}; if the storm misses it ends with {} ×10⁴ m³ less, and it holds again what it held at the start with a probability of {}",
                    name.english,
                    quantity::wan_m3(row.volume_hm3),
                    from.english,
                    quantity::flow(row.greatest_m3s),
                    quantity::wan_m3(row.lost_hm3),
                    quantity::percent(row.refill)
                ),
            )
        });
        let rows: Vec<Phrase> = rows.collect();
        let rows = Phrase::joined(&rows, "；", "; ");
        let lost = supply_lost(&told.supply_lost);
        let still = above_limit(&told.rooms).map(|row| {
            let (name, over) = (self.name(&row.address), quantity::volume(-row.room_hm3));
            both(
                format!("风暴来时{}仍最多超汛限{}。", name.chinese, over.chinese),
                format!("With the storm {} still stands above its flood limit by up to {}.", name.english, over.english),
            )
        });
        let advice = both(
            format!("预泄建议：{}；{}。", rows.chinese, lost.chinese),
            format!("Pre-release: {}; {}.", rows.english, lost.english),
        );
        together([Some(advice), self.exact_to(&told.reservoirs), self.sections(&told.sections), still, apart])
    }

    /// The greatest flows until the branch.
    fn sections(&self, peaks: &[SectionPeak]) -> Option<Phrase> {
        let one = |row: &SectionPeak| {
            let (name, flow) = (self.name(&row.address), quantity::flow(row.greatest_m3s));
            both(format!("{} {flow}", name.chinese), format!("{} {flow}", name.english))
        };
        let all = Phrase::joined(&peaks.iter().map(one).collect::<Vec<_>>(), "，", ", ");
        (!peaks.is_empty()).then(|| {
            both(
                format!("分支之前断面最大流量：{}。", all.chinese),
                format!("Greatest flows at sections until the branch: {}.", all.english),
            )
        })
    }

    /// Why nothing is let go before the storm: the one cause that holds.
    fn no_pre_release(&self, rooms: &[RoomRow]) -> Phrase {
        if let Some(row) = above_limit(rooms) {
            let (name, over) = (self.name(&row.address), quantity::volume(-row.room_hm3));
            let why = if row.open {
                both("其泄水设施已开足，放不出更多", "its outlets stand open as far as they go")
            } else {
                both("再多放有违规则或排在前面的目标", "letting go more is against rules or goals that come first")
            };
            return both(
                format!("不预泄：风暴来时{}最多超汛限{}，但分支之前{}。", name.chinese, over.chinese, why.chinese),
                format!(
                    "No pre-release: with the storm {} stands above its flood limit by up to {}, but until the branch {}.",
                    name.english, over.english, why.english
                ),
            );
        }
        let Some(row) = rooms.iter().min_by(|a, b| a.room_hm3.total_cmp(&b.room_hm3)) else {
            return both("不需预泄：流域没有水库。", "No pre-release: the basin has no reservoir.");
        };
        let (name, limit) = (self.name(&row.address), words::word(&row.limit));
        let room = quantity::volume(row.room_hm3.abs());
        if row.room_hm3 < -ROUNDING_HM3 {
            return both(
                format!(
                    "不需预泄：风暴即使来，不先放水，{}最多比{}多蓄{}，没有规则不许。",
                    name.chinese, limit.chinese, room.chinese
                ),
                format!(
                    "No pre-release: even with the storm, {} holds at most {} beyond its {}, which no rule forbids.",
                    name.english, room.english, limit.english
                ),
            );
        }
        both(
            format!("不需预泄：风暴即使来，不先放水也容得下，{}距{}最少尚余{}。", name.chinese, limit.chinese, room.chinese),
            format!(
                "No pre-release: the storm fits in without it, {} is left at least {} below its {}.",
                name.english, room.english, limit.english
            ),
        )
    }

    /// What a member spills ahead of the branch because it knows its future, which no order can.
    fn spilled_apart(&self, rooms: &[RoomRow]) -> Option<Phrase> {
        let apart = rooms.iter().filter(|row| row.apart_hm3 > ROUNDING_HM3);
        let row = apart.max_by(|a, b| a.apart_hm3.total_cmp(&b.apart_hm3))?;
        let (name, apart) = (self.name(&row.address), quantity::volume(row.apart_hm3));
        Some(both(
            format!(
                "注意：分支之前各支弃水各自决定，来风暴的一支{}另多泄{}；应否共同决定，见 spill = \"shared\"。",
                name.chinese, apart.chinese
            ),
            format!(
                "Note: until the branch spill is each future's own, and one with the storm lets go {} more at {}: `spill = \"shared\"` decides it for all.",
                apart.english, name.english
            ),
        ))
    }

    /// How exactly the start is known, where its step is longer than an hour.
    fn exact_to(&self, rows: &[PreReleaseRow]) -> Option<Phrase> {
        let horizon = &self.content.horizon;
        let step = |row: &PreReleaseRow| horizon.starts.iter().position(|start| *start == row.from);
        let hours = rows.iter().filter_map(step).map(|step| horizon.lengths_s[step] / 3600.0).fold(0.0, f64::max);
        if hours <= 1.0 {
            return None;
        }
        let length = if hours % 24.0 == 0.0 {
            both(format!("{}日", hours / 24.0), format!("{} d", hours / 24.0))
        } else {
            both(format!("{hours}小时"), format!("{hours} h"))
        };
        Some(both(
            format!("起放时间只知到时段（长{}），几点开始要以小时为时段另算。", length.chinese),
            format!("When it begins is known to its step of {} only; steps of an hour tell the hour.", length.english),
        ))
    }
}

/// Those sentences that there are.
fn together<const N: usize>(said: [Option<Phrase>; N]) -> Phrase {
    Phrase::joined(&said.into_iter().flatten().collect::<Vec<_>>(), "", " ")
}

/// The reservoir that stands highest above its flood limit, if one does.
fn above_limit(rooms: &[RoomRow]) -> Option<&RoomRow> {
    let above = rooms.iter().filter(|row| row.limit == "flood_limit" && row.room_hm3 < -ROUNDING_HM3);
    above.min_by(|a, b| a.room_hm3.total_cmp(&b.room_hm3))
}

/// What users get less if the storm misses, by use.
fn supply_lost(lost: &[SupplyLostRow]) -> Phrase {
    if lost.is_empty() {
        return both("不来也不少供水", "no user is supplied with less if it misses");
    }
    let one = |row: &SupplyLostRow| {
        let (use_, lost) = (words::word(&row.use_), quantity::volume(row.lost_hm3));
        both(format!("{}{}", use_.chinese, lost.chinese), format!("{} {}", use_.english, lost.english))
    };
    let all = Phrase::joined(&lost.iter().map(one).collect::<Vec<_>>(), "、", ", ");
    both(format!("不来则少供{}", all.chinese), format!("if it misses, supply is less by {}", all.english))
}
