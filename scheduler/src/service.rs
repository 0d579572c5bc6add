//! The service of an office: a heartbeat that sees to due runs, works on them, turns plans over and drains the outbox.
//!
//! Each beat may be the last: all that a beat does is in the store, and the next one, here or in another instance, goes on
//! from there. Solves run on rayon's threads; their owner renews its lease while they last, and ends them when the run is
//! cancelled, its time is over, or the service stops.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot, watch};
use tracing::{error, info, warn};
use weir_model::document::{Audience, FLOOD_MODE, FLOOD_STATEMENT};
use weir_model::laid::Laid;
use weir_solver::engine::Interrupt;

use crate::answered::{Answered, Drafting, Posed, ordered, plans_of, verified};
use crate::checks::{self, Verdict};
use crate::clock::Clock;
use crate::commands::Command;
use crate::fall_back;
use crate::gather::events::watch;
use crate::gather::{Gathering, gather};
use crate::in_effect::InEffect;
use crate::job::{Approval, FallBackPlan, Job, Office};
use crate::ledger::{Run, State};
use crate::measured::Measured;
use crate::outbox::{Kind, Message};
use crate::plans::Draft;
use crate::publishers::{Delivery, Fault, PublisherSettings};
use crate::scenario::Scenario;
use crate::solving::{Alternative, Basis, NoPlan, Solving};
use crate::store::{Store, StoreError};

/// How long an owner is believed to be alive after it was heard of, unless told otherwise.
pub const LEASE_MS: i64 = 60_000;
/// How often an owner says that it is alive.
const BEAT: Duration = Duration::from_secs(1);
/// Longest that a run waits for its turn to be solved.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
/// Messages delivered to a publisher in one beat.
const MOST_MESSAGES: usize = 100;

/// The service of an office.
pub struct Service {
    /// The office's folder.
    folder: PathBuf,
    office: InEffect,
    store: Store,
    clock: Arc<dyn Clock>,
    /// Name of this instance in the ledger.
    name: String,
    lease_ms: i64,
    /// Runs that may be solved at once; others wait for their turn, gathered.
    solves: Arc<Semaphore>,
    /// Whether a beat of this instance is at a publisher: another leaves it to that one.
    drains: BTreeMap<String, Mutex<()>>,
    /// When it was last at work, milliseconds since 1970.
    heard_ms: AtomicI64,
    pub(crate) measured: Measured,
}

/// How a run's work ended.
enum Ended {
    Answered(Answered),
    Mode(String),
    /// The question has no answer, or could not be asked.
    NoPlan(NoPlan),
    /// It has one, which cannot carry the orders that the job wants.
    Refused(NoPlan),
    Cancelled,
    Stopping,
}

impl Service {
    /// A service that works on a store under a name of its own.
    pub fn new(folder: &Path, office: Office, store: Store, clock: Arc<dyn Clock>, name: &str) -> Self {
        let heard_ms = AtomicI64::new(clock.now().as_millisecond());
        let drains = office.publishers.iter().map(|publisher| (publisher.id.clone(), Mutex::default())).collect();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            folder: folder.to_owned(),
            office: InEffect::new(folder, office),
            store,
            clock,
            name: name.to_owned(),
            lease_ms: LEASE_MS,
            solves: Arc::new(Semaphore::new(cores)),
            drains,
            heard_ms,
            measured: Measured::default(),
        }
    }

    /// The service with another lease: longer than its owner may be silent, which speaks every second.
    #[must_use]
    pub fn with_lease(self, lease_ms: i64) -> Self {
        Self { lease_ms, ..self }
    }

    /// The service with another number of runs that it solves at once, or with turns that it shares with others.
    #[must_use]
    pub fn with_solves(self, solves: Arc<Semaphore>) -> Self {
        Self { solves, ..self }
    }

    /// Name of this instance in the ledger.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The office's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The office in effect.
    pub fn office(&self) -> Arc<Office> {
        Arc::clone(&self.office.current().office)
    }

    /// The office's publishers.
    pub fn publishers(&self) -> &[PublisherSettings] {
        &self.office.file().publishers
    }

    /// The office in effect, with what was changed of its jobs.
    pub(crate) const fn in_effect(&self) -> &InEffect {
        &self.office
    }

    /// What time it is to the service.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// When it was last at work: a beat, a solve that goes on, a message that is delivered.
    pub fn heard(&self) -> Timestamp {
        Timestamp::from_millisecond(self.heard_ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn is_at_work(&self) {
        self.heard_ms.store(self.now().as_millisecond(), Ordering::Relaxed);
    }

    /// One beat: due runs are seen to, plans turned over, and as many runs worked on as are due, one a job at a time. Returns
    /// when there is nothing left to do now. A fault of one job or publisher holds up no other. Beats may overlap: what one is
    /// at, another leaves to it.
    pub async fn beat(&self, stop: &watch::Receiver<bool>) {
        self.is_at_work();
        let now = self.now();
        let current = match self.office.refreshed(&self.store).await {
            Ok(current) => current,
            Err(fault) => {
                self.said("jobs", Err(fault));
                self.office.current()
            }
        };
        for job in &current.office.jobs {
            self.said(&job.id, self.store.reconcile(job, now, &self.name).await);
        }
        for taken_out in current.taken_out() {
            self.said(&taken_out.job, self.store.end_runs(taken_out, now, &self.name).await);
        }
        self.said("plans", self.store.turn(now, &self.name).await);
        let works = current.office.jobs.iter().map(|job| async move {
            if !job.on.is_empty() && !*stop.borrow() {
                let asked = self.gathering(job, start_of(job, self.now()), true);
                self.said(&job.id, watch(&asked, job, &self.store, &self.name).await);
            }
            while !*stop.borrow() {
                match self.store.claim(job, &self.name, self.now(), self.lease_ms).await {
                    Ok(Some(run)) => self.said(&run.id, self.work(job, &run, stop.clone()).await),
                    Ok(None) => break,
                    Err(fault) => {
                        self.said(&job.id, Err(fault));
                        break;
                    }
                }
            }
        });
        join_all(works).await;
        self.drain_all().await;
    }

    /// Delivers what the outbox holds, each publisher beside the others.
    pub async fn drain_all(&self) {
        join_all(self.office.file().publishers.iter().map(|publisher| async move {
            self.said(&publisher.id, self.drain(publisher).await);
        }))
        .await;
    }

    fn said(&self, what: &str, done: Result<(), StoreError>) {
        if let Err(fault) = done {
            error!(instance = self.name, what, "{fault}");
        }
    }

    /// Works on a claimed run until it has an end, is put back, or is lost to another instance.
    async fn work(&self, job: &Job, run: &Run, stop: watch::Receiver<bool>) -> Result<(), StoreError> {
        info!(run = run.id, attempt = run.attempt, "begun");
        let begun = self.now();
        let (ended, posed) = self.solve(job, run, stop).await?;
        let now = self.now();
        self.measured.ended(&job.id, run.due, begun, now);
        match ended {
            Ended::Answered(answered) => {
                let basis = posed.map(|posed| posed.basis.to_json()).unwrap_or_default();
                self.drafted(job, run, answered, &basis).await
            }
            Ended::Mode(mode) => {
                let head = if mode == FLOOD_MODE { format!("{FLOOD_STATEMENT}: ") } else { String::new() };
                let reason = format!("{head}the basin's mode is {mode}, in which the job does not run");
                self.store.advance(run, State::Skipped, now, &reason).await
            }
            Ended::Cancelled => self.store.advance(run, State::Cancelled, now, "ended as somebody asked").await,
            Ended::Stopping => self.store.put_back(run, now, now, "the service stops").await,
            Ended::Refused(why) => self.failed(job, run, why, None).await,
            Ended::NoPlan(why) => self.failed(job, run, why, posed).await,
        }
    }

    /// Checks the plans of a run and drafts them, with what they were solved of.
    async fn drafted(&self, job: &Job, run: &Run, answered: Answered, basis: &str) -> Result<(), StoreError> {
        for failed in &answered.failed {
            warn!(run = run.id, "{failed}");
        }
        let fell_back = answered.fell_back.as_ref().map(ToString::to_string);
        let held = match job.fall_back {
            FallBackPlan::Automatic => Verdict::Warned,
            FallBackPlan::Signed | FallBackPlan::None => Verdict::Held,
        };
        let plans = verified(answered.plans, fell_back.is_some()).await;
        let checked: Vec<_> = plans.iter().map(|(plan, faults)| (&plan.document, faults.as_slice())).collect();
        let checks = self.store.checks(job, &checked, fell_back.as_ref().map(|_| held), self.now()).await?;
        let line = checks.first().map_or_else(String::new, |checks| checks::line(checks));
        let line = [&[line], answered.failed.as_slice()].concat().into_iter().filter(|part| !part.is_empty());
        self.store.advance(run, State::Checking, self.now(), &line.collect::<Vec<_>>().join("; ")).await?;
        let drafts: Vec<Draft> = plans
            .iter()
            .zip(&checks)
            .enumerate()
            .map(|(place, ((answer, _), checks))| Draft {
                product: &job.product,
                term: job.term,
                alternative: &answer.word,
                document: &answer.document,
                end: answer.end.as_ref(),
                publish: &job.publish,
                automatic: job.approval == Approval::Automatic && place == 0 && !checks::holds(checks),
                checks,
                fell_back: fell_back.as_deref().filter(|_| place == 0),
                basis,
            })
            .collect();
        let plans = self.store.draft(run, &drafts, self.now()).await?;
        info!(run = run.id, plans = plans.join(" "), "plans made");
        Ok(())
    }

    /// A run without a plan: tried again later where that may help, else the plan in force is carried on in its place; where that
    /// cannot be either, it has failed, and every publisher is told.
    async fn failed(&self, job: &Job, run: &Run, why: NoPlan, posed: Option<Arc<Posed>>) -> Result<(), StoreError> {
        let now = self.now();
        if why.passing && run.attempt <= job.retries {
            let pause = job.back_off_s.saturating_mul(1 << (run.attempt - 1).clamp(0, 30)).min(86_400);
            let later = Timestamp::from_millisecond(now.as_millisecond() + pause * 1000).unwrap_or(now);
            return self.store.put_back(run, later, now, &format!("{why}; tried again at {later}")).await;
        }
        let why = match posed {
            None => why,
            Some(posed) if job.fall_back == FallBackPlan::None || !fall_back::may(&posed.question) => {
                fall_back::without(&posed.question, why)
            }
            Some(posed) => match self.carried_on(job, Arc::clone(&posed), &why).await? {
                Ok((plan, in_force)) => {
                    let basis = Basis { in_force, ..posed.basis.clone() };
                    let answered = Answered { plans: vec![plan], failed: Vec::new(), fell_back: Some(why) };
                    return self.drafted(job, run, answered, &basis.to_json()).await;
                }
                Err(none) => NoPlan { why: format!("{why}; no fall-back: {none}"), ..why },
            },
        };
        warn!(run = run.id, "failed: {why}");
        self.store.fail(run, now, &why.why, &job.publish).await
    }

    /// The plan in force of a job's product and term, carried on by the rules, and its id.
    async fn carried_on(
        &self,
        job: &Job,
        posed: Arc<Posed>,
        why: &NoPlan,
    ) -> Result<Result<(Alternative, String), NoPlan>, StoreError> {
        let Some(plan) = self.store.planned(&job.product, job.term, self.now()).await? else {
            let none = format!("no plan of `{}` {} is in force", job.product, job.term);
            return Ok(Err(NoPlan::lasting(&none)));
        };
        let (why, wants_orders) = (why.clone(), !job.orders.is_empty());
        let carried = move || {
            let carried = fall_back::extended(&posed.question, (&plan.row.id, &plan.document), &why, wants_orders)?;
            Ok((carried, plan.row.id))
        };
        Ok(tokio::task::spawn_blocking(carried).await.unwrap_or_else(|error| Err(NoPlan::lasting(&error))))
    }

    /// What a job gathers for a horizon; with `watched`, what its events watch too.
    fn gathering(&self, job: &Job, start: Date, watched: bool) -> Gathering {
        Gathering {
            inputs: self.office.file().inputs_of(job, watched),
            office: self.folder.clone(),
            basin: self.folder.join(&job.basin),
            start,
            now: self.now(),
        }
    }

    /// What a run's plans are solved and ordered with.
    async fn drafting(&self, job: &Job, run: &Run, interrupt: &Interrupt) -> Result<Drafting, StoreError> {
        Ok(Drafting {
            office: self.folder.clone(),
            alternatives: job.alternatives.clone(),
            orders: self.office.file().orders_of(job),
            standing: self.store.standing(&job.product).await?,
            due: run.due,
            solving: Solving { interrupt: interrupt.clone(), starts: self.store.hot_starts(&job.id).await? },
        })
    }

    /// What a run's question is made of, but for what it gathers: the commands that stand, and the plan in force.
    async fn basis(&self, job: &Job, run: &Run) -> Result<Basis, StoreError> {
        let commands = self.store.standing_commands(&job.basin, self.now(), &zone_of(job)).await?;
        let planned = self.store.planned(&job.product, job.term, self.now()).await?;
        let (in_force, planned) = planned.map(|plan| (plan.row.id, plan.document)).unzip();
        Ok(Basis {
            folder: self.folder.join(&job.basin),
            start: start_of(job, run.due),
            further: commands.iter().map(Command::further).collect(),
            laid: Laid::default(),
            scenario: Scenario::default(),
            overlay: None,
            in_force: in_force.unwrap_or_default(),
            planned,
        })
    }

    /// Gathers, and solves on rayon's threads, while this one renews the lease and listens for who wants it ended. Tells what was
    /// asked too, where it came as far as that.
    async fn solve(
        &self,
        job: &Job,
        run: &Run,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(Ended, Option<Arc<Posed>>), StoreError> {
        let interrupt = Interrupt::default();
        let (done, mut answered) = oneshot::channel();
        let (begun, mut asked) = mpsc::unbounded_channel();
        let basis = self.basis(job, run).await?;
        let (modes, drafting) = (job.modes.clone(), self.drafting(job, run, &interrupt).await?);
        let starts = drafting.solving.starts.told();
        let gathering = self.gathering(job, basis.start, false);
        let (store, solves) = (self.store.clone(), Arc::clone(&self.solves));
        let falls_back = job.fall_back != FallBackPlan::None;
        let gathered = tokio::spawn(async move {
            let laid = gather(&gathering, &store).await;
            // Nobody listens any more only where the run was given up; the semaphore is never closed.
            let _ = begun.send(None);
            let turn = solves.acquire_owned().await;
            rayon::spawn(move || {
                let _turn = turn;
                let asked = laid.and_then(|laid| {
                    let basis = Basis { laid, ..basis };
                    let (question, mode) = basis.question(&[])?;
                    Ok((basis, question, mode))
                });
                let ended = match asked {
                    Err(why) => Ended::NoPlan(why),
                    Ok((_, _, mode)) if !modes.is_empty() && !modes.contains(&mode) => Ended::Mode(mode),
                    Ok((basis, question, _)) => {
                        let posed = Arc::new(Posed { basis, question });
                        // Nobody listens any more only where the run was given up.
                        let _ = begun.send(Some(Arc::clone(&posed)));
                        match plans_of(&posed, &drafting, falls_back) {
                            Ok(answered) => {
                                ordered(answered, &posed.basis, &drafting).map_or_else(Ended::Refused, Ended::Answered)
                            }
                            Err(why) => Ended::NoPlan(why),
                        }
                    }
                };
                let _ = done.send(ended);
            });
        });
        let give_up = || {
            gathered.abort();
            interrupt.raise();
        };
        let longest = Duration::from_secs(job.time_limit_s.unsigned_abs());
        let limit = tokio::time::sleep(longest);
        tokio::pin!(limit);
        let mut ticks = tokio::time::interval(BEAT);
        let mut given_up: Option<Ended> = None;
        let mut posed = None;
        loop {
            tokio::select! {
                biased;
                // Before the answer: a quick solve is through before its question was heard of.
                Some(heard) = asked.recv() => {
                    // Gathered, it waits for its turn, which is not its time.
                    let left = if heard.is_none() { LONGEST_WAIT } else { longest };
                    limit.as_mut().reset(tokio::time::Instant::now() + left);
                    if heard.is_none() {
                        continue;
                    }
                    posed = heard;
                    if let Err(fault) = self.store.advance(run, State::Solving, self.now(), &starts).await {
                        give_up();
                        return Err(fault);
                    }
                }
                ended = &mut answered => {
                    let ended = ended.unwrap_or_else(|_| Ended::NoPlan(NoPlan::passing(&"the solve broke down")));
                    return Ok((given_up.unwrap_or(ended), posed));
                }
                () = &mut limit, if given_up.is_none() => {
                    let why = format!("not done within {} s", job.time_limit_s);
                    given_up = Some(Ended::NoPlan(NoPlan::passing(&why)));
                    give_up();
                }
                Ok(()) = stop.changed(), if given_up.is_none() => {
                    if *stop.borrow() {
                        given_up = Some(Ended::Stopping);
                        give_up();
                    }
                }
                _ = ticks.tick() => {
                    self.is_at_work();
                    match self.store.beat(run, self.now(), self.lease_ms).await {
                        Ok(true) if given_up.is_none() => {
                            given_up = Some(Ended::Cancelled);
                            give_up();
                        }
                        Ok(_) => {}
                        Err(fault) => {
                            give_up();
                            return Err(fault);
                        }
                    }
                }
            }
        }
    }

    /// Delivers a publisher's messages in their order, until one fails, its time is over or none is left.
    async fn drain(&self, publisher: &PublisherSettings) -> Result<(), StoreError> {
        let Some(Ok(_alone)) = self.drains.get(&publisher.id).map(Mutex::try_lock) else { return Ok(()) };
        let begun = Instant::now();
        for _ in 0..MOST_MESSAGES {
            self.is_at_work();
            let now = self.now();
            let Some(message) = self.store.next_message(&publisher.id, &self.name, now, self.lease_ms).await? else { break };
            let warned = |why: &Fault| warn!(publisher = publisher.id, sequence = message.sequence, "not delivered: {why}");
            // A delivery holds whole plans.
            match Box::pin(self.deliver(publisher, &message)).await.inspect_err(warned) {
                Ok(()) => self.store.delivered(&message).await?,
                Err(Fault::Lasting(why)) => self.store.undeliverable(&message, &why).await?,
                Err(Fault::Passing(why)) => {
                    self.store.not_delivered(&message, &why, self.now()).await?;
                    break;
                }
            }
            // One that is merely slow holds up no beat for long.
            if begun.elapsed() > publisher.time_limit {
                break;
            }
        }
        self.store.drained(&publisher.id, &self.name).await
    }

    async fn deliver(&self, publisher: &PublisherSettings, message: &Message) -> Result<(), Fault> {
        if message.kind == Kind::Order && publisher.audience != Audience::Internal {
            return Ok(());
        }
        let said = |error: StoreError| error.to_string();
        let order = match message.kind {
            Kind::Order => Some(self.store.order(&message.subject).await.map_err(said)?),
            _ => None,
        };
        let plan = match (&order, message.kind) {
            (Some(order), _) => Some(order.plan.as_str()),
            (None, Kind::Failed) => None,
            (None, _) => Some(message.subject.as_str()),
        };
        let document = match plan {
            Some(plan) => Some(self.store.document(plan).await.map_err(said)?),
            None => None,
        };
        let fall_back = match message.kind {
            Kind::Failed => self.store.fall_back(&message.subject).await.map_err(said)?,
            _ => None,
        };
        let mut delivery = Delivery::new(message, document.as_ref(), order, publisher.audience).with_fall_back(fall_back);
        if let Some(document) = document.filter(|_| message.kind == Kind::Plan && publisher.publisher.compares()) {
            delivery.beside = self
                .store
                .earlier(&self.office(), &message.subject, &document)
                .await
                .map_err(said)?
                .for_audience(publisher.audience);
        }
        let delivered = publisher.publisher.deliver(&self.folder, &delivery);
        let limit = publisher.time_limit;
        let late = |_| Fault::Passing(format!("not done within {} s", limit.as_secs()));
        tokio::time::timeout(limit, delivered).await.map_err(late)?
    }
}

fn zone_of(job: &Job) -> TimeZone {
    TimeZone::get(&job.time_zone).unwrap_or(TimeZone::UTC)
}

/// First day of the horizon of a job's run that is due at a time.
fn start_of(job: &Job, due: Timestamp) -> Date {
    due.to_zoned(zone_of(job)).date().saturating_add(jiff::Span::new().days(job.start_day))
}
