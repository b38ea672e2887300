"""The made-up portfolio as two creditors would write it: their headers, their codes, their formats."""

from typing import Any

import polars as pl

from fairdue.intake.portfolio.debts import Debts
from fairdue.intake.portfolio.people import Persons, Rng

_CN_RELATIONS = {
    "spouse": "配偶", "parent_of_adult": "父母", "sibling": "兄弟姐妹", "friend": "朋友",
    "other_third_party": "同事", "employer": "单位", "debtor": "本人",
}  # fmt: skip
_CN_RESULTS = {
    "unanswered": "无人接听", "busy": "占线", "not_in_service": "空号", "conversation": "接通",
    "wrong_person": "非本人",
    "voicemail_left": "语音留言", "dropped": "挂断", "delivered": "已送达",
}  # fmt: skip
_CN_OUTCOMES = {
    "none": "无", "promise": "承诺还款", "refuses": "拒绝还款", "hardship": "经济困难", "dispute": "有异议",
    "claims_paid": "称已还款", "call_back": "要求回电", "abusive": "辱骂", "wrong_number": "号码错误",
}  # fmt: skip
_CN_NOTES = {
    "none": "",
    "promise": "客户承诺按期还款，已告知金额与日期。",
    "refuses": "客户表示目前不愿还款，未说明原因。",
    "hardship": "客户称收入减少、家中有病人，希望延期。", "dispute": "客户称金额不符，要求提供明细。",
    "claims_paid": "客户称已还，请核对流水。", "call_back": "客户在忙，约定改天再联系。",
    "abusive": "客户情绪激动，言语辱骂，已礼貌结束通话。",
    "wrong_number": "接听者称不认识借款人，已停止拨打该号码。",
}  # fmt: skip
_US_NOTES = {
    "none": "",
    "promise": "Promised to pay; amount and date confirmed.",
    "refuses": "Will not pay now, gave no reason.",
    "hardship": "Hours cut at work, medical bills; asked for time.",
    "dispute": "Says the amount is wrong, wants a breakdown.",
    "claims_paid": "Says it is paid already; check receipts.", "call_back": "Busy; asked to be called another day.",
    "abusive": "Shouted and swore; call ended politely.",
    "wrong_number": "Number belongs to somebody else; not to be used.",
}  # fmt: skip
_US_RELATIONS = {
    "spouse": "Spouse", "parent_of_adult": "Parent", "sibling": "Sibling", "friend": "Friend",
    "other_third_party": "Coworker", "employer": "Employer", "debtor": "Self",
}  # fmt: skip
_US_RESULTS = {
    "unanswered": "NO ANSWER", "busy": "BUSY", "not_in_service": "DISCONNECTED", "conversation": "CONTACT",
    "wrong_person": "WRONG PARTY", "voicemail_left": "LEFT MESSAGE", "dropped": "HUNG UP", "delivered": "SENT",
}  # fmt: skip
_PRODUCTS_CN = ("消费贷", "现金分期", "教育分期")
_METHODS = {"CN": ("银行卡代扣", "支付宝", "微信", "对公转账"), "US": ("ACH", "Debit card", "Check", "Online")}
_CHANNELS_CN = {"call": "电话", "sms": "短信", "email": "邮件", "letter": "信函", "visit": "外访"}
_PROOFS = (0.95, 0.97, 0.91, 0.93, 0.88)


def accounts(rng: Rng, people: Persons, debts: Debts, *, country: str) -> pl.DataFrame:
    """The account file of a chunk."""
    owner = people.frame[debts.person]
    paid = debts.payments.group_by("account").agg(pl.col("happened_on").max().alias("last"))
    own = debts.accounts.join(paid, left_on="external_ref", right_on="account", how="left", maintain_order="left")
    proofs = [pl.Series(rng.random(len(own)) < share) for share in _PROOFS]
    return _accounts_cn(rng, owner, own, proofs) if country == "CN" else _accounts_us(owner, own, proofs)


def _accounts_cn(rng: Rng, owner: pl.DataFrame, own: pl.DataFrame, proofs: list[pl.Series]) -> pl.DataFrame:
    day = _day("%Y/%m/%d")
    zh = owner["region"].str.slice(3)
    employer = owner["has_employer"]
    yes = pl.Series(["否", "是"])
    contract, identity, chain, statement, flow = (yes.gather(proof.cast(pl.Int32)) for proof in proofs)
    return pl.DataFrame(
        {
            "借据号": own["external_ref"],
            "产品": pl.Series(_PRODUCTS_CN).gather(rng.integers(0, 3, len(own))),
            "剩余本金": _money(own["principal"]),
            "剩余利息": _money(own["interest"]),
            "罚息": _money(own["penalty"]),
            "费用": _money(own["fees"]),
            "借款金额": _money(own["amount"]),
            "放款日期": day(own["opened_on"]),
            "年利率": own["rate"] + "%",
            "期数": own["term"],
            "最近还款日": day(own["last"]),
            "时效届满日": day(own["limitation_on"]),
            "客户号": "C" + owner["number"].cast(pl.String).str.zfill(9),
            "姓名": owner["name"],
            "证件类型": pl.Series(["身份证"]).new_from_index(0, len(own)),
            "证件号码": owner["national_id"],
            "性别": pl.Series(["", "男", "女"]).gather(owner["sex"]),
            "省份": zh,
            "月收入": _money(owner["income"]),
            "手机号": owner["phone"],
            "备用电话": owner["phone2"],
            "邮箱": owner["email"],
            "联系地址": owner["address"],
            "联系人1姓名": owner["contact_name"],
            "联系人1关系": _table(owner["contact_relation"], _CN_RELATIONS),
            "联系人1电话": owner["contact_phone"],
            "联系人2姓名": owner["employer"].set(~employer, None),
            "联系人2关系": pl.Series(["单位"]).new_from_index(0, len(own)).set(~employer, None),
            "委案批次": own["placement"],
            "委案日期": day(own["placed_on"]),
            "退案日期": day(own["placement_ends_on"]),
            "借款合同": contract,
            "身份证明": identity,
            "债权转让": chain,
            "对账单": statement,
            "还款流水": flow,
        }
    )


def _accounts_us(owner: pl.DataFrame, own: pl.DataFrame, proofs: list[pl.Series]) -> pl.DataFrame:
    day = _day("%m/%d/%Y")
    yes = pl.Series(["N", "Y"])
    contract, identity, chain, statement, flow = (yes.gather(proof.cast(pl.Int32)) for proof in proofs)
    employer = owner["has_employer"]
    return pl.DataFrame(
        {
            "Account Number": own["external_ref"],
            "Customer ID": "U" + owner["number"].cast(pl.String).str.zfill(9),
            "Full Name": owner["name"],
            "Tax ID": owner["national_id"],
            "Date of Birth": day(owner["birth_on"]),
            "State": owner["region"].str.slice(3),
            "Mailing Address": owner["address"],
            "Mobile Phone": _american(owner["phone"]),
            "Home Phone": _american(owner["phone2"]),
            "Email": owner["email"],
            "Monthly Income": _money(owner["income"]),
            "Principal Balance": _money(own["principal"]),
            "Interest Balance": _money(own["interest"]),
            "Default Interest": _money(own["penalty"]),
            "Fees": _money(own["fees"]),
            "Credit Limit": _money(own["limit"]),
            "Date Opened": day(own["opened_on"]),
            "APR": own["rate"],
            "Last Payment Date": day(own["last"]),
            "Statute of Limitations": day(own["limitation_on"]),
            "Contact 1 Name": owner["contact_name"],
            "Contact 1 Relationship": _table(owner["contact_relation"], _US_RELATIONS),
            "Contact 1 Phone": _american(owner["contact_phone"]),
            "Contact 2 Name": owner["employer"].set(~employer, None),
            "Contact 2 Relationship": pl.Series(["Employer"]).new_from_index(0, len(own)).set(~employer, None),
            "Placement": own["placement"],
            "Placement Date": day(own["placed_on"]),
            "Recall Date": day(own["placement_ends_on"]),
            "Has Contract": contract,
            "Has Identity": identity,
            "Has Chain Of Title": chain,
            "Has Statements": statement,
            "Has Payment History": flow,
        }
    )


def dues(debts: Debts, *, country: str) -> pl.DataFrame:
    """The file of bills or instalments of a chunk."""
    day = _day("%Y/%m/%d" if country == "CN" else "%m/%d/%Y")
    heads = (
        ("借据号", "期次", "应还日期", "应还本金", "应还利息", "应还费用")
        if country == "CN"
        else ("Account Number", "Statement Number", "Due Date", "Principal Due", "Interest Due", "Fees Due")
    )
    frame = debts.dues
    money = (_money(frame[name]) for name in ("principal", "interest", "fees"))
    return pl.DataFrame(dict(zip(heads, (frame["account"], frame["n"], day(frame["due_on"]), *money), strict=True)))


def payments(debts: Debts, *, country: str) -> pl.DataFrame:
    """The payment file of a chunk."""
    chinese = country == "CN"
    day = _day("%Y/%m/%d" if chinese else "%m/%d/%Y")
    frame = debts.payments
    words = ("还款", "冲正") if chinese else ("Payment", "Reversal")
    heads = (
        ("借据号", "流水号", "还款日期", "登记日期", "还款金额", "还款方式", "交易类型", "原流水号")
        if chinese
        else ("Account Number", "Payment Reference", "Payment Date", "Posting Date", "Amount", "Method", "Type",
              "Original Reference")
    )  # fmt: skip
    columns = (
        frame["account"],
        frame["reference"],
        day(frame["happened_on"]),
        day(frame["learned_on"]),
        _money(frame["cents"]),
        pl.Series(_METHODS[country]).gather(frame["method"]),
        pl.Series(words).gather(frame["reversal"].cast(pl.Int32)),
        frame["reverses"],
    )
    return pl.DataFrame(dict(zip(heads, columns, strict=True)))


def contacts(frame: pl.DataFrame, *, country: str) -> pl.DataFrame:
    """The contact file of a chunk: local time of Shanghai for the lender, UTC for the issuer."""
    chinese = country == "CN"
    local = (
        frame["day"].cast(pl.Int32).cast(pl.Date).cast(pl.Datetime("us"))
        + pl.select(pl.duration(minutes=pl.lit(frame["minute"]))).to_series()
    )
    relation = _table(frame["relation"], _CN_RELATIONS if chinese else _US_RELATIONS)
    result = _table(frame["result"], _CN_RESULTS if chinese else _US_RESULTS)
    outcome = _table(frame["outcome"], _CN_OUTCOMES) if chinese else frame["outcome"].str.to_uppercase()
    note = _table(frame["outcome"], _CN_NOTES if chinese else _US_NOTES)
    written = local.dt.strftime("%Y-%m-%d %H:%M:%S") if chinese else _utc(local, frame["zone"])
    heads = (
        ("借据号", "催收时间", "渠道", "联系对象", "结果", "电话", "沟通结果", "承诺日期", "承诺金额", "工号", "备注",
         "记录编号")
        if chinese
        else ("Account Number", "Contact Time", "Channel", "Party", "Result", "Phone", "Outcome", "Promise Date",
              "Promise Amount", "Agent", "Note", "Record Number")
    )  # fmt: skip
    columns = (
        frame["account"],
        written,
        _table(frame["channel"], _CHANNELS_CN) if chinese else frame["channel"].str.to_uppercase(),
        relation,
        result,
        frame["phone"] if chinese else _american(frame["phone"]),
        outcome,
        _day("%Y/%m/%d" if chinese else "%m/%d/%Y")(frame["promise_on"]),
        _money(frame["promise_cents"]),
        ("G" if chinese else "A") + frame["agent"].cast(pl.String).str.zfill(3),
        note.set(note == "", None),
        frame["account"] + "-T" + frame["number"].cast(pl.String),
    )
    return pl.DataFrame(dict(zip(heads, columns, strict=True)))


def _utc(local: pl.Series, zones: pl.Series) -> pl.Series:
    """2026-03-01T15:04:00Z of local times, each in its own zone (there are few zones: one pass each)."""
    written = pl.Series([None], dtype=pl.String).new_from_index(0, len(local)) if len(local) else zones
    for zone in zones.unique().to_list():
        there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        utc = there.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        written = utc.zip_with(zones == zone, written)
    return written


def _money(cents: pl.Series) -> pl.Series:
    """1234.50 of minor units."""
    return (cents // 100).cast(pl.String) + "." + (cents % 100).cast(pl.String).str.zfill(2)


def _american(phone: pl.Series) -> pl.Series:
    """(212) 555-0143 of 12125550143."""
    return phone.str.replace(r"^1(\d{3})(\d{3})(\d{4})$", "($1) $2-$3")


def _table(codes: pl.Series, names: dict[str, str]) -> pl.Series:
    return codes.replace_strict(names, default=None, return_dtype=pl.String)


def _day(layout: str) -> Any:
    def written(days: pl.Series) -> pl.Series:
        return days.dt.strftime(layout)

    return written
