//! Processor seconds of one way to solve one instance, from nothing: `measure cascade|rich COUNT DAYS WAY [INFLOW [SIDES [SHARES]]]`,
//! WAY one of reference, reference-ipm, faces, certified, known (certified, by the weights of the day before, whose inflow was 2 % less),
//! hot (what-ifs on a live session by certified weights, each the mean of asking it and of going back) or hot-faces (the same by optimal
//! faces, on a live session a stage, each going on from its own basis), hot-rows (hot, each goal but the last free to give way by a day, so
//! that a row keeps it) or hot-rows-first (the same with those rows there from the start, their bounds open). SIDES: the families of rows beside
//! the balance that the rich one has, such as `requirements,ramps` (all unless said; `none`), `split` among them for the flood limit as
//! a bound instead of a row, `at_once` for ramps that the engine is given from the start, `ramps=0.1` for narrower ones, `daily` for a solve
//! that no coarser program begins. SHARES of all inflow, which what-ifs ask for (`0.9,1.1,1.3` unless said). Standard error has each run of
//! the engine.
use weir_benches::Instance;
use weir_benches::rich::{SIDES, Shape};
use weir_benches::traced::Traced;
use weir_benches::{cascade, clock, reference, rich};
use weir_solver::engine::{Algorithm, Options};
use weir_solver::methods::{self, Group, Live, Order, certified::Certified, faces::Faces};
use weir_solver::program::{Program, Stage};

/// How often a what-if is asked and taken back.
const THERE_AND_BACK: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (count, days) = (args[2].parse().expect("a count"), args[3].parse().expect("days"));
    let factor = args.get(5).map_or(1.0, |factor| factor.parse().expect("a factor"));
    let sides: Vec<&str> = args.get(6).map_or_else(|| SIDES.to_vec(), |sides| sides.split(',').collect());
    let shape = Shape { sides: &sides, split: sides.contains(&"split") };
    let with_inflow = |share: f64| {
        if args[1] == "rich" {
            return rich::shaped(count, days, share, shape);
        }
        let mut cascade = cascade::generate(count, days);
        cascade.inflow.iter_mut().for_each(|flow| *flow *= share);
        cascade::program(&cascade, &format!("cascade-{count}x{days}"))
    };
    let mut instance = with_inflow(factor);
    let way = args[4].as_str();
    if way.starts_with("hot-rows") {
        let last = instance.stages.len() - 1;
        instance.stages[..last].iter_mut().for_each(|stage| stage.tolerance = 1.0);
    }
    let shares: Vec<f64> =
        args.get(7).map_or("0.9,1.1,1.3", String::as_str).split(',').map(|share| share.parse().expect("shares")).collect();
    let what_ifs = |asked: &mut dyn Asked| {
        hot(&instance, &|share| with_inflow(share * factor), (count, days), &shares, asked);
    };
    match way {
        "hot-rows" | "hot-rows-first" => {
            let mut asked = ByWeights::of(&instance);
            if way == "hot-rows-first" {
                asked.rows_first();
            }
            return what_ifs(&mut asked);
        }
        "hot" => return what_ifs(&mut ByWeights::of(&instance)),
        "hot-faces" => return what_ifs(&mut ByFaces::of(&instance)),
        _ => {}
    }
    let groups = if way == "known" { groups(&with_inflow(0.98 * factor)) } else { Vec::new() };
    let started = clock::cpu_seconds().unwrap_or(f64::NAN);
    let values = match way {
        "reference" => reference::faces_on(&Traced, &instance, Algorithm::Automatic).expect("solved"),
        "reference-ipm" => reference::faces_on(&Traced, &instance, Algorithm::InteriorPoint).expect("solved"),
        word => {
            let word = if word == "known" { "certified" } else { word };
            let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
            let answer =
                methods::solve(&mut open(&instance), methods::method(word).expect("a method"), &order).expect("solved");
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

/// What answers what-ifs live.
trait Asked {
    /// The values of all stages, and the iterations.
    fn ask(&mut self, program: &Program) -> (Vec<f64>, u64);
}

fn values(stages: &[Stage], primal: &[f64]) -> Vec<f64> {
    stages.iter().map(|stage| stage.expression.value(primal)).collect()
}

fn open(instance: &Instance) -> Live {
    Live::open(&Traced, instance.program.clone(), &Options::default()).expect("opened")
}

/// One live session by certified weights.
struct ByWeights<'a> {
    stages: &'a [Stage],
    live: Live,
    groups: Vec<Group>,
}

impl<'a> ByWeights<'a> {
    fn of(instance: &'a Instance) -> Self {
        Self { stages: &instance.stages, live: open(instance), groups: Vec::new() }
    }

    /// Rows for all stages that may give way, without bounds; each is moved when its stage is kept.
    fn rows_first(&mut self) {
        for stage in self.stages.iter().filter(|stage| stage.tolerance > 0.0) {
            let terms = stage.expression.terms.clone();
            self.live.add_row(f64::NEG_INFINITY, f64::INFINITY, terms).expect("added");
        }
    }
}

impl Asked for ByWeights<'_> {
    fn ask(&mut self, program: &Program) -> (Vec<f64>, u64) {
        self.live.release().expect("released");
        self.live.refresh(program).expect("refreshed").expect("a program of the same form");
        let order = Order { goals: self.stages, groups: &self.groups, ..Order::default() };
        let answer = methods::solve(&mut self.live, &Certified, &order).expect("solved");
        self.groups = answer.groups;
        assert!(self.groups.iter().all(|group| group.proved), "an order that weights do not prove");
        (values(self.stages, &answer.solution.primal), answer.goals.iter().map(|goal| goal.iterations).sum())
    }
}

/// A live session a stage, which is given the faces of the stages before as bounds.
struct ByFaces<'a> {
    stages: &'a [Stage],
    lives: Vec<Live>,
}

impl<'a> ByFaces<'a> {
    fn of(instance: &'a Instance) -> Self {
        Self { stages: &instance.stages, lives: instance.stages.iter().map(|_| open(instance)).collect() }
    }
}

impl Asked for ByFaces<'_> {
    fn ask(&mut self, program: &Program) -> (Vec<f64>, u64) {
        let mut program = program.clone();
        let (mut primal, mut iterations) = (Vec::new(), 0);
        for (stage, live) in self.stages.iter().zip(&mut self.lives) {
            live.release().expect("released");
            live.refresh(&program).expect("refreshed").expect("a program of the same form");
            let order = Order { goals: std::slice::from_ref(stage), ..Order::default() };
            let answer = methods::solve(live, &Faces, &order).expect("solved");
            assert!(answer.notes.is_empty(), "{:?}", answer.notes);
            let standing = live.standing().expect("faces");
            (program.column_lower, program.column_upper) = standing.columns.into_iter().unzip();
            (program.row_lower, program.row_upper) = standing.rows.into_iter().unzip();
            primal = answer.solution.primal;
            iterations += answer.goals[0].iterations;
        }
        (values(self.stages, &primal), iterations)
    }
}

/// What-ifs on what is live: less inflow of the third river for ten days, as the cascade's, and less or more of all.
fn hot(
    instance: &Instance,
    with_inflow: &dyn Fn(f64) -> Instance,
    (count, days): (usize, usize),
    shares: &[f64],
    asked: &mut dyn Asked,
) {
    let first = 99.min(days / 3);
    let one = (first..first + 10).map(|day| day * count + 2);
    let mut less = instance.program.clone();
    let all = with_inflow(0.8).program;
    one.for_each(|row| (less.row_lower[row], less.row_upper[row]) = (all.row_lower[row], all.row_upper[row]));
    let mut timed = |program: &Program| {
        let mut found = (Vec::new(), 0);
        let seconds = clock::spent(|| found = asked.ask(program));
        (found, seconds)
    };
    let ((values, iterations), cold) = timed(&instance.program);
    println!("{} from nothing: cpu {cold:.3} s, {iterations} iterations, {values:.6?}", instance.name);
    let shares = shares.iter().map(|&share| (format!("all inflow x {share}"), with_inflow(share).program));
    for (name, other) in [("one inflow x 0.8, 10 d".to_owned(), less)].into_iter().chain(shares) {
        let (mut first, mut all) = (None, 0.0);
        for program in std::iter::repeat_n([&other, &instance.program], THERE_AND_BACK).flatten() {
            let (found, seconds) = timed(program);
            all += seconds;
            first.get_or_insert((found, seconds));
        }
        let ((values, iterations), once) = first.unwrap_or_default();
        println!(
            "{} {name}: cpu {:.3} s, the first time {once:.3} s and {iterations} iterations, {values:.6?}",
            instance.name,
            all / (2 * THERE_AND_BACK) as f64
        );
    }
}

/// The weights by which an instance was answered.
fn groups(instance: &Instance) -> Vec<Group> {
    let order = Order { goals: &instance.stages, ..Order::default() };
    methods::solve(&mut open(instance), &Certified, &order).expect("solved").groups
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
