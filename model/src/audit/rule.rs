//! Every rule that a plan is checked by.

/// A rule, by what breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// One value an arc, storage or portion and step.
    Shape,
    /// Every value is a finite number.
    Number,
    /// Storage at the start.
    Start,
    /// Water of a storage, junction or demand.
    Balance,
    /// Given water is taken, available water not exceeded.
    Source,
    /// Storage at least the dead level.
    DeadLevel,
    /// Storage at most the top.
    Top,
    /// Storage within the curve.
    Curve,
    /// Storage at most the flood limit.
    FloodLimit,
    /// Hard end storage.
    EndStorage,
    /// Flow at most the capacity.
    Capacity,
    /// Flow at most what the rating's envelope gives.
    Discharge,
    /// Flow at least 0.
    Forward,
    /// Flow at least the floor of the way.
    ArcFloor,
    /// Supply of a tier at most what it asks for.
    Demand,
    /// Supply of a tier at least 0.
    Supply,
    /// Floor portions of a class are supplied.
    ClassFloor,
    /// Floor of a requirement.
    RequirementFloor,
    /// Ceiling of a requirement.
    RequirementCeiling,
    /// Rise of a requirement's value.
    RequirementRise,
    /// Fall of a requirement's value.
    RequirementFall,
    /// Limit of a hard account in a window.
    AccountLimit,
    /// Flow of what runs, by its number of units.
    Running,
    /// Flow outside forbidden zones.
    Forbidden,
    /// Time open once opened.
    MinUp,
    /// Time shut once shut.
    MinDown,
    /// Ways of a group open at once.
    MostOpen,
    /// Changes of flow within some days.
    Changes,
    /// Days on which a target is met.
    DaysMet,
    /// Run of days on which it is not.
    LongestFailed,
    /// What the plan says gave way did.
    Relaxation,
    /// Value of a stage.
    Objective,
}

impl Rule {
    /// All, in the order in which they stand.
    pub const ALL: [Self; Self::Objective as usize + 1] = [
        Self::Shape,
        Self::Number,
        Self::Start,
        Self::Balance,
        Self::Source,
        Self::DeadLevel,
        Self::Top,
        Self::Curve,
        Self::FloodLimit,
        Self::EndStorage,
        Self::Capacity,
        Self::Discharge,
        Self::Forward,
        Self::ArcFloor,
        Self::Demand,
        Self::Supply,
        Self::ClassFloor,
        Self::RequirementFloor,
        Self::RequirementCeiling,
        Self::RequirementRise,
        Self::RequirementFall,
        Self::AccountLimit,
        Self::Running,
        Self::Forbidden,
        Self::MinUp,
        Self::MinDown,
        Self::MostOpen,
        Self::Changes,
        Self::DaysMet,
        Self::LongestFailed,
        Self::Relaxation,
        Self::Objective,
    ];

    /// Family of rules under which it is told.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Number => "number",
            Self::Start => "start",
            Self::Balance => "balance",
            Self::Source => "source",
            Self::DeadLevel | Self::Top | Self::Curve => "storage",
            Self::FloodLimit => "flood_limit",
            Self::EndStorage => "end_storage",
            Self::Capacity | Self::Discharge | Self::Forward | Self::ArcFloor => "capacity",
            Self::Demand | Self::Supply => "supply",
            Self::ClassFloor => "class_floor",
            Self::RequirementFloor | Self::RequirementCeiling | Self::RequirementRise | Self::RequirementFall => {
                "requirement"
            }
            Self::AccountLimit => "account",
            Self::Running | Self::Forbidden | Self::MinUp | Self::MinDown => "commitment",
            Self::MostOpen => "group",
            Self::Changes => "changes",
            Self::DaysMet | Self::LongestFailed => "assurance",
            Self::Relaxation => "relaxation",
            Self::Objective => "objective",
        }
    }
}
