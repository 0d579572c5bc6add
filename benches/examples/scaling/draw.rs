//! Rows of time and memory as four pictures with logarithmic axes, side by side in one SVG, and what they come to in numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Seconds and megabytes of a way, by reservoirs and days.
pub type Rows = BTreeMap<String, Sizes<(f64, f64)>>;

/// By reservoirs and days.
type Sizes<T> = BTreeMap<(usize, usize), T>;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 100.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 40.0;
/// Colours of Okabe and Ito, in the order of the ways' names.
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#282828", "#009e73"];
/// What the clock does not tell is drawn as this many seconds.
const LEAST_S: f64 = 0.005;

/// What a picture shows: its title, the unit of its size, and what of a row is drawn against what.
type Panel = (&'static str, &'static str, fn((usize, usize)) -> usize, fn((f64, f64)) -> f64);

const PANELS: [Panel; 4] = [
    ("Processor seconds by horizon", "days", |(_, days)| days, |(seconds, _)| seconds),
    ("Processor seconds by reservoirs", "reservoirs", |(reservoirs, _)| reservoirs, |(seconds, _)| seconds),
    ("Most memory by horizon, MB", "days", |(_, days)| days, |(_, megabytes)| megabytes),
    ("Most memory by reservoirs, MB", "reservoirs", |(reservoirs, _)| reservoirs, |(_, megabytes)| megabytes),
];

/// Rows `way,reservoirs,days,seconds,megabytes`, those of equal way and size as their medians.
pub fn medians(text: &str) -> Rows {
    let mut all: BTreeMap<String, Sizes<Vec<(f64, f64)>>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split(',').collect();
        let [way, reservoirs, days, seconds, megabytes] = cells[..] else { panic!("no row: {line}") };
        let number = |cell: &str| cell.parse::<f64>().unwrap_or_else(|_| panic!("no number: {line}"));
        let size = (number(reservoirs) as usize, number(days) as usize);
        all.entry(way.to_owned()).or_default().entry(size).or_default().push((number(seconds), number(megabytes)));
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let of_size = |(size, rows): ((usize, usize), Vec<(f64, f64)>)| {
        let (seconds, megabytes) = rows.into_iter().unzip();
        (size, (median(seconds), median(megabytes)))
    };
    all.into_iter().map(|(way, sizes)| (way, sizes.into_iter().map(of_size).collect())).collect()
}

/// A row's size along a picture's axis and its value: of the sizes that all other rows of the picture share the rest with.
fn points(rows: &Rows, way: &str, (_, unit, along, of): Panel) -> Vec<(f64, f64)> {
    let fixed = |(reservoirs, days): (usize, usize)| if unit == "days" { reservoirs } else { days };
    let sizes = || rows.values().flat_map(|sizes| sizes.keys().copied());
    // The one of which there are most: ten reservoirs, or a year.
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    sizes().for_each(|size| *counts.entry(fixed(size)).or_default() += 1);
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(fixed, _)| fixed);
    let of_way = rows[way].iter().filter(|(size, _)| Some(fixed(**size)) == most);
    of_way.map(|(size, row)| (along(*size) as f64, of(*row).max(LEAST_S))).collect()
}

/// Least squares of the logarithms: how a value grows with its size.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let (x, y) = (logs.iter().map(|p| p.0).sum::<f64>() / count, logs.iter().map(|p| p.1).sum::<f64>() / count);
    let spread: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    (logs.len() > 1 && spread > 0.0).then(|| logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread)
}

/// All pictures as one SVG.
pub fn picture(rows: &Rows) -> String {
    let (width, height) = (2.0 * WIDTH, 2.0 * HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (number, panel) in PANELS.into_iter().enumerate() {
        let (x, y) = ((number % 2) as f64 * WIDTH, (number / 2) as f64 * HEIGHT);
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        draw(&mut svg, rows, panel);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, rows: &Rows, panel: Panel) {
    let (title, unit, ..) = panel;
    let lines: Vec<(&str, Vec<(f64, f64)>)> = rows.keys().map(|way| (way.as_str(), points(rows, way, panel))).collect();
    let all = || lines.iter().flat_map(|(_, points)| points.iter().copied());
    let range = |of: fn((f64, f64)) -> f64| all().map(of).fold((f64::INFINITY, 0.0), |(a, b), v| (a.min(v), f64::max(b, v)));
    let ((left, right), (low, high)) = (range(|p| p.0), range(|p| p.1));
    let share = |value: f64, (from, to): (f64, f64)| if to > from { (value / from).ln() / (to / from).ln() } else { 0.5 };
    let (bottom, top) = (HEIGHT - BOTTOM, TOP);
    let (low, high) = (low / 1.3, high * 1.3);
    let at = |x: f64, y: f64| {
        let (across, up) = (share(x, (left, right)), share(y, (low, high)));
        (LEFT + across * (WIDTH - LEFT - RIGHT), bottom - up * (bottom - top))
    };
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{title}</text>");
    for tick in ticks(low, high) {
        let (x, y) = at(left, tick);
        let (end, below) = (WIDTH - RIGHT, y + 4.0);
        let _ = writeln!(svg, "<path d=\"M{x} {y:.1}H{end}\" stroke=\"#e4e8ec\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{below:.1}\" text-anchor=\"end\" fill=\"#464e56\">{tick}</text>", x - 6.0);
    }
    let mut sizes: Vec<f64> = all().map(|point| point.0).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    for size in sizes {
        let (x, below) = (at(size, low).0, bottom + 16.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\" fill=\"#464e56\">{size}</text>");
    }
    let (middle, below) = (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 6.0);
    let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\" fill=\"#464e56\">{unit}</text>");
    let mut names: Vec<(f64, String)> = Vec::new();
    for ((way, points), colour) in lines.iter().zip(COLOURS) {
        let places: Vec<(f64, f64)> = points.iter().map(|&(x, y)| at(x, y)).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ =
            writeln!(svg, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>", path.join(" "));
        for (x, y) in &places {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
        }
        let grows = exponent(points).map_or_else(String::new, |exponent| format!(" ^{exponent:.2}"));
        names.extend(places.last().map(|(_, y)| (*y, format!("fill=\"{colour}\">{way}{grows}</text>"))));
    }
    // Names of lines that end close stand under each other.
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut least = f64::NEG_INFINITY;
    for (y, name) in names {
        least = f64::max(y, least + 13.0);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" {name}", WIDTH - RIGHT + 7.0, least + 4.0);
    }
}

/// 1, 2 and 5 times powers of ten within a range.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let each = powers.flat_map(|power| [1, 2, 5].map(|digit| format!("{digit}e{power}").parse::<f64>().unwrap_or(f64::NAN)));
    each.filter(|tick| (low..=high).contains(tick)).collect()
}

/// Exponents of growth, and how much more memory than the reference each way takes.
pub fn told(rows: &Rows) -> String {
    let mut text = String::new();
    for panel in PANELS {
        let _ = writeln!(text, "{}", panel.0);
        for way in rows.keys() {
            let points = points(rows, way, panel);
            let values: Vec<String> = points.iter().map(|(x, y)| format!("{x}: {y}")).collect();
            let grows = exponent(&points).map_or_else(|| "—".to_owned(), |exponent| format!("{exponent:.2}"));
            let _ = writeln!(text, "  {way:<10} grows by the power {grows}; {}", values.join(", "));
        }
    }
    let Some(reference) = rows.get("reference") else { return text };
    text.push_str("Memory and time beside the reference's\n");
    for (way, sizes) in rows.iter().filter(|(way, _)| *way != "reference") {
        for (size, (seconds, megabytes)) in sizes {
            let Some((of_time, of_memory)) = reference.get(size) else { continue };
            let (time, memory) = (seconds / of_time.max(LEAST_S), megabytes / of_memory);
            let _ = writeln!(text, "  {way:<10} {}x{}: memory {memory:.2}, time {time:.2}", size.0, size.1);
        }
    }
    text
}
