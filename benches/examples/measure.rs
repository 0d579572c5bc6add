//! Processor seconds of one way to solve one instance, from nothing: `measure cascade|rich COUNT DAYS WAY [INFLOW [SIDES]]`,
//! WAY one of reference, reference-ipm, faces, certified, known (certified, by the weights of the day before, whose inflow was 2 % less),
//! or hot (what-ifs of the rich one on a live session, each the mean of asking it and of going back). SIDES: the families of rows beside
//! the balance that the rich one has, such as `requirements,ramps` (all unless said; `none`), `split` among them for the flood limit as
//! a bound instead of a row, `at_once` for ramps that the engine is given from the start.
use weir_benches::Instance;
use weir_benches::rich::{SIDES, Shape};
use weir_benches::{cascade, clock, reference, rich};
use weir_solver::engine::{Algorithm, Options, highs::Highs};
use weir_solver::methods::{self, Group, Live, Order};
use weir_solver::program::Program;

/// How often a what-if is asked and taken back.
const THERE_AND_BACK: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (count, days) = (args[2].parse().expect("a count"), args[3].parse().expect("days"));
    let factor = args.get(5).map_or(1.0, |factor| factor.parse().expect("a factor"));
    let sides: Vec<&str> = args.get(6).map_or_else(|| SIDES.to_vec(), |sides| sides.split(',').collect());
    let shape = Shape { sides: &sides, split: sides.contains(&"split") };
    let instance = if args[1] == "rich" { rich::shaped(count, days, factor, shape) } else { cascade::instance(count, days) };
    let way = args[4].as_str();
    if way == "hot" {
        return hot(&instance, &|share| rich::shaped(count, days, share * factor, shape), count);
    }
    let groups = if way == "known" { groups(&rich::shaped(count, days, 0.98 * factor, shape)) } else { Vec::new() };
    let started = clock::cpu_seconds().unwrap_or(f64::NAN);
    let values = match way {
        "reference" => reference::faces(&instance, Algorithm::Automatic).expect("solved"),
        "reference-ipm" => reference::faces(&instance, Algorithm::InteriorPoint).expect("solved"),
        word => {
            let word = if word == "known" { "certified" } else { word };
            let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).expect("opened");
            let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
            let answer = methods::solve(&mut live, methods::method(word).expect("a method"), &order).expect("solved");
            for note in &answer.notes {
                println!("note: {note}");
            }
            for group in &answer.groups {
                println!("group: {:.4e} proved {}", DisplayAll(&group.weights), group.proved);
            }
            println!("iterations {:?}", answer.goals.iter().map(|goal| goal.iterations).collect::<Vec<_>>());
            let x = &answer.solution.primal;
            instance.stages.iter().map(|stage| stage.expression.value(x)).collect()
        }
    };
    let seconds = clock::cpu_seconds().unwrap_or(f64::NAN) - started;
    let p = &instance.program;
    println!("{} {way} {}x{} {}: {values:.6?}", instance.name, p.rows(), p.columns(), p.values.len());
    println!("cpu {seconds:.2} s, peak {:.0} MB", clock::peak_memory_mb().unwrap_or(f64::NAN));
}

/// What-ifs on a live session: less inflow of the third river for ten days, as the cascade's, and less or more of all.
fn hot(instance: &Instance, with_inflow: &dyn Fn(f64) -> Instance, count: usize) {
    let one = (99..109).map(|day| day * count + 2);
    let mut less = instance.program.clone();
    let all = with_inflow(0.8).program;
    one.for_each(|row| (less.row_lower[row], less.row_upper[row]) = (all.row_lower[row], all.row_upper[row]));
    let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).expect("opened");
    let method = methods::method("certified").expect("a method");
    let mut groups = Vec::new();
    let mut asked = |program: &Program| {
        live.release().expect("released");
        live.refresh(program).expect("refreshed").expect("a program of the same form");
        let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
        let answer = methods::solve(&mut live, method, &order).expect("solved");
        groups = answer.groups;
        assert!(groups.iter().all(|group| group.proved), "an order that weights do not prove");
    };
    asked(&instance.program);
    let shares = [0.9, 1.1, 1.3].map(|share| (format!("all inflow x {share}"), with_inflow(share).program));
    for (name, other) in [("one inflow x 0.8, 10 d".to_owned(), less)].into_iter().chain(shares) {
        let before = clock::cpu_seconds().unwrap_or(f64::NAN);
        for program in std::iter::repeat_n([&other, &instance.program], THERE_AND_BACK).flatten() {
            asked(program);
        }
        let all = clock::cpu_seconds().unwrap_or(f64::NAN) - before;
        println!("{} {name}: cpu {:.3} s", instance.name, all / (2 * THERE_AND_BACK) as f64);
    }
}

/// The weights by which an instance was answered.
fn groups(instance: &Instance) -> Vec<Group> {
    let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).expect("opened");
    let order = Order { goals: &instance.stages, ..Order::default() };
    methods::solve(&mut live, methods::method("certified").expect("a method"), &order).expect("solved").groups
}

struct DisplayAll<'a>(&'a [f64]);

impl std::fmt::LowerExp for DisplayAll<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for value in self.0 {
            std::fmt::LowerExp::fmt(value, f)?;
            write!(f, " ")?;
        }
        Ok(())
    }
}
