//! A frequency analysis as text: what years the record has, how curves were fitted, values by frequency, the year for each.

use weir_model::frequency::{Analysis, USUAL_YEARS};

use crate::language::{Language, Phrase, both};
use crate::quantity::{fixed, flow, volume};
use crate::text::Summary;

/// Analyses, one after another.
pub fn frequency(analyses: &[Analysis], language: Language) -> String {
    let mut out = Summary::new(language);
    for (at, analysis) in analyses.iter().enumerate() {
        if at > 0 {
            out.line(&Phrase::default());
        }
        one(analysis, &mut out);
    }
    out.text
}

fn one(analysis: &Analysis, out: &mut Summary) {
    let Analysis { name, from, days, years, first_year, last_year, .. } = analysis;
    out.line(&both(
        format!("{name}　每年自{from}起{days}天的来水量　{first_year}—{last_year}年共{years}年"),
        format!("{name}: inflow of {days} days from {from} on, {years} years from {first_year} to {last_year}"),
    ));
    if analysis.assumed {
        out.line(&both("【合成或假定的资料：不得用于实际调度】", "[a synthetic or assumed record: not for real dispatch]"));
    }
    if *years < USUAL_YEARS {
        out.line(&both(
            format!("【资料不足{USUAL_YEARS}年：频率成果仅供参考】"),
            format!("[fewer than {USUAL_YEARS} years: read the frequencies with care]"),
        ));
    }
    let by = |word: &str| match word {
        "moments" => both("矩法", "moments"),
        "l_moments" => both("线性矩", "L-moments"),
        _ => both("适线（采用）", "fitted, used"),
    };
    let same = |text: String| Phrase::same(text);
    let rows: Vec<Vec<Phrase>> = analysis
        .curves
        .iter()
        .map(|curve| {
            let ratio = fixed(curve.cs / curve.cv, 2);
            vec![by(curve.by), volume(curve.mean_hm3), same(fixed(curve.cv, 3)), same(fixed(curve.cs, 3)), same(ratio)]
        })
        .collect();
    let head =
        [both("皮尔逊Ⅲ型", "Pearson III"), both("均值", "mean"), same("Cv".into()), same("Cs".into()), same("Cs/Cv".into())];
    out.table(&head, &rows, &[1, 2, 3, 4]);
    let rows: Vec<Vec<Phrase>> = analysis
        .values
        .iter()
        .map(|value| {
            vec![
                same(format!("P={}%", value.frequency_percent)),
                volume(value.volume_hm3),
                same(flow(value.flow_m3s)),
                value.empirical_hm3.map_or_else(|| same("—".to_owned()), volume),
                same(value.year.to_string()),
                same(fixed(value.factor, 3)),
            ]
        })
        .collect();
    let head = [
        both("频率", "frequency"),
        both("适线值", "by the curve"),
        both("平均流量", "mean flow"),
        both("经验值", "by the points"),
        both("典型年", "year"),
        both("同倍比", "× each day"),
    ];
    out.table(&head, &rows, &[1, 2, 3, 4, 5]);
}
