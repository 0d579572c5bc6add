//! Why warnings stand and rules give way, and what could be done: what `model/src/document/build/because.rs` says.

/// English, and how it is said in Chinese.
pub(super) const REASONS: &[(&str, &str)] = &[
    ("what holds it was not found", "未能判明限制因素"),
    (
        "nothing but other goals forces it: the goals are weighed against each other, and here others weigh more",
        "仅因其他目标：各目标按权重取舍，此处其他目标权重更大",
    ),
    // Who or what would lift it.
    ("a wider `{}`, or water from below it, would help", "扩大“{}”过流能力或由其下游水源补充可缓解"),
    (
        "`{}` holds water, and `{}` has room for more of it, at the cost of what it is kept for",
        "“{}”尚有水，“{}”有余量可加放，但须动用其留存水量",
    ),
    (
        "a wider `{}`, a higher level of `{}`, or water from below it, would help",
        "扩大“{}”泄流能力、抬高“{}”水位或由其下游水源补充可缓解",
    ),
    (
        "more water would help only through a wider `{}`, or from below it",
        "须扩大“{}”过流能力后增水方可缓解，或由其下游水源补充",
    ),
    (
        "more water would help only through an open `{}`, or from below it",
        "须恢复“{}”通水后增水方可缓解，或由其下游水源补充",
    ),
    ("nothing more could be let out before either", "此前也不能再多下泄"),
    ("before that it held no water to let out", "此前库内无水可预泄"),
    (
        "a part of it could be let out before: one scenario of inflow does not tell whether to",
        "此前可预泄其中一部分：仅凭一种来水情景不足以决定是否预泄",
    ),
    ("a wider `{}` would help", "扩大“{}”过流能力可缓解"),
    ("opening `{}` would help", "“{}”恢复通水后可缓解"),
    ("only who gave the order `{}` can change it", "须报请命令“{}”的发令单位调整"),
    ("only who set the limit of `{}` can lift it", "须报请“{}”限值的批准单位调整"),
    ("more may be taken only beyond the account `{}`", "再增须突破“{}”控制水量"),
    (
        "more may be taken only of what the account `{}` keeps for the days after the end",
        "再增须动用“{}”留给计划期以后的水量",
    ),
    ("nothing that is let into `{}` from the start on arrives in time", "期初以后放入“{}”的水均不能及时到达"),
    ("a goal or a floor would have to ask for it", "须增列目标或底线后方可增供"),
    // What stands by.
    (
        "`{}` holds {} hm3 above its lowest when it ends: up to {} m3/s more of it, {} hm3 in all, would end every warning here, at the cost of what it is kept for",
        "“{}”届时最低库容以上尚存 {} hm3，最多加放 {} m³/s（共 {} hm3）即可解除此处各级预警，代价由其留水用途承担",
    ),
    (
        "to end every warning here would take up to {} m3/s, {} hm3 in all, when it arrives: `{}` holds {} hm3 above its lowest, at the cost of what they are kept for, but not all that it lets out arrives, or in the same step",
        "解除此处各级预警须最多增 {} m³/s、共 {} hm3（按到达计）：“{}”最低库容以上尚存 {} hm3，动用由其留水用途承担代价，但放出的水有传播时间或沿程损失",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` holds {} hm3 above its lowest when it ends, and `{}` may not let it out so fast, or at all",
        "解除此处各级预警须增 {} hm3：“{}”届时最低库容以上尚存 {} hm3，但“{}”可能不允许这么快放出或不允许放出",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` holds water, but what lies below does not pass that much on",
        "解除此处各级预警须增 {} hm3，“{}”有水，但断面以下不能通过这么多",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` can give a part of it, as far as its lowest and the ways from it let it, at the cost of what it is kept for",
        "解除此处各级预警须增 {} hm3，“{}”只能加放一部分，受其最低库容和出库过流能力限制，代价由其留水用途承担",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` can give {} hm3 of it and is then at its lowest, at the cost of what it is kept for",
        "解除此处各级预警须增 {} hm3，“{}”降至最低库容也只能加放 {} hm3，代价由其留水用途承担",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` holds water, but `{}` does not let that much of it out",
        "解除此处各级预警须增 {} hm3，“{}”有水，但“{}”不允许下泄这么多",
    ),
    (
        "to end every warning here would take {} hm3 more: `{}` holds water, but the ways from it do not pass that much",
        "解除此处各级预警须增 {} hm3，“{}”有水，但出库过流能力不足",
    ),
    (
        "no standby source could bring it more, and no curtailment that may be ordered bears on it",
        "没有可增供的备用水源，也没有可下达的相关限水措施",
    ),
    (
        "the standby source `{}` is shut: a mode in which it is used, its calendar or an overlay would have to open it",
        "备用水源“{}”未启用，须由启用它的运行模式、其启用时段或情景文件开启",
    ),
    (
        "the standby source `{}` could bring more, as far as rules, permits and the ways from it let it through",
        "备用水源“{}”尚可增供，但受规则、许可或其下游通道限制",
    ),
    ("the standby source `{}` could bring {} hm3 more", "备用水源“{}”尚可增供 {} hm3"),
    ("curtailments that may be ordered: {}", "可下达限水措施：{}"),
    ("`{}` by {} %", "“{}”（压减{}%）"),
    ("`{}` by {} % from response {} on", "“{}”（压减{}%，{}级及以上响应）"),
    // Storages.
    ("until {} {} hm3 came into `{}`, and there left it: {}", "期初至{}有 {} hm3 进入“{}”，去向：{}"),
    ("{} hm3 for use", "引取 {} hm3"),
    ("{} hm3 let out to the river", "出库 {} hm3"),
    ("{} hm3 lost to air and ground", "蒸发渗漏 {} hm3"),
    ("it starts {} hm3 under it", "期初即欠蓄 {} hm3"),
    ("most of it by `{}`, {} hm3", "其中“{}”最多，为 {} hm3"),
    ("most of it by `{}`", "其中“{}”最多"),
    ("the outlets of `{}` pass all that they can, {} m3/s", "“{}”泄水设施已全部用足（合计 {} m³/s）"),
    ("what `{}` lets out is held by `{}`", "“{}”出库受“{}”限制"),
    ("what `{}` lets out is held by `{}` downstream", "“{}”出库受下游“{}”限制"),
    ("what `{}` lets out is held by the capacity of `{}` downstream", "“{}”出库受下游“{}”过流能力限制"),
    ("what `{}` lets out is held by how `{}` may be opened and changed", "“{}”出库受“{}”启闭和调节次数的规则限制"),
    ("the outlets of `{}` have room, and nothing asks for less in it", "“{}”泄水能力有余，没有目标要求降低水位"),
    ("the outlets of `{}` have room, and what keeps the water in it was not found", "“{}”泄水能力有余，未能判明为何不泄"),
    ("`{}` keeps as much in `{}`", "“{}”要求“{}”保持这么多蓄水"),
    ("`{}` asks for as much in `{}` by {}", "“{}”要求“{}”至{}保有这么多蓄水"),
    ("`{}` lets `{}` fall no faster", "“{}”限制“{}”的降落速度，不能降得更快"),
    (
        "{} hm3 more could be let out from {} on: one scenario of inflow does not tell whether to",
        "另有 {} hm3 可自{}起提前下泄，是否预泄不能仅凭单一来水情景判断",
    ),
    ("its outlets had no room for it before either", "此前泄水能力也无余量"),
    ("the floor of `{}` asks for the flow", "“{}”的下限要求该流量"),
    ("the account `{}` asks for the flow, and has no more than it is due", "账户“{}”要求该流量，且未超过应放水量"),
    ("the target of `{}` asks for the flow", "“{}”的目标要求该流量"),
    ("what runs in `{}` passes no less than {} m3/s", "“{}”开机流量不小于 {} m³/s"),
    ("no gate shuts `{}`: it passes what the level gives", "“{}”无闸门控制，随库水位自由溢流"),
    ("`{}` lets no more water stay in `{}`", "“{}”不允许更多水存于“{}”"),
    ("`{}` lets no more water stay in `{}` by {}", "“{}”不允许“{}”至{}存有更多水"),
    ("`{}` is full, and what arrives there goes on", "“{}”已蓄满，来水只能下泄"),
    ("`{}` makes room for what comes until {}, when it is full", "“{}”为至{}前的来水腾出库容，届时蓄满"),
    ("`{}` has reached its flood limit, and what arrives there goes on", "“{}”已达汛限水位，来水下泄"),
    (
        "`{}` makes room for what comes until {}, when it has reached its flood limit",
        "“{}”为至{}前的来水腾出库容，届时达到汛限水位",
    ),
    ("what left by `{}` before the start arrives", "期初以前经“{}”下泄的水此时到达"),
    ("`{}` lets the flow fall no faster", "“{}”限制流量降幅，不能降得更快"),
    ("the floors of supply ask for what leaves `{}`", "“{}”的水须先满足供水底线"),
    ("the water goes to the storage that `{}` must hold at the end", "该水量用于“{}”期末必须保持的蓄水"),
    ("`{}` is not proved to be at its best: less may be possible", "目标“{}”未证最优，或可更少"),
    ("`{}` is above it by no more than the least breach is held to within", "“{}”超出量不大于最小让步求解的允差"),
    (
        "the outlets of `{}` have no more room than the least breach is held to within",
        "“{}”泄水余量不大于最小让步求解的允差",
    ),
    ("`{}` is at its lowest storage by {}, and needs the water", "“{}”至{}降至最低库容，需要该水量"),
    ("`{}` passes more the more `{}` holds", "“{}”的过流能力随“{}”蓄水增加"),
    ("`{}`, goal {} in order, comes first, and would fare worse with less", "目标“{}”次序在前（第{}位），流量再减即受损"),
    (
        "`{}`, goal {} in order, comes first, and would fare worse with less in `{}`",
        "目标“{}”次序在前（第{}位），“{}”少蓄即受损",
    ),
    ("`{}` leaves as much open, and what comes after it takes it", "目标“{}”对此留有余地，由次序在后的目标取用"),
    ("`{}` brings {} m3/s, which no storage holds", "“{}”来水 {} m³/s，无水库可拦蓄"),
    ("it starts {} hm3 above it and is back by {}", "期初超蓄 {} hm3，至{}回落到限值以内"),
    ("it starts {} hm3 above it and is not back by the end", "期初超蓄 {} hm3，至期末未能回落到限值以内"),
    ("it starts {} hm3 below it and is back by {}", "期初欠蓄 {} hm3，至{}回升到限值以上"),
    ("it starts {} hm3 below it and is not back by the end", "期初欠蓄 {} hm3，至期末未能回升到限值以上"),
    // Sections.
    ("the target is met, with {} m3/s to spare", "目标流量已满足，富余 {} m³/s"),
    ("the target is met, and no more", "目标流量恰好满足"),
    // Accounts.
    ("{} hm3 were used before and {} hm3 are planned, of {} hm3", "期前已用 {} hm3，本方案 {} hm3，控制量 {} hm3"),
    ("{} hm3 are planned where {} hm3 may be used within the horizon", "期内计划 {} hm3，可用 {} hm3"),
    ("{} hm3 are planned where {} hm3 are due within the horizon", "期内计划 {} hm3，应达 {} hm3"),
    (
        "`{}`, goal {} in order, keeps it: what comes before goes on",
        "柔性账户，由目标“{}”控制（次序第{}位），次序在前的目标先用水",
    ),
    ("it is hard by no document, and no goal keeps it", "柔性账户，未列文号，也没有目标控制"),
    ("{} hm3 of it are left when the window ends", "窗口期末尚余 {} hm3"),
    ("its limit was used up before the start", "控制量在期初以前已用完"),
    ("its limit is reached on {}", "控制量至{}用完"),
    ("the {} hm3 that are left last {} days at the plan's mean", "剩余 {} hm3，按本方案平均用水可用{}天"),
    ("the floors of `{}` ask for {} hm3 of `{}`", "“{}”的供水底线需 {} hm3，由“{}”取用"),
    // Ways.
    (
        "the program holds the outlet by straight lines over its rating: at the step's mean storage it passes {} of {} m3/s",
        "泄流曲线在模型中按折线外包近似，按该时段平均蓄水只能下泄 {} m³/s（计划 {} m³/s）",
    ),
    (
        "shorter steps, or a flow set by hand, bring it under the rating, and the replay tells what it comes to",
        "缩短时段或人工修改该流量可消除，回放给出实际结果",
    ),
    ("a mean of {} m3/s is less than the {} m3/s at which it runs", "日均 {} m³/s 低于最小开机流量 {} m³/s"),
    (
        "run {} hours a day at its least flow, with the floor of `{}` let out beside it for the rest, it passes the day's water, and `integers = true` in [method] plans by it",
        "按最小开机流量每日运行{}小时，其余时间另行泄放“{}”下限流量，即可通过当日水量，[method] 中写 integers = true 即按此编制",
    ),
    (
        "let the day's water out beside it by the floor of `{}`: it need not run, and `integers = true` in [method] plans by it",
        "当日水量全部按“{}”下限流量另行泄放，不必开机，[method] 中写 integers = true 即按此编制",
    ),
    (
        "run {} hours a day at its least flow it passes the day's water, and `integers = true` in [method] plans by it",
        "按最小开机流量每日运行{}小时即可通过当日水量，[method] 中写 integers = true 即按此编制",
    ),
    (
        "of what leaves from {} on, {} hm3, {} hm3 are still on their way at the end",
        "自{}起下泄 {} hm3，其中 {} hm3 期末尚在途中",
    ),
    ("it is not lost: a longer horizon counts it where it arrives", "水量不损失，延长计划期即计入"),
];
