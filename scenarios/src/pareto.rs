//! Exploring a front: what some goals can be together, point by point, each of them a plan that can be had.
//!
//! Goals that come one after another give way to those behind them by a tolerance: with t of the first allowed, the second is the best that it can
//! be at that price. So a point of the front is an overlay that ranks the goals and sets their tolerances, on a grid from nothing to their
//! ranges, and `weir solve --overlay` makes it a plan like any other. No point is infeasible, and points are members ([`study`](crate::study)): in
//! parallel, taken up where cut off, the same whoever asked them.
//!
//! Ranges lie between the *ideal* (each goal at its best) and the *nadir* (each at its worst where another comes first). In shares of them the
//! *compromise* is the point nearest to the ideal (Euclid's distance); the *knee* is the point farthest from the plane through the ends, beyond
//! which a little of one goal costs most of another; a front that bends nowhere has none.
//! Stages before and behind the goals keep their order; the goals stand together where the first of them stood.
//! Fails: fewer than two goals, goals that are no stages; a method that does not rank.
//! Limits: of three goals and more the nadir is an estimate, and points between the ends may be dominated by some that the grid has not.
//! Source: ε-constraint (Haimes et al. 1971); knee as the farthest from the hyperplane of the ends (Das 1999).

use weir_model::basin::nearest::hint;
use weir_model::goals::{Goals, Method};
use weir_report::explored::{Explored, Point};
use weir_report::members::{Line, Members as Table};

use crate::member::Member;
use crate::overlay::Overlay;

/// Shares of the ranges within which two points are one.
const SAME: f64 = 1e-5;
/// By how much of the ranges a front must bend to have a knee.
const BENT: f64 = 0.01;

/// The goals that a front is between, in the order in which they give way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    goals: Vec<String>,
    /// The stage that stands first of them.
    first: String,
}

impl Between {
    /// A front between goals of a basin.
    ///
    /// # Errors
    /// What they cannot be.
    pub fn new(goals: &[String], of: &Goals) -> Result<Self, String> {
        if !matches!(of.method, Method::Lexicographic(_)) {
            return Err("the basin's method does not rank its goals\n  hint: `[method] kind = \"lexicographic\"`; fronts of all goals at once are `weir solve --method pareto`".to_owned());
        }
        let stages: Vec<&str> = of.stages.iter().filter_map(|&k| of.objectives.get(k)).map(|o| o.id.as_str()).collect();
        for (number, goal) in goals.iter().enumerate() {
            if !stages.contains(&goal.as_str()) {
                let hint = hint(goal, &stages, "its stages").map_or_else(String::new, |hint| format!("\n  hint: {hint}"));
                return Err(format!("`{goal}` is no stage of the basin{hint}"));
            }
            if goals[..number].contains(goal) {
                return Err(format!("`{goal}` stands twice"));
            }
        }
        let first = stages.iter().find(|stage| goals.iter().any(|goal| goal == *stage)).filter(|_| goals.len() > 1);
        let first = first.ok_or("a front is between two goals or more")?;
        Ok(Self { goals: goals.to_vec(), first: (*first).to_owned() })
    }

    /// Its ends: each of the goals first, the others behind it in their order.
    pub fn ends(&self) -> Vec<Member> {
        let end = |(place, goal): (usize, &String)| {
            let others = self.goals.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, goal)| goal);
            let order: Vec<&String> = std::iter::once(goal).chain(others).collect();
            self.member(&format!("end-{goal}"), &order, &vec![0.0; order.len()])
        };
        self.goals.iter().enumerate().map(end).collect()
    }

    /// Its points: every combination of the tolerances of all goals but the last, at so many equal intervals of their ranges.
    pub fn points(&self, ranges: &[f64], intervals: usize) -> Vec<Member> {
        let (axes, order) = (self.goals.len() - 1, self.goals.iter().collect::<Vec<_>>());
        let count = (intervals + 1).pow(axes as u32);
        let width = (count - 1).to_string().len();
        let point = |number: usize| {
            let (mut rest, mut tolerances) = (number, vec![0.0; order.len()]);
            for axis in (0..axes).rev() {
                tolerances[axis] = ranges[axis] * (rest % (intervals + 1)) as f64 / intervals as f64;
                rest /= intervals + 1;
            }
            self.member(&format!("{number:0width$}"), &order, &tolerances)
        };
        (0..count).map(point).collect()
    }

    /// The basin with the goals in an order, each allowed to give way by so much.
    fn member(&self, id: &str, order: &[&String], tolerances: &[f64]) -> Member {
        Member::new(id, Overlay::of_text(id, &format!("point {id}"), &self.text(id, order, tolerances)))
    }

    fn text(&self, id: &str, order: &[&String], tolerances: &[f64]) -> String {
        let said: Vec<String> =
            order.iter().zip(tolerances).map(|(goal, tolerance)| format!("{goal} ± {tolerance}")).collect();
        let said = toml::Value::from(format!("{id}: {}", said.join(", ")));
        let mut text = format!("name = {said}\n");
        let (mut before, mut behind) = ("before", self.first.as_str());
        for (goal, tolerance) in order.iter().zip(tolerances) {
            if goal.as_str() != behind {
                text.push_str(&format!("\n[[change]]\nrank = \"{goal}\"\n{before} = \"{behind}\"\n"));
            }
            // The last gives way to nobody of them.
            if order.last() != Some(goal) {
                text.push_str(&format!("\n[[change]]\nset = \"objective:{goal}.tolerance\"\nvalue = {tolerance:?}\n"));
            }
            (before, behind) = ("after", goal);
        }
        text
    }

    /// The range of each goal, from the table of the ends: ideal and nadir.
    pub fn ranges(&self, ends: &Table) -> Option<Vec<[f64; 2]>> {
        let range = |(place, goal): (usize, &String)| {
            let column = ends.goals.iter().position(|known| known.id == *goal)?;
            let values: Vec<f64> = ends.lines.iter().map(|line| line.goals[column]).collect::<Option<_>>()?;
            let ideal = values[place];
            let worse = |a: &f64, b: &f64| (a - ideal).abs().total_cmp(&(b - ideal).abs());
            Some([ideal, values.into_iter().max_by(worse)?])
        };
        self.goals.iter().enumerate().map(range).collect()
    }

    /// The front of all that was found: what is not dominated, each point once, with knee and compromise.
    pub fn front(&self, ranges: &[[f64; 2]], ends: &Table, points: &Table) -> Explored {
        let columns: Vec<usize> =
            self.goals.iter().filter_map(|goal| points.goals.iter().position(|known| known.id == *goal)).collect();
        let scaled = |values: &[f64]| -> Vec<f64> {
            let place = |(value, [ideal, nadir]): (&f64, &[f64; 2])| {
                if (nadir - ideal).abs() <= SAME { 0.0 } else { (value - ideal) / (nadir - ideal) }
            };
            values.iter().zip(ranges).map(place).collect()
        };
        let point = |line: &Line| {
            let values: Vec<f64> = columns.iter().map(|&column| line.goals[column]).collect::<Option<_>>()?;
            Some((line.id.clone(), scaled(&values), values))
        };
        let all: Vec<_> = points.lines.iter().chain(&ends.lines).filter_map(point).collect();
        let better = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| *a <= b + SAME) && a.iter().zip(b).any(|(a, b)| *a < b - SAME)
        };
        let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME);
        let stays = |(number, (_, own, _)): (usize, &(String, Vec<f64>, Vec<f64>))| {
            let twin = all[..number].iter().any(|(_, other, _)| same(other, own));
            !twin && !all.iter().any(|(_, other, _)| better(other, own))
        };
        let mut kept: Vec<_> = all.iter().enumerate().filter(|one| stays(*one)).map(|(_, one)| one.clone()).collect();
        kept.sort_by(|a, b| {
            a.1.iter().zip(&b.1).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(a.0.cmp(&b.0))
        });
        let least = |of: &dyn Fn(&[f64]) -> f64| {
            let values = kept.iter().map(|(_, scaled, _)| of(scaled)).enumerate();
            values.reduce(|best, other| if other.1 < best.1 - SAME { other } else { best })
        };
        let compromise = least(&|scaled| scaled.iter().map(|share| share * share).sum()).map(|(place, _)| place);
        // The plane through the ends, one goal at its best and the others at their worst: the shares sum to one less than there are goals.
        let plane = self.goals.len() as f64 - 1.0;
        // An end is none: there one goal is at its worst.
        let within = |scaled: &[f64]| scaled.iter().all(|share| *share < 1.0 - BENT);
        let below = |scaled: &[f64]| if within(scaled) { scaled.iter().sum() } else { f64::INFINITY };
        let knee = least(&below).filter(|(_, sum)| *sum < plane - BENT).map(|(place, _)| place);
        let conflict = ranges.iter().any(|[ideal, nadir]| (nadir - ideal).abs() > SAME);
        let knee = knee.filter(|_| conflict);
        Explored {
            name: points.name.clone(),
            goals: columns.iter().map(|&column| points.goals[column].clone()).collect(),
            ideal: ranges.iter().map(|[ideal, _]| *ideal).collect(),
            nadir: ranges.iter().map(|[_, nadir]| *nadir).collect(),
            points: kept.into_iter().map(|(id, _, values)| Point { id, values }).collect(),
            compromise: compromise.filter(|_| conflict),
            knee,
            asked: points.lines.len() + ends.lines.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use weir_report::members::{Goal, Line, Members};

    use super::Between;

    fn table(points: &[[f64; 2]]) -> Members {
        let goal = |id: &str| Goal { id: id.to_owned(), ..Goal::default() };
        let line = |(number, point): (usize, &[f64; 2])| Line {
            id: number.to_string(),
            goals: point.iter().map(|value| Some(*value)).collect(),
            ..Line::default()
        };
        Members {
            goals: vec![goal("a"), goal("b")],
            lines: points.iter().enumerate().map(line).collect(),
            ..Members::default()
        }
    }

    /// From (0, 10) to (20, 0): (5, 3) lies farthest below the line between them, 0.25 + 0.3; in shares (0.2, 0.5) and (0.4, 0.25) are farther
    /// from the ideal than it, and (0.5, 0.6) is dominated.
    #[test]
    fn knee_and_compromise_of_points_by_hand() {
        let between = Between { goals: vec!["a".to_owned(), "b".to_owned()], first: "a".to_owned() };
        let ends = table(&[[0.0, 10.0], [20.0, 0.0]]);
        let ranges = between.ranges(&ends).unwrap();
        assert_eq!(ranges, [[0.0, 20.0], [0.0, 10.0]]);
        let points = table(&[[0.0, 10.0], [4.0, 5.0], [5.0, 3.0], [8.0, 2.5], [10.0, 6.0], [20.0, 0.0]]);
        let front = between.front(&ranges, &ends, &points);
        let ids: Vec<&str> = front.points.iter().map(|point| point.id.as_str()).collect();
        assert_eq!(ids, ["0", "1", "2", "3", "5"]);
        assert_eq!((front.knee, front.compromise, front.asked), (Some(2), Some(2), 8));
        // A straight front has no knee; its middle is the compromise.
        let straight = table(&[[0.0, 10.0], [5.0, 7.5], [10.0, 5.0], [20.0, 0.0]]);
        let front = between.front(&ranges, &ends, &straight);
        assert_eq!((front.knee, front.compromise), (None, Some(2)));
    }
}
