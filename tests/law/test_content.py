"""The content check: what is marked, what is not, and that hiding a phrase does not help."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.law import content, figures, packs, wordlists
from fairdue.law.codes import Channel, Content, Jurisdiction, Relation
from fairdue.law.facts import code_of

CN, US = Jurisdiction.CN, Jurisdiction.US
EXPRESSIONS = [(each, entry) for each in wordlists.standard() for entry in each.expressions]


def check(text, place=CN, relation=Relation.DEBTOR, **more):
    return content.check(text, jurisdiction=place, relation=relation, **more)


def categories(text, place=CN, relation=Relation.DEBTOR, **more):
    return {mark.category.name.lower() for mark in check(text, place, relation, **more)}


def of_example(example):
    if isinstance(example, str):
        return example, Relation.DEBTOR
    return example["text"], code_of(Relation, example["relation"])


# ---- the lists' own examples


@pytest.mark.parametrize(("words", "entry"), EXPRESSIONS, ids=[entry.id for _, entry in EXPRESSIONS])
def test_every_example_is_marked_or_not_as_written(words, entry):
    place = words.jurisdiction or 0
    for example in entry.examples["marked"]:
        text, relation = of_example(example)
        assert entry.id in {mark.expression for mark in check(text, place, relation)}, text
    for example in entry.examples["clean"]:
        text, relation = of_example(example)
        assert check(text, place, relation) == (), text


def test_every_expression_is_shown_on_both_sides_and_in_both_languages():
    for _, entry in EXPRESSIONS:
        assert len(entry.examples["marked"]) >= 2, entry.id
        assert len(entry.examples["clean"]) >= 2, entry.id
        assert entry.say["zh"] != entry.say["en"], entry.id


def test_there_are_many_examples():
    assert sum(len(texts) for _, entry in EXPRESSIONS for texts in entry.examples.values()) >= 150


# ---- phrases of the trade, by category; the words of no list were copied here

MARKED = [
    ("threat", "你等着，我现在就带人去弄你"),
    ("threat", "你家住哪我们一清二楚，知道你家在哪"),
    ("threat", "今天不还明天就抓你"),
    ("threat", "逾期不处理您将面临判刑"),
    ("threat", "我们已准备把材料移交经侦"),
    ("threat", "你这种行为已经构成诈骗罪"),
    ("threat", "明天民警上门带走你"),
    ("threat", "You'll be arrested by Monday"),
    ("threat", "do you want to end up in jail"),
    ("threat", "Officers are on the way: the sheriff will be at your door"),
    ("threat", "We will kill you"),
    ("threat", "criminal charges are being prepared"),
    ("insult", "欠债不还的老赖"),
    ("insult", "你真是个废物"),
    ("insult", "傻逼玩意"),
    ("insult", "做人不能没良心的，没良心的东西"),
    ("insult", "you lazy bum"),
    ("insult", "Listen, deadbeat"),
    ("insult", "You're nothing but a liar, you're a liar"),
    ("shame", "我们把你的事发到家族群"),
    ("shame", "在小区张贴你的照片到楼道，拉横幅"),
    ("shame", "让你在同事面前抬不起头"),
    ("shame", "All your neighbors will know"),
    ("shame", "We'll put your name on a wall of shame"),
    ("threat_of_exposure", "只好通知您的单位人事"),
    ("threat_of_exposure", "我马上打电话给你老婆"),
    ("threat_of_exposure", "将发函至您的公司"),
    ("threat_of_exposure", "会找您的村委会了解"),
    ("threat_of_exposure", "公开你的裸照"),
    ("threat_of_exposure", "I'm going to call your employer"),
    ("threat_of_exposure", "Your parents deserve to know about it"),
    ("threat_of_exposure", "we may have to visit your workplace"),
    ("impersonate_authority", "您好，我是朝阳法院执行局"),
    ("impersonate_authority", "这里是市公安局经侦支队"),
    ("impersonate_authority", "This is Officer Jones, badge 4471"),
    ("impersonate_authority", "I am with law enforcement: I'm law enforcement"),
    ("impersonate_authority", "We are calling on behalf of the county"),
    ("false_blacklist", "马上把你拉入征信黑名单"),
    ("false_blacklist", "上了失信名单你就完了"),
    ("false_blacklist", "信用会永久受损"),
    ("false_blacklist", "You are going on a national register of bad debtors"),
    ("false_blacklist", "you will be blacklisted everywhere"),
    ("induce_new_debt", "你去其他网贷借一笔"),
    ("induce_new_debt", "跟亲戚借一下先还上"),
    ("induce_new_debt", "花呗套出来"),
    ("induce_new_debt", "Can you borrow money from a friend?"),
    ("induce_new_debt", "Just put it on another credit card"),
    ("extra_collection_fee", "另外要付上门费"),
    ("extra_collection_fee", "产生的外访费由您承担"),
    ("extra_collection_fee", "交了结案费就给你撤案"),
    ("extra_collection_fee", "There is a field visit fee"),
    ("extra_collection_fee", "We will charge an additional fee"),
    ("private_payment_channel", "直接打给我支付宝"),
    ("private_payment_channel", "扫我的收款码就行"),
    ("private_payment_channel", "请汇到王经理名下的银行卡"),
    ("private_payment_channel", "Zelle me the money"),
    ("private_payment_channel", "wire it to my personal account"),
    ("misleading_inducement", "会耽误孩子考公"),
    ("misleading_inducement", "您名下房产即将被拍卖：房产马上拍卖"),
    ("misleading_inducement", "我们能帮您洗白征信"),
    ("misleading_inducement", "We will freeze your bank account"),
    ("misleading_inducement", "A lawsuit has been filed against you"),
]

SAID = [
    "再给你三天时间，不然我们就上门找你父母谈",
    "你再装死我就给你单位打电话",
    "你儿子在哪个学校我们都知道",
    "明天我去你单位门口等你",
    "你不还钱就是诈骗",
    "这是法院的最后通知，再不处理就强制执行",
    "你已经被起诉了，马上冻结你名下所有账户",
    "你的名字要上失信名单了",
    "先找你朋友周转一下嘛",
    "把钱打到我个人卡上",
    "你可以用信用卡套现先还",
    "交500元手续费可以撤案",
    "你是不是想坐牢",
    "公安马上来抓人",
    "我会让你在老家出名",
    "你个死骗子",
    "把你爸妈电话给我，不然我找他们要",
    "你信不信我让你全村都知道",
    "我们会向您单位发函",
    "将通知您紧急联系人代偿",
    "您的征信将彻底黑掉",
    "下午三点前不到账就报警抓你",
    "后天我们外访人员会到你家里坐坐",
    "I will make sure your boss knows",
    "You are going to jail",
    "the cops are coming",
    "We'll be contacting your references today",
    "your kids will be taken away",
    "we'll garnish your paycheck",
    "Send the cash via Western Union",
    "stop being a deadbeat and pay your debt",
    "You have until 5pm or we send the sheriff",
    "we know where your mother lives",
    "You thief",
    "Ask your mom to lend you the money",
    "You need to borrow it from someone",
    "This is the Fraud Investigation Unit of the court",
    "we will inform all of your contacts",
    "you will never get a loan again",
    "A $75 processing charge will be added for the home visit",
]
"""What collectors might say, in any category; made up."""

HARMLESS = [
    "您好，我们是华远消费金融委托的机构，想与您核对一下账单。",
    "我们不会联系您的家人、朋友或单位。",
    "您的欠款情况不会告知任何第三人，也不会通知您的单位。",
    "我们绝不会威胁、辱骂您，也不会公开您的信息。",
    "请勿向任何个人账户转账，谨防冒充公安局、法院的诈骗。",
    "如有人以我们的名义要求您转到个人账户，请立即举报。",
    "如果有人自称是法院工作人员要求您付款，请核实。",
    "您提到催收员说“不还就抓你”，我们对此深表歉意，已展开调查。",
    "客户说他会自己告诉家人。",
    "您说过会联系您的单位开证明，办好了吗？",
    "请您联系您的单位人事部门开具收入证明。",
    "如您已告知家人，无需再告诉我们。",
    "您可以请家人陪同前来，我们不会与其谈论债务。",
    "您家住址如有变化请告诉我们。",
    "孩子上学的费用请一并列入支出。",
    "请把孩子学费和父母医药费写进支出表。",
    "本函不收取任何费用，也没有催收费。",
    "减免方案有效期至 12 月 31 日。",
    "信用卡账单日为每月 5 日，可在官方 App 还款。",
    "您有权提出异议，我们会先核对。",
    "逾期信息会按规定更新，结清后五年不再展示。",
    "如果您正在考虑借新还旧，我们建议您不要借新还旧，可先谈分期。",
    "请不要为了还款去卖房或向亲友借钱。",
    "我们没有把您列入任何黑名单。",
    "法院路 12 号营业厅可以办理。",
    "请打开扣款通知，核对扣款失败类型。",
    "您母亲生病期间我们暂停联系。",
    "对账后如有差额我们会退还到您本人的银行卡。",
    "有困难请说，我们一起想办法。",
    "死亡证明请寄至我司。",
    "您的父母不负有还款责任。",
    "Dear Ms Wang, this is a reminder that $120.00 is due on 5 May.",
    "We will not contact your employer or your family.",
    "You cannot be arrested for owing money.",
    "We never ask you to pay to a personal account.",
    "If anyone claiming to be the police asks you for gift cards, hang up.",
    "You told us that a caller said you would go to jail; we are sorry and look into it.",
    "Please tell us if your employer has changed.",
    "You may want to talk to your family about a budget.",
    "Do not borrow from friends or family to pay this.",
    "There is no collection fee and no interest while we check.",
    "Your credit report will show the account as paid.",
    "We do not seize property and cannot garnish wages.",
    "The court house on Main Street is next to our branch.",
    "Your call is recorded. You can ask for a copy.",
    "We know this is a hard time for your family.",
    "Break the amount into three parts if that is easier.",
    "A hardship pause stops all calls.",
    "Officer of the company in charge: Mr Lee.",
    "Please do not be ashamed to ask for help.",
    "Send us your payslip when you can.",
    "You can pay by card, transfer or at any branch.",
    "Final instalment: 5 June.",
    "The killer whale on our calendar is not a threat.",
    "Scunthorpe branch is closed on Monday.",
    "请提供您单位的收入证明",
    "您的还款计划已经被批准",
    "如需法院文书请联系法院",
    "我们查到您的地址已变更",
    "请把联系人更新一下",
    "如果您被冒充公安的人联系请报警",
    "您的父母如果来电我们不会透露任何信息",
    "您名下有两个账户",
    "银行卡已冻结的话请联系银行",
    "您说银行卡被冻结了，请提供银行通知",
    "您可以让家人帮您整理单据",
    "我们的同事会把您的意见转给主管",
    "信用卡可以分期",
    "请您不要担心，我们不会上门",
    "孩子的学费支出可以计入",
    "请问您的孩子上学费用是多少",
    "还清后我们会出具结清证明",
    "您的征信异议已提交",
    "感谢您一直按时还款",
    "您的手机号已从通讯录中删除",
    "根据您的要求我们已停止联系您的单位",
    "工作人员会在工作日与您电话联系",
    "我们会联系您确认分期方案",
    "如您需要，我们会联系银行核实",
    "会尽快通知您",
    "我们会通知您结果，请留意邮件",
    "您朋友代您付款的300元已入账",
    "您的家人替您还的款项已到账",
    "您本人的家属关系无需提供",
    "I see you lost your job; take your time",
    "Please tell your bank to release the payment",
    "We will call you back",
    "We have to inform you that your dispute was received",
    "We will tell your attorney that the file was closed",
    "You can ask your employer for a pay slip",
    "We'll contact your bank only if you ask",
    "Please do not send gift cards",
    "The court has closed the case",
    "Your payment was returned by the bank",
    "We will not share this with your family",
    "Your account manager will be in touch",
    "We received a police report number from you",
]


@pytest.mark.parametrize(("category", "text"), MARKED, ids=[text[:24] for _, text in MARKED])
def test_a_forbidden_phrase_is_marked(category, text):
    assert category in categories(text)


@pytest.mark.parametrize("text", SAID, ids=[text[:24] for text in SAID])
def test_what_might_be_said_is_marked(text):
    assert check(text) or check(text, US)


@pytest.mark.parametrize("text", HARMLESS, ids=[text[:24] for text in HARMLESS])
def test_a_harmless_sentence_is_not(text):
    assert [(mark.expression, mark.phrase) for mark in check(text)] == []
    assert [(mark.expression, mark.phrase) for mark in check(text, US)] == []


# ---- what turns a phrase round, and what does not


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("我们会联系您的家人", True),
        ("我们不会联系您的家人", False),
        ("不要以为我们不会联系您的家人", True),
        ("你是不是想坐牢", True),
        ("我们不得不联系您的家人：不得不通知您的家人", True),
        ("您没有还款我们就会联系您的家人", True),
        ("我们不能保证不会通知您的单位", True),
        ("我们不会通知您的单位吗？", True),
        ("我们不会骚扰您，但我们会通知您的单位", True),
        ("we will have you arrested", True),
        ("we will not have you arrested", False),
        ("if you do not pay we will have you arrested", True),
        ("we cannot promise that you will not be arrested", True),
        ("You will not be arrested", False),
        ("do not think we will not call your boss, we will call your boss", True),
    ],
)
def test_a_denial_lifts_the_mark_and_a_false_denial_does_not(text, marked):
    assert bool(check(text)) is marked


@pytest.mark.parametrize(
    "text",
    [
        "不還就抓妳", "明天民警上門帶走您", "給我等著瞧",
        "不 还 就 抓 你", "不还就.抓.你", "不还就\u200b抓\u200d你", "不·还·就·抓·你", "不，还，就，抓，你",
        "不还就　抓　你", "不\ufe0f还就抓\u00ad你", "ＡＲＲＥＳＴ：you will be ａｒｒｅｓｔｅｄ", "you will be a.r.r.e.s.t.e.d",
        "YOU WILL BE ARRESTED", "you will be árrested", "yоu will be аrrested", "you   will\nbe arrested",
        "you will be a r r e s t e d",
    ],
)  # fmt: skip
def test_hiding_a_phrase_does_not_help(text):
    assert "threat" in categories(text)


HAN = [
    (entry.id, text, place)
    for words, entry in EXPRESSIONS
    for place in [words.jurisdiction or CN]
    for text in entry.examples["marked"]
    if isinstance(text, str) and not entry.finds and all("\u4e00" <= c <= "\u9fff" for c in text)
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(HAN),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("\u200b\u200d\u2060 \u3000\u00a0·*_")), max_size=8),
)
def test_blanks_and_zero_width_characters_inside_a_phrase_change_nothing(phrase, inserted):
    expression, text, place = phrase
    hidden = text
    for at, what in inserted:
        at %= len(hidden) + 1
        hidden = hidden[:at] + what + hidden[at:]
    assert expression in {mark.expression for mark in check(hidden, place)}


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.text(st.characters(codec=None), max_size=5),
            st.sampled_from([text for _, text in MARKED] + ["¥3,200", "138 1234 5678", "ﷺ", "㈱", "\ud800", "٣٤٥"]),
        ),
        max_size=8,
    )
)
def test_any_text_is_read_and_every_span_lies_inside_it(pieces):
    text = "".join(pieces)
    for relation in (Relation.DEBTOR, Relation.FRIEND):
        marks = check(text, relation=relation)
        assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
        assert [mark.start for mark in marks] == sorted(mark.start for mark in marks)
        for mark in marks:
            content.clause_of(text, mark)
    content.parts(text)


def test_a_span_points_at_the_words_as_written():
    text = "您好！今天不\u200b还 就 抓 你。"
    [mark] = check(text)
    assert text[mark.start : mark.end].endswith("抓 你")
    assert mark.phrase == text[mark.start : mark.end]


# ---- the rule a mark names


def test_a_mark_names_the_rule_of_the_country_with_its_source():
    [mark] = check("转我微信")
    assert mark.breach.rule == "cn.official-account-only"
    assert "第19条" in mark.breach.cites["zh"] and "Art. 19" in mark.breach.cites["en"]
    assert (mark.breach.confidence, mark.decision) == ("C", "deny")
    [mark] = check("We will call your boss", US)
    assert (mark.breach.rule, mark.breach.cites["en"]) == ("us.harassment", "12 CFR 1006.14(a)")


def test_where_no_law_was_read_the_firms_policy_speaks_and_says_so():
    [mark] = check("This is the county court", US)
    assert (mark.breach.rule, mark.breach.level, mark.breach.confidence) == ("house.content", "policy", "D")


@pytest.mark.parametrize("place", list(Jurisdiction), ids=lambda place: place.name)
def test_every_expression_breaks_a_rule_that_refuses_its_category(place):
    rules = {rule.id: rule for pack in packs.everything() for rule in pack.rules}
    for words in wordlists.for_jurisdiction(place):
        for entry in words.expressions:
            rule = rules[wordlists.breach(entry.id, place).rule]
            assert rule.cites["zh"] and rule.law["confidence"], entry.id
            asked = {c.fact: c.bits for group in rule.when for c in group}
            if entry.decision == "deny" and entry.category != Content.THIRD_PERSON_DISCLOSURE:
                assert asked["content"] >> entry.category & 1, entry.id


# ---- third persons and figures


@pytest.mark.parametrize("relation", [Relation.DEBTOR, Relation.CO_DEBTOR, Relation.GUARANTOR, Relation.GUARDIAN])
def test_who_owes_may_read_of_the_debt(relation):
    assert not check("您应还 ¥1,200.00，已逾期 12 天", relation=relation)


@pytest.mark.parametrize("relation", [Relation.FRIEND, Relation.EMPLOYER, Relation.EMERGENCY_CONTACT, Relation.UNKNOWN])
@pytest.mark.parametrize(
    "text",
    ["王先生已逾期", "涉及 1,200 元", "请转告他还款", "He owes $50", "about a past-due loan", "It is not about a debt"],
)
def test_a_third_person_learns_nothing_of_the_debt(relation, text):
    assert categories(text, relation=relation) == {"third_person_disclosure"}
    assert check(text, relation=relation)[0].breach.rule == "cn.nothing-of-the-debt"


def test_figures_of_others_are_marked_and_masked_and_ones_own_are_not():
    text = "身份证号 110105 19491231 002X，卡号 6222021234567894，电话 13900001111"
    assert [mark.decision for mark in check(text)] == ["deny", "deny", "warn"]
    assert "19491231" not in "".join(mark.phrase for mark in check(text))
    own = {"11010519491231002x", "6222021234567894", "13900001111"}
    assert check(text, own=own) == ()


def test_a_wrong_check_digit_is_no_identity_document():
    assert not check("编号 110105194912310021，订单 6222021234567891")


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("resident_id", "x 11010519491231002x y", "11010519491231002x"),
        ("bank_card", "4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("telephone", "打 +86 138-1234-5678", "+86 138-1234-5678"),
        ("telephone", "(212) 555-0147", "(212) 555-0147"),
        ("social_security_number", "ssn 123-45-6789.", "123-45-6789"),
        ("amount", "还 1,234.50 元", "1,234.50 元"),
        ("amount", "pay $99", "$99"),
    ],
)
def test_figures_are_found(name, text, found):
    [(start, end)] = figures.FIGURES[name](text)
    assert text[start:end] == found


# ---- false alarms


def test_a_phrase_found_harmless_is_not_marked_again_and_the_rest_is():
    text = "老赖来了奶茶店旁边的网点可以办理，别做老赖"
    exempted = [content.Exempted("house.insult", "老赖来了奶茶店")]
    assert [mark.start for mark in check(text)] == [0, 19]
    assert [mark.start for mark in check(text, exempted=exempted)] == [19]
    assert len(check(text, exempted=[content.Exempted("house.shame", "老赖来了奶茶店")])) == 2


def test_the_clause_around_a_mark_hides_figures():
    text = "账号 6222021234567894 的老赖，请处理"
    mark = next(m for m in check(text) if m.category == Content.INSULT)
    assert content.clause_of(text, mark) == "账号 **************94 的老赖"


# ---- parts


def test_the_parts_of_a_text():
    text = "我们是某某（受托催收机构）。您目前应还 ¥100。如不希望再收到此类邮件，回复“退订”即可。"
    assert content.parts(text, names={"某某"}) == {"identity", "opt_out", "debt", "debt_collector"}
    assert content.parts("Please call us back", names={"Acme"}) == frozenset()


# ---- the lists themselves

HEAD = "words: {id: x, version: '1', about: {zh: 试, en: trial}, breaks: {threat: house.content}}\n"
BODY = "x.a: {category: threat, zh: [%s], say: {zh: 否, en: 'no'}, cure: {zh: 改, en: change}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x: 1", "begin with a block `words:`"),
        (HEAD + BODY % "'(坐牢'", "x.a: '(坐牢' is no phrase: write words, (a|b), (a|b)? and ~ only"),
        (HEAD + BODY % "'~'", "is no phrase"),
        (HEAD + BODY % "'坐牢.*'" + "y: {}", "y, category: '' is none; write one of threat"),
        (HEAD + BODY.replace("threat,", "menace,") % "坐牢", "x.a, category: 'menace' is none"),
        (HEAD + BODY.replace("en: 'no'", "fr: non") % "坐牢", "x.a, say: give the text in zh and in en"),
        (HEAD + BODY.replace("zh: [", "finds: [iban], zh: [") % "坐牢", "x.a, finds: 'iban' is none; write some of"),
        (HEAD + BODY.replace("zh: [", "decision: hold, zh: [") % "坐牢", "x.a, decision: write warn or deny"),
        (HEAD + BODY.replace("zh: [", "pattern: [1], zh: [") % "坐牢", "x.a: there is no field pattern; known:"),
    ],
)
def test_a_mistake_in_a_list_names_the_entry_and_the_cure(text, told):
    with pytest.raises(wordlists.WordListError) as error:
        wordlists.load(text, file="x/words.yaml")
    assert told in str(error.value)


def test_marks_of_other_lists_can_be_looked_for():
    mine = wordlists.load(HEAD + BODY % "'(红|绿)灯~停(车)?'", file="x/words.yaml")
    assert {phrase.written for entry in mine.expressions for phrase in entry.phrases} == {"(红|绿)灯~停(车)?"}
    assert not content.check("再不还就抓你", jurisdiction=CN, lists=[mine])


def test_channels_narrow_an_expression():
    assert check("后果自负", channel=Channel.EMAIL) and check("后果自负", channel=None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("小心你的腿", {Content.THREAT}),
        ("欠债还钱天经地义，你还要不要脸", {Content.INSULT}),
        ("去借网贷也要还上", {Content.INDUCE_NEW_DEBT}),
        ("你妈知道你欠钱吗", {Content.THREAT_OF_EXPOSURE}),
        ("have you arrested and tell all your neighbours", {Content.THREAT, Content.THREAT_OF_EXPOSURE}),
    ],
)
def test_what_threatens_insults_or_presses_in_everyday_words_is_marked(text, wanted):
    marks = check(text)
    assert {mark.category for mark in marks if mark.decision == "deny"} == wanted


@pytest.mark.parametrize(
    "text",
    [
        "您腿脚不便，出门请多加小心",
        "如果您的家人知道此事并愿意陪您来谈，我们欢迎",
        "我们不会去问您的家人是否知道您欠款",
        "您是否在其他平台借过网贷，我们只想了解您的负担",
        "请您不要为了还款去借网贷",
        "请脸部识别后登录",
        "请当心以我们名义行骗的人",
        "Please take care of your family first.",
        "You do not have to borrow to pay us.",
        "Nobody will tell your neighbours.",
        "Please tell your employer if you need a letter of income.",
    ],
)
def test_kind_sentences_near_those_words_stay_clean(text):
    assert check(text) == ()
