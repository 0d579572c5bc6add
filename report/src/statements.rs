//! Sentences that the document holds in one language, said in both.
//!
//! The model and the solver write their notes in English. Those that are known here are said in Chinese, with the names of
//! what they name; any other stands as it is, its hm³ turned into 万m³.

mod reasons;

use self::reasons::REASONS;
use crate::language::{Phrase, both};
use crate::quantity;
use crate::words::{UNPROVED, word};

/// What the model and the solver say, and how it is said in Chinese: `{}` is what stands in its place, in the same order.
const KNOWN: &[(&str, &str)] = &[
    // Accounts.
    ("the horizon covers {} % of what is left of the window, by days", "本期占窗口剩余部分的{}%（按天数分摊）"),
    (
        "the horizon covers {} % of what is left of the window, by the monthly plan",
        "本期占窗口剩余部分的{}%（按月计划分摊）",
    ),
    (
        "what is left is scaled to {} %, forecast inflow {} hm³ ÷ planned {} hm³",
        "剩余水量按预报来水同比例增减至{}%：预报来水 {} hm³ ÷ 计划来水 {} hm³",
    ),
    ("use from {} to {} is not known and filled at the planned rate, {} hm³", "{} 至 {} 的用水未知，按计划速率补 {} hm³"),
    (
        "Account `{}`, window {}: use from {} to {} is not known and filled at the planned rate, {} hm³.",
        "账户“{}”窗口 {}：{} 至 {} 的用水未知，按计划速率补 {} hm³。",
    ),
    ("The window of account `{}` lies outside the horizon: it bounds nothing here.", "账户“{}”的窗口在期外，本期不起约束。"),
    // Orders.
    ("A mean of {} m³/s", "日均{} m³/s"),
    ("Kept at a mean of {} m³/s", "维持现状，日均{} m³/s"),
    ("No orders are drafted: with what they would set, {}", "未拟调度令：按其取值求不出方案：{}"),
    (
        "No orders are drafted: the stated year is no dry one, of 75 % or more.",
        "未拟调度令：所取频率年不是枯水年（P≥75%）。",
    ),
    (
        "No orders are drafted: the plan rests on one deterministic inflow scenario.",
        "未拟调度令：方案只依据单一确定性来水情景。",
    ),
    (
        "No orders are drafted: a plan carried on by the rules was not solved with them.",
        "未拟调度令：后备方案按规则延续，未按调度令取值重新求解与审计。",
    ),
    // Rules that cannot hold together, and what gives way.
    ("{}: {} and {} cannot all be met: {} hm3 are missing", "{}：{}与{}不能同时满足：缺水 {} hm3"),
    ("{}: {} and {} cannot all be met: {} hm3 are too much", "{}：{}与{}不能同时满足：多水 {} hm3"),
    ("{}: {} and {} cannot all be met, whatever water there is", "{}：{}与{}不能同时满足，与水量多少无关"),
    ("{}: {} cannot be met: {} hm3 are missing", "{}：{}不能满足：缺水 {} hm3"),
    ("{}: {} cannot be met: {} hm3 are too much", "{}：{}不能满足：多水 {} hm3"),
    ("{}: {} cannot be met, whatever water there is", "{}：{}不能满足，与水量多少无关"),
    ("{} and {} cannot all be met, whatever water there is", "{}与{}不能同时满足，与水量多少无关"),
    ("{} cannot be met, whatever water there is", "{}不能满足，与水量多少无关"),
    (
        "{}: what water there is and where it must go cannot be balanced: {} hm3 are missing",
        "{}：来水与去向不能平衡：缺水 {} hm3",
    ),
    (
        "{}: what water there is and where it must go cannot be balanced: {} hm3 are too much",
        "{}：来水与去向不能平衡：多水 {} hm3",
    ),
    ("{} [{}]", "{}[{}]"),
    ("{} with gaps", "{}（间断）"),
    ("{}; assumed", "{}，待核"),
    ("`{}` of {} m3/s", "“{}”{} m³/s"),
    ("`{}` of {} m3/s a day", "“{}”每日 {} m³/s"),
    ("`{}` of {} m", "“{}”{} m"),
    ("`{}` of {} hm3", "“{}”{} hm3"),
    ("`{}` of {} hm3 a day", "“{}”每日 {} hm3"),
    ("what is asked for: {}, against what there is: {}", "所需：{}；可用：{}"),
    ("what comes: {}, against what may stay or leave: {}", "来水：{}；可蓄可泄：{}"),
    ("{} hm3 above the dead level of `{}` at the start", "{} hm3（“{}”期初死水位以上）"),
    ("{} hm3 in `{}` at the start", "{} hm3（“{}”期初蓄水）"),
    ("{} hm3 that `{}` takes", "{} hm3（“{}”取用）"),
    ("nothing", "无"),
    ("in all, with every rule held, {} hm3 are missing or too much", "全部规则同时保持时，合计差 {} hm3（不足或超出）"),
    ("{} hm3 that `{}` lacks to its dead level at the start", "{} hm3（“{}”期初距死水位所欠）"),
    ("{} hm3 of inflow", "来水 {} hm3"),
    ("{} hm3 of negative inflow", "负来水 {} hm3"),
    ("{} hm3 on its way at the start", "期初在途 {} hm3"),
    ("{} hm3 that come back of supplies", "回归水 {} hm3"),
    ("{} hm3 of evaporation", "蒸发 {} hm3"),
    ("{} hm3 of `{}`", "{} hm3（“{}”）"),
    ("{} hm3 for `{}`", "{} hm3（“{}”）"),
    ("{} hm3 by `{}`", "{} hm3（“{}”）"),
    ("{} hm3 otherwise", "其他 {} hm3"),
    ("`{}` gives way by {} hm3: {}", "“{}”让步 {} hm3：{}"),
    ("no rule can give way for it", "没有可以让步的规则"),
    (
        "what can give way, the least protected rule first; `weir solve --elastic` takes the first:",
        "可选让步，最不受保护的规则在先（weir solve --elastic 取第一项）：",
    ),
    // What a run fell back to.
    (
        "Not all rules can hold together: the least breach, in the order of the rules, stands for the plan.",
        "硬性规则不能同时满足：按规则次序取最小让步作为后备方案。",
    ),
    ("`{}` cannot hold {}: at least {} hm3 are missing or too much", "“{}”在 {} 不能满足：至少差 {} hm3（不足或超出）"),
    (
        "`{}` {}: {} hm3 more arrive than it can hold and pass on, whatever rule gives way",
        "“{}”{}：来水比所能蓄泄的多 {} hm3，任何规则让步也无济于事",
    ),
    ("`{}` {}: {} hm3 are physically missing, whatever rule gives way", "“{}”{}：缺水 {} hm3，任何规则让步也无济于事"),
    (
        "what is said of open and shut, of changes and of days met cannot all hold, however much water there is",
        "启闭、变动次数和保证率天数规则不能同时满足，与水量多少无关",
    ),
    ("`{}.assurance`: its days cannot be met with all other rules held", "“{}”的保证率天数在其他规则均满足时达不到"),
    (
        "The run found no plan: `{}`, in force, is carried on by the rules of today, and nothing is optimised.",
        "本次未能求得方案：按现行规则延续在执行方案“{}”，未作优化。",
    ),
    // Checks of a plan.
    ("{} rules checked, all kept within tolerance", "已校核规则 {} 项，均在允差内"),
    ("{} goals proved to be optimal within the model, the largest gap {}", "模型内最优性已证 {} 级，最大差距 {}"),
    ("{} goals proved, the others not", "模型内最优性已证 {} 级，其余未证"),
    ("`{}` is bounded, not proved: gap {}", "“{}”有界，未证最优：差距 {}"),
    ("the run could not solve its question and fell back to this plan", "本次未能求得正式方案，取此后备方案"),
    (
        "`{}`, in force, begins later: this plan does not take its place by itself",
        "在执行方案“{}”起始更晚：本方案不自行取代",
    ),
    ("{} inputs gathered, none replaced", "汇集输入 {} 项，无替代"),
    ("of {} inputs gathered, replaced: {}", "汇集输入 {} 项，其中用替代值：{}"),
    ("no change against `{}`, in force", "与在执行方案“{}”一致"),
    ("`{}` changes most against `{}`, in force: at {} from {} to {}", "“{}”与在执行方案“{}”相比变化最大：{} 由 {} 变为 {}"),
    (
        "`{}` changes most against `{}`, in force: at {} from {} to {}; the limit is {}",
        "“{}”与在执行方案“{}”相比变化最大：{} 由 {} 变为 {}，限值 {}",
    ),
    ("no warnings", "无预警"),
    ("warnings by grade: {}", "预警按等级：{}"),
    ("not done within {} s", "未在 {} 秒内完成"),
    ("`{}` ended {}", "“{}”求解以 {} 结束"),
    ("the plan does not pass the audit: {}", "方案未通过审计：{}"),
    // The network.
    (
        "Without a stated capacity, bounded by all the water upstream passing in one step: {}.",
        "未给过流能力，以上游全部水量一个时段内通过为界：{}。",
    ),
    (
        "{} is a junction at these steps; its level is the stated band, {} to {} m.",
        "{}在此时段长度下按节点计，不设库容；水位取所给区间 {} 至 {} m。",
    ),
    (
        "The floor of `{}` gives way where it is closed or its dated capacity is less.",
        "“{}”关闭或限流期间，其下限随之让出。",
    ),
    ("Objective `{}` counts nothing: the basin has {}.", "目标“{}”在本流域不计任何对象（{}）。"),
    (
        "`{}`: the input `{}` leaves open {}; there the basin's own values stand.",
        "“{}”：输入“{}”缺 {}，该段用流域文件的原值。",
    ),
    ("`{}` is held on means; of {} only the part within the horizon is judged.", "“{}”按时段均值考核；{}只考核期内部分。"),
    ("The storage of `{}` at the start is that of {}, {} days before.", "“{}”期初蓄水取 {} 的值，早于起点 {} 天。"),
    ("Curtailment `{}` takes no effect within the horizon.", "限水措施“{}”在期内不起作用。"),
    (
        "Planned as if `{}` had the head of the start all along, {} m, and measured at the heads that the plan has; `head = \"successive\"` in [method] plans by them.",
        "“{}”按期初水头 {} m 编制，电量按方案自身水头计算；[method] 中写 head = \"successive\" 即按实际水头编制。",
    ),
    (
        "Nothing shuts `{}`: the method `rules` lets all pass that its rating gives; a program, to which that is no line, plans its flow up to it.",
        "“{}”为自由溢流：方法 rules 按泄流曲线全部下泄；线性规划不能表示，其流量在泄流曲线以内取定。",
    ),
    ("Flood event of `{}` from {} until {} lies outside the horizon.", "{}洪水过程（{} 至 {}）在期外。"),
    (
        "Flood event of `{}` from {} until {} covers no step wholly and bounds nothing.",
        "{}洪水过程（{} 至 {}）不覆盖任何完整时段，本期不起约束。",
    ),
    (
        "Flood event of `{}` from {} until {} began before the start: without `observed_peak_m3s` its peak is that of the steps from the start on.",
        "{}洪水过程（{} 至 {}）始于期初以前：未给 observed_peak_m3s，洪峰取期初以后各时段。",
    ),
    ("Command `{}` ({}) lies outside the horizon.", "命令“{}”（{}）在期外。"),
    (
        "What the orders in force cost is not told: without them there is no plan: {}",
        "执行命令的代价无从比较：不执行命令时没有方案：{}",
    ),
    ("Satisfaction: less than half of {} lies in the horizon; it is counted with {}.", "满足度：{}不足一半在期内，并入{}。"),
    // The solve.
    (
        "not all rules could hold: stage 0 found the least breach, the most protected rules first ({} iterations)",
        "硬性规则不能全部满足：先求最小让步，最受保护的规则优先（{} 次迭代）",
    ),
    (
        "the order of stage {} was left unproved by weights: by its optimal face instead",
        "第 {} 级的次序未能由权重证明，改用最优面法",
    ),
    (
        "certified weights need a linear program and an engine that tells its basis: stage by stage instead",
        "权重证明需线性规划且求解器给出基，改为逐级求解",
    ),
    (
        "a stage kept by its optimal face at {} came out at {}: objective rows took the faces' place",
        "以最优面保持在 {} 的一级变为 {}，改用目标行保持",
    ),
    ("a stage kept by a row at {} still came out at {}", "以目标行保持在 {} 的一级仍变为 {}"),
    ("`{}`: {} in the program, {} on the plan", "“{}”：程序中为 {}，方案上为 {}"),
    (
        "a stage was infeasible on the optimal faces of those before: objective rows took the faces' place",
        "有一级在前几级的最优面上不可行，改用目标行保持",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: it is damaged",
        "初始基未采用，从头求解：文件已损坏",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: it is no basis of weir",
        "初始基未采用，从头求解：不是 weir 的基文件",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: it is of another version of weir",
        "初始基未采用，从头求解：出自另一版本的 weir",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: its time and the plan's have nothing in common",
        "初始基未采用，从头求解：其时段与本方案无交集",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: it knows {} of {} columns and rows by their addresses",
        "初始基未采用，从头求解：其地址只对得上 {} 个行列（共 {} 个）",
    ),
    (
        "the starting basis was not used, and the solve began from nothing: the engine takes none",
        "初始基未采用，从头求解：求解器不接受初始基",
    ),
    ("called infeasible at first, but not when asked again {}", "初次求解判为不可行，{}重解后可行"),
    ("without presolve", "关闭预处理"),
    ("without presolve and scaling", "关闭预处理与缩放"),
    ("by interior point", "用内点法"),
    (
        "that no plan keeps every rule is proved by a ray that holds in exact arithmetic",
        "不存在满足全部规则的方案：由射线证明，在精确算术下成立",
    ),
    (
        "that no plan keeps every rule is the engine's word, asked again without presolve, without scaling and by another algorithm",
        "不存在满足全部规则的方案：以求解器结论为准，已关闭预处理、关闭缩放并换算法复核",
    ),
    (
        "that no plan keeps every rule is the engine's word on what is open or shut and on days met, asked twice",
        "不存在满足全部规则的方案：含启闭与达标天数的整数规划以求解器结论为准，已复核一次",
    ),
    ("the data alone contradict each other", "数据本身相互矛盾"),
    ("the closing chain would have moved `{}` from {} to {} and was left out", "收口将使“{}”由 {} 变为 {}，故略去收口"),
    ("the closing chain found no plan and was left out", "收口未求得方案，故略去收口"),
    (
        "run by the rules of today, step by step, without knowing later inflow; nothing is optimised",
        "按现行规则逐时段模拟，不预知后期来水，未作优化",
    ),
    (
        "the plan in force, carried out as far as water and rules allow, and from its end on the rules of today; nothing is optimised",
        "按现行方案在水量与规则允许范围内执行，到期后按现行规则，未作优化",
    ),
    (
        "`{}`: {} is the best found within the limits; no plan does better than {}",
        "“{}”：{} 为限定时间与差距内所得的最好值，任何方案不会优于 {}",
    ),
    (
        "`{}`: {} is the best found within the limits; how much better a plan can be was not found out",
        "“{}”：{} 为限定时间与差距内所得的最好值，距可能的最好值还有多远未能判明",
    ),
    (
        "the weighted sum is the best found within the limits, within {} % of the best possible",
        "加权和为限定时间与差距内所得的最好值，与可能的最好值相差不超过{}%",
    ),
    (
        "the weighted sum is the best found within the limits; how much better a plan can be was not found out",
        "加权和为限定时间与差距内所得的最好值，距可能的最好值还有多远未能判明",
    ),
    (
        "water values and the closing chain are those of the program with what is open or shut fixed",
        "水价值与收口按启闭状态已定的线性规划得出",
    ),
    (
        "stage {} ended {} with whole numbers, though the plan of the stages before it meets every rule: that plan stands",
        "含启闭整数的第 {} 级求解以 {} 结束，而前几级的方案满足全部规则，以该方案为准",
    ),
    (
        "Linear program: rules of what is open or shut, and of days met, are left out ({}); `integers = true` in [method] holds them.",
        "线性规划：启闭与达标天数的规则未计入（{}）；[method] 中写 integers = true 即计入。",
    ),
    ("`{}`: {} by the heads that the program takes, {} at the plan's own", "“{}”：按程序所取水头为 {}，按方案自身水头为 {}"),
    (
        "`{}` at true heads: {} in the first plan, {} in this ({} programs, {} plans taken); no plan has more than {}.",
        "“{}”按实际水头：首个方案 {}，本方案 {}（求解{}次，采用{}次）；任何方案不超过 {}。",
    ),
    (
        "`{}` at true heads: {} in the first plan, {} in this ({} programs, {} plans taken); how much more a plan can have was not found out.",
        "“{}”按实际水头：首个方案 {}，本方案 {}（求解{}次，采用{}次）；还能增加多少未能判明。",
    ),
    (
        "Flood event of `{}` from {} to {} is taken from a first solve, and its outflow kept at or under the greatest natural inflow in it, {} m3/s.",
        "{}洪水过程（{} 至 {}）由首次求解得出，其间出库不超过期内天然来水洪峰 {} m³/s。",
    ),
    (
        "Flood event of `{}` from {} to {} is not bounded, since what is safer would give way: its outflow is not kept under the greatest natural inflow in it, {} m3/s.",
        "{}洪水过程（{} 至 {}）出库未按期内天然来水洪峰 {} m³/s 控制：否则更要紧的规则须让步，或水位至期末仍在汛限以上。",
    ),
    // Both sides of water values.
    (
        "both sides of water values are not told: the plan was run by the rules of today, which seek no optimum",
        "水价值两侧未求：方案按现行规则模拟，未求最优",
    ),
    ("both sides of water values are not told: the plan is a compromise of a front", "水价值两侧未求：方案为前沿上的折中点"),
    (
        "both sides of water values are not told: the plan has whole numbers, which change by jumps",
        "水价值两侧未求：方案含整数变量，变化是跳跃的",
    ),
    (
        "both sides of water values are not told: the plan was made at true heads, by a series of programs",
        "水价值两侧未求：方案按实际水头由一串规划得出",
    ),
    // Verification.
    ("signature: that of `{}` is not of this plan", "签名：“{}”的签名不是对本方案所签"),
    ("signature: the plan has none", "签名：方案没有签名"),
    ("signature: none is by the key {}, but by {}", "签名：没有公钥 {} 的签名，所载为 {}"),
    ("audit: the plan does not pass", "审核：方案未通过"),
    ("audit: `{}` is beyond tolerance, {}", "审核：“{}”超出允许误差，{}"),
    ("audit: {}", "审核：{}"),
    ("stages: `{}` stands at another place among the objectives", "目标：“{}”的次序与目标表不一致"),
    ("stages: `{}` is {} and is measured as {}", "目标：“{}”载为 {}，按方案量得 {}"),
    ("stages: the gap of `{}` is not that of its value and bound", "目标：“{}”的差距与其值和界不符"),
    ("stages: `{}` is {}, better than its bound {}", "目标：“{}”载为 {}，优于其界 {}"),
    ("stages: the tolerance of `{}` is {}; the basin gives {}", "目标：“{}”的让步幅度载为 {}，流域文件给 {}"),
    ("stages: the plan has {}; the basin asks for {}", "目标：方案次序为 {}，流域文件要求 {}"),
    ("certificate: the plan has none", "证书：方案无证书"),
    ("command_cost: `{}` is not {} in the plan", "命令代价：“{}”按方案不是 {}"),
    ("degraded: the plan does not say why its run fell back to it", "降级：方案未说明为何取后备方案"),
    ("not verified: that broke down", "未校核：校核中断"),
    ("certificate: the residual is not the largest of the audit", "证书：残差不是审核所载最大值"),
    ("certificate: the gap of `{}` is not that of its value and bound", "证书：“{}”的差距与其值和界不符"),
    ("certificate: duals of `{}`: {}", "证书：“{}”的对偶值：{}"),
    ("certificate: the proof of `{}` is not of the stage as it stands", "证书：“{}”的证明与所载目标不符"),
    ("certificate: `{}` is not given before `{}` as it stands", "证书：“{}”作为“{}”的前提与所载不符"),
    ("certificate: no proof of `{}`", "证书：缺“{}”的证明"),
    ("certificate: `{}` is no stage that can be proved", "证书：“{}”不是可证明的目标"),
    ("certificate: the duals of `{}` prove {}, not {}", "证书：“{}”的对偶值证得 {}，不是 {}"),
    ("certificate: the duals of `{}` prove no bound", "证书：“{}”的对偶值证不出界"),
    ("certificate: `{}` is {} on the plan, not {}", "证书：“{}”按方案为 {}，不是 {}"),
    ("certificate: `{}` is {}, better than its bound {}", "证书：“{}”为 {}，优于其界 {}"),
    ("certificate: it says `{}` of what is not proved; it should say `{}`", "证书：未证明的原因载为“{}”，应为“{}”"),
    ("series: `{}` is not the sum of its parts", "序列：“{}”与其各项之和不符"),
    ("series: `{}` does not begin with the start", "序列：“{}”与期初值不符"),
    (
        "series: a flow, storage or supply of the basin is not in the plan, or not on its steps",
        "序列：方案缺流域的某一流量、蓄水或供水，或时段不同",
    ),
    ("accounts: what is left of `{}` is not limit − used − planned", "账户：“{}”的余量不等于限额减已用减计划"),
    ("satisfaction: the ratio of `{}`, {}, is not supply ÷ demand", "满足度：“{}”（{}）不等于供水除以需水"),
    (
        "engine: the program formulated from this basin is not the one whose digest the plan tells",
        "模型：由该流域文件重建的模型与方案所载摘要不符",
    ),
    ("engine: the program has the size {}, not {}", "模型：规模为 {}，不是 {}"),
    ("engine: no way to ask this basin has method `{}`", "模型：该流域没有方法“{}”"),
    ("inputs: it is a plan of basin `{}`, not of `{}`", "输入：这是流域“{}”的方案，不是“{}”的"),
    (
        "inputs: the basin file is not the one that the plan was made from: SHA-256 {}, not {}",
        "输入：流域文件不是编制方案所用的那一份：SHA-256 为 {}，应为 {}",
    ),
    (
        "inputs: the plan rests on what its office gathered and laid over the basin, which this is not",
        "输入：方案依据调度机构收集并覆盖于流域文件的数据，此处没有",
    ),
    (
        "inputs: `{}` is not the series that the plan was made from: SHA-256 {}, not {}",
        "输入：“{}”不是编制方案所用的序列：SHA-256 为 {}，应为 {}",
    ),
    (
        "inputs: it keeps near to the plan in force `{}`, which is not given",
        "输入：方案参照在执行方案“{}”编制，未给出该方案",
    ),
    ("inputs: it knows of no plan in force, and `{}` is given", "输入：方案编制时无在执行方案，却给出了“{}”"),
    ("start: the basis given has SHA-256 {}, the plan began from {}", "初始基：所给文件 SHA-256 为 {}，方案所用为 {}"),
    ("start: the basis that the plan began from is not there: SHA-256 {}", "初始基：缺方案所用的初始基文件，SHA-256 为 {}"),
    (
        "time: `{}` was left where the limit of {} s ended its solve, which is not reproducible",
        "时限：“{}”由 {} s 的时限终止求解，不可重现",
    ),
    ("{}: {} entries in the plan, {} found again", "{}：方案有 {} 项，重算为 {} 项"),
    ("{}: {} in the plan, {} found again", "{}：方案为 {}，重算为 {}"),
    ("notes: the plan does not say `{}`", "说明：方案缺“{}”"),
    ("and {} more differences", "另有 {} 处不同"),
    // The balance.
    (
        "not the ways: `{}` had water, kept for other times, other uses or goals that come first; which of them is not told",
        "不受过流能力限制：“{}”当时有水，留作他时、他用或更靠前的目标，未能判明是哪一项",
    ),
    (
        "`{}` had water, kept for its storage at the end, which is no more than wanted",
        "“{}”当时有水，须留足期末蓄水，期末仅及要求",
    ),
    (
        "`{}` had water, let out for `{}`, which has no more than it is owed",
        "“{}”当时有水，用于保证“{}”应有流量，该流量仅及要求",
    ),
    (
        "`{}` had water, kept at the end for `{}`, goal {} in order, which comes first",
        "“{}”有水，但须先留足期末蓄水（目标“{}”，次序第{}位），期末仅及要求",
    ),
    ("the water of `{}` goes first to whom `{}` serves, goal {} in order", "“{}”的水先满足目标“{}”（次序第{}位）"),
    ("the water of `{}` goes first to the floors of supply", "“{}”的水先保各用户供水底线"),
    ("`{}` lies in zone `{}` of its rule curve, which hedges", "“{}”处于调度图“{}”，按图限供"),
    ("`{}` is at its lowest storage by {}: until then its water is shared out", "“{}”至{}降至最低库容，此前水量须匀用"),
    (
        "`{}` has no more to give: `{}` shares its water among those that fare alike",
        "“{}”的水已分尽，按目标“{}”与其他用户、时段同等分摊",
    ),
    ("held by the capacity of `{}`: more water upstream would not help", "受“{}”过流能力限制，加放水库水无效"),
    ("held by the command `{}`", "受调度命令“{}”限制"),
    ("held by the ceiling of `{}`", "受“{}”流量上限限制"),
    ("held by how fast `{}` may change", "受“{}”流量变幅限制"),
    ("`{}` is closed", "“{}”关闭"),
    ("held by the account `{}`, which is used up", "受“{}”控制水量限制，已用完"),
    ("no goal asks for more", "没有目标要求供更多"),
    ("`{}` is at its lowest storage", "“{}”已降至最低库容"),
    ("`{}` is at its lowest storage, `{}`", "“{}”已降至最低（{}）"),
    ("what `{}` would bring had to leave before the start", "“{}”在途时间长，须在期初以前放水才能到达"),
    ("all water of `{}` is taken", "“{}”来水不足，已全部利用"),
    ("cut by the curtailment `{}`, which is no shortage", "按限水措施“{}”压减，不计缺水"),
    (
        "Price of fairness: the worst entry of `{}`, {} %, cannot be lifted, whatever other goals give up.",
        "均衡代价：“{}”的最差满足度{}%无法再提高，其他目标让出多少都不行。",
    ),
    (
        "Price of fairness: lifting the worst entry of `{}` from {} % to {} % would move `{}` from {} to {}.",
        "均衡代价：“{}”的最差满足度由{}%提到{}%，将使“{}”由 {} 变为 {}。",
    ),
    (
        "leximin: at {} no entry is held in every optimum; those at it in the point found were taken",
        "逐级最大最小：在 {} 处没有必被限住的项，取所得点上处于该值的各项",
    ),
    ("leximin: a round ended {}; what was still free is kept at {}", "逐级最大最小：一轮以 {} 结束，其余各项保持在 {}"),
    // The audit.
    ("leaves the curve by {}", "至 {} 已超出库容曲线"),
    ("no_source", "无物理水源"),
    // Where series come from.
    ("profile month", "逐月典型过程"),
    ("profile 旬", "逐旬典型过程"),
    ("profile day", "逐日典型过程"),
    ("seasons", "分期取值"),
    ("derived", "推算"),
    (" or natural inflow", "与天然来水取小"),
    ("{} or natural inflow", "{}，与天然来水取小"),
    ("command {}", "命令 {}"),
];

/// A text of the document in both languages; `name` turns an id into a name where it is one.
pub fn statement(text: &str, name: impl Fn(&str) -> Option<String>) -> Phrase {
    let parts: Vec<Option<String>> = text.split("; ").map(|part| chinese(part, &name)).collect();
    // Several sentences that are all known are no one sentence whose place holds the others.
    let whole = if parts.iter().all(Option::is_some) { None } else { chinese(text, &name) };
    let said = whole.unwrap_or_else(|| {
        if parts.iter().all(Option::is_none) {
            return text.to_owned();
        }
        let said: Vec<String> =
            parts.into_iter().zip(text.split("; ")).map(|(said, part)| said.unwrap_or_else(|| part.to_owned())).collect();
        said.join("；")
    });
    both(without_hm3(&said), in_wan(text, " ×10⁴ m³").replace("m3/s", "m³/s"))
}

fn chinese(text: &str, name: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(conflict) = text.strip_prefix("Conflict: ").and_then(|sentence| chinese(sentence, name)) {
        return Some(format!("冲突：{conflict}"));
    }
    // The template with the most fixed text and the fewest places fits best.
    let unproved = UNPROVED.iter().map(|(_, chinese, english)| (english, chinese));
    KNOWN
        .iter()
        .chain(REASONS)
        .map(|(english, chinese)| (english, chinese))
        .chain(unproved)
        .filter_map(|(english, template)| Some((fixed_text(english), captured(english, text)?, template)))
        .max_by_key(|found| found.0)
        .map(|(_, values, template)| {
            let mut out = String::new();
            let mut pieces = template.split("{}");
            out.push_str(pieces.next().unwrap_or_default());
            for (piece, value) in pieces.zip(values) {
                out.push_str(&phrase(value, name));
                out.push_str(piece);
            }
            out
        })
}

/// A known word with how many of it there are, `orange 4`.
fn counted(text: &str) -> Option<String> {
    let (known, number) = text.rsplit_once(' ').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("{} {number}", word(known).chinese))
}

/// A date, or a time from one to another: `2026-08-04 – 2026-08-06`.
fn dated(text: &str) -> Option<String> {
    let day = |text: &str| {
        let time = || text.contains('T').then(|| text.parse().ok()).flatten().map(|at| quantity::time(at).chinese);
        text.parse().ok().filter(|_| !text.contains('T')).map(|date| quantity::date(date).chinese).or_else(time)
    };
    match text.split_once(" – ") {
        Some((from, to)) => Some(format!("{}至{}", day(from)?, day(to)?)),
        None => day(text),
    }
}

/// What stands in a template's place: a list of names and phrases, or a sentence; what is not known stands as it is.
fn phrase(value: &str, name: &impl Fn(&str) -> Option<String>) -> String {
    let said = |word: &str| {
        let id = word.trim_matches('`');
        let named = if id.contains('`') { None } else { name(id) };
        named.or_else(|| chinese(word, name)).or_else(|| counted(word)).or_else(|| dated(word))
    };
    let each: Vec<Option<String>> = value.split(", ").map(said).collect();
    if each.len() > 1
        && each.iter().any(Option::is_none)
        && let Some(whole) = chinese(value, name)
    {
        return whole;
    }
    let words = value.split(", ").zip(each).map(|(word, said)| said.unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join("、")
}

/// How much of a template is fixed, and how few its places are.
fn fixed_text(template: &str) -> (usize, std::cmp::Reverse<usize>) {
    let places = template.matches("{}").count();
    (template.len() - 2 * places, std::cmp::Reverse(places))
}

/// What stands in a template's places, if the text is one of it.
fn captured<'a>(template: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = template.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    let pieces: Vec<&str> = pieces.collect();
    for (index, piece) in pieces.iter().enumerate() {
        let end = if index + 1 == pieces.len() {
            let end = rest.len().checked_sub(piece.len())?;
            rest.ends_with(piece).then_some(end)?
        } else {
            rest.find(piece)?
        };
        values.push(&rest[..end]);
        rest = &rest[end + piece.len()..];
    }
    rest.is_empty().then_some(values)
}

/// The text with hm³ turned into 万m³: `3.2 hm³` is `320万m³`.
pub fn without_hm3(text: &str) -> String {
    in_wan(text, "万m³").replace("hm³", "百万m³").replace("hm3", "百万m³").replace("m3/s", "m³/s")
}

/// Volumes in hm³ in a text as so many of 万m³.
fn in_wan(text: &str, wan: &str) -> String {
    let (mut told, mut rest) = (String::new(), text);
    while let Some((at, unit)) = ["hm³", "hm3"].iter().filter_map(|unit| Some((rest.find(unit)?, unit))).min() {
        let before = rest[..at].trim_end_matches([' ', '\u{a0}', '\u{202f}']);
        let start = before
            .rfind(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        match before[start..].parse::<f64>() {
            Ok(value) => told.extend([&before[..start], &quantity::general(value * 100.0), wan]),
            Err(_) => told += &rest[..at + unit.len()],
        }
        rest = &rest[at + unit.len()..];
    }
    told + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        statement(text, |id| (id == "upper").then(|| "上库".to_owned())).chinese
    }

    #[test]
    fn texts_of_the_document_get_chinese_units() {
        assert_eq!(said("缺 3.2 hm³，另 0.05hm3"), "缺 320万m³，另 5万m³");
        let english = |text| statement(text, |_| None).english;
        assert_eq!(english("filled at 1.5000 hm³; of hm³"), "filled at 150 ×10⁴ m³; of hm³");
        assert_eq!(said("单位 hm³"), "单位 百万m³");
        assert_eq!(said("hm3"), "百万m³");
        assert_eq!(said("no volume; none at all"), "no volume; none at all");
    }

    #[test]
    fn known_notes_are_said_in_chinese() {
        assert_eq!(
            said("Command `order_12` (温防指〔2026〕12号) lies outside the horizon."),
            "命令“order_12”（温防指〔2026〕12号）在期外。"
        );
        assert_eq!(
            said("Without a stated capacity, bounded by all the water upstream passing in one step: upper, b."),
            "未给过流能力，以上游全部水量一个时段内通过为界：上库、b。"
        );
        assert_eq!(
            said(
                "use from 2026-01-01 to 2026-02-01 is not known and filled at the planned rate, 1.5000 hm³; the horizon covers 16.2 % of what is left of the window, by days"
            ),
            "2026年1月1日 至 2026年2月1日 的用水未知，按计划速率补 150万m³；本期占窗口剩余部分的16.2%（按天数分摊）"
        );
        assert_eq!(
            said("`upper` is bounded, not proved: gap 4.9e-3; `b` is bounded, not proved: gap 5.8e-6"),
            "“上库”有界，未证最优：差距 4.9e-3；“b”有界，未证最优：差距 5.8e-6"
        );
        assert_eq!(said("warnings by grade: orange 4, 提示 2"), "预警按等级：橙色 4、提示 2");
        assert_eq!(
            said("2026-08-04 – 2026-08-06: `upper` cannot be met: 3.46 hm3 are missing"),
            "2026年8月4日至2026年8月6日：上库不能满足：缺水 346万m³"
        );
        assert_eq!(
            said("`upper` is at its lowest storage by 2026-08-04T08:00: until then its water is shared out"),
            "“上库”至2026年8月4日8时降至最低库容，此前水量须匀用"
        );
        assert_eq!(said(" or natural inflow"), "与天然来水取小");
        assert_eq!(said("0.8 of target or natural inflow"), "0.8 of target，与天然来水取小");
    }

    /// One of each kind of `model/src/document/build/reasons.rs`.
    #[test]
    fn reasons_are_said_in_chinese() {
        let named = |id: &str| {
            let names = [("shanxi", "珊溪水库"), ("south_canal", "南干渠"), ("reserve", "留足明春供水"), ("dead", "死水位")];
            names.iter().find(|(known, _)| *known == id).map(|(_, name)| (*name).to_owned())
        };
        for (english, chinese) in [
            (
                "held by the capacity of `south_canal`: more water upstream would not help",
                "受“南干渠”过流能力限制，加放水库水无效",
            ),
            (
                "`shanxi` had water, kept at the end for `reserve`, goal 3 in order, which comes first",
                "“珊溪水库”有水，但须先留足期末蓄水（目标“留足明春供水”，次序第3位），期末仅及要求",
            ),
            (
                "`shanxi` had water, kept for its storage at the end, which is no more than wanted",
                "“珊溪水库”当时有水，须留足期末蓄水，期末仅及要求",
            ),
            (
                "`shanxi` had water, let out for `release`, which has no more than it is owed",
                "“珊溪水库”当时有水，用于保证“release”应有流量，该流量仅及要求",
            ),
            (
                "the water of `shanxi` goes first to whom `reserve` serves, goal 4 in order",
                "“珊溪水库”的水先满足目标“留足明春供水”（次序第4位）",
            ),
            ("the water of `shanxi` goes first to the floors of supply", "“珊溪水库”的水先保各用户供水底线"),
            ("`shanxi` lies in zone `限供区` of its rule curve, which hedges", "“珊溪水库”处于调度图“限供区”，按图限供"),
            (
                "`shanxi` is at its lowest storage by 2026-12-03: until then its water is shared out",
                "“珊溪水库”至2026年12月3日降至最低库容，此前水量须匀用",
            ),
            (
                "`shanxi` has no more to give: `reserve` shares its water among those that fare alike",
                "“珊溪水库”的水已分尽，按目标“留足明春供水”与其他用户、时段同等分摊",
            ),
            ("held by the command `order`", "受调度命令“order”限制"),
            ("held by the ceiling of `shanxi`", "受“珊溪水库”流量上限限制"),
            ("held by how fast `shanxi` may change", "受“珊溪水库”流量变幅限制"),
            ("held by the account `permit`, which is used up", "受“permit”控制水量限制，已用完"),
            ("no goal asks for more", "没有目标要求供更多"),
            ("`shanxi` is at its lowest storage", "“珊溪水库”已降至最低库容"),
            ("`shanxi` is at its lowest storage, `dead`", "“珊溪水库”已降至最低（死水位）"),
            ("what `shanxi` would bring had to leave before the start", "“珊溪水库”在途时间长，须在期初以前放水才能到达"),
            ("all water of `shanxi` is taken", "“珊溪水库”来水不足，已全部利用"),
            ("`south_canal` is closed", "“南干渠”关闭"),
            ("cut by the curtailment `saving`, which is no shortage", "按限水措施“saving”压减，不计缺水"),
        ] {
            assert_eq!(statement(english, named).chinese, chinese);
        }
    }

    #[test]
    fn each_template_has_as_many_places_in_both_languages() {
        for (english, chinese) in KNOWN.iter().chain(REASONS) {
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{english}");
        }
    }
}
