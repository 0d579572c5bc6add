//! What stands against more water on a way, in a sentence, and what would lift it.

/// What stands against more water on a way; the first in this order is told where several ways differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Cause {
    /// The storage has at the end no more than it must.
    End(String),
    /// The storage has at the end less than it must, which gave way.
    Short(String),
    /// The storage has at the end no more than a goal that comes first wants: storage, objective, place.
    Reserve(String, String, usize),
    /// The water of a node flows on to a storage below it, which one of these keeps: the node, what keeps it.
    Onward(String, Box<Self>),
    /// A goal that comes first makes something of the water where it is: storage, objective, place.
    Before(String, String, usize),
    /// A flow downstream has no more than it is owed.
    Flow(String, String),
    /// The water goes to those whom a goal serves that comes first: node, objective, place.
    First(String, String, usize),
    /// The water goes to supplies below their floors.
    Floors(String),
    /// A zone of the storage's rule curve hedges.
    Hedged(String, String),
    /// The storage falls to its lowest later: storage, date, the rule that keeps as much in it where one does.
    Later(String, String, Option<String>),
    /// The same, where most of its water until then is let out for a rule that comes before all goals: storage, date, the rule.
    Released(String, String, String),
    /// The storage keeps water at the end for another goal, where none comes first: storage, objective.
    Outweighed(String, String),
    /// The same goal shares the water out among those that fare alike.
    Shared(String, String),
    /// The same goal has the water where it makes most of it.
    Best(String, String),
    /// The goals have the water as they weigh.
    Weighed(String),
    /// The way passes all that it can: as wide as it is, or by the level of the storage it leads from, which gives more when it is higher.
    Capacity(String, Option<String>),
    Command(String),
    /// The way that what flows by runs into passes all that it can.
    Onto(String),
    Ceiling(String),
    Change(String),
    Account(String),
    /// What the horizon may use of an account's window is used, the window's limit is not.
    Share(String),
    /// The way is shut, and may not be opened while another of its group is open: both.
    Beside(String, String),
    /// The way stays as it is, since it may change no more often.
    Often(String),
    /// The way is shut, and open it must pass no less than a least flow.
    Shut(String),
    /// The storage that the water would run into is at its limit and can let no more out.
    Filled(String),
    /// Water lacks on one way, and another, or what else comes by, is held; or a way is full, and the storage or source where it begins has no more.
    Passing(Box<Self>, Box<Self>),
    /// Something holds a way, and something else its water beyond that: both would have to give.
    Both(Box<Self>, Box<Self>),
    /// Water is there, or flows past, and was kept for something else.
    Kept(String),
    /// No goal asks for it.
    Unasked,
    /// The storage is at its lowest; which level that is, where it has a name.
    Lowest(String, Option<String>),
    /// The storage is at what a rule keeps in it: both.
    Least(String, String),
    /// It is below that.
    Below(String, Option<String>),
    /// What would arrive had to leave before the start.
    Late(String),
    Spent(String),
    Closed(String),
    /// Nothing lacks but what was cut by order.
    Curtailed(String),
}

impl Cause {
    /// Whether it stands whatever the goals are.
    pub(super) fn is_fixed(&self) -> bool {
        match self {
            Self::Both(held, beyond) => held.is_fixed() || beyond.is_fixed(),
            Self::Late(_) | Self::Spent(_) => true,
            // An account may be one that a goal keeps.
            Self::Account(_) | Self::Share(_) => false,
            held => held.is_narrow() || held.is_ruled(),
        }
    }

    /// Whether it is what holds a way, or that and what is beyond.
    pub(super) const fn is_of_a_way(&self) -> bool {
        self.is_narrow() || self.is_ruled() || matches!(self, Self::Both(..))
    }

    pub(in super::super) fn sentence(&self) -> String {
        match self {
            Self::End(id) | Self::Short(id) | Self::Reserve(id, ..) | Self::Outweighed(id, _) => {
                format!("`{id}` had water, {}", self.kept())
            }
            Self::Onward(node, kept) => {
                let below = kept.storage().unwrap_or_default();
                format!("the water of `{node}` flows on into `{below}` and is {}", kept.kept())
            }
            Self::Before(id, goal, place) => {
                format!("`{id}` had water, kept for `{goal}`, goal {place} in order, which comes first")
            }
            Self::Flow(id, flow) => format!("`{id}` had water, let out for `{flow}`, which has no more than it is owed"),
            Self::First(id, goal, place) => {
                format!("the water of `{id}` goes first to whom `{goal}` serves, goal {place} in order")
            }
            Self::Floors(id) => format!("the water of `{id}` goes first to the floors of supply"),
            Self::Hedged(id, zone) => format!("`{id}` lies in zone `{zone}` of its rule curve, which hedges"),
            Self::Later(id, date, None) => {
                format!("`{id}` is at its lowest storage by {date}: until then its water is shared out")
            }
            Self::Later(id, date, Some(rule)) => {
                format!("`{id}` is at its lowest storage by {date}, `{rule}`: until then its water is shared out")
            }
            Self::Released(id, date, rule) => format!(
                "`{id}` is at its lowest storage by {date}: until then most of its water is let out for `{rule}`, and what is left is shared out"
            ),
            Self::Shared(id, goal) => {
                format!("`{id}` has no more to give: `{goal}` shares its water among those that fare alike")
            }
            Self::Best(id, goal) => {
                format!("`{id}` has no more to give: no other share of its water serves `{goal}` better")
            }
            Self::Weighed(id) => {
                format!("`{id}` has no more to give: no other share of its water serves the goals, as they weigh, better")
            }
            Self::Capacity(id, None) => format!("held by the capacity of `{id}`: more water upstream would not help"),
            Self::Capacity(id, Some(store)) => {
                format!("held by the capacity of `{id}` at that level of `{store}`: only a higher level lets more through")
            }
            Self::Onto(id) => {
                format!("what flows by runs into `{id}`, which passes all that it can: more water upstream would not help")
            }
            Self::Command(id) => format!("held by the command `{id}`"),
            Self::Ceiling(id) => format!("held by the ceiling of `{id}`"),
            Self::Change(id) => format!("held by how fast `{id}` may change"),
            Self::Account(id) => format!("held by the account `{id}`, which is used up"),
            Self::Share(id) => format!("held by the account `{id}`: the part of it that these days may use is used up"),
            Self::Beside(shut, open) => format!("`{shut}` may not be opened while `{open}` is open"),
            Self::Shut(id) => format!("`{id}` is shut, and open it has to pass its least flow"),
            Self::Filled(id) => format!("`{id}` is at its limit and can take in no more"),
            Self::Often(id) => format!("held by how often `{id}` may change"),
            Self::Passing(store, held) => format!("{}; {}", store.beside(), held.beside()),
            Self::Both(held, beyond) => format!("{}; and beyond it {}", held.beside(), beyond.beyond()),
            Self::Kept(id) => format!(
                "not the ways: `{id}` had water, kept for other times, other uses or other goals; which of them is not told"
            ),
            Self::Unasked => "no goal asks for more".to_owned(),
            Self::Lowest(id, None) => format!("`{id}` is at its lowest storage"),
            Self::Lowest(id, Some(level)) | Self::Least(id, level) => format!("`{id}` is at its lowest storage, `{level}`"),
            Self::Below(id, None) => format!("`{id}` is below its lowest storage"),
            Self::Below(id, Some(level)) => format!("`{id}` is below its lowest storage, `{level}`"),
            Self::Late(id) => format!("what `{id}` would bring had to leave before the start"),
            Self::Spent(id) => format!("all water of `{id}` is taken"),
            Self::Closed(id) => format!("`{id}` is closed"),
            Self::Curtailed(id) => format!("cut by the curtailment `{id}`, which is no shortage"),
        }
    }

    /// The same beside another: there may be more water by another way than one that is full.
    fn beside(&self) -> String {
        match self {
            Self::Capacity(id, _) => format!("held by the capacity of `{id}`"),
            cause => cause.sentence(),
        }
    }

    /// The same beyond another.
    fn beyond(&self) -> String {
        match self {
            Self::Kept(id) => format!("`{id}` had water, kept for what is not told"),
            cause => cause.beside(),
        }
    }

    /// Whether a way passes no more by itself: it is full, or closed.
    pub(super) const fn is_narrow(&self) -> bool {
        matches!(self, Self::Capacity(..) | Self::Onto(_) | Self::Closed(_))
    }

    /// Whether a rule, an account or how ways may be opened and changed holds it.
    pub(super) const fn is_ruled(&self) -> bool {
        use Cause::{Account, Beside, Ceiling, Change, Command, Filled, Often, Share, Shut};
        matches!(
            self,
            Account(_) | Beside(..) | Ceiling(_) | Change(_) | Command(_) | Filled(_) | Often(_) | Share(_) | Shut(_)
        )
    }

    /// Whether a storage is at its lowest, or will be.
    pub(in super::super) const fn is_dry(&self) -> bool {
        matches!(self, Self::Lowest(..) | Self::Least(..) | Self::Below(..) | Self::Later(..) | Self::Released(..))
    }

    /// The storage or source that lacks water for a way with room.
    pub(super) fn lacking(&self) -> Option<&Self> {
        match self {
            Self::Passing(store, _) => store.lacking(),
            Self::Spent(_) => Some(self),
            _ => self.is_dry().then_some(self),
        }
    }

    /// What keeps the water where it is, here or below.
    pub(super) const fn there(&self) -> &Self {
        match self {
            Self::Onward(_, kept) => kept,
            here => here,
        }
    }

    /// The storage that keeps water, at the end or for a rule.
    fn storage(&self) -> Option<&str> {
        match self {
            Self::End(id) | Self::Short(id) | Self::Reserve(id, ..) | Self::Outweighed(id, _) | Self::Later(id, ..) => {
                Some(id)
            }
            _ => None,
        }
    }

    /// What such a storage keeps it for.
    fn kept(&self) -> String {
        match self {
            Self::End(_) => "kept for its storage at the end, which is no more than wanted".to_owned(),
            Self::Short(_) => "kept for its storage at the end, which gave way and is less than it must be".to_owned(),
            Self::Reserve(_, goal, place) => {
                format!("kept at the end for `{goal}`, goal {place} in order, which comes first")
            }
            Self::Outweighed(_, goal) => format!("kept at the end for `{goal}`, which weighs more"),
            Self::Later(_, date, Some(rule)) => format!("kept for `{rule}`, which asks for as much by {date}"),
            _ => String::new(),
        }
    }

    /// What would lift it, where that is no more water: what the water would have to come through, or who would have to be asked.
    pub(in super::super) fn way_out(&self) -> Option<String> {
        Some(match self {
            Self::Capacity(id, None) => format!("a wider `{id}`, or water from below it, would help"),
            Self::Capacity(id, Some(store)) => {
                format!("a wider `{id}`, a higher level of `{store}`, or water from below it, would help")
            }
            Self::Onto(id) => format!("a wider `{id}` would help"),
            Self::Closed(id) => format!("opening `{id}` would help"),
            Self::Command(id) => format!("only who gave the order `{id}` can change it"),
            Self::Ceiling(id)
            | Self::Change(id)
            | Self::Least(_, id)
            | Self::Later(_, _, Some(id))
            | Self::Released(.., id) => {
                format!("only who set the limit of `{id}` can lift it")
            }
            Self::Account(id) => format!("more may be taken only beyond the account `{id}`"),
            Self::Share(id) => format!("more may be taken only of what the account `{id}` keeps for the days after the end"),
            Self::Late(id) => format!("nothing that is let into `{id}` from the start on arrives in time"),
            Self::Unasked => "a goal or a floor would have to ask for it".to_owned(),
            Self::Passing(full, store) if matches!(**full, Self::Capacity(..)) && store.lacking().is_some() => {
                return full.only_through();
            }
            Self::Both(full, beyond) if matches!(**full, Self::Capacity(..)) || beyond.lacking().is_some() => {
                return full.only_through();
            }
            Self::Both(held, beyond) => return held.way_out().or_else(|| beyond.way_out()),
            Self::Passing(store, held) if store.is_fixed() => return store.way_out().or_else(|| held.way_out()),
            Self::Passing(store, held) if store.is_ruled() => return held.way_out().or_else(|| store.way_out()),
            Self::Passing(_, held) | Self::Onward(_, held) => return held.way_out(),
            _ => return None,
        })
    }

    /// What would lift a full or closed way, where it takes more water, too.
    fn only_through(&self) -> Option<String> {
        Some(match self {
            Self::Capacity(id, None) => format!("more water would help only through a wider `{id}`, or from below it"),
            Self::Closed(id) => format!("more water would help only through an open `{id}`, or from below it"),
            held => return held.way_out(),
        })
    }

    /// The storage or source whose water could be given for it, at the cost of what it is kept for; what a storage must hold at
    /// the end cannot.
    pub(in super::super) fn holder(&self) -> Option<&str> {
        match self {
            Self::Reserve(id, ..)
            | Self::Before(id, ..)
            | Self::Flow(id, _)
            | Self::First(id, ..)
            | Self::Floors(id)
            | Self::Hedged(id, _)
            | Self::Outweighed(id, _)
            | Self::Shared(id, _)
            | Self::Best(id, _)
            | Self::Weighed(id)
            | Self::Kept(id) => Some(id),
            Self::Onward(node, kept) => kept.holder().map(|_| node.as_str()),
            Self::Passing(_, held) => held.holder(),
            _ => None,
        }
    }
}
