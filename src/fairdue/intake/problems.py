"""What can be wrong with a file or a row, as values: what, where, and how to mend it, in both languages.

Two shapes. A `Problem` concerns a file or a mapping: nothing of that file is used. A `RowError` concerns one row:
that row is returned to the creditor, the others go on. Both carry a `code` from the closed table `CODES` below
(listed in docs/intake.md), so that machines can count them; people read `why` and `mend`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

FOUND_CHARS_MAX = 80


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault of one row. `row` counts as a spreadsheet does: the header is row 1, the first data row is 2."""

    row: int
    field: str  # canonical field (fields.py), "" when the whole row is meant
    column: str  # header in the user's file, "" when the whole row is meant
    found: str  # what stood there, at most 80 characters
    why: Said
    mend: Said
    code: str

    def text(self, language: Language = "en") -> str:
        """`column "到期日" holds "2026-02-30": February 2026 has 28 days. Write YYYY-MM-DD.`"""
        return _sentence(self.column, self.found, self.why, self.mend, language)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a whole file or mapping. `line` is 1-based, None when the whole file is meant."""

    file: str
    line: int | None
    field: str
    found: str
    why: Said
    mend: Said
    code: str

    def text(self, language: Language = "en") -> str:
        """`mapping.yaml, line 7, accounts.principal: …`"""
        place = self.file
        if self.line is not None:
            place += f"，第 {self.line} 行" if language == "zh" else f", line {self.line}"
        if self.field:
            place += f"，{self.field}" if language == "zh" else f", {self.field}"
        colon = "：" if language == "zh" else ": "
        return f"{place}{colon}{_sentence('', self.found, self.why, self.mend, language)}"


class FileRefused(Exception):  # noqa: N818 - reads as what happened, like the other outcomes here
    """A file or mapping that cannot be used at all; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.text("en") for problem in problems))
        self.problems = problems


def shortened(found: str | None) -> str:
    """`found` cut to 80 characters, so that a cell of a million digits does not fill the screen."""
    found = found or ""
    return found if len(found) <= FOUND_CHARS_MAX else f"{found[: FOUND_CHARS_MAX - 1]}…"


def row_error(
    code: str, *, row: int, field: str = "", column: str = "", found: str | None = "", **words: object
) -> RowError:
    """The row error `code` of the table, its sentences filled with `words`."""
    why, mend = CODES[code]
    return RowError(row, field, column, shortened(found), _filled(why, words), _filled(mend, words), code)


def problem(
    code: str, *, file: str, line: int | None = None, field: str = "", found: str | None = "", **words: object
) -> Problem:
    """The file problem `code` of the table, its sentences filled with `words`."""
    why, mend = CODES[code]
    return Problem(file, line, field, shortened(found), _filled(why, words), _filled(mend, words), code)


def _filled(said: Said, words: dict[str, object]) -> Said:
    return Said(said.zh.format(**words), said.en.format(**words)) if words else said


def _sentence(column: str, found: str, why: Said, mend: Said, language: Language) -> str:
    if language == "zh":
        head = f"“{column}”列" if column else ""
        held = f"为“{found}”：" if found and column else (f"“{found}”：" if found else ("：" if head else ""))
        return f"{head}{held}{why.zh}。{mend.zh}。"
    head = f'column "{column}"' if column else ""
    held = f' holds "{found}": ' if found and column else (f'"{found}": ' if found else (": " if head else ""))
    return f"{head}{held}{why.en}. {mend.en[:1].upper()}{mend.en[1:]}."


CODES: dict[str, tuple[Said, Said]] = {
    code: (Said(*why), Said(*mend))
    for code, why, mend in (
        # ── the file ──
        ("unreadable_file", ("无法打开文件", "the file cannot be opened"),
         ("请重新上传", "upload it again")),
        ("empty_file", ("文件是空的", "the file is empty"),
         ("请确认导出成功后重新上传", "check that the export worked, then upload again")),
        ("no_rows", ("文件只有表头，没有数据行", "the file has a header but no rows"),
         ("如确无数据，则无需上传", "if there is nothing to send, no upload is needed")),
        ("not_a_table", ("不是 CSV、XLSX 或 Parquet 文件", "this is neither CSV, XLSX nor Parquet"),
         ("请另存为 .xlsx 或 UTF-8 编码的 .csv", "save it as .xlsx, or as .csv in UTF-8")),
        ("not_a_statement", ("不是 ISO 20022 银行对账单（camt.053、camt.054）",
                             "this is no ISO 20022 bank statement (camt.053, camt.054)"),
         ("请从银行重新下载对账单", "download the statement from the bank again")),
        ("old_excel", ("这是旧版 Excel（.xls）或加密的文件", "this is an old Excel file (.xls) or an encrypted one"),
         ("请去掉密码并另存为 .xlsx", "remove the password and save it as .xlsx")),
        ("damaged", ("文件已损坏，读到第 {rows} 行为止", "the file is damaged; {rows} rows could be read"),
         ("请重新导出并上传", "export it again and upload it")),
        ("duplicate_header", ("表头有重复的列名", "two columns have the same header"),
         ("请给每一列不同的列名", "give every column a header of its own")),
        ("too_many_columns", ("列数超过 {limit}", "more than {limit} columns"),
         ("请检查分隔符，或只保留需要的列", "check the separator, or keep only the columns needed")),
        ("too_many_rows", ("行数超过 {limit}", "more than {limit} rows"),
         ("请把文件拆开", "split the file")),
        ("too_large_unpacked", ("解压后过大（超过 {limit} MB）或压缩比异常",
         "unpacked it is too large (over {limit} MB) or its compression ratio is implausible"),
         ("请改用 CSV 或 Parquet，或拆分文件", "use CSV or Parquet, or split the file")),
        ("too_many_cells", ("工作表的范围过大（{cells} 个单元格）", "the sheet spans too many cells ({cells})"),
         ("请删除表外的零星内容，或改用 CSV", "delete stray cells outside the table, or use CSV")),
        ("sheet_missing", ("没有这个工作表；现有：{there}", "there is no such sheet; there are: {there}"),
         ("请改正映射里的 sheet", "correct `sheet` in the mapping")),
        ("header_missing", ("第 {wanted} 行没有表头", "row {wanted} holds no header"),
         ("请改正映射里的 header_row", "correct `header_row` in the mapping")),
        ("column_missing", ("文件里没有映射所指的列；相近的有：{there}",
         "the file lacks this column of the mapping; near: {there}"),
         ("请改正映射或补上这一列", "correct the mapping or add the column")),
        ("direction_unused", ("这一列像是收支方向，映射却没有用它：付出的钱会被当作收到的钱",
         "this column looks like the direction of the money, and the mapping does not use it: money paid out would be taken "
         "for money that came in"),
         ("请在映射的 bank.columns 下写 {wanted}；若每一行都是收到的钱，请写 {all_in}",
          "under bank.columns of the mapping write {wanted}; if every line is money that came in, write {all_in}")),
        ("nested_column", ("这一列是嵌套结构", "this column is nested"),
         ("请展开为普通列", "flatten it into plain columns")),
        # ── the mapping ──
        ("no_creditor", ("没有代码为 {creditor} 的委托方", "there is no creditor with the code {creditor}"),
         ("现有：{known}；要新增，请用 -m 指定映射文件装载，或在“文件”页新增委托方",
          "there are: {known}; add one by loading a file with its mapping (-m), or on the Files page")),
        ("no_mapping", ("委托方 {creditor} 还没有映射", "the creditor {creditor} has no mapping yet"),
         ("请用 -m 指定映射文件", "name a mapping file with -m")),
        ("mapping_encoding", ("映射文件不是 UTF-8 编码", "the mapping is not in UTF-8"),
         ("请用 UTF-8 保存", "save it as UTF-8")),
        ("mapping_too_large", ("映射文件超过 256 KB", "the mapping is larger than 256 KB"),
         ("请精简", "shorten it")),
        ("mapping_empty", ("映射里没有任何文件类型", "the mapping describes no kind of file"),
         ("请加入以下之一：{kinds}", "add one of: {kinds}")),
        ("mapping_key", ("不认识的键", "unknown key"),
         ("是否想写：{known}", "did you mean: {known}")),
        ("mapping_type", ("这里需要{wanted.zh}", "{wanted.en} is needed here"),
         ("请改正", "correct it")),
        ("mapping_choice", ("不是可选的值", "not one of the values possible here"),
         ("可选：{known}", "possible: {known}")),
        ("mapping_required", ("缺少必填的键", "a required key is missing"),
         ("请加入 {wanted}", "add {wanted}")),
        ("mapping_field", ("缺少必填字段", "a required field has no column"),
         ("请为 {wanted} 指定列，或用 value 给出固定值",
          "name a column for {wanted}, or give a constant with `value`")),
        ("mapping_source", ("需要 column 或 value 之一，且只能有一个",
         "exactly one of `column` and `value` is needed"),
         ("请写列名，或写 value: 固定值", "write the header, or value: constant")),
        ("mapping_blank", ("必填字段不能用 if_bad: blank", "a required field cannot have if_bad: blank"),
         ("请去掉 if_bad", "remove if_bad")),
        ("mapping_marks", ("小数点和千位符不成立", "these decimal and thousands marks do not work"),
         ("小数点用 . 或 ,；千位符用 , . 空格 \' 或留空，两者不同",
          "decimal is . or , and thousands is , . blank \' or nothing, and they differ")),
        ("mapping_date", ("日期格式不成立", "this is no date pattern"),
         ("请写成 YYYY-MM-DD、YYYY/M/D、YYYY年M月D日、MM/DD/YYYY、YYYY-MM-DD HH:mm:ss 等",
          "write for example YYYY-MM-DD, YYYY/M/D, YYYY年M月D日, MM/DD/YYYY, YYYY-MM-DD HH:mm:ss")),
        ("mapping_zone", ("{wanted} 是时刻，但没有说明时区", "{wanted} is a time, but its zone is not given"),
         ("请加 zone: Asia/Shanghai，或在日期格式中用 Z 表示时差",
          "add zone: America/Chicago, or read an offset with Z in `dates`")),
        ("yaml", ("不是有效的 YAML", "this is not valid YAML"),
         ("请检查缩进、冒号后的空格和引号", "check indentation, the blank after colons, and quotes")),
        ("yaml_alias", ("映射里不允许使用别名（*）", "aliases (*) are not allowed in a mapping"),
         ("请把内容写全", "write the content out")),
        ("yaml_depth", ("层级过深", "nested too deeply"),
         ("请参照文档的格式", "follow the form in the documentation")),
        ("yaml_twice", ("同一个键写了两次", "the same key is written twice"),
         ("请删去一个", "remove one of them")),
        # ── a row as it stands in the file ──
        ("too_few_fields", ("只有 {fields} 个字段，表头有 {columns} 个",
         "{fields} fields where the header has {columns}"),
         ("请补齐分隔符；退回文件中整行放在第一格，请按列拆开",
          "add the missing separators; in the returned file the whole row stands in its first cell: spread it over the columns")),
        ("too_many_fields", ("有 {fields} 个字段，表头只有 {columns} 个",
         "{fields} fields where the header has {columns}"),
         ("请给含分隔符的内容加上双引号；退回文件中整行放在第一格，请按列拆开",
          "put quotes around text that contains the separator; in the returned file the whole row stands in its first cell: "
          "spread it over the columns")),
        ("open_quote", ("双引号没有闭合", "a quotation mark is never closed"),
         ("请补上双引号，或把内容中的双引号写两次", "close it, or write quotation marks inside text twice")),
        ("line_too_long", ("这一行超过 {limit} 字节", "this line is longer than {limit} bytes"),
         ("请检查是否缺少换行", "check whether a line break is missing")),
        ("nul", ("含有空字符（NUL）", "it contains NUL characters"),
         ("请重新导出", "export the row again")),
        # ── a cell ──
        ("missing", ("必填，但为空", "this is required, and it is empty"),
         ("请填写", "fill it in")),
        ("too_long", ("超过 {limit} 个字符", "longer than {limit} characters"),
         ("请缩短", "shorten it")),
        ("undecodable", ("含有无法识别的字符", "it contains characters that could not be decoded"),
         ("请用 UTF-8 或 GB18030 重新导出", "export the file again in UTF-8 or GB18030")),
        ("date", ("{reason.zh}", "{reason.en}"),
         ("{mend.zh}", "{mend.en}")),
        ("time_gap", ("当地夏令时换时，这一时刻不存在", "this time does not exist there: the clocks went forward"),
         ("请改正时刻或时区", "correct the time or the zone")),
        ("future", ("晚于 {day}", "this lies after {day}"),
         ("请改正日期", "correct the date")),
        ("amount", ("不是金额", "this is not an amount"),
         ("请写成 {pattern}", "write {pattern}")),
        ("amount_grouping", ("千位分隔不正确，数额不明",
         "the thousands marks are misplaced, so the amount is unclear"),
         ("请写成 {pattern}", "write {pattern}")),
        ("amount_decimals", ("{currency} 只有 {digits} 位小数", "{currency} has {digits} decimal places"),
         ("请写成 {pattern}", "write {pattern}")),
        ("amount_large", ("数额大得不合理（超过一千亿）", "implausibly large (over 100 billion)"),
         ("请检查单位", "check the unit")),
        ("amount_negative", ("不能为负", "it must not be negative"),
         ("请写正数；贷方余额请不要放在欠款里", "write a positive amount; a credit balance is not a debt")),
        ("amount_zero", ("必须大于零", "it must be greater than zero"),
         ("请填写金额，或删去这一行", "write the amount, or remove the row")),
        ("number", ("不是整数", "this is not a whole number"),
         ("请写 {low} 至 {high} 的整数", "write a whole number from {low} to {high}")),
        ("rate", ("不是利率", "this is not a rate"),
         ("请写年利率的百分数，例如 18.25", "write percent a year, for example 18.25")),
        ("code", ("不在代码表中", "this code is not in the code table"),
         ("请改用：{known}；或在映射的 codes 中加入", "use one of: {known}; or add it to `codes` in the mapping")),
        ("currency", ("不是支持的币种代码", "this is no currency code we know"),
         ("请写 ISO 4217 代码，例如 CNY、USD", "write the ISO 4217 code, for example CNY or USD")),
        ("bool", ("不是“是/否”", "this is neither yes nor no"),
         ("请写 是 或 否", "write yes or no")),
        ("sex", ("不是性别代码", "this is no code for sex"),
         ("请写 1（男）或 2（女），不详则留空", "write 1 (male) or 2 (female), or leave it empty")),
        ("phone", ("不是有效的电话号码", "this is not a valid phone number"),
         ("请写完整号码，境外号码以 + 和国家代码开头",
          "write the whole number, with + and the country code if foreign")),
        ("email", ("不是有效的邮箱地址", "this is not an e-mail address"),
         ("请写成 name@example.com", "write name@example.com")),
        ("region", ("不认识的地区", "unknown region"),
         ("请写省份或州名，例如 上海、CN-31、NY", "write the province or state, for example 上海, CN-31 or NY")),
        ("id_length", ("居民身份证号应为 18 位", "a resident ID has 18 characters"),
         ("请核对；如以数字格式存放，末几位可能已丢失，请改为文本格式",
          "check it; kept as a number in a spreadsheet it loses its last digits: keep it as text")),
        ("id_format", ("居民身份证号应为 17 位数字加一位数字或 X", "a resident ID is 17 digits and a digit or X"),
         ("请核对", "check it")),
        ("id_checksum", ("居民身份证号校验位不符", "the check digit of the resident ID does not fit"),
         ("请核对是否输错", "check for a typing error")),
        ("id_date", ("居民身份证号中的出生日期不存在", "the birth date inside the resident ID does not exist"),
         ("请核对", "check it")),
        ("id_place", ("该地区代码在出生年份不存在（可能是补登记），已保留",
         "no such county in the year of birth (perhaps registered later); kept"),
         ("请核对", "check it")),
        ("id_birth", ("与身份证号中的出生日期 {born} 不符", "this differs from the birth date inside the ID, {born}"),
         ("请核对哪一个正确", "find out which one is right")),
        ("id_uscc", ("统一社会信用代码校验不符", "the unified social credit code does not check out"),
         ("请核对", "check it")),
        ("duplicate", ("与第 {first} 行重复", "the same as row {first}"),
         ("请删去多余的一行；如确为两笔，请使用不同编号",
          "remove one; if they are two, give them different references")),
        ("reverses", ("冲正没有说明冲的是哪一笔", "a reversal must say which payment it undoes"),
         ("请填写原流水号", "give the reference of that payment")),
        ("contact_phone", ("联系人没有电话也没有姓名", "this contact has neither name nor phone"),
         ("请补充或清空关系", "add one, or clear the relation")),
        ("placement_dates", ("退案日期早于委案日期 {placed}", "the placement ends before it starts, {placed}"),
         ("请改正日期", "correct the dates")),
    )
}  # fmt: skip
"""code → (why, mend). The words in braces are given by the caller. Listed in docs/intake.md (a test compares)."""
