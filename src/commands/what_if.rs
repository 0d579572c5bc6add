//! `weir what-if`: a basin and overlays on it, each solved, side by side.
//!
//! Writes into `--out`: `what-if.json`, `what-if.html`, and each plan in a folder of its own. A what-if without a plan is named with
//! its cause, as is a question that the basin has nothing to ask of; the others go on, and the exit code says so.

use std::path::PathBuf;

use serde_json::json;
use weir_model::document::PlanDocument;
use weir_report::side_by_side::{self, Tried};
use weir_report::{Language, Phrase, both};
use weir_scenarios::member::{Member, Planned};
use weir_scenarios::overlay::Overlay;
use weir_scenarios::questions::{QUESTIONS, Question, first_cause};
use weir_scenarios::results::Results;
use weir_scenarios::study::{self, Members};
use weir_scenarios::what_if::{Answered, BASE, base, solve};

use super::solve::Format;
use super::sweep;
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};
use crate::progress::{interrupted, stop};

/// Arguments of `weir what-if`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// A file of changes, asked by itself (several: one plan each): docs/scenarios.md.
    #[arg(long = "overlay", value_name = "FILE.toml", required_unless_present = "questions")]
    overlays: Vec<PathBuf>,
    /// A question of every week, with its answer in a sentence (several: docs/scenarios.md lists them).
    #[arg(long = "ask", value_name = "QUESTION", value_parser = clap::builder::PossibleValuesParser::new(QUESTIONS.iter().map(|question| question.word)))]
    questions: Vec<String>,
    /// What a question is about, in the order of its words: a canal, a works, a section, two accounts, a file of storms.
    #[arg(long = "of", value_name = "ID", requires = "questions")]
    of: Vec<String>,
    /// Only what each goal comes to, at once: by live sessions, without plans.
    #[arg(long, conflicts_with = "questions")]
    goals: bool,
    /// First day of the horizon (otherwise the basin's first start).
    #[arg(long, value_name = "DATE")]
    from: Option<jiff::civil::Date>,
    /// Folder for the comparison and the plans; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut asked: Vec<Member> = arguments.overlays.iter().map(|file| Member::file(file)).collect();
    refuse_doubles(&asked, &arguments.overlays)?;
    if arguments.goals {
        return goals(arguments, asked);
    }
    let language = arguments.told.language.into();
    aside_in(language, &both("weir：求解基准 …", "weir: solving the base …"));
    let base = base(&arguments.dir, arguments.from);
    let questions: Vec<&Question> = arguments.questions.iter().filter_map(|word| Question::of_word(word)).collect();
    let mut ids: Vec<Result<Vec<String>, Phrase>> = Vec::new();
    for question in &questions {
        let document = base.document().ok_or_else(|| Failure::Impossible(no_plan(std::slice::from_ref(&base), language)))?;
        let overlays = match question.overlays(document, &arguments.of) {
            Ok(overlays) => overlays,
            // What the basin has nothing of ends no other question; what `--of` names is for whoever named it to mend.
            Err(why) if arguments.of.is_empty() && questions.len() + asked.len() > 1 => {
                ids.push(Err(first_cause(&why)));
                continue;
            }
            Err(why) => {
                let why = weir_report::cause(None, &why);
                return Err(Failure::Impossible(format!("error: `{}`: {}", question.word, why.say(language))));
            }
        };
        ids.push(Ok(overlays.iter().map(|(id, _)| id.clone()).collect()));
        let file = format!("question {}", question.word);
        let member = |(id, text): (String, String)| Member::new(&id, Overlay::of_text(&id, &file, &text));
        asked.extend(overlays.into_iter().map(member));
    }
    refuse_doubles(&asked, &arguments.overlays)?;
    let count = asked.len();
    aside_in(language, &both(format!("weir：求解{count}个情景 …"), format!("weir: solving {count} what-ifs …")));
    let others = solve(&arguments.dir, arguments.from, &base, &asked);
    let members: Vec<Answered> = std::iter::once(base).chain(others).collect();
    let of_basin = (arguments.dir.as_path(), arguments.of.as_slice());
    let answers: Vec<(&Question, Result<Phrase, Phrase>)> = questions
        .iter()
        .zip(ids)
        .filter_map(|(question, ids)| {
            let answer = ids.map_or_else(|why| Some(Err(why)), |ids| answer(of_basin, question, &ids, &members));
            Some((*question, answer?))
        })
        .collect();
    let told = answers.iter().map(|(question, told)| told.as_ref().map_or_else(|why| question.unasked(why), Phrase::clone));
    let said: Vec<Phrase> = told.chain(members[..=arguments.overlays.len()].iter().filter_map(conflict)).collect();
    let out = arguments.out.clone().unwrap_or_else(|| arguments.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let base_end = members.first().and_then(|base| base.outcome.as_ref().ok()?.audited.end.as_ref());
    for member in &members {
        if let Ok(Planned { audited, .. }) = &member.outcome {
            let start = base_end.filter(|_| member.id != BASE);
            super::solve::write(&audited.document, (start, audited.end.as_ref()), &out.join(&member.id))?;
        }
    }
    let tried: Vec<Tried> = members.iter().map(tried).collect();
    let mut json = side_by_side::json(&tried, ["what_if", "what_ifs"]);
    json["said"] = said.iter().map(|said| json!({ "zh": said.chinese, "en": said.english })).collect();
    files::write(&out.join("what-if.json"), format!("{json:#}\n").as_bytes())?;
    let page = out.join("what-if.html");
    files::write(&page, side_by_side::page(&tried, &side_by_side::of_what_ifs(), &said).as_bytes())?;
    match arguments.told.format {
        Format::Text => {
            let said: String = said.iter().map(|said| said.say(language).to_owned() + "\n").collect();
            say(&format!("{}{said}{}\n", side_by_side::text(&tried, language), page.display()))?;
        }
        Format::Json => say(&format!("{json}\n"))?,
    }
    let untold = answers.iter().filter_map(|(question, told)| Some((*question, told.as_ref().err()?)));
    failed(&members, &untold.collect::<Vec<_>>(), language)
}

/// The goals of the base and of each overlay.
fn goals(arguments: &Arguments, asked: Vec<Member>) -> Result<(), Failure> {
    let members = std::iter::once(Member::base()).chain(asked).collect();
    let study = study::open(&arguments.dir, arguments.from, Members::Overlays(members)).map_err(Failure::Refused)?;
    let stop = stop()?;
    let results = Results::temporary().map_err(|error| sweep::kept(&error))?;
    if !study.ask(&study.all(), &results, (&|_| {}, &stop)).map_err(|error| sweep::kept(&error))? {
        return Err(interrupted(&stop, &both("请再次运行", "run it again"), arguments.told.language.into()));
    }
    let out = arguments.out.clone().unwrap_or_else(|| arguments.dir.join("out"));
    let table = study.table(vec![results]).map_err(|error| sweep::unread(&error))?;
    sweep::told(&table, (&out, "what-if-goals"), &arguments.told)
}

/// Two of one id would lie in one folder.
fn refuse_doubles(asked: &[Member], files: &[PathBuf]) -> Result<(), Failure> {
    let shown = |place: usize| files.get(place).map_or_else(|| asked[place].id.clone(), |file| file.display().to_string());
    for (place, one) in asked.iter().enumerate() {
        let earlier = asked[..place].iter().position(|other| other.id == one.id).map(shown);
        let own = shown(place);
        let (why, hint) = match earlier {
            None if one.id != BASE => continue,
            None => (format!("`{own}`: its plan would lie in the base's folder, `{BASE}`"), "give the file another name"),
            Some(earlier) if earlier == own => (format!("`{own}` stands twice"), "name it once"),
            Some(earlier) => {
                let why = format!("`{earlier}` and `{own}`: the plans of both would lie in a folder `{}`", one.id);
                (why, "a plan's folder has the name of its overlay's file: give one of the files another name")
            }
        };
        return Err(Failure::Impossible(format!("error: {why}\n  hint: {hint}")));
    }
    Ok(())
}

fn tried(member: &Answered) -> Tried {
    let outcome = member.outcome.as_ref().map(|planned| planned.audited.document.clone()).map_err(Clone::clone);
    Tried::what_if(&member.id, (&member.name.0, &member.name.1), outcome)
}

/// The sentence that answers a question, or why it cannot be told.
fn answer(
    of_basin: (&std::path::Path, &[String]),
    question: &Question,
    ids: &[String],
    members: &[Answered],
) -> Option<Result<Phrase, Phrase>> {
    let of = |id: &String| members.iter().find(|member| member.id == *id).and_then(Answered::document);
    let plans: Vec<(&str, Option<&PlanDocument>)> = ids.iter().map(|id| (id.as_str(), of(id))).collect();
    Some(question.answer(of_basin, members.first()?.document()?, &plans))
}

/// What cannot hold together in one of them.
fn conflict(member: &Answered) -> Option<Phrase> {
    let document = member.document().filter(|_| !member.conflict().is_empty())?;
    let sentence = |language| {
        let sentences =
            member.conflict().iter().map(|why| weir_report::sentence(document, &format!("Conflict: {why}"), language));
        sentences.collect::<Vec<_>>().join(if language == Language::Chinese { "；" } else { "; " })
    };
    let (chinese, english) = (sentence(Language::Chinese), sentence(Language::English));
    Some(both(
        format!("{}：硬性规则不能同时满足，所列为最小让步方案。{chinese}", member.name.0),
        format!(
            "{}: not all rules can hold together, and what stands here is the plan of least breach. {english}",
            member.name.1
        ),
    ))
}

/// Says that some have no plan, and that some questions have no answer, each with its cause.
fn failed(members: &[Answered], untold: &[(&Question, &Phrase)], language: Language) -> Result<(), Failure> {
    let mut told = Vec::new();
    if members.iter().any(|member| member.outcome.is_err()) {
        told.push(no_plan(members, language));
    }
    told.extend(untold.iter().map(|(question, why)| format!("error: `{}`: {}", question.word, why.say(language))));
    if told.is_empty() { Ok(()) } else { Err(Failure::Impossible(told.join("\n"))) }
}

fn no_plan(members: &[Answered], language: Language) -> String {
    let named = members.iter().find_map(Answered::document);
    let cause = |member: &Answered| Some((member.id.clone(), weir_report::cause(named, member.outcome.as_ref().err()?)));
    let failed: Vec<(String, Phrase)> = members.iter().filter_map(cause).collect();
    let (number, count) = (failed.len(), members.len());
    let head = both(format!("{count}个中{number}个没有方案"), format!("{number} of {count} without a plan"));
    sweep::causes(&failed, &head, language)
}
