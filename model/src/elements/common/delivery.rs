//! What waterworks, irrigation and other demands share: one delivery, shared among user classes, each in tiers.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{ANY, POSITIVE, SHARE, Varying};
use crate::elements::Head;
use crate::elements::common::way::{Gate, Travel, Way};
use crate::forcing::Param;
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Demand, NodeKind, Portion, Receiver, Role};
use crate::units::{PricePerVolume, Ratio, SECONDS_PER_DAY};

/// One delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    head: Head,
    from: Option<Field<String>>,
    demand: Option<Varying>,
    classes: Vec<Class>,
    returns: Vec<Return>,
    gate: Gate,
    travel: Travel,
}

/// A user class of a delivery.
#[derive(Clone, Debug)]
struct Class {
    word: Field<String>,
    share: Varying,
    floor: Option<Field<f64>>,
    target: Option<Field<f64>>,
    /// Rising shares ending in 1.
    tiers: Vec<f64>,
    /// One for all tiers, or one a tier.
    weights: Vec<Varying>,
    benefits: Vec<Varying>,
    /// What its demand is multiplied by.
    factor: Option<Varying>,
}

impl Class {
    /// A class in one tier, without floor.
    fn whole(word: Field<String>, share: Varying) -> Self {
        Self {
            word,
            share,
            floor: None,
            target: None,
            tiers: vec![1.0],
            weights: Vec::new(),
            benefits: Vec::new(),
            factor: None,
        }
    }
}

impl Class {
    /// What its demand is multiplied by, in each step.
    fn factor(&self, lowering: &mut Lowering, head: &Head) -> Option<Values> {
        self.factor.as_ref().map_or(Some(Values::Same(1.0)), |factor| lowering.values(factor, head))
    }
}

/// Return flow.
#[derive(Clone, Debug)]
struct Return {
    to: Option<Field<String>>,
    fraction: Option<Field<f64>>,
    travel: Travel,
}

impl Delivery {
    /// Reads the keys; `class` stands for `shares` where they are left out.
    pub fn read(entry: &Entry, head: Head, class: Option<&str>) -> Self {
        let from = entry.text("from");
        let mut demand = entry.varying("demand_m3s", POSITIVE);
        let by_day = entry.varying("demand_wan_m3_per_day", POSITIVE);
        match (&demand, by_day) {
            (Some(_), Some(by_day)) => {
                entry.refuse(
                    &by_day.place,
                    format!("`demand_m3s` and `{}` say the same", by_day.key),
                    Some("keep one of them".to_owned()),
                );
            }
            (None, Some(by_day)) => demand = Some(Varying { scale: 1e4 / SECONDS_PER_DAY, ..by_day }),
            (None, None) if !entry.has("demand_m3s") && !entry.has("demand_wan_m3_per_day") => {
                entry.missing(&["demand_m3s", "demand_wan_m3_per_day"]);
            }
            _ => {}
        }
        let classes = classes(entry, class);
        let returns = entry.tables("return_flow").into_iter().map(|part| {
            let (to, fraction, travel) =
                (part.required_text("to"), part.number_within("fraction", SHARE.0, SHARE.1), Travel::without_loss(&part));
            if !part.has("fraction") {
                part.missing(&["fraction"]);
            }
            part.finish();
            Return { to, fraction, travel }
        });
        let returns: Vec<Return> = returns.collect();
        let returned: f64 = returns.iter().filter_map(|part| part.fraction.as_ref()).map(|fraction| fraction.value).sum();
        if returned > 1.0 + crate::tolerance::SHARE {
            entry.refuse(
                &entry.place,
                format!("`return_flow`: fractions sum to {returned}, more than is supplied"),
                Some("at most 1".to_owned()),
            );
        }
        let gate = Gate::read(entry).with_price(entry);
        let travel = Travel::read(entry);
        if from.is_none() && !entry.has("from") {
            for key in [
                "capacity_m3s",
                "floor_m3s",
                "closed",
                "loss",
                "lag_h",
                "muskingum",
                "past_flow_m3s",
                "previous_flow_m3s",
                "price_per_m3",
                "standby",
                "opens_in",
            ] {
                if let Some(value) = entry.raw(key) {
                    let hint = "it belongs to the intake: give `from`, or put it on the diversions that feed this demand"
                        .to_owned();
                    entry.refuse(&entry.place_of(value), format!("`{key}` without `from`"), Some(hint));
                }
            }
        }
        Self { head, from, demand, classes, returns, gate, travel }
    }

    /// What the classes' factors make of the whole demand: Σ share × factor; none where no class has one.
    fn scale(&self, lowering: &mut Lowering) -> Option<Values> {
        if self.classes.iter().all(|class| class.factor.is_none()) {
            return None;
        }
        let mut whole = Values::Same(0.0);
        for class in &self.classes {
            let share = lowering.values(&class.share, &self.head)?;
            let factor = class.factor(lowering, &self.head)?;
            whole = whole.zip(&share.zip(&factor, |share, factor| share * factor), |sum, share| sum + share);
        }
        Some(whole)
    }

    fn portions(&self, demand: &Values, scale: Option<&Values>, lowering: &mut Lowering) -> Vec<Portion> {
        let head = &self.head;
        let mut portions = Vec::new();
        let mut sum = Values::Same(0.0);
        for class in &self.classes {
            let Some(use_) = lowering.basin.use_of(&class.word.value) else {
                let known = lowering.basin.class_words();
                let hint = crate::basin::nearest::nearest(&class.word.value, known.iter().map(String::as_str)).map_or_else(
                    || format!("say its use: [[class]] id = \"{}\" use = \"industrial\"", class.word.value),
                    |near| format!("did you mean `{near}`? Else add a [[class]]"),
                );
                lowering.refuse(
                    &class.word.place,
                    head,
                    format!("`shares`: the use of class `{}` is not known", class.word.value),
                    Some(hint),
                );
                continue;
            };
            let Some(share) = lowering.values(&class.share, head) else { continue };
            sum = sum.zip(&share, |a, b| a + b);
            let of_scaled = |share: f64, whole: f64| if whole > 0.0 { share / whole } else { share };
            let share = match scale.zip(class.factor(lowering, head)) {
                Some((whole, factor)) => share.zip(&factor, |share, factor| share * factor).zip(whole, of_scaled),
                None => share,
            };
            let address = format!("{}.{}", head.id, class.word.value);
            let floor = class.floor.as_ref().map_or(0.0, |floor| floor.value);
            let target = class.target.as_ref().map_or(1.0, |target| target.value);
            let mut low = 0.0;
            let mut tier = 0;
            for (index, &end) in class.tiers.iter().enumerate() {
                let cuts = if low < floor && floor < end { vec![floor, end] } else { vec![end] };
                for high in cuts {
                    tier += 1;
                    let size = share.map(|share| share * (high - low));
                    let source = lowering.source_of(&class.share);
                    let of_tier = |list: &[Varying]| list.get(index).or(list.first()).cloned();
                    let weight = of_tier(&class.weights).map_or(Param::constant(1.0), |weight| {
                        lowering.param::<Ratio>(&weight, head, &format!("{address}.tier{tier}.weight"))
                    });
                    let benefit = of_tier(&class.benefits).map(|benefit| {
                        lowering.param::<PricePerVolume>(&benefit, head, &format!("{address}.tier{tier}.benefit_per_m3"))
                    });
                    // A class that an overlay scales to nothing is still one of its classes.
                    if size != Values::Same(0.0) || class.factor.is_some() {
                        portions.push(Portion {
                            class: class.word.value.clone(),
                            use_,
                            tier,
                            share: lowering.param_of(&format!("{address}.tier{tier}.share"), size, source),
                            curtailed: None,
                            weight,
                            floor: high <= floor,
                            target: ((target - low) / (high - low)).clamp(0.0, 1.0),
                            benefit,
                        });
                    }
                    low = high;
                }
            }
        }
        let missed = (0..lowering.horizon.steps())
            .find(|&step| demand.at(step) > 0.0 && (sum.at(step) - 1.0).abs() > crate::tolerance::SHARE);
        if let (Some(step), Some(first), false) = (missed, self.classes.first(), lowering.has_refused(head)) {
            let on = if matches!(sum, Values::Same(_)) {
                String::new()
            } else {
                format!(" on {}", lowering.horizon.name_of(step))
            };
            let place = first.word.place.clone();
            let total = (sum.at(step) * 1e12).round() / 1e12;
            lowering.refuse(
                &place,
                head,
                format!("`shares` sum to {total}{on}, expected 1"),
                Some("the shares of all classes make the whole demand".to_owned()),
            );
        }
        portions
    }
}

impl crate::elements::Element for Delivery {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let Some(demand) = &self.demand else { return };
        let Some(values) = lowering.values(demand, head) else { return };
        let source = lowering.source_of(demand);
        let scale = self.scale(lowering);
        let portions = self.portions(&values, scale.as_ref(), lowering);
        let values = scale.map_or_else(|| values.clone(), |scale| values.zip(&scale, |demand, scale| demand * scale));
        lowering.note_greatest_demand(&head.id, values.most());
        let demand = lowering.param_of(&format!("{}.demand", head.id), values, source);
        lowering.add_node(
            head,
            NodeKind::Demand(Box::new(Demand { demand, portions, returns: Vec::new(), element: head.kind })),
        );
    }

    fn arcs(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let receivers: Vec<Receiver> = self
            .returns
            .iter()
            .filter_map(|part| {
                let kernel = part.travel.kernel(lowering, head);
                let node = lowering.receiver(part.to.as_ref()?, head)?;
                Some(Receiver { node, fraction: part.fraction.as_ref()?.value, kernel })
            })
            .collect();
        let Some(node) = lowering.own_node(head) else { return };
        lowering.set_returns(node, receivers);
        let Some(from) = &self.from else { return };
        let tail = lowering.tail(from, head);
        let greatest = lowering.greatest_demand(&head.id) / self.travel.fraction();
        let way = Way {
            id: format!("{}.intake", head.id),
            name: head.name.clone(),
            place: &head.place,
            from: tail,
            to: Some(node),
            role: Role::Intake,
            gate: &self.gate,
            travel: &self.travel,
            power: None,
            rating: None,
            free_overflow: false,
            default_capacity: Some(greatest),
        };
        way.lower(lowering, head);
    }
}

fn classes(entry: &Entry, default: Option<&str>) -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::new();
    if let Some(part) = entry.table("shares") {
        for (word, value) in part.words() {
            let place = entry.context.place(word.span().start);
            let text = word.get_ref().to_string();
            if !crate::basin::is_id(&text) {
                entry.refuse(&place, format!("`shares`: `{text}` is no class, expected letters, digits, `_` and `-`"), None);
                continue;
            }
            if let Some(share) = part.varying_in(&text, value, SHARE) {
                let word = Field { value: text, place, key: "shares".to_owned() };
                classes.push(Class::whole(word, share));
            }
        }
        part.finish();
        if classes.is_empty() && !entry.is_faulty() && !part.is_faulty() {
            entry.refuse(
                &part.place,
                "`shares` is empty",
                Some("such as `shares = { residents = 0.6, industry = 0.4 }`".to_owned()),
            );
        }
    } else if let Some(word) = default {
        let word = Field { value: word.to_owned(), place: entry.place.clone(), key: "shares".to_owned() };
        let share = Varying::constant(1.0, &entry.place, "shares");
        classes.push(Class::whole(word, share));
    } else if !entry.has("shares") {
        entry.missing(&["shares"]);
    }
    for_each_class(entry, "floor", &mut classes, |part, word, value, class| {
        class.floor = share_in(part, word, value);
    });
    for_each_class(entry, "target", &mut classes, |part, word, value, class| {
        class.target = share_in(part, word, value);
    });
    for_each_class(entry, "tiers", &mut classes, |part, word, value, class| {
        if let Some(tiers) = part.numbers_in(word, value) {
            if crate::basin::rises_to_one(&tiers) {
                class.tiers = tiers;
            } else {
                part.refuse(
                    &part.place_of(value),
                    format!("`tiers.{word}`: the shares do not rise to 1, expected such as [0.6, 0.9, 1.0]"),
                    None,
                );
            }
        }
    });
    for_each_class(entry, "factors", &mut classes, |part, word, value, class| {
        class.factor = part.varying_in(word, value, POSITIVE);
    });
    for_each_class(entry, "weights", &mut classes, |part, word, value, class| {
        class.weights = one_a_tier(part, word, value, class, POSITIVE);
    });
    for_each_class(entry, "benefit_per_m3", &mut classes, |part, word, value, class| {
        class.benefits = one_a_tier(part, word, value, class, ANY);
        let rises = class
            .benefits
            .windows(2)
            .any(|pair| matches!((pair[0].as_number(), pair[1].as_number()), (Some(a), Some(b)) if b > a));
        if rises {
            let hint =
                "a later tier may not be worth more than an earlier one, or the optimum would fill it first".to_owned();
            part.refuse(&part.place_of(value), format!("`benefit_per_m3.{word}` rises"), Some(hint));
        }
    });
    for class in &classes {
        if let (Some(floor), Some(target)) = (&class.floor, &class.target)
            && floor.value > target.value
        {
            let message = format!(
                "`floor.{}` {} is over `target.{}` {}",
                class.word.value, floor.value, class.word.value, target.value
            );
            entry.refuse(&floor.place, message, Some("a floor is the hard minimum, a target what is owed".to_owned()));
        }
    }
    classes
}

/// Reads a table whose keys are classes of `shares`.
fn for_each_class<'c, 'a>(
    entry: &Entry<'c, 'a>,
    key: &str,
    classes: &mut [Class],
    mut read: impl FnMut(&Entry<'c, 'a>, &str, &'c crate::basin::entry::Value<'a>, &mut Class),
) {
    let Some(part) = entry.table(key) else { return };
    for (word, value) in part.words() {
        let text = word.get_ref().to_string();
        let words: Vec<String> = classes.iter().map(|class| class.word.value.clone()).collect();
        if let Some(class) = classes.iter_mut().find(|class| class.word.value == text) {
            read(&part, &text, value, class);
        } else if !words.is_empty() {
            let known: Vec<&str> = words.iter().map(String::as_str).collect();
            let hint = crate::basin::nearest::hint(&text, &known, "classes in `shares`");
            part.refuse(&part.context.place(word.span().start), format!("`{key}`: class `{text}` has no share"), hint);
        }
    }
    part.finish();
}

fn share_in<'a>(part: &Entry<'_, 'a>, word: &str, value: &crate::basin::entry::Value<'a>) -> Option<Field<f64>> {
    let number = part.number_in(word, value)?;
    if (0.0..=1.0).contains(&number) {
        return Some(Field { value: number, place: part.place_of(value), key: part.key(word) });
    }
    part.refuse(
        &part.place_of(value),
        format!("`{}`: {number} is out of range, expected between 0 and 1", part.key(word)),
        None,
    );
    None
}

fn one_a_tier<'c, 'a>(
    part: &Entry<'c, 'a>,
    word: &str,
    value: &'c crate::basin::entry::Value<'a>,
    class: &Class,
    range: (f64, f64),
) -> Vec<Varying> {
    let Some(items) = value.get_ref().as_array() else {
        return part.varying_in(word, value, range).into_iter().collect();
    };
    if items.len() != class.tiers.len() {
        let message = format!("`{}`: {} values for {} tiers", part.key(word), items.len(), class.tiers.len());
        part.refuse(&part.place_of(value), message, Some("one for all tiers, or one for each of `tiers`".to_owned()));
        return Vec::new();
    }
    // The first fault stands for all of the list.
    items.iter().map_while(|item| part.varying_in(word, item, range)).collect()
}
