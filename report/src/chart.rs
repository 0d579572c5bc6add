//! Charts over time as SVG, drawn by plotters, with what a reader's pointer needs to read values off them.
//!
//! Steps are to scale, however unequal; flows are steps (means over them), storages lines between edges, uses a stack.
//! No text in a chart depends on the language but the labels at lines, which hold both.
//!
//! Limits: colours are those of Okabe and Ito, told apart by colour-blind readers; lines differ in dashes too.

mod readout;
mod svg;

use maud::{Markup, PreEscaped, html};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub use self::readout::script_safe;
use self::svg::Svg;
use crate::calendar::Axis;
use crate::language::Phrase;

/// What went wrong in drawing.
#[derive(Debug, thiserror::Error)]
#[error("chart not drawn: {0}")]
pub struct ChartError(String);

/// How values lie on the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// T values, each holding over its step.
    Steps,
    /// T + 1 values at the edges.
    Points,
    /// T values, stacked on the stacks before it and filled.
    Stack,
    /// Filled from its values up to those of the next trace, as that one lies on the steps: what lacks to it, or a band.
    Gap,
}

impl Shape {
    const fn filled(self) -> bool {
        matches!(self, Self::Stack | Self::Gap)
    }
}

/// How a line is drawn. The style sheet turns the opacity into dashes: plotters' own would be thousands of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Without gaps.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

impl Dash {
    const fn opacity(self) -> f64 {
        match self {
            Self::Solid => 1.0,
            Self::Dashed => 0.99,
            Self::Dotted => 0.98,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Solid => "solid",
            Self::Dashed => "dashed",
            Self::Dotted => "dotted",
        }
    }
}

/// A colour.
pub type Colour = (u8, u8, u8);

/// Black, for what is wanted.
pub const BLACK_LINE: Colour = (40, 40, 40);
/// Blue: water held, domestic use.
pub const BLUE: Colour = (0, 114, 178);
/// Orange: industry.
pub const ORANGE: Colour = (230, 159, 0);
/// Green: agriculture, ecology.
pub const GREEN: Colour = (0, 158, 115);
/// Vermilion: limits and floors.
pub const VERMILION: Colour = (213, 94, 0);
/// Light blue.
pub const SKY: Colour = (86, 180, 233);
/// Purple.
pub const PURPLE: Colour = (204, 121, 167);
/// Grey.
pub const GREY: Colour = (120, 128, 136);
/// Pale red: what lacks.
pub const PALE: Colour = (246, 198, 180);
/// Brown, beside the set.
pub const BROWN: Colour = (140, 86, 40);

/// Colours in the order in which lines of equal rank take them.
pub const CYCLE: [Colour; 8] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, BROWN, GREY];

/// A line or a stacked area of a chart.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Name in the legend and the read-out.
    pub name: Phrase,
    /// Values in the chart's unit; where one is not finite, the line has a gap.
    pub values: Vec<f64>,
    /// How they lie on the steps.
    pub shape: Shape,
    /// Colour.
    pub colour: Colour,
    /// Dashes.
    pub dash: Dash,
    /// Its name stands at the line.
    pub labelled: bool,
}

/// A second axis for reading a quantity that is a function of the first, such as levels beside storages.
#[derive(Clone, Debug)]
pub struct SecondAxis {
    /// Unit at its head.
    pub unit: Phrase,
    /// Value on the first axis, and what stands there.
    pub ticks: Vec<(f64, String)>,
}

/// What the read-out tells beside the lines: T + 1 values at the edges, to 0.01.
#[derive(Clone, Debug)]
pub struct Told {
    /// Name.
    pub name: Phrase,
    /// Unit.
    pub unit: &'static str,
    /// Values.
    pub values: Vec<f64>,
}

/// A chart over time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows.
    pub title: Phrase,
    /// Unit of its values.
    pub unit: Phrase,
    /// Lines, the first at the bottom.
    pub traces: Vec<Trace>,
    /// Whether the axis begins at 0.
    pub from_zero: bool,
    /// Where the axis ends although lines go higher.
    pub cut_at: Option<f64>,
    /// Axis at the right.
    pub second_axis: Option<SecondAxis>,
    /// What the read-out tells first.
    pub told: Option<Told>,
    /// A sentence below, if needed.
    pub note: Option<Phrase>,
}

/// Pixels of a picture and the room that its axes take, before scaling.
#[derive(Clone, Copy)]
struct Frame {
    class: &'static str,
    width: u32,
    height: u32,
    left: u32,
    right: u32,
    ticks: usize,
}

const WIDE: Frame = Frame { class: "wide", width: 960, height: 300, left: 62, right: 28, ticks: 14 };
const NARROW: Frame = Frame { class: "narrow", width: 380, height: 260, left: 50, right: 27, ticks: 6 };
const TOP: u32 = 12;
const BOTTOM: u32 = 26;
/// plotters counts in whole pixels; drawing at a multiple keeps lines smooth.
const SCALE: u32 = 4;
/// Sizes from which nothing is drawn: no water is that much.
const BEYOND_DRAWING: f64 = 1e15;
/// Labels side by side on lines that lie close.
const MOST_LABELS: u32 = 6;
/// Room that the label of a line takes.
const LABEL_WIDTH: u32 = 96;
const GRID: RGBColor = RGBColor(228, 232, 236);
const AXIS: RGBColor = RGBColor(150, 158, 166);
const INK: RGBColor = RGBColor(70, 78, 86);

impl Chart {
    /// The chart as a figure of a page: title, legend, two pictures (wide and narrow), read-out.
    pub fn figure(&self, axis: &Axis) -> Markup {
        let pictures = self.picture(axis, WIDE).and_then(|wide| Ok((wide, self.picture(axis, NARROW)?)));
        html! {
            figure.chart {
                figcaption {
                    span.title { (self.title) }
                    span.unit { "(" (self.unit) ")" }
                }
                ul.legend {
                    @for trace in &self.traces {
                        li {
                            span.(if trace.shape.filled() { "patch" } else { trace.dash.class() })
                                style={ "--colour:" (hex(trace.colour)) } {}
                            (trace.name)
                        }
                    }
                    @if let Some(second) = &self.second_axis { li.second { (second.unit) } }
                }
                @match pictures {
                    Ok((wide, narrow)) => {
                        div.picture { (PreEscaped(wide)) (PreEscaped(narrow)) }
                        script type="application/json" { (PreEscaped(self.readout(axis))) }
                    }
                    Err(error) => p.note { (error.to_string()) }
                }
                @if let Some(note) = &self.note { p.note { (note) } }
            }
        }
    }

    fn range(&self) -> (f64, f64) {
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        let stack = self.stacked();
        let lines = self.traces.iter().filter(|t| !t.shape.filled()).flat_map(|t| t.values.iter().copied());
        for value in lines.chain(stack.into_iter().flatten()).filter(|v| v.abs() < BEYOND_DRAWING) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if self.from_zero {
            low = low.min(0.0);
        }
        if let Some(cut) = self.cut_at {
            high = high.min(cut);
        }
        let pad = if high - low > 1e-6 * high.abs().max(low.abs()).max(1e-9) {
            0.06 * (high - low)
        } else {
            high.abs().max(1.0) * 0.1
        };
        (if self.from_zero && low >= 0.0 { 0.0 } else { low - pad }, high + pad)
    }

    /// Tops of the stacked traces, in their order.
    fn stacked(&self) -> Vec<Vec<f64>> {
        let mut tops: Vec<Vec<f64>> = Vec::new();
        for trace in self.traces.iter().filter(|t| t.shape == Shape::Stack) {
            let below = tops.last();
            let top = trace
                .values
                .iter()
                .enumerate()
                .map(|(i, v)| below.and_then(|b| b.get(i)).copied().unwrap_or(0.0) + if v.is_finite() { *v } else { 0.0 })
                .collect();
            tops.push(top);
        }
        tops
    }

    fn picture(&self, axis: &Axis, frame: Frame) -> Result<String, ChartError> {
        let right = if self.second_axis.is_some() { frame.left - 4 } else { frame.right };
        let (width, height) = (frame.width * SCALE, frame.height * SCALE);
        // Inside a page the name space is known, and width and height are the style sheet's.
        let opening = html! {
            (PreEscaped(format!(
                r#"<svg class="{}" viewBox="0 0 {width} {height}" role="img" data-left="{}" data-right="{}">"#,
                frame.class,
                f64::from(frame.left) / f64::from(frame.width),
                f64::from(frame.width - right) / f64::from(frame.width),
            )))
            title { (self.title) }
        };
        let mut svg = opening.into_string();
        svg.push('\n');
        self.draw(&mut svg, axis, frame, right).map_err(|e| ChartError(e.to_string()))?;
        svg.push_str("</svg>\n");
        Ok(svg)
    }

    fn draw(
        &self,
        svg: &mut String,
        axis: &Axis,
        frame: Frame,
        right: u32,
    ) -> Result<(), DrawingAreaErrorKind<std::fmt::Error>> {
        let length = axis.length().max(1e-9);
        let (low, high) = self.range();
        let size = (frame.width * SCALE, frame.height * SCALE);
        let meant = |text: &str| self.label(text);
        let area = Svg { out: svg, size, meant: &meant }.into_drawing_area();
        let ticks = axis.ticks(frame.ticks);
        let keys = ticks.iter().map(|t| t.0).collect::<Vec<_>>();
        let mut builder = ChartBuilder::on(&area);
        builder
            .margin_top(TOP * SCALE)
            .set_label_area_size(LabelAreaPosition::Left, frame.left * SCALE)
            .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM * SCALE);
        if self.second_axis.is_some() {
            builder.set_label_area_size(LabelAreaPosition::Right, right * SCALE);
        } else {
            builder.margin_right(right * SCALE);
        }
        let levels = self.second_axis.as_ref().map(|s| s.ticks.clone()).unwrap_or_default();
        let second: Vec<f64> = levels.iter().map(|t| t.0).filter(|v| *v >= low && *v <= high).collect();
        let mut chart = builder
            .build_cartesian_2d(Ticked { low: 0.0, high: length, ticks: keys }, low..high)?
            .set_secondary_coord(0.0..length, Ticked { low, high, ticks: second });
        let text = ("sans-serif", 15 * SCALE).into_font().color(&INK);
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID.stroke_width(SCALE))
            .axis_style(AXIS.stroke_width(SCALE))
            .set_all_tick_mark_size(4 * SCALE)
            .x_label_style(text.clone())
            .y_label_style(text.clone())
            .x_labels(frame.ticks)
            .y_labels(6)
            .x_label_formatter(&|x| label_at(&ticks, *x))
            .y_label_formatter(&|y| axis_number(*y, high - low))
            .draw()?;
        if self.second_axis.is_some() {
            chart
                .configure_secondary_axes()
                .axis_style(AXIS.stroke_width(SCALE))
                .set_all_tick_mark_size(4 * SCALE)
                .label_style(text)
                .y_label_formatter(&|y| label_at(&levels, *y))
                .draw()?;
        }
        self.draw_stacks(&mut chart, axis)?;
        self.draw_gaps(&mut chart, axis)?;
        for trace in self.traces.iter().filter(|t| !t.shape.filled()) {
            let style = colour(trace.colour).mix(trace.dash.opacity()).stroke_width(if trace.dash == Dash::Solid {
                2 * SCALE + SCALE / 4
            } else {
                2 * SCALE - SCALE / 4
            });
            for mut piece in pieces(axis, trace) {
                for point in &mut piece {
                    point.1 = point.1.min(high);
                }
                chart.draw_series(std::iter::once(PathElement::new(piece, style)))?;
            }
        }
        // Labels stand on their lines; where two lines are close, the next label stands further right.
        let line_height = (high - low) * 15.0 / f64::from(frame.height - TOP - BOTTOM);
        let mut taken: Vec<(f64, u32)> = Vec::new();
        for (index, trace) in self.traces.iter().enumerate().filter(|t| t.1.labelled) {
            let Some((x, y)) = pieces(axis, trace).first().and_then(|p| p.first().copied()) else { continue };
            let slot = (0..MOST_LABELS)
                .find(|slot| !taken.iter().any(|(at, s)| s == slot && (at - y).abs() < line_height))
                .unwrap_or(0);
            taken.push((y, slot));
            let place = Pos::new(HPos::Left, VPos::Bottom);
            let style = ("sans-serif", 14 * SCALE).into_font().color(&colour(trace.colour).mix(0.99)).pos(place);
            let offset = ((4 + slot * LABEL_WIDTH) * SCALE) as i32;
            chart.draw_series(std::iter::once(
                EmptyElement::at((x, y)) + Text::new(mark(index), (offset, -(SCALE as i32)), style),
            ))?;
        }
        area.present()
    }

    fn draw_stacks<X, Y>(
        &self,
        chart: &mut ChartContext<'_, Svg<'_>, Cartesian2d<X, Y>>,
        axis: &Axis,
    ) -> Result<(), DrawingAreaErrorKind<std::fmt::Error>>
    where
        X: Ranged<ValueType = f64>,
        Y: Ranged<ValueType = f64>,
    {
        let tops = self.stacked();
        for (index, trace) in self.traces.iter().filter(|t| t.shape == Shape::Stack).enumerate() {
            let top = outline(axis, &tops[index]);
            let below = if index == 0 { vec![0.0; tops[0].len()] } else { tops[index - 1].clone() };
            let mut points = top;
            points.extend(outline(axis, &below).into_iter().rev());
            if points.len() > 2 {
                chart.draw_series(std::iter::once(Polygon::new(points, colour(trace.colour).mix(0.8).filled())))?;
            }
        }
        Ok(())
    }

    /// Fills each gap between its values and those of the trace after it, step by step where there is one.
    fn draw_gaps<X, Y>(
        &self,
        chart: &mut ChartContext<'_, Svg<'_>, Cartesian2d<X, Y>>,
        axis: &Axis,
    ) -> Result<(), DrawingAreaErrorKind<std::fmt::Error>>
    where
        X: Ranged<ValueType = f64>,
        Y: Ranged<ValueType = f64>,
    {
        for pair in self.traces.windows(2).filter(|p| p[0].shape == Shape::Gap) {
            let fill = colour(pair[0].colour).mix(0.9).filled();
            if pair[1].shape == Shape::Points {
                let line = |trace: &Trace| axis.edges.iter().copied().zip(trace.values.iter().copied()).collect::<Vec<_>>();
                let mut around = line(&pair[0]);
                around.extend(line(&pair[1]).into_iter().rev());
                around.retain(|point| point.1.is_finite());
                chart.draw_series(std::iter::once(Polygon::new(around, fill)))?;
                continue;
            }
            let lacks = |step: usize| {
                let (low, high) = (pair[0].values.get(step)?, pair[1].values.get(step)?);
                (low.is_finite() && high > low).then_some((*low, *high))
            };
            let mut step = 0;
            while step < axis.steps() {
                // A run of steps is one area: next to each other they would show seams.
                let (mut lower, mut upper) = (Vec::new(), Vec::new());
                while let Some((low, high)) = lacks(step).filter(|_| step < axis.steps()) {
                    for edge in [axis.edges[step], axis.edges[step + 1]] {
                        add_point(&mut lower, (edge, low));
                        add_point(&mut upper, (edge, high));
                    }
                    step += 1;
                }
                if !lower.is_empty() {
                    lower.extend(upper.into_iter().rev());
                    chart.draw_series(std::iter::once(Polygon::new(lower, fill)))?;
                }
                step += 1;
            }
        }
        Ok(())
    }

    /// The name, in both languages, that stands for the mark of a line.
    fn label(&self, mark: &str) -> Option<String> {
        let index: usize = mark.strip_prefix(OPENS)?.strip_suffix(CLOSES)?.parse().ok()?;
        let name = &self.traces.get(index)?.name;
        let name = if name.chinese == name.english {
            html! { (name.chinese) }
        } else {
            html! { tspan lang="zh-CN" { (name.chinese) } tspan lang="en" { (name.english) } }
        };
        Some(name.into_string())
    }
}

/// A linear axis whose ticks are given.
struct Ticked {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Ranged for Ticked {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }
}

/// What a mark begins and ends with: letters of the private use area, of which no name is made.
const OPENS: char = '\u{e000}';
const CLOSES: char = '\u{e001}';

/// The mark that stands for the label of a line while it is drawn.
fn mark(index: usize) -> String {
    format!("{OPENS}{index}{CLOSES}")
}

fn colour((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

pub(crate) fn hex((red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn label_at(ticks: &[(f64, String)], at: f64) -> String {
    ticks.iter().find(|t| (t.0 - at).abs() < 1e-9).map(|t| t.1.clone()).unwrap_or_default()
}

/// A number at an axis that spans `span`.
fn axis_number(value: f64, span: f64) -> String {
    let decimals = if span >= 20.0 { 0 } else { (2.0 - span.max(1e-9).log10().floor()).clamp(0.0, 6.0) as usize };
    let text = crate::quantity::fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The line of a trace, in pieces between gaps, without the points that a straight line passes anyway.
fn pieces(axis: &Axis, trace: &Trace) -> Vec<Vec<(f64, f64)>> {
    let mut found: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut piece: Vec<(f64, f64)> = Vec::new();
    let edges = &axis.edges;
    for (i, value) in trace.values.iter().copied().enumerate() {
        let usable = value.is_finite() && i < edges.len() && (trace.shape == Shape::Points || i + 1 < edges.len());
        if !usable {
            if piece.len() > 1 {
                found.push(std::mem::take(&mut piece));
            }
            piece.clear();
            continue;
        }
        add_point(&mut piece, (edges[i], value));
        if trace.shape != Shape::Points {
            add_point(&mut piece, (edges[i + 1], value));
        }
    }
    if piece.len() > 1 {
        found.push(piece);
    }
    found
}

fn add_point(piece: &mut Vec<(f64, f64)>, point: (f64, f64)) {
    if let [.., before, last] = piece.as_mut_slice()
        && before.1 == last.1
        && last.1 == point.1
    {
        last.0 = point.0;
        return;
    }
    piece.push(point);
}

/// Step outline of values over the axis.
fn outline(axis: &Axis, values: &[f64]) -> Vec<(f64, f64)> {
    let mut line = Vec::new();
    for (edges, value) in axis.edges.windows(2).zip(values) {
        add_point(&mut line, (edges[0], *value));
        add_point(&mut line, (edges[1], *value));
    }
    line
}
