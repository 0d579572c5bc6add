//! Processor seconds of one way to solve one instance, from nothing: `measure cascade|rich COUNT DAYS WAY [INFLOW [SIDES]]`,
//! WAY one of reference, reference-ipm, faces, certified, known (certified, by the weights of the day before, whose inflow was 2 % less);
//! SIDES the families of rows beside the balance that the rich one has, such as
//! `requirements,ramps` (all unless said; `none`), `split` among them for the flood limit as a bound instead of a row, `at_once` for ramps
//! that the engine is given from the start.
use weir_benches::Instance;
use weir_benches::rich::{SIDES, Shape};
use weir_benches::{cascade, clock, reference, rich};
use weir_solver::engine::{Algorithm, Options, highs::Highs};
use weir_solver::methods::{self, Group, Live, Order};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (count, days) = (args[2].parse().expect("a count"), args[3].parse().expect("days"));
    let factor = args.get(5).map_or(1.0, |factor| factor.parse().expect("a factor"));
    let sides: Vec<&str> = args.get(6).map_or_else(|| SIDES.to_vec(), |sides| sides.split(',').collect());
    let shape = Shape { sides: &sides, split: sides.contains(&"split") };
    let instance = if args[1] == "rich" { rich::shaped(count, days, factor, shape) } else { cascade::instance(count, days) };
    let way = args[4].as_str();
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
