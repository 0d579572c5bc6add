//! The way of a cubic metre through places and time: time runs to the right as on the charts, a lane is a place.
//!
//! Water that flows crosses lanes, water that a storage keeps stays on its lane; what is spared upstream leads back against the flow, what is
//! given earlier back in time. Ways that lie on one another are one line, as wide as their shares together.
//! Limits: of each end the one way to where it has most of the water.

use std::collections::BTreeMap;

use maud::{Markup, html};
use weir_model::explanation::{End, Explanation, Leg};

use crate::chart::{BLUE, BROWN, Colour, GREEN, GREY, ORANGE, SKY, VERMILION, hex};
use crate::language::both;
use crate::view::View;

/// Pixels of a picture.
struct Frame {
    class: &'static str,
    width: f64,
    /// Room for names.
    left: f64,
    ticks: usize,
}

const FRAMES: [Frame; 2] = [
    Frame { class: "wide", width: 960.0, left: 150.0, ticks: 12 },
    Frame { class: "narrow", width: 360.0, left: 104.0, ticks: 4 },
];
const RIGHT: f64 = 22.0;
const TOP: f64 = 18.0;
const LANE: f64 = 30.0;
const BOTTOM: f64 = 24.0;
/// How water gets on, with its colour.
const LEGS: [(&str, Colour, (&str, &str)); 5] = [
    ("flow", BLUE, ("流经", "flows")),
    ("kept", SKY, ("存蓄", "kept for later")),
    ("spared", ORANGE, ("上游少放", "spared upstream")),
    ("drawn", BROWN, ("此前先放", "given before")),
    ("returned", GREEN, ("回归", "comes back")),
];
/// Size of letters; a Chinese one is as wide, others about half of it.
const LETTER: f64 = 13.0;
/// Width of a way of a whole cubic metre, and of the least.
const WHOLE: f64 = 12.0;
const LEAST: f64 = 1.5;
const INK: &str = "#46525a";
const GRID: &str = "#e4e8ec";

/// A place in a step.
type Stop = (usize, usize);

/// A way to an end: where it stops, and how it gets to each stop but the first.
struct Way<'a> {
    end: usize,
    of: &'a End,
    stops: Vec<Stop>,
    legs: Vec<&'static str>,
}

/// The picture of the ways to some ends; nothing where none has a way.
pub(super) fn drawn(view: &View<'_>, explanation: &Explanation, ends: &[&End]) -> Markup {
    let starts = &view.content.horizon.starts;
    let Some(start) = starts.iter().position(|start| *start == explanation.from) else { return Markup::default() };
    let mut lanes = Lanes { places: vec![(explanation.node.clone(), 0)] };
    let ways: Vec<Way<'_>> =
        ends.iter().enumerate().filter_map(|(number, end)| way(view, &mut lanes, (number, end), start)).collect();
    if ways.is_empty() {
        return Markup::default();
    }
    let order = lanes.order();
    let used = LEGS.iter().filter(|(leg, ..)| ways.iter().any(|way| way.legs.contains(leg)));
    html! {
        ul.legend { @for (_, colour, (chinese, english)) in used { li { span.solid style={ "--colour:" (hex(*colour)) } {} (both(*chinese, *english)) } } }
        div.picture { @for frame in &FRAMES { (picture(view, frame, &lanes, &order, &ways, start)) } }
    }
}

/// Places in the order in which ways come to them, each with how far down from the start it lies.
struct Lanes {
    places: Vec<(String, i32)>,
}

impl Lanes {
    fn of(&mut self, node: &str, depth: i32) -> usize {
        self.places.iter().position(|(known, _)| known == node).unwrap_or_else(|| {
            self.places.push((node.to_owned(), depth));
            self.places.len() - 1
        })
    }

    /// Row of each place, those upstream above.
    fn order(&self) -> Vec<usize> {
        let mut sorted: Vec<usize> = (0..self.places.len()).collect();
        sorted.sort_by_key(|&place| self.places[place].1);
        let mut rows = vec![0; sorted.len()];
        for (row, place) in sorted.into_iter().enumerate() {
            rows[place] = row;
        }
        rows
    }
}

fn way<'a>(view: &View<'_>, lanes: &mut Lanes, (number, end): (usize, &'a &'a End), start: usize) -> Option<Way<'a>> {
    let mut way = Way { end: number, of: end, stops: vec![(0, start)], legs: Vec::new() };
    for leg in &end.route {
        let (from, _) = *way.stops.last()?;
        let depth = lanes.places[from].1
            + match leg.way {
                "flow" | "returned" => 1,
                "spared" => -1,
                _ => 0,
            };
        way.stops.push((lanes.of(&leg.node, depth), step_after(view, leg)?));
        way.legs.push(leg.way);
    }
    (!way.legs.is_empty()).then_some(way)
}

/// The step in which a leg arrives.
fn step_after(view: &View<'_>, leg: &Leg) -> Option<usize> {
    let starts = &view.content.horizon.starts;
    let at = |time: &String| starts.iter().position(|start| start == time);
    match leg.way {
        "spared" | "drawn" => at(&leg.from),
        _ => at(&leg.to).unwrap_or(starts.len()).checked_sub(1),
    }
}

fn picture(view: &View<'_>, frame: &Frame, lanes: &Lanes, rows: &[usize], ways: &[Way<'_>], start: usize) -> Markup {
    let (edges, all) = (&view.axis.edges, view.axis.length().max(1e-9));
    let height = TOP + LANE * lanes.places.len() as f64 + BOTTOM;
    let room = frame.width - frame.left - RIGHT;
    let x_at = |days: f64| frame.left + days / all * room;
    let middle = |step: usize| x_at(f64::midpoint(edges[step], edges[step + 1]));
    let y_of = |place: usize| TOP + LANE * (rows[place] as f64 + 0.5);
    let at = |(place, step): Stop| (middle(step), y_of(place));
    let mut trunk: BTreeMap<(Stop, Stop, &str), f64> = BTreeMap::new();
    for way in ways {
        for (pair, leg) in way.stops.windows(2).zip(&way.legs) {
            *trunk.entry((pair[0], pair[1], *leg)).or_insert(0.0) += way.of.share;
        }
    }
    let last = height - BOTTOM;
    html! {
        svg.(frame.class) viewBox=(format!("0 0 {} {height}", frame.width)) role="img" {
            @for (days, label) in view.axis.ticks(frame.ticks) {
                line x1=(tenth(x_at(days))) x2=(tenth(x_at(days))) y1=(TOP) y2=(last) stroke=(GRID) {}
                @let anchor = if x_at(days) + 2.0 * LETTER > frame.width { "end" } else { "middle" };
                text x=(tenth(x_at(days).min(frame.width - 2.0))) y=(tenth(last + 16.0)) text-anchor=(anchor) font-size=(LETTER) fill=(INK) { (label) }
            }
            @for (place, (node, _)) in lanes.places.iter().enumerate() {
                @let y = y_of(place);
                line x1=(frame.left) x2=(frame.width - RIGHT) y1=(y) y2=(y) stroke=(GRID) {}
                text x=(frame.left - 10.0) y=(y + 4.5) text-anchor="end" font-size=(LETTER) fill=(INK) { (short(&view.name(node).chinese, frame.left - 12.0)) }
            }
            @for ((from, to, leg), share) in &trunk {
                @let ((x1, y1), (x2, y2)) = (at(*from), at(*to));
                line x1=(tenth(x1)) y1=(y1) x2=(tenth(x2)) y2=(y2) stroke=(hex(colour_of(leg))) stroke-width=(tenth((WHOLE * share).clamp(LEAST, WHOLE))) stroke-linecap="round" {}
            }
            @for stop in trunk.keys().map(|(_, to, _)| to) {
                @let (x, y) = at(*stop);
                circle cx=(tenth(x)) cy=(y) r="3.5" fill="#fff" stroke=(INK) {}
            }
            @for way in ways {
                polyline.route data-end=(way.end) points=(points(way, at)) fill="none" stroke=(hex(VERMILION)) stroke-width="4" stroke-linejoin="round" {}
            }
            @let (x, y) = at((0, start));
            circle cx=(tenth(x)) cy=(y) r="6" fill="#fff" stroke=(hex(VERMILION)) stroke-width="3" {}
            @for way in ways {
                @if let Some(stop) = way.stops.last() {
                    @let (x, y) = at(*stop);
                    circle cx=(tenth(x)) cy=(y) r="9" fill=(hex(end_colour(way.of))) {}
                    text x=(tenth(x)) y=(y + 4.0) text-anchor="middle" font-size="12" fill="#fff" { (way.end + 1) }
                }
            }
        }
    }
}

fn points(way: &Way<'_>, at: impl Fn(Stop) -> (f64, f64)) -> String {
    let points = way.stops.iter().map(|stop| at(*stop)).map(|(x, y)| format!("{},{}", tenth(x), tenth(y)));
    points.collect::<Vec<_>>().join(" ")
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn colour_of(leg: &str) -> Colour {
    LEGS.iter().find(|(known, ..)| *known == leg).map_or(BLUE, |(_, colour, _)| *colour)
}

fn end_colour(end: &End) -> Colour {
    match end.kind {
        "supply" => GREEN,
        "storage" => BLUE,
        "source" => BROWN,
        "air_and_ground" | "loss" => VERMILION,
        _ => GREY,
    }
}

/// A name as far as there is room for it.
fn short(name: &str, room: f64) -> String {
    let width = |c: char| if c.is_ascii() { 0.56 * LETTER } else { LETTER };
    if name.chars().map(width).sum::<f64>() <= room {
        return name.to_owned();
    }
    let mut left = room - LETTER;
    let fits = |c: &char| {
        left -= width(*c);
        left >= 0.0
    };
    name.chars().take_while(fits).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_there_is_no_room() {
        assert_eq!(short("珊溪水库", 60.0), "珊溪水库");
        assert_eq!(short("温瑞塘河环境配水", 92.0), "温瑞塘河环境…");
    }

    #[test]
    fn places_upstream_stand_above() {
        let mut lanes = Lanes { places: vec![("hub".to_owned(), 0)] };
        let (lake, town) = (lanes.of("lake", -1), lanes.of("town", 1));
        assert_eq!((lanes.of("lake", 5), lanes.order()), (lake, vec![1, 0, 2]));
        assert_eq!(lanes.order()[town], 2);
    }
}
